"""All missing required options are reported together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner, Result

import clickbind


class Needy:
    """A program whose stages need values, and a context if `context` is true."""

    def __init__(self, *, context: bool = False) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.binder = binder = clickbind.Binder("prog")

        if context:

            @binder.context
            @contextmanager
            def output(folder: Path) -> Iterator[None]:
                yield

        @binder.stage
        def train(
            data: Path,
            user: Annotated[str, clickbind.Option(prompt=True)],
            labels: list[str],
            *,
            fast: bool,
            token: Annotated[str, clickbind.Option("-t", secret=True, prompt=True)],
            epochs: int = 1,
        ) -> None:
            self.calls.append((data, user, labels, fast, token))

        @binder.stage
        def evaluate(data: Path) -> None:
            self.calls.append((data,))

        self.main = binder.command()

    def __call__(self, line: str, **settings: Any) -> Result:
        """Type a line."""
        return CliRunner().invoke(self.main, line, prog_name="prog", **settings)


OWN = "'--data PATH', '--labels TEXT ...' and '--fast / --no-fast'"
DOTTED = "'--train.data PATH', '--train.labels TEXT ...' and '--train.fast / --no-train.fast'"
BOTH = "'--train.data PATH', '--train.labels TEXT ...', '--train.fast / --no-train.fast' and '--evaluate.data PATH'"


@pytest.mark.parametrize(
    ("line", "usage", "expected"),
    [
        ("train", "prog train", OWN),
        ("train --epochs 3", "prog train", OWN),
        ("train --data x", "prog train", "'--labels TEXT ...' and '--fast / --no-fast'"),
        ("train --train.data x", "prog train", "'--labels TEXT ...' and '--fast / --no-fast'"),
        ("run train", "prog run train", DOTTED),
        ("run train evaluate", "prog [", BOTH),
        ("run train train evaluate evaluate", "prog [", BOTH),
        ("--run.stages train", "prog train", DOTTED),
        ("", "prog [", BOTH),
        ("run", "prog [", BOTH),
    ],
)
def test_all_missing_options_are_reported_with_how_to_give_them(line: str, usage: str, expected: str) -> None:
    program = Needy()
    result = program(line, input="ann\nhunter22\n")
    assert result.exit_code == 2
    assert result.output.startswith(f"Usage: {usage}")
    assert result.output.rpartition("Error: ")[2].replace('"', "") == f"Missing options {expected}.\n"
    assert not program.calls


def test_nobody_is_asked_while_others_are_missing() -> None:
    assert "User" not in Needy()("train --labels a", input="ann\n").output


def test_a_context_is_reported_with_the_stages() -> None:
    result = Needy(context=True)("run evaluate")
    expected = "Missing options '--evaluate.data PATH' and '--output.folder PATH'."
    assert result.output.endswith(f"Error: {expected}\n")


def test_one_missing_option_is_reported_as_click_does() -> None:
    result = Needy()("evaluate")
    assert result.output.endswith("Error: Missing option '--data'.\n")
    result = Needy(context=True)("evaluate --data x")
    assert result.output.endswith("Error: Missing option '--output.folder'.\n")


def test_prompts_come_once_nothing_else_is_missing() -> None:
    program = Needy()
    result = program("train --data x --labels a --fast", input="ann\nhunter22\n")
    assert result.exit_code == 0
    assert program.calls == [(Path("x"), "ann", ["a"], True, "hunter22")]
    assert "hunter22" not in result.output


def test_the_error_is_clicks_own_kind() -> None:
    with pytest.raises(click.MissingParameter) as caught:
        Needy().main(["train"], standalone_mode=False)
    assert caught.value.param is not None
    assert str(caught.value) == "Missing parameter: data"


def test_a_problem_in_a_file_comes_first(tmp_path: Path) -> None:
    file = tmp_path / "f.yml"
    file.write_text("train.dtaa: x\n", encoding="utf-8")
    result = Needy()(f"--config {file} train")
    assert "Did you mean 'train.data'?" in result.output
    assert "Missing" not in result.output


def test_an_option_outside_of_a_run_raises_at_once() -> None:
    command = Needy().main.get_command(click.Context(click.Group("other")), "evaluate")
    assert command is not None
    alone = click.Command("alone", params=command.params)
    with pytest.raises(click.MissingParameter):
        alone.make_context("alone", [])


TURNS = "'--train.data TEXT', '--train.net [Wide|Deep]'"


@dataclass
class Wide:
    width: int
    depth: int = 1


@dataclass
class Deep:
    depth: int
    inner: Wide


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("train --net Wide", "'--data TEXT' and '--net.width INTEGER'"),
        ("train", "'--data TEXT' and '--net [Wide|Deep]'"),
        ("train --net Deep", "'--data TEXT', '--net.depth INTEGER' and '--net.inner.width INTEGER'"),
        ("train --net Wide --net.width 1", None),
        ("run train --net Wide --data x train", f"{TURNS} and '--train.net.width INTEGER'"),
        ("--output.net Wide train --net Wide --net.width 1", "'--data TEXT' and '--output.net.width INTEGER'"),
    ],
)
def test_the_fields_of_a_chosen_class_are_reported_with_the_options(line: str, expected: str | None) -> None:
    binder = clickbind.Binder("prog")

    @binder.context
    @contextmanager
    def output(net: Wide | Deep | None = None) -> Iterator[None]:
        yield

    @binder.stage
    def train(data: str, net: Wide | Deep) -> None: ...

    output_of = CliRunner().invoke(binder.command(), line, prog_name="prog").output
    message = f"Missing options {expected}." if expected else "Missing option '--data'."
    assert output_of.rpartition("Error: ")[2].replace('"', "") == f"{message}\n"


def test_help_marks_the_required_fields_of_the_class_of_a_section() -> None:
    @dataclass
    class Maybe:
        wide: Wide | None = None

    binder = clickbind.Binder("prog")

    @binder.stage
    def train(net: Wide | Deep | Maybe | None = None) -> None: ...

    for words in ["train", "--help"], ["--help"]:
        output = CliRunner().invoke(binder.command(), words, prog_name="prog").output
        required = [line.split()[0].rpartition("net.")[2] for line in output.splitlines() if "[required]" in line]
        assert required == ["width", "depth", "inner.width"]
