"""YAML text to nodes that know their places.

Built from PyYAML's events and not by its loader: a loader guesses types, forgets places, takes the last of two
equal keys, and can be made to run code, to hang or to crash. Scalars stay text here; only `core` reads them by
YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema), for where no annotation says more.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from .errors import ClickbindError

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["ListNode", "MapNode", "Node", "NodeError", "Scalar", "core", "core_text", "read"]

# libyaml is quadratic in depth and crashes the process at some 30,000 levels; no settings nest a hundred deep.
MAX_DEPTH = 100
# Aliases are shared here and unfolded on conversion: this many values are a second's work, and no one's settings.
MAX_VALUES = 1_000_000

_TAG = "tag:yaml.org,2002:"
_PYTHON_TUPLE = f"{_TAG}python/tuple"  # ArgBind wrote it for tuples
_TAGS = frozenset(
    {"!", _PYTHON_TUPLE, *(_TAG + name for name in ("str", "int", "float", "bool", "null", "seq", "map", "binary"))}
)
_NULLS = frozenset({"", "~", "null", "Null", "NULL"})
_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# Not compiled here: a run that reads no YAML does not pay for them, and re keeps what it has compiled.
_INT = r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"


class NodeError(ClickbindError):
    """Text that is not one plain YAML document, with the place where that shows.

    Parameters
    ----------
    message : str
        What is wrong.
    line, column : int
        The place, both counted from 0.
    """

    def __init__(self, message: str, line: int, column: int) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


class Node:
    """One value of a document, with its place, both numbers counted from 0.

    Attributes
    ----------
    line, column : int
        Where it starts.
    weight : int
        How many values it has once all aliases in it are unfolded.
    """

    __slots__ = ("column", "line", "weight")

    def __init__(self, line: int, column: int) -> None:
        self.line = line
        self.column = column
        self.weight = 1

    def at(self, line: int, column: int) -> Node:
        """Make the node that an alias stands for: the same value, in the alias's place."""
        import copy  # few files have aliases

        node = copy.copy(self)
        node.line, node.column = line, column
        return node


class Scalar(Node):
    """A text.

    Attributes
    ----------
    text : str
        What stands there, without quotes, escapes resolved.
    binary : bool
        Whether it is tagged ``!!binary``.
    plain : bool
        Whether it stands there unquoted and untagged, so that it may mean more than its text.
    width : int
        How many columns of its line it takes; 1 where it goes on to another line.
    """

    __slots__ = ("binary", "plain", "text", "width")

    def __init__(self, text: str, *, plain: bool, line: int, column: int, width: int, binary: bool = False) -> None:
        super().__init__(line, column)
        self.binary = binary
        self.text = text
        self.plain = plain
        self.width = width

    @property
    def is_null(self) -> bool:
        """Whether it is a plain null: ``null``, ``Null``, ``NULL``, ``~`` or nothing."""
        return self.plain and self.text in _NULLS


class ListNode(Node):
    """A sequence, its nodes in ``items``."""

    __slots__ = ("items",)

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.items: list[Node] = []


class MapNode(Node):
    """A mapping, its keys and values in ``pairs``, in the order of the file, those merged in by ``<<`` last."""

    __slots__ = ("pairs",)

    def __init__(self, line: int, column: int) -> None:
        super().__init__(line, column)
        self.pairs: list[tuple[Node, Node]] = []


def core_text(text: str) -> object:
    """Read a plain scalar by YAML 1.2's core schema: None, a bool, an int, a float, or the text itself."""
    if text in _NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    try:
        if re.fullmatch(_INT, text):
            return int(text) if text[:2] not in {"0o", "0x"} else int(text, 0)
        if re.fullmatch(_FLOAT, text):
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:  # an int of more digits than Python reads
        return text
    return text


def core(node: Node) -> Any:
    """Build the plain value of a node by YAML 1.2's core schema.

    Parameters
    ----------
    node : Node
        The node to read, with all that is in it.

    Returns
    -------
    object
        None, bool, int, float, str, and lists and dicts of those.

    Raises
    ------
    NodeError
        Where a mapping has a key twice, or a key that is no scalar.
    """
    if isinstance(node, Scalar):
        return core_text(node.text) if node.plain else node.text
    if isinstance(node, ListNode):
        return [core(item) for item in node.items]
    assert isinstance(node, MapNode)
    result: dict[object, object] = {}
    for key, value in node.pairs:
        if not isinstance(key, Scalar):
            raise NodeError("a key is a single value here.", key.line, key.column)
        plain = core(key)
        if plain in result:
            raise NodeError(f"the key {key.text!r} stands here twice.", key.line, key.column)
        result[plain] = core(value)
    return result


def read(text: str) -> Node | None:
    """Read one YAML document.

    Parameters
    ----------
    text : str
        The document.

    Returns
    -------
    Node or None
        Its root; None for an empty document.

    Raises
    ------
    NodeError
        Where the text is not YAML, has a second document or a tag of its own, or is made to exhaust its reader.
    """
    import yaml  # 12 ms that a run without files does not pay

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return _Builder().build(yaml.parse(text, Loader=loader))
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise NodeError(f"not YAML: {message}.", *((mark.line, mark.column) if mark else (0, 0))) from None
    except (yaml.reader.ReaderError, UnicodeError) as error:
        before = text[: _position(error)]
        message = f"not YAML: {getattr(error, 'reason', error)}."
        raise NodeError(message, before.count("\n"), len(before) - before.rfind("\n") - 1) from None


def _position(error: Any) -> int:
    """Give the number of the character that a reader refuses."""
    return int(getattr(error, "position", getattr(error, "start", 0)))


class _Builder:
    """Turns a stream of PyYAML's events into one node."""

    def __init__(self) -> None:
        self.stack: list[ListNode | MapNode] = []
        self.keys: list[Node | None] = []  # the key that waits for its value, per open mapping
        self.anchors: dict[str, Node] = {}
        self.root: Node | None = None
        self.documents = 0

    def build(self, events: Iterator[Any]) -> Node | None:
        for event in events:
            kind = type(event).__name__
            if kind == "ScalarEvent":
                self.add(self.scalar(event), event)
            elif kind in {"MappingStartEvent", "SequenceStartEvent"}:
                self.open(event, MapNode if kind[0] == "M" else ListNode)
            elif kind in {"MappingEndEvent", "SequenceEndEvent"}:
                self.close()
            elif kind == "AliasEvent":
                self.alias(event)
            elif kind == "DocumentStartEvent":
                self.documents += 1
                if self.documents > 1:
                    raise self.error("a second document begins here; a config file is one.", event)
        return self.root

    @staticmethod
    def error(message: str, event: Any) -> NodeError:
        return NodeError(message, event.start_mark.line, event.start_mark.column)

    def scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark, event.end_mark
        width = end.column - start.column if end.line == start.line else 1
        plain = (not event.style and event.tag is None) or event.tag == f"{_TAG}null"
        return Scalar(
            event.value,
            plain=plain,
            line=start.line,
            column=start.column,
            width=max(width, 1),
            binary=event.tag == f"{_TAG}binary",
        )

    def open(self, event: Any, kind: type[ListNode | MapNode]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self.error(f"nested more than {MAX_DEPTH} deep.", event)
        node = kind(event.start_mark.line, event.start_mark.column)
        self.add(node, event)
        self.stack.append(node)
        self.keys.append(None)

    def close(self) -> None:
        node = self.stack.pop()
        self.keys.pop()
        if isinstance(node, ListNode):
            node.weight += sum(item.weight for item in node.items)
        else:
            _merge(node)
            node.weight += sum(key.weight + value.weight for key, value in node.pairs)
        if node.weight > MAX_VALUES:
            raise NodeError(f"more than {MAX_VALUES:,} values, aliases unfolded.", node.line, node.column)

    def alias(self, event: Any) -> None:
        node = self.anchors.get(event.anchor)
        if node is None:
            raise self.error(f"there is no anchor '&{event.anchor}' before this.", event)
        if node in self.stack:
            raise self.error(f"'*{event.anchor}' stands inside of what it repeats.", event)
        self.add(node.at(event.start_mark.line, event.start_mark.column), None)

    def add(self, node: Node, event: Any) -> None:
        if event is not None:
            if event.tag is not None and event.tag not in _TAGS:
                tag = event.tag.replace(_TAG, "!!")
                raise self.error(f"the tag {tag!r} is not read; a config file has plain YAML only.", event)
            if event.anchor is not None:
                self.anchors[event.anchor] = node
        if not self.stack:
            self.root = node
        elif isinstance(self.stack[-1], ListNode):
            self.stack[-1].items.append(node)
        elif self.keys[-1] is None:
            self.keys[-1] = node
        else:
            self.stack[-1].pairs.append((self.keys[-1], node))
            self.keys[-1] = None


def _merge(node: MapNode) -> None:
    """Put what ``<<`` names behind the mapping's own pairs, which win (https://yaml.org/type/merge.html)."""
    merges = [value for key, value in node.pairs if _is_merge(key)]
    if not merges:
        return
    node.pairs = [(key, value) for key, value in node.pairs if not _is_merge(key)]
    taken = {key.text for key, _ in node.pairs if isinstance(key, Scalar)}
    for merge in merges:
        for source in merge.items if isinstance(merge, ListNode) else [merge]:
            if not isinstance(source, MapNode):
                raise NodeError("'<<' merges mappings, and this is none.", source.line, source.column)
            fresh = [(key, value) for key, value in source.pairs if getattr(key, "text", None) not in taken]
            taken.update(key.text for key, _ in fresh if isinstance(key, Scalar))
            node.pairs.extend(fresh)


def _is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and key.plain and key.text == "<<"
