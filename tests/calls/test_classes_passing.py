"""A bound class goes wherever its original goes; a class that cannot be bound is a clear error."""

from __future__ import annotations

import collections
import contextlib
import dataclasses
import enum
import functools
import inspect
import pydoc
import sys
import threading
import typing
from dataclasses import dataclass
from typing import Any, ClassVar, Protocol, TypedDict
from unittest import mock

import pytest
import typing_extensions

from clickbind import Binder
from clickbind.errors import BindError
from tests.conftest import elsewhere

binder = Binder()


@elsewhere(binder)
class Model:
    """A model."""

    count: ClassVar[int] = 0
    __match_args__ = ("size", "name")

    def __init__(self, size: int = 1, name: str = "m") -> None:
        self.size = size
        self.name = name

    @classmethod
    def make(cls, name: str = "made") -> Model:
        """Make one."""
        return cls(name=name)

    @classmethod
    def counted(cls) -> Model:
        cls.count += 1
        Model.count += 1
        return cls()

    @staticmethod
    def twice(number: int) -> int:
        return 2 * number

    @property
    def double(self) -> int:
        """Twice its size."""
        return 2 * self.size


Original: Any = Model.__wrapped__  # type: ignore[attr-defined]


@pytest.fixture(autouse=True)
def _count() -> Any:
    yield
    Original.count = 0


def test_class_methods_make_what_was_given() -> None:
    with binder.scope({"Model.size": 5}):
        made = Model.make()
        assert (type(made), made.size, made.name) == (Original, 5, "made")
        assert Model().make().size == 1  # by an instance, which knows nothing but the original


def test_static_methods_and_attributes_are_just_there() -> None:
    assert Model.twice(4) == 8
    assert Model.count == 0
    assert Model.double.__doc__ == "Twice its size."
    assert Model.__match_args__ == ("size", "name")


def test_an_attribute_that_is_set_is_the_original_s() -> None:
    Model.count = 3
    assert (Model.count, Original.count, Model().count) == (3, 3, 3)
    Model.counted()
    assert Original.count == 5


def test_an_attribute_that_is_deleted_is_the_original_s() -> None:
    Model.extra = 1  # type: ignore[attr-defined]
    assert Original.extra == 1
    del Model.extra  # type: ignore[attr-defined]
    assert not hasattr(Original, "extra")


def test_what_names_a_class_is_set_for_both() -> None:
    @elsewhere(Binder())
    class Local: ...

    Local.__doc__ = "Said later."
    Local.__qualname__ = "Later"
    assert (Local.__doc__, Local.__qualname__) == ("Said later.", "Later")
    assert (Local.__wrapped__.__doc__, Local.__wrapped__.__qualname__) == ("Said later.", "Later")  # type: ignore[attr-defined]


def test_a_derived_class_keeps_its_attributes_to_itself() -> None:
    class Derived(Model): ...

    Derived.count = 7
    assert (Derived.count, Model.count) == (7, 0)
    del Derived.count
    assert Derived.count == 0
    assert "make" not in vars(Derived)


@pytest.mark.parametrize("name", ["make", "twice", "count", "double", "__init__"])
def test_patches_come_and_go(name: str) -> None:
    before = dict(vars(Original))
    with mock.patch.object(Model, name, 5):
        assert getattr(Original, name) == 5
    assert dict(vars(Original)) == before
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Model, name, 5)
        assert getattr(Original, name) == 5
    assert dict(vars(Original)) == before


def test_its_namespace_is_the_original_s() -> None:
    assert vars(Model) == vars(Original)
    assert set(dir(Model)) - set(dir(Original)) == {"__slots__"}
    assert Model.__annotations__ == Original.__annotations__


def test_patterns_match() -> None:
    def said(value: object) -> Any:
        match value:
            case Model(3, name=name):
                return name
            case Model():
                return "other"
        return None

    assert [said(Model(3)), said(Model()), said(Original(3, "o")), said(5)] == ["m", "other", "o", None]


def test_single_dispatch_finds_it() -> None:
    @functools.singledispatch
    def said(value: object) -> str:
        return "object"

    @said.register
    def _(value: Model) -> str:
        return "model"

    class Derived(Model): ...

    assert [said(Model()), said(Derived()), said(5)] == ["model", "model", "object"]


def test_instance_checks_take_it_among_others() -> None:
    for kinds in ((Model, int), (int, Model), Model | int, Model):
        assert isinstance(Model(), kinds)
        assert issubclass(Original, kinds)
    assert isinstance(5, (Model, int))
    assert not isinstance("x", (Model, int))
    assert inspect.isclass(Model)


def test_threads_may_ask_at_once() -> None:
    found: list[bool] = []
    threads = [
        threading.Thread(target=lambda: found.extend(issubclass(Original, Model) for _ in range(500))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [True] * 4000


@dataclass
class Holder:
    model: Model
    several: list[Model] = dataclasses.field(default_factory=list)
    maybe: Model | None = None


def test_it_is_an_annotation() -> None:
    assert typing.get_type_hints(Holder) == {"model": Model, "several": list[Model], "maybe": Model | None}
    assert typing.get_args(Model | None) == (Model, type(None))
    assert typing.get_args(typing.Optional[Model]) == (Model, type(None))  # noqa: UP045 - the older spelling
    assert Holder(Model()).maybe is None
    assert typing.get_type_hints(Model) == typing.get_type_hints(Original)


def test_dataclasses_of_either_compare() -> None:
    @elsewhere(Binder())
    @dataclass(order=True)
    class Point:
        x: int = 1

    original: Any = Point.__wrapped__  # type: ignore[attr-defined]
    assert Point(3) == original(3)
    assert original(2) < Point(3)
    assert dataclasses.replace(Point(3), x=4) == original(4)
    assert dataclasses.asdict(Point()) == {"x": 1}
    assert dataclasses.is_dataclass(Point)


def test_help_is_the_original_s() -> None:
    text = pydoc.plain(pydoc.render_doc(Model)).replace("'int'", "int")  # quoted before Python 3.14
    for part in ("class Model", "A model.", "Make one.", "Twice its size.", "size: int = 1"):
        assert part in text
    assert "Methods inherited" not in text
    assert inspect.getdoc(Model) == "A model."
    assert inspect.getsource(Model) == inspect.getsource(Original)


def test_an_exception_may_be_suppressed() -> None:
    @elsewhere(binder)
    class Stopped(Exception):  # noqa: N818 - what it says
        def __init__(self, code: int = 1) -> None:
            super().__init__(code)

    class Worse(Stopped): ...

    with contextlib.suppress(Stopped):
        raise Worse
    with binder.scope({"Stopped.code": 5}), pytest.raises(Stopped, match="5"):
        raise Worse


def test_a_class_of_python_s_own_can_be_bound() -> None:
    bound: Any = binder.bind(collections.OrderedDict)
    assert type(bound(a=1)) is collections.OrderedDict
    with pytest.raises(TypeError, match=r"immutable|can't set"):
        bound.extra = 1


def test_a_class_may_have_the_metaclass_of_a_bound_one() -> None:
    metaclass: Any = type(Model)

    class Other(metaclass=metaclass):  # type: ignore[metaclass]
        def __init__(self, size: int = 1) -> None:
            self.size = size

    class Bare(metaclass=metaclass):  # type: ignore[metaclass]
        ...

    assert Other(3).size == 3
    assert isinstance(Other(), Other)
    assert list(inspect.signature(Other).parameters) == ["size"]
    assert isinstance(Bare(), Bare)
    assert metaclass.__signature__ is None


@pytest.mark.skipif(sys.version_info < (3, 12), reason="its syntax is of Python 3.12")
def test_a_class_with_type_parameters_has_them() -> None:
    names: dict[str, Any] = {}
    exec("class Box[T]:\n    def __init__(self, size: int = 1): self.size = size", names)
    bound: Any = Binder().bind(names["Box"])
    assert bound.__type_params__ == names["Box"].__type_params__
    assert bound[int](3).size == 3


# What cannot be bound


class Empty(enum.Enum): ...


class Color(enum.Enum):
    RED = 1


class Some(Protocol):
    size: int


class Movie(TypedDict):
    title: str


class Film(typing_extensions.TypedDict):
    title: str


@typing_extensions.final
class Final: ...


CURES = {
    Empty: "an Enum has no constructor. Bind a function that takes a member: its option takes the member's name.",
    Color: "an Enum has no constructor. Bind a function that takes a member: its option takes the member's name.",
    Some: "a Protocol has no constructor. Bind a class that implements it.",
    Movie: "a TypedDict makes plain dicts. Bind a dataclass, or a function that takes the TypedDict.",
    Film: "a TypedDict makes plain dicts. Bind a dataclass, or a function that takes the TypedDict.",
    Final: "it is marked @final, and a bound class is a subclass. Bind a function that makes one.",
    bool: "Python allows no subclass of it. Bind a function that makes one.",
    range: "Python allows no subclass of it. Bind a function that makes one.",
    type(None): "Python allows no subclass of it. Bind a function that makes one.",
}


@pytest.mark.parametrize("kind", CURES, ids=lambda kind: kind.__name__)
def test_a_class_that_cannot_be_bound_says_why_and_what_can(kind: Any) -> None:
    with pytest.raises(BindError) as caught:
        Binder().bind(kind)
    assert str(caught.value) == f"class {kind.__qualname__!r} cannot be bound: {CURES[kind]}"


def test_a_class_that_no_metaclass_makes_cannot_be_bound() -> None:
    class Meta(type):
        def mro(cls) -> list[type]:
            if cls.__name__ != "Base":
                raise TypeError("no more of these")
            return super().mro()

    class Base(metaclass=Meta): ...

    Base.__name__ = "Known"
    with pytest.raises(BindError, match=r"^class '.*Base' cannot be bound: no more of these\.$"):
        Binder().bind(Base)


def test_what_implements_a_protocol_can_be_bound() -> None:
    @elsewhere(binder)
    class Whole(Some):
        def __init__(self, size: int = 1) -> None:
            self.size = size

    with binder.scope({"Whole.size": 5}):
        assert Whole().size == 5


def test_a_class_that_may_be_derived_from_a_final_one_s_parent_can_be_bound() -> None:
    class Parent:
        def __init__(self, size: int = 1) -> None:
            self.size = size

    @typing_extensions.final
    class Last(Parent): ...

    assert Binder().bind(Parent)().size == Last().size
