"""Click's formatter of help, without the standard library's `textwrap` where that is not needed.

That and its patterns take a millisecond to load, and a twentieth of one for each row: most of the time that the help of
a large program takes. What is written is the same.
"""

from __future__ import annotations

from collections.abc import Iterable

import click

from .. import output

__all__ = ["Formatter", "make", "wrap"]


def make(ctx: click.Context) -> click.HelpFormatter:
    """Make the formatter of a context: this one, unless the program has another."""
    kind = Formatter if ctx.formatter_class is click.HelpFormatter else ctx.formatter_class
    return kind(width=ctx.terminal_width, max_width=ctx.max_content_width)


class Formatter(click.HelpFormatter):
    """A formatter that wraps simple text by itself, and leaves all other text to Click."""

    def getvalue(self) -> str:
        """Give what was written; what the terminal cannot show is escaped."""
        text = super().getvalue()
        return text if text.isascii() else output.printable(text)

    def write_text(self, text: str) -> None:
        """Write a paragraph, indented."""
        lines = wrap(text, self.width - self.current_indent)
        if lines is None:
            super().write_text(text)
            return
        for line in lines:
            self.write(f"{'':>{self.current_indent}}{line}\n")

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms and what they mean, in two columns."""
        rows = list(rows)
        if not rows or not all(_is_simple(first) for first, _ in rows):
            super().write_dl(rows, col_max, col_spacing)
            return
        widest = min(max(len(first) for first, _ in rows), col_max)
        column = self.current_indent + widest + col_spacing
        width = max(self.width - widest - col_spacing - 2, 10)
        for first, second in rows:
            term = f"{'':>{self.current_indent}}{first}"
            if not second:
                self.write(f"{term}\n")
                continue
            lines = wrap(second, width)
            if lines is None:
                lines = click.wrap_text(second, width, preserve_paragraphs=True).splitlines() or [""]
            self.write(f"{term:<{column}}" if len(first) <= widest else f"{term}\n{'':>{column}}")
            self.write(f"\n{'':>{column}}".join(lines) + "\n")


def wrap(text: str, width: int) -> list[str] | None:
    """Wrap a simple text.

    Parameters
    ----------
    text : str
        The text.
    width : int
        How long a line may be.

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
    if "-" in f" {text} ".replace(" - ", " "):  # a line may end behind it
        return None
    lines = []
    start = 0
    while len(text) - start > width:
        end = text.rfind(" ", start, start + width + 1)  # the space itself may stand behind the line
        if end < 0:
            return None
        lines.append(text[start:end].rstrip())
        start = end
        while text[start] == " ":  # it does not end with one
            start += 1
    return [*lines, text[start:]]


def _is_simple(text: str) -> bool:
    """Tell whether a text is printable ASCII."""
    return text.isascii() and text.isprintable() and text != ""
