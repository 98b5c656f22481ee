"""Classes: a bound class passes for the one it stands for."""

from __future__ import annotations

import abc
import inspect
from dataclasses import dataclass
from typing import Any

import pytest

from clickbind import Binder
from clickbind.errors import BindError


class Model:
    """A model."""

    made: list[Any] = []  # noqa: RUF012 - a class's own list, to be shared

    def __init__(self, size: int = 1, name: str = "m") -> None:
        self.size = size
        self.name = name

    @classmethod
    def big(cls) -> Model:
        return cls(name="big")

    @staticmethod
    def twice(number: int) -> int:
        return 2 * number


@pytest.fixture
def binder() -> Binder:
    return Binder()


def test_a_bound_class_makes_instances_of_the_original(binder: Binder) -> None:
    bound = binder.bind(Model)
    assert type(bound()) is Model
    assert bound().size == 1


def test_what_was_given_is_filled_in(binder: Binder) -> None:
    bound = binder.bind(Model)
    with binder.scope({"Model.size": 5}):
        assert (bound().size, bound(7).size, bound(size=8).size, bound(name="x").size) == (5, 7, 8, 5)


def test_the_original_stays_untouched(binder: Binder) -> None:
    binder.bind(Model)
    with binder.scope({"Model.size": 5}):
        assert Model().size == 1


def test_a_bound_class_looks_like_the_original(binder: Binder) -> None:
    bound: Any = binder.bind(Model)
    assert (bound.__name__, bound.__qualname__, bound.__module__) == ("Model", "Model", __name__)
    assert bound.__doc__ == "A model."
    assert bound.__wrapped__ is Model
    assert bound.made is Model.made


def test_a_bound_class_keeps_its_signature(binder: Binder) -> None:
    assert inspect.signature(binder.bind(Model)) == inspect.signature(Model)


def test_instances_of_either_are_instances_of_both(binder: Binder) -> None:
    bound = binder.bind(Model)
    assert isinstance(Model(), bound)
    assert isinstance(bound(), Model)
    assert not isinstance(5, bound)


def test_subclasses_of_either_are_subclasses_of_both(binder: Binder) -> None:
    bound = binder.bind(Model)

    class Derived(Model): ...

    assert issubclass(Derived, bound)
    assert issubclass(Model, bound)
    assert issubclass(bound, Model)
    assert not issubclass(int, bound)


def test_a_subclass_of_a_bound_class_is_an_ordinary_class(binder: Binder) -> None:
    bound = binder.bind(Model)

    class Derived(bound):  # type: ignore[valid-type,misc]
        def __init__(self, size: int = 3) -> None:
            super().__init__(size)

    with binder.scope({"Model.size": 5}):
        derived = Derived()
    assert type(derived) is Derived
    assert derived.size == 3
    assert isinstance(derived, bound)
    assert isinstance(derived, Derived)
    assert not isinstance(Model(), Derived)
    assert issubclass(Derived, bound)
    assert not issubclass(Model, Derived)


def test_a_class_method_makes_what_was_given(binder: Binder) -> None:
    bound = binder.bind(Model)
    with binder.scope({"Model.size": 5}):
        big = bound.big()
    assert (type(big), big.size, big.name) == (Model, 5, "big")


def test_a_static_method_is_just_there(binder: Binder) -> None:
    assert binder.bind(Model).twice(4) == 8


def test_a_dataclass_can_be_bound(binder: Binder) -> None:
    @binder.bind
    @dataclass(frozen=True)
    class Point:
        x: int = 1
        y: int = 2

    with binder.scope({"Point.y": 5}):
        assert (Point().x, Point().y) == (1, 5)


def test_a_class_with_slots_can_be_bound(binder: Binder) -> None:
    @binder.bind
    class Slotted:
        __slots__ = ("x",)

        def __init__(self, x: int = 1) -> None:
            self.x = x

    with binder.scope({"Slotted.x": 5}):
        assert Slotted().x == 5
    assert not hasattr(Slotted(), "__dict__")


def test_a_class_with_a_metaclass_of_its_own_can_be_bound(binder: Binder) -> None:
    class Base(abc.ABC):
        @abc.abstractmethod
        def size(self) -> int: ...

    @binder.bind
    class Concrete(Base):
        def __init__(self, number: int = 1) -> None:
            self.number = number

        def size(self) -> int:
            return self.number

    with binder.scope({"Concrete.number": 5}):
        made = Concrete()
    assert made.size() == 5
    assert isinstance(made, Base)
    assert isinstance(made, Concrete)


def test_an_abstract_class_stays_abstract(binder: Binder) -> None:
    @binder.bind
    class Base(abc.ABC):
        @abc.abstractmethod
        def size(self) -> int: ...

    with pytest.raises(TypeError, match="abstract"):
        Base()  # type: ignore[abstract]


@pytest.mark.parametrize("kind", [bool, range])
def test_a_class_that_cannot_be_derived_from_cannot_be_bound(binder: Binder, kind: type) -> None:
    with pytest.raises(BindError) as caught:
        binder.bind(kind)
    assert str(caught.value).startswith(f"class {kind.__qualname__!r} cannot be bound: ")
    assert str(caught.value).endswith(".")


def test_a_bound_class_may_be_bound_again(binder: Binder) -> None:
    bound = binder.bind(binder.bind(Model))
    with binder.scope({"Model.size": 5}):
        assert type(bound()) is Model
        assert bound().size == 5


def test_a_subclass_of_a_bound_class_has_a_signature_of_its_own() -> None:
    class Base:
        def __init__(self, size: int = 1) -> None:
            self.size = size

    class Derived(Binder().bind(Base)):  # type: ignore[misc]
        def __init__(self, other: int = 2) -> None:
            super().__init__(other)

    assert list(inspect.signature(Derived).parameters) == ["other"]
