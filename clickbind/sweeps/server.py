"""Import a program once, and fork a process for each job: the server that `local` starts where that is safe.

The server reads requests from a socket, one JSON text in a line, and answers each with the exit code of its job. It has
one thread, since a fork copies only one: if importing the program has started others (of Python or of a library), it
says so and ends, and each job gets a new interpreter.
"""

from __future__ import annotations

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import traceback
from typing import Any

from .. import sweeps

__all__ = ["READY", "THREADS", "main"]

READY, THREADS, FAILED = "ready", "threads", "failed"
"""The first answer of a server: it can fork, it cannot, or the program cannot be imported."""


def main(descriptor: str) -> int:
    """Serve requests until the socket is closed; in a forked child, run a job and return its exit code."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the driver decides what Ctrl-C means
    with socket.socket(fileno=int(descriptor)) as connection, connection.makefile("r", encoding="utf-8") as lines:
        first = sweeps.json.loads(lines.readline())
        try:
            command, prog = sweeps.programs.load(first["program"])
        except BaseException:  # noqa: BLE001 - a program may raise anything when it is imported, SystemExit too
            _answer(connection, {"state": FAILED, "message": traceback.format_exc()})
            return 1
        command.prepare_jobs()
        gc.collect()
        gc.freeze()  # the collector leaves what is there alone, whose memory stays shared with the jobs
        if threads() > 1:
            _answer(connection, {"state": THREADS})
            return 0
        _answer(connection, {"state": READY})
        job = _Server(connection).serve()
    return 0 if job is None else _run(command, prog, job, tuple(first["words"]))


def threads() -> int:
    """Return the number of threads of this process, those of libraries too."""
    try:
        return len(os.listdir("/proc/self/task"))
    except OSError:
        return sweeps.threading.active_count()


def _answer(connection: socket.socket, answer: dict[str, Any]) -> None:
    with contextlib.suppress(OSError):  # the driver was killed; its jobs go on
        connection.sendall(sweeps.json.dumps(answer).encode() + b"\n")


def _run(command: Any, prog: str, job: dict[str, str], words: tuple[str, ...]) -> int:
    """Run a job in this forked child, which goes through the same end as any program: exit functions, threads."""
    signal.signal(signal.SIGINT, signal.default_int_handler)
    os.setpgid(0, 0)  # a signal to the job reaches what it has started
    if not sweeps.worker.redirect(job["folder"]):
        return 1
    return sweeps.worker.run_here(command, prog, job["folder"], job["slot"], words)


class _Server:
    """Fork a child for each request, and answer when it has ended.

    Parameters
    ----------
    connection : socket.socket
        The socket.
    """

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._children: dict[int, tuple[int, int]] = {}
        self._rest = b""
        self._open = True

    def serve(self) -> dict[str, str] | None:
        """Serve until the socket is closed and all children have ended; return the job in a forked child."""
        while self._open or self._children:
            connection = self._connection.fileno()
            readable, _, _ = select.select([*([connection] if self._open else []), *self._children], [], [])
            for handle in readable:
                if handle == connection:
                    job = self._receive()
                    if job is not None:
                        return job
                else:
                    self._reap(handle)
        return None

    def _receive(self) -> dict[str, str] | None:
        """Fork a child for each request that has arrived; return the job in the child."""
        try:
            data = self._connection.recv(65536)
        except OSError:  # whoever asked was killed
            data = b""
        self._open = bool(data)
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            job: dict[str, str] = sweeps.json.loads(line)
            for stream in filter(None, (sys.stdout, sys.stderr)):
                stream.flush()
            pid = os.fork()
            if not pid:
                for handle in self._children:
                    os.close(handle)
                return job
            with contextlib.suppress(OSError):
                os.setpgid(pid, pid)  # the child does it too; whoever is first
            self._children[os.pidfd_open(pid)] = (pid, int(job["number"]))
            _answer(self._connection, {"number": int(job["number"]), "pid": pid})
        return None

    def _reap(self, handle: int) -> None:
        pid, number = self._children.pop(handle)
        os.close(handle)
        _, status = os.waitpid(pid, 0)
        _answer(self._connection, {"number": number, "exit": os.waitstatus_to_exitcode(status)})
