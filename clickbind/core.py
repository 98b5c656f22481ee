"""YAML 1.2's core schema, for where no annotation says more (https://yaml.org/spec/1.2.2/#103-core-schema)."""

from __future__ import annotations

import re
from typing import Any

from .nodes import NULLS, ListNode, MapNode, Node, NodeError, Scalar

__all__ = ["core", "core_text"]

_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# Not compiled here: a run that reads no YAML does not pay for them, and re keeps what it has compiled.
_INT = r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"


def core_text(text: str) -> object:
    """Read a plain scalar by YAML 1.2's core schema: None, a bool, an int, a float, or the text itself."""
    if text in NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    try:
        if re.fullmatch(_INT, text):
            return int(text) if text[:2] not in {"0o", "0x"} else int(text, 0)
        if re.fullmatch(_FLOAT, text):
            return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    except ValueError:  # an int of more digits than Python reads
        return text
    return text


def core(node: Node) -> Any:
    """Build the plain value of a node by YAML 1.2's core schema.

    Parameters
    ----------
    node : Node
        The node to read, with all that is in it.

    Returns
    -------
    object
        None, bool, int, float, str, and lists and dicts of those.

    Raises
    ------
    NodeError
        Where a mapping has a key twice, or a key that is no scalar.
    """
    if isinstance(node, Scalar):
        return core_text(node.text) if node.plain else node.text
    if isinstance(node, ListNode):
        return [core(item) for item in node.items]
    assert isinstance(node, MapNode)
    result: dict[object, object] = {}
    for key, value in node.pairs:
        if not isinstance(key, Scalar):
            raise NodeError("a key is a single value here.", key.line, key.column)
        plain = core(key)
        if plain in result:
            raise NodeError(f"the key {key.text!r} stands here twice.", key.line, key.column)
        result[plain] = core(value)
    return result
