"""What the pages of docs show is what happens."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from docs import make_api
from tests.conftest import in_new_words

DOCS = Path(__file__).parent.parent / "docs"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
BIN = Path(sys.executable).parent

PYTEST = ["-m", "pytest", "-p", "no:cacheprovider"]
# What a page says before and after a block of one of these shells, in words of the shell itself.
SHELLS = {
    "bash": "{0} && complete -p multistage",
    "zsh": "autoload -U compinit && compinit -u && {0} && echo $_comps[multistage]",
    "fish": "{0} && complete --command multistage",
}


def blocks(page: str) -> list[tuple[str, str, str]]:
    """Return the blocks of a page: the language, the name of the file, and the text."""
    return re.findall(r"(?ms)^```(\w+) ?(\S*)\n(.*?)^```", PAGES[page])


def texts(language: str) -> list[tuple[str, str]]:
    """Return all blocks in a language, each with its page."""
    return [(page, text) for page in PAGES for kind, _, text in blocks(page) if kind == language]


def write_files(page: str, folder: Path) -> None:
    """Write a page's programs and files, each block's name behind its language."""
    for _, name, text in blocks(page):
        if name:
            (folder / name).write_text(text, encoding="utf-8")


def run(words: list[str], folder: Path) -> str:
    """Run a command in the folder of a page's files, and return everything that it prints."""
    done = subprocess.run(
        words,
        cwd=folder,
        env={
            **os.environ,
            "COLUMNS": "80",
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(folder),
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    return in_new_words(re.sub(r"(?m)^(\d+ passed) in .*$", r"\1", done.stdout))


@pytest.mark.parametrize("page", [page for page in PAGES if "```console" in PAGES[page]])
def test_the_sessions_of_a_page_are_what_happens(page: str, tmp_path: Path) -> None:
    write_files(page, tmp_path)
    for shown in (text for kind, _, text in blocks(page) if kind == "console"):
        printed = ""
        for line in re.findall(r"(?m)^\$ (.*)$", shown):
            program, *arguments = shlex.split(line.removeprefix("python "))
            words = PYTEST if program == "pytest" else [program if program.endswith(".py") else f"{program}.py"]
            printed += f"$ {line}\n{run([sys.executable, *words, *arguments], tmp_path)}"
        assert printed == shown


@pytest.mark.parametrize("page", [page for page in PAGES if page != "api.md" and "```pycon" in PAGES[page]])
def test_the_examples_of_a_page_return_what_it_shows(page: str, tmp_path: Path) -> None:
    write_files(page, tmp_path)
    examples = "\n".join(text for kind, _, text in blocks(page) if kind == "pycon")
    (tmp_path / "examples.txt").write_text(examples, encoding="utf-8")
    assert run([sys.executable, "-m", "doctest", "examples.txt"], tmp_path) == ""


@pytest.mark.parametrize("shell", SHELLS)
def test_the_line_that_turns_completion_on_works(shell: str, tmp_path: Path) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"there is no {shell}")
    for _, text in texts(shell):
        assert "multistage" in run([shell, "-c", SHELLS[shell].format(text.strip())], tmp_path).splitlines()[-1]


def test_the_reference_is_the_one_of_the_docstrings() -> None:
    assert PAGES["api.md"] == make_api.page()


def test_each_block_is_of_a_kind_that_is_run_or_cannot_be() -> None:
    run_here = {"console", "pycon", *SHELLS}
    files = {"python", "yaml"}  # types.md has a test of its own, tests/test_types.py
    shown = {"mermaid", "text", "toml", "diff"}
    for page in PAGES:
        for kind, name, _ in blocks(page):
            assert kind in run_here | shown or (kind in files and (name or page == "types.md")), (page, kind)
