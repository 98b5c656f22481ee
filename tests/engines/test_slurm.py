"""Jobs on Slurm, by submitit: its executor for this machine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from clickbind import engines
from tests.conftest import HANG

from .conftest import Fit, until

pytest.importorskip("submitit")

LOCAL = ["--engine", "slurm", "--slurm.local"]


def begun(fit: Fit, *words: str) -> subprocess.Popen[str]:
    """Begin a sweep."""
    line = [sys.executable, "fit.py", "--into", "x", "sweep", *LOCAL, *words]
    return subprocess.Popen(
        line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=fit.folder, start_new_session=True
    )


def test_jobs_run_by_submitit(fit: Fit) -> None:
    done = fit.run(
        "--into", "x", "sweep", "-j", "3", *LOCAL, "train", "--lr", "1", "--lr", "2", "--tag", "a", "--tag", "kill"
    )
    assert done.returncode == 1, done.stdout + done.stderr
    assert "1 done, 2 failed, 1 killed" in done.stdout
    assert "train: killed by SIGKILL" in done.stdout
    found = fit.records("x")
    assert {one["engine"]["name"] for one in found.values()} == {"slurm"}
    assert all(one["engine"]["id"].isdecimal() for one in found.values())
    assert list(Path("x/slurm").glob("*_log.out"))


def test_jobs_outlive_the_client_and_none_runs_twice(fit: Fit) -> None:
    with begun(fit, "-j", "2", "train", "--tag", "a", "--tag", "sleep", "--tag", "b") as sweep:
        until(lambda: list(Path("x").glob("*/sleeps")) and "done" in fit.statuses("x").values(), sweep)
        sweep.kill()
    before = fit.records("x")
    assert before["02-tag=sleep"]["status"] == "running"
    shown = fit.run("runs", "x").stdout
    assert "1 running" in shown
    again = fit.run("resume", "x", *LOCAL)
    assert again.returncode == 0, again.stdout + again.stderr
    assert fit.statuses("x") == {"01-tag=a": "done", "02-tag=sleep": "running", "03-tag=b": "done"}
    os.kill(before["02-tag=sleep"]["pid"], signal.SIGINT)
    until(lambda: fit.statuses("x")["02-tag=sleep"] == "killed")
    assert "1 done" in fit.run("resume", "x", *LOCAL, "--train.tag", "c").stdout
    assert fit.records("x")["01-tag=a"] == before["01-tag=a"]


def test_ctrl_c_lets_running_jobs_leave(fit: Fit) -> None:
    with begun(fit, "train", "--tag", "sleep", "--lr", "1", "--lr", ".5") as sweep:
        until(lambda: list(Path("x").glob("*/sleeps")), sweep)
        os.kill(sweep.pid, signal.SIGINT)
        output, _ = sweep.communicate(timeout=HANG)
    assert sweep.returncode == 130, output
    assert "1 killed, 1 waiting" in output


def test_a_machine_without_slurm_is_reported(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    result = fit("--into x sweep --engine slurm train --lr 1")
    assert result.exit_code == 2
    assert 'Error: --engine slurm: Could not detect "srun"' in result.output
    assert "with --slurm.local the jobs run on this machine" in result.output
    assert not Path("x").exists()


def test_the_options_are_those_of_slurm(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    seen: dict[str, Any] = {}
    submitit = pytest.importorskip("submitit")

    class Auto:
        def __init__(self, folder: str, cluster: str) -> None:
            seen.update(folder=folder, cluster=cluster)

        def update_parameters(self, **values: Any) -> None:
            seen.update(values)

    monkeypatch.setattr(submitit, "AutoExecutor", Auto)
    sweep = engines.catalog.Sweep(str(tmp_path))
    engines.slurm.slurm(sweep, partition="gpu", minutes=5, gpus=2, cpus=3, memory_gb=1.5, account="me")
    assert seen == {
        "folder": str(tmp_path / "slurm"),
        "cluster": "slurm",
        "name": "clickbind",
        "timeout_min": 5,
        "gpus_per_node": 2,
        "cpus_per_task": 3,
        "mem_gb": 1.5,
        "slurm_partition": "gpu",
        "slurm_account": "me",
        "slurm_signal_delay_s": 75,
    }


@pytest.mark.parametrize(
    ("error", "info", "reason"),
    [
        ("no output", {"State": "OUT_OF_MEMORY"}, "its state is OUT_OF_MEMORY"),
        ("no output", {"jobState": "INTERRUPTED"}, "its state is INTERRUPTED"),
        ("no output", {}, "its state is unknown"),
        ("Job not requeued because: timed-out and", {"State": "RUNNING"}, "its time was up, see --slurm.minutes"),
    ],
)
def test_a_job_without_a_result_says_why(error: str, info: dict[str, str], reason: str) -> None:
    utils = pytest.importorskip("submitit.core.utils")

    class Job:
        job_id = "7"
        paths = SimpleNamespace(stderr=Path("/x/7_0_log.err"))

        def __init__(self) -> None:
            self.cancelled: list[bool] = []

        def done(self) -> bool:
            return True

        def get_info(self) -> dict[str, str]:
            return info

        def cancel(self, *, check: bool) -> None:
            self.cancelled.append(check)

        def result(self) -> int:
            raise utils.UncompletedJobError(error)

    job = Job()
    found = engines.slurm._Job(job)
    assert found.done()
    found.cancel()
    assert job.cancelled == [False]
    with pytest.raises(engines.slurm.SlurmError, match=f"^job 7 has no result: {reason}, and slurm/7_0_log.err$"):
        found.result()


def test_jobs_run_here_by_submitit(fit: Fit) -> None:
    result = fit(f"--into x sweep -j 2 {' '.join(LOCAL)} train --lr 1 --lr 2")
    assert result.exit_code == 1, result.output
    assert "1 done, 1 failed" in result.output
