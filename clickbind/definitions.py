"""Where a function is defined, and whether another one is the same, defined again."""

from __future__ import annotations

import inspect
import sys
from typing import Any

from .errors import BindError

__all__ = ["caller", "check_again"]


def caller() -> Any:
    """Give the frame that calls `bind`, `stage` or `context`, as namedtuple and typing do."""
    frame = sys._getframe(1)  # noqa: SLF001 - there is no public way
    while frame.f_back is not None and str(frame.f_globals.get("__name__")).startswith("clickbind."):
        frame = frame.f_back
    return frame


def check_again(name: str, function: Any, other: Any) -> None:
    """Refuse two different functions under one name.

    The same one may be defined again: by a cell of a notebook, by a reload, by an import under a second name.

    Parameters
    ----------
    name : str
        The name.
    function, other : callable
        What is bound under it, and what was.

    Raises
    ------
    BindError
        With both places.
    """
    if inspect.unwrap(function) is inspect.unwrap(other):
        return
    source = _source(function)
    if source is not None and source == _source(other):
        return
    # Of lambdas and partials, a module has many that are called alike.
    named = name.rpartition(".")[2] == getattr(function, "__name__", None)
    if not named or _identity(function) != _identity(other):
        raise BindError(
            f"two functions are bound as {name!r}: {_place(other)} and {_place(function)}. "
            f"Give one another name: name='…'."
        )


def _source(function: Any) -> tuple[str, int, str] | None:
    """Give the file and line of a definition, and its name there; None for what is not written in Python."""
    inner = function.__init__ if isinstance(function, type) else function  # type: ignore[misc]  # only to read it
    code = getattr(inspect.unwrap(inner), "__code__", None)
    return code and (code.co_filename, code.co_firstlineno, getattr(function, "__qualname__", ""))


def _place(function: Any) -> str:
    """Give ``module.qualname (file:line)``."""
    source = _source(function)
    where = f" ({source[0]}:{source[1]})" if source else ""
    return f"{_identity(function)}{where}"


def _identity(function: Any) -> str:
    """Give the full name of what was bound; a partial has none and is told by its type."""
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{getattr(function, '__module__', None) or type(function).__module__}.{name}"
