"""Write the simplest entries of a file without PyYAML, which takes a millisecond for each, and 20 to be imported.

These are keys with values, or lists and mappings of such values, that need no quotes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from typing import Any

from . import shortcut

__all__ = ["write", "write_nested"]

_KEY = r"[A-Za-z_][\w./]*"
_TEXT = r"(?:[A-Za-z_/]|\.{1,2}/)[\w/.+@%-]*"
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_LONGEST = 100  # characters of a key: PyYAML writes a long one in another way


class _Unsure(Exception):  # noqa: N818 - not an error: PyYAML writes the value
    """The signal that a value may need quotes."""


@shortcut("yaml_line")
def write(key: str, plain: Any) -> str | None:
    """Write one key and a value that is not a list or mapping.

    Parameters
    ----------
    key : str
        The key.
    plain : object
        The value.

    Returns
    -------
    str or None
        The line; None if `nodes` must write it.
    """
    return _written(plain, lambda value: [f"{_key(key)}: {_scalar(value)}"])


@shortcut("yaml_line")
def write_nested(key: str, plain: Any) -> str | None:
    """Write one key and a value, as `write` does, but also a list or mapping.

    A run that is saved loads PyYAML anyway, as its stages are a list that may have mappings in it. Programs that are
    written for ArgBind may do without.
    """
    return _written(plain, lambda value: _mapping({key: value}))


def _written(plain: Any, lines: Callable[[Any], list[str]]) -> str | None:
    try:
        return "\n".join([*lines(plain), ""])
    except _Unsure:
        return None


def _mapping(values: dict[Any, Any]) -> list[str]:
    """Return the lines of a mapping that is not empty."""
    lines = []
    for key, value in values.items():
        if type(value) is list and value:
            lines += [f"{_key(key)}:", *_list(value)]
        elif type(value) is dict and value:
            lines += [f"{_key(key)}:", *(f"  {line}" for line in _mapping(value))]
        else:
            lines.append(f"{_key(key)}: {_scalar(value)}")
    return lines


def _list(values: list[Any]) -> list[str]:
    """Return the lines of a list that is not empty."""
    lines = []
    for value in values:
        inner = None
        if type(value) is list and value:
            inner = _list(value)
        elif type(value) is dict and value:
            inner = _mapping(value)
        first, *rest = inner or [_scalar(value)]
        lines += [f"- {first}", *(f"  {line}" for line in rest)]
    return lines


def _key(key: Any) -> str:
    if type(key) is not str or len(key) > _LONGEST or key.lower() in _WORDS or not re.fullmatch(_KEY, key, re.ASCII):
        raise _Unsure
    return key


def _scalar(plain: Any) -> str:
    """Return the text of a value; of a list or mapping only if it is empty."""
    kind = type(plain)
    if kind is int:
        return repr(plain)
    if kind is float and math.isfinite(plain):
        text = repr(plain)
        return text if "." in text else text.replace("e", ".0e")
    if kind is str and plain and plain.lower() not in _WORDS and re.fullmatch(_TEXT, plain, re.ASCII):
        return str(plain)
    if plain is None or kind is bool:
        return {None: "null", True: "true", False: "false"}[plain]
    if kind in {str, list, dict} and not plain:
        return {str: "''", list: "[]", dict: "{}"}[kind]
    raise _Unsure
