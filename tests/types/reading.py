"""Read values of an annotation."""

from __future__ import annotations

from typing import Any

from clickbind import nodes
from clickbind.types import Converter
from clickbind.types.table import converter_of

__all__ = ["converter", "from_yaml"]


def converter(annotation: Any) -> Converter:
    """Return the converter of an annotation that has one."""
    found = converter_of(annotation)
    assert found is not None
    return found


def from_yaml(annotation: Any, text: str) -> Any:
    """Read a value from a YAML document."""
    node = nodes.reader.read(text)
    assert node is not None
    return converter(annotation).from_node(node)
