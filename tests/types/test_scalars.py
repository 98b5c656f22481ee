"""Test types whose values are one text: they read and write values, and refuse other texts."""

from __future__ import annotations

import datetime as dt
import ipaddress
import math
import os
import re
import uuid
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import pydantic
import pytest
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from clickbind.errors import ConversionError
from clickbind.types import RANKS, Converter, read_int
from clickbind.types.scalars import scalar_converter
from clickbind.types.table import converter_of
from tests.types.reading import converter, from_yaml

SHORT = settings(max_examples=60)


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (complex, "1+2j", 1 + 2j),
        (complex, "(1 + 2j)", 1 + 2j),
        (complex, "j", 1j),
        (Decimal, "1.10", Decimal("1.10")),
        (Decimal, "1e3", Decimal(1000)),
        (Fraction, "1/3", Fraction(1, 3)),
        (Fraction, ".5", Fraction(1, 2)),
        (dt.date, "2024-02-29", dt.date(2024, 2, 29)),
        (dt.datetime, "2024-02-29", dt.datetime(2024, 2, 29)),  # noqa: DTZ001 - as it was typed
        (dt.datetime, "2024-02-29 01:02:03.000004", dt.datetime(2024, 2, 29, 1, 2, 3, 4)),  # noqa: DTZ001 - likewise
        (dt.datetime, "2024-02-29T00:00Z", dt.datetime(2024, 2, 29, tzinfo=dt.timezone.utc)),
        (dt.datetime, "2024-02-29T00:00z", dt.datetime(2024, 2, 29, tzinfo=dt.timezone.utc)),
        (dt.time, "12:30", dt.time(12, 30)),
        (dt.time, "12:30Z", dt.time(12, 30, tzinfo=dt.timezone.utc)),
        (uuid.UUID, "{00000000-0000-0000-0000-00000000000A}", uuid.UUID(int=10)),
        (ipaddress.IPv4Address, "10.0.0.1", ipaddress.IPv4Address("10.0.0.1")),
        (ipaddress.IPv6Network, "::/0", ipaddress.IPv6Network("::/0")),
        (re.Pattern, "a[b-c]+", re.compile("a[b-c]+")),
        (bytes, "é", b"\xc3\xa9"),
        (bytes, "", b""),
    ],
)
def test_a_text_becomes_a_value(annotation: Any, text: str, value: object) -> None:
    found = converter(annotation).from_text(text)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0:05", 300),
        ("1:30:00", 5400),
        ("25:00:00", 90000),
        ("1 day, 2:03:04.5", 93784.5),
        ("2 days, 0:00:00", 172800),
        ("-1 day, 23:59:59", -1),
        (" 1:00 ", 3600),
        ("90s", 90),
        ("1.5h", 5400),
        ("1h30m", 5400),
        ("1d 2h 3m 4s", 93784),
        ("1 day, 2h", 93600),
        ("14 days", 1209600),
        ("2w", 1209600),
        ("250ms", 0.25),
        ("5us", 0.000005),
        ("-1h30m", -5400),
    ],
)
def test_a_duration_is_a_clock_or_numbers_with_units(text: str, seconds: float) -> None:
    assert converter(dt.timedelta).from_text(text).total_seconds() == seconds


@pytest.mark.parametrize("text", ["", "5", "1.5", "1:5", "h", "1x", "1h30", "1h:30m", "999999999w", "- -1h", "1 hays"])
def test_a_text_without_units_is_no_duration(text: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(dt.timedelta).from_text(text)
    assert str(caught.value) == f"{text!r} is not a valid duration."


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (int, "9" * 4000, f"'{'9' * 77}...' is not a valid integer."),
        (complex, "1+", "'1+' is not a valid complex."),
        (Decimal, "1,5", "'1,5' is not a valid decimal."),
        (Fraction, "1/0", "'1/0' is not a valid fraction."),
        (dt.date, "2024-02-30", "'2024-02-30' is not a valid date."),
        (dt.datetime, "", "'' is not a valid datetime."),
        (dt.time, "25:00", "'25:00' is not a valid time."),
        (uuid.UUID, "5", "'5' is not a valid UUID."),
        (ipaddress.IPv4Address, "::1", "'::1' is not a valid IPv4 address."),
        (ipaddress.IPv4Network, "10.0.0.1/8", "'10.0.0.1/8' is not a valid IPv4 network."),
        (re.Pattern, "(", "'(' is not a valid pattern."),
        (bytes, "\udcff", "'\\udcff' is not a valid bytes."),
        (bool, "2", "'2' is not a valid boolean: true or false."),
        (bool, "none", "'none' is not a valid boolean: true or false."),
    ],
)
def test_a_text_that_is_no_value_is_refused(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(annotation).from_text(text)
    assert str(caught.value) == message


def test_an_int_of_more_digits_than_can_be_written_is_refused() -> None:
    with pytest.raises(ValueError, match="0xfff"):
        read_int("0x" + "f" * 3500)


@pytest.mark.parametrize(
    ("annotation", "value", "plain"),
    [
        (complex, 1 + 2j, "(1+2j)"),
        (Decimal, Decimal("1.10"), "1.10"),
        (Fraction, Fraction(1, 3), "1/3"),
        (dt.date, dt.date(2024, 2, 29), "2024-02-29"),
        (dt.datetime, dt.datetime(2024, 2, 29), "2024-02-29 00:00:00"),  # noqa: DTZ001 - as it was typed
        (dt.timedelta, dt.timedelta(days=-1, seconds=1), "-1 day, 0:00:01"),
        (ipaddress.IPv4Address, ipaddress.IPv4Address(1), "0.0.0.1"),
        (re.Pattern, re.compile("(?i)a"), "(?i)a"),
        (bytes, b"a", "a"),
        (bytes, b"\xff", b"\xff"),
        (bool, True, True),
        (float, 5, 5.0),
        (Path, Path("a/b"), "a/b"),
    ],
)
def test_a_value_is_written_as_plain_yaml(annotation: Any, value: object, plain: object) -> None:
    found = converter(annotation).to_plain(value)
    assert found == plain
    assert type(found) is type(plain)


def test_a_pattern_with_flags_outside_of_its_text_cannot_be_written() -> None:
    with pytest.raises(ValueError, match=r"write them into it, as in \(\?i\)"):
        converter(re.Pattern).to_plain(re.compile("a", re.IGNORECASE))


def test_what_is_no_str_cannot_be_written_as_one() -> None:
    with pytest.raises(TypeError, match="5 is not a str"):
        converter(str).to_plain(5)


@pytest.mark.parametrize(
    ("annotation", "value", "taken"),
    [
        (int, 5, True),
        (int, True, False),
        (float, 5, True),
        (float, True, False),
        (bool, 1, False),
        (str, "", True),
        (dt.date, dt.datetime(2024, 2, 29), False),  # noqa: DTZ001 - its type matters
        (Path, Path("a"), True),
        (Path, "a", False),
        (bytes, b"", True),
    ],
)
def test_a_type_knows_its_values(annotation: Any, value: object, taken: bool) -> None:
    assert converter(annotation).accepts(value) is taken


@pytest.mark.parametrize(
    ("annotation", "given_value", "value"),
    [
        (bool, 1, True),
        (bool, 0, False),
        (float, 5, 5.0),
        (int, 5, 5),
        (Decimal, 1.5, Decimal("1.5")),
        (dt.date, dt.date(2024, 2, 29), dt.date(2024, 2, 29)),
        (dt.date, "2024-02-29", dt.date(2024, 2, 29)),
        (bytes, b"\xff", b"\xff"),
    ],
)
def test_a_python_value_is_read_by_its_text(annotation: Any, given_value: object, value: object) -> None:
    found = converter(annotation).from_plain(given_value)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize("value", [2, -1, 1.0, 1.5])
def test_in_a_bools_place_an_int_is_1_or_0_and_nothing_else(value: float) -> None:
    with pytest.raises(ConversionError, match="is not a valid boolean"):
        converter(bool).from_plain(value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("!!binary /wA=", b"\xff\x00"),
        ("!!binary |\n  /w\n  A=\n", b"\xff\x00"),
        ("!!binary ''", b""),
        ("plain", b"plain"),
        ("'5'", b"5"),
    ],
)
def test_bytes_are_text_or_tagged_binary(text: str, value: bytes) -> None:
    assert from_yaml(bytes, text) == value


@pytest.mark.parametrize("text", ["!!binary '%'", "!!binary a", "!!binary é"])
def test_what_is_tagged_binary_and_is_no_base64_is_refused(text: str) -> None:
    with pytest.raises(ConversionError, match="is not base64, as !!binary must be"):
        from_yaml(bytes, text)


@pytest.mark.parametrize("text", ["!!binary [a]", "null", "[a]"])
def test_what_is_no_scalar_is_no_bytes(text: str) -> None:
    with pytest.raises(ConversionError, match="expected BYTES, got"):
        from_yaml(bytes, text)


def test_any_path_reads_as_a_path() -> None:
    assert converter(os.PathLike).from_text("a/b") == Path("a/b")
    assert converter(os.PathLike[str]).from_text("a/b") == Path("a/b")


def test_a_pattern_of_bytes_is_one_or_gets_no_option() -> None:
    found = converter_of(re.Pattern[bytes])
    assert found is None or isinstance(found.from_text("a").pattern, bytes)


@pytest.mark.parametrize(("kind", "value"), [(pydantic.SecretStr, "hush"), (pydantic.SecretBytes, b"hush")])
def test_pydantics_secrets_are_read_and_never_written(kind: Any, value: object) -> None:
    found = converter(kind)
    assert found.secret
    secret = found.from_text("hush")
    assert type(secret) is kind
    assert secret.get_secret_value() == value
    with pytest.raises(TypeError, match="secrets are not written"):
        found.to_plain(secret)


def test_a_type_that_is_not_in_the_table_is_no_scalar() -> None:
    assert scalar_converter(Converter) is None


def test_ranks_are_the_contracts_order() -> None:
    kinds = [bool, int, float, complex, Decimal, Fraction, dt.date, dt.datetime, dt.time, dt.timedelta, uuid.UUID]
    kinds += [ipaddress.IPv4Address, re.Pattern, list[int], type, Path, bytes, str]
    ranks = [converter(kind).rank for kind in kinds]
    assert ranks == sorted(set(ranks))
    assert RANKS[:3] == ["literal", "enum", "bool"]


SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    int: st.integers(),
    float: st.floats(),
    bool: st.booleans(),
    complex: st.complex_numbers(),
    str: st.text(st.characters(exclude_categories=["Cs"])),
    bytes: st.binary(),
    Decimal: st.decimals(),
    Fraction: st.fractions(),
    dt.date: st.dates(),
    # A text has no fold, so a value that is read never has one.
    dt.datetime: st.datetimes(timezones=st.none() | st.just(dt.timezone.utc)).map(lambda value: value.replace(fold=0)),
    dt.time: st.times().map(lambda value: value.replace(fold=0)),
    dt.timedelta: st.timedeltas(),
    uuid.UUID: st.uuids(),
    ipaddress.IPv4Address: st.ip_addresses(v=4),
    ipaddress.IPv6Address: st.ip_addresses(v=6),
    Path: st.text("ab./ ~\\", min_size=1).map(Path),
}


@SHORT
@given(st.sampled_from(list(SCALARS)).flatmap(lambda kind: st.tuples(st.just(kind), SCALARS[kind])))
def test_a_value_survives_its_plain_form_and_yaml(pair: tuple[Any, Any]) -> None:
    kind, value = pair
    plain = converter(kind).to_plain(value)
    found = from_yaml(kind, yaml.safe_dump(plain))
    assert isinstance(found, kind)
    assert repr(found) == repr(value)


PLAIN = [kind for kind in SCALARS if kind not in {str, bytes, Path, bool}]


@SHORT
@given(st.sampled_from(PLAIN).flatmap(lambda kind: st.tuples(st.just(kind), SCALARS[kind])))
def test_the_text_on_the_line_and_plain_in_a_file_give_the_same_value(pair: tuple[Any, Any]) -> None:
    kind, value = pair
    text = str(converter(kind).to_plain(value))
    assume(not text.endswith(":"))  # an IPv6 address that YAML takes for a key
    typed = converter(kind).from_line([text])
    assert repr(typed) == repr(value)
    assert repr(from_yaml(kind, text)) == repr(typed)


def test_not_a_number_is_read_in_any_case() -> None:
    assert math.isnan(converter(float).from_text("NaN"))


@pytest.mark.parametrize("text", ["1e9999", "1e-9999", "1e999999999999"])
def test_a_fraction_of_more_digits_than_python_writes_is_refused(text: str) -> None:
    with pytest.raises(ConversionError, match="is not a valid fraction"):
        converter(Fraction).from_text(text)
