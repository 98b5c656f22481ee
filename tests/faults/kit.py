"""A program with records, and how it is run where something is closed, full, gone or in another encoding."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import HANG

__all__ = ["PROGRAM", "TOLD", "check", "count", "environment", "run", "skip_without_tools", "some", "tell"]

PROGRAM = '''
"""Try models."""

import contextlib
import os
import shutil
from typing import Annotated

import clickbind

binder = clickbind.Binder("prog", version="1", envvar_prefix="PROG")


@binder.context
@contextlib.contextmanager
def output(folder: Annotated[str, clickbind.Option(run_folder=True)] = "."):
    """Keep what a run makes."""
    if folder != ".":
        os.makedirs(folder, exist_ok=True)
    yield


@binder.bind("train")
def data(names: list[str] = []):
    return names


@binder.stage
def train(lr: float = 0.1, text: str = "x"):
    """Train the model."""
    data()
    return lr


@binder.stage
def evaluate(number: int = 1):
    """Evaluate the model."""
    return number


@binder.stage(default=False)
def remove(name: str = "", number: int = 1):
    """Remove a folder."""
    shutil.rmtree(name)


main = binder.command()

if __name__ == "__main__":
    main()
'''


TOLD: list[str] = []
"""What the tests have counted, for the end of `make faults`."""


def tell(text: str) -> None:
    """Say what was counted, at the end of the tests."""
    TOLD.append(text)


def count(few: int, many: int) -> int:
    """Return how often something is tried: more in `make faults`."""
    return many if "CLICKBIND_FAULTS" in os.environ else few


def some(*cases: str, most: int) -> tuple[str, ...]:
    """Return the first cases, and in `make faults` all of them."""
    return cases[: count(most, len(cases))]


def skip_without_tools(line: str) -> None:
    """Skip the test of a line that draws where what it draws with is not installed."""
    if "--html" in line:
        pytest.importorskip("plotly")


def environment(**variables: str) -> dict[str, str]:
    """Return an environment in which nothing but these variables differs from machine to machine."""
    kept = {name: os.environ[name] for name in ("PATH", "COVERAGE_PROCESS_START") if name in os.environ}
    return {**kept, "HOME": "/nonexistent", **variables}


def run(folder: Path, line: str, ends: str = "", **more: Any) -> subprocess.CompletedProcess[bytes]:
    """Run a line of the program in a new process, which a shell gives its standard files."""
    skip_without_tools(line)
    command = f"exec {shlex.quote(sys.executable)} {shlex.quote(str(folder / 'prog.py'))} {line} {ends}"
    pipe, nothing = subprocess.PIPE, subprocess.DEVNULL
    more = {"cwd": folder, "env": environment(), "stdin": nothing, "stdout": pipe, "stderr": pipe, **more}
    return subprocess.run(["sh", "-c", command], check=False, timeout=HANG, **more)


def check(done: subprocess.CompletedProcess[bytes], code: int, message: str | None = None) -> None:
    """Check an exit code, that there is no traceback, and one message: the last line of standard error."""
    shown = done.stderr.decode("utf-8", "backslashreplace")
    assert done.returncode == code, shown
    assert "Traceback" not in shown
    assert "Exception ignored" not in shown
    if message is not None:
        assert shown.rstrip("\n").rpartition("\n")[2] == message, shown
        assert shown.count("Error:") + shown.count("Warning:") <= 1
