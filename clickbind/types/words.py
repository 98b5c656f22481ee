"""Read words, YAML flow, and values without an annotation."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

from .. import nodes
from ..errors import ConversionError
from . import BRACKETS, Converter, is_null_word, shown

__all__ = ["CoreConverter", "complete_last", "each", "from_flow", "quoted", "split"]

_WORD = r"""(?:[^\s"']|"[^"]*"|'[^']*')+"""  # not compiled here: re compiles and caches it when a list is first typed
_LONGEST = 1_000_000  # characters of a list in one text: each word of it takes a hundred bytes to find
_QUOTED = r""""([^"]*)"|'([^']*)'"""


class CoreConverter(Converter):
    """Read values that have no annotation by YAML 1.2's core schema."""

    rank = 100
    nullable = True
    textual = True
    structured = True
    mutable = True

    def from_text(self, text: str) -> Any:
        """Read YAML flow, or a scalar by the core schema."""
        return from_flow(self.from_node, text) if text[:1] in BRACKETS else nodes.core_schema.core_text(text)

    def from_typed(self, text: str) -> Any:
        """Read a text like `from_text`, and ``none`` and ``null``, in any case, as None."""
        return None if is_null_word(text) else self.from_text(text)

    def from_quoted(self, text: str) -> Any:
        """Return a quoted scalar as it is."""
        return text

    def from_node(self, node: nodes.Node) -> Any:
        """Read a node by the core schema."""
        try:
            return nodes.core_schema.core(node)
        except nodes.NodeError as error:
            raise ConversionError(str(error), node) from None

    def from_plain(self, value: Any) -> Any:
        """Return any value as it is."""
        return value

    def accepts(self, value: Any) -> bool:
        """Return True: any value is accepted."""
        return True


def split(text: str) -> list[str]:
    """Split a typed list at white space. Quotes protect it; a backslash is not special, so that Windows paths work.

    Raises
    ------
    ConversionError
        If a quote is not closed, or the text is too long.
    """
    if len(text) > _LONGEST:
        raise ConversionError(f"{shown(text)} has more than {_LONGEST:,} characters: write it as a list.")
    if re.sub(_WORD, "", text).strip():
        raise ConversionError(f"{shown(text)} has an unclosed quote.")
    words = re.findall(_WORD, text)
    return [re.sub(_QUOTED, lambda match: match[1] or match[2] or "", word) for word in words]


def quoted(text: str, quote: str = '"') -> str:
    """Quote a text so that `split` reads it as one word: in quotes that it does not have, else in parts with either."""
    other = "'" if quote == '"' else '"'
    if quote in text and other not in text:
        quote, other = other, quote
    return quote + text.replace(quote, f"{quote}{other}{quote}{other}{quote}") + quote


def complete_last(text: str, complete: Callable[[int, str], Iterable[tuple[str, str]]]) -> list[tuple[str, str]]:
    """Complete the last item of a list that is being typed, as words or as YAML flow.

    Parameters
    ----------
    text : str
        The text so far.
    complete : callable
        Completes an item, given its index and its text so far.

    Returns
    -------
    list of (str, str)
        The completions as of `Converter.complete`, each with the items before it; for files, only the path so far.
    """
    separators = "[{," if text[:1] in BRACKETS else ""
    count, start, quote, is_between = 0, 0, "", True
    for place, char in enumerate(text):
        if quote:
            quote = "" if char == quote else quote
        elif char.isspace() or char in separators:
            count += not is_between
            start, is_between = place + 1, True
        else:
            quote = char if char in "\"'" else ""
            start, is_between = place + 1 if quote and is_between else start, False
    found = complete(count, text[start:])
    return [(text[:start] + _quoted(item, quote) if kind == "plain" else item, kind) for item, kind in found]


def _quoted(item: str, quote: str) -> str:
    """Quote an item of a typed list, if it has to be; with an open quote, close it."""
    return quoted(item, "'") if not quote and any(map(str.isspace, item)) else item + quote


def from_flow(read: Callable[[nodes.Node], Any], text: str) -> Any:
    """Read YAML flow from one text, ``[a, [b, c]]``. Errors have no place, since lines and columns are the text's own.

    Raises
    ------
    ConversionError
        If the text is not YAML, or not a value.
    """
    try:
        node = nodes.reader.read(text)
    except nodes.NodeError as error:
        raise ConversionError(f"{shown(text)}: {error}", hidden="invalid YAML.") from None
    assert node is not None  # it has a bracket
    try:
        return read(node)
    except ConversionError as error:
        raise ConversionError(error.message, hidden=error.hidden, near=error.near, otherwise=error.otherwise) from None


def each(reads: Iterable[tuple[Callable[[nodes.Node], Any], nodes.Node]]) -> list[Any]:
    """Read the nodes inside another one. Report all errors, each at its own node."""
    values = []
    errors: list[ConversionError] = []
    for read, node in reads:
        try:
            values.append(read(node))
        except ConversionError as error:
            for one in error.all:
                one.node = one.node or node
                errors.append(one)
    if errors:
        errors[0].more = errors[1:]
        raise errors[0]
    return values
