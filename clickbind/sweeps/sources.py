"""Say which jobs a driver runs: those of a list, or others that come while it runs."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from .. import journal

__all__ = ["Listed", "Source"]


class Source(Protocol):
    """Where a driver gets its jobs from."""

    @property
    def total(self) -> int:
        """How many jobs it has had, and still has."""

    def take(self) -> str | None:
        """Return the name of the next job; None if there is none until another one has ended."""

    def ended(self, name: str, found: journal.records.Record) -> None:
        """Note how a job ended."""

    def stop(self) -> None:
        """Have no more jobs, since the driver was interrupted."""


class Listed:
    """The jobs of a list.

    Parameters
    ----------
    names : iterable of str
        The names of their folders.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._waiting = list(names)[::-1]
        self.total = len(self._waiting)

    def take(self) -> str | None:
        """Return the next name."""
        return self._waiting.pop() if self._waiting else None

    def ended(self, name: str, found: journal.records.Record) -> None:
        """Do nothing: no job depends on another one."""

    def stop(self) -> None:
        """Forget the names that are left."""
        self._waiting.clear()
