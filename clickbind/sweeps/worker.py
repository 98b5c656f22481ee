"""Run one job as the only work of this process."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import time
import traceback
from typing import Any

from .. import journal, output, sweeps
from ..errors import ClickbindError

__all__ = ["SLOT", "main", "redirect", "run_here"]

SLOT = "CLICKBIND_SLOT"
"""The variable with a number below that of jobs at a time, which no two running jobs share: for choosing a GPU."""


def main(program: str, folder: str, slot: str, words: tuple[str, ...] = ()) -> int:
    """Run a job in this new process."""
    if not redirect(folder):
        return 1
    _enter(sweeps.json.loads(program).get("folder"))
    try:
        command, prog = sweeps.programs.load(program)
    except Exception as error:  # noqa: BLE001 - a program may raise anything when it is imported
        traceback.print_exc()
        _record_missing(folder, error)
        return 1
    return run_here(command, prog, folder, slot, words)


def _enter(folder: str | None) -> None:
    """Go to the folder in which the sweep was started, for the relative paths of its values."""
    try:
        if folder is not None:
            os.chdir(folder)
    except OSError as error:
        output.warn(f"{platform.node()}: {folder}, where the sweep was started, cannot be entered: {error.strerror}.")


def _record_missing(folder: str, error: Exception) -> None:
    """Record that a job failed since its program cannot be imported here."""
    message = " ".join(str(error).split())
    if sweeps.sheet.ENGINE in os.environ:  # on other machines, most often it is not there
        message = (
            f"{platform.node()} cannot import the program: {message.rstrip('.')}. Install it there, or put its file "
            f"on a path that all workers share. See {journal.records.LOG}"
        )
    with contextlib.suppress(OSError, ClickbindError):  # another process runs the job, or the folder is gone
        claim = journal.claims.take(folder)
        try:
            found = journal.records.read(folder)
            found.status, found.exit = "failed", 1
            found.error = {"type": type(error).__qualname__, "message": message, "where": None}
            found.write()
        finally:
            claim.release()


def redirect(folder: str) -> bool:
    """Let everything that this process and its children print go to the job's log, also what code in C prints.

    That of a process that was started with closed outputs goes there too.

    Returns
    -------
    bool
        Whether there can be a log. Without one, as in a folder that was removed, a job must not run.
    """
    output.open_closed()
    path = os.path.join(folder, journal.records.LOG)
    try:
        log = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
        if os.fstat(log).st_size:
            os.write(log, f"\n--- again, {time.strftime('%Y-%m-%d %H:%M:%S')}\n".encode())
    except OSError as error:
        output.note(f"Error: {path}: the log of this job cannot be written: {error.strerror}.")
        return False
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError):  # it is closed, or its disk is full
            stream.flush()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    sys.stdout = sys.stdout or os.fdopen(1, "w", closefd=False)
    sys.stderr = sys.stderr or os.fdopen(2, "w", closefd=False)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    return True


def run_here(command: Any, prog: str, folder: str, slot: str, words: tuple[str, ...] = ()) -> int:
    """Run a job as the only work of this process, and return its exit code.

    Parameters
    ----------
    command : click.Group
        The program.
    prog : str
        Its name.
    folder : str
        The folder of the job.
    slot : str
        The value of `SLOT`.
    words : tuple of str
        Options of the line that a saved run does not have: its secrets, and for a job that is resumed all of them.
    """
    os.environ[SLOT] = slot
    call = sweeps.sheet.latest(os.path.dirname(folder))
    before = journal.records.read(folder)
    resumed = sweeps.sheet.resumed(call, before)
    try:
        if resumed is None:
            before.take(sweeps.sheet.facts_of(call))
            line = ["--config", os.path.join(folder, journal.records.RUN_FILE), "--into", folder, *words]
            command.main(line, prog_name=prog, job=before)
        else:
            command.main([*resumed, *words, "resume", folder], prog_name=prog)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - the job's own, which goes to its log
        traceback.print_exc()
        return 1
    return 0
