"""Flags for a shell that completes: their help is made only for shells that show it."""

from __future__ import annotations

from collections.abc import Iterable

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

__all__ = ["flags_of"]


class _Flag(CompletionItem):
    """A flag whose help is made when it is asked for: bash never asks, and a docstring costs more than all the rest.

    Parameters
    ----------
    flag : str
        The flag.
    option : click.Option
        Its option.
    """

    __slots__ = ("_option",)

    def __init__(self, flag: str, option: click.Option) -> None:
        super().__init__(flag)
        self._option = option

    @property
    def help(self) -> str | None:
        """The option's text."""
        return self._option.help

    @help.setter
    def help(self, value: str | None) -> None:
        """Ignore what Click's constructor sets."""


def flags_of(ctx: click.Context, params: Iterable[click.Parameter], incomplete: str) -> list[CompletionItem]:
    """Offer the flags of a command's options, as Click does: no hidden ones, and none twice that counts once.

    Parameters
    ----------
    ctx : click.Context
        The command's context, with what is on the line already.
    params : iterable of click.Parameter
        The parameters.
    incomplete : str
        What is typed.
    """
    found: list[CompletionItem] = []
    for option in params:
        if not isinstance(option, click.Option) or option.hidden:
            continue
        typed = ctx.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
        if option.multiple or not typed:
            flags = (*option.opts, *option.secondary_opts)
            found += [_Flag(flag, option) for flag in flags if flag.startswith(incomplete)]
    return found
