"""A sweep whose jobs and driver are killed at random: what is done stays as it is, and nothing is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clickbind.journal import records
from tests.conftest import HANG

from .kit import count

pytestmark = pytest.mark.skipif(not os.path.isdir("/proc/self"), reason="the processes of a sweep are found in /proc")

KILLS = count(50, 200)
JOBS = 20
PROGRAM = '''
"""Wait a little."""

import os
import time
from typing import Annotated

import clickbind

binder = clickbind.Binder("wait", record="runs")


@binder.context
class output:
    """Where the results go."""

    def __init__(self, folder: Annotated[str, clickbind.Option(run_folder=True)] = "."):
        self.folder = folder

    def __enter__(self):
        os.chdir(self.folder)

    def __exit__(self, *_):
        pass


@binder.stage
def first(seconds: float = 0.0):
    """Note that it begins, and wait."""
    with open("began", "a") as file:
        file.write(f"{os.getpid()}\\n")
    time.sleep(seconds)


@binder.stage
def second(number: int = 0):
    """Note that it ends."""
    with open("ended", "a") as file:
        file.write(f"{os.getpid()}\\n")
    return number


main = binder.command()

if __name__ == "__main__":
    main()
'''


def start(folder: Path, *words: str) -> subprocess.Popen[bytes]:
    with (folder / "out.txt").open("ab") as out:
        return subprocess.Popen([sys.executable, "wait.py", *words], cwd=folder, stdout=out, stderr=out)


def processes(folder: Path) -> Iterator[tuple[int, bool]]:
    """Walk the processes that have the folder, or one in it, as the current one, and whether that is of a job."""
    for name in os.listdir("/proc"):
        if name.isdigit() and int(name) != os.getpid():
            try:
                here = Path(f"/proc/{name}/cwd").readlink()
            except OSError:
                continue
            if here == folder or folder in here.parents:
                yield int(name), here != folder


def kill(pid: int) -> int:
    """Kill a process, and return whether it was there."""
    try:
        os.kill(pid, signal.SIGKILL)
    except ProcessLookupError:
        return 0
    return 1


def killed(folder: Path, driver: subprocess.Popen[bytes], chance: random.Random) -> int:
    """Kill a job, the driver, or everything at once, and return how many were killed."""
    found = list(processes(folder))
    jobs = [pid for pid, is_job in found if is_job]
    kind = chance.random()
    if kind < 0.1:
        return kill(driver.pid)
    if kind < 0.2:
        return sum(kill(pid) for pid, _ in found)
    return kill(chance.choice(jobs)) if jobs else 0


def done_in(folder: Path) -> dict[str, dict[str, object]]:
    """Return the records of the jobs that are done, and how often each began."""
    found = {}
    for path in sorted(folder.glob("[0-9]*")):
        record = records.read(str(path))
        if record.status == "done":
            ended = (path / "ended").read_text(encoding="utf-8").splitlines()
            began = (path / "began").read_text(encoding="utf-8").splitlines()
            found[path.name] = {**record.content(), "began": began, "ended": ended}
    return found


def test_what_is_done_stays_and_nothing_is_lost_by_random_kills(tmp_path: Path) -> None:
    folder = tmp_path.resolve()
    (folder / "wait.py").write_text(PROGRAM, encoding="utf-8")
    chance = random.Random(16)
    count, kills = 0, 0
    before: dict[str, dict[str, object]] = {}
    deadline = time.monotonic() + HANG
    while len(before) < count or kills < KILLS:
        assert time.monotonic() < deadline, (folder / "out.txt").read_text(encoding="utf-8")
        if len(before) == count:  # all are done before enough were killed: there shall be more
            count += JOBS
        numbers = [word for number in range(count) for word in ("--number", str(number))]
        line = ["--into", "x", "sweep", "-j", "4", "first", "--seconds", "0.02", "second", *numbers]
        are_there = len(list(folder.glob("x/*/run.yml"))) == count and (folder / "x" / "sweep.yml").is_file()
        driver = start(folder, *(["resume", "x", "-j", "4"] if are_there else line))
        while driver.poll() is None:
            time.sleep(chance.expovariate(5))  # now and then at once, now and then a second
            if kills < KILLS:
                kills += killed(folder, driver, chance)
        assert driver.returncode in {0, 1, -signal.SIGKILL}, (folder / "out.txt").read_text(encoding="utf-8")
        now = done_in(folder / "x")
        assert {name: now[name] for name in before} == before
        before = now
    assert {record["returned"] for record in map(last_turn, before.values())} == set(range(count))
    assert len(before) == count


def last_turn(record: dict[str, Any]) -> dict[str, Any]:
    turn: dict[str, Any] = record["turns"][-1]
    return turn
