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

import clickbind
from docs import make_api
from tests.conftest import in_new_words, install

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = {path.name: path.read_text(encoding="utf-8") for path in sorted(DOCS.glob("*.md"))}
BIN = Path(sys.executable).parent

PYTEST = ["-m", "pytest", "-p", "no:cacheprovider"]
SHOWING = {"cat", "ls"}
# What the programs of a page import.
TOOLS = {
    "ecosystem.md": ("click_option_group", "cloup", "rich_click"),
    "page.md": ("plotly",),
    "search.md": ("optuna",),
    "engines.md": ("distributed", "joblib", "submitit"),
}
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


def chapters(page: str) -> list[list[tuple[str, str, str]]]:
    """Split the blocks of a page where it changes a file, so that those above run with the file as it was."""
    parts: list[list[tuple[str, str, str]]] = [[]]
    for block in blocks(page):
        if block[1] and any(block[1] == name for part in parts for _, name, _ in part):
            parts.append([])
        parts[-1].append(block)
    return parts


def write_files(chapter: list[tuple[str, str, str]], folder: Path) -> None:
    """Write programs and files, each block's name behind its language; install a distribution.

    A diff changes the file of its name.
    """
    for kind, name, text in chapter:
        if name:
            file = folder / name
            file.write_text(
                patched(file.read_text(encoding="utf-8"), text) if kind == "diff" else text, encoding="utf-8"
            )
    if (folder / "pyproject.toml").exists():
        install(folder, folder)


def patched(text: str, diff: str) -> str:
    """Apply a diff, whose parts have lines of context instead of numbers."""
    for part in re.split(r"(?m)^@@\n", diff):
        lines = part.splitlines(keepends=True)
        before = "".join(line[1:] or line for line in lines if line[0] != "+")  # an empty line has no space
        after = "".join(line[1:] or line for line in lines if line[0] != "-")
        assert text.count(before) == 1, before
        text = text.replace(before, after)
    return text


def words(line: str) -> list[str]:
    """Return the command of a line of a session: a program of the page, pytest, or one of the shell's."""
    program, *arguments = shlex.split(line.removeprefix("python "))
    if program in SHOWING:
        return [program, *arguments]
    return [sys.executable, *(PYTEST if program == "pytest" else [f"{program.removesuffix('.py')}.py"]), *arguments]


def run(words: list[str], folder: Path) -> str:
    """Run a command, and return everything that it prints, in the words of today's Click."""
    text = re.sub(r"(?m)^(\d+ passed) in .*$", r"\1", output(words, folder))
    text = re.sub(r"(?m)^((?:done|failed) +|[\w, ]*\d \w+, )\d+:\d\d", r"\g<1>0:00", text)
    text = re.sub(r"\d\.\d MB", "4.9 MB", text)  # most of a page is plotly
    return in_new_words(re.sub(r"(?m)^(  .* )\d:\d\d ", r"\g<1>0:00 ", text))  # how long a run took


def output(words: list[str], folder: Path) -> str:
    """Run a command in the folder of a page's files, and return everything that it prints."""
    done = subprocess.run(
        words,
        cwd=folder,
        env={
            **os.environ,
            "COLUMNS": "80",
            "PATH": f"{BIN}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(folder),
            "PYTHONUNBUFFERED": "1",  # so that warnings are where a terminal shows them
        },
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    return done.stdout


@pytest.mark.parametrize("page", [page for page in PAGES if page != "comparison.md" and "```console" in PAGES[page]])
def test_the_sessions_of_a_page_are_what_happens(page: str, tmp_path: Path) -> None:
    for tool in TOOLS.get(page, ()):
        pytest.importorskip(tool)
    for chapter in chapters(page):
        write_files(chapter, tmp_path)
        for shown in (text for kind, _, text in chapter if kind == "console"):
            lines = re.findall(r"(?m)^\$ (.*)$", shown)
            assert "".join(f"$ {line}\n{run(words(line), tmp_path)}" for line in lines) == shown


@pytest.mark.parametrize("page", [page for page in PAGES if page != "api.md" and "```pycon" in PAGES[page]])
def test_the_examples_of_a_page_return_what_it_shows(page: str, tmp_path: Path) -> None:
    for chapter in chapters(page):
        write_files(chapter, tmp_path)
        examples = "\n".join(text for kind, _, text in chapter if kind == "pycon")
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


def test_the_reference_has_every_public_name() -> None:
    titles = set(re.findall(r"(?m)^#+ `(?:clickbind\.)?([^`]+)`$", PAGES["api.md"]))
    assert set(clickbind.__all__) <= titles
    for name in clickbind.__all__:
        cls = getattr(clickbind, name)
        if isinstance(cls, type) and not issubclass(cls, Exception):
            part = PAGES["api.md"].partition(f"## `clickbind.{name}`\n")[2].partition("\n##")[0]
            attributes = {one for names in re.findall(r"(?m)^\* `\**([\w, ]+)`", part) for one in names.split(", ")}
            methods = {title.removeprefix(f"{name}.") for title in titles if title.startswith(f"{name}.")}
            members = {one for one in dir(cls) if not one.startswith("_")}
            assert members - attributes - methods == set(make_api.INTERNAL.get(name, ())), name


def test_the_reference_has_no_markup_of_rest_and_no_text_of_an_object() -> None:
    text = re.sub(r"``[^`]+``|`[^`]+`(?!_)", "", re.sub(r"(?ms)^```pycon\n.*?^```", "", PAGES["api.md"]))
    assert re.findall(r"::$|`__?(?!\w)|:[a-z]+:`|^\.\. .*|=<.*|# doctest.*", text, re.MULTILINE) == []
    assert "# doctest" not in PAGES["api.md"]


def test_the_links_of_all_pages_lead_to_files() -> None:
    for page in (path for folder in (".", "docs", "examples/*", "benchmarks") for path in ROOT.glob(f"{folder}/*.md")):
        text = page.read_text(encoding="utf-8")
        for link in re.findall(r"\]\(([^()\s]+)\)|src=\"([^\"]+)\"", re.sub(r"(?ms)^```.*?^```|`[^`]*`", "", text)):
            target = "".join(link).partition("#")[0]
            assert "://" in target or (page.parent / target).exists(), (page, target)


def test_each_block_is_of_a_kind_that_is_run_or_cannot_be() -> None:
    run_here = {"console", "pycon", *SHELLS}
    files = {"python", "yaml"}
    tested_elsewhere = {"types.md"}  # by `test_types`
    shown = {"mermaid", "text", "toml", "diff", "powershell"}  # with a name, a diff changes a file
    for page, text in PAGES.items():
        # An indented block is not found; `test_from_argbind_projects` runs those of that page.
        assert page == "from-argbind.md" or re.findall(r"(?m)^[ \t]+```.*", text) == [], page
        for kind, name, _ in blocks(page):
            assert kind in run_here | shown or (kind in files and (name or page in tested_elsewhere)), (page, kind)
