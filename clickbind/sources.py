"""Config files to documents: what is read, and what they include."""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any

from . import lines, nodes
from .documents import MAX_CHAIN, Document
from .errors import ConversionError
from .nodes import ListNode, MapNode, Node, Scalar

__all__ = ["DIRECTIVES", "Document", "collect", "parse"]

STDIN = "-"
DIRECTIVES = ("$include", "$vars", "$schema")
# No one's settings, and a few seconds' work; a device would never end.
MAX_BYTES = 64 * 1024 * 1024


def collect(paths: Sequence[str], hide: Callable[[str], str] = str) -> list[Document]:
    """Read files and what they include.

    Parameters
    ----------
    paths : sequence of str
        The files; ``-`` is standard input.
    hide : callable
        Hides what is secret in a line that is shown.

    Returns
    -------
    list of Document
        Each once, in the order in which they are laid over one another: a file after what it includes.
    """
    reader = _Reader(hide)
    found: list[Document] = []
    for path in paths:
        found = _last(found + reader.open(path, path, None, None))
    return found


def _last(documents: list[Document]) -> list[Document]:
    """Keep each document where it stands last: it would beat what stands between."""
    return list(reversed(dict.fromkeys(reversed(documents))))


class _Reader:
    """Opens files, each once."""

    def __init__(self, hide: Callable[[str], str]) -> None:
        self.hide = hide
        self.files: dict[str, list[Document]] = {}
        self.chain: list[tuple[str, str]] = []

    def open(self, path: str, name: str, includer: Document | None, at: Node | None) -> list[Document]:
        """Give a file's documents, with those of what it includes before its own."""
        real = path if path == STDIN else os.path.expanduser(path)
        if path != STDIN:
            with contextlib.suppress(OSError, ValueError):  # opening it says what is wrong with it
                real = os.path.realpath(real)
        if real in self.files:
            return self.files[real]
        if any(real == known for known, _ in self.chain):
            circle = " includes ".join(repr(shown) for _, shown in [*self.chain, (real, name)])
            assert includer is not None  # something has included it
            includer.problem(f"a file cannot include itself: {circle}.", at)
            return []
        if len(self.chain) >= MAX_CHAIN and includer is not None:
            includer.problem(f"files include one another more than {MAX_CHAIN} deep.", at)
            return []
        document = Document("<stdin>" if path == STDIN else name, "", self.hide)
        try:
            document.text = _text(path, regular=includer is not None)
        except (OSError, ValueError) as error:
            message = f"cannot be read: {_reason(error)}."
            if includer is not None:
                includer.problem(f"{name!r} {message}", at)
                return []
            document.problem(message, None)
        self.chain.append((real, name))
        self.files[real] = self.add(document, path)
        self.chain.pop()
        return self.files[real]

    def add(self, document: Document, path: str) -> list[Document]:
        """Give a document behind what it includes."""
        return _last([*self._read(document, path), document])

    def _read(self, document: Document, path: str) -> list[Document]:
        try:
            root = lines.read(document.text) or nodes.read(document.text)
        except nodes.NodeError as error:
            document.problem_at(str(error), error.line, error.column)
            return []
        if root is None or (isinstance(root, Scalar) and root.is_null):
            return []
        if not isinstance(root, MapNode):
            document.problem("a config file is a mapping of keys to values.", root)
            return []
        directives: dict[str, Node] = {}
        for key, value in root.pairs:
            name = key.text if isinstance(key, Scalar) else ""
            if name not in DIRECTIVES:
                document.pairs.append((key, value))
            elif name in directives:
                document.problem(f"{name} stands here again.", key)
            else:
                directives[name] = value
        if "$vars" in directives:
            self._variables(document, directives["$vars"])
        return self._included(document, path, directives.get("$include"))

    @staticmethod
    def _variables(document: Document, value: Node) -> None:
        if isinstance(value, Scalar) and value.is_null:
            return
        if not isinstance(value, MapNode):
            document.problem("$vars is a mapping of names to values.", value)
            return
        for key, item in value.pairs:
            if not isinstance(key, Scalar) or not re.fullmatch(r"[A-Za-z_]\w*", key.text):
                document.problem("a variable's name is made of letters, digits and underscores.", key)
            elif key.text in document.variables:
                document.problem(f"the variable {key.text!r} stands here again.", key)
            else:
                document.variables[key.text] = item

    def _included(self, document: Document, path: str, value: Node | None) -> list[Document]:
        """Open what a file includes; its variables come below the file's own."""
        if value is None or (isinstance(value, Scalar) and value.is_null):
            return []
        found: list[Document] = []
        outer: dict[str, Node] = {}
        for item in value.items if isinstance(value, ListNode) else [value]:
            try:
                node = document.expand(item)
            except ConversionError as error:
                document.problem(str(error), item)
                continue
            if not isinstance(node, Scalar) or node.is_null:
                document.problem("$include is a file's name, or a list of them.", item)
                continue
            target, shown_name = _locate(node.text, path)
            opened = self.open(target, shown_name, document, item)
            found = _last(found + opened)
            outer.update(opened[-1].variables if opened else {})
        document.variables = {**outer, **document.variables}
        return found


def _locate(name: str, includer: str) -> tuple[str, str]:
    """Find an included file: beside the including one, else in the working directory."""
    name = os.path.expanduser(name)
    if name == STDIN:  # the line's word for standard input is a file's name here
        return os.path.join(os.curdir, name), name
    if includer != STDIN:
        beside = os.path.join(os.path.dirname(includer), name)
        if os.path.exists(beside) or not os.path.exists(name):
            return beside, beside
    return name, name


def _text(path: str, *, regular: bool) -> str:
    if regular and os.path.exists(path) and not (os.path.isfile(path) or os.path.isdir(path)):
        raise ValueError("it is not a regular file")
    if path == STDIN:
        if sys.stdin is None:
            raise ValueError("standard input is closed")
        buffer: Any = getattr(sys.stdin, "buffer", None)
        data = sys.stdin.read().encode() if buffer is None else buffer.read(MAX_BYTES + 1)
    else:
        with open(os.path.expanduser(path), "rb") as file:
            data = file.read(MAX_BYTES + 1)
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
    text: str = data.decode()
    return text.removeprefix("\ufeff").replace("\r\n", "\n")  # the codec that does this is a module more


def _reason(error: Exception) -> str:
    """Say in the user's words why a file cannot be read."""
    if isinstance(error, UnicodeDecodeError):
        line = error.object.count(b"\n", 0, error.start) + 1
        return f"line {line} is not UTF-8 text: byte 0x{error.object[error.start]:02x}"
    return getattr(error, "strerror", None) or str(error)


def parse(text: str, name: str, hide: Callable[[str], str] = str) -> list[Document]:
    """Read a text as a config file of some name, with what it includes.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        The name for origins and errors; what is included is looked for beside it.
    hide : callable
        Hides what is secret in a line that is shown.
    """
    return _Reader(hide).add(Document(name, text, hide), name)
