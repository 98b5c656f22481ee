"""A function's signature: parameters with their evaluated hints."""

from __future__ import annotations

import functools
import importlib.util
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from clickbind import declare
from clickbind.errors import BindError
from clickbind.types import UNKNOWN
from clickbind.types.hints import Unresolved

if TYPE_CHECKING:
    from decimal import Decimal  # known to the type checker alone


def hints(function: Callable[..., Any]) -> dict[str, Any]:
    return {name: spec.annotation for name, spec in declare.function.read(function).parameters.items()}


def train(epochs: int, lr: float = 0.1, *paths: str, folder: Path = Path(), **more: int) -> None:
    """Train the model.

    Parameters
    ----------
    epochs : int
        How often.
    """


def test_parameters_stand_in_order_without_the_variadic_ones() -> None:
    spec = declare.function.read(train)
    assert list(spec.parameters) == ["epochs", "lr", "folder"]
    assert spec.function is train
    assert spec.signature == inspect.signature(train)


def test_a_parameter_has_its_hint_default_and_converter() -> None:
    spec = declare.function.read(train).parameters["lr"]
    assert (spec.name, spec.annotation, spec.default, spec.required) == ("lr", float, 0.1, False)
    assert spec.converter is not None
    assert spec.converter.metavar == "FLOAT"


def test_a_parameter_without_default_is_required() -> None:
    spec = declare.function.read(train).parameters["epochs"]
    assert spec.required
    assert spec.default is inspect.Parameter.empty


def test_a_default_is_the_signatures_own_object() -> None:
    default = [1]

    def function(values: list[int] = default) -> None: ...

    assert declare.function.read(function).parameters["values"].default is default


def test_string_annotations_are_evaluated_in_their_module() -> None:
    assert hints(train) == {"epochs": int, "lr": float, "folder": Path}


def test_without_annotation_the_defaults_type_decides() -> None:
    assert hints(lambda a=1, b="x", c=None, d=(): None) == {"a": int, "b": str, "c": UNKNOWN, "d": tuple}


def test_without_annotation_and_default_nothing_is_known() -> None:
    spec = declare.function.read(lambda x: x).parameters["x"]
    assert spec.annotation is UNKNOWN
    assert spec.converter is not None
    assert spec.converter.from_text("5") == 5


def test_a_default_of_none_makes_none_a_value() -> None:
    def function(a: int = None, b: int = 5) -> None: ...  # type: ignore[assignment]  # noqa: RUF013 - as programs do

    parameters = declare.function.read(function).parameters
    assert [bool(spec.converter and spec.converter.nullable) for spec in parameters.values()] == [True, False]


def test_a_bad_annotation_costs_its_own_parameter_alone() -> None:
    def function(a: Decimal, b: int, c: Decimal = 5, d: 1 / 0 = "x") -> None: ...  # type: ignore[valid-type,assignment]

    assert hints(function) == {"a": Unresolved, "b": int, "c": int, "d": str}
    assert declare.function.read(function).parameters["a"].converter is None


def test_a_type_that_no_text_can_make_has_no_converter() -> None:
    class Opaque: ...

    def function(model: Opaque, size: int = 1) -> None: ...

    parameters = declare.function.read(function).parameters
    assert parameters["model"].converter is None
    assert parameters["size"].converter is not None


class Model:
    def __init__(self, size: int = 1, folder: Path | None = None) -> None: ...

    def fit(self, epochs: int = 5) -> None: ...

    def __call__(self, x: float = 0.5) -> None: ...


class Derived(Model):
    pass


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (Model, {"size": int, "folder": Path | None}),
        (Derived, {"size": int, "folder": Path | None}),
        (Model().fit, {"epochs": int}),
        (Model(), {"x": float}),
        (functools.partial(train, 5), {"lr": float, "folder": Path}),
        (functools.partial(functools.partial(train, 5), folder=Path("x")), {"lr": float, "folder": Path}),
        (functools.partial(Model, 5), {"folder": Path | None}),
    ],
    ids=["class", "derived class", "method", "object", "partial", "partial of one", "class's partial"],
)
def test_whatever_can_be_called_has_hints(function: Callable[..., Any], expected: dict[str, Any]) -> None:
    assert hints(function) == expected


def test_a_partials_value_is_a_default() -> None:
    spec = declare.function.read(functools.partial(train, lr=0.5)).parameters["lr"]
    assert (spec.default, spec.required) == (0.5, False)


def test_a_wrapped_function_has_the_hints_of_the_one_inside(tmp_path: Path) -> None:
    source = "from __future__ import annotations\nfrom pathlib import Path as P\ndef load(folder: P = P()): ...\n"
    (tmp_path / "elsewhere.py").write_text(source, encoding="utf-8")
    found = importlib.util.spec_from_file_location("elsewhere", tmp_path / "elsewhere.py")
    assert found is not None
    assert found.loader is not None
    module = importlib.util.module_from_spec(found)
    found.loader.exec_module(module)

    @functools.wraps(module.load)
    def wrapper(*args: Any, **kwargs: Any) -> Any: ...

    assert hints(wrapper) == {"folder": Path}


def test_a_class_without_globals_is_read_in_its_module() -> None:
    class Empty: ...

    assert declare.function.read(Empty).parameters == {}


def test_an_object_of_no_module_is_read_with_the_builtins() -> None:
    class Callable_:  # noqa: N801 - an object that can be called
        def __init__(self) -> None:
            self.__signature__ = inspect.Signature(
                [inspect.Parameter("x", inspect.Parameter.KEYWORD_ONLY, annotation="int")]
            )
            self.__module__ = None  # type: ignore[assignment]

        def __call__(self, **_: Any) -> None: ...

    assert hints(Callable_()) == {"x": int}


@pytest.mark.parametrize("function", [dict.update, 5])
def test_what_has_no_signature_is_refused(function: Any) -> None:
    with pytest.raises(BindError) as caught:
        declare.function.read(function)
    message = str(caught.value)
    assert message.startswith(f"{function!r} has no signature and cannot be bound: wrap it in a function. (")


def test_the_docstring_is_parsed_once_and_when_asked_for() -> None:
    spec = declare.function.read(train)
    assert spec.docstring.parameters == {"epochs": "How often."}
    assert spec.docstring is spec.docstring
