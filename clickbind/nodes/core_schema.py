"""Read values without an annotation by YAML 1.2's core schema (https://yaml.org/spec/1.2.2/#103-core-schema)."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from . import NULLS, ListNode, MapNode, Node, NodeError, Scalar

__all__ = ["collide", "core", "core_text"]

# Characters: a longer text is not read as a number. Python refuses to convert ints of more than 4,300 digits.
_LONGEST = 3_500
# Collisions among so few values cost nothing that anybody notices; so many equal hashes among more are no accident.
_FEW, _ALIKE = 1_000, 100

_BOOLS = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# Not compiled here: re compiles and caches them on first use, so that a run without YAML does not pay for them.
_INT = r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+"
_FLOAT = r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN)"


def core_text(text: str) -> object:
    """Read a plain scalar by YAML 1.2's core schema: None, a bool, an int, a float, or the text itself."""
    if text in NULLS:
        return None
    if text in _BOOLS:
        return _BOOLS[text]
    number = text if len(text) <= _LONGEST else ""
    if re.fullmatch(_INT, number):
        return int(text) if text[:2] not in {"0o", "0x"} else int(text, 0)
    if re.fullmatch(_FLOAT, number):
        return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))
    return text


def core(node: Node) -> Any:
    """Read a node, and all nodes in it, by YAML 1.2's core schema.

    Parameters
    ----------
    node : Node
        The node.

    Returns
    -------
    object
        None, bool, int, float, str, or lists and dicts of those.

    Raises
    ------
    NodeError
        If a mapping has a duplicate key, a key that is not a scalar, or keys that are chosen to collide.
    """
    if isinstance(node, Scalar):
        return core_text(node.text) if node.plain else node.text
    if isinstance(node, ListNode):
        return [core(item) for item in node.items]
    assert isinstance(node, MapNode)
    result: dict[object, object] = {}
    if collide([core_text(key.text) for key, _ in node.pairs if isinstance(key, Scalar) and key.plain]):
        raise NodeError("too many of its keys have the same hash.", node.line, node.column)
    for key, value in node.pairs:
        if not isinstance(key, Scalar):
            raise NodeError("expected a single value as key.", key.line, key.column)
        plain = core(key)
        if plain in result:
            raise NodeError(f"duplicate key {key.text!r}.", key.line, key.column)
        result[plain] = core(value)
    return result


def collide(values: Sequence[Any]) -> bool:
    """Return whether values are chosen so that their hashes collide, and a dict or set of them takes quadratic time.

    Python prevents this for texts, whose hashes it randomizes. The hash of a number is the number modulo a known prime.

    Parameters
    ----------
    values : sequence of object
        Values with a hash.
    """
    if len(values) <= _FEW:
        return False
    hashes = {repr(value): hash(value) for value in values}
    return max(Counter(hashes.values()).values()) > _ALIKE
