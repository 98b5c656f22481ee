"""What holds for every line, whatever is on it, in its files and around it. All tests of this folder check it here.

* The exit code is 0, 1 or 2. With 1, the files of ``--diff`` differ, or the program itself has failed.
* No exception but the program's own leaves a line, and none is shown.
* A line ends, within an amount of processor time.
* A line that is wrong, and one that only shows something, runs nothing, and makes, changes and removes no file.
* No secret is in what is shown, nor in a file.
"""

from __future__ import annotations

import contextlib
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
from click.testing import CliRunner, Result

from tests.conftest import HANG

__all__ = ["Failed", "Hang", "check", "in_folder", "tried", "within"]

SECONDS = 20
"""Processor time for one line, some thousand times of what it takes."""
ALONE = {"--debug", "--help", "-h", "--no-config", "--no-record", "--print-changed", "--print-config", "--print-jobs"}
"""Options of every program that take no value."""
SHOWS = {"--print-config", "--print-changed", "--print-schema", "--print-jobs", "--diff", "--help", "-h", "--version"}


class Failed(Exception):  # noqa: N818 - it is what a stage raises
    """What a generated stage raises if it is told to fail."""


class Hang(BaseException):
    """Ends a line that would not end. It is no `Exception`, which would be handled somewhere."""


@dataclass
class Tried:
    """What this process has tried."""

    lines: int = 0


tried = Tried()


@contextlib.contextmanager
def within(seconds: float = SECONDS) -> Iterator[None]:
    """Raise `Hang` where a body takes too much processor time, or waits for ever."""
    if not hasattr(signal, "setitimer") or threading.current_thread() is not threading.main_thread():
        yield
        return

    def end(*_: object) -> None:
        raise Hang

    timers = [(signal.ITIMER_PROF, signal.SIGPROF, seconds), (signal.ITIMER_REAL, signal.SIGALRM, HANG)]
    before = [signal.signal(number, end) for _, number, _ in timers]
    try:
        for timer, _, limit in timers:
            signal.setitimer(timer, limit)
        yield
    finally:
        for (timer, number, _), handler in zip(timers, before, strict=True):
            signal.setitimer(timer, 0)
            signal.signal(number, handler)


@contextlib.contextmanager
def in_folder() -> Iterator[Path]:
    """Work in an empty folder."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as path:
        os.chdir(path)
        try:
            yield Path(path)
        finally:
            os.chdir(before)


def _may_take_value(word: str) -> bool:
    """Return whether the next word may be the value of an option, such as `--diff` that of a pattern."""
    return word[:1] == "-" and "=" not in word and word not in ALONE


def check(
    main: click.Command,
    line: Sequence[str],
    *,
    ran: Callable[[], int] = lambda: 0,
    secrets: Iterable[str] = (),
    may_fail: bool = False,
    **more: Any,
) -> Result:
    """Run a line in the working directory, and check the promise.

    Parameters
    ----------
    main : click.Command
        The program.
    line : sequence of str
        The line.
    ran : callable
        Returns how many calls were made so far.
    secrets : iterable of str
        Texts that may not be in any output.
    may_fail : bool
        Whether it may end with 1, since a job of a sweep fails.
    **more
        Further arguments of `CliRunner.invoke`.
    """
    tried.lines += 1
    calls, files = ran(), _files()
    with within():
        result = CliRunner().invoke(main, [*line], prog_name="prog", **more)
    told = (line, more, result.output, repr(result.exception))
    own = isinstance(result.exception, Failed)
    assert own or result.exception is None or isinstance(result.exception, SystemExit), told
    assert result.exit_code in {0, 1, 2}, told
    assert result.exit_code != 1 or own or may_fail or any(word.partition("=")[0] == "--diff" for word in line), told
    assert "Traceback" not in result.output, told
    if result.exit_code == 2:
        assert result.stderr.strip(), told
    asked = {word for before, word in zip(["", *line], line, strict=False) if not _may_take_value(before)}
    if result.exit_code == 2 or SHOWS.intersection(asked):
        assert ran() == calls, told
        assert _files() == files, told
    for secret in secrets:
        assert secret not in result.output, told
        assert not any(secret.encode() in data for name, data in _files().items() if name not in files), told
    return result


def _files() -> dict[str, bytes]:
    """Read all files below the working directory; a folder and what cannot be read has no content."""
    found: dict[str, bytes] = {}
    for folder, folders, names in os.walk("."):
        found.update((os.path.join(folder, name), b"") for name in folders)
        for name in names:
            path = os.path.join(folder, name)
            with contextlib.suppress(OSError):
                found[path] = Path(path).read_bytes() if os.path.isfile(path) else b""
    return found
