"""Hold the values of an axis: some choices, or a range of numbers."""

from __future__ import annotations

import math
from collections.abc import Callable
from random import Random
from typing import NamedTuple

from click import ClickException

from ..errors import ClickbindError, UserError
from ..layers import Layer

__all__ = ["Choice", "Range", "Span"]

_DIGITS = 6
"""The significant digits of a float: more are noise to a reader, and to most parameters."""

_MOST_INT = 2**53  # floats tell larger ones no longer apart


class Choice:
    """One value of an axis.

    Attributes
    ----------
    words : list of str
        The words that set it on a line: ``--lr .1``, ``--no-shuffle``.
    layer : Layer
        The value; from a file, those of all keys that the entry sets.
    label : str
        The value as people see it: ``0.1`` for the text ``.1``.
    """

    __slots__ = ("label", "layer", "words")

    def __init__(self, words: list[str], layer: Layer, label: str) -> None:
        self.words = words
        self.layer = layer
        self.label = label


class Range(NamedTuple):
    """A range of numbers, both ends included.

    Attributes
    ----------
    low, high : int or float
        The ends.
    whole : bool
        Whether its numbers are ints.
    log : bool
        Whether they are drawn on a logarithmic scale.
    """

    low: float
    high: float
    whole: bool
    log: bool = False

    @property
    def text(self) -> str:
        """The range as a line has it: ``0.0001..0.1``."""
        return f"{self.low}..{self.high}{' log' if self.log else ''}"

    def check(self, place: str) -> None:
        """Check that it has several numbers, and has a logarithm if it needs one.

        Raises
        ------
        UserError
            If not; the message begins with the place.
        """
        if not all(abs(end) < (_MOST_INT if self.whole else math.inf) for end in (self.low, self.high)):
            raise UserError(f"{place}: the ends of the range have to be numbers{' below 2**53' if self.whole else ''}.")
        if self.low >= self.high:
            raise UserError(f"{place}: the range {self.low}..{self.high} is empty: its low end comes first.")
        if self.log and self.low <= 0:
            raise UserError(f"{place}: a log scale needs a range above 0, and this one begins at {self.low}.")

    def draw(self, random: Random) -> float:
        """Draw a number. It uses only what Python promises to repeat in all versions: ``random()``."""
        share = random.random()
        end = self.high + 1 if self.whole else self.high  # the share never is 1
        if self.log:
            found = math.exp(math.log(self.low) * (1 - share) + math.log(end) * share)
        elif self.whole:
            found = self.low + int((end - self.low) * share)  # an int of any size
        else:
            found = self.low * (1 - share) + end * share  # the width may be more than the largest float
        return self.kept(int(found) if self.whole else found)

    def kept(self, number: float) -> float:
        """Return a number that is not outside the range, where rounding may have brought it."""
        return min(max(number, self.low), self.high)

    def rounded(self, number: float) -> float:
        """Return a number with a few significant digits."""
        return number if self.whole else self.kept(float(f"{number:.{_DIGITS}g}"))


class Span:
    """The values of an axis that has a range.

    Parameters
    ----------
    range : Range
        The range.
    make : callable
        Makes the value of a text.

    Attributes
    ----------
    range
        As given.
    """

    __slots__ = ("_make", "range")

    def __init__(self, range: Range, make: Callable[[str], Choice]) -> None:
        self.range = range
        self._make = make

    def at(self, number: float) -> Choice:
        """Return the value at a number, rounded unless it is an open bound of the parameter then."""
        try:
            return self._make(repr(self.range.rounded(number)))
        except (ClickException, ClickbindError):
            return self._make(repr(number))

    def labelled(self, label: str) -> Choice:
        """Return the value that has a label."""
        return self._make(label)

    def number(self, choice: Choice) -> float:
        """Return the number of a value."""
        return self.range.kept(int(choice.label) if self.range.whole else float(choice.label))

    def scaled(self) -> Span:
        """Return the same with a logarithmic scale."""
        return Span(self.range._replace(log=True), self._make)
