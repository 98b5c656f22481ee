"""Commands that are called from the context of an earlier line: in a shell inside the program, or by a callback."""

from __future__ import annotations

import pickle
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from tests.conftest import Program, completions


def invoke(command: click.Command, line: str, **settings: Any) -> Result:
    """Type a line."""
    return CliRunner().invoke(command, shlex.split(line), prog_name="prog", **settings)


def add_shell(main: click.Group, *lines: str) -> None:
    """Add a command that runs lines as click-repl does: each as the arguments of the root's live context."""

    @main.command("shell")
    @click.pass_context
    def shell(ctx: click.Context) -> None:
        group_ctx = ctx.parent
        assert group_ctx is not None
        for line in lines:
            group_ctx._protected_args = shlex.split(line)
            try:
                main.invoke(group_ctx)
            except click.ClickException as error:
                error.show()
            except click.exceptions.Exit:
                pass


@pytest.mark.parametrize("root", ["", "--train.epochs 3"])
def test_no_value_of_a_line_leaks_to_the_next(program: Program, root: str) -> None:
    add_shell(program.main, "train --epochs 5", "train", "run train --epochs 7 peek --train.lr .5", "run train")
    assert invoke(program.main, f"{root} shell").exit_code == 0
    rest = 3 if root else 50
    assert program.got("train.epochs") == [5, rest, 7, rest]
    assert program.got("train.lr") == [1e-3, 1e-3, 0.5, 1e-3]


def test_each_line_enters_and_leaves_the_contexts(program: Program) -> None:
    add_shell(program.main, "train --output.folder a", "run train peek", "trian", "run --run.stages peek")
    invoke(program.main, "shell")
    ran = ["output", "train", "left", "output", "train", "peek", "left", "output", "peek", "left"]
    assert program.ran == ran
    assert program.got("output.folder") == ["a", "out", "out"]


def test_a_line_saves_and_shows_its_own_run(program: Program) -> None:
    add_shell(program.main, "train --save run.yml --epochs 5", "train --print-changed", "train --diff run.yml")
    result = invoke(program.main, "--train.lr .5 shell")
    assert program.got("train.epochs") == [5]
    assert "train.epochs: 5\ntrain.lr: 0.5\n" in Path("run.yml").read_text()
    assert "train.lr: 0.5  # --train.lr\n" in result.output
    assert "train.epochs\n  this line: 50  # default\n  run.yml: 5  # run.yml:14\n" in result.output


@pytest.mark.parametrize("line", ["--save run.yml train --epochs 5", "--train.epochs 5 --save run.yml train"])
def test_options_may_precede_the_command_of_a_line(program: Program, line: str) -> None:
    add_shell(program.main, line, "--config run.yml", "--debug train", "--train.epochs 4", "-h")
    result = invoke(program.main, "shell")
    assert program.got("train.epochs") == [5, 5, 50, 4]
    assert result.output.count("run(\n") == 1
    assert "Usage: prog [OPTIONS] [COMMAND]" in result.output.replace("COMMAND", "[COMMAND]", 1).replace("[[", "[")


def test_files_and_variables_of_the_first_line_hold_for_all(program: Program) -> None:
    Path("a.yml").write_text("train.epochs: ${n}\ntrain.lr: 7")
    Path("b.yml").write_text("train.lr: 8")
    add_shell(program.main, "train", "--config b.yml train", "--var n=5 train", "train --epochs 6")
    assert invoke(program.main, "--config a.yml --var n=4 shell").exit_code == 0
    assert program.got("train.epochs") == [4, 4, 5, 6]
    assert program.got("train.lr") == [7, 8, 7, 7]


def test_a_file_that_changes_is_read_again(program: Program) -> None:
    Path("a.yml").write_text("train.epochs: 4")

    @program.main.command()
    def edit() -> None:
        Path("a.yml").write_text("train.epochs: 5")

    add_shell(program.main, "train", "edit", "train")
    assert invoke(program.main, "--config a.yml shell").exit_code == 0
    assert program.got("train.epochs") == [4, 5]


def test_the_stages_of_a_line_replace_those_of_the_first(program: Program) -> None:
    add_shell(program.main, "run", "peek", "run train peek", "--run.stages train")
    result = invoke(program.main, "--run.stages peek shell")
    assert [name for name in program.ran if name not in {"output", "left"}] == [
        "peek",
        "peek",
        "train",
        "peek",
        "train",
    ]
    assert result.stderr == ""


def test_debug_on_the_first_line_observes_all(program: Program) -> None:
    add_shell(program.main, "peek", "peek --debug", "idle")
    program.main.add_command(click.Command("idle", callback=lambda: None))
    assert invoke(program.main, "--debug shell").output.count("run(\n") == 2


def test_errors_of_a_line_name_the_command_as_it_is_typed(program: Program) -> None:
    add_shell(program.main, "train --epohcs 3", "trian", "train peek", "train --help", "run train --count 3")
    output = invoke(program.main, "shell").output
    assert "Usage: prog train [OPTIONS]\n" in output
    assert "Error: No such command 'trian'. Did you mean 'train'?" in output
    assert "For several stages: prog run train peek" in output
    assert "Usage: prog run train [OPTIONS]\n" in output
    assert "prog prog" not in output
    assert program.ran == []


def test_a_secret_of_the_first_line_is_in_no_error() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def fit(token: Annotated[str, clickbind.Option(secret=True)] = "", count: int = 1) -> None:
        raise click.UsageError("hunter2 is wrong")

    main = binder.command()
    add_shell(main, "fit", "fit --count hunter2")
    output = invoke(main, "--fit.token hunter2 shell").output
    assert "hunter2" not in output
    assert output.count("***") == 2


def test_a_value_that_no_line_used_is_warned_of_once_at_the_end(program: Program) -> None:
    add_shell(program.main, "peek", "train", "peek")
    line = "--dataset.size 3 --peek.count 4 --prepare.shuffle shell"
    assert invoke(program.main, line).stderr == "Warning: --prepare.shuffle was given, but no call used it.\n"
    add_shell(program.main, "peek --dataset.size 4")
    result = invoke(program.main, "--dataset.folder x shell")
    warnings = ["--dataset.size was given, but no call used it.", "--dataset.folder was given, but no call used it."]
    assert result.stderr.splitlines() == [f"Warning: {warning}" for warning in warnings]


def test_a_shell_in_a_shell_has_the_values_of_both(program: Program) -> None:
    add_shell(program.main, "--train.lr .5 --dataset.size 3 inner")

    @program.main.command("inner")
    @click.pass_context
    def inner(ctx: click.Context) -> None:
        assert ctx.parent is not None
        ctx.parent._protected_args = ["train"]
        program.main.invoke(ctx.parent)

    assert invoke(program.main, "--train.epochs 3 --output.folder a shell").stderr == ""
    assert program.got("train") == [{"epochs": 3, "lr": 0.5, "model_type": "conv", "tags": None}]
    assert program.got("output.folder") == ["a"]
    assert program.got("dataset.size") == [3, 3]


def test_a_value_that_no_inner_line_used_is_warned_of(program: Program) -> None:
    add_shell(program.main, "--dataset.size 3 idle")
    program.main.add_command(click.Command("idle", callback=lambda: None))
    result = invoke(program.main, "--dataset.folder x shell")
    assert result.stderr.count("Warning: ") == 2


def test_a_value_is_used_by_a_call_in_a_line_although_another_value_is_pending(program: Program) -> None:
    add_shell(program.main, "train --dataset.size 3 --prepare.shuffle")
    result = invoke(program.main, "--dataset.folder x shell")
    assert result.stderr == "Warning: --prepare.shuffle was given, but no call used it.\n"


def test_values_that_go_to_another_process_may_be_used_there(program: Program) -> None:
    @program.binder.stage
    def spread() -> None:
        pickle.dumps(program.binder.values())

    add_shell(program.main, "spread --dataset.size 3")
    assert invoke(program.main, "--dataset.folder x shell").stderr == ""


def test_the_callback_of_the_results_may_call_a_stage(program: Program) -> None:
    @program.main.result_callback()
    @click.pass_context
    def then(ctx: click.Context, /, value: Any, **_: Any) -> Any:
        command = program.main.get_command(ctx, "peek")
        assert command is not None
        with command.make_context("peek", ["--count", "3"], parent=ctx) as sub:
            return value, command.invoke(sub)

    assert program.main(["--dataset.size", "4", "peek"], standalone_mode=False) == (1, 3)
    assert program.ran == ["output", "peek", "output", "peek", "left", "left"]


def test_a_second_call_with_the_same_words_is_a_run_of_its_own(program: Program) -> None:
    with program.main.make_context("prog", ["train", "--epochs", "3"]) as ctx:
        program.main.invoke(ctx)
        command = program.main.get_command(ctx, "train")
        assert command is not None
        for words in (["--epochs", "3"], ["--epochs", "4"], []):
            with command.make_context("train", words, parent=ctx) as sub:
                command.invoke(sub)
    assert program.got("train.epochs") == [3, 3, 4, 50]
    assert program.ran == ["output", "train", "left"] * 4


def test_the_program_may_be_run_again_from_its_context(program: Program) -> None:
    with program.main.make_context("prog", ["--run.stages", "peek"]) as ctx:
        assert program.main.invoke(ctx) == [1]
        assert program.main.invoke(ctx) == [1]
        with program.main.make_context("prog", ["--peek.count", "3"], parent=ctx) as again:
            assert program.main.invoke(again) == [3]
    assert program.ran == ["output", "peek", "left"] * 3


def test_a_stage_that_runs_lines_runs_them_inside_its_contexts(program: Program) -> None:
    @program.binder.stage
    def outer() -> None:
        ctx = click.get_current_context()
        command = program.main.get_command(ctx, "peek")
        assert command is not None
        with command.make_context("peek", ["--count", "3", "--output.folder", "inner"], parent=ctx) as sub:
            command.invoke(sub)

    assert invoke(program.main, "outer --peek.count 4 --output.folder a").exit_code == 0
    assert program.ran == ["output", "output", "peek", "left", "left"]
    assert program.got("output.folder") == ["a", "inner"]
    assert program.got("peek.count") == [3]


def test_the_environment_and_the_default_map_apply_to_all_lines(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("X_PROG_DEBUG", "1")
    outer = click.Group("outer", commands=[program.main])
    add_shell(program.main, "peek", "run train")
    result = CliRunner().invoke(
        outer, ["prog", "shell"], auto_envvar_prefix="X", default_map={"prog": {"peek": {"count": 4}, "train.lr": 2}}
    )
    assert result.exit_code == 0
    assert (program.got("peek.count"), program.got("train.lr")) == ([4], [2.0])
    assert result.output.count("run(\n") == 2


def test_a_shell_completes_lines_and_knows_what_is_set(program: Program) -> None:
    with program.main.make_context("prog", ["--train.epochs", "3", "shell"]) as ctx:
        name, command, args = program.main.resolve_command(ctx, ["train", "--ep"])
        assert program.main.resolve_command(ctx, ["peek"])[1] is program.main
        assert (name, command, args) == ("prog", program.main, ["train", "--ep"])
    assert completions(program.main, "--train.epochs 3", "tra") == ["train"]


SHOWN = ["--print-config", "--print-changed", "--diff a.yml", "--save run.yml"]


@pytest.mark.parametrize("option", SHOWN)
@pytest.mark.parametrize("command", ["idle", "help"])
def test_what_shows_or_saves_a_run_is_refused_before_another_command(
    program: Program, option: str, command: str
) -> None:
    program.main.add_command(click.Command("idle", callback=lambda: program.calls.append(("idle", {}))))
    Path("a.yml").write_text("train.epochs: 3")
    result = invoke(program.main, f"{option} {command}")
    flag = option.partition(" ")[0]
    assert result.exit_code == 2
    assert f"Error: '{flag}' needs a run, and '{command}' is not a stage of the program.\n" in result.output
    assert program.calls == []
    assert not Path("run.yml").exists()


def test_what_an_outer_program_sets_does_not_refuse_other_commands(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    program.main.add_command(click.Command("idle", callback=lambda: program.calls.append(("idle", {}))))
    monkeypatch.setenv("X_SAVE", "run.yml")
    assert invoke(program.main, "idle", auto_envvar_prefix="X").exit_code == 0
    assert program.ran == ["idle"]


def test_debug_and_values_apply_to_what_another_command_calls(program: Program) -> None:
    @program.main.command()
    @click.pass_context
    def other(ctx: click.Context) -> None:
        command = program.main.get_command(ctx, "peek")
        assert command is not None
        ctx.invoke(command)

    Path("a.yml").write_text("output.folder: a")
    result = invoke(program.main, "--debug --config a.yml --peek.count 3 other")
    assert result.output.startswith("run(\n  stages : list = ['peek']\n)\n")
    assert (program.got("peek.count"), program.got("output.folder")) == ([3], ["a"])


def test_a_value_before_a_command_that_calls_nothing_is_warned_of(program: Program) -> None:
    program.main.add_command(click.Command("idle", callback=lambda: None))
    result = invoke(program.main, "--dataset.size 3 --run.stages train idle")
    message = "Warning: --dataset.size and --run.stages were given, but no call used them.\n"
    assert (result.exit_code, result.stderr) == (0, message)
    assert invoke(program.main, "--dataset.size 3 help train").stderr == ""


def test_ctrl_c_in_a_line_leaves_the_contexts(program: Program) -> None:
    @program.binder.stage
    def interrupted() -> None:
        raise KeyboardInterrupt

    @program.binder.context
    def guard() -> Iterator[None]:
        try:
            yield
        finally:
            program.calls.append(("guard left", {}))

    add_shell(program.main, "interrupted")
    assert invoke(program.main, "shell").exit_code == 130
    assert "guard left" in program.ran
