"""Jobs on Dask: a scheduler and two workers, which are processes of their own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from concurrent.futures import CancelledError
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clickbind import engines
from clickbind.sweeps import child, programs
from tests.conftest import HANG

from .conftest import Cluster, Fit, until

pytest.importorskip("distributed")


def begun(fit: Fit, cluster: Cluster, *words: str) -> subprocess.Popen[str]:
    """Begin a sweep on a cluster."""
    line = [sys.executable, "fit.py", "--into", "x", "sweep", *cluster.options, *words]
    return subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=fit.folder, start_new_session=True
    )


def parent_of(pid: int) -> int:
    """Return the process that has started another one."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[1])


def asleep(count: int) -> bool:
    """Return whether as many jobs sleep."""
    return len(list(Path("x").glob("*/sleeps"))) == count


def test_a_worker_that_dies_loses_its_job_and_nothing_else(fit: Fit, cluster: Cluster) -> None:
    with begun(fit, cluster, "-j", "2", "train", "--tag", "sleep", "--tag", "a", "--tag", "b") as sweep:
        until(lambda: asleep(1), sweep)
        os.kill(parent_of(fit.records("x")["01-tag=sleep"]["pid"]), signal.SIGKILL)
        output, _ = sweep.communicate(timeout=HANG)
    assert sweep.returncode == 1, output
    assert "2 done, 1 killed" in output
    assert "killed  0:" in output
    assert "  01-tag=sleep  train: " in output
    assert fit.statuses("x") == {"01-tag=sleep": "killed", "02-tag=a": "done", "03-tag=b": "done"}
    again = fit.run("resume", "x", *cluster.options, "--train.tag", "c")  # the other worker is there
    assert again.returncode == 0, again.stdout + again.stderr
    assert fit.records("x")["01-tag=sleep"]["engine"]["id"].startswith("clickbind-01-tag=sleep-")


def test_a_scheduler_that_dies_leaves_jobs_for_another_engine(fit: Fit, cluster: Cluster) -> None:
    with begun(fit, cluster, "-j", "2", "train", "--tag", "sleep", "--lr", "1", "--lr", ".5", "--lr", ".2") as sweep:
        until(lambda: asleep(2), sweep)
        cluster.scheduler.kill()
        output, _ = sweep.communicate(timeout=HANG)
    assert sweep.returncode == 1, output
    assert "Warning: the engine can run no more jobs: the Dask scheduler is gone" in output
    assert "2 running, 1 waiting" in output
    assert "Go on with another engine: fit.py resume x --engine processes" in output
    assert "Traceback" not in output
    cluster.end()
    until(lambda: set(fit.statuses("x").values()) == {"killed"})
    again = fit.run("resume", "x", "--engine", "processes", "--train.tag", "c")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "3 done" in again.stdout
    assert {one["engine"]["name"] for one in fit.records("x").values()} == {"processes"}


def test_ctrl_c_lets_running_jobs_leave(fit: Fit, cluster: Cluster) -> None:
    words = ["-j", "3", "train", "--tag", "sleep", "--lr", "1", "--lr", ".5", "--lr", ".2", "--lr", ".1"]
    with begun(fit, cluster, *words) as sweep:
        until(lambda: asleep(2), sweep)
        os.kill(sweep.pid, signal.SIGINT)
        output, _ = sweep.communicate(timeout=HANG)
    assert sweep.returncode == 130, output
    assert "interrupted; waiting for 2 running" in output
    assert "2 killed, 2 waiting" in output
    assert sorted(fit.statuses("x").values()) == ["killed", "killed"]
    again = fit.run("resume", "x", "-j", "2", *cluster.options, "--train.tag", "c")
    assert "4 done" in again.stdout


def test_jobs_that_run_are_seen_and_not_run_again_if_the_client_is_killed(fit: Fit, cluster: Cluster) -> None:
    with begun(fit, cluster, "-j", "3", "train", "--lr", "1", "--tag", "a", "--tag", "sleep") as sweep:
        until(lambda: asleep(1) and "done" in fit.statuses("x").values(), sweep)
        sweep.kill()
    before = fit.records("x")
    assert before["02-tag=sleep"]["status"] == "running"
    assert "1 done, 1 running" in fit.run("runs", "x").stdout
    again = fit.run("resume", "x", *cluster.options)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "nothing to run" in again.stdout
    os.kill(before["02-tag=sleep"]["pid"], signal.SIGINT)
    until(lambda: fit.statuses("x")["02-tag=sleep"] == "killed")
    again = fit.run("resume", "x", *cluster.options, "--train.tag", "b")
    assert "1 done" in again.stdout
    assert fit.records("x")["01-tag=a"] == before["01-tag=a"]


@pytest.mark.parametrize("is_new", [True, False])
def test_a_cluster_of_its_own_has_as_many_workers_as_jobs(fit: Fit, *, is_new: bool) -> None:
    words = ["--into", "x", "sweep", "-j", "2", "--engine", "dask", "train", "--lr", "1", "--lr", "2", "--lr", ".5"]
    if is_new:
        done = fit.run(*words)
        assert (done.returncode, done.stderr) == (1, "")
        output = done.stdout
    else:
        output = fit(" ".join(words)).output
    assert "2 done, 1 failed" in output
    assert {one["engine"]["name"] for one in fit.records("x").values()} == {"dask"}


@pytest.mark.parametrize(
    ("address", "reason"),
    [
        ("nothing", "missing port number in address 'nothing'"),
        ("http://127.0.0.1:1", "unknown address scheme 'http'"),
        ("tcp://127.0.0.1:x", "invalid literal"),
        ("tcp://127.0.0.1:1", "Timed out trying to connect to tcp://127.0.0.1:1"),
    ],
)
def test_a_scheduler_that_does_not_answer_is_reported(
    fit: Fit, address: str, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clickbind.engines.dask._TIMEOUT", 0.5)
    result = fit(f"--into x sweep --engine dask --dask.address {address} train --lr 1")
    assert result.exit_code == 2
    assert f"Error: --dask.address: no scheduler answers at '{address}': {reason}" in result.output
    assert not Path("x").exists()


def test_a_cluster_without_workers_is_reported(fit: Fit, cluster: Cluster) -> None:
    for worker in cluster.workers:
        worker.kill()
        worker.wait()
    with begun(fit, cluster, "train", "--lr", "1") as sweep:
        assert sweep.stdout is not None
        assert "has no workers yet; the jobs wait for them." in sweep.stdout.readline()
        cluster.start("worker", cluster.address, "--nthreads", "1", "--no-nanny")
        assert sweep.wait(HANG) == 0


def test_a_scheduler_without_workers_is_reported_here_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    client = SimpleNamespace(scheduler_info=lambda: {"workers": {}})
    comm = SimpleNamespace(resolve_address=str)
    fake = SimpleNamespace(__name__="distributed", comm=comm, Client=lambda *_, **__: client)
    monkeypatch.setattr(engines, "distributed", fake, raising=False)
    engines.dask.dask(engines.catalog.Sweep("x"), "tcp://host:1")
    assert capsys.readouterr().err.startswith("Warning: the Dask scheduler at tcp://host:1 has no workers yet")


def test_a_task_is_an_importable_function_and_texts(fit: Fit) -> None:
    protocol = pytest.importorskip("distributed.protocol")
    address = programs.address_of(fit.module.binder._registry, "fit")
    task = protocol.pickle.dumps((child.run_in_child, (address, "folder", "0", "key")))
    assert b"run_in_child" in task
    assert b"Binder" not in task


def test_jobs_run_on_a_cluster(fit: Fit, cluster: Cluster) -> None:
    result = fit(f"--into x sweep -j 2 {' '.join(cluster.options)} train --lr 1 --lr 2")
    assert result.exit_code == 1, result.output
    assert "1 done, 1 failed" in result.output


class Found:
    """A task that was submitted."""

    def __init__(self, status: str) -> None:
        self.status = status
        self.cancelled = False

    def add_done_callback(self, call: Any) -> None:
        call(self)

    def result(self) -> int:
        return 3

    def exception(self) -> Exception:
        return ValueError("no")

    def cancel(self) -> None:
        self.cancelled = True


class Client:
    """A client whose tasks have ended at once."""

    def __init__(self, status: str) -> None:
        self.found = Found(status)
        self.seen: Any = None

    def submit(self, *args: Any, **settings: Any) -> Found:
        self.seen = args, settings
        return self.found


@pytest.mark.parametrize(
    ("status", "error"),
    [("finished", None), ("error", ValueError), ("cancelled", CancelledError), ("lost", CancelledError)],
)
def test_a_task_ends_as_dask_says(status: str, error: type[Exception] | None) -> None:
    client = Client(status)
    future = engines.dask._Tasks(client).submit(print, "program", "/x/01-a", "0")
    if error is None:
        assert future.result() == 3
    else:
        assert isinstance(future.exception(), error)
    args, settings = client.seen
    assert args[:-1] == (print, "program", "/x/01-a", "0")
    assert args[-1] == settings["key"]
    assert settings["key"].startswith("clickbind-01-a-")
    assert settings["pure"] is False
    assert future.cancel()
    assert client.found.cancelled
