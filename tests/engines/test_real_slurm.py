"""Jobs on a real Slurm, which `slurm.sh` starts on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import HANG

from .conftest import Fit, until

pytest.importorskip("submitit")
fcntl = pytest.importorskip("fcntl", reason="there is no Slurm for Windows")

SCRIPT = Path(__file__).with_name("slurm.sh")
NEEDED = ("slurmctld", "slurmd", "slurmdbd", "munged", "mariadbd", "ip", "nsenter")


class Slurm:
    """A Slurm of one node.

    Attributes
    ----------
    inside : list of str
        The words before a command that reaches it.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self.inside = ["nsenter", f"--net=/var/run/netns/{name}", "env", f"SLURM_CONF={folder}/slurm.conf"]

    def __call__(self, *words: str) -> str:
        """Run a command, and return what it prints."""
        done = subprocess.run([*self.inside, *words], capture_output=True, text=True, timeout=HANG, check=True)
        return done.stdout.strip()

    def begun(self, *words: str) -> subprocess.Popen[str]:
        """Begin a line of the program."""
        line = [*self.inside, sys.executable, "fit.py", *words]
        return subprocess.Popen(
            line, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, start_new_session=True
        )

    def run(self, *words: str) -> str:
        """Run a line of the program, and return what it prints."""
        with self.begun(*words) as process:
            return process.communicate(timeout=HANG)[0]


@pytest.fixture(scope="module")
def slurm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slurm]:
    """A Slurm, in a network namespace of its own."""
    if not hasattr(os, "geteuid") or os.geteuid():
        pytest.skip("only root can start a Slurm")
    missing = [name for name in NEEDED if shutil.which(name) is None]
    if missing:
        pytest.skip(f"there is no {missing[0]}: bash tests/engines/slurm.sh install")
    folder, name = tmp_path_factory.mktemp("slurm"), f"clickbind{os.getpid()}"
    lock = os.open(Path(tempfile.gettempdir()) / "clickbind-slurm.lock", os.O_CREAT | os.O_RDWR)
    fcntl.flock(lock, fcntl.LOCK_EX)  # one at a time, of all processes that run tests
    for parent in (folder, *folder.parents[:-2]):
        parent.chmod(0o755)  # the database has a user of its own
    try:
        up = subprocess.run(
            ["bash", SCRIPT, "up", folder, name], capture_output=True, text=True, timeout=HANG, check=False
        )
        if up.returncode:
            pytest.skip(f"Slurm does not start here: {up.stderr.strip()[-200:]}")
        yield Slurm(folder, name)
    finally:
        subprocess.run(["bash", SCRIPT, "down", folder, name], capture_output=True, timeout=HANG, check=False)
        os.close(lock)


def same(records: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Return records without what differs in any two sweeps."""
    varying = {"line", "started", "seconds", "pid", "engine"}
    return {
        name: {key: value for key, value in record.items() if key not in varying}
        | {"turns": [{**turn, "seconds": None} for turn in record["turns"]]}
        for name, record in records.items()
    }


def test_slurm_leaves_the_same_records_as_processes(fit: Fit, slurm: Slurm) -> None:
    words = ["train", "--lr", ".1", "--lr", "2", "evaluate"]
    output = slurm.run("--into", "x", "sweep", "-j", "4", "--engine", "slurm", "--slurm.minutes", "5", *words)
    assert "1 done, 1 failed" in output
    fit.run("--into", "y", "sweep", *words)
    assert same(fit.records("x")) == same(fit.records("y"))
    assert {one["engine"]["name"] for one in fit.records("x").values()} == {"slurm"}
    assert all(one["engine"]["id"].isdecimal() for one in fit.records("x").values())


def test_a_saved_run_of_the_example_makes_the_same_files(
    tmp_path: Path, slurm: Slurm, monkeypatch: pytest.MonkeyPatch
) -> None:
    kit = pytest.importorskip("tests.digits_kit")
    kit.save(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name, value in kit.ONE_THREAD.items():
        monkeypatch.setenv(name, value)
    line = ["--config", "saved.yml", "--into", "jobs", "sweep", "--engine", "slurm", "--slurm.minutes", "5"]
    assert "1 done" in slurm(sys.executable, "-m", "digits.program", *line)
    assert kit.made(tmp_path / "jobs" / "01") == kit.made(tmp_path / "output")


def test_a_job_that_is_requeued_runs_once(fit: Fit, slurm: Slurm) -> None:
    assert "1 done" in slurm.run("--into", "x", "sweep", "--engine", "slurm", "train", "--lr", ".1")
    job = next(iter(fit.records("x").values()))["engine"]["id"]
    before = {path: path.read_bytes() for path in Path("x/01").iterdir()}
    until(lambda: slurm("squeue", "-h") == "")
    slurm("scontrol", "requeue", job)
    # In place of two minutes. In the second in which it has ended, its node takes it for a job that was killed.
    slurm("scontrol", "update", f"job={job}", "StartTime=now+2")

    def is_done_again() -> bool:
        shown = ""
        with contextlib.suppress(subprocess.CalledProcessError):  # a controller that is busy does not answer
            shown = slurm("scontrol", "show", "job", job)
        assert "JobState=FAILED" not in shown
        return "Restarts=1" in shown and "JobState=COMPLETED" in shown

    until(is_done_again)
    assert {path: path.read_bytes() for path in Path("x/01").iterdir()} == before


def test_jobs_outlive_the_client_and_none_runs_twice(fit: Fit, slurm: Slurm) -> None:
    words = ["train", "--tag", "sleep", "--tag", "a", "--tag", "b"]
    with slurm.begun("--into", "x", "sweep", "-j", "3", "--engine", "slurm", *words) as sweep:
        until(lambda: Path("x/01-tag=sleep/sleeps").exists(), sweep)
        until(lambda: len(slurm("squeue", "-h").splitlines()) < 3, sweep)
        os.killpg(sweep.pid, 9)
    until(lambda: len(slurm("squeue", "-h").splitlines()) == 1)
    before = fit.records("x")
    assert {name: one["status"] for name, one in before.items()} == {
        "01-tag=sleep": "running",
        "02-tag=a": "done",
        "03-tag=b": "done",
    }
    assert "2 done, 1 running" in fit.run("runs", "x").stdout
    assert "nothing to run" in slurm.run("resume", "x", "--engine", "slurm")
    slurm("scancel", before["01-tag=sleep"]["engine"]["id"])
    until(lambda: fit.statuses("x")["01-tag=sleep"] == "killed")
    output = slurm.run("resume", "x", "--engine", "slurm", "--train.tag", "c")
    assert "1 done" in output
    after = fit.records("x")
    assert after.pop("01-tag=sleep")["status"] == "done"
    assert after == {name: one for name, one in before.items() if name != "01-tag=sleep"}


def test_ctrl_c_cancels_what_is_queued(fit: Fit, slurm: Slurm) -> None:
    count = 6  # the node has four processors
    rates = [word for number in range(count) for word in ("--lr", f".{number + 1}")]
    line = ["--into", "x", "sweep", "-j", str(count), "--engine", "slurm", "train", "--tag", "sleep", *rates]
    with slurm.begun(*line) as sweep:
        until(lambda: list(Path("x").glob("*/sleeps")) and len(slurm("squeue", "-h").splitlines()) == count, sweep)
        sweep.send_signal(2)
        output, _ = sweep.communicate(timeout=HANG)
    assert sweep.returncode == 130, output
    assert "killed, " in output
    assert " waiting" in output
    until(lambda: slurm("squeue", "-h") == "")
    assert set(fit.statuses("x").values()) == {"killed"}
