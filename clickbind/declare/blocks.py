"""Hold the blocks of a text without markup: paragraphs, and lines that are kept."""

from __future__ import annotations

import re
from collections.abc import Sequence

__all__ = ["STEP", "Block", "dedented", "trimmed", "width_of"]

STEP = 2
"""The columns by which a block that is inside of something else is indented."""


class Block:
    """A paragraph, or lines that are not joined.

    Attributes
    ----------
    lines : list of str
        The lines. A paragraph has one.
    indent : int
        The columns before each line.
    kept : bool
        Whether the lines are kept as they are.
    listed : bool
        Whether the lines are items of a list.
    """

    __slots__ = ("indent", "kept", "lines", "listed")

    def __init__(self, lines: list[str], indent: int, *, kept: bool = False, listed: bool = False) -> None:
        self.lines = lines
        self.indent = indent
        self.kept = kept
        self.listed = listed

    @property
    def text(self) -> str:
        """The block in Click's form, in which an empty line ends a block that is kept."""
        parts = "\n".join(f"{'':{self.indent}}{line}" if line else "" for line in self.lines)
        return "\n\n".join(f"\b\n{part}" for part in re.split(r"\n{2,}", parts)) if self.kept else parts

    @property
    def brief(self) -> str:
        """The block in one line."""
        return " ".join(" ".join(self.lines).split())


def width_of(line: str) -> int:
    """Return the indentation of a line."""
    return len(line) - len(line.lstrip())


def trimmed(lines: Sequence[str]) -> list[str]:
    """Remove empty lines at both ends."""
    first = next((number for number, line in enumerate(lines) if line), len(lines))
    last = next((number for number, line in enumerate(reversed(lines)) if line), 0)
    return list(lines[first : len(lines) - last])


def dedented(lines: Sequence[str]) -> list[str]:
    """Remove the common indentation, and empty lines at both ends."""
    kept = trimmed(lines)
    least = min((width_of(line) for line in kept if line), default=0)
    return [line[least:] for line in kept]
