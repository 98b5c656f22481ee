"""A line, a program, or a record decides whether and where a run is recorded."""

from __future__ import annotations

import os
import re
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind import cli
from clickbind.errors import BindError
from clickbind.journal import code
from clickbind.journal.records import Record
from clickbind.layers.plan import PlannedTurn
from tests.journal.kit import Fit, record_of


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(code, "code_of", lambda _: code.Code(None, ""))


FOLDER = clickbind.Option(run_folder=True)


class Stages:
    """Two stages with a marked folder each, one of which is required.

    Attributes
    ----------
    got : list of object
        The folders.
    """

    def __init__(self, **settings: Any) -> None:
        self.got: list[Any] = []
        self.binder = binder = clickbind.Binder("prog", **settings)

        @binder.stage
        def train(to: Annotated[Path, FOLDER], count: Annotated[int, clickbind.Option(prompt=True)]) -> None:
            self.got.append(to)

        @binder.stage
        def test(to: Annotated[str | None, FOLDER] = None) -> None:
            self.got.append(to)

        self.main = binder.command()

    def __call__(self, *line: str, **settings: Any) -> Result:
        words = line[0].split() if len(line) == 1 else line
        return CliRunner().invoke(self.main, words, prog_name="prog", **settings)


def test_the_folder_is_the_value_of_every_marked_parameter() -> None:
    stages = Stages()
    assert stages("--into r run train --count 1 test").exit_code == 0
    assert stages.got == [Path("r"), "r"]
    assert "# train.to: the folder of this run\n" in Path("r/run.yml").read_text(encoding="utf-8")


def test_a_run_that_is_recorded_asks_still() -> None:
    stages = Stages()
    result = stages("--into r train", input="7\n")
    assert result.exit_code == 0, result.output
    assert "train.count: 7  # count\n" in Path("r/run.yml").read_text(encoding="utf-8")


@pytest.mark.parametrize("line", ["run train --count 1 --to {} test", "run train --count 1 test --train.to {}"])
def test_a_folder_that_is_given_twice_is_the_same(line: str) -> None:
    stages = Stages()
    assert stages(f"--into r {line.format('./r')}").exit_code == 0
    assert stages.got == [Path("r"), "r"]
    assert "train.to: the folder of this run" in Path("r/run.yml").read_text(encoding="utf-8")
    result = stages(f"--into s {line.format('other')}")
    assert result.exit_code == 2
    assert re.search(
        "--into s and (--to|--train.to) other are two folders for what this run makes: give", result.stderr
    )
    assert not os.path.exists("s")


def test_every_turn_is_looked_at() -> None:
    result = Stages()("--into r run test --to r test --to s")
    assert "--into r and --to s are two folders" in result.stderr


def test_no_folder_at_all_is_another_one() -> None:
    assert "--into r and --to None are two folders" in Stages()("--into r test --to none").stderr


def test_the_line_beats_files_and_variables(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("f.yml").write_text("test.to: file\n", encoding="utf-8")
    monkeypatch.setenv("PROG_TEST_TO", "variable")
    stages = Stages(envvar_prefix="prog")
    assert stages("--config f.yml --into r test").exit_code == 0
    assert stages.got == ["r"]


def test_the_job_of_a_sweep_writes_its_record_alone() -> None:
    os.mkdir("r")
    Path("r/run.yml").write_text("test.to: x\nrun.stages: [test]\n", encoding="utf-8")
    job = Record(os.path.abspath("r"), {"line": "prog sweep", "commit": "abc", "dirty": True})
    job.is_job = True
    stages = Stages()
    stages.main(["--config", os.path.abspath("r/run.yml"), "--into", "r"], standalone_mode=False, job=job)
    assert sorted(os.listdir("r")) == [".done", "record.json", "run.yml"]
    found = record_of("r")
    assert (found["line"], found["commit"], found["dirty"], stages.got) == ("prog sweep", "abc", True, ["r"])


def test_a_tilde_is_the_home_of_the_user(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    stages = Stages()
    assert stages("--into=~/r test").exit_code == 0
    assert stages.got == [str(tmp_path / "home" / "r")]
    assert (tmp_path / "home" / "r" / "record.json").exists()


def test_a_run_is_recorded_only_if_something_says_so() -> None:
    assert Stages()("test").exit_code == 0
    assert os.listdir() == []


def test_a_program_may_record_every_run() -> None:
    stages = Stages(record=Path("runs"))
    assert stages("test").exit_code == 0
    (name,) = os.listdir("runs")
    assert re.fullmatch(rf"\d{{4}}-\d\d-\d\d-\d{{6}}-test-{os.getpid()}", name)
    assert stages.got == [f"runs/{name}"]
    assert "# test.to: the folder of this run\n" in Path("runs", name, "run.yml").read_text(encoding="utf-8")


def test_a_folder_that_is_given_otherwise_stays() -> None:
    Path("f.yml").write_text("test.to: file\n", encoding="utf-8")
    stages = Stages(record="runs")
    assert stages("--config f.yml test").exit_code == 0
    assert stages("test --to line --train.to other").exit_code == 0
    assert stages.got == ["file", "line"]
    for name in os.listdir("runs"):
        assert "\ntest.to: " in Path("runs", name, "run.yml").read_text(encoding="utf-8")


def test_no_record_leaves_it_out() -> None:
    stages = Stages(record="runs")
    assert stages("--no-record test").exit_code == 0
    assert (os.listdir(), stages.got) == ([], [None])
    assert "--no-record" in stages("--help").output
    assert "--no-record" not in Stages()("--help").output


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--into r --no-record test", "'--into' and '--no-record' cannot be used together."),
        ("--into= test", "--into: expected the name of a folder, got ''."),
        ("--into f.yml test", "f.yml: the run cannot be recorded"),
        ("--into . test", "the folder has a file 'run.yml', which the record would replace"),
    ],
)
def test_a_wrong_line_has_no_effect(line: str, message: str) -> None:
    Path("f.yml").touch()
    Path("run.yml").touch()
    stages = Stages()
    result = stages(line)
    assert (result.exit_code, message in result.stderr, stages.got) == (2, True, [])
    assert sorted(os.listdir()) == ["f.yml", "run.yml"]


def test_a_run_that_is_only_shown_is_not_recorded() -> None:
    result = Stages()("--into r --print-config run train test")
    assert result.exit_code == 0
    assert "test.to: r  # --into\n" in result.output
    assert os.listdir() == []


def test_the_folder_that_the_program_chooses_says_so() -> None:
    assert "# the record of this run\n" in Stages(record="runs")("--print-config test").output


def test_a_saved_run_has_the_folder_and_its_record_has_not() -> None:
    assert Stages()("--into r --save s.yml test").exit_code == 0
    assert "test.to: r\n" in Path("s.yml").read_text(encoding="utf-8")
    assert "\ntest.to" not in Path("r/run.yml").read_text(encoding="utf-8")


def test_a_value_that_cannot_be_saved_is_refused_before_the_run() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(_odd)
    result = CliRunner().invoke(binder.command(), ["--into", "r", "odd", "--x", "a=1"], prog_name="prog")
    assert (result.exit_code, os.listdir()) == (0, ["r"])


def _odd(x: dict[str, int] = {}) -> None: ...  # noqa: B006 - copied for each call


_odd.__name__ = "odd"


def test_a_mark_on_something_else_than_a_folder_is_an_error_of_the_program() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(to: Annotated[int, FOLDER] = 1) -> None: ...

    with pytest.raises(
        BindError, match=r"train.to is marked with Option\(run_folder=True\), but a folder is not a value"
    ):
        binder.command()(["--into", "r", "train"], standalone_mode=False)


def test_a_secret_cannot_be_the_folder() -> None:
    with pytest.raises(BindError, match="a secret cannot be the folder of a run"):
        clickbind.Option(secret=True, run_folder=True)


def test_a_program_of_no_file_has_a_folder_of_code_too(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")
    nowhere: Any = eval("lambda: None")
    binder.stage(nowhere, name="nowhere")
    binder.stage(len, name="length")
    binder.stage(record_of)
    turns = {name: PlannedTurn(name, {}, {}, "") for name in ("nowhere", "length", "record_of")}

    def folder(*names: str) -> str:
        return os.path.basename(
            os.path.abspath(cli.recording.folder_of(binder._registry, [turns[name] for name in names]))
        )

    assert folder() == folder("length") == folder("nowhere") == tmp_path.name
    assert folder("length", "record_of") == folder("record_of", "length") == "journal"


def test_a_signal_is_left_to_the_system_where_nothing_is_recorded() -> None:
    """Only contexts and records need to see the end of a run."""
    seen: list[Any] = []
    binder = clickbind.Binder("prog")
    binder.stage(lambda: seen.append(signal.getsignal(signal.SIGTERM)), name="look")
    for line in (["look"], ["--into", "r", "look"]):
        CliRunner().invoke(binder.command(), line, prog_name="prog")
    assert seen[0] is signal.SIG_DFL
    assert seen[1] is not signal.SIG_DFL


def test_a_scope_may_have_a_folder_of_its_own() -> None:
    binder = clickbind.Binder("prog")
    got: list[str] = []

    @binder.context
    @contextmanager
    def output(folder: Annotated[str, FOLDER] = ".") -> Iterator[None]:
        got.append(folder)
        yield

    @binder.stage
    def train() -> None: ...

    CliRunner().invoke(binder.command(), ["--into", "r", "train"], prog_name="prog")
    assert got == ["r"]


def test_a_chain_of_fits_is_recorded_in_python_too() -> None:
    Fit().main(["--into", "r", "train"], standalone_mode=False)
    assert record_of("r")["status"] == "done"


def test_a_stage_without_a_file_has_the_working_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    space: dict[str, Any] = {}
    exec("def train(): ...", space)
    binder = clickbind.Binder("prog")
    binder.stage(space["train"], name="train")
    turn = PlannedTurn("train", {}, {}, "the command line")
    assert os.path.abspath(cli.recording.folder_of(binder._registry, [turn])) == str(tmp_path)
