"""The garbage collector, while much is made that stays: it would walk that again and again, and find nothing."""

from __future__ import annotations

import gc

__all__ = ["Paused"]


class Paused:
    """Pauses the collector: of a large file it takes half of the time.

    Parameters
    ----------
    aging : bool
        Whether what has been made by the end counts as old, and is walked as seldom as that. So much is worth a
        fiftieth of a start, which is imports mostly.
    """

    __slots__ = ("_aging", "_enabled")

    def __init__(self, *, aging: bool = False) -> None:
        self._aging = aging

    def __enter__(self) -> None:
        self._enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if not self._enabled:
            return
        if self._aging and not gc.get_freeze_count():  # what a program has frozen is to stay so
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        gc.enable()
