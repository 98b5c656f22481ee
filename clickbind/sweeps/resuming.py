"""Choose the jobs of a sweep to run again."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Sequence

from .. import journal
from ..errors import UserError, suggest

__all__ = ["names_in", "select", "statuses"]


def names_in(folder: str) -> list[str]:
    """List the names of the folders of a sweep's jobs, in the order of their numbers."""
    names = journal.listing.jobs_in(folder)
    return [name for name in names if journal.records.is_job(os.path.join(folder, name))]


def select(folder: str, only: Sequence[str] = (), *, failed: bool = True, again: bool = False) -> list[str]:
    """Return the names of the jobs that `resume` runs.

    Parameters
    ----------
    folder : str
        The folder of the sweep.
    only : sequence of str
        The numbers or names of the only jobs to run, whatever their status.
    failed : bool
        Whether failed jobs run again. Those that were killed or are waiting always run.
    again : bool
        Whether jobs that are done run too.

    Raises
    ------
    UserError
        If there is no such job, or one of those to run is running.
    """
    names = names_in(folder)
    if only:
        chosen = [_named(text, names, folder) for text in only]
        running = [name for name in chosen if _status(folder, name) == "running"]
        if running:
            raise UserError(f"{os.path.join(folder, running[0])} is running.")
        return list(dict.fromkeys(chosen))
    wanted: Collection[str] = {"waiting", "killed", *(["failed"] if failed else []), *(["done"] if again else [])}
    return [name for name in names if _status(folder, name) in wanted]


def statuses(folder: str, names: Iterable[str]) -> Counter[str]:
    """Return how many of some jobs of a sweep have each status."""
    return Counter(_status(folder, name) for name in names)


def _status(folder: str, name: str) -> str:
    return journal.records.read(os.path.join(folder, name)).status


def _named(text: str, names: Sequence[str], folder: str) -> str:
    if text in names:
        return text
    number = journal.listing.job_of(text) if text.isdigit() else None
    found = [name for name in names if number and journal.listing.job_of(name) == number]
    if len(found) == 1:
        return found[0]
    raise UserError(f"{folder} has no job {text!r}.{suggest(text, names)}")
