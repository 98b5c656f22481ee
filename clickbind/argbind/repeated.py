"""Accept keys that a file repeats with the same value: PyYAML, which ArgBind reads files with, takes the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import nodes
from ..declare.registry import Registry
from ..layers.document import Document
from ..nodes import ListNode, MapNode, Node, Scalar
from ..types import cut

if TYPE_CHECKING:
    from ..layers.document import Redacts

__all__ = ["Settler"]

Pairs = list[tuple[Node, Node]]


class Settler:
    """Removes repeated keys from documents: with a warning if their values are equal, otherwise with a problem.

    Parameters
    ----------
    registry : Registry
        The functions.

    Attributes
    ----------
    warnings : list of str
        The warnings, without the word.
    """

    def __init__(self, registry: Registry) -> None:
        self.warnings: list[str] = []
        self._registry = registry
        self._document = Document("", "")
        self._redacts: Any = None

    def settle(self, document: Document, redacts: Redacts) -> None:
        """Settle the repeated keys of a document, at the top and in all values."""
        self._document, self._redacts = document, redacts
        document.pairs = self._settled(document.pairs, None, secret=False)

    def _settled(self, pairs: Pairs, top: Scalar | None, *, secret: bool) -> Pairs:
        """Return the entries of a mapping, each key once.

        Parameters
        ----------
        pairs : list of (Node, Node)
            The entries.
        top : Scalar or None
            The key of the document that the mapping is the value of; None for the document itself.
        secret : bool
            Whether it is the value of a secret parameter.
        """
        first: dict[tuple[type, Any], tuple[Node, Node]] = {}
        kept: Pairs = []
        for key, value in pairs:
            hides = secret or (top is None and self._is_secret(key))
            self._walk(value, top or key, secret=hides)
            if not isinstance(key, Scalar) or (top is None and self._is_owner(key, value)):
                kept.append((key, value))
                continue
            plain = nodes.core_schema.core(key)
            before = first.setdefault((type(plain), plain), (key, value))
            if before[0] is key:
                kept.append((key, value))
            else:
                self._repeated(before, (key, value), top, secret=hides)
        return kept

    def _walk(self, value: Node, top: Node, *, secret: bool) -> None:
        if isinstance(value, ListNode):
            for item in value.items:
                self._walk(item, top, secret=secret)
        elif isinstance(value, MapNode) and isinstance(top, Scalar):
            value.pairs = self._settled(value.pairs, top, secret=secret)

    def _repeated(
        self, before: tuple[Node, Node], again: tuple[Scalar, Node], top: Scalar | None, *, secret: bool
    ) -> None:
        key, value = again
        place = "" if top is None else f"{cut(top.text)}: "
        since = f"first set on line {before[0].line + 1}."
        if not _equal(before[1], value):
            hidden = f"duplicate key, {since}"
            self._document.problem(f"{place}duplicate key {cut(key.text)}, {since}", key, hidden=hidden, secret=secret)
            return
        redaction = self._redacts()
        name = redaction.name(self._document, key, f"{place}{cut(key.text)}")
        where = redaction.place(self._document, key)
        self.warnings.append(f"{where}: {name} is repeated with the same value, {since}")

    def _is_secret(self, key: Node) -> bool:
        found = self._registry.find(key.text) if isinstance(key, Scalar) else None
        return found is not None and found[2].secret

    def _is_owner(self, key: Scalar, value: Node) -> bool:
        """Return whether an entry is a function's name over a mapping of its parameters, which add up."""
        return isinstance(value, MapNode) and self._registry.owner(key.text)[0] is not None


def _equal(one: Node, other: Node) -> bool:
    """Return whether two nodes are the same value, however it is written."""
    if isinstance(one, Scalar) and isinstance(other, Scalar):
        if (one.text, one.plain, one.binary) == (other.text, other.plain, other.binary):
            return True
        ours, its = nodes.core_schema.core(one), nodes.core_schema.core(other)
        return type(ours) is type(its) and ours == its and one.binary == other.binary
    if isinstance(one, ListNode) and isinstance(other, ListNode):
        return len(one.items) == len(other.items) and all(map(_equal, one.items, other.items))
    if isinstance(one, MapNode) and isinstance(other, MapNode) and len(one.pairs) == len(other.pairs):
        pairs = [(*ours, *its) for ours, its in zip(one.pairs, other.pairs, strict=True)]
        return all(_equal(key, name) and _equal(value, item) for key, value, name, item in pairs)
    return False
