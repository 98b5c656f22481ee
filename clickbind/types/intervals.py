"""Find out from a converter which numbers, or which few values, a parameter can have."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from typing import Any, NamedTuple

import click

from .. import types
from . import BoolConverter, Converter, ScalarConverter

__all__ = ["Numbers", "few_of", "numbers_of"]
_KINDS: dict[type, bool] = {int: True, float: False}
_CLICKS: dict[type, bool] = {
    click.types.IntParamType: True,
    click.IntRange: True,
    click.types.FloatParamType: False,
    click.FloatRange: False,
}
"""Whether the numbers of a type are ints. A class that is derived from one of Click's may refuse some of them."""


class Numbers(NamedTuple):
    """The numbers that a parameter can have.

    Attributes
    ----------
    whole : bool
        Whether they are ints rather than floats.
    low, high : int or float or None
        The bounds; None without one. Those of ints are inside.
    multiples : bool
        Whether only multiples of something are allowed.
    """

    whole: bool
    low: float | None = None
    high: float | None = None
    multiples: bool = False


def numbers_of(converter: Converter) -> Numbers | None:
    """Return the numbers that a converter reads; None if it reads anything else, too."""
    parts = list(_unwrapped(converter))
    last = parts[-1]
    if isinstance(last, types.constraints.ClickConverter):
        whole = _CLICKS.get(type(last.kind))
    else:
        whole = _KINDS.get(last.kind) if type(last) is ScalarConverter else None
    if whole is None:
        return None
    lows, highs, multiples = [], [], False
    for sign, bound in _bounds(parts):
        if sign == "multiple":
            multiples = True
        elif sign[0] == ">":
            lows.append(_inside(bound, whole=whole, is_open=sign == ">", step=1))
        else:
            highs.append(_inside(bound, whole=whole, is_open=sign == "<", step=-1))
    return Numbers(whole, max(lows, default=None), min(highs, default=None), multiples)


def _inside(bound: float, *, whole: bool, is_open: bool, step: int) -> float:
    """Return the bound of ints that is inside: the next one, if the bound is open or is none."""
    if not whole:
        return bound
    near = int(bound)
    if is_open and near == bound:
        return near + step
    return near if (near - bound) * step >= 0 else near + step


def _unwrapped(converter: Converter) -> Iterator[Converter]:
    """Walk a converter and those inside that read the same values, up to one that reads them by itself."""
    yield converter
    while isinstance(converter, (types.constraints.LimitedConverter, types.unions.OptionalConverter)):
        converter = converter.inner
        yield converter


def _bounds(parts: list[Converter]) -> Iterator[tuple[str, float]]:
    """Walk the bounds, each with its sign."""
    for part in parts:
        if isinstance(part, types.constraints.LimitedConverter):
            for text, _ in part.limits:
                yield from _bound_in(text)
        elif isinstance(part, types.constraints.ClickConverter):
            kind: Any = part.kind
            for name, sign in (("min", ">"), ("max", "<")):
                bound = getattr(kind, name, None)
                if bound is not None:
                    yield sign if getattr(kind, f"{name}_open") else f"{sign}=", bound


def _bound_in(text: str) -> Iterator[tuple[str, float]]:
    """Read the text of a limit: ``x>=1``."""
    if text.startswith("a multiple of "):
        yield "multiple", 0
    for sign in (">=", "<=", ">", "<"):
        if text.startswith(f"x{sign}"):
            with contextlib.suppress(ValueError):  # not one of a number
                yield sign, _number(text[1 + len(sign) :])
            return


def _number(text: str) -> float:
    """Read a bound, an int without a loss.

    Raises
    ------
    ValueError
        If it is none, such as a Fraction, or infinite.
    """
    try:
        return int(text)
    except ValueError:
        found = float(text)
        if not math.isfinite(found):
            raise
        return found


def few_of(converter: Converter) -> list[str] | None:
    """Return the texts of all values of a converter, if these are few: those of a Literal, an Enum, a bool.

    None itself is left out.
    """
    last = list(_unwrapped(converter))[-1]
    if isinstance(last, BoolConverter):
        return ["true", "false"]
    if isinstance(last, types.choices.LiteralConverter):
        return [text for value, text in zip(last.values, last.texts, strict=True) if value is not None]
    if isinstance(last, types.choices.EnumConverter):
        return [member.name for member in last.kind]
    if isinstance(last, types.constraints.ClickConverter) and isinstance(last.kind, click.Choice):
        return [str(getattr(choice, "name", choice)) for choice in last.kind.choices]
    return None
