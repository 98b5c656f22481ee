"""Flags for a shell that completes: their help is made only for shells that show it."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from .parts import typed_in

__all__ = ["flags_of", "own_flags"]


class _Flag(CompletionItem):
    """A flag whose help is made when it is asked for: bash never asks, and a docstring costs more than all the rest.

    Parameters
    ----------
    flag : str
        The flag.
    option : callable
        Gives its option.
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


def flags_of(ctx: click.Context, params: Iterable[click.Parameter], incomplete: str) -> list[CompletionItem]:
    """Offer the flags of options, as Click does: no hidden ones, and none twice that counts once.

    Parameters
    ----------
    ctx : click.Context
        The context of their command, with what is on the line already.
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
            found += [_Flag(flag, functools.partial(_same, option)) for flag in flags if flag.startswith(incomplete)]
    return found


def own_flags(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Offer the flags of a command's own options, last those of help, whose option is not made for that."""
    command = ctx.command
    names = command.get_help_option_names(ctx) if command.add_help_option and not typed_in(ctx).helps else []
    make = functools.partial(command.get_help_option, ctx)
    helps = [_Flag(name, make) for name in names if name.startswith(incomplete)]
    return [*flags_of(ctx, command.params, incomplete), *helps]


def _same(option: click.Option) -> click.Option:
    return option
