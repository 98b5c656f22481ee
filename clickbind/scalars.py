"""Types whose values are one text."""

from __future__ import annotations

import datetime as dt
import os
import re
import sys
from collections.abc import Callable
from typing import Any

from .conversion import Converter, shown
from .errors import ConversionError
from .nodes import Node, Scalar

__all__ = [
    "BOOLS",
    "BOOL_WORDS",
    "RANKS",
    "BoolConverter",
    "BytesConverter",
    "PathConverter",
    "ScalarConverter",
    "SecretConverter",
    "StrConverter",
    "read_int",
    "scalar_converter",
    "scalar_row",
]

# Where a union tries a type: the contract's order. Structured types stand between the patterns and the import paths.
_ORDER = """
    literal enum bool int float complex decimal fraction date datetime time timedelta uuid ip pattern
    structured import path bytes str
"""
RANKS = _ORDER.split()

BOOL_WORDS = {
    **dict.fromkeys(("true", "t", "yes", "y", "on"), True),
    **dict.fromkeys(("false", "f", "no", "n", "off"), False),
}
BOOLS = {**BOOL_WORDS, "1": True, "0": False}

# Python refuses to write an int of more than 4,300 digits, so that a hexadecimal one of fewer could not be saved.
_MOST_DIGITS = 3_500

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
_UNITED = rf"(-?)((?:{_UNIT})+)"


class ScalarConverter(Converter):
    """A type that is one text.

    Parameters
    ----------
    kind : type
        The type.
    noun : str
        What a value is, for errors and help: ``integer``.
    read : callable
        Text to value; an exception says that it is none.
    write : callable
        Value to plain YAML.
    rank : str
        Its name in `RANKS`.
    """

    def __init__(
        self, kind: type, noun: str, read: Callable[[str], Any], write: Callable[[Any], Any], rank: str
    ) -> None:
        self.kind = kind
        self.metavar = noun.upper().replace(" ", "_")
        self.noun = noun
        self.rank = RANKS.index(rank)
        self._read = read
        self._write = write

    def from_text(self, text: str) -> Any:
        """Read one text."""
        try:
            return self._read(text)
        except (ValueError, TypeError, ArithmeticError, RecursionError, re.error):
            raise ConversionError(f"{shown(text)} is not a valid {self.noun}.") from None

    def from_plain(self, value: Any) -> Any:
        """Take a value of the type itself; read any other by its text."""
        return value if type(value) is self.kind else super().from_plain(_text(value))

    def to_plain(self, value: Any) -> Any:
        """Write a value."""
        return self._write(value)

    def to_bare(self, value: Any) -> Any:
        """Write times so that YAML 1.1 does not take them for numbers to the base of 60."""
        plain = self._write(value)
        if self.kind is dt.time:
            return f"T{plain}"
        return _united(value) if self.kind is dt.timedelta else plain

    def accepts(self, value: Any) -> bool:
        """Take values of the type itself: a bool is no int, a datetime no date."""
        return type(value) is self.kind or (self.kind is float and type(value) is int)  # PEP 484's numeric tower


class StrConverter(ScalarConverter):
    """Text, as it stands."""

    textual = True

    def __init__(self) -> None:
        super().__init__(str, "text", str, str, "str")

    def to_plain(self, value: Any) -> Any:
        """Write a str; what else a default may be cannot be written."""
        if not isinstance(value, str):
            raise TypeError(f"{value!r} is no str")
        return str(value)


class SecretConverter(ScalarConverter):
    """Pydantic's `SecretStr` and `SecretBytes`."""

    secret = True

    def __init__(self, kind: type) -> None:
        super().__init__(
            kind, "secret", kind if kind.__name__ == "SecretStr" else _secret_bytes(kind), _unwritten, "str"
        )


class BoolConverter(ScalarConverter):
    """True or False, by Click's words."""

    flag = True

    def __init__(self) -> None:
        super().__init__(bool, "boolean", lambda text: BOOLS[text.strip().lower()], _same, "bool")

    def from_text(self, text: str) -> Any:
        """Read a word, 1 or 0."""
        try:
            return super().from_text(text)
        except KeyError:
            raise ConversionError(f"{shown(text)} is not a valid boolean: true or false.") from None

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Offer the two words."""
        return [(word, "plain") for word in ("true", "false") if word.startswith(incomplete.lower())]


class PathConverter(ScalarConverter):
    """Any class of paths."""

    def __init__(self, kind: Any) -> None:
        super().__init__(kind, "path", _path if kind is os.PathLike else kind, os.fspath, "path")

    def accepts(self, value: Any) -> bool:
        """Take paths of the class; `pathlib.Path` makes instances of another."""
        return isinstance(value, self.kind)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Have the shell complete files."""
        return [(incomplete, "file")]


class BytesConverter(ScalarConverter):
    """Bytes: UTF-8 text, and YAML's ``!!binary`` for what is none."""

    binary = True

    def __init__(self) -> None:
        super().__init__(bytes, "bytes", str.encode, _write_bytes, "bytes")

    def from_node(self, node: Node) -> Any:
        """Read a scalar, which may be tagged ``!!binary``."""
        if not (isinstance(node, Scalar) and node.binary):
            return super().from_node(node)
        import base64  # few files hold bytes

        try:
            return base64.b64decode("".join(node.text.split()), validate=True)
        except ValueError:
            raise ConversionError(f"{shown(node.text)} is not base64, as !!binary must be.", node) from None


def scalar_row(kind: Any) -> tuple[str, Callable[[str], Any] | None, Callable[[Any], Any], str] | None:
    """Find the line of the table that a type has; None where it has none.

    The table is keyed by names, since most of these types' modules are imported only by programs that use them.
    """
    return _TABLE.get(f"{getattr(kind, '__module__', '')}.{getattr(kind, '__qualname__', '')}")


def scalar_converter(kind: Any) -> ScalarConverter | None:
    """Make the converter of a type in the table."""
    row = scalar_row(kind)
    if row is None:
        return None
    noun, read, write, rank = row
    return ScalarConverter(kind, noun, read or kind, write, rank)


def _secret_bytes(kind: Callable[[bytes], Any]) -> Callable[[str], Any]:
    return lambda text: kind(text.encode())


def _unwritten(_: Any) -> Any:
    raise TypeError("a secret is not written")


def _text(value: Any) -> Any:
    """Give a number as its text, so that an int becomes a float where one is expected, and 5.7 no int."""
    return str(value) if isinstance(value, (int, float)) else value


def _path(text: str) -> Any:
    from pathlib import Path  # who annotates with os.PathLike need not have imported it

    return Path(text)


def _same(value: Any) -> Any:
    return value


def _write_bytes(value: bytes) -> str | bytes:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _write_pattern(pattern: re.Pattern[str]) -> str:
    if re.compile(pattern.pattern).flags != pattern.flags:
        raise ValueError("a pattern's flags are not in its text: write them into it, as in (?i)")
    return pattern.pattern


def read_int(text: str) -> int:
    """Read an int as Python does, and YAML's ``0x10`` and ``0o20``.

    Raises
    ------
    ValueError
        Where it is none, or has too many digits to be written.
    """
    if len(text) > _MOST_DIGITS:
        raise ValueError(text)
    try:
        return int(text)
    except ValueError:  # YAML's 0x10 and 0o20; not tried first, since it refuses 08
        return int(text, 0)


def _read_fraction(text: str) -> Any:
    power = re.search(r"[eE][-+]?(\d+)\s*$", text)
    if power and (len(power[1]) > len(str(_MOST_DIGITS)) or int(power[1]) > _MOST_DIGITS):
        raise ValueError(text)
    return sys.modules["fractions"].Fraction(text)


def _read_float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _zoned(text: str) -> str:
    """Spell UTC's Z as Python 3.10 reads it, and leave out the T before a time."""
    text = text.removeprefix("T")
    return f"{text[:-1]}+00:00" if text[-1:] in {"Z", "z"} else text


def _read_timedelta(text: str) -> dt.timedelta:
    """Read ``1 day, 2:03:04.5``, as `str` writes it, or ``1d2h30m``. A bare number is refused: it has no unit."""
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


# The full name of a type: what a value is called, how it is read, how it is written, and its rank.
_TABLE: dict[str, tuple[str, Callable[[str], Any] | None, Callable[[Any], Any], str]] = {
    "builtins.int": ("integer", read_int, _same, "int"),
    "builtins.float": ("float", _read_float, float, "float"),
    "builtins.complex": ("complex", lambda text: complex(text.replace(" ", "")), str, "complex"),
    "decimal.Decimal": ("decimal", None, str, "decimal"),
    "fractions.Fraction": ("fraction", _read_fraction, str, "fraction"),
    "datetime.date": ("date", dt.date.fromisoformat, str, "date"),
    "datetime.datetime": ("datetime", lambda text: dt.datetime.fromisoformat(_zoned(text)), str, "datetime"),
    "datetime.time": ("time", lambda text: dt.time.fromisoformat(_zoned(text)), str, "time"),
    "datetime.timedelta": ("duration", _read_timedelta, str, "timedelta"),
    "uuid.UUID": ("UUID", None, str, "uuid"),
    "re.Pattern": ("pattern", re.compile, _write_pattern, "pattern"),
    "ipaddress.IPv4Address": ("IPv4 address", None, str, "ip"),
    "ipaddress.IPv6Address": ("IPv6 address", None, str, "ip"),
    "ipaddress.IPv4Network": ("IPv4 network", None, str, "ip"),
    "ipaddress.IPv6Network": ("IPv6 network", None, str, "ip"),
    "ipaddress.IPv4Interface": ("IPv4 interface", None, str, "ip"),
    "ipaddress.IPv6Interface": ("IPv6 interface", None, str, "ip"),
}
