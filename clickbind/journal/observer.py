"""Write the record of a run while it runs."""

from __future__ import annotations

import contextlib
import datetime as dt
import os
import platform
import sysconfig
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from time import perf_counter
from types import TracebackType
from typing import Any

import click

from .. import journal, output, record
from ..errors import SaveError, exit_code
from ..layers.plan import Plan, PlannedTurn
from ..running.observers import Observer
from .place import Place
from .records import Record

__all__ = ["Journal"]

_FEW = 100  # turns that are written as they happen; of more, writing must not take much of the time
_SHARE = 0.02  # of the time of a run with more turns
_BEAT = 60.0  # seconds
_LONGEST = 10_000  # characters of a message


class Journal(Observer):
    """Observe a run, and keep its record up to date.

    Parameters
    ----------
    place : Place
        The folder.
    facts : mapping of str to object
        The attributes of the record that are known before the run begins.
    files : mapping of str to str
        Further files beside the record, by name.
    scrub : callable
        Hides the secrets of the run in a text.

    Attributes
    ----------
    record : Record
        The record.
    """

    def __init__(
        self, place: Place, facts: Mapping[str, Any], files: Mapping[str, str], scrub: Callable[[str], str] = str
    ) -> None:
        self.record = Record(place.folder, facts)
        self._place = place
        self._files = files
        self._scrub = scrub
        self._process = os.getpid()
        self._began, self._spent = perf_counter(), 0.0
        self._wrote, self._cost = 0.0, 0.0
        self._warned = False
        if place.before is not None:
            self.record.turns = place.before.done_turns()
            self.record.results = dict(place.before.results)
            self.record.engine = place.before.engine
            self._spent = sum(turn.get("seconds") or 0.0 for turn in self.record.turns)

    def run_begins(self, plan: Plan) -> None:
        """Claim the folder, and write the run and its record.

        Raises
        ------
        SaveError, UserError
            If the run cannot be recorded. Nothing is left of it then.
        """
        self._place.begin()
        self._began = perf_counter()
        self.record.status = "running"
        self.record.started = dt.datetime.now().astimezone().isoformat(timespec="seconds")
        self.record.host, self.record.pid = platform.node(), os.getpid()
        self.record.python = platform.python_version()
        try:
            self._write_all()
        except BaseException:
            self._place.abandon([*self._files, journal.records.RECORD])
            raise

    def call(self, name: str, scopes: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
        """Let other hosts see, now and then, that the run goes on."""
        now = perf_counter()
        if now - self._wrote > _BEAT and self._is_on:
            self._wrote = now
            assert self._place.claim is not None  # the run is on
            self._place.claim.beat()

    def run_entered(self) -> None:
        """Go to the folder of the run, which the contexts may have made."""
        before = self._place.here
        with self._warning():
            if self._place.settle():
                self._write_all()
                self._place.leave(before, [*self._files, journal.records.RECORD])

    def turn_begins(self, turn: PlannedTurn) -> None:
        """Write that a turn runs."""
        if self._is_on:
            self.record.turns.append({"stage": turn.stage, "status": "running", "seconds": None, "returned": None})
            self._write()

    def turn_ends(self, turn: PlannedTurn, result: Any, error: BaseException | None, seconds: float) -> None:
        """Write how a turn ended, and what its stage returned."""
        if not self._is_on:
            return
        entry = self.record.turns[-1]
        entry["seconds"] = round(seconds, 3)
        if error is not None:
            entry["status"] = _status(exit_code(error))
        else:
            returned = self._hidden(journal.results.plain(result))
            found = self._hidden(journal.results.results_of(turn.stage, result))
            self.record.results = {**self.record.results, **found}
            entry.update(status="done", returned=returned)
        self._write()

    def run_ends(self, error: BaseException | None) -> None:
        """Write how the run ended, and give the folder back."""
        claim = self._place.claim
        if not self._is_on or claim is None:
            return
        self.record.exit = exit_code(error)
        self.record.status = _status(self.record.exit)
        for turn in self.record.turns:
            if turn["status"] == "running":  # interrupted between the stage and its end
                turn["status"] = "killed" if self.record.status == "done" else self.record.status
        if error is not None and self.record.exit:
            self.record.error = self._described(error)
        try:
            self._write(last=True)
        finally:
            claim.release()
            self._place.claim = None

    @property
    def _is_on(self) -> bool:
        """Whether the run is in progress, and this is its process rather than a fork that has returned into it."""
        return self._process == os.getpid() and self._place.claim is not None

    def _write_all(self) -> None:
        """Write the record, and the files beside it."""
        for name, text in self._files.items():
            record.atomic.save(text, os.path.join(self._place.here, name))
        self._write_record()

    def _write(self, *, last: bool = False) -> None:
        """Write the record; warn if it cannot be written, since the run must go on."""
        self.record.seconds = round(self._spent + perf_counter() - self._began, 3)
        many = len(self.record.turns) > _FEW
        if last or not many or self._cost <= _SHARE * (perf_counter() - self._wrote):
            with self._warning():
                self._write_record(last=last)

    def _write_record(self, *, last: bool = False) -> None:
        claim = self._place.claim
        assert claim is not None  # the run has begun
        start = perf_counter()
        self.record.folder = self._place.here
        if not claim.is_ours:
            raise SaveError(self._place.lost)
        if last and self.record.status == "done":
            with contextlib.suppress(OSError):  # then the record that is written next is the only one
                if not claim.commit(self.record.text()):
                    raise SaveError(f"{self._place.given}: another process has recorded that it has done this run.")
        self.record.write()
        self._wrote = perf_counter()
        self._cost = self._wrote - start

    @contextlib.contextmanager
    def _warning(self) -> Iterator[None]:
        """Warn of an error, once: whatever happens to its record, the run goes on."""
        try:
            yield
        except Exception as error:  # noqa: BLE001 - see above
            if not self._warned:
                self._warned = True
                message = error.format_message() if isinstance(error, click.ClickException) else str(error)
                output.warn(f"the record of this run is not complete: {self._scrub(message)}")

    def _hidden(self, value: Any) -> Any:
        """Star the secrets in a plain value."""
        if self._scrub is str:
            return value
        if isinstance(value, dict):
            return {self._scrub(key): self._hidden(item) for key, item in value.items()}
        if isinstance(value, list):
            return [self._hidden(item) for item in value]
        text = str(value)
        return value if value is None or self._scrub(text) == text else self._scrub(text)

    def _described(self, error: BaseException) -> dict[str, Any]:
        """Describe an exception: its type, its message, and where it was raised."""
        try:
            message = error.format_message() if isinstance(error, click.ClickException) else str(error)
        except Exception:  # noqa: BLE001 - an exception may fail to show itself
            message = ""
        message = self._scrub(message.encode("utf-8", "backslashreplace").decode())
        if len(message) > _LONGEST:
            message = f"{message[:_LONGEST]}..."
        return {"type": type(error).__qualname__, "message": message, "where": _where(error.__traceback__)}


def _status(code: int) -> str:
    return "done" if code == 0 else "killed" if code in journal.records.INTERRUPTED else "failed"


def _where(trace: TracebackType | None) -> str | None:
    """Return the file and line where an exception was raised: in the user's code, if that is in the traceback."""
    places: list[tuple[str, int]] = []
    while trace is not None:
        places.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    installed = _installed()
    own = [place for place in places if not _is_in(place[0], installed)]
    return f"{own[-1][0]}:{own[-1][1]}" if own else f"{places[-1][0]}:{places[-1][1]}" if places else None


def _installed() -> tuple[str, ...]:
    """Return the folders of Python and of installed packages, this one too."""
    found = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    return tuple(os.path.realpath(path) + os.sep for path in (*found, package))


def _is_in(file: str, folders: tuple[str, ...]) -> bool:
    return file[:1] == "<" or os.path.realpath(file).startswith(folders)
