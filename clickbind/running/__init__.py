"""Run plans: enter contexts, run turns, and report to observers."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = ["coroutines", "futures", "observers", "run", "signal", "unused"]

if TYPE_CHECKING:
    import signal
    from concurrent import futures

    from . import coroutines, observers, run, unused
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(__name__, __all__, futures="concurrent.futures", signal="signal")
