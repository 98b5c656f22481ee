"""Name the folders of jobs, for people: nothing reads the values in a name."""

from __future__ import annotations

from collections.abc import Sequence

from ..journal.place import name_of
from ..keys import parts_of

__all__ = ["endings", "folder_name"]

_LONGEST = 80  # characters of a name


def endings(keys: Sequence[str]) -> list[str]:
    """Return the shortest distinct ending of each key: ``lr`` and ``batch`` of ``train.lr`` and ``train.batch``."""
    parts = [parts_of(key.replace("/", ".")) for key in keys]
    count = [1] * len(keys)
    while True:
        found = [".".join(own[-many:]) for own, many in zip(parts, count, strict=True)]
        again = [
            index for index, name in enumerate(found) if found.count(name) > 1 and count[index] < len(parts[index])
        ]
        if not again:
            return found
        for index in again:
            count[index] += 1


def folder_name(number: int, width: int, values: Sequence[tuple[str, str]]) -> str:
    """Return the name of a job's folder: ``01-lr=0.1-batch=32``.

    Parameters
    ----------
    number : int
        The number of the job.
    width : int
        The digits of the number.
    values : sequence of (str, str)
        The endings of the swept keys, each with its value as text.
    """
    rest = "".join(f"-{name}={value}" for name, value in values)
    return name_of(f"{number:0{width}d}{rest}", _LONGEST)
