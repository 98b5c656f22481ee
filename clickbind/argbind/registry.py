"""Record the functions of a program that is written for ArgBind, and find their keys as leniently as ArgBind does."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Collection, Mapping
from typing import Any

import click

from .. import declare
from ..declare.function import FunctionSpec
from ..declare.registry import Bound, Registry, Settings
from ..errors import suggest
from ..keys import Key, without_scope
from ..layers import Layer
from .converters import adapted

__all__ = ["ArgRegistry", "passed_on"]


class ArgRegistry(Registry):
    """The functions of a program that is written for ArgBind.

    ArgBind gives a class that inherits its `__init__` the name of the class that defines it. Here each class has its
    own name. Keys with the other name, the *elder's*, set the parameters of all classes that inherit from it, its
    *heirs*, as long as nothing else is bound by that name.

    Parameters
    ----------
    settings : Settings, optional
        The settings for files.
    chains : bool
        As for `Registry`.
    any_scope : bool
        Whether keys may have scopes that no function is bound under, as they may in files.
    taken : collection of str, optional
        The names of all bound functions, if these are only some of them.

    Attributes
    ----------
    elders : dict of str to str
        The elders' names, by the names of the heirs.
    warned : set of (str, str)
        The functions and keyword arguments that were warned of.
    """

    if_unnamed = "wrap it in a function"
    if_misnamed = "write it as a function with 'def'"
    if_taken = "rename one of them"

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        chains: bool = False,
        any_scope: bool = True,
        taken: Collection[str] | None = None,
    ) -> None:
        super().__init__(settings, chains=chains)
        self.elders: dict[str, str] = {}
        self.warned: set[tuple[str, str]] = set()
        self._any_scope = any_scope
        self._taken = self.bounds if taken is None else taken
        self._inherited: dict[str, Bound] = {}

    def some(self, names: Collection[str]) -> ArgRegistry:
        """Return a registry of some of the functions, for a command line, which may use only the scopes they have."""
        found = ArgRegistry(self.settings, any_scope=False, taken=self.bounds)
        for name, bound in self.bounds.items():
            if name in names:
                found.add(bound)
        return found

    def record(self, bound: Bound) -> None:
        """Record a function, and the name that ArgBind would give it."""
        super().record(bound)
        elder = _elder_of(bound.function) if bound.prefix else None
        if elder is None:
            return
        self.elders[bound.name] = elder
        scopes = (*(self._inherited[elder].scopes if elder in self._inherited else ()), *bound.scopes)
        found = Bound(bound.function, name=elder, role="bind", scopes=scopes, names=bound.names)
        found.registry = self
        self._inherited[elder] = found
        self._longest = max(self._longest, *map(len, found.owners))

    def elder(self, name: str) -> str | None:
        """Return the name of the class that a class inherits its `__init__` from, unless that name is taken."""
        elder = self.elders.get(name)
        return None if elder in self._taken else elder

    def _named(self, name: str) -> Bound | None:
        return super()._named(name) or (None if name in self._taken else self._inherited.get(name))

    def heirs(self, name: str) -> list[str]:
        """Return the names of the classes that a key of an elder sets; none if the name is taken."""
        return [heir for heir, elder in self.elders.items() if elder == name] if name not in self._taken else []

    def owner(self, text: str) -> tuple[Bound | None, str | None]:
        """Find the function and the scope of ``scope/function``, also for a scope that nothing is bound under."""
        bound, scope = super().owner(text)
        other, name = without_scope(text)
        if self._may_be_scope(other) and (bound is None or "-" in str(other)):
            bound, _ = super().owner(name)
            scope = None if bound is None else other
        return bound, scope

    def split(self, text: str) -> tuple[Bound | None, str | None, str]:
        """Split a key into function, scope and parameter, also for a scope that nothing is bound under."""
        bound, scope, path = super().split(text)
        other, name = without_scope(text)
        if self._may_be_scope(other) and (bound is None or "-" in str(other) or self._is_no_path(bound, path)):
            inner, _, rest = super().split(name)
            if inner is not None:
                return inner, other, rest
        return bound, scope, path

    def _may_be_scope(self, text: str | None) -> bool:
        return self._any_scope and bool(text)

    @staticmethod
    def _is_no_path(bound: Bound, path: str) -> bool:
        """Return whether a function has no such path: in ``train.1/dataset.folder``, `train` may be one as well."""
        return "/" in path and path not in bound.options

    def prepare(self, spec: FunctionSpec) -> None:
        """Read and write values as ArgBind does."""
        for parameter in spec.parameters.values():
            if parameter.group is None:
                parameter.converter = adapted(parameter)

    def around(self, call: Callable[..., Any], bound: Bound) -> Callable[..., Any]:
        """Drop keyword arguments that the function does not take, with a warning, as ArgBind does without one."""

        @functools.wraps(call)
        def lenient(*args: Any, **kwargs: Any) -> Any:
            return call(*args, **(_taken_by(bound, kwargs) if kwargs else kwargs))

        return lenient


def passed_on(layer: Layer, registry: Registry) -> Layer:
    """Return a layer in which the values of elders are those of their heirs, unless these have values of their own."""
    if not isinstance(registry, ArgRegistry) or not registry.elders:
        return layer
    heirs = {name: registry.heirs(name) for name in {key.function for key in layer}}
    found = {key: value for key, value in layer.items() if not heirs[key.function]}
    for key, value in layer.items():
        for heir in heirs[key.function]:
            found.setdefault(Key(heir, key.parameter, key.scope), value)
    return found


def _elder_of(function: Any) -> str | None:
    """Return the name of the class that a class inherits its `__init__` from; None if it has its own."""
    if not isinstance(function, type):
        return None
    qualified: str = getattr(function.__init__, "__qualname__", "")  # type: ignore[misc]  # only read
    name = qualified.rpartition(".")[0].rpartition(".")[2]
    return name if name.isidentifier() and name not in {function.__name__, "object"} else None


def _taken_by(bound: Bound, kwargs: dict[str, Any]) -> dict[str, Any]:
    """Return the keyword arguments that a function takes; warn of the others."""
    parameters: Mapping[str, inspect.Parameter] = bound.spec.signature.parameters if bound.is_readable else kwargs
    unknown = [name for name in kwargs if name not in parameters]
    if not unknown or any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        return kwargs
    for name in unknown:
        _warn_of(bound, name)
    return {name: value for name, value in kwargs.items() if name in parameters}


def _warn_of(bound: Bound, name: str) -> None:
    """Warn of a keyword argument, once: a training loop may pass it a million times."""
    registry = bound.registry
    if not isinstance(registry, ArgRegistry) or (bound.name, name) in registry.warned:
        return
    registry.warned.add((bound.name, name))
    frame = declare.identity.caller()
    place = f"{frame.f_code.co_filename}:{frame.f_lineno}"
    hint = suggest(name, bound.spec.parameters)
    click.echo(f"Warning: {place}: {bound.name} has no parameter {name!r}, so the argument is dropped.{hint}", err=True)
