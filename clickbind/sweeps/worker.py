"""Run one job: here, as the only work of this process, or in a new process."""

from __future__ import annotations

import contextlib
import os
import sys
import time
import traceback
from typing import Any

from .. import journal, sweeps

__all__ = ["SLOT", "main", "run_here", "run_in_child"]

SLOT = "CLICKBIND_SLOT"
"""The variable with a number below that of jobs at a time, which no two running jobs share: for choosing a GPU."""

_START = "import sys; from clickbind.sweeps.worker import main; sys.exit(main(*sys.argv[1:]))"
_BEAT = 60.0  # seconds


def run_in_child(program: str, folder: str, slot: str) -> int:
    """Run a job in a new process, and return its exit code: minus a signal's number if that ended it.

    This is what an engine's worker is asked to do: an importable function and texts, which every pickle carries.
    Nothing of the job can end or change the worker, and no exception of the user's crosses.

    Parameters
    ----------
    program : str
        The address of the program.
    folder : str
        The folder of the job.
    slot : str
        The value of `SLOT`.
    """
    if journal.records.read(folder).status == "done":  # engines run a task again when a worker has died
        return 0
    none = sweeps.subprocess.DEVNULL
    child = sweeps.subprocess.Popen([sys.executable, "-c", _START, program, folder, slot], stdin=none)
    claim = os.path.join(folder, journal.claims.NAME)
    while True:
        with contextlib.suppress(sweeps.subprocess.TimeoutExpired):
            return child.wait(_BEAT)
        with contextlib.suppress(OSError):
            os.utime(claim)  # other hosts see that the job runs


def main(program: str, folder: str, slot: str, words: tuple[str, ...] = ()) -> int:
    """Run a job in this new process."""
    redirect(folder)
    try:
        command, prog = sweeps.programs.load(program)
    except Exception:  # noqa: BLE001 - a program may raise anything when it is imported
        traceback.print_exc()
        return 1
    return run_here(command, prog, folder, slot, words)


def redirect(folder: str) -> None:
    """Let everything that this process and its children print go to the job's log, also what code in C prints."""
    log = os.open(os.path.join(folder, journal.records.LOG), os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o666)
    if os.fstat(log).st_size:
        os.write(log, f"\n--- again, {time.strftime('%Y-%m-%d %H:%M:%S')}\n".encode())
    for stream in (sys.stdout, sys.stderr):
        stream.flush()
    os.dup2(log, 1)
    os.dup2(log, 2)
    os.close(log)
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, ValueError):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]


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
