"""Replace calls of libraries by shortcuts, which handle only the usual cases, but faster.

The library defines the right result. A shortcut returns None if it is not sure, and its caller then calls the library.
The variable ``CLICKBIND_PLAIN`` turns shortcuts off here: all of them with ``CLICKBIND_PLAIN=1``, which changes only
the time that a program takes, and some of them by name for measuring, ``CLICKBIND_PLAIN=numpydoc,rows``.
`benchmarks/RESULTS.md` lists how much time each of them saves. The shortcuts that every run takes are in this module.
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
    "yaml_line",
    "yaml_subset",
]

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from . import completion, numpydoc, rows, wrapping, yaml_line, yaml_subset

    F = TypeVar("F", bound=Callable[..., Any])
else:  # hidden from mypy, which then reports a misspelt name
    __getattr__ = attach(__name__, ("completion", "numpydoc", "rows", "wrapping", "yaml_line", "yaml_subset"))

_OFF = frozenset(os.environ.get("CLICKBIND_PLAIN", "").split(","))


def shortcut(name: str) -> Callable[[F], F]:
    """Mark a function as a shortcut: if it is turned off, the function always returns None."""
    off: Any = _unsure

    def decorate(function: F) -> F:
        return function if _OFF.isdisjoint(("1", name)) else off

    return decorate


def _unsure(*_: object, **__: object) -> None:
    """Return None, so that the caller calls the library."""


class Paused:
    """A pause of the garbage collector while many objects are made that stay.

    The collector would walk these objects again and again without finding any to free, which takes half of the time of
    reading a large file, and a fiftieth of a start.

    Parameters
    ----------
    aging : bool
        Whether all objects become old afterwards, so that they are not walked once more as young ones. That is done
        only in a program that is starting, whose objects come from imports: not after the first full collection, when
        the program has objects of its own, and not where some are frozen, by the program or by Python 3.12 itself.
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
    """Pause the collector; return whether it was on."""
    was_on = gc.isenabled()
    gc.disable()
    return was_on


@shortcut("collector")
def skip_last_collection() -> None:
    """Keep the collector from walking imported objects when the process ends, which takes a tenth of a completion.

    Call it only in a process with nothing left to close: this last walk writes the files that modules hold open.
    """
    gc.freeze()


@shortcut("signals")
def signals() -> Any:
    """Return the C half of `signal`. The Python half makes enums of all numbers, which takes a fiftieth of a run."""
    import _signal  # type: ignore[import-not-found]  # noqa: PLC0415 - its stubs are those of `signal`

    return _signal
