"""Drive a real shell in tmux: type a line, press TAB, and read the line that the shell then has."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from tests.conftest import HANG

KIT = Path(__file__).parent / "kit.py"

# C-x p hands over the line, and empties it: a shell handles keys in their order, so TAB has done its work by then.
SETUP = {
    "bash": """\
PS1='$ '
bind 'set bell-style none'; bind 'set show-all-if-ambiguous on'; bind 'set page-completions off'
hand_over() {{ printf %s "$READLINE_LINE" > {line}; READLINE_LINE= READLINE_POINT=0; mv {line} {over}; }}
bind -x '"\\C-xp": hand_over'
[[ -r /usr/share/bash-completion/bash_completion ]] && source /usr/share/bash-completion/bash_completion
eval "$(_KIT_COMPLETE=bash_source kit)"
eval "$(_OUTER_COMPLETE=bash_source outer)"
PROMPT_COMMAND='touch {ready}'
""",
    "zsh": """\
PS1='$ '; unsetopt beep; LISTMAX=1000
autoload -U compinit && compinit -u -D
hand_over() {{ print -rn -- "$BUFFER" > {line}; BUFFER=; mv {line} {over} }}
zle -N hand_over; bindkey -e; bindkey '^Xp' hand_over
eval "$(_KIT_COMPLETE=zsh_source kit)"
eval "$(_OUTER_COMPLETE=zsh_source outer)"
precmd() {{ touch {ready} }}
""",
    "fish": """\
function fish_prompt; touch {ready}; echo -n '$ '; end
function fish_greeting; end
function hand_over; commandline | string collect > {line}; commandline ''; mv {line} {over}; end
bind \\cxp hand_over
_KIT_COMPLETE=fish_source kit | source
_OUTER_COMPLETE=fish_source outer | source
""",
}
"""What each shell runs at its start."""

START = {"bash": ("bash", "--noprofile", "-i"), "zsh": ("zsh", "-i"), "fish": ("fish", "-i")}
SETTINGS = {"bash": ".bashrc", "zsh": ".zshrc", "fish": ".config/fish/config.fish"}


class Shell:
    """A shell in a terminal.

    Parameters
    ----------
    name : str
        Its name.
    folder : Path
        An empty folder, which becomes its home.
    """

    def __init__(self, name: str, folder: Path) -> None:
        self._words = START[name]
        self._socket = folder / "tmux"
        self._ready, self._line, self._over = folder / "ready", folder / "line", folder / "over"
        self.work = folder / "work"
        for path in (self.work, folder / "bin", (folder / SETTINGS[name]).parent):
            path.mkdir(exist_ok=True, parents=True)
        (folder / SETTINGS[name]).write_text(SETUP[name].format(ready=self._ready, line=self._line, over=self._over))
        for program in ("kit", "outer"):
            path = folder / "bin" / program
            path.write_text(f'#!/bin/sh\nexec {sys.executable} {KIT.with_name(program)}.py "$@"\n')
            path.chmod(0o755)
        self._environment = {
            "HOME": str(folder),
            "LC_ALL": "C.UTF-8",
            "PATH": f"{folder / 'bin'}:/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin",
            "PYTHONPATH": str(KIT.parents[2]),
            "TERM": "xterm",
            **{name: value for name, value in os.environ.items() if name.startswith("CLICKBIND")},
        }
        self._end = time.monotonic() + HANG

    @contextlib.contextmanager
    def open(self) -> Iterator[None]:
        """Start it, and end it."""
        self._tmux("new-session", "-d", "-x", "100", "-y", "40", "-c", str(self.work), *self._words)
        try:
            assert self._poll(self._ready.exists, HANG), f"it has no prompt:\n{self.screen}"
            assert self.type("begin") == "begin"
            yield
        finally:
            self._tmux("kill-server")

    def press_tab(self, line: str, *shown: str) -> str:
        """Type a line, press TAB, wait until the screen shows some words, and return the line."""
        self._keys("C-l")
        return self.type(line, "Tab", shown=shown)

    def type(self, line: str, *keys: str, shown: tuple[str, ...] = ()) -> str:
        """Type a line and keys, wait until the screen shows some words, and return the line."""
        self._keys("-l", line)
        self._keys(*keys)
        seen = self._poll(lambda: all(word in self.screen for word in shown), HANG if shown else 0)
        assert seen or not shown, f"{line} shows:\n{self.screen}"
        self._keys("C-x", "p")
        assert self._poll(self._over.exists, HANG), f"no line is handed over:\n{self.screen}"
        text = self._over.read_text(encoding="utf-8").removesuffix("\n")
        self._over.unlink()
        return text

    @property
    def screen(self) -> str:
        """What the terminal shows."""
        return self._tmux("capture-pane", "-p").rstrip()

    def _keys(self, *keys: str) -> None:
        if keys:
            self._tmux("send-keys", *keys)

    def _poll(self, is_done: Callable[[], bool], seconds: float) -> bool:
        """Wait until something is done, at most some seconds, and never longer than all of the test may take."""
        end = min(time.monotonic() + seconds, self._end)
        while not is_done():
            if time.monotonic() >= end:
                return False
            time.sleep(0.02)
        return True

    def _tmux(self, *words: str) -> str:
        return subprocess.run(
            ["tmux", "-S", str(self._socket), "-f", "/dev/null", *words],
            env=self._environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=True,
            text=True,
            timeout=HANG,
        ).stdout
