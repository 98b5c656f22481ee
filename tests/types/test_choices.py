"""Test Enums, Literals, and import paths."""

from __future__ import annotations

import collections
import enum
import math
import sys
from collections.abc import Callable
from pathlib import Path, PurePath
from typing import Any, Literal

import pytest

from clickbind.errors import ConversionError
from clickbind.types.table import converter_of
from tests.types.reading import converter, from_yaml


class Color(enum.Enum):
    RED = 1
    GREEN = 2
    CRIMSON = 1  # noqa: PIE796 - an alias


class Cased(enum.Enum):
    ONE = 1
    one = 2
    Two = 3


class Access(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4
    BOTH = 3


class Bits(enum.IntFlag):
    A = 1
    B = 2


class Quiet(enum.Flag):
    NONE = 0
    A = 1


Mixed = Literal["auto", 1, True, None, b"raw", Color.RED]  # noqa: PYI061 - one of them


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Color, "RED", Color.RED),
        (Color, "green", Color.GREEN),
        (Color, "crimson", Color.RED),
        (Cased, "one", Cased.one),
        (Cased, "ONE", Cased.ONE),
        (Cased, "TWO", Cased.Two),
        (Access, "READ", Access.READ),
        (Access, "read | run", Access.READ | Access.RUN),
        (Access, "BOTH|RUN", Access.READ | Access.WRITE | Access.RUN),
        (Access, "", Access(0)),
        (Quiet, "none", Quiet.NONE),
    ],
)
def test_an_enum_is_read_by_name(annotation: Any, text: str, value: object) -> None:
    assert converter(annotation).from_text(text) is value or converter(annotation).from_text(text) == value


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (Color, "rad", "'rad' is not one of 'RED', 'GREEN', 'CRIMSON'."),
        (Color, "GREN", "'GREN' is not one of 'RED', 'GREEN', 'CRIMSON'. Did you mean 'GREEN'?"),
        (Color, "1", "'1' is not one of 'RED', 'GREEN', 'CRIMSON'."),
        (Cased, "One", "'One' is not one of 'ONE', 'one', 'Two'. Did you mean 'one'?"),
        (Access, "READ|RIDE", "'RIDE' is not one of 'READ', 'WRITE', 'RUN', 'BOTH'. Did you mean 'WRITE'?"),
        (Literal["fast", "slow"], "fst", "'fst' is not one of 'fast', 'slow'. Did you mean 'fast'?"),
        (Literal["fast", "slow"], "FAST", "'FAST' is not one of 'fast', 'slow'."),
        (Mixed, "2", "'2' is not one of 'auto', '1', 'True', 'none', 'raw', 'RED'."),
    ],
)
def test_what_is_none_of_the_names_is_refused(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(annotation).from_text(text)
    assert str(caught.value).startswith(message)


@pytest.mark.parametrize(
    ("annotation", "value", "plain"),
    [
        (Color, Color.RED, "RED"),
        (Color, Color.CRIMSON, "RED"),
        (Access, Access.READ, "READ"),
        (Access, Access.BOTH, "BOTH"),
        (Access, Access.READ | Access.RUN, "READ|RUN"),
        (Access, Access(0), ""),
        (Quiet, Quiet(0), "NONE"),
    ],
)
def test_an_enum_is_written_by_name(annotation: Any, value: object, plain: str) -> None:
    assert converter(annotation).to_plain(value) == plain
    assert converter(annotation).from_text(plain) == value


@pytest.mark.parametrize("value", [1, "RED", Access.READ, None])
def test_what_is_no_member_cannot_be_written(value: object) -> None:
    with pytest.raises(TypeError, match="is not a Color"):
        converter(Color).to_plain(value)


def test_a_flag_of_bits_without_a_name_cannot_be_written() -> None:
    with pytest.raises((TypeError, ValueError)):
        converter(Bits).to_plain(Bits(9))


@pytest.mark.parametrize(
    ("annotation", "incomplete", "offered"),
    [
        (Color, "", ["RED", "GREEN", "CRIMSON"]),
        (Color, "g", ["GREEN"]),
        (Literal["fast", "slow", None], "", ["fast", "slow", "none"]),  # noqa: PYI061 - one of them
        (Literal["fast", "slow", None], "s", ["slow"]),  # noqa: PYI061 - likewise
        (list[Color], "R", ["RED"]),
    ],
)
def test_the_names_are_offered(annotation: Any, incomplete: str, offered: list[str]) -> None:
    assert converter(annotation).complete(incomplete) == [(name, "plain") for name in offered]


@pytest.mark.parametrize(
    ("annotation", "metavar"),
    [(Color, "[RED|GREEN|CRIMSON]"), (Mixed, "[auto|1|True|none|raw|RED]")],
)
def test_the_metavar_has_the_names(annotation: Any, metavar: str) -> None:
    assert converter(annotation).metavar == metavar


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("auto", "auto"),
        ("1", 1),
        ("0x1", 1),
        ("true", True),
        ("on", True),
        ("raw", b"raw"),
        ("red", Color.RED),
    ],
)
def test_a_literal_is_read_by_the_texts_of_its_values(text: str, value: object) -> None:
    for found in (converter(Mixed).from_text(text), converter(Mixed).from_typed(text), from_yaml(Mixed, text)):
        assert found == value
        assert type(found) is type(value)


def test_a_literals_none_is_typed_as_a_word_and_is_null_in_a_file() -> None:
    assert converter(Mixed).nullable
    assert converter(Mixed).from_typed("None") is None
    assert from_yaml(Mixed, "null") is None
    with pytest.raises(ConversionError):
        converter(Mixed).from_text("none")


def test_null_is_refused_where_none_is_none_of_the_values() -> None:
    with pytest.raises(ConversionError, match="got null"):
        from_yaml(Literal["a"], "null")


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Literal["1", 1], "1", 1),
        (Literal["1", 1], "'1'", "1"),
        (Literal["true", True], "true", True),
        (Literal["true", True], "'true'", "true"),
        (Literal["a", 1], "'1'", 1),
    ],
)
def test_quotes_make_a_literals_text_a_str_where_it_has_one(annotation: Any, text: str, value: object) -> None:
    found = from_yaml(annotation, text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [("auto", "auto"), (1, 1), (True, True), (None, None), (b"raw", "raw"), (Color.RED, "RED")],
)
def test_a_literals_value_is_written_plainly(value: object, plain: object) -> None:
    found = converter(Mixed).to_plain(value)
    assert found == plain
    assert type(found) is type(plain)


@pytest.mark.parametrize("value", [2, "1", False, b"auto", Color.GREEN])
def test_what_is_none_of_a_literals_values_cannot_be_written(value: object) -> None:
    with pytest.raises(TypeError, match="is none of"):
        converter(Mixed).to_plain(value)


def test_a_literal_of_bytes_that_are_no_text_has_a_converter() -> None:
    assert converter(Literal[b"\xff", "a"]).from_text("a") == "a"


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Callable, "math:sqrt", math.sqrt),
        (Callable[..., int], "collections:Counter", collections.Counter),
        (Callable, "collections:Counter.most_common", collections.Counter.most_common),
        (type, "builtins:int", int),
        (type[PurePath], "pathlib:Path", Path),
        (type[Any], "builtins:int", int),
        (type[Color | int], "builtins:str", str),
    ],
)
def test_an_import_path_leads_to_what_it_names(annotation: Any, text: str, value: object) -> None:
    assert converter(annotation).from_text(text) is value
    assert converter(annotation).to_plain(value) == f"{value.__module__}:{value.__qualname__}"


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (Callable, "math", "'math' is not an import path: package.module:name."),
        (Callable, "math:", "'math:' is not an import path: package.module:name."),
        (Callable, ":sqrt", "':sqrt' is not an import path: package.module:name."),
        (Callable, "math:sqr", "'math:sqr': 'math' has no 'sqr'. Did you mean 'sqrt'?"),
        (Callable, "math:pi", "'math:pi' is not callable."),
        (type[PurePath], "builtins:int", "'builtins:int' is not a subclass of PurePath."),
        (type[PurePath], "math:sqrt", "'math:sqrt' is not a subclass of PurePath."),
    ],
)
def test_what_a_path_does_not_lead_to_is_refused(annotation: Any, text: str, message: str) -> None:
    for read in (converter(annotation).from_text, converter(annotation).from_typed):
        with pytest.raises(ConversionError) as caught:
            read(text)
        assert str(caught.value) == message


def test_only_what_is_typed_imports(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "clickbind_test_late.py").write_text("def late(): ...\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    found = converter(Callable)
    with pytest.raises(
        ConversionError, match="is not imported by the program, and only the command line can import it"
    ):
        found.from_text("clickbind_test_late:late")
    assert "clickbind_test_late" not in sys.modules
    late = found.from_typed("clickbind_test_late:late")
    assert found.from_text("clickbind_test_late:late") is late
    monkeypatch.delitem(sys.modules, "clickbind_test_late")


@pytest.mark.parametrize("module", ["clickbind_test_nowhere", "math.nowhere", ".math", ".", "math."])
def test_a_module_that_cannot_be_imported_is_an_error(module: str) -> None:
    with pytest.raises(ConversionError, match="cannot be imported"):
        converter(Callable).from_typed(f"{module}:x")


def test_what_its_path_does_not_lead_back_to_cannot_be_written() -> None:
    def inner() -> None: ...

    with pytest.raises(ValueError, match="has no"):
        converter(Callable).to_plain(inner)

    inner.__qualname__ = "converter"
    with pytest.raises(ValueError, match="is another"):
        converter(Callable).to_plain(inner)


@pytest.mark.parametrize("value", [[1], {"a"}, ["a", 1]])
def test_what_does_not_hash_is_no_member_of_a_literal(value: object) -> None:
    converter = converter_of(Literal["a", 1])
    assert converter is not None
    assert not converter.accepts(value)


def test_a_text_and_bytes_that_read_alike_are_both_members_of_a_literal() -> None:
    converter = converter_of(Literal[b"a", "a"])
    assert converter is not None
    assert [converter.accepts(value) for value in ("a", b"a")] == [True, True]
    assert converter.from_text("a") == b"a"
