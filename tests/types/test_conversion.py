"""Test the conversion of annotations to converters, and both directions of each converter."""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, List, Optional, Union  # noqa: UP035 - programs still write List

import click
import pytest
import yaml
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from clickbind import nodes
from clickbind.cli.option import AnnotationType
from clickbind.errors import ConversionError
from clickbind.types import UNKNOWN, Converter, is_null_word
from clickbind.types.table import converter_of
from clickbind.types.words import split
from tests.types.reading import converter, from_yaml

SHORT = settings(max_examples=50)


class Opaque:
    """Have a type that cannot be parsed from text."""


OLD_OPTIONAL = Optional[int]  # noqa: UP045 - programs still write it
OLD_LIST = List[int]  # noqa: UP006 - programs still write it
OLD_UNION = Union[Opaque, list[Opaque]]  # noqa: UP007 - programs still write it
ALIAS_OF_ONE = Union[int]  # noqa: UP007 - likewise


class Folder(os.PathLike[str]):
    """Be a program's own class of paths."""

    def __init__(self, text: str) -> None:
        if not text:
            raise ValueError(text)
        self.text = text

    def __fspath__(self) -> str:
        return self.text


def there_and_back(annotation: Any, value: Any) -> Any:
    """Write a value as YAML and read it."""
    return from_yaml(annotation, yaml.safe_dump(converter(annotation).to_plain(value)))


TEXTS = [
    (str, "1.10", "1.10"),
    (str, "", ""),
    (str, "none", "none"),
    (str, " x ", " x "),
    (int, "5", 5),
    (int, "-5", -5),
    (int, "08", 8),
    (int, "0x10", 16),
    (int, "0o20", 16),
    (int, "0b11", 3),
    (int, "1_000", 1000),
    (float, "1e-3", 0.001),
    (float, "5", 5.0),
    (float, ".5", 0.5),
    (float, "inf", math.inf),
    (float, ".inf", math.inf),
    (float, "-.INF", -math.inf),
    (bool, "yes", True),
    (bool, " TRUE ", True),
    (bool, "on", True),
    (bool, "1", True),
    (bool, "Off", False),
    (bool, "f", False),
    (bool, "0", False),
    (Path, "a/b", Path("a/b")),
    (PurePath, "a", PurePath("a")),
    (PurePosixPath, "a/../b", PurePosixPath("a/../b")),
    (OLD_OPTIONAL, "5", 5),
    (int | None, "5", 5),
    (None | int, "5", 5),
    (ALIAS_OF_ONE, "5", 5),
    (str | None, "", ""),
    (list, "a 1 2.5", ["a", 1, 2.5]),
    (OLD_LIST, "1 2", [1, 2]),
    (list[str], "a 'b c' d", ["a", "b c", "d"]),
    (list[str], "", []),
    (list[str], "[a, 'b c']", ["a", "b c"]),
    (list[int], "[]", []),
    (list[int | None], "[1, null]", [1, None]),
    (list[list[int]], "[[1], [2, 3]]", [[1], [2, 3]]),
    (list[str] | None, "a b", ["a", "b"]),
    (list[Path], "a b", [Path("a"), Path("b")]),
    (list[bool], "yes 0", [True, False]),
    (Any, "5", 5),
    (Any, "1e3", 1000.0),
    (Any, "true", True),
    (Any, "yes", "yes"),
    (Any, "[1, {a: b}]", [1, {"a": "b"}]),
    (Any, "{a: 1}", {"a": 1}),
    (UNKNOWN, "5", 5),
    (UNKNOWN, "text", "text"),
]


@pytest.mark.parametrize(("annotation", "text", "value"), TEXTS)
def test_a_text_becomes_a_value_of_the_annotation(annotation: Any, text: str, value: object) -> None:
    found = converter(annotation).from_text(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(("annotation", "text", "value"), TEXTS)
def test_one_text_on_the_line_means_the_same(annotation: Any, text: str, value: object) -> None:
    assert converter(annotation).from_line([text]) == value


@pytest.mark.parametrize(("annotation", "text", "value"), TEXTS)
def test_a_value_comes_back_from_its_plain_form(annotation: Any, text: str, value: object) -> None:
    assert there_and_back(annotation, value) == value


def test_not_a_number_is_a_float() -> None:
    assert math.isnan(converter(float).from_text(".NaN"))


def test_a_path_of_a_programs_own_is_read_and_written() -> None:
    assert converter(Folder).from_text("a/b").text == "a/b"
    assert converter(Folder).to_plain(Folder("a/b")) == "a/b"


def test_a_path_is_written_as_text() -> None:
    assert converter(Path).to_plain(Path("a/b")) == "a/b"


def test_an_int_in_a_floats_place_is_written_as_a_float() -> None:
    assert repr(converter(float).to_plain(5)) == "5.0"


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (int, "many", "'many' is not a valid integer."),
        (int, "5.7", "'5.7' is not a valid integer."),
        (int, "", "'' is not a valid integer."),
        (int, "x" * 80, f"'{'x' * 80}' is not a valid integer."),
        (int, "9" * 5000, f"'{'9' * 77}...' is not a valid integer."),
        (float, "fast", "'fast' is not a valid float."),
        (bool, "maybe", "'maybe' is not a valid boolean: true or false."),
        (Folder, "", "'' is not a valid path."),
        (int | None, "many", "'many' is not a valid integer."),
        (list[int], "1 many", "'many' is not a valid integer."),
        (list[int], "[1, many]", "'many' is not a valid integer."),
        (list[int], "{a: 1}", "expected INTEGER..., got a mapping."),
        (list[str], "a 'b", '"a \'b" has an unclosed quote.'),
        (Any, "{a: 1, a: 2}", "duplicate key 'a'."),
    ],
)
def test_a_text_that_is_no_value_is_refused(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(annotation).from_text(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("annotation", [Any, list[int]])
def test_flow_that_is_no_yaml_is_refused(annotation: Any) -> None:
    with pytest.raises(ConversionError, match=r"^'\[1, ': invalid YAML: while parsing a flow (sequence|node) .*\.$"):
        converter(annotation).from_text("[1, ")


def test_flow_nested_too_deep_is_refused() -> None:
    with pytest.raises(ConversionError) as caught:
        converter(Any).from_text("[" * 200)
    assert str(caught.value) == f"'{'[' * 77}...': nested more than 100 deep."


@pytest.mark.parametrize(
    ("annotation", "texts", "value"),
    [
        (int, ["1", "2"], 2),
        (bool, ["yes", "no"], False),
        (list[str], ["a b", "'c d'"], ["a", "b", "c d"]),
        (list[int], ["1", "[2, 3]"], [1, 2, 3]),
        (list[int] | None, ["1", "2"], [1, 2]),
        (list[int] | None, ["1", "none"], None),
        (int | None, ["None"], None),
        (int | None, ["NULL"], None),
        (int | None, ["none", "5"], 5),
        (Any, ["none"], None),
        (Any, ["Null"], None),
        (Any, ["1", "2"], 2),
        (str, ["none"], "none"),
    ],
)
def test_occurrences_on_the_line_add_up_or_the_last_one_counts(
    annotation: Any, texts: list[str], value: object
) -> None:
    assert converter(annotation).from_line(texts) == value


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (str, "no", "no"),
        (str, "1.10", "1.10"),
        (str, "'null'", "null"),
        (str, "''", ""),
        (int, "'5'", 5),
        (int, "0x10", 16),
        (float, "1e-3", 0.001),
        (bool, "no", False),
        (bool, "'on'", True),
        (int | None, "null", None),
        (int | None, "~", None),
        (str | None, "''", ""),
        (str | None, "none", "none"),
        (str | None, "'null'", "null"),
        (list[str], "[no, 1.10]", ["no", "1.10"]),
        (list[str], "no 'b c'", ["no", "b c"]),
        (list[int | None], "[1, ~]", [1, None]),
        (list[list[int]], "- [1]\n- 2 3", [[1], [2, 3]]),
        (list[int] | None, "[1]", [1]),
        (list, "[a, 1, [2]]", ["a", 1, [2]]),
        (Any, "no", "no"),
        (Any, "'5'", "5"),
        (Any, "null", None),
        (Any, "{a: [1, ~]}", {"a": [1, None]}),
        (UNKNOWN, "1e3", 1000.0),
    ],
)
def test_the_annotation_decides_what_a_node_means(annotation: Any, text: str, value: object) -> None:
    found = from_yaml(annotation, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (int, "null", "expected INTEGER, got null."),
        (str, "~", "expected TEXT, got null."),
        (bool, "[1]", "expected BOOLEAN, got a list."),
        (Path, "{a: b}", "expected PATH, got a mapping."),
        (list[int], "null", "expected INTEGER..., got null."),
        (list[int], "{a: 1}", "expected INTEGER..., got a mapping."),
        (int | None, "[1]", "expected INTEGER, got a list."),
        (Any, "{[a]: 1}", "expected a single value as key."),
    ],
)
def test_a_node_of_the_wrong_kind_is_refused(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        from_yaml(annotation, text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("annotation", "text", "place"),
    [(list[int], "[1, many]", (0, 4)), (list[list[int]], "- [1]\n- [2, many]", (1, 6)), (list[int], "[[1]]", (0, 1))],
)
def test_a_wrong_item_of_a_list_is_the_one_pointed_at(annotation: Any, text: str, place: tuple[int, int]) -> None:
    with pytest.raises(ConversionError) as caught:
        from_yaml(annotation, text)
    node = caught.value.node
    assert isinstance(node, nodes.Node)
    assert (node.line, node.column) == place


@pytest.mark.parametrize(
    ("annotation", "given_value", "value"),
    [
        (int, 5, 5),
        (int, "5", 5),
        (float, 5, 5.0),
        (str, 5.5, "5.5"),
        (bool, True, True),
        (bool, "no", False),
        (Path, Path("a"), Path("a")),
        (int | None, None, None),
        (int | None, "5", 5),
        (list[int], [1, "2"], [1, 2]),
        (list[int], (1, 2), [1, 2]),
        (list[str], "a b", ["a", "b"]),
        (list[int] | None, None, None),
        (Any, (1, 2), (1, 2)),
        (UNKNOWN, {"a": 1}, {"a": 1}),
    ],
)
def test_a_python_value_of_a_default_map_is_read(annotation: Any, given_value: object, value: object) -> None:
    found = converter(annotation).from_plain(given_value)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("annotation", "given_value", "message"),
    [
        (int, 5.7, "'5.7' is not a valid integer."),
        (int, None, "expected INTEGER, got None."),
        (int, [1], "expected INTEGER, got [1]."),
        (str, {"a": 1}, "expected TEXT, got {'a': 1}."),
        (str, ("a",), "expected TEXT, got ('a',)."),
        (bool, {1}, "expected BOOLEAN, got {1}."),
        (list[int], None, "expected INTEGER..., got None."),
        (list[int], {"a": 1}, "expected INTEGER..., got {'a': 1}."),
        (list[int], [1, 2.5], "'2.5' is not a valid integer."),
    ],
)
def test_a_python_value_of_another_kind_is_refused(annotation: Any, given_value: object, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(annotation).from_plain(given_value)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    "annotation",
    [Opaque, print, 5, None, list[Opaque], dict[str, Opaque], tuple[int, Opaque], OLD_UNION, Opaque | None],
)
def test_an_annotation_that_no_text_can_make_has_no_converter(annotation: Any) -> None:
    assert converter_of(annotation) is None


@pytest.mark.parametrize(
    ("annotation", "metavar", "nullable", "repeated", "flag", "mutable"),
    [
        (str, "TEXT", False, False, False, False),
        (int, "INTEGER", False, False, False, False),
        (float, "FLOAT", False, False, False, False),
        (bool, "BOOLEAN", False, False, True, False),
        (Path, "PATH", False, False, False, False),
        (bool | None, "BOOLEAN", True, False, True, False),
        (list[int], "INTEGER...", False, True, False, True),
        (list[str] | None, "TEXT...", True, True, False, True),
        (list, "VALUE...", False, True, False, True),
        (Any, "VALUE", True, False, False, True),
    ],
)
def test_a_type_decides_how_its_option_behaves(  # noqa: PLR0917 - a table's columns
    annotation: Any, metavar: str, nullable: bool, repeated: bool, flag: bool, mutable: bool
) -> None:
    found = converter(annotation)
    assert (found.metavar, found.nullable, found.repeated) == (metavar, nullable, repeated)
    assert (found.flag, found.mutable) == (flag, mutable)


def test_none_can_be_made_a_value_whatever_the_annotation_says() -> None:
    found = converter_of(int, optional=True)
    assert found is not None
    assert found.nullable
    assert found.from_plain(None) is None
    assert found.to_plain(None) is None
    assert found.to_plain(5) == 5


@pytest.mark.parametrize("annotation", [int | None, Any])
def test_a_type_that_has_none_is_not_made_optional_twice(annotation: Any) -> None:
    found = converter_of(annotation, optional=True)
    assert type(found) is type(converter_of(annotation))
    assert not isinstance(getattr(found, "inner", None), type(found))


def test_no_converter_is_made_optional_where_there_is_none() -> None:
    assert converter_of(Opaque, optional=True) is None


def test_a_new_type_needs_to_say_how_it_is_read() -> None:
    with pytest.raises(NotImplementedError):
        Converter().from_text("x")


def test_a_new_type_is_plain_and_completes_nothing_unless_it_says_more() -> None:
    assert Converter().to_plain("x") == "x"
    assert Converter().complete("x") == []


@pytest.mark.parametrize(
    ("annotation", "incomplete", "offered"),
    [
        (bool, "", [("true", "plain"), ("false", "plain")]),
        (bool, "t", [("true", "plain")]),
        (bool | None, "f", [("false", "plain")]),
        (Path, "a/", [("a/", "file")]),
        (list[Path], "a", [("a", "file")]),
        (int, "1", []),
        (Any, "", []),
    ],
)
def test_a_type_offers_values_for_completion(annotation: Any, incomplete: str, offered: list[Any]) -> None:
    assert converter(annotation).complete(incomplete) == offered


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", []),
        ("  ", []),
        ("a b", ["a", "b"]),
        ("\ta\n b ", ["a", "b"]),
        ("'a b' c", ["a b", "c"]),
        ('"a b" c', ["a b", "c"]),
        ("a'b c'd", ["ab cd"]),
        ("''", [""]),
        ('"" x', ["", "x"]),
        ('"it\'s"', ["it's"]),
        ("'say \"x\"'", ['say "x"']),
        (r"C:\new 'D:\my files\'", [r"C:\new", "D:\\my files\\"]),
    ],
)
def test_a_typed_list_is_split_at_white_space_and_quotes_protect(text: str, words: list[str]) -> None:
    assert split(text) == words


@pytest.mark.parametrize("text", ["'", 'a "b', "a' b", "'a' 'b", "\"'"])
def test_a_quote_that_nothing_closes_is_refused(text: str) -> None:
    with pytest.raises(ConversionError) as caught:
        split(text)
    assert str(caught.value) == f"{text!r} has an unclosed quote."


@pytest.mark.parametrize(
    ("text", "null"), [("none", True), ("None", True), ("NULL", True), ("", False), ("~", False), ("nil", False)]
)
def test_none_and_null_mean_none_on_the_line(text: str, null: bool) -> None:
    assert is_null_word(text) is null


def test_a_converter_is_a_type_of_click() -> None:
    @click.command()
    @click.option("--x", type=AnnotationType(converter(list[int])))
    def program(x: list[int]) -> None:
        click.echo(repr(x))

    assert CliRunner().invoke(program, ["--x", "1 2"]).output == "[1, 2]\n"


def test_a_type_of_click_says_what_is_wrong_where_click_says_it() -> None:
    kind = AnnotationType(converter(int))
    with pytest.raises(click.BadParameter) as caught:
        kind.convert("many", click.Option(["--x"]), None)
    assert caught.value.format_message() == "Invalid value for '--x': 'many' is not a valid integer."


def test_a_type_of_click_takes_what_is_right_already() -> None:
    assert AnnotationType(converter(int)).convert(5.5, None, None) == 5.5


def test_a_type_of_click_survives_without_context() -> None:
    assert AnnotationType(converter(int)).convert("5", None, None) == 5


def test_a_type_of_click_has_the_converters_metavar_and_name() -> None:
    kind = AnnotationType(converter(list[int]))
    option = click.Option(["--x"])
    assert kind.get_metavar(option, click.Context(click.Command("prog"))) == '"INTEGER ..."'
    assert kind.name == "integer..."


def test_a_type_of_click_offers_what_the_converter_offers() -> None:
    ctx, option = click.Context(click.Command("prog")), click.Option(["--x"])
    (item,) = AnnotationType(converter(Path)).shell_complete(ctx, option, "a/")
    assert (item.value, item.type) == ("a/", "file")


BARE_WORDS = st.text(st.characters(exclude_categories=["Z", "C"], exclude_characters="\"'[{"), min_size=1, max_size=8)


@SHORT
@given(st.integers())
def test_an_integer_survives_text_and_yaml(value: int) -> None:
    found = converter(int).from_text(str(value))
    assert found == value
    assert there_and_back(int, found) == value


@SHORT
@given(st.floats())
def test_a_float_survives_text_and_yaml(value: float) -> None:
    found = converter(float).from_text(repr(value))
    assert repr(found) == repr(value)
    assert repr(there_and_back(float, found)) == repr(value)


@SHORT
@given(st.sampled_from(["yes", "no", "True", "f", "1", "OFF"]))
def test_a_boolean_survives_text_and_yaml(text: str) -> None:
    found = converter(bool).from_text(text)
    assert there_and_back(bool, found) is found


@SHORT
@given(st.text(max_size=20))
def test_a_text_survives_text_and_yaml(text: str) -> None:
    assert converter(str).from_text(text) == text
    assert there_and_back(str, text) == text
    assert there_and_back(str | None, text) == text


@SHORT
@given(st.lists(BARE_WORDS).map("/".join))
def test_a_path_survives_text_and_yaml(text: str) -> None:
    found = converter(PurePosixPath).from_text(text)
    assert there_and_back(PurePosixPath, found) == found == PurePosixPath(text)


@SHORT
@given(st.lists(BARE_WORDS))
def test_words_survive_as_a_list(words: list[str]) -> None:
    found = converter(list[str]).from_text(" ".join(words))
    assert found == words
    assert there_and_back(list[str], found) == words


@SHORT
@given(st.lists(st.text(st.characters(exclude_characters="'", exclude_categories=["Cs"]))))
def test_quoted_words_survive_as_a_list(words: list[str]) -> None:
    assert converter(list[str]).from_text(" ".join(f"'{word}'" for word in words)) == words


@SHORT
@given(st.lists(st.none() | st.integers()))
def test_a_list_with_gaps_survives_flow_text_and_yaml(values: list[int | None]) -> None:
    found = converter(list[int | None]).from_text(str(values).replace("None", "null"))
    assert found == values
    assert there_and_back(list[int | None], found) == values


@SHORT
@given(st.text(st.sampled_from("ab '\"\\\t"), max_size=10))
def test_any_text_is_split_or_has_a_quote_that_nothing_closes(text: str) -> None:
    state = ""
    for character in text:  # a quote is closed by the same one, and hides the other kind
        if character in "'\"" and state in {"", character}:
            state = "" if state else character
    if state:
        with pytest.raises(ConversionError, match="has an unclosed quote"):
            split(text)
    else:
        assert sum(map(len, split(text))) <= len(text)
