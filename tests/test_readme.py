"""What the README shows is what happens."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import in_new_words

README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")
BIN = Path(sys.executable).parent


def blocks(language: str) -> list[str]:
    return re.findall(rf"(?ms)^```{language}\n(.*?)^```", README)


def shell(line: str, folder: Path) -> str:
    """Run a line as it stands there, and give all that a terminal shows."""
    program, *arguments = shlex.split(line)
    if program == "cat":
        return (folder / arguments[0]).read_text(encoding="utf-8")
    done = subprocess.run(
        [BIN / program, *arguments],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    return in_new_words(done.stdout)


@pytest.mark.parametrize("number", range(len(blocks("console"))))
def test_a_session_of_the_readme_is_what_happens(number: int, tmp_path: Path) -> None:
    for name, program in zip(("fit.py", "deep.py"), blocks("python"), strict=True):
        (tmp_path / name).write_text(program, encoding="utf-8")
    (tmp_path / "exp.yml").write_text(blocks("yaml")[0], encoding="utf-8")
    shown = blocks("console")[number]
    lines = re.findall(r"(?m)^\$ (.*)$", shown)
    assert "".join(f"$ {line}\n{shell(line, tmp_path)}" for line in lines) == shown


GIT = shutil.which("git")


@pytest.mark.skipif(GIT is None, reason="there is no git")
@pytest.mark.parametrize("folder", [".", "examples/multistage"])
def test_what_the_sessions_make_is_nothing_that_git_sees(folder: str, tmp_path: Path) -> None:
    assert GIT is not None
    (tmp_path / ".gitignore").write_bytes((Path(__file__).parent.parent / ".gitignore").read_bytes())
    subprocess.run([GIT, "init", "--quiet"], cwd=tmp_path, check=True)
    (tmp_path / folder).mkdir(parents=True, exist_ok=True)
    lines = [line for block in blocks("console") for line in re.findall(r"(?m)^\$ (multistage .*)$", block)]
    for line in ("multistage", "multistage --output.folder output", *lines):
        assert "STAGE: " in shell(line, tmp_path / folder)
    status = subprocess.run([GIT, "status", "--porcelain"], cwd=tmp_path, capture_output=True, check=True, text=True)
    assert status.stdout == "?? .gitignore\n"
