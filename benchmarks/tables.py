"""Measurements to Markdown."""

from __future__ import annotations

import re

from processes import median, spread

__all__ = ["judged", "ratio", "section", "table"]


def section(results: str, title: str) -> str:
    """Return a section of RESULTS.md, from its title to the next; '' where there is none."""
    found = re.search(rf"(?ms)^## {title}\n.*?(?=^## |\Z)", results)
    return found[0] if found else ""


def table(head: list[str], rows: list[list[str]]) -> str:
    """Write a table; the first column is text, the others are numbers."""
    lines = [head, ["---", *("--:" for _ in head[1:])], *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def ratio(times: list[float], reference: list[float]) -> float:
    """Give the median of the ratios of each round."""
    return median([one / other for one, other in zip(times, reference, strict=True)])


def judged(times: list[float], reference: list[float], limit: float | None) -> str:
    """Write a ratio with the middle half of its rounds, bold where it is above its limit."""
    ratios = [one / other for one, other in zip(times, reference, strict=True)]
    low, high = spread(ratios)
    found = f"{median(ratios):.2f}"
    return f"{f'**{found}**' if limit is not None and float(found) > limit else found} ({low:.2f}-{high:.2f})"
