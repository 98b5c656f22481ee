"""Test that values in unions with str, and keys of dicts, come back with the same type, whatever their text is."""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
import re
import uuid
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any, Union

import pytest
import yaml
from click.core import ParameterSource
from hypothesis import example, given, settings
from hypothesis import strategies as st

from clickbind.declare.function import ParameterSpec
from clickbind.errors import ConversionError, SaveError
from clickbind.keys import Key
from clickbind.layers import ResolvedValue
from clickbind.nodes.reader import read
from clickbind.record.entries import entry_of
from clickbind.types.table import converter_of
from clickbind.types.unions import UnionConverter

# Texts that YAML could read as something else, and texts with white space or unusual characters.
HARD = st.sampled_from(
    [
        *[
            "my: file",
            "[a-z]+$",
            "{a}",
            "#x",
            "a #x",
            "- a",
            "? a",
            "null",
            "~",
            "none",
            "",
            "$a",
            "${a}",
            "$$",
            "'",
            '"',
            "a: ",
            "!",
            "&",
            "*",
            ">",
            "%",
            "@",
            "`",
        ],
        *[
            "1",
            "1e3",
            "yes",
            "2020-01-01",
            "fe80::",
            "a:",
            "é",
            "😀",
            " a",
            "a ",
            "\ta",
            "a\nb",
            "\u2028",
            "�",
            "\x7f",
            "\x85",
        ],
        "|",
    ]
)
TEXTS = HARD | st.text(max_size=8)
PATTERNS = TEXTS.map(lambda text: re.escape(text) if _is_wrong(text) else text)


def _is_wrong(text: str) -> bool:
    try:
        re.compile(text)
    except (re.error, ValueError, OverflowError):
        return True
    return False


TYPES: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(),
    float: st.floats(allow_nan=False),
    bool: st.booleans(),
    bytes: st.binary(max_size=6),
    complex: st.complex_numbers(allow_nan=False),
    Decimal: st.decimals(allow_nan=False),
    Fraction: st.fractions(),
    dt.date: st.dates(),
    dt.datetime: st.datetimes(),
    dt.time: st.times(),
    dt.timedelta: st.timedeltas(),
    uuid.UUID: st.uuids(),
    ipaddress.IPv4Address: st.ip_addresses(v=4),
    ipaddress.IPv6Address: st.ip_addresses(v=6),
    Path: TEXTS.filter(lambda text: "\0" not in text).map(Path),
    PurePosixPath: TEXTS.map(PurePosixPath),
    re.Pattern: PATTERNS.map(re.compile),
    None: st.none(),
}


@st.composite
def cases(draw: st.DrawFn) -> tuple[Any, Any]:
    """Draw a union with str, and one of its values."""
    members = draw(st.lists(st.sampled_from(list(TYPES)), min_size=1, max_size=4, unique=True))
    return Union[(str, *members)], draw(st.one_of(TEXTS, *(TYPES[kind] for kind in members)))


def saved(hint: Any, value: Any) -> str:
    spec = ParameterSpec("x", hint, None, converter_of(hint))
    return entry_of(Key("f", "x"), spec, ResolvedValue(value, ParameterSource.COMMANDLINE, "--f.x")).text


def loaded(hint: Any, text: str) -> Any:
    converter, node = converter_of(hint), read(text)
    assert converter is not None
    return converter.from_node(node.pairs[0][1])  # type: ignore[union-attr]


@settings(deadline=None)
@given(cases())
@example((Path | str, Path("my: file")))
@example((re.Pattern | str, re.compile("[a-z]+")))
@example((ipaddress.IPv6Address | str, ipaddress.IPv6Address("fe80::")))
def test_every_value_of_a_union_comes_back_if_any_text_makes_it(case: tuple[Any, Any]) -> None:
    hint, value = case
    converter = converter_of(hint)
    assert converter is not None
    inner: Any = getattr(converter, "inner", converter)
    assert isinstance(inner, UnionConverter) or value is None or type(value) is str
    try:
        text = saved(hint, value)
    except SaveError:
        member = next(item for item in inner.members if item.accepts(value))
        if type(value) is str:
            assert not value.isprintable()  # a surrogate
            return
        try:
            found = converter.from_text(member.to_bare(value))
        except (ConversionError, ValueError):
            return
        # Another member accepts the text, or bytes accepts the tag.
        assert type(found) is not type(value) or found != value or bytes in hint.__args__
    else:
        back = yaml.safe_load(text)["f.x"]
        assert not isinstance(back, str) or type(value) is not str or back == value


KEYS: list[tuple[Any, Any]] = [
    (tuple[int, int], (1, 2)),
    (tuple[str, ...], ()),
    (tuple[str, ...], ("a b", "'", '"', "", "[", "😀")),
    (tuple[str, str], ("[a", "b")),
    (tuple[tuple[int, str], float], ((1, "a"), math.inf)),
    (tuple[int | None, bool], (None, True)),
    (tuple[int | str, ...], (5, "5", "x")),
    (frozenset[int], frozenset({3, 1, 2})),
    (tuple[int, int] | str, (1, 2)),
    (tuple[int, int] | str, "1 2"),
    (tuple[Path | str, int], (Path("a"), 1)),
    (tuple[float, ...], (1e300, -0.5, 3.0)),
]


@pytest.mark.parametrize(("hint", "key"), KEYS, ids=str)
def test_a_dict_of_any_keys_is_read_by_other_readers_too(hint: Any, key: Any) -> None:
    value = {key: 1}
    text = saved(dict[hint, int], value)
    back = loaded(dict[hint, int], text)
    assert back == value
    assert [type(item) for item in back] == [type(key)]
    assert list(yaml.safe_load(text)["f.x"].values()) == [1]


@settings(deadline=None)
@given(st.dictionaries(st.tuples(TEXTS, st.tuples(st.integers(), TEXTS)), st.integers(), max_size=3))
def test_so_is_one_of_nested_tuples_of_any_text(value: dict[Any, int]) -> None:
    hint = dict[tuple[str, tuple[int, str]], int]
    try:
        text = saved(hint, value)
    except SaveError:
        assert any("\ud800" <= character <= "\udfff" for key in value for character in key[0] + key[1][1])
        return
    assert loaded(hint, text) == value
    assert list(yaml.safe_load(text)["f.x"].values()) == list(value.values())


def test_a_key_that_is_a_list_of_bytes_is_refused() -> None:
    with pytest.raises(SaveError, match="cannot be written"):
        saved(dict[tuple[bytes, int], int], {(b"\xff", 1): 1})


def test_what_is_no_base64_is_an_error() -> None:
    with pytest.raises(ConversionError, match=r"'\*' is not base64, as !!binary must be\."):
        loaded(Path | str, "f.x: !!binary '*'")


@pytest.mark.parametrize("text", ["=", "<<"])
def test_what_yaml_1_1_takes_for_a_sign_of_its_own_comes_back(text: str) -> None:
    """Writing it bare would be a value or merge key there, which PyYAML's loaders refuse (https://yaml.org/type/)."""
    written = saved(Union[str, Path], Path(text))  # noqa: UP007 - as a value, on Python 3.10 too
    assert yaml.safe_load(written) == {"f.x": text.encode()}
