"""Classes derived from a bound class: ordinary ones, for which it fills in what they do not pass."""

# mypy: disable-error-code="misc"
# Classes are derived here from what a fixture gives.

from __future__ import annotations

import abc
import collections.abc
import ctypes
import dataclasses
import inspect
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, NamedTuple, TypeVar

import attrs
import pydantic
import pytest

from clickbind import Binder
from clickbind.errors import BindError
from tests.conftest import elsewhere

T = TypeVar("T")


class Model:
    def __init__(self, size: int = 1, name: str = "m") -> None:
        self.size = size
        self.name = name


@pytest.fixture
def binder() -> Binder:
    return Binder()


@pytest.fixture
def bound(binder: Binder) -> Any:
    return binder.bind(Model)


def parameters(kind: Any) -> list[str]:
    return list(inspect.signature(kind).parameters)


def test_a_derived_class_without_a_constructor_gets_what_was_given(binder: Binder, bound: Any) -> None:
    class Derived(bound): ...

    with binder.scope({"Model.size": 5}):
        made = Derived(name="d")
        assert (type(made), made.size, made.name) == (Derived, 5, "d")
        assert Derived(7).size == Derived(size=7).size == 7
    assert Derived().size == 1
    assert parameters(Derived) == ["size", "name"]


def test_a_derived_class_passes_what_it_likes_and_gets_the_rest(binder: Binder, bound: Any) -> None:
    class Derived(bound):
        def __init__(self, depth: int = 2) -> None:
            super().__init__(name="d")
            self.depth = depth

    with binder.scope({"Model.size": 5, "Model.name": "n"}):
        made = Derived(3)
    assert (made.size, made.name, made.depth) == (5, "d", 3)
    assert parameters(Derived) == ["depth"]


def test_a_class_derived_twice_keeps_its_signature(bound: Any) -> None:
    class Derived(bound):
        def __init__(self, depth: int = 2) -> None: ...

    class Last(Derived): ...

    class New(Derived):
        def __new__(cls, width: int = 2) -> Any: ...

    assert parameters(Last) == ["depth"]
    assert parameters(New) == ["width"]


def test_a_constructor_of_any_arguments_keeps_its_signature(bound: Any) -> None:
    class Derived(bound):
        def __init__(*args: Any, **kwargs: Any) -> None: ...

    assert parameters(Derived) == ["args", "kwargs"]


def test_its_method_has_the_signature_of_the_original_s(bound: Any) -> None:
    assert inspect.signature(bound.__init__) == inspect.signature(Model.__init__)


def test_what_wraps_the_bound_class_does_not_wrap_a_derived_one(bound: Any) -> None:
    class Derived(bound): ...

    assert bound.__wrapped__ is Model
    assert inspect.unwrap(Derived) is Derived
    assert not hasattr(Derived, "__wrapped__")


def test_a_derived_class_can_be_bound(binder: Binder, bound: Any) -> None:
    @elsewhere(binder)
    class Derived(bound):
        def __init__(self, depth: int = 2, **rest: Any) -> None:
            super().__init__(**rest)
            self.depth = depth

    with binder.scope({"Model.size": 5, "Derived.depth": 6}):
        made = Derived(name="d")
    assert (type(made), made.size, made.depth, made.name) == (Derived.__wrapped__, 5, 6, "d")
    assert isinstance(made, bound)
    assert isinstance(made, Derived)
    assert parameters(Derived) == ["depth", "rest"]


def test_two_binders_can_bind_one_class(binder: Binder, bound: Any) -> None:
    other = Binder()
    both = other.bind(bound)
    with binder.scope({"Model.size": 5}), other.scope({"Model.name": "n"}):
        made = both()
    assert (type(made), made.size, made.name) == (Model, 5, "n")
    assert parameters(both) == ["size", "name"]


def test_bound_classes_mix(binder: Binder, bound: Any) -> None:
    @elsewhere(binder)
    class Mixin:
        def __init__(self, depth: int = 2, **rest: Any) -> None:
            super().__init__(**rest)
            self.depth = depth

    class Both(Mixin, bound): ...

    with binder.scope({"Model.size": 5, "Mixin.depth": 6}):
        made = Both(name="b")
    assert (made.size, made.name, made.depth) == (5, "b", 6)
    assert isinstance(made, Mixin)
    assert isinstance(made, bound)


def test_a_bound_class_has_its_turn_in_cooperative_inheritance(binder: Binder) -> None:
    class Base:
        def __init__(self, *, base: int = 0) -> None:
            self.base = base

    class Left(Base):
        def __init__(self, *, left: int = 1, **rest: Any) -> None:
            super().__init__(**rest)
            self.left = left

    class Right(Base):
        def __init__(self, *, right: int = 2, **rest: Any) -> None:
            super().__init__(**rest)
            self.right = right

    left, right = binder.bind(Left), binder.bind(Right)

    class Both(left, right):  # type: ignore[valid-type]
        def __init__(self, **rest: Any) -> None:
            super().__init__(**rest)

    with binder.scope({"Left.left": 5, "Right.right": 6}):
        made: Any = Both(base=7)
        plain: Any = type("Plain", (Right, left), {})(base=7)
    assert vars(made) == {"left": 5, "right": 6, "base": 7}
    assert vars(plain) == {"left": 5, "right": 2, "base": 7}


def test_an_abstract_class_may_stand_beside_a_bound_one(binder: Binder, bound: Any) -> None:
    class Sized(bound, collections.abc.Sized):
        def __len__(self) -> int:
            return int(self.size)

    with binder.scope({"Model.size": 5}):
        assert len(Sized()) == 5


def test_a_class_derived_from_an_abstract_one_has_to_say_more(binder: Binder) -> None:
    @elsewhere(binder)
    class Base(abc.ABC):
        def __init__(self, size: int = 1) -> None:
            self.size = size

        @abc.abstractmethod
        def double(self) -> int: ...

    class Unfinished(Base): ...

    class Finished(Base):
        def double(self) -> int:
            return 2 * self.size

    for kind in (Base, Unfinished):
        assert inspect.isabstract(kind)
        with pytest.raises(TypeError, match="abstract"):
            kind()  # type: ignore[abstract]
    with binder.scope({"Base.size": 5}):
        assert Finished().double() == 10
    assert not inspect.isabstract(Finished)


def test_an_abstract_class_knows_its_own(binder: Binder) -> None:
    @elsewhere(binder)
    class Base(abc.ABC):  # noqa: B024 - it is not asked for instances
        ...

    class Derived(Base): ...

    assert not isinstance(5, Base)
    assert not issubclass(int, Base.__wrapped__)  # type: ignore[attr-defined]
    Base.register(int)
    assert isinstance(5, Base)
    assert isinstance(5, Base.__wrapped__)  # type: ignore[attr-defined]
    assert not isinstance(5, Derived)
    assert isinstance(Derived(), Base)


def test_a_list_of_derived_classes_has_no_bound_one_in_it(binder: Binder) -> None:
    class Base:
        known: ClassVar[list[tuple[str, Any]]] = []

        def __init_subclass__(cls, *, key: Any = None) -> None:
            super().__init_subclass__()
            cls.known.append((cls.__name__, key))

    bound: Any = binder.bind(Base)
    assert Base.known == []

    @elsewhere(binder)
    class Derived(bound, key=1):  # type: ignore[call-arg]
        ...

    class Last(Derived, key=2):  # type: ignore[call-arg]
        ...

    assert Base.known == [("Derived", 1), ("Last", 2)]


def test_a_metaclass_that_lists_its_classes_has_no_bound_one_in_it(binder: Binder) -> None:
    known = []

    class Meta(type):
        def __init__(cls, name: str, bases: Any, names: Any) -> None:
            super().__init__(name, bases, names)
            known.append(name)

    class Base(metaclass=Meta):
        def __init__(self, size: int = 1) -> None:
            self.size = size

    bound: Any = binder.bind(Base)
    other: Any = binder.bind(Base, name="other")
    assert type(bound) is type(other)
    assert isinstance(bound, Meta)
    assert known == ["Base"]

    class Derived(bound): ...

    assert known == ["Base", "Derived"]
    assert Derived().size == 1


def test_a_metaclass_that_makes_one_instance_makes_one(binder: Binder) -> None:
    class Single(type):
        made: Any = None

        def __call__(cls, *args: Any, **kwargs: Any) -> Any:
            cls.made = cls.made or super().__call__(*args, **kwargs)
            return cls.made

    @elsewhere(binder)
    class Only(metaclass=Single):
        def __init__(self, size: int = 1) -> None:
            self.size = size

    assert Only(5) is Only(6)
    assert Only().size == 5


def test_a_class_of_a_metaclass_in_c_can_be_bound(binder: Binder) -> None:
    @elsewhere(binder)
    class Pair(ctypes.Structure):
        _fields_: ClassVar[Any] = [("x", ctypes.c_int)]

        def __init__(self, x: int = 1) -> None:
            super().__init__(x)

    with binder.scope({"Pair.x": 5}):
        made = Pair()
    bound: Any = Pair
    assert type(made) is bound.__wrapped__
    assert made.x == 5


def test_a_class_with_nothing_but_new_gets_what_was_given(binder: Binder) -> None:
    @elsewhere(binder)
    class Word(str):
        __slots__ = ("language",)
        language: str

        def __new__(cls, text: str = "", language: str = "en") -> Any:
            self = super().__new__(cls, text)
            self.language = language
            return self

    class Loud(Word):
        __slots__ = ()

    class Other:
        def __init__(self, *args: Any) -> None:
            self.args = args

    class Mixed(Word, Other): ...

    with binder.scope({"Word.language": "fr"}):
        assert (Word("a").language, Loud("a").language, Loud("a", "de").language) == ("fr", "fr", "de")
        mixed: Any = Mixed("a")
    assert (mixed, mixed.language, mixed.args) == ("a", "fr", ("a",))
    assert parameters(Loud) == ["text", "language"]


def test_a_class_with_both_gets_what_was_given_in_both(binder: Binder) -> None:
    @elsewhere(binder)
    class Twice:
        def __new__(cls, size: int = 1) -> Any:
            self: Any = super().__new__(cls)
            self.first = size
            return self

        def __init__(self, size: int = 1) -> None:
            self.second = size

    class Derived(Twice): ...

    for kind in (Twice, Derived):
        with binder.scope({"Twice.size": 5}):
            made: Any = kind()
        assert (made.first, made.second) == (5, 5)


def test_a_class_that_takes_nothing_goes_on_taking_nothing(binder: Binder) -> None:
    @elsewhere(binder)
    class Nothing: ...

    class Derived(Nothing): ...

    class Other:
        def __init__(self, size: int) -> None:
            self.size = size

    class Mixed(Nothing, Other): ...

    assert isinstance(Nothing(), Nothing)
    assert type(Derived()) is Derived
    assert Mixed(3).size == 3
    for kind in (Nothing, Derived):
        with pytest.raises(TypeError, match="argument"):
            kind(3)  # type: ignore[call-arg]


def test_an_instance_made_without_its_constructor_is_one_of_the_original(bound: Any) -> None:
    class Derived(bound): ...

    assert type(bound.__new__(bound)) is Model
    assert type(Derived.__new__(Derived)) is Derived


def test_super_by_the_class_s_name_says_what_to_write(binder: Binder) -> None:
    @elsewhere(binder)
    class Old:
        def __init__(self, size: int = 1) -> None:
            super(Old, self).__init__()  # noqa: UP008 - as code for Python 2 has it

    with pytest.raises(BindError, match=r"super\(Old, self\) finds no way up\. Write super\(\) without arguments\."):
        Old()


def test_an_error_of_a_constructor_comes_out(bound: Any) -> None:
    with pytest.raises(TypeError, match="unexpected keyword argument 'nothing'"):
        bound(nothing=1)


def test_slots_stay_slots(binder: Binder) -> None:
    @elsewhere(binder)
    class Slotted:
        __slots__ = ("x",)

        def __init__(self, x: int = 1) -> None:
            self.x = x

    class Derived(Slotted):
        __slots__ = ("y",)

    with binder.scope({"Slotted.x": 5}):
        assert Derived().x == 5
    assert not hasattr(Derived(), "__dict__")


# Generic classes


@pytest.fixture
def box(binder: Binder) -> Any:
    @elsewhere(binder)
    class Box(Generic[T]):
        def __init__(self, item: T | None = None, size: int = 1) -> None:
            self.item = item
            self.size = size

    return Box


def test_a_generic_class_takes_its_parameters(binder: Binder, box: Any) -> None:
    with binder.scope({"Box.size": 5}):
        made = box[int](3)
    assert (type(made), made.item, made.size) == (box.__wrapped__, 3, 5)
    assert made.__orig_class__ == box[int]
    assert box.__parameters__ == (T,)


def test_a_generic_class_may_be_derived_from(binder: Binder, box: Any) -> None:
    class Ints(box[int]): ...

    class Any_(box[T], Generic[T]): ...  # noqa: N801

    class Still(box[T]): ...

    with binder.scope({"Box.size": 5}):
        for kind in (Ints, Any_, Any_[int], Still[str]):
            assert kind("x").size == 5
    assert Ints.__parameters__ == ()
    assert Still.__parameters__ == (T,)


# Decorators that write constructors


def test_a_dataclass_derived_from_a_bound_one_has_its_fields(binder: Binder) -> None:
    @elsewhere(binder)
    @dataclass
    class Point:
        x: int = 1

    @dataclass
    class Derived(Point):
        y: int = 2

    @dataclass(frozen=False, slots=True)
    class Slots(Point):
        y: int = 2

    for kind in (Derived, Slots):
        assert [item.name for item in dataclasses.fields(kind)] == ["x", "y"]
        assert parameters(kind) == ["x", "y"]
        # Its own constructor sets all the fields and calls no other: nothing is left to fill in.
        with binder.scope({"Point.x": 5}):
            assert kind() == kind(1, 2)


def test_a_dataclass_with_slots_can_be_bound(binder: Binder) -> None:
    @elsewhere(binder)
    @dataclass(slots=True)
    class Point:
        x: int = 1

    with binder.scope({"Point.x": 5}):
        assert Point().x == 5
    assert not hasattr(Point(), "__dict__")


def test_a_dataclass_may_be_made_of_a_bound_class(binder: Binder) -> None:
    @dataclass(order=True)
    @elsewhere(binder)
    class Point:
        """A point."""

        x: int = 1

    class Derived(Point): ...

    with binder.scope({"Point.x": 5}):
        assert (Point().x, Point(2).x, Derived().x) == (5, 2, 5)
    assert Point(1) < Point(2)
    assert type(Point()) is Point.__wrapped__  # type: ignore[attr-defined]
    assert repr(Point()).endswith("Point(x=1)")


@pytest.mark.parametrize("decorator", [dataclass(slots=True), attrs.define])
def test_a_decorator_that_makes_the_class_anew_stands_below(binder: Binder, decorator: Any) -> None:
    class Point:
        x: int = 1

    with pytest.raises(BindError) as caught:
        decorator(binder.bind(Point))
    assert "is bound, and then made again by a decorator above it" in str(caught.value)
    assert str(caught.value).endswith("Bind it above that decorator.")


def test_a_named_tuple_gets_what_was_given(binder: Binder) -> None:
    @elsewhere(binder)
    class Pair(NamedTuple):
        x: int = 1
        y: int = 2

    class Derived(Pair):
        __slots__ = ()

    with binder.scope({"Pair.y": 5}):
        assert (Pair(), Derived(3)) == ((1, 5), (3, 5))
        assert Pair()._replace(x=4) == (4, 5)


# pydantic


@pytest.fixture
def settings(binder: Binder) -> Any:
    @elsewhere(binder)
    class Settings(pydantic.BaseModel):
        x: int = 1
        y: int = 2

    return Settings


def test_a_pydantic_model_gets_what_was_given(binder: Binder, settings: Any) -> None:
    class Derived(settings):
        z: int = 3

    with binder.scope({"Settings.x": 5}):
        assert settings().x == 5
        assert Derived(y=7).model_dump() == {"x": 5, "y": 7, "z": 3}
    assert parameters(Derived) == ["x", "y", "z"]
    assert settings.model_validate({"x": 4}) == settings(x=4)
    assert type(settings.model_validate({})) is settings.__wrapped__
    assert list(settings.model_fields) == ["x", "y"]


def test_a_pydantic_model_is_a_field_of_another(settings: Any) -> None:
    class Program(pydantic.BaseModel):
        inner: settings
        several: list[settings] = []

    made: Any = Program(inner={"x": 4}, several=[{}, settings(x=5)])
    assert {type(made.inner), *map(type, made.several)} == {settings.__wrapped__}
    assert Program(inner=settings()).inner == settings()
    assert made.model_dump()["inner"] == {"x": 4, "y": 2}


def test_a_bound_dataclass_is_a_field_of_a_pydantic_model(binder: Binder) -> None:
    @elsewhere(binder)
    @dataclass
    class Point:
        x: int = 1

    made = pydantic.TypeAdapter(Point).validate_python({"x": "4"})
    assert made == Point(4)
    assert type(made) is type(Point())


def test_a_bound_mixin_of_plain_classes_goes_with_a_bound_pydantic_model(settings: Any, bound: Any) -> None:
    class Named(Binder().bind(type("Named", (), {}))): ...

    class Both(settings, Named): ...

    assert Both(x=3).x == 3
