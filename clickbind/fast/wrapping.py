"""Wrap help texts without the standard library's `textwrap`, if they are simple.

`textwrap` and its patterns take 1 ms to load and 0.05 ms for each row, which is most of the time for the help of a
large program. The text is the same as from Click's formatter.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from . import shortcut

__all__ = ["columns", "paragraph", "wrap"]


@shortcut("wrapping")
def paragraph(text: str, width: int, indent: int) -> str | None:
    """Write a paragraph as `click.HelpFormatter.write_text` does.

    Parameters
    ----------
    text : str
        The text.
    width : int
        The maximum number of columns of a line.
    indent : int
        The number of columns before each line.

    Returns
    -------
    str or None
        The lines; None if the text is not simple.
    """
    lines = wrap(text, width - indent)
    return None if lines is None else "".join(f"{'':>{indent}}{line}\n" for line in lines)


@shortcut("wrapping")
def columns(
    rows: Sequence[tuple[str, str]], width: int, indent: int, col_max: int = 30, col_spacing: int = 2
) -> str | None:
    """Write terms and their explanations in two columns as `click.HelpFormatter.write_dl` does.

    Parameters
    ----------
    rows : sequence of (str, str)
        The terms and their texts. A text that is not simple is wrapped by Click.
    width, indent : int
        As for `paragraph`.
    col_max, col_spacing : int
        The maximum width of the first column, and the number of spaces after it.

    Returns
    -------
    str or None
        The lines; None if a term is not simple, or there are no rows.
    """
    if not rows or not all(_is_simple(first) for first, _ in rows):
        return None
    widest = min(max(len(first) for first, _ in rows), col_max)
    column = indent + widest + col_spacing
    width = max(width - widest - col_spacing - 2, 10)
    written = []
    for first, second in rows:
        term = f"{'':>{indent}}{first}"
        if not second:
            written.append(f"{term}\n")
            continue
        lines = wrap(second, width)
        if lines is None:
            lines = click.wrap_text(second, width, preserve_paragraphs=True).splitlines() or [""]
        written.append(f"{term:<{column}}" if len(first) <= widest else f"{term}\n{'':>{column}}")
        written.append(f"\n{'':>{column}}".join(lines) + "\n")
    return "".join(written)


def wrap(text: str, width: int) -> list[str] | None:
    """Wrap a simple text.

    Parameters
    ----------
    text : str
        The text.
    width : int
        The maximum number of columns of a line.

    Returns
    -------
    list of str or None
        The lines; None if the text is not simple: not a single paragraph of printable ASCII, or with words that may
        have to be split.
    """
    if not _is_simple(text) or text[0] == " " or text[-1] == " ":
        return None
    if len(text) <= width:
        return [text]
    if "-" in f" {text} ".replace(" - ", " "):  # a line may end after a dash
        return None
    lines = []
    start = 0
    while len(text) - start > width:
        end = text.rfind(" ", start, start + width + 1)  # the line may end just before the space
        if end < 0:
            return None
        lines.append(text[start:end].rstrip())
        start = end
        while text[start] == " ":  # the text does not end with a space
            start += 1
    return [*lines, text[start:]]


def _is_simple(text: str) -> bool:
    """Return whether a text is printable ASCII, and not empty."""
    return text.isascii() and text.isprintable() and text != ""
