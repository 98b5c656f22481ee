"""Read the simplest kind of YAML line by line, without PyYAML, whose import takes a fifth of a run with a file.

This kind has keys with plain or quoted values, mappings below keys, and lists of such values, with each value on a line
of its own. Most files by people and by ``--save`` are so. If a text may be of another kind, `nodes` reads it; else both
return the same.
"""

from __future__ import annotations

import string

from ..nodes import ListNode, MapNode, Node, Scalar
from . import shortcut

__all__ = ["read"]

_MOST = 20_000  # characters: PyYAML reads longer texts faster
_DEEPEST = 20
_STARTS = frozenset(string.ascii_letters + string.digits + "_./~$+-")
_IN_LIST = _STARTS | frozenset(" @%=()")
_INSIDE = _IN_LIST | frozenset(",{}")
_KEY_STARTS = frozenset(string.ascii_letters + "_$")
_KEY = _KEY_STARTS | frozenset(string.digits + "./-")
_LONGEST_KEY = 1024  # https://yaml.org/spec/1.2.2/#742-flow-mappings
_QUOTES = frozenset("'\"")
_CLOSED_BY = {"'": "'", '"': '"', "[": "]"}


class _Unsure(Exception):  # noqa: N818 - not an error: PyYAML reads the text
    """The signal that a text may not be of the simplest kind."""


@shortcut("yaml_subset")
def read(text: str) -> MapNode | None:
    """Read a document.

    Parameters
    ----------
    text : str
        The document.

    Returns
    -------
    MapNode or None
        The root; None if `nodes` must read the document.
    """
    if len(text) > _MOST or not text.replace("\n", "").isprintable():
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
    """Read the mapping that begins at a line; return it with the index of the line after it."""
    number, indent, _ = lines[at]
    node = MapNode(number, indent)
    while at < len(lines) and lines[at][1] == indent:
        number, _, line = lines[at]
        name, colon, rest = line.partition(":")
        if not colon or name[:1] not in _KEY_STARTS or not _KEY.issuperset(name) or len(name) > _LONGEST_KEY:
            raise _Unsure
        key = Scalar(name, plain=True, line=number, column=indent, width=len(name), expands=True)
        at += 1
        value: Node
        if rest.strip(" "):
            value = _value(rest, number, indent + len(name) + 1)
        else:
            value, at = _inner(lines, at, indent, depth)
        node.pairs.append((key, value))
        node.weight += key.weight + value.weight
    if at < len(lines) and lines[at][1] > indent:
        raise _Unsure  # a value that continues on the next line
    return node, at


def _inner(lines: _Lines, at: int, indent: int, depth: int) -> tuple[Node, int]:
    """Read the list or mapping below a key."""
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
        item = _value(line[1:], number, indent + 1)
        node.items.append(item)
        node.weight += item.weight
        at += 1
    if at < len(lines) and lines[at][1] > indent:
        raise _Unsure  # an item that continues on the next line
    return node, at


def _value(text: str, line: int, column: int) -> Node:
    """Read a value, with the space before it and a comment after it."""
    value = text.lstrip(" ")
    if value == text:
        raise _Unsure
    column += len(text) - len(value)
    closer = _CLOSED_BY.get(value[:1])
    if closer is None:
        return _plain(value.partition(" #")[0].rstrip(" "), line, column)
    end = value.find(closer, 1) + 1
    rest = value[end:]
    if not end or rest[:1] not in {"", " "} or rest.lstrip(" ")[:1] not in {"", "#"}:
        raise _Unsure
    return _list(value[:end], line, column) if closer == "]" else _quoted(value[:end], line, column)


def _list(text: str, line: int, column: int) -> ListNode:
    """Read a list in brackets."""
    node = ListNode(line, column)
    column += 1
    for part in text[1:-1].split(",") if text[1:-1].strip(" ") else ():
        item = part.strip(" ")
        start = column + len(part) - len(part.lstrip(" "))
        quoted = item[:1] in _QUOTES
        node.items.append(_quoted(item, line, start) if quoted else _plain(item, line, start, _IN_LIST))
        node.weight += 1
        column += len(part) + 1
    return node


def _quoted(text: str, line: int, column: int) -> Scalar:
    if text.find(text[0], 1) != len(text) - 1 or (text[0] == '"' and "\\" in text):
        raise _Unsure
    return Scalar(text[1:-1], plain=False, line=line, column=column, width=len(text), expands=text[0] == '"')


def _plain(text: str, line: int, column: int, inside: frozenset[str] = _INSIDE) -> Scalar:
    if text[:1] not in _STARTS or not inside.issuperset(text) or "  " in text or text[:2] in {"-", "- "}:
        raise _Unsure
    return Scalar(text, plain=True, line=line, column=column, width=len(text), expands=True)
