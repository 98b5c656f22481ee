"""Warn on standard error of what has no effect. Only a warning imports this module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import click

from .. import layers, output
from ..errors import suggest
from ..keys import choice_of
from ..layers.redaction import Net
from ..types import HIDDEN
from .parts import Mention, Part

if TYPE_CHECKING:
    from ..layers.document import Document

__all__ = ["misspelt_variables", "overridden", "repeated_variable", "unknown_key", "unknown_variables"]

# The end of a variable that is called like the key by which files choose a class.
_CHOICE = choice_of("").replace(".", "_").upper()
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
    names, known = list(names), list(known)
    clicks = set(_variables(command))
    shared = _shared([*names, *known])
    for count, name in enumerate(sorted(set(names) - clicks)):
        near = ""
        if name.removesuffix(_CHOICE) in known:
            near = f" Did you mean {name.removesuffix(_CHOICE)!r}?"
        elif count < _MOST_SUGGESTED:
            near = suggest(name, known, shared=shared)
        output.warn(f"the environment variable {name!r} sets no parameter.{near}")


def _shared(names: list[str]) -> int:
    """Return how many characters all names begin with together."""
    first, last = min(names, default=""), max(names, default="")  # what the two that lie farthest apart share, all do
    return next((at for at, (a, b) in enumerate(zip(first, last, strict=False)) if a != b), min(len(first), len(last)))


def _variables(command: click.Command) -> Iterator[str]:
    """Walk the variables of a command's own Click options, and of its commands'."""
    for param in getattr(command, "own", command).params:
        yield from [param.envvar] if isinstance(param.envvar, str) else param.envvar or ()
    added = getattr(command, "added", None)  # of a program of this package, to make no command of a stage
    for inner in (getattr(command, "commands", {}) if added is None else added).values():
        yield from _variables(inner)


def misspelt_variables(documents: Sequence[Document], given: Collection[str]) -> None:
    """Warn of variables that files set under a misspelt name.

    Parameters
    ----------
    documents : sequence of Document
        The files.
    given : collection of str
        The variables that the line sets.
    """
    for text in layers.includes.misspelt(documents, given):
        output.warn(text)


def repeated_variable(name: str) -> None:
    """Warn of a variable that is given more than once."""
    output.warn(f"--var {name} is given more than once; the last value counts.")


def overridden(root: Part, turns: Sequence[tuple[str, Part]], net: Net) -> None:
    """Warn of options that others on the line override.

    Parameters
    ----------
    root : Part
        The root's part of the line.
    turns : sequence of (str, Part)
        The turns, each with its stage and its part.
    net : Net
        Hides the secrets of the run.
    """
    for part in (root, *(part for _, part in turns)):
        for mentions in _repeated(part):
            output.warn(net.scrub(_of_several(mentions)))
    for lost, kept in _dotted_too(root, turns):
        if lost.value != kept.value:
            output.warn(net.scrub(_lost(lost, kept)))


def _lost(lost: Mention, kept: Mention) -> str:
    return f"{_typed(lost)!r} has no effect, since {_typed(kept)!r} is given too."


def _repeated(part: Part) -> Iterator[list[Mention]]:
    """Walk the options that are given several times with different values, of which the last one counts."""
    found: dict[str | None, list[Mention]] = {}
    for mention in part.mentions:
        if not (mention.option.multiple or mention.option.count):
            found.setdefault(mention.option.name, []).append(mention)
    yield from (mentions for mentions in found.values() if any(one.value != mentions[-1].value for one in mentions))


def _of_several(mentions: list[Mention]) -> str:
    """Return the warning of an option with several values; of those of a parameter, `sweep` takes all."""
    last = mentions[-1]
    if not hasattr(last.option, "key") or isinstance(last.value, bool):  # ``--shuffle --no-shuffle`` have no values
        return _lost(next(one for one in mentions if one.value != last.value), last)
    counts = _typed(last)
    if isinstance(last.value, str):
        counts = counts[len(last.flag) + 1 :]
    return f"{last.flag!r} was given {len(mentions)} times, {counts} counts; `sweep` tries all."


def _dotted_too(root: Part, turns: Sequence[tuple[str, Part]]) -> Iterator[tuple[Mention, Mention]]:
    """Walk the dotted options that an own option of the stage's only turn overrides, each with that one."""
    dotted = {mention.option.key: mention for mention in root.mentions if hasattr(mention.option, "key")}
    times = Counter(stage for stage, _ in turns)
    for stage, part in turns:
        own = {mention.option.name: mention for mention in part.mentions if times[stage] == 1}
        for mention in own.values():
            key = getattr(mention.option, "key", None)
            if key in dotted:
                yield dotted[key], mention


def _typed(mention: Mention) -> str:
    """Return an occurrence of an option as it was typed, without a secret."""
    if not isinstance(mention.value, (str, tuple)):
        return mention.flag
    spec = getattr(mention.option, "spec", None)
    is_hidden = spec is not None and layers.redaction.is_secret(spec)
    value = mention.value if isinstance(mention.value, str) else " ".join(mention.value)
    return f"{mention.flag} {HIDDEN if is_hidden else value}"
