"""What the README shows is what happens."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

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
    return done.stdout


@pytest.mark.parametrize("number", range(len(blocks("console"))))
def test_a_session_of_the_readme_is_what_happens(number: int, tmp_path: Path) -> None:
    for name, program in zip(("fit.py", "deep.py"), blocks("python"), strict=True):
        (tmp_path / name).write_text(program, encoding="utf-8")
    (tmp_path / "exp.yml").write_text(blocks("yaml")[0], encoding="utf-8")
    shown = blocks("console")[number]
    lines = re.findall(r"(?m)^\$ (.*)$", shown)
    assert "".join(f"$ {line}\n{shell(line, tmp_path)}" for line in lines) == shown
