"""What a converter is: how the values of one type are read and written, the two directions side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from . import later
from .errors import ConversionError

if TYPE_CHECKING:
    from . import nodes

__all__ = ["BRACKETS", "UNKNOWN", "Converter", "is_null_word", "shown"]

_SHOWN = 80  # characters of a wrong value that an error shows: more would bury the message

BRACKETS = frozenset("[{")
"""What a typed text begins with that is YAML flow."""

UNKNOWN = object()
"""The annotation of a parameter that has none to go by, nor a default that tells its type."""


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
        if not isinstance(node, later.nodes.Scalar):
            kind = "a list" if isinstance(node, later.nodes.ListNode) else "a mapping"
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


def is_null_word(text: str) -> bool:
    """Tell whether a typed text means None: ``none`` or ``null``, in any case."""
    return text.lower() in {"none", "null"}


def shown(text: str) -> str:
    """Quote a wrong value for an error, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}...")
