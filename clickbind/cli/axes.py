"""Find the axes of a sweep on its line: options that are given several times."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, layers, sweeps
from ..keys import Key, canonical
from ..layers import ResolvedValue
from .option import ParameterOption, dotted_flags

if TYPE_CHECKING:
    from ..declare.function import ParameterSpec
    from ..declare.registry import Registry
    from ..layers.document import Document
    from .parts import Line, Mention, Part

__all__ = ["Taken", "axes_of", "label_of", "of_files", "take", "words_for"]


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
            if isinstance(mention.option, ParameterOption) and mention.option.bound.role != "engine":
                by_name.setdefault(mention.option.name, []).append(mention)
        several = [mentions for mentions in by_name.values() if len(mentions) > 1]
        found += [Taken(part, mentions) for mentions in several]
        for first, *others in several:
            part.mentions = [mention for mention in part.mentions if mention not in others]
            part.values[first.option.name] = [first.value] if first.option.multiple else first.value
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
    choices: dict[str, sweeps.axes.Choice] = {}
    for mention in taken.mentions:
        value = option.read_typed(ctx, [mention.value] if option.multiple else mention.value)
        resolved = ResolvedValue(value, ParameterSource.COMMANDLINE, mention.flag)
        label = label_of(option.spec, value)
        words = [mention.flag, *([mention.value] if isinstance(mention.value, str) else [])]
        choices.setdefault(label, sweeps.axes.Choice(words, {option.key: resolved}, label))
    return sweeps.axes.Axis(option.key.text, list(choices.values()), number)


def _place_of(root: Any, part: Part) -> tuple[int | None, click.Context]:
    """Return the turn that a part of the line is for, and its context; None for the whole run."""
    for number, turn in enumerate(root.turns):
        if turn.typed is part:
            return number, turn
    return None, root


def of_files(registry: Registry, documents: Sequence[Document], fixed: Collection[Key]) -> list[list[sweeps.axes.Axis]]:
    """Return the grids in files, without the axes that something above the files sets.

    Parameters
    ----------
    registry : Registry
        The functions.
    documents : sequence of Document
        The files.
    fixed : collection of Key
        The keys that the line or the environment sets.

    Raises
    ------
    ConfigError
        If something in a file is wrong.
    click.UsageError
        If a secret has several values.
    """
    grids = [[_of_file(registry, axis) for axis in grid] for grid in layers.swept.read(documents, registry)]
    return [[axis for axis in grid if not any(_beats(key, fixed) for key in axis.keys)] for grid in grids]


def _beats(key: Key, fixed: Collection[Key]) -> bool:
    return any(above in fixed for above in key.overriding)


def _of_file(registry: Registry, found: layers.swept.FileAxis) -> sweeps.axes.Axis:
    choices: dict[str, sweeps.axes.Choice] = {}
    names = []
    for layer in found.values:
        texts, words = [], []
        for key, resolved in layer.items():
            setting = registry.find(key.text)
            assert setting is not None  # the file has been read
            if layers.redaction.is_secret(setting[2], resolved):
                raise click.UsageError(
                    f"{found.place}: {key.text} is secret, and cannot have several values: jobs are saved without it."
                )
            texts.append(label_of(setting[2], resolved.value))
            words += words_for(key, setting[2], texts[-1])
        names = [key.text for key in layer]
        label = ",".join(texts)
        choices.setdefault(label, sweeps.axes.Choice(words, layer, label))
    name = names[0] if len(names) == 1 else canonical(found.name)
    return sweeps.axes.Axis(name, list(choices.values()), from_file=True)


def words_for(key: Key, spec: ParameterSpec, label: str) -> list[str]:
    """Return the words that set a value of a file on a line."""
    flag, negation = dotted_flags(key, spec)
    if negation is not None and label in {"true", "false"}:
        return [flag if label == "true" else negation]
    return [flag, label]


def label_of(spec: ParameterSpec, value: Any) -> str:
    """Return a value as people see it in the name of a job and in tables."""
    assert spec.converter is not None  # an option has one
    plain = spec.converter.to_plain(value)
    if plain is None or isinstance(plain, bool):
        return {None: "none", True: "true", False: "false"}[plain]
    return plain if isinstance(plain, str) else cli.json.dumps(plain, ensure_ascii=False)
