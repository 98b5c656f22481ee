"""Run a number of jobs on an engine without clickbind's sweeps: of nothing, or of the program as a command.

python bare_engine.py ENGINE JOBS AT_A_TIME KIND FOLDER
"""

import os
import subprocess
import sys
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from typing import Any

PROGRAM = os.path.join(os.path.dirname(os.path.abspath(__file__)), "sweep_clickbind.py")


def nothing(_: str) -> int:
    """Do nothing."""
    return 0


def command(number: str) -> int:
    """Run the program, as one would in a loop."""
    line = [sys.executable, PROGRAM, "train", "--lr", number]
    return subprocess.run(line, check=True, stdout=subprocess.DEVNULL).returncode


class _Polled:
    """Futures of submitit, which nothing can wait for."""

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    def submit(self, function: Any, number: str) -> Any:
        """Submit a job."""
        return self._executor.submit(function, number)

    @staticmethod
    def wait(running: set[Any]) -> set[Any]:
        """Wait until one is done."""
        while True:
            found = {one for one in running if one.done()}
            if found:
                return found
            time.sleep(0.1)


class _Native:
    """An executor with native futures."""

    def __init__(self, executor: Any) -> None:
        self.submit = executor.submit

    @staticmethod
    def wait(running: set[Future[int]]) -> set[Future[int]]:
        """Wait until one is done."""
        return wait(running, return_when=FIRST_COMPLETED)[0]


def engine(name: str, at_a_time: int, folder: str) -> Any:
    """Make an executor as the users of each library do."""
    if name == "processes":
        return _Native(ProcessPoolExecutor(at_a_time))
    if name == "dask":
        import distributed

        cluster = distributed.LocalCluster(n_workers=at_a_time, threads_per_worker=1, dashboard_address=None)
        return _Native(distributed.Client(cluster).get_executor(pure=False))
    import submitit

    return _Polled(submitit.AutoExecutor(folder, cluster="local"))


def main() -> None:
    """Run the jobs."""
    name, jobs, at_a_time, kind, folder = sys.argv[1:]
    executor = engine(name, int(at_a_time), folder)
    running: set[Any] = set()
    for number in range(int(jobs)):
        if len(running) == int(at_a_time):
            running -= executor.wait(running)
        running.add(executor.submit({"nothing": nothing, "command": command}[kind], str(number)))
    while running:
        running -= executor.wait(running)


if __name__ == "__main__":
    main()
