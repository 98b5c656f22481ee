"""Test lists, sets, tuples, and mappings."""

from __future__ import annotations

import datetime as dt
import enum
from collections.abc import Collection, Iterable, Mapping, MutableMapping, MutableSequence, MutableSet, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal, Optional

import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import clickbind
from clickbind import nodes, types
from clickbind.errors import ConversionError
from clickbind.types.table import converter_of
from tests.types.reading import converter, from_yaml

SHORT = settings(max_examples=80)


class Color(enum.Enum):
    RED = 1
    GREEN = 2


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (set[str], "b a b", {"a", "b"}),
        (set, "1 a", {1, "a"}),
        (frozenset[int], "1 2", frozenset({1, 2})),
        (tuple[int, ...], "1 2", (1, 2)),
        (tuple[int, ...], "", ()),
        (tuple, "1 a", (1, "a")),
        (tuple[str, int], "'a b' 2", ("a b", 2)),
        (tuple[int], "1", (1,)),
        (tuple[int, list[str]], "[1, [a, b]]", (1, ["a", "b"])),
        (tuple[int, list[str]], "1 a", (1, ["a"])),
        (Sequence[int], "1", [1]),
        (MutableSequence[int], "1", [1]),
        (Collection[int], "1", [1]),
        (Iterable[int], "1", [1]),
        (Sequence, "1 a", [1, "a"]),
        (AbstractSet[int], "1", {1}),
        (MutableSet[int], "1", {1}),
        (dict[str, int], "a=1 b=2", {"a": 1, "b": 2}),
        (dict[str, int], "a=1 a=2", {"a": 2}),
        (dict[str, str], "a='b c' d=x=y e=", {"a": "b c", "d": "x=y", "e": ""}),
        (dict[str, int], "", {}),
        (dict[int, Path], "1=a", {1: Path("a")}),
        (dict[Color, bool], "red=yes", {Color.RED: True}),
        (dict, "a=1 2=b", {"a": 1, 2: "b"}),
        (Mapping[str, int], "{a: 1}", {"a": 1}),
        (MutableMapping[str, int], "{}", {}),
        (dict[tuple[int, int], str], "{[1, 2]: a}", {(1, 2): "a"}),
        (set[tuple[int, int]], "[[1, 2]]", {(1, 2)}),
        (set[frozenset[int]], "[[1, 2]]", {frozenset({1, 2})}),
        (dict[str, dict[str, list[int]]], "{a: {b: [1]}}", {"a": {"b": [1]}}),
    ],
)
def test_a_text_is_split_or_is_flow(annotation: Any, text: str, value: object) -> None:
    for found in (converter(annotation).from_text(text), converter(annotation).from_line([text])):
        assert found == value
        assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "texts", "value"),
    [
        (set[int], ["1", "1 2"], {1, 2}),
        (tuple[int, ...], ["1", "[2]"], (1, 2)),
        (dict[str, int], ["a=1 b=2", "{b: 3}"], {"a": 1, "b": 3}),
        (tuple[int, int], ["1 2", "3 4"], (3, 4)),
        (dict[str, int] | None, ["a=1", "none", "b=2"], {"b": 2}),
    ],
)
def test_occurrences_add_up_but_for_fixed_tuples(annotation: Any, texts: list[str], value: object) -> None:
    assert converter(annotation).from_line(texts) == value


def test_none_among_typed_items_is_none_where_an_item_may_be() -> None:
    assert converter(list[int | None]).from_typed("1 none") == [1, None]
    assert converter(tuple[int | None, str]).from_typed("none none") == (None, "none")
    assert converter(dict[str, int | None]).from_typed("a=none") == {"a": None}
    with pytest.raises(ConversionError):
        converter(list[int | None]).from_text("1 none")


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (tuple[str, int], "a", "expected 2 values ('TEXT INTEGER'), got 1."),
        (tuple[str, int], "a 1 2", "expected 2 values ('TEXT INTEGER'), got 3."),
        (tuple[int], "", "expected 1 value ('INTEGER'), got 0."),
        (tuple[int], "[1, 2]", "expected 1 value ('INTEGER'), got 2."),
        (tuple[int, int], "1 x", "'x' is not a valid integer."),
        (tuple[int, int], "{a: 1}", "expected 'INTEGER INTEGER', got a mapping."),
        (dict[str, int], "a", "'a' is not key=value."),
        (dict[str, int], "a=x", "'x' is not a valid integer."),
        (dict[int, str], "a=x", "'a' is not a valid integer."),
        (dict[str, int], "[1]", "expected TEXT=INTEGER..., got a list."),
        (dict[str, int], "{a: 1, a: 2}", "duplicate key 'a'."),
        (dict[int, int], "{1: 1, 0x1: 2}", "duplicate key 1."),
        (set[int], "1 x", "'x' is not a valid integer."),
    ],
)
def test_what_does_not_fit_is_refused(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(annotation).from_text(text)
    assert str(caught.value) == message


def test_a_new_container_needs_to_say_how_it_is_read_and_what_its_values_are() -> None:
    with pytest.raises(NotImplementedError):
        types.containers._Structured().from_text("a")
    with pytest.raises(NotImplementedError):
        types.containers._Structured().accepts("a")


@pytest.mark.parametrize("annotation", [set, set[Any], frozenset, dict, dict[Any, int]])
def test_an_item_that_cannot_be_one_of_a_set_or_a_key_is_refused(annotation: Any) -> None:
    text = "{[1]: 2}" if annotation in {dict, dict[Any, int]} else "[[1]]"
    with pytest.raises(ConversionError):
        converter(annotation).from_text(text)
    with pytest.raises(ConversionError):
        from_yaml(annotation, text)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (tuple[str, int], "[a, 1]", ("a", 1)),
        (tuple[str, int], "a 1", ("a", 1)),
        (set[int], "- 1\n- 1", {1}),
        (dict[str, int], "a: 1\nb: 0x2", {"a": 1, "b": 2}),
        (dict[str, int], "a=1 b=2", {"a": 1, "b": 2}),
        (dict[str, str], "no: 1.10", {"no": "1.10"}),
        (dict[str, int | None], "a: null", {"a": None}),
        (dict, "{1: a, '1': [b]}", {1: "a", "1": ["b"]}),
    ],
)
def test_a_node_is_read_by_the_annotation(annotation: Any, text: str, value: object) -> None:
    assert from_yaml(annotation, text) == value


@pytest.mark.parametrize(
    ("annotation", "text", "place"),
    [
        (tuple[int, int], "[1, x]", (0, 4)),
        (tuple[int, int], "- 1", (0, 0)),
        (dict[str, int], "a: 1\nb: x", (1, 3)),
        (dict[int, int], "1: 1\nb: 2", (1, 0)),
        (dict[str, int], "a: 1\na: 2", (1, 0)),
    ],
)
def test_what_is_wrong_inside_is_pointed_at(annotation: Any, text: str, place: tuple[int, int]) -> None:
    with pytest.raises(ConversionError) as caught:
        from_yaml(annotation, text)
    node = caught.value.node
    assert isinstance(node, nodes.Node)
    assert (node.line, node.column) == place


@pytest.mark.parametrize(
    ("annotation", "given_value", "value"),
    [
        (set[int], [1, "2"], {1, 2}),
        (list[int], {1}, [1]),
        (list[int], frozenset({1}), [1]),
        (tuple[int, ...], [1], (1,)),
        (tuple[str, int], ["a", "1"], ("a", 1)),
        (tuple[str, int], "a 1", ("a", 1)),
        (dict[str, int], {"a": "1"}, {"a": 1}),
        (dict[str, int], "a=1", {"a": 1}),
        (set[int], "1 2", {1, 2}),
    ],
)
def test_a_python_value_is_read(annotation: Any, given_value: object, value: object) -> None:
    found = converter(annotation).from_plain(given_value)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "given_value", "message"),
    [
        (tuple[str, int], ("a",), "expected 2 values ('TEXT INTEGER'), got 1."),
        (tuple[str, int], None, "expected 'TEXT INTEGER', got None."),
        (dict[str, int], [1], "expected TEXT=INTEGER..., got [1]."),
        (dict[str, int], {"a": 1.5}, "'1.5' is not a valid integer."),
    ],
)
def test_a_python_value_of_another_kind_is_refused(annotation: Any, given_value: object, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(annotation).from_plain(given_value)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("annotation", "value", "plain"),
    [
        (set[int], {2, 1}, [1, 2]),
        (frozenset[str], frozenset({"b", "a"}), ["a", "b"]),
        (tuple[int, ...], (1, 2), [1, 2]),
        (tuple[str, Path], ("a", Path("b")), ["a", "b"]),
        (dict[Color, tuple[int, int]], {Color.RED: (1, 2)}, {"RED": [1, 2]}),
        (list[set[int]], [{1}], [[1]]),
    ],
)
def test_a_value_is_written_as_plain_yaml(annotation: Any, value: object, plain: object) -> None:
    assert converter(annotation).to_plain(value) == plain


@pytest.mark.parametrize(
    ("annotation", "value"),
    [
        (list[int], (1,)),
        (list[int], [1.5]),
        (list[int], 1),
        (set[int], [1]),
        (tuple[int, int], (1,)),
        (tuple[int, int], [1, 2]),
        (tuple[int, int], (1, "a")),
        (dict[str, int], [1]),
        (dict[str, int], {1: 1}),
        (dict[str, int], {"a": "b"}),
    ],
)
def test_a_value_of_another_type_cannot_be_written(annotation: Any, value: object) -> None:
    assert not converter(annotation).accepts(value)
    with pytest.raises(TypeError, match=" is not a valid "):
        converter(annotation).to_plain(value)


@pytest.mark.parametrize(
    ("annotation", "metavar", "repeated", "mutable"),
    [
        (set[int], "INTEGER...", True, True),
        (frozenset[int], "INTEGER...", True, False),
        (tuple[int, ...], "INTEGER...", True, False),
        (tuple[list[int], ...], "INTEGER......", True, True),
        (tuple[int, str], "'INTEGER TEXT'", False, False),
        (tuple[int, list[str]], "'INTEGER TEXT...'", False, True),
        (dict[str, int], "TEXT=INTEGER...", True, True),
    ],
)
def test_a_type_decides_how_its_option_behaves(annotation: Any, metavar: str, repeated: bool, mutable: bool) -> None:
    found = converter(annotation)
    assert (found.metavar, found.repeated, found.mutable, found.structured) == (metavar, repeated, mutable, True)


@pytest.mark.parametrize("line", [["--x", ""], ["--x", "[]"], ["--stage.x", ""]])
def test_an_empty_tuple_is_a_value_of_a_required_option(line: list[str]) -> None:
    def stage(x):  # type: ignore[no-untyped-def]
        return x

    stage.__annotations__["x"] = tuple[int, ...]
    binder = clickbind.Binder("prog")
    binder.stage(stage)
    assert binder.command()(["stage", *line], standalone_mode=False) == ()


def test_a_mapping_by_tuples_is_saved_and_replayed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    seen = []

    def stage(x: dict[tuple[int, int], str]) -> None:
        seen.append(x)

    binder = clickbind.Binder("prog")
    binder.stage(stage)
    runner, main = CliRunner(), binder.command()
    assert runner.invoke(main, ["--save", "run.yml", "stage", "--x", "{[1, 2]: a}"]).output == ""
    assert runner.invoke(main, ["--config", "run.yml"]).output == ""
    assert seen == [{(1, 2): "a"}] * 2


# Under other names, since type checkers refuse computed annotations.
LIST: Any = list
TUPLE: Any = tuple
DICT: Any = dict
SET: Any = set
OPTIONAL: Any = Optional

Typed = tuple[Any, st.SearchStrategy[Any]]
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
ITEMS: list[Typed] = [
    (int, st.integers()),
    (float, st.floats(allow_nan=False)),
    (bool, st.booleans()),
    (str, TEXT),
    (dt.date, st.dates()),
    (Color, st.sampled_from(Color)),
    (int | None, st.none() | st.integers()),
]


def nested(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    """Wrap an annotation and its values into a container."""
    hashable = st.sampled_from(ITEMS[:6])
    return st.one_of(
        inner.map(lambda item: (LIST[item[0]], st.lists(item[1], max_size=3))),
        inner.map(lambda item: (TUPLE[item[0], ...], st.lists(item[1], max_size=3).map(tuple))),
        st.tuples(inner, inner).map(lambda pair: (TUPLE[pair[0][0], pair[1][0]], st.tuples(pair[0][1], pair[1][1]))),
        st.tuples(hashable, inner).map(
            lambda pair: (DICT[pair[0][0], pair[1][0]], st.dictionaries(pair[0][1], pair[1][1], max_size=3))
        ),
        hashable.map(lambda item: (SET[item[0]], st.sets(item[1], max_size=3))),
        inner.map(lambda item: (OPTIONAL[item[0]], st.none() | item[1])),
    )


ANNOTATED = st.recursive(st.sampled_from(ITEMS), nested, max_leaves=4)


@SHORT
@given(ANNOTATED.flatmap(lambda pair: st.tuples(st.just(pair[0]), pair[1])))
def test_a_nest_survives_its_plain_form_and_yaml(pair: tuple[Any, Any]) -> None:
    annotation, value = pair
    written = yaml.safe_dump(converter(annotation).to_plain(value), default_flow_style=False, sort_keys=False)
    found = from_yaml(annotation, written)
    assert found == value
    assert type(found) is type(value)


@SHORT
@given(ANNOTATED.flatmap(lambda pair: st.tuples(st.just(pair[0]), pair[1])))
def test_a_nest_survives_as_flow_that_is_typed(pair: tuple[Any, Any]) -> None:
    annotation, value = pair
    text = yaml.safe_dump(converter(annotation).to_plain(value), default_flow_style=True, width=10**9, sort_keys=False)
    if text[:1] in {"[", "{"}:
        assert converter(annotation).from_line([text]) == value


@SHORT
@given(ANNOTATED.flatmap(lambda pair: st.tuples(st.just(pair[0]), pair[1])))
def test_a_nest_is_saved_and_replayed(pair: tuple[Any, Any]) -> None:
    annotation, value = pair
    binder = clickbind.Binder("prog")
    seen: list[Any] = []

    def stage(x: Any = ...) -> None:
        seen.append(x)

    stage.__annotations__["x"] = annotation
    binder.stage(stage)
    runner, main = CliRunner(), binder.command()
    with TemporaryDirectory() as folder:
        written = yaml.safe_dump({"stage.x": converter(annotation).to_plain(value)}, sort_keys=False)
        given_file, saved = Path(folder) / "given.yml", Path(folder) / "saved.yml"
        given_file.write_text(written, encoding="utf-8")
        for line in (["--config", str(given_file), "--save", str(saved), "stage"], ["--config", str(saved)]):
            result = runner.invoke(main, line)
            assert result.exit_code == 0, result.output
    assert seen == [value, value]


@dataclass(frozen=True)
class Frozen:
    """Have a hash if the items have one."""

    items: Any = ()


UNHASHABLE = {
    "sNaN=1": dict[Decimal, int],
    "{sNaN: 1}": dict[Decimal, int],
    "{? {items: [1]} : 1}": dict[Frozen, int],
    "sNaN": set[Decimal],
    "[1, sNaN]": frozenset[Decimal],
    "[{items: [1]}]": set[Frozen],
    "[[1, sNaN]]": set[tuple[Decimal, ...]],
}


@pytest.mark.parametrize(("text", "hint"), UNHASHABLE.items())
def test_what_has_no_hash_is_no_key_and_in_no_set(text: str, hint: Any) -> None:
    converter = converter_of(hint)
    assert converter is not None
    node = nodes.reader.read(text)
    assert node is not None
    reads: list[tuple[Any, Any]] = [
        (converter.from_text, text),
        (converter.from_line, [text]),
        (converter.from_node, node),
    ]
    for read, value in reads:
        with pytest.raises(ConversionError, match=r"has no hash and cannot be a key or an item of a set\."):
            read(value)


def test_nor_in_a_default_map() -> None:
    for hint, value in ((dict[Decimal, int], {"sNaN": 1}), (set[Decimal], [Decimal("sNaN")])):
        converter = converter_of(hint)
        assert converter is not None
        with pytest.raises(ConversionError, match="'sNaN' has no hash"):
            converter.from_plain(value)


@pytest.mark.parametrize(
    ("annotation", "incomplete", "offered"),
    [
        (list[Literal["red", "green"]], "", ["red", "green"]),
        (list[Literal["red", "green"]], "red g", ["red green"]),
        (list[Literal["red", "green"]], "red\tgreen  r", ["red\tgreen  red"]),
        (list[Literal["red", "green"]], "red 'g", ["red 'green'"]),
        (list[Literal["red", "green"]], '"red" "', ['"red" "red"', '"red" "green"']),
        (list[Literal["red", "green"]], "a'b c", []),
        (list[Literal["red", "green"]], "[", ["[red", "[green"]),
        (list[Literal["red", "green"]], "[red,g", ["[red,green"]),
        (list[Literal["red", "green"]], "[red, [gr", ["[red, [green"]),
        (list[Literal["a b", "it's so"]], "", ["'a b'", '"it\'s so"']),
        (list[Literal["a b"]], "'a", ["'a b'"]),
        (tuple[Literal["red", "green"], bool], "gr", ["green"]),
        (tuple[Literal["red", "green"], bool], "green t", ["green true"]),
        (tuple[Literal["red", "green"], bool], "green true ", []),
        (dict[Literal["red", "green"], bool], "gr", ["green="]),
        (dict[Literal["red", "green"], bool], "green=true red=f", ["green=true red=false"]),
        (dict[str, bool], "x=t", ["x=true"]),
        (dict[str, bool], "x", []),
    ],
)
def test_the_last_item_is_completed(annotation: Any, incomplete: str, offered: list[str]) -> None:
    assert converter(annotation).complete(incomplete) == [(text, "plain") for text in offered]


def test_of_a_file_in_a_list_only_the_path_is_completed() -> None:
    assert converter(list[Path]).complete("a.txt b/c") == [("b/c", "file")]
    assert converter(dict[str, Path]).complete("x=a y=b/c") == [("b/c", "file")]
