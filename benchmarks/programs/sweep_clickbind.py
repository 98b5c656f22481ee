"""One trivial stage; `SPIN` seconds of processor time are what its imports cost."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import clickbind

_END = time.process_time() + float(os.environ.get("SPIN", "0"))
while time.process_time() < _END:
    pass

binder = clickbind.Binder("sweep")


@binder.context
@contextmanager
def output(folder: Annotated[str, clickbind.Option(run_folder=True)] = ".") -> Iterator[None]:
    """Write into a folder."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


@binder.stage
def train(lr: float = 0.1, batch: int = 32) -> float:
    """Train."""
    print(lr, batch)
    return lr / batch


main = binder.command()

if __name__ == "__main__":
    main()
