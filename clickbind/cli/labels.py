"""Write the values of an axis as people see them, and as words of a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .. import cli
from ..keys import Key
from .option import dotted_flags

if TYPE_CHECKING:
    from ..declare.function import ParameterSpec

__all__ = ["label_of", "words_of"]


def label_of(spec: ParameterSpec, value: Any) -> str:
    """Return a value as people see it in the name of a job and in tables."""
    assert spec.converter is not None  # an option has one
    plain = spec.converter.to_plain(value)
    if plain is None or isinstance(plain, bool):
        return {None: "none", True: "true", False: "false"}[plain]
    return plain if isinstance(plain, str) else cli.json.dumps(plain, ensure_ascii=False)


def words_of(key: Key, spec: ParameterSpec, label: str) -> list[str]:
    """Return the words of a dotted option that set a value, by its label."""
    flag, negation = dotted_flags(key, spec)
    if negation is not None and label in {"true", "false"}:
        return [flag if label == "true" else negation]
    return [flag, label]
