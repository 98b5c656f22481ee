"""Run stages that are coroutines."""

from __future__ import annotations

import asyncio
import contextvars
from collections.abc import Coroutine
from typing import Any

from .. import runs

__all__ = ["finish", "is_in_loop"]


def is_in_loop() -> bool:
    """Return whether this thread runs an event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True


def finish(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on a new event loop, in a new thread if this one already runs a loop."""
    if not is_in_loop():
        return asyncio.run(coroutine)
    with runs.futures.ThreadPoolExecutor(1) as executor:
        return executor.submit(contextvars.copy_context().run, asyncio.run, coroutine).result()
