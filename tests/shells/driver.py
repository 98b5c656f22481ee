"""Drive real shells in tmux: type a line, press TAB, and read the line that the shell then has."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

from tests.conftest import HANG

KIT = Path(__file__).parent / "kit.py"

RC = {
    "bash": (
        "PS1='$ '; bind 'set bell-style none' 'set show-all-if-ambiguous on' 'set page-completions off'\n"
        "bind -x '\"\\C-xp\": printf %s \"$READLINE_LINE\" > {line}; mv {line} {done}'\n"
    ),
    "zsh": (
        "PS1='$ '; autoload -U compinit && compinit -u -D; LISTMAX=1000; unsetopt beep; setopt interactive_comments\n"
        "dump() { print -rn -- \"$BUFFER\" > {line}; mv {line} {done} }; zle -N dump; bindkey '^Xp' dump; bindkey -e '^Xp' dump\n"
    ),
    "fish": (
        "function fish_prompt; echo '$ '; end; function fish_greeting; end\n"
        "bind \\cxp 'commandline > {line}; mv {line} {done}'\n"
    ),
}
