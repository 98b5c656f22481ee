"""Keep the history of a search: what is searched, which points were asked for, and what was told of them.

``search.jsonl`` in the folder of the sweep has a JSON object in each line: first what is searched, then the points and
results in the order in which they came. Only the process that has claimed the folder writes it.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from .. import journal, sweeps
from ..errors import SaveError, UserError
from .axes import Axis

if TYPE_CHECKING:
    from ..journal.records import Record

__all__ = ["FILE", "Goal", "Log", "best_of", "goal_of", "header_of", "known"]

FILE = "search.jsonl"


class Goal(NamedTuple):
    """What a search is for.

    Attributes
    ----------
    result : str
        The name of a result: ``evaluate.loss``.
    maximize : bool
        Whether more is better.
    """

    result: str
    maximize: bool

    @property
    def verb(self) -> str:
        """What it does with the result, as its option is called."""
        return "maximize" if self.maximize else "minimize"

    def value_of(self, found: Record) -> float | None:
        """Return the result of a job; None unless it is done, and the result is a finite number."""
        value = found.results.get(self.result) if found.status == "done" else None
        is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
        return float(value) if is_number and math.isfinite(value) else None  # type: ignore[arg-type]  # see above

    def best(self, records: Iterable[Record]) -> Record | None:
        """Return the record with the best result, the first one of several; None if none has one."""
        found = [(value, record) for record in records for value in (self.value_of(record),) if value is not None]
        if not found:
            return None
        best = (max if self.maximize else min)(value for value, _ in found)
        return next(record for value, record in found if value == best)


class Log:
    """The file of a search.

    Parameters
    ----------
    folder : str
        The folder of the sweep.

    Attributes
    ----------
    header : dict or None
        What is searched; None if there is no search.
    events : list of dict
        What was asked and told, in this order.

    Raises
    ------
    UserError
        If a line cannot be read. The last one may be cut off, and is left out: its process was killed.
    """

    def __init__(self, folder: str) -> None:
        self._path = os.path.join(folder, FILE)
        self._size = 0
        found: list[dict[str, Any]] = []
        lines = self._lines()
        self._seen = sum(map(len, lines))
        for number, line in enumerate(lines, 1):
            try:
                event = sweeps.json.loads(line)
            except ValueError:
                event = None
            if not isinstance(event, dict):
                if not line.endswith(b"\n"):
                    break
                raise UserError(f"{self._path}:{number}: this line cannot be read. Give another folder by '--into'.")
            self._size += len(line)
            found.append(event)
        self.header = found[0] if found else None
        self.events = found[1:]

    def _lines(self) -> list[bytes]:
        with contextlib.suppress(OSError), open(self._path, "rb") as file:
            return file.readlines()
        return []

    def check(self) -> None:
        """Check that nobody has written to the file since it was read.

        Raises
        ------
        UserError
            If somebody has.
        """
        if sum(map(len, self._lines())) != self._seen:
            raise UserError(f"{self._path}: another process went on with this search meanwhile: try again.")

    def add(self, event: dict[str, Any]) -> None:
        """Add a line, after what was read or added before.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        data = sweeps.json.dumps(event, ensure_ascii=False, allow_nan=False).encode() + b"\n"
        try:
            with open(self._path, "r+b" if self._size else "wb") as file:
                file.truncate(self._size)
                file.seek(self._size)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise SaveError(f"{self._path}: the search cannot be written: {error.strerror or error}.") from None
        self._size += len(data)


def header_of(axes: Sequence[Axis]) -> list[dict[str, Any]]:
    """Return axes as plain data."""
    found: list[dict[str, Any]] = []
    for axis in axes:
        one: dict[str, Any] = {"key": axis.name, "turn": axis.turn}
        if axis.span is None:
            one["choices"] = [choice.label for choice in axis.choices]
        else:
            one.update({"from": axis.span.range.low, "to": axis.span.range.high, "log": axis.span.range.log})
        found.append(one)
    return found


def known(folder: str, name: str) -> int | None:
    """Return a number of the latest search in a folder, ``seed`` or ``trials``; None without one.

    Raises
    ------
    UserError
        If its history cannot be read.
    """
    calls = [*sweeps.sheet.read(folder), Log(folder).header or {}]
    found = [call.get(name) for call in calls]
    return next((number for number in reversed(found) if isinstance(number, int)), None)


def goal_of(header: dict[str, Any]) -> Goal | None:
    """Return what a search is for, by the first line of its file."""
    verb = next((verb for verb in ("minimize", "maximize") if isinstance(header.get(verb), str)), None)
    return None if verb is None else Goal(header[verb], verb == "maximize")


def best_of(folder: str, records: Iterable[Record] | None = None) -> str | None:
    """Return a line on the best result of the search in a folder; None if there is no search.

    Parameters
    ----------
    folder : str
        The folder of the sweep.
    records : iterable of Record, optional
        The records of its jobs, if they were read.
    """
    try:
        header = Log(folder).header or {}
    except UserError:
        return None
    goal = goal_of(header)
    if goal is None:
        return None
    best = goal.best(journal.listing.runs(folder) if records is None else records)
    if best is None:
        return f"best: none, since no job has a result {goal.result}"
    return f"best: {best.name}  {goal.result}={sweeps.driver.short(goal.value_of(best))}"
