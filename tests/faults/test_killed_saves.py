"""Processes that are killed at any moment of a save: the file is the old one or the new one, and litter goes away."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import HANG

from .kit import PROGRAM, count, environment, tell

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")

KILLS = count(20, 500)  # and a fifth of other signals

# Forks a process for each line that it reads, which saves a run and takes nearly all of its time for that.
SAVER = """
import os
import signal
import sys

import prog
import clickbind.layers.files, clickbind.record.atomic, clickbind.record.entries

for line in iter(sys.stdin.readline, ""):
    child = os.fork()
    if not child:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        prog.main(["--save", "f.yml", "train", "--text", line.strip() * 1_000_000])
    print(child, flush=True)
    sys.stdin.readline()  # until then, the number of the process is its own
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Saver:
    """Start saves, and wait for their ends."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        assert process.stdin is not None
        assert process.stdout is not None
        self._stdin, self._stdout = process.stdin, process.stdout

    def start(self, letter: str) -> int:
        """Start to save a file that is full of a letter, and return the process."""
        return self._ask(letter)

    def end(self) -> int:
        """Wait for its end, and return the exit code."""
        return self._ask("")

    def _ask(self, text: str) -> int:
        self._stdin.write(f"{text}\n")
        self._stdin.flush()
        return int(self._stdout.readline())


@pytest.fixture
def saver(tmp_path: Path) -> Iterator[Saver]:
    (tmp_path / "prog.py").write_text(PROGRAM, encoding="utf-8")
    line, pipe = [sys.executable, "-c", SAVER], subprocess.PIPE
    with subprocess.Popen(line, cwd=tmp_path, env=environment(), stdin=pipe, stdout=pipe, text=True) as process:
        yield Saver(process)


def temporary(folder: Path) -> list[str]:
    return [name for name in os.listdir(folder) if name.startswith(".clickbind-")]


def wait_for_temporary(folder: Path, known: set[str]) -> None:
    """Wait until a save has begun to write, or has written."""
    before = (folder / "f.yml").stat().st_ino
    deadline = time.monotonic() + HANG
    while known.issuperset(temporary(folder)) and (folder / "f.yml").stat().st_ino == before:
        assert time.monotonic() < deadline


def seconds_of_a_save(saver: Saver) -> float:
    start = time.monotonic()
    saver.start("a")
    assert saver.end() == 0
    return time.monotonic() - start


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_a_save_that_is_ended_at_any_moment_loses_nothing(tmp_path: Path, saver: Saver, number: int) -> None:
    longest = min(seconds_of_a_save(saver) for _ in range(3))
    texts = {"a": (tmp_path / "f.yml").read_text(encoding="utf-8")}
    texts["b"] = texts["a"].replace("a" * 1_000_000, "b" * 1_000_000)
    chance, now, found = random.Random(17), "a", Counter[str]()
    for index in range(KILLS if number == signal.SIGKILL else KILLS // 5):
        before = set(temporary(tmp_path))
        other = "b" if now == "a" else "a"
        process = saver.start(other)
        if index % 2:  # aim at the write
            wait_for_temporary(tmp_path, before)
            time.sleep(chance.uniform(0, longest / 100))
        else:
            time.sleep(chance.uniform(0, longest))
        os.kill(process, number)
        code = saver.end()
        text = (tmp_path / "f.yml").read_text(encoding="utf-8")
        assert text in {texts[now], texts[other]}
        left = set(temporary(tmp_path)) - before
        assert len(left) <= 1
        found["inside the write" if left else "before it" if text == texts[now] else "after it"] += 1
        if code == 0:
            assert (text, temporary(tmp_path)) == (texts[other], [])
        now = other if text == texts[other] else now
    saver.start(now)
    assert saver.end() == 0
    assert temporary(tmp_path) == []
    moments = ", ".join(f"{many} {where}" for where, many in found.items())
    tell(f"{sum(found.values())} saves got {signal.Signals(number).name}: {moments}")
