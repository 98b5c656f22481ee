"""The records of a folder are found, listed, written for programs, and compared."""

from __future__ import annotations

import csv
import json
import math
import os
import platform
import re
import sys
import time
import types
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

import clickbind
from clickbind.errors import UserError
from clickbind.journal import claims, comparison, listing, table
from clickbind.journal.records import Record
from tests.conftest import processor_seconds

HERE = platform.node()


def make(folder: Path | str, values: dict[str, Any] | None = None, **content: Any) -> Record:
    """Write the record of a run."""
    os.makedirs(folder, exist_ok=True)
    record = Record(str(folder), {"status": "done", "seconds": 40.0, "host": HERE, **content})
    record.write()
    text = "".join(f"{key}: {value}\n" for key, value in (values or {}).items())
    (Path(folder) / "run.yml").write_text(text, encoding="utf-8")
    return record


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def sweep() -> str:
    """Make the sweep of the contract, in which one job runs."""
    os.makedirs("runs/lr")
    Path("runs/lr/sweep.yml").touch()
    losses = {1: 0.5, 10: 0.003, 3: math.inf}
    for number, loss in losses.items():
        values = {"train.lr": 10.0**-number if number < 10 else 0.0001, "train.batch": 32, "train.epochs": 5}
        results = {"evaluate.loss": str(loss) if math.isinf(loss) else loss}
        make(f"runs/lr/{number:02}-lr={number}", values, results=results)
    error = {"type": "ValueError", "message": "diverged\n at  step 3", "where": "fit.py:11"}
    turns = [{"stage": "load", "status": "done"}, {"stage": "train", "status": "failed"}]
    values = {"train.lr": 0.1, "train.batch": 64, "train.epochs": 5}
    make("runs/lr/02-lr=.1", values, status="failed", seconds=3.2, error=error, turns=turns)
    os.makedirs("runs/lr/04-waits")
    Path("runs/lr/04-waits/run.yml").write_text("train.lr: 1\n", encoding="utf-8")
    os.makedirs("runs/lr/notes")
    return "runs/lr"


def shown(folder: str, width: int = 80, **settings: Any) -> str:
    numbered = listing.is_sweep(folder)
    return table.table_of(clickbind.runs(folder), width=width, numbered=numbered, **settings)


def test_the_runs_of_a_sweep_are_a_table(sweep: str) -> None:
    assert shown(sweep, width=100) == (
        "  job  status   time  train.lr  train.batch  train.epochs  evaluate.loss\n"
        "    1  done     0:40       0.1           32             5            0.5\n"
        "    2  failed   0:03       0.1           64             5  train: ValueError: diverged at step 3\n"
        "    3  done     0:40     0.001           32             5            inf\n"
        "    4  waiting               1\n"
        "   10  done     0:40    0.0001           32             5          0.003\n"
        "3 done, 1 failed, 1 waiting\n"
    )


def test_only_keys_that_differ_are_shown(sweep: str) -> None:
    os.unlink("runs/lr/04-waits/run.yml")
    assert "train.epochs" not in shown(sweep)
    assert "train.epochs" in shown(sweep, every=True, width=200)


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_a_table_fits_its_terminal_and_says_what_does_not(sweep: str, width: int) -> None:
    lines = shown(sweep, width).splitlines()
    names = {"train.lr", "train.batch", "train.epochs", "evaluate.loss"}
    missing = {name for name in names if name not in lines[0]}
    found = [line for line in lines if line.startswith("Left out for lack of space: ")]
    assert len(found) == bool(missing)
    assert all(name in found[0] for name in missing)
    if width >= 60:
        assert max(map(len, lines[:6])) <= width
    assert (width < 200) or not missing


def test_the_column_to_sort_by_is_always_shown(sweep: str) -> None:
    assert "evaluate.loss" in shown(sweep, 66, sort="evaluate.loss").splitlines()[0]
    assert "evaluate.loss" in shown(sweep, 66, sort="loss").splitlines()[0]
    assert "evaluate.loss" not in shown(sweep, 66, sort="train.batch").splitlines()[0]


def jobs(text: str) -> list[int]:
    return [int(found[1]) for line in text.splitlines() if (found := re.match(r" +(\d+) ", line))]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("evaluate.loss", [10, 1, 3, 2, 4]),
        ("train.lr", [10, 3, 1, 2, 4]),
        ("lr", [10, 3, 1, 2, 4]),
        ("train.batch", [1, 3, 10, 2, 4]),
        ("time", [2, 1, 3, 10, 4]),
        ("status", [1, 3, 10, 2, 4]),
        ("job", [1, 2, 3, 4, 10]),
        (None, [1, 2, 3, 4, 10]),
    ],
)
def test_a_table_is_sorted(sweep: str, sort: str | None, order: list[int]) -> None:
    assert jobs(shown(sweep, 200, sort=sort)) == order


def test_texts_come_after_numbers_and_what_is_not_a_number_too() -> None:
    for name, result in {"a": "b", "b": 2, "c": "nan", "d": None, "e": "-inf"}.items():
        make(f"r/{name}", {}, results={} if result is None else {"x": result})
    assert re.findall(r"(?m)^  (\w) ", shown("r", sort="x")) == ["e", "b", "a", "c", "d"]


def test_what_is_not_there_cannot_be_sorted_by(sweep: str) -> None:
    with pytest.raises(UserError) as found:
        shown(sweep, sort="evaluate.los")
    assert found.value.message == "--sort: the runs have no key or result 'evaluate.los'. Did you mean 'evaluate.loss'?"
    with pytest.raises(UserError, match=r"no key or result 'bacth'\. Did you mean 'batch'\?"):
        shown(sweep, sort="bacth")


def test_an_ending_of_several_columns_is_refused() -> None:
    make("r/a", {}, results={"train.loss": 1, "evaluate.loss": 2})
    with pytest.raises(UserError) as found:
        shown("r", sort="loss")
    assert found.value.message == "--sort: 'loss' can be several keys or results: train.loss, evaluate.loss."


def test_a_folder_of_runs_shows_their_names() -> None:
    make("r/2026-01-01-train", {"train.tags": "[a, b]", "train.flag": "true", "train.name": "x" * 60})
    make("r/beta", {"train.tags": "[]", "train.name": "null"}, seconds=None, results={"n": 1, "f": 0.123456789})
    assert shown("r", 200).splitlines() == [
        f"  run               status  time  train.tags  train.flag  train.name{' ' * 30}  n         f",
        f"  2026-01-01-train  done    0:40  a b         true        {'x' * 37}...",
        f"  beta              done          []                      null{' ' * 36}  1  0.123457",
        "2 done",
    ]


def test_an_empty_folder_has_no_runs() -> None:
    os.mkdir("r")
    assert shown("r") == "No runs\n"


def test_one_run_is_a_list_of_one() -> None:
    make("r", {"train.lr": 1})
    assert [record.name for record in clickbind.runs("r")] == ["r"]
    assert [record.name for record in clickbind.runs(Path("r"))] == ["r"]
    with pytest.raises(FileNotFoundError):
        clickbind.runs("none")
    os.mkdir("runs")
    assert clickbind.runs() == []


def test_nothing_in_a_record_controls_the_terminal() -> None:
    evil = "\x1b[2J\x9b1m\u202e\n\t"
    name = "\x1b[31m"
    error = {"type": evil, "message": evil, "where": None}
    turns = [{"stage": evil, "status": "failed"}]
    make(
        f"r/{name}", {"train.x": '"\\e[2J"'}, status="failed", error=error, turns=turns, results={evil: evil}, line=evil
    )
    make("r/b", {"train.x": "1"}, host=evil, status="running")
    claim = claims.take("r/b")
    found = clickbind.runs("r")
    one, two = found
    texts = [
        table.table_of(found, width=200, numbered=False, every=True),
        table.table_of(found, width=50, numbered=True),
        table.sweeps_of({name: found}),
        table.json_of(found),
        comparison.compare(one, two),
    ]
    for text in texts:
        assert all(char.isprintable() for line in text.split("\n") for char in line), text
    claim.release()


def test_wide_characters_keep_the_columns_straight() -> None:
    make("r/\u65e5\u672c", {"train.x": "\u65e5"})
    make("r/e\u0301", {"train.x": "a"})
    lines = shown("r").splitlines()[1:3]
    assert [table._width(line.partition("done")[0]) for line in lines] == [8, 8]
    assert table._width("\u65e5\u672c") == 4
    assert table._width("e\u0301") == 1


def test_a_run_that_goes_on_shows_how_long_it_has_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1_000_000_100.0)
    for name, started in {"a": "2001-09-09T01:46:40+00:00", "b": "soon", "c": "2101-01-01T00:00:00+00:00"}.items():
        make(f"r/{name}", status="running", seconds=7.0, started=started)
    running = [claims.take(f"r/{name}") for name in "abc"]
    assert re.findall(r"running +(\S+)", shown("r")) == ["1:40", "0:07", "0:00"]
    for claim in running:
        claim.release()


def test_a_run_on_another_host_is_said_to_be_one() -> None:
    make("r/a", status="running", host="elsewhere")
    claim = claims.take("r/a")
    assert shown("r").splitlines()[-2:] == [
        "On other hosts, as far as the files that they last wrote show: a",
        "1 running",
    ]
    claim.release()


@pytest.mark.parametrize(
    ("statuses", "seconds", "text"),
    [
        (
            {"done": 9, "failed": 1, "running": 1, "waiting": 1},
            40.0,
            "9 done, 1 failed, 1 running, 1 waiting; about 1:20 left",
        ),
        ({"running": 2, "waiting": 2}, None, "2 running, 2 waiting"),
        ({"done": 1, "running": 2, "waiting": 2}, 100.0, "1 done, 2 running, 2 waiting; about 3:20 left"),
        ({"done": 1, "waiting": 2, "killed": 3}, 100.0, "1 done, 3 killed, 2 waiting"),
        ({}, None, "No runs"),
    ],
)
def test_the_last_line_says_how_long_the_rest_takes(statuses: dict[str, int], seconds: float | None, text: str) -> None:
    records = [
        Record("x", {"status": status, "seconds": seconds if status == "done" else 0.0})
        for status, count in statuses.items()
        for _ in range(count)
    ]
    assert table.summary(records) == text


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (59.9, "0:59"), (252, "4:12"), (7_509, "2:05:09")])
def test_times_are_those_of_a_clock(seconds: float, text: str) -> None:
    assert table.clock(seconds) == text


def test_sweeps_are_a_table(sweep: str) -> None:
    assert listing.sweeps_in("runs") == ["lr"]
    found = {"lr": clickbind.runs("runs/lr"), "none": clickbind.runs("runs")}
    assert table.sweeps_of(found) == (
        "  sweep  jobs\n  lr        5  3 done, 1 failed, 1 waiting\n  none      0  No runs\n"
    )


def test_csv_has_the_values_as_they_are(sweep: str) -> None:
    make("runs/lr/05-x", {"train.lr": "[1, 2]", "train.batch": "true"}, started="2026-01-01T00:00:00+00:00")
    rows = list(csv.DictReader(table.csv_of(clickbind.runs(sweep), sort="evaluate.loss").splitlines()))
    assert [row["folder"][-4:] for row in rows[:2]] == ["r=10", "lr=1"]
    assert list(rows[0]) == [
        *(
            "folder",
            "status",
            "started",
            "seconds",
            "train.lr",
            "train.batch",
            "train.epochs",
            "evaluate.loss",
            "error",
        ),
    ]
    assert (rows[0]["train.lr"], rows[0]["evaluate.loss"]) == ("0.0001", "0.003")
    last = next(row for row in rows if row["folder"].endswith("05-x"))
    assert (last["train.lr"], last["train.batch"], last["train.epochs"]) == ("[1, 2]", "true", "")
    assert 'train: ValueError: diverged\n at  step 3"\n' in table.csv_of(clickbind.runs(sweep))


def test_json_has_everything(sweep: str) -> None:
    make("runs/lr/05-x", {"train.lr": ".nan"})
    found = json.loads(table.json_of(clickbind.runs(sweep)))
    assert [item["status"] for item in found] == ["done", "failed", "done", "waiting", "done", "done"]
    assert found[0]["values"] == {"train.lr": 0.1, "train.batch": 32, "train.epochs": 5}
    assert found[4]["values"] == {"train.lr": "nan"}
    assert found[1]["error"]["where"] == "fit.py:11"
    assert set(found[0]) == {"folder", "values", *Record("x").content()}


def test_records_are_used_in_python(sweep: str) -> None:
    found = clickbind.runs(sweep)
    assert isinstance(found[0], clickbind.Record)
    best = min((run for run in found if run.status == "done"), key=lambda run: float(run["evaluate.loss"]))
    assert (best["train.lr"], best.values["train.batch"], best["evaluate.loss"]) == (0.0001, 32, 0.003)
    with pytest.raises(KeyError):
        best["train.other"]
    assert found[1].failure == "train: ValueError: diverged\n at  step 3"
    assert Record("x", {"error": {"type": None, "message": "x"}}).failure == "x"
    assert Record("none").values == {}


def test_pandas_gets_a_row_for_each_run(sweep: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Pandas itself need not be installed: it is given rows and their names."""
    made: list[Any] = []

    def frame(rows: Sequence[dict[str, Any]], index: Sequence[str]) -> str:
        made.extend([rows, index])
        return "frame"

    monkeypatch.setitem(sys.modules, "pandas", types.SimpleNamespace(DataFrame=frame))
    assert clickbind.runs(sweep).to_pandas() == "frame"
    rows, index = made
    assert index == ["01-lr=1", "02-lr=.1", "03-lr=3", "04-waits", "10-lr=10"]
    assert rows[0] == {
        "status": "done",
        "started": None,
        "seconds": 40.0,
        "train.lr": 0.1,
        "train.batch": 32,
        "train.epochs": 5,
        "evaluate.loss": 0.5,
        "error": None,
    }
    assert rows[2]["evaluate.loss"] == math.inf


def test_pandas_itself_takes_them(sweep: str) -> None:
    pytest.importorskip("pandas")
    frame = clickbind.runs(sweep).to_pandas()
    assert frame.loc["10-lr=10", "evaluate.loss"] == 0.003


def test_two_runs_are_compared() -> None:
    one = make("a", {"train.lr": "0.1  # --lr", "train.x": 1, "train.tags": "\n- a"}, commit="abc", dirty=True)
    two = make(
        "b", {"train.lr": "0.2  # f.yml:3", "train.tags": "\n- b", "train.new": 1}, commit="abc", results={"e": 2}
    )
    one.results = {"e": 1}
    assert comparison.compare(one, two) == (
        "train.lr\n  a: 0.1  # --lr\n  b: 0.2  # f.yml:3\n\n"
        "train.new\n  a: not set\n  b: 1\n\n"
        "train.tags\n  a: \n    - a\n  b: \n    - b\n\n"
        "train.x\n  a: 1\n  b: not set\n\n"
        "commit\n  a: abc, with changes\n  b: abc\n\n"
        "e\n  a: 1\n  b: 2\n"
    )
    assert comparison.compare(one, one) == ""


def test_job_numbers_are_those_in_front() -> None:
    assert [listing.job_of(name) for name in ("01-lr", "12", "x-1", "1x", "9" * 10)] == [1, 12, None, None, None]


def test_ten_thousand_records_are_listed_at_once(tmp_path: Path) -> None:
    Path("sweep.yml").touch()
    text = "".join(f"train.x{key}: {{}}\n" for key in range(12))
    for number in range(10_000):
        os.mkdir(f"{number:05}-x")
        record = Record("x", {"status": "done", "seconds": 1.0, "results": {"evaluate.loss": number / 7}})
        Path(f"{number:05}-x", "record.json").write_text(record.text(), encoding="utf-8")
        Path(f"{number:05}-x", "run.yml").write_text(text.format(*[number] * 12), encoding="utf-8")
    with processor_seconds(40):
        lines = shown(".", 200).splitlines()
    assert (len(lines), lines[-1]) == (10_002, "10000 done")
