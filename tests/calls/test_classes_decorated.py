"""Classes that are decorated where they are defined: each stays the class that it is, and its `__init__` is bound."""

from __future__ import annotations

import copy
import inspect
import pickle
from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

import pytest
from typing_extensions import Self

from clickbind import Binder

T = TypeVar("T")

binder = Binder()


@binder.bind("train")
class Net:
    """A net, in the words of Python 2."""

    made = 0

    def __init__(self, dim: int = 3, name: str = "n") -> None:
        super(Net, self).__init__()  # noqa: UP008 - as much code has it
        self.dim = dim
        self.name = name
        Net.made += 1

    def again(self) -> Net:
        return type(self)()


@binder.bind
@dataclass
class Optim:
    lr: float = 0.1
    name: str = "adam"


@binder.bind
class Box(Generic[T]):
    def __init__(self, item: int = 1) -> None:
        self.item = item


@binder.bind
class CodeError(Exception):
    def __init__(self, code: int = 1) -> None:
        super().__init__(code)
        self.code = code


@binder.bind
class Single:
    """A class that takes whatever comes, and gives it to its `__init__`."""

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        return super().__new__(cls)

    def __init__(self, size: int = 1) -> None:
        self.size = size


@binder.bind
class Point(NamedTuple):
    x: int = 1


@binder.bind
class Both:
    """Its `__new__` and `__init__` take the same."""

    def __new__(cls, size: int = 1) -> Self:
        made = super().__new__(cls)
        made.first = size
        return made

    def __init__(self, size: int = 1) -> None:
        self.first: int
        self.size = size


@pytest.mark.parametrize("kind", [Net, Optim, Box, CodeError, Single])
def test_its_instances_are_its_own(kind: type) -> None:
    assert type(kind()) is kind
    assert not hasattr(kind, "__wrapped__")


@pytest.mark.parametrize(
    ("kind", "key", "name", "value"),
    [
        (Net, "Net.dim", "dim", 5),
        (Optim, "Optim.lr", "lr", 5.0),
        (Box, "Box.item", "item", 5),
        (Box[str], "Box.item", "item", 5),
        (CodeError, "CodeError.code", "code", 5),
        (Single, "Single.size", "size", 5),
        (Point, "Point.x", "x", 5),
        (Both, "Both.size", "size", 5),
        (Both, "Both.size", "first", 5),
    ],
)
def test_what_was_given_is_filled_in(kind: Any, key: str, name: str, value: object) -> None:
    default = getattr(kind(), name)
    with binder.scope({key: value}):
        assert getattr(kind(), name) == value
        assert getattr(kind(default), name) == default
    assert getattr(kind(), name) == default


def test_a_scopes_values_are_filled_in() -> None:
    with binder.scope({"train/Net.dim": 5}, "train"):
        assert Net().again().dim == 5


def test_a_derived_class_is_filled_in() -> None:
    class Sub(Net):
        def __init__(self) -> None:
            super().__init__(name="sub")

    class Plain(Net): ...

    with binder.scope({"Net.dim": 5}):
        assert (type(Sub()), Sub().dim, Sub().name) == (Sub, 5, "sub")
        assert (type(Plain()), Plain(7).dim, Plain().dim) == (Plain, 7, 5)


@pytest.mark.parametrize("value", [Net(dim=4), Optim(lr=4), Box(item=4), Single(size=4)])
def test_an_instance_pickles_and_copies(value: Any) -> None:
    for made in (pickle.loads(pickle.dumps(value)), copy.copy(value), copy.deepcopy(value)):
        assert type(made) is type(value)
        assert vars(made) == vars(value)


def test_it_can_be_caught_as_what_it_is() -> None:
    with pytest.raises(CodeError) as caught, binder.scope({"CodeError.code": 7}):
        raise CodeError
    assert caught.value.code == 7


def test_it_looks_as_it_did() -> None:
    assert str(inspect.signature(Net)) == "(dim: 'int' = 3, name: 'str' = 'n') -> 'None'"
    assert (Net.__name__, Net.__doc__, Net.__init__.__name__) == (
        "Net",
        "A net, in the words of Python 2.",
        "__init__",
    )


def test_a_class_that_registers_its_subclasses_sees_no_more_of_them() -> None:
    seen: list[str] = []

    class Base:
        def __init_subclass__(cls) -> None:
            seen.append(cls.__name__)

    @binder.bind
    class Plugin(Base):
        def __init__(self, size: int = 1) -> None:
            self.size = size

    assert seen == ["Plugin"]
    with binder.scope({"Plugin.size": 5}):
        assert Plugin().size == 5


def test_a_class_that_has_its_name_already_stays_untouched() -> None:
    class Model:
        def __init__(self, size: int = 1) -> None:
            self.size = size

    other = Binder()
    bound = other.bind(Model)
    with other.scope({"Model.size": 5}):
        assert (bound().size, Model().size) == (5, 1)


def test_a_class_that_is_defined_again_is_bound_in_its_place() -> None:
    other = Binder()
    made = []
    for number in (1, 2):

        @other.bind
        class Model:
            def __init__(self, size: int = number) -> None:
                self.size = size

        made.append(Model)
    with other.scope({"Model.size": 5}):
        assert [kind().size for kind in made] == [5, 5]
    assert [kind().size for kind in made] == [1, 2]
