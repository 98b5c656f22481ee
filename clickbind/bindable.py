"""Binding one thing: what it goes by, the names around it, and what a program calls in its place."""

from __future__ import annotations

import contextlib
import inspect
import re
import types
import typing
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from . import later
from .conversion import annotations_of
from .registry import Bound, Registry
from .scopes import bound_call

if TYPE_CHECKING:
    from .registry import Role

__all__ = ["add", "context_manager", "local_names", "name_of"]


def add(registry: Registry, function: Any, role: Role, *, name: str | None = None, **settings: Any) -> Any:
    """Bind something, and give what a program calls in its place.

    Parameters
    ----------
    registry : Registry
        Where it is recorded.
    function : callable, classmethod or staticmethod
        What to bind.
    role : {'bind', 'stage', 'context'}
        What to bind it as.
    name : str, optional
        The name that it goes by, where not its own.
    **settings
        More of what a `Bound` has.

    Raises
    ------
    BindError
        Where it cannot be bound, or its name is taken.
    """
    if isinstance(function, (classmethod, staticmethod)):
        return type(function)(add(registry, function.__func__, role, name=name, **settings))
    if not callable(function):
        raise later.errors.BindError(f"{function!r} cannot be bound: it is not callable.")
    known = _known(registry, function)
    if known is not None:
        function, name = known.function, name or known.name
    if role == "context":
        function = context_manager(function)
    if role == "stage" and _yields(function):
        raise later.errors.BindError(
            f"{function!r} is a generator function, and as a stage it would do nothing: call it in one."
        )
    name = name or name_of(function)
    before = registry.bounds.get(name)
    if before is not None and before.function is function:  # bound again, under other scopes say
        role = before.role if role == "bind" else role
        settings = _together(settings, before)
    bound = Bound(function, name=name, role=role, names=local_names(function), **settings)
    if isinstance(function, type):
        bound.call = later.classes.bound_class(function, bound, registry)
    else:
        bound.call = bound_call(function, bound, registry)
    bound.call.__clickbind__ = (registry, bound)  # type: ignore[attr-defined]
    registry.add(bound)
    return bound.call


def _yields(function: Any) -> bool:
    if type(function) is types.FunctionType:  # inspect would ask four times, a tenth of what binding a stage takes
        return bool(function.__code__.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR))
    return inspect.isgeneratorfunction(function) or inspect.isasyncgenfunction(function)


def _known(registry: Registry, function: Any) -> Bound | None:
    """Give what a function is bound as already: bound again, it is not wrapped twice."""
    mark: tuple[Registry, Bound] | None = getattr(function, "__clickbind__", None)
    # `functools.wraps` copies the mark to a wrapper, which is something else.
    if mark is None or mark[0] is not registry or mark[1].call is not function:
        return None
    return mark[1]


def _together(settings: dict[str, Any], known: Bound) -> dict[str, Any]:
    """Add what a function is bound with already to what it is bound with again."""
    return {
        "scopes": (*known.scopes, *settings.get("scopes", ())),
        "default": settings.get("default", known.default),
        "hidden": settings.get("hidden", False) or known.hidden,
        "deprecated": settings.get("deprecated", False) or known.deprecated,
        "prefix": settings.get("prefix", known.prefix),
    }


def name_of(function: Any) -> str:
    """Give the name that keys begin with: ``train``, ``Class``, ``Class.method``."""
    if isinstance(function, type):
        return function.__name__
    qualified = getattr(function, "__qualname__", None)
    if qualified is None:
        raise later.errors.BindError(f"{function!r} has no name to bind under. Give one: name='…'.")
    outer, _, own = qualified.rpartition("<locals>.")[2].rpartition(".")
    if own == "__init__" and outer:
        return str(outer)
    return f"{outer}.{own}" if outer else str(own)


def local_names(function: Any) -> dict[str, Any] | None:
    """Give the names around a function that is defined inside another one: its string annotations may use them."""
    if "<locals>" not in getattr(function, "__qualname__", ""):
        return None
    named = {name for text in _written_hints(function) for name in re.findall(r"[^\W\d]\w*", text)}
    found = later.definitions.caller().f_locals.items()
    return {name: value for name, value in found if name in named}  # the others are not to live on


def _written_hints(function: Any) -> Iterator[str]:
    """Walk the annotations that are text: of a class those of its constructor, and of its fields."""
    classes = function.__mro__ if isinstance(function, type) else ()
    for part in (*classes, *(vars(base).get("__init__") for base in classes), *(() if classes else (function,))):
        with contextlib.suppress(Exception):  # from Python 3.14 on, they may raise; it is told when they are needed
            for hint in annotations_of(inspect.unwrap(part)).values():
                yield from _texts(hint)


def _texts(hint: Any) -> Iterator[str]:
    """Walk the texts in an annotation: itself, or those of its parts, which may be references by now."""
    text = getattr(hint, "__forward_arg__", hint)
    if isinstance(text, str):
        yield text
    for part in hint if isinstance(hint, list) else typing.get_args(hint):
        yield from _texts(part)


def context_manager(function: Any) -> Any:
    """Make a generator function into a context manager; refuse an async one."""
    inner = inspect.unwrap(function)
    if inspect.isasyncgenfunction(inner) or inspect.iscoroutinefunction(inner) or hasattr(function, "__aenter__"):
        raise later.errors.BindError(
            f"{function!r} is an async context manager, and those cannot be bound yet: make it a plain one."
        )
    return contextlib.contextmanager(function) if inspect.isgeneratorfunction(function) else function
