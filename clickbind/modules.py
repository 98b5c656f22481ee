"""Binding what a module has, one level deep."""

from __future__ import annotations

import contextlib
import enum
import inspect
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any

from . import bindable
from .registry import Registry

__all__ = ["BoundModule", "bind_members"]


class BoundModule(types.ModuleType):
    """What is used like a module: what is bound of it, and for the rest the module itself.

    Parameters
    ----------
    module : object
        The module.
    bound : dict of str to object
        What is bound, by the names that it has there.
    """

    def __init__(self, module: Any, bound: dict[str, Any]) -> None:
        super().__init__(getattr(module, "__name__", type(module).__name__), module.__doc__)
        vars(self).update(bound)
        self.__wrapped__ = module

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__wrapped__, name)

    def __dir__(self) -> list[str]:
        return dir(self.__wrapped__)

    def __repr__(self) -> str:
        return f"<bound {self.__wrapped__!r}>"


def bind_members(registry: Registry, module: Any, wanted: Callable[[Any], Any], **settings: Any) -> dict[str, Any]:
    """Bind what a module has.

    Parameters
    ----------
    registry : Registry
        Where it is recorded.
    module : object
        The module.
    wanted : callable
        Told a function or class, says whether to bind it.
    **settings
        As for `bindable.add`.

    Returns
    -------
    dict of str to callable
        What is bound, by the names that it has there.

    Raises
    ------
    BindError
        Where a name is taken.
    """
    calls: dict[int, Any] = {}
    bound = {}
    for name, member in _members(module):
        if wanted(member):
            if id(member) not in calls:  # a module may have it under two names
                calls[id(member)] = bindable.add(registry, member, "bind", **settings)
            bound[name] = calls[id(member)]
    return bound


def _members(module: Any) -> Iterator[tuple[str, Any]]:
    """Walk the public functions and classes of a module that can be bound."""
    own = str(getattr(module, "__name__", "")).partition(".")[0]
    for name in getattr(module, "__all__", None) or [name for name in dir(module) if name[:1] != "_"]:
        member = getattr(module, name, None)
        home = str(getattr(member, "__module__", None)).partition(".")[0]
        if (home == own or home not in sys.stdlib_module_names) and _is_bindable(member):
            yield name, member


def _is_bindable(member: Any) -> bool:
    if not (inspect.isclass(member) or inspect.isroutine(member)):
        return False
    if isinstance(member, type) and (issubclass(member, enum.Enum) or getattr(member, "__final__", False)):
        return False
    with contextlib.suppress(ValueError, TypeError):
        return bool(inspect.signature(member))
    return False
