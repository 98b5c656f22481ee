"""Test the converters of options that are declared with Click's decorators."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

import click
import pytest

from clickbind.types import UNKNOWN, clicks


def converter(annotation: Any = UNKNOWN, **settings: Any) -> Any:
    return clicks.converter_of([click.Option(["--x"], **settings)], annotation)


@pytest.mark.parametrize(
    ("kind", "good", "bad"),
    [
        (click.DateTime(), datetime(2024, 1, 2), "2024"),  # noqa: DTZ001 - as Click makes them
        (click.File(), "name", 3),
        (click.IntRange(1), 3, "3"),
        (click.Choice(["a"]), "a", 3),
    ],
)
def test_a_converter_accepts_values_of_clicks_type(kind: Any, good: Any, bad: Any) -> None:
    assert converter(type=kind).accepts(good)
    assert not converter(type=kind).accepts(bad)


def test_the_name_of_a_standard_stream_is_a_dash() -> None:
    stream = io.StringIO()
    stream.name = "<stdin>"
    assert converter(type=click.File()).from_plain(stream) == "-"


def test_the_annotation_writes_what_a_type_of_the_program_reads() -> None:
    kind = click.types.FuncParamType(str.split)
    assert converter(list[str], type=kind).to_plain(["a", "b"]) == ["a", "b"]
    assert converter(set[str], type=kind).to_plain({"b", "a"}) == ["a", "b"]
