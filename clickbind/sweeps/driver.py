"""Drive the jobs of a sweep: hand them to an executor, show how they end, and stop them on Ctrl-C."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from .. import journal, output, running, sweeps
from ..errors import SaveError

if TYPE_CHECKING:
    from .sources import Source

__all__ = ["Driver", "clock"]

_TICK = 1.0  # seconds between two looks at the clock
_SHORT = 0.1  # likewise, while a job may be about to end
_GRACE = 5.0  # seconds in which the process of a job may end after its engine says that it has
_BEAT = 60.0
_ELSEWHERE = math.inf  # when a job ends that another process runs: whenever its folder says so
_MOST_NAMED = 5
_LONGEST = 200  # characters of the message of an engine


class Driver:
    """Run jobs, a number of them at a time.

    Parameters
    ----------
    folder : str
        The folder of the sweep, as the user gave it.
    executor : object
        What runs the jobs: it has ``submit``, and perhaps ``shutdown`` and ``stop``.
    program : str
        The address of the program.
    at_a_time : int
        The number of jobs at a time.
    stops : bool
        Whether no job starts after the first failure.

    Attributes
    ----------
    failed : list of str
        The names of the jobs that were killed or failed.
    lost : str
        The reason why the engine cannot be used any more; empty as long as it can.
    """

    def __init__(self, folder: str, executor: Any, program: str, *, at_a_time: int = 1, stops: bool = False) -> None:
        self._folder = folder
        self._executor = executor
        self._program = program
        self._stops = stops
        self._source: Source = sweeps.sources.Listed(())
        self._slots = list(range(at_a_time))[::-1]
        self._running: dict[sweeps.futures.Future[int | None], tuple[str, int]] = {}
        self._stamps: dict[str, tuple[int, int] | None] = {}
        self._counts: dict[str, int] = {}
        self._ending: dict[str, tuple[int | None, str, float]] = {}
        self.failed: list[str] = []
        self.lost = ""
        self._has_waiting = False
        self._screen = _Screen()
        self._began = time.monotonic()
        self._beat = self._began

    def run(self, jobs: Sequence[str] | Source) -> int:
        """Run the jobs of these folders, and return the exit code."""
        self._source = sweeps.sources.Listed(jobs) if isinstance(jobs, Sequence) else jobs
        code = 0
        try:
            with running.run.left_on_sigterm():
                self._loop()
        except (KeyboardInterrupt, SystemExit) as stop:
            code = stop.code if isinstance(stop, SystemExit) and isinstance(stop.code, int) else 130
            self._source.stop()
            self._interrupt()
        finally:
            self._screen.clear()
            shutdown = getattr(self._executor, "shutdown", None)
            if shutdown is not None:
                shutdown()
        self._summarize(self._source.total)
        return code or int(bool(self.failed or self.lost or self._has_waiting))

    def _loop(self) -> None:
        while True:
            while self._slots and not (self.lost or (self._stops and self.failed)):
                name = self._source.take()
                if name is None:
                    break
                self._submit(name)
            if not (self._running or self._ending):
                return
            self._wait(_TICK)

    def _submit(self, name: str) -> None:
        folder = os.path.join(os.path.abspath(self._folder), name)
        if journal.records.read(folder).status == "running":  # the process of an earlier call lives on
            self._ending[name] = (None, "", _ELSEWHERE)
            return
        self._stamps[name] = journal.records.stamp(folder)
        sweeps.child.allow(folder)
        try:
            future = self._executor.submit(sweeps.child.run_in_child, self._program, folder, str(self._slots[-1]))
        except click.ClickException:
            raise
        except Exception as error:  # noqa: BLE001 - an engine may raise anything, once its workers are gone
            self._lose(error)
        else:
            self._running[future] = (name, self._slots.pop())

    def _lose(self, error: Exception) -> None:
        """Submit no more jobs, since the engine cannot run them."""
        if not self.lost:
            self.lost = _cut(" ".join(str(error).split())) or type(error).__name__
            output.warn(f"the engine can run no more jobs: {self.lost}")

    def _wait(self, seconds: float) -> None:
        """Wait for a job to end, or for some time."""
        if not self._running:
            time.sleep(_SHORT)
        seconds = _SHORT if self._ending else seconds
        done, _ = sweeps.futures.wait(self._running, seconds, sweeps.futures.FIRST_COMPLETED)
        for future in [one for one in self._running if one in done]:
            name, slot = self._running.pop(future)
            self._slots.append(slot)
            self._ending[name] = (*self._outcome(future), time.monotonic())
        for name, (code, error, since) in list(self._ending.items()):
            if self._ended(name, code, error, waits=time.monotonic() - since < _GRACE):
                del self._ending[name]
        now = time.monotonic()
        if now - self._beat > _BEAT:
            self._beat = now
            for name, _ in self._running.values() if hasattr(self._executor, "stop") else ():
                with contextlib.suppress(OSError):  # other hosts see that the job runs, on this one
                    os.utime(os.path.join(self._folder, name, journal.claims.NAME))
        self._screen.show(self._status())

    def _outcome(self, future: sweeps.futures.Future[int | None]) -> tuple[int | None, str]:
        """Return the exit code of a job, and the error of its engine."""
        try:
            return future.result(), ""
        except sweeps.futures.CancelledError as error:
            self._lose(error)
            return None, ""
        except Exception as error:  # noqa: BLE001 - an engine may raise anything
            return None, f"{type(error).__name__}: {_cut(' '.join(str(error).split()))}"

    def _ended(self, name: str, code: int | None, error: str, *, waits: bool) -> bool:
        """Show how a job ended. Its folder says that; what its executor says is only what it can know.

        Returns
        -------
        bool
            False if its process may be about to end, as that of a worker that has died.
        """
        folder = os.path.join(self._folder, name)
        found = journal.records.read(folder)
        if found.status == "running" and waits:
            return False
        found = journal.records.closed(folder, code, self._stamps.pop(name, None), reason=error)
        if found.status == "waiting":  # it was stopped before it began, or what should have started it is gone
            self._has_waiting = True
            return True
        self._counts[found.status] = self._counts.get(found.status, 0) + 1
        if found.status in {"failed", "killed"}:
            self.failed.append(name)
        self._screen.line(f"{found.status:<7} {clock(found.seconds or 0)}  {name}  {said(found)}".rstrip())
        self._source.ended(name, found)
        return True

    def _interrupt(self) -> None:
        """Let running jobs end by Ctrl-C; a second one kills them."""
        try:  # around all of it: the second one may follow at once
            self._ending = {name: found for name, found in self._ending.items() if found[2] != _ELSEWHERE}
            self._stop(sweeps.signal.SIGINT)
            for future, (name, _) in list(self._running.items()):
                folder = os.path.join(self._folder, name)
                # A job that is queued at an engine does not begin any more; one that runs leaves its contexts.
                if journal.records.read(folder).status == "waiting" and future.cancel():
                    del self._running[future]
            self._screen.line(f"interrupted; waiting for {len(self._running)} running, again Ctrl-C kills them")
            self._loop()
        except (KeyboardInterrupt, SystemExit):
            self._stop(getattr(sweeps.signal, "SIGKILL", sweeps.signal.SIGTERM))
            self._loop()

    def _stop(self, number: int) -> None:
        """Send a signal to the running jobs."""
        stop: Callable[[int], None] | None = getattr(self._executor, "stop", None)
        if stop is not None:
            stop(number)
        else:
            for name, _ in self._running.values():
                sweeps.child.stop(os.path.join(self._folder, name), number)

    def _status(self) -> str:
        ended = sum(self._counts.values())
        names = ", ".join(name for name, _ in self._running.values())
        return f"{ended} ended, {len(self._running)} running, {clock(time.monotonic() - self._began)}: {names}"

    def _summarize(self, total: int) -> None:
        waiting = total - sum(self._counts.values())
        counts = journal.table.counted({**self._counts, "waiting": waiting})
        text = f"{counts}, {clock(time.monotonic() - self._began)}."
        if self.failed:
            named = ", ".join(self.failed[:_MOST_NAMED])
            more = f" and {len(self.failed) - _MOST_NAMED} more" if len(self.failed) > _MOST_NAMED else ""
            log = os.path.join(self._folder, self.failed[0], journal.records.LOG)
            text += f" Failed: {named}{more}, see {log}"
        self._screen.line(text)


def said(found: journal.records.Record) -> str:
    """Return what a line says of a job that has ended: its results, or its error."""
    stage = next((str(turn.get("stage")) for turn in reversed(found.turns) if turn.get("status") != "done"), None)
    if found.error is None and found.status == "killed":
        return ": ".join(filter(None, (stage, _ending(found.exit))))
    if found.error is not None:
        where = os.path.basename(str(found.error.get("where") or ""))
        message = " ".join(str(found.error.get("message", "")).split())
        kind = found.error.get("type")
        text = ": ".join(filter(None, (stage, kind, message)))
        return f"{text} ({where})" if where else text
    return "  ".join(f"{name}={short(value)}" for name, value in found.results.items())


def _ending(code: int | None) -> str:
    """Return how a process ended, by its exit code."""
    if code is None or code >= 0:
        return "interrupted" if code is not None else "killed"
    try:
        return f"killed by {sweeps.signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def _cut(text: str) -> str:
    """Cut the message of an engine, which may be a page, at the end of a word."""
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST].rpartition(' ')[0]} ..."


def short(value: object) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def clock(seconds: float) -> str:
    """Return a time, rounded to seconds, as people read it: ``0:41``, ``1:02:03``."""
    return journal.table.clock(round(seconds))


class _Screen:
    """Print lines and, on a terminal, one line below them that changes."""

    def __init__(self) -> None:
        self._is_terminal = sys.stdout is not None and sys.stdout.isatty()
        self._width = 0
        self._is_full = False

    def line(self, text: str) -> None:
        """Print a line."""
        self.clear()
        self._print(journal.table.printable(text))

    def show(self, text: str) -> None:
        """Show a text in the line that changes."""
        if self._is_terminal:
            most = max(10, sweeps.shutil.get_terminal_size().columns - 1)
            text = output.printable(journal.table.printable(text))
            text = text if len(text) <= most else text[: most - 1] + "…"
            self._print("\r" + text.ljust(self._width), newline=False)
            self._width = len(text)

    def clear(self) -> None:
        """Remove the line that changes."""
        if self._width:
            self._print("\r" + " " * self._width + "\r", newline=False)
            self._width = 0

    def _print(self, text: str, *, newline: bool = True) -> None:
        """Print a text; warn once if that fails, since the jobs go on."""
        if not output.say(text, newline=newline) and not self._is_full:
            self._is_full = True
            output.warn("the jobs go on, but standard output cannot be written, so nothing says how they end.")


@contextlib.contextmanager
def claimed(folder: str) -> Iterator[None]:
    """Make the folder of a sweep, and keep it for one call at a time.

    A folder that is empty at the end, since the engine cannot be used, was not made.

    Raises
    ------
    SaveError
        If it cannot be written, or `sweep.yml` cannot be read.
    ClaimedError
        If another call runs.
    """
    sweeps.sheet.check(folder)
    output.open_closed()  # before an engine passes the numbers of its files to other processes
    path, made = os.path.abspath(folder), []
    while not os.path.lexists(path):
        made.append(path)
        path = os.path.dirname(path)
    try:
        os.makedirs(folder, exist_ok=True)
        claim = journal.claims.take(folder)
    except OSError as error:
        _remove(made)
        raise SaveError(f"{folder}: the sweep cannot be written: {error.strerror or error}.") from None
    try:
        yield
    finally:
        claim.release()
        _remove(made)


def _remove(folders: Iterable[str]) -> None:
    """Remove folders, up to one that is not empty."""
    with contextlib.suppress(OSError):
        for path in folders:
            os.rmdir(path)
