"""A terminal of tmux in which a tool shows a program."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from tests.conftest import HANG

__all__ = ["Terminal"]


class Terminal:
    """A terminal of tmux, which runs one command.

    Parameters
    ----------
    folder : Path
        An empty folder.
    code : str
        The code of the program `kit`.
    """

    def __init__(self, folder: Path, code: str) -> None:
        self._folder = folder
        program = folder / "kit"
        program.write_text(f"#!{sys.executable} -Wignore\n{code}", encoding="utf-8")
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
