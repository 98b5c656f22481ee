"""The history of a search, and its best result."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from clickbind.errors import SaveError, UserError
from clickbind.journal.records import Record
from clickbind.sweeps.history import FILE, Goal, Log, best_of, known

HEADER: dict[str, Any] = {"minimize": "evaluate.loss", "seed": 3, "axes": []}


def test_lines_are_read_as_they_were_written(tmp_path: Path) -> None:
    log = Log(str(tmp_path))
    assert (log.header, log.events) == (None, [])
    for event in (HEADER, {"ask": 0}, {"tell": 0, "value": None}):
        log.add(event)
    again = Log(str(tmp_path))
    assert (again.header, again.events) == (HEADER, [{"ask": 0}, {"tell": 0, "value": None}])
    again.check()
    log.add({"ask": 1})
    with pytest.raises(UserError, match="another process went on with this search meanwhile"):
        again.check()


@pytest.mark.parametrize("torn", [b'{"ask": 1', b'{"ask": 1}'[:1], b"\xff", b"1"])
def test_a_last_line_that_is_cut_off_is_left_out_and_replaced(tmp_path: Path, torn: bytes) -> None:
    Log(str(tmp_path)).add(HEADER)
    with (tmp_path / FILE).open("ab") as file:
        file.write(torn)
    log = Log(str(tmp_path))
    log.check()
    log.add({"ask": 0})
    assert Log(str(tmp_path)).events == [{"ask": 0}]


@pytest.mark.parametrize("line", [b"[1]\n", b"{\n", b"\xff\n"])
def test_another_damaged_line_is_reported(tmp_path: Path, line: bytes) -> None:
    (tmp_path / FILE).write_bytes(b"{}\n" + line + b"{}\n")
    with pytest.raises(UserError, match=r"search.jsonl:2: this line cannot be read."):
        Log(str(tmp_path))
    assert best_of(str(tmp_path)) is None


def test_a_history_that_cannot_be_written_is_reported(tmp_path: Path) -> None:
    log = Log(str(tmp_path / "gone"))
    with pytest.raises(SaveError, match="the search cannot be written: No such file or directory"):
        log.add(HEADER)


def record(folder: Path, name: str, loss: object, status: str = "done") -> Record:
    (folder / name).mkdir()
    found = Record(str(folder / name), {"status": status, "results": {"evaluate.loss": loss}})
    found.write()
    return found


def test_the_best_result_is_that_of_a_job_that_is_done(tmp_path: Path) -> None:
    (tmp_path / "sweep.yml").touch()
    assert best_of(str(tmp_path)) is None
    Log(str(tmp_path)).add(HEADER)
    none = "best: none, since no job has a result evaluate.loss"
    assert best_of(str(tmp_path)) == none
    found = [
        record(tmp_path, "1-lr=1", "nan"),
        record(tmp_path, "2-lr=2", 0.01, "failed"),
        record(tmp_path, "3-lr=3", True),
    ]
    assert best_of(str(tmp_path), found) == none
    found += [
        record(tmp_path, f"{number}-lr={number}", loss) for number, loss in enumerate((0.5, 0.123456, 0.123456), 4)
    ]
    assert best_of(str(tmp_path)) == "best: 5-lr=5  evaluate.loss=0.1235"
    os.remove(tmp_path / FILE)
    Log(str(tmp_path)).add({"maximize": "evaluate.loss"})
    assert best_of(str(tmp_path)) == "best: 4-lr=4  evaluate.loss=0.5"
    assert best_of(str(tmp_path), found[:4]) == "best: 4-lr=4  evaluate.loss=0.5"


def test_a_goal_has_a_verb() -> None:
    assert [Goal("x", maximize).verb for maximize in (True, False)] == ["maximize", "minimize"]


def test_the_latest_call_says_the_seed(tmp_path: Path) -> None:
    assert known(str(tmp_path), "seed") is None
    (tmp_path / "sweep.yml").write_text("sweeps: [{seed: 1}, {seed: 2, trials: 5}, {resumed: true}]", encoding="utf-8")
    assert (known(str(tmp_path), "seed"), known(str(tmp_path), "trials")) == (2, 5)
    Log(str(tmp_path)).add(HEADER)
    assert (known(str(tmp_path), "seed"), known(str(tmp_path), "trials")) == (3, 5)
