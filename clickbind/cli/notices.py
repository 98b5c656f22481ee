"""Warn on standard error of what has no effect. Only a warning imports this module."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import click

from .. import layers, output
from ..declare.registry import Registry
from ..errors import suggest
from ..layers import Values
from ..types import HIDDEN
from . import root_options
from .parts import Mention

__all__ = ["overridden", "unknown_key", "unknown_variables"]

_MOST_SUGGESTED = 10  # finding a similar name takes a millisecond for each hundred names


def unknown_key(place: str, key: str) -> None:
    """Warn of a key in a file that belongs to no bound function."""
    output.warn(f"{place}: ignoring the unknown key {key!r}.")


def unknown_variables(command: click.Command, names: Iterable[str], known: Iterable[str]) -> None:
    """Warn of environment variables that have the program's prefix and set no parameter; do not show their values.

    Parameters
    ----------
    command : click.Command
        The program, whose own Click options and commands may read variables too.
    names : iterable of str
        The variables.
    known : iterable of str
        The variables of parameters.
    """
    known = list(known)
    clicks = set(_variables(command))
    for count, name in enumerate(sorted(set(names) - clicks)):
        near = suggest(name, known) if count < _MOST_SUGGESTED else ""
        output.warn(f"the environment variable {name!r} sets no parameter.{near}")


def _variables(command: click.Command) -> Iterator[str]:
    """Walk the variables of a command's own Click options, and of its commands'."""
    for param in command.params:
        yield from [param.envvar] if isinstance(param.envvar, str) else param.envvar or ()
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        yield from _variables(inner)


def overridden(pairs: Iterable[tuple[Mention, Mention]], registry: Registry, words: list[str], values: Values) -> None:
    """Warn of options that others on the line override.

    Parameters
    ----------
    pairs : iterable of (Mention, Mention)
        The occurrences that have no effect, each with the one that counts.
    registry : Registry
        The functions.
    words : list of str
        The line.
    values : Values
        The values of the run.
    """
    net = layers.redaction.Net(registry, words=words, values=values, own=root_options.NAMES)
    for lost, kept in pairs:
        output.warn(net.scrub(f"{_typed(lost)!r} has no effect, since {_typed(kept)!r} is given too."))


def _typed(mention: Mention) -> str:
    """Return an occurrence of an option as it was typed, without a secret."""
    if not isinstance(mention.value, (str, tuple)):
        return mention.flag
    spec = getattr(mention.option, "spec", None)
    is_hidden = spec is not None and layers.redaction.is_secret(spec)
    value = mention.value if isinstance(mention.value, str) else " ".join(mention.value)
    return f"{mention.flag} {HIDDEN if is_hidden else value}"
