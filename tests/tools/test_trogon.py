"""A program in the terminal interface of trogon: fill in a value, and run a stage with it."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.tools import kit
from tests.tools.terminal import Terminal

trogon = pytest.importorskip("trogon")

pytestmark = pytest.mark.filterwarnings(
    "ignore:'BaseCommand' is deprecated:DeprecationWarning",  # trogon 0.6.0 imports it from Click
)


PROGRAM = "from trogon import tui\nfrom tests.tools.kit import main\ntui()(main)()\n"


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_a_stage_is_run_from_a_terminal_with_the_value_that_was_typed(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path, PROGRAM)
    with terminal.running("kit tui"):
        assert terminal.wait("Close & Run", "Tries models.", "train"), terminal.screen
        terminal.press("End")
        assert terminal.wait("$ kit train", "Train the model.", "--name text", "*required"), terminal.screen
        terminal.fill("name of the", "typed-here", "$ kit train --name typed-here")
        assert kit.SECRET not in terminal.screen
        terminal.press("C-r")
        assert terminal.wait("Running kit train --name typed-here", "trained typed-here: 50 conv FAST"), terminal.screen


def in_the_interface(*steps: Callable[[Any], Any]) -> tuple[list[str], str]:
    """Choose the stage `train` in a terminal that only Textual knows, take steps there, and return line and screen."""

    async def run() -> tuple[list[str], str]:
        app = trogon.Trogon(kit.make().command(), app_name="kit")
        async with app.run_test(size=(120, 200)) as pilot:
            await pilot.press("end")
            await pilot.pause()
            for step in steps:
                step(app.screen)
                await pilot.pause()
            return app.post_run_command, app.export_screenshot(simplify=True)

    return asyncio.run(run())


def control(screen: Any, flag: str) -> Any:
    """Find the control of an option of the stage."""
    found = [one for one in screen.query("ParameterControls") if flag in one.schema.name]
    return found[0].query(f".{found[0].schema.key}").first()


def test_the_values_of_all_kinds_of_controls_are_on_the_line() -> None:
    def fill(screen: Any) -> None:
        control(screen, "--name").value = "x"
        control(screen, "--epochs").value = "3"
        control(screen, "--kind").value = "mlp"
        control(screen, "--mode").value = "SLOW"
        control(screen, "--shuffle").toggle()
        control(screen, "--optim").value = "SGD"

    line, _ = in_the_interface(fill)
    expected = "train --name x --epochs 3 --kind mlp --mode SLOW --no-shuffle --optim SGD"
    assert line == expected.split()


def test_a_dotted_option_of_the_program_goes_before_the_stage() -> None:
    def fill(screen: Any) -> None:
        control(screen, "--train/dataset.size").value = "3"

    assert in_the_interface(fill)[0] == ["--train/dataset.size", "3", "train"]


def test_what_has_no_default_is_empty_and_what_is_left_is_not_on_the_line() -> None:
    values = {}

    def look(screen: Any) -> None:
        for flag in ("--name", "--token", "--save", "--epochs", "--debug"):
            values[flag] = control(screen, flag).value

    line, shown = in_the_interface(look)
    assert line == ["train"]
    assert values == {"--name": "", "--token": "", "--save": "", "--epochs": "50", "--debug": False}
    assert "UNSET" not in shown
    assert kit.SECRET not in shown
