"""Read what a config file sweeps, ``$sweep``: grids of keys with several values each."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import TYPE_CHECKING

from .. import layers
from ..declare.registry import Registry
from ..errors import ConfigError
from ..nodes import ListNode, MapNode, Node, Scalar
from . import Asked, Layer

if TYPE_CHECKING:
    from .document import Document

__all__ = ["FileAxis", "read"]

_RANGE = {"from", "to", "log"}


class FileAxis:
    """An entry of a grid in a file.

    Attributes
    ----------
    name : str
        The key as it is written.
    place : str
        The file and the line.
    values : list of Layer
        Its values, each as the layer that a file with this one value would make.
    """

    __slots__ = ("name", "place", "values")

    def __init__(self, name: str, place: str, values: list[Layer]) -> None:
        self.name = name
        self.place = place
        self.values = values


def read(documents: Sequence[Document], registry: Registry) -> list[list[FileAxis]]:
    """Read the grids of a sweep; those of a later file replace those of an earlier one.

    Parameters
    ----------
    documents : sequence of Document
        The files, the last of which that has ``$sweep`` wins.
    registry : Registry
        The functions that the keys are for.

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
    reader = _Reader(document, registry)
    nodes = document.sweep.items if isinstance(document.sweep, ListNode) else [document.sweep]
    grids = [reader.grid(node) for node in nodes]
    problems = [*reader.problems, *document.problems]
    if problems:
        raise ConfigError("\n".join(problems))
    return grids


class _Reader:
    def __init__(self, document: Document, registry: Registry) -> None:
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
                place = f"{self._document.name}:{key.line + 1}"
                found.append(FileAxis(key.text, place, self._values(key, value)))
            else:
                self._document.problem("expected a key such as function.parameter.", key)
        return found

    def _values(self, key: Scalar, value: Node) -> list[Layer]:
        """Read the values of one key, each as a file that has only that."""
        if isinstance(value, MapNode) and value.pairs and {_text(name) for name, _ in value.pairs} <= _RANGE:
            self._document.problem("a range is for a search, and this sweep tries all values: give a list.", value)
            return []
        items = value.items if isinstance(value, ListNode) else [value]
        if not items:
            self._document.problem("expected at least one value.", value)
        found: list[Layer] = []
        for item in items:
            alone = copy.copy(self._document)
            alone.pairs, alone.found = [(key, item)], []
            try:
                found.append(layers.files.merge([alone], self._registry, Asked(), self._redacts))
            except ConfigError as error:
                self.problems += [error.message] if error.message not in self.problems else []
        return found


def _text(node: Node) -> str:
    return node.text if isinstance(node, Scalar) else ""
