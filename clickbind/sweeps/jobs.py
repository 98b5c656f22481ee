"""Make the jobs of a sweep: their saved runs, their names, and which of them are there already.

A job is known by its saved run, without the origins of its values and without its folder, and never by its number.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from .. import journal, layers, record, running, sweeps
from ..declare.registry import Registry
from ..errors import ClickbindError
from ..keys import Key
from ..layers import Values
from ..layers.plan import Plan, PlannedTurn
from ..nodes import Scalar
from .axes import Axis, Choice, Grid, Point

if TYPE_CHECKING:
    from ..layers.document import Document
    from ..record.entries import Entry

__all__ = ["Job", "Jobs", "Maker"]


class Job:
    """A saved run in a folder of its own.

    Attributes
    ----------
    name : str
        The name of its folder.
    text : str
        The saved run.
    is_new : bool
        Whether the folder does not exist yet.
    """

    __slots__ = ("is_new", "name", "text")

    def __init__(self, name: str, text: str, *, is_new: bool) -> None:
        self.name = name
        self.text = text
        self.is_new = is_new


class Maker:
    """Makes the saved run of each point of a grid, and checks it as a run is checked.

    Parameters
    ----------
    registry : Registry
        The functions.
    values : Values
        The values of the line.
    turns : sequence of PlannedTurn
        Its turns.
    left_out : collection of Key
        The parameters whose value is the folder of a job.
    """

    def __init__(
        self,
        registry: Registry,
        values: Values,
        turns: Sequence[PlannedTurn],
        left_out: Iterable[Key] = (),
    ) -> None:
        self._registry = registry
        self._values = values
        self._turns = turns
        self._left_out = dict.fromkeys(left_out, journal.place.LEFT_OUT)

    def texts(self, grid: Grid) -> Iterator[str]:
        """Walk the saved runs of the points of a grid, with the origins of their values.

        Raises
        ------
        click.UsageError
            If the values of one do not fit together, or would not come back the same.
        """
        base, parts = self._independent(grid) if len(grid) > 1 else ({}, None)
        for point in grid:
            if parts is None:
                yield record.entries.annotate(list(self._entries(_pairs(grid, point)).values()))
                continue
            found = dict(base)
            for choice in point:
                found.update(parts[id(choice)])
            yield record.entries.annotate(sorted(found.values(), key=lambda entry: (entry.key.owner, entry.key.text)))

    def _independent(self, grid: Grid) -> tuple[dict[str, Entry], dict[int, dict[str, Entry]] | None]:
        """Return the entries of the first point, and those that each value changes.

        The second is None if the values of two axes depend on one another.

        A grid of many points is a product, whose factors are written once. Where two axes change one entry (turns), or
        belong to one object, each point is written by itself.
        """
        first: list[Choice] = [axis.choices[0] for axis in grid.axes]
        base = self._entries(_pairs(grid, tuple(first)))
        if any(self._is_inside(key) for axis in grid.axes for key in axis.keys):
            return base, None
        parts: dict[int, dict[str, Entry]] = {}
        taken: set[str] = set()
        for number, axis in enumerate(grid.axes):
            changed: set[str] = set()
            for choice in axis.choices:
                found = self._entries(_pairs(grid, (*first[:number], choice, *first[number + 1 :])))
                own = {key: entry for key, entry in found.items() if not _same(entry, base.get(key))}
                if base.keys() != found.keys():
                    return base, None
                parts[id(choice)] = own
                changed |= own.keys()
            if changed & taken:
                return base, None
            taken |= changed
        return base, parts

    def _is_inside(self, key: Key) -> bool:
        """Return whether a parameter has fields, or is one."""
        found = self._registry.find(key.text)
        return found is None or found[2].group is not None or "." in found[2].name or bool(found[1].spec.groups)

    def today(self, path: str) -> str | None:
        """Return a saved run as this version of the program writes it; None if it cannot be read any more.

        Parameters that the program no longer has are left out, and new ones have their defaults.
        """

        def leave_out(document: Document, _: object) -> None:
            find = self._registry.find
            document.pairs = [pair for pair in document.pairs if isinstance(pair[0], Scalar) and find(pair[0].text)]

        try:
            plan = layers.plan.plan_of_files(self._registry, layers.Asked([path], prepare=leave_out), {})
            return record.entries.compose(list(self._written(plan).values()))
        except ClickbindError:
            return None

    def _entries(self, pairs: Iterable[tuple[Axis, Choice]]) -> dict[str, Entry]:
        plan = sweeps.axes.plan_of(self._values, self._turns, pairs)
        running.run.Run(self._registry, plan).check()
        return self._written(plan)

    def _written(self, plan: Plan) -> dict[str, Entry]:
        found = record.entries.entries(self._registry, plan, left_out=self._left_out)
        return {entry.key.text: entry for entry in found}


def _pairs(grid: Grid, point: Point) -> list[tuple[Axis, Choice]]:
    return list(zip(grid.axes, point, strict=True))


def _same(entry: Entry, other: Entry | None) -> bool:
    return other is not None and all(
        getattr(entry, name) == getattr(other, name) for name in ("text", "reason", "origin", "inner")
    )


class Jobs:
    """The jobs of a sweep.

    Parameters
    ----------
    folder : str
        The folder of the sweep.
    expected : int
        How many jobs it may get, for the width of their numbers.

    Attributes
    ----------
    found : dict of str to Job
        All jobs, by their saved runs without origins, in the order of their numbers.
    """

    def __init__(self, folder: str, expected: int = 0) -> None:
        self.folder = folder
        self._expected = expected
        self._is_read_again = False
        self.found: dict[str, Job] = {}
        self._last = 0
        self._lines: dict[str, str] = {}
        for name in _folders(folder):
            text = _text(os.path.join(folder, name, journal.records.RUN_FILE))
            if text is not None:
                self.found[self._bare(text)] = Job(name, text, is_new=False)
            self._last = max(self._last, journal.listing.job_of(name) or 0)

    def add(self, maker: Maker, grids: Sequence[Grid]) -> list[Job]:
        """Add the points of grids that are not jobs yet, and return the jobs of all points."""
        texts = [[(self._bare(text), text) for text in maker.texts(grid)] for grid in grids]
        if not self._is_read_again and any(bare not in self.found for some in texts for bare, _ in some):
            self._is_read_again = True
            self._read_again(maker)
        count = len({bare for some in texts for bare, _ in some if bare not in self.found})
        width = max(2, len(str(max(self._last + count, self._expected))))
        names = list(dict.fromkeys(name for grid in grids for name in grid.names))
        endings = dict(zip(names, sweeps.names.endings(names), strict=True))
        chosen: dict[str, Job] = {}
        for grid, some in zip(grids, texts, strict=True):
            for (bare, text), point in zip(some, grid, strict=True):
                job = self.found.get(bare)
                if job is None:
                    self._last += 1
                    labels = [(endings[axis.name], choice.label) for axis, choice in _pairs(grid, point)]
                    job = Job(sweeps.names.folder_name(self._last, width, labels), text, is_new=True)
                    self.found[bare] = job
                chosen[job.name] = job
        return list(chosen.values())

    def _bare(self, text: str) -> str:
        return journal.saved.bare(text, self._lines)

    def _read_again(self, maker: Maker) -> None:
        """Find jobs whose saved run was written by another version of the program, by what it means today."""
        for job in list(self.found.values()):
            today = maker.today(os.path.join(self.folder, job.name, journal.records.RUN_FILE))
            if today is not None:
                self.found.setdefault(self._bare(today), job)

    def write(self) -> None:
        """Write the saved run of each new job into its folder.

        Raises
        ------
        SaveError
            If one cannot be written.
        """
        for job in self.found.values():
            if job.is_new:
                self.save(job)

    def save(self, job: Job) -> None:
        """Write the saved run of one job.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        record.atomic.save(job.text, os.path.join(self.folder, job.name, journal.records.RUN_FILE))


def _folders(folder: str) -> list[str]:
    """List the folders of a sweep's jobs, if there is one. If it cannot be read, they must not run again."""
    with contextlib.suppress(FileNotFoundError):
        return journal.listing.jobs_in(folder)
    return []


def _text(path: str) -> str | None:
    """Read a saved run; None if there is none, or it is no text."""
    with contextlib.suppress(FileNotFoundError, ValueError), open(path, encoding="utf-8") as file:
        return file.read()
    return None
