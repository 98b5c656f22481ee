"""A week of an experiment that trains a small model with numpy: sweep, compare, and go on, in a pipe and a terminal."""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HANG

pytest.importorskip("numpy", reason="the model is trained with numpy")
pytestmark = pytest.mark.skipif(shutil.which("bash") is None, reason="the lines have braces of bash")

PROGRAM = '''
"""Fit a plane to noisy points."""

import os
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import clickbind
import numpy as np

binder = clickbind.Binder("multistage")


@binder.context
@contextmanager
def output(folder: Annotated[str, clickbind.Option(run_folder=True)] = "."):
    """Write everything into a folder."""
    before = os.getcwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def points(seed: int, count: int):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(count, 3))
    return x, x @ [1.0, -2.0, 0.5] + rng.normal(size=count) * 0.1


@binder.stage
def train(lr: float = 0.01, batch: int = 32, epochs: int = 3):
    """Fit the plane by stochastic gradient descent."""
    x, y = points(0, 1024)
    weights = np.zeros(3)
    for part in np.split(np.tile(np.arange(1024), epochs), epochs * 1024 // batch):
        weights -= lr * 2 * x[part].T @ (x[part] @ weights - y[part]) / batch
        if lr == 0.1 and batch == 64 and not Path("../../../mended").exists():
            raise ValueError("diverged")
    np.save("weights.npy", weights)


@binder.stage
def evaluate(folder: str = "test"):
    """Measure the loss on other points."""
    x, y = points(len(folder), 256)
    return {"loss": float(np.mean((x @ np.load("weights.npy") - y) ** 2))}


@binder.stage
def analyze():
    """Say that the weights are there."""
    print(np.load("weights.npy").shape)


main = binder.command()

if __name__ == "__main__":
    main()
'''
SWEEP = "multistage sweep --jobs 2 --into runs/lr train --lr={.1,.01,.001,.0001} --batch={32,64,128} evaluate"
FAILED = "02-lr=0.1-batch=64"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    program = tmp_path / "multistage"
    program.write_text(f"#!{sys.executable}\n{PROGRAM}", encoding="utf-8")
    program.chmod(0o755)
    return tmp_path


def typed(folder: Path, line: str, code: int = 0) -> list[str]:
    """Type a line in bash, and return what it prints: how long something took as 0:00."""
    found = subprocess.run(
        ["bash", "-c", line],
        cwd=folder,
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"},
        capture_output=True,
        text=True,
        timeout=HANG,
        check=False,
    )
    assert (found.returncode, found.stderr) == (code, ""), found.stdout + found.stderr
    return re.sub(r"(?<= )\d+:\d\d\b", "0:00", found.stdout).splitlines()


def test_a_week(folder: Path) -> None:
    first, *ended, last, again = typed(folder, SWEEP, 1)
    assert first == (
        "runs/lr: 12 jobs (train.lr \N{MULTIPLICATION SIGN} 4, train.batch \N{MULTIPLICATION SIGN} 3) "
        "of train evaluate, 2 at a time"
    )
    done = [line for line in ended if re.fullmatch(r"done    0:00  \d\d-lr=[\d.]+-batch=\d+  evaluate\.loss=\S+", line)]
    failed = [line for line in ended if line not in done]
    assert len(done) == 11
    assert [re.sub(r"\d+\)", "11)", line) for line in failed] == [
        f"failed  0:00  {FAILED}  train: ValueError: diverged (multistage:11)"
    ]
    assert last == f"11 done, 1 failed, 0:00. Failed: {FAILED}, see runs/lr/{FAILED}/log.txt"
    assert again == "Try again: multistage resume runs/lr"

    title, *rows, count = typed(folder, "multistage runs runs/lr --sort evaluate.loss")
    assert title.split() == ["job", "status", "time", "train.batch", "train.lr", "evaluate.loss"]
    losses = [float(row.split()[-1]) for row in rows[:-1]]
    assert losses == sorted(losses)
    assert losses[0] < 0.02
    assert losses[-1] > 1
    assert rows[-1].split()[:5] == ["2", "failed", "0:00", "64", "0.1"]
    assert rows[-1].endswith("  train: ValueError: diverged")
    assert count == "11 done, 1 failed"
    assert typed(folder, "multistage runs") == ["  sweep  jobs", "  lr       12  11 done, 1 failed"]
    assert len(list(csv.DictReader(typed(folder, "multistage runs runs/lr --csv")))) == 12
    assert len(json.loads("\n".join(typed(folder, "multistage runs runs/lr --json")))) == 12
    assert "train.lr" in typed(folder, "multistage runs --diff runs/lr/01-* runs/lr/05-*")

    (folder / "mended").touch()
    assert typed(folder, "multistage resume runs/lr")[0] == f"runs/lr: 1 job, {FAILED}, to run"
    lines = typed(folder, "multistage resume runs/lr --from evaluate --evaluate.folder test2")
    assert (lines[0], lines[-1]) == ("runs/lr: 12 jobs to run", "12 done, 0:00.")
    assert typed(folder, "cd runs/lr/01-*; multistage run --from evaluate --until analyze") == ["(3,)"]


def test_a_terminal_shows_a_line_that_changes(folder: Path) -> None:
    pty = pytest.importorskip("pty")
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        ["bash", "-c", SWEEP],
        cwd=folder,
        env={**os.environ, "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "80"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ):
        os.close(theirs)
        printed = b""
        with open(ours, "rb", closefd=True) as terminal:
            while part := _read(terminal.fileno()):
                printed += part
    text = printed.decode().replace("\r\n", "\n")
    assert re.search(r"\r\d+ ended, [12] running, 0:\d\d: \d\d-lr=", text)
    shown = re.sub(r"[^\n]*\r", "", text).splitlines()
    assert len(shown) == 12 + 3
    assert shown[-1] == "Try again: multistage resume runs/lr"
    assert max(map(len, re.findall(r"\r(\d+ ended[^\r\n]*)", text))) < 80


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # the program has ended
        return b""
