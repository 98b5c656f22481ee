"""The command ``help``: everything about one function, one option or one command."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from tests.conftest import Program


class Net:
    """Learn.

    A :class:`Net` has **layers**:

    - one
    - two

    Parameters
    ----------
    data : list
        The data.
    size : int
        The size.

        It grows.
    shape : list of int, optional
        The shape, by default [1]
    """

    def __init__(self, data: Any, size: int = 3, shape: list[int] = [1], deep: bool = True) -> None:  # noqa: B006
        """Make one."""


def net(**settings: Any) -> click.Group:
    binder = clickbind.Binder("prog")
    binder.bind("fast", "slow", **settings)(Net)
    return binder.command()


def typed(main: click.Command, *line: str) -> Result:
    return CliRunner().invoke(main, line, prog_name="prog")


def test_a_function_is_shown_with_everything_about_it() -> None:
    result = typed(net(exclude=["deep"]), "help", "Net")
    shown, _, place = result.output.partition("\nDefined in:\n")
    assert shown == (
        "Net (class):\n  Learn.\n\n  A Net has layers:\n\n  - one\n  - two\n\n"
        "Options:\n  --Net.size INTEGER  [default: 3]\n        The size.\n\n        It grows.\n\n"
        '  --Net.shape "INTEGER ..."  [default: 1]\n        The shape\n'
        "\nParameters without an option:\n  data  The caller passes it.\n  The program leaves out deep.\n"
        "\nScopes:\n  fast, slow, as in --fast/Net.size.\n"
    )
    assert "test_help_command.py:" in place
    assert place.rstrip().endswith("(tests.cli.test_help_command.Net)")


def test_a_parameter_that_the_program_leaves_out_is_no_unknown_name() -> None:
    result = typed(net(exclude=["deep"]), "help", "Net.deep")
    assert result.exit_code == 2
    assert "Error: Net.deep: the program leaves this parameter out, so that it keeps its default." in result.output


def test_it_ends_with_an_exit_code_as_help_does() -> None:
    for line in ["help"], ["help", "Net"], ["help", "Net.size"], ["help", "run"], ["runs"]:
        assert net()(line, standalone_mode=False) == 0


def test_the_root_shows_the_first_paragraph_only() -> None:
    main = net()
    assert "It grows." not in typed(main, "--help").output
    assert "It grows." in typed(main, "help", "Net").output


def test_a_parameter_without_an_option_is_listed_with_the_reason() -> None:
    binder = clickbind.Binder("prog")

    def fit(data: Any, hook: contextlib.ExitStack = contextlib.ExitStack(), size: int = 1) -> None: ...  # noqa: B008

    binder.bind(fit, exclude=["size"])
    output = typed(binder.command(), "help", "fit").output
    assert "fit (function):\n  No description.\n\nParameters without an option:\n" in output
    assert (
        "  data  The caller passes it.\n  hook  Its type cannot be parsed from text.\n  The program leaves out size.\n"
        in output
    )
    assert "Options:" not in output


def test_the_parameters_that_the_program_leaves_out_are_one_sentence() -> None:
    binder = clickbind.Binder("prog")

    def fit(data: int = 1, size: int = 2, deep: bool = False) -> None: ...

    binder.bind(fit, include=["size"])
    output = typed(binder.command(), "help", "fit").output
    assert "\n\nParameters without an option:\n  The program leaves out data, deep.\n\n" in output


@pytest.mark.parametrize("name", ["train", "output", "dataset", "train/dataset"])
def test_stages_contexts_and_scoped_functions_are_shown(program: Program, name: str) -> None:
    result = program("help", name)
    role = {"train": "stage", "output": "context"}.get(name, "function")
    own = name.rpartition("/")[2]
    assert result.output.startswith(f"{own} ({role}):\n")
    assert f"  --{own}." in result.output
    assert ("prog train --help" in result.output) == (name == "train")
    assert program.calls == []


def test_names_have_dashes_or_underscores() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda speed=1: None, name="my_train")
    for name in ("my-train", "my_train"):
        assert typed(binder.command(), "help", name).output.startswith("my_train (stage):\n")


def test_one_option_is_shown_alone(program: Program) -> None:
    output = program("help", "train.epochs").output
    assert output == (
        "train (stage):\n  Train the model.\n\n  It takes a while.\n\nOption:\n"
        "  --train.epochs INTEGER  How often each item is seen  [default: 50]\n"
    )


def test_without_a_name_it_is_the_programs_help(program: Program) -> None:
    assert program("help").output == program("--help").output


def test_a_command_is_shown_by_its_own_help(program: Program) -> None:
    program.main.add_command(click.Command("tool", help="A tool."))
    assert program("help", "tool").output == program("tool", "--help").output
    assert program("help", "run").output == program("run", "--help").output
    assert program("help", "help").output.startswith("Usage: prog help [OPTIONS] [NAME]\n")


def test_an_unknown_name_gets_a_suggestion(program: Program) -> None:
    result = program("help", "datset")
    assert result.exit_code == 2
    assert "Error: There is no function or command 'datset'. Did you mean 'dataset'?" in result.output


@dataclass
class Adam:
    """Adapt."""

    lr: float = 0.1


class Nadam(Adam):
    """Adapt with momentum."""


@dataclass
class SGD:
    """Step."""

    lr: float = 0.2


@pytest.mark.parametrize("name", ["train.optim", "train.optim.lr"])
def test_an_option_of_a_chosen_class_is_shown_with_the_classes(name: str) -> None:
    @dataclass
    class Fast:
        lr: float = 1.0

    @dataclass
    class Slow:
        lr: float = 0.5

    binder = clickbind.Binder("prog")

    def train(optim: Any = Fast(), other: Any = Slow(), size: int = 1) -> None: ...  # noqa: B008 - only read

    train.__annotations__.update(optim=Fast | Slow, other=Fast | Slow)
    binder.stage(train)
    output = typed(binder.command(), "help", name).output
    assert f"Option:\n  --{name} " in output
    assert "--train.optim Fast:\n" in output
    assert "--train.optim Slow:\n  --train.optim.lr FLOAT  [default: 0.5]\n" in output
    assert "other" not in output
    assert "size" not in output


def test_a_class_that_an_option_chooses_is_shown_by_its_function() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage(hidden=True)
    def try_out(inner: Nadam | SGD = SGD()) -> None: ...  # noqa: B008 - as an experiment has it

    @binder.stage
    def train(optim: Adam | SGD = Adam()) -> None: ...  # noqa: B008 - as an experiment has it

    result = typed(binder.command(), "help", "SGD")
    assert result.exit_code == 2
    assert result.output.endswith("Error: 'SGD' is a class for '--train.optim'. To see its options: prog help train\n")
    assert "--train.optim SGD:" in typed(binder.command(), "help", "train").output
    assert "There is no function or command 'Nadam'." in typed(binder.command(), "help", "Nadam").output


@pytest.mark.parametrize(
    ("line", "message"),
    [("help a b", "Got unexpected extra argument (b)"), ("help --nope", "No such option '--nope'")],
)
def test_more_than_a_name_is_refused(program: Program, line: str, message: str) -> None:
    result = program(*line.split())
    assert result.exit_code == 2
    assert message in result.output.replace("No such option: --nope", "No such option '--nope'")


@pytest.mark.parametrize("line", ["help train --config run.yml", "--config run.yml help train"])
def test_defaults_are_what_files_give(program: Program, line: str) -> None:
    Path("run.yml").write_text("train.epochs: 7")
    assert "[default: 7]" in program(*line.split()).output


def test_it_works_in_spite_of_a_broken_file(program: Program) -> None:
    Path("run.yml").write_text("train.epochs: many")
    assert program("--config", "run.yml", "help", "train").exit_code == 0


def test_names_are_completed(program: Program) -> None:
    program.binder.bind(lambda: None, name="quiet", hidden=True)
    assert program.complete("help", "tr") == ["train/dataset", "train"]
    assert program.complete("help", "") == [
        *("output", "dataset", "train/dataset", "val/dataset", "prepare", "train", "peek", "run"),
        *("sweep", "resume", "runs", "help"),
    ]
    assert program.complete("help", "--conf") == ["--config"]
    assert program.complete("help", "--he") == ["--help"]
    assert program.complete("help train --train.tags", "") == []


@pytest.mark.parametrize("added", [False, True])
def test_a_stage_or_command_called_help_replaces_it(*, added: bool, program: Program) -> None:
    if added:
        program.main.add_command(click.Command("help", callback=lambda: click.echo("mine")))
    else:
        program.binder.stage(lambda: click.echo("mine"), name="help")
    assert "mine" in program("help").output
    assert "help NAME" not in program("train", "--help").output


def test_it_needs_no_root_around_it(program: Program) -> None:
    result = CliRunner().invoke(click.CommandCollection("all", sources=[program.main]), ["help", "train"])
    assert result.output.startswith("train (stage):\n")


def test_the_help_of_a_stage_ends_with_a_pointer(program: Program) -> None:
    pointer = "\n\nAll options: prog --help. One function: prog help NAME.\n"
    assert program("train", "--help").output.endswith(pointer)
    assert program("run", "train", "--help").output.endswith(pointer)


def test_what_has_no_source_is_shown_by_its_name() -> None:
    binder = clickbind.Binder("prog")
    binder.bind(functools.partial(sorted, reverse=True), name="ordered")
    binder.bind(int, name="number")
    assert typed(binder.command(), "help", "ordered").output.endswith("Defined in:\n  builtins.sorted\n")


def test_a_decorated_function_is_shown_where_it_is_written() -> None:
    binder = clickbind.Binder("prog")

    @binder.context
    @contextlib.contextmanager
    def output(folder: str = ".") -> Iterator[None]:
        yield

    assert "test_help_command.py:" in typed(binder.command(), "help", "output").output.replace("\n  ", "")


def test_a_stage_without_a_root_has_help_without_a_pointer(program: Program) -> None:
    command = program.main.get_command(click.Context(program.main), "train")
    assert command is not None
    assert "All options:" not in command.get_help(click.Context(command, info_name="train"))
