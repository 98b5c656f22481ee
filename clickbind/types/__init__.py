"""Read and write the values of types: the base class of converters, and the converters of str, int, float and bool.

Signatures and annotations are read here too, so that modules that every run loads and modules that few runs load read
them in the same way.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

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
    "NONE_IN_PYTHON",
    "RANKS",
    "UNKNOWN",
    "BoolConverter",
    "Converter",
    "ScalarConverter",
    "StrConverter",
    "annotations_of",
    "base64",
    "choices",
    "classes",
    "clicks",
    "constraints",
    "containers",
    "cut",
    "everyday",
    "fields",
    "fractions",
    "fresh",
    "hints",
    "intervals",
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
    "tell_null",
    "unions",
    "unshown",
    "words",
]

_SHOWN = 80  # characters of a wrong value that an error shows: more would bury the message

HIDDEN = "***"
"""The text shown in place of a hidden value."""

BRACKETS = frozenset("[{")
"""The first characters of a typed text that is YAML flow."""

NONE_IN_PYTHON = "pass None"
"""How a program writes None, for `tell_null`."""

UNKNOWN = object()
"""The annotation of a parameter whose type is unknown: it has no usable annotation, and no default to take it from."""

# The order in which a union tries its members, as docs/types.md lists it. Structured types come between patterns and
# import paths.
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

# Python refuses to write an int of more than 4,300 decimal digits. A hexadecimal int has fewer digits than its decimal
# form, so the limit for reading is lower: whatever is read can be saved.
MOST_DIGITS = 3_500

_ANNOTATIONLIB = sys.modules.get("annotationlib")  # `inspect` has loaded it, from Python 3.14 on
_LENIENT = None if _ANNOTATIONLIB is None else _ANNOTATIONLIB.Format.FORWARDREF


def signature_of(function: Any) -> inspect.Signature:
    """Return the signature of a function; from Python 3.14 on, names that are not defined yet are references in it.

    Raises
    ------
    ValueError, TypeError
        If it has no signature.
    """
    return inspect.signature(function, **({} if _LENIENT is None else {"annotation_format": _LENIENT}))


def annotations_of(owner: Any) -> dict[str, Any]:
    """Return the annotations of a function, or of a class without its bases, as `signature_of` does."""
    return inspect.get_annotations(owner, **({} if _LENIENT is None else {"format": _LENIENT}))


class Converter:
    """Read and write the values of one type.

    Subclasses define `from_text`, `to_plain` and `accepts`. The other methods are derived from these for types whose
    values are one text. Every ``from_…`` method raises `ConversionError`.

    Attributes
    ----------
    metavar : str
        The placeholder for a value in messages: ``INTEGER``. Help has `typed`.
    rank : int
        The place in the order in which a union tries its members, the most specific first. See `RANKS`.
    nullable : bool
        Whether None is a value.
    textual : bool
        Whether a str is a value, so that a quoted scalar is that str.
    structured : bool
        Whether values are lists or mappings.
    binary : bool
        Whether scalars tagged ``!!binary`` are read.
    repeated : bool
        Whether an option of this type may be repeated, its values adding up.
    flag : bool
        Whether an option of this type takes no value and is a pair ``--x / --no-x``.
    mutable : bool
        Whether a given value must be copied for each call that receives it.
    note : str
        The range of values, which help shows beside the metavar.
    secret : bool
        Whether values are never written or shown.
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

    @property
    def typed(self) -> str:
        """The placeholder for the value of an option, as it is typed: with quotes if it has several words."""
        return self.metavar

    @property
    def flow(self) -> str:
        """The placeholder for a value inside YAML flow."""
        return self.metavar

    def from_text(self, text: str) -> Any:
        """Read one text, from an environment variable or a scalar of a file."""
        raise NotImplementedError

    def to_plain(self, value: Any) -> Any:
        """Return plain YAML (None, bool, int, float, str, bytes, list or dict of those) that reads back as `value`.

        Raises
        ------
        TypeError or ValueError
            If no plain YAML reads back as it.
        """
        return value

    def to_bare(self, value: Any) -> Any:
        """Return plain YAML that no reader takes for a number when it is written without quotes."""
        return self.to_plain(value)

    def accepts(self, value: Any) -> bool:
        """Return whether a Python value is of this type, so that `to_plain` can write it."""
        raise NotImplementedError

    def from_typed(self, text: str) -> Any:
        """Read one text that was typed. Only typed texts may import a module."""
        return self.from_text(text)

    def from_line(self, texts: Sequence[str]) -> Any:
        """Read the typed texts, one per occurrence of the option. The last one wins."""
        return self.from_typed(texts[-1])

    def from_quoted(self, text: str) -> Any:
        """Read a quoted or block scalar, as a str if a str is a value."""
        return self.from_text(text)

    def from_node(self, node: Node) -> Any:
        """Read a node of a config file."""
        scalar = node.scalar(self.metavar)
        return self.from_text(scalar.text) if scalar.plain else self.from_quoted(scalar.text)

    def from_plain(self, value: Any) -> Any:
        """Read a Python value that a program put into a `default_map`, by its text: 5.7 is not an int."""
        if self.accepts(value):
            return value
        if value is None or isinstance(value, (list, tuple, set, frozenset, dict)):
            raise ConversionError(f"expected {self.metavar}, got {value!r}.")
        return self.from_text(value if isinstance(value, str) else str(value))

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return completions for a value, each with Click's kind: ``plain``, ``file`` or ``dir``."""
        return []


class ScalarConverter(Converter):
    """Read and write a type whose values are one text.

    Parameters
    ----------
    kind : type
        The type.
    noun : str
        The name of a value in errors and help: ``integer``.
    read : callable
        Makes a value of a text; raises if it cannot.
    write : callable
        Makes plain YAML of a value.
    rank : str
        The name of the type in `RANKS`.

    Attributes
    ----------
    longest : int
        The most characters that a text may have. Numbers, dates and the like are shorter, and the time and memory to
        read some of them grow faster than their length.
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
        """Return a value of the type as it is; read any other by its text."""
        return value if type(value) is self.kind else super().from_plain(_text(value))

    def to_plain(self, value: Any) -> Any:
        """Write a value."""
        return self._write(value)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is of exactly this type: a bool is not an int, nor a datetime a date."""
        return type(value) is self.kind or (self.kind is float and type(value) is int)  # PEP 484's numeric tower


class StrConverter(ScalarConverter):
    """Read and write text, unchanged."""

    textual = True
    longest = sys.maxsize

    def __init__(self) -> None:
        super().__init__(str, "text", str, str, "str")

    def to_plain(self, value: Any) -> Any:
        """Write a str. Refuse any other default."""
        if not isinstance(value, str):
            raise TypeError(f"{value!r} is not a str")
        return str(value)


class BoolConverter(ScalarConverter):
    """Read and write True and False, by Click's words."""

    flag = True

    def __init__(self) -> None:
        super().__init__(bool, "boolean", lambda text: BOOLS[text.strip().lower()], itself, "bool")

    def from_text(self, text: str) -> Any:
        """Read a word, or 1 or 0."""
        try:
            return super().from_text(text)
        except KeyError:
            raise ConversionError(f"{shown(text)} is not a valid boolean: true or false.") from None

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the words ``true`` and ``false``."""
        return [(word, "plain") for word in ("true", "false") if word.startswith(incomplete.lower())]


def everyday(annotation: Any) -> Converter | None:
    """Return the converter of an everyday type; None for any other annotation, which `table` handles."""
    if annotation is str:
        return StrConverter()
    if annotation is int:
        return ScalarConverter(int, "integer", read_int, itself, "int")
    if annotation is float:
        return ScalarConverter(float, "float", _read_float, float, "float")
    return BoolConverter() if annotation is bool else None


def itself(value: Any) -> Any:
    """Return a value that is plain already."""
    return value


def _text(value: Any) -> Any:
    """Return a number as its text, so that an int is read as a float if one is expected, and 5.7 is not an int."""
    return str(value) if isinstance(value, (int, float)) else value


def read_int(text: str) -> int:
    """Read an int as Python does, and YAML's ``0x10`` and ``0o20``.

    Raises
    ------
    ValueError
        If the text is not an int, or has too many digits to be written.
    """
    if len(text) > MOST_DIGITS:
        raise ValueError(text)
    try:
        return int(text)
    except ValueError:  # YAML's 0x10 and 0o20; base 0 is not tried first, since it refuses 08
        return int(text, 0)


def _read_float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def fresh(value: Any) -> Any:
    """Copy the lists, tuples, dicts and sets in a value. Other objects, subclasses of these among them, are shared."""
    if type(value) is dict:
        return {key: fresh(item) for key, item in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(map(fresh, value))
    return set(value) if type(value) is set else value


def is_null_word(text: str) -> bool:
    """Return whether a typed text means None: ``none`` or ``null``, in any case."""
    return text.lower() in {"none", "null"}


def tell_null(error: ConversionError, value: object, cure: str = "write null without quotes") -> None:
    """Add to an error how to write None where only that is None, if the value is a word that the line takes for it."""
    if isinstance(value, str) and is_null_word(value):
        error.message += f" For no value, {cure}."


def shown(text: str) -> str:
    """Quote a wrong value for an error, and cut it if it is long."""
    return repr(cut(text))


def cut(text: str, most: int = _SHOWN) -> str:
    """Cut a text that is longer than a number of characters."""
    return text if len(text) <= most else f"{text[: most - 3]}..."


def unshown(converter: Converter | None, why: str = "") -> str:
    """Return a message that a value is wrong, without the value, which may be a secret."""
    return f"expected {'VALUE' if converter is None else converter.metavar}{why and f' ({why})'}."


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

    from ..nodes import Node
    from . import (
        choices,
        classes,
        clicks,
        constraints,
        containers,
        fields,
        hints,
        intervals,
        models,
        scalars,
        table,
        unions,
        words,
    )
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(__name__, __all__, base64="base64", fractions="fractions", json="json", pathlib="pathlib")
