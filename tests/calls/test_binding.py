"""What can be bound: names, local names, and context managers of every kind."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

import clickbind
from clickbind import calls
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
    assert calls.binding.name_of(function) == name


def test_a_local_function_has_its_own_name_alone() -> None:
    class Local:
        def method(self) -> None: ...

    def local() -> None: ...

    assert [calls.binding.name_of(item) for item in (local, Local, Local.method)] == ["local", "Local", "Local.method"]


@pytest.mark.parametrize("function", [functools.partial(plain), Model()])
def test_what_has_no_name_is_told_to_be_given_one(function: Any) -> None:
    with pytest.raises(BindError) as caught:
        calls.binding.name_of(function)
    assert str(caught.value) == f"{function!r} has no name: pass name='…'."


@pytest.mark.parametrize("function", [plain, Model, Model.fit, len, functools.partial(plain)])
def test_what_is_no_local_function_has_no_local_names(function: Any) -> None:
    assert calls.binding.local_names(function) is None


def test_a_local_function_has_the_names_around_it() -> None:
    class Here: ...

    def local(one: Here) -> None: ...

    names = calls.binding.local_names(local)
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
    with calls.binding.context_manager(manager)() as value:
        assert value == 7


def test_what_is_a_context_manager_stays_as_it_is() -> None:
    made = contextlib.contextmanager(manager)
    assert calls.binding.context_manager(made) is made


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
        calls.binding.context_manager(function)
    assert str(caught.value) == (f"{function!r} is an async context manager, which cannot be bound: write a plain one.")


def test_of_the_names_around_a_local_function_only_those_of_its_annotations_are_kept() -> None:
    class Kept: ...

    large = [Kept()]

    def local(one: Kept, other: list[Kept] = large) -> None: ...

    assert calls.binding.local_names(local) == {"Kept": Kept}


def test_the_names_of_a_local_class_are_those_of_its_fields_and_constructor() -> None:
    class Kept: ...

    class Local:
        field: Kept

        def __init__(self, one: Kept | None = None) -> None: ...

    assert calls.binding.local_names(Local) == {"Kept": Kept}


def renamed(name: str | None = None, qualified: str | None = None) -> Any:
    def wrapper() -> None: ...

    wrapper.__name__ = name or wrapper.__name__
    wrapper.__qualname__ = qualified or wrapper.__qualname__
    return wrapper


def method_named(name: str) -> Any:
    class Local:
        def fit(self) -> None: ...

    Local.fit.__name__ = name
    return Local.fit


class Called:
    """An object that can be called, and has been given a name."""

    def __init__(self, name: str) -> None:
        self.__name__ = name

    def __call__(self) -> None: ...


def test_a_name_that_was_set_counts() -> None:
    double = lambda: None  # noqa: E731
    double.__name__ = "double"
    part = functools.partial(plain)
    part.__name__ = "part"  # type: ignore[attr-defined]
    cases = {
        "train": renamed("train"),
        "evaluate": renamed(qualified="evaluate"),
        "Model.fit": renamed(qualified="Model.fit"),
        "both": renamed("both", "other"),
        "Local.go": method_named("go"),
        "double": double,
        "called": Called("called"),
        "part": part,
        "plain": functools.update_wrapper(functools.partial(plain), plain),
    }
    assert [calls.binding.name_of(function) for function in cases.values()] == list(cases)


def test_two_functions_behind_a_decorator_that_sets_their_names_are_two_stages() -> None:
    binder = clickbind.Binder()
    ran = []
    for name in ("one", "two"):

        def wrapper(name: str = name) -> None:
            ran.append(name)

        wrapper.__name__ = name
        binder.stage(wrapper)
    binder.command()([], standalone_mode=False)
    assert ran == ["one", "two"]


class Generating:
    __name__ = "generating"

    def __call__(self) -> Iterator[int]:
        yield 7


def passing(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any) -> Any:
        return function(*args)

    return wrapper


def looping(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper() -> Any:
        return [item for item in function()]  # noqa: C416 - a loop

    return wrapper


def listing(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper() -> Any:
        return list(function())

    return wrapper


class Methods:
    def generate(self) -> Iterator[int]:
        yield 7

    @classmethod
    def of_class(cls) -> Iterator[int]:
        yield 7

    @staticmethod
    def static() -> Iterator[int]:
        yield 7


@pytest.mark.parametrize(
    ("function", "kind", "cure"),
    [
        (manager, "generator function", "loop over it in one, or bind it with @binder.context"),
        (async_manager, "generator function", "loop over it in one"),
        (functools.partial(manager), "generator function", "loop over it in one, or bind it with @binder.context"),
        (Generating(), "generator function", "loop over it in one, or bind it with @binder.context"),
        (passing(manager), "generator function", "loop over it in one, or bind it with @binder.context"),
        (passing(passing(manager)), "generator function", "loop over it in one, or bind it with @binder.context"),
        (functools.lru_cache(manager), "generator function", "loop over it in one, or bind it with @binder.context"),
        (Methods().generate, "generator function", "loop over it in one, or bind it with @binder.context"),
        (Methods.of_class, "generator function", "loop over it in one, or bind it with @binder.context"),
        (contextlib.contextmanager(manager), "context manager", "enter it in one, or bind it with @binder.context"),
        (
            functools.partial(contextlib.contextmanager(manager)),
            "context manager",
            "enter it in one, or bind it with @binder.context",
        ),
        (
            passing(contextlib.contextmanager(manager)),
            "context manager",
            "enter it in one, or bind it with @binder.context",
        ),
        (contextlib.asynccontextmanager(async_manager), "context manager", "enter it in one"),
    ],
)
def test_a_stage_that_would_do_nothing_is_refused(function: Any, kind: str, cure: str) -> None:
    with pytest.raises(BindError) as caught:
        clickbind.Binder().stage(function, name="stage")
    assert str(caught.value) == f"{function!r} is a {kind}, and as a stage it would do nothing: {cure}."


@pytest.mark.parametrize("wrap", [staticmethod, classmethod])
def test_so_is_one_that_a_class_has(wrap: Any) -> None:
    with pytest.raises(BindError, match="is a generator function, and as a stage it would do nothing"):
        clickbind.Binder().stage(wrap(manager))


@pytest.mark.parametrize("function", [looping(manager), listing(manager), plain, Called("called"), Model, len])
def test_a_stage_that_does_something_is_taken(function: Any) -> None:
    binder = clickbind.Binder()
    binder.stage(function, name="stage")
    assert next(iter(binder.command().list_commands(None))) == "stage"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "function",
    [functools.partial(manager), Generating(), passing(manager), passing(contextlib.contextmanager(manager))],
)
def test_a_context_is_made_of_whatever_makes_a_generator(function: Any) -> None:
    binder = clickbind.Binder()
    made = binder.context(function, name="around")
    with made() as value:
        assert value == 7


def test_a_partial_of_a_generator_function_has_no_name_as_a_context_either() -> None:
    with pytest.raises(BindError, match="has no name"):
        clickbind.Binder().context(functools.partial(manager))
