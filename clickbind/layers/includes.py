"""Read config files, and the files that they include, into documents."""

from __future__ import annotations

import contextlib
import functools
import os
import re
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import fast, layers, nodes
from ..errors import ConversionError, suggest
from ..nodes import ListNode, MapNode, Node, Scalar
from .document import DIRECTIVES, Document

if TYPE_CHECKING:
    from .document import Redacts

__all__ = ["DIRECTIVES", "Document", "collect", "misspelt", "parse", "used_in", "variables_in"]

STDIN = "-"
Given = tuple[Mapping[str, str] | None, Mapping[str, str]]
NOTHING_GIVEN: Given = ({}, {})
# Python's recursion limit is ten times what these need, and real files come nowhere near.
MAX_CHAIN = 50
# Per run. Each takes the file system about 40 microseconds.
MAX_INCLUDES = 10_000
# No real config file is larger, and reading it takes seconds. Without a limit, a device would never end.
MAX_BYTES = 64 * 1024 * 1024
_MARKS = {b"\xff\xfe\0\0": "utf-32", b"\0\0\xfe\xff": "utf-32", b"\xff\xfe": "utf-16", b"\xfe\xff": "utf-16"}
"""Encodings by byte order mark. Windows PowerShell 5.1 writes UTF-16 if it redirects the output of a program."""
_CHUNK = 64 * 1024  # bytes; Python allocates the full size of each read


def collect(paths: Sequence[str], redacts: Redacts | None = None, given: Given = NOTHING_GIVEN) -> list[Document]:
    """Read files, and the files that they include.

    Parameters
    ----------
    paths : sequence of str
        The files; ``-`` is standard input.
    redacts : callable, optional
        Returns the object that hides secrets in problems; without it, everything is shown.
    given : pair of mapping of str to str
        The variables that override those of the files, or None if the program has no option for them, and those that
        are used only where no other has the name.

    Returns
    -------
    list of Document
        Each file once, each overriding those before it: a file comes after its includes.
    """
    reader = _Reader(redacts, given)
    return reader.collect([(path, reader.open(path, path, None, None)) for path in paths])


def variables_in(paths: Iterable[str]) -> list[str]:
    """Return the names of the variables that files and their includes set or use, for completion."""
    names: dict[str, None] = {}
    for document in collect([path for path in paths if path != STDIN]):
        names.update(dict.fromkeys(document.variables))
        names.update(used_in([document]))
    return list(names)


def used_in(documents: Iterable[Document]) -> dict[str, None]:
    """Return the names of the variables that files use."""
    roots = (document.root for document in documents)
    return dict.fromkeys(name for root in roots if root is not None for name in layers.variables.names_in(root))


def misspelt(documents: Sequence[Document], given: Collection[str]) -> Iterator[str]:
    """Describe the variables of files that no file uses, and that are similar to one that is used and not set.

    Other variables that are not used are no mistakes: a file may set some for the files that include it.

    Parameters
    ----------
    documents : sequence of Document
        The files.
    given : collection of str
        The variables that are set elsewhere.
    """
    own = {name: (document, node) for document in documents for name, node in document.variables.items()}
    used = used_in(documents)
    free = [name for name in used if not any(name in known for known in (own, given, os.environ))]
    unused = [name for name in own if name not in used] if free else []
    for name in unused[: layers.variables.MOST_SUGGESTED]:
        near = suggest(name, free[: layers.variables.MOST_NAMES])
        if near:
            document, node = own[name]
            yield f"{document.name}:{node.line + 1}: no config file uses the variable {name!r}.{near}"


class _Reader:
    """Reads files, each once, from the one that overrides all others to the one that all others override.

    So a file is read at its last place among the files: at an earlier one, those in between would override it. And the
    name of an included file can use the variables of every file that overrides it.
    """

    def __init__(self, redacts: Redacts | None, given: Given) -> None:
        self.redacts = redacts
        self.variables = functools.cache(lambda: layers.variables.Variables(*given))
        self.files: dict[str, Document] = {}
        self.found: dict[Document, None] = {}
        self.chain: list[tuple[str, Document]] = []
        self.includes = 0

    def collect(self, roots: Sequence[tuple[str, Document | None]]) -> list[Document]:
        """Return the documents of files, and of those that they include, each overriding those before it."""
        known = [(path, document) for path, document in roots if document is not None]
        named = {name: node for _, document in known for name, node in document.variables.items()}
        if named:
            self.variables().roots = named
        for path, document in reversed(known):
            self.visit(path, document)
        if named:
            self.variables().roots = {}
        return list(reversed(self.found))

    def open(self, path: str, name: str, includer: Document | None, at: Node | None) -> Document | None:
        """Read a file without its includes; return None and report a problem of the including file if that fails."""
        real = path if path == STDIN else os.path.expanduser(path)
        if path != STDIN:
            with contextlib.suppress(OSError, ValueError):  # opening the file reports the error
                os.stat(real)  # fails at once for a path too long for the system, whose links would take long to follow
                real = os.path.realpath(real)
        if real in self.files:
            return self.files[real]
        document = self.document("<stdin>" if path == STDIN else name)
        try:
            document.text = _text(path, regular=includer is not None)
        except (OSError, ValueError) as error:
            message = f"cannot be read: {_reason(error)}."
            if includer is not None:
                includer.problem(f"{name!r} {message}", at)
                return None
            document.problem(message, None)
        self.files[real] = document
        _parse(document)
        return document

    def document(self, name: str, text: str = "") -> Document:
        """Make a document."""
        return Document(name, text, self.redacts, self.variables)

    def visit(self, path: str, document: Document) -> None:
        """Add a document and its variables, then those of the files that it includes."""
        if document in self.found:
            return
        self.found[document] = None
        if document.variables:
            self.variables().add(document.variables)
        include = document.include
        if include is None or (isinstance(include, Scalar) and include.is_null):
            return
        self.chain.append((path, document))
        for item in reversed(include.items) if isinstance(include, ListNode) else [include]:
            self.includes += 1
            if self.includes > MAX_INCLUDES:
                document.problem(f"more than {MAX_INCLUDES:,} includes.", item)
                break
            self._include(path, document, item)
        self.chain.pop()

    def _include(self, path: str, document: Document, item: Node) -> None:
        """Open one included file, and visit it."""
        try:
            node = document.expand(item)
        except ConversionError as error:
            document.problem(str(error), item)
            return
        if not isinstance(node, Scalar) or node.is_null:
            document.problem("expected a file name, or a list of them, in $include.", item)
            return
        if len(self.chain) >= MAX_CHAIN:
            document.problem(f"files include one another more than {MAX_CHAIN} deep.", item)
            return
        target, name = _locate(node.text, path)
        if node is not item and self.redacts is not None:
            assert isinstance(item, Scalar)  # only a scalar expands to one
            name = self.redacts().included(name, item)
        found = self.open(target, name, document, item)
        if any(found is one for _, one in self.chain):
            names = [*(one.name for _, one in self.chain), name]
            circle = " includes ".join(map(repr, names))
            document.problem(f"a file cannot include itself: {circle}.", item)
        elif found is not None:
            self.visit(target, found)


def _parse(document: Document) -> None:
    """Parse the text of a document, and separate its directives from its entries."""
    try:
        root = document.root = fast.yaml_subset.read(document.text) or nodes.reader.read(document.text)
    except nodes.NodeError as error:
        document.problem_at(str(error), error.line, error.column)
        return
    if root is None or (isinstance(root, Scalar) and root.is_null):
        return
    if not isinstance(root, MapNode):
        document.problem("expected a mapping of keys to values.", root)
        return
    directives: dict[str, Node] = {}
    for key, value in root.pairs:
        name = key.text if isinstance(key, Scalar) else ""
        if name not in DIRECTIVES:
            document.pairs.append((key, value))
        elif name in directives:
            document.problem(f"duplicate key {name}.", key)
        else:
            directives[name] = value
    document.include = directives.get("$include")
    document.sweep = directives.get("$sweep")
    if "$vars" in directives:
        document.variables = _variables(document, directives["$vars"])


def _variables(document: Document, value: Node) -> dict[str, Node]:
    """Read the variables of a document."""
    own: dict[str, Node] = {}
    if not isinstance(value, MapNode):
        if not (isinstance(value, Scalar) and value.is_null):
            document.problem("expected a mapping of names to values in $vars.", value)
        return own
    for key, item in value.pairs:
        if not isinstance(key, Scalar) or not re.fullmatch(layers.variables.NAME, key.text):
            document.problem("the name of a variable has letters, digits and underscores only.", key)
        elif key.text in own:
            again = f"duplicate variable {key.text!r}."
            document.problem(again, key, hidden="duplicate variable.")
        else:
            own[key.text] = item
    return own


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


def parse(text: str, name: str, redacts: Redacts | None = None, given: Given = NOTHING_GIVEN) -> list[Document]:
    """Read a text as a config file of a given name, with its includes.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        The name for origins and errors. Includes are looked for next to it.
    redacts : callable, optional
        Returns the object that hides secrets in problems; without it, everything is shown.
    given : pair of mapping of str to str
        As for `collect`.
    """
    reader = _Reader(redacts, given)
    document = reader.document(name, text)
    _parse(document)
    return reader.collect([(name, document)])
