"""Define patterns of the texts of types, for a JSON Schema.

Python and ECMA-262 read them alike, except for digits and spaces outside ASCII. They are parts, to be put between
``^(?:`` and ``)$``. None may match a text in two ways: a list of n items would then match in 2**n ways, and the editor
would hang. Inner spaces are written as ``" *"`` or ``"[ ,]*"``, because `in_a_word` removes exactly these.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..types import BOOL_WORDS

__all__ = [
    "ANY",
    "ANY_WORD",
    "BASED",
    "BOOLEAN",
    "BOOL_WORD",
    "COMPLEX",
    "DATE",
    "DATETIME",
    "DECIMAL",
    "DURATION",
    "FLOAT",
    "FRACTION",
    "IMPORT_PATH",
    "INTEGER",
    "IPV4",
    "IPV4_NETWORK",
    "IPV6",
    "IPV6_NETWORK",
    "OPENING",
    "QUOTED_WORD",
    "TIME",
    "UUID",
    "VARIABLE",
    "VARIABLE_NAME",
    "either",
    "exactly",
    "flow",
    "in_a_word",
    "whole_number",
    "whole_words",
]

ANY = r"[\s\S]*"
"""Any text; ``.`` does not match the end of a line."""

ANY_WORD = r"""[^\s"']*"""
"""Any word of a longer text, without quotes."""

QUOTED_WORD = r"""(?:[^\s"']*(?:"[^"]*"|'[^']*'))+[^\s"']*"""
"""A word with quotes, and any text between them: ``a"b c"d``."""

VARIABLE = r"^\$[A-Za-z_]\w*$|\$[${]"
"""A text with a variable, which may expand to anything. It is a whole pattern rather than a part."""

VARIABLE_NAME = r"^[A-Za-z_]\w*$"

OPENING = {"array": r"\[", "object": r"\{"}
"""The start of YAML flow, by JSON type."""


def exactly(text: str, *, any_case: bool = False) -> str:
    """Make the pattern of one text, optionally in any case."""
    pattern = re.sub(r"[\\^$.*+?()\[\]{}|]", r"\\\g<0>", text)  # `re.escape` makes escapes that ECMA-262 does not have
    if not any_case:
        return pattern
    return re.sub(r"[^\W\d_]", lambda letter: f"[{letter[0].lower()}{letter[0].upper()}]", pattern)


def in_a_word(pattern: str) -> str:
    """Make the pattern of a text as a word of a longer text, where it has no spaces."""
    return pattern.replace(" *", "").replace("[ ,]*", ",*")


def whole_number(value: int) -> str:
    """Make the pattern of one int in any spelling: ``+7``, ``0_07``. Other bases match with any value."""
    sign = "[+]?" if value > 0 else "-" if value else "[-+]?"
    return rf"\s*(?:{sign}(?:0_?)*{'_?'.join(str(abs(value)))}|[-+]?(?:{BASED}))\s*"


def flow(kind: str) -> str:
    """Make the pattern of YAML flow of an array or an object."""
    return rf"{OPENING[kind]}[\s\S]*"


def whole_words(word: str) -> str:
    """Make the pattern of words separated by white space, which do not begin like YAML flow."""
    return rf"(?![\[{{])\s*(?:{word}(?:\s+|$))*"


def either(patterns: Sequence[str]) -> str:
    """Make the pattern of a text that matches any of the patterns."""
    return "|".join(patterns)


BOOL_WORD = either([exactly(word, any_case=True) for word in BOOL_WORDS])
BOOLEAN = rf"{BOOL_WORD}|[01]"

# Numbers, with Python's underscores between digits and YAML's other bases.
_DIGITS = r"\d(?:_?\d)*"
BASED = r"0[xX](?:_?[0-9a-fA-F])+|0[oO](?:_?[0-7])+|0[bB](?:_?[01])+"
_REAL = rf"(?:{_DIGITS}(?:\.(?:{_DIGITS})?)?|\.{_DIGITS})(?:[eE][-+]?{_DIGITS})?"
_INF, _NAN = exactly("inf", any_case=True) + f"(?:{exactly('inity', any_case=True)})?", exactly("nan", any_case=True)
INTEGER = rf"[-+]?(?:{_DIGITS}|{BASED})"
FLOAT = rf"[-+]?(?:{_REAL}|\.?(?:{_INF}|{_NAN}))"
# A real part, an imaginary part, or both, with or without parentheses: ``(1+2j)``, ``3``, ``-j``.
_PART = rf"(?:{_REAL}|{_INF}|{_NAN})"
COMPLEX = rf"\(? *[-+]? *(?:{_PART}(?: *[-+] *{_PART}? *[jJ]| *[jJ])?|[jJ]) *\)?"
# Decimal takes underscores anywhere, as long as there is a digit.
DECIMAL = rf"[-+]?(?:(?=[_.]*\d)[\d_]*(?:\.[\d_]*)?(?:[eE][-+]?[\d_]+)?|{_INF}|[sS]?{_NAN}[\d_]*)"
# The denominator is not zero.
FRACTION = rf"[-+]?(?:{_DIGITS} */ *(?=[0_]*[1-9]){_DIGITS}|{_REAL})"

# Dates and times, as `fromisoformat` of Python 3.11 reads them.
_DAY = r"(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|[12]\d))"
_WEEK = r"-?W(?:0[1-9]|[1-4]\d|5[0-3])(?:-?[1-7])?"
DATE = rf"(?!0000)\d{{4}}(?:-{_DAY}|{_DAY.replace('-(', '(')}|{_WEEK})"
_CLOCK = r"(?:[01]\d|2[0-3])(?::?[0-5]\d(?::?[0-5]\d(?:[.,]\d+)?)?)?"
_TIME = rf"{_CLOCK}(?:[zZ]|[-+]{_CLOCK})?"
DATETIME = rf"{DATE}(?:[\s\S]{_TIME})?"
TIME = f"T?{_TIME}"
# A duration as Python writes it, ``1 day, 2:03:04``, or with units, ``1h 30m``.
_SPAN = r"(?:-?\d+ days?, ?)?\d+:\d\d(?::\d\d(?:\.\d{1,6})?)?"
_UNITS = r"(?:- *)?(?:\d+(?:\.\d*)?[ ,]*(?:ms|us|[wdhms])(?:ays?)?[ ,]*)+"
DURATION = f"{_SPAN}|{_UNITS}"

UUID = r"(?:urn:|uuid:)*\{*-*(?:[0-9a-fA-F]-*){32}\}*"
IPV4 = r"(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)\.){3}(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
IPV6 = r"(?=(?:\S*:){2})[0-9a-fA-F:.]+(?:%[^\s/%]+)?"
IPV4_NETWORK = rf"{IPV4}(?:/(?:0*(?:3[0-2]|[12]?\d)|{IPV4}))?"
IPV6_NETWORK = rf"{IPV6}(?:/0*(?:12[0-8]|1[01]\d|[1-9]?\d))?"
IMPORT_PATH = r"[^\s:]+:[^\s:]+"
