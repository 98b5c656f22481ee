"""Convert YAML text to nodes with line and column, and plain values to YAML text.

Nodes are built from PyYAML's events, not by its loaders: those guess types, forget places, take the last of two equal
keys, and can be made to run code, to hang or to crash. Scalars stay text. Only `core_schema` reads them by YAML 1.2's
core schema (https://yaml.org/spec/1.2.2/#103-core-schema), for values without an annotation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import attach
from ..errors import ClickbindError, ConversionError

__all__ = [
    "NULLS",
    "Bare",
    "ListNode",
    "MapNode",
    "Node",
    "NodeError",
    "Quoted",
    "Scalar",
    "core_schema",
    "reader",
    "writer",
    "yaml",
]

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class NodeError(ClickbindError):
    """Report text that is not one plain YAML document.

    Parameters
    ----------
    message : str
        The problem. Parts of the text are in quotes, so that `redaction` can hide them.
    line, column : int
        The place of the problem, counted from 0.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class Node:
    """Hold one value of a document and its place.

    Attributes
    ----------
    line, column : int
        The place where it starts, counted from 0.
    width : int
        The number of columns that an error underlines.
    weight : int
        The number of values in it, with all aliases unfolded.
    noun : str
        What an error calls it if another kind of value is expected.
    """

    __slots__ = ("column", "line")

    noun: str
    weight: int

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column

    def scalar(self, expected: str) -> Scalar:
        """Return a text that is not null.

        Raises
        ------
        ConversionError
            If this is something else than what is expected.
        """
        raise ConversionError(f"expected {expected}, got {self.noun}.", self)

    def at(self, line: int, column: int) -> Node:
        """Return the node of an alias: the same value, at the place of the alias."""
        import copy  # noqa: PLC0415 - for aliases and variables alone

        node = copy.copy(self)
        node.line, node.column = line, column
        return node


class Scalar(Node):
    """Hold a text.

    Attributes
    ----------
    text : str
        The text, without quotes and with escapes resolved.
    binary : bool
        Whether it is tagged ``!!binary``.
    expands : bool
        Whether variables in it are expanded: in plain and double-quoted scalars, as in a shell.
    plain : bool
        Whether it has no quotes, and no tag that makes it a text, so that it may be a number, for example.
    width : int
        The number of columns that it takes; 1 if it continues on another line.
    """

    __slots__ = ("binary", "expands", "plain", "text", "width")

    noun = "null"
    weight = 1

    def __init__(
        self,
        text: str,
        *,
        plain: bool,
        line: int,
        column: int,
        width: int = 1,
        binary: bool = False,
        expands: bool = False,
    ) -> None:
        self.line = line
        self.column = column
        self.binary = binary
        self.expands = expands
        self.text = text
        self.plain = plain
        self.width = width

    @property
    def is_null(self) -> bool:
        """Whether it is a plain null: ``null``, ``Null``, ``NULL``, ``~`` or empty."""
        return self.plain and self.text in NULLS

    def scalar(self, expected: str) -> Scalar:
        """Return itself."""
        return super().scalar(expected) if self.is_null else self


class ListNode(Node):
    """Hold a sequence. Its nodes are in ``items``."""

    __slots__ = ("items", "weight", "width")

    noun = "a list"

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.weight = self.width = 1
        self.items: list[Node] = []


class MapNode(Node):
    """Hold a mapping: its keys and values in ``pairs``, in the order of the file, those merged by ``<<`` last."""

    __slots__ = ("pairs", "weight", "width")

    noun = "a mapping"

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.weight = self.width = 1
        self.pairs: list[tuple[Node, Node]] = []


class Bare(str):
    """Mark a str to be written without quotes, since in quotes it would be read as a str."""

    __slots__ = ()


class Quoted(str):
    """Mark a str to be written in quotes, since its bare text would be read as something else."""

    __slots__ = ()


if TYPE_CHECKING:
    import yaml

    from . import core_schema, reader, writer
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(__name__, __all__, yaml="yaml")
