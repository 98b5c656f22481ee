"""Stages, `run` and the program as `Context.invoke` and `Context.forward` of Click call them, and their callbacks."""

from __future__ import annotations

import asyncio
import dataclasses
import inspect
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner

import clickbind
from tests.conftest import Program


def command_of(main: click.Group, name: str) -> click.Command:
    """Return a command of a program."""
    found = main.get_command(click.Context(main), name)
    assert found is not None
    return found


def caller(main: click.Group, command: click.Command | None = None, /, *args: Any, **kwargs: Any) -> click.Command:
    """Make a Click command whose body invokes a command, and returns what that returns."""

    @click.command("call")
    @click.pass_context
    def call(ctx: click.Context) -> Any:
        return ctx.invoke(main if command is None else command, *args, **kwargs)

    return call


def run(command: click.Command, *line: str, **settings: Any) -> Any:
    """Run a command, and return its value."""
    return command(line, standalone_mode=False, **settings)


def test_a_stage_that_is_invoked_outside_of_a_run_is_a_run(program: Program) -> None:
    command = command_of(program.main, "train")
    assert run(caller(program.main, command, epochs=3)) == ("default", "default")
    assert program.ran == ["output", "train", "left"]
    assert program.got("train") == [{"epochs": 3, "lr": 1e-3, "model_type": "conv", "tags": None}]


def test_arguments_may_be_passed_by_position(program: Program) -> None:
    run(caller(program.main, command_of(program.main, "train"), 3, lr=2))
    assert (program.got("train.epochs"), program.got("train.lr")) == ([3], [2])


def test_the_callback_of_a_stage_is_called_without_any_context(program: Program) -> None:
    callback = command_of(program.main, "peek").callback
    assert callback is not None
    assert callback(4) == callback(count=4) == 4
    assert program.ran == ["output", "peek", "left"] * 2
    assert (callback.__name__, callback.__doc__) == ("peek", "Look at the results.")
    assert str(inspect.signature(callback)) == "(count: 'int' = 1) -> 'int'"


def test_the_values_of_the_line_apply_to_what_it_invokes(program: Program) -> None:
    program.main.add_command(caller(program.main, command_of(program.main, "train"), epochs=3))
    line = ["--train.epochs", "4", "--train.lr", "5", "--dataset.size", "6", "--output.folder", "a", "call"]
    run(program.main, *line)
    assert program.got("train") == [{"epochs": 3, "lr": 5.0, "model_type": "conv", "tags": None}]
    assert (program.got("output.folder"), program.got("dataset.size")) == (["a"], [6, 6])


def test_files_and_variables_apply_to_what_is_invoked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prog.yml").write_text("train.epochs: 3\ntrain.lr: 4")
    monkeypatch.setenv("PROG_TRAIN_LR", "5")
    binder = clickbind.Binder("prog", config="prog.yml", envvar_prefix="PROG")

    @binder.stage
    def train(epochs: int = 50, lr: float = 1e-3, size: int = 1) -> tuple[int, float, int]:
        return epochs, lr, size

    main = binder.command()
    command = command_of(main, "train")
    assert run(caller(main, command)) == (3, 5.0, 1)
    assert run(caller(main, command), default_map={"train": {"size": 7, "epochs": 8}}) == (3, 5.0, 7)
    assert run(caller(main)) == [(3, 5.0, 1)]


def test_a_stage_that_is_invoked_in_a_run_is_a_part_of_it(program: Program) -> None:
    peek = command_of(program.main, "peek")

    @program.binder.stage
    def outer() -> Any:
        ctx = click.get_current_context()
        assert peek.callback is not None
        return ctx.invoke(peek), ctx.invoke(peek, count=3), ctx.invoke(peek, 4), peek.callback(), peek.callback(5)

    assert run(program.main, "outer", "--peek.count", "2") == (2, 3, 4, 2, 5)
    assert program.ran == ["output", *["peek"] * 5, "left"]


def test_a_scope_applies_to_what_is_invoked_in_it(program: Program) -> None:
    peek = command_of(program.main, "peek")
    with program.binder.scope({"peek.count": 5}), click.Context(click.Command("other")) as ctx:
        assert ctx.invoke(peek) == 5
    assert program.ran == ["peek"]


def test_a_command_that_is_no_stage_is_invoked_from_a_stage_as_always(program: Program) -> None:
    @click.command()
    @click.option("--speed", default=3)
    @click.pass_context
    def tool(ctx: click.Context, speed: int) -> tuple[int, str]:
        return speed, ctx.command_path

    @program.binder.stage
    def outer() -> Any:
        return click.get_current_context().invoke(tool)

    assert run(program.main, "outer", prog_name="prog") == (3, "prog outer tool")


def test_the_parameters_of_an_invoked_stage_are_in_its_context(program: Program) -> None:
    @program.binder.stage
    def inner(count: int = 1, name: str = "x") -> dict[str, Any]:
        return dict(click.get_current_context().params)

    @program.binder.stage
    def outer() -> Any:
        return click.get_current_context().invoke(command_of(program.main, "inner"), name="y")

    line = ["--inner.count", "3"]
    assert run(program.main, *line, "outer") == {"count": 3, "name": "y"}
    program.main.add_command(caller(program.main, command_of(program.main, "inner"), name="y"))
    assert run(program.main, *line, "call") == {"count": 3, "name": "y"}


def test_a_list_is_handed_out_fresh_to_each_call() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def grow(items: list[int] = []) -> list[int]:  # noqa: B006 - what the test is about
        items.append(1)
        return items

    main = binder.command()
    command = command_of(main, "grow")

    @main.command()
    @click.pass_context
    def twice(ctx: click.Context) -> Any:
        return ctx.invoke(command), ctx.invoke(command)

    assert run(main, "--grow.items", "5", "twice") == ([5, 1], [5, 1])


def test_a_missing_value_of_an_invoked_stage_is_an_error() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(data: str, size: int) -> tuple[str, int]:
        return data, size

    main = binder.command()
    command = command_of(main, "train")
    assert run(caller(main, command, data="x", size=3)) == ("x", 3)
    main.add_command(caller(main, command, data="x"))
    assert run(main, "--train.size", "4", "call") == ("x", 4)
    result = CliRunner().invoke(main, ["call"], prog_name="prog")
    assert result.exit_code == 2
    assert result.output.startswith("Usage: prog call train [OPTIONS]\n")
    assert "Missing option" in result.output
    with pytest.raises(TypeError, match="nothing"):
        run(caller(main, command, data="x", size=3, nothing=1))


def test_an_invoked_stage_asks_for_what_it_misses_and_nothing_else() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(
        data: Annotated[str, clickbind.Option(prompt=True)], name: Annotated[str, clickbind.Option(prompt=True)]
    ) -> None:
        click.echo(f"{data} {name}")

    main = binder.command()
    result = CliRunner().invoke(caller(main, command_of(main, "train"), data="x"), input="y\n")
    assert result.output == "Name: y\nx y\n"


@dataclasses.dataclass(frozen=True)
class Adam:
    """A class with fields."""

    lr: float = 0.1
    beta: float = 0.9


@dataclasses.dataclass(frozen=True)
class SGD:
    """Another one."""

    lr: float = 0.2
    momentum: float = 0.0


def models() -> tuple[clickbind.Binder, click.Group]:
    """Make a program whose stages have a parameter with fields."""
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(optim: Adam | SGD = Adam(), epochs: int = 1) -> Any:
        return click.get_current_context().forward(command_of(main, "again"))

    @binder.stage
    def again(optim: Adam | SGD = Adam(beta=0.5), epochs: int = 2) -> tuple[Any, int]:
        return optim, epochs

    @binder.stage(default=False)
    def need(optim: Adam) -> Any:
        return optim

    main = binder.command()
    return binder, main


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("train", (Adam(beta=0.5), 1)),
        ("train --epochs 3 --optim.lr .5", (Adam(0.5, 0.5), 3)),
        ("train --optim SGD --optim.momentum 1", (SGD(momentum=1.0), 1)),
        ("--train.optim SGD --again.optim.lr 3 train", (SGD(lr=3.0), 1)),
    ],
)
def test_forward_passes_the_options_of_a_stage_with_the_fields_that_are_set(line: str, expected: Any) -> None:
    assert run(models()[1], *line.split()) == expected


def test_fields_are_passed_by_their_name_and_models_as_they_are() -> None:
    _, main = models()
    again, need = command_of(main, "again"), command_of(main, "need")
    assert run(caller(main, again, **{"optim.lr": 3})) == (Adam(3, 0.5), 2)
    assert run(caller(main, again, optim=SGD())) == (SGD(), 2)
    assert run(caller(main, need, optim=Adam(7))) == Adam(7)


def test_a_plain_command_forwards_its_options_to_a_stage(program: Program) -> None:
    @program.main.command()
    @click.option("--epochs", type=int, default=3)
    @click.option("--lr", type=float)
    @click.pass_context
    def go(ctx: click.Context, epochs: int, lr: float) -> Any:
        return ctx.forward(command_of(program.main, "train"), tags=["a"])

    run(program.main, "go", "--lr", "4")
    assert program.got("train") == [{"epochs": 3, "lr": 4.0, "model_type": "conv", "tags": ["a"]}]


def test_a_coroutine_is_run_or_awaited_by_a_caller_in_a_loop() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    async def inner(count: int = 1) -> int:
        await asyncio.sleep(0)
        return count

    @binder.stage
    def plain() -> Any:
        return click.get_current_context().invoke(command_of(main, "inner"), count=3)

    @binder.stage
    async def outer() -> Any:
        return await click.get_current_context().invoke(command_of(main, "inner"))

    main = binder.command()
    assert run(caller(main, command_of(main, "inner"))) == 1
    assert run(main, "plain") == 3
    assert run(main, "outer", "--inner.count", "4") == 4


@pytest.mark.parametrize("name", [None, "run"])
def test_the_program_and_run_are_invoked(program: Program, name: str | None) -> None:
    command = None if name is None else command_of(program.main, name)
    program.main.add_command(caller(program.main, command))
    assert run(program.main, "--run.stages", "peek train", "--peek.count", "3", "call") == [3, ("default", "default")]
    assert program.ran == ["output", "peek", "train", "left"]
    assert run(caller(program.main, command)) == [None, ("default", "default")]


def test_the_callback_of_the_program_runs_it(program: Program) -> None:
    assert program.main.callback is not None
    assert program.main.callback() == [None, ("default", "default")]
    assert program.ran == ["output", "prepare", "train", "left"]


def test_the_program_is_invoked_with_root_options_and_dotted_ones(program: Program) -> None:
    given: dict[str, Any] = {"save": "run.yml", "run.stages": ["peek"], "peek.count": 3, "config": [Path("a.yml")]}
    Path("a.yml").write_text("output.folder: b")
    run(caller(program.main, **given))
    assert program.got("peek.count") == [3]
    assert "peek.count: 3\n" in Path("run.yml").read_text()
    assert "output.folder: b\n" in Path("run.yml").read_text()
    result = CliRunner().invoke(caller(program.main, print_changed=True, config="a.yml"))
    assert result.output == "output.folder: b  # a.yml:1\n"


def test_the_program_is_invoked_in_a_run_as_a_part_of_it(program: Program) -> None:
    @program.binder.stage(default=False)
    def outer() -> Any:
        return click.get_current_context().invoke(program.main)

    line = ["--train.epochs", "3", "run", "outer", "--prepare.shuffle"]
    assert run(program.main, *line) == [[None, ("default", "default")]]
    assert program.ran == ["output", "prepare", "train", "left"]
    assert program.got("train.epochs") == [3]


def test_help_is_invoked(program: Program) -> None:
    result = CliRunner().invoke(caller(program.main, command_of(program.main, "help"), name="peek"), prog_name="call")
    assert result.output.startswith("peek (stage):\n  Look at the results.\n")
