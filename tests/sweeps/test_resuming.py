"""Which jobs of a sweep are run again."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from clickbind.errors import UserError
from clickbind.journal import claims, listing, records
from clickbind.sweeps import resuming

from .conftest import Fit

STATUSES = {"02-lr=1": "done", "10-lr=2": "failed", "03-lr=3": "killed", "01-lr=4": "waiting"}


@pytest.fixture
def sweep(tmp_path: Path) -> str:
    """A sweep whose jobs have ended in every way."""
    (tmp_path / "sweep.yml").touch()
    (tmp_path / "notes").mkdir()
    for name, status in STATUSES.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / records.RUN_FILE).touch()
        if status != "waiting":
            records.Record(str(tmp_path / name), {"status": status}).write()
    return str(tmp_path)


def test_a_sweep_is_known_by_its_sheet(sweep: str) -> None:
    assert listing.is_sweep(sweep)
    assert not listing.is_sweep(f"{sweep}/01-lr=4")


def test_what_is_not_done_runs_again_in_the_order_of_the_numbers(sweep: str) -> None:
    assert resuming.select(sweep) == ["01-lr=4", "03-lr=3", "10-lr=2"]
    assert resuming.select(sweep, failed=False) == ["01-lr=4", "03-lr=3"]
    assert resuming.select(sweep, again=True) == ["01-lr=4", "02-lr=1", "03-lr=3", "10-lr=2"]


def test_jobs_are_chosen_by_number_or_name(sweep: str) -> None:
    assert resuming.select(sweep, ["2", "10-lr=2", "002"]) == ["02-lr=1", "10-lr=2"]


@pytest.mark.parametrize("text", ["7", "lr=1", "0", "02-lr=2", ""])
def test_a_job_that_is_not_there_is_refused(sweep: str, text: str) -> None:
    with pytest.raises(UserError, match="has no job"):
        resuming.select(sweep, [text])


def test_a_running_job_is_left_alone_and_refused_if_it_is_chosen(sweep: str) -> None:
    claim = claims.take(f"{sweep}/01-lr=4")
    try:
        assert resuming.select(sweep) == ["03-lr=3", "10-lr=2"]
        with pytest.raises(UserError, match="01-lr=4 is running"):
            resuming.select(sweep, ["1"])
    finally:
        claim.release()


def test_a_sweep_goes_on_with_what_is_not_done(fit: Fit) -> None:
    assert fit("--into x sweep train --lr .1 --lr 2 evaluate").exit_code == 1
    result = fit("resume x")
    assert result.exit_code == 1
    assert "x: 1 job, 02-lr=2.0, to run\nfailed" in result.output
    result = fit("resume x --train.lr .5")
    assert result.exit_code == 0, result.output
    assert "done    0:0" in result.output
    assert "train.lr: 0.5" in Path("x/02-lr=2.0/run.yml").read_text(encoding="utf-8")
    assert fit("resume x").output.startswith("x: nothing to run: 2 done. To run one again: --job JOB; ")
    result = fit("--into x sweep train --lr .5 evaluate")
    assert "1 done before" in result.output  # known by its values, not by its name


def test_an_option_for_jobs_is_refused_where_none_is_to_run(fit: Fit) -> None:
    assert fit("--into x sweep train --lr .1 --lr 2").exit_code == 1
    before = Path("x/sweep.yml").read_bytes()
    for line in ("resume x --no-failed --train.lr .5", "--train.batch 3 resume --no-failed x"):
        result = fit(line)
        assert result.exit_code == 2
        assert "x has nothing to run (1 done, 1 failed), so '--train." in result.output
        assert "would change nothing. To run one again: --job JOB" in result.output
    result = fit("resume x --no-failed -j 2")
    assert (result.exit_code, result.stderr) == (0, "")
    assert "x: nothing to run: 1 done, 1 failed. To run one again" in result.output
    assert Path("x/sweep.yml").read_bytes() == before


def test_observers_are_found_before_a_job_is_touched(fit: Fit) -> None:
    assert fit("--into x sweep train --lr .1 --lr 2").exit_code == 1
    before = Path("x/sweep.yml").read_bytes()
    fit.module.binder.observers = ["mlfow"]
    result = fit("resume x --train.lr .5")
    assert result.exit_code == 2
    assert "has the observer 'mlfow' that this program asks for" in result.stderr
    assert Path("x/sweep.yml").read_bytes() == before


def test_a_folder_of_no_jobs_says_so(fit: Fit) -> None:
    Path("x").mkdir()
    Path("x/sweep.yml").touch()
    assert "x: nothing to run: no jobs." in fit("resume x").output


def test_what_is_done_runs_again_only_on_request(fit: Fit) -> None:
    assert fit("--into x sweep train --lr .1 --lr .2 evaluate").exit_code == 0
    before = Path("x/01-lr=0.1/record.json").read_text(encoding="utf-8")
    assert "x: nothing to run: 2 done." in fit("resume x").output
    result = fit("resume x --from evaluate --train.lr .5")
    assert result.exit_code == 2
    assert "--train.lr: train has run with train.lr 0.1. To run that again: --from train." in result.output
    assert Path("x/01-lr=0.1/record.json").read_text(encoding="utf-8") == before
    assert "2 done" in fit("resume x -j 2 --from evaluate --evaluate.folder other --train.token hunter2").output
    assert "hunter2" not in "".join(path.read_text(encoding="utf-8") for path in Path("x").rglob("*") if path.is_file())
    text = Path("x/01-lr=0.1/run.yml").read_text(encoding="utf-8")
    assert "evaluate.folder: other" in text
    assert "1 done" in fit("resume x --job 2").output
    assert fit.records("x")["01-lr=0.1"]["pid"] != fit.records("x")["02-lr=0.2"]["pid"]


def test_jobs_that_have_not_come_to_the_first_stage_again_go_on(fit: Fit) -> None:
    assert fit("--into x sweep train --lr .1 --lr 2 evaluate").exit_code == 1
    before = fit.records("x")["01-lr=0.1"]["turns"][0]
    assert "is of a stage 'evalute'" in fit("resume x --from evalute").output
    result = fit("resume x --from evaluate --train.batch 64")
    assert result.exit_code == 2  # the first job has trained with another one
    result = fit("resume x --from evaluate --evaluate.folder other")
    assert (result.exit_code, fit.statuses("x")) == (1, {"01-lr=0.1": "done", "02-lr=2.0": "failed"})
    assert "02-lr=2.0  train: ValueError: diverged" in result.output
    assert fit.records("x")["01-lr=0.1"]["turns"][0] == before
    assert "evaluate.folder: other" in Path("x/02-lr=2.0/run.yml").read_text(encoding="utf-8")
    result = fit("resume x/02-lr=2.0 --from evaluate")
    assert "--from evaluate: train comes before it, and is not done." in result.output


def test_options_for_sweeps_are_refused_for_a_single_run(fit: Fit) -> None:
    assert fit("--into x train").exit_code == 0
    result = fit("resume x --job 1")
    assert result.exit_code == 2
    assert "'--job' is for sweeps" in result.output


def test_a_job_that_cannot_go_on_is_failed_and_keeps_its_record(fit: Fit) -> None:
    assert fit("--into x sweep train --lr 2").exit_code == 1
    before = Path("x/01/record.json").read_text(encoding="utf-8")
    Path("fit.py").write_text("raise SystemExit(3)", encoding="utf-8")
    result = fit("resume x --processes.fresh")
    assert result.exit_code == 1
    assert "ended before its run began, see log.txt" in result.output
    assert Path("x/01/record.json").read_text(encoding="utf-8") == before


def test_a_single_job_of_a_sweep_goes_on_too(fit: Fit) -> None:
    assert fit("--into x sweep train --lr 2 evaluate").exit_code == 1
    assert fit("resume x/01 --train.lr .5").exit_code == 0
    assert fit.statuses("x") == {"01": "done"}


def test_a_secret_may_be_given_where_no_job_is_to_run(fit: Fit) -> None:
    assert fit("--into x sweep evaluate").exit_code == 0
    assert fit("resume x --train.token hunter2").output.startswith("x: nothing to run: 1 done. ")


def test_a_job_whose_folder_is_locked_is_an_error(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    assert fit("--into x sweep train --lr .1 --lr .2").exit_code == 0
    shutil.rmtree(fit.folder / "x/02-lr=0.2")
    (fit.folder / "x/02-lr=0.2").mkdir()
    (fit.folder / "x/3").mkdir()  # nothing is known about it, but it is not locked
    monkeypatch.setattr(os, "access", lambda path, _: not str(path).endswith("02-lr=0.2"))
    assert "2  killed  DamagedRecord" in fit("runs x").output
    assert "Error: x/02-lr=0.2: Permission denied." in fit("resume x").output
