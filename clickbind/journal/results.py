"""Reduce the value that a stage returns to numbers and to what JSON can hold."""

from __future__ import annotations

import math
import numbers
from collections.abc import Mapping
from typing import Any

__all__ = ["number_of", "plain", "results_of"]

_DEEPEST = 100  # levels of nesting; more is left out by the name of its type


def results_of(stage: str, returned: Any) -> dict[str, Any]:
    """Return the results in the returned value of a stage.

    Parameters
    ----------
    stage : str
        The name of the stage.
    returned : object
        What it returned. A number is the result of the stage's name; each number in a mapping with text keys is the
        result ``stage.key``, also in mappings inside it.

    Returns
    -------
    dict of str to (int, float or str)
        The results. ``nan``, ``inf`` and ``-inf`` are texts, since JSON has no such numbers.
    """
    found: dict[str, Any] = {}
    _collect(stage, returned, found, 0)
    return found


def _collect(name: str, value: Any, found: dict[str, Any], depth: int) -> None:
    number = _number(value)
    if number is not None:
        found[name] = _finite(number)
    elif isinstance(value, Mapping) and depth < _DEEPEST:
        for key, inner in value.items():
            if isinstance(key, str):
                _collect(f"{name}.{key}", inner, found, depth + 1)


def _number(value: Any) -> int | float | None:
    """Return an int or a float for a number of any library; None for everything else, booleans too."""
    if isinstance(value, bool):
        return None
    if isinstance(value, numbers.Integral):
        return int(value)
    return float(value) if isinstance(value, numbers.Real) else None


def _finite(number: float) -> Any:
    """Return a number as JSON can hold it."""
    return number if isinstance(number, int) or math.isfinite(number) else str(number)


def number_of(result: object) -> float | None:
    """Return the number that a recorded result is; None if it is none."""
    if isinstance(result, str) and result in {"nan", "inf", "-inf"}:
        return float(result)
    return float(result) if isinstance(result, (int, float)) and not isinstance(result, bool) else None


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; the name of its type if JSON cannot hold it.

    Tuples become lists. A mapping needs text keys, as JSON does.
    """
    found = _plain(value, 0)
    return type(value).__qualname__ if found is _IMPOSSIBLE else found


_IMPOSSIBLE = object()


def _plain(value: Any, depth: int) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if type(value) is str:
        return value.encode("utf-8", "backslashreplace").decode()  # a lone surrogate cannot be written
    number = _number(value)
    if number is not None:
        return _finite(number)
    if depth == _DEEPEST:
        return _IMPOSSIBLE
    if type(value) is dict and all(type(key) is str for key in value):
        items = {_plain(key, 0): _plain(item, depth + 1) for key, item in value.items()}
        return _IMPOSSIBLE if any(item is _IMPOSSIBLE for item in items.values()) else items
    if type(value) in {list, tuple}:
        inner = [_plain(item, depth + 1) for item in value]
        return _IMPOSSIBLE if any(item is _IMPOSSIBLE for item in inner) else inner
    return _IMPOSSIBLE
