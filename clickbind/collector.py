"""The garbage collector, while much is made that stays: it would walk that again and again, and find nothing."""

from __future__ import annotations

import gc

__all__ = ["Paused"]


class Paused:
    """Pauses the collector. What has been made by the end counts as old, and is walked as seldom as that.

    A start, of which imports are nine tenths, is two hundredths shorter, and a large file takes half the time.
    """

    __slots__ = ("_enabled",)

    def __enter__(self) -> None:
        self._enabled = gc.isenabled()
        gc.disable()

    def __exit__(self, *_: object) -> None:
        if not self._enabled:
            return
        if not gc.get_freeze_count():  # what a program has frozen is to stay so
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        gc.enable()
