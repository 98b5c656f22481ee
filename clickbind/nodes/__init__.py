"""YAML text to nodes that know their places.

Built from PyYAML's events and not by its loader: a loader guesses types, forgets places, takes the last of two
equal keys, and can be made to run code, to hang or to crash. Scalars stay text here; only `core` reads them by
YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema), for where no annotation says more.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from .._lazy import attach
from ..errors import ClickbindError, ConversionError

__all__ = ["NULLS", "ListNode", "MapNode", "Node", "NodeError", "Scalar", "core_schema", "reader", "yaml"]

NULLS = frozenset({"", "~", "null", "Null", "NULL"})


class NodeError(ClickbindError):
    """Text that is not one plain YAML document, with the place where that shows.

    Parameters
    ----------
    message : str
        What is wrong. What it quotes of the text stands in quotes, so that `redaction` can hide it.
    line, column : int
        The place, both counted from 0.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class Node:
    """One value of a document, with its place, both numbers counted from 0.

    Attributes
    ----------
    line, column, width : int
        Where it starts, and how many columns of its line a problem points at.
    weight : int
        How many values it has once all aliases in it are unfolded.
    noun : str
        What an error calls it where another kind of value is expected.
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
            Where this is something else than what is expected.
        """
        raise ConversionError(f"{self.noun} stands where {expected} is expected.", self)

    def at(self, line: int, column: int) -> Node:
        """Make the node that an alias stands for: the same value, in the alias's place."""
        import copy  # noqa: PLC0415 - for aliases and variables alone

        node = copy.copy(self)
        node.line, node.column = line, column
        return node


class Scalar(Node):
    """A text.

    Attributes
    ----------
    text : str
        What stands there, without quotes, escapes resolved.
    binary : bool
        Whether it is tagged ``!!binary``.
    expands : bool
        Whether variables in it count: in plain and double-quoted ones, as in a shell.
    plain : bool
        Whether it stands there unquoted and untagged, so that it may mean more than its text.
    width : int
        How many columns of its line it takes; 1 where it goes on to another line.
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
        """Whether it is a plain null: ``null``, ``Null``, ``NULL``, ``~`` or nothing."""
        return self.plain and self.text in NULLS

    def scalar(self, expected: str) -> Scalar:
        """Return itself."""
        return super().scalar(expected) if self.is_null else self


class ListNode(Node):
    """A sequence, its nodes in ``items``."""

    __slots__ = ("items", "weight", "width")

    noun = "a list"

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.weight = self.width = 1
        self.items: list[Node] = []


class MapNode(Node):
    """A mapping, its keys and values in ``pairs``, in the order of the file, those merged in by ``<<`` last."""

    __slots__ = ("pairs", "weight", "width")

    noun = "a mapping"

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.weight = self.width = 1
        self.pairs: list[tuple[Node, Node]] = []


if TYPE_CHECKING:
    import yaml

    from . import core_schema, reader
else:  # a name that does not exist is a type error then
    __getattr__ = attach(__name__, __all__, yaml="yaml")
