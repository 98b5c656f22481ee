"""Test the evaluation of annotations."""

from __future__ import annotations

import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, ForwardRef, Literal, Optional, Union

import pytest
from typing_extensions import TypeAliasType

from clickbind import declare
from clickbind.errors import BindError
from clickbind.types.hints import Unresolved, checked, evaluate

NAMES = {"Path": Path, "Optional": Optional, "Literal": Literal, "Annotated": Annotated, "Callable": Callable}

OLD_OPTIONAL = Optional["Path"]
OLD_UNION = Union["Path", int]


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (int, int),
        (None, None),
        ("int", int),
        ("None", None),
        ("Path", Path),
        ("int | None", int | None),
        ("list[Path]", list[Path]),
        ("Optional[Path]", Path | None),
        ("Literal['Path']", Literal["Path"]),
        ("Annotated[int, 'Path']", Annotated[int, "Path"]),
        ("list['Path']", list[Path]),
        (list["Path"], list[Path]),
        (dict[str, "list[Path]"], dict[str, list[Path]]),
        (OLD_OPTIONAL, Path | None),
        (OLD_UNION, Path | int),
        (ForwardRef("Path"), Path),
        (Annotated["Path", "Path"], Annotated[Path, "Path"]),
        (Literal["Path"], Literal["Path"]),
        (Callable[["Path"], "int"], Callable[[Path], int]),
        (Callable[[int], str], Callable[[int], str]),
        (list["Path"] | None, list[Path] | None),
        ("Callable[['Path'], int]", Callable[[Path], int]),
        (Callable[..., "Path"], Callable[..., Path]),
        (tuple["Path", ...], tuple[Path, ...]),
        (TypeAliasType("Alias", "Path"), Path),
        (TypeAliasType("Alias", list["Path"]), list[Path]),
        ("'int'", int),
        ("'list[int]'", list[int]),
    ],
)
def test_a_hint_is_evaluated_with_all_the_strings_in_it(annotation: Any, value: object) -> None:
    assert evaluate(annotation, NAMES) == value


@pytest.mark.parametrize("annotation", ["torch", "torch.Tensor", "torch.Tensor[int]", "1 / 0", "a b", "torch._private"])
def test_an_annotation_that_cannot_be_evaluated_is_unresolved(annotation: str) -> None:
    assert evaluate(annotation, {}) is Unresolved


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        ("int | torch.Tensor", int | Unresolved),
        ("torch.Tensor | None", Unresolved | None),
        ("list[torch.Tensor]", list[Unresolved]),
        (list["torch"], list[Unresolved]),  # type: ignore[name-defined]  # noqa: F821 - it is not there
    ],
)
def test_the_parts_around_a_missing_name_are_kept(annotation: Any, value: object) -> None:
    assert evaluate(annotation, {}) == value


def test_a_part_that_is_no_expression_costs_that_part() -> None:
    assert evaluate(list[ForwardRef("1 / 0")], {}) == list[Unresolved]  # type: ignore[misc]


def test_what_a_generic_class_refuses_costs_the_hint() -> None:
    class Plain: ...

    assert evaluate(types.GenericAlias(Plain, ("Path",)), NAMES) is Unresolved


def alias(value: Callable[[], Any]) -> Any:
    """Make an alias whose value is evaluated lazily, like that of the `type` statement from Python 3.12 on."""
    return type("TypeAliasType", (), {"__value__": property(lambda _: value())})()


def test_an_alias_that_cannot_be_evaluated_is_unresolved() -> None:
    assert evaluate(alias(lambda: Missing), NAMES) is Unresolved  # type: ignore[name-defined]  # noqa: F821 - it is not
    assert checked(alias(lambda: Missing), train, "x") is Unresolved  # type: ignore[name-defined]  # noqa: F821


def test_an_alias_that_cannot_be_evaluated_and_mentions_a_secret_is_refused() -> None:
    hidden = alias(lambda: Annotated[Missing, Option(secret=True)])  # type: ignore[name-defined]  # noqa: F821
    with pytest.raises(BindError, match=r"^train: the annotation of 'x' mentions a secret and cannot be evaluated: "):
        checked(hidden, train, "x")


def test_a_module_is_not_searched_for_secrets() -> None:
    module = types.ModuleType("secrets_of_mine")
    assert checked("mine.Missing", train, "x", {"mine": module}) is Unresolved


def train() -> None: ...


def test_the_first_names_win() -> None:
    assert evaluate("Path", {"Path": int}, NAMES) is int
    assert evaluate("int", {"int": str}) is str
    assert evaluate("list[int]", {"int": str}) == list[str]


def quoted(x: "int" = 1, y: "list[int] | None" = None) -> None: ...  # noqa: UP037 - as programs have it


def test_quotes_under_the_future_import_are_as_without_it() -> None:
    parameters = declare.function.read(quoted).parameters
    assert parameters["x"].annotation is int
    assert parameters["y"].annotation == list[int] | None


def test_a_name_of_the_builtins_is_known_even_where_there_are_no_others() -> None:
    assert evaluate("dict[str, int]") == dict[str, int]


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is new")
def test_an_alias_statement_is_kept_for_later() -> None:
    names: dict[str, Any] = {}
    exec("type Sizes = list[int]", names)  # a syntax error in older versions
    assert evaluate("Sizes | None", names) == names["Sizes"] | None
