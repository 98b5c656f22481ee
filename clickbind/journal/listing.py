"""Find the records of the runs in a folder."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Any

from .. import journal
from ..fast import Paused
from .records import Record

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SWEEP", "Records", "is_sweep", "job_of", "jobs_in", "rank", "runs", "sweeps_in"]

SWEEP = "sweep.yml"
"""The file by which the folder of a sweep is known."""


class Records(list[Record]):
    """The records of runs, in a list.

    Examples
    --------
    >>> import clickbind
    >>> [record.status for record in clickbind.runs("runs/lr")]  # doctest: +SKIP
    ['done', 'failed']
    """

    __module__ = "clickbind"  # where users import it from

    def to_pandas(self) -> pd.DataFrame:
        """Return a data frame with a row for each run, and a column for each key and each result.

        The rows are called as the folders. The other columns are ``status``, ``started``, ``seconds`` and ``error``.

        Raises
        ------
        ImportError
            If pandas is not installed.
        """
        import pandas as pd  # noqa: PLC0415 - only whoever calls this needs it

        rows = [
            {
                "status": record.status,
                "started": record.started,
                "seconds": record.seconds,
                **record.values,  # noqa: PD011 - not those of pandas
                **{name: _number(value) for name, value in record.results.items()},
                "error": record.failure,
            }
            for record in self
        ]
        return pd.DataFrame(rows, index=[record.name for record in self])


def _number(result: Any) -> Any:
    number = journal.results.number_of(result)
    return result if isinstance(result, int) or number is None else number


def runs(folder: str | os.PathLike[str] = "runs") -> Records:
    """Return the records of the runs directly below a folder, or of the jobs of a sweep, or of one run.

    Each has the attributes of ``record.json``, and ``values``, the values of the run by key.

    Parameters
    ----------
    folder : path
        The folder.

    Returns
    -------
    list of Record
        The records, of a sweep also those of the jobs that wait. The list has a method ``to_pandas``, which returns a
        data frame with a row for each run, and a column for each key and each result.

    Raises
    ------
    FileNotFoundError
        If there is no such folder.

    Examples
    --------
    >>> import clickbind
    >>> best = min(clickbind.runs("runs/lr"), key=lambda run: run.results["evaluate.loss"])  # doctest: +SKIP
    >>> best["train.lr"]  # doctest: +SKIP
    0.01
    """
    path = os.fspath(folder)
    if journal.records.is_record(path):
        return Records([journal.records.read(path)])
    waits = is_sweep(path)
    with os.scandir(path) as entries:
        names = [entry.name for entry in entries if entry.is_dir()]
    found = Records()
    lines: journal.saved.Lines = {}
    with Paused():
        for name in sorted(names, key=rank if waits else str):
            record = journal.records.find(os.path.join(path, name), waits=waits and job_of(name) is not None)
            if record is not None:
                record.lines = lines
                found.append(record)
    return found


runs.__module__ = "clickbind"  # where users import it from


def is_sweep(folder: str) -> bool:
    """Return whether a folder is that of a sweep."""
    return os.path.isfile(os.path.join(folder, SWEEP))


def jobs_in(folder: str) -> list[str]:
    """List the folders in that of a sweep that are called like jobs, in the order of their numbers."""
    with os.scandir(folder) as found:
        return sorted((entry.name for entry in found if job_of(entry.name) is not None and entry.is_dir()), key=rank)


def sweeps_in(folder: str) -> list[str]:
    """List the sweeps directly below a folder."""
    with os.scandir(folder) as found:
        return sorted(entry.name for entry in found if entry.is_dir() and is_sweep(entry.path))


def job_of(name: str) -> int | None:
    """Return the number of a job, by the name of its folder."""
    found = re.match(r"[0-9]{1,9}(?=-|$)", name)
    return int(found[0]) if found else None


def rank(name: str) -> tuple[int, str]:
    """Return what the jobs of a sweep are sorted by: the number in front, then the rest."""
    return job_of(name) or 0, name
