"""Test YAML 1.2's core schema, for values without an annotation."""

from __future__ import annotations

import math

import pytest

from clickbind.nodes.core_schema import core_text
from tests.nodes.reading import plain, refusal

CORE = [
    ("", None),
    ("~", None),
    ("null", None),
    ("Null", None),
    ("NULL", None),
    ("nULL", "nULL"),
    ("true", True),
    ("True", True),
    ("TRUE", True),
    ("false", False),
    ("False", False),
    ("FALSE", False),
    ("tRUE", "tRUE"),
    ("yes", "yes"),
    ("no", "no"),
    ("on", "on"),
    ("0", 0),
    ("-12", -12),
    ("+12", 12),
    ("08", 8),
    ("010", 10),
    ("0o17", 15),
    ("0x1F", 31),
    ("-0x1F", "-0x1F"),
    ("0b1", "0b1"),
    ("1_000", "1_000"),
    ("12:30", "12:30"),
    ("2020-01-01", "2020-01-01"),
    ("1.5", 1.5),
    ("1.", 1.0),
    (".5", 0.5),
    ("-.5", -0.5),
    ("1e3", 1000.0),
    ("1E-3", 0.001),
    ("+1.5e+3", 1500.0),
    (".inf", math.inf),
    (".Inf", math.inf),
    ("+.INF", math.inf),
    ("-.inf", -math.inf),
    ("inf", "inf"),
    ("nan", "nan"),
    (".iNF", ".iNF"),
    ("1.2.3", "1.2.3"),
    ("e3", "e3"),
    (".", "."),
    ("\u0661", "\u0661"),
    ("9" * 5000, "9" * 5000),
]


@pytest.mark.parametrize(("text", "value"), CORE)
def test_a_plain_text_is_read_by_the_core_schema(text: str, value: object) -> None:
    found = core_text(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("text", [".nan", ".NaN", ".NAN"])
def test_not_a_number_is_a_float(text: str) -> None:
    found = core_text(text)
    assert isinstance(found, float)
    assert math.isnan(found)


def test_a_document_becomes_plain_values() -> None:
    assert plain("a: 1\nb: [x, 2.5, null]\n'3': {c: yes, 4: 5}\n") == {
        "a": 1,
        "b": ["x", 2.5, None],
        "3": {"c": "yes", 4: 5},
    }


def test_a_key_that_is_no_scalar_is_refused() -> None:
    assert refusal("a: 1\n? [b]\n: 2\n") == ("expected a single value as key.", 1, 2)


def test_a_duplicate_key_is_refused() -> None:
    assert refusal("a: 1\nb: 2\na: 3\n") == ("duplicate key 'a'.", 2, 0)


@pytest.mark.parametrize("text", ["-0", "-0.0", "0.1", "1e400", "-1e400"])
def test_a_number_is_the_one_that_python_reads(text: str) -> None:
    found = core_text(text)
    assert repr(found) == repr(int(text) if text == "-0" else float(text))


@pytest.mark.parametrize("text", ["0o", "0x", "0o8", "0xg", "1e", "+", "-", "..inf", "+.nan", "1 2", "1\n"])
def test_what_is_nearly_a_number_is_text(text: str) -> None:
    assert core_text(text) == text


@pytest.mark.parametrize(
    ("text", "value"), [("'null'", "null"), ('"true"', "true"), ("|\n  1\n", "1\n"), ("! .5", ".5")]
)
def test_the_schema_is_for_plain_scalars_alone(text: str, value: str) -> None:
    assert plain(text) == value


@pytest.mark.parametrize(
    ("text", "value"), [("!!int 1", 1), ("!!float .5", 0.5), ("!!bool 'true'", True), ("!!null ''", None)]
)
def test_a_tag_of_the_schema_asks_for_it(text: str, value: object) -> None:
    found = plain(text)
    assert (found, type(found)) == (value, type(value))


def test_keys_are_read_by_the_schema_too() -> None:
    assert plain("{1: a, null: b, '1': c}") == {1: "a", None: "b", "1": "c"}


def test_an_error_inside_points_there() -> None:
    assert refusal("a:\n- b\n- {c: 1, c: 2}\n") == ("duplicate key 'c'.", 2, 9)
