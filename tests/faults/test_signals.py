"""Signals in the enter and the exit of a context, and in a stage, of a run with a record."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from clickbind.journal import claims, records
from tests.conftest import HANG

from .kit import environment

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")

PROGRAM = """
import os
import signal
import time
from contextlib import contextmanager
from typing import Annotated

import clickbind

signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
binder = clickbind.Binder("prog")
place, _, number = os.environ.get("HIT", "").partition(" ")


def hit(here):
    if here == place:
        os.kill(os.getpid(), int(number))
        [time.sleep(0.1) for _ in range(6_000)]  # a signal right before a sleep does not end it


@binder.context
@contextmanager
def outer(folder: Annotated[str, clickbind.Option(run_folder=True)] = "."):
    try:
        yield
    finally:
        print("left outer", flush=True)


@binder.context
@contextmanager
def inner():
    hit("enter")
    try:
        yield
    finally:
        print("leaves inner", flush=True)
        hit("exit")


@binder.stage
def first():
    print("first", flush=True)


@binder.stage
def second():
    hit("stage")
    print("second", flush=True)


main = binder.command()

if __name__ == "__main__":
    main()
"""

PRINTED = {
    "enter": ["left outer"],
    "stage": ["first", "leaves inner", "left outer"],
    "exit": ["first", "second", "leaves inner", "left outer"],
}
LEFT = {"left outer", "leaves inner"}


def run(folder: Path, *line: str, hit: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "prog.py", *line],
        cwd=folder,
        env=environment(HIT=hit),
        capture_output=True,
        check=False,
        text=True,
        timeout=HANG,
    )


@pytest.mark.parametrize("place", PRINTED)
@pytest.mark.parametrize(
    ("number", "code", "shown"),
    [(signal.SIGINT, 130, "Aborted!\n"), (signal.SIGTERM, 143, ""), (signal.SIGHUP, -1, "")],
)
def test_a_run_is_left_and_recorded_and_goes_on(tmp_path: Path, place: str, number: int, code: int, shown: str) -> None:
    (tmp_path / "prog.py").write_text(PROGRAM, encoding="utf-8")
    done = run(tmp_path, "--into", "r", hit=f"{place} {int(number)}")
    ends_at_once = number == signal.SIGHUP
    # Before the contexts are entered, the record is beside the folder.
    home = tmp_path / ("r.record" if place == "enter" else "r")
    found = records.read(str(home))
    printed = [line for line in PRINTED[place] if not ends_at_once or (line not in LEFT)]
    if ends_at_once and place == "exit":
        printed.append("leaves inner")
    assert (done.returncode, done.stdout.split("\n")[:-1], done.stderr) == (code, printed, shown)
    assert (found.status, found.exit) == ("killed", None if ends_at_once else code)
    assert claims.state_of(str(home))[0] == (claims.DEAD if ends_at_once else claims.FREE)
    done = run(tmp_path, "resume", "r")
    assert done.returncode == 0, done.stderr
    assert records.read(str(tmp_path / "r")).status == "done"
    assert ("first" in done.stdout, "second" in done.stdout) == (place == "enter", place != "exit")


def test_under_nohup_a_run_goes_on(tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_text(PROGRAM.replace("range(6_000)", "range(1)"), encoding="utf-8")
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        done = run(tmp_path, "--into", "r", hit=f"stage {int(signal.SIGHUP)}")
    finally:
        signal.signal(signal.SIGHUP, before)
    assert (done.returncode, records.read(str(tmp_path / "r")).status) == (0, "done")
