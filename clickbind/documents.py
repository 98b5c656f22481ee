"""One config file: its text, its problems with their places, and its variables."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from . import nodes
from .conversion import shown
from .errors import ConversionError
from .nodes import ListNode, MapNode, Node, Scalar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Protocol

    class Redacting(Protocol):
        """Decides what is shown of a document: see `excerpts`, which is loaded when something is."""

        def problem(self, document: Document, problem: Problem, /) -> str: ...
        def included(self, name: str, written: Scalar, /) -> str: ...
        def name(self, document: Document, node: Node, text: str, /) -> str: ...
        def place(self, document: Document, node: Node, /) -> str: ...

    Redacts = Callable[[], Redacting]


__all__ = ["MAX_CHAIN", "Budget", "Document", "Expanded", "Problem", "scalars"]

_WHOLE = r"\$(?:([A-Za-z_]\w*)|\{([^{}]*)\})"
# libyaml counts lines as YAML 1.1 does, by these as well.
_BREAK = r"\r\n|[\n\r\x85\u2028\u2029]"
_INSIDE = r"\$(?:(\$)|\{([^{}]*)\})"
# What variables make of one text: they may stand in one another, and double its length each time.
MAX_TEXT = 100_000
# What variables make in one run, all in all: characters of texts, and values in lists and mappings. A second's work.
MAX_CHARACTERS = 20_000_000
MAX_COPIED = 100_000
# Python's own limit on recursion is ten times what these need; no program's files come near them.
MAX_CHAIN = 50
_MOST_SHOWN = 160  # columns of a line that a problem shows


class Expanded(Scalar):
    """A text that variables have made, or a part of it: it may be anybody's secret.

    Attributes
    ----------
    whole : bool
        Whether a variable has made all of it.
    """

    __slots__ = ("whole",)

    def __init__(self, text: str, place: Scalar, *, plain: bool, whole: bool) -> None:
        super().__init__(text, plain=plain, line=place.line, column=place.column, width=place.width)
        self.whole = whole


class Problem:
    """Something that is wrong with a document.

    Attributes
    ----------
    message : str
        What is wrong.
    hidden : str
        The same for where the value must not be shown: nothing of the value is in it.
    line, column, width : int
        The place, counted from 0; a line of -1 is the whole document.
    node : Node or None
        What is wrong, where that is one node.
    secret : bool
        Whether it is about the value of a secret parameter.
    """

    __slots__ = ("column", "hidden", "line", "message", "node", "secret", "width")

    def __init__(
        self, message: str, hidden: str, place: tuple[int, int, int], node: Node | None, *, secret: bool
    ) -> None:
        self.message = message
        self.hidden = hidden
        self.line, self.column, self.width = place
        self.node = node
        self.secret = secret


class Budget:
    """What variables may still make in one run.

    Attributes
    ----------
    characters, values : int
        How many of each.
    """

    def __init__(self) -> None:
        self.characters = MAX_CHARACTERS
        self.values = MAX_COPIED


class Document:
    """One config file.

    Attributes
    ----------
    name : str
        Its name, for origins and errors.
    text : str
        Its content.
    root : Node or None
        What the text is, once it is read.
    pairs : list of (Node, Node)
        Its entries, without those that begin with ``$``.
    variables : dict of str to Node
        Its own variables, and below them those of what it includes.
    found : list of Problem
        What is wrong with it so far.
    """

    def __init__(self, name: str, text: str, redacts: Redacts | None = None, budget: Budget | None = None) -> None:
        self.name = name
        self.text = text
        self.root: Node | None = None
        self.pairs: list[tuple[Node, Node]] = []
        self.variables: dict[str, Node] = {}
        self.found: list[Problem] = []
        self._redacts = redacts
        self._budget = Budget() if budget is None else budget
        self._lines: list[str] | None = None
        self._plain: bool | None = None
        self._busy: list[str] = []
        self._known: dict[str, tuple[Node, int]] = {}

    def problem(self, message: str, node: Node | None, *, hidden: str | None = None, secret: bool = False) -> None:
        """Add a problem at a node.

        Parameters
        ----------
        message : str
            What is wrong.
        node : Node or None
            Where; None for the whole document.
        hidden : str, optional
            The message without anything of the file's values, for where those must not be shown. Without it, the
            message has none.
        secret : bool
            Whether it is about the value of a secret parameter.
        """
        place = (-1, 0, 1) if node is None else (node.line, node.column, getattr(node, "width", 1))
        self.found.append(Problem(message, message if hidden is None else hidden, place, node, secret=secret))

    def problem_at(self, message: str, line: int, column: int, width: int = 1, *, hidden: str | None = None) -> None:
        """Add a problem at a place, counted from 0."""
        place = (line, column, width)
        self.found.append(Problem(message, message if hidden is None else hidden, place, None, secret=False))

    @property
    def lines(self) -> list[str]:
        """Its lines, as the reader of YAML counts them."""
        if self._lines is None:
            self._lines = [line.rstrip() for line in re.split(_BREAK, self.text.removesuffix("\n"))]
        return self._lines

    @property
    def problems(self) -> list[str]:
        """What is wrong with it so far, each with its place and line, in the order of the file."""
        return self.told(len(self.found))

    def told(self, most: int) -> list[str]:
        """Return the first of its problems, as they are shown."""
        ordered = sorted(self.found, key=lambda problem: (problem.line, problem.column))
        if self._redacts is None or not ordered:
            return [self.render(problem) for problem in ordered[:most]]
        redaction = self._redacts()
        return [redaction.problem(self, problem) for problem in ordered[:most]]

    def render(self, problem: Problem, text: str | None = None) -> str:
        """Show a problem with its place, the line itself, and a caret under what is meant.

        Parameters
        ----------
        problem : Problem
            The problem.
        text : str, optional
            What is shown of its line; the whole line where it is left out.
        """
        line, column = problem.line, problem.column
        if line < 0:
            return f"{self.name}: {problem.message}"
        place = f"{self.name}:{line + 1}:{column + 1}: {problem.message}"
        if line >= len(self.lines):
            return place
        number = f"{line + 1:6d} | "
        text = self.lines[line] if text is None else text
        if len(text) > _MOST_SHOWN:  # what is around the place
            start = max(0, column - _MOST_SHOWN // 2)
            text, column = text[start : start + _MOST_SHOWN], column - start
        width = max(1, min(problem.width, len(text) - column))
        return f"{place}\n{number}{text}\n{' ' * (len(number) - 2)}| {' ' * column}{'^' * width}"

    def expand(self, node: Node, depth: int = 0) -> Node:
        """Put in the values of variables: ``$name`` as a whole value, ``${name}`` inside one; ``$$`` is a dollar sign.

        Parameters
        ----------
        node : Node
            The value.
        depth : int
            How many lists and mappings it is in.

        Raises
        ------
        ConversionError
            At the place of a name that is nowhere, or that is part of its own value, and where variables make more
            than they may.
        """
        if self._plain is None:
            self._plain = "$" not in self.text
        if self._plain:
            return node
        if isinstance(node, (ListNode, MapNode)):
            if depth >= nodes.MAX_DEPTH:
                raise ConversionError(f"nested more than {nodes.MAX_DEPTH} deep, variables put in.", node)
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
            raise ConversionError(f"more than {MAX_COPIED:,} values, variables put in.", node)
        if depth + height > nodes.MAX_DEPTH:
            raise ConversionError(f"nested more than {nodes.MAX_DEPTH} deep, variables put in.", node)
        if not node.plain:
            raise ConversionError(f"{shown(node.text)} is no text, and stands in quotes.", node)
        return _moved(value, node)

    def _parts(self, node: Scalar, depth: int) -> list[str]:
        """Take a text apart, variables put in; too long a one is refused before it is put together."""
        parts: list[str] = []
        end = length = 0
        for match in re.finditer(_INSIDE, node.text):
            part = "$" if match[1] else self._text(match[2], node, depth)
            parts += (node.text[end : match.start()], part)
            end = match.end()
            length += len(part)
            if length > MAX_TEXT:
                raise ConversionError(f"more than {MAX_TEXT:,} characters, variables put in.", node)
        self._spend(length, node)
        return [*parts, node.text[end:]]

    def _spend(self, characters: int, node: Scalar) -> None:
        self._budget.characters -= characters
        if self._budget.characters < 0:
            raise ConversionError(f"variables make more than {MAX_CHARACTERS:,} characters.", node)

    def _text(self, name: str, node: Scalar, depth: int) -> str:
        value, _ = self._value(name, node, depth)
        if not isinstance(value, Scalar):
            raise ConversionError(f"the variable {shown(name)} is no text, and stands inside of one.", node)
        return value.text

    def _value(self, name: str, node: Scalar, depth: int) -> tuple[Node, int]:
        """Return a variable's value, and how deep it is nested."""
        if name in self._busy:
            raise ConversionError(f"the variable {shown(name)} stands inside of its own value.", node)
        if name in self._known:
            return self._known[name]
        if name in self.variables:
            if len(self._busy) >= MAX_CHAIN:
                raise ConversionError(f"variables stand in one another more than {MAX_CHAIN} deep.", node)
            self._busy.append(name)
            try:
                value = self.expand(self.variables[name], depth)
            except ConversionError as error:
                # What is wrong is part of a variable's value, of which nobody knows what it is.
                place = Expanded(node.text, node, plain=node.plain, whole=True)
                raise ConversionError(str(error), place) from None
            finally:
                self._busy.pop()
        elif name in os.environ:
            value = Expanded(os.environ[name], node, plain=node.plain, whole=True)
        else:
            missing = f"there is no variable {shown(name)}. A dollar sign is '$$', or in single quotes."
            raise ConversionError(missing, node)
        self._known[name] = value, _height(value)
        return self._known[name]


def scalars(node: Node) -> Iterator[Scalar]:
    """Walk the texts in a node, keys among them."""
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
    """Put a variable's value where it is used: its own place may be in another file."""
    if isinstance(node, Scalar):
        made = Expanded(node.text, place, plain=node.plain, whole=True)
        made.binary = node.binary
        return made
    moved = node.at(place.line, place.column)
    assert isinstance(moved, (ListNode, MapNode))  # there are no others
    moved.width = place.width
    if isinstance(moved, ListNode):
        moved.items = [_moved(item, place) for item in moved.items]
    else:
        moved.pairs = [(_moved(key, place), _moved(value, place)) for key, value in moved.pairs]
    return moved
