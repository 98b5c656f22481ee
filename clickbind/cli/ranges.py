"""Read the ranges of a search: from the line, from files, and from annotations."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, layers, sweeps, types
from ..errors import UserError
from ..layers import Layer, ResolvedValue
from .option import ParameterOption

if TYPE_CHECKING:
    from ..declare.function import ParameterSpec
    from ..declare.registry import Bound, Registry
    from ..keys import Key
    from ..types import Converter
    from .parts import Mention

__all__ = ["axis_of", "axis_over", "ends_of", "is_range", "keys_of", "span_of_file"]


def ends_of(mention: Mention) -> tuple[str, str] | None:
    """Return the ends of the range that a numeric option is given; None without one."""
    option = mention.option
    if not isinstance(option, ParameterOption) or not is_range(mention.value):
        return None
    if types.intervals.numbers_of(option.converter) is None:
        return None
    low, _, high = mention.value.partition("..")
    return low, high


def is_range(text: Any) -> bool:
    """Return whether a text is ``LOW..HIGH`` with two numbers."""
    if not isinstance(text, str) or ".." not in text:
        return False
    low, _, high = text.partition("..")
    return _is_number(low) and _is_number(high)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def axis_of(ctx: click.Context, mentions: Sequence[Mention], turn: int | None) -> sweeps.axes.Axis:
    """Return the axis of an option that is given a range.

    Raises
    ------
    click.UsageError
        If the range is empty, or another value is given too.
    """
    mention = mentions[0]
    option: Any = mention.option
    if len(mentions) > 1:
        raise click.UsageError(
            f"{mention.flag!r} is given several times, once with a range: give one range, or single values.", ctx
        )

    def make(text: str) -> sweeps.axes.Choice:
        value = option.read_typed(ctx, [text] if option.multiple else text)
        resolved = ResolvedValue(value, ParameterSource.COMMANDLINE, mention.flag)
        return sweeps.axes.Choice([mention.flag, text], {option.key: resolved}, cli.labels.label_of(option.spec, value))

    choices = [make(text) for text in ends_of(mention) or ()]
    span = _span(repr(mention.flag), option.converter, [one.layer[option.key].value for one in choices], make)
    return sweeps.axes.Axis(option.key.text, choices, turn, span=span)


def span_of_file(
    registry: Registry,
    found: layers.swept.FileAxis,
    name: str,
    choice_of: Callable[[Registry, str, Layer], sweeps.axes.Choice],
) -> sweeps.spans.Span:
    """Return the range that a file gives for a key.

    Raises
    ------
    UserError
        If it is empty.
    """
    setting = registry.find(name)
    assert setting is not None  # the file has been read
    key, _, spec = setting
    read = found.read
    assert read is not None  # it is a range

    def make(text: str) -> sweeps.axes.Choice:
        return choice_of(registry, found.place, read(text))

    place = f"{found.place}: {name}"
    span = _span(place, _converter(spec), [layer[key].value for layer in found.values], make)
    if found.log:
        span = span.scaled()
        span.range.check(place)
    return span


def axis_over(key: Key, spec: ParameterSpec) -> sweeps.axes.Axis:
    """Return the axis of the values that the annotation of a parameter allows.

    Raises
    ------
    UserError
        If these are neither a range nor a few values.
    """
    place = f"--over: {key.text}"
    if layers.redaction.is_secret(spec):
        raise UserError(f"{place} is secret, and cannot have several values: jobs are saved without it.")
    converter = _converter(spec)

    def make(text: str) -> sweeps.axes.Choice:
        value = converter.from_line([text])
        label = cli.labels.label_of(spec, value)
        resolved = ResolvedValue(value, ParameterSource.COMMANDLINE, "--over")
        return sweeps.axes.Choice(cli.labels.words_of(key, spec, label), {key: resolved}, label)

    few = types.intervals.few_of(converter)
    if few is not None:
        return sweeps.axes.Axis(key.text, [make(text) for text in few])
    numbers = types.intervals.numbers_of(converter)
    if numbers is None:
        raise UserError(
            f"{place} has neither a range nor a few values in its annotation, as `Interval`, `Literal`, an Enum and "
            "bool have: give its values on the line."
        )
    if numbers.low is None or numbers.high is None:
        end = "lower" if numbers.low is None else "upper"
        raise UserError(f"{place} has no {end} bound in its annotation: give its range on the line, LOW..HIGH.")
    ends = [int(end) if numbers.whole else float(end) for end in (numbers.low, numbers.high)]
    span = _span(place, converter, ends, make)
    middle = span.at((ends[0] + ends[1]) // 2 if numbers.whole else ends[0] / 2 + ends[1] / 2)  # bounds may be open
    return sweeps.axes.Axis(key.text, [middle], span=span)


def _converter(spec: ParameterSpec) -> Converter:
    assert spec.converter is not None  # an option has one
    return spec.converter


def _span(
    place: str, converter: Converter, ends: list[Any], make: Callable[[str], sweeps.axes.Choice]
) -> sweeps.spans.Span:
    """Return a range that was checked."""
    numbers = types.intervals.numbers_of(converter)
    assert numbers is not None  # it is one of a number
    if numbers.multiples:
        raise UserError(f"{place}: only multiples are allowed there, so a range does not fit: give single values.")
    low, high = ends
    if low is None or high is None:
        raise UserError(f"{place}: expected a number at both ends of the range.")
    found = sweeps.spans.Range(low, high, numbers.whole)
    found.check(place)
    return sweeps.spans.Span(found, make)


def keys_of(root: Any) -> Iterator[tuple[Key, ParameterSpec]]:
    """Walk the parameters that the stages of the line, and what these call, have as options."""
    stages = {turn.bound for turn in root.turns}
    bounds: list[Bound] = [bound for bound in root.registry if bound.role != "stage" or bound in stages or not stages]
    for bound in bounds:
        for name, spec in bound.options.items():
            if bound is not root.registry.run and spec.converter is not None:
                yield bound.key(name), spec
