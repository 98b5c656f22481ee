"""The example that learns handwritten digits, as a program in a new process."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HANG

for _name, _library in {"sklearn": "scikit-learn", "matplotlib": "matplotlib", "digits": "examples/digits"}.items():
    if importlib.util.find_spec(_name) is None:
        pytest.skip(f"{_library} is not installed", allow_module_level=True)

__all__ = ["ENVIRONMENT", "EXAMPLE", "ONE_THREAD", "made", "run", "save", "typed"]

EXAMPLE = Path(__file__).parent.parent / "examples" / "digits"

ONE_THREAD = dict.fromkeys(("OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OMP_NUM_THREADS"), "1")
"""A thread per process: several of them add in another order each time, and make matrices as small as these slower."""

ENVIRONMENT = {
    **os.environ,
    **ONE_THREAD,
    "COLUMNS": "80",
    "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]]),
}


def run(folder: Path, *line: str, code: int = 0) -> str:
    """Run the program in a folder, and return everything that it prints."""
    done = typed(folder, [sys.executable, "-m", "digits.program", *line])
    assert done.returncode == code, done.stdout
    return done.stdout


def typed(folder: Path, line: str | list[str]) -> subprocess.CompletedProcess[str]:
    """Run a line in a folder, of words or for a shell."""
    return subprocess.run(
        line,
        shell=isinstance(line, str),
        cwd=folder,
        env=ENVIRONMENT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        timeout=HANG,
        text=True,
    )


def save(folder: Path) -> None:
    """Make the data in a folder, and save a small run there as `saved.yml`, which makes its files in `output`."""
    run(folder, "run", "download", "preprocess")
    small = ["--train.epochs", "2", "--train/dataset.limit", "100", "--analyze.dpi", "20"]
    run(folder, "--save", "saved.yml", *small, "run", "train", "evaluate", "analyze")


def made(folder: Path) -> dict[str, bytes]:
    """Return what a run made in its folder: the model, the numbers and the figures."""
    numbers = ("model.npz", "history.json", "evaluation.json", "predictions.npz")
    figures = ("confusion.png", "losses.png", "mistakes.png")
    return {name: (folder / name).read_bytes() for name in (*numbers, *figures)}
