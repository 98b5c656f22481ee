"""YAML of the simplest kind, read line by line without PyYAML, whose import is a fifth of a run with a file.

Keys with plain values, mappings in them, and lists of plain values: what people write and ``--save`` writes, mostly.
Whatever is not certainly that is left to `nodes`; on all that is, both give the same.
"""

from __future__ import annotations

import string

from .nodes import ListNode, MapNode, Node, Scalar

__all__ = ["read"]

_MOST = 20_000  # characters: PyYAML reads more of them faster
_DEEPEST = 20
_STARTS = frozenset(string.ascii_letters + string.digits + "_./~$+-")
_INSIDE = _STARTS | frozenset(" @%=,(){}")
_KEY_STARTS = frozenset(string.ascii_letters + "_$")
_KEY = _KEY_STARTS | frozenset(string.digits + "./-")


class _Unsure(Exception):  # noqa: N818 - no error: PyYAML knows better
    """A text is not certainly of the simplest kind."""


def read(text: str) -> MapNode | None:
    """Read a document.

    Parameters
    ----------
    text : str
        The document.

    Returns
    -------
    MapNode or None
        Its root; None for what `nodes` is to read.
    """
    if len(text) > _MOST or not text.isascii() or not text.replace("\n", "").isprintable():
        return None
    lines = []
    for number, line in enumerate(text.split("\n")):
        rest = line.lstrip(" ")
        if rest and rest[0] != "#":
            lines.append((number, len(line) - len(rest), rest))
    if not lines or lines[0][1] != 0:
        return None
    try:
        root, end = _mapping(lines, 0, 0)
    except _Unsure:
        return None
    return root if end == len(lines) else None


_Lines = list[tuple[int, int, str]]


def _mapping(lines: _Lines, at: int, depth: int) -> tuple[MapNode, int]:
    """Read the mapping that begins at a line, and tell where it ends."""
    number, indent, _ = lines[at]
    node = MapNode(number, indent)
    while at < len(lines) and lines[at][1] == indent:
        number, _, line = lines[at]
        name, colon, rest = line.partition(":")
        if not colon or not name or name[0] not in _KEY_STARTS or not _KEY.issuperset(name):
            raise _Unsure
        key = Scalar(name, plain=True, line=number, column=indent, width=len(name), expands=True)
        at += 1
        value: Node
        if rest.strip(" "):
            value = _scalar(rest, number, indent + len(name) + 1)
        else:
            value, at = _inner(lines, at, indent, depth)
        node.pairs.append((key, value))
        node.weight += key.weight + value.weight
    if at < len(lines) and lines[at][1] > indent:
        raise _Unsure  # a value that goes on
    return node, at


def _inner(lines: _Lines, at: int, indent: int, depth: int) -> tuple[Node, int]:
    """Read what stands below a key."""
    if at == len(lines) or depth >= _DEEPEST:
        raise _Unsure
    _, inner, line = lines[at]
    if inner >= indent and line[:2] == "- ":
        return _sequence(lines, at)
    if inner > indent:
        return _mapping(lines, at, depth + 1)
    raise _Unsure


def _sequence(lines: _Lines, at: int) -> tuple[ListNode, int]:
    number, indent, _ = lines[at]
    node = ListNode(number, indent)
    while at < len(lines) and lines[at][1] == indent and lines[at][2][:2] == "- ":
        number, _, line = lines[at]
        node.items.append(_scalar(line[1:], number, indent + 1))
        node.weight += 1
        at += 1
    if at < len(lines) and lines[at][1] > indent:
        raise _Unsure  # an item that goes on
    return node, at


def _scalar(text: str, line: int, column: int) -> Scalar:
    """Read a plain value, with the space before it and a comment behind it."""
    comment = text.find(" #")
    if comment >= 0:
        text = text[:comment]
    value = text.strip(" ")
    column += len(text) - len(text.lstrip(" "))
    if not value or text[0] != " " or value[0] not in _STARTS or not _INSIDE.issuperset(value):
        raise _Unsure
    if "  " in value or value[:2] in {"-", "- "}:
        raise _Unsure
    return Scalar(value, plain=True, line=line, column=column, width=len(value), expands=True)
