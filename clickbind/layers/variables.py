"""Hold the variables of a run, one set for all its config files, and expand them in the values that use them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice

from ..errors import ConversionError
from ..nodes import ListNode, MapNode, Node, Scalar
from ..nodes.reader import MAX_DEPTH
from ..types import cut, shown

__all__ = ["CURE", "MOST_NAMES", "MOST_SUGGESTED", "NAME", "Expanded", "Variables", "names_in", "scalars", "uses_any"]

NAME = r"[A-Za-z_]\w*"
_WHOLE = rf"\$(?:({NAME})|\{{([^{{}}]*)\}})"
_INSIDE = r"\$(?:(\$)|\{([^{}]*)\}|(\{))"
_DEFAULT = ":-"
CURE = "Write '$$' for a dollar sign, or use single quotes."
_SET = "Set it in $vars or {}, or write '$$' for a dollar sign."
# Characters of one expanded text. Variables can refer to one another, and double the length each time.
MAX_TEXT = 100_000
# Limits for all variables of one run: characters of texts, and values in lists and mappings. They take about a second.
MAX_CHARACTERS = 20_000_000
MAX_COPIED = 100_000
# Python's recursion limit is twice what these need, and real files come nowhere near.
MAX_CHAIN = 50
# Finding a similar name takes a millisecond for each hundred names.
MOST_SUGGESTED = 10
MOST_NAMES = 1_000
_LONGEST_CIRCLE = 300


class Expanded(Scalar):
    """A text that variables made, as a whole or in part. Anything in it may be secret.

    Attributes
    ----------
    made_of : tuple of str
        The texts of the variables in it.
    """

    __slots__ = ("made_of",)

    def __init__(self, text: str, place: Scalar, *, plain: bool, made_of: Iterable[str] | None = None) -> None:
        super().__init__(text, plain=plain, line=place.line, column=place.column, width=place.width)
        self.made_of = (text,) if made_of is None else tuple(made_of)


class Variables:
    """The variables of a run, and the number of characters and values that they may still expand to.

    A name is looked up among the variables of the command line, then in the files, then in the environment.

    Parameters
    ----------
    given : mapping of str to str, or None
        The variables of the command line; None if it has no option for them. Like those of the environment, their texts
        are not expanded further.
    fallback : mapping of str to str
        The variables of names that would be undefined otherwise.

    Attributes
    ----------
    roots : mapping of str to Node
        The variables of all files on the command line, for the names of included files, which are expanded before all
        files are read.
    """

    def __init__(self, given: Mapping[str, str] | None, fallback: Mapping[str, str]) -> None:
        self.roots: Mapping[str, Node] = {}
        self._given = given or {}
        self._set = _SET.format("in the environment" if given is None else "with --var")
        self._fallback = fallback
        self._files: dict[str, Node] = {}
        self._busy: list[str] = []
        self._known: dict[str, tuple[Node, int]] = {}
        self._suggested = 0
        self._characters = MAX_CHARACTERS
        self._values = MAX_COPIED

    def add(self, own: Mapping[str, Node]) -> None:
        """Add the variables of a file. They override those of files that are added after it."""
        for name, node in own.items():
            self._files.setdefault(name, node)
        self._known.clear()  # values may have come from elsewhere

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
            return self._expand_parts(node, depth)
        value, height = self._value(whole[1] or whole[2], node, depth)
        if isinstance(value, Scalar):
            self._spend(len(value.text), node)
            made = Expanded(value.text, node, plain=value.plain and node.plain)
            made.binary = value.binary
            return made
        self._values -= value.weight
        if self._values < 0:
            raise ConversionError(f"more than {MAX_COPIED:,} values, with variables expanded.", node)
        if depth + height > MAX_DEPTH:
            raise ConversionError(f"nested more than {MAX_DEPTH} deep, with variables expanded.", node)
        if not node.plain:
            raise ConversionError(f"{shown(node.text)} is not text and cannot be used in quotes.", node)
        return _moved(value, node)

    def _expand_parts(self, node: Scalar, depth: int) -> Expanded:
        """Expand the variables inside a text; refuse a text that is too long before it is joined."""
        parts: list[str] = []
        made_of: list[str] = []
        end = length = 0
        for match in re.finditer(_INSIDE, node.text):
            if match[3]:
                message = "expected a name between '${' and '}', and no braces inside of them."
                raise ConversionError(f"{message} {CURE}", node)
            part = "$" if match[1] else self._text(match[2], node, depth)
            made_of += () if match[1] else (part,)
            parts += (node.text[end : match.start()], part)
            end = match.end()
            length += len(part)
            if length > MAX_TEXT:
                raise ConversionError(f"more than {MAX_TEXT:,} characters, with variables expanded.", node)
        self._spend(length, node)
        return Expanded("".join([*parts, node.text[end:]]), node, plain=node.plain, made_of=made_of)

    def _spend(self, characters: int, node: Scalar) -> None:
        self._characters -= characters
        if self._characters < 0:
            raise ConversionError(f"variables expand to more than {MAX_CHARACTERS:,} characters.", node)

    def _text(self, written: str, node: Scalar, depth: int) -> str:
        value, _ = self._value(written, node, depth)
        if not isinstance(value, Scalar):
            name = _name_in(written)
            raise ConversionError(f"the variable {shown(name)} is not text and cannot be used inside text.", node)
        return value.text

    def _value(self, written: str, node: Scalar, depth: int) -> tuple[Node, int]:
        """Return the value of a variable, written as a name or with a default text, and the depth of its nesting."""
        name = _name_in(written)
        found = self._find(name, node, depth)
        has_default = len(written) > len(name)
        if has_default and (found is None or _is_empty(found[0])):
            default = written[len(name) + len(_DEFAULT) :]
            if "$" in default.replace("$$", ""):
                raise ConversionError(f"a default text cannot use variables. {CURE}", node)
            return Expanded(default.replace("$$", "$"), node, plain=True), 0
        if found is None and name in self._fallback:
            return Expanded(self._fallback[name], node, plain=True), 0
        if found is None:
            where = f" in the variable {shown(self._busy[-1])}" if self._busy else ""
            cure = self._set if re.fullmatch(NAME, name) else CURE
            raise ConversionError(f"undefined variable {shown(name)}{where}. {cure}", node, near=(name, self._near()))
        return found

    def _find(self, name: str, node: Scalar, depth: int) -> tuple[Node, int] | None:
        """Return the value of a variable, and the depth of its nesting; None if it is undefined."""
        if name in self._busy:
            circle = " uses ".join(map(shown, [*self._busy[self._busy.index(name) :], name]))
            message = f"the variable {shown(name)} refers to itself: {cut(circle, _LONGEST_CIRCLE)}."
            raise ConversionError(message, node, hidden=message)  # it has names of variables only
        if name not in self._known:
            value = self._look_up(name, node, depth)
            if value is None:
                return None
            self._known[name] = value, _height(value)
        return self._known[name]

    def _look_up(self, name: str, node: Scalar, depth: int) -> Node | None:
        if name in self._given:
            return Expanded(self._given[name], node, plain=True)
        value = self._files.get(name) or self.roots.get(name)
        if value is None:
            text = os.environ.get(name)
            return None if text is None else Expanded(text, node, plain=True)
        if len(self._busy) >= MAX_CHAIN:
            raise ConversionError(f"variables refer to one another more than {MAX_CHAIN} deep.", node)
        self._busy.append(name)
        try:
            return self.expand(value, depth)
        except ConversionError as error:
            # The problem is inside a variable's value, which may be secret.
            place = Expanded(node.text, node, plain=node.plain)
            raise ConversionError(error.message, place, hidden=error.hidden, near=error.near) from None
        finally:
            self._busy.pop()

    def _near(self) -> Iterator[str]:
        """Walk the names to suggest, for the first problems only."""
        self._suggested += 1
        if self._suggested <= MOST_SUGGESTED:
            yield from islice({**self._given, **self._files, **self.roots, **os.environ}, MOST_NAMES)


def scalars(node: Node, *, keys: bool = True) -> Iterator[Scalar]:
    """Walk the texts in a node, including keys unless these are left out."""
    if isinstance(node, Scalar):
        yield node
    for item in node.items if isinstance(node, ListNode) else ():
        yield from scalars(item, keys=keys)
    for key, value in node.pairs if isinstance(node, MapNode) else ():
        if keys:
            yield from scalars(key)
        yield from scalars(value, keys=keys)


def _expanding(node: Node) -> Iterator[str]:
    """Walk the texts in a node that have anything to expand; keys are not expanded."""
    return (scalar.text for scalar in scalars(node, keys=False) if scalar.expands and "$" in scalar.text)


def uses_any(node: Node) -> bool:
    """Return whether a node has anything to expand."""
    return any(_expanding(node))


def names_in(node: Node) -> Iterator[str]:
    """Walk the names of the variables that a node uses."""
    for text in _expanding(node):
        whole = re.fullmatch(_WHOLE, text)
        if whole is not None:
            yield whole[1] or _name_in(whole[2])
        else:
            yield from (_name_in(match[2]) for match in re.finditer(_INSIDE, text) if match[2] is not None)


def _name_in(written: str) -> str:
    """Return the name of what is written between braces: ``name``, or ``name:-text``."""
    name, _, _ = written.partition(_DEFAULT)
    return name if re.fullmatch(NAME, name) else written


def _is_empty(value: Node) -> bool:
    return isinstance(value, Scalar) and (value.is_null or not value.text)


def _height(node: Node) -> int:
    if isinstance(node, ListNode):
        return 1 + max(map(_height, node.items), default=0)
    return 1 + max((_height(value) for _, value in node.pairs), default=0) if isinstance(node, MapNode) else 0


def _moved(node: Node, place: Scalar) -> Node:
    """Move a variable's value to the place that uses it, since its own place may be in another file."""
    if isinstance(node, Scalar):
        made = Expanded(node.text, place, plain=node.plain)
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
