"""A disk that gets full in the middle of a sweep: jobs fail, no file is lost, and the sweep goes on with more space."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HANG

PROGRAM = '''
"""Write."""

import os
from contextlib import contextmanager
from typing import Annotated

import clickbind

binder = clickbind.Binder("fill")


@binder.context
@contextmanager
def output(folder: Annotated[str, clickbind.Option(run_folder=True)] = "."):
    """Work in the folder."""
    before = os.getcwd()
    os.chdir(folder)
    yield
    os.chdir(before)


@binder.stage
def first(size: int = 0):
    """Write a file."""
    with open("data", "wb") as file:
        file.write(b"x" * size)


@binder.stage
def second(number: int = 0):
    """Return a number."""
    return number


main = binder.command()

if __name__ == "__main__":
    main()
'''

SCRIPT = """
mount -t tmpfs -o size=300k tmpfs m || exit 77
fill() { echo "-- $*"; "$PYTHON" fill.py "$@" 2>&1; echo "exit $?"; }
fill --into m/x sweep first --size 100000 second --number 1 --number 2 --number 3 --number 4
fill resume m/x
rm m/x/*/data
fill resume m/x --first.size 3
dd if=/dev/zero of=m/rest bs=1k count=1000 2> dd.txt
fill --into m/y sweep second --number 1 --number 2
fill runs m/x
ls m
"""


@pytest.mark.skipif(shutil.which("unshare") is None, reason="a file system of a test's own needs unshare")
def test_a_sweep_on_a_full_disk_loses_nothing(tmp_path: Path) -> None:
    (tmp_path / "fill.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "m").mkdir()
    line = ["unshare", "--mount", "sh", "-c", SCRIPT]
    found = subprocess.run(
        line, cwd=tmp_path, env={"PYTHON": sys.executable, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True,
        timeout=HANG, check=False,
    )  # fmt: skip
    if found.returncode:
        pytest.skip(f"no file system can be mounted here: {found.stderr.strip()}")
    parts = found.stdout.split("-- ")[1:]
    assert "Traceback" not in found.stdout + found.stderr
    swept, resumed, again, refused, listed = (part.splitlines()[1:] for part in parts)
    assert [line.split()[0] for line in swept[1:5]] == ["done", "done", "failed", "failed"], swept
    assert "ended" in swept[3]
    assert swept[-1] == "exit 1"
    assert resumed == ["Error: m/x/sweep.yml: the run cannot be saved: No space left on device.", "exit 2"]
    assert [line.split()[0] for line in again[1:3]] == ["done", "done"], again
    assert again[-1] == "exit 0"
    assert refused == ["Error: m/y: the sweep cannot be written: No space left on device.", "exit 2"]
    assert listed[-4:] == ["4 done", "exit 0", "rest", "x"]
