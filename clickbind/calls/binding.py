"""Bind a function or class: its name, the local names of its annotations, and what a program calls in its place."""

from __future__ import annotations

import contextlib
import inspect
from types import FunctionType
from typing import TYPE_CHECKING, Any

from .. import calls, declare
from ..declare.registry import Bound, Registry
from ..errors import BindError
from .scopes import bound_call

if TYPE_CHECKING:
    from ..declare.registry import Role

__all__ = ["add", "context_manager", "local_names", "name_of"]


def add(registry: Registry, function: Any, role: Role, *, name: str | None = None, **settings: Any) -> Any:
    """Bind something, and return what a program calls in its place.

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
        If it cannot be bound, or its name is taken.
    """
    if isinstance(function, (classmethod, staticmethod)):
        return type(function)(add(registry, function.__func__, role, name=name, **settings))
    if not callable(function):
        raise BindError(f"{function!r} cannot be bound: it is not callable.")
    known = _known(registry, function)
    if known is not None:  # the wrapper of a function that is bound already stands for that function
        function, name = known.function, name or known.name
    name = name or name_of(function)
    function = _in_role(function, role)
    before = registry.bounds.get(name)
    if before is not None and before.function is function:  # bound again, under other scopes say
        role = before.role if role == "bind" else role
        settings = _together(settings, before)
    bound = Bound(function, name=name, role=role, names=local_names(function), **settings)
    bound.call = _stand_in(registry, bound)
    bound.call.__clickbind__ = (registry, bound)  # type: ignore[attr-defined]
    registry.add(bound)
    return bound.call


def _in_role(function: Any, role: Role) -> Any:
    """Make a context of a generator function; refuse a stage whose call would do nothing."""
    if role == "context":
        return context_manager(function)
    if role == "stage" and _may_yield(function):
        declare.identity.check_effect(function)
    return function


def _stand_in(registry: Registry, bound: Bound) -> Any:
    """Make what a program calls in the place of a function or class."""
    if not isinstance(bound.function, type):
        return bound_call(bound.function, bound, registry)
    registry.check(bound)  # before anything of the class is changed
    return calls.classes.bound_class(bound.function, bound, registry)


def _may_yield(function: Any) -> bool:
    """Rule out at little cost that calling a function only makes a generator or a context manager."""
    plain = type(function) is FunctionType and "__wrapped__" not in function.__dict__
    return not plain or bool(function.__code__.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR))


def _known(registry: Registry, function: Any) -> Bound | None:
    """Return what a function is bound as already: bound again, it is not wrapped twice."""
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
    """Return the name that keys begin with: ``train``, ``Class``, ``Class.method``."""
    if isinstance(function, type):
        return function.__name__
    given = getattr(function, "__name__", None)
    qualified = getattr(function, "__qualname__", given)
    if not isinstance(qualified, str):
        raise BindError(f"{function!r} has no name: pass name='…'.")
    outer, _, own = qualified.rpartition("<locals>.")[2].rpartition(".")
    code = getattr(function, "__code__", None)
    if isinstance(given, str) and given not in {own, getattr(code, "co_name", own)}:
        own = given  # it was set, on a wrapper say
    if own == "__init__" and outer:
        return outer
    return f"{outer}.{own}" if outer else own


def local_names(function: Any) -> dict[str, Any] | None:
    """Return the names around a function that is defined inside another one: its string annotations may use them."""
    if "<locals>" not in getattr(function, "__qualname__", ""):
        return None
    around = declare.identity.caller().f_locals
    found: dict[str, Any] = declare.identity.hint_names(function, around)
    return found  # the others are not to live on


def context_manager(function: Any) -> Any:
    """Make a generator function into a context manager; refuse an async one."""
    made = getattr(function, "__globals__", None) is vars(contextlib)  # by far the most are made there, from one
    inner = inspect.unwrap(function) if made or not _may_yield(function) else declare.identity.innermost(function)
    if inspect.isasyncgenfunction(inner) or inspect.iscoroutinefunction(inner) or hasattr(function, "__aenter__"):
        raise BindError(f"{function!r} is an async context manager, which cannot be bound: write a plain one.")
    if made or not inspect.isgeneratorfunction(inner) or declare.identity.is_manager(function):
        return function
    return contextlib.contextmanager(function)
