"""The types of the parameters of generated programs, each with the values that every source can give.

A value that one source cannot give is not in here: the text ``none`` is None on the line, for instance.
"""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .models import Access, Account, Color, Crop, Folder, Level, Optim, Point, Schedule, Window, swish

__all__ = ["BEGINS", "ENDS", "Kind", "kinds", "secret_kinds"]

BEGINS, ENDS = "k3yQ", "Qtr0v3"
"""Both ends of every secret: half of one is looked for too."""


@dataclass(frozen=True, repr=False)
class Kind:
    """A type of a parameter.

    Attributes
    ----------
    hint : str
        The annotation; empty if the default tells the type.
    values : strategy
        Its values.
    is_switch : bool
        Whether its option takes no value.
    has_fields : bool
        Whether it has an option per field.
    is_secret : bool
        Whether its values are secrets.
    is_flow : bool
        Whether words would be a text for it, and not a list.
    chooses : bool
        Whether a value says which class it is of.
    """

    hint: str
    values: SearchStrategy[Any]
    is_switch: bool = False
    has_fields: bool = False
    is_secret: bool = False
    is_flow: bool = False
    chooses: bool = False

    def __repr__(self) -> str:
        return self.hint


def _is_text(text: str) -> bool:
    return text.lower() not in {"none", "null"}


letters = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
texts = st.one_of(
    st.sampled_from(
        ["", " ", "a b", "1", "no", "1e3", "$x", "${x}", "$$", "'", '"', "[a", "{", "#", "- a", "a: b", "~"]
    ),
    st.text(letters, max_size=8),
).filter(_is_text)
words = st.from_regex(r"[g-m][g-m ]{0,5}[g-m]", fullmatch=True).filter(_is_text)  # no number, date or null
integers = st.integers(-(10**20), 10**20)
floats = st.floats()
finite = st.floats(allow_nan=False, allow_infinity=False)
paths = st.from_regex(r"[a-z][a-z.]{0,4}(/[a-z]{1,3}){0,2}", fullmatch=True).map(Path)
times = st.times().map(lambda time: time.replace(fold=0))
durations = st.timedeltas(dt.timedelta(-(10**6)), dt.timedelta(10**6))
secrets = st.text(st.sampled_from("abX01 '\"\n:#{}[]&*!|>%@`\\,-?=$\t~é"), max_size=8).map(f"{BEGINS}{{}}{ENDS}".format)
schedules = st.builds(Schedule, integers, st.sampled_from(["linear", "cosine"]))
points = st.builds(Point, integers, integers)
optims = st.builds(Optim, finite, st.tuples(finite, finite), schedules)
windows = st.builds(Window, st.integers(1, 10**9), texts)

SCALARS: list[Kind] = [
    Kind("str", texts),
    Kind("int", integers),
    Kind("float", floats),
    Kind("complex", st.complex_numbers(allow_nan=False, allow_infinity=False)),
    Kind("bytes", texts.map(str.encode)),
    Kind("Path", paths),
    Kind("Folder", paths.map(lambda path: Folder(str(path)))),
    Kind("Color", st.sampled_from(Color)),
    Kind("Level", st.sampled_from(Level)),
    Kind("Access", st.sampled_from(Access)),
    Kind("Literal['fast', 'slow', 3]", st.sampled_from(["fast", "slow", 3])),
    Kind("datetime.date", st.dates()),
    Kind("datetime.datetime", st.datetimes().map(lambda moment: moment.replace(fold=0))),
    Kind("datetime.time", times),
    Kind("datetime.timedelta", durations),
    Kind("UUID", st.uuids()),
    Kind("Decimal", st.decimals(allow_nan=False, allow_infinity=False)),
    Kind("Fraction", st.fractions(max_denominator=10**6)),
    Kind("IPv4Address", st.ip_addresses(v=4)),
    Kind("IPv4Network", st.ip_addresses(v=4).map(ipaddress.IPv4Network)),
    Kind("IPv6Address", st.ip_addresses(v=6)),
    Kind("re.Pattern[str]", st.sampled_from(["a+", "(?i)[a-c]|d", "", r"\d $"]).map(re.compile)),
    Kind("Annotated[int, annotated_types.Interval(ge=0, le=255)]", st.integers(0, 255)),
]
UNIONS: list[Kind] = [
    Kind("int | str", integers | words),
    Kind("float | Literal['auto']", finite | st.just("auto")),
    Kind("datetime.date | str", st.dates() | words),
    Kind("Color | int", st.sampled_from(Color) | integers),
    Kind("bool | str", st.booleans() | words),
    Kind("list[int] | str", st.lists(integers, min_size=1, max_size=3) | words, is_flow=True),
    Kind(
        "Decimal | Path", st.decimals(allow_nan=False, allow_infinity=False) | paths.filter(lambda p: p.name != "inf")
    ),
    Kind("Any", integers | finite | st.booleans() | st.lists(integers | words, max_size=3), is_flow=True),
]
OTHERS: list[Kind] = [
    Kind("Callable[[float], float]", st.sampled_from([swish, math.sqrt])),
    Kind("type[os.PathLike]", st.sampled_from([Folder, os.PathLike])),
    Kind("list", st.lists(integers | words, max_size=3)),
    Kind("Annotated[list[str], annotated_types.Len(1, 2)]", st.lists(texts, min_size=1, max_size=2)),
    Kind("list[Point]", st.lists(points, max_size=2)),
    Kind("dict[str, Optim]", st.dictionaries(words, optims, max_size=2)),
    Kind("list[Optim | Window]", st.lists(optims | windows, max_size=2), chooses=True),
]
SWITCHES: list[Kind] = [
    Kind("bool", st.booleans(), is_switch=True),
    Kind("bool | None", st.booleans() | st.none(), is_switch=True),
]
FIELDS: list[Kind] = [
    Kind("Optim", optims, has_fields=True),
    Kind("Point", points, has_fields=True),
    Kind(
        "Crop",
        st.builds(Crop, width=integers, height=integers),
        has_fields=True,
    ),
    Kind("Window", windows, has_fields=True),
    Kind("Optim | None", optims | st.none(), has_fields=True),
    Kind("Optim | Window", optims | windows, has_fields=True, chooses=True),
    Kind("Point | Window | None", points | windows | st.none(), has_fields=True, chooses=True),
]
SECRETS: list[Kind] = [
    Kind("Annotated[str, clickbind.Option(secret=True)]", secrets, is_secret=True),
    Kind("Annotated[str | None, clickbind.Option(secret=True)]", secrets | st.none(), is_secret=True),
    Kind("Annotated[list[str], clickbind.Option(secret=True)]", st.lists(secrets, max_size=2), is_secret=True),
    Kind("Account", st.builds(Account, secrets, words), has_fields=True, is_secret=True),
]


def optional(kind: Kind) -> Kind:
    """Make a kind whose values may be None."""
    return Kind(f"{kind.hint} | None", kind.values | st.none())


def _collection(form: str, made: Callable[..., SearchStrategy[Any]]) -> Callable[[Kind], Kind]:
    return lambda kind: Kind(form.format(kind.hint), made(kind.values))


def _pair(one: Kind, two: Kind) -> Kind:
    return Kind(f"tuple[{one.hint}, {two.hint}]", st.tuples(one.values, two.values))


def _table(one: Kind, two: Kind) -> Kind:
    return Kind(f"dict[{one.hint}, {two.hint}]", st.dictionaries(one.values, two.values, max_size=3))


scalars = st.sampled_from(SCALARS)
hashable = scalars.filter(lambda kind: kind.hint not in {"float", "re.Pattern[str]"})
keys = st.sampled_from([kind for kind in SCALARS if kind.hint in {"int", "Color", "datetime.date", "Decimal", "Path"}])
items = st.one_of(scalars, scalars.map(optional))
lists = items.map(_collection("list[{}]", lambda inner: st.lists(inner, max_size=3)))
secret_kinds = st.sampled_from(SECRETS)
kinds = st.one_of(
    scalars,
    scalars.map(optional),
    st.sampled_from(UNIONS),
    st.sampled_from(OTHERS),
    st.sampled_from(SWITCHES),
    st.sampled_from(FIELDS),
    secret_kinds,
    lists,
    lists.map(optional),
    lists.map(_collection("list[{}]", lambda inner: st.lists(inner, max_size=2))),
    items.map(_collection("tuple[{}, ...]", lambda inner: st.lists(inner, max_size=3).map(tuple))),
    hashable.map(_collection("set[{}]", lambda inner: st.sets(inner, max_size=3))),
    hashable.map(_collection("frozenset[{}]", lambda inner: st.frozensets(inner, max_size=3))),
    st.builds(_pair, scalars, items),
    st.builds(_table, keys, items),
    st.builds(_table, keys, lists),
)
