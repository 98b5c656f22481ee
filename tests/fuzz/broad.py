"""A program that has a parameter of each kind."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

import annotated_types as at

import clickbind

__all__ = ["NAMES", "RAN", "binder", "main"]


class Color(enum.Enum):
    RED = 1
    GREEN = 2


class Mode(enum.Flag):
    READ = 1
    WRITE = 2


class Pair(NamedTuple):
    left: int = 1
    right: str = "r"


class Table(TypedDict, total=False):
    name: str
    size: int


@dataclass(frozen=True)
class Frozen:
    items: Any = ()
    size: int = 1


@dataclass
class Tree:
    name: str = ""
    pair: Pair = Pair()  # noqa: RUF009 - it is a tuple
    inner: list[Tree] = field(default_factory=list)


RAN: list[str] = []
"""What ran."""
binder = clickbind.Binder("prog", version="1", envvar_prefix="FUZZ")


@binder.context
@contextmanager
def around(level: Annotated[Decimal, at.Gt(0)] = Decimal(1)) -> Iterator[None]:
    RAN.append("around")
    yield


@binder.bind("inner")
def helper(rate: Annotated[float, at.MultipleOf(0.1)] = 0.1, keys: dict[tuple[int, str], Decimal] = {}) -> None: ...  # noqa: B006 - as people write it


@binder.stage
def f(  # noqa: PLR0917 - one of each
    a: Any = None,
    i: Annotated[int, at.MultipleOf(3)] = 3,
    x: Annotated[float, at.Lt(10)] = 1.0,
    s: Annotated[str, at.MaxLen(5)] = "",
    b: bool = False,
    c: complex = 1j,
    d: dt.date | None = None,
    t: dt.time | str = "",
    z: dt.datetime | int = 1,
    delta: dt.timedelta = dt.timedelta(),
    u: uuid.UUID | Path | None = None,
    dec: Annotated[Decimal, at.Ge(0), at.MultipleOf(Decimal("0.5"))] = Decimal(0),
    frac: Fraction = Fraction(0),
    pattern: re.Pattern[str] | str = "",
    path: Path | bytes = Path(),
    ip: ipaddress.IPv4Network | ipaddress.IPv6Address | None = None,
    color: Color = Color.RED,
    mode: Mode = Mode.READ,
    word: Literal["1", 1, True, "x"] | None = "x",
    items: list[int | str] = [],  # noqa: B006 - as people write it
    lots: list[list[Decimal]] = [],  # noqa: B006 - as people write it
    pair: tuple[int, Color] = (1, Color.RED),
    table: dict[Decimal, list[int]] = {},  # noqa: B006 - as people write it
    keyed: dict[Frozen, Any] = {},  # noqa: B006 - as people write it
    anyset: set[Decimal | str] = set(),  # noqa: B006 - as people write it
    frozen: frozenset[Frozen] = frozenset(),
    typed: Table = {"size": 1},  # noqa: B006 - as people write it
    tree: Tree = Tree(),  # noqa: B008 - as people write it
    trees: list[Tree] = [],  # noqa: B006 - as people write it
    call: Callable[..., Any] | None = None,
    raw: bytes = b"",
) -> None:
    RAN.append("f")
    helper()


main = binder.command()
NAMES = [key.text for key, _, _ in binder._registry.walk()]
