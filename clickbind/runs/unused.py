"""Warn of values that no call of a run took. Only a warning imports this module."""

from __future__ import annotations

from collections.abc import Sequence

from .. import output

__all__ = ["warn"]


def warn(origins: Sequence[str]) -> None:
    """Warn of all such values in one line, if there are any: by the options as typed, and the variables."""
    if not origins:
        return
    *others, last = dict.fromkeys(origins)
    if others:
        output.warn(f"{', '.join(others)} and {last} were given, but no call used them.")
    else:
        output.warn(f"{last} was given, but no call used it.")
