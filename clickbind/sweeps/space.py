"""Choose points of a space at random: ranges of numbers, and axes with a few values."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from random import Random
from typing import NamedTuple

from click import ClickException

from ..errors import ClickbindError, UserError
from .axes import Axis, Choice, Grid, Point

__all__ = ["Range", "Space", "Span", "grid_of"]

_DIGITS = 6
"""The significant digits of a float: more are noise to a reader, and to most parameters."""

_REPEATS = 10_000  # draws without a new point, after which no more are expected


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
        if not all(map(math.isfinite, (self.low, self.high))):
            raise UserError(f"{place}: expected a range with finite ends, got {self.low}..{self.high}.")
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


class Space:
    """The axes of a search.

    Parameters
    ----------
    axes : sequence of Axis
        The axes, which have a span or a few values each.
    """

    def __init__(self, axes: Sequence[Axis]) -> None:
        self.axes = list(axes)

    @property
    def size(self) -> float:
        """The number of points; infinite with floats."""
        found = 1.0
        for axis in self.axes:
            span = axis.span
            if span is None:
                found *= len(axis.choices)
            else:
                found *= float(span.range.high - span.range.low + 1) if span.range.whole else math.inf
        return found

    def points(self, count: int, seed: int) -> list[Point]:
        """Return different points, fewer if the space has no more.

        The points of a smaller count are the first of those of a larger one.

        Parameters
        ----------
        count : int
            The number of points.
        seed : int
            What decides which they are.
        """
        found: dict[tuple[str, ...], Point] = {}
        most = min(count, self.size)
        repeats = 0
        for point in self._walk(Random(seed)):  # noqa: S311 - no secret
            before = len(found)
            found.setdefault(tuple(choice.label for choice in point), point)
            repeats = 0 if len(found) > before else repeats + 1
            if len(found) >= most or repeats > _REPEATS:
                break
        return list(found.values())

    def _walk(self, random: Random) -> Iterator[Point]:
        while True:
            yield tuple(
                axis.choices[int(random.random() * len(axis.choices))]
                if axis.span is None
                else axis.span.at(axis.span.range.draw(random))
                for axis in self.axes
            )

    def described(self) -> list[str]:
        """Describe the axes that have several values, for people."""
        return [
            f"{axis.name} {axis.span.range.text}" if axis.span else f"{axis.name} \N{MULTIPLICATION SIGN} {count}"
            for axis in self.axes
            for count in (len(axis.choices),)
            if axis.span or count > 1
        ]


def grid_of(axes: Sequence[Axis], point: Point) -> Grid:
    """Return the grid that has one point only."""
    return Grid(
        [
            Axis(axis.name, [choice], axis.turn, from_file=axis.from_file)
            for axis, choice in zip(axes, point, strict=True)
        ]
    )
