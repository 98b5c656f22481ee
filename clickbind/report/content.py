"""Collect what a page shows of recorded runs, as data for JSON.

Nothing of it is markup: the page's script makes text of it. Whatever is too much for a page is cut, and said to be.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

from .. import journal, report
from ..journal.records import Record

__all__ = ["Limits", "content_of"]

_FACTS = ("status", "exit", "started", "host", "python", "commit", "dirty", "line")
_LONGEST = 2_000  # characters of a text
_LONGEST_MESSAGE = 10_000
_LONGEST_DIFF = 200_000
_MOST_TURNS = 50
_EXACT = 2**53  # the largest integer of a number in JavaScript
_FIRST = ("failed", "killed", "running")
"""The runs whose logs and figures are taken first."""


class Limits(NamedTuple):
    """How much a page may have.

    Attributes
    ----------
    runs, keys, results : int
        The most runs, keys and results.
    log : int
        The most bytes of the log of a run.
    logs, figures, diffs : int
        The most bytes of all logs, all figures, all differences of code.
    """

    runs: int = 10_000
    keys: int = 500
    results: int = 200
    log: int = 20_000
    logs: int = 8_000_000
    figures: int = 12_000_000
    diffs: int = 1_000_000

    def smaller(self) -> Limits:
        """Return half of it; the first time, do without the figures."""
        return self._replace(
            runs=self.runs if self.figures else self.runs // 2,
            figures=0,
            **{name: getattr(self, name) // 2 for name in ("keys", "results", "logs", "diffs")},
        )


def content_of(
    records: Sequence[Record],
    folder: str,
    *,
    hide: Callable[[str], str] = str,
    limits: Limits | None = None,
    every: bool = False,
    sort: str | None = None,
) -> dict[str, Any]:
    """Return what a page shows of some runs.

    Parameters
    ----------
    records : sequence of Record
        The runs, in the order of the table.
    folder : str
        Their folder, which is the title.
    hide : callable
        Stars the secrets that are known in a text, for what the program has written itself.
    limits : Limits, optional
        How much it may have.
    every : bool
        Whether the table shows all keys at first, rather than those that differ.
    sort : str, optional
        The column that the runs are sorted by.
    """
    limits = limits or Limits()
    shown = records[: limits.runs]
    keys, differ = journal.table.varying(shown, every=True), set(journal.table.varying(shown))
    keys = sorted(keys, key=lambda key: key not in differ)  # so that no key that differs is left out
    results = list(dict.fromkeys(name for record in shown for name in record.results))
    left_out = [
        _left_out("runs", [record.name for record in records], limits.runs),
        _left_out("keys", keys, limits.keys),
        _left_out("results", results, limits.results),
    ]
    keys, results = keys[: limits.keys], results[: limits.results]
    collected = _Collected(hide, limits, len(shown), journal.listing.is_sweep(folder))
    jobs = [collected.job(record, keys, results) for record in shown]
    collected.add_files(shown, jobs)
    return {
        "title": folder,
        "made": dt.datetime.now().astimezone().isoformat(timespec="seconds"),
        "isSweep": collected.is_sweep,
        "summary": journal.table.summary(records),
        "keys": keys,
        "differ": [key in differ for key in keys],
        "results": results,
        "texts": list(collected.texts.values()),
        "diffs": collected.diffs,
        "jobs": jobs,
        "leftOut": [*filter(None, left_out), *collected.said()],
        "every": every,
        "sort": sort,
    }


def _left_out(what: str, names: Sequence[str], most: int) -> str:
    count = len(names) - most
    return f"The page has {most:,} of {len(names):,} {what}." if count > 0 else ""


class _Collected:
    """Collect the runs; texts that many of them have are kept once."""

    def __init__(self, hide: Callable[[str], str], limits: Limits, count: int, is_sweep: bool) -> None:
        self.is_sweep = is_sweep
        self.texts: dict[tuple[str, str], list[Any]] = {}
        self.diffs: list[str] = []
        self._of_sweeps: dict[str, str] = {}
        self._diff_numbers: dict[str, int | None] = {}
        self._numbers: dict[tuple[str, str], int] = {}
        self._hide = hide
        self._logs = report.files.Budget(limits.logs)
        self._log = min(limits.log, max(limits.logs // max(count, 1), 500))
        self._figures = report.files.Budget(limits.figures)
        self._diffs = report.files.Budget(limits.diffs)
        self._without = {"logs": 0, "figures": 0, "changes of the code": 0}

    def job(self, record: Record, keys: Sequence[str], results: Sequence[str]) -> dict[str, Any]:
        """Return a run without its files."""
        found = {name: _cut(getattr(record, name)) for name in _FACTS}
        error = record.error or {}
        turns = [_turn(turn) for turn in record.turns[:_MOST_TURNS]]
        more = len(record.turns) - len(turns)
        return {
            **found,
            "name": record.name,
            "folder": _cut(record.folder),
            "number": journal.listing.job_of(record.name) if self.is_sweep else None,
            "seconds": record.seconds,
            "engine": _cut((record.engine or {}).get("name")),
            "failure": _cut(record.failure),
            "error": {name: _cut(error.get(name), _LONGEST_MESSAGE) for name in error and ("type", "message", "where")},
            "turns": turns,
            "values": [self._value(record.saved.get(key)) for key in keys],
            "results": [_number(record.results.get(name)) for name in results],
            "notes": [f"{more:,} more turns are left out."] if more > 0 else [],
        }

    def _value(self, saved: journal.saved.Saved | None) -> int | None:
        """Return the number of a value among the texts; None if a run does not have it."""
        if saved is None:
            return None
        number = self._numbers.get(saved)
        if number is None:
            number = self._numbers[saved] = len(self.texts)
            shown = _plain(journal.saved.value_of(saved.text))
            self.texts[saved] = [_cut(saved.text.strip("\n")), _cut(saved.origin), _cut(shown)]
        return number

    def add_files(self, records: Sequence[Record], jobs: Sequence[dict[str, Any]]) -> None:
        """Add the logs, figures and differences, those of runs that are not done first."""
        pairs = sorted(zip(records, jobs, strict=True), key=lambda pair: pair[0].status not in _FIRST)
        for record, job in pairs:
            self._add_log(record, job)
            figures = report.files.figures_of(record.folder, self._figures)
            job["figures"] = figures.shown
            self._without["figures"] += len(figures.left_out)
            job["notes"] += filter(None, [figures.said()])
            self._add_diff(record, job)

    def _add_log(self, record: Record, job: dict[str, Any]) -> None:
        text, before = report.files.log_of(record.folder, self._log)
        if not self._logs.take(len(text)):
            self._without["logs"] += 1
            job["notes"].append("The log is left out.")
            text = ""
        job["log"] = self._hide(text)
        job["logBefore"] = before if text else 0

    def _add_diff(self, record: Record, job: dict[str, Any]) -> None:
        """Add the number of the difference of a run's code, which the sweep has if the run is a job."""
        job["diff"] = None
        if not record.dirty:
            return
        sweep = os.path.dirname(os.path.abspath(record.folder))
        text = report.files.diff_of(record.folder, _LONGEST_DIFF)
        if not text and journal.listing.is_sweep(sweep):
            if sweep not in self._of_sweeps:
                self._of_sweeps[sweep] = report.files.diff_of(sweep, _LONGEST_DIFF)
            text = self._of_sweeps[sweep]
        if text and text not in self._diff_numbers:
            fits = self._diffs.take(len(text))
            self._diff_numbers[text] = len(self.diffs) if fits else None
            self.diffs += [self._hide(text)] if fits else []
        job["diff"] = self._diff_numbers.get(text)
        if text and job["diff"] is None:
            self._without["changes of the code"] += 1
            job["notes"].append("The changes since the commit are left out.")

    def said(self) -> Iterable[str]:
        """Walk sentences on what is left out."""
        return (f"For lack of space, {count:,} {what} are left out." for what, count in self._without.items() if count)


def _turn(turn: dict[str, Any]) -> list[Any]:
    returned = turn.get("returned")
    text = None if returned is None else report.json.dumps(returned, ensure_ascii=False)
    return [_cut(turn.get("stage")), _cut(turn.get("status")), _number(turn.get("seconds")), _cut(text)]


def _cut(value: Any, most: int = _LONGEST) -> Any:
    """Return a text that is not too long; numbers and None as they are, and anything else as a text."""
    if value is None or isinstance(value, (bool, int, float)):
        return _number(value)
    text = str(value)
    return text if len(text) <= most else f"{text[:most]}… ({len(text):,} characters)"


def _number(value: Any) -> Any:
    """Return a number that JavaScript has too; others, and what was edited to be none, as a text."""
    if isinstance(value, float):
        return journal.results.plain(value)
    if value is None or isinstance(value, bool) or (isinstance(value, int) and abs(value) <= _EXACT):
        return value
    return _cut(str(value)) if not isinstance(value, int) else _large(value)


def _large(value: int) -> str:
    return str(value) if value.bit_length() < _LONGEST else "a large integer"


def _plain(value: Any) -> Any:
    """Return a value as a table shows it: a list as on a command line."""
    if isinstance(value, list) and value and all(isinstance(item, (str, int, float)) for item in value):
        return " ".join(map(str, value))
    if isinstance(value, (list, dict)):
        return report.json.dumps(journal.results.plain(value), ensure_ascii=False)
    return value if isinstance(value, (bool, int, float, str)) or value is None else str(value)
