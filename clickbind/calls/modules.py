"""Bind the functions and classes of a module, one level deep."""

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
    """A stand-in for a module: its bound functions and classes, and otherwise the module itself.

    Parameters
    ----------
    module : object
        The module.
    bound : dict of str to object
        The bound members by name; ``dir`` lists these names.
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
    """Bind the functions and classes of a module.

    Parameters
    ----------
    module : object
        The module.
    wanted : callable or None
        Returns whether to bind a function or class, which may have no defaults; None selects the public ones, as
        `_public` does.
    bind : callable
        Binds one member, and returns its wrapper.

    Raises
    ------
    BindError
        If a name is taken.
    """
    calls: dict[int, Any] = {}
    bound = {}
    for name, member in _public(module) if wanted is None else _members(module, dir(module)):
        # Signatures last: a filter drops most members of a library, and reading one takes 0.1 ms.
        if (wanted is None or wanted(member)) and _has_default(member):
            with contextlib.suppress(CannotBindError):
                if id(member) not in calls:  # a module may have it under two names
                    calls[id(member)] = bind(member)
                bound[name] = calls[id(member)]
    return BoundModule(module, bound)


def _public(module: Any) -> Iterator[tuple[str, Any]]:
    """Walk the public members, except those from the standard library, unless the module is part of it."""
    own = str(getattr(module, "__name__", "")).partition(".")[0]
    names = getattr(module, "__all__", None) or [name for name in dir(module) if name[:1] != "_"]
    for name, member in _members(module, names):
        home = str(getattr(member, "__module__", None)).partition(".")[0]
        if home == own or home not in sys.stdlib_module_names:
            yield name, member


def _members(module: Any, names: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Walk the functions and classes with the given names."""
    for name in names:
        member = getattr(module, name, None)
        if _is_bindable(member):
            yield name, member


def _is_bindable(member: Any) -> bool:
    """Return whether a member is a function or class.

    Exceptions are left out, because ``except`` looks at the real class only.
    """
    if not (inspect.isclass(member) or inspect.isroutine(member)):
        return False
    return not (isinstance(member, type) and issubclass(member, BaseException))


def _has_default(member: Any) -> bool:
    """Return whether a function or class has a default to override."""
    with contextlib.suppress(ValueError, TypeError):
        return any(item.default is not item.empty for item in signature_of(member).parameters.values())
    return False
