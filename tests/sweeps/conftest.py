"""A program in a file of its own, as a sweep needs one, which fits a line to no data."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner, Result

import clickbind
from tests.conftest import HANG

WAIT = "[time.sleep(0.1) for _ in range(6_000)]"  # a signal that comes right before a sleep does not end that

PROGRAM = '''
"""Fit a model."""

import os
import signal
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import clickbind

binder = clickbind.Binder("fit", envvar_prefix="FIT")


@dataclass
class Adam:
    rate: float = 0.1


@dataclass
class SGD:
    rate: float = 0.2
    momentum: float = 0.0


@binder.context
@contextmanager
def output(folder: Annotated[str, clickbind.Option(run_folder=True)] = "."):
    """Keep what a run makes."""
    before = os.getcwd()
    Path(folder).mkdir(exist_ok=True)
    os.chdir(folder)
    yield
    os.chdir(before)


@binder.stage
def train(
    lr: float = 0.1,
    batch: int = 32,
    layers: list[int] = [8],
    shuffle: bool = True,
    tag: str | None = None,
    optim: Adam | SGD = Adam(),
    token: Annotated[str, clickbind.Option(secret=True)] = "nobody",
):
    """Train."""
    print(f"slot {os.environ.get('CLICKBIND_SLOT')} token {len(token)}")
    os.system("echo by a child in $CLICKBIND_SLOT")
    Path("trained").write_text(f"{lr} {batch} {layers} {shuffle} {tag} {optim}")
    if lr > 1:
        raise ValueError("diverged")
    if tag == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    if tag == "sleep":
        Path("sleeps").touch()
        [time.sleep(0.1) for _ in range(6_000)]
    return {"loss": lr / batch, "tag": tag}


@binder.stage
def evaluate(folder: str = "test"):
    """Evaluate."""
    return 0.5


main = binder.command()

if __name__ == "__main__":
    main()
'''


def with_wrong_modules(folder: Path) -> Path:
    """Make a folder with modules that end whatever imports them, by the names of libraries."""
    folder.mkdir()
    for name in ("clickbind", "json", "runpy", "select", "socket", "threading", "yaml"):
        (folder / f"{name}.py").write_text("raise SystemExit('the wrong module')", encoding="utf-8")
    return folder


class Fit:
    """The program, in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.module: ModuleType = importlib.import_module("fit")
        self.binder: clickbind.Binder = self.module.binder

    def __call__(self, line: str, **variables: str) -> Result:
        """Run a line in this process; its jobs run in others."""
        return CliRunner().invoke(self.module.main, line, prog_name="fit", env=variables)

    def run(self, *words: str, **more: Any) -> subprocess.CompletedProcess[str]:
        """Run a line in a new process."""
        line = [sys.executable, "fit.py", *words]
        return subprocess.run(line, capture_output=True, text=True, timeout=HANG, check=False, **more)

    def records(self, folder: str) -> dict[str, dict[str, Any]]:
        """Return the records of the jobs in a folder, by the names of their folders."""
        files = sorted((self.folder / folder).glob("*/record.json"))
        return {file.parent.name: json.loads(file.read_text(encoding="utf-8")) for file in files}

    def statuses(self, folder: str) -> dict[str, str]:
        """Return the status of each job in a folder, by its name."""
        return {name: record["status"] for name, record in self.records(folder).items()}


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Fit]:
    """The program, in the working directory."""
    (tmp_path / "fit.py").write_text(PROGRAM, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("fit", None)
    yield Fit(tmp_path)
    del sys.modules["fit"]
