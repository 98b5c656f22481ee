"""Types whose values are one text, and of those the everyday ones: str, int, float and bool."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from .conversion import Converter, shown
from .errors import ConversionError

__all__ = [
    "BOOLS",
    "BOOL_WORDS",
    "MOST_DIGITS",
    "RANKS",
    "BoolConverter",
    "ScalarConverter",
    "StrConverter",
    "everyday",
    "itself",
    "read_int",
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
MOST_DIGITS = 3_500


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


class BoolConverter(ScalarConverter):
    """True or False, by Click's words."""

    flag = True

    def __init__(self) -> None:
        super().__init__(bool, "boolean", lambda text: BOOLS[text.strip().lower()], itself, "bool")

    def from_text(self, text: str) -> Any:
        """Read a word, 1 or 0."""
        try:
            return super().from_text(text)
        except KeyError:
            raise ConversionError(f"{shown(text)} is not a valid boolean: true or false.") from None

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Offer the two words."""
        return [(word, "plain") for word in ("true", "false") if word.startswith(incomplete.lower())]


def everyday(annotation: Any) -> Converter | None:
    """Make the converter of an everyday type; None for any other annotation, which `rules` looks at."""
    if annotation is str:
        return StrConverter()
    if annotation is int:
        return ScalarConverter(int, "integer", read_int, itself, "int")
    if annotation is float:
        return ScalarConverter(float, "float", _read_float, float, "float")
    return BoolConverter() if annotation is bool else None


def itself(value: Any) -> Any:
    """Write a value that is plain already."""
    return value


def _text(value: Any) -> Any:
    """Give a number as its text, so that an int becomes a float where one is expected, and 5.7 no int."""
    return str(value) if isinstance(value, (int, float)) else value


def read_int(text: str) -> int:
    """Read an int as Python does, and YAML's ``0x10`` and ``0o20``.

    Raises
    ------
    ValueError
        Where it is none, or has too many digits to be written.
    """
    if len(text) > MOST_DIGITS:
        raise ValueError(text)
    try:
        return int(text)
    except ValueError:  # YAML's 0x10 and 0o20; not tried first, since it refuses 08
        return int(text, 0)


def _read_float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
