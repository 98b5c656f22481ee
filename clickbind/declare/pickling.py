"""Pickle a binder and its functions for another process, with pickle or cloudpickle.

pickle saves a function by its name, and so does cloudpickle if it can import a module that has the function. From a
script, a notebook or another function, cloudpickle saves the function itself, with its binding. In the other process,
the binding finds its registry by the name of a global variable that holds the binder, or by a token. So functions that
arrive one by one share a registry and a binder. The active values are not pickled; a snapshot of them can be.

Users' pickles refer to functions of this module, listed in `tests/test_pickles.py`: none may move or change its
parameters.
"""

from __future__ import annotations

import contextlib
import functools
import importlib
import os
import sys
import weakref
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from ..keys import canonical, is_inside, without_scope
from .identity import hint_names

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["binder_reduced", "bound_arrived", "bound_state", "home_of", "is_absent", "registry_at", "registry_reduced"]

_MAIN = ("__main__", "__mp_main__")
# The registries that this process has pickled or unpickled, by token. It keeps none of them alive.
_KNOWN: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()


def registry_reduced(registry: Any) -> tuple[Any, ...]:
    """Reduce a registry for pickle: to its home, or to a token. Its functions are pickled on their own."""
    home = home_of(registry)
    if home is not None and home[0] not in _MAIN:
        return _registry_at_home, home
    if registry.token is None:
        registry.token = os.urandom(16).hex()
        _KNOWN[registry.token] = registry
    kind: Callable[..., Any] = type(registry)
    make = functools.partial(kind, registry.settings, chains=registry.chains)
    names = {"absent": registry.absent | registry.bounds.keys(), "scopes": set(registry.scopes)}
    return _registry_arrived, (make, registry.token, home, names)


def binder_reduced(binder: Any, registry: Any) -> Any:
    """Reduce a binder for pickle: to its home, or to itself without its functions.

    A function may use objects that cannot be pickled, such as a lock or an open file. The functions that are needed are
    pickled anyway, with the code that calls them.
    """
    home = home_of(registry)
    if home is not None and home[0] not in _MAIN:
        return _at_home, home
    # Observers stay here: the process that runs the line follows the run.
    settings = {name: value for name, value in vars(binder).items() if name not in {"_registry", "observers"}}
    return _binder_arrived, (type(binder), registry, settings)


def bound_state(bound: Any) -> dict[str, Any]:
    """Return the state of a bound function to pickle, with the names that its string annotations use."""
    state = {name: getattr(bound, name) for name in bound.__slots__ if name[0] != "_"}
    state["names"] = {**hint_names(bound.function), **(bound.names or {})}
    if isinstance(bound.function, type):
        del state["call"]  # a bound class is pickled on its own, and would lead back here
    return state


def bound_arrived(bound: Any, state: dict[str, Any]) -> None:
    """Restore the state of a bound function, and add it to its registry."""
    for name, value in state.items():
        setattr(bound, name, value)
    if not hasattr(bound, "call"):  # a class, unpickled before its bound class
        bound.call = bound.function
    if bound.name not in bound.registry.bounds:
        bound.registry.record(bound)


def _at_home(module: str, name: str) -> Any:
    return vars(importlib.import_module(module))[name]


def _registry_at_home(module: str, name: str) -> Any:
    return _registry_of(_at_home(module, name))


def _registry_of(binder: Any) -> Any:
    return getattr(binder, "_registry", None)


def _registry_arrived(
    make: functools.partial[Any], token: str, home: tuple[str, str] | None, names: dict[str, set[str]]
) -> Any:
    """Find the registry of a token; make it if this process has none."""
    found: Any = _KNOWN.get(token)
    if found is None and home is not None:  # a child process that runs the same script, or is a fork
        found = _registry_of(getattr(sys.modules.get(home[0]), home[1], None))
    if type(found) is not make.func:
        found = make()
        found.token = token
    found.absent |= names["absent"]
    for scope in names["scopes"]:
        found.scopes.setdefault(scope, 1)  # a function that was not pickled is bound under it
    _KNOWN[token] = found
    return found


def _binder_arrived(kind: Any, registry: Any, settings: dict[str, Any]) -> Any:
    """Find the binder of a registry; make it if there is none yet."""
    if registry.binder is None:
        registry.binder = kind.__new__(kind)
        vars(registry.binder).update(settings, _registry=registry)
    return registry.binder


def home_of(registry: Any) -> tuple[str, str] | None:
    """Find the module and the global variable that hold the binder of a registry; None if there is none."""
    if registry.home is None and registry.binder is not None:
        registry.home = next(_homes(registry), ())
    return registry.home or None


def registry_at(module: str, name: str) -> Any:
    """Return the registry of the binder that a global variable holds; None if its module cannot be imported."""
    with contextlib.suppress(Exception):  # a module may raise anything
        found = sys.modules.get(module) if module in _MAIN else importlib.import_module(module)
        return _registry_of(getattr(found, name, None))
    return None


def is_absent(registry: Any, text: str) -> bool:
    """Return whether a key belongs to a function that was not pickled, so that nothing calls it here."""
    _, name = without_scope(canonical(text))
    return any(name == function or is_inside(name, function) for function in registry.absent)


def _homes(registry: Any) -> Iterator[tuple[str, str]]:
    first = [bound.function.__module__ for bound in registry.bounds.values() if hasattr(bound.function, "__module__")]
    names = [name for name in dict.fromkeys([*first, *sys.modules]) if name not in _MAIN]
    for name in (*names, *_MAIN):
        module = sys.modules.get(name)
        space = getattr(module, "__dict__", None)
        if module is not None and isinstance(space, dict) and not _goes_by_value(module):
            yield from ((name, key) for key, value in list(space.items()) if value is registry.binder)


def _goes_by_value(module: ModuleType) -> bool:
    """Return whether cloudpickle saves a whole module by value, as `register_pickle_by_value` asks it to."""
    cloudpickle = sys.modules.get("cloudpickle")
    names = () if cloudpickle is None else cloudpickle.list_registry_pickle_by_value()
    return any(module.__name__ == name or module.__name__.startswith(f"{name}.") for name in names)
