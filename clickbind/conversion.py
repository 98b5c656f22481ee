"""What a converter is: how the values of one type are read and written, the two directions side by side."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

from . import nodes
from .errors import ConversionError

__all__ = [
    "BRACKETS",
    "UNKNOWN",
    "AnnotationType",
    "Bare",
    "Converter",
    "CoreConverter",
    "ParamType",
    "Quoted",
    "each",
    "from_flow",
    "is_null_word",
    "shown",
    "split",
]

_WORD = r"""(?:[^\s"']|"[^"]*"|'[^']*')+"""  # not compiled here: re does, and keeps it, when a list is first typed
_QUOTED = r""""([^"]*)"|'([^']*)'"""
_SHOWN = 80  # characters of a wrong value that an error shows: more would bury the message

BRACKETS = frozenset("[{")
"""What a typed text begins with that is YAML flow."""

UNKNOWN = object()
"""The annotation of a parameter that has none to go by, nor a default that tells its type."""


class Bare(str):
    """A str that must stand without quotes, since in quotes it would be read as a str."""

    __slots__ = ()


class Quoted(str):
    """A str that must be written in quotes, since its bare text would be read as something else."""

    __slots__ = ()


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


class CoreConverter(Converter):
    """No annotation to go by: YAML 1.2's core schema decides."""

    rank = 100
    nullable = True
    textual = True
    structured = True
    mutable = True

    def from_text(self, text: str) -> Any:
        """Read YAML flow, or a scalar by the core schema."""
        from . import core  # only a value without a type pays for it

        return from_flow(self.from_node, text) if text[:1] in BRACKETS else core.core_text(text)

    def from_typed(self, text: str) -> Any:
        """Read a text as `from_text`; the words none and null, in any case, are None."""
        return None if is_null_word(text) else self.from_text(text)

    def from_quoted(self, text: str) -> Any:
        """Take a quoted scalar as it is."""
        return text

    def from_node(self, node: nodes.Node) -> Any:
        """Read a node by the core schema."""
        from . import core  # only a value without a type pays for it

        try:
            return core.core(node)
        except nodes.NodeError as error:
            raise ConversionError(str(error), node) from None

    def from_plain(self, value: Any) -> Any:
        """Take any value."""
        return value

    def accepts(self, value: Any) -> bool:
        """Take any value."""
        return True


def is_null_word(text: str) -> bool:
    """Tell whether a typed text means None: ``none`` or ``null``, in any case."""
    return text.lower() in {"none", "null"}


def split(text: str) -> list[str]:
    """Split a typed list at white space. Quotes protect; a backslash is itself, so that paths of Windows survive.

    Raises
    ------
    ConversionError
        Where a quote is not closed.
    """
    if re.sub(_WORD, "", text).strip():
        raise ConversionError(f"{shown(text)} has a quote that nothing closes.")
    words = re.findall(_WORD, text)
    return [re.sub(_QUOTED, lambda match: match[1] or match[2] or "", word) for word in words]


def from_flow(read: Callable[[nodes.Node], Any], text: str) -> Any:
    """Read YAML flow that stands in one text, ``[a, [b, c]]``. An error in it has no place of its own.

    Raises
    ------
    ConversionError
        Where it is not YAML, or not a value.
    """
    try:
        node = nodes.read(text)
    except nodes.NodeError as error:
        raise ConversionError(f"{shown(text)} is {error}") from None
    assert node is not None  # it has a bracket
    try:
        return read(node)
    except ConversionError as error:
        raise ConversionError(str(error)) from None


def shown(text: str) -> str:
    """Quote a wrong value for an error, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}...")


def each(reads: Iterable[tuple[Callable[[nodes.Node], Any], nodes.Node]]) -> list[Any]:
    """Read the nodes that stand inside another one, so that each error points at its own, and all are told."""
    values = []
    errors: list[ConversionError] = []
    for read, node in reads:
        try:
            values.append(read(node))
        except ConversionError as error:
            errors += [ConversionError(str(one), one.node or node) for one in error.all]
    if errors:
        raise ConversionError(str(errors[0]), errors[0].node, errors[1:])
    return values


if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # it is generic from Click 8.5 on


class AnnotationType(ParamType):
    """A converter as Click's parameter type.

    Parameters
    ----------
    converter : Converter
        What reads the values.
    """

    def __init__(self, converter: Converter) -> None:
        self.name = converter.metavar.lower()
        self.converter = converter

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Give what stands for a value in help."""
        return self.converter.metavar

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a text; what is no text is right already, as for Click's own types."""
        if not isinstance(value, str):
            return value
        try:
            return self.converter.from_line([value])
        except ConversionError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Offer the values that the type knows."""
        from click.shell_completion import CompletionItem  # only a press of TAB pays for it

        return [CompletionItem(value, type=kind) for value, kind in self.converter.complete(incomplete)]
