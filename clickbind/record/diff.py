"""Compare two plans, key by key."""

from __future__ import annotations

from collections.abc import Sequence

from .entries import Entry, printable

__all__ = ["diff"]


def diff(found: Sequence[Entry], others: Sequence[Entry], path: str) -> str:
    """Return the keys in which two runs differ.

    Parameters
    ----------
    found, others : sequence of Entry
        The entries of the command line's run, and of the file's.
    path : str
        The name of the file.

    Returns
    -------
    str
        Each key with both values and both origins; empty if the runs are equal.
    """
    left, right = ({entry.key.text: entry for entry in run} for run in (found, others))
    texts = []
    for name in sorted(left.keys() | right.keys()):
        one, two = left.get(name), right.get(name)
        if (one.text if one else "") != (two.text if two else ""):
            texts.append(f"{name}\n{_side('this line', one)}{_side(path, two)}")
    return "\n".join(texts)


def _side(title: str, entry: Entry | None) -> str:
    if entry is None or not entry.text:
        return f"  {title}: {entry.reason if entry else 'not set'}\n"
    lines = entry.text[len(entry.key.text) + 1 :].rstrip("\n").split("\n")
    rest = "".join(f"    {line}\n" for line in lines[1:])
    return f"  {title}:{lines[0]}  # {printable(entry.origin)}\n{rest}"
