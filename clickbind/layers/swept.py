"""Read what a config file sweeps, ``$sweep``: grids of keys with several values each."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from .. import layers, types
from ..declare.registry import Registry
from ..errors import ClickbindError, ConfigError, suggest
from ..nodes import ListNode, MapNode, Node, Scalar
from . import Asked, Layer
from .document import RANGE

if TYPE_CHECKING:
    from .document import Document

__all__ = ["FileAxis", "read"]


class FileAxis:
    """An entry of a grid in a file.

    Attributes
    ----------
    name : str
        The key as it is written.
    place : str
        The file and the line.
    values : list of Layer
        Its values, each as the layer that a file with this one value would make; of a range, its ends.
    log : bool
        Whether it is a range on a logarithmic scale.
    read : callable or None
        Makes the layer of another number of a range; None if it is none.
    """

    __slots__ = ("log", "name", "place", "read", "values")

    def __init__(self, name: str, place: str, values: list[Layer]) -> None:
        self.name = name
        self.place = place
        self.values = values
        self.log = False
        self.read: Callable[[str], Layer] | None = None


def read(documents: Sequence[Document], registry: Registry, *, searches: bool = False) -> list[list[FileAxis]]:
    """Read the grids of a sweep; those of a file replace those of the files before it.

    Parameters
    ----------
    documents : sequence of Document
        The files, the last of which that has ``$sweep`` wins.
    registry : Registry
        The functions that the keys are for.
    searches : bool
        Whether ranges are allowed.

    Returns
    -------
    list of list of FileAxis
        The grids, which follow one another; none if no file sweeps anything.

    Raises
    ------
    ConfigError
        If something in it is wrong. The message lists all problems.
    """
    document = next((one for one in reversed(documents) if one.sweep is not None), None)
    if document is None or document.sweep is None:
        return []
    reader = _Reader(document, registry, searches=searches)
    nodes = document.sweep.items if isinstance(document.sweep, ListNode) else [document.sweep]
    grids = [reader.grid(node) for node in nodes]
    problems = [*reader.problems, *document.problems]
    if problems:
        raise ConfigError("\n".join(problems))
    return grids


class _Reader:
    def __init__(self, document: Document, registry: Registry, *, searches: bool) -> None:
        self._searches = searches
        self._document = document
        self._registry = registry
        self._redacts = layers.files.redacts_of(registry)
        self.problems: list[str] = []

    def grid(self, node: Node) -> list[FileAxis]:
        """Read one grid."""
        found: list[FileAxis] = []
        if not isinstance(node, MapNode):
            self._document.problem("expected a mapping of keys to lists of values in $sweep, or a list of such.", node)
            return found
        for key, value in node.pairs:
            if isinstance(key, Scalar):
                found.append(FileAxis(key.text, f"{self._document.name}:{key.line + 1}", []))
                self._read(found[-1], key, value)
            else:
                self._document.problem("expected a key such as function.parameter.", key)
        return found

    def _read(self, axis: FileAxis, key: Scalar, value: Node) -> None:
        """Read the values of one key."""
        if isinstance(value, MapNode) and self._is_range(key, value):
            self._read_range(axis, key, value)
            return
        items = value.items if isinstance(value, ListNode) else [value]
        if not items:
            self._document.problem("expected at least one value.", value)
        axis.values = [layer for layer in (self._layer(key, item) for item in items) if layer is not None]

    def _layer(self, key: Scalar, item: Node) -> Layer | None:
        """Read a value as a file that has only that; None if it is wrong."""
        try:
            return layers.files.merge([self._alone([(key, item)])], self._registry, Asked(), self._redacts)
        except ConfigError as error:
            self.problems += [error.message] if error.message not in self.problems else []
            return None

    def _alone(self, pairs: list[tuple[Node, Node]]) -> Document:
        alone = copy.copy(self._document)
        alone.pairs, alone.found = pairs, []
        return alone

    def _is_range(self, key: Scalar, value: MapNode) -> bool:
        """Return whether a mapping is a range: no number is a mapping."""
        names = {_text(name) for name, _ in value.pairs}
        return self._is_number(key) or bool(names and names <= {*RANGE})

    def _is_number(self, key: Scalar) -> bool:
        found = self._registry.find(key.text)
        converter = None if found is None else found[2].converter
        return converter is not None and types.intervals.numbers_of(converter) is not None

    def _read_range(self, axis: FileAxis, key: Scalar, value: MapNode) -> None:
        """Read a range: its ends, and whether its scale is logarithmic."""
        problem = self._document.problem
        found = {_text(name): item for name, item in value.pairs}
        for name, _ in value.pairs:
            if _text(name) not in RANGE:
                problem(f"a range has 'from', 'to' and 'log'.{suggest(_text(name), RANGE)}", name)
                return
        if not self._searches:
            problem("a range is for a search, and this sweep tries all values: use --trials N, or give a list.", value)
        elif not self._is_number(key) and self._registry.find(key.text) is not None:
            problem("a range is for an int or a float. To try this mapping, put it into a list.", value)
        elif not {"from", "to"} <= found.keys():
            problem("a range needs 'from' and 'to'.", value)
        else:
            ends = [self._layer(key, found[name]) for name in ("from", "to")]
            axis.log = self._is_log(found.get("log"))
            axis.values = [layer for layer in ends if layer is not None]
            axis.place = f"{self._document.name}:{value.line + 1}:{value.column + 1}"
            axis.read = lambda text: self._number(key, found["from"], text)

    def _number(self, key: Scalar, place: Node, text: str) -> Layer:
        node = Scalar(text, plain=True, line=place.line, column=place.column)
        return layers.files.merge([self._alone([(key, node)])], self._registry, Asked(), self._redacts)

    def _is_log(self, node: Node | None) -> bool:
        """Read whether the scale of a range is logarithmic."""
        if node is None:
            return False
        found = None
        with contextlib.suppress(ClickbindError):
            found = types.words.CoreConverter().from_node(self._document.expand(node))
        if not isinstance(found, bool):
            self._document.problem("expected true or false.", node)
        return found is True


def _text(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""
