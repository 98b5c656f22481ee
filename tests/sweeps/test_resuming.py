"""Which jobs of a sweep are run again."""

from __future__ import annotations

from pathlib import Path

import pytest

from clickbind.errors import UserError
from clickbind.journal import claims, records
from clickbind.sweeps import resuming

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
    assert resuming.is_sweep(sweep)
    assert not resuming.is_sweep(f"{sweep}/01-lr=4")


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
