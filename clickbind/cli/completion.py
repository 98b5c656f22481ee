"""Complete flags."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from .. import fast
from .parts import typed_in

__all__ = ["flags_of", "own_flags"]


def flags_of(ctx: click.Context, params: Iterable[click.Parameter], incomplete: str) -> list[CompletionItem]:
    """Complete the flags of options, as Click does.

    Leave out hidden options, and options on the line that cannot be repeated.

    Parameters
    ----------
    ctx : click.Context
        The context of their command, with the options that are on the line already.
    params : iterable of click.Parameter
        The parameters.
    incomplete : str
        The word to complete.
    """
    found: list[CompletionItem] = []
    for option in params:
        if not isinstance(option, click.Option) or option.hidden:
            continue
        typed = ctx.get_parameter_source(option.name) is ParameterSource.COMMANDLINE
        if option.multiple or not typed:
            flags = (*option.opts, *option.secondary_opts)
            found += _items(flags, functools.partial(_text, option), incomplete)
    return found


def own_flags(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Complete the flags of a command's own options, with the help flags last."""
    command = ctx.command
    names = command.get_help_option_names(ctx) if command.add_help_option and not typed_in(ctx).helps else []
    helps = _items(names, lambda: _text(command.get_help_option(ctx)), incomplete)
    return [*flags_of(ctx, command.params, incomplete), *helps]


def _items(flags: Iterable[str], text: Callable[[], str | None], incomplete: str) -> Iterator[CompletionItem]:
    """Complete the flags of one option."""
    for flag in flags:
        if flag.startswith(incomplete):
            yield fast.completion.item(flag, text) or CompletionItem(flag, help=text())


def _text(option: click.Option | None) -> str | None:
    """Return the help text of an option for a shell, which takes a line for each."""
    found: str | None = getattr(option, "brief", None) or getattr(option, "help", None)
    return found and " ".join(found.split())
