"""Find the axes of a sweep on its line: options that are given several times."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, layers, sweeps
from ..layers import ResolvedValue
from .option import ParameterOption

if TYPE_CHECKING:
    from .context import RootContext
    from .parts import Line, Mention, Part

__all__ = ["Taken", "axes_of", "label_of", "take"]


class Taken:
    """An option that is given several times in one part of a line.

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
    """Take the further occurrences of options from a line, in its order."""
    found: list[Taken] = []
    for part in (line.root, *line.parts):
        by_name: dict[str, list[Mention]] = {}
        for mention in part.mentions:
            if isinstance(mention.option, ParameterOption):
                by_name.setdefault(mention.option.name, []).append(mention)
        several = [mentions for mentions in by_name.values() if len(mentions) > 1]
        found += [Taken(part, mentions) for mentions in several]
        for first, *others in several:
            part.mentions = [mention for mention in part.mentions if mention not in others]
            part.values[first.option.name] = [first.value] if first.option.multiple else first.value
    return found


def axes_of(root: RootContext, taken: Sequence[Taken]) -> list[sweeps.axes.Axis]:
    """Convert the values of options that are given several times.

    Raises
    ------
    click.BadParameter
        If a value cannot be converted.
    click.UsageError
        If a secret has several values: the jobs would be saved without it.
    """
    return [_axis(root, one) for one in taken]


def _axis(root: RootContext, taken: Taken) -> sweeps.axes.Axis:
    option: Any = taken.mentions[0].option
    number, ctx = _place_of(root, taken.part)
    if layers.redaction.is_secret(option.spec):
        flag = taken.mentions[0].flag
        raise click.UsageError(f"{flag!r} is secret, and cannot have several values: jobs are saved without it.", ctx)
    choices: dict[str, sweeps.axes.Choice] = {}
    for mention in taken.mentions:
        raw = [mention.value] if option.multiple else mention.value
        value = option.type_cast_value(ctx, raw)
        resolved = ResolvedValue(value, ParameterSource.COMMANDLINE, mention.flag)
        label = label_of(option, value)
        text = mention.value if isinstance(mention.value, str) else None
        choices.setdefault(label, sweeps.axes.Choice(mention.flag, text, resolved, label))
    return sweeps.axes.Axis(option.key, list(choices.values()), number)


def _place_of(root: RootContext, part: Part) -> tuple[int | None, click.Context]:
    """Return the turn that a part of the line is for, and its context; None for the whole run."""
    for number, turn in enumerate(root.turns):
        if turn.typed is part:
            return number, turn
    return None, root


def label_of(option: Any, value: Any) -> str:
    """Return a value as people see it in the name of a job and in tables."""
    plain = option.converter.to_plain(value)
    if plain is None or isinstance(plain, bool):
        return {None: "none", True: "true", False: "false"}[plain]
    return plain if isinstance(plain, str) else cli.json.dumps(plain, ensure_ascii=False)
