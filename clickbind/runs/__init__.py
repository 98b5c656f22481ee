"""A run in progress: its turns, the contexts around them, and what observes it."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = ["coroutines", "debugging", "futures", "plan", "run", "signal"]

if TYPE_CHECKING:
    import signal
    from concurrent import futures

    from . import coroutines, debugging, plan, run
else:  # a name that does not exist is a type error then
    __getattr__ = attach(__name__, __all__, futures="concurrent.futures", signal="signal")
