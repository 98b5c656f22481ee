"""One config file: its text, its problems with their places, and its variables."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping

from . import nodes
from .conversion import shown
from .errors import ConversionError
from .nodes import ListNode, MapNode, Node, Scalar

__all__ = ["MAX_CHAIN", "Document"]

_WHOLE = r"\$(?:([A-Za-z_]\w*)|\{([^{}]*)\})"
# libyaml counts lines as YAML 1.1 does, by these as well.
_BREAK = r"\r\n|[\n\r\x85\u2028\u2029]"
# All that stands behind a key, a comma or a bracket; the whole line where it has none.
_STARRED = r"^(.*?[:,{\[-]\s*|\s*)\S.*"
_INSIDE = r"\$(?:(\$)|\{([^{}]*)\})"
# What variables make of one text: they may stand in one another, and double its length each time.
MAX_TEXT = 100_000
# What variables copy, all in all: a second's work.
MAX_COPIED = 100_000
# Python's own limit on recursion is ten times what these need; no program's files come near them.
MAX_CHAIN = 50
_MOST_SHOWN = 160  # columns of a line that a problem shows


class Document:
    """One config file.

    Attributes
    ----------
    name : str
        Its name, for origins and errors.
    text : str
        What stands in it.
    pairs : list of (Node, Node)
        Its entries, without those that begin with ``$``.
    variables : mapping of str to Node
        Its own variables, and below them those of what it includes.
    includes : list of Document
        What it includes itself, in its order.
    """

    def __init__(self, name: str, text: str, hide: Callable[[str], str] = str) -> None:
        self._hide = hide
        self.name = name
        self.text = text
        self.pairs: list[tuple[Node, Node]] = []
        self.variables: Mapping[str, Node] = {}
        self.includes: list[Document] = []
        self._problems: list[tuple[int, int, str]] = []
        self._lines: list[str] | None = None
        self._hidden: dict[int, str] = {}
        self._plain: bool | None = None
        self._copied = 0
        self._busy: list[str] = []
        self._known: dict[str, Node] = {}

    def problem(self, message: str, node: Node | None, *, secret: bool = False) -> None:
        """Add a problem at a node."""
        if node is None:
            self._problems.append((0, 0, f"{self.name}: {message}"))
        else:
            width = 1 if secret else getattr(node, "width", 1)
            self.problem_at(message, node.line, node.column, width, secret=secret)

    def problem_at(self, message: str, line: int, column: int, width: int = 1, *, secret: bool = False) -> None:
        """Add a problem with its place, the line itself, a secret in it starred, and a caret under what is meant."""
        problem = f"{self.name}:{line + 1}:{column + 1}: {message}"
        if self._lines is None:
            self._lines = re.split(_BREAK, self.text.removesuffix("\n"))
        if line < len(self._lines):
            number = f"{line + 1:6d} | "
            if line not in self._hidden:  # a line may have many problems
                self._hidden[line] = self._hide(self._lines[line].rstrip())
            whole = self._hidden[line]
            text = re.sub(_STARRED, r"\1***", whole, count=1) if secret else whole
            if len(text) > _MOST_SHOWN:  # what is around the place
                start = max(0, column - _MOST_SHOWN // 2)
                text, column = text[start : start + _MOST_SHOWN], column - start
            width = max(1, min(width, len(text) - column))
            problem += f"\n{number}{text}\n{' ' * (len(number) - 2)}| {' ' * column}{'^' * width}"
        self._problems.append((line, column, problem))

    @property
    def problems(self) -> list[str]:
        """What is wrong with it so far, each with its place and line, in the order of the file."""
        return [problem for _, _, problem in sorted(self._problems)]

    def expand(self, node: Node) -> Node:
        """Put in the values of variables: ``$name`` as a whole value, ``${name}`` inside one; ``$$`` is a dollar sign.

        Raises
        ------
        ConversionError
            At the place of a name that is nowhere, or that stands inside of its own value.
        """
        if self._plain is None:
            self._plain = "$" not in self.text
        if self._plain:
            return node
        if isinstance(node, ListNode):
            made = ListNode(node.line, node.column)
            made.items = [self.expand(item) for item in node.items]
            made.weight += sum(item.weight for item in made.items)
            return made
        if isinstance(node, MapNode):
            mapping = MapNode(node.line, node.column)
            mapping.pairs = [(key, self.expand(value)) for key, value in node.pairs]
            mapping.weight += sum(value.weight for _, value in mapping.pairs)
            return mapping
        if isinstance(node, Scalar) and node.expands and "$" in node.text:
            return self._expand_text(node)
        return node

    def _expand_text(self, node: Scalar) -> Node:
        whole = re.fullmatch(_WHOLE, node.text)
        if whole:
            value = self._value(whole[1] or whole[2], node)
            if isinstance(value, Scalar):
                made = _scalar(node, value.text, plain=value.plain and node.plain)
                made.binary = value.binary
                return made
            self._copied += value.weight
            if self._copied > MAX_COPIED:
                raise ConversionError(f"more than {MAX_COPIED:,} values, variables put in.", node)
            if _depth(value) > nodes.MAX_DEPTH:
                raise ConversionError(f"nested more than {nodes.MAX_DEPTH} deep, variables put in.", node)
            if not node.plain:
                raise ConversionError(f"{shown(node.text)} is no text, and stands in quotes.", node)
            return _moved(value, node)
        text = re.sub(_INSIDE, lambda match: "$" if match[1] else self._text(match[2], node), node.text)
        if len(text) > MAX_TEXT:
            raise ConversionError(f"more than {MAX_TEXT:,} characters, variables put in.", node)
        return _scalar(node, text, plain=node.plain)

    def _text(self, name: str, node: Scalar) -> str:
        value = self._value(name, node)
        if not isinstance(value, Scalar):
            raise ConversionError(f"the variable {name!r} is no text, and stands inside of one.", node)
        return value.text

    def _value(self, name: str, node: Scalar) -> Node:
        if name in self._busy:
            raise ConversionError(f"the variable {name!r} stands inside of its own value.", node)
        if name in self._known:
            return self._known[name]
        if name in self.variables:
            if len(self._busy) >= MAX_CHAIN:
                raise ConversionError(f"variables stand in one another more than {MAX_CHAIN} deep.", node)
            self._busy.append(name)
            try:
                value = self.expand(self.variables[name])
            except ConversionError as error:
                raise ConversionError(str(error), node) from None
            finally:
                self._busy.pop()
        elif name in os.environ:
            value = _scalar(node, os.environ[name], plain=node.plain)
        else:
            raise ConversionError(f"there is no variable {name!r}. A dollar sign is '$$', or in single quotes.", node)
        self._known[name] = value
        return value


def _scalar(place: Scalar, text: str, *, plain: bool) -> Scalar:
    return Scalar(text, plain=plain, line=place.line, column=place.column, width=place.width)


def _depth(node: Node) -> int:
    if isinstance(node, ListNode):
        return 1 + max(map(_depth, node.items), default=0)
    return 1 + max((_depth(value) for _, value in node.pairs), default=0) if isinstance(node, MapNode) else 0


def _moved(node: Node, place: Scalar) -> Node:
    """Put a variable's value where it is used: its own place may be in another file."""
    made = node.at(place.line, place.column)
    assert isinstance(made, (Scalar, ListNode, MapNode))  # there are no others
    made.width = place.width
    if isinstance(made, ListNode):
        made.items = [_moved(item, place) for item in made.items]
    elif isinstance(made, MapNode):
        made.pairs = [(_moved(key, place), _moved(value, place)) for key, value in made.pairs]
    return made
