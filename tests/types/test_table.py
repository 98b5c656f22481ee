"""Test the rule table, from annotations to converters."""

from __future__ import annotations

import collections
import datetime as dt
import re
import sys
import typing
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, NewType, Optional, TypeVar, Union

import pydantic
import pytest
import typing_extensions

from clickbind import types
from clickbind.errors import ConversionError
from clickbind.types import UNKNOWN
from clickbind.types.hints import Unresolved
from clickbind.types.table import converter_of, is_model, unwrap

T = TypeVar("T")
Bound = TypeVar("Bound", bound=int)
Seed = NewType("Seed", int)
Deep = NewType("Deep", Seed)
Alias = typing_extensions.TypeAliasType("Alias", Optional[list[int]])  # noqa: UP045 - evaluated separately
Pair = typing_extensions.TypeAliasType("Pair", tuple[T, T], type_params=(T,))


class Opaque:
    """Have a type that cannot be parsed from text."""


class Point(typing.NamedTuple):
    x: int


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str, types.StrConverter),
        (int, types.ScalarConverter),
        (bool, types.BoolConverter),
        (bytes, types.scalars.BytesConverter),
        (Path, types.scalars.PathConverter),
        (Decimal, types.ScalarConverter),
        (re.Pattern, types.ScalarConverter),
        (re.Pattern[str], types.ScalarConverter),
        (pydantic.SecretStr, types.scalars.SecretConverter),
        (Any, types.words.CoreConverter),
        (object, types.words.CoreConverter),
        (UNKNOWN, types.words.CoreConverter),
        (T, types.words.CoreConverter),
        (Bound, types.ScalarConverter),
        (typing.Literal["a"], types.choices.LiteralConverter),
        (re.RegexFlag, types.choices.EnumConverter),
        (int | None, types.unions.OptionalConverter),
        (int | str, types.unions.UnionConverter),
        (list, types.containers.SequenceConverter),
        (typing.List, types.containers.SequenceConverter),  # noqa: UP006 - programs still write it
        (typing.Sequence[int], types.containers.SequenceConverter),
        (tuple, types.containers.SequenceConverter),
        (tuple[int, ...], types.containers.SequenceConverter),
        (tuple[int, str], types.containers.TupleConverter),
        (dict, types.containers.MappingConverter),
        (typing.Dict[str, int], types.containers.MappingConverter),  # noqa: UP006 - likewise
        (Point, types.models.ModelConverter),
        (type, types.choices.ImportConverter),
        (type[int], types.choices.ImportConverter),
        (typing.Type[int], types.choices.ImportConverter),  # noqa: UP006 - likewise
        (Callable, types.choices.ImportConverter),
        (typing.Callable, types.choices.ImportConverter),
        (Callable[[int], str], types.choices.ImportConverter),
        (Seed, types.ScalarConverter),
        (Deep, types.ScalarConverter),
        (Alias, types.unions.OptionalConverter),
        (Pair[int], types.containers.TupleConverter),
        (Annotated[int, "text"], types.ScalarConverter),
        (Annotated[int, pydantic.Field(gt=0)], types.constraints.LimitedConverter),
        (typing.Final[int], types.ScalarConverter),
        (typing_extensions.NotRequired[int], types.ScalarConverter),
    ],
)
def test_an_annotation_has_its_converter(annotation: Any, kind: type) -> None:
    assert type(converter_of(annotation)) is kind


@pytest.mark.parametrize(
    "annotation",
    [
        Opaque,
        Unresolved,
        None,
        5,
        [],
        print,
        collections.OrderedDict[str, int],
        set[Opaque],
        tuple[int, Opaque],
        dict[Opaque, int],
        Opaque | None,
        Annotated[Opaque, "text"],
        Annotated[Opaque, pydantic.Field(gt=0)],
    ],
)
def test_what_no_text_can_make_has_none(annotation: Any) -> None:
    assert converter_of(annotation) is None
    assert converter_of(annotation, optional=True) is None


def test_names_are_taken_off_and_metadata_is_kept_from_the_inside_out() -> None:
    Inner = NewType("Inner", Annotated[int, 1])
    assert unwrap(Annotated[Inner, 2, 3]) == (int, [1, 2, 3])
    assert unwrap(dt.date) == (dt.date, [])


@pytest.mark.parametrize(("kind", "expected"), [(Point, True), (int, False), (5, False), (list[int], False)])
def test_a_model_is_known(kind: Any, expected: bool) -> None:
    assert is_model(kind) is expected


def test_a_generic_alias_takes_its_arguments() -> None:
    found = converter_of(Pair[float])
    assert found is not None
    assert found.from_text("1 2") == (1.0, 2.0)


@pytest.mark.parametrize("alias", [Alias, Union[Alias, str]])  # noqa: UP007 - an alias of typing_extensions
def test_none_inside_of_an_alias_is_a_value(alias: Any) -> None:
    found = converter_of(alias)
    assert found is not None
    assert found.nullable
    assert found.from_typed("none") is None


def test_none_is_made_a_value_where_a_default_says_so() -> None:
    found = converter_of(int, optional=True)
    assert isinstance(found, types.unions.OptionalConverter)
    assert not isinstance(converter_of(Any, optional=True), types.unions.OptionalConverter)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is new")
def test_an_alias_that_holds_itself_is_no_endless_loop() -> None:
    names: dict[str, Any] = {}
    exec("type Tree = list[Tree] | int", names)  # a syntax error in older versions
    found = converter_of(names["Tree"])
    assert found is None or found.from_text("[1, [2]]") == [1, [2]]


def test_the_empty_tuple_takes_nothing() -> None:
    found = converter_of(tuple[()])
    assert found is None or found.from_text("") == ()
    if found is not None:
        with pytest.raises(ConversionError):
            found.from_text("a")


def test_an_annotation_without_an_end_has_no_converter(monkeypatch: pytest.MonkeyPatch) -> None:
    def endless(*_: Any) -> Any:
        raise RecursionError

    monkeypatch.setattr("clickbind.types.table._of_plain", endless)
    assert converter_of(int) is None
