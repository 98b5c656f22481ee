"""The wrapping of help, without the standard library's `textwrap` where that is not needed.

That and its patterns take a millisecond to load, and a twentieth of one for each row: most of the time that the help of
a large program takes. The text is the same that Click's formatter writes.
"""

from __future__ import annotations

from collections.abc import Sequence

import click

from . import shortcut

__all__ = ["columns", "paragraph", "wrap"]


@shortcut("wrapping")
def paragraph(text: str, width: int, indent: int) -> str | None:
    """Write a paragraph, as `click.HelpFormatter.write_text`.

    Parameters
    ----------
    text : str
        The text.
    width : int
        The number of columns that a line may have.
    indent : int
        The number of columns before each line.

    Returns
    -------
    str or None
        The lines; None for a text that is not simple.
    """
    lines = wrap(text, width - indent)
    return None if lines is None else "".join(f"{'':>{indent}}{line}\n" for line in lines)


@shortcut("wrapping")
def columns(
    rows: Sequence[tuple[str, str]], width: int, indent: int, col_max: int = 30, col_spacing: int = 2
) -> str | None:
    """Write terms and what they mean, in two columns, as `click.HelpFormatter.write_dl`.

    Parameters
    ----------
    rows : sequence of (str, str)
        The terms and their texts. A text that is not simple is wrapped by Click.
    width, indent : int
        As for `paragraph`.
    col_max, col_spacing : int
        The width of the first column at most, and the number of spaces after it.

    Returns
    -------
    str or None
        The lines; None where a term is not simple, or there are no rows.
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
        The number of columns that a line may have.

    Returns
    -------
    list of str or None
        The lines; None for a text that is not simple: one that is no single paragraph of printable ASCII, or has
        words which may have to be taken apart.
    """
    if not _is_simple(text) or text[0] == " " or text[-1] == " ":
        return None
    if len(text) <= width:
        return [text]
    if "-" in f" {text} ".replace(" - ", " "):  # a line may end after it
        return None
    lines = []
    start = 0
    while len(text) - start > width:
        end = text.rfind(" ", start, start + width + 1)  # the space itself may come after the line
        if end < 0:
            return None
        lines.append(text[start:end].rstrip())
        start = end
        while text[start] == " ":  # it does not end with one
            start += 1
    return [*lines, text[start:]]


def _is_simple(text: str) -> bool:
    """Return whether a text is printable ASCII."""
    return text.isascii() and text.isprintable() and text != ""
