"""``CLICKBIND_PLAIN`` turns the shortcuts off, and a program does the same without them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLE = Path(__file__).parents[2] / "examples" / "multistage" / "multistage.py"

ASKED = """
import click
from clickbind import fast
print(fast.yaml_subset.read("a: 1") is None, fast.numpydoc.read("Train.") is None,
      fast.wrapping.wrap("Train.", 80) is None, fast.wrapping.terminal_columns() is None,
      fast.rows.Writer(click.Context(click.Command("x"))).row("--x", None, "", {}, deprecated=False) is None,
      fast.completion.item("--x", lambda: "") is None, fast.signals() is None,
      fast.yaml_line.write("f.x", 1) is None,
      fast.numpydoc.plain("Train.") is None, fast.numpydoc.without_default("A, by default 1") is None)
"""


def output_of(*words: str, plain: str, **variables: str) -> str:
    """Run Python with some shortcuts off, and return what it prints."""
    environment = {**os.environ, "CLICKBIND_PLAIN": plain, **variables}
    environment.pop("COLUMNS", None)
    done = subprocess.run([sys.executable, *words], env=environment, capture_output=True, check=True, text=True)
    return done.stdout


@pytest.mark.parametrize(
    ("plain", "off"),
    [
        ("", ""),
        ("1", "0123456789"),
        ("yaml_subset", "0"),
        ("numpydoc,wrapping", "123"),
        ("rows", "4"),
        ("completion,signals", "56"),
        ("yaml_line", "7"),
        ("markup", "89"),
    ],
)
def test_the_variable_turns_all_shortcuts_off_or_those_that_it_names(plain: str, off: str) -> None:
    asked = output_of("-c", ASKED, plain=plain).split()
    assert asked == [str(str(number) in off) for number in range(10)]


@pytest.mark.parametrize("line", ["--help", "train --help", "--config f.yml train --lr .1", "run train evaluate"])
def test_a_program_prints_the_same_without_shortcuts(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.yml").write_text("train.epochs: 3\n", encoding="utf-8")
    plain, usual = (output_of(str(EXAMPLE), *line.split(), plain=plain) for plain in ("1", ""))
    assert plain == usual


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_offered_the_same_without_shortcuts(shell: str) -> None:
    variables = {
        "_MULTISTAGE_PY_COMPLETE": f"{shell}_complete",
        "COMP_WORDS": "multistage train --",
        "COMP_CWORD": "--" if shell == "fish" else "2",
    }
    plain, usual = (output_of(str(EXAMPLE), plain=plain, **variables) for plain in ("1", ""))
    assert "--epochs" in usual
    assert plain == usual
