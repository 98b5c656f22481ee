"""A record is read as what the run is now, however the file looks."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import Any

import pytest

from clickbind.errors import SaveError
from clickbind.journal import claims, records
from clickbind.journal.records import Record, is_record, read, walk

KEYS = (
    *("version", "program", "line", "status", "exit", "error", "started", "seconds", "host", "pid", "engine", "python"),
    *("commit", "dirty", "turns", "results"),
)


def write(folder: Path, **content: Any) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "record.json").write_text(json.dumps(content), encoding="utf-8")
    return folder


def test_the_keys_are_those_of_the_contract(tmp_path: Path) -> None:
    Record(str(tmp_path)).write()
    assert tuple(json.loads((tmp_path / "record.json").read_text(encoding="utf-8"))) == KEYS


def test_a_record_comes_back(tmp_path: Path) -> None:
    turns = [{"stage": "train", "status": "done", "seconds": 0.5, "returned": "\N{SNOWMAN}"}]
    Record(str(tmp_path), {"status": "done", "turns": turns, "results": {"train.loss": 0.5}, "exit": 0}).write()
    found = read(str(tmp_path))
    assert (found.status, found.turns, found.results, found.exit) == ("done", turns, {"train.loss": 0.5}, 0)
    assert repr(found) == f"<Record {str(tmp_path)!r} done>"


def test_empty_records_do_not_share_their_lists() -> None:
    one, two = Record("a"), Record("b")
    one.turns.append({})
    one.results["a"] = 1
    assert (two.turns, two.results) == ([], {})


def test_the_turns_that_are_done_end_with_the_first_that_is_not() -> None:
    turns = [{"status": status, "stage": stage} for status, stage in (("done", "a"), ("failed", "b"), ("done", "c"))]
    assert Record("a", {"turns": turns}).done_turns() == turns[:1]


def test_a_record_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SaveError):
        Record(str(tmp_path / "file")).write()


def test_a_folder_without_a_record_is_that_of_a_waiting_job(tmp_path: Path) -> None:
    assert read(str(tmp_path)).status == "waiting"
    assert read(str(tmp_path / "none")).status == "waiting"
    assert not is_record(str(tmp_path))


def test_a_run_is_running_while_its_process_lives(tmp_path: Path) -> None:
    write(tmp_path, status="running")
    assert read(str(tmp_path)).status == "killed"
    claim = claims.take(str(tmp_path))
    assert read(str(tmp_path)).status == "running"
    (tmp_path / "record.json").unlink()
    assert read(str(tmp_path)).status == "running"
    claim.release()
    assert read(str(tmp_path)).status == "waiting"


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")
def test_a_claim_without_a_process_is_that_of_a_killed_run(tmp_path: Path) -> None:
    content = {"host": platform.node(), "pid": 1}
    (tmp_path / ".claim").write_text(json.dumps(content), encoding="utf-8")
    assert read(str(tmp_path)).status == "killed"


@pytest.mark.parametrize("text", [None, "", "{", '{"status": "running"}', '{"status": "failed"}'])
def test_what_was_committed_counts(tmp_path: Path, text: str | None) -> None:
    (tmp_path / ".done").write_text('{"status": "done", "exit": 0}', encoding="utf-8")
    if text is not None:
        (tmp_path / "record.json").write_text(text, encoding="utf-8")
    found = read(str(tmp_path))
    assert (found.status, found.exit) == ("done", 0)
    assert is_record(str(tmp_path))


@pytest.mark.parametrize(
    "text",
    [
        *["", "{", "[]", "null", '"done"', "{}", '{"status": "well"}', '{"status": 1}', "[" * 100_000, "1" * 5_000],
        *['{"status": "done", "turns": {}}', '{"status": "done", "turns": [1]}', '{"status": "done", "results": null}'],
        *['{"status": "done", "seconds": "long"}', '{"status": "done", "error": "x"}', '{"status": ["done"]}'],
    ],
)
def test_a_damaged_record_is_that_of_a_killed_run(tmp_path: Path, text: str) -> None:
    (tmp_path / "record.json").write_text(text, encoding="utf-8")
    found = read(str(tmp_path))
    assert found.status == "killed"
    assert found.error == {"type": "DamagedRecord", "message": "record.json cannot be read", "where": None}


def test_every_cut_record_can_be_read(tmp_path: Path) -> None:
    whole = Record("x", {"status": "done", "results": {"a": 1}}).text()
    for end in range(0, len(whole) - 2, 7):
        (tmp_path / "record.json").write_text(whole[:end], encoding="utf-8")
        assert read(str(tmp_path)).status == "killed"


def test_a_record_that_is_no_text_can_be_read(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_bytes(b"\xff\xfe")
    assert read(str(tmp_path)).status == "killed"


def test_a_record_of_a_newer_version_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    found = read(str(write(tmp_path, version=9, status="done", more=1)))
    assert (found.version, found.status) == (9, "done")


def test_runs_are_found_by_name(tmp_path: Path) -> None:
    for name in ("b", "a"):
        write(tmp_path / name, status="done")
    (tmp_path / "c").mkdir()
    (tmp_path / "d").mkdir()
    (tmp_path / "d" / ".done").write_text("{}", encoding="utf-8")
    (tmp_path / "file").touch()
    assert [os.path.basename(path) for path in walk(str(tmp_path))] == ["a", "b", "d"]
    assert list(walk(str(tmp_path / "none"))) == []


def test_statuses_are_the_ones_of_the_contract() -> None:
    assert records.STATUSES == ("waiting", "running", "done", "failed", "killed")


def job_of(folder: Path, **content: Any) -> tuple[int, int] | None:
    """Write the record of a job, and return its stamp."""
    records.Record(str(folder), {"status": "done", "exit": 0, **content}).write()
    return records.stamp(str(folder))


def test_a_job_that_is_killed_after_its_end_is_done(tmp_path: Path) -> None:
    before = records.stamp(str(tmp_path))
    assert before is None
    job_of(tmp_path)
    assert records.closed(str(tmp_path), -9, before).status == "done"


@pytest.mark.parametrize(("code", "expected"), [(-9, "killed"), (2, "failed"), (0, "done"), (None, "done")])
def test_a_job_that_ends_before_its_run_began_leaves_the_record_of_an_earlier_time(
    tmp_path: Path, code: int | None, expected: str
) -> None:
    before = job_of(tmp_path)
    assert records.closed(str(tmp_path), code, before).status == expected
    assert records.read(str(tmp_path)).status == "done"


def test_a_job_that_ends_well_without_a_run_has_failed(tmp_path: Path) -> None:
    assert records.closed(str(tmp_path), 0).status == "failed"
    assert records.read(str(tmp_path)).status == "failed"
    before = records.stamp(str(tmp_path))
    assert records.closed(str(tmp_path), 0, before).status == "failed"


@pytest.mark.parametrize(("code", "expected"), [(1, "failed"), (130, "killed"), (-9, "killed"), (None, "killed")])
def test_a_job_that_could_not_write_its_end_has_failed_or_was_killed(
    tmp_path: Path, code: int | None, expected: str
) -> None:
    write(tmp_path, status="running")
    found = records.closed(str(tmp_path), code)
    assert (found.status, found.exit) == (expected, code)
    assert ("ended without completing its record" in str(found.error)) == (expected == "failed")
    assert records.read(str(tmp_path)).status == expected


@pytest.mark.parametrize(
    ("before", "code", "expected"),
    [
        (None, None, ("failed", None)),
        ({"status": "killed", "exit": None}, None, ("killed", None)),
        ({"status": "killed", "exit": 143}, None, ("failed", None)),
        ({"status": "failed", "exit": 1}, None, ("failed", None)),
    ],
)
def test_the_reason_of_an_engine_is_kept(
    tmp_path: Path, before: dict[str, Any] | None, code: int | None, expected: tuple[str, int | None]
) -> None:
    if before is not None:
        records.Record(str(tmp_path), before).write()
    began = before is not None and before["exit"] is None
    stamp = None if began else records.stamp(str(tmp_path))
    found = records.closed(str(tmp_path), code, stamp, reason="the worker is gone")
    assert (found.status, found.exit) == expected
    assert found.error == {"type": None, "message": "the worker is gone", "where": None}


def test_what_is_done_is_done_whatever_an_engine_says(tmp_path: Path) -> None:
    records.Record(str(tmp_path), {"status": "done", "exit": 0}).write()
    assert records.closed(str(tmp_path), None, reason="the worker is gone").status == "done"


def test_names_that_are_not_utf_8_are_kept(tmp_path: Path) -> None:
    record = records.Record(str(tmp_path), {"line": "prog --into b\udcff", "status": "done"})
    record.write()
    assert records.read(str(tmp_path)).line == "prog --into b\udcff"
