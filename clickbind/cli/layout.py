"""Wrap the paragraphs, lists and literal blocks of help."""

from __future__ import annotations

import re
import textwrap

__all__ = ["wrap"]

_MARK = re.compile(r" *(?:[-*+]|\(?[\w#]{1,5}[.)]) +")


def wrap(text: str, width: int) -> list[str]:
    """Wrap a text in Click's form.

    Parameters
    ----------
    text : str
        Paragraphs, and blocks that begin with a line of a backspace: their lines are kept. Those that are too long and
        begin as an item of a list are wrapped below the item's text.
    width : int
        The maximum number of columns of a line. A longer word, such as an address, has a line of its own.

    Returns
    -------
    list of str
        The lines, with an empty one between blocks.
    """
    lines: list[str] = []
    for block in re.split(r"\n(?:[ \t]*\n)+", text.expandtabs().strip("\n")):
        parts = block.split("\n")
        if parts[0].strip() == "\b":
            wrapped = [line for part in parts[1:] for line in _kept(part.rstrip(), width)]
        else:
            indent = len(parts[0]) - len(parts[0].lstrip())
            wrapped = _wrapped(" ".join(part.strip() for part in parts), width, " " * indent, " " * indent)
        if wrapped:
            lines += ["", *wrapped] if lines else wrapped
    return lines


def _kept(line: str, width: int) -> list[str]:
    """Return a line of a block that is kept; wrap a long item of a list."""
    mark = _MARK.match(line)
    if len(line) <= width or mark is None:
        return [line]
    return _wrapped(line[mark.end() :], width, mark[0], " " * mark.end())


def _wrapped(text: str, width: int, first: str, further: str) -> list[str]:
    return textwrap.wrap(
        text,
        max(width, len(further) + 10),
        initial_indent=first,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    )
