"""Complete commands and flags."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource
from click.shell_completion import CompletionItem

from .. import calls, cli, fast
from ..keys import canonical, parameter_of
from .option import ParameterOption, values_of
from .parts import typed_in

if TYPE_CHECKING:
    from ..declare.registry import Bound
    from ..keys import Key
    from ..layers import Values

__all__ = ["Offered", "commands", "flags_of", "is_typed", "items", "own_flags"]

Complete = Callable[[click.Context, str], list[CompletionItem]]


def commands(complete: Complete, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Complete the names of commands, which may be typed with underscores for their dashes.

    Parameters
    ----------
    complete : callable
        Completes the names as they are.
    ctx : click.Context
        The context.
    incomplete : str
        The word to complete.
    """
    found = complete(ctx, incomplete)
    return [*found, *complete(ctx, incomplete.replace("_", "-"))] if "_" in incomplete else found


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
        if option.multiple or not is_typed(ctx, option.name):
            found += items(ctx, (*option.opts, *option.secondary_opts), functools.partial(_same, option), incomplete)
    return found


def is_typed(ctx: click.Context, name: str) -> bool:
    """Return whether an option is on the line already."""
    return ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE


def own_flags(ctx: click.Context, incomplete: str) -> list[CompletionItem]:
    """Complete the flags of a command's own options, with the help flags last."""
    command = ctx.command
    names = command.get_help_option_names(ctx) if command.add_help_option and not typed_in(ctx).helps else []
    helps = items(ctx, names, functools.partial(command.get_help_option, ctx), incomplete)
    is_offered = Offered(ctx)
    params = [
        param
        for param in getattr(command, "own", command).params  # the root's dotted options are completed by prefix
        if not isinstance(param, ParameterOption) or is_offered(param.key, param.bound)
    ]
    return [*flags_of(ctx, params, incomplete), *helps]


class Offered:
    """Decides which fields of classes are offered: those of the class that is chosen, or else of the default's.

    Parameters
    ----------
    ctx : click.Context
        The context of the command, with the values so far.
    """

    def __init__(self, ctx: click.Context) -> None:
        self._ctx = ctx
        self._names: dict[tuple[Bound, str, str | None], set[str]] = {}

    def __call__(self, key: Key, bound: Bound) -> bool:
        """Return whether the setting of a key is offered."""
        if not bound.is_of_class(key.parameter):
            return True
        name = parameter_of(key.parameter)
        at = (bound, name, key.scope)
        if at not in self._names:
            group = bound.spec.parameters[name].group
            assert group is not None  # it has fields
            self._names[at] = set(group.offered(calls.filling.given_for(bound, group, self._values, key.scopes)))
        return key.parameter in self._names[at]

    @functools.cached_property
    def _values(self) -> Values:
        """The values of the run, and those of the turn."""
        planned = getattr(self._ctx, "planned", None)
        values = values_of(self._ctx)
        return values if planned is None else values.for_turn(planned.line, planned.files)


def items(
    ctx: click.Context, flags: Iterable[str], make: Callable[[], click.Option | None], incomplete: str
) -> Iterator[CompletionItem]:
    """Complete the flags of one option, in which dashes and underscores are the same.

    Parameters
    ----------
    ctx : click.Context
        The context, with the values of the run.
    flags : iterable of str
        The flags.
    make : callable
        Returns the option, whose help is read only for shells that show it.
    incomplete : str
        The word to complete.
    """
    typed = canonical(incomplete)
    for flag in flags:
        if canonical(flag).startswith(typed):
            text = functools.partial(_help, ctx, make)
            yield fast.completion.item(flag, text) or CompletionItem(flag, help=text())


def _same(option: click.Option) -> click.Option:
    return option


def _help(ctx: click.Context, make: Callable[[], click.Option | None]) -> str:
    """Return the first paragraph of an option's help, with the value that a file, a variable or the line sets."""
    option = make()
    text = (option is not None and option.help) or ""
    text = " ".join(text.partition("\n\n")[0].split())
    if not isinstance(option, ParameterOption):
        return text
    note = cli.help_extra.current_of(option.key, option.spec, values_of(ctx))
    return f"{text}  {note}".strip()
