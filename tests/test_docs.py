"""What the pages of docs show is what happens."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import in_new_words

DOCS = Path(__file__).parent.parent / "docs"


def sessions() -> list[tuple[str, str]]:
    """Return the lines of the pages, each with what it prints, by page."""
    found = []
    for page in ("config.md", "from-argbind.md", "processes.md"):
        for block in re.findall(r"(?ms)^```console\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8")):
            found += [(page, session) for session in re.split(r"(?m)^(?=\$ )", block) if session]
    return found


def write_files(page: str, folder: Path) -> None:
    """Write a page's programs and files, each block's name behind its language."""
    for name, text in re.findall(
        r"(?ms)^```(?:python|yaml) (\S+)\n(.*?)^```", (DOCS / page).read_text(encoding="utf-8")
    ):
        (folder / name).write_text(text, encoding="utf-8")


@pytest.mark.parametrize(("page", "session"), sessions(), ids=lambda value: value.split("\n")[0])
def test_a_session_of_a_page_is_what_happens(page: str, session: str, tmp_path: Path) -> None:
    write_files(page, tmp_path)
    line, expected = session.removeprefix("$ ").split("\n", 1)
    program, *arguments = shlex.split(line.removeprefix("python "))
    done = subprocess.run(
        [sys.executable, program if program.endswith(".py") else f"{program}.py", *arguments],
        cwd=tmp_path,
        env={**os.environ, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    assert in_new_words(done.stdout) == expected
