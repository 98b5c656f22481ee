"""Binding what a module has, one level deep."""

from __future__ import annotations

import enum
import functools
import importlib
import inspect
import json
import textwrap
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clickbind import Binder
from clickbind.errors import BindError

SOURCE = '''
"""Transforms."""
import enum
import math
from pathlib import Path
from typing import List

RATE = 44_100

class Noise:
    """Adds noise."""
    def __init__(self, level: float = 0.5):
        self.level = level

class Gain:
    def __init__(self, db: float = 1.0):
        self.db = db

class Mode(enum.Enum):
    FAST = 1

def mix(a: float = 0.1, b: float = 0.2):
    return a, b

def _hidden(a: int = 1):
    return a

blend = mix
signal = 3
'''


@pytest.fixture
def binder() -> Binder:
    return Binder()


@pytest.fixture
def transforms() -> types.ModuleType:
    module = types.ModuleType("transforms", "Transforms.")
    exec(SOURCE, vars(module))
    return module


def keys(binder: Binder) -> list[str]:
    return [key.text for key, _, _ in binder._registry.walk() if key.function != "run"]


def test_functions_and_classes_of_a_module_are_bound(binder: Binder, transforms: types.ModuleType) -> None:
    bound = binder.bind_module(transforms)
    with binder.scope({"Noise.level": 9.0, "mix.b": 7.0}):
        assert bound.Noise().level == 9
        assert bound.mix() == (0.1, 7)
    assert keys(binder) == ["Gain.db", "Noise.level", "mix.a", "mix.b"]


def test_the_module_itself_stays_untouched(binder: Binder, transforms: types.ModuleType) -> None:
    before = dict(vars(transforms))
    binder.bind_module(transforms)
    assert vars(transforms) == before
    with binder.scope({"Noise.level": 9.0}):
        assert transforms.Noise().level == 0.5


def test_what_comes_back_is_used_like_the_module(binder: Binder, transforms: types.ModuleType) -> None:
    bound = binder.bind_module(transforms)
    assert (bound.RATE, bound.math.pi, bound.signal) == (44_100, transforms.math.pi, 3)
    assert (bound.__name__, bound.__doc__) == ("transforms", "Transforms.")
    assert isinstance(bound, types.ModuleType)
    assert dir(bound) == ["Gain", "Noise", "blend", "mix"]
    assert "transforms" in repr(bound)
    assert isinstance(bound.Noise(), transforms.Noise)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = bound.nothing


def test_a_member_under_two_names_is_bound_once(binder: Binder, transforms: types.ModuleType) -> None:
    bound = binder.bind_module(transforms)
    assert bound.blend is bound.mix


def test_only_what_is_public_is_bound(binder: Binder, transforms: types.ModuleType) -> None:
    bound = binder.bind_module(transforms)
    assert bound._hidden is transforms._hidden
    transforms.__all__ = ["mix", "_hidden"]  # type: ignore[attr-defined]
    other = Binder()
    other.bind_module(transforms)
    assert keys(other) == ["mix.a", "mix.b", "_hidden.a"]


def test_what_cannot_be_bound_is_left_as_it_is(binder: Binder, transforms: types.ModuleType) -> None:
    transforms.opaque = type("Opaque", (), {"__signature__": 1, "__module__": "transforms"})  # type: ignore[attr-defined]
    transforms.partial = functools.partial(transforms.mix, 1)  # type: ignore[attr-defined]
    final = type("Final", (), {"__final__": True, "__module__": "transforms"})
    transforms.Final = final  # type: ignore[attr-defined]
    bound = binder.bind_module(transforms)
    assert (bound.Mode, bound.opaque, bound.partial, bound.Final) == (
        transforms.Mode,
        transforms.opaque,
        transforms.partial,
        final,
    )
    assert issubclass(bound.Mode, enum.Enum)


def test_what_a_module_has_from_the_standard_library_is_left_as_it_is(
    binder: Binder, transforms: types.ModuleType
) -> None:
    assert binder.bind_module(transforms).Path is Path


def test_a_module_of_the_standard_library_can_be_bound(binder: Binder) -> None:
    bound = binder.bind_module(textwrap)
    with binder.scope({"TextWrapper.width": 5}):
        assert bound.TextWrapper().width == 5


def test_a_filter_says_what_is_bound(binder: Binder, transforms: types.ModuleType) -> None:
    told = []

    def wanted(member: Any) -> bool:
        told.append(member)
        return member is transforms.Gain

    bound = binder.bind_module(transforms, filter_fn=wanted)
    assert keys(binder) == ["Gain.db"]
    assert bound.mix is transforms.mix
    assert {transforms._hidden, transforms.Noise} <= {*told}


def test_a_module_is_bound_under_scopes(binder: Binder, transforms: types.ModuleType) -> None:
    bound = binder.bind_module(transforms, "train", "val", hidden=True)
    with binder.scope({"train/Gain.db": 4.0}, "train"):
        assert bound.Gain().db == 4
    assert all(bound.hidden for bound in binder._registry.bounds.values())


def test_an_object_is_bound_like_a_module(binder: Binder) -> None:
    class Tools:
        """Tools."""

        def cut(self, size: int = 1) -> int:
            return size

    def walk() -> Iterator[Any]:
        bound: Any = binder.bind_module(Tools())
        yield bound.cut()
        with binder.scope({"Tools.cut.size": 5}):
            yield bound.cut()

    assert list(walk()) == [1, 5]


def test_two_members_of_one_name_are_refused_with_both_places(binder: Binder, transforms: types.ModuleType) -> None:
    @binder.bind
    def mix() -> None: ...

    with pytest.raises(BindError, match=r"two functions are bound as 'mix'.*test_modules.*transforms\.mix"):
        binder.bind_module(transforms)


def test_exceptions_stay_what_except_knows(binder: Binder) -> None:
    bound = binder.bind_module(json)
    assert bound.JSONDecodeError is json.JSONDecodeError
    with pytest.raises(json.JSONDecodeError):
        bound.loads("{")


@pytest.mark.parametrize("name", ["typing_extensions", "re", "subprocess", "asyncio", "attrs", "pydantic", "types"])
def test_a_module_with_members_that_cannot_be_bound_is_bound_without_them(binder: Binder, name: str) -> None:
    module = importlib.import_module(name)
    bound = binder.bind_module(module)
    assert all(hasattr(bound, member) == hasattr(module, member) for member in getattr(module, "__all__", ()))


def test_only_the_signatures_that_a_filter_wants_are_read(
    binder: Binder, transforms: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[Any] = []

    def noted(member: Any) -> inspect.Signature:
        read.append(member)
        return inspect.signature(member)

    monkeypatch.setattr("clickbind.calls.modules.signature_of", noted)
    binder.bind_module(transforms, filter_fn=lambda member: member.__name__ in {"Gain", "Mode"})
    assert [member.__name__ for member in read] == ["Gain", "Mode"]
    assert keys(binder) == ["Gain.db"]
