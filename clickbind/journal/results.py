"""Reduce the value that a stage returns to numbers and to what JSON can hold."""

from __future__ import annotations

import contextlib
import decimal
import math
import numbers
from collections.abc import Mapping
from typing import Any

__all__ = ["number_of", "plain", "results_of"]

_DEEPEST = 100  # levels of nesting
_MOST = 100_000  # values, and hundreds of characters: the record is written anew at each turn
_BITS = 1_024  # of an int; more is not a float, and readers of JSON refuse it


class _Unwritable(Exception):  # noqa: N818 - not an error: the type is recorded instead
    """Says that JSON cannot hold a value."""


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
    with contextlib.suppress(Exception):  # a mapping of somebody's may raise anything, which must not end the run
        _collect(stage, returned, found, _Budget())
    return found


def _collect(name: str, value: Any, found: dict[str, Any], budget: _Budget, depth: int = 0) -> None:
    budget.take(1, depth)
    number = _number(_unwrapped(value))
    if number is not None:
        found[_text(name)] = _finite(number)
    elif isinstance(value, Mapping):
        for key, inner in value.items():
            if isinstance(key, str):
                _collect(f"{name}.{key}", inner, found, budget, depth + 1)


class _Budget:
    """Counts values, and refuses more than a record should have."""

    def __init__(self) -> None:
        self._left = _MOST

    def take(self, count: int, depth: int) -> None:
        """Count values at a depth.

        Raises
        ------
        _Unwritable
            If it is too deep, or they are too many.
        """
        self._left -= count
        if self._left < 0 or depth > _DEEPEST:
            raise _Unwritable


def _unwrapped(value: Any) -> Any:
    """Return the Python value of a scalar of NumPy, and of an array or tensor without dimensions."""
    return value.item() if getattr(value, "ndim", None) == 0 and hasattr(value, "item") else value


def _number(value: Any) -> int | float | None:
    """Return an int or a float for a number of any library; None for everything else, booleans too."""
    with contextlib.suppress(Exception):  # a class of somebody's may raise anything
        if isinstance(value, bool):
            return None
        if isinstance(value, numbers.Integral):
            number = int(value)
            return number if number.bit_length() <= _BITS else None
        if isinstance(value, (numbers.Real, decimal.Decimal)):
            return float(value)
    return None


def _finite(number: float) -> Any:
    """Return a number as JSON can hold it."""
    return number if isinstance(number, int) or math.isfinite(number) else str(number)


def number_of(result: object) -> float | None:
    """Return the number that a recorded result is; None if it is none."""
    if isinstance(result, str) and result in {"nan", "inf", "-inf"}:
        return float(result)
    number = _number(result)
    with contextlib.suppress(OverflowError):  # an int that was edited
        return None if number is None else float(number)
    return None


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it; the name of its type if JSON cannot hold it, or it is very large.

    Tuples become lists. A mapping needs text keys, as JSON does.
    """
    try:
        return _plain(value, _Budget(), 0)
    except Exception:  # noqa: BLE001 - an object of somebody's may raise anything, which must not end the run
        return type(value).__qualname__


def _plain(value: Any, budget: _Budget, depth: int) -> Any:
    value = _unwrapped(value)
    budget.take(1 + len(value) // 100 if isinstance(value, str) else 1, depth)
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value)
    number = _number(value)
    if number is not None:
        return _finite(number)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return {_plain(key, budget, depth): _plain(item, budget, depth + 1) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item, budget, depth + 1) for item in value]
    raise _Unwritable


def _text(text: str) -> str:
    """Return a text without lone surrogates, which cannot be written."""
    return str.encode(text, "utf-8", "backslashreplace").decode()
