"""Test Optional and Union: one member reads a text, and reads it again when it is saved."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import re
import uuid
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple, Union

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import clickbind
from clickbind.errors import ConversionError
from clickbind.nodes import Quoted
from clickbind.types.unions import UnionConverter
from tests.types.reading import converter, from_yaml

SHORT = settings(max_examples=60)


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Access(enum.Flag):
    READ = 1
    WRITE = 2


class Point(NamedTuple):
    x: int
    y: int = 0


class Opaque:
    """Have a type that cannot be parsed from text."""


EVERYTHING = Union[  # noqa: UP007 - programs still write it
    str, bytes, Path, type, re.Pattern[str], ipaddress.IPv4Address, uuid.UUID, dt.timedelta, dt.time, dt.datetime,
    dt.date, Fraction, Decimal, complex, float, int, bool, Color, Literal["auto"],  # noqa: PYI051 - it is tried first
]  # fmt: skip


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (EVERYTHING, "auto", "auto"),
        (EVERYTHING, "red", Color.RED),
        (EVERYTHING, "yes", True),
        (EVERYTHING, "1", 1),
        (EVERYTHING, "1e3", 1000.0),
        (EVERYTHING, "1+j", 1 + 1j),
        (EVERYTHING, "1/3", Fraction(1, 3)),
        (EVERYTHING, "2024-02-29", dt.date(2024, 2, 29)),
        (EVERYTHING, "2024-02-29 01:00", dt.datetime(2024, 2, 29, 1)),  # noqa: DTZ001 - as it was typed
        (EVERYTHING, "12:30", dt.time(12, 30)),
        (EVERYTHING, "1h", dt.timedelta(hours=1)),
        (EVERYTHING, "00000000-0000-0000-0000-000000000001", uuid.UUID(int=1)),
        (EVERYTHING, "10.0.0.1", ipaddress.IPv4Address("10.0.0.1")),
        (EVERYTHING, "any text", re.compile("any text")),
        (str | type, "builtins:int", int),
        (str | Callable[..., Any], "re:sub", re.sub),
        (str | type, "nothing", "nothing"),
        (str | Path, "a", Path("a")),
        (str | bytes, "a", b"a"),
        (bytes | Path, "a", Path("a")),
        (Decimal | float, "1.10", 1.1),
        (Decimal | str, "1.10", Decimal("1.10")),
        (bool | int, "1", 1),
        (bool | int, "true", True),
        (bool | str, "1", "1"),
        (bool | str, "TRUE", True),
        (list[int] | str, "1 2", "1 2"),
        (list[int] | str, "[1, 2]", [1, 2]),
        (list[int] | list[str], "[1, a]", ["1", "a"]),
        (dict[str, int] | list[int], "{a: 1}", {"a": 1}),
        (Point | str, "{x: 1}", Point(1)),
        (Point | str, "{x: a}", "{x: a}"),
        (ipaddress.IPv6Network | ipaddress.IPv6Address, "::1", ipaddress.IPv6Network("::1/128")),
        (ipaddress.IPv6Address | ipaddress.IPv6Network, "::1", ipaddress.IPv6Address("::1")),
        (int | Opaque, "5", 5),
        (Opaque | list[Opaque] | float, "5", 5.0),
        (int | Any, "x", "x"),
        (Union[int, None, str], "5", 5),  # noqa: UP007 - programs still write it
    ],
)
def test_the_most_specific_member_that_accepts_a_text_reads_it(annotation: Any, text: str, value: object) -> None:
    for found in (converter(annotation).from_text(text), converter(annotation).from_line([text])):
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (int | bool, "fast", "'fast' is not a valid BOOLEAN|INTEGER."),
        (float | Literal["auto"], "atuo", "'atuo' is not a valid [auto]|FLOAT."),
        (int | list[int], "1 2", "'1 2' is not a valid INTEGER|INTEGER...."),
        (int | float | None, "x", "'x' is not a valid INTEGER|FLOAT."),
    ],
)
def test_a_text_that_no_member_accepts_is_refused(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(annotation).from_text(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (int | str, "5", 5),
        (int | str, "'5'", "5"),
        (int | str, "|-\n  5", "5"),
        (int | float, "'5'", 5),
        (int | Literal["5"], "'5'", "5"),
        (Literal["a"] | str, "'b'", "b"),  # noqa: PYI051 - programs write it
        (Literal["a"] | int, "'5'", 5),
        (int | Any, "'5'", "5"),
        (int | Any, "5", 5),
        (int | None, "null", None),
        (int | str | None, "'null'", "null"),
        (int | list[int], "[1]", [1]),
        (int | list[int] | dict[str, int], "{a: 1}", {"a": 1}),
        (bytes | int, "!!binary /w==", b"\xff"),
        (bytes | str, "'a'", "a"),
        (bytes | int, "!!binary 1234", b"\xd7m\xf8"),
        (Point | int, "x: 1", Point(1)),
    ],
)
def test_a_node_is_read_by_the_member_that_it_is_for(annotation: Any, text: str, value: object) -> None:
    found = from_yaml(annotation, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (int | str, "null", "expected INTEGER|TEXT, got null."),
        (int | str, "[1]", "expected INTEGER|TEXT."),
        (int | list[int], "[x]", "'x' is not a valid integer."),
        (list[int] | dict[str, int], "[x]", "expected INTEGER...|TEXT=INTEGER...."),
    ],
)
def test_a_node_that_no_member_accepts_is_refused(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        from_yaml(annotation, text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("annotation", "given_value", "value"),
    [
        (int | str, 5, 5),
        (int | str, "5", "5"),
        (int | Path, "5", 5),
        (int | list[int], (1, 2), [1, 2]),
        (int | list[int] | set[int], {1}, {1}),
        (list[int] | dict[str, int], {"a": "1"}, {"a": 1}),
        (int | set[int], frozenset({1}), {1}),
        (float | str, 5, 5.0),
        (int | None, None, None),
        (int | str | None, None, None),
        (str | None, 5, "5"),
    ],
)
def test_a_python_value_is_read(annotation: Any, given_value: object, value: object) -> None:
    found = converter(annotation).from_plain(given_value)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("value", [None, ["x"], {1: 2}])
def test_a_python_value_that_no_member_takes_is_refused(value: object) -> None:
    with pytest.raises(ConversionError, match="expected INTEGER"):
        converter(int | list[int]).from_plain(value)


def test_a_value_of_no_member_cannot_be_written() -> None:
    with pytest.raises(TypeError, match=r"1\.5 is not a valid INTEGER\|TEXT"):
        converter(int | str).to_plain(1.5)


@pytest.mark.parametrize(("value", "quoted"), [("5", True), ("five", False), ("", False)])
def test_a_str_is_quoted_where_its_bare_text_is_another_members(value: str, quoted: bool) -> None:
    plain = converter(int | str).to_plain(value)
    assert plain == value
    assert isinstance(plain, Quoted) is quoted


def test_a_str_that_is_not_yaml_without_quotes_is_quoted() -> None:
    assert isinstance(converter(int | Any).to_plain("["), Quoted)


def test_what_is_written_is_as_its_member_writes_it() -> None:
    assert converter(Color | str).to_plain(Color.RED) == "RED"
    assert converter(int | None).to_plain(None) is None
    assert converter(int | str | None).to_plain(None) is None
    assert converter(int | None).to_plain(5) == 5


@pytest.mark.parametrize(
    ("annotation", "value", "taken"),
    [
        (int | str, 5, True),
        (int | str, None, False),
        (int | None, None, True),
        (int | None, 5, True),
        (int | None, "5", False),
        (int | list[str], ["a"], True),
        (int | list[str], [1], False),
    ],
)
def test_a_union_takes_what_a_member_takes(annotation: Any, value: object, taken: bool) -> None:
    assert converter(annotation).accepts(value) is taken


@pytest.mark.parametrize(
    ("annotation", "incomplete", "offered"),
    [
        (Color | bool, "", ["RED", "GREEN", "true", "false"]),
        (Color | None, "g", ["GREEN"]),
        (Path | Literal["auto"], "a", ["auto", "a"]),
    ],
)
def test_what_a_member_may_be_is_offered(annotation: Any, incomplete: str, offered: list[str]) -> None:
    assert [text for text, _ in converter(annotation).complete(incomplete)] == offered


def test_a_union_has_the_properties_of_its_members() -> None:
    found = converter(str | list[int])
    assert (found.metavar, found.textual, found.structured, found.mutable) == ("INTEGER...|TEXT", True, True, True)
    assert (found.repeated, found.flag, found.nullable) == (False, False, False)
    assert UnionConverter([converter(int), converter(int)]).metavar == "INTEGER"


@pytest.mark.parametrize("inner", [Literal["a", None], Union[Literal["a", None], int]])  # noqa: UP007, PYI061 - as a program may nest them
def test_none_inside_of_a_member_is_a_value_of_the_union(inner: Any) -> None:
    annotation = Union[inner, float]  # noqa: UP007 - computed
    assert converter(annotation).nullable
    assert from_yaml(annotation, "null") is None
    assert converter(annotation).from_typed("none") is None


def shown(annotation: Any, *line: str) -> list[Any]:
    """Return the value that a stage receives from a line, and the value from its replay."""
    seen: list[Any] = []

    def stage(x: Any) -> None:
        seen.append(x)

    stage.__annotations__["x"] = annotation
    binder = clickbind.Binder("prog")
    binder.stage(stage)
    runner, main = CliRunner(), binder.command()
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "run.yml")
        for words in (["--save", path, "stage", *line], ["--config", path]):
            result = runner.invoke(main, words)
            assert result.exit_code == 0, result.output
    return seen


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (dt.date | str, "2024-02-29"),
        (dt.datetime | str, "2024-02-29T01:02:03"),
        (dt.time | str, "12:30"),
        (dt.timedelta | str, "1h30m"),
        (uuid.UUID | str, "00000000-0000-0000-0000-000000000001"),
        (ipaddress.IPv4Address | str, "10.0.0.1"),
        (Decimal | str, "1.10"),
        (Fraction | str, "1/3"),
        (complex | str, "1+2j"),
        (Path | str, "~/data"),
        (Path | str, "C:/data"),
        (Access | str, "read|write"),
        (type | str, "builtins:int"),
        (list[dt.date | str], "2024-02-29 x"),
        (dict[str, dt.date | str] | None, "a=2024-02-29"),
        (Literal["yes"] | str, "yes"),  # noqa: PYI051 - programs write it
        (bool | str, "on"),
        (str | int, "0x10"),
    ],
)
def test_what_a_member_beside_str_reads_is_saved_and_replayed(annotation: Any, text: str) -> None:
    first, again = shown(annotation, "--x", text)
    assert first == converter(annotation).from_line([text])
    assert again == first
    assert type(again) is type(first)


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (dt.time | dt.timedelta, "12h30m"),
        (list[dt.time | dt.timedelta], "12h30m"),
        (dict[str, dt.time | dt.timedelta], "a=12h30m"),
        (tuple[dt.time | dt.timedelta, int], "12h30m 1"),
    ],
)
def test_what_would_come_back_as_another_type_is_not_saved(annotation: Any, text: str) -> None:
    def stage(x: Any) -> None: ...

    stage.__annotations__["x"] = annotation
    binder = clickbind.Binder("prog")
    binder.stage(stage)
    result = CliRunner().invoke(binder.command(), ["--save", "-", "stage", "--x", text])
    assert result.exit_code == 2
    assert "so the run is not saved" in result.output


NUMBERS = st.integers() | st.floats(allow_nan=False) | st.booleans()
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=6) | st.sampled_from(["5", "yes", "1e3", "null", ""])


@SHORT
@given(st.none() | NUMBERS | TEXTS)
def test_a_value_of_a_union_with_str_survives_a_saved_run(value: object) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def stage(x: bool | int | float | str | None) -> Any:  # noqa: PYI041 - the union distinguishes them
        return x

    main = binder.command()
    with TemporaryDirectory() as folder:
        path = str(Path(folder) / "run.yml")
        main(["--save", path, "stage"], standalone_mode=False, default_map={"stage": {"x": value}})
        found = main(["--config", path, "stage"], standalone_mode=False)
    assert found == value
    assert type(found) is type(value)
