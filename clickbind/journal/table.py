"""Write records as a table for people, and as CSV and JSON for programs."""

from __future__ import annotations

import datetime as dt
import io
import platform
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from .. import journal
from ..errors import UserError, suggest
from .records import Record

__all__ = [
    "clock",
    "column_of",
    "csv_of",
    "json_of",
    "printable",
    "sorted_by",
    "summary",
    "sweeps_of",
    "table_of",
    "varying",
]

_ORDER = ("done", "failed", "killed", "running", "waiting")
_STAGES = "run.stages"
_FIXED = ("job", "status", "time")
_WIDEST = 40  # columns of a cell
_LEAST = 24  # columns that the errors keep


class Column(NamedTuple):
    """A column of a table.

    Attributes
    ----------
    name : str
        Its title.
    cells : list of str
        Its texts, one for each record.
    right : bool
        Whether they are aligned on the right, as numbers are.
    width : int
        The columns of a terminal that it needs.
    """

    name: str
    cells: list[str]
    right: bool
    width: int


def _column(name: str, cells: list[str], *, right: bool) -> Column:
    name = printable(name)
    return Column(name, cells, right, max(map(_width, (name, *cells))))


def printable(text: str) -> str:
    """Return a text on one line that cannot control a terminal."""
    if text.isprintable():
        return text
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def clock(seconds: float) -> str:
    """Return a time as ``0:40`` or ``2:05:09``."""
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def varying(records: Sequence[Record], *, every: bool = False) -> list[str]:
    """Return the keys whose values differ between runs, or all of them, as they are saved; the stages come last."""
    keys = dict.fromkeys(key for record in records for key in record.saved)
    if _STAGES in keys:
        keys[_STAGES] = keys.pop(_STAGES)
    if every:
        return list(keys)
    return [key for key in keys if _varies([record.saved.get(key) for record in records])]


def _varies(texts: Sequence[journal.saved.Saved | None]) -> bool:
    first = texts[0]
    return any(one is not first and (one is None or first is None or one.text != first.text) for one in texts)


def _results(records: Iterable[Record]) -> list[str]:
    return list(dict.fromkeys(name for record in records for name in record.results))


def table_of(
    records: Sequence[Record], *, width: int, numbered: bool, every: bool = False, sort: str | None = None
) -> str:
    """Return the table of some runs, with a line on what is left out, and a summary.

    Parameters
    ----------
    records : sequence of Record
        The runs.
    width : int
        The columns of the terminal.
    numbered : bool
        Whether they are the jobs of a sweep, which are known by the numbers in front of their names.
    every : bool
        Whether to show all keys rather than those that differ.
    sort : str, optional
        The key, the result, or the other column to sort by.

    Raises
    ------
    UserError
        If no run has what to sort by.
    """
    column = column_of(records, sort)
    records = sorted_by(records, column)
    first = [_job_column(records, numbered=numbered), *_fixed(records)]
    values = [_value_column(key, records) for key in varying(records, every=every)]
    results = [_result_column(name, records) for name in _results(records)]
    failures = [printable(" ".join((record.failure or "").split())) for record in records]
    left = width - sum(column.width + 2 for column in first)
    left -= _space_of(failures, records, results)
    kept = _that_fit([*values, *results], _by_turns(values, results, column), left)
    lines = list(_lines([*first, *kept], failures, width)) if records else []
    missing = [column.name for column in (*values, *results) if column not in kept]
    if missing:
        lines.append(_cut(f"Left out for lack of space: {', '.join(missing)}; see --csv.", 10_000))
    lines += _far(records)
    return "".join(f"{line}\n" for line in [*lines, summary(records)])


def _space_of(failures: Sequence[str], records: Sequence[Record], results: Sequence[Column]) -> int:
    """Return the columns to keep for errors. A run that failed without results has theirs too: see `_lines`."""
    if not any(failures):
        return 0
    space = min(_LEAST, max(map(len, failures))) + 2
    if results and not any(failure and record.results for failure, record in zip(failures, records, strict=True)):
        space -= results[0].width + 2
    return max(space, 0)


def _that_fit(columns: Sequence[Column], order: Iterable[Column], left: int) -> list[Column]:
    """Return the columns that fit, in their order on the screen; they are taken in another order."""
    kept: list[Column] = []
    for column in order:
        left -= column.width + 2
        if left < 0:
            break
        kept.append(column)
    return [column for column in columns if column in kept]


def _by_turns(values: Sequence[Column], results: Sequence[Column], sort: str | None) -> list[Column]:
    """Return the columns in the order in which they are taken: that to sort by, then keys and results by turns."""
    longest = max(len(values), len(results))
    pairs = (one for number in range(longest) for one in (*values[number : number + 1], *results[number : number + 1]))
    return sorted(pairs, key=lambda column: column.name != sort)


def _lines(columns: Sequence[Column], failures: Sequence[str], width: int) -> Iterable[str]:
    titles = [column.name for column in columns]
    for number in range(-1, len(failures)):
        row = titles if number < 0 else [column.cells[number] for column in columns]
        padded = [_padded(text, column) for text, column in zip(row, columns, strict=True)]
        line = "  " + "  ".join(padded)
        if number >= 0 and failures[number]:
            if _width(line) + 2 + len(failures[number]) > width:
                line = line.rstrip()  # it has no results
            line += "  " + _cut(failures[number], max(width - _width(line) - 2, _LEAST))
        yield line.rstrip()


def _padded(text: str, column: Column) -> str:
    space = " " * (column.width - _width(text))
    return space + text if column.right else text + space


def _width(text: str) -> int:
    """Return the columns of a terminal that a printable text needs."""
    if text.isascii():
        return len(text)
    wide = sum(unicodedata.east_asian_width(char) in {"W", "F"} for char in text)
    return len(text) + wide - sum(unicodedata.combining(char) > 0 for char in text)


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else f"{text[: max(most - 3, 0)]}..."


def _job_column(records: Sequence[Record], *, numbered: bool) -> Column:
    numbers = [journal.listing.job_of(record.name) if numbered else None for record in records]
    cells = [
        printable(record.name) if number is None else str(number)
        for number, record in zip(numbers, records, strict=True)
    ]
    return _column("job" if numbered else "run", cells, right=all(number is not None for number in numbers))


def _fixed(records: Sequence[Record]) -> list[Column]:
    times = [_seconds(record) for record in records]
    cells = ["" if seconds is None else clock(seconds) for seconds in times]
    return [_column("status", [record.status for record in records], right=False), _column("time", cells, right=True)]


def _seconds(record: Record) -> float | None:
    """Return how long a run took, or has taken so far."""
    if record.status == "running" and record.started is not None:
        try:
            started = dt.datetime.fromisoformat(record.started).timestamp()
        except (ValueError, OverflowError, OSError):
            return record.seconds
        return max(time.time() - started, 0.0)
    return record.seconds


def _value_column(key: str, records: Sequence[Record]) -> Column:
    values = [record.saved.get(key) for record in records]
    cells = ["" if one is None else _shown(journal.saved.value_of(one.text), one.text) for one in values]
    return _column(key, cells, right=all(_is_number(cell) for cell in cells if cell))


def _result_column(name: str, records: Sequence[Record]) -> Column:
    results = [record.results.get(name) for record in records]
    return _column(name, ["" if one is None else _shown(one, str(one)) for one in results], right=True)


def _shown(value: Any, text: str) -> str:
    """Return a value for a cell; numbers of a run as they are saved."""
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, str):
        text = value
    elif isinstance(value, list) and value and all(isinstance(item, (str, int, float)) for item in value):
        text = " ".join(map(str, value))  # as on a line
    elif isinstance(value, (list, dict)):
        text = journal.json.dumps(journal.results.plain(value), ensure_ascii=False)
    return _cut(printable(text), _WIDEST)


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def sorted_by(records: Sequence[Record], column: str | None) -> Sequence[Record]:
    """Sort runs by a column that they have; numbers come before texts, and runs without it come last."""
    if column is None or column in {"job", "run"}:
        return records
    found = [_to_sort_by(record, column) for record in records]
    order = sorted(range(len(records)), key=lambda number: _rank(found[number]))
    return [records[number] for number in order]


def column_of(records: Sequence[Record], sort: str | None) -> str | None:
    """Return the name of the column to sort by, which may be given by its ending: ``accuracy``.

    Raises
    ------
    UserError
        If no run has it, or several columns end so.
    """
    fixed = (*_FIXED, "run", "started")
    if sort is None or sort in fixed:
        return sort
    known = [*fixed, *varying(records, every=True), *_results(records)]
    if sort in known:
        return sort
    found = [name for name in dict.fromkeys(known) if name.endswith(f".{sort}")]
    if len(found) == 1:
        return found[0]
    if found:
        raise UserError(f"--sort: {printable(sort)!r} can be several keys or results: {', '.join(found)}.")
    ends = [name.rpartition(".")[2] for name in known]
    raise UserError(f"--sort: the runs have no key or result {printable(sort)!r}.{suggest(sort, [*known, *ends])}")


def _to_sort_by(record: Record, name: str) -> Any:
    if name == "status":
        return _ORDER.index(record.status)
    if name in {"time", "started"}:
        return _seconds(record) if name == "time" else record.started
    return record.results.get(name, record.values.get(name))


def _rank(value: Any) -> tuple[int, float, str]:
    number = journal.results.number_of(value)
    if number is not None and number == number:  # noqa: PLR0124 - not a number is not equal to itself
        return 0, number, ""
    return (2 if value is None else 1), 0.0, str(value)


def _far(records: Sequence[Record]) -> list[str]:
    """Return a line on the runs of which only the last write shows that they run."""
    names = [record.name for record in records if record.status == "running" and record.host != platform.node()]
    if not names:
        return []
    return [f"On other hosts, as far as the files that they last wrote show: {', '.join(map(printable, names))}"]


def counted(counts: Mapping[str, int]) -> str:
    """Return how many runs have each status, as text: ``9 done, 1 failed``."""
    return ", ".join(f"{counts[status]} {status}" for status in _ORDER if counts.get(status))


def summary(records: Sequence[Record]) -> str:
    """Return how many runs have each status, and how long the others take: ``9 done, 1 running; about 0:50 left``."""
    counts = Counter(record.status for record in records)
    text = counted(counts) or "No runs"
    done = [record.seconds for record in records if record.status == "done" and record.seconds is not None]
    if not counts["running"] or not done:
        return text
    mean = sum(done) / len(done)
    running = [_seconds(record) or 0.0 for record in records if record.status == "running"]
    left = sum(max(mean - seconds, 0.0) for seconds in running) + mean * counts["waiting"]
    return f"{text}; about {clock(left / len(running))} left"


def sweeps_of(found: Mapping[str, Sequence[Record]]) -> str:
    """Return the table of some sweeps, by the names of their folders, with the records of their jobs."""
    names = _column("sweep", [printable(name) for name in found], right=False)
    jobs = _column("jobs", [str(len(records)) for records in found.values()], right=True)
    rows = [(_padded("sweep", names), _padded("jobs", jobs), "")]
    for name, count, records in zip(names.cells, jobs.cells, found.values(), strict=True):
        rows.append((_padded(name, names), _padded(count, jobs), summary(records)))
    return "".join(f"{('  ' + '  '.join(row)).rstrip()}\n" for row in rows)


def csv_of(records: Sequence[Record], *, every: bool = False, sort: str | None = None) -> str:
    """Return the runs as CSV, with a column for each key that differs, or for all, and for each result."""
    records = sorted_by(records, column_of(records, sort))
    keys, results = varying(records, every=every), _results(records)
    text = io.StringIO()
    writer = journal.csv.writer(text, lineterminator="\n")
    writer.writerow(["folder", "status", "started", "seconds", *keys, *results, "error"])
    for record in records:
        values = (record.values.get(key) for key in keys)
        found = (record.results.get(name) for name in results)
        row = [record.folder, record.status, record.started, record.seconds, *map(_cell, values), *found]
        writer.writerow([*row, record.failure])
    return text.getvalue()


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    return journal.json.dumps(journal.results.plain(value)) if isinstance(value, (list, dict)) else value


def json_of(records: Sequence[Record], *, sort: str | None = None) -> str:
    """Return the runs as JSON: a list of what their records have, with ``folder`` and all ``values``."""
    found = [
        {"folder": record.folder, "values": journal.results.plain(record.values), **record.content()}
        for record in sorted_by(records, column_of(records, sort))
    ]
    return journal.json.dumps(found, indent=1, allow_nan=False) + "\n"
