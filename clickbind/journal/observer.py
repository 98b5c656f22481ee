"""Write the record of a run while it runs."""

from __future__ import annotations

import datetime
import os
import platform
import sysconfig
from collections.abc import Callable, Mapping
from time import perf_counter
from types import TracebackType
from typing import Any

import click

from .. import journal, output, record
from ..errors import SaveError
from ..layers.plan import Plan, PlannedTurn
from ..runs.observers import Observer
from .place import Place
from .records import Record

__all__ = ["Journal"]

_FEW = 100  # turns that are written as they happen; of more, writing must not take much of the time
_SHARE = 0.02  # of the time of a run with more turns
_INTERRUPTED = (130, 143, 149)  # exit codes after Ctrl-C, SIGTERM, and Ctrl-Break on Windows


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
        self._began = perf_counter()
        self._wrote, self._cost = 0.0, 0.0
        self._warned = False
        if place.before is not None:
            self.record.turns = [turn for turn in place.before.turns if turn.get("status") == "done"]
            self.record.results = dict(place.before.results)
            self.record.engine = place.before.engine

    def run_begins(self, plan: Plan) -> None:
        """Claim the folder, and write the run and its record.

        Raises
        ------
        SaveError, ClaimedError
            If the run cannot be recorded.
        """
        self._place.begin()
        self._began = perf_counter()
        self.record.status = "running"
        self.record.started = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
        self.record.host, self.record.pid = platform.node(), os.getpid()
        self.record.python = platform.python_version()
        self._write_all()

    def turn_begins(self, turn: PlannedTurn) -> None:
        """Write that a turn runs."""
        if self._process != os.getpid():
            return
        try:
            if self._place.settle():
                self._leave()
        except (OSError, click.ClickException) as error:
            self._warn(error)
        self.record.turns.append({"stage": turn.stage, "status": "running", "seconds": None, "returned": None})
        self._write()

    def turn_ends(self, turn: PlannedTurn, result: Any, error: BaseException | None, seconds: float) -> None:
        """Write how a turn ended, and what its stage returned."""
        if self._process != os.getpid():
            return
        entry = self.record.turns[-1]
        entry["seconds"] = round(seconds, 3)
        if error is not None:
            entry["status"] = _status(_exit_code(error))
        else:
            returned = self._hidden(journal.results.plain(result))
            found = self._hidden(journal.results.results_of(turn.stage, result))
            self.record.results = {**self.record.results, **found}
            entry.update(status="done", returned=returned)
        self._write()

    def run_ends(self, error: BaseException | None) -> None:
        """Write how the run ended, and give the folder back."""
        claim = self._place.claim
        if self._process != os.getpid() or claim is None:
            return
        self.record.exit = _exit_code(error)
        self.record.status = _status(self.record.exit)
        if error is not None and self.record.exit:
            self.record.error = self._described(error)
        try:
            self._write(last=True)
        finally:
            claim.release()

    def _write_all(self) -> None:
        """Write the record, and the files beside it."""
        for name, text in self._files.items():
            record.atomic.save(text, os.path.join(self._place.here, name))
        self._write_record()

    def _write(self, *, last: bool = False) -> None:
        """Write the record; warn if it cannot be written, since the run must go on."""
        self.record.seconds = round(perf_counter() - self._began, 3)
        many = len(self.record.turns) > _FEW
        if many and not last and self._cost > _SHARE * (perf_counter() - self._wrote):
            return
        try:
            self._write_record(last=last)
        except (OSError, click.ClickException) as error:
            self._warn(error)

    def _write_record(self, *, last: bool = False) -> None:
        claim = self._place.claim
        assert claim is not None  # the run has begun
        start = perf_counter()
        self.record.folder = self._place.here
        if not claim.is_ours:
            raise SaveError(f"{self._place.given}: another process has taken this run over, and records it.")
        if last and self.record.status == "done":
            claim.commit(self.record.text())
        self.record.write()
        self._wrote = perf_counter()
        self._cost = self._wrote - start

    def _leave(self) -> None:
        """Write everything to the folder of the run, and remove the one beside it."""
        beside = self.record.folder
        self._write_all()
        journal.place.remove(beside, [*self._files, journal.records.RECORD])

    def _warn(self, error: Exception) -> None:
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
        message = message.encode("utf-8", "backslashreplace").decode()
        where = _where(error.__traceback__)
        return {"type": type(error).__qualname__, "message": self._scrub(message), "where": where}


def _exit_code(error: BaseException | None) -> int:
    """Return the exit code of a program that an exception ends."""
    if error is None:
        return 0
    if isinstance(error, KeyboardInterrupt):
        return 130
    if isinstance(error, (click.exceptions.Exit, click.ClickException)):
        return error.exit_code
    if isinstance(error, SystemExit):
        code = error.code
        return code if isinstance(code, int) else int(code is not None)
    return 1


def _status(code: int) -> str:
    return "done" if code == 0 else "killed" if code in _INTERRUPTED else "failed"


def _where(trace: TracebackType | None) -> str | None:
    """Return the file and line where an exception was raised: in the user's code, if that is in the traceback."""
    frames = [] if trace is None else journal.traceback.extract_tb(trace)
    own = [frame for frame in frames if not _is_installed(frame.filename)]
    last = (own or frames)[-1:]
    return f"{last[0].filename}:{last[0].lineno}" if last else None


def _is_installed(file: str) -> bool:
    """Return whether a file is of Python or of an installed package, this one too."""
    places = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    real = os.path.realpath(file)
    return file[:1] == "<" or any(real.startswith(os.path.realpath(place) + os.sep) for place in (*places, package))
