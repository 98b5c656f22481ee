"""Bind a function or class: find its name and the local names of its annotations, and wrap it."""

from __future__ import annotations

import contextlib
import inspect
from types import FunctionType, MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from .. import calls, declare
from ..declare.registry import Bound, Registry
from ..errors import BindError
from .scopes import bound_call

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from ..declare.registry import Role
    from ..declare.selection import Selection

__all__ = ["add", "context_manager", "local_names", "name_of", "selection"]

_YIELDS = inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR


def add(
    registry: Registry,
    function: Any,
    role: Role,
    settings: Mapping[str, Any] = MappingProxyType({}),
    *,
    name: str | None = None,
    in_place: bool = False,
    kind: type[Bound] = Bound,
) -> Any:
    """Bind a function or class, and return the wrapper that a program calls instead.

    Parameters
    ----------
    registry : Registry
        The registry to add it to.
    function : callable, classmethod or staticmethod
        The function to bind.
    role : {'bind', 'stage', 'context', 'engine'}
        The role to bind it in.
    settings : mapping of str to object
        Further arguments of `Bound`.
    name : str, optional
        The name for keys and options, by default its own.
    in_place : bool
        Whether to bind a class itself, as far as it has an `__init__` that can be replaced.
    kind : type
        The class of the binding.

    Raises
    ------
    BindError
        If it cannot be bound, or its name is taken.
    """
    if isinstance(function, (classmethod, staticmethod)):
        return type(function)(add(registry, function.__func__, role, settings, name=name))
    if not callable(function):
        raise BindError(f"{function!r} cannot be bound: it is not callable.")
    if type(function) is not FunctionType and isinstance(function, click.Command):
        raise BindError(
            f"{function!r} is a Click command, not a function: add it to the program with add_command, or bind the "
            f"function without the decorator of the command."
        )
    known = _known(registry, function)
    if known is not None:  # the wrapper of a bound function means that function
        function, name = known.function, name or known.name
    name = name or name_of(function, registry.if_unnamed)
    function = _in_role(function, role)
    before = registry.recorded.get(name)
    if before is not None and before.function is function:  # bound again, for example under other scopes
        role = before.role if role == "bind" else role
        settings = _together(settings, before)
    if role != "stage" and "__click_params__" in getattr(function, "__dict__", ()):
        raise BindError(
            f"{name!r} has options of Click's decorators, which only a stage can have, since {role!r} makes no "
            f"command: give its parameters annotations, such as Annotated[int, click.IntRange(1)], and defaults."
        )
    bound = kind(function, name, role, local_names(function), **settings)
    bound.call = _stand_in(registry, bound, in_place=in_place)
    bound.call.__clickbind__ = (registry, bound)  # type: ignore[attr-defined]
    registry.add(bound)
    return bound.call


def _in_role(function: Any, role: Role) -> Any:
    """Turn a generator function into a context; refuse a stage whose call would do nothing."""
    if role == "context":
        return context_manager(function)
    if role == "stage" and _may_yield(function):
        declare.identity.check_effect(function)
    return function


def _stand_in(registry: Registry, bound: Bound, *, in_place: bool) -> Any:
    """Make the wrapper that a program calls instead of a function or class."""
    if not isinstance(bound.function, type):
        return bound_call(bound.function, bound, registry)
    registry.check(bound)  # before the class is changed in any way
    return calls.classes.bound_class(bound.function, bound, registry, in_place=in_place)


def _may_yield(function: Any) -> bool:
    """Return whether a call may only make a generator or context manager. It is cheap, and False is certain."""
    plain = type(function) is FunctionType and "__wrapped__" not in function.__dict__
    return not plain or function.__code__.co_flags & _YIELDS != 0


def _known(registry: Registry, function: Any) -> Bound | None:
    """Return the binding of a function that is already bound, so that it is not wrapped twice."""
    mark: tuple[Registry, Bound] | None = getattr(function, "__clickbind__", None)
    # `functools.wraps` copies the mark to a wrapper, which is another function.
    if mark is None or mark[0] is not registry or mark[1].call is not function:
        return None
    return mark[1]


def _together(settings: Mapping[str, Any], known: Bound) -> dict[str, Any]:
    """Merge the settings of a function that is bound again with its earlier ones."""
    return {
        "scopes": (*known.scopes, *settings.get("scopes", ())),
        "default": settings.get("default", known.default),
        "hidden": settings.get("hidden", False) or known.hidden,
        "deprecated": settings.get("deprecated", False) or known.deprecated,
        "prefix": settings.get("prefix", known.prefix),
        "selection": settings.get("selection") or known.selection,
    }


def name_of(function: Any, cure: str = "pass name='…'") -> str:
    """Return the name that keys begin with: ``train``, ``Class``, ``Class.method``.

    Raises
    ------
    BindError
        If it has none. The message advises `cure`.
    """
    if isinstance(function, type):
        return function.__name__
    given = getattr(function, "__name__", None)
    qualified = getattr(function, "__qualname__", given)
    if given == qualified and isinstance(given, str) and given.isidentifier():  # as most are
        return given
    if not isinstance(qualified, str):
        raise BindError(f"{function!r} has no name: {cure}.")
    outer, _, own = qualified.rpartition("<locals>.")[2].rpartition(".")
    code = getattr(function, "__code__", None)
    if isinstance(given, str) and given not in {own, getattr(code, "co_name", own)}:
        own = given  # it was set, for example on a wrapper
    if own == "__init__" and outer:
        return outer
    return f"{outer}.{own}" if outer else own


def local_names(function: Any) -> dict[str, Any] | None:
    """Return the local names that string annotations of a nested function may use; None at module level."""
    if "<locals>" not in getattr(function, "__qualname__", ""):
        return None
    around = declare.identity.caller().f_locals
    found: dict[str, Any] = declare.identity.hint_names(function, around)
    return found  # only these, since the others would be kept alive


def context_manager(function: Any) -> Any:
    """Turn a generator function into a context manager; refuse an async one."""
    made = getattr(function, "__globals__", None) is vars(contextlib)  # by `contextlib.contextmanager`, as most are
    inner = inspect.unwrap(function) if made or not _may_yield(function) else declare.identity.innermost(function)
    if inspect.isasyncgenfunction(inner) or inspect.iscoroutinefunction(inner) or hasattr(function, "__aenter__"):
        raise BindError(f"{function!r} is an async context manager, which cannot be bound: write a plain one.")
    if made or not inspect.isgeneratorfunction(inner) or declare.identity.is_manager(function):
        return function
    return contextlib.contextmanager(function)


def selection(include: Collection[str] | None, exclude: Collection[str] | None) -> Selection | None:
    """Return the parameters that become options; None for all that can, if neither argument is given."""
    return None if include is None and exclude is None else declare.selection.select(include, exclude)
