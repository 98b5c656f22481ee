"""The example of a plugin is a distribution that installs, is found by its program, and passes its own tests."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import install

EXAMPLE = Path(__file__).parent.parent / "examples" / "plugin"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install the plugin into a folder."""
    folder = tmp_path_factory.mktemp("site")
    install(EXAMPLE, folder)
    return folder


def run(site: Path, folder: Path, *words: str) -> str:
    done = subprocess.run(
        [sys.executable, *words],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(site)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=True,
        text=True,
    )
    return done.stdout


def test_the_program_has_the_stage_of_the_plugin(site: Path, tmp_path: Path) -> None:
    program = str(EXAMPLE / "lab.py")
    printed = run(site, tmp_path, program, "run", "train", "--epochs", "9", "report", "--last", "2")
    assert printed == "epoch 8: loss 0.125\nepoch 9: loss 0.111\n"
    assert run(site, tmp_path, program) == ""
    assert "report.last: 3" in run(site, tmp_path, program, "--print-config", "report")


def test_a_replay_of_its_run_runs_it_again(site: Path, tmp_path: Path) -> None:
    program = str(EXAMPLE / "lab.py")
    line = ["--save", "run.yml", "run", "train", "--epochs", "4", "report", "--last", "1"]
    assert run(site, tmp_path, program, *line) == run(site, tmp_path, program, "--config", "run.yml")


def test_its_own_tests_pass(site: Path, tmp_path: Path) -> None:
    words = ["-m", "pytest", "-q", "-p", "no:cacheprovider", str(EXAMPLE), "--rootdir", str(tmp_path)]
    assert "2 passed" in run(site, tmp_path, *words)
