"""A stage's own command, and chains of stages."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import clickbind
from tests.conftest import Program


@pytest.fixture
def binder() -> clickbind.Binder:
    return clickbind.Binder("prog")


def run(binder: clickbind.Binder, *line: str) -> Any:
    """Type a line, and give what the stages return."""
    return binder.command()(list(line), standalone_mode=False)


def test_each_stage_of_a_chain_takes_its_own_options(program: Program) -> None:
    program("run", "train", "--epochs", "100", "peek", "--count", "3")
    assert program.got("train.epochs") == [100]
    assert program.got("peek.count") == [3]


def test_a_stage_may_have_several_turns_with_values_of_their_own(program: Program) -> None:
    program("run", "train", "--epochs", "1", "train", "train", "--epochs", "3")
    assert program.got("train.epochs") == [1, 50, 3]


def test_turns_of_a_file_have_values_of_their_own(program: Program) -> None:
    Path("run.yml").write_text("train.lr: 1\nrun.stages: [train: {epochs: 1}, train, train: {epochs: 3}]")
    program("--config", "run.yml")
    assert program.got("train.epochs") == [1, 50, 3]
    assert program.got("train.lr") == [1.0, 1.0, 1.0]


def test_a_second_stage_without_run_is_told_about_run(program: Program) -> None:
    result = program("train", "peek")
    assert result.exit_code == 2
    assert "Got unexpected extra argument (peek). For several stages: prog run train peek" in result.output


def test_arguments_that_are_no_stages_are_only_refused(program: Program) -> None:
    result = program("train", "a", "b")
    assert result.exit_code == 2
    assert "Got unexpected extra arguments (a b).\n" in result.output


def test_what_is_no_stage_cannot_be_in_a_chain(program: Program) -> None:
    program.main.add_command(click.Command("tool"))
    assert "No such stage 'tool'." in program("run", "train", "tool").output
    assert program.ran == []


def test_a_function_that_is_no_stage_is_no_command(program: Program) -> None:
    assert "No such command 'dataset'." in program("dataset").output


def test_the_help_is_the_docstring_without_its_sections(program: Program) -> None:
    result = program("train", "--help")
    assert result.output.startswith(
        "Usage: prog train [OPTIONS]\n\n  Train the model.\n\n  It takes a while.\n\nOptions:"
    )


def test_the_help_spells_options_as_click_does(program: Program) -> None:
    output = program("train", "--help").output
    assert "--model-type TEXT" in output
    assert "--train.model_type" not in output


def test_the_help_shows_booleans_in_pairs(program: Program) -> None:
    assert "--shuffle / --no-shuffle" in program("prepare", "--help").output


def test_the_help_tells_each_parameter_with_its_default(program: Program) -> None:
    assert "--epochs INTEGER   How often each item is seen  [default: 50]\n" in program("train", "--help").output


def test_the_help_shows_as_default_what_files_give(program: Program) -> None:
    Path("run.yml").write_text("train.epochs: 7")
    assert "[default: 7]" in program("--config", "run.yml", "train", "--help").output
    assert "[default: 7]" in program("run", "train", "--config", "run.yml", "--help").output


def test_the_help_of_run_lists_the_stages(program: Program) -> None:
    output = program("run", "--help").output
    assert "Usage: prog run [OPTIONS] [STAGE [OPTIONS]]...\n" in output
    assert output.endswith(
        "Stages:\n  prepare  Prepare the data.\n  train    Train the model.\n  peek     Look at the results.\n"
    )


@pytest.mark.parametrize("spelling", ["fine-tune", "fine_tune"])
@pytest.mark.parametrize("line", ["{}", "run {}", "--run.stages {}"])
def test_a_stage_is_found_with_dashes_and_with_underscores(program: Program, line: str, spelling: str) -> None:
    program.binder.stage(lambda: program.calls.append(("tuned", {})), name="fine_tune")
    assert program(*line.format(spelling).split()).exit_code == 0
    assert program.ran == ["output", "tuned", "left"]


def test_a_stage_is_listed_with_dashes(binder: clickbind.Binder) -> None:
    binder.stage(lambda: None, name="fine_tune")
    assert "\nStages:\n  fine-tune\n" in CliRunner().invoke(binder.command(), ["--help"]).output


def test_a_stage_with_a_leading_underscore_is_listed_with_it(binder: clickbind.Binder) -> None:
    binder.stage(lambda my_size=1: my_size, name="_priv_stage")
    main = binder.command()
    assert "\nStages:\n  _priv-stage\n" in CliRunner().invoke(main, ["--help"]).output
    for line in (["_priv-stage", "--my-size", "3"], ["_priv_stage", "--_priv_stage.my_size", "3"]):
        assert main(line, standalone_mode=False) == 3


def test_a_hidden_stage_runs_and_is_not_listed(binder: clickbind.Binder) -> None:
    binder.stage(lambda: 1, name="secret", hidden=True)
    assert run(binder, "secret") == 1
    assert run(binder, "run", "secret") == [1]
    for line in (["--help"], ["run", "--help"]):
        assert "\n  secret" not in CliRunner().invoke(binder.command(), line).output


def test_a_deprecated_stage_is_marked_in_lists(program: Program) -> None:
    program.binder.stage(lambda: None, name="old", deprecated=True)
    assert "  old      (DEPRECATED)" in program("--help").output


@pytest.mark.parametrize("line", ["old", "run old", "run peek old", "--run.stages old"])
@pytest.mark.parametrize(("deprecated", "reason"), [(True, ""), ("Use train.", " Use train.")])
def test_a_deprecated_stage_warns_when_it_is_run(
    program: Program, line: str, deprecated: bool | str, reason: str
) -> None:
    program.binder.stage(lambda: program.calls.append(("old", {})), name="old", deprecated=deprecated, default=False)
    result = program(*line.split())
    assert result.exit_code == 0
    assert result.stderr == f"DeprecationWarning: The command 'old' is deprecated.{reason}\n"
    assert "old" in program.ran


def test_a_deprecated_stage_does_not_warn_where_it_does_not_run(program: Program) -> None:
    def old(speed: int = 1) -> None: ...

    program.binder.stage(old, deprecated=True, default=False)
    assert program("train", "--old.speed", "3").stderr == "Warning: --old.speed was given, but no call used it.\n"


def test_a_parameter_without_a_default_is_a_required_option(binder: clickbind.Binder) -> None:
    def train(folder: str) -> str:
        return folder

    binder.stage(train)
    result = CliRunner().invoke(binder.command(), ["train"])
    assert result.exit_code == 2
    assert "Missing option '--folder'" in result.output
    assert run(binder, "train", "--folder", "x") == "x"


@pytest.mark.parametrize("line", ["train --train.folder x", "--train.folder x train", "run --train.folder x train"])
def test_a_required_option_may_be_given_dotted(binder: clickbind.Binder, line: str) -> None:
    def train(folder: str) -> str:
        return folder

    binder.stage(train)
    assert run(binder, *line.split()) in ("x", ["x"])


def test_a_required_option_may_be_given_by_a_file(binder: clickbind.Binder, tmp_path: Path) -> None:
    def train(folder: str) -> str:
        return folder

    binder.stage(train)
    (tmp_path / "run.yml").write_text("train.folder: x")
    assert run(binder, "--config", str(tmp_path / "run.yml")) == ["x"]


def test_a_required_option_may_be_given_by_a_turn_of_a_file(binder: clickbind.Binder, tmp_path: Path) -> None:
    def train(folder: str) -> str:
        return folder

    binder.stage(train)
    (tmp_path / "run.yml").write_text("run.stages: [train: {folder: x}, train: {folder: y}]")
    assert run(binder, "--config", str(tmp_path / "run.yml")) == ["x", "y"]


@pytest.mark.parametrize("name", ["help", "config", "save", "debug", "version", "args", "self", "ctx"])
def test_a_parameter_may_be_called(binder: clickbind.Binder, name: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"def train({name}: str = 'a'): return {name}", namespace)
    binder.stage(namespace["train"])
    assert run(binder, "train", f"--{name}", "b") == "b"
    assert run(binder, f"--train.{name}", "b") == ["b"]


def test_the_help_of_a_stage_with_a_parameter_called_help_is_behind_the_short_flag(binder: clickbind.Binder) -> None:
    def train(help: str = "me") -> None: ...

    binder.stage(train)
    output = CliRunner().invoke(binder.command(), ["train", "-h"]).output
    assert "--help TEXT" in output
    assert "-h           Show this message and exit." in output


def test_a_program_without_help_options_has_none_in_its_stages_either(binder: clickbind.Binder) -> None:
    binder.stage(lambda: 1, name="train")
    main = binder.command(context_settings={"help_option_names": []})
    assert main(["train"], standalone_mode=False) == 1
    assert "No such option" in CliRunner().invoke(main, ["train", "--help"]).output


def test_a_stage_returns_its_value_without_standalone_mode(program: Program) -> None:
    assert program.main(["peek", "--count", "3"], standalone_mode=False) == 3


@pytest.mark.parametrize("line", [["run", "peek", "peek"], ["run", "--run.stages", "peek peek"]])
def test_a_chain_returns_a_list_without_standalone_mode(program: Program, line: list[str]) -> None:
    assert program.main(line, standalone_mode=False) == [1, 1]


def test_the_default_run_returns_a_list_without_standalone_mode(program: Program) -> None:
    assert program.main([], standalone_mode=False) == [None, ("default", "default")]


def test_what_a_stage_returns_is_no_exit_code(program: Program) -> None:
    assert program("peek", "--count", "7").exit_code == 0


def test_an_async_stage_runs_on_an_event_loop(binder: clickbind.Binder) -> None:
    async def train(epochs: int = 1) -> int:
        await asyncio.sleep(0)
        return epochs

    binder.stage(train)
    assert run(binder, "train", "--epochs", "3") == 3
    assert run(binder, "run", "train", "train") == [1, 1]


def test_an_async_stage_runs_under_an_event_loop_that_runs_already(program: Program) -> None:
    async def fetch(epochs: int = 1) -> tuple[int, str]:
        await asyncio.sleep(0)
        with program.binder.scope("train"):
            return epochs, program.dataset()

    async def outer(*line: str) -> Any:
        return program.main(list(line), standalone_mode=False)

    program.binder.stage(fetch, default=False)
    assert asyncio.run(outer("fetch", "--epochs", "3")) == (3, "default")
    assert asyncio.run(outer("run", "fetch", "fetch", "--train/dataset.folder", "x")) == [(1, "x"), (1, "x")]


def test_an_async_stage_that_raises_under_an_event_loop_does_so_to_its_caller(binder: clickbind.Binder) -> None:
    async def explode() -> None:
        raise ZeroDivisionError

    async def outer() -> Any:
        return run(binder, "explode")

    binder.stage(explode)
    with pytest.raises(ZeroDivisionError):
        asyncio.run(outer())


def test_the_tasks_of_an_async_stage_see_the_values_of_the_run(program: Program) -> None:
    async def fetch() -> Any:
        return await asyncio.gather(*(asyncio.to_thread(program.train) for _ in range(2)))

    program.binder.stage(fetch)
    line = ["fetch", "--train/dataset.folder", "x", "--train.epochs", "3"]
    assert program.main(line, standalone_mode=False) == [("x", "default")] * 2
    assert program.got("train.epochs") == [3, 3]


def test_a_stage_that_raises_keeps_its_traceback_and_exits_with_1(program: Program) -> None:
    def explode() -> None:
        raise ZeroDivisionError

    program.binder.stage(explode)
    result = program("run", "explode", "peek")
    assert result.exit_code == 1
    assert isinstance(result.exception, ZeroDivisionError)
    assert "peek" not in program.ran


def test_a_stage_sees_its_own_click_context(program: Program) -> None:
    program.binder.stage(lambda: click.get_current_context().info_name, name="who")
    assert program.main(["who"], standalone_mode=False) == "who"
    assert program.main(["--run.stages", "who"], standalone_mode=False) == ["who"]


@pytest.mark.parametrize(
    "line", [[], ["run"], ["--run.stages", "prepare train"], ["run", "--run.stages", "prepare train"]]
)
def test_a_result_callback_gets_the_values_of_the_default_run(program: Program, line: list[str]) -> None:
    got = []

    @program.main.result_callback()
    def keep(value: Any, **_: Any) -> int:
        got.append(value)
        return len(value)

    assert program.main(line, standalone_mode=False) == 2
    assert got == [[None, ("default", "default")]]
