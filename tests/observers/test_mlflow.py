"""Runs are logged to a real MLflow, whose store is a database file."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")
    mlflow = pytest.importorskip("mlflow")
    pytest.importorskip("alembic", reason="MLflow makes the tables of a database with alembic")
    from clickbind.observers import mlflow as own

from clickbind.journal import code
from clickbind.journal.records import Record
from tests.journal.kit import Fit

pytestmark = pytest.mark.filterwarnings("ignore")


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> str:
    return f"sqlite:///{tmp_path_factory.mktemp('mlflow') / 'mlflow.db'}"


@pytest.fixture(autouse=True)
def store(database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Work in a new folder, with an experiment of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MLFLOW_DISABLE_TELEMETRY", "true")
    monkeypatch.setenv("MLFLOW_TRACKING_URI", database)
    monkeypatch.setenv("MLFLOW_EXPERIMENT_NAME", tmp_path.name)
    monkeypatch.delenv("MLFLOW_EXPERIMENT_ID", raising=False)
    monkeypatch.setattr(code, "code_of", lambda _: code.Code("5edc", "+x\n"))
    yield
    while mlflow.active_run() is not None:
        mlflow.end_run()


def runs(name: str | None = None) -> list[Any]:
    """Return the runs of an experiment, the oldest first."""
    client = mlflow.MlflowClient()
    experiment = client.get_experiment_by_name(name or os.environ["MLFLOW_EXPERIMENT_NAME"])
    found: list[Any] = list(client.search_runs([experiment.experiment_id], order_by=["attributes.start_time ASC"]))
    return found


def artifact(run: Any, name: str) -> str:
    client = mlflow.MlflowClient()
    with open(client.download_artifacts(run.info.run_id, name), encoding="utf-8") as file:
        return file.read()


def artifacts(run: Any) -> list[str]:
    return sorted(one.path for one in mlflow.MlflowClient().list_artifacts(run.info.run_id))


def fit_program(**settings: Any) -> Fit:
    return Fit(observers=["mlflow"], **settings)


def test_a_run_is_logged() -> None:
    fit = fit_program()
    fit.returns = {"loss": 0.5, "worst": float("nan"), "names": ["a"]}
    result = fit("--train.token hunter22 run train --epochs 3 evaluate")
    assert result.exit_code == 0, result.output
    (run,) = runs()
    assert (run.info.run_name, run.info.status) == ("train evaluate", "FINISHED")
    assert run.data.params == {
        "dataset.size": "10",
        "evaluate.folder": "test",
        "output.folder": ".",
        "run.stages": '["train", "evaluate"]',
        "train.epochs": "3",
    }
    assert run.data.metrics["train.loss"] == 0.5
    assert run.data.metrics["train.worst"] != run.data.metrics["train.worst"]
    assert run.data.metrics["evaluate"] == 2
    tags = {name: run.data.tags[name] for name in run.data.tags if name not in {"mlflow.runName", "mlflow.user"}}
    assert tags == {
        "mlflow.source.name": "fit",
        "mlflow.source.git.commit": "5edc",
        "clickbind.line": "fit --train.token '***' run train --epochs 3 evaluate",
        "clickbind.dirty": "true",
    }
    assert artifacts(run) == ["run.yml"]
    assert "train.epochs: 3  # --epochs" in artifact(run, "run.yml")
    assert "MLFLOW_RUN_ID" not in os.environ


def test_a_run_that_fails_is_logged_with_its_error() -> None:
    fit = fit_program()
    fit.fails(ValueError("refused hunter22"))
    fit("--train.token hunter22 --into runs/a run train evaluate")
    (run,) = runs()
    assert (run.info.run_name, run.info.status) == ("a", "FAILED")
    assert run.data.tags["clickbind.error"] == "evaluate: ValueError: refused ***"
    assert run.data.tags["clickbind.folder"] == os.path.abspath("runs/a")
    assert Path("runs/a/.mlflow").read_text(encoding="utf-8") == run.info.run_id
    assert not Path("runs/a.record").exists()


def test_a_run_that_is_interrupted_is_killed() -> None:
    fit = fit_program()
    fit.fails(KeyboardInterrupt())
    fit("--into runs/a run evaluate")
    assert [run.info.status for run in runs()] == ["KILLED"]


def test_a_run_that_was_killed_before_does_not_run_any_more() -> None:
    fit = fit_program(insists=False)
    fit.fails()
    fit("--into runs/a run train evaluate")
    (first,) = runs()
    mlflow.MlflowClient().update_run(first.info.run_id, status="RUNNING")  # as if it had been killed
    fit.within = lambda: 3
    assert fit("resume runs/a").exit_code == 0
    assert [run.info.status for run in runs()] == ["KILLED", "FINISHED"]
    assert runs()[1].data.metrics == {"evaluate": 3}
    fit("resume runs/a --from evaluate")
    assert [run.info.status for run in runs()] == ["KILLED", "FINISHED", "FINISHED"]


def test_a_stage_that_turns_up_twice_has_a_metric_with_steps() -> None:
    fit = fit_program()
    losses = iter((3.0, 2.0))
    fit.within = lambda: next(losses)
    fit("run evaluate train evaluate")
    (run,) = runs()
    history = mlflow.MlflowClient().get_metric_history(run.info.run_id, "evaluate")
    assert [(metric.step, metric.value) for metric in history] == [(0, 3.0), (2, 2.0)]


def test_what_a_stage_logs_itself_goes_to_the_same_run() -> None:
    fit = fit_program()

    def log() -> None:
        mlflow.log_metric("live", 7)

    fit.within = log
    assert fit("run evaluate train evaluate").exit_code == 0
    (run,) = runs()
    assert (run.data.metrics["live"], run.info.status) == (7, "FINISHED")
    assert mlflow.active_run() is None

    def start() -> None:
        with mlflow.start_run():
            mlflow.log_metric("live", 8)

    fit.within = start
    assert fit("run evaluate evaluate").exit_code == 0
    assert [run.data.metrics["live"] for run in runs()] == [7, 8]


def test_the_run_of_a_program_around_it_stays_active() -> None:
    with mlflow.start_run(run_name="outer") as outer:
        fit_program()("train")
        assert mlflow.active_run().info.run_id == outer.info.run_id
    assert [run.info.run_name for run in runs()] == ["outer", "train"]


def test_the_jobs_of_a_sweep_are_nested_under_one_run() -> None:
    os.makedirs("lr")
    Path("lr/sweep.yml").touch()
    fit = fit_program()
    fit("--into lr/1-a train --epochs 1")
    fit("--into lr/2-b train --epochs 2")
    parent, *jobs = runs()
    assert (parent.info.run_name, parent.info.status) == ("lr", "FINISHED")
    assert [job.data.tags["mlflow.parentRunId"] for job in jobs] == [parent.info.run_id] * 2
    assert [job.info.run_name for job in jobs] == ["1-a", "2-b"]
    Path("lr/.mlflow").write_text("run of another store", encoding="utf-8")
    fit("--into lr/3-c train")
    again, job = runs()[-2:]
    assert (again.info.run_name, job.data.tags["mlflow.parentRunId"]) == ("lr", again.info.run_id)
    assert Path("lr/.mlflow").read_text(encoding="utf-8") == again.info.run_id


def test_a_job_that_is_slower_takes_the_run_of_the_faster_one(monkeypatch: pytest.MonkeyPatch) -> None:
    os.makedirs("lr")
    Path("lr/sweep.yml").touch()
    fit = fit_program()
    fit("--into lr/1-a train")
    parent, _ = runs()
    real = own.MLflow._known
    looked: list[str] = []

    def slow(self: Any, path: str) -> Any:
        looked.append(path)
        return None if len(looked) == 1 else real(self, path)

    monkeypatch.setattr(own.MLflow, "_known", slow)
    fit("--into lr/2-b train")
    assert runs()[-1].data.tags["mlflow.parentRunId"] == parent.info.run_id
    assert [run.info.run_name for run in runs()] == ["lr", "1-a", "2-b"]


def test_the_first_job_goes_ahead(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")
    lock = tmp_path / ".mlflow-lock"
    with lock.open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        monkeypatch.setattr(own, "_PATIENCE", 0.2)
        monkeypatch.setattr(own, "_PAUSE", 0.01)
        with own._first(str(tmp_path)):
            pass  # its patience has ended
        monkeypatch.setattr(own, "_PATIENCE", 600)
        monkeypatch.setattr("clickbind.observers.mlflow.time.sleep", lambda _: (tmp_path / ".mlflow").touch())
        with own._first(str(tmp_path)):
            pass  # the other job is done


def test_without_locks_nobody_waits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    with own._first(str(tmp_path)):
        assert os.listdir(tmp_path) == []


def test_the_end_of_the_log_is_an_artifact_without_secrets(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own, "_LARGEST_LOG", 30)
    fit = fit_program()
    fit.within = lambda: Path("log.txt").write_text("x" * 100 + "\nwith hunter22\n", encoding="utf-8")
    fit("--train.token hunter22 --into runs/a run train evaluate")
    (run,) = runs()
    assert artifacts(run) == ["log.txt", "run.yml"]
    assert artifact(run, "log.txt") == "x" * 15 + "\nwith ***\n"


def test_the_experiment_is_that_of_the_variables_or_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fit_program()
    fit("train")
    (run,) = runs()
    monkeypatch.delenv("MLFLOW_EXPERIMENT_NAME")
    monkeypatch.setenv("MLFLOW_EXPERIMENT_ID", run.info.experiment_id)
    fit("train")
    monkeypatch.delenv("MLFLOW_EXPERIMENT_ID")
    fit("train")
    assert len(runs("fit")) == 1
    client = mlflow.MlflowClient()
    assert len(client.search_runs([run.info.experiment_id])) == 2


def test_an_experiment_that_another_job_makes_at_the_same_time_is_taken() -> None:
    fit_program()("train")
    observer = own.MLflow()
    observer._client = _Late(mlflow.MlflowClient())
    assert observer._experiment(Record("", {"program": "fit"})) == runs()[0].info.experiment_id
    observer._client = _Late(mlflow.MlflowClient(), finds=False)
    with pytest.raises(mlflow.MlflowException):
        observer._experiment(Record("", {"program": "fit"}))


class _Late:
    """A client that does not see the experiment at first."""

    def __init__(self, client: Any, *, finds: bool = True) -> None:
        self._client = client
        self._finds = finds
        self.create_experiment = client.create_experiment
        self._asked = 0

    def get_experiment_by_name(self, name: str) -> Any:
        self._asked += 1
        return self._client.get_experiment_by_name(name) if self._asked > 1 and self._finds else None


def test_an_mlflow_that_fails_in_the_middle_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    fit = fit_program()

    def fail(*_: Any, **__: Any) -> None:
        raise mlflow.MlflowException("the server is gone")

    fit.within = lambda: monkeypatch.setattr(mlflow.MlflowClient, "log_batch", fail) or 2
    result = fit("run train evaluate evaluate")
    assert result.exit_code == 0
    warned = [line for line in result.stderr.splitlines() if line.startswith("Warning: the observer")]
    assert warned == [
        "Warning: the observer 'mlflow' does not follow this run any more: MlflowException: the server is gone"
    ]
    assert [run.info.status for run in runs()] == ["FINISHED"]


def test_an_mlflow_that_cannot_be_reached_is_a_warning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", "http://127.0.0.1:9")
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    fit = fit_program()
    result = fit("run train evaluate")
    assert (result.exit_code, fit.ran) == (0, ["train 1", "evaluate test"])
    assert "Warning: the observer 'mlflow' does not follow this run any more: MlflowException: " in result.stderr


def test_names_and_values_are_those_that_mlflow_allows() -> None:
    record = Record("")
    values = {"a/b.c": 1, "é?": "x" * 9_000, "e?": [1], "__": 2, "../x": None, "_?": {"a": 1}}
    vars(record)["values"] = values
    assert own._params(record) == {
        "a/b.c": "1",
        "__": "x" * 6_000,
        "e_": "[1]",
        "___2": "2",
        "_/x": "null",
        "___3": '{"a": 1}',
    }
    assert own._name("loss@5%") == "loss_5_"


SCRIPT = """
import time
import clickbind

binder = clickbind.Binder("prog", observers=["mlflow"])

@binder.stage
def train(lr: float = 0.1):
    print("training at", lr)
    if lr > 2:
        raise ValueError("diverged")
    return {"loss": lr}

main = binder.command()
if __name__ == "__main__":
    main()
"""


def test_a_sweep_of_processes_is_logged_to_a_new_database(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'new.db'}")
    (tmp_path / "prog.py").write_text(SCRIPT, encoding="utf-8")
    line = "--into lr sweep -j 3 train --lr 1 --lr 2 --lr 3"
    words = [sys.executable, "prog.py", *line.split()]
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=600)
    assert "2 done, 1 failed" in done.stdout, done.stdout + done.stderr
    logs = {job.name: (job / "log.txt").read_text(encoding="utf-8") for job in Path("lr").glob("0*")}
    found = {run.info.run_name: run for run in runs()}
    assert sorted(found) == ["01-lr=1.0", "02-lr=2.0", "03-lr=3.0", "lr"], json.dumps(logs, indent=1)
    assert [found[name].info.status for name in sorted(found)] == ["FINISHED", "FINISHED", "FAILED", "FINISHED"]
    assert found["02-lr=2.0"].data.metrics == {"train.loss": 2.0}
    assert "training at 2.0\n" in artifact(found["02-lr=2.0"], "log.txt")
