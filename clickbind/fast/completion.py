"""Complete flags, and make their help texts only for shells that show them: bash does not.

The help of an option requires reading a docstring, and the help of ``--help`` looking for a translation.
"""

from __future__ import annotations

from collections.abc import Callable

import click
from click.shell_completion import CompletionItem

from . import shortcut

__all__ = ["item"]


class _Item(CompletionItem):
    """A completed flag.

    Parameters
    ----------
    flag : str
        The flag.
    option : callable
        Returns the option of the flag.
    """

    __slots__ = ("_option",)

    def __init__(self, flag: str, option: Callable[[], click.Option | None]) -> None:
        super().__init__(flag)
        self._option = option

    @property
    def help(self) -> str | None:
        """The help text of the option."""
        option = self._option()
        return None if option is None else option.help

    @help.setter
    def help(self, value: str | None) -> None:
        """Ignore the value that Click's constructor sets."""


@shortcut("completion")
def item(flag: str, option: Callable[[], click.Option | None]) -> CompletionItem | None:
    """Return the completion item of an option's flag; the option is made only when its help is read."""
    return _Item(flag, option)
