"""What a binder and its functions are in another process, by pickle and cloudpickle.

pickle takes a function by its name, and so does cloudpickle if it can import a module that has it. From a script, a
notebook or another function, cloudpickle takes the function itself, with what it was bound as. There it finds the
registry that it belongs to: by the name of a global variable that holds the binder, or by a token. So functions that
arrive one after the other belong together, and to their binder. What is in force does not travel; a snapshot does.

Users' pickles name functions of this module, as `tests/test_pickles.py` lists them: none may move or change what it
takes.
"""

from __future__ import annotations

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

__all__ = ["binder_reduced", "bound_arrived", "bound_state", "home_of", "is_absent", "registry_reduced"]

_MAIN = ("__main__", "__mp_main__")
# The registries of this process that have left it, or come from another one. It keeps none of them alive.
_KNOWN: weakref.WeakValueDictionary[str, Any] = weakref.WeakValueDictionary()


def registry_reduced(registry: Any) -> tuple[Any, ...]:
    """Take a registry apart for pickle: its home or a token, and no function of it; each brings itself along."""
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
    """Take a binder apart for pickle: its home or, without the functions, itself.

    A function may use what cannot be pickled: a lock, an open file. Those that are needed are taken along anyway, by
    whatever calls them.
    """
    home = home_of(registry)
    if home is not None and home[0] not in _MAIN:
        return _at_home, home
    settings = {name: value for name, value in vars(binder).items() if name != "_registry"}
    return _binder_arrived, (type(binder), registry, settings)


def bound_state(bound: Any) -> dict[str, Any]:
    """Return what of a bound function travels, with the names that its annotations use where they are text."""
    state = {name: getattr(bound, name) for name in bound.__slots__ if name[0] != "_"}
    state["names"] = {**hint_names(bound.function), **(bound.names or {})}
    if isinstance(bound.function, type):
        del state["call"]  # a bound class finds its own way, and would lead back here on it
    return state


def bound_arrived(bound: Any, state: dict[str, Any]) -> None:
    """Restore a bound function, and record it."""
    for name, value in state.items():
        setattr(bound, name, value)
    if not hasattr(bound, "call"):  # a class, whose bound one has not arrived before it
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
    """Find the registry of a token; make one if the process does not have it yet."""
    found: Any = _KNOWN.get(token)
    if found is None and home is not None:  # in a child that runs the same script, or is a copy of its parent
        found = _registry_of(getattr(sys.modules.get(home[0]), home[1], None))
    if type(found) is not make.func:
        found = make()
        found.token = token
    found.absent |= names["absent"]
    for scope in names["scopes"]:
        found.scopes.setdefault(scope, 1)  # a function that stayed behind is bound under it
    _KNOWN[token] = found
    return found


def _binder_arrived(kind: Any, registry: Any, settings: dict[str, Any]) -> Any:
    """Find the binder of a registry; make one if it has none yet."""
    if registry.binder is None:
        registry.binder = kind.__new__(kind)
        vars(registry.binder).update(settings, _registry=registry)
    return registry.binder


def home_of(registry: Any) -> tuple[str, str] | None:
    """Find a module and a global variable in it that hold the binder of a registry; None where none do."""
    if registry.home is None and registry.binder is not None:
        registry.home = next(_homes(registry), ())
    return registry.home or None


def is_absent(registry: Any, text: str) -> bool:
    """Return whether a key is of a function that was not taken along, and that nobody calls here."""
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
    """Return whether the program has cloudpickle take all of a module by value: `register_pickle_by_value`."""
    cloudpickle = sys.modules.get("cloudpickle")
    names = () if cloudpickle is None else cloudpickle.list_registry_pickle_by_value()
    return any(module.__name__ == name or module.__name__.startswith(f"{name}.") for name in names)
