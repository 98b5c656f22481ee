"""Binding what a module has, one level deep."""

from __future__ import annotations

import contextlib
import inspect
import sys
from collections.abc import Callable, Iterable, Iterator
from types import ModuleType
from typing import Any

from ..errors import CannotBindError
from ..types import signature_of

__all__ = ["BoundModule", "bound_module"]


class BoundModule(ModuleType):
    """What is used like a module: what is bound of it, and for the rest the module itself.

    Parameters
    ----------
    module : object
        The module.
    bound : dict of str to object
        What is bound, by the names that it has there: those that ``dir`` lists.
    """

    def __init__(self, module: Any, bound: dict[str, Any]) -> None:
        super().__init__(getattr(module, "__name__", type(module).__name__), module.__doc__)
        vars(self).update(bound)
        self.__wrapped__ = module
        self.__listed__ = sorted(bound)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __dir__(self) -> list[str]:
        return self.__listed__

    def __reduce__(self) -> Any:
        return BoundModule, (self.__wrapped__, {name: vars(self)[name] for name in self.__listed__})

    def __repr__(self) -> str:
        return f"<bound {self.__wrapped__!r}>"


def bound_module(module: Any, wanted: Callable[[Any], Any] | None, bind: Callable[[Any], Any]) -> BoundModule:
    """Bind functions and classes that a module has.

    Parameters
    ----------
    module : object
        The module.
    wanted : callable or None
        Told a function or class, says whether to bind it; None for those that are public and the module's own.
    bind : callable
        Binds one, and returns what is called in its place.

    Raises
    ------
    BindError
        If a name is taken.
    """
    calls: dict[int, Any] = {}
    bound = {}
    for name, member in _public(module) if wanted is None else _members(module, dir(module)):
        if wanted is None or wanted(member):
            with contextlib.suppress(CannotBindError):
                if id(member) not in calls:  # a module may have it under two names
                    calls[id(member)] = bind(member)
                bound[name] = calls[id(member)]
    return BoundModule(module, bound)


def _public(module: Any) -> Iterator[tuple[str, Any]]:
    """Walk what is public, and does not come from the standard library, unless the module does."""
    own = str(getattr(module, "__name__", "")).partition(".")[0]
    names = getattr(module, "__all__", None) or [name for name in dir(module) if name[:1] != "_"]
    for name, member in _members(module, names):
        home = str(getattr(member, "__module__", None)).partition(".")[0]
        if home == own or home not in sys.stdlib_module_names:
            yield name, member


def _members(module: Any, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Walk the functions and classes among a module's names that can be bound."""
    for name in names:
        member = getattr(module, name, None)
        if _is_bindable(member):
            yield name, member


def _is_bindable(member: Any) -> bool:
    """Return whether a member is a function or class that has something to fill in.

    Exceptions are left out: ``except`` knows one by nothing but its class.
    """
    if not (inspect.isclass(member) or inspect.isroutine(member)):
        return False
    if isinstance(member, type) and issubclass(member, BaseException):
        return False
    with contextlib.suppress(ValueError, TypeError):
        return any(item.default is not item.empty for item in signature_of(member).parameters.values())
    return False
