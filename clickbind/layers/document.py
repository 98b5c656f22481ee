"""Hold one config file: its text, its problems with their places, and its variables."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from ..nodes import Node

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Protocol

    from ..nodes import Scalar
    from .variables import Variables

    class Redacting(Protocol):
        """Decides which parts of a document are shown: see `excerpts`, which is only loaded to show something."""

        @property
        def hides(self) -> bool: ...
        def problem(self, document: Document, problem: Problem, /) -> str: ...
        def included(self, name: str, written: Scalar, /) -> str: ...
        def name(self, document: Document, node: Node, text: str, /) -> str: ...
        def place(self, document: Document, node: Node, /) -> str: ...

    Redacts = Callable[[], Redacting]


__all__ = ["DIRECTIVES", "RANGE", "Document", "Problem"]

DIRECTIVES = ("$include", "$vars", "$schema", "$sweep")
"""The keys of a file that are no parameters."""

RANGE = ("from", "to", "log")
"""The keys of a range in ``$sweep``."""

# libyaml counts lines as YAML 1.1 does, so these characters end a line too.
_BREAK = r"\r\n|[\n\r\x85\u2028\u2029]"
_MOST_SHOWN = 160  # columns of a line shown with a problem


class Problem:
    """A problem of a document.

    Attributes
    ----------
    message : str
        The description.
    hidden : str
        The description without any part of the value, for a value that must not be shown.
    line, column, width : int
        The place, counted from 0; a line of -1 is the whole document.
    node : Node or None
        The node with the problem, if it is one node.
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
        The root of the parsed text; None before it is parsed, or if that fails.
    pairs : list of (Node, Node)
        Its entries, except keys that begin with ``$``.
    include : Node or None
        The value of ``$include``.
    sweep : Node or None
        The value of ``$sweep``.
    variables : mapping of str to Node
        Its own variables.
    found : list of Problem
        The problems found so far.
    """

    def __init__(
        self, name: str, text: str, redacts: Redacts | None = None, variables: Callable[[], Variables] | None = None
    ) -> None:
        self.name = name
        self.text = text
        self.root: Node | None = None
        self.pairs: list[tuple[Node, Node]] = []
        self.include: Node | None = None
        self.sweep: Node | None = None
        self.variables: Mapping[str, Node] = {}
        self.found: list[Problem] = []
        self._redacts = redacts
        self._all_variables = variables
        self._plain: bool | None = None
        self._lines: list[str] = []
        self._split = False  # whether these are all of them

    def problem(self, message: str, node: Node | None, *, hidden: str | None = None, secret: bool = False) -> None:
        """Add a problem at a node.

        Parameters
        ----------
        message : str
            The description.
        node : Node or None
            The node; None for the whole document.
        hidden : str, optional
            The message without any part of the file's values, for values that must not be shown. Without it, `message`
            must contain none.
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
        """Return one of its lines, counted from 0 as YAML readers do; None if there is no such line.

        A file that is refused as too long can have millions of lines, but its problem is near the beginning. So the
        text is split only a little beyond the line.
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
        """Its problems so far, each with its place and line, in the order of the file."""
        return self.told(len(self.found))

    def told(self, most: int) -> list[str]:
        """Return the first of its problems, as messages for the user."""
        ordered = sorted(self.found, key=lambda problem: (problem.line, problem.column))
        if self._redacts is None or not ordered:
            return [self.render(problem) for problem in ordered[:most]]
        redaction = self._redacts()
        return [redaction.problem(self, problem) for problem in ordered[:most]]

    def render(self, problem: Problem, text: str | None = None) -> str:
        """Show a problem with its place, its line, and carets under the node.

        Parameters
        ----------
        problem : Problem
            The problem.
        text : str, optional
            The part of its line to show; the whole line if it is left out.
        """
        line, column = problem.line, problem.column
        if line < 0:
            return f"{self.name}: {problem.message}"
        place = f"{self.name}:{line + 1}:{column + 1}: {problem.message}"
        text = self.line(line) if text is None else text
        if text is None:
            return place
        number = f"{line + 1:6d} | "
        if len(text) > _MOST_SHOWN:  # show only the part around the place
            start = max(0, column - _MOST_SHOWN // 2)
            text, column = text[start : start + _MOST_SHOWN], column - start
        width = max(1, min(problem.width, len(text) - column))
        return f"{place}\n{number}{text}\n{' ' * (len(number) - 2)}| {' ' * column}{'^' * width}"

    def expand(self, node: Node) -> Node:
        """Expand variables: ``$name`` as a whole value, ``${name}`` inside one; ``$$`` is a dollar sign.

        ``${name:-text}`` has a default text, for a variable that is undefined or empty.

        Raises
        ------
        ConversionError
            If a variable is undefined or refers to itself, or if variables expand to more than the budget allows.
        """
        if self._plain is None:
            self._plain = self._all_variables is None or "$" not in self.text
        if self._plain:
            return node
        assert self._all_variables is not None  # see above
        return self._all_variables().expand(node)
