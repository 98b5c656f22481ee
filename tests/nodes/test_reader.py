"""Test reading YAML text to nodes with line and column."""

from __future__ import annotations

import json
import os

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from clickbind.nodes import ListNode, MapNode, NodeError, Scalar
from clickbind.nodes.core_schema import core
from clickbind.nodes.reader import MAX_DEPTH, MAX_VALUES, read
from tests.conftest import processor_seconds
from tests.nodes.reading import plain, refusal


@pytest.fixture(params=["libyaml", "pure"], autouse=True)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Run each test with PyYAML's parser in C, and with the one in Python that replaces it if it is missing."""
    if request.param == "pure":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    return str(request.param)


def scalar(text: str) -> Scalar:
    node = read(text)
    assert isinstance(node, Scalar)
    return node


@pytest.mark.parametrize("text", ["'1'", '"1"', "!!str 1", "! 1"])
def test_a_quoted_or_tagged_text_is_text(text: str) -> None:
    assert plain(text) == "1"
    assert not scalar(text).plain


def test_a_block_scalar_is_text() -> None:
    assert plain("a: |\n  null\n") == {"a": "null\n"}


@pytest.mark.parametrize("text", ["", "\n\n", "# a comment\n"])
def test_an_empty_text_has_no_root(text: str) -> None:
    assert read(text) is None


def test_an_empty_document_is_null() -> None:
    assert scalar("---\n").is_null


@pytest.mark.parametrize(
    ("text", "null"),
    [
        ("null", True),
        ("~", True),
        ("!!null ''", True),
        ("'null'", False),
        ("''", False),
        ("!!str", False),
        ("0", False),
    ],
)
def test_a_null_is_plain(text: str, null: bool) -> None:
    assert scalar(text).is_null is null


def test_a_node_knows_its_place_and_width() -> None:
    root = read("a: 1\nb:\n  - two\n  - 'three'\n")
    assert isinstance(root, MapNode)
    key, items = root.pairs[1]
    assert isinstance(key, Scalar)
    assert (key.text, key.line, key.column, key.width) == ("b", 1, 0, 1)
    assert isinstance(items, ListNode)
    assert [(item.line, item.column, getattr(item, "width", None)) for item in items.items] == [(2, 4, 3), (3, 4, 7)]


def test_a_text_over_several_lines_has_a_width_of_one() -> None:
    assert scalar("'two\n  lines'").width == 1


def test_nothing_has_a_width_of_one() -> None:
    root = read("a:\n")
    assert isinstance(root, MapNode)
    value = root.pairs[0][1]
    assert isinstance(value, Scalar)
    assert value.width == 1


def test_a_node_may_repeat_another() -> None:
    assert plain("a: &x [1, 2]\nb: *x\nc: [*x, &y 3, *y]\n") == {"a": [1, 2], "b": [1, 2], "c": [[1, 2], 3, 3]}


def test_the_last_anchor_of_a_name_counts() -> None:
    assert plain("[&a 1, *a, &a 2, *a]") == [1, 1, 2, 2]


def test_an_alias_may_be_a_key() -> None:
    assert plain("a: &k b\n*k : 1\n") == {"a": "b", "b": 1}


def test_an_alias_shares_what_is_in_its_node() -> None:
    root = read("[&a [1], *a]")
    assert isinstance(root, ListNode)
    first, second = root.items
    assert isinstance(first, ListNode)
    assert isinstance(second, ListNode)
    assert first.items is second.items


@pytest.mark.parametrize("anchored", ["x", "'x y'", "[1, 2]", "{k: 1}"])
def test_an_alias_has_a_place_of_its_own(anchored: str) -> None:
    root = read(f"a: &name {anchored}\nb:\n  - *name\n")
    assert isinstance(root, MapNode)
    (_, first), (_, items) = root.pairs
    assert isinstance(items, ListNode)
    second = items.items[0]
    assert (first.line, first.column) == (0, 3)
    assert (second.line, second.column) == (2, 4)
    assert type(first) is type(second)
    assert core(first) == core(second)


def test_an_unknown_alias_is_refused() -> None:
    assert refusal("a: 1\nb: *x\n") == ("undefined alias '*x'.", 1, 3)


@pytest.mark.parametrize(("text", "column"), [("&x [1, *x]", 7), ("&x {a: *x}", 7)])
def test_a_node_inside_itself_is_refused(text: str, column: int) -> None:
    assert refusal(text) == ("'*x' refers to itself.", 0, column)


def test_a_mapping_merges_another() -> None:
    assert plain("a: &a {x: 1, y: 2}\nb: {<<: *a, y: 3, z: 4}\n")["b"] == {"x": 1, "y": 3, "z": 4}


def test_of_several_merged_mappings_the_first_wins() -> None:
    text = "a: &a {x: 1}\nb: &b {x: 2, y: 3}\nc: {<<: [*a, *b]}\nd: {<<: *b, <<: *a}\n"
    assert plain(text)["c"] == {"x": 1, "y": 3}
    assert plain(text)["d"] == {"x": 2, "y": 3}


def test_merged_pairs_are_last() -> None:
    assert list(plain("a: &a {x: 1}\nb: {<<: *a, y: 2}\n")["b"]) == ["y", "x"]


def test_a_merge_goes_through_merges() -> None:
    assert plain("a: &a {x: 1}\nb: &b {<<: *a, y: 2}\nc: {<<: *b}\n")["c"] == {"x": 1, "y": 2}


def test_a_quoted_merge_is_a_key() -> None:
    assert plain("{'<<': 1}") == {"<<": 1}


@pytest.mark.parametrize(("text", "column"), [("{<<: 1}", 5), ("{<<: [{x: 1}, [2]]}", 14)])
def test_only_mappings_are_merged(text: str, column: int) -> None:
    assert refusal(text) == ("'<<' merges mappings only.", 0, column)


def test_a_key_that_is_a_list_survives_a_merge() -> None:
    root = read("a: &a {[1]: 2}\nb: {<<: *a, [3]: 4}\n")
    assert isinstance(root, MapNode)
    merged = root.pairs[1][1]
    assert isinstance(merged, MapNode)
    assert [type(key) for key, _ in merged.pairs] == [ListNode, ListNode]


@pytest.mark.parametrize("tag", ["str", "int", "float", "bool", "null", "binary"])
def test_a_tag_of_the_core_schema_is_read(tag: str) -> None:
    assert scalar(f"!!{tag} x").text == "x"


@pytest.mark.parametrize(("text", "value"), [("!!seq [a]", ["a"]), ("!!map {a: b}", {"a": "b"})])
def test_a_collections_own_tag_is_read(text: str, value: object) -> None:
    assert plain(text) == value


def test_a_tuple_of_argbind_is_a_list() -> None:
    assert plain("!!python/tuple [1, 2]") == [1, 2]


PATH = "!!python/object/apply:pathlib."


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("PosixPath [/, data, x]", "/data/x"),
        ("PosixPath\n- data\n- x", "data/x"),
        ("PosixPath []", "."),
        ("PurePosixPath [a/b]", "a/b"),
        ("_local.PosixPath [a, b]", "a/b"),
        ("WindowsPath ['C:\\', x]", "C:\\x"),
        ("PureWindowsPath [a, b]", "a\\b"),
        ("_local.PureWindowsPath [a, b]", "a\\b"),
        ("Path [a, b]", os.path.join("a", "b")),
        ("PurePath [a, 1]", os.path.join("a", "1")),
    ],
)
def test_a_path_of_argbind_is_joined(text: str, path: str) -> None:
    assert plain(f"{PATH}{text}") == path
    assert plain(f"x: &p {PATH}{text}\ny: [*p]") == {"x": path, "y": [path]}


@pytest.mark.parametrize("text", ["PosixPath [[a]]", "PosixPath [{a: b}]"])
def test_a_path_of_argbind_consists_of_texts(text: str) -> None:
    assert refusal(f"{PATH}{text}") == ("a path is a list of texts.", 0, 0)


def test_a_path_of_argbind_cannot_contain_itself() -> None:
    assert refusal(f"&p {PATH}PosixPath [*p]")[0] == "'*p' refers to itself."


@pytest.mark.parametrize("text", ["PosixPath a", "PosixPath {a: b}", "PosixPath.cwd []", "Posixpath [a]"])
def test_a_call_that_makes_no_path_is_refused(text: str) -> None:
    assert "is not supported: config files are plain YAML." in refusal(f"{PATH}{text}")[0]


@pytest.mark.parametrize(
    ("text", "tag"),
    [
        ("!!python/object/apply:os.system [ls]", "!!python/object/apply:os.system"),
        ("!!timestamp 2020-01-01", "!!timestamp"),
        ("!env HOME", "!env"),
        ("!env {a: b}", "!env"),
    ],
)
def test_any_other_tag_is_refused(text: str, tag: str) -> None:
    assert refusal(text) == (f"the tag {tag!r} is not supported: config files are plain YAML.", 0, 0)


def test_a_second_document_is_refused() -> None:
    message, line, column = refusal("a: 1\n---\nb: 2\n")
    assert (message, line, column) == ("a second document begins here: a config file has only one.", 1, 0)


def test_a_tab_is_refused_with_its_place() -> None:
    message, line, column = refusal("a:\n\tb: 1\n")
    assert message.startswith("invalid YAML: while scanning for the next token found character ")
    assert (line, column) == (1, 0)


def test_an_open_bracket_is_refused() -> None:
    message, line, _ = refusal("a: [1, 2\n")
    assert message.startswith("invalid YAML: while parsing a flow sequence ")
    assert line in {0, 1}


@pytest.mark.parametrize("text", ["a: \x07", "a: \x00", "a: \ud800"])
def test_what_no_yaml_may_contain_is_refused(text: str) -> None:
    message, line, column = refusal(text)
    assert message.startswith("invalid YAML: ")
    assert "\n" not in message
    assert (line, column) == (0, 3)


def test_settings_may_nest_a_hundred_deep() -> None:
    value = plain("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    for _ in range(MAX_DEPTH - 1):
        (value,) = value
    assert value == []


@pytest.mark.parametrize("opening", ["[", "{", "{a: ", "{? ", "- ", "? "])
@pytest.mark.parametrize("times", [MAX_DEPTH + 1, 1100, 50_000])
def test_deeper_nesting_is_refused_where_it_begins(opening: str, times: int) -> None:
    expected = ("nested more than 100 deep.", 0, len(opening) * MAX_DEPTH)
    assert refusal(opening * times) == expected


def test_deeper_nesting_is_refused_where_it_begins_on_a_later_line() -> None:
    assert refusal("a: 1\r\n'é': x\nb: " + "[" * 50_000) == ("nested more than 100 deep.", 2, 102)
    assert refusal("".join(" " * i + "a:\n" for i in range(2000))) == ("nested more than 100 deep.", 100, 100)


def test_an_error_before_the_nesting_is_the_one_that_is_reported() -> None:
    assert refusal("a: ]\nb: " + "[" * 50_000)[1:] == (0, 3)


def bomb(levels: int, width: int) -> str:
    lines = [f"a0: &a0 [{', '.join('x' * width)}]"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * width)}]" for i in range(1, levels)]
    return "\n".join(lines)


def test_an_alias_bomb_is_refused_at_once() -> None:
    with processor_seconds(1):
        message, line, column = refusal(bomb(9, 10))
    assert (message, line, column) == ("more than 1,000,000 values, with aliases expanded.", 5, 4)


def test_a_merge_bomb_is_refused_at_once() -> None:
    keys = ", ".join(f"k{i}: 1" for i in range(2000))
    text = f"a: &a {{{keys}}}\nb: {{<<: [{', '.join(['*a'] * 2000)}]}}\n"
    with processor_seconds(5):
        assert refusal(text)[0] == "more than 1,000,000 values, with aliases expanded."


def test_a_node_weighs_what_it_has_unfolded() -> None:
    root = read("[&a [1, 2], *a, {k: *a}]")
    assert root is not None
    assert root.weight == 1 + 3 + 3 + (1 + 1 + 3)
    assert root.weight < MAX_VALUES


SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text("no1: '\"\\#{}[],-&*!\t\n")
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text("abc", min_size=1), inner, max_size=4),
    max_leaves=10,
)


@settings(max_examples=50)
@given(VALUES)
def test_a_json_document_reads_as_itself(value: object) -> None:
    assert plain(json.dumps(value).replace("Infinity", ".inf")) == value


@pytest.mark.parametrize("text", ["😀", "x 😀 y", "😀😀", "é😀", "\\ud83d\\ude00", "\\\\ud83d\\ude00 😀"])
def test_what_json_writes_is_read(text: str) -> None:
    node = read(json.dumps({text: [text, 1]}))
    assert isinstance(node, MapNode)
    ((key, values),) = node.pairs
    assert isinstance(key, Scalar)
    assert isinstance(values, ListNode)
    first = values.items[0]
    assert isinstance(first, Scalar)
    assert (key.text, first.text) == (text, text)


@pytest.mark.parametrize("half", ["\\ud83d", "\\ude00", "\\ude00\\ud83d", "\\ud83d\\ude00\\ude00", "\\ud83dx\\ude00"])
def test_half_a_pair_stays_an_error(half: str) -> None:
    with pytest.raises(NodeError, match="invalid YAML"):
        read(f'a: "{half}"')


def test_in_single_quotes_an_escape_is_text() -> None:
    node = read("[a: '\\ud83d\\ude00', b: \"\\ud83d\\ude00\"]")
    assert isinstance(node, ListNode)
    pairs = [pair for item in node.items if isinstance(item, MapNode) for pair in item.pairs]
    assert [value.text for _, value in pairs if isinstance(value, Scalar)] == ["\\ud83d\\ude00", "😀"]
