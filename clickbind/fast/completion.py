"""Complete flags, and make their help texts only for shells that show them: bash does not.

The help of an option requires reading a docstring, and the help of ``--help`` looking for a translation.
"""

from __future__ import annotations

from collections.abc import Callable

from click.shell_completion import CompletionItem

from . import shortcut

__all__ = ["item"]


class _Item(CompletionItem):
    """A completed flag.

    Parameters
    ----------
    flag : str
        The flag.
    text : callable
        Returns the help text of the flag's option.
    """

    __slots__ = ("_text",)

    def __init__(self, flag: str, text: Callable[[], str | None]) -> None:
        super().__init__(flag)
        self._text = text

    @property
    def help(self) -> str | None:
        """The help text of the option."""
        return self._text()

    @help.setter
    def help(self, value: str | None) -> None:
        """Ignore the value that Click's constructor sets."""


@shortcut("completion")
def item(flag: str, text: Callable[[], str | None]) -> CompletionItem | None:
    """Return the completion item of an option's flag; its help is made only when it is read."""
    return _Item(flag, text)
