"""Expand the variables of config files in the values that use them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from ..errors import ConversionError
from ..nodes import ListNode, MapNode, Node, Scalar
from ..nodes.reader import MAX_DEPTH
from ..types import shown

__all__ = ["Budget", "Expanded", "Expander", "scalars"]

_WHOLE = r"\$(?:([A-Za-z_]\w*)|\{([^{}]*)\})"
_INSIDE = r"\$(?:(\$)|\{([^{}]*)\})"
# Characters of one expanded text. Variables can refer to one another, and double the length each time.
MAX_TEXT = 100_000
# Limits for all variables of one run: characters of texts, and values in lists and mappings. They take about a second.
MAX_CHARACTERS = 20_000_000
MAX_COPIED = 100_000
# Python's recursion limit is twice what these need, and real files come nowhere near.
MAX_CHAIN = 50


class Expanded(Scalar):
    """A text that variables made, as a whole or in part. Anything in it may be secret.

    Attributes
    ----------
    whole : bool
        Whether a variable made all of it.
    """

    __slots__ = ("whole",)

    def __init__(self, text: str, place: Scalar, *, plain: bool, whole: bool) -> None:
        super().__init__(text, plain=plain, line=place.line, column=place.column, width=place.width)
        self.whole = whole


class Budget:
    """The number of characters and values that variables may still expand to in one run.

    Attributes
    ----------
    characters, values : int
        The number left of each.
    """

    def __init__(self) -> None:
        self.characters = MAX_CHARACTERS
        self.values = MAX_COPIED


class Expander:
    """Expands variables.

    Parameters
    ----------
    variables : mapping of str to Node
        The variables, which override those of the environment.
    budget : Budget
        The budget of the run.
    """

    def __init__(self, variables: Mapping[str, Node], budget: Budget) -> None:
        self.variables = variables
        self._budget = budget
        self._busy: list[str] = []
        self._known: dict[str, tuple[Node, int]] = {}

    def expand(self, node: Node, depth: int = 0) -> Node:
        """Expand the variables in a node.

        Parameters
        ----------
        node : Node
            The value.
        depth : int
            The number of lists and mappings around it.

        Raises
        ------
        ConversionError
            As for `document.Document.expand`.
        """
        if isinstance(node, (ListNode, MapNode)):
            if depth >= MAX_DEPTH:
                raise ConversionError(f"nested more than {MAX_DEPTH} deep, with variables expanded.", node)
            return self._expand_all(node, depth + 1)
        if isinstance(node, Scalar) and node.expands and "$" in node.text:
            return self._expand_text(node, depth)
        return node

    def _expand_all(self, node: ListNode | MapNode, depth: int) -> Node:
        if isinstance(node, ListNode):
            made = ListNode(node.line, node.column)
            made.items = [self.expand(item, depth) for item in node.items]
            made.weight += sum(item.weight for item in made.items)
            return made
        mapping = MapNode(node.line, node.column)
        mapping.pairs = [(key, self.expand(value, depth)) for key, value in node.pairs]
        mapping.weight += sum(value.weight for _, value in mapping.pairs)
        return mapping

    def _expand_text(self, node: Scalar, depth: int) -> Node:
        whole = re.fullmatch(_WHOLE, node.text)
        if whole is None:
            parts = self._parts(node, depth)
            return Expanded("".join(parts), node, plain=node.plain, whole=False)
        value, height = self._value(whole[1] or whole[2], node, depth)
        if isinstance(value, Scalar):
            self._spend(len(value.text), node)
            made = Expanded(value.text, node, plain=value.plain and node.plain, whole=True)
            made.binary = value.binary
            return made
        self._budget.values -= value.weight
        if self._budget.values < 0:
            raise ConversionError(f"more than {MAX_COPIED:,} values, with variables expanded.", node)
        if depth + height > MAX_DEPTH:
            raise ConversionError(f"nested more than {MAX_DEPTH} deep, with variables expanded.", node)
        if not node.plain:
            raise ConversionError(f"{shown(node.text)} is not text and cannot be used in quotes.", node)
        return _moved(value, node)

    def _parts(self, node: Scalar, depth: int) -> list[str]:
        """Return the parts of a text with variables expanded; refuse a text that is too long before it is joined."""
        parts: list[str] = []
        end = length = 0
        for match in re.finditer(_INSIDE, node.text):
            part = "$" if match[1] else self._text(match[2], node, depth)
            parts += (node.text[end : match.start()], part)
            end = match.end()
            length += len(part)
            if length > MAX_TEXT:
                raise ConversionError(f"more than {MAX_TEXT:,} characters, with variables expanded.", node)
        self._spend(length, node)
        return [*parts, node.text[end:]]

    def _spend(self, characters: int, node: Scalar) -> None:
        self._budget.characters -= characters
        if self._budget.characters < 0:
            raise ConversionError(f"variables expand to more than {MAX_CHARACTERS:,} characters.", node)

    def _text(self, name: str, node: Scalar, depth: int) -> str:
        value, _ = self._value(name, node, depth)
        if not isinstance(value, Scalar):
            raise ConversionError(f"the variable {shown(name)} is not text and cannot be used inside text.", node)
        return value.text

    def _value(self, name: str, node: Scalar, depth: int) -> tuple[Node, int]:
        """Return a variable's value, and the depth of its nesting."""
        if name in self._busy:
            raise ConversionError(f"the variable {shown(name)} refers to itself.", node)
        if name in self._known:
            return self._known[name]
        if name in self.variables:
            if len(self._busy) >= MAX_CHAIN:
                raise ConversionError(f"variables refer to one another more than {MAX_CHAIN} deep.", node)
            self._busy.append(name)
            try:
                value = self.expand(self.variables[name], depth)
            except ConversionError as error:
                # The problem is inside a variable's value, which may be secret.
                place = Expanded(node.text, node, plain=node.plain, whole=True)
                raise ConversionError(str(error), place) from None
            finally:
                self._busy.pop()
        elif name in os.environ:
            value = Expanded(os.environ[name], node, plain=node.plain, whole=True)
        else:
            missing = f"undefined variable {shown(name)}. Write '$$' for a dollar sign, or use single quotes."
            raise ConversionError(missing, node)
        self._known[name] = value, _height(value)
        return self._known[name]


def scalars(node: Node) -> Iterator[Scalar]:
    """Walk the texts in a node, including keys."""
    if isinstance(node, Scalar):
        yield node
    for item in node.items if isinstance(node, ListNode) else ():
        yield from scalars(item)
    for pair in node.pairs if isinstance(node, MapNode) else ():
        for part in pair:
            yield from scalars(part)


def _height(node: Node) -> int:
    if isinstance(node, ListNode):
        return 1 + max(map(_height, node.items), default=0)
    return 1 + max((_height(value) for _, value in node.pairs), default=0) if isinstance(node, MapNode) else 0


def _moved(node: Node, place: Scalar) -> Node:
    """Move a variable's value to the place that uses it, since its own place may be in another file."""
    if isinstance(node, Scalar):
        made = Expanded(node.text, place, plain=node.plain, whole=True)
        made.binary = node.binary
        return made
    moved = node.at(place.line, place.column)
    assert isinstance(moved, (ListNode, MapNode))  # all other nodes are scalars
    moved.width = place.width
    if isinstance(moved, ListNode):
        moved.items = [_moved(item, place) for item in moved.items]
    else:
        moved.pairs = [(_moved(key, place), _moved(value, place)) for key, value in moved.pairs]
    return moved
