"""Read YAML to plain values."""

from __future__ import annotations

from typing import Any

import pytest

from clickbind.nodes import NodeError
from clickbind.nodes.core_schema import core
from clickbind.nodes.reader import read

__all__ = ["plain", "refusal"]


def plain(text: str) -> Any:
    """Read a document by YAML 1.2's core schema."""
    node = read(text)
    assert node is not None
    return core(node)


def refusal(text: str) -> tuple[str, int, int]:
    """Return the message and the place of an error, counted from 0."""
    with pytest.raises(NodeError) as caught:
        plain(text)
    return str(caught.value), caught.value.line, caught.value.column
