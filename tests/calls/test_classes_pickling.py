"""Instances of a bound class compare, copy and pickle as those of the original that they are."""

from __future__ import annotations

import abc
import collections
import copy
import copyreg
import fractions
import io
import os
import pickle
import subprocess
import sys
import types
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Generic, NamedTuple, TypeVar

import attrs
import pydantic
import pytest
from typing_extensions import Self

from clickbind import Binder
from tests.conftest import elsewhere

binder = Binder()
T = TypeVar("T")


class Equal:
    """Two are alike where they are of one class and have the same attributes."""

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


@elsewhere(binder)
class Plain(Equal):
    def __init__(self, size: int = 1, items: list[int] | None = None) -> None:
        self.size = size
        self.items = items


@elsewhere(binder)
class Slotted:
    __slots__ = ("size",)

    def __init__(self, size: int = 1) -> None:
        self.size = size

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Slotted) and self.size == other.size

    __hash__ = None  # type: ignore[assignment]


@elsewhere(binder)
@dataclass
class Point:
    x: int = 1
    y: list[int] = field(default_factory=list)


@elsewhere(binder)
@dataclass(frozen=True)
class Frozen:
    x: int = 1


@elsewhere(binder)
@dataclass(frozen=True, slots=True)
class FrozenSlots:
    x: int = 1


@elsewhere(binder)
@attrs.define
class Attrs:
    x: int = 1


@elsewhere(binder)
@attrs.frozen(slots=False)
class FrozenAttrs:
    x: int = 1


@elsewhere(binder)
class Pydantic(pydantic.BaseModel):
    x: int = 1


@elsewhere(binder)
class Word(str):
    __slots__ = ("language",)
    language: str

    def __new__(cls, text: str = "", language: str = "en") -> Self:
        self = super().__new__(cls, text)
        self.language = language
        return self


@elsewhere(binder)
class Reduced(Equal):
    def __init__(self, size: int = 1, name: str = "r") -> None:
        self.size = size
        self.name = name

    def __reduce__(self) -> Any:
        return type(self), (self.size,)


@elsewhere(binder)
class ReducedByName(Equal):
    def __init__(self, size: int = 1, name: str = "r") -> None:
        self.size = size
        self.name = name

    def __reduce__(self) -> Any:
        return ReducedByName, (self.size,)


@elsewhere(binder)
class Stateful(Equal):
    def __init__(self, size: int = 1) -> None:
        self.size = size
        self.cache: Callable[[], int] | None = None

    def __getstate__(self) -> dict[str, Any]:
        return {"size": self.size}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(state["size"])  # type: ignore[misc]


@elsewhere(binder)
class Table(dict[str, int]):
    def __init__(self, size: int = 1) -> None:
        super().__init__(size=size)
        self.label = "t"


@elsewhere(binder)
class Row(list[int]):
    def __init__(self, size: int = 1) -> None:
        super().__init__([size])


@elsewhere(binder)
class Ordered(collections.OrderedDict[str, int]):
    def __init__(self, size: int = 1) -> None:
        super().__init__(size=size)


@elsewhere(binder)
class Pair(NamedTuple):
    x: int = 1
    y: int = 2


@elsewhere(binder)
class Money(Decimal):
    def __new__(cls, value: str = "1.10") -> Self:
        return super().__new__(cls, value)


@elsewhere(binder)
class Box(Equal, Generic[T]):
    def __init__(self, item: T | None = None, size: int = 1) -> None:
        self.item = item
        self.size = size


@elsewhere(binder)
class Concrete(Equal, abc.ABC):
    def __init__(self, size: int = 1) -> None:
        self.size = size


class Outer:
    @elsewhere(binder)
    class Inner(Equal):
        def __init__(self, size: int = 1) -> None:
            self.size = size


@elsewhere(binder)
class Failed(Exception):  # noqa: N818 - a bound class like the others
    def __init__(self, code: int = 1) -> None:
        super().__init__(code)
        self.code = code


KINDS: list[Any] = [
    Plain, Slotted, Point, Frozen, FrozenSlots, Attrs, FrozenAttrs, Pydantic, Word, Reduced, ReducedByName, Stateful,
    Table, Row, Ordered, Pair, Money, Box, Box[int], Concrete, Outer.Inner,
]  # fmt: skip


def again(value: Any, protocol: int = pickle.HIGHEST_PROTOCOL) -> Any:
    return pickle.loads(pickle.dumps(value, protocol))


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_an_instance_pickles(kind: Any, protocol: int) -> None:
    made = kind()
    unpickled = again(made, protocol)
    assert type(unpickled) is type(made)
    assert isinstance(unpickled, getattr(kind, "__origin__", kind))
    assert unpickled == made
    assert getattr(unpickled, "__dict__", None) == getattr(made, "__dict__", None)


@pytest.mark.parametrize("kind", KINDS, ids=str)
@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy])
def test_an_instance_copies(kind: Any, copied: Callable[[Any], Any]) -> None:
    made = kind()
    again = copied(made)
    assert type(again) is type(made)
    assert again == made


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_pickle_in_python_writes_the_same(kind: Any) -> None:
    made = kind()
    file = io.BytesIO()
    pickle._Pickler(file).dump(made)
    assert type(pickle.loads(file.getvalue())) is type(made)


def test_attributes_of_its_own_come_along() -> None:
    word = Word("hallo", "de")
    assert again(word).language == copy.copy(word).language == "de"


def test_a_deep_copy_is_deep_and_a_shallow_one_shallow() -> None:
    made = Plain(items=[1])
    assert copy.copy(made).items is made.items
    assert copy.deepcopy(made).items is not made.items


def test_an_instance_that_holds_itself_pickles() -> None:
    made: Any = Plain()
    made.items = made
    unpickled = again(made)
    assert unpickled.items is unpickled
    assert copy.deepcopy(made).items is not made


def test_one_instance_in_two_places_stays_one() -> None:
    made = Plain()
    first, second = again([made, made])
    assert first is second


@pytest.mark.parametrize("kind", [Reduced, ReducedByName, Word, Pair])
def test_nothing_is_filled_in_by_unpickling_and_copying(kind: Any) -> None:
    made = kind()
    given = {"Reduced.name": "g", "ReducedByName.name": "g", "Word.language": "fr", "Pair.y": 5}
    with binder.scope(given):
        for one in (again(made), copy.copy(made), copy.deepcopy(made)):
            assert one == made
            assert getattr(one, "language", "en") == "en"


def test_what_is_unpickled_in_another_process_is_an_instance_of_the_original() -> None:
    code = (
        "import pickle, sys\n"
        "made = pickle.load(sys.stdin.buffer)\n"
        f"from {__name__} import Plain\n"
        "print(type(made) is Plain.__wrapped__, made.size, type(pickle.loads(pickle.dumps(made))) is type(made))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=pickle.dumps(Plain(7)),
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        check=True,
    )
    assert done.stdout.split() == [b"True", b"7", b"True"]


def test_what_is_unpickled_where_the_class_is_not_bound_is_an_instance_too(monkeypatch: pytest.MonkeyPatch) -> None:
    text = pickle.dumps(Plain(7))
    original = Plain.__wrapped__  # type: ignore[attr-defined]
    monkeypatch.setitem(globals(), "Plain", original)
    assert type(pickle.loads(text)) is original


# Exceptions: `except` knows them by their class alone, so that of a bound one is its own


def test_an_exception_is_caught_as_what_it_is_bound_as() -> None:
    with pytest.raises(Failed) as caught:
        raise Failed(3)
    assert caught.value.code == 3
    with pytest.raises(Failed):
        raise Failed
    with pytest.raises(Failed.__wrapped__) as caught:  # type: ignore[attr-defined]
        raise Failed
    assert isinstance(caught.value, Failed)


def test_an_exception_gets_what_was_given() -> None:
    with binder.scope({"Failed.code": 5}):
        assert (Failed().code, Failed(6).code) == (5, 6)


@pytest.mark.parametrize("copied", [again, copy.copy, copy.deepcopy])
def test_an_exception_pickles_and_copies(copied: Callable[[Any], Any]) -> None:
    made = Failed(3)
    made.note = "n"  # type: ignore[attr-defined]
    other = copied(made)
    assert (type(other), other.code, other.args, other.note) == (Failed, 3, (3,), "n")


@elsewhere(binder)
class Blank(Equal):
    def __init__(self, size: int = 1) -> None:
        self.size = size

    @classmethod
    def blank(cls) -> Blank:
        return super().__new__(cls)


@pytest.mark.parametrize("made", [Blank.blank(), Blank.__new__(Blank), Pair._make([3, 4])], ids=["made", "new", "pair"])
def test_what_a_class_method_makes_past_the_constructor_is_unpickled_as_an_original(made: Any) -> None:
    kind: Any = Pair if isinstance(made, Pair) else Blank
    assert isinstance(made, kind.__wrapped__)
    assert type(again(made)) is kind.__wrapped__
    assert isinstance(copy.copy(made), kind)


# Bound classes themselves


@pytest.mark.parametrize("kind", KINDS, ids=str)
def test_a_bound_class_pickles_by_name(kind: Any) -> None:
    # A generic class is equal, not the same: typing keeps no more than the last 128 that were subscripted.
    assert again(kind) == copy.copy(kind) == copy.deepcopy(kind) == kind
    origin = getattr(kind, "__origin__", kind)
    assert again(origin) is copy.copy(origin) is copy.deepcopy(origin) is origin


class Theirs:
    def __init__(self, size: int = 1) -> None:
        self.size = size


Ours = binder.bind(Theirs)


def test_a_bound_class_whose_name_leads_to_the_original_pickles_as_that() -> None:
    assert again(Ours) is Theirs


def test_instances_of_an_original_that_has_its_name_pickle_as_ever() -> None:
    made = Ours(4)
    assert type(again(made)) is Theirs
    assert b"clickbind" not in pickle.dumps(made)


def test_an_exception_of_somebody_elses_class_pickles_as_an_original() -> None:
    bound = binder.bind(fractions.Fraction)
    assert again(bound) is fractions.Fraction
    failed = binder.bind(LookupError, name="lookup")
    assert type(again(failed("x"))) is LookupError


def test_somebody_elses_class_is_left_alone() -> None:
    for kind in (fractions.Fraction, Decimal, collections.Counter):
        before = dict(copyreg.dispatch_table)
        made = binder.bind(kind)
        assert kind not in copyreg.dispatch_table.keys() - before.keys()
        assert pickle.dumps(made()) == pickle.dumps(kind())


class Buffered:
    def __init__(self, size: int = 1) -> None:
        self.size = size

    def __reduce_ex__(self, protocol: Any) -> Any:
        return Buffered, (int(protocol),)


def test_the_pickler_s_protocol_reaches_somebody_elses_class() -> None:
    module = types.ModuleType("elsewhere")
    exec("def bind(binder, kind): return binder.bind(kind)", vars(module))
    bound = module.bind(Binder(), Buffered)
    assert [again(bound(), protocol).size for protocol in (2, 5)] == [2, 5]


def test_a_class_bound_under_its_own_name_later_pickles(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Theirs
    monkeypatch.setitem(globals(), "Theirs", binder.bind(Theirs, name="again"))
    assert type(again(original(3))) is original
    assert type(again(Theirs(3))) is original


def test_a_class_bound_by_two_binders_pickles(monkeypatch: pytest.MonkeyPatch) -> None:
    original = Theirs
    monkeypatch.setitem(globals(), "Theirs", Binder().bind(Binder().bind(Theirs)))
    made = Theirs(3)
    assert type(made) is type(again(made)) is original


def test_an_instance_of_a_class_that_only_a_function_has_copies() -> None:
    @elsewhere(Binder())
    class Local:
        def __init__(self, size: int = 1) -> None:
            self.size = size

    assert copy.deepcopy(Local(3)).size == 3
    with pytest.raises((pickle.PicklingError, AttributeError)):
        pickle.dumps(Local())


@pytest.fixture
def derived() -> Iterator[Any]:
    class Derived(Plain): ...

    Derived.__qualname__ = "Derived"
    globals()["Derived"] = Derived
    yield Derived
    del globals()["Derived"]


def test_a_derived_class_and_its_instances_pickle_as_ever(derived: Any) -> None:
    assert again(derived) is derived
    made = again(derived(4))
    assert (type(made), made.size) == (derived, 4)
    assert type(copy.copy(made)) is derived


class Singleton:
    def __init__(self, size: int = 1) -> None: ...

    def __reduce__(self) -> str:
        return "ONLY"


Singleton = binder.bind(Singleton)  # type: ignore[misc]
ONLY = Singleton()


def test_an_instance_that_has_a_name_pickles_by_it() -> None:
    assert again(ONLY) is ONLY


class Factored:
    def __init__(self, size: int = 1) -> None:
        self.size = size

    def __reduce__(self) -> Any:
        return factored, (self.size,)


Factored = binder.bind(Factored)  # type: ignore[misc]


def factored(size: int) -> Any:
    return Factored(size)


def test_an_instance_that_a_function_makes_pickles_by_that() -> None:
    assert again(Factored(3)).size == 3
    assert b"rebuild" not in pickle.dumps(Factored())
