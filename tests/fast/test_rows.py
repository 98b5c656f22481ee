"""Rows of the root's help: written as Click writes those of the options that they describe."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Annotated, Any, Literal

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clickbind
from clickbind.cli import help as texts
from clickbind.cli.option import dotted_option
from clickbind.fast import rows


class Colour(enum.Enum):
    RED = "red"
    BLUE = "blue"


TEXTS = st.text(st.sampled_from("ab {}%-.[]é"), max_size=12)
KINDS = st.sampled_from(
    [
        (int, 7),
        (int, None),
        (float, 1e-3),
        (bool, True),
        (bool, False),
        (bool | None, None),
        (str, ""),
        (str, "two words"),
        (str, "x" * 90),
        (Path, Path("data")),
        (list[int], [1, 2]),
        (list[str], []),
        (tuple[int, str], (1, "a")),
        (Literal["fast", "slow"], "slow"),
        (Colour, Colour.RED),
        (dict[str, int], {"a": 1}),
        (int | None, None),
    ]
)
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "help": TEXTS,
        "metavar": st.sampled_from(["N", "FILE"]),
        "secret": st.booleans(),
        "deprecated": st.booleans(),
    },
)


@given(
    st.lists(st.tuples(KINDS, OPTIONS), min_size=1, max_size=4),
    st.booleans(),
    st.booleans(),
    st.sampled_from(["stage", "bind"]),
)
def test_a_row_is_written_as_click_writes_it(
    parameters: list[Any], shows_default: bool, deprecated: bool, role: str
) -> None:
    def function(**_: Any) -> None:
        """Work."""

    parts = ", ".join(f"p{number}: kinds[{number}] = defaults[{number}]" for number in range(len(parameters)))
    names = {
        "kinds": [Annotated[kind, clickbind.Option(**marks)] for (kind, _), marks in parameters],
        "defaults": [default for (_, default), _ in parameters],
    }
    exec(f"def function({parts}): pass", names)
    binder = clickbind.Binder("prog")
    getattr(binder, role)(names["function"], deprecated=deprecated)
    main = binder.command(context_settings={"show_default": True} if shows_default else {})
    ctx = main.make_context("prog", [], resilient_parsing=True)
    writer = rows.Writer(ctx)
    [bound] = [bound for bound in binder._registry if bound.name == "function"]
    for name, spec in bound.options.items():
        option = dotted_option(bound.key(name), bound, spec)
        assert texts._row(bound, spec, writer, full=True) == option.get_help_record(ctx)
        option.is_brief = True
        assert texts._row(bound, spec, writer) == option.get_help_record(ctx)


@pytest.mark.parametrize(("deprecated", "shows"), [(True, False), ("Use y.", False), (False, True)])
def test_what_click_adds_to_a_row_is_left_to_it(*, deprecated: bool | str, shows: bool) -> None:
    ctx = click.Context(click.Command("prog"), show_default=shows)
    assert rows.Writer(ctx).row("--x", "N", "", {}, deprecated=deprecated) is None
