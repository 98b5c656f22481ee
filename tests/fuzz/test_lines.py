"""Whatever is on the line, in a file, a variable or a default map is a run or an error, as `promise` says."""

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import json
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
import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

import clickbind

from . import promise
from .effort import examples


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
ODD = """
nan sNaN -inf inf 0 -0 1 3 1e50 1e400 1e-400 0x10 1_000 1/0 1/3 1e999999999 none null ~ true yes RED READ|WRITE x=1 x=
= sNaN=1 [ ] { } [] {} [1,2] [[1],[sNaN]] {a:1} {a: 1} {? {items: [1]} : 1} {[1]: 2} {items: [1]} [{items: [1]}]
[{name: x, inner: [{}]}] "a 'a' "'" ( [a-z !!binary !!str !x &a *a <<: ${x} $x $$ ${ # - ? | > % @ ` os:path os:getcwd
a:b:c : :: fe80:: 1.2.3.4/33 2020-02-30 2020-01-01 25:61 1d 1w2 \\u0000 \\ud800
"""
TEXTS = st.one_of(
    st.sampled_from(
        [*ODD.split(), "", " ", "\0", "\ud800", "\x7f", "\u2028", "9" * 5000, "[" * 200, "a b", "\n", "😀"]
    ),
    st.text(max_size=6),
    st.lists(st.sampled_from(ODD.split()), max_size=4).map(" ".join),
)
KEYS = st.sampled_from(
    [
        *NAMES,
        "f",
        "run",
        "run.stages",
        "f.tree",
        "f.typed",
        "helper",
        "inner/helper.rate",
        "$vars",
        "$include",
        "args.x",
        "<<",
        "f.",
    ]
)
PLAIN = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**4000), st.binary(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
BOUNDED = examples(40)


# Python's own about patterns, as ever.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(line: list[str], **more: Any) -> Result:
    """Run a line, that may be wrong: then it says so."""
    return promise.check(main, line, ran=lambda: len(RAN), **more)


FLAGS = st.one_of(
    KEYS.map(lambda key: f"--{key}"),
    st.sampled_from(
        [
            "--config",
            "--save",
            "--diff",
            "--print-config",
            "--print-changed",
            "--debug",
            "--no-config",
            "f",
            "run",
            "--help",
            "--",
            "-",
            "-x",
        ]
    ),
    TEXTS.map(lambda text: f"--{text}"),
)
WORDS = st.one_of(FLAGS, TEXTS, st.tuples(FLAGS, TEXTS).map("=".join))


@BOUNDED
@given(st.lists(WORDS, max_size=6))
def test_any_line_is_a_run_or_an_error(line: list[str]) -> None:
    check(line)


@BOUNDED
@given(KEYS, TEXTS)
def test_any_text_for_any_option_is_a_value_or_an_error_and_a_value_is_printed(key: str, text: str) -> None:
    if check([f"--{key}", text, "f"]).exit_code == 0:
        check([f"--{key}", text, "--print-config", "f"])
        if check([f"--{key}", text, "--save", "s.yml", "f"]).exit_code == 0:
            assert check(["--config", "s.yml", "--diff", "s.yml", "f"]).exit_code == 0


@BOUNDED
@given(st.dictionaries(KEYS, TEXTS, max_size=3))
def test_any_file_is_read_or_an_error(entries: dict[str, str]) -> None:
    text = "".join(f"{key}: {value}\n" for key, value in entries.items())
    Path("f.yml").write_bytes(text.encode("utf-8", "surrogatepass"))
    check(["--config", "f.yml", "f"])
    check(["--diff", "f.yml", "f"])


@BOUNDED
@given(st.dictionaries(KEYS, PLAIN.filter(lambda value: "b'" not in repr(value)[:20000]), max_size=3))
def test_any_json_is_read_or_an_error(entries: dict[str, Any]) -> None:
    try:
        text = json.dumps(entries)
    except (TypeError, ValueError):
        return
    check(["--config", "-", "--print-config"], input=text)


@BOUNDED
@given(st.dictionaries(KEYS, PLAIN, max_size=3))
def test_any_default_map_is_taken_or_an_error(entries: dict[str, Any]) -> None:
    check(["f"], default_map=entries)
    check(["--print-config"], default_map={"f": entries})
    check(["f", "--help"], default_map=entries)


@BOUNDED
@given(KEYS, TEXTS.filter(lambda text: "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)))
def test_any_variable_is_taken_or_an_error(key: str, text: str) -> None:
    name = f"FUZZ_{key.replace('/', '__').replace('.', '_').upper()}"
    check(["f"], env={name: text})
    check(["--print-config"], env={name: text})


@BOUNDED
@given(TEXTS)
def test_any_name_of_a_file_is_one_or_an_error(name: str) -> None:
    for option in ("--config", "--diff", "--save"):
        check([option, name, "f"], input="")
