"""Choose points of a space at random: ranges of numbers, and axes with a few values."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from random import Random

from .axes import Axis, Grid, Point

__all__ = ["Space", "grid_of"]

_REPEATS = 10_000  # draws without a new point, after which no more are expected


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
        points = self._walk(Random(seed))  # noqa: S311 - no secret
        while len(found) < most and repeats <= _REPEATS:
            before, point = len(found), next(points)
            found.setdefault(tuple(choice.label for choice in point), point)
            repeats = 0 if len(found) > before else repeats + 1
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
