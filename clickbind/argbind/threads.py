"""Let other threads see the scopes that the main thread has entered, if there is no run."""

from __future__ import annotations

import contextlib
import sys
import threading
from collections.abc import Iterator

from ..calls.scopes import Frame, nearest, progress_of

__all__ = ["seen_by_threads"]


class _Entered:
    """The scopes that the main thread has entered, for threads that enter none themselves.

    Attributes
    ----------
    frames : list of Frame
        The frames of the scopes, the innermost last.
    """

    def __init__(self) -> None:
        self.frames: list[Frame] = []

    @property
    def frame(self) -> Frame | None:
        """The frame that such a thread sees."""
        return next(iter(self.frames[-1:]), None)  # the main thread may leave them at the same time


@contextlib.contextmanager
def seen_by_threads(frame: Frame) -> Iterator[None]:
    """Let threads that enter no scope see the one that the main thread has entered, unless they see a run.

    Parameters
    ----------
    frame : Frame
        The frame of the scope.
    """
    asyncio = sys.modules.get("asyncio")
    in_task = asyncio is not None and asyncio._get_running_loop() is not None  # noqa: SLF001 - the public function raises without a loop
    if in_task or threading.current_thread() is not threading.main_thread():
        yield
        return
    runs = progress_of(frame.registry).runs
    below = nearest(frame.below, frame.registry)
    entries = [] if below is None else [below.entry]  # frames may have been rebuilt; their entries are the same
    entered = next((one for one in runs if any(held.entry in entries for held in one.frames)), None)
    if entered is None:
        entered = _Entered()
        runs.append(entered)
    entered.frames.append(frame)
    try:
        yield
    finally:
        entered.frames.remove(frame)
        if not entered.frames:
            runs.remove(entered)
