"""Read YAML text to nodes.

Nodes are built from PyYAML's events, not by its loaders: those guess types, forget places, take the last of two equal
keys, and can be made to run code, to hang or to crash.
"""

from __future__ import annotations

import contextlib
import ntpath
import os
import posixpath
import re
from typing import TYPE_CHECKING, Any

from .. import nodes
from . import ListNode, MapNode, Node, NodeError, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["read"]

# libyaml takes quadratic time in the depth, and crashes the process at some 30,000 levels. No settings nest so deep.
MAX_DEPTH = 100
_TOO_DEEP = f"nested more than {MAX_DEPTH} deep."
# Aliases share a node here, and are unfolded on conversion. This many values take a second to convert, and nobody has
# so many settings. They are counted while they are read, so that the limit also bounds the pairs that merges walk,
# whether or not they add any.
MAX_VALUES = 1_000_000
# Merges copy pairs. Copying this many takes a tenth of a second.
MAX_MERGED = 100_000

# JSON escapes characters beyond \\uffff as a pair of surrogates. PyYAML's pure reader returns the two halves.
_ESCAPED_PAIR = r"\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
_PAIR = "[\ud800-\udbff][\udc00-\udfff]"

_TAG = "tag:yaml.org,2002:"
_PYTHON_TUPLE = f"{_TAG}python/tuple"  # ArgBind wrote it for tuples
_TAGS = frozenset(
    {"!", _PYTHON_TUPLE, *(_TAG + name for name in ("str", "int", "float", "bool", "null", "seq", "map", "binary"))}
)
# ArgBind wrote a path as a call with its parts. From Python 3.13 on, `pathlib` is a package.
_PATHS = rf"{_TAG}python/object/apply:pathlib\.(?:_local\.)?(?:Pure)?(Posix|Windows)?Path"
_RESOLVED = frozenset({f"{_TAG}{name}" for name in ("int", "float", "bool", "null")})


def read(text: str) -> Node | None:
    """Read one YAML document.

    Parameters
    ----------
    text : str
        The document.

    Returns
    -------
    Node or None
        The root of the document; None if it is empty.

    Raises
    ------
    NodeError
        If the text is not YAML, has a second document or a custom tag, or would exhaust time or memory.
    """
    loader = getattr(nodes.yaml, "CSafeLoader", nodes.yaml.SafeLoader)
    if "\\u" in text and re.search(_ESCAPED_PAIR, text):
        loader = nodes.yaml.SafeLoader  # libyaml refuses each half of a pair
    try:
        return _Builder(escapes="\\" in text).build(nodes.yaml.parse(text, Loader=loader))
    except nodes.yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        _check_depth(text[: mark.index] if mark else "", loader)
        message = " ".join(str(part) for part in (error.context, error.problem) if part)
        raise NodeError(f"invalid YAML: {message}.", *((mark.line, mark.column) if mark else (0, 0))) from None
    except (
        nodes.yaml.reader.ReaderError,
        ValueError,
        OverflowError,
    ) as error:  # an escape of something that is not a character
        before = text[: _position(error)]
        message = f"invalid YAML: {getattr(error, 'reason', error)}."
        raise NodeError(message, before.count("\n"), len(before) - before.rfind("\n") - 1) from None


def _position(error: Any) -> int:
    """Return the index of the character that a reader refuses."""
    return int(getattr(error, "position", getattr(error, "start", 0)))


def _check_depth(text: str, loader: Any) -> None:
    """Refuse text that nests too deep before the place of another error.

    libyaml 0.2.6 has its own limit, and reaches it while it looks ahead, before there is an event to count.
    """
    depth = 0
    with contextlib.suppress(nodes.yaml.YAMLError, ValueError):
        for event in nodes.yaml.parse(text, Loader=loader):
            depth += isinstance(event, nodes.yaml.CollectionStartEvent)
            depth -= isinstance(event, nodes.yaml.CollectionEndEvent)
            if depth > MAX_DEPTH:
                raise _Builder.error(_TOO_DEEP, event)


def _joined(pair: re.Match[str]) -> str:
    """Join the two surrogates of a character."""
    return pair[0].encode("utf-16-le", "surrogatepass").decode("utf-16-le")


class _Builder:
    """Build one node from a stream of PyYAML's events."""

    def __init__(self, *, escapes: bool) -> None:
        self.escapes = escapes
        self.stack: list[ListNode | MapNode] = []
        self.keys: list[Node | None] = []  # for each open container, the key whose value comes next
        self.anchors: dict[str | None, Node] = {}
        self.paths: dict[Node, tuple[Scalar, Any, str | None]] = {}  # for each open list of parts, the path to make
        self.root: Node | None = None
        self.documents = 0
        self.values = 0  # so far, with aliases unfolded
        self.merged = 0

    def build(self, events: Iterator[Any]) -> Node | None:
        yaml = nodes.yaml
        scalar, alias, document = yaml.ScalarEvent, yaml.AliasEvent, yaml.DocumentStartEvent
        begins: dict[Any, type[ListNode | MapNode]] = {
            yaml.MappingStartEvent: MapNode,
            yaml.SequenceStartEvent: ListNode,
        }
        ends = (yaml.MappingEndEvent, yaml.SequenceEndEvent)
        for event in events:
            kind = type(event)
            if kind is scalar:
                node = self.scalar(event)
                if event.anchor is not None or event.tag is not None:
                    self.mark(node, event)
                self.add(node)
            elif kind in begins:
                self.open(event, begins[kind])
            elif kind in ends:
                self.close()
            elif kind is alias:
                self.alias(event)
            elif kind is document:
                self.documents += 1
                if self.documents > 1:
                    raise self.error("a second document begins here: a config file has only one.", event)
        return self.root

    @staticmethod
    def error(message: str, event: Any) -> NodeError:
        return NodeError(message, event.start_mark.line, event.start_mark.column)

    def scalar(self, event: Any) -> Scalar:
        start, end = event.start_mark, event.end_mark
        line, column, style = start.line, start.column, event.style
        width = end.column - column if end.line == line else 1
        value = event.value
        if self.escapes and not value.isascii():
            value = re.sub(_PAIR, _joined, value)
            value.encode()  # raises for half a surrogate pair, which the pure reader accepts
        return Scalar(
            value, plain=not style, line=line, column=column, width=width or 1, expands=not style or style == '"'
        )

    def open(self, event: Any, kind: type[ListNode | MapNode]) -> None:
        if len(self.stack) >= MAX_DEPTH:
            raise self.error(_TOO_DEEP, event)
        node = kind(event.start_mark.line, event.start_mark.column)
        joins = _joins(event.tag) if kind is ListNode else None
        if joins is None:
            self.mark(node, event)
            self.add(node)
        else:
            path = Scalar("", plain=False, line=node.line, column=node.column)
            self.paths[node] = (path, joins, event.anchor)
            self.anchors[event.anchor] = node  # until it is complete
            self.add(path)
        self.stack.append(node)
        self.keys.append(None)

    def close(self) -> None:
        node = self.stack.pop()
        self.keys.pop()
        if isinstance(node, ListNode):
            node.weight += sum(item.weight for item in node.items)
            if node in self.paths:
                self.join(node)
            return
        if any(_is_merge(key) for key, _ in node.pairs):
            self.merge(node)
        node.weight += sum(key.weight + value.weight for key, value in node.pairs)

    def join(self, node: ListNode) -> None:
        """Join the parts of a path."""
        path, joins, anchor = self.paths.pop(node)
        parts = [item.text for item in node.items if isinstance(item, Scalar)]
        if len(parts) < len(node.items):
            raise NodeError("a path is a list of texts.", node.line, node.column)
        path.text = joins(*(parts or [""])) or "."
        self.anchors[anchor] = path

    def count(self, weight: int, node: Node) -> None:
        """Count values while they are read, so that a container is refused before it is complete."""
        self.values += weight
        if self.values > MAX_VALUES:
            raise NodeError(f"more than {MAX_VALUES:,} values, with aliases expanded.", node.line, node.column)

    def merge(self, node: MapNode) -> None:
        """Append the mappings under ``<<`` to a mapping, whose own pairs win (https://yaml.org/type/merge.html)."""
        merges = [value for key, value in node.pairs if _is_merge(key)]
        node.pairs = [(key, value) for key, value in node.pairs if not _is_merge(key)]
        taken = {key.text for key, _ in node.pairs if isinstance(key, Scalar)}
        for merge in merges:
            for source in merge.items if isinstance(merge, ListNode) else [merge]:
                if not isinstance(source, MapNode):
                    raise NodeError("'<<' merges mappings only.", source.line, source.column)
                fresh = [(key, value) for key, value in source.pairs if getattr(key, "text", None) not in taken]
                self.merged += len(fresh)
                if self.merged > MAX_MERGED:
                    raise NodeError(f"more than {MAX_MERGED:,} merged values.", node.line, node.column)
                taken.update(key.text for key, _ in fresh if isinstance(key, Scalar))
                node.pairs.extend(fresh)
                self.count(sum(key.weight + value.weight for key, value in fresh), node)

    def alias(self, event: Any) -> None:
        node = self.anchors.get(event.anchor)
        if node is None:
            raise self.error(f"undefined alias '*{event.anchor}'.", event)
        if node in self.stack:
            raise self.error(f"'*{event.anchor}' refers to itself.", event)
        self.add(node.at(event.start_mark.line, event.start_mark.column))

    def mark(self, node: Node, event: Any) -> None:
        """Apply a node's tag and anchor."""
        if event.tag is not None and event.tag not in _TAGS:
            tag = event.tag.replace(_TAG, "!!")
            raise self.error(f"the tag {tag!r} is not supported: config files are plain YAML.", event)
        if event.tag is not None and isinstance(node, Scalar):
            node.plain = event.tag in _RESOLVED
            node.binary = event.tag == f"{_TAG}binary"
            node.expands = node.expands and event.tag != "!"  # "!" marks a text that is meant literally
        if event.anchor is not None:
            self.anchors[event.anchor] = node

    def add(self, node: Node) -> None:
        """Add a node to the container that is open, or make it the root."""
        self.values += node.weight
        if self.values > MAX_VALUES:
            self.count(0, self.stack[-1])
        if not self.stack:
            self.root = node
            return
        top, key = self.stack[-1], self.keys[-1]
        if isinstance(top, ListNode):
            top.items.append(node)
        elif key is None:
            self.keys[-1] = node
        else:
            top.pairs.append((key, node))
            self.keys[-1] = None


def _joins(tag: str | None) -> Any:
    """Return the function that joins the parts of a path with a tag; None for another tag."""
    found = re.fullmatch(_PATHS, tag) if tag is not None else None
    if found is None:
        return None
    module = {"Posix": posixpath, "Windows": ntpath}.get(found[1], os.path)
    return module.join


def _is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and key.plain and key.text == "<<"
