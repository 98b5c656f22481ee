"""Read config files, and the files that they include, into documents."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import sys
from collections import ChainMap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import fast, layers, nodes
from ..errors import ConversionError
from ..nodes import ListNode, MapNode, Node, Scalar
from .document import Document

if TYPE_CHECKING:
    from .document import Redacts

__all__ = ["DIRECTIVES", "Document", "collect", "parse"]

STDIN = "-"
_MOST_CHAINED = 8  # more mappings of variables than this are merged into one
DIRECTIVES = ("$include", "$vars", "$schema")
# Python's recursion limit is ten times what these need, and real files come nowhere near.
MAX_CHAIN = 50
# Per run. Each takes the file system about 40 microseconds.
MAX_INCLUDES = 10_000
# No real config file is larger, and reading it takes seconds. Without a limit, a device would never end.
MAX_BYTES = 64 * 1024 * 1024
_MARKS = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Encodings by byte order mark. Windows PowerShell 5.1 writes UTF-16 if it redirects the output of a program."""
_CHUNK = 64 * 1024  # bytes; Python allocates the full size of each read


def collect(paths: Sequence[str], redacts: Redacts | None = None) -> list[Document]:
    """Read files, and the files that they include.

    Parameters
    ----------
    paths : sequence of str
        The files; ``-`` is standard input.
    redacts : callable, optional
        Returns the object that hides secrets in problems; without it, everything is shown.

    Returns
    -------
    list of Document
        Each file once, each overriding those before it: a file comes after its includes.
    """
    reader = _Reader(redacts)
    return _ordered([document for path in paths for document in reader.open(path, path, None, None)])


def _ordered(documents: Sequence[Document]) -> list[Document]:
    """Order documents after their includes, each once, at its last place: earlier, those in between would override it.

    It walks from the end, so that the first visit of a document and of its includes is the one that counts. So each is
    walked once, however many others include it.
    """
    found: dict[Document, None] = {}
    waiting = list(documents)
    while waiting:
        document = waiting.pop()
        if document not in found:
            found[document] = None
            waiting += document.includes
    return list(reversed(found))


class _Reader:
    """Opens files, each once."""

    def __init__(self, redacts: Redacts | None) -> None:
        self.redacts = redacts
        self.budget = functools.cache(lambda: layers.variables.Budget())  # noqa: PLW0108 - `variables` is imported when this is called
        self.files: dict[str, Document] = {}
        self.outer: dict[tuple[int, ...], Mapping[str, Node]] = {}
        self.chain: list[tuple[str, str]] = []
        self.includes = 0

    def open(self, path: str, name: str, includer: Document | None, at: Node | None) -> list[Document]:
        """Read a file and its includes; return its document, or nothing if it cannot be read."""
        real = path if path == STDIN else os.path.expanduser(path)
        if path != STDIN:
            with contextlib.suppress(OSError, ValueError):  # opening the file reports the error
                real = os.path.realpath(real)
        if real in self.files:
            return [self.files[real]]
        if any(real == known for known, _ in self.chain):
            circle = " includes ".join(repr(known) for _, known in [*self.chain, (real, name)])
            assert includer is not None  # only an included file can be in a circle
            includer.problem(f"a file cannot include itself: {circle}.", at)
            return []
        if len(self.chain) >= MAX_CHAIN and includer is not None:
            includer.problem(f"files include one another more than {MAX_CHAIN} deep.", at)
            return []
        document = self.document("<stdin>" if path == STDIN else name)
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
        return [self.files[real]]

    def document(self, name: str, text: str = "") -> Document:
        """Make a document."""
        return Document(name, text, self.redacts, self.budget)

    def add(self, document: Document, path: str) -> Document:
        """Read a document, and the files that it includes."""
        document.includes = self._read(document, path)
        return document

    def _read(self, document: Document, path: str) -> list[Document]:
        try:
            root = document.root = fast.yaml_subset.read(document.text) or nodes.reader.read(document.text)
        except nodes.NodeError as error:
            document.problem_at(str(error), error.line, error.column)
            return []
        if root is None or (isinstance(root, Scalar) and root.is_null):
            return []
        if not isinstance(root, MapNode):
            document.problem("expected a mapping of keys to values.", root)
            return []
        directives: dict[str, Node] = {}
        for key, value in root.pairs:
            name = key.text if isinstance(key, Scalar) else ""
            if name not in DIRECTIVES:
                document.pairs.append((key, value))
            elif name in directives:
                document.problem(f"duplicate key {name}.", key)
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
            document.problem("expected a mapping of names to values in $vars.", value)
            return
        own: dict[str, Node] = {}
        document.variables = own
        for key, item in value.pairs:
            if not isinstance(key, Scalar) or not re.fullmatch(r"[A-Za-z_]\w*", key.text):
                document.problem("the name of a variable has letters, digits and underscores only.", key)
            elif key.text in own:
                again = f"duplicate variable {key.text!r}."
                document.problem(again, key, hidden="duplicate variable.")
            else:
                own[key.text] = item

    def _included(self, document: Document, path: str, value: Node | None) -> list[Document]:
        """Open the includes of a file. Their variables are overridden by the file's own."""
        if value is None or (isinstance(value, Scalar) and value.is_null):
            return []
        found: list[Document] = []
        for item in value.items if isinstance(value, ListNode) else [value]:
            self.includes += 1
            if self.includes > MAX_INCLUDES:
                document.problem(f"more than {MAX_INCLUDES:,} includes.", item)
                break
            try:
                node = document.expand(item)
            except ConversionError as error:
                document.problem(str(error), item)
                continue
            if not isinstance(node, Scalar) or node.is_null:
                document.problem("expected a file name, or a list of them, in $include.", item)
                continue
            target, name = _locate(node.text, path)
            if node is not item and self.redacts is not None:
                assert isinstance(item, Scalar)  # only a scalar expands to one
                name = self.redacts().included(name, item)
            found += self.open(target, name, document, item)
        outer = self._variables_of(found)
        if outer:
            own = document.variables
            document.variables = ChainMap(own, *_maps(outer)) if own else outer  # type: ignore[arg-type]  # only read
        return found

    def _variables_of(self, documents: list[Document]) -> Mapping[str, Node]:
        """Combine the variables of documents, using those of a file that many of them include only once.

        A few mappings are chained. More are merged, once for all files that include the same ones.
        """
        layers = [one.variables for one in reversed(documents)]
        maps = (part for layer in layers for part in _maps(layer))
        found: dict[int, Mapping[str, Node]] = {id(part): part for part in maps if part}
        if len(found) <= 1:
            return next(iter(found.values()), {})
        if len(found) <= _MOST_CHAINED:
            return ChainMap(*found.values())  # type: ignore[arg-type]  # only read
        key = tuple(found)
        if key not in self.outer:
            self.outer[key] = {name: node for part in reversed(found.values()) for name, node in part.items()}
        return self.outer[key]


def _maps(variables: Mapping[str, Node]) -> Sequence[Mapping[str, Node]]:
    """List the mappings of variables in the order of lookup."""
    return variables.maps if isinstance(variables, ChainMap) else [variables]


def _locate(name: str, includer: str) -> tuple[str, str]:
    """Find an included file next to the including one, or else in the working directory."""
    name = os.path.expanduser(name)
    if name == STDIN:  # standard input on the command line, but a file name here
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
        data = sys.stdin.read().encode() if buffer is None else _read(buffer)
    else:
        more: dict[str, Any] = {"opener": _without_waiting} if regular else {}  # a pipe on the command line may block
        with open(os.path.expanduser(path), "rb", **more) as file:
            data = _read(file)
    if len(data) > MAX_BYTES:
        raise ValueError(f"it has more than {MAX_BYTES:,} bytes")
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8-sig")
    return data.decode(encoding).replace("\r\n", "\n")


def _without_waiting(path: str, flags: int) -> int:
    """Open a file without blocking: some system files, such as its log, look regular and never end."""
    return os.open(path, flags | getattr(os, "O_NONBLOCK", 0))


def _read(file: Any) -> bytes:
    """Read a file to its end, or until it is too long."""
    chunks = []
    size = 0
    while size <= MAX_BYTES:
        chunk = file.read(_CHUNK)
        if not chunk:
            break
        chunks.append(chunk)
        size += len(chunk)
    return b"".join(chunks)


def _reason(error: Exception) -> str:
    """Return in plain words why a file cannot be read."""
    if isinstance(error, UnicodeDecodeError):
        line = error.object[: error.start].decode(error.encoding, "replace").count("\n") + 1
        return f"line {line} is not {error.encoding.upper()} text: byte 0x{error.object[error.start]:02x}"
    return getattr(error, "strerror", None) or str(error)


def parse(text: str, name: str, redacts: Redacts | None = None) -> list[Document]:
    """Read a text as a config file of a given name, with its includes.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        The name for origins and errors. Includes are looked for next to it.
    redacts : callable, optional
        Returns the object that hides secrets in problems; without it, everything is shown.
    """
    reader = _Reader(redacts)
    return _ordered([reader.add(reader.document(name, text), name)])
