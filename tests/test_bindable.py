"""What can be bound: names, local names, and context managers of every kind."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import clickbind
from clickbind import bindable
from clickbind.errors import BindError


class Model:
    class Inner: ...

    def fit(self) -> None: ...

    @staticmethod
    def score() -> None: ...


def plain() -> None: ...


def manager() -> Iterator[int]:
    yield 7


async def async_manager() -> AsyncIterator[None]:
    yield


async def coroutine() -> None: ...


class AsyncContext:
    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (plain, "plain"),
        (Model, "Model"),
        (Model.Inner, "Inner"),
        (Model.fit, "Model.fit"),
        (Model().fit, "Model.fit"),
        (Model.score, "Model.score"),
        (len, "len"),
    ],
)
def test_a_name_is_that_of_the_function_behind_its_class(function: Any, name: str) -> None:
    assert bindable.name_of(function) == name


def test_a_local_function_has_its_own_name_alone() -> None:
    class Local:
        def method(self) -> None: ...

    def local() -> None: ...

    assert [bindable.name_of(item) for item in (local, Local, Local.method)] == ["local", "Local", "Local.method"]


@pytest.mark.parametrize("function", [functools.partial(plain), Model()])
def test_what_has_no_name_is_told_to_be_given_one(function: Any) -> None:
    with pytest.raises(BindError) as caught:
        bindable.name_of(function)
    assert str(caught.value) == f"{function!r} has no name to bind under. Give one: name='…'."


@pytest.mark.parametrize("function", [plain, Model, Model.fit, len, functools.partial(plain)])
def test_what_is_no_local_function_has_no_local_names(function: Any) -> None:
    assert bindable.local_names(function) is None


def test_a_local_function_has_the_names_around_it() -> None:
    class Here: ...

    def local(one: Here) -> None: ...

    names = bindable.local_names(local)
    assert names is not None
    assert names["Here"] is Here


def test_local_names_are_those_of_the_caller_behind_clickbind() -> None:
    class Local:
        def __init__(self, text: str) -> None:
            self.text = text

        def __fspath__(self) -> str:
            return self.text

    binder = clickbind.Binder("prog")

    @binder.stage
    def show(path: Local = Local("a")) -> str:  # noqa: B008 - handed back, never changed
        return path.text

    assert binder.command()(["show", "--path", "b"], standalone_mode=False) == "b"


def test_a_generator_function_becomes_a_context_manager() -> None:
    with bindable.context_manager(manager)() as value:
        assert value == 7


def test_what_is_a_context_manager_stays_as_it_is() -> None:
    made = contextlib.contextmanager(manager)
    assert bindable.context_manager(made) is made


@pytest.mark.parametrize(
    "function",
    [
        async_manager,
        coroutine,
        contextlib.asynccontextmanager(async_manager),
        AsyncContext,
    ],
)
def test_an_async_context_manager_is_refused_by_name(function: Any) -> None:
    with pytest.raises(BindError) as caught:
        bindable.context_manager(function)
    assert str(caught.value) == (
        f"{function!r} is an async context manager, and those cannot be bound yet: make it a plain one."
    )


def test_of_the_names_around_a_local_function_only_those_of_its_annotations_are_kept() -> None:
    class Kept: ...

    large = [Kept()]

    def local(one: Kept, other: list[Kept] = large) -> None: ...

    assert bindable.local_names(local) == {"Kept": Kept}


def test_the_names_of_a_local_class_are_those_of_its_fields_and_constructor() -> None:
    class Kept: ...

    class Local:
        field: Kept

        def __init__(self, one: Kept | None = None) -> None: ...

    assert bindable.local_names(Local) == {"Kept": Kept}
