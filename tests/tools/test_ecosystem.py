"""The commands and programs of docs/ecosystem.md run, and its table has the versions that are known to work."""

from __future__ import annotations

import importlib.metadata
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.test_docs import PAGES, blocks, write_files

PAGE = "ecosystem.md"
LINES = [line for kind, _, text in blocks(PAGE) if kind == "text" for line in text.splitlines()]
COMMANDS = [line for line in LINES if line.startswith(("click-", "rich-"))]
PROGRAMS = {"fit.py": "rich_click", "tui.py": "trogon", "shell.py": "click_repl", "tools.py": "cloup"}


def run(words: list[str], folder: Path) -> str:
    """Run a command in the folder of the page's files, and return what it prints."""
    bin_folder = Path(sys.executable).parent
    path = {"PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}", "PYTHONPATH": str(folder)}
    done = subprocess.run(words, cwd=folder, env={**os.environ, **path}, capture_output=True, check=True, text=True)
    return done.stdout


@pytest.mark.parametrize("line", COMMANDS)
def test_each_command_of_the_page_runs(line: str, tmp_path: Path) -> None:
    program, *arguments = shlex.split(line)
    pytest.importorskip(program.replace("-", "_"))
    assert "multistage" in run([str(Path(sys.executable).with_name(program)), *arguments], tmp_path)


@pytest.mark.parametrize("program", PROGRAMS)
def test_each_program_of_the_page_runs(program: str, tmp_path: Path) -> None:
    pytest.importorskip(PROGRAMS[program])
    if program == "tools.py":
        pytest.importorskip("click_option_group")
    write_files(blocks(PAGE), tmp_path)
    assert "Usage:" in run([sys.executable, "-W", "ignore", program, "--help"], tmp_path)


def test_the_programs_are_those_of_the_page() -> None:
    assert {name for kind, name, _ in blocks(PAGE) if kind == "python"} == set(PROGRAMS)


def test_the_versions_of_the_table_are_not_newer_than_those_of_the_tests() -> None:
    for tool, version in re.findall(r"(?m)^\| \[([\w-]+)\]\(.*?\) \| ([\d.]+) \|", PAGES[PAGE]):
        try:
            installed = importlib.metadata.version(tool)
        except importlib.metadata.PackageNotFoundError:
            continue
        if sys.version_info >= (3, 11):  # older Pythons get older releases
            assert _numbers(installed) >= _numbers(version), tool


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
