"""`token_normalize_func`, which Click applies to what is typed and to what is declared."""

from __future__ import annotations

import dataclasses
import enum
import shlex
from typing import Any, Literal

import click
import pytest
from click.testing import CliRunner

import clickbind


class Color(enum.Enum):
    """Colors, with names of both cases."""

    RED = 1
    blue = 2


@dataclasses.dataclass(frozen=True)
class Adam:
    """A class to choose."""

    lr: float = 0.1


@dataclasses.dataclass(frozen=True)
class SGD:
    """Another one."""

    lr: float = 0.2


@pytest.fixture
def main() -> click.Group:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(
        *,
        maxSteps: int = 1,  # noqa: N803 - a name with an upper case letter is what the test is about
        kind: Literal["Conv", "mlp", "two words"] = "mlp",
        kinds: list[Literal["Conv", "mlp", "two words"]] | None = None,
        color: Color = Color.RED,
        pair: tuple[Color, Literal["X", "y"], str] = (Color.RED, "X", "Z"),
        optim: Adam | SGD = Adam(),
        name: str = "Name",
        fast: bool = False,
    ) -> dict[str, Any]:
        return dict(locals())

    @binder.stage(default=False)
    def peek(count: int = 1) -> dict[str, Any]:
        return dict(locals())

    made = binder.command(context_settings={"token_normalize_func": str.lower})
    made.params.append(click.Option(["--Verbose"], is_flag=True, expose_value=False))
    return made


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("TRAIN --NAME Some", {"name": "Some"}),
        ("train --maxsteps 3", {"maxSteps": 3}),
        ("--train.maxsteps 3 train", {"maxSteps": 3}),
        ("Train --TRAIN.MAXSTEPS 3", {"maxSteps": 3}),
        ("train --NO-FAST --VERBOSE", {"fast": False}),
        ("--Train.Fast TRAIN --verbose", {"fast": True}),
        ("--NO-TRAIN.FAST train", {"fast": False}),
        ("train --kind CONV", {"kind": "Conv"}),
        ("train --kind 'TWO words'", {"kind": "two words"}),
        ("--train.KIND conv train", {"kind": "Conv"}),
        ("train --kinds 'conv MLP' --kinds Mlp", {"kinds": ["Conv", "mlp", "mlp"]}),
        ("train --kinds '\"Two Words\" conv'", {"kinds": ["two words", "Conv"]}),
        ("train --color red", {"color": Color.RED}),
        ("train --color BLUE", {"color": Color.blue}),
        ("train --pair 'Blue x Word'", {"pair": (Color.blue, "X", "Word")}),
        ("train --pair 'Blue Y \"a Word\"'", {"pair": (Color.blue, "y", "a Word")}),
        ("train --pair 'Blue Y \"\"'", {"pair": (Color.blue, "y", "")}),
        ("train --optim sgd", {"optim": SGD()}),
    ],
)
def test_commands_options_and_choices_are_found_in_any_spelling(
    main: click.Group, line: str, expected: dict[str, Any]
) -> None:
    found = main(shlex.split(line), standalone_mode=False)
    assert {name: found[name] for name in expected} == expected


@pytest.mark.parametrize(
    "line", ["run PEEK train", "--run.stages 'PEEK Train'", "RUN --RUN.STAGES Peek --run.stages TRAIN"]
)
def test_stages_of_a_chain_are_found_in_any_spelling(main: click.Group, line: str) -> None:
    first, second = main(shlex.split(line), standalone_mode=False)
    assert (list(first), first["count"], second["maxSteps"]) == (["count"], 1, 1)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("train --kind conf", "'--kind': 'conf' is not one of 'Conv', 'mlp', 'two words'. Did you mean 'Conv'?"),
        ("train --kinds 'mlp x'", "'--kinds': 'x' is not one of 'Conv', 'mlp', 'two words'."),
        ("train --kinds '[conv]'", "'--kinds': 'conv' is not one of 'Conv', 'mlp', 'two words'. Did you mean 'Conv'?"),
        ("train --maxstep 3", "No such option '--maxstep'. Did you mean '--maxSteps'?"),
        ("--train.max 3", "No such option '--train.max'. Did you mean '--train.maxSteps'"),
        ("PEAK", "No such command 'PEAK'."),
    ],
)
def test_errors_are_those_of_the_text_as_typed(main: click.Group, line: str, expected: str) -> None:
    result = CliRunner().invoke(main, shlex.split(line))
    assert result.exit_code == 2
    assert expected in result.output
