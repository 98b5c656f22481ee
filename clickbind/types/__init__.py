"""How the values of a type are read and written, the two directions side by side.

What every converter gives, and the converters of the everyday types: str, int, float and bool. Signatures and
annotations are read here too, so that what every run loads and what few runs load read them in one way.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from .. import nodes
from .._lazy import attach
from ..errors import ConversionError

if TYPE_CHECKING:
    from typing import Protocol

    class MayBeSecret(Protocol):
        """A parameter, or what else has a converter and may be secret."""

        @property
        def secret(self) -> bool: ...
        @property
        def converter(self) -> Converter | None: ...


__all__ = [
    "BOOLS",
    "BOOL_WORDS",
    "BRACKETS",
    "HIDDEN",
    "MOST_DIGITS",
    "RANKS",
    "UNKNOWN",
    "BoolConverter",
    "Converter",
    "ScalarConverter",
    "StrConverter",
    "annotations_of",
    "base64",
    "choices",
    "constraints",
    "containers",
    "cut",
    "everyday",
    "fields",
    "fractions",
    "fresh",
    "hints",
    "is_null_word",
    "itself",
    "json",
    "message_of",
    "models",
    "pathlib",
    "read_int",
    "refused",
    "scalars",
    "shown",
    "signature_of",
    "table",
    "unions",
    "unshown",
    "words",
]

_SHOWN = 80  # characters of a wrong value that an error shows: more would bury the message

HIDDEN = "***"
"""What stands for what is not shown."""

BRACKETS = frozenset("[{")
"""What a typed text begins with that is YAML flow."""

UNKNOWN = object()
"""The annotation of a parameter that has none to go by, nor a default that tells its type."""

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

_ANNOTATIONLIB = sys.modules.get("annotationlib")  # `inspect` has loaded it, from Python 3.14 on
_LENIENT = None if _ANNOTATIONLIB is None else _ANNOTATIONLIB.Format.FORWARDREF


def signature_of(function: Any) -> inspect.Signature:
    """Return a signature; from Python 3.14 on, what cannot be evaluated as yet is a reference in it.

    Raises
    ------
    ValueError, TypeError
        Where there is none.
    """
    return inspect.signature(function, **({} if _LENIENT is None else {"annotation_format": _LENIENT}))


def annotations_of(owner: Any) -> dict[str, Any]:
    """Return the annotations of a function, or of a class without its bases, as `signature_of` does."""
    return inspect.get_annotations(owner, **({} if _LENIENT is None else {"format": _LENIENT}))


class Converter:
    """What is known of one type: how its values are read, and how they are written.

    Subclasses give `from_text`, `to_plain` and `accepts`; the others follow from those for a type that is one text.
    Every ``from_…`` raises `ConversionError`.

    Attributes
    ----------
    metavar : str
        What stands for a value in help: ``INTEGER``.
    rank : int
        Where a union tries it: lower is more specific. See `RANKS`.
    nullable : bool
        Whether None is a value.
    textual : bool
        Whether a str is a value, so that a quoted scalar is that str.
    structured : bool
        Whether its values are lists or mappings.
    binary : bool
        Whether it reads what is tagged ``!!binary``.
    repeated : bool
        Whether an option of this type may be given several times, its values adding up.
    flag : bool
        Whether an option of this type takes no value but comes as a pair ``--x / --no-x``.
    mutable : bool
        Whether a given value must be copied for each call that gets it.
    note : str
        What help says of the values beside the metavar: a range.
    secret : bool
        Whether its values are never written or shown.
    """

    metavar = "VALUE"
    note = ""
    secret = False
    rank = 0
    nullable = False
    textual = False
    structured = False
    binary = False
    repeated = False
    flag = False
    mutable = False

    def from_text(self, text: str) -> Any:
        """Read one text, from a variable or a scalar of a file."""
        raise NotImplementedError

    def to_plain(self, value: Any) -> Any:
        """Give the plain YAML (None, bool, int, float, str, bytes, list or dict of those) that reads back as `value`.

        Raises
        ------
        TypeError or ValueError
            Where there is none.
        """
        return value

    def to_bare(self, value: Any) -> Any:
        """Give the same for where it must stand without quotes, so that no reader may take it for a number."""
        return self.to_plain(value)

    def accepts(self, value: Any) -> bool:
        """Tell whether a Python value is one of this type, so that `to_plain` is for it."""
        raise NotImplementedError

    def from_typed(self, text: str) -> Any:
        """Read one text that was typed. Only here may reading have to import something."""
        return self.from_text(text)

    def from_line(self, texts: Sequence[str]) -> Any:
        """Read what was typed: one text per occurrence of the option. The last one counts."""
        return self.from_typed(texts[-1])

    def from_quoted(self, text: str) -> Any:
        """Read a quoted or block scalar: where a str is a value, it is that."""
        return self.from_text(text)

    def from_node(self, node: nodes.Node) -> Any:
        """Read a value of a config file."""
        if not isinstance(node, nodes.Scalar):
            kind = "a list" if isinstance(node, nodes.ListNode) else "a mapping"
            raise ConversionError(f"{kind} stands where {self.metavar} is expected.", node)
        if node.is_null:
            raise ConversionError(f"null stands where {self.metavar} is expected.", node)
        return self.from_text(node.text) if node.plain else self.from_quoted(node.text)

    def from_plain(self, value: Any) -> Any:
        """Read a Python value that a program put into a `default_map`: as its text, so that 5.7 is no int."""
        if self.accepts(value):
            return value
        if value is None or isinstance(value, (list, tuple, set, frozenset, dict)):
            raise ConversionError(f"{value!r} stands where {self.metavar} is expected.")
        return self.from_text(value if isinstance(value, str) else str(value))

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Give what a shell may offer for a value, each with Click's kind: ``plain``, ``file`` or ``dir``."""
        return []


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

    Attributes
    ----------
    longest : int
        How many characters a text may have: none that means a number, a date or the like is longer, and time and
        memory to read some of them grow faster than their length.
    """

    longest = MOST_DIGITS

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
        if len(text) > self.longest:
            raise self._refused(text)
        try:
            return self._read(text)
        except (ValueError, TypeError, ArithmeticError, RecursionError, re.error):
            raise self._refused(text) from None

    def _refused(self, text: str) -> ConversionError:
        return ConversionError(f"{shown(text)} is not a valid {self.noun}.")

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
    longest = sys.maxsize

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


def fresh(value: Any) -> Any:
    """Copy the lists, dicts and sets in a value, and nothing else: a class of its own is left to its own ways."""
    if type(value) is dict:
        return {key: fresh(item) for key, item in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(map(fresh, value))
    return set(value) if type(value) is set else value


def is_null_word(text: str) -> bool:
    """Tell whether a typed text means None: ``none`` or ``null``, in any case."""
    return text.lower() in {"none", "null"}


def shown(text: str) -> str:
    """Quote a wrong value for an error, cut where it is long."""
    return repr(cut(text))


def cut(text: str, most: int = _SHOWN) -> str:
    """Cut a text that has more than so many characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def unshown(converter: Converter | None, why: str = "") -> str:
    """Say that a value is wrong, and nothing of the value, which may be a secret."""
    return f"this is not a valid {'VALUE' if converter is None else converter.metavar}{why and f' ({why})'}."


def message_of(setting: MayBeSecret, error: ConversionError) -> str:
    """Say what is wrong with the value of a setting, without the value where that is secret."""
    return unshown(setting.converter) if setting.secret else str(error)


def refused(name: str, setting: MayBeSecret, error: ConversionError, node: object) -> ConversionError:
    """Return what is wrong with the value of a setting in a file, as an error that names the setting.

    Parameters
    ----------
    name : str
        The setting's name there.
    setting : MayBeSecret
        The setting.
    error : ConversionError
        What its converter says.
    node : object
        The node to point at where the error has none.
    """
    hidden = f"{name}: {unshown(setting.converter)}"
    return ConversionError(hidden, node, hidden=hidden) if setting.secret else error.inside(name, node, hidden)


if TYPE_CHECKING:
    import base64
    import fractions
    import json
    import pathlib

    from . import choices, constraints, containers, fields, hints, models, scalars, table, unions, words
else:  # a name that does not exist is a type error then
    __getattr__ = attach(
        __name__, __all__, base64="base64", fractions="fractions", json="json", pathlib="pathlib", copy="copy"
    )
