"""A program below a group of click-extra, and `click-extra wrap`, which describes any program of Click."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from tests.tools import kit

click_extra = pytest.importorskip("click_extra")

PROGRAM = "tests.tools.kit:main"


@pytest.fixture
def outer() -> click.Group:
    @click_extra.group()  # type: ignore[untyped-decorator]  # it may be missing
    def outer() -> None:
        """Has everything."""

    outer.add_command(kit.make().command())
    return outer  # type: ignore[no-any-return]


def run(program: click.Command, *line: str) -> Result:
    return CliRunner().invoke(program, line, prog_name="outer", env={"COLUMNS": "100"})


def wrap(*words: str, folder: Path, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run `click-extra wrap` on the program."""
    return subprocess.run(
        [sys.executable, "-m", "click_extra", *options, "wrap", *words],
        env={**os.environ, "COLUMNS": "100", "PYTHONPATH": str(Path(__file__).parents[2]), "HOME": str(folder)},
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )


def test_the_group_lists_and_runs_the_program(outer: click.Group) -> None:
    assert re.search(r"kit +Tries models\.", run(outer, "--help").stdout)
    done = run(outer, "kit", "train", "--name", "x", "--layers", "3 4")
    assert done.stdout == "trained x: 50 conv FAST [3, 4] True Adam(lr=0.1) on 10, 7\n"
    assert "--train.epochs" in run(outer, "kit", "--help").stdout


def test_a_group_that_shows_all_defaults_shows_no_secret(outer: click.Group) -> None:
    shown = run(outer, "kit", "--help").stdout + run(outer, "kit", "train", "--help").stdout
    assert "[default: FAST]" in shown
    assert kit.SECRET not in shown


def test_wrapped_help_is_ours_in_colours(tmp_path: Path) -> None:
    shown = wrap(PROGRAM, "--help", folder=tmp_path, options=("--color=always",)).stdout
    assert re.search(r"\x1b\[\d+m--train\.kind\x1b\[0m", shown)
    plain = click.unstyle(shown)
    assert re.search(r"--train.kind \[conv\|mlp\] +\[default: conv\]", plain)
    assert "Stages:\n  train     Train the model.\n" in plain
    assert kit.SECRET not in plain


def test_wrapped_stages_run(tmp_path: Path) -> None:
    done = wrap(PROGRAM, "run", "train", "--name", "x", "--epochs", "3", "evaluate", folder=tmp_path)
    assert done.stdout.startswith("trained x: 3 conv FAST [8, 4] True Adam(lr=0.1) on 10, 7\n"), done.stderr
    wrong = wrap(PROGRAM, "train", "--epochs", "many", folder=tmp_path)
    assert (wrong.returncode, "'many' is not a valid integer." in wrong.stderr) == (2, True)


def test_the_tree_has_stages_and_chains(tmp_path: Path) -> None:
    shown = wrap("--tree", PROGRAM, folder=tmp_path).stdout
    assert re.search(r"(?m)^├── train +Train the model\.", shown)
    assert re.search(r"(?m)^│   ├── train +Train the model\.", shown)


def test_the_table_of_parameters_has_dotted_options_and_no_secret(tmp_path: Path) -> None:
    shown = wrap("--params", "--table-format", "csv", PROGRAM, folder=tmp_path).stdout
    assert "--train.epochs" in shown
    assert "--train/dataset.folder" in shown
    assert kit.SECRET not in shown


@pytest.mark.parametrize("kind", ["man", "markdown", "json"])
def test_every_format_of_help_has_the_options_and_no_secret(kind: str, tmp_path: Path) -> None:
    shown = wrap("--help-format", kind, PROGRAM, folder=tmp_path).stdout
    assert "train.epochs" in shown
    assert "INTEGER" in shown.upper()
    assert kit.SECRET not in shown
    if kind == "json":
        json.loads(shown)
