"""Read environment variables into a layer."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from types import FunctionType
from typing import Any

from click.core import ParameterSource

from .. import declare, types
from ..declare.function import ParameterSpec, named
from ..declare.registry import Bound, Registry
from ..errors import ConversionError, UserError
from ..keys import Key
from ..types import message_of
from . import Asked, Layer, ResolvedValue

__all__ = ["perhaps_marked", "read", "read_marked", "unknown"]

_EVERYDAY = (str, int, float, bool, None)
# Without an annotation, the type is that of the default. These types have no fields, and so no marks on fields.
_WITHOUT_FIELDS = frozenset({str, int, float, bool, type(None), list, tuple, dict, set})


def read(registry: Registry, asked: Asked) -> Layer:  # noqa: ARG001 - all layers have this signature
    """Read all variables with the program's prefix. Empty ones count as unset.

    Parameters
    ----------
    registry : Registry
        The functions. Their signatures are read only if such a variable is set.
    asked : Asked
        The input of the layers.

    Raises
    ------
    UserError
        If a variable cannot be converted, or belongs to two parameters. The message lists all problems.
    """
    prefix = registry.settings.envvar_prefix
    given = [] if prefix is None else _with(prefix)
    if prefix is None or not given:
        return {}
    registry.settings.import_modules()
    found = _parameters(registry, prefix)
    if not found.keys() >= {*given} and registry.load_plugins():  # the others may be for plugins
        found = _parameters(registry, prefix)
    layer: dict[Key, ResolvedValue] = {}
    problems = []
    for variable, keys in found.items():
        if len(keys) > 1:
            names = " and ".join(key.text for key, _ in keys)
            problems.append(f"the variable '{variable}' belongs to {names}: set them in another way.")
            continue
        try:
            layer[keys[0][0]] = _value(variable, *keys[0])
        except UserError as error:
            problems.append(error.message)
    if problems:
        raise UserError("\n".join(problems))
    return layer


def _with(prefix: str) -> list[str]:
    """List the variables that begin with a prefix and are set."""
    start = Key("", "").variable(prefix).rstrip("_") + "_"
    return [name for name in os.environ if name.startswith(start) and os.environ[name]]


def unknown(registry: Registry) -> tuple[list[str], list[str]]:
    """List the variables that have the program's prefix and set no parameter, and the names of those that could."""
    prefix = registry.settings.envvar_prefix or ""
    found = _with(prefix)
    if not found:
        return [], []
    settings = list(registry.walk(broken=False))
    known = dict.fromkeys(key.variable(prefix) for key, _, _ in settings)
    known.update((spec.envvar, None) for _, _, spec in settings if spec.envvar)
    return [name for name in found if name not in known], list(known)


def _parameters(registry: Registry, prefix: str) -> dict[str, list[tuple[Key, ParameterSpec]]]:
    """Find the parameters of each variable that is set."""
    found: dict[str, list[tuple[Key, ParameterSpec]]] = {}
    for key, _, spec in registry.walk():
        variable = key.variable(prefix)
        if os.environ.get(variable):
            found.setdefault(variable, []).append((key, spec))
    return found


def read_marked(bounds: Iterable[Bound]) -> Layer:
    """Read the variables that marks in annotations name. Empty ones count as unset.

    Parameters
    ----------
    bounds : iterable of Bound
        The functions.

    Raises
    ------
    UserError
        If a variable is not valid for its parameter.
    """
    marked = (
        (spec.envvar, bound.key(name), spec)
        for bound in bounds
        for name, spec in bound.options.items()
        if spec.envvar and os.environ.get(spec.envvar) and not _is_clicks(bound, name)
    )
    return {key: _value(variable, key, spec) for variable, key, spec in marked}


def _is_clicks(bound: Bound, name: str) -> bool:
    """Return whether an option is declared with Click's decorators, and reads its variables itself."""
    return any(param.name == name for param in bound.spec.clicks)


def _value(variable: str, key: Key, spec: ParameterSpec) -> ResolvedValue:
    assert spec.converter is not None  # an option has one
    try:
        value = spec.converter.from_text(os.environ[variable])
    except ConversionError as error:
        problem = message_of(spec, error)
        raise UserError(f"Invalid value for the variable '{variable}' ({key.text}): {problem}") from None
    return ResolvedValue(value, ParameterSource.ENVIRONMENT, variable)


def perhaps_marked(bounds: Iterable[Bound]) -> list[Bound]:
    """Return the functions with a parameter that may name a variable, so that only their signatures are read."""
    cleared: dict[int, set[Any]] = {}
    return [bound for bound in bounds if _may_be_marked(bound.function, bound.names, cleared)]


def _may_be_marked(function: Any, names: Mapping[str, Any] | None, cleared: dict[int, set[Any]]) -> bool:
    """Return whether a parameter may have a mark. This reads only annotations, since reading a signature takes 40 µs.

    False is certain: every annotation was evaluated, here or for another function of the module, and contains no mark
    and no class with fields. Objects other than plain functions, and functions with defaults whose type may have
    fields, return True, so that their signature is read.

    Parameters
    ----------
    function : callable
        The function or class.
    names : mapping of str to object or None
        The local names that its annotations may use.
    cleared : dict of int to set of object
        Annotations without a mark, by the identity of the module's namespace; this adds to it.
    """
    if type(function) is type:
        constructor: Any = function.__new__
        signed = hasattr(function, "__signature__") or constructor is not object.__new__
        function = None if signed else function.__init__  # type: ignore[misc]  # only to read it
    while type(function) is FunctionType and function.__dict__:
        if "__signature__" in function.__dict__:
            return True
        if "__wrapped__" not in function.__dict__:
            break
        function = function.__dict__["__wrapped__"]
    if type(function) is not FunctionType or names:
        return True
    try:
        return _tells_a_type(function) or _any_may_hold_mark(function, cleared)
    except Exception:  # noqa: BLE001 - a hint that does not hash; from Python 3.14 on they are evaluated here
        return True


def _tells_a_type(function: FunctionType) -> bool:
    """Return whether a parameter without an annotation may have a default whose class has fields."""
    code = function.__code__
    if function.__annotations__.keys() >= {*code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]}:
        return False
    defaults = (*(function.__defaults__ or ()), *(function.__kwdefaults__ or {}).values())
    return not _WITHOUT_FIELDS.issuperset(map(type, defaults))


def _any_may_hold_mark(function: FunctionType, cleared: dict[int, set[Any]]) -> bool:
    known = cleared.setdefault(id(function.__globals__), set())
    written = function.__annotations__
    return not known.issuperset(written.values()) and any(
        name != "return" and hint not in known and _may_hold_mark(hint, function.__globals__, known)
        for name, hint in written.items()
    )


def _may_hold_mark(hint: Any, names: Mapping[str, Any], cleared: set[Any]) -> bool:
    """Evaluate an annotation, and remember it if it has no mark."""
    found = named(hint, (names,))
    if found is None:
        found = types.hints.evaluate(hint, names)
    if not any(found is kind for kind in _EVERYDAY) and declare.option.may_hold_mark(found):
        return True
    cleared.add(hint)
    return False
