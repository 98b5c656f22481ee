"""Flags for a shell that completes, whose help is made only for shells that show it: bash does not.

For the help of an option, a docstring is read, and for that of ``--help`` a translation is looked for.
"""

from __future__ import annotations

from collections.abc import Callable

import click
from click.shell_completion import CompletionItem

from . import shortcut

__all__ = ["item"]


class _Item(CompletionItem):
    """A flag.

    Parameters
    ----------
    flag : str
        The flag.
    option : callable
        Returns its option.
    """

    __slots__ = ("_option",)

    def __init__(self, flag: str, option: Callable[[], click.Option | None]) -> None:
        super().__init__(flag)
        self._option = option

    @property
    def help(self) -> str | None:
        """The option's text."""
        option = self._option()
        return None if option is None else option.help

    @help.setter
    def help(self, value: str | None) -> None:
        """Ignore what Click's constructor sets."""


@shortcut("completion")
def item(flag: str, option: Callable[[], click.Option | None]) -> CompletionItem | None:
    """Return what a shell is offered for the flag of an option, which is made when its help is asked for."""
    return _Item(flag, option)
