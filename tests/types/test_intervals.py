"""Which numbers, or which few values, a parameter can have."""

from __future__ import annotations

import decimal
import enum
from fractions import Fraction
from typing import Annotated, Any, Literal

import annotated_types as at
import click
import pytest

from clickbind.types.intervals import Numbers, few_of, numbers_of
from clickbind.types.table import converter_of


class Even(click.types.IntParamType):
    """Numbers that a program has its own idea of."""


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, Numbers(whole=True)),
        (float | None, Numbers(whole=False)),
        (Annotated[float, at.Interval(ge=0, lt=1)], Numbers(whole=False, low=0, high=1)),
        (Annotated[int, at.Interval(gt=0, lt=9)], Numbers(whole=True, low=1, high=8)),
        (Annotated[int, at.Ge(0.5), at.Le(3.5)], Numbers(whole=True, low=1, high=3)),
        (Annotated[int, at.Gt(-0.5), at.Lt(3.5)], Numbers(whole=True, low=0, high=3)),
        (Annotated[int, at.Ge(1), at.Gt(3)] | None, Numbers(whole=True, low=4)),
        (Annotated[int, at.Ge(10**30)], Numbers(whole=True, low=10**30)),
        (Annotated[float, at.Le(float("inf")), at.Ge(Fraction(1, 3))], Numbers(whole=False)),
        (Annotated[int, at.MultipleOf(8), at.Ge(8)], Numbers(whole=True, low=8, multiples=True)),
        (Annotated[int, click.IntRange(1, 5, max_open=True)], Numbers(whole=True, low=1, high=4)),
        (Annotated[float, click.FloatRange(0)], Numbers(whole=False, low=0)),
        (Annotated[float, click.FLOAT], Numbers(whole=False)),
        (Annotated[int, Even()], None),
        (str, None),
        (bool, None),
        (int | str, None),
        (list[int], None),
        (decimal.Decimal, None),
        (Annotated[str, at.MinLen(3)], None),
    ],
)
def test_a_parameter_has_the_numbers_of_its_annotation(annotation: Any, expected: Numbers | None) -> None:
    converter = converter_of(annotation)
    assert converter is not None
    assert numbers_of(converter) == expected


class Color(enum.Enum):
    RED = 1
    BLUE = 2
    CRIMSON = 1  # noqa: PIE796 - an alias


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (bool, ["true", "false"]),
        (Literal["a", 1, None], ["a", "1"]),  # noqa: PYI061 - a user may write it
        (Literal["a", "b"] | None, ["a", "b"]),
        (Color, ["RED", "BLUE"]),
        (Annotated[str, click.Choice(["x", "y"])], ["x", "y"]),
        (Annotated[Color, click.Choice(Color)], ["RED", "BLUE"]),
        (Annotated[str, click.STRING], None),
        (int, None),
    ],
)
def test_a_parameter_may_have_few_values(annotation: Any, expected: list[str] | None) -> None:
    converter = converter_of(annotation)
    assert converter is not None
    assert few_of(converter) == expected
