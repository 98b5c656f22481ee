"""What can be bound: the name that it goes by, the names around it, and context managers of every kind."""

from __future__ import annotations

import contextlib
import inspect
import sys
from typing import Any

from .errors import BindError

__all__ = ["context_manager", "local_names", "name_of"]


def name_of(function: Any) -> str:
    """Give the name that keys begin with: ``train``, ``Class``, ``Class.method``."""
    if isinstance(function, type):
        return function.__name__
    qualified = getattr(function, "__qualname__", None)
    if qualified is None:
        raise BindError(f"{function!r} has no name to bind under. Give one: name='…'.")
    outer, _, own = qualified.rpartition("<locals>.")[2].rpartition(".")
    return f"{outer}.{own}" if outer else str(own)


def local_names(function: Any) -> dict[str, Any] | None:
    """Give the names around a function that is defined inside another one: its string annotations may use them."""
    if "<locals>" not in getattr(function, "__qualname__", ""):
        return None
    frame = sys._getframe(1)  # noqa: SLF001 - as namedtuple and typing do; what calls `bind`, `stage` or `context`
    while frame is not None and str(frame.f_globals.get("__name__")).startswith("clickbind."):
        frame = frame.f_back  # type: ignore[assignment]
    return {} if frame is None else dict(frame.f_locals)


def context_manager(function: Any) -> Any:
    """Make a generator function into a context manager; refuse an async one."""
    inner = inspect.unwrap(function)
    if inspect.isasyncgenfunction(inner) or inspect.iscoroutinefunction(inner) or hasattr(function, "__aenter__"):
        raise BindError(
            f"{function!r} is an async context manager, and those cannot be bound yet: make it a plain one."
        )
    return contextlib.contextmanager(function) if inspect.isgeneratorfunction(function) else function
