"""Search for the best result: ask for points while their jobs run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import click

from .. import journal, output, sweeps
from ..errors import UserError, suggest
from .axes import Axis, Point
from .history import FILE, Goal, Log, header_of
from .jobs import Jobs, Maker
from .space import grid_of

if TYPE_CHECKING:
    from ..journal.records import Record
    from .study import Study

__all__ = ["Search"]


class Trial:
    """A point that was asked for.

    Attributes
    ----------
    point : Point
        The point.
    job : str or None
        The name of its job; None if its values do not fit together.
    told : bool
        Whether its result was told.
    value : float or None
        The result that was told; None if the job has failed.
    """

    __slots__ = ("job", "point", "told", "value")

    def __init__(self, point: Point, job: str | None) -> None:
        self.point = point
        self.job = job
        self.told = False
        self.value: float | None = None


class Search:
    """The jobs of a search, as a driver takes them.

    Parameters
    ----------
    jobs : Jobs
        The jobs of the folder.
    maker : Maker
        Makes their saved runs.
    axes : sequence of Axis
        The axes.
    goal : Goal
        What it is for.
    seed : int
        The seed.
    count : int
        The number of points.

    Attributes
    ----------
    count
        As given.

    Raises
    ------
    UserError
        If the folder has another search, or the values of the first point do not fit together.
    """

    def __init__(self, jobs: Jobs, maker: Maker, axes: Sequence[Axis], goal: Goal, *, seed: int, count: int) -> None:
        self._jobs = jobs
        self._maker = maker
        self._axes = axes
        self._goal = goal
        self.count = count
        self._header = {goal.verb: goal.result, "seed": seed, "axes": header_of(axes)}
        self._log = Log(jobs.folder)
        self._check_header()
        self._study: Study = sweeps.study.Study(axes, seed, maximize=goal.maximize)
        self._trials: list[Trial] = []
        self._replay()
        self._pending: list[str] = []
        self._active: set[str] = set()
        self._taken = 0
        self._is_stopped = False
        self._next: Point | None = None
        if self._trials:
            self._check_values()
        else:
            self._check_result()
            self._next = self._study.ask()
            list(maker.texts(grid_of(axes, self._next)))

    @property
    def before(self) -> int:
        """How many of its points ran before this call."""
        return min(self.count, len(self._trials) - len(self._pending))

    @property
    def total(self) -> int:
        """How many jobs it has had, and still has."""
        return self._taken + len(self._pending) + max(0, self.count - len(self._trials))

    def _check_header(self) -> None:
        """Refuse a folder with another search.

        Raises
        ------
        UserError
            If there is one.
        """
        before = self._log.header
        if before is None:
            return
        for name in ("minimize", "maximize", "seed", "axes"):
            if before.get(name) != self._header.get(name):
                what = {"axes": "ranges or values"}.get(name, f"--{name}")
                raise UserError(
                    f"{self._jobs.folder}: the folder has a search with other {what}: go on with the line of that, or "
                    "give another folder by '--into'."
                )

    def _check_result(self) -> None:
        """Refuse a result that no job of the folder has had, if some have others.

        Raises
        ------
        UserError
            If that is so.
        """
        done = [one for one in _records(self._jobs) if one.status == "done"]
        known = list(dict.fromkeys(name for one in done for name in one.results))
        if done and self._goal.result not in known:
            names = f"there are {', '.join(known)}" if known else "they return no numbers"
            raise UserError(
                f"--{self._goal.verb}: no job in {self._jobs.folder} has a result {self._goal.result!r}; "
                f"{names}.{suggest(self._goal.result, known)}"
            )

    def _replay(self) -> None:
        """Ask and tell again what was asked and told."""
        try:
            for event in self._log.events:
                if "ask" in event:
                    point = self._study.ask(event["values"])
                    self._trials.append(Trial(point, event["job"]))
                else:
                    self._note(event["tell"], event["value"])
        except (KeyError, IndexError, TypeError, ValueError):
            path = os.path.join(self._jobs.folder, FILE)
            raise UserError(f"{path}: the search cannot be read. Give another folder by '--into'.") from None

    def _check_values(self) -> None:
        """Refuse to go on with other values than those of the jobs that are there.

        Raises
        ------
        UserError
            If a value differs; the message has the first one.
        """
        known = {job.name for job in self._jobs.found.values()}
        first = next((trial for trial in self._trials if trial.job in known), None)
        if first is None:
            return
        (job,) = self._jobs.add(self._maker, [grid_of(self._axes, first.point)])
        if job.name != first.job:
            path = os.path.join(self._jobs.folder, str(first.job), journal.records.RUN_FILE)
            with open(path, encoding="utf-8") as file:
                before, now = (journal.saved.split(text) for text in (file.read(), job.text))
            key = next((key for key in {**before, **now} if _text(before, key) != _text(now, key)), "something")
            raise UserError(
                f"{self._jobs.folder}: the search ran with {key} {_text(before, key)}, and this line has "
                f"{_text(now, key)}: give another folder by '--into'."
            )

    def begin(self, names: Iterable[str] = ()) -> None:
        """Write what is searched, and find the jobs to run first: those that were asked for and have no end.

        Parameters
        ----------
        names : iterable of str
            Other jobs to run first.
        """
        self._log.check()
        if self._log.header is None:
            self._log.add(self._header)
        pending = dict.fromkeys(names)
        for number, trial in enumerate(self._trials):
            found = self._record(trial)
            value = None if found is None else self._goal.value_of(found)
            if trial.told:
                if value is not None and value != trial.value:  # it was resumed
                    self._tell(number, value)
            elif trial.job is None or (found is not None and found.status in {"done", "failed"}):
                self._tell(number, value)
            else:
                if found is None:  # its folder was removed
                    self._restore(trial)
                pending[str(trial.job)] = None
        self._pending = list(pending)[::-1]

    def _record(self, trial: Trial) -> Record | None:
        """Return the record of a job; None if its folder is gone."""
        folder = os.path.join(self._jobs.folder, str(trial.job))
        return None if trial.job is None else journal.records.find(folder, waits=True)

    def _restore(self, trial: Trial) -> None:
        """Make the folder of a job again."""
        (text,) = self._maker.texts(grid_of(self._axes, trial.point))
        job = self._jobs.found.setdefault(text, sweeps.jobs.Job(str(trial.job), text, is_new=False))
        self._jobs.save(job)

    def take(self) -> str | None:
        """Return the next job: one that was not run to its end, or a new one."""
        if self._is_stopped:
            return None
        name = self._pending.pop() if self._pending else None
        while name is None and len(self._trials) < self.count:
            name = self._ask()
        if name is not None:
            self._active.add(name)
            self._taken += 1
        return name

    def _ask(self) -> str | None:
        """Ask for a point, and return its job; None if there is nothing to run."""
        point, self._next = self._next or self._study.ask(), None
        number = len(self._trials)
        try:
            (job,) = self._jobs.add(self._maker, [grid_of(self._axes, point)])
        except click.ClickException as error:
            output.warn(f"point {number + 1} counts as failed: {error.format_message()}")
            self._add(Trial(point, None))
            self._tell(number, None)
            return None
        if job.is_new:
            self._jobs.save(job)
            job.is_new = False
        trial = Trial(point, job.name)
        self._add(trial)
        if job.name in self._active:  # it is told when the job has ended
            return None
        found = self._record(trial)
        assert found is not None  # it is written
        if found.status in {"done", "failed"}:
            self._tell(number, self._goal.value_of(found))
            return None
        return job.name

    def _add(self, trial: Trial) -> None:
        labels = [choice.label for choice in trial.point]
        self._log.add({"ask": len(self._trials), "job": trial.job, "values": labels})
        self._trials.append(trial)

    def _tell(self, number: int, value: float | None) -> None:
        self._log.add({"tell": number, "value": value})
        self._note(number, value)

    def _note(self, number: int, value: float | None) -> None:
        trial = self._trials[number]
        trial.told, trial.value = True, value
        self._study.tell(number, trial.point, value)

    def ended(self, name: str, found: Record) -> None:
        """Tell the result of a job that has ended. One that an interrupt has killed is run again another time."""
        self._active.discard(name)
        if self._is_stopped and found.status == "killed":
            return
        value = self._goal.value_of(found)
        if value is None and found.status == "done":
            output.warn(f"{name} counts as failed: {self._lacks(found)}")
        for number, trial in enumerate(self._trials):
            if trial.job == name and (not trial.told or (value is not None and value != trial.value)):
                self._tell(number, value)

    def _lacks(self, found: Record) -> str:
        result = self._goal.result
        if result in found.results:
            return f"its result {result} is {found.results[result]}."
        names = ", ".join(found.results) or "none"
        return f"it has no result {result!r}; its results are {names}.{suggest(result, found.results)}"

    def stop(self) -> None:
        """Ask for no more points."""
        self._is_stopped = True


def _records(jobs: Jobs) -> list[Record]:
    return [journal.records.read(os.path.join(jobs.folder, job.name)) for job in jobs.found.values() if not job.is_new]


def _text(found: dict[str, journal.saved.Saved], key: str) -> str:
    return found[key].text.strip() if key in found else "unset"
