"""A folder with the program, a saved run, a recorded run and a sweep."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from .kit import PROGRAM, TOLD, check, run


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say what was counted."""
    for text in TOLD:
        terminalreporter.write_line(text)


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the folder once."""
    folder = tmp_path_factory.mktemp("made")
    (folder / "prog.py").write_text(PROGRAM, encoding="utf-8")
    for line in ("--save f.yml", "--into r run train evaluate", "--into s sweep train --lr 1 --lr 2"):
        check(run(folder, line), 0)
    return folder


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    """Return a copy of the folder."""
    return shutil.copytree(made, tmp_path / "folder")
