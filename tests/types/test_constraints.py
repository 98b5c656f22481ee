"""Test Click's types and limits in `Annotated`."""

from __future__ import annotations

import datetime as dt
import enum
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any

import annotated_types as at
import click
import pydantic
import pytest
from click.testing import CliRunner

import clickbind
from clickbind.errors import ConversionError
from clickbind.types import Converter
from clickbind.types.constraints import ClickConverter, LimitedConverter
from clickbind.types.table import converter_of
from tests.types.reading import converter, from_yaml


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Odd(click.ParamType):  # type: ignore[type-arg]
    """Read odd numbers, as a program's own type for Click."""

    name = "odd"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        if int(value) % 2 == 0:
            self.fail(f"{value} is even", param, ctx)
        return int(value)


BOUNDS = [
    (Annotated[int, at.Gt(0)], "1", "0", "x>0"),
    (Annotated[int, at.Ge(0)], "0", "-1", "x>=0"),
    (Annotated[float, at.Lt(1)], "0.5", "1.0", "x<1"),
    (Annotated[float, at.Le(1.5)], "1.5", "1.6", "x<=1.5"),
    (Annotated[int, at.Interval(ge=1, lt=5)], "4", "5", "x>=1, x<5"),
    (Annotated[int, at.Ge(1), at.Le(9)], "9", "10", "x>=1, x<=9"),
    (Annotated[int, at.MultipleOf(3)], "6", "4", "a multiple of 3"),
    (Annotated[list[int], at.Len(1, 2)], "[1, 2]", "[]", "at least 1 long, at most 2 long"),
    (Annotated[list[int], at.MaxLen(1)], "[1]", "[1, 2]", "at most 1 long"),
    (Annotated[list[int], at.MinLen(2)], "[1, 2]", "[1]", "at least 2 long"),
    (Annotated[int, pydantic.Field(ge=1)], "1", "0", "x>=1"),
    (pydantic.PositiveInt, "1", "0", "x>0"),
    (Annotated[int | None, at.Gt(0)], "1", "0", "x>0"),
    (Annotated[dt.date, at.Gt(dt.date(2024, 1, 1))], "2024-01-02", "2024-01-01", "x>2024-01-01"),
    (list[Annotated[int, at.Gt(0)]], "[1, 2]", "[1, 0]", "x>0"),
]


@pytest.mark.parametrize(("annotation", "good", "bad", "note"), BOUNDS)
def test_a_bound_holds_however_a_value_is_read(annotation: Any, good: str, bad: str, note: str) -> None:
    found = converter(annotation)
    for read in (found.from_text, found.from_typed, found.from_plain, lambda text: from_yaml(annotation, text)):
        read(good)
        with pytest.raises(ConversionError, match="is out of range: "):
            read(bad)
    with pytest.raises(ConversionError, match="is out of range: "):
        found.from_line([bad])
    if isinstance(found, LimitedConverter):
        assert found.note == note


def test_the_error_for_a_value_out_of_bounds_shows_the_bound() -> None:
    with pytest.raises(ConversionError) as caught:
        converter(Annotated[int, at.Interval(ge=1, le=9)]).from_text("10")
    assert str(caught.value) == "10 is out of range: x<=9."


def test_a_quoted_value_keeps_the_bounds_too() -> None:
    assert from_yaml(Annotated[str, at.MaxLen(2)], "'ab'") == "ab"
    with pytest.raises(ConversionError, match="at most 2 long"):
        from_yaml(Annotated[str, at.MaxLen(2)], "'abc'")
    with pytest.raises(ConversionError, match="at most 2 long"):
        converter(Annotated[str | None, at.MaxLen(2)]).from_quoted("abc")


def test_the_bounds_of_a_list_hold_for_all_its_occurrences_together() -> None:
    found = converter(Annotated[list[int], at.Len(2, 2)])
    with pytest.raises(ConversionError, match="at least 2 long"):
        found.from_line(["1"])
    with pytest.raises(ConversionError, match="at most 2 long"):
        found.from_line(["1 2", "3"])


def test_none_is_in_all_bounds() -> None:
    found = converter(Annotated[int | None, at.Gt(0)])
    assert found.from_typed("none") is None
    assert found.from_plain(None) is None
    assert found.accepts(None)


def test_a_limited_type_is_as_the_type_but_for_the_limits() -> None:
    found = converter(Annotated[list[Color], at.MaxLen(1)])
    assert (found.metavar, found.repeated, found.mutable, found.structured) == ("[RED|GREEN]...", True, True, True)
    assert found.to_plain([Color.RED]) == ["RED"]
    assert found.accepts([Color.RED])
    assert not found.accepts([Color.RED, Color.RED])
    assert found.complete("R") == [("RED", "plain")]
    nested = Annotated[Annotated[int, at.Gt(0)], click.IntRange(max=9), at.Lt(5)]
    assert converter(nested).note == "x<=9, x>0, x<5"


@pytest.mark.parametrize(
    "metadata", ["text", 5, clickbind.Option("-n"), at.Predicate(str.islower), int, at.Len(0, None)]
)
def test_what_is_no_bound_changes_nothing(metadata: Any) -> None:
    assert type(converter(Annotated[int, metadata])) is type(converter(int))


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Annotated[int, click.IntRange(1, 10)], "10", 10),
        (Annotated[int, click.IntRange(1, 3, clamp=True)], "9", 3),
        (Annotated[float, click.FloatRange(min=0, min_open=True)], ".5", 0.5),
        (Annotated[str, click.Choice(["a", "b"])], "b", "b"),
        (Annotated[str, click.Choice(["A"], case_sensitive=False)], "a", "A"),
        (Annotated[Color, click.Choice(Color)], "RED", Color.RED),
        (Annotated[Path, click.Path(path_type=Path)], "a/b", Path("a/b")),
        (Annotated[dt.datetime, click.DateTime()], "2024-01-02", dt.datetime(2024, 1, 2)),  # noqa: DTZ001 - as typed
        (Annotated[str, click.STRING], "5", "5"),
        (Annotated[int, Odd()], "5", 5),
        (Annotated[Any, Odd()], "5", 5),
        (Annotated[Converter, Odd()], "5", 5),
        (Annotated[int, click.IntRange(1), click.IntRange(5)], "5", 5),
        (list[Annotated[int, click.IntRange(1, 3)]], "1 2", [1, 2]),
    ],
)
def test_a_type_of_click_reads_the_text(annotation: Any, text: str, value: object) -> None:
    assert converter(annotation).from_text(text) == value
    assert converter(annotation).from_line([text]) == value
    assert from_yaml(annotation, text) == value


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (Annotated[int, click.IntRange(1, 10)], "11", "11 is not in the range 1<=x<=10."),
        (Annotated[int, click.IntRange(1, 10)], "x", "'x' is not a valid integer."),
        (Annotated[float, click.FloatRange(1, 10)], "1,2", "'1,2' is not a valid float."),
        (Annotated[int, Odd()], "4", "4 is even"),
        (Annotated[int, click.IntRange(1), click.IntRange(5)], "4", "4 is not in the range x>=5."),
        (Annotated[int, click.INT, at.Gt(0)], "0", "0 is out of range: x>0."),
    ],
)
def test_what_a_type_of_click_refuses_is_refused_in_its_words(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(annotation).from_text(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("kind", "note"),
    [
        (click.IntRange(1, 10), "1<=x<=10"),
        (click.IntRange(min=1), "1<=x"),
        (click.IntRange(max=10), "x<=10"),
        (click.FloatRange(0, 1, min_open=True, max_open=True), "0<x<1"),
        (click.INT, ""),
    ],
)
def test_a_range_is_noted(kind: Any, note: str) -> None:
    assert ClickConverter(kind, None).note == note


def test_a_range_is_shown_in_help() -> None:
    def stage(x: int = 1) -> None: ...

    stage.__annotations__["x"] = Annotated[int, at.Interval(ge=1, le=9)]
    binder = clickbind.Binder("prog")
    binder.stage(stage)
    assert "x>=1, x<=9" in CliRunner().invoke(binder.command(), ["stage", "--help"]).output


@pytest.mark.parametrize(
    ("kind", "metavar"),
    [
        (click.IntRange(1, 2), "INTEGER RANGE"),
        (click.Choice(["a", "b"]), "[a|b]"),
        (click.Choice(Color), "[RED|GREEN]"),
        (Odd(), "ODD"),
    ],
)
def test_a_type_of_click_has_its_own_metavar(kind: Any, metavar: str) -> None:
    assert ClickConverter(kind, None).metavar == metavar


def test_a_type_of_click_writes_as_the_annotation_does() -> None:
    found = converter(Annotated[Path, click.Path(path_type=Path)])
    assert found.to_plain(Path("a")) == "a"
    assert found.accepts(Path("a"))
    assert not found.accepts(5)
    without = converter(Annotated[Converter, Odd()])
    assert without.to_plain(5) == 5
    assert without.accepts("anything")


@pytest.mark.parametrize("value", [50, "50"])
def test_a_python_value_is_checked_by_clicks_type(value: object) -> None:
    with pytest.raises(ConversionError, match="not in the range"):
        converter(Annotated[int, click.IntRange(1, 10)]).from_plain(value)


def test_none_is_a_value_beside_a_type_of_click() -> None:
    found = converter(Annotated[int | None, click.IntRange(1, 10)])
    assert found.nullable
    assert found.from_typed("none") is None
    assert from_yaml(Annotated[int | None, click.IntRange(1, 10)], "null") is None
    assert found.from_text("5") == 5


def test_a_type_of_click_offers_what_it_offers() -> None:
    found = converter(Annotated[str, click.Choice(["apple", "bean"])])
    assert found.complete("a") == []
    with click.Context(click.Command("prog")):
        assert found.complete("a") == [("apple", "plain")]


def test_a_value_that_cannot_be_compared_is_out_of_range() -> None:
    found = converter_of(Annotated[int | str, at.Ge(1)])
    assert found is not None
    assert found.from_text("5") == 5
    with pytest.raises(ConversionError, match=r"'auto' is out of range: x>=1\."):
        found.from_text("auto")


ODD = [
    "nan",
    "sNaN",
    "-sNaN",
    "inf",
    "-inf",
    "0",
    "1e50",
    "-1e50",
    "1e-50",
    "1e999999",
    "1e-999999",
    "1e999999999",
    "0.3",
    "7",
]


@pytest.mark.parametrize("text", ODD)
@pytest.mark.parametrize(
    "limit",
    [
        at.Gt(0),
        at.Le(Decimal("sNaN")),
        at.MultipleOf(0),
        at.MultipleOf(0.1),
        at.MultipleOf(Decimal("0.1")),
        at.MultipleOf(float("inf")),
        at.MultipleOf(Decimal("1e400000000")),
        at.MultipleOf(3),
        at.MinLen(1),
    ],
    ids=str,
)
@pytest.mark.parametrize("kind", [int, float, Decimal, Fraction])
def test_any_number_against_any_limit_is_a_value_or_an_error(kind: Any, limit: Any, text: str) -> None:
    converter = converter_of(Annotated[kind, limit])
    assert converter is not None
    try:
        value = converter.from_text(text)
    except ConversionError:
        return
    assert type(value) is kind
    assert converter.accepts(value)


@pytest.mark.parametrize(
    ("kind", "unit", "text", "fits"),
    [
        (float, 0.1, "0.3", True),
        (float, 0.1, "0.35", False),
        (Decimal, 0.1, "0.3", True),
        (Decimal, Decimal("0.1"), "1e50", True),
        (float, Decimal("0.5"), "2.5", True),
        (int, 3, "9", True),
        (int, 3, "10", False),
        (int, 0.5, "10", True),
        (dt.timedelta, dt.timedelta(hours=1), "2h", True),
        (dt.timedelta, dt.timedelta(hours=1), "90m", False),
    ],
)
def test_a_multiple_is_one_as_it_is_written(kind: Any, unit: Any, text: str, fits: bool) -> None:
    converter = converter_of(Annotated[kind, at.MultipleOf(unit)])
    assert converter is not None
    try:
        converter.from_text(text)
    except ConversionError:
        assert not fits
    else:
        assert fits
