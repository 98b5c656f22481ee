"""Accept keys that a file repeats with the same value: PyYAML, which ArgBind reads files with, takes the last one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import nodes
from ..declare.registry import Registry
from ..errors import ConversionError
from ..keys import is_spelled, joined
from ..layers.document import Document
from ..layers.variables import uses_any
from ..nodes import ListNode, MapNode, Node, Scalar
from ..types import cut

if TYPE_CHECKING:
    from ..declare.function import ParameterSpec
    from ..layers.document import Redacts

__all__ = ["Settler"]

Pair = tuple[Node, Node]
Pairs = list[Pair]


class Settler:
    """Removes repeated keys from documents: with a warning if their values mean the same, otherwise with a problem.

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
        self._first: dict[Any, Pair] = {}

    def settle(self, document: Document, redacts: Redacts) -> None:
        """Settle the repeated keys of a document: its directives, its parameters, and the keys in all values."""
        self._document, self._redacts, self._first = document, redacts, {}
        if isinstance(document.root, MapNode):
            self._settle_directives(document.root.pairs)
        document.pairs = [kept for pair in document.pairs for kept in self._entry("", *pair)]

    def _settle_directives(self, pairs: Pairs) -> None:
        """Accept directives, and variables, that are repeated with the same value: they are problems already."""
        first: dict[str, Pair] = {}
        for key, value in pairs:
            name = key.text if isinstance(key, Scalar) else ""
            before = first.setdefault(name, (key, value))
            left = [problem for problem in self._document.found if problem.node is not key]
            if len(left) < len(self._document.found) and _equal(before[1], value):
                self._document.found = left
                self._warn(before, key, name)
            elif name == "$vars" and isinstance(value, MapNode):
                self._settle_directives(value.pairs)

    def _entry(self, outer: str, key: Node, value: Node) -> Pairs:
        """Return an entry, or nothing if its key is repeated.

        Parameters
        ----------
        outer : str
            The function or parameter whose mapping the entry is in; empty at the top.
        key, value : Node
            The entry.
        """
        if not isinstance(key, Scalar):
            return [(key, value)]
        text = joined(outer, key.text)
        spelled = is_spelled(text, any_scope=True)
        if spelled and isinstance(value, MapNode) and self._has_parameters(text):
            value.pairs = [kept for pair in value.pairs for kept in self._entry(text, *pair)]
            return [(key, value)]
        plain = text if outer else nodes.core_schema.core(key)
        setting, _, spec = (self._registry.find(text) if spelled else None) or ((type(plain), plain), None, None)
        secret = spec is not None and spec.secret
        self._walk(value, key, secret=secret)
        before = self._first.setdefault(setting, (key, value))
        if before[0] is key:
            return [(key, value)]
        if _means_same(spec, before[1], value):
            self._warn(before, key, text)
        else:
            self._refuse(before, key, "", text, secret=secret)
        return []

    def _has_parameters(self, text: str) -> bool:
        """Return whether a mapping under a key sets a function's parameters, or a parameter's fields, which add up."""
        bound, _, path = self._registry.split(text)
        return self._registry.owner(text)[0] is not None or (bound is not None and bound.has_fields(path))

    def _settled(self, pairs: Pairs, top: Scalar, *, secret: bool) -> Pairs:
        """Return the entries of a mapping in the value of a key of the document, each key once."""
        first: dict[tuple[type, Any], Pair] = {}
        kept: Pairs = []
        for key, value in pairs:
            self._walk(value, top, secret=secret)
            if not isinstance(key, Scalar):
                kept.append((key, value))
                continue
            plain = nodes.core_schema.core(key)
            before = first.setdefault((type(plain), plain), (key, value))
            if before[0] is key:
                kept.append((key, value))
            elif _equal(before[1], value):
                self._warn(before, key, f"{cut(top.text)}: {cut(key.text)}")
            else:
                self._refuse(before, key, f"{cut(top.text)}: ", key.text, secret=secret)
        return kept

    def _walk(self, value: Node, top: Scalar, *, secret: bool) -> None:
        if isinstance(value, ListNode):
            for item in value.items:
                self._walk(item, top, secret=secret)
        elif isinstance(value, MapNode):
            value.pairs = self._settled(value.pairs, top, secret=secret)

    def _refuse(self, before: Pair, key: Node, place: str, text: str, *, secret: bool) -> None:
        since = f"first set on line {before[0].line + 1}."
        hidden = f"duplicate key, {since}"
        self._document.problem(f"{place}duplicate key {cut(text)}, {since}", key, hidden=hidden, secret=secret)

    def _warn(self, before: Pair, key: Node, text: str) -> None:
        redaction = self._redacts()
        where, name = redaction.place(self._document, key), redaction.name(self._document, key, cut(text))
        self.warnings.append(
            f"{where}: {name} is repeated with the same value, first set on line {before[0].line + 1}."
        )


def _means_same(spec: ParameterSpec | None, one: Node, other: Node) -> bool:
    """Return whether two nodes are the same value of a parameter, or of nothing that is known."""
    if _equal(one, other):
        return True
    if spec is None or spec.converter is None or uses_any(one) or uses_any(other):
        return False
    try:
        ours, its = spec.converter.from_node(one), spec.converter.from_node(other)
    except ConversionError:
        return False
    # Texts distinguish 1 from 1.0 in a list, too.
    return type(ours) is type(its) and (ours == its) is True and repr(ours) == repr(its)


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
