"""Environment variables to the layer that they make."""

from __future__ import annotations

import os
from collections.abc import Iterable

from click.core import ParameterSource

from . import later
from .errors import ConversionError, UserError
from .keys import Key
from .registry import Bound, Registry
from .resolve import ResolvedValue
from .signature import ParameterSpec

__all__ = ["read_marked", "read_prefixed"]


def read_prefixed(registry: Registry) -> dict[Key, ResolvedValue]:
    """Read the variables whose names begin with the program's prefix, every one of them. An empty one is unset.

    Parameters
    ----------
    registry : Registry
        The functions, which are looked at only where such a variable is set.

    Raises
    ------
    UserError
        With all that is wrong: a variable that is no value of its parameter, or a name that two parameters share.
    """
    prefix = registry.settings.envvar_prefix
    start = Key("", "").variable(prefix or "").rstrip("_") + "_"
    if prefix is None or not any(name.startswith(start) and os.environ[name] for name in os.environ):
        return {}
    registry.settings.import_modules()
    found: dict[str, list[tuple[Key, ParameterSpec]]] = {}
    for key, _, spec in registry.walk():
        variable = key.variable(prefix)
        if os.environ.get(variable):
            found.setdefault(variable, []).append((key, spec))
    layer: dict[Key, ResolvedValue] = {}
    problems = []
    for variable, keys in found.items():
        if len(keys) > 1:
            names = " and ".join(key.text for key, _ in keys)
            problems.append(f"the variable '{variable}' is that of {names}: give the values in another way.")
            continue
        try:
            layer[keys[0][0]] = _value(variable, *keys[0])
        except UserError as error:
            problems.append(error.message)
    if problems:
        raise UserError("\n".join(problems))
    return layer


def read_marked(bounds: Iterable[Bound]) -> dict[Key, ResolvedValue]:
    """Read the variables that functions name for their parameters. An empty one is unset.

    Parameters
    ----------
    bounds : iterable of Bound
        The functions.

    Raises
    ------
    UserError
        Where a variable is not a value of its parameter.
    """
    marked = (
        (spec.envvar, bound.key(name), spec)
        for bound in bounds
        for name, spec in bound.options.items()
        if spec.envvar and os.environ.get(spec.envvar)
    )
    return {key: _value(variable, key, spec) for variable, key, spec in marked}


def _value(variable: str, key: Key, spec: ParameterSpec) -> ResolvedValue:
    assert spec.converter is not None  # an option has one
    try:
        value = spec.converter.from_text(os.environ[variable])
    except ConversionError as error:
        problem = later.redaction.message_of(spec, error)
        raise UserError(f"Invalid value for the variable '{variable}' ({key.text}): {problem}") from None
    return ResolvedValue(value, ParameterSource.ENVIRONMENT, variable)
