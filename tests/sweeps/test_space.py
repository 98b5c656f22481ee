"""Points at random."""

from __future__ import annotations

import math
import sys
from random import Random

import pytest
from click import UsageError
from click.core import ParameterSource
from hypothesis import given
from hypothesis import strategies as st

from clickbind.errors import UserError
from clickbind.keys import Key
from clickbind.layers import ResolvedValue
from clickbind.sweeps.axes import Axis
from clickbind.sweeps.space import Space, grid_of
from clickbind.sweeps.spans import Choice, Range, Span


def choice(text: str) -> Choice:
    return Choice(["--a", text], {Key("f", "a"): ResolvedValue(text, ParameterSource.COMMANDLINE, "")}, text)


def axis(*labels: str) -> Axis:
    return Axis("f.a", [choice(label) for label in labels])


def span(low: float, high: float, *, log: bool = False) -> Axis:
    found = Range(low, high, isinstance(low, int), log)
    return Axis("f.b", [choice(str(low)), choice(str(high))], span=Span(found, choice))


def labels(space: Space, count: int, seed: int = 0) -> list[list[str]]:
    return [[one.label for one in point] for point in space.points(count, seed)]


def test_the_same_seed_gives_the_same_points_on_every_version_of_python() -> None:
    space = Space([span(1e-4, 0.1, log=True), span(16, 64), axis("x", "y"), span(-1.0, 1.0)])
    assert labels(space, 3, 7) == [
        ["0.00093648", "23", "y", "-0.855127"],
        ["0.00405178", "33", "x", "0.0148715"],
        ["0.000129565", "37", "x", "-0.818574"],
    ]


def test_fewer_points_are_the_first_of_more() -> None:
    space = Space([span(0.0, 1.0), axis("x", "y")])
    assert labels(space, 50)[:7] == labels(space, 7)
    assert labels(space, 7, 1) != labels(space, 7)


def test_the_points_differ_and_a_small_space_is_exhausted() -> None:
    space = Space([span(1, 3), axis("x", "y")])
    assert space.size == 6
    found = labels(space, 100)
    assert sorted(found) == [[number, name] for number in "123" for name in "xy"]
    assert labels(space, 2) == found[:2]
    assert math.isinf(Space([span(0.0, 1.0)]).size)


def test_a_range_with_hardly_any_floats_ends() -> None:
    low = 0.1234567
    high = math.nextafter(low, 1)
    assert 0 < len(labels(Space([span(low, high)]), 5)) <= 2


@pytest.mark.parametrize("log", [False, True])
def test_all_ints_of_a_range_are_drawn_both_ends_too(log: bool) -> None:
    random = Random(0)
    assert {Range(1, 5, whole=True, log=log).draw(random) for _ in range(1000)} == {1, 2, 3, 4, 5}


@given(st.floats(1e-300, 1e300), st.floats(1e-300, 1e300), st.booleans(), st.integers(0, 10))
def test_a_number_is_inside_its_range(one: float, two: float, log: bool, seed: int) -> None:
    low, high = sorted((one, two))
    found = Range(low, high, whole=False, log=log)
    number = found.rounded(found.draw(Random(seed)))
    assert low <= number <= high


def test_a_logarithmic_scale_has_as_many_small_numbers_as_large_ones() -> None:
    random, found = Random(0), Range(1e-4, 1e-2, whole=False, log=True)
    small = sum(found.draw(random) < 1e-3 for _ in range(1000))
    assert 400 < small < 600
    largest = sys.float_info.max
    assert math.isfinite(Range(-largest, largest, whole=False).draw(random))


@pytest.mark.parametrize(
    ("found", "message"),
    [
        (Range(1, 1, whole=True), "x: the range 1..1 is empty: its low end comes first."),
        (Range(2.0, 1.0, whole=False), "x: the range 2.0..1.0 is empty: its low end comes first."),
        (Range(0.0, math.inf, whole=False), "x: the ends of the range have to be numbers."),
        (Range(math.nan, 1.0, whole=False), "x: the ends of the range have to be numbers."),
        (Range(1, 10**400, whole=True), "x: the ends of the range have to be numbers below 2**53."),
        (Range(0, 5, whole=True, log=True), "x: a log scale needs a range above 0, and this one begins at 0."),
    ],
)
def test_a_wrong_range_is_refused(found: Range, message: str) -> None:
    with pytest.raises(UserError) as error:
        found.check("x")
    assert error.value.message == message
    Range(1, 2, whole=True, log=True).check("x")


def test_a_number_is_not_rounded_to_what_the_parameter_refuses() -> None:
    def make(text: str) -> Choice:
        if text == "1.0":
            raise UsageError("1.0 is out of range")
        return choice(text)

    found = Span(Range(0.0, 1.0, whole=False), make)
    assert found.at(0.99999999).label == "0.99999999"
    assert found.at(0.123456789).label == "0.123457"
    assert found.labelled("0.5").label == "0.5"
    assert (found.number(choice("2")), Span(Range(1, 5, whole=True), make).number(choice("3"))) == (1.0, 3)
    assert found.scaled().range.log


def test_a_space_describes_what_varies() -> None:
    space = Space([span(1e-4, 0.1, log=True), axis("x"), axis("x", "y")])
    assert space.described() == ["f.b 0.0001..0.1 log", "f.a \N{MULTIPLICATION SIGN} 2"]


def test_a_point_is_a_grid_of_its_own() -> None:
    axes = [axis("x", "y"), span(1, 5)]
    point = Space(axes).points(1, 0)[0]
    assert [tuple(one) for one in grid_of(axes, point)] == [point]
