"""One config file: its text, its problems with their places, and its variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from .. import layers
from ..nodes import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from ..nodes import Scalar
    from .variables import Budget, Expander

    class Redacting(Protocol):
        """Decides what is shown of a document: see `excerpts`, which is loaded when something is."""

        def problem(self, document: Document, problem: Problem, /) -> str: ...
        def included(self, name: str, written: Scalar, /) -> str: ...
        def name(self, document: Document, node: Node, text: str, /) -> str: ...
        def place(self, document: Document, node: Node, /) -> str: ...

    Redacts = Callable[[], Redacting]


__all__ = ["Document", "Problem"]

# libyaml counts lines as YAML 1.1 does, by these as well.
_BREAK = r"\r\n|[\n\r\x85\u2028\u2029]"
_MOST_SHOWN = 160  # columns of a line that a problem shows


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
    variables : mapping of str to Node
        Its own variables, and below them those of what it includes.
    includes : list of Document
        What it includes itself, in its order.
    found : list of Problem
        What is wrong with it so far.
    """

    def __init__(
        self, name: str, text: str, redacts: Redacts | None = None, budget: Callable[[], Budget] | None = None
    ) -> None:
        self.name = name
        self.text = text
        self.root: Node | None = None
        self.pairs: list[tuple[Node, Node]] = []
        self.variables: Mapping[str, Node] = {}
        self.includes: list[Document] = []
        self.found: list[Problem] = []
        self._redacts = redacts
        self._budget = budget
        self._lines: list[str] = []
        self._split = False  # whether those are all
        self._plain: bool | None = None
        self._expander: Expander | None = None

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

    def line(self, number: int) -> str | None:
        """Return one of its lines, as the reader of YAML counts them from 0; None where there is none.

        A file that is refused for its length has millions of them, and is refused at its beginning: those after that
        are not taken apart.
        """
        if number >= len(self._lines) and not self._split:
            most = 2 * number + 1_000
            *self._lines, rest = re.split(_BREAK, self.text.removesuffix("\n"), maxsplit=most)
            self._split = len(self._lines) < most
            if self._split:
                self._lines.append(rest)
        return self._lines[number].rstrip() if number < len(self._lines) else None

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
        text = self.line(line) if text is None else text
        if text is None:
            return place
        number = f"{line + 1:6d} | "
        if len(text) > _MOST_SHOWN:  # what is around the place
            start = max(0, column - _MOST_SHOWN // 2)
            text, column = text[start : start + _MOST_SHOWN], column - start
        width = max(1, min(problem.width, len(text) - column))
        return f"{place}\n{number}{text}\n{' ' * (len(number) - 2)}| {' ' * column}{'^' * width}"

    def expand(self, node: Node) -> Node:
        """Put in the values of variables: ``$name`` as a whole value, ``${name}`` inside one; ``$$`` is a dollar sign.

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
        if self._expander is None:
            budget = self._budget() if self._budget is not None else layers.variables.Budget()
            self._expander = layers.variables.Expander(self.variables, budget)
        self._expander.variables = self.variables
        return self._expander.expand(node)
