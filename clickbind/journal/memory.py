"""Keep the record of a run that is not recorded, for its observers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from . import claims, place
from .observer import Journal

__all__ = ["Memory"]


class _NoClaim(claims.Claim):
    """The claim of no folder."""

    def beat(self) -> None:
        """Do nothing: nobody looks."""


class _Nowhere(place.Place):
    """The place of a run that is not recorded."""

    def begin(self) -> None:
        """Claim nothing."""
        self.claim = _NoClaim("", -1)

    def settle(self) -> bool:
        """Stay here."""
        return False


class Memory(Journal):
    """Observe a run, and keep its record up to date, which is written nowhere.

    Parameters
    ----------
    facts : mapping of str to object
        The attributes of the record that are known before the run begins.
    scrub : callable
        Hides the secrets of the run in a text.
    """

    def __init__(self, facts: Mapping[str, Any], scrub: Callable[[str], str] = str) -> None:
        super().__init__(_Nowhere(""), facts, {}, scrub)
        self.record.folder = ""

    def _write_all(self) -> None:
        pass

    def _write_record(self, *, last: bool = False) -> None:
        pass
