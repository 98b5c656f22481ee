"""Complete flags, and make their help texts only for shells that show them: bash does not.

The help of an option requires reading a docstring, and the help of ``--help`` looking for a translation.
"""

from __future__ import annotations

import atexit
import os
import sys
from collections.abc import Callable

from click.shell_completion import CompletionItem

from . import shortcut

__all__ = ["item", "leave"]


class _Item(CompletionItem):
    """A completed flag.

    Parameters
    ----------
    flag : str
        The flag.
    text : callable
        Returns the help text.
    """

    __slots__ = ("_text",)

    def __init__(self, flag: str, text: Callable[[], str]) -> None:
        super().__init__(flag)
        self._text = text

    @property
    def help(self) -> str:
        """The help text."""
        return self._text()

    @help.setter
    def help(self, value: str | None) -> None:
        """Ignore the value that Click's constructor sets."""


@shortcut("completion")
def item(flag: str, text: Callable[[], str]) -> CompletionItem | None:
    """Return the completion item of a flag; its text is made only when it is read."""
    return _Item(flag, text)


@shortcut("leaving")
def leave() -> None:
    """End the process, once Python's own end begins, without freeing each object first.

    Call it only in a process that was started to complete. It does nothing in a program that has something to do at
    its end.
    """
    count = getattr(atexit, "_ncallbacks", None)
    if count is not None and not count() and sys.stdout is sys.__stdout__:
        atexit.register(_exit)


def _exit() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)
