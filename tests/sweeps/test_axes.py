"""Grids: axes crossed or zipped."""

from __future__ import annotations

import pytest
from click.core import ParameterSource

from clickbind.errors import UserError
from clickbind.keys import Key
from clickbind.layers import ResolvedValue
from clickbind.sweeps.axes import Axis, Choice, Grid


def axis(name: str, *labels: str) -> Axis:
    """Make an axis whose values are their labels."""
    key = Key(*name.split(".", 1))
    values = {label: ResolvedValue(label, ParameterSource.COMMANDLINE, "") for label in labels}
    choices = [Choice([f"--{name}", label], {key: value}, label) for label, value in values.items()]
    return Axis(name, choices)


def points(*axes: Axis, zips: tuple[str, ...] = ()) -> list[str]:
    """Return the points of a grid as words."""
    grid = Grid(axes, zips)
    found = ["".join(choice.label for choice in point) for point in grid]
    assert len(found) == len(grid)
    return found


def test_axes_are_crossed_the_last_one_fastest() -> None:
    assert points(axis("f.a", "1", "2"), axis("f.b", "x", "y")) == ["1x", "1y", "2x", "2y"]


def test_without_axes_there_is_one_point() -> None:
    assert points() == [""]


def test_zipped_axes_go_together() -> None:
    axes = [axis("f.a", "1", "2"), axis("f.b", "x", "y"), axis("f.c", "p", "q")]
    assert points(*axes, zips=("f.a,c",)) == ["1xp", "1yp", "2xq", "2yq"]
    assert points(*axes, zips=("a,b,c",)) == ["1xp", "2yq"]
    assert points(axis("f.a-b", "1"), zips=("a_b",)) == ["1"]


@pytest.mark.parametrize(
    ("zips", "message"),
    [
        (("f.a,nothing",), "--zip: 'nothing' is not a swept parameter; these are f.a, f.b, g.b."),
        (("f.a,f.d",), "--zip: 'f.d' is not a swept parameter; these are f.a, f.b, g.b. Did you mean 'f.b'?"),
        (("f.a,b",), "--zip: 'b' can be several of the swept parameters: f.a, f.b, g.b."),
        (("f.a,f.b",), "--zip: f.a has 2 values, but f.b has 3 values."),
        (("f.a,g.b", "g.b,f.a"), "--zip: f.a is in two groups."),
    ],
)
def test_a_wrong_zip_is_refused(zips: tuple[str, ...], message: str) -> None:
    axes = [axis("f.a", "1", "2"), axis("f.b", "x", "y", "z"), axis("g.b", "x", "y")]
    with pytest.raises(UserError) as error:
        Grid(axes, zips)
    found = error.value.message
    assert found == message or found.startswith(message.partition(" Did")[0])


def test_without_any_axis_a_zip_is_refused() -> None:
    with pytest.raises(UserError, match="these are none"):
        Grid([], ("a,b",))
