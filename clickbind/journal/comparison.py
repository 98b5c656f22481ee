"""Compare two recorded runs: their values with the origins, the code, how they ended, and the results."""

from __future__ import annotations

from collections.abc import Iterator

from .records import Record
from .saved import Saved
from .table import printable

__all__ = ["compare"]

_FACTS = ("program", "line", "status", "exit", "python", "host")


def compare(one: Record, two: Record) -> str:
    """Return what differs between two runs, each with both values; empty if nothing does."""
    titles = [printable(record.folder) for record in (one, two)]
    texts = []
    for name, left, right in (*_values(one, two), *_facts(one, two), *_results(one, two)):
        if left != right:
            sides = zip(titles, (left, right), strict=True)
            texts.append(f"{printable(name)}\n{''.join(f'  {title}: {_lines(text)}' for title, text in sides)}")
    return "\n".join(texts)


def _lines(text: str) -> str:
    first, *rest = map(printable, text.split("\n"))
    return "".join(f"{line}\n" for line in (first, *(f"    {line}" for line in rest)))


def _values(one: Record, two: Record) -> Iterator[tuple[str, str, str]]:
    for key in sorted(one.saved.keys() | two.saved.keys()):
        left, right = one.saved.get(key), two.saved.get(key)
        if (left and left.text) != (right and right.text):
            yield key, _value(left), _value(right)


def _value(saved: Saved | None) -> str:
    if saved is None:
        return "not set"
    first, *rest = saved.text.split("\n")
    comment = f"  # {saved.origin}" if saved.origin else ""
    return "\n".join([f"{first}{comment}".strip(), *rest])


def _facts(one: Record, two: Record) -> Iterator[tuple[str, str, str]]:
    yield "commit", _commit(one), _commit(two)
    for name in _FACTS:
        yield name, _shown(getattr(one, name)), _shown(getattr(two, name))
    yield "error", _shown(one.failure), _shown(two.failure)


def _commit(record: Record) -> str:
    return f"{_shown(record.commit)}{', with changes' if record.dirty else ''}"


def _results(one: Record, two: Record) -> Iterator[tuple[str, str, str]]:
    for name in dict.fromkeys([*one.results, *two.results]):
        yield name, _shown(one.results.get(name)), _shown(two.results.get(name))


def _shown(value: object) -> str:
    return "none" if value is None else str(value)
