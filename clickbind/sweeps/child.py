"""Run a job as a child of an engine's worker, which lives on whatever the job does.

The worker and the one who drives the sweep share nothing but files. So a running job is stopped by a file in its
folder, which the worker looks for. A worker that ends takes its job with it: the job's process holds the read end of a
pipe, and gets SIGTERM when the worker's end is closed, however that was.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import time
from collections.abc import Iterator
from typing import Any

from .. import journal, sweeps

__all__ = ["STOP", "allow", "main", "run_in_child", "stop"]

STOP = ".stop"
"""The file with the number of the signal that a job is to get; a job that has not begun does not begin then."""

_BEAT = 60.0  # seconds
_LOOK = 1.0  # seconds between two looks for the file
_APPEARS = 10.0  # seconds that a network file system may take to show a new folder
_IDS = ("SLURM_JOB_ID", "SUBMITIT_LOCAL_JOB_ID")
_KILL = getattr(os, "killpg", os.kill)  # Windows has no process groups to send signals to


def run_in_child(program: str, folder: str, slot: str, task: str = "") -> int | None:
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
        The value of `worker.SLOT`.
    task : str
        The engine's id of this call, if the job must not run again when the engine calls this again with the same one.

    Returns
    -------
    int or None
        None if the job was stopped before it began, or has run under the same id.

    Raises
    ------
    FileNotFoundError
        If there is no such folder on this machine.
    """
    _wait_for(folder)
    before = journal.records.read(folder)
    again = sweeps.sheet.resumed(sweeps.sheet.latest(os.path.dirname(folder)), before)
    if before.status == "done" and not again:  # engines run a task again when a worker has died
        return 0
    if _asked(folder) is not None or (task and (before.engine or {}).get("id") == task):
        return None
    with _leash() as leash:
        line = sweeps.programs.started("child", program, folder, slot, task, str(leash or ""))
        child = sweeps.subprocess.Popen(
            line, stdin=sweeps.subprocess.DEVNULL, start_new_session=True, pass_fds=() if leash is None else (leash,)
        )
        return _attend(child, folder)


def _wait_for(folder: str) -> None:
    end = time.monotonic() + _APPEARS
    while not os.path.isdir(folder):
        if time.monotonic() > end:
            raise FileNotFoundError(
                f"{platform.node()} has no folder {folder}: the folder of a sweep must be on a path that all workers "
                "share."
            )
        time.sleep(min(_APPEARS, 0.2))


@contextlib.contextmanager
def _leash() -> Iterator[int | None]:
    """Make a pipe whose read end sees this process end; None where there is nothing of the kind."""
    if not sys.platform.startswith("linux"):
        yield None
        return
    end, ours = os.pipe()
    try:
        yield end
    finally:
        os.close(end)
        os.close(ours)


def _attend(child: sweeps.subprocess.Popen[bytes], folder: str) -> int:
    """Wait for a child; send it the signals that it is to get, and show other hosts that it runs."""
    claim = os.path.join(folder, journal.claims.NAME)
    sent, beat = None, time.monotonic()
    while True:
        with contextlib.suppress(sweeps.subprocess.TimeoutExpired):
            return child.wait(_LOOK)
        number = _asked(folder)
        if number is not None and number != sent:
            sent = number
            with contextlib.suppress(OSError):  # it has just ended
                _KILL(child.pid, number)
        if time.monotonic() - beat > _BEAT:
            beat = time.monotonic()
            with contextlib.suppress(OSError):
                os.utime(claim)


def stop(folder: str, number: int) -> None:
    """Ask for a signal to a job, wherever it runs."""
    with contextlib.suppress(OSError), open(os.path.join(folder, STOP), "w", encoding="ascii") as file:
        file.write(str(int(number)))  # the text of a signal is its name before Python 3.11


def allow(folder: str) -> None:
    """Forget what was asked for before."""
    with contextlib.suppress(OSError):
        os.unlink(os.path.join(folder, STOP))


def _asked(folder: str) -> int | None:
    """Return the number of the signal that a job is to get."""
    with contextlib.suppress(OSError, ValueError), open(os.path.join(folder, STOP), encoding="ascii") as file:
        return int(file.read())
    return None


def main(program: str, folder: str, slot: str, task: str, leash: str) -> int:
    """Run a job in this new process, which ends with the one that has started it."""
    sweeps.signal.signal(sweeps.signal.SIGINT, sweeps.signal.default_int_handler)  # the worker may ignore it
    if leash:
        _put_on(int(leash))
    if _IDS[0] in os.environ:  # Slurm gives notice by this signal that the time is up
        sweeps.signal.signal(sweeps.signal.SIGUSR2, _leave)
    found = sweeps.json.loads(program)
    ids = (os.environ.get(name, "") for name in _IDS)
    os.environ[sweeps.sheet.ENGINE] = f"{found.get('engine', 'unknown')} {task or next(filter(None, ids), '')}"
    return sweeps.worker.main(program, folder, slot, tuple(found.get("words", ())))


def _leave(_: int, __: Any) -> None:
    os.kill(os.getpid(), sweeps.signal.SIGTERM)


def _put_on(leash: int) -> None:
    """Let the kernel send SIGTERM when the other end of a pipe is closed. A thread would disturb forks of the job."""
    import fcntl  # noqa: PLC0415 - Windows does not have it

    os.set_inheritable(leash, False)
    fcntl.fcntl(leash, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(leash, fcntl.F_SETSIG, sweeps.signal.SIGTERM)
    fcntl.fcntl(leash, fcntl.F_SETFL, fcntl.fcntl(leash, fcntl.F_GETFL) | os.O_ASYNC | os.O_NONBLOCK)
    with contextlib.suppress(BlockingIOError):
        if not os.read(leash, 1):  # it has ended already
            os.kill(os.getpid(), sweeps.signal.SIGTERM)
