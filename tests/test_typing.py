"""Type checkers see bound functions, classes and contexts as what they are: `make types` checks this file."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from types import TracebackType
from typing import Any

import click
from typing_extensions import assert_type

import clickbind
from clickbind import Binder, Values, argbind

binder = Binder("prog")


class AdamW:
    """An optimizer of somebody else."""

    def __init__(self, params: list[int], lr: float = 1e-3) -> None:
        self.params, self.lr = params, lr

    @classmethod
    def of_one(cls, param: int) -> AdamW:
        return cls([param])


Optimizer = binder.bind(AdamW, "generator")


@binder.bind
def bare(x: int = 1) -> str:
    """Say x."""
    return str(x)


@binder.bind()
def called(x: int = 1) -> str:
    return str(x)


@binder.bind("train", "val", name="data", hidden=True)
def scoped(folder: str, *, size: int = 1) -> tuple[str, int]:
    return folder, size


@binder.bind
class Net:
    """A net."""

    def __init__(self, size: int = 1) -> None:
        self.size = size

    @binder.bind
    def fit(self, epochs: int = 1) -> int:
        return epochs * self.size


@binder.bind("train")
class Wide(Net): ...


@binder.stage
def train(epochs: int = 50) -> float:
    return epochs / 2


@binder.stage(default=False)
def evaluate(epochs: int = 50) -> float:
    return epochs / 2


@binder.stage
async def fetch(url: str = "") -> bytes:
    return url.encode()


@binder.context
def output(folder: str = ".") -> Iterator[int]:
    """Write to a folder."""
    yield len(folder)


@binder.context(name="timed")
def timer(label: str = "") -> Generator[str, None, None]:
    yield label


@binder.context
@contextmanager
def made(folder: str = ".") -> Iterator[float]:
    yield float(len(folder))


@binder.context()
@contextmanager
def quiet() -> Iterator[None]:
    yield


class Lock(AbstractContextManager["Lock"]):
    def __init__(self, name: str = "") -> None:
        self.name = name

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None: ...


Locked = binder.context(Lock)


def plain(x: int = 1) -> str:
    return str(x)


passed = binder.bind(plain, "train", name="passed")
staged = binder.stage(plain, name="staged")
entered = binder.context(quiet, name="entered")


def test_functions_keep_their_types() -> None:
    assert_type(bare(2), str)
    assert_type(bare(x=2), str)
    assert_type(called(), str)
    assert_type(scoped("a", size=3), tuple[str, int])
    assert_type(train(epochs=3), float)
    assert_type(evaluate(3), float)
    assert_type(passed(3), str)
    assert_type(staged(x=3), str)
    waiting: Coroutine[Any, Any, bytes] = fetch("u")
    waiting.close()


def test_classes_stay_classes() -> None:
    assert_type(Optimizer, type[AdamW])
    assert_type(Optimizer([1], lr=0.1), AdamW)
    assert_type(Optimizer.of_one(1), AdamW)
    assert_type(Net(3).fit(2), int)
    assert_type(Wide(3), Wide)
    kind: type[Net] = Wide
    assert issubclass(kind, Net)


def test_contexts_keep_what_they_yield() -> None:
    with output("ab") as length:
        assert_type(length, int)
        assert length == 2
    with timer(label="x") as label:
        assert_type(label, str)
    with made() as number:
        assert_type(number, float)
    with quiet() as nothing:
        assert_type(nothing, None)
    assert_type(Locked, type[Lock])
    assert Locked.__name__ == "Lock"
    with Locked("a") as lock:
        assert_type(lock, Lock)
    with entered() as nothing:
        assert_type(nothing, None)


def test_the_program_and_its_values_have_types() -> None:
    assert_type(binder.command(), click.Group)
    values = binder.values()
    assert_type(values, Values)
    assert_type(list(values), list[str])
    assert_type(values.items(), list[tuple[str, Any]])


def test_argbinds_names_keep_types_too() -> None:
    bound = argbind.bind(AdamW, "generator")
    assert_type(bound, type[AdamW])
    decorate: Callable[[Callable[[int], str]], Callable[[int], str]] = argbind.bind("train", without_prefix=True)
    assert callable(decorate)


def test_tools_see_what_was_bound() -> None:
    for bound, original in ((bare, "(x: 'int' = 1) -> 'str'"), (output, "(folder: 'str' = '.') -> 'Iterator[int]'")):
        assert str(inspect.signature(bound)) == original
    assert (bare.__doc__, bare.__name__, output.__doc__) == ("Say x.", "bare", "Write to a folder.")
    assert (Net.__doc__, Net.__name__, Optimizer.__doc__) == ("A net.", "Net", "An optimizer of somebody else.")
    assert str(inspect.signature(Optimizer)) == "(params: 'list[int]', lr: 'float' = 0.001) -> 'None'"
    assert "def bare" in inspect.getsource(bare)
    assert "def save" in inspect.getsource(clickbind.Values.save)
    assert "def bind" in inspect.getsource(clickbind.Binder.bind)
