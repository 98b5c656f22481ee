"""What docs/config.md shows is what happens."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

PAGE = (Path(__file__).parent.parent / "docs" / "config.md").read_text(encoding="utf-8")
SESSIONS = re.findall(r"(?ms)^```console\n(.*?)^```", PAGE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Give a folder with the page's program and files."""
    (program,) = re.findall(r"(?ms)^```python\n(.*?)^```", PAGE)
    (tmp_path / "exp.py").write_text(program, encoding="utf-8")
    for name, text in re.findall(r"(?ms)^```yaml (\S+)\n(.*?)^```", PAGE):
        (tmp_path / name).write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: session.split("\n")[0])
def test_a_session_of_the_page_is_what_happens(session: str, folder: Path) -> None:
    (line,) = re.findall(r"(?m)^\$ exp (.*)$", session)
    done = subprocess.run(
        [sys.executable, "exp.py", *shlex.split(line)],
        cwd=folder,
        env={**os.environ, "COLUMNS": "80"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
    )
    assert f"$ exp {line}\n{done.stdout}" == session
