"""The rule table: annotations to converters."""

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

from clickbind import choices, containers, conversion, flow, limits, models, texts, unions
from clickbind.conversion import UNKNOWN
from clickbind.errors import ConversionError
from clickbind.hints import Unresolved
from clickbind.rules import converter_of, is_model, unwrap

T = TypeVar("T")
Bound = TypeVar("Bound", bound=int)
Seed = NewType("Seed", int)
Deep = NewType("Deep", Seed)
Alias = typing_extensions.TypeAliasType("Alias", Optional[list[int]])  # noqa: UP045 - evaluated by itself
Pair = typing_extensions.TypeAliasType("Pair", tuple[T, T], type_params=(T,))


class Opaque:
    """A type that no text can make."""


class Point(typing.NamedTuple):
    x: int


@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (str, conversion.StrConverter),
        (int, conversion.ScalarConverter),
        (bool, conversion.BoolConverter),
        (bytes, texts.BytesConverter),
        (Path, texts.PathConverter),
        (Decimal, conversion.ScalarConverter),
        (re.Pattern, conversion.ScalarConverter),
        (re.Pattern[str], conversion.ScalarConverter),
        (pydantic.SecretStr, texts.SecretConverter),
        (Any, flow.CoreConverter),
        (object, flow.CoreConverter),
        (UNKNOWN, flow.CoreConverter),
        (T, flow.CoreConverter),
        (Bound, conversion.ScalarConverter),
        (typing.Literal["a"], choices.LiteralConverter),
        (re.RegexFlag, choices.EnumConverter),
        (int | None, unions.OptionalConverter),
        (int | str, unions.UnionConverter),
        (list, containers.SequenceConverter),
        (typing.List, containers.SequenceConverter),  # noqa: UP006 - programs still write it
        (typing.Sequence[int], containers.SequenceConverter),
        (tuple, containers.SequenceConverter),
        (tuple[int, ...], containers.SequenceConverter),
        (tuple[int, str], containers.TupleConverter),
        (dict, containers.MappingConverter),
        (typing.Dict[str, int], containers.MappingConverter),  # noqa: UP006 - likewise
        (Point, models.ModelConverter),
        (type, choices.ImportConverter),
        (type[int], choices.ImportConverter),
        (typing.Type[int], choices.ImportConverter),  # noqa: UP006 - likewise
        (Callable, choices.ImportConverter),
        (typing.Callable, choices.ImportConverter),
        (Callable[[int], str], choices.ImportConverter),
        (Seed, conversion.ScalarConverter),
        (Deep, conversion.ScalarConverter),
        (Alias, unions.OptionalConverter),
        (Pair[int], containers.TupleConverter),
        (Annotated[int, "text"], conversion.ScalarConverter),
        (Annotated[int, pydantic.Field(gt=0)], limits.LimitedConverter),
        (typing.Final[int], conversion.ScalarConverter),
        (typing_extensions.NotRequired[int], conversion.ScalarConverter),
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
    assert isinstance(found, unions.OptionalConverter)
    assert not isinstance(converter_of(Any, optional=True), unions.OptionalConverter)


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is new")
def test_an_alias_that_holds_itself_is_no_endless_loop() -> None:
    names: dict[str, Any] = {}
    exec("type Tree = list[Tree] | int", names)  # too new to stand here
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

    monkeypatch.setattr("clickbind.rules._of_plain", endless)
    assert converter_of(int) is None
