"""Compare two plans, key by key."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..declare.registry import RUN
from ..types import HIDDEN
from .entries import Entry, printable

__all__ = ["diff"]


def diff(found: Sequence[Entry], others: Sequence[Entry], titles: tuple[str, str]) -> str:
    """Return the keys in which two runs differ.

    A secret that only one of them has is no difference, since files have none.

    Parameters
    ----------
    found, others : sequence of Entry
        The entries of the runs.
    titles : pair of str
        What to call the runs: the command line, and the name of a file.

    Returns
    -------
    str
        Each key with both values and both origins; empty if the runs are equal.
    """
    left, right = ({entry.key.text: entry for entry in run} for run in (found, others))
    texts = []
    for name in sorted(left.keys() | right.keys()):
        one, two = left.get(name), right.get(name)
        if (one.text if one else "") != (two.text if two else "") or _are_other_secrets(one, two):
            texts.append(f"{name}\n{_side(titles[0], one)}{_side(titles[1], two)}")
    return "\n".join(texts)


def _are_other_secrets(one: Entry | None, two: Entry | None) -> bool:
    return one is not None and two is not None and "" != one.hidden != two.hidden != ""


def _side(title: str, entry: Entry | None) -> str:
    if entry is not None and entry.hidden:
        return f"  {title}: {HIDDEN}  # {printable(entry.origin)}\n"
    if entry is None or not entry.text:
        return f"  {title}: {entry.reason if entry else 'not set'}\n"
    lines = entry.text[len(entry.key.text) + 1 :].rstrip("\n").split("\n")
    names = [line[2:] for line in lines[1:] if re.fullmatch(r"- \w+", line)]
    if entry.key == (RUN, "stages", None) and len(names) == len(lines) - 1:
        lines = [f" {', '.join(names)}"] if names else lines
    rest = "".join(f"    {line}\n" for line in lines[1:])
    return f"  {title}:{lines[0]}  # {printable(entry.origin)}\n{rest}"
