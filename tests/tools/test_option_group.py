"""A command with groups of options from click-option-group in a program."""

from __future__ import annotations

import re

import click
import pytest
from click.testing import CliRunner, Result

from tests.tools import kit

groups = pytest.importorskip("click_option_group")


def run(program: click.Command, *line: str) -> Result:
    return CliRunner().invoke(program, line, prog_name="kit", env={"COLUMNS": "80"})


@pytest.fixture
def program() -> click.Group:
    main = kit.make().command()

    @main.command()
    @groups.optgroup.group("Server", help="Where it listens.", cls=groups.RequiredMutuallyExclusiveOptionGroup)  # type: ignore[untyped-decorator]  # it may be missing
    @groups.optgroup.option("--port", type=int)  # type: ignore[untyped-decorator]  # it may be missing
    @groups.optgroup.option("--socket")  # type: ignore[untyped-decorator]  # it may be missing
    def serve(port: int | None, socket: str | None) -> None:
        """Serve the model."""
        click.echo(f"serving on {port or socket}")

    return main


def test_help_has_the_group(program: click.Group) -> None:
    assert re.search(r"serve +Serve the model\.", run(program, "--help").stdout)
    assert "  Server: [mutually_exclusive, required]\n" in run(program, "serve", "--help").stdout


def test_the_group_checks_its_options(program: click.Group) -> None:
    assert run(program, "serve", "--port", "4").stdout == "serving on 4\n"
    assert "cannot be used at the same time" in run(program, "serve", "--port", "4", "--socket", "s").stderr
    assert "Missing one of the required mutually exclusive options" in run(program, "serve").stderr


def test_stages_are_as_before(program: click.Group) -> None:
    assert run(program, "train", "--name", "x", "--mode", "SLOW").stdout.startswith("trained x: 50 conv SLOW")
