"""Runs that are saved, recorded, printed, compared, replayed and resumed in any order, with damage in between."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, rule

from clickbind.journal import code

from .damage import change, damaged
from .effort import examples
from .programs import Module, Program, givens_of, programs
from .promise import in_folder
from .spelling import Given, options

# Python's own about patterns.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")


class Runs(RuleBasedStateMachine):
    """One program in a folder of its own. What a file or a folder replays is known from the run that made it."""

    files = Bundle("files")
    folders = Bundle("folders")

    def __init__(self) -> None:
        super().__init__()
        self._patch = pytest.MonkeyPatch()
        self._patch.setattr(code, "code_of", lambda _: code.Code("abcdefghij", ""))  # asking git takes 10 ms
        self._folder = in_folder()
        self._folder.__enter__()
        self._count = 0

    def teardown(self) -> None:
        self._folder.__exit__(None, None, None)
        self._patch.undo()

    @initialize(program=programs())
    def start(self, program: Program) -> None:
        self.program = program
        self.module = Module(program.source)

    def fresh(self, end: str) -> str:
        """Return a name that no file has."""
        self._count += 1
        return f"{self._count}{end}"

    def draw(self, data: st.DataObject) -> tuple[list[str], list[str]]:
        """Draw values, and return their options, and those of the secrets, which no file has."""
        givens = data.draw(givens_of(self.program))
        return dotted(givens), dotted([one for one in givens if one.kind.is_secret])

    @rule(target=files, data=st.data())
    def save(self, data: st.DataObject) -> tuple[str, list[str], list[str]]:
        line, secrets = self.draw(data)
        path = self.fresh(".yml")
        return path, secrets, self.module.run(["--save", path, *line])

    @rule(target=files, data=st.data(), option=st.sampled_from(["--print-config", "--print-changed"]))
    def print(self, data: st.DataObject, option: str) -> tuple[str, list[str], list[str]]:
        line, secrets = self.draw(data)
        path = self.fresh(".yml")
        Path(path).write_text(self.module.check([option, *line]).stdout, encoding="utf-8")
        return path, secrets, self.module.run(line)

    @rule(file=files)
    def replay(self, file: tuple[str, list[str], list[str]]) -> None:
        path, secrets, calls = file
        assert self.module.run(["--config", path, *secrets]) == calls

    @rule(target=files, file=files)
    def save_again(self, file: tuple[str, list[str], list[str]]) -> tuple[str, list[str], list[str]]:
        path, secrets, calls = file
        again = self.fresh(".yml")
        assert self.module.run(["--config", path, "--save", again, *secrets]) == calls
        return again, secrets, calls

    @rule(one=files, two=files)
    def compare(self, one: tuple[str, list[str], list[str]], two: tuple[str, list[str], list[str]]) -> None:
        first = self.module.check(["--config", one[0], "--diff", two[0]]).exit_code
        assert first == self.module.check(["--config", two[0], "--diff", one[0]]).exit_code
        assert one[0] != two[0] or first == 0

    @rule(target=folders, data=st.data(), fails=st.booleans())
    def record(self, data: st.DataObject, *, fails: bool) -> Any:
        line, secrets = self.draw(data)
        folder = self.fresh("")
        expected = self.module.run(line)
        self.module.fails = {data.draw(st.sampled_from(self.program.names))} if fails else set()
        result = self.module.check(["--into", folder, *line])
        assert result.exit_code == int(fails)
        assert self.module.taken() == expected[: self.until_failure(expected)]
        assert json.loads(Path(folder, "record.json").read_bytes())["status"] == ("failed" if fails else "done")
        self.module.fails.clear()
        return folder, secrets, expected

    def until_failure(self, calls: list[str]) -> int:
        """Return how many calls are made before the end of the stage that fails."""
        failed = (number + 1 for number, call in enumerate(calls) if calls_of(self.module.fails, [call]))
        return next(failed, len(calls))

    @rule(folder=folders)
    def replay_record(self, folder: tuple[str, list[str], list[str]]) -> None:
        path, secrets, calls = folder
        assert self.module.run(["--config", f"{path}/run.yml", *secrets]) == calls

    @rule(folder=folders)
    def resume(self, folder: tuple[str, list[str], list[str]]) -> None:
        path, secrets, calls = folder
        before = json.loads(Path(path, "record.json").read_bytes())
        done = {turn["stage"] for turn in before["turns"] if turn["status"] == "done"}
        left = {*self.program.names} - done
        made = self.module.run([*secrets, "resume", path])
        assert calls_of(left, made) == calls_of(left, calls)
        assert calls_of(done, made) == []
        assert json.loads(Path(path, "record.json").read_bytes())["status"] == "done"

    @rule(form=st.sampled_from([[], ["--all"], ["--csv"], ["--json"], ["--sort", "x"]]))
    def list_records(self, form: list[str]) -> None:
        result = self.module.check(["runs", ".", *form])
        if form == ["--json"] and result.exit_code == 0:
            json.loads(result.stdout)

    @rule(data=st.data(), file=files)
    def damage_file(self, data: st.DataObject, file: tuple[str, list[str], list[str]]) -> None:
        path, secrets, _ = file
        whole = Path(path).read_bytes()
        Path(path).write_bytes(data.draw(damaged(whole.decode())))
        self.module.check(["--config", path, *secrets])
        self.module.check(["--diff", path, *secrets])
        Path(path).write_bytes(whole)
        self.module.taken()

    @rule(data=st.data(), folder=folders)
    def damage_record(self, data: st.DataObject, folder: tuple[str, list[str], list[str]]) -> None:
        path, secrets, _ = folder
        broken = self.fresh("")
        shutil.copytree(path, broken)
        name = data.draw(st.sampled_from(sorted(found.name for found in Path(broken).iterdir())))
        part = Path(broken, name)
        change(data, part)
        for line in (["runs", broken], ["runs", broken, "--json"], ["--config", f"{broken}/run.yml", *secrets]):
            self.module.check(line)
        for line in (["resume", broken], [*secrets, "resume", broken, "--from", self.program.names[-1]]):
            self.module.check(line)
        self.module.taken()
        shutil.rmtree(broken)


def calls_of(names: set[str], calls: list[str]) -> list[str]:
    """Return the calls of some functions."""
    return [call for call in calls if call.partition("(")[0] in names]


def dotted(givens: list[Given]) -> list[str]:
    """Write values as dotted options."""
    return [word for one in givens for word in options(one)]


TestRuns = Runs.TestCase
TestRuns.settings = examples(20, stateful_step_count=12)
