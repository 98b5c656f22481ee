"""What a stage returns is recorded as numbers, as JSON, or as the name of its type."""

from __future__ import annotations

import collections
import enum
import json
import math
from collections.abc import Iterator, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any, NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clickbind.journal.results import number_of, plain, results_of


class Scalar:
    """A scalar as those of NumPy, and an array or tensor without dimensions."""

    ndim = 0

    def __init__(self, value: Any) -> None:
        self._value = value

    def item(self) -> Any:
        return self._value


class Wrong:
    """An object whose every attribute and number is an error."""

    def __getattr__(self, name: str) -> Any:
        if name[:2] == "__":  # pytest makes names of parameters
            raise AttributeError(name)
        raise ValueError(name)


class WrongMapping(Mapping[str, Any]):
    def __getitem__(self, key: str) -> Any:
        raise OSError(key)

    def __iter__(self) -> Iterator[str]:
        return iter(["a"])

    def __len__(self) -> int:
        return 1


class Point(NamedTuple):
    x: int
    y: float


class Color(enum.Enum):
    RED = 1


class Level(enum.IntEnum):
    HIGH = 3


class Name(str):
    __slots__ = ()


def circle() -> list[Any]:
    found: list[Any] = []
    found.append(found)
    return found


def wide() -> list[Any]:
    """Return few lists with more items than any machine can count."""
    found: list[Any] = [1]
    for _ in range(90):
        found = [found, found]
    return found


@pytest.mark.parametrize(
    ("returned", "results"),
    [
        (0.5, {"s": 0.5}),
        (3, {"s": 3}),
        (None, {}),
        (True, {}),
        ("text", {}),
        ([1, 2], {}),
        (math.nan, {"s": "nan"}),
        (-math.inf, {"s": "-inf"}),
        (Fraction(1, 4), {"s": 0.25}),
        (Decimal("0.25"), {"s": 0.25}),
        (Decimal("sNaN"), {}),
        (Fraction(10**400, 1), {}),
        (10**300, {"s": 10**300}),
        (10**400, {}),
        (1j, {}),
        (Level.HIGH, {"s": 3}),
        (Color.RED, {}),
        (Scalar(0.5), {"s": 0.5}),
        (Scalar(True), {}),
        (Scalar("x"), {}),
        ({"loss": 0.5, "best": True, "name": "x"}, {"s.loss": 0.5}),
        ({"a": {"b": {"c": 1}}, 2: 3}, {"s.a.b.c": 1}),
        (collections.Counter(a=2), {"s.a": 2}),
        ({"\ud800": 1}, {"s.\\ud800": 1}),
        ({}, {}),
        (WrongMapping(), {}),
        ({"a": 1, "b": WrongMapping(), "c": 2}, {"s.a": 1}),
        (Wrong(), {}),
    ],
)
def test_numbers_are_results(returned: Any, results: dict[str, Any]) -> None:
    found = results_of("s", returned)
    assert found == results
    assert [type(value) for value in found.values()] == [type(value) for value in results.values()]
    json.dumps(found, allow_nan=False)


def test_a_mapping_in_itself_ends() -> None:
    inner: dict[str, Any] = {"a": 1}
    inner["b"] = inner
    assert results_of("s", inner)["s.b.b.a"] == 1


def test_numbers_of_numpy_are_numbers() -> None:
    numpy = pytest.importorskip("numpy")
    assert results_of("s", {"a": numpy.float32(0.5), "b": numpy.int64(3), "c": numpy.array(2.0)}) == {
        "s.a": 0.5,
        "s.b": 3,
        "s.c": 2.0,
    }
    assert plain({"a": numpy.bool_(True), "b": numpy.ones(3)}) == "dict"
    assert plain(numpy.bool_(True)) is True


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (True, True),
        ("text", "text"),
        (Name("text"), "text"),
        ("\ud800", "\\ud800"),
        ((1, [2.5, None]), [1, [2.5, None]]),
        (Point(1, 2.0), [1, 2.0]),
        ({"a": {"b": (1,)}}, {"a": {"b": [1]}}),
        (collections.OrderedDict(a=1), {"a": 1}),
        ({1: 2}, "dict"),
        ({"a": {1, 2}}, "dict"),
        ([object()], "list"),
        ({1, 2}, "set"),
        (Color.RED, "Color"),
        (b"x", "bytes"),
        (10**400, "int"),
        (math.nan, "nan"),
        ([math.inf], ["inf"]),
        (Scalar([1]), [1]),
        (Wrong(), "Wrong"),
        (circle(), "list"),
        (wide(), "list"),
        ([0] * 200_000, "list"),
        ("x" * 20_000_000, "str"),
    ],
)
def test_what_json_can_hold_is_kept_and_the_rest_is_its_type(value: Any, expected: Any) -> None:
    found = plain(value)
    assert found == expected
    assert type(found) is type(expected)
    json.dumps(found, allow_nan=False).encode()


JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
)


@given(JSON)
def test_json_comes_back_as_it_is(value: Any) -> None:
    assert json.loads(json.dumps(plain(value), allow_nan=False)) == value


@pytest.mark.parametrize(
    ("result", "number"),
    [
        *[(0.5, 0.5), (3, 3.0), ("inf", math.inf), ("-inf", -math.inf), ("other", None), (None, None), (True, None)],
        *[([1], None), (10**400, None), (2**1024 - 1, None)],
    ],
)
def test_a_recorded_result_is_a_number_again(result: object, number: float | None) -> None:
    assert number_of(result) == number


def test_not_a_number_comes_back_too() -> None:
    assert math.isnan(number_of("nan") or 0)
