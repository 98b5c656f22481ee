"""Say how to choose a class, in the way in which its fields were set. Only an error imports this module."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Sequence
from typing import TYPE_CHECKING

from click.core import ParameterSource

from ..errors import ConversionError
from ..keys import Key, above, canonical, is_inside, relative
from ..layers import ResolvedValue, Values

if TYPE_CHECKING:
    from ..declare.registry import Bound
    from ..declare.settings import UnchosenError

__all__ = ["told"]

_TYPED = (ParameterSource.COMMANDLINE, ParameterSource.PROMPT)
_IN_PYTHON = ("scope", "default_map")
"""The origins of values that a program sets."""


def told(error: UnchosenError, bound: Bound, values: Values, scopes: Sequence[str]) -> ConversionError:
    """Return the error that a class has to be chosen, with how to choose it.

    Parameters
    ----------
    error : UnchosenError
        The error.
    bound : Bound
        The function.
    values : Values
        The active values.
    scopes : sequence of str
        The active scopes, the innermost first.
    """
    message = f"{error.problem} with {_how(error, bound, values, scopes)}."
    return ConversionError(message, hidden=message)


def _how(error: UnchosenError, bound: Bound, values: Values, scopes: Sequence[str]) -> str:
    """Return what chooses the class: on the line, in a variable, in a file, in a turn of one, or in Python."""
    whole = error.whole
    path, item = _deciding(error, bound, values, scopes)
    under = (scope for scope in scopes for layer in values.layers if Key(bound.prefix, path, scope) in layer)
    key = bound.key(error.path, next(under, None))
    if item is not None and item.source in _TYPED:
        # Of several options for the class on the line, one overrides the others.
        is_typed = whole is not None and whole.source in _TYPED
        return f"'{whole.origin if is_typed else _flag(key, path, item)} {error.name}'"
    if item is not None and item.source is ParameterSource.ENVIRONMENT:
        return _variable(bound, key, error.name)
    if item is not None and item.origin in _IN_PYTHON:
        return f"{{{key.text!r}: {error.name!r}}}"
    files = values.files
    if isinstance(files, ChainMap) and Key(bound.prefix, path) in files.maps[0]:
        return f"'{error.path}: {error.name}' in the turn"
    return f"'{key.text}: {error.name}'"


def _deciding(
    error: UnchosenError, bound: Bound, values: Values, scopes: Sequence[str]
) -> tuple[str, ResolvedValue | None]:
    """Return the path and the value beside which the class is to be chosen: a field, or the class around it.

    Of several fields, the one in the highest layer, since a class that is chosen there has the others too.
    """
    if error.given:
        path, (_, item) = min(error.given.items(), key=lambda given: given[1][0])
        return path, item
    around = ((outer, values.get(bound.prefix, outer, scopes)) for outer in above(error.path))
    return next((found for found in around if found[1] is not None), ("", None))


def _flag(key: Key, path: str, item: ResolvedValue) -> str:
    """Return the flag of the option that chooses the class, with a stage's own name if the other was typed so."""
    flag = item.origin.replace("--no-", "--", 1) if item.value is False else item.origin
    is_field = is_inside(path, key.parameter)
    end = f".{relative(path, key.parameter)}" if is_field else path
    if not flag.startswith("--") or not canonical(flag).endswith(end):
        return f"--{key.text}"
    return flag[: -len(end)] if is_field else f"{flag}.{relative(key.parameter, path)}"


def _variable(bound: Bound, key: Key, name: str) -> str:
    """Return the variable that chooses the class, or the option if there is none, which overrides variables."""
    spec = bound.options.get(key.parameter)
    prefix = None if bound.registry is None else bound.registry.settings.envvar_prefix
    marked = None if spec is None else spec.envvar
    variable = marked or (None if prefix is None else key.variable(prefix))
    return f"'--{key.text} {name}'" if variable is None else f"'{variable}={name}'"
