"""Real engines on this machine, and a program whose jobs they run."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import HANG
from tests.sweeps.conftest import Fit, fit

__all__ = ["Cluster", "Fit", "fit"]


def until(condition: Callable[[], Any], process: subprocess.Popen[Any] | None = None) -> None:
    """Wait for something that other processes do, while one of them runs."""
    end = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < end
        assert process is None or process.poll() is None
        time.sleep(0.05)


class Cluster:
    """A Dask scheduler and two workers, as processes on the loopback.

    Attributes
    ----------
    address : str
        The address of the scheduler.
    processes : list of subprocess.Popen
        The scheduler, and the workers.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"tcp://127.0.0.1:{port}"
        self.processes: list[subprocess.Popen[bytes]] = []
        self.start("scheduler", "--port", str(port))
        self.workers = [self.start("worker", self.address, "--nthreads", "1", "--no-nanny") for _ in range(2)]
        self.options = ["--engine", "dask", "--dask.address", self.address]

    @property
    def scheduler(self) -> subprocess.Popen[bytes]:
        """The process of the scheduler."""
        return self.processes[0]

    def start(self, kind: str, *words: str) -> subprocess.Popen[bytes]:
        """Start a process, and wait until it serves."""
        log = self.folder / f"{kind}{len(self.processes)}.log"
        line = [sys.executable, "-m", "distributed.cli.dask_" + kind, *words, "--host", "127.0.0.1", "--no-dashboard"]
        environment = {**os.environ, "DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "0"}
        with log.open("wb") as file:
            process = subprocess.Popen(line, stdout=file, stderr=file, cwd=self.folder, env=environment)
        self.processes.append(process)
        sign = "Scheduler at" if kind == "scheduler" else "Starting established connection"
        until(lambda: sign in log.read_text(encoding="utf-8"), process)
        return process

    def end(self) -> None:
        """End all processes."""
        for process in reversed(self.processes):
            with contextlib.suppress(OSError):
                process.send_signal(signal.SIGKILL)
            process.wait()


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    """A Dask cluster on this machine."""
    pytest.importorskip("distributed")
    (tmp_path / "cluster").mkdir()
    found = Cluster(tmp_path / "cluster")
    yield found
    found.end()
