"""A job as a child of an engine's worker."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from clickbind import journal, sweeps
from clickbind.sweeps import child, sheet, worker

from .conftest import Fit, with_wrong_modules
from .test_local import until


def job(fit: Fit, text: str = "train.lr: 0.5\nrun.stages: [train]\n", name: str = "1") -> str:
    """Make the folder of a job."""
    folder = fit.folder / "x" / name
    folder.mkdir(parents=True)
    (folder / "run.yml").write_text(text, encoding="utf-8")
    (fit.folder / "x/sweep.yml").write_text("sweeps: [{program: fit, line: fit sweep, engine: far}]", encoding="utf-8")
    return str(folder)


def address(fit: Fit, **more: Any) -> str:
    """Return the address of the program."""
    return sweeps.programs.address_of(fit.module.binder._registry, "fit", engine="far", **more)


def record(folder: str) -> journal.records.Record:
    return journal.records.read(folder)


SLEEPS = "train.tag: sleep\nrun.stages: [train]\n"


def test_a_worker_runs_a_job_and_keeps_its_engine(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_LOOK", 0.01)
    monkeypatch.setattr(child, "_BEAT", 0.01)
    folder = job(fit)
    assert child.run_in_child(address(fit), folder, "3", "task-7") == 0
    assert record(folder).status == "done"
    assert record(folder).engine == {"name": "far", "id": "task-7"}
    assert "slot 3 " in Path(folder, "log.txt").read_text(encoding="utf-8")


def test_nothing_in_the_working_directory_is_taken_for_a_library(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    folder, program = job(fit), address(fit)
    monkeypatch.chdir(with_wrong_modules(fit.folder / "here"))
    assert child.run_in_child(program, folder, "0") == 0


def test_a_worker_passes_options_that_are_no_secrets(fit: Fit) -> None:
    folder = job(fit)
    assert child.run_in_child(address(fit, words=["--train.batch", "7"]), folder, "0") == 0
    assert Path(folder, "trained").read_text(encoding="utf-8").startswith("0.5 7 ")
    assert record(folder).engine == {"name": "far", "id": None}


def test_the_id_of_a_job_may_be_that_of_slurm(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLURM_JOB_ID", "4711")
    folder = job(fit)
    assert child.run_in_child(address(fit), folder, "0") == 0
    assert record(folder).engine == {"name": "far", "id": "4711"}


def test_a_job_that_is_requeued_runs_once(fit: Fit) -> None:
    folder = job(fit)
    assert child.run_in_child(address(fit), folder, "0") == 0
    before = Path(folder, "record.json").read_bytes()
    assert child.run_in_child(address(fit), folder, "0") == 0
    assert Path(folder, "record.json").read_bytes() == before


def test_a_task_that_an_engine_repeats_does_not_run_again(fit: Fit) -> None:
    folder = job(fit, "train.tag: kill\nrun.stages: [train]\n")
    assert child.run_in_child(address(fit), folder, "0", "a") == -signal.SIGKILL
    before = Path(folder, "log.txt").read_bytes()
    assert child.run_in_child(address(fit), folder, "0", "a") is None
    assert Path(folder, "log.txt").read_bytes() == before
    assert child.run_in_child(address(fit), folder, "0", "b") == -signal.SIGKILL


def test_a_folder_that_a_worker_does_not_see_is_reported(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_APPEARS", 0.01)
    with pytest.raises(FileNotFoundError, match=r"has no folder .*gone: the folder of a sweep must be on a path that"):
        child.run_in_child(address(fit), str(fit.folder / "gone"), "0")


def test_a_program_that_a_worker_does_not_have_is_reported(fit: Fit) -> None:
    program = address(fit)
    Path("fit.py").rename("other.py")
    folder = job(fit)
    assert child.run_in_child(program, folder, "0") == 1
    found = record(folder)
    assert (found.status, found.exit) == ("failed", 1)
    assert found.error is not None
    assert found.error["type"] == "ModuleNotFoundError"
    assert found.error["message"].endswith(
        " cannot import the program: No module named 'fit'. Install it there, or put its file on a path that all "
        "workers share. See log.txt"
    )


def test_the_record_of_another_process_is_left_alone(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = job(fit)
    claim = journal.claims.take(folder)
    worker._record_missing(folder, ImportError("gone"))
    claim.release()
    assert record(folder).status == "waiting"
    monkeypatch.delenv(sheet.ENGINE, raising=False)
    worker._record_missing(folder, ImportError("gone"))
    assert record(folder).error == {"type": "ImportError", "message": "gone", "where": None}
    monkeypatch.setenv(sheet.ENGINE, "far ")
    worker._record_missing(folder, ImportError("gone"))
    assert " cannot import the program: gone. Install it there" in str(record(folder).error)


def test_a_running_job_is_stopped_by_a_file(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child, "_LOOK", 0.05)
    folder = job(fit, SLEEPS)
    codes: list[int | None] = []
    thread = threading.Thread(target=lambda: codes.append(child.run_in_child(address(fit), folder, "0")))
    thread.start()
    until(lambda: Path(folder, "sleeps").exists())
    child.stop(folder, signal.SIGINT)
    thread.join()
    assert codes == [130]
    assert record(folder).status == "killed"
    assert child.run_in_child(address(fit), folder, "0") is None  # as long as the file is there
    child.allow(folder)
    child.allow(folder)


def test_a_file_that_asks_for_nothing_is_ignored(fit: Fit) -> None:
    folder = job(fit)
    Path(folder, child.STOP).write_text("x", encoding="utf-8")
    assert child.run_in_child(address(fit), folder, "0") == 0


def test_a_folder_that_is_gone_cannot_be_stopped(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    child.stop(str(tmp_path / "file" / "x"), signal.SIGINT)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has signals for pipes")
def test_a_job_ends_with_its_worker(fit: Fit) -> None:
    folder = job(fit, SLEEPS)
    source = "import sys; from clickbind.sweeps.child import run_in_child; run_in_child(*sys.argv[1:])"
    with subprocess.Popen([sys.executable, "-c", source, address(fit), folder, "0"]) as process:
        until(lambda: Path(folder, "sleeps").exists(), process)
        process.kill()
    until(lambda: record(folder).status == "killed")
    assert record(folder).exit == 143


def test_without_pipes_that_send_signals_a_job_runs_too(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = job(fit)
    with monkeypatch.context() as patch:
        patch.setattr(sys, "platform", "darwin")
        with child._leash() as leash:
            assert leash is None
    monkeypatch.setattr(child, "_leash", lambda: contextlib.nullcontext(None))
    assert child.run_in_child(address(fit), folder, "0") == 0


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only Linux has signals for pipes")
def test_a_job_whose_worker_has_just_ended_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    signals: list[tuple[int, int]] = []
    monkeypatch.setattr(os, "kill", lambda pid, number: signals.append((pid, number)))
    before = signal.signal(signal.SIGTERM, lambda *_: None)
    try:
        end, ours = os.pipe()
        child._put_on(end)
        assert signals == []
        os.close(ours)
        os.close(end)
        end, ours = os.pipe()
        os.close(ours)
        child._put_on(end)
        assert signals == [(os.getpid(), signal.SIGTERM)]
        os.close(end)
    finally:
        signal.signal(signal.SIGTERM, before)


def test_a_child_knows_its_engine(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Any] = []
    monkeypatch.setattr(worker, "main", lambda *line: seen.append((*line, os.environ[sheet.ENGINE])))
    monkeypatch.setattr(child, "_put_on", seen.append)
    monkeypatch.setenv(sheet.ENGINE, "")
    child.main(address(fit, words=["--x"]), "folder", "1", "task", "5")
    assert seen == [5, (address(fit, words=["--x"]), "folder", "1", ("--x",), "far task")]
    monkeypatch.delenv("SLURM_JOB_ID", raising=False)
    child.main("{}", "folder", "1", "", "")
    assert seen[2:] == [("{}", "folder", "1", (), "unknown ")]


@pytest.mark.skipif(not hasattr(signal, "SIGUSR2"), reason="Windows has no such signal")
def test_a_job_of_slurm_leaves_when_its_time_is_up(monkeypatch: pytest.MonkeyPatch) -> None:
    signals: list[tuple[int, int]] = []
    monkeypatch.setattr(worker, "main", lambda *_: os.kill(os.getpid(), signal.SIGUSR2))
    monkeypatch.setenv(sheet.ENGINE, "")
    monkeypatch.setenv("SLURM_JOB_ID", "3")
    before = signal.getsignal(signal.SIGUSR2), signal.signal(signal.SIGTERM, lambda *_: signals.append((3, 15)))
    try:
        child.main("{}", "folder", "1", "", "")
    finally:
        signal.signal(signal.SIGUSR2, before[0])
        signal.signal(signal.SIGTERM, before[1])
    assert signals == [(3, 15)]


def test_a_job_runs_in_the_folder_in_which_the_sweep_was_started(
    fit: Fit, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (fit.folder / "there").mkdir()
    monkeypatch.chdir(fit.folder)
    worker._enter(str(fit.folder / "there"))
    assert Path.cwd() == fit.folder / "there"
    worker._enter(None)
    worker._enter(str(fit.folder / "gone"))
    assert Path.cwd() == fit.folder / "there"
    assert "gone, where the sweep was started, cannot be entered: No such file or directory." in capsys.readouterr().err
