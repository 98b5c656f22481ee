"""Jobs on this machine, in processes of their own, with real programs and real faults."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clickbind import sweeps
from tests.conftest import HANG

from .conftest import PROGRAM, WAIT, Fit, with_wrong_modules

FRESH = ["", "--processes.fresh"]


def until(condition: Callable[[], bool], process: subprocess.Popen[Any] | None = None) -> None:
    """Wait for something that another process does, while it runs."""
    end = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < end
        assert process is None or process.poll() is None
        time.sleep(0.02)


@pytest.mark.parametrize("fresh", FRESH)
def test_each_job_runs_in_a_process_of_its_own(fit: Fit, fresh: str) -> None:
    result = fit(f"--into x sweep -j 2 {fresh} train --lr .1 --lr 1 --lr 2 --token hunter2 evaluate")
    assert result.exit_code == 1, result.output
    assert "2 done, 1 failed" in result.output
    assert "Failed: 03-lr=2.0, see x/03-lr=2.0/log.txt" in result.output
    found = fit.records("x")
    assert [record["status"] for record in found.values()] == ["done", "done", "failed"]
    assert found["02-lr=1.0"]["results"] == {"train.loss": 1 / 32, "evaluate": 0.5}
    assert found["03-lr=2.0"]["error"]["message"] == "diverged"
    assert len({record["pid"] for record in found.values()} | {os.getpid()}) == 4
    assert {record["engine"]["name"] for record in found.values()} == {"processes"}
    log = Path("x/01-lr=0.1/log.txt").read_text(encoding="utf-8")
    assert "token 7\n" in log  # the secret has reached the job
    assert "by a child in " in log
    assert {line for record in found for line in Path("x", record, "log.txt").read_text().splitlines()[:1]} <= {
        f"slot {slot} token 7" for slot in "01"
    }
    assert Path("x/02-lr=1.0/trained").read_text(encoding="utf-8").startswith("1.0 32")
    assert "ValueError: diverged" in Path("x/03-lr=2.0/log.txt").read_text(encoding="utf-8")
    assert "hunter2" not in "".join(path.read_text(encoding="utf-8") for path in Path("x").rglob("*") if path.is_file())


def test_the_log_of_a_job_warns_of_what_no_call_has_used(fit: Fit) -> None:
    result = fit("--into x sweep evaluate --train.lr .1 --train.lr .2 --folder f")
    assert result.exit_code == 0, result.output
    for name in ("01-lr=0.1", "02-lr=0.2"):
        log = Path("x", name, "log.txt").read_text(encoding="utf-8")
        assert log == "Warning: --train.lr was given, but no call used it.\n"


@pytest.mark.parametrize("fresh", FRESH)
def test_a_job_that_is_killed_is_a_killed_job_and_nothing_else(fit: Fit, fresh: str) -> None:
    result = fit(f"--into x sweep {fresh} train --tag a --tag kill --tag b")
    assert result.exit_code == 1
    assert fit.statuses("x") == {"01-tag=a": "done", "02-tag=kill": "killed", "03-tag=b": "done"}
    assert "killed  0:00  02-tag=kill  train: killed by SIGKILL" in result.output
    assert fit.records("x")["02-tag=kill"]["exit"] == -signal.SIGKILL


def test_what_was_recorded_beats_the_environment_of_a_job(fit: Fit) -> None:
    result = fit.run("--into", "x", "sweep", "train", "--lr", "1", env={**os.environ, "FIT_TRAIN_LR": "7"})
    assert result.returncode == 0, result.stderr
    assert Path("x/01/trained").read_text(encoding="utf-8").startswith("1.0 ")


@pytest.mark.parametrize("start", ["script", "module", "console", "elsewhere"])
def test_a_program_is_found_however_it_was_started(fit: Fit, start: str) -> None:
    line = {
        "script": [sys.executable, "fit.py"],
        "module": [sys.executable, "-m", "fit"],
        "console": [sys.executable, "-c", "import sys; from fit import main; sys.argv[0] = 'fit'; main()"],
        "elsewhere": [sys.executable, "../fit.py"],
    }[start]
    folder = fit.folder / "elsewhere" if start == "elsewhere" else fit.folder
    folder.mkdir(exist_ok=True)
    words = ["--into", "x", "sweep", "train", "--lr", ".1", "--lr", ".2"]
    done = subprocess.run([*line, *words], cwd=folder, capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "2 done" in done.stdout


@pytest.mark.parametrize("fresh", FRESH)
def test_nothing_in_the_working_directory_is_taken_for_a_library(fit: Fit, fresh: str) -> None:
    here = with_wrong_modules(fit.folder / "here")
    line = [sys.executable, "../fit.py", "--into", "x", "sweep", *fresh.split(), "train", "--lr", ".1", "--lr", ".2"]
    done = subprocess.run(line, cwd=here, capture_output=True, text=True, timeout=HANG, check=False)
    assert done.returncode == 0, done.stderr + done.stdout
    assert "2 done" in done.stdout


def test_a_program_that_no_other_process_can_find_is_refused(fit: Fit) -> None:
    opening = 'binder = clickbind.Binder("fit", envvar_prefix="FIT")'
    text = PROGRAM.split("main = ")[0].replace("@binder", "@made[0]")
    text = text.replace(opening, 'made = [clickbind.Binder("fit")]')
    Path("hidden.py").write_text(f"{text}\nmade[0].command()()", encoding="utf-8")
    words = ["--into", "x", "sweep", "train", "--lr", "1", "--lr", "2"]
    done = subprocess.run(
        [sys.executable, "hidden.py", *words], capture_output=True, text=True, timeout=HANG, check=False
    )
    assert done.returncode == 2
    assert "assign its Binder to a global variable of a module or a script." in done.stderr
    source = "import fit\nb = fit.binder; del fit.binder; b.command()()"
    done = subprocess.run(
        [sys.executable, "-c", source, *words], capture_output=True, text=True, timeout=HANG, check=False
    )
    assert done.returncode == 2
    assert "put its functions into a file, and import them." in done.stderr
    assert not Path("x").exists()


def test_a_program_with_threads_gets_new_interpreters(fit: Fit) -> None:
    with Path("fit.py").open("a", encoding="utf-8") as file:
        file.write("\nimport threading\nthreading.Thread(target=time.sleep, args=(600,), daemon=True).start()\n")
    result = fit("--into x sweep train --lr .1 --lr .2")
    assert result.exit_code == 0, result.output
    assert "2 done" in result.output


def test_a_program_that_cannot_be_imported_again_is_reported(fit: Fit) -> None:
    Path("fit.py").write_text("raise SystemExit('gone')", encoding="utf-8")
    result = fit("--into x sweep train --lr .1 --lr .2")
    assert result.exit_code == 2
    assert "gone" in result.output
    assert "Error: the program cannot be imported by another process; see above." in result.output


def test_a_job_that_ends_before_its_run_has_a_record_that_says_so(fit: Fit) -> None:
    Path("fit.py").write_text("raise SystemExit('gone')", encoding="utf-8")
    result = fit("--into x sweep --processes.fresh train --lr .1")
    assert result.exit_code == 1
    (record,) = fit.records("x").values()
    assert record["status"] == "failed"
    assert record["error"]["message"] == "ended before its run began, see log.txt"


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_ctrl_c_lets_running_jobs_leave_and_others_wait(fit: Fit, number: int, code: int) -> None:
    line = [sys.executable, "fit.py", "--into", "x", "sweep", "-j", "2", "train", "--tag", "sleep", "--lr"]
    line += ["1", "--lr", ".5", "--lr", ".2"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True) as sweep:
        until(lambda: len(list(Path("x").glob("*/sleeps"))) == 2, sweep)
        os.kill(sweep.pid, number)
        assert sweep.stdout is not None
        output = sweep.stdout.read()
    assert sweep.returncode == code, output
    assert "interrupted; waiting for 2 running" in output
    assert "2 killed, 1 waiting" in output
    assert sorted(fit.statuses("x").values()) == ["killed", "killed"]


def test_a_second_ctrl_c_kills(fit: Fit) -> None:
    with Path("fit.py").open("a", encoding="utf-8") as file:
        file.write("")
    text = PROGRAM.replace(WAIT, f"signal.signal(signal.SIGINT, signal.SIG_IGN); Path('deaf').touch(); {WAIT}")
    Path("fit.py").write_text(text, encoding="utf-8")
    line = [sys.executable, "fit.py", "--into", "x", "sweep", "train", "--tag", "sleep", "--tag", "b"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True) as sweep:
        until(lambda: len(list(Path("x").glob("*/deaf"))) == 1, sweep)
        os.kill(sweep.pid, signal.SIGINT)
        assert sweep.stdout is not None
        while "again Ctrl-C" not in sweep.stdout.readline():
            pass
        os.kill(sweep.pid, signal.SIGINT)
        output = sweep.stdout.read()
    assert sweep.returncode == 130
    assert "killed by SIGKILL" in output


def test_jobs_go_on_if_the_sweep_is_killed(fit: Fit) -> None:
    line = [sys.executable, "fit.py", "--into", "x", "sweep", "train", "--tag", "sleep", "--tag", "b"]
    with subprocess.Popen(line, stdout=subprocess.DEVNULL, start_new_session=True) as sweep:
        until(lambda: bool(list(Path("x").glob("*/sleeps"))), sweep)
        sweep.kill()
    (record,) = fit.records("x").values()
    assert record["status"] == "running"
    again = fit.run("--into", "x", "sweep", "train", "--tag", "sleep", "--tag", "b")
    assert again.returncode == 0, again.stderr  # b was waiting; the other one runs
    assert "1 done" in again.stdout
    os.kill(record["pid"], signal.SIGINT)
    until(lambda: fit.statuses("x")["01-tag=sleep"] == "killed")


def test_jobs_end_as_killed_if_the_server_is_killed(fit: Fit) -> None:
    line = [sys.executable, "fit.py", "--into", "x", "sweep", "train", "--tag", "sleep", "--tag", "b"]
    with subprocess.Popen(line, stdout=subprocess.PIPE, text=True, start_new_session=True) as sweep:
        until(lambda: bool(list(Path("x").glob("*/sleeps"))), sweep)
        (record,) = fit.records("x").values()
        stat = Path(f"/proc/{record['pid']}/stat").read_text(encoding="utf-8")
        os.kill(int(stat.rpartition(")")[2].split()[1]), signal.SIGKILL)
        assert sweep.stdout is not None
        output = sweep.stdout.read()
    assert "1 done" in output
    os.kill(record["pid"], signal.SIGKILL)


def test_values_of_a_job_that_do_not_come_back_are_in_its_log(fit: Fit) -> None:
    result = fit("--into x sweep train --lr .1 --lr .2")
    assert result.exit_code == 0
    Path("x/01-lr=0.1/run.yml").write_text("train.lr: many\n", encoding="utf-8")
    Path("x/01-lr=0.1/record.json").unlink()
    Path("x/01-lr=0.1/.done").unlink()
    code = sweeps.child.run_in_child(
        sweeps.programs.address_of(fit.module.binder._registry, "fit"), str(fit.folder / "x/01-lr=0.1"), "0"
    )
    assert code == 2
    assert "'many' is not a valid float." in Path("x/01-lr=0.1/log.txt").read_text(encoding="utf-8")
    assert "--- again" in Path("x/01-lr=0.1/log.txt").read_text(encoding="utf-8")


def test_a_job_that_is_done_is_not_run_again_by_an_engine(fit: Fit) -> None:
    assert fit("--into x sweep train --lr .1").exit_code == 0
    before = fit.records("x")
    assert sweeps.child.run_in_child("nowhere", str(fit.folder / "x/01"), "0") == 0
    assert fit.records("x") == before
