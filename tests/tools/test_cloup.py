"""A program in a section of a group of cloup, and a command of cloup in a program."""

from __future__ import annotations

import re

import click
import pytest
from click.testing import CliRunner, Result

from tests.tools import kit

cloup = pytest.importorskip("cloup")


def run(program: click.Command, *line: str) -> Result:
    return CliRunner().invoke(program, line, prog_name="outer", env={"COLUMNS": "80"})


@pytest.fixture
def outer() -> click.Group:
    """A group whose sections have the program and a command."""
    group = cloup.Group("outer")
    group.section("Experiments", kit.make().command())
    group.add_command(serve())
    return group  # type: ignore[no-any-return]  # cloup may be missing


def serve() -> click.Command:
    where = cloup.option_group(
        "Where", cloup.option("--host"), cloup.option("--port"), constraint=cloup.constraints.all_or_none
    )

    @cloup.command()  # type: ignore[untyped-decorator]  # it may be missing
    @where  # type: ignore[untyped-decorator]  # likewise
    def serve(host: str | None, port: str | None) -> None:
        """Serve the model."""
        click.echo(f"serving on {host}:{port}")

    return serve  # type: ignore[no-any-return]


def test_a_section_lists_the_program(outer: click.Group) -> None:
    assert (
        "Experiments:\n  kit    Tries models.\n\nOther commands:\n  serve  Serve the model.\n"
        in run(outer, "--help").stdout
    )


def test_the_program_has_its_own_help(outer: click.Group) -> None:
    shown = run(outer, "kit", "--help").stdout
    assert "--train.kind [conv|mlp]" in shown
    assert "Stages:\n  train     Train the model.\n" in shown
    stage = run(outer, "kit", "train", "--help").stdout
    assert "--mode [FAST|SLOW]  [default: FAST]" in stage
    assert kit.SECRET not in shown + stage


def test_a_stage_runs_with_its_values(outer: click.Group) -> None:
    done = run(outer, "kit", "--dataset.size", "3", "train", "--name", "x", "--kind", "mlp")
    assert done.stdout == "trained x: 50 mlp FAST [8, 4] True Adam(lr=0.1) on 3, 7\n"


def test_a_wrong_line_is_an_error_with_the_whole_path(outer: click.Group) -> None:
    done = run(outer, "kit", "train", "--epochs", "many")
    assert done.exit_code == 2
    assert "Try 'outer kit train --help' for help." in done.stderr
    assert "'many' is not a valid integer." in done.stderr


def test_a_command_of_cloup_may_be_in_a_program() -> None:
    program = kit.make().command()
    program.add_command(serve())
    assert re.search(r"serve +Serve the model\.", run(program, "--help").stdout)
    assert "Where: [provide all or none]\n  --host TEXT\n  --port TEXT\n" in run(program, "serve", "--help").stdout
    assert run(program, "serve", "--host", "h", "--port", "4").stdout == "serving on h:4\n"
    assert "should be provided together" in run(program, "serve", "--host", "h").stderr
