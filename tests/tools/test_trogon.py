"""A program in the terminal interface of trogon: fill in a value, and run a stage with it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import HANG
from tests.tools import kit

trogon = pytest.importorskip("trogon")

pytestmark = pytest.mark.filterwarnings(
    "ignore:'BaseCommand' is deprecated:DeprecationWarning",  # trogon 0.6.0 imports it from Click
)


class Terminal:
    """A terminal of tmux, which runs one command.

    Parameters
    ----------
    folder : Path
        An empty folder.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        program = folder / "kit"
        code = f"#!{sys.executable}\nfrom trogon import tui\nfrom tests.tools.kit import main\ntui()(main)()\n"
        program.write_text(code, encoding="utf-8")
        program.chmod(0o755)
        root = str(Path(__file__).parents[2])
        self._environment = {
            **os.environ,
            "PATH": f"{folder}:{os.environ['PATH']}",
            "PYTHONPATH": root,
            "TERM": "xterm",
        }

    @contextlib.contextmanager
    def running(self, command: str) -> Iterator[None]:
        """Run a command, and stay open after it."""
        self._tmux("new-session", "-d", "-x", "120", "-y", "50", "-c", str(self._folder), f"{command}; sleep {HANG}")
        try:
            yield
        finally:
            self._tmux("kill-server")

    def press(self, *keys: str) -> None:
        self._tmux("send-keys", *keys)

    def type(self, text: str) -> None:
        self._tmux("send-keys", "-l", "--", text)

    @property
    def screen(self) -> str:
        return self._tmux("capture-pane", "-p", "-J")

    def wait(self, *shown: str, seconds: float = HANG) -> bool:
        """Wait until the screen shows some words."""
        end = time.monotonic() + seconds
        while not all(words in self.screen for words in shown):
            if time.monotonic() > end:
                return False
            time.sleep(0.05)
        return True

    def fill(self, found_by: str, value: str, line: str) -> None:
        """Find a field by its text, and type a value; again, if keys were lost, until the line at the bottom has it."""
        end = time.monotonic() + HANG
        while not self.wait(line, seconds=0):
            assert time.monotonic() < end, self.screen
            self.press("C-s", "C-u")
            self.type(found_by)
            if self.wait(f"▊  {found_by}  ", seconds=5):
                self.press("Tab")
                time.sleep(1)  # the field gets the keys that come before it has given up the focus
                self.press("C-u")
                self.type(value)
                self.wait(line, seconds=5)

    def _tmux(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", str(self._folder / "tmux"), "-f", "/dev/null", *words],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
            text=True,
            timeout=HANG,
        ).stdout


@pytest.mark.skipif(shutil.which("tmux") is None, reason="there is no tmux")
def test_a_stage_is_run_from_a_terminal_with_the_value_that_was_typed(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path)
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
