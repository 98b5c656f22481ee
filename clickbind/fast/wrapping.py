"""Wrap help texts without the standard library's `textwrap`, and find the width of the terminal without `shutil`.

`textwrap` and its patterns take 1 ms to load and 0.05 ms for each row, which is most of the time for the help of a
large program; `shutil` loads three compressors.
"""

from __future__ import annotations

import os
import sys

from . import shortcut

__all__ = ["terminal_columns", "wrap"]


@shortcut("wrapping")
def wrap(text: str, width: int) -> list[str] | None:
    """Wrap a simple text, as `cli.layout.wrap` does.

    Parameters
    ----------
    text : str
        The text.
    width : int
        The maximum number of columns of a line. A longer word has a line of its own.

    Returns
    -------
    list of str or None
        The lines; None if the text is not simple: a single paragraph of printable ASCII.
    """
    if not (text.isascii() and text.isprintable()) or text[:1] in {" ", ""} or text[-1] == " ":
        return None
    lines = []
    start, length = 0, len(text)
    while length - start > width:
        end = text.rfind(" ", start, start + width + 1)  # the line may end just before the space
        if end < 0:
            end = text.find(" ", start)
            if end < 0:
                break
        lines.append(text[start:end].rstrip())
        start = end
        while text[start] == " ":  # the text does not end with a space
            start += 1
    lines.append(text[start:])
    return lines


@shortcut("wrapping")
def terminal_columns() -> int | None:
    """Return the number of columns of the terminal, as `shutil.get_terminal_size` does; None in uncertain cases."""
    if "COLUMNS" in os.environ:
        return None
    try:
        return os.get_terminal_size(sys.__stdout__.fileno()).columns or None  # type: ignore[union-attr]
    except (AttributeError, ValueError, OSError):  # it is no terminal, is closed, or there is none
        return 80
