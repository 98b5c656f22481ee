"""Show lines of config files in problems, and star the parts that may contain a secret.

The places of the nodes decide what is shown of a line, not its text. In a program with a secret parameter, a line is
shown up to the first value that does not certainly belong to a known parameter that is not secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property

from ..declare.registry import RUN, Bound, Registry
from ..errors import ConversionError, suggest
from ..keys import canonical, field_of, joined, looks_like_key, parts_of
from ..nodes import ListNode, MapNode, Node, Scalar
from ..types import HIDDEN
from .document import DIRECTIVES, RANGE, Document, Problem
from .redaction import Net, has_secrets
from .variables import Expanded, scalars

__all__ = ["Redaction"]

_BETWEEN = r"(?:[\s:,\[\]{}?]|-(?=\s))*"
_AFTER = r"[\s\]},:]*"
_NAME = r"[A-Za-z_$][\w./-]{0,99}"
_MOST_WORDS = 100  # unknown names to find similar ones for
_VARIABLE = r"[A-Za-z_]\w{0,99}"
_KEY = r"""\s*(?:-\s+)*[\[{]?\s*["']?([A-Za-z_$][\w./-]*)["']?\s*:\s*"""
# The quoted text in a YAML reader's message, except for the signs of YAML.
_QUOTED = r"""(?!'(?:[][{},:?*&!|>%@`-]|<<|<[a-z ]+>)')(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""


class Redaction:
    """Decides which parts of a program's config files are shown.

    Parameters
    ----------
    registry : Registry
        The functions.
    """

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._pages: dict[int, _Page] = {}

    @cached_property
    def hides(self) -> bool:
        """Whether the program has anything to hide."""
        return has_secrets(self.registry)

    def problem(self, document: Document, problem: Problem) -> str:
        """Show a problem of a document."""
        if not self.hides:
            return document.render(problem)
        page = self._page(document)
        message = problem.message if page.shows(problem) else problem.hidden
        if problem.line < 0:
            return page.net.scrub(f"{document.name}: {message}")
        if problem.node is None:
            message = re.sub(_QUOTED, f"'{HIDDEN}'", message)
        text, column, width = *page.line(problem.line, secret=problem.secret), problem.width
        if column is None:
            column = problem.column
        elif problem.column >= column:  # its place could reveal the length of the secret
            width = 1
        else:
            column, width = problem.column, min(width, column - problem.column)
        place = (problem.line, column, width)
        return page.net.scrub(document.render(Problem(message, "", place, None, secret=True), text))

    def place(self, document: Document, node: Node) -> str:
        """Return the place of a node."""
        shown = self._page(document).line(node.line)[1] if self.hides else None
        return f"{document.name}:{node.line + 1}:{(node.column if shown is None else min(shown, node.column)) + 1}"

    def name(self, document: Document, node: Node, text: str) -> str:
        """Return a key as it may be shown."""
        return text if not self.hides or self._page(document).is_visible(node) else HIDDEN

    def included(self, name: str, written: Scalar) -> str:
        """Return the name to show of an included file with variables in its name."""
        return written.text if self.hides else name

    def _page(self, document: Document) -> _Page:
        return self._pages.setdefault(id(document), _Page(document, self.registry))


class _Page:
    """The parts of one document that are shown."""

    def __init__(self, document: Document, registry: Registry) -> None:
        self._document = document
        self._registry = registry

    @cached_property
    def net(self) -> Net:
        """The net that stars the secrets in the document."""
        return Net(self._registry, self._secrets())

    @cached_property
    def _marks(self) -> _Marks:
        return _Marks(self._document, self._registry)

    def _secrets(self) -> Iterator[str]:
        for node in self._marks.secrets:
            yield from (scalar.text for scalar in scalars(node))
            try:
                yield from (scalar.text for scalar in scalars(self._document.expand(node)))
            except ConversionError:
                continue

    def shows(self, problem: Problem) -> bool:
        """Return whether the message of a problem may include the file's values."""
        node = problem.node
        return node is not None and not problem.secret and not _is_expanded(node) and self.is_visible(node)

    def is_visible(self, node: Node) -> bool:
        """Return whether a node is certainly known not to be secret."""
        found = [visible for column, _, visible, _ in self._marks.pieces.get(node.line, ()) if column == node.column]
        return bool(found) and all(found)

    def line(self, number: int, *, secret: bool = False) -> tuple[str | None, int | None]:
        """Return the text to show of a line, and the column where hiding begins; None if all of it is shown."""
        text = self._document.line(number)
        if text is None:
            return None, 0
        if self._document.root is None:
            return self._without_nodes(text)
        end = 0
        pieces = sorted(self._marks.pieces.get(number, ()))
        for start, stop, visible, is_key in pieces:
            gap = text[end:start] if start > end else ""
            if not visible or not re.fullmatch(_BETWEEN, gap):
                return _cut(text, min(end, start), start)
            end = max(end, stop)
            if secret and is_key:
                return _cut(text, end, len(text), r"\s*:?\s*")
        if pieces and re.fullmatch(_AFTER, text[end:]):
            return text, None
        return _cut(text, end, len(text)) if pieces else _cut(text, 0, len(text) - len(text.lstrip()))

    def _without_nodes(self, text: str) -> tuple[str, int | None]:
        """Hide all of a line except a known key, since without nodes the rest may be anything."""
        found = re.match(_KEY, text)
        key = canonical(found[1]) if found else ""
        if found is None or not (key in self._known or self._registry.find(key) or self._registry.owner(key)[0]):
            return _cut(text, 0, len(text) - len(text.lstrip()))
        return _cut(text, found.end(), found.end())

    @cached_property
    def _known(self) -> set[str]:
        names = (key.parameter for key, _, _ in self._registry.walk(broken=False))
        return {*DIRECTIVES, *(part for name in names for part in (name, *parts_of(name)))}


def _cut(text: str, end: int, start: int, separator: str = _BETWEEN) -> tuple[str, int]:
    """Star a line from a column on, keeping the separators there."""
    between = re.match(separator, text[end:start])
    cut = end + (between.end() if between else 0)
    return (f"{text[:cut]}{HIDDEN}" if text[cut:] else text), cut


class _Marks:
    """The places of a document's nodes, and which of them are shown.

    Attributes
    ----------
    pieces : dict of int to list of (int, int, bool, bool)
        The nodes by line: first column, column after the last, whether it is shown, whether it is a key.
    secrets : list of Node
        The values of secret parameters.
    """

    def __init__(self, document: Document, registry: Registry) -> None:
        self.pieces: dict[int, list[tuple[int, int, bool, bool]]] = {}
        self.secrets: list[Node] = []
        self._document = document
        self._registry = registry
        self._words = 0
        root = document.root
        if isinstance(root, MapNode):
            for key, value in root.pairs:
                self._entry(key, value)

    def _mark(self, node: Node, *, visible: bool, key: bool = False) -> None:
        width = getattr(node, "width", 1) if not isinstance(node, Scalar) or node.text or not node.plain else 0
        visible = visible and self._text(node)[:1] != "*"  # an alias may refer to anything
        self.pieces.setdefault(node.line, []).append((node.column, node.column + width, visible, key))

    def _text(self, node: Node) -> str:
        """Return the rest of the line, starting at a node."""
        return (self._document.line(node.line) or "")[node.column :]

    def _all(self, node: Node, *, visible: bool) -> None:
        self._mark(node, visible=visible)
        for inner in node.items if isinstance(node, ListNode) else ():
            self._all(inner, visible=visible)
        for key, value in node.pairs if isinstance(node, MapNode) else ():
            self._all(key, visible=visible)
            self._all(value, visible=visible)

    def _key(self, key: Node, name: str = _NAME) -> None:
        """Mark an unknown key; show it if it looks like a name and is followed by a colon."""
        shown = False
        if isinstance(key, Scalar) and re.fullmatch(name, key.text):
            shown = self._text(key)[key.width :].lstrip()[:1] == ":"
        self._mark(key, visible=shown, key=True)

    def _unknown(self, key: Node, value: Node) -> None:
        self._key(key)
        self._all(value, visible=False)

    def _entry(self, key: Node, value: Node) -> None:
        text = key.text if isinstance(key, Scalar) else ""
        bound, _ = self._registry.owner(text) if "-" not in text else (None, None)
        if text in {"$include", "$schema"}:
            self._mark(key, visible=True, key=True)
            self._all(value, visible=True)
        elif text == "$vars" and isinstance(value, MapNode):
            self._mark(key, visible=True, key=True)
            for variable, inner in value.pairs:
                self._key(variable, _VARIABLE)
                self._all(inner, visible=False)
        elif text == "$sweep":
            self._mark(key, visible=True, key=True)
            self._grids(value)
        elif bound is not None and isinstance(value, MapNode):
            self._mark(key, visible=True, key=True)
            self._fields(bound, "", value)
        elif isinstance(key, Scalar) and "-" not in text:
            bound, _, name = self._registry.split(text)
            self._parameter(bound, name, key, value)
        else:
            self._unknown(key, value)

    def _grids(self, value: Node) -> None:
        """Mark the grids of a sweep, of which each entry has several values."""
        self._mark(value, visible=isinstance(value, (MapNode, ListNode)))
        for grid in value.items if isinstance(value, ListNode) else [value]:
            for key, values in grid.pairs if isinstance(grid, MapNode) else ():
                self._mark(values, visible=True)
                for item in self._swept(values):
                    self._entry(key, item)

    def _swept(self, values: Node) -> list[Node]:
        """Return the values of an entry of a grid: those of a list, the ends of a range, or one."""
        if isinstance(values, ListNode):
            return values.items or [values]
        pairs = values.pairs if isinstance(values, MapNode) else []
        names = [name for name, _ in pairs if isinstance(name, Scalar) and name.text in RANGE]
        for name in names:
            self._mark(name, visible=True, key=True)
        return [item for _, item in pairs] if names else [values]

    def _fields(self, bound: Bound, outer: str, values: MapNode) -> None:
        self._mark(values, visible=True)
        for key, value in values.pairs:
            if isinstance(key, Scalar):
                self._parameter(bound, joined(outer, key.text), key, value)
            else:
                self._unknown(key, value)

    def _parameter(self, bound: Bound | None, name: str, key: Scalar, value: Node) -> None:
        # Its options can be read: if they could not, reading the file would have failed before.
        name = name if bound is None else bound.setting_name(name)
        spec = bound.options.get(name) if bound is not None else None
        fields = bound is not None and bound.has_fields(name)
        if bound is None and not self._may_be_key(key.text, value, self._known):
            self._mark(key, visible=False, key=True)
            self._all(value, visible=False)
            return
        if bound is None or (spec is None and not (fields and isinstance(value, MapNode))):
            self._unknown(key, value)
            return
        self._mark(key, visible=True, key=True)
        if spec is None:
            assert isinstance(value, MapNode)  # see above
            self._fields(bound, name, value)
        elif spec.secret:
            self.secrets.append(value)
            self._all(value, visible=False)
        elif (bound.name, name) == (RUN, "stages"):
            self._turns(value)
        else:  # a list for a parameter of plain text may be misplaced
            fits = isinstance(value, Scalar) or (spec.converter is not None and spec.converter.structured)
            self._all(value, visible=fits)

    def _may_be_key(self, text: str, value: Node, known: list[str]) -> bool:
        """Return whether the name of an unknown entry may be a key; a plain word over one value must be misspelt."""
        if looks_like_key(text) or not isinstance(value, Scalar):
            return True
        self._words += 1
        return self._words <= _MOST_WORDS and bool(suggest(text, known))

    @cached_property
    def _known(self) -> list[str]:
        keys = [key for key, _, _ in self._registry.walk(broken=False)]
        names = (name for key in keys for name in (key.text, field_of(key.parameter)))
        return [*DIRECTIVES, *names]

    @cached_property
    def _stages(self) -> list[str]:
        return [stage.name for stage in self._registry.of_role("stage")]

    def _turns(self, value: Node) -> None:
        self._mark(value, visible=not isinstance(value, Scalar) or self._are_stages(value.text))
        for item in value.items if isinstance(value, ListNode) else ():
            if isinstance(item, MapNode):
                for key, values in item.pairs:
                    self._turn(item, key, values)
            else:
                self._all(item, visible=isinstance(item, Scalar) and self._are_stages(item.text))

    def _turn(self, item: MapNode, key: Node, values: Node) -> None:
        stage = self._registry.stage(key.text) if isinstance(key, Scalar) else None
        if stage is None and isinstance(key, Scalar) and not self._may_be_key(key.text, values, self._stages):
            self._mark(key, visible=False, key=True)
            self._all(values, visible=False)
            return
        if stage is None or not isinstance(values, MapNode):
            self._unknown(key, values)
            return
        self._mark(item, visible=True)
        self._mark(key, visible=True, key=True)
        self._fields(stage, "", values)

    def _are_stages(self, text: str) -> bool:
        return all(self._registry.stage(name) is not None for name in text.split())


def _is_expanded(node: Node) -> bool:
    return any(isinstance(scalar, Expanded) for scalar in scalars(node))
