"""The root command: what each kind of line does, and that nothing happens before all of it is checked."""

from __future__ import annotations

import os
import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.core import ParameterSource
from click.testing import CliRunner

import clickbind
from tests.conftest import Program


def test_without_arguments_the_default_stages_run_in_registration_order_inside_the_contexts(program: Program) -> None:
    assert program().exit_code == 0
    assert program.ran == ["output", "prepare", "train", "left"]


def test_run_stages_and_dotted_options_run_a_flat_line_as_in_the_seed(program: Program) -> None:
    program("--output.folder", "made", "--run.stages", "train peek", "--train.epochs", "100")
    assert program.ran == ["output", "train", "peek", "left"]
    assert program.got("output.folder") == ["made"]
    assert program.got("train.epochs") == [100]


def test_a_stage_runs_alone_inside_the_contexts(program: Program) -> None:
    program("train", "--epochs", "100")
    assert program.ran == ["output", "train", "left"]
    assert program.got("train.epochs") == [100]


def test_a_chain_enters_the_contexts_once(program: Program) -> None:
    program("run", "train", "--epochs", "100", "peek")
    assert program.ran == ["output", "train", "peek", "left"]


def test_run_without_stages_does_what_the_bare_program_does(program: Program) -> None:
    program("run")
    assert program.ran == ["output", "prepare", "train", "left"]


def test_run_with_stages_replaces_run_stages_of_a_file_whole(program: Program) -> None:
    Path("run.yml").write_text("run.stages: [prepare, train]")
    program("--config", "run.yml", "run", "peek")
    assert program.ran == ["output", "peek", "left"]


@pytest.mark.parametrize("line", ["--run.stages peek train", "run --run.stages peek train", "train --run.stages peek"])
def test_stages_on_the_line_and_run_stages_together_are_refused(program: Program, line: str) -> None:
    result = program(*line.split())
    assert result.exit_code == 2
    assert "Stages are given as arguments and by '--run.stages': use one of the two." in result.output
    assert program.ran == []


def test_an_empty_list_of_stages_runs_nothing(program: Program) -> None:
    assert program("--run.stages", "").exit_code == 0
    assert program.ran == []


def test_a_program_without_default_stages_shows_its_help() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda: None, name="peek", default=False)
    result = CliRunner().invoke(binder.command(), [])
    assert result.exit_code == 2
    assert "Stages:\n  peek" in result.output


def test_stages_that_are_registered_after_command_are_seen(program: Program) -> None:
    @program.binder.stage
    def late() -> str:
        return "late"

    assert program.main(["late"], standalone_mode=False) == "late"


def test_files_are_defaults_and_later_ones_win_key_by_key(program: Program) -> None:
    Path("a.yml").write_text("train.epochs: 1\ntrain.lr: 0.5")
    Path("b.yml").write_text("train: {epochs: 2}")
    program("--config", "a.yml", "--config", "b.yml", "train", "--model-type", "rnn")
    assert program.got("train") == [{"epochs": 2, "lr": 0.5, "model_type": "rnn", "tags": None}]


def test_a_dash_reads_the_config_from_standard_input(program: Program) -> None:
    program("--config", "-", "train", input="train.epochs: 3")
    assert program.got("train.epochs") == [3]


def test_a_saved_run_replays_and_does_nothing_else(program: Program) -> None:
    program("--save", "run.yml", "train", "--epochs", "9")
    first, program.calls = program.calls, []
    program("--config", "run.yml")
    assert program.calls == first


def test_a_dash_saves_to_standard_output(program: Program) -> None:
    assert "train.epochs: 9\n" in program("--save", "-", "train", "--epochs", "9").stdout


def test_the_run_is_saved_before_its_first_context_is_entered(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")
    saved = tmp_path / "run.yml"
    seen = []

    @binder.context
    @contextmanager
    def output() -> Iterator[None]:
        seen.append(saved.exists())
        yield

    binder.stage(lambda: None, name="train")
    CliRunner().invoke(binder.command(), ["--save", str(saved), "train"])
    assert seen == [True]


def test_a_saved_file_is_relative_to_where_the_program_was_started(program: Program) -> None:
    @program.binder.context
    @contextmanager
    def elsewhere() -> Iterator[None]:
        Path("inner").mkdir()
        os.chdir("inner")
        yield

    before = Path.cwd()
    program("train", "--save", "run.yml")
    assert Path.cwd() == before / "inner"
    assert sorted(os.listdir(before)) == ["inner", "out", "run.yml"]


def test_the_version_is_shown_where_it_was_given(program: Program) -> None:
    assert program("--version").output == "prog, version 1.2\n"
    assert program.ran == []


def test_without_a_version_there_is_no_such_option() -> None:
    result = CliRunner().invoke(clickbind.Binder("prog").command(), ["--version"])
    assert result.exit_code == 2
    assert "No such option" in result.output


@pytest.mark.parametrize("line", ["-h", "--help", "train -h", "train --help", "run --help", "run peek train --help"])
def test_help_enters_no_context(program: Program, line: str) -> None:
    result = program(*line.split())
    assert result.exit_code == 0
    assert result.output.startswith("Usage: prog")
    assert program.ran == []


@pytest.mark.parametrize("flag", ["--help", "--version"])
def test_help_and_version_are_shown_although_a_config_is_broken(program: Program, flag: str) -> None:
    assert program("--config", "missing.yml", flag).exit_code == 0


CONFIGS = {
    "typo.yml": "peek.cuont: 4",
    "value.yml": "peek.count: many",
    "broken.yml": "a: [",
    "stage.yml": "run.stages: [trian]",
}

WRONG = {
    "a misspelt stage": "trian",
    "a misspelt stage at the end of a chain": "run train trian",
    "a misspelt stage in run.stages": "--run.stages 'train trian'",
    "a misspelt option at the end of a chain": "run train peek --cuont 4",
    "a misspelt option of the root": "--train.epohcs 4 train",
    "an unknown scope": "--test/dataset.folder x train",
    "a bad value at the end of a chain": "run train peek --count many",
    "a bad value for a stage that would not run": "--peek.count many train",
    "a bad value for a bound function": "train --dataset.size many",
    "a bad value in a chain for a stage that would not run": "run train --peek.count many",
    "a missing value": "run train peek --count",
    "an argument too many": "train peek",
    "a missing config": "--config missing.yml train",
    "a config with an unknown key": "train --config typo.yml",
    "a config with a bad value for a stage that would not run": "run train --config value.yml",
    "a config that is no YAML": "--config broken.yml",
    "a config with a misspelt stage": "--config stage.yml",
    "a save that fails": "--save file/run.yml train",
    "a save onto a folder": "train --save folder",
    "a save behind a config that is broken": "--save run.yml --config value.yml train",
    "a save of a line that is wrong": "--save run.yml run train trian",
    "two different values for the whole run": "run train --dataset.size 1 peek --dataset.size 2",
}


@pytest.mark.parametrize("line", WRONG.values(), ids=WRONG.keys())
def test_nothing_happens_on_a_line_with(program: Program, line: str) -> None:
    for name, text in {**CONFIGS, "file": ""}.items():
        Path(name).write_text(text)
    Path("folder").mkdir()
    before = sorted(os.listdir())
    result = program(*shlex.split(line))
    assert result.exit_code == 2
    assert "Error: " in result.stderr
    assert result.stdout == ""
    assert program.ran == []
    assert sorted(os.listdir()) == before


@pytest.mark.parametrize("line", ["", "build", "run build", "--run.stages build", "--config run.yml"])
@pytest.mark.parametrize("kind", ["context", "stage"])
def test_nothing_happens_without_a_required_option(program: Program, kind: str, line: str) -> None:
    def needy(folder: str) -> Any:
        raise AssertionError(folder)

    def build() -> None:
        raise AssertionError

    binder = program.binder
    if kind == "context":
        binder.context(contextmanager(needy), name="needy")
        binder.stage(build, name="build")
    else:
        binder.stage(needy, name="build")
    Path("run.yml").write_text("run.stages: [build]")
    result = program(*line.split(), "--save", "saved.yml")
    assert result.exit_code == 2
    assert "Missing option '--" in result.output
    assert program.ran == []
    assert sorted(os.listdir()) == ["run.yml"]


def test_a_required_option_of_a_context_is_named_as_it_is_typed(program: Program) -> None:
    @program.binder.context
    @contextmanager
    def workspace(folder: str) -> Iterator[None]:
        yield

    assert "Missing option '--workspace.folder'" in program("train").output


def test_a_misspelt_command_is_told_the_nearest(program: Program) -> None:
    assert "No such command 'trian'. Did you mean 'train'?" in program("trian").output


def test_a_misspelt_stage_of_a_chain_is_told_the_nearest(program: Program) -> None:
    assert "No such stage 'trian'. Did you mean 'train'?" in program("run", "peek", "trian").output


def test_what_is_like_no_command_is_told_no_other(program: Program) -> None:
    assert "No such command 'xyz'.\n" in program("xyz").output


def test_a_config_that_is_broken_prints_its_problem_without_the_usage(program: Program) -> None:
    Path("run.yml").write_text("train.epochs: many")
    result = program("--config", "run.yml")
    assert result.output.startswith("Error: run.yml:1:15: train.epochs: 'many' is not a valid integer.\n")


@pytest.mark.parametrize("line", ["--help", "wrong --help", "wrong"])
def test_an_error_in_a_signature_shows_when_its_function_is_looked_at(program: Program, line: str) -> None:
    program.binder.stage(_wrong, name="wrong")
    assert isinstance(program(*line.split()).exception, clickbind.BindError)


@pytest.mark.parametrize("line", ["train", "run train peek", "--train.epochs 4 --run.stages train"])
def test_an_error_in_a_signature_leaves_other_functions_alone(program: Program, line: str) -> None:
    program.binder.stage(_wrong, name="wrong")
    assert program(*line.split()).exit_code == 0


@pytest.mark.parametrize("line", ["train --help", "peek --help", "run --help", "run train --help"])
@pytest.mark.parametrize("role", ["stage", "context", "bind"])
def test_a_function_that_cannot_be_looked_at_leaves_the_help_of_others_alone(
    program: Program, line: str, role: str
) -> None:
    getattr(program.binder, role)(dict.update, name="wrong")
    result = program(*line.split())
    assert result.exit_code == 0
    assert result.output.startswith("Usage: prog ")


@pytest.mark.parametrize(
    ("line", "error"),
    [
        ("train --epohcs 3", "No such option"),
        ("--train.epohcs 3", "No such option"),
        ("train --train.epohcs 3", "No such option"),
        ("trian", "No such command 'trian'. Did you mean 'train'?"),
        ("run trian", "No such stage 'trian'. Did you mean 'train'?"),
        ("train --epochs many", "Invalid value for '--epochs'"),
        ("--config typo.yml train", "unknown key 'peek.cuont'. Did you mean 'peek.count'?"),
    ],
)
@pytest.mark.parametrize("role", ["stage", "context", "bind"])
def test_a_function_that_cannot_be_looked_at_leaves_the_errors_of_others_alone(
    program: Program, line: str, error: str, role: str
) -> None:
    getattr(program.binder, role)(dict.update, name="wrong")
    Path("typo.yml").write_text(CONFIGS["typo.yml"])
    result = program(*line.split())
    assert result.exit_code == 2
    assert error in result.output


@pytest.mark.parametrize("line", ["--help", "wrong --help", "wrong", "run wrong", "--run.stages wrong"])
def test_an_error_in_a_signature_shows_every_time(program: Program, line: str) -> None:
    program.binder.stage(_wrong, name="wrong", default=False)
    for _ in range(3):
        result = program(*line.split())
        assert isinstance(result.exception, clickbind.BindError)
        assert "parameter 'what' cannot be parsed from text" in str(result.exception)


@pytest.mark.parametrize("name", ["save", "debug", "version", "config", "help"])
@pytest.mark.parametrize("text", ["{}.epochs: 7", "{}: {{epochs: 7}}"])
def test_a_stage_named_as_an_option_of_the_root_is_set_by_a_file(program: Program, name: str, text: str) -> None:
    program.binder.stage(lambda epochs=1: epochs, name=name, default=False)
    Path("run.yml").write_text(text.format(name))
    for line in ([name], ["run", name], ["--run.stages", name]):
        found = program.main(["--config", "run.yml", *line], standalone_mode=False)
        assert found in (7, [7])
    assert program.main([name, "--config", "run.yml", f"--{name}.epochs", "8"], standalone_mode=False) == 8
    assert program("--config", "run.yml", "--help").exit_code == 0
    assert "[default: 7]" in program("--config", "run.yml", name, "--help").output
    assert not Path("epochs").exists()


@pytest.mark.parametrize("name", ["save", "debug", "version", "config", "help"])
def test_a_function_named_as_an_option_of_the_root_is_set_by_a_file(program: Program, name: str) -> None:
    @program.binder.bind(name=name)
    def function(epochs: int = 1) -> int:
        return epochs

    program.binder.stage(lambda: function(), name="call")  # noqa: PLW0108 - the call inside is the point
    Path("run.yml").write_text(f"{name}: {{epochs: 7}}")
    assert program.main(["--config", "run.yml", "call"], standalone_mode=False) == 7
    assert program.main(["--config", "run.yml", "--save", "out.yml", "call"], standalone_mode=False) == 7
    assert f"{name}.epochs: 7\n" in Path("out.yml").read_text()


def test_an_empty_list_of_stages_is_saved(program: Program) -> None:
    assert program("--run.stages", "", "--save", "run.yml").exit_code == 0
    assert "run.stages: []\n" in Path("run.yml").read_text()
    assert program("--config", "run.yml").exit_code == 0
    assert program.ran == []


@pytest.mark.parametrize("text", ["[train, peek]", "[train,peek]", "['train', \"peek\"]"])
def test_run_stages_may_be_typed_as_flow(program: Program, text: str) -> None:
    assert program("--run.stages", text).exit_code == 0
    assert program.ran == ["output", "train", "peek", "left"]


@pytest.mark.parametrize("line", ["train --help", "run train --help", "run --help", "--help", "--version"])
@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS.keys())
def test_help_is_shown_although_a_config_is_broken(program: Program, line: str, text: str) -> None:
    Path("broken.yml").write_text(text)
    result = program("--config", "broken.yml", *line.split())
    assert result.exit_code == 0
    assert result.output.startswith(("Usage: prog ", "prog, version "))
    assert result.stderr == ""


@pytest.mark.parametrize("line", ["", "train", "run", "run train peek", "--run.stages peek", "train --debug"])
@pytest.mark.parametrize("text", CONFIGS.values(), ids=CONFIGS.keys())
def test_a_run_tells_what_is_wrong_with_its_config(program: Program, line: str, text: str) -> None:
    Path("broken.yml").write_text(text)
    result = program("--config", "broken.yml", *line.split())
    assert result.exit_code == 2
    assert result.output.startswith("Error: broken.yml:")
    assert program.ran == []


@pytest.mark.parametrize("line", ["build", "run build", "run peek build", "--run.stages build", ""])
@pytest.mark.parametrize("role", ["stage", "context"])
def test_what_is_wrong_with_a_config_is_told_before_what_it_was_to_give(program: Program, line: str, role: str) -> None:
    def needy(folder: str) -> Any:
        raise AssertionError(folder)

    if role == "context":
        program.binder.context(contextmanager(needy), name="needy")
        program.binder.stage(lambda: None, name="build")
    else:
        program.binder.stage(needy, name="build")
    Path("broken.yml").write_text("build.folder: x\nneedy.folder: x\npeek.cuont: 4\n")
    result = program("--config", "broken.yml", *line.split())
    assert result.exit_code == 2
    assert "unknown key 'peek.cuont'. Did you mean 'peek.count'?" in result.output
    assert "Missing option" not in result.output
    assert program.ran == []


def test_a_command_that_was_added_runs_beside_the_stages(program: Program) -> None:
    program.main.add_command(click.Command("tool", callback=lambda: click.echo("tool")))
    assert program("tool").output == "tool\n"
    assert program.ran == []


def test_a_command_that_was_added_wins_over_a_stage_of_its_name(program: Program) -> None:
    program.main.add_command(click.Command("train", callback=lambda: click.echo("mine")))
    assert program("train").output == "mine\n"


def test_the_root_takes_attributes_of_a_click_group() -> None:
    main = clickbind.Binder("prog").command("other", epilog="The end.", context_settings={"help_option_names": ["-?"]})
    result = CliRunner().invoke(main, ["-?"])
    assert result.output.startswith("Usage: other")
    assert result.output.endswith("The end.\n")


def test_parameters_that_command_is_given_are_options_of_the_root() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda: click.get_current_context().find_root().params["mood"], name="train")
    main = binder.command(params=[click.Option(["--mood"])])
    assert main(["--mood", "good", "train"], standalone_mode=False) == "good"
    assert main(["train", "--mood", "bad"], standalone_mode=False) == "bad"


class Opaque:
    """A type that no text can make."""


def _wrong(what: Opaque) -> None:
    raise AssertionError(what)


def test_the_roots_options_can_be_set_anew(program: Program) -> None:
    main = program.binder.command()
    main.params = [param for param in main.params if param.name != "diff"]
    shown = CliRunner().invoke(main, ["--help"]).output
    assert "--diff" not in shown
    assert shown.count("--config ") == 1


def test_an_option_of_the_root_that_is_not_named_is_at_its_default(program: Program) -> None:
    main = program.binder.command()

    @main.command()
    @click.pass_context
    def other(ctx: click.Context) -> Any:
        assert ctx.parent is not None
        return ctx.parent.get_parameter_source("debug"), ctx.parent.params["debug"]

    assert main(["other"], standalone_mode=False) == (ParameterSource.DEFAULT, False)


def test_a_stage_may_have_help_options_of_its_own(program: Program) -> None:
    main = program.binder.command()
    command = main.get_command(click.Context(main), "train")
    assert command is not None
    command.context_settings = {"help_option_names": ["-z", "--hlp"]}
    for flag in ("-z", "--hlp"):
        assert "Usage: " in CliRunner().invoke(main, ["train", flag]).output
