"""A small program for sweeps. Its jobs are forked from the process of the test, which takes milliseconds."""

from __future__ import annotations

import concurrent.futures
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import clickbind
from clickbind import sweeps

from .promise import Failed

__all__ = ["binder", "main"]

binder = clickbind.Binder("prog", envvar_prefix="PROG")


class Forked:
    """An executor that forks this process for each job."""

    def submit(self, _: Any, program: str, folder: str, slot: str) -> concurrent.futures.Future[int]:
        """Run a job, and return its exit code."""
        future: concurrent.futures.Future[int] = concurrent.futures.Future()
        job = os.fork()
        if not job:
            code = 70
            try:
                code = sweeps.worker.main(program, folder, slot)
            finally:
                os._exit(code)
        future.set_result(os.waitstatus_to_exitcode(os.waitpid(job, 0)[1]))
        return future


@binder.engine
def forked() -> Forked:
    """Fork this process."""
    return Forked()


@binder.context
@contextmanager
def output(folder: Annotated[str, clickbind.Option(run_folder=True)] = ".") -> Iterator[None]:
    """Work in the folder of the run."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@binder.stage
def train(
    *,
    lr: float = 0.1,
    batch: int = 32,
    tag: str | None = None,
    token: Annotated[str, clickbind.Option(secret=True)] = "",
) -> dict[str, float]:
    """Train, and note that in a file; the record may not have the secret of the error."""
    with Path("trained").open("a", encoding="utf-8") as file:
        file.write("x")
    if tag == "killed":
        os.kill(os.getpid(), signal.SIGKILL)
    if tag == "failed":
        raise Failed(f"of {token}")
    return {"loss": lr / batch}


@binder.stage
def evaluate(folder: str = "test") -> int:
    """Evaluate."""
    return len(folder)


main = binder.command()
