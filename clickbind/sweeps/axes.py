"""Span a grid: axes with several values each, crossed or zipped, and the plan of each point."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator, Sequence

from ..errors import UserError, suggest
from ..keys import Key, canonical
from ..layers import ResolvedValue, Values
from ..layers.plan import Plan, PlannedTurn
from .spans import Choice, Span

__all__ = ["Axis", "Choice", "Grid", "Point", "named", "plan_of"]


class Axis:
    """A parameter with several values.

    Attributes
    ----------
    name : str
        Its key, as tables show it.
    choices : list of Choice
        Its values, in the order of the line; of a range, the ends.
    turn : int or None
        The turn that the values are for, counted from 0; None if they apply to the whole run.
    from_file : bool
        Whether a file sets the values, so that the line and the environment beat them.
    span : Span or None
        The range of its values, for a search.
    """

    __slots__ = ("choices", "from_file", "name", "span", "turn")

    def __init__(
        self,
        name: str,
        choices: list[Choice],
        turn: int | None = None,
        *,
        from_file: bool = False,
        span: Span | None = None,
    ) -> None:
        self.name = name
        self.choices = choices
        self.turn = turn
        self.from_file = from_file
        self.span = span

    @property
    def keys(self) -> set[Key]:
        """The keys that it sets."""
        return {key for choice in self.choices for key in choice.layer}


Point = tuple[Choice, ...]
"""A value of each axis."""


class Grid:
    """The points of a sweep.

    Parameters
    ----------
    axes : sequence of Axis
        The axes. All combinations of their values are points; the last axis varies fastest.
    zips : sequence of str
        Keys that go together instead, separated by commas: ``train.lr,train.epochs``. The first values make one point,
        the second values the next one. Keys can be given by their ending.

    Raises
    ------
    UserError
        If a key is that of no axis, or of two, or axes that go together have different numbers of values.
    """

    def __init__(self, axes: Sequence[Axis], zips: Sequence[str] = ()) -> None:
        self.axes = list(axes)
        self._groups: list[list[int]] = []
        zipped: dict[int, list[int]] = {}
        for text in zips:
            group = sorted({named("--zip", name, self.axes) for name in text.split(",")})
            for index in group:
                if index in zipped:
                    raise UserError(f"--zip: {self.axes[index].name} is in two groups.")
                zipped[index] = group
            self._check_lengths(group)
        for index in range(len(self.axes)):
            group = zipped.get(index, [index])
            if index == group[0]:
                self._groups.append(group)

    def _check_lengths(self, group: list[int]) -> None:
        first, *others = (self.axes[index] for index in group)
        for other in others:
            if len(other.choices) != len(first.choices):
                one, two = (f"{axis.name} has {len(axis.choices)} values" for axis in (first, other))
                raise UserError(f"--zip: {one}, but {two}.")

    @property
    def names(self) -> list[str]:
        """The names of the axes."""
        return [axis.name for axis in self.axes]

    def __len__(self) -> int:
        return math.prod(len(self.axes[group[0]].choices) for group in self._groups)

    def __iter__(self) -> Iterator[Point]:
        """Walk the points, each with a choice for each axis in the order of the axes."""
        order = [index for group in self._groups for index in group]
        places = sorted(range(len(order)), key=order.__getitem__)
        lists = [list(zip(*(self.axes[index].choices for index in group), strict=True)) for group in self._groups]
        for combination in itertools.product(*lists):
            flat = [choice for part in combination for choice in part]
            yield tuple(flat[place] for place in places)


def named(flag: str, name: str, axes: Sequence[Axis]) -> int:
    """Return the number of the axis that an option names, by its key or the ending of that.

    Raises
    ------
    UserError
        If there is none, or several.
    """
    name = canonical(name.strip()).lstrip("_")
    endings = [canonical(axis.name) for axis in axes]
    found = [index for index, key in enumerate(endings) if key == name or key.endswith(f".{name}")]
    if len(found) == 1:
        return found[0]
    known = ", ".join(axis.name for axis in axes) or "none"
    if found:
        raise UserError(f"{flag}: {name!r} can be several of the swept parameters: {known}.")
    raise UserError(f"{flag}: {name!r} is not a swept parameter; these are {known}.{suggest(name, endings)}")


def plan_of(values: Values, turns: Sequence[PlannedTurn], point: Iterable[tuple[Axis, Choice]]) -> Plan:
    """Return the plan of a point: that of the line, with the point's values on top.

    Parameters
    ----------
    values : Values
        The values of the line.
    turns : sequence of PlannedTurn
        Its turns.
    point : iterable of (Axis, Choice)
        The point.
    """
    line, files = dict(values.line), dict(values.files)
    own: dict[int, dict[Key, ResolvedValue]] = {}
    for axis, choice in point:
        where = files if axis.from_file else line if axis.turn is None else own.setdefault(axis.turn, {})
        where.update(choice.layer)
    planned = [
        PlannedTurn(turn.stage, {**turn.line, **own.get(number, {})}, turn.files, turn.origin)
        for number, turn in enumerate(turns)
    ]
    return Plan(values.replace(line=line, files=files), planned)
