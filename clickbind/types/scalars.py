"""Convert types whose values are one text, beyond the everyday ones: paths, bytes, dates, other numbers, secrets."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from .. import nodes, types
from ..errors import ConversionError
from . import MOST_DIGITS, ScalarConverter, read_int, shown

if TYPE_CHECKING:
    from ..nodes import Node

__all__ = ["BytesConverter", "PathConverter", "SecretConverter", "TimeConverter", "scalar_converter", "scalar_row"]

_UNITS = {
    "w": "weeks",
    "d": "days",
    "h": "hours",
    "m": "minutes",
    "s": "seconds",
    "ms": "milliseconds",
    "us": "microseconds",
}
_CLOCK = r"(?:(-?\d+) days?, ?)?(\d+):(\d\d)(?::(\d\d(?:\.\d{1,6})?))?"
_UNIT = r"(\d+(?:\.\d*)?)(ms|us|[whms]|d(?:ays?)?)"
_LONGEST_PATTERN = 1_000  # characters: one class of all characters takes 7 ms to compile if case is ignored
_UNITED = rf"(-?)((?:{_UNIT})+)"


class SecretConverter(ScalarConverter):
    """Read pydantic's `SecretStr` and `SecretBytes`, and refuse to write them."""

    secret = True
    longest = sys.maxsize

    def __init__(self, kind: type) -> None:
        super().__init__(
            kind, "secret", kind if kind.__name__ == "SecretStr" else _secret_bytes(kind), _unwritten, "str"
        )


class TimeConverter(ScalarConverter):
    """Read and write times of day and durations."""

    def to_bare(self, value: Any) -> Any:
        """Write a value so that YAML 1.1 does not take it for a number to the base of 60."""
        return f"T{self.to_plain(value)}" if self.kind is dt.time else _united(value)


class PathConverter(ScalarConverter):
    """Read and write a class of paths."""

    longest = sys.maxsize

    def __init__(self, kind: Any) -> None:
        super().__init__(kind, "path", _path if kind is os.PathLike else kind, os.fspath, "path")

    def accepts(self, value: Any) -> bool:
        """Return whether a value is a path of the class or a subclass: `pathlib.Path` makes instances of another."""
        return isinstance(value, self.kind)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Let the shell complete files."""
        return [(incomplete, "file")]


class BytesConverter(ScalarConverter):
    """Read and write bytes: as UTF-8 text if they are, else as YAML's ``!!binary``."""

    binary = True
    longest = sys.maxsize

    def __init__(self) -> None:
        super().__init__(bytes, "bytes", str.encode, _write_bytes, "bytes")

    def from_node(self, node: Node) -> Any:
        """Read a scalar, which may be tagged ``!!binary``."""
        if not (isinstance(node, nodes.Scalar) and node.binary):
            return super().from_node(node)
        try:
            return types.base64.b64decode("".join(node.text.split()), validate=True)
        except ValueError:
            raise ConversionError(f"{shown(node.text)} is not base64, as !!binary must be.", node) from None


def scalar_row(kind: Any) -> tuple[str, Callable[[str], Any] | None, Callable[[Any], Any], str] | None:
    """Return the row of a type in the table; None if it has no row.

    The table is keyed by name, since most of these types' modules are imported only by programs that use them.
    """
    return _TABLE.get(f"{getattr(kind, '__module__', '')}.{getattr(kind, '__qualname__', '')}")


def scalar_converter(kind: Any) -> ScalarConverter | None:
    """Return the converter of a type in the table; None for any other type."""
    row = scalar_row(kind)
    if row is None:
        return None
    noun, read, write, rank = row
    make = TimeConverter if kind in {dt.time, dt.timedelta} else ScalarConverter
    return make(kind, noun, read or kind, write, rank)


def _secret_bytes(kind: Callable[[bytes], Any]) -> Callable[[str], Any]:
    return lambda text: kind(text.encode())


def _unwritten(_: Any) -> Any:
    raise TypeError("secrets are not written")


def _path(text: str) -> Any:
    return types.pathlib.Path(text)


def _write_bytes(value: bytes) -> str | bytes:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _write_pattern(pattern: re.Pattern[str]) -> str:
    if re.compile(pattern.pattern).flags != pattern.flags:
        raise ValueError("a pattern's flags are not in its text: write them into it, as in (?i)")
    return pattern.pattern


def _read_fraction(text: str) -> Any:
    """Read a fraction. Refuse one with more digits than can be written, since it could not be saved."""
    number, _, power = text.lower().partition("e")
    if len(number) + abs(read_int(power or "0")) > MOST_DIGITS:
        raise ValueError(text)
    return sys.modules["fractions"].Fraction(text)


def _read_decimal(text: str) -> Any:
    """Read a decimal. Refuse a large exponent, since `int` of 1e999999999 would take all memory."""
    value = sys.modules["decimal"].Decimal(text)
    if value.is_finite() and value and abs(value.adjusted()) > MOST_DIGITS:
        raise ValueError(text)
    return value


def _read_pattern(text: str) -> Any:
    if len(text) > _LONGEST_PATTERN:
        raise ValueError(text)
    return re.compile(text)


def _zoned(text: str) -> str:
    """Replace UTC's Z, which Python 3.10 does not read, and drop the T before a time."""
    text = text.removeprefix("T")
    return f"{text[:-1]}+00:00" if text[-1:] in {"Z", "z"} else text


def _read_timedelta(text: str) -> dt.timedelta:
    """Read ``1 day, 2:03:04.5``, as `str` writes it, or ``1d2h30m``. Refuse a bare number, which has no unit."""
    clock = re.fullmatch(_CLOCK, text.strip())
    if clock:
        days, hours, minutes, seconds = clock.groups()
        part = dt.timedelta(hours=int(hours), minutes=int(minutes), seconds=float(seconds or 0))
        return dt.timedelta(days=int(days or 0)) + part
    united = re.fullmatch(_UNITED, text.replace(" ", "").replace(",", ""))
    if not united:
        raise ValueError(text)
    total = dt.timedelta()
    for number, unit in re.findall(_UNIT, united[2]):
        total += dt.timedelta(**{_UNITS[unit[0] if unit[0] == "d" else unit]: float(number)})
    return -total if united[1] else total


def _united(value: dt.timedelta) -> str:
    sign, size = ("-", -value) if value < dt.timedelta() else ("", value)
    return f"{sign}{size.days}d{size.seconds}s{size.microseconds}us"


# By the full name of a type: the noun for a value, the reader (None: the type itself), the writer, and the rank.
_TABLE: dict[str, tuple[str, Callable[[str], Any] | None, Callable[[Any], Any], str]] = {
    "builtins.complex": ("complex", lambda text: complex(text.replace(" ", "")), str, "complex"),
    "decimal.Decimal": ("decimal", _read_decimal, str, "decimal"),
    "fractions.Fraction": ("fraction", _read_fraction, str, "fraction"),
    "datetime.date": ("date", dt.date.fromisoformat, str, "date"),
    "datetime.datetime": ("datetime", lambda text: dt.datetime.fromisoformat(_zoned(text)), str, "datetime"),
    "datetime.time": ("time", lambda text: dt.time.fromisoformat(_zoned(text)), str, "time"),
    "datetime.timedelta": ("duration", _read_timedelta, str, "timedelta"),
    "uuid.UUID": ("UUID", None, str, "uuid"),
    "re.Pattern": ("pattern", _read_pattern, _write_pattern, "pattern"),
    "ipaddress.IPv4Address": ("IPv4 address", None, str, "ip"),
    "ipaddress.IPv6Address": ("IPv6 address", None, str, "ip"),
    "ipaddress.IPv4Network": ("IPv4 network", None, str, "ip"),
    "ipaddress.IPv6Network": ("IPv6 network", None, str, "ip"),
    "ipaddress.IPv4Interface": ("IPv4 interface", None, str, "ip"),
    "ipaddress.IPv6Interface": ("IPv6 interface", None, str, "ip"),
}
