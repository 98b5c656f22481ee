"""Sweeps that are started, extended, resumed, listed and damaged in any order."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

import clickbind
from clickbind.journal import code

from . import promise
from .damage import change
from .effort import examples
from .kinds import BEGINS, ENDS
from .swept import main

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="jobs are forked"),
    # Since Python 3.12, of a process that has threads, as pytest-xdist starts one.
    pytest.mark.filterwarnings("ignore:.*use of fork:DeprecationWarning"),
]
FOLDERS = ["a", "b"]
Point = tuple[float, int, str | None]
points = st.tuples(
    st.sets(st.sampled_from([0.1, 0.2, 3.0]), min_size=1),
    st.sets(st.sampled_from([1, 32]), min_size=1),
    st.sets(st.sampled_from([None, "failed", "killed", "a b"]), min_size=1, max_size=2),
)


class Sweeps(RuleBasedStateMachine):
    """Two folders of sweeps of one program.

    Attributes
    ----------
    ends : dict of str to (dict of tuple to str)
        The jobs of each folder: the status of each by its values.
    """

    def __init__(self) -> None:
        super().__init__()
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(code, "code_of", lambda _: code.Code("abcdefghij", ""))  # asking git takes 10 ms,
        self._patch.setattr(code, "versions", lambda: "click==8\n")  # and all packages 140 ms
        self._patch.setenv("PROG_TRAIN_TOKEN", f"{BEGINS}-{ENDS}")
        self._folder = promise.in_folder()
        self._folder.__enter__()
        self.ends: dict[str, dict[Point, str]] = {folder: {} for folder in FOLDERS}

    def teardown(self) -> None:
        self._folder.__exit__(None, None, None)
        self._patch.undo()

    def line(self, *line: str) -> Result:
        """Run a line, which may be wrong, and check the promise."""
        return promise.check(main, line, secrets=[BEGINS, ENDS], may_fail=True)

    @rule(folder=st.sampled_from(FOLDERS), grid=points, stop=st.booleans(), shows=st.booleans())
    def sweep(self, folder: str, grid: tuple[set[Any], ...], *, stop: bool, shows: bool) -> None:
        axes = [
            f"--{name}={'none' if value is None else value}"
            for name, values in zip(["lr", "batch", "tag"], grid, strict=True)
            for value in sorted(values, key=str)
        ]
        options = ["--engine", "forked", *(["-x"] if stop else []), *(["--print-jobs"] if shows else [])]
        result = self.line("--into", folder, "sweep", *options, "train", *axes, "evaluate")
        if shows:
            assert result.exit_code == 0
            return
        for point in itertools.product(*grid):
            self.ends[folder].setdefault(point, "waiting")
        self.settle(folder, result, itertools.product(*grid), stop=stop)

    def settle(self, folder: str, result: Result, tried: Iterable[Point], *, stop: bool = False) -> None:
        """Compare the records of a folder with how its jobs end."""
        ends = {point: end_of(point) for point in tried}
        assert result.exit_code == int(any(end != "done" for end in ends.values()))
        found = self.found(folder)
        assert found.keys() == self.ends[folder].keys()
        for point, run in found.items():
            allowed = {ends.get(point, self.ends[folder][point])} | ({self.ends[folder][point]} if stop else set())
            assert run.status in allowed
            self.ends[folder][point] = run.status

    @staticmethod
    def found(folder: str) -> dict[Point, clickbind.Record]:
        """Return the records of the jobs in a folder."""
        runs = clickbind.runs(folder)
        return {(run["train.lr"], run["train.batch"], run["train.tag"]): run for run in runs}

    @invariant()
    def what_is_done_was_done_once(self) -> None:
        for folder, ends in self.ends.items():
            for point, run in self.found(folder).items() if ends else ():
                trained = Path(run.folder, "trained")
                if ends[point] == "done":
                    assert trained.read_text(encoding="utf-8") == "x"
                    assert run.results == {"train.loss": point[0] / point[1], "evaluate": 4}

    @rule(folder=st.sampled_from(FOLDERS), wrong=st.sampled_from(["--lr=x", "--nothing=1", "--tag", "--batch=1.5"]))
    def sweep_wrongly(self, folder: str, wrong: str) -> None:
        result = self.line("--into", folder, "sweep", "--engine", "forked", "train", "--lr=.1", "--lr=.2", wrong)
        assert result.exit_code == 2

    @precondition(lambda self: any(self.ends.values()))
    @rule(data=st.data())
    def resume(self, data: st.DataObject) -> None:
        folder = data.draw(st.sampled_from([name for name in FOLDERS if self.ends[name]]))
        jobs = self.found(folder)
        chosen = data.draw(st.lists(st.sampled_from(sorted(jobs, key=str)), max_size=2, unique=True))
        options = [
            "--engine",
            "forked",
            *(word for point in chosen for word in ("--job", Path(jobs[point].folder).name)),
        ]
        left = [point for point in chosen or jobs if chosen or self.ends[folder][point] != "done"]
        again = [point for point in left if self.ends[folder][point] == "done"]
        for point in again:  # which is to run once more
            Path(jobs[point].folder, "trained").unlink()
        result = self.line("resume", folder, *options)
        self.settle(folder, result, left)

    @rule(folder=st.sampled_from([*FOLDERS, "."]), form=st.sampled_from([[], ["--all"], ["--csv"], ["--json"]]))
    def list(self, folder: str, form: list[str]) -> None:
        result = self.line("runs", folder, *form)
        if form == ["--json"] and result.exit_code == 0:
            json.loads(result.stdout)

    @precondition(lambda self: any(self.ends.values()))
    @rule(data=st.data())
    def damage(self, data: st.DataObject) -> None:
        """Damage a copy of a folder, and go on with it: only the promise holds then."""
        folder = data.draw(st.sampled_from([name for name in FOLDERS if self.ends[name]]))
        shutil.copytree(folder, "broken")
        files = sorted(path for path in Path("broken").rglob("*") if path.name != "trained")
        for path in data.draw(st.lists(st.sampled_from(files), min_size=1, max_size=3, unique=True)):
            change_any(data, path)
        sweep = ["--into", "broken", "sweep", "--engine", "forked", "train", "--lr=.1", "--lr=.5"]
        lines = [["runs", "broken"], ["runs", "broken", "--json"], ["resume", "broken", "--engine", "forked"], sweep]
        for line in data.draw(st.permutations(lines)):
            self.line(*line)
        shutil.rmtree("broken")


def end_of(point: Point) -> str:
    """Return how a job ends."""
    return point[2] if point[2] in {"failed", "killed"} else "done"


def change_any(data: st.DataObject, path: Path) -> None:
    """Damage a file, or remove a folder and perhaps put a file in its place."""
    if path.is_dir():
        shutil.rmtree(path)
        if data.draw(st.booleans()):
            path.write_bytes(b"")
    elif path.exists():  # it may have been in a folder that is gone
        change(data, path)


TestSweeps = Sweeps.TestCase
TestSweeps.settings = examples(8, stateful_step_count=8)
