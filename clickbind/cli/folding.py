"""Read choices under the ``token_normalize_func`` of a program, which Click applies to what is typed and declared.

Only programs that set one load this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from .. import types
from ..errors import ConversionError
from ..types import BRACKETS, Converter

__all__ = ["from_line"]

Fold = Callable[[str], str]


def from_line(converter: Converter, texts: Sequence[str], fold: Fold) -> Any:
    """Read typed texts, whose choices may be spelled in any way that the program normalizes to theirs.

    Raises
    ------
    ConversionError
        If a text cannot be converted.
    """
    try:
        return converter.from_line(texts)
    except ConversionError:
        folded = [_folded(converter, text, fold) for text in texts]
        if folded == list(texts):
            raise
    return converter.from_line(folded)


def _folded(converter: Converter, text: str, fold: Fold) -> str:
    """Return a text with its choices as they are declared."""
    if text[:1] in BRACKETS:  # YAML flow is read as a file is
        return text
    if not converter.structured:
        return {fold(choice): choice for choice, _ in converter.complete("")}.get(fold(text), text)
    done = ""
    for word in types.words.split(text):
        choices = [choice[len(done) :] for choice, kind in converter.complete(done) if kind == "plain"]
        known = {fold(unquoted): choice for choice in choices for unquoted in types.words.split(choice)}
        done += f"{known.get(fold(word)) or _quoted(word)} "
    return done.rstrip(" ")


def _quoted(word: str) -> str:
    quote = "'" if '"' in word else '"'
    return f"{quote}{word}{quote}" if not word or any(map(str.isspace, word)) else word
