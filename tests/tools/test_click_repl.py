"""The shell of click-repl: each of its lines is a run of its own, after the options of the program's line."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tools import kit
from tests.tools.terminal import Terminal

click_repl = pytest.importorskip("click_repl")

pytestmark = [
    pytest.mark.filterwarnings("ignore:'MultiCommand' is deprecated:DeprecationWarning"),  # click-repl 0.4.1 uses it
    pytest.mark.filterwarnings("ignore:'protected_args' is deprecated:DeprecationWarning"),  # likewise
]

CODE = """
from click_repl import register_repl
from tests.tools.kit import main
register_repl(main)
main(prog_name="kit")
"""


def typed(*lines: str, program: tuple[str, ...] = (), folder: Path) -> tuple[list[str], str]:
    """Type lines into the shell; return what it prints and its errors."""
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", CODE, *program, "repl"],
        input="".join(f"{line}\n" for line in lines),
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=folder,
        capture_output=True,
        check=True,
        text=True,
    )
    return done.stdout.splitlines(), done.stderr


def test_each_line_has_its_own_values(tmp_path: Path) -> None:
    printed, errors = typed(
        "train --name a --epochs 3 --kind mlp",
        "train --name b",
        "--train.epochs 4 train --name c",
        "train --name d --dataset.size 2",
        "run train --name e --no-shuffle evaluate --folder out",
        folder=tmp_path,
    )
    assert printed == [
        "trained a: 3 mlp FAST [8, 4] True Adam(lr=0.1) on 10, 7",
        "trained b: 50 conv FAST [8, 4] True Adam(lr=0.1) on 10, 7",
        "trained c: 4 conv FAST [8, 4] True Adam(lr=0.1) on 10, 7",
        "trained d: 50 conv FAST [8, 4] True Adam(lr=0.1) on 2, 7",
        "trained e: 50 conv FAST [8, 4] False Adam(lr=0.1) on 10, 7",
        "evaluated into out",
    ]
    assert "Error" not in errors


def test_options_of_the_program_hold_for_all_lines(tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_text("train.epochs: 9\n", encoding="utf-8")
    printed, _ = typed(
        "train --name a",
        "train --name b --epochs 2",
        program=("--config", "f.yml", "--dataset.size", "5"),
        folder=tmp_path,
    )
    assert [line.partition(" Adam")[0] for line in printed] == [
        "trained a: 9 conv FAST [8, 4] True",
        "trained b: 2 conv FAST [8, 4] True",
    ]
    assert all("on 5," in line for line in printed)


def test_a_line_may_save_and_print_its_run(tmp_path: Path) -> None:
    printed, _ = typed("train --name a --save s.yml", "train --name b --print-config", folder=tmp_path)
    assert printed[0].startswith("trained a")
    assert "train.name: a" in (tmp_path / "s.yml").read_text(encoding="utf-8")
    assert any(line.startswith("train.name: b") for line in printed)
    assert not any(line.startswith("trained b") for line in printed)
    assert kit.SECRET not in "".join(printed) + (tmp_path / "s.yml").read_text(encoding="utf-8")


def test_a_wrong_line_is_an_error_and_the_shell_goes_on(tmp_path: Path) -> None:
    printed, errors = typed("train --name a --epochs many", "trian", "train --help", "train --name b", folder=tmp_path)
    assert "Invalid value for '--epochs': 'many' is not a valid integer." in errors
    assert "No such command 'trian'. Did you mean 'train'?" in errors
    assert "Usage: kit train [OPTIONS]" in printed
    assert printed[-1].startswith("trained b: 50")


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_it_completes_in_a_terminal(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, CODE)
    with terminal.running("kit repl"):
        assert terminal.wait(">"), terminal.screen
        # The prompt lists completions while one types. TAB chooses from the list, and is lost while that is made.
        for typed, listed, line in [
            ("tra", "train", "> train"),
            (" --ki", "--kind", "> train --kind"),
            (" m", "mlp", "--kind mlp"),
        ]:
            terminal.type(typed)
            assert terminal.wait(listed), terminal.screen
            terminal.press("Tab")
            assert terminal.wait(line), terminal.screen
        terminal.type(" --name x")
        terminal.press("Enter")
        assert terminal.wait("trained x: 50 mlp FAST"), terminal.screen
