"""Say how to choose a class, or to set a field of it: on the line, in a file or in Python, where the others were set.

Only an error imports this module.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from click.core import ParameterSource

from ..errors import ConversionError
from ..keys import Key, canonical, flag_of
from ..layers import ResolvedValue, Values

if TYPE_CHECKING:
    from ..declare.registry import Bound
    from ..declare.settings import Found
    from ..types.models import UnsetError

__all__ = ["told"]

_TYPED = (ParameterSource.COMMANDLINE, ParameterSource.PROMPT)
_IN_PYTHON = ("scope", "default_map")
"""The origins of values that a program sets."""


def told(error: UnsetError, bound: Bound, values: Values, scopes: Sequence[str], found: Found) -> ConversionError:
    """Return the error that a class has to be chosen or a field set, with how to write that.

    Parameters
    ----------
    error : UnsetError
        The error.
    bound : Bound
        The function.
    values : Values
        The active values.
    scopes : sequence of str
        The active scopes, the innermost first.
    found : mapping of str to (int, ResolvedValue)
        All that was set for the parameter.
    """
    message = error.problem
    if error.path in bound.options:  # a field of any type has none
        message = f"{message} {error.cure} with {_how(error, bound, values, scopes, error.given or found)}."
    whole = ConversionError(message, hidden=message)
    whole.lacks = error.lacks
    return whole


def _how(error: UnsetError, bound: Bound, values: Values, scopes: Sequence[str], beside: Found) -> str:
    """Return what sets it: on the line, in a variable, in a file, in a turn of one, or in Python.

    It is set beside the value of the highest layer: a class that is chosen there also takes fields of the layers below.
    """
    path, (_, item) = min(beside.items(), key=lambda one: one[1][0], default=("", (0, None)))
    under = (scope for scope in scopes for layer in values.layers if Key(bound.prefix, path, scope) in layer)
    key = bound.key(error.path, next(under, None))
    if item is not None and item.source in _TYPED:
        # Of several options for the class on the line, one overrides the others.
        whole = error.whole
        is_typed = whole is not None and whole.source in _TYPED
        return _joined(whole.origin if is_typed else _flag(key, path, item), " ", error.name)
    if item is not None and item.source is ParameterSource.ENVIRONMENT:
        variable = _variable(bound, key)
        return _joined(variable or f"--{key.text}", "=" if variable else " ", error.name)
    if item is not None and item.origin in _IN_PYTHON:
        return f"{{{key.text!r}: {error.name!r}}}" if error.name else repr(key.text)
    files = values.files
    if isinstance(files, ChainMap) and Key(bound.prefix, path) in files.maps[0]:
        return f"{_joined(error.path, ': ', error.name)} in the turn"
    return _joined(key.text, ": ", error.name)


def _joined(setting: str, sign: str, name: str) -> str:
    """Return what sets a class of a name or, without one, a field."""
    return f"'{setting}{name and sign}{name}'"


def _flag(key: Key, path: str, item: ResolvedValue) -> str:
    """Return the flag of the option, with a stage's own name if the other option was typed so."""
    flag = item.origin.replace("--no-", "--", 1) if item.value is False else item.origin
    start = flag[: -len(path)] if canonical(flag).endswith(path) else ""
    return f"--{key.text}" if not start else start + (flag_of(key.parameter) if start == "--" else key.parameter)


def _variable(bound: Bound, key: Key) -> str | None:
    """Return the variable of an option; None if it has none."""
    prefix = None if bound.registry is None else bound.registry.settings.envvar_prefix
    return bound.options[key.parameter].envvar or (None if prefix is None else key.variable(prefix))
