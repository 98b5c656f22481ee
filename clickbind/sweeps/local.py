"""Run jobs on this machine, each in a process of its own: the engine ``processes``, the default."""

from __future__ import annotations

import contextlib
import os
import sys
from typing import Any

from .. import output, sweeps
from ..errors import UserError
from . import server

__all__ = ["NAME", "Processes"]

NAME = "processes"


class Processes:
    """An executor that runs each job in a process of its own.

    Parameters
    ----------
    program : str
        The address of the program.
    words : sequence of str
        Options of the line for the jobs, which may be secrets: they reach them through a pipe.
    fresh : bool
        Whether each job gets a new interpreter, which imports the program again. Otherwise, jobs are forked from a
        process that has imported it, where the system and the program allow that.
    """

    def __init__(self, program: str, words: tuple[str, ...] = (), *, fresh: bool = False) -> None:
        self._program = program
        self._words = words
        self._fresh = fresh or not _can_fork()
        self._server: _Forks | None = None
        self._groups: dict[int, int] = {}
        self._lock = sweeps.threading.Lock()
        self._last = 0

    def submit(self, _: Any, program: str, folder: str, slot: str) -> sweeps.futures.Future[int]:
        """Start a job; the future gets its exit code."""
        if self._server is None and not self._fresh:
            self._server = _Forks.start(program, self._words, self._started)
            self._fresh = self._server is None
        self._last += 1
        if self._server is not None and not self._server.is_closed:
            return self._server.submit(self._last, folder, slot)
        return self._submit_fresh(self._last, folder, slot)

    def _started(self, number: int, pid: int | None) -> None:
        """Note the process of a job, or that it has ended."""
        with self._lock:
            if pid is None:
                self._groups.pop(number, None)
            else:
                self._groups[number] = pid

    def _submit_fresh(self, number: int, folder: str, slot: str) -> sweeps.futures.Future[int]:
        pipe = sweeps.subprocess.PIPE
        child = sweeps.subprocess.Popen(sweeps.programs.started("fresh"), stdin=pipe, start_new_session=True)
        self._started(number, child.pid)
        request = {"program": self._program, "folder": folder, "slot": slot, "words": self._words}
        assert child.stdin is not None  # it is a pipe
        with contextlib.suppress(OSError), child.stdin as stream:  # it may have ended already
            stream.write(sweeps.json.dumps(request).encode())
        future = _running()

        def wait() -> None:
            code = child.wait()
            self._started(number, None)
            future.set_result(code)

        sweeps.threading.Thread(target=wait, daemon=True).start()
        return future

    def stop(self, number: int) -> None:
        """Send a signal to all running jobs, and to what they have started."""
        with self._lock:
            groups = list(self._groups.values())
        for group in groups:
            with contextlib.suppress(OSError):
                _KILL(group, number)

    def shutdown(self) -> None:
        """End the server, after its jobs."""
        if self._server is not None:
            self._server.close()


_KILL = getattr(os, "killpg", os.kill)  # Windows has no process groups to send signals to


def _running() -> sweeps.futures.Future[int]:
    """Make the future of a process, which nobody can cancel."""
    future: sweeps.futures.Future[int] = sweeps.futures.Future()
    future.set_running_or_notify_cancel()
    return future


def _can_fork() -> bool:
    """Return whether a process can be forked safely. On macOS, its own libraries do not bear that."""
    return sys.platform.startswith("linux") and hasattr(os, "pidfd_open") and hasattr(os, "fork")


class _Forks:
    """The connection to a server that forks.

    Parameters
    ----------
    connection : socket.socket
        The connection.
    process : subprocess.Popen
        The server.
    started : callable
        Called with the number of a job and its process, or None when it has ended.
    """

    def __init__(self, connection: Any, process: Any, started: Any) -> None:
        self._connection = connection
        self._process = process
        self._started = started
        self._lines = connection.makefile("r", encoding="utf-8")
        self._waiting: dict[int, sweeps.futures.Future[int]] = {}
        self._thread: sweeps.threading.Thread | None = None
        self.is_closed = False

    @classmethod
    def start(cls, program: str, words: tuple[str, ...], started: Any) -> _Forks | None:
        """Start a server; return None if the program has threads once it is imported.

        Raises
        ------
        UserError
            If the program cannot be imported there.
        """
        ours, theirs = sweeps.socket.socketpair()
        with theirs:
            descriptor = theirs.fileno()
            process = sweeps.subprocess.Popen(
                sweeps.programs.started("server", str(descriptor)),
                stdin=sweeps.subprocess.DEVNULL,
                stdout=sweeps.subprocess.DEVNULL,  # what the import prints; each job has its log
                pass_fds=[descriptor],
                start_new_session=True,
            )
        self = cls(ours, process, started)
        self._send({"program": program, "words": words})
        line = self._lines.readline()
        answer = sweeps.json.loads(line) if line else {"state": server.FAILED, "message": ""}
        if answer["state"] == server.READY:
            self._thread = sweeps.threading.Thread(target=self._listen, daemon=True)
            self._thread.start()
            return self
        self.close()
        if answer["state"] == server.FAILED:
            output.warn(answer["message"].rstrip())
            raise UserError("the program cannot be imported by another process; see above.")
        return None

    def _send(self, message: dict[str, Any]) -> None:
        self._connection.sendall(sweeps.json.dumps(message).encode() + b"\n")

    def submit(self, number: int, folder: str, slot: str) -> sweeps.futures.Future[int]:
        """Ask for a job."""
        future = _running()
        self._waiting[number] = future
        self._send({"number": number, "folder": folder, "slot": slot})
        return future

    def _listen(self) -> None:
        """Read the answers; if the server ends, its jobs count as ended."""
        with contextlib.suppress(OSError, ValueError):
            for line in self._lines:
                answer = sweeps.json.loads(line)
                if "pid" in answer:
                    self._started(answer["number"], answer["pid"])
                else:
                    self._end(answer["number"], answer["exit"])
        self.is_closed = True
        for number in list(self._waiting):
            self._end(number, None)

    def _end(self, number: int, code: int | None) -> None:
        self._started(number, None)
        self._waiting.pop(number).set_result(code)  # type: ignore[arg-type]  # None: nobody knows

    def close(self) -> None:
        """Close the connection; the server ends after its jobs, for which this waits."""
        self.is_closed = True
        with contextlib.suppress(OSError):
            self._connection.shutdown(sweeps.socket.SHUT_WR)
        self._process.wait()
        if self._thread is not None:
            self._thread.join()
        self._lines.close()
        self._connection.close()
