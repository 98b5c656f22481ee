"""Find the axes of a sweep on its line: options that are given several times."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, layers, sweeps
from ..keys import Key, canonical
from ..layers import Layer, ResolvedValue
from .option import ParameterOption

if TYPE_CHECKING:
    from ..declare.registry import Registry
    from ..layers.document import Document
    from .parts import Line, Mention, Part

__all__ = ["Taken", "axes_of", "of_files", "take"]


class Taken:
    """An option that is given several times in one part of a line, or with a range.

    Attributes
    ----------
    part : Part
        The part. It keeps the first occurrence, which Click parses.
    mentions : list of Mention
        All occurrences.
    """

    __slots__ = ("mentions", "part")

    def __init__(self, part: Part, mentions: list[Mention]) -> None:
        self.part = part
        self.mentions = mentions


def take(line: Line) -> list[Taken]:
    """Take the further occurrences of options, and ranges, from a line, in its order."""
    found: list[Taken] = []
    for part in (line.root, *line.parts):
        by_name: dict[str, list[Mention]] = {}
        for mention in part.mentions:
            if isinstance(mention.option, ParameterOption) and mention.option.bound.role != "engine":
                by_name.setdefault(mention.option.name, []).append(mention)
        several = [mentions for mentions in by_name.values() if len(mentions) > 1 or cli.ranges.ends_of(mentions[0])]
        found += [Taken(part, mentions) for mentions in several]
        for first, *others in several:
            part.mentions = [mention for mention in part.mentions if mention not in others]
            low, _ = cli.ranges.ends_of(first) or (first.value, None)  # one end is a value that Click can check
            part.values[first.option.name] = [low] if first.option.multiple else low
    return found


def axes_of(root: Any, taken: Sequence[Taken]) -> list[sweeps.axes.Axis]:
    """Convert the values of options that are given several times.

    Raises
    ------
    click.BadParameter
        If a value cannot be converted.
    click.UsageError
        If a secret has several values: the jobs would be saved without it.
    """
    return [_axis(root, one) for one in taken]


def _axis(root: Any, taken: Taken) -> sweeps.axes.Axis:
    option: Any = taken.mentions[0].option
    number, ctx = _place_of(root, taken.part)
    if layers.redaction.is_secret(option.spec):
        flag = taken.mentions[0].flag
        raise click.UsageError(f"{flag!r} is secret, and cannot have several values: jobs are saved without it.", ctx)
    if any(map(cli.ranges.ends_of, taken.mentions)):
        return cli.ranges.axis_of(ctx, taken.mentions, number)
    choices: dict[str, sweeps.axes.Choice] = {}
    for mention in taken.mentions:
        value = option.read_typed(ctx, [mention.value] if option.multiple else mention.value)
        resolved = ResolvedValue(value, ParameterSource.COMMANDLINE, mention.flag)
        label = cli.labels.label_of(option.spec, value)
        words = [mention.flag, *([mention.value] if isinstance(mention.value, str) else [])]
        choices.setdefault(label, sweeps.axes.Choice(words, {option.key: resolved}, label))
    return sweeps.axes.Axis(option.key.text, list(choices.values()), number)


def _place_of(root: Any, part: Part) -> tuple[int | None, click.Context]:
    """Return the turn that a part of the line is for, and its context; None for the whole run."""
    for number, turn in enumerate(root.turns):
        if turn.typed is part:
            return number, turn
    return None, root


def of_files(
    registry: Registry, documents: Sequence[Document], fixed: Mapping[Key, Any], *, searches: bool = False
) -> list[list[sweeps.axes.Axis]]:
    """Return the grids in files, without the axes that something above the files sets.

    Parameters
    ----------
    registry : Registry
        The functions.
    documents : sequence of Document
        The files.
    fixed : mapping of Key to object
        What the line or the environment sets. A class that it chooses leaves the axes of the fields that the class has.
    searches : bool
        Whether ranges are allowed.

    Raises
    ------
    ConfigError
        If something in a file is wrong.
    click.UsageError
        If a secret has several values.
    """
    found = layers.swept.read(documents, registry, searches=searches)
    grids = [[_of_file(registry, axis) for axis in grid] for grid in found]
    return [[axis for axis in grid if not _is_set(registry, axis, fixed)] for grid in grids]


def _is_set(registry: Registry, axis: sweeps.axes.Axis, fixed: Mapping[Key, Any]) -> bool:
    """Return whether something above the files sets what an axis sweeps."""
    return any(
        above in fixed and not _keeps(registry, above, fixed[above], key, resolved.value)
        for choice in axis.choices
        for key, resolved in choice.layer.items()
        for above in key.overriding
    )


def _keeps(registry: Registry, above: Key, chosen: Any, key: Key, value: Any) -> bool:
    """Return whether a field that is swept stays where a class is chosen, as it does in a single run."""
    found = registry.find(above.text)
    group = None if found is None or above.parameter == key.parameter else found[2].group
    return group is not None and group.keeps(chosen, key.parameter, value)


def _of_file(registry: Registry, found: layers.swept.FileAxis) -> sweeps.axes.Axis:
    choices = [_choice_of(registry, found.place, layer) for layer in found.values]
    names = [key.text for key in found.values[0]]
    name = names[0] if len(names) == 1 else canonical(found.name)
    span = None if found.read is None else cli.ranges.span_of_file(registry, found, name, _choice_of)
    unique: dict[str, sweeps.axes.Choice] = {}
    for choice in choices:
        unique.setdefault(choice.label, choice)
    return sweeps.axes.Axis(name, list(unique.values()), from_file=True, span=span)


def _choice_of(registry: Registry, place: str, layer: Layer) -> sweeps.axes.Choice:
    """Return a value of a file.

    Raises
    ------
    click.UsageError
        If it is that of a secret.
    """
    texts, words = [], []
    for key, resolved in layer.items():
        setting = registry.find(key.text)
        assert setting is not None  # the file has been read
        if layers.redaction.is_secret(setting[2], resolved):
            raise click.UsageError(
                f"{place}: {key.text} is secret, and cannot have several values: jobs are saved without it."
            )
        texts.append(cli.labels.label_of(setting[2], resolved.value))
        words += cli.labels.words_of(key, setting[2], texts[-1])
    return sweeps.axes.Choice(words, layer, ",".join(texts))
