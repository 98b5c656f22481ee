"""Test that the schema and `--config` refuse the same files."""

# ruff: noqa: B006, B008, DTZ001, PLR0917 - a program with defaults of every type, and many of them

from __future__ import annotations

import datetime as dt
import enum
import ipaddress
import json
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple, TypedDict

import annotated_types as at
import click
import jsonschema
import pydantic
import pytest
import ruamel.yaml
from click.core import ParameterSource
from ruamel.yaml.constructor import SafeConstructor

import clickbind
from clickbind.declare.function import ParameterSpec
from clickbind.declare.turns import Turn
from clickbind.errors import ConfigError
from clickbind.keys import Key
from clickbind.layers import ResolvedValue, Values
from clickbind.layers.plan import Plan, default_turns
from clickbind.record.entries import compose, entries
from clickbind.record.json_schema import schema
from clickbind.types import Converter
from tests.conftest import processor_seconds


class Color(enum.Enum):
    RED = 1
    dark_blue = 2
    on = 3


class Size(enum.Enum):
    S = "small"
    s = "tiny"
    M = "medium"


class Access(enum.Flag):
    READ = 1
    WRITE = 2


Digit = enum.Enum("Digit", ["1", "true"])  # as made by a loop over data


@dataclass
class Schedule:
    gamma: float = 0.5
    steps: list[int] = field(default_factory=lambda: [1, 2])


@dataclass
class Optim:
    """An optimizer.

    Parameters
    ----------
    lr : float
        How far a step goes.
    """

    lr: float = 1e-3
    schedule: Schedule = field(default_factory=Schedule)
    name: str | None = None


@dataclass
class Tree:
    value: int
    children: list[Tree] = field(default_factory=list)


@dataclass
class Handle:
    number: int = 0
    closing: Callable[[int], None] | Iterator[int] | None = None
    length: int = None  # type: ignore[assignment]  # as many write it
    opening: Iterator[int] | None = None


class Point(NamedTuple):
    x: int
    y: int = 0


class Extra(TypedDict, total=False):
    depth: int


@contextmanager
def output(folder: Path = Path("out"), token: Annotated[str, clickbind.Option(secret=True)] = "hush") -> Iterator[None]:
    """Keep values."""
    yield


def dataset(folder: str = "default", size: Annotated[int, at.Ge(1)] = 10, kind: Color = Color.RED) -> str:
    """Read data.

    Parameters
    ----------
    folder : str
        Where it is.
    """
    return folder


def simple(
    an_int: int = 5,
    a_float: float = 0.1,
    a_bool: bool = False,
    a_str: str = "a",
    a_complex: complex = 1 + 2j,
    a_bytes: bytes = b"x",
    a_path: Path = Path("raw"),
    a_decimal: Decimal = Decimal("1.10"),
    a_fraction: Fraction = Fraction(1, 3),
    a_date: dt.date = dt.date(2024, 2, 29),
    a_datetime: dt.datetime = dt.datetime(2024, 1, 1, 12, 30),
    a_time: dt.time = dt.time(12, 30),
    a_duration: dt.timedelta = dt.timedelta(days=1, seconds=5),
    a_uuid: uuid.UUID = uuid.UUID(int=7),
    a_v4: ipaddress.IPv4Address = ipaddress.IPv4Address("10.0.0.1"),
    a_v6: ipaddress.IPv6Address = ipaddress.IPv6Address("::1"),
    a_net: ipaddress.IPv4Network = ipaddress.IPv4Network("10.0.0.0/8"),
    a_net6: ipaddress.IPv6Network = ipaddress.IPv6Network("fe80::/10"),
    a_face: ipaddress.IPv6Interface = ipaddress.IPv6Interface("::1/64"),
    a_pattern: re.Pattern[str] = re.compile("a+"),
    a_secret: pydantic.SecretStr = pydantic.SecretStr("hush"),
    anything: Any = None,
    a_type: type[enum.Enum] = Color,
) -> None:
    """Take simple types."""


def choice(
    color: Color = Color.RED,
    size: Size = Size.S,
    access: Access = Access.READ | Access.WRITE,
    digit: Digit = Digit["1"],
    mode: Literal["fast", "3.10", "it's"] = "fast",
    level: Literal[0, 1, -2, "auto", True, Color.RED, None] = None,  # noqa: PYI061 - what is tested
    clicked: Annotated[str, click.Choice(["Adam", "sgd"], case_sensitive=False)] = "sgd",
    exact: Annotated[str, click.Choice(["Adam", "sgd"])] = "sgd",
) -> None:
    """Choose."""


def many(
    ints: list[int] = [1, 2],
    words: set[str] = {"b", "a"},
    pair: tuple[int, str] = (1, "a"),
    one: tuple[float] = (1.0,),
    matrix: list[list[int]] = [[1], [2, 3]],
    table: dict[str, int] = {"a": 1},
    numbered: dict[int, list[float]] = {1: [0.5]},
    maybe: list[int | None] | None = None,
    flags: list[Color] = [],
    days: Mapping[str, dt.date] = {},
    spans: list[dt.timedelta] = [],
    parts: list[complex] = [1j],
    levels: list[Literal[1, 2]] = [1],
    deep: list[dict[str, list[list[int]]]] = [],
    nothing: tuple[()] = (),
    loose: list = [1, "a"],  # type: ignore[type-arg]
) -> None:
    """Take many."""


def either(
    number: int | float = 1,  # noqa: PYI041 - what is tested
    number_or_word: int | Literal["auto"] = "auto",
    switch: bool | int = True,
    text_or_list: str | list[int] = "a",
    list_or_date: list[int] | dt.date | None = None,
    anyone: dict[str, int] | Point = Point(1, 2),
) -> None:
    """Take one of several."""


def limit(
    positive: Annotated[float, at.Gt(0)] = 1.0,
    unit: Annotated[float, at.Interval(ge=0, lt=1)] = 0.5,
    even: Annotated[int, at.MultipleOf(2)] = 4,
    short: Annotated[str, at.Len(2, 4)] = "abc",
    few: Annotated[list[int], at.Len(2, 3)] = [1, 2],
    named: Annotated[dict[str, int], at.MinLen(1)] = {"a": 1},
    maybe: Annotated[int | None, at.Le(9)] = None,
    tail: Annotated[str, at.MinLen(2)] = "ab",
    since: Annotated[dt.date, at.Ge(dt.date(2000, 1, 1))] = dt.date(2024, 1, 1),
    clicked: Annotated[int, click.IntRange(1, 5, max_open=True)] = 1,
    clamped: Annotated[float, click.FloatRange(0, 1, clamp=True)] = 0.5,
    at_least: Annotated[float, click.FloatRange(min=0, min_open=True)] = 0.5,
    moment: Annotated[dt.datetime, click.DateTime(["%d.%m.%Y"])] = dt.datetime(2024, 1, 1),
    identity: Annotated[uuid.UUID, click.UUID] = uuid.UUID(int=7),
    place: Annotated[str, click.Path()] = ".",
) -> None:
    """Keep limits."""


def model(
    optim: Optim = Optim(),
    trees: list[Tree] = [Tree(1, [Tree(2)])],
    points: list[Point] = [],
    extra: list[Extra] = [],
    handles: list[Handle] = [],
    start: Point | None = None,
) -> None:
    """Take models."""


def prepare(source: Path = Path("raw")) -> None:
    """Prepare."""


def my_train(epochs: int = 50, optim: Optim = Optim(), *, needed: int) -> None:
    """Train."""


class Report:
    @staticmethod
    def write(pages: int = 1) -> None:
        """Write."""


def report(title: str = "a") -> None:
    pass


def program(**settings: Any) -> clickbind.Binder:
    """Make a program with all types, scopes, models and stages."""
    binder = clickbind.Binder("prog", **settings)
    binder.context(output)
    binder.bind(dataset, "train", "val")
    for function in (simple, choice, many, either, limit, model, Report.write):
        binder.bind(function)
    binder.bind(report, name="Report")
    binder.stage(prepare)
    binder.stage(my_train)
    return binder


BINDER = program()
SCHEMA = schema(BINDER._registry)
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


class Editor(SafeConstructor):
    """Build the values that an editor sees: YAML 1.2's core schema has no dates, underscores or binary numbers."""


def _construct_int(constructor: Any, node: Any) -> Any:
    core = re.fullmatch("[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+", node.value)
    return SafeConstructor.construct_yaml_int(constructor, node) if core else node.value


def _construct_float(constructor: Any, node: Any) -> Any:
    return node.value if "_" in node.value else SafeConstructor.construct_yaml_float(constructor, node)


Editor.add_constructor("tag:yaml.org,2002:int", _construct_int)
Editor.add_constructor("tag:yaml.org,2002:float", _construct_float)
Editor.add_constructor("tag:yaml.org,2002:timestamp", SafeConstructor.construct_yaml_str)


def edited(text: str) -> Any:
    """Read a file as an editor does, with keys as strings, as in JSON."""
    yaml = ruamel.yaml.YAML(typ="safe", pure=True)
    yaml.Constructor = Editor
    return with_string_keys(yaml.load(text))


def with_string_keys(value: Any) -> Any:
    if isinstance(value, dict):
        return {key if isinstance(key, str) else json.dumps(key): with_string_keys(item) for key, item in value.items()}
    return [with_string_keys(item) for item in value] if isinstance(value, list) else value


def schema_takes(text: str) -> bool:
    return bool(VALIDATOR.is_valid(edited(text)))


@pytest.fixture
def takes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], bool]:
    """Return a function that returns whether clickbind accepts the text of a file."""
    monkeypatch.chdir(tmp_path)
    Path("base.yml").write_text("simple.an_int: 3\n", encoding="utf-8")

    def load(text: str, binder: clickbind.Binder = BINDER) -> bool:
        Path("f.yml").write_text(text, encoding="utf-8")
        try:
            binder.load("f.yml")
        except ConfigError:
            return False
        return True

    return load


def lines(key: str, *values: str) -> list[str]:
    return [f"{key}: {value}" for value in values]


VARIABLES = """
$vars: {n: 5, many: [1, 2], all: {lr: 2}, s: prepare, train: {epochs: 5}}
simple.an_int: $n
simple.a_float: ${n}.5
many.ints: $many
many.matrix: [$many, ["${n}", $n]]
model.optim: $all
run.stages: [$s, my_train: {epochs: $n}]
dataset: {folder: $n}
limit.positive: $n
my_train: $train
"""

GOOD = [
    "",
    "null",
    "{}",
    *lines("simple.an_int", "5", "-5", "+5", "08", "0x1F", "0o17", "1_000", "' 5 '", '"5"', "0b1", "0B1", "'0x_1f'"),
    *lines("simple.a_float", "1e-3", "5", ".5", "5.", ".inf", "-.INF", ".nan", "inf", "'1e3'", "1_0.5", "Infinity"),
    *lines("simple.a_bool", "true", "True", "no", "YES", "on", "F", "0", "1", "'1'", "' true '", "'y'"),
    *lines("simple.a_str", "a", "5", "1.10", "true", "no", "'null'", '""', "2024-01-01", "|\n  a\n  b", "1e999"),
    *lines("simple.a_complex", "1", "1+2j", "(1+2j)", "' 1 + 2j '", "j", "-.5e3j", "nan+infj"),
    *lines("simple.a_bytes", "a", "5", "''"),
    *lines("simple.a_path", "a/b", "5", "~/x"),
    *lines("simple.a_decimal", "1.10", "5", "'1.10'", "-Infinity", "1__0", "sNaN1", "1E+5"),
    *lines("simple.a_fraction", "1/3", "5", "0.5", "' 1/3 '", "'-1.5e3'"),
    *lines("simple.a_date", "2024-02-29", "'2024-01-31'"),
    *lines(
        "simple.a_datetime", "2024-01-01", "2024-01-01 12:30", "2024-01-01T12:30:15.123456+01:00", "2024-01-01T12:30Z"
    ),
    *lines("simple.a_time", "12:30", "'12:30:15'", "12:30Z"),
    *lines(
        "simple.a_duration", "1d2h", "90s", "1:30", "1 day, 2:03:04.5", "'-1 day, 23:00:00'", "1.5h", "-2d", "3days"
    ),
    *lines("simple.a_uuid", "12345678-1234-5678-1234-567812345678", "1" * 32, "'{12345678123456781234567812345678}'"),
    *lines("simple.a_v4", "10.0.0.1", "255.255.255.255"),
    *lines("simple.a_v6", "::1", "fe80::1", "'::ffff:10.0.0.1'", "1:2:3:4:5:6:7:8"),
    *lines("simple.a_net", "10.0.0.0/8", "10.0.0.0", "10.0.0.0/255.0.0.0"),
    *lines("simple.a_net6", "fe80::/10", "'::'"),
    *lines("simple.a_face", "::1/128"),
    *lines("simple.a_pattern", "a+", "5", "true"),
    *lines("simple.a_secret", "a", "5"),
    *lines("simple.anything", "null", "5", "[1, {a: null}]", "a", ""),
    *lines("simple.a_type", "enum:Enum"),
    *lines("choice.color", "RED", "red", "Dark_Blue", "On"),
    *lines("choice.size", "S", "s", "m"),
    *lines("choice.access", "READ", "read|Write", "'READ | write |'", "''"),
    *lines("choice.digit", "1", "'1'", "true", "TRUE", "'True'"),
    *lines("choice.mode", "fast", "3.10", "'3.10'", "it's"),
    *lines(
        "choice.level", "0", "1", "-2", "auto", "true", "yes", "'1'", "'-02'", "red", "null", "~", "'0x1'", "0b1", ""
    ),
    *lines("choice.clicked", "adam", "SGD"),
    *lines("choice.exact", "Adam"),
    *lines("many.ints", "[1, '2', 0x3]", "[]", "1 2 3", "5", "'1'", '""', "'[1, 2]'", "1_0 0b1", "'\"1\" 2'", "\n- 1"),
    *lines("many.words", "[a, 5, true]", "a b", "true", "5", "a 'b c'"),
    *lines("many.pair", "[1, 2]", "1 a", "\"1 'a b'\"", "'[1, a]'"),
    *lines("many.one", "[1]", "1.5", "'1e3'"),
    *lines("many.matrix", "[[1], [2, 3]]", "1 2", "[1, 2 3, '4']", "5", "\"1 [2,3] '4 5'\""),
    *lines("many.table", "{a: 1, 2: 3}", "a=1 b=2", "{}", "'{a: 1}'", "''", "\"'a'=1\""),
    *lines("many.numbered", "{1: [1], '2': 3 4}", "1=2 3=4", "{0x1: 5}"),
    *lines("many.maybe", "[1, null, ~]", "null", "1 2", "5"),
    *lines("many.flags", "[red, ON]", "RED dark_blue", "red"),
    *lines("many.days", "{a: 2024-01-01}", "a=2024-01-01"),
    *lines("many.spans", "1d 2h,3m", "[1d 2h, 90s]", "1d"),
    *lines("many.parts", "1+2j  j", "[1 + 2j]", "5"),
    *lines("many.levels", "1 +2 0x1", "[1, ' 2 ']", "'1  2'"),
    *lines("many.deep", "[{a: [[1], 2 3]}]", "a=1 b=", "\"a=1 '{b: [[1]]}'\""),
    *lines("many.nothing", "[]", "''", "'[]'"),
    *lines("many.loose", "[1, a, null, [2]]", "a 1 null", "5"),
    *lines("either.number", "1", "1.5", ".inf", "'1e3'", "0b1"),
    *lines("either.number_or_word", "1", "auto", "'5'"),
    *lines("either.switch", "true", "yes", "0", "7", "'no'"),
    *lines("either.text_or_list", "a", "[1, 2]", "5", "'[1]'", "'[a]'", "true"),
    *lines("either.list_or_date", "[1]", "2024-01-01", "null", "'[1, 2]'", ""),
    *lines("either.anyone", "{a: 1}", "{x: 1}", "'{x: 1, y: 2}'"),
    *lines("limit.positive", "0.1", "5", "'5'"),
    *lines("limit.unit", "0", "0.9"),
    *lines("limit.even", "4", "-2"),
    *lines("limit.short", "ab", "abcd", "true"),
    *lines("limit.few", "[1, 2]", "1 2"),
    *lines("limit.named", "{a: 1}", "a=1"),
    *lines("limit.maybe", "null", "9"),
    *lines("limit.tail", "abcdef"),
    *lines("limit.since", "2024-01-01"),
    *lines("limit.clicked", "1", "4", "'2'"),
    *lines("limit.clamped", "7", "-1.5"),
    *lines("limit.at_least", "0.1", "100"),
    *lines("limit.moment", "1.2.2024"),
    *lines("limit.identity", "12345678-1234-5678-1234-567812345678"),
    *lines("limit.place", "5", "a b"),
    "model.optim.lr: 1e-3",
    "model.optim: {lr: 1, schedule: {gamma: 2}, schedule.steps: 1 2}",
    "model: {optim: {name: null}, optim.schedule: {steps: [1]}, optim.schedule.gamma: 1}",
    "model.optim.schedule: {gamma: .5}",
    "model.optim: {}",
    *lines("model.trees", "[{value: 1, children: [{value: 2}]}]", "'[{value: 1}]'", "[]", "['{value: 1}']"),
    *lines("model.points", "[{x: 1}]"),
    *lines("model.handles", "[{number: 1, closing: null, length: null}]"),
    *lines("model.extra", "[{}, {depth: 1}]"),
    "model.start: {x: 1}",
    "dataset.folder: a\ntrain/dataset.folder: b\nval/dataset: {folder: c, size: 5, kind: red}",
    "dataset:\noutput: null\nprepare: {}",
    "output.token: secret",
    "my_train.needed: 5\nmy_train: {epochs: 7, optim.lr: 1, optim: {name: a}}",
    "Report.title: a\nReport.write: {pages: 2}",
    "Report: {title: a}\nReport.write.pages: 3",
    *lines("run.stages", "[prepare, my_train, my-train]", "prepare my-train", "[]", "''", "prepare", "'[prepare]'"),
    *lines("run.stages", "[my_train: {epochs: 5, optim: {lr: 1}}]", "[prepare: , my-train: {optim.lr: 1}]"),
    "run: {stages: [prepare]}",
    "args.save: x\nargs: {load: [1]}\nargs.: null",
    "$schema: ./schema.json\n$include: base.yml\n$vars: {n: 5}",
    "$include: [base.yml]\n$vars:\nsimple.an_int: 5",
    "$include:",
    VARIABLES,
    "model.optim: &a {lr: 1}\nmy_train.optim: {<<: *a, name: b}",
]

BAD = [
    "5",
    "[a]",
    "nothing.here: 1",
    "dataset.fodler: a",
    "dataset: {fodler: a}",
    "dataset: [a]",
    "dataset: 5",
    "bad/dataset.folder: a",
    "train/simple.an_int: 5",
    "data-set.folder: a",
    "simple.an-int: 5",
    "argsx: 5",
    "$other: 5",
    *lines(
        "simple.an_int", "5.7", "many", "", "null", "true", "[5]", "{a: 5}", "'1__0'", "'_1'", "0b2", "'5.0'", "yes"
    ),
    *lines("simple.a_float", "many", "null", "true", "'1.2.3'", "[1.0]", "'0x10'", "1._5", "e5"),
    *lines("simple.a_bool", "2", "maybe", "null", "''", "[true]", "0.5", "'2'", "nope"),
    *lines("simple.a_str", "null", "", "~", "[a]", "{a: b}"),
    *lines("simple.a_complex", "1+2", "i", "null", "true"),
    *lines("simple.a_bytes", "null", "[a]"),
    *lines("simple.a_path", "null", "[a]"),
    *lines("simple.a_decimal", "'.'", "a", "1.2.3", "_"),
    *lines("simple.a_fraction", "1/0", "a", "1/-2", "/2"),
    *lines("simple.a_date", "2024-13-01", "2024-02-30", "2024-1-1", "yesterday", "' 2024-01-01'", "0000-01-01", "5"),
    *lines("simple.a_datetime", "2024-01-01 25:00", "2024-01-01T", "now", "2024-04-31"),
    *lines("simple.a_time", "25:00", "12:60", "noon", "null", "-5"),
    *lines("simple.a_duration", "5", "1x", "'5'", "1:3", "d", "0.5"),
    *lines("simple.a_uuid", "5", "12345678-1234", "x" * 32),
    *lines("simple.a_v4", "10.0.0", "256.0.0.1", "10.0.0.01", "5"),
    *lines("simple.a_v6", "g::1", "5", "10.0.0.1"),
    *lines("simple.a_net", "10.0.0.0/33"),
    *lines("simple.a_net6", "::/129"),
    *lines("simple.a_pattern", "null", "[a]"),
    *lines("simple.a_secret", "null", "{a: b}"),
    *lines("simple.a_type", "enum", "5", "'enum:'"),
    *lines("choice.color", "green", "5", "null", "true", "' RED'"),
    *lines("choice.size", "L"),
    *lines("choice.access", "EXECUTE", "READ WRITE", "null", "3"),
    *lines("choice.digit", "2", "'2'", "false"),
    *lines("choice.mode", "slow", "3.2", "null", "FAST"),
    *lines("choice.level", "2", "'2'", "false", "no", "AUTO", "0.5"),
    *lines("choice.clicked", "adamw", "null"),
    *lines("choice.exact", "adam"),
    *lines(
        "many.ints", "[1, a]", "1 a", "null", "{a: 1}", "[null]", "'{a: 1}'", "[[1]]", "1.5", "true", "[1.5]", "1,2"
    ),
    *lines("many.words", "[null]", "it's", "null", "{a: b}", "'{a: b}'"),
    *lines("many.pair", "[1]", "[1, 2, 3]", "1", "a b", "1 a b", "[a, 1]", "''"),
    *lines("many.one", "a", "[1, 2]", "true", "1 2"),
    *lines("many.matrix", "[[a]]", "1 a", "[null]", "true"),
    *lines("many.table", "{a: b}", "a=b", "a", "[a]", "{a: null}", "5", "'[1]'", "a=1 b"),
    *lines("many.numbered", "{a: [1]}", "a=1", "{1: a}"),
    *lines("many.maybe", "[a]"),
    *lines("many.flags", "[green]", "red green", "[null]"),
    *lines("many.days", "{a: soon}", "a=soon"),
    *lines("many.spans", "1d x", "5"),
    *lines("many.parts", "1+2j i"),
    *lines("many.levels", "1 3", "[3]"),
    *lines("many.deep", "[{a: [[x]]}]", "a=x", "a"),
    *lines("many.nothing", "[1]", "a"),
    *lines("many.loose", "null", "{a: 1}"),
    *lines("either.number", "a", "null", "true"),
    *lines("either.number_or_word", "other", "1.5", "Auto"),
    *lines("either.switch", "maybe", "1.5", "' true'"),
    *lines("either.text_or_list", "null", "[a]", "{a: 1}"),
    *lines("either.list_or_date", "1 2", "[a]", "5"),
    *lines("either.anyone", "{a: b}", "a", "[1]"),
    *lines("limit.positive", "0", "-1"),
    *lines("limit.unit", "1", "-0.1"),
    *lines("limit.even", "3"),
    *lines("limit.short", "a", "abcde", "null"),
    *lines("limit.few", "[1]", "[1, 2, 3, 4]", "5"),
    *lines("limit.named", "{}"),
    *lines("limit.maybe", "10"),
    *lines("limit.tail", "a"),
    *lines("limit.clicked", "5", "0", "1.5"),
    *lines("limit.at_least", "0"),
    *lines("limit.identity", "a"),
    "model.optim: null",
    "model.optim: 5",
    "model.optim.lr: many",
    "model.optim: {lr: many}",
    "model.optim: {speed: 1}",
    "model.optim: {schedule: {gama: 1}}",
    "model.optim.schedule.gamma: []",
    *lines("model.trees", "[{value: a}]", "[{children: []}]", "[{value: 1, size: 2}]", "[5]", "[{value: [1]}]"),
    *lines("model.points", "[{y: 1}]", "[[1, 2]]"),
    *lines("model.handles", "[{opening: null}]"),
    *lines("model.extra", "[{width: 1}]"),
    "train/dataset.size: 0",
    "val/dataset: {size: many}",
    *lines("run.stages", "[evaluate]", "evaluate", "null", "5", "{prepare: }", "[null]", "[[prepare]]", "[' prepare']"),
    *lines(
        "run.stages",
        "[my_train: {epochs: many}]",
        "[my_train: {speed: 1}]",
        "[prepare: 5]",
        "[{prepare: , my_train: }]",
    ),
    *lines("run.stages", "[{}]", "[evaluate: ]", "[prepare my_train]"),
    "run: {stage: []}",
    "$include: {a: b}",
    "$include: [null]",
    "$include: [[base.yml]]",
    "$vars: [a]",
    "$vars: {a-b: 5}",
]


@pytest.mark.parametrize("text", GOOD)
def test_the_schema_takes_what_config_takes(text: str, takes: Callable[[str], bool]) -> None:
    assert (schema_takes(text), takes(text)) == (True, True)


@pytest.mark.parametrize("text", BAD)
def test_the_schema_refuses_what_config_refuses(text: str, takes: Callable[[str], bool]) -> None:
    assert (schema_takes(text), takes(text)) == (False, False)


# An editor reads two texts as the same JSON value, and clickbind accepts one of them; or no pattern expresses the rule.
UNDECIDED = [
    "simple.an_int: 5.0",
    "simple.a_float: 0x10",
    "simple.a_float: $$",
    "simple.an_int: '$n'",
    "simple.an_int: $nowhere",
    "simple.a_date: 2023-02-29",
    "simple.a_time: 7",
    "simple.a_pattern: a(",
    "simple.a_net: 10.0.0.1/8",
    "simple.a_v6: 1:2:3",
    "simple.a_type: no_such_module:x",
    "choice.mode: 3.1",
    "limit.unit: '1'",
    "limit.since: 1999-01-01",
    "limit.short: 1",
    "many.ints: '[1, a]'",
    "dataset.folder: a\ndataset: {folder: b}",
    "model.start: {y: 1, x: $nowhere}",
    "$include: nowhere.yml",
    "simple.a_uuid: 99999999999999999999999999999999999999",
    "many.days: {a: 2023-02-29}",
]


@pytest.mark.parametrize("text", UNDECIDED)
def test_the_schema_takes_what_only_config_can_refuse(text: str, takes: Callable[[str], bool]) -> None:
    assert (schema_takes(text), takes(text)) == (True, False)


def test_the_schema_is_one_of_2020_12() -> None:
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_the_schema_is_json() -> None:
    assert json.loads(json.dumps(SCHEMA, allow_nan=False)) == SCHEMA


def test_every_key_leads_to_its_parameter() -> None:
    for key, bound, _ in BINDER._registry.walk():
        assert SCHEMA["properties"][key.text] == {"$ref": f"#/$defs/{bound.name}/properties/{key.parameter}"}


def test_every_default_that_a_file_can_hold_is_shown_and_validates() -> None:
    for key, bound, spec in BINDER._registry.walk():
        found = SCHEMA["$defs"][bound.name]["properties"][key.parameter]
        assert ("default" in found) == (spec.has_default and not spec.secret)
        if "default" in found:
            assert VALIDATOR.is_valid({key.text: found["default"]}), key.text


def test_a_default_that_no_file_can_hold_is_left_out() -> None:
    binder = clickbind.Binder()
    binder.bind(lambda a=object(), b=float("inf"), c=b"\xff", d=[object()]: None, name="odd")
    found = schema(binder._registry)["$defs"]["odd"]["properties"]
    assert [name for name in found if "default" in found[name]] == []


def test_a_secret_default_is_not_shown() -> None:
    assert "hush" not in json.dumps(SCHEMA)


def test_what_is_said_of_functions_and_parameters_is_in_it() -> None:
    assert SCHEMA["$defs"]["dataset"]["description"] == "Read data."
    assert SCHEMA["$defs"]["dataset"]["properties"]["folder"]["description"] == "Where it is."
    assert SCHEMA["$defs"]["model"]["properties"]["optim.lr"]["description"] == "How far a step goes."


def test_an_editor_can_offer_the_choices() -> None:
    assert {"enum": ["RED", "dark_blue", "on"]} in SCHEMA["$defs"]["dataset"]["properties"]["kind"]["anyOf"]
    assert {"enum": ["prepare", "my_train"]} in SCHEMA["$defs"]["run"]["properties"]["stages"]["anyOf"][0]["items"][
        "anyOf"
    ]


def test_a_saved_run_validates() -> None:
    given = Values(
        line={
            Key("run", "stages"): ResolvedValue(
                [Turn("my_train", {"epochs": 7}), Turn("prepare")], ParameterSource.COMMANDLINE, "line"
            )
        }
    )
    text = compose(entries(BINDER._registry, Plan(given, default_turns(BINDER._registry, given))))
    assert "run.stages:\n- my_train:\n    epochs: 7\n- prepare\n" in text
    assert schema_takes(text)


def test_a_converter_of_others_may_take_anything() -> None:
    class Odd(Converter):
        def from_text(self, text: str) -> str:
            return text

        def accepts(self, value: object) -> bool:
            return True

    binder = clickbind.Binder()
    binder.bind(lambda a=1: None, name="odd")
    bound = binder._registry.bounds["odd"]
    bound.spec.settings["a"] = ParameterSpec("a", int, 1, Odd())
    assert schema(binder._registry)["$defs"]["odd"]["properties"]["a"] == {"description": "", "default": 1}


def test_a_program_without_stages_runs_none() -> None:
    validator = jsonschema.Draft202012Validator(schema(clickbind.Binder()._registry))
    assert validator.is_valid({"run.stages": []})
    assert not validator.is_valid({"run.stages": [""]})


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("other.key: 5", True),
        ("other: {key: 5}\nargs.save: a", True),
        ("nowhere/dataset.folder: a", True),
        ("data-set.folder: a", True),
        ("dataset.folder: a\ntrain/dataset: {size: 5}", True),
        ("dataset.fodler: a", False),
        ("train/dataset.fodler: a", False),
        ("run.stage: []", False),
        ("Report.tilte: a", False),
    ],
)
def test_unknown_keys_are_refused_of_bound_functions_only_where_the_program_wants_that(
    text: str, good: bool, takes: Callable[..., bool]
) -> None:
    binder = program(unknown_keys="ignore")
    validator = jsonschema.Draft202012Validator(schema(binder._registry))
    assert (validator.is_valid(edited(text)), takes(text, binder)) == (good, good)


def patterns(found: Any) -> Iterator[str]:
    if isinstance(found, dict):
        yield from ([found["pattern"]] if isinstance(found.get("pattern"), str) else [])
        found = list(found.values())
    for inner in found if isinstance(found, list) else []:
        yield from patterns(inner)


REPEATED = (
    "1 ",
    "1  ",
    "a b ",
    "1_",
    "a=1 ",
    "a=1  ",
    "'a' ",
    '"a"',
    "1d ",
    "1d  ",
    "1d, ",
    "1+1j  ",
    "RED|",
    "0:",
    "[1 ",
    " ",
)


@pytest.mark.parametrize("start", REPEATED)
@pytest.mark.parametrize("end", ["!", "'", '"', "x'"])
def test_no_text_keeps_an_editor_busy(start: str, end: str) -> None:
    with processor_seconds(5):
        for pattern in set(patterns(SCHEMA)):
            re.search(pattern, start * 40 + end)
