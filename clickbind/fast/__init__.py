"""Shortcuts around libraries: each does for the usual case, and faster, what a library does in all cases.

The library is the truth. A shortcut answers None when it is not sure, and its caller asks the library then. The
variable ``CLICKBIND_PLAIN`` turns shortcuts off here: all of them with ``CLICKBIND_PLAIN=1``, which changes the time
that a program takes and nothing else, and some of them by name for measuring, ``CLICKBIND_PLAIN=numpydoc,rows``.
`benchmarks/RESULTS.md` lists what each of them saves. Those that every run takes are in this module.
"""

from __future__ import annotations

import gc
import os
from typing import TYPE_CHECKING, Any

from .._lazy import attach

__all__ = [
    "Paused",
    "completion",
    "numpydoc",
    "rows",
    "shortcut",
    "signals",
    "skip_last_collection",
    "wrapping",
    "yaml_subset",
]

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from . import completion, numpydoc, rows, wrapping, yaml_subset

    F = TypeVar("F", bound=Callable[..., Any])
else:  # a name that does not exist is a type error then
    __getattr__ = attach(__name__, ("completion", "numpydoc", "rows", "wrapping", "yaml_subset"))

_OFF = frozenset(os.environ.get("CLICKBIND_PLAIN", "").split(","))


def shortcut(name: str) -> Callable[[F], F]:
    """Decorate a function that may return None: if its shortcut is turned off, it always does."""
    off: Any = _unsure

    def decorate(function: F) -> F:
        return function if _OFF.isdisjoint(("1", name)) else off

    return decorate


def _unsure(*_: object, **__: object) -> None:
    """Leave it to the library."""


class Paused:
    """Pauses the garbage collector while much is made that stays: it would walk that again and again, and find nothing.

    It takes half of the time in which a large file is read, and a fiftieth of a start.

    Parameters
    ----------
    aging : bool
        Whether all objects count as old afterwards, so that they are not walked as young ones once more. A program that
        is only starting has nothing but imports. After its first full collection it has a heap of its own, and is left
        alone; so is one that has frozen some.
    """

    __slots__ = ("_aging", "_resumes")

    def __init__(self, *, aging: bool = False) -> None:
        self._aging = aging

    def __enter__(self) -> None:
        self._resumes = _pause()

    def __exit__(self, *_: object) -> None:
        if not self._resumes:
            return
        if self._aging and not gc.get_stats()[-1]["collections"] and not gc.get_freeze_count():
            gc.freeze()
            gc.unfreeze()  # into the oldest generation
        gc.enable()


@shortcut("collector")
def _pause() -> bool | None:
    """Pause the collector; whether it was on."""
    was_on = gc.isenabled()
    gc.disable()
    return was_on


@shortcut("collector")
def skip_last_collection() -> None:
    """Keep the collector from walking what was imported when the process ends: a tenth of a press of TAB.

    Only for a process that has nothing left to close: files that modules hold open are written by that last walk.
    """
    gc.freeze()


@shortcut("signals")
def signals() -> Any:
    """Return the C half of `signal`, which makes enums of all its numbers: that takes a fiftieth of a run."""
    import _signal  # type: ignore[import-not-found]  # noqa: PLC0415 - its stubs are those of `signal`

    return _signal
