"""Warnings about options and variables that have no effect."""

from __future__ import annotations

import errno
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner

import clickbind
from clickbind import output
from tests.conftest import Program


def program(**settings: Any) -> click.Group:
    """Make a program with options of every kind, some of them Click's own."""
    binder = clickbind.Binder("prog", envvar_prefix="PROG")

    @binder.stage
    def train(
        epochs: Annotated[int, clickbind.Option("-e")] = 5,
        lr: float = 0.1,
        layers: list[int] = [1],  # noqa: B006 - copied for each call
        token: Annotated[str, clickbind.Option(secret=True, envvar="PROG_TOKEN")] = "",
        *,
        shuffle: bool = False,
    ) -> None: ...

    params = [
        click.Option(["--pair"], nargs=2, type=int, envvar=["PROG_PAIR", "PROG_COUPLE"]),
        click.Option(["-v", "--verbose"], count=True),
        click.Option(["--mood"], envvar="PROG_MOOD"),
    ]
    main = binder.command(params=params, **settings)
    main.add_command(click.Command("tool", params=[click.Option(["--size"], envvar="PROG_TOOL_SIZE")]))
    return main


def warnings_of(line: str, main: click.Group | None = None, /, **variables: str) -> list[str]:
    """Return the warnings that a line causes, without their beginning."""
    result = CliRunner().invoke(program() if main is None else main, line, prog_name="prog", env=variables)
    assert result.exit_code == 0, result.output
    lines = [text for text in result.output.splitlines() if "Warning" in text]
    assert all(text.startswith("Warning: ") for text in lines)
    return [text.removeprefix("Warning: ") for text in lines]


@pytest.mark.parametrize(
    ("line", "flag", "counts"),
    [
        ("train --lr 1 --lr 2", "--lr", "2"),
        ("train --lr=1 --lr=2", "--lr", "2"),
        ("train -e 1 --epochs 2", "--epochs", "2"),
        ("run train --lr 1 --lr 2", "--lr", "2"),
        ("--train.lr 1 --train.lr 2 train", "--train.lr", "2"),
        ("--train.lr 1 train --train.lr 2", "--train.lr", "2"),
        ("train --train.lr 1 --train.lr 2", "--train.lr", "2"),
        ("train --token hunter22 --token hunter33", "--token", "***"),
        ("train --token a --token b", "--token", "***"),
    ],
)
def test_a_parameter_with_several_values_has_the_last_one(line: str, flag: str, counts: str) -> None:
    assert warnings_of(line) == [f"{flag!r} was given 2 times, {counts} counts; `sweep` tries all."]


@pytest.mark.parametrize(
    ("line", "lost", "kept"),
    [
        ("train --train.lr 1 --lr 2", "--train.lr 1", "--lr 2"),
        ("train --lr 1 --train.lr 2", "--train.lr 2", "--lr 1"),
        ("--train.layers 1 train --layers 2", "--train.layers 1", "--layers 2"),
        ("run --train.lr 1 train --lr 2", "--train.lr 1", "--lr 2"),
        ("--no-train.shuffle train --shuffle", "--no-train.shuffle", "--shuffle"),
        ("train --shuffle --no-shuffle", "--shuffle", "--no-shuffle"),
        ("--save a.yml --save b.yml train", "--save a.yml", "--save b.yml"),
        ("--args.save a.yml train --save b.yml", "--args.save a.yml", "--save b.yml"),
        ("--pair 1 2 --pair 3 4 train", "--pair 1 2", "--pair 3 4"),
    ],
)
def test_an_option_that_another_one_overrides_is_reported(
    line: str, lost: str, kept: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert warnings_of(line) == [f"{lost!r} has no effect, since {kept!r} is given too."]


def test_a_dotted_option_is_reported_once() -> None:
    found = warnings_of("train --train.lr 1 --lr 2 --lr 3")
    assert found == [
        "'--lr' was given 2 times, 3 counts; `sweep` tries all.",
        "'--train.lr 1' has no effect, since '--lr 3' is given too.",
    ]


def test_of_three_the_last_one_counts() -> None:
    assert warnings_of("train --lr 1 --lr 2 --lr 3") == ["'--lr' was given 3 times, 3 counts; `sweep` tries all."]


def test_the_last_one_counts(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    prog = Program()
    assert prog("train", "--epochs", "1", "--epochs", "2").exit_code == 0
    assert prog.got("train.epochs") == [2]


@pytest.mark.parametrize(
    "line",
    [
        "train --layers 1 --layers 2",
        "train --config a.yml --config a.yml",
        "train -vv -v",
        "train --lr 1 --lr 1",
        "train --lr 1 --train.lr 1",
        "train --shuffle --shuffle",
        "--debug train --debug",
        "run train --lr 1 train --lr 2",
        "run --train.lr 1 train --lr 2 train",
        "run train --train.lr 1 train --train.lr 1",
        "train --lr 1 --lr 2 --help",
        "train --lr 1 -e 2",
    ],
)
def test_nothing_is_reported_where_nothing_is_lost(line: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yml").write_text("", encoding="utf-8")
    assert not warnings_of(line)


def test_a_printed_run_has_its_warnings_on_standard_error(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        program()(["--print-changed", "train", "--lr", "1", "--lr", "2"], prog_name="prog")
    printed = capfd.readouterr()
    assert printed.err == "Warning: '--lr' was given 2 times, 2 counts; `sweep` tries all.\n"
    assert "Warning" not in printed.out


def test_a_part_of_a_secret_that_is_a_value_elsewhere_is_hidden() -> None:
    main = clickbind.Binder("prog")

    @main.stage
    def train(name: str = "", token: Annotated[str, clickbind.Option(secret=True)] = "") -> None: ...

    found = warnings_of("train --token hunter22 --name other --name hunter22", main.command())
    assert found == ["'--name' was given 2 times, *** counts; `sweep` tries all."]


def test_a_variable_with_the_prefix_that_sets_nothing_is_reported() -> None:
    assert warnings_of("train", PROG_TRAIN_EPOHCS="hunter22", PROG_ZZ="1", PROG_EMPTY="") == [
        "the environment variable 'PROG_TRAIN_EPOHCS' sets no parameter. Did you mean 'PROG_TRAIN_EPOCHS'?",
        "the environment variable 'PROG_ZZ' sets no parameter.",
    ]


def test_variables_of_clicks_own_options_and_commands_are_known() -> None:
    variables = dict.fromkeys(("PROG_TOKEN", "PROG_MOOD", "PROG_COUPLE", "PROG_TOOL_SIZE", "PROG_TRAIN_EPOCHS"), "1")
    assert not warnings_of("train", PROG_PAIR="1 2", **variables)
    assert not warnings_of("train", PROGRAM="x")


@pytest.mark.parametrize("line", ["--help", "train --help", "tool"])
def test_variables_are_not_looked_at_unless_something_runs(line: str) -> None:
    assert not warnings_of(line, PROG_TRAIN_EPOHCS="3")


def test_a_printed_run_reports_variables_too() -> None:
    assert len(warnings_of("--print-config", PROG_TRAIN_EPOHCS="3")) == 1


def test_with_clicks_own_prefix_a_variable_may_be_for_anything() -> None:
    main = program(context_settings={"auto_envvar_prefix": "PROG"})
    assert not warnings_of("train", main, PROG_OTHER="1")


def test_only_the_first_variables_have_suggestions() -> None:
    found = warnings_of("train", **{f"PROG_TRAIN_EPOCHS{number:02}": "1" for number in range(12)})
    assert len(found) == 12
    assert sum("Did you mean" in text for text in found) == 10


@pytest.mark.parametrize("error", [OSError(errno.EPIPE, "closed"), ValueError("closed")])
def test_a_warning_that_cannot_be_written_ends_no_run(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(click, "echo", fail)
    output.warn("nothing")
