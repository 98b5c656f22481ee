"""Log runs to MLflow: values as parameters, results as metrics, the saved run and the log as artifacts.

Each run of the program is a run of MLflow, and those of a sweep are nested under one. All calls name the run, so that
nothing depends on which run MLflow thinks is active; stages that log something themselves get the same run by the
variable by which MLflow gives it to child processes.
"""

from __future__ import annotations

import contextlib
import json
import os
import re
import sys
import time
from collections.abc import Iterator
from typing import Any

import mlflow
from mlflow.entities import Metric, Param

from .. import journal
from ..journal.records import Record
from ..layers.plan import PlannedTurn
from .base import Observer, RunPlan

__all__ = ["MLflow"]

FILE = ".mlflow"
"""The file with the id of MLflow's run: in the folder of a run, and in that of a sweep."""

_RUN_ID = "MLFLOW_RUN_ID"
_BATCH = 100  # parameters that MLflow takes at once
_LONGEST = 6_000  # characters of a parameter
_LONGEST_TAG = 5_000
_LONGEST_NAME = 250
_LARGEST_LOG = 10_000_000  # bytes
_PATIENCE = 60.0  # seconds to wait for another job
_PAUSE = 0.1
_STATUS = {"done": "FINISHED", "failed": "FAILED", "killed": "KILLED"}


class MLflow(Observer):
    """Follow a run in MLflow, whose own variables say where: ``MLFLOW_TRACKING_URI``, ``MLFLOW_EXPERIMENT_NAME``."""

    def __init__(self) -> None:
        self._client: Any = None
        self._id = self._parent = ""

    def run_begins(self, plan: RunPlan) -> None:
        """Make MLflow's run, with the values and the saved run."""
        self._plan, record = plan, plan.record
        folder = journal.place.home_of(record.folder) if record.folder else ""
        sweep = os.path.dirname(folder)
        if sweep and journal.listing.is_sweep(sweep):
            with _first(sweep):
                self._client = mlflow.MlflowClient()
                experiment = self._experiment(record)
                self._parent = self._parent_of(sweep, experiment, record)
        else:
            self._client = mlflow.MlflowClient()
            experiment = self._experiment(record)
        name = os.path.basename(folder) or " ".join(turn.stage for turn in plan.turns)
        self._id = self._made(experiment, name, _tags(record, folder, self._parent))
        params = [Param(key, value) for key, value in _params(record).items()]
        for start in range(0, len(params), _BATCH):
            self._client.log_batch(self._id, params=params[start : start + _BATCH])
        self._client.log_text(self._id, plan.text, journal.records.RUN_FILE)

    def _made(self, experiment: str, name: str, tags: dict[str, str]) -> str:
        run = self._client.create_run(experiment, tags=tags, run_name=name[:_LONGEST_NAME])
        return str(run.info.run_id)

    def _experiment(self, record: Record) -> str:
        """Return the experiment: that of MLflow's variables, or one with the name of the program."""
        given = os.environ.get("MLFLOW_EXPERIMENT_ID")
        if given:
            return given
        program = os.path.splitext(os.path.basename(record.program or ""))[0]
        name = os.environ.get("MLFLOW_EXPERIMENT_NAME") or program or "clickbind"
        found = self._client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        try:
            return str(self._client.create_experiment(name))
        except mlflow.MlflowException:
            found = self._client.get_experiment_by_name(name)  # another job has made it just now
            if found is None:
                raise
            return str(found.experiment_id)

    def _parent_of(self, sweep: str, experiment: str, record: Record) -> str:
        """Return MLflow's run of a sweep: the one that its first job has made, if that is in this store."""
        path = os.path.join(sweep, FILE)
        found = self._known(path)
        if found is not None:
            return str(found.info.run_id)
        made = self._made(experiment, os.path.basename(sweep), _tags(record, sweep, ""))
        self._client.set_terminated(made, "FINISHED")  # its jobs have a status; of a killed sweep, nobody would end it
        if _keep(path, made):
            return made
        found = self._known(path)
        if found is None:  # that of another store
            _replace(path, made)
            return made
        self._client.delete_run(made)  # another job was faster
        return str(found.info.run_id)

    def _known(self, path: str) -> Any:
        """Return the run whose id is in a file; None if there is none in this store."""
        with contextlib.suppress(OSError, ValueError, mlflow.MlflowException), open(path, encoding="utf-8") as file:
            return self._client.get_run(file.read().strip())
        return None

    def run_entered(self) -> None:
        """Keep the id beside the record. What was killed there before does not run any more."""
        folder = self._plan.record.folder
        if folder:
            path = os.path.join(folder, FILE)
            before = self._known(path)
            if before is not None and before.info.status == "RUNNING":
                self._client.set_terminated(before.info.run_id, "KILLED")
            _replace(path, self._id)

    def turn_begins(self, turn: PlannedTurn) -> None:
        """Let a stage that logs something itself find the run."""
        if mlflow.active_run() is None:
            os.environ[_RUN_ID] = self._id

    def turn_ends(self, turn: PlannedTurn, result: Any, error: BaseException | None, seconds: float) -> None:
        """Log the results of a turn as metrics; the step is the number of the turn."""
        record = self._plan.record
        own = {
            name: number
            for name, value in record.results.items()
            if (name == turn.stage or name.startswith(f"{turn.stage}."))
            and (number := journal.results.number_of(value)) is not None
        }
        if error is None and own:
            now, step = int(time.time() * 1_000), len(record.turns) - 1
            metrics = [Metric(_name(name), number, now, step) for name, number in own.items()]
            self._client.log_batch(self._id, metrics=metrics)

    def run_ends(self, error: BaseException | None) -> None:
        """Log how the run ended, and what it has printed."""
        record = self._plan.record
        active = mlflow.active_run()
        if active is not None and active.info.run_id == self._id:
            mlflow.end_run()
        if os.environ.get(_RUN_ID) == self._id:
            del os.environ[_RUN_ID]
        # The status comes first: of a server that is gone, each call may wait for minutes before it fails.
        self._client.set_terminated(self._id, _STATUS.get(record.status, "FAILED"))
        if self._parent:
            self._client.set_terminated(self._parent, "FINISHED")
        if record.failure:
            self._client.set_tag(self._id, "clickbind.error", record.failure[:_LONGEST_TAG])
        log = _log_of(record)
        if log:
            self._client.log_text(self._id, self._plan.hide(log), journal.records.LOG)


@contextlib.contextmanager
def _first(sweep: str) -> Iterator[None]:
    """Let the first job of a sweep go ahead: it may have to make the tables of a database, which no two can do.

    The others wait until it has made the run of the sweep, but not for ever: its server may not answer.
    """
    path = os.path.join(sweep, FILE)
    end = time.monotonic() + _PATIENCE
    with contextlib.ExitStack() as stack:
        while not os.path.exists(path) and time.monotonic() < end:
            try:
                stack.enter_context(_locked(f"{path}-lock"))
                break
            except BlockingIOError:
                time.sleep(_PAUSE)
        yield


@contextlib.contextmanager
def _locked(path: str) -> Iterator[None]:
    """Hold the lock of a file, where there are locks.

    Raises
    ------
    BlockingIOError
        If another process holds it.
    """
    try:
        import fcntl  # noqa: PLC0415 - Windows does not have it
    except ImportError:
        yield
        return
    with open(path, "w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield


def _tags(record: Record, folder: str, parent: str) -> dict[str, str]:
    found = {
        "mlflow.source.name": record.program,
        "mlflow.source.git.commit": record.commit,
        "mlflow.parentRunId": parent,
        "clickbind.line": record.line,
        "clickbind.folder": folder,
        "clickbind.dirty": None if record.dirty is None else str(record.dirty).lower(),
    }
    return {name: str(value)[:_LONGEST_TAG] for name, value in found.items() if value}


def _params(record: Record) -> dict[str, str]:
    """Return the values of a run as MLflow's parameters: names that it allows, each once, and texts."""
    found: dict[str, str] = {}
    for key, value in record.values.items():
        name, number = _name(key), 1
        while name in found:
            number += 1
            name = f"{_name(key)}_{number}"
        text = value if isinstance(value, str) else json.dumps(journal.results.plain(value), ensure_ascii=False)
        found[name] = text[:_LONGEST]
    return found


def _name(text: str) -> str:
    """Return a name that MLflow allows: it is also a relative path there, without dots as folders."""
    name = re.sub(r"[^\w/ .:-]", "_", text, flags=re.ASCII)[:_LONGEST_NAME]
    return "/".join("_" if part in {"", ".", ".."} else part for part in name.split("/"))


def _log_of(record: Record) -> str:
    """Return the end of the log of a run that is recorded."""
    for stream in (sys.stdout, sys.stderr):
        with contextlib.suppress(AttributeError, OSError, ValueError):
            stream.flush()
    with contextlib.suppress(OSError), open(os.path.join(record.folder, journal.records.LOG), "rb") as file:
        size = file.seek(0, os.SEEK_END)
        file.seek(max(size - _LARGEST_LOG, 0))
        return file.read().decode("utf-8", "backslashreplace")
    return ""


def _keep(path: str, text: str) -> bool:
    """Write a file that nobody else has written; return whether this process was the first."""
    try:
        with open(path, "x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        return False
    return True


def _replace(path: str, text: str) -> None:
    temporary = f"{path}-{os.getpid()}"
    with open(temporary, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(temporary, path)
