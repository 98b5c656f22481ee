"""What a page has of recorded runs, as data."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from typing import Any

import pytest

from clickbind.journal.listing import runs
from clickbind.report import content, files
from clickbind.report.content import Limits, content_of
from tests.report.kit import HOSTILE, fill, png, sweep


def content_in(folder: Path, **settings: Any) -> dict[str, Any]:
    found = content_of(runs(folder), str(folder), **settings)
    json.dumps(found, allow_nan=False)
    return found


def test_the_keys_that_differ_come_first(tmp_path: Path) -> None:
    found = content_in(sweep(tmp_path / "lr", 12))
    assert found["keys"] == ["train.lr", "train.batch", "train.model", "train.seed", "train.steps"]
    assert found["differ"] == [True] * 4 + [False]
    assert (found["results"], found["isSweep"], found["summary"]) == (
        ["train.loss"],
        True,
        "10 done, 1 failed, 1 waiting",
    )


def test_a_job_has_its_values_with_their_origins(tmp_path: Path) -> None:
    found = content_in(sweep(tmp_path / "lr", 3))
    job = found["jobs"][1]
    assert (job["number"], job["name"], job["status"]) == (2, "02-seed=2", "done")
    values = [found["texts"][number] for number in job["values"]]
    assert values == [
        ["0.0100", "--lr", 0.01],
        ["4", "", 4],
        ["'a b'", "", "a b"],
        ["2", "", 2],
        ["5", "default", 5],
    ]
    assert job["turns"] == [["train", "done", 2.0, '{"loss": 0.5}']]
    assert job["results"] == [0.5]
    assert (job["log"], job["logBefore"]) == ("step 2\n", 0)


def test_a_job_that_waits_has_only_values(tmp_path: Path) -> None:
    job = content_in(sweep(tmp_path / "lr", 3))["jobs"][2]
    assert (job["status"], job["log"], job["figures"], job["error"], job["turns"]) == ("waiting", "", [], {}, [])
    assert None not in job["values"]


def test_a_run_that_is_no_job_has_no_number(tmp_path: Path) -> None:
    fill(tmp_path / "7-days", {"train.lr": "1"})
    fill(tmp_path / "b", {"train.batch": "1"})
    found = content_in(tmp_path)
    assert [job["number"] for job in found["jobs"]] == [None, None]
    assert [job["values"].count(None) for job in found["jobs"]] == [1, 1]


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("[1, 2.5, a]", "1 2.5 a"),
        ("[]", "[]"),
        ("{a: [1]}", '{"a": [1]}'),
        ("null", None),
        ("true", True),
        (".nan", "nan"),
        ("9007199254740993", "9007199254740993"),
        ("0x" + "f" * 600, "a large integer"),
    ],
)
def test_a_value_is_shown_as_in_the_table(text: str, value: object, tmp_path: Path) -> None:
    fill(tmp_path / "a", {"train.x": text})
    assert content_in(tmp_path)["texts"][0][2] == value


def test_an_object_of_an_unknown_type_is_a_text() -> None:
    assert content._plain(b"x") == "b'x'"


def test_long_texts_are_cut(tmp_path: Path) -> None:
    error = {"type": "E" * 5_000, "message": "m" * 50_000, "where": None}
    turns = [{"stage": "train", "status": "done", "seconds": 1, "returned": None}] * 60
    fill(tmp_path / "a", {"train.x": "x" * 3_000}, error=error, turns=turns, line="l" * 5_000)
    found = content_in(tmp_path)
    assert [len(text) for text in found["texts"][0][::2]] == [2_020, 2_020]
    job = found["jobs"][0]
    assert len(job["error"]["message"]) < 10_100
    assert (len(job["turns"]), job["notes"]) == (50, ["10 more turns are left out."])
    assert len(job["line"]) < 2_100


def test_what_was_edited_does_no_harm(tmp_path: Path) -> None:
    fill(
        tmp_path / "a",
        {},
        results={"x": [1], "y": float("inf"), "z": "nan"},
        turns=[{"stage": 3, "seconds": "long"}],
        engine={"name": ["a"]},
        error={},
    )
    job = content_in(tmp_path)["jobs"][0]
    assert job["results"] == ["[1]", "inf", "nan"]
    assert job["turns"] == [[3, None, "long", None]]
    assert (job["engine"], job["error"]) == ("['a']", {})


def test_what_is_too_much_is_left_out_and_said_to_be(tmp_path: Path) -> None:
    limits = Limits(runs=5, keys=2, results=0, logs=0)
    found = content_in(sweep(tmp_path / "lr", 12), limits=limits)
    assert len(found["jobs"]) == 5
    assert found["keys"] == ["train.lr", "train.batch"]
    assert found["leftOut"] == [
        "The page has 5 of 12 runs.",
        "The page has 2 of 5 keys.",
        "The page has 0 of 1 results.",
        "For lack of space, 5 logs are left out.",
    ]
    assert found["jobs"][0]["notes"] == ["The log is left out."]
    assert (found["jobs"][0]["log"], found["jobs"][0]["logBefore"]) == ("", 0)


def test_limits_become_smaller_until_nothing_is_left() -> None:
    first = Limits().smaller()
    assert (first.figures, first.runs, first.keys) == (0, 10_000, 250)
    assert first.smaller().runs == 5_000


def test_the_logs_of_runs_that_failed_come_first(tmp_path: Path) -> None:
    for name, status in (("1", "done"), ("2", "failed")):
        (fill(tmp_path / name, {}, status=status) / "log.txt").write_text("x" * 600, encoding="utf-8")
    logs = [job["log"] for job in content_in(tmp_path, limits=Limits(logs=700))["jobs"]]
    assert [len(log) for log in logs] == [0, 500]


def test_secrets_that_a_program_has_printed_are_starred(tmp_path: Path) -> None:
    (fill(tmp_path / "a", {}, dirty=True) / "log.txt").write_text("token hunter2\n", encoding="utf-8")
    (tmp_path / "a" / "code.diff").write_text("+hunter2\n", encoding="utf-8")
    found = content_in(tmp_path, hide=lambda text: text.replace("hunter2", "***"))
    assert (found["jobs"][0]["log"], found["diffs"]) == ("token ***\n", ["+***\n"])


def test_the_changes_of_a_sweep_are_there_once(tmp_path: Path) -> None:
    folder = sweep(tmp_path / "lr", 2)
    for number in (3, 4):
        fill(folder / str(number), {}, dirty=True)
    assert [job["diff"] for job in content_in(folder)["jobs"]] == [None] * 4
    (folder / "code.diff").write_text("+print()\n", encoding="utf-8")
    found = content_in(folder)
    assert ([job["diff"] for job in found["jobs"]], found["diffs"]) == ([None, None, 0, 0], ["+print()\n"])
    found = content_in(folder, limits=Limits(diffs=3))
    assert (found["diffs"], found["leftOut"]) == ([], ["For lack of space, 2 changes of the code are left out."])
    assert found["jobs"][2]["notes"] == ["The changes since the commit are left out."]
    found = content_in(folder / "3")
    assert ([job["diff"] for job in found["jobs"]], found["diffs"]) == ([0], ["+print()\n"])


def test_a_long_difference_is_cut(tmp_path: Path) -> None:
    (tmp_path / "code.diff").write_text("0123456789", encoding="utf-8")
    assert files.diff_of(str(tmp_path), 4) == "0123\n… the rest is left out"
    assert files.diff_of(str(tmp_path), 10) == "0123456789"


def test_the_end_of_a_log_begins_with_a_line(tmp_path: Path) -> None:
    log = tmp_path / "log.txt"
    log.write_bytes(b"first\nsecond\xff\nthird\n")
    assert files.log_of(str(tmp_path), 100) == ("first\nsecond\\xff\nthird\n", 0)
    assert files.log_of(str(tmp_path), 9) == ("third\n", 14)
    log.write_bytes(b"x" * 20)
    assert files.log_of(str(tmp_path), 9) == ("x" * 9, 11)


@pytest.mark.parametrize("name", ["log.txt", "code.diff", "a.png"])
def test_what_is_no_file_is_not_opened(name: str, tmp_path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no named pipes")
    os.mkfifo(tmp_path / name)
    assert files.log_of(str(tmp_path), 9) == ("", 0)
    assert files.diff_of(str(tmp_path), 9) == ""
    assert files.figures_of(str(tmp_path), files.Budget(9)).shown == []


def test_figures_are_found_below_the_folder(tmp_path: Path) -> None:
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "b.PNG").write_bytes(png())
    (tmp_path / "a.png").write_bytes(png())
    (tmp_path / "c.png").write_text("no picture", encoding="utf-8")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere")
    (tmp_path / "self").symlink_to(tmp_path)
    found = files.figures_of(str(tmp_path), files.Budget(1_000_000))
    assert [name for name, _ in found.shown] == ["a.png", os.path.join("plots", "b.PNG")]
    assert found.shown[0][1] == "data:image/png;base64," + base64.b64encode(png()).decode()
    assert found.said() == ""


def test_figures_are_bounded_in_number_size_and_depth(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = tmp_path / "1" / "2" / "3"
    (deep / "4").mkdir(parents=True)
    (deep / "deep.png").write_bytes(png())
    (deep / "4" / "deeper.png").write_bytes(png())
    assert [name for name, _ in files.figures_of(str(tmp_path), files.Budget(9_999)).shown] == ["1/2/3/deep.png"]
    for number in range(12):
        (tmp_path / f"{number:02}.png").write_bytes(png())
    (deep / "deep.png").unlink()
    found = files.figures_of(str(tmp_path), files.Budget(9_999))
    assert len(found.shown) == 8
    assert found.said() == "Figures that are left out: 08.png, 09.png, 10.png and 1 more."
    found = files.figures_of(str(tmp_path), files.Budget(2 * len(png())))
    assert (len(found.shown), len(found.left_out)) == (2, 10)
    monkeypatch.setattr(files, "_LARGEST", 10)
    assert files.figures_of(str(tmp_path), files.Budget(9_999)).shown == []
    monkeypatch.setattr(files, "_MOST_LOOKED_AT", 3)
    assert len(files.figures_of(str(tmp_path), files.Budget(9_999)).left_out) == 3


def test_figures_that_are_left_out_are_counted(tmp_path: Path) -> None:
    (fill(tmp_path / "a", {}) / "a.png").write_bytes(png())
    found = content_in(tmp_path, limits=Limits(figures=0))
    assert found["leftOut"] == ["For lack of space, 1 figures are left out."]
    assert found["jobs"][0]["notes"] == ["Figures that are left out: a.png."]


def test_hostile_texts_are_only_data(tmp_path: Path) -> None:
    error = {"type": HOSTILE, "message": HOSTILE, "where": HOSTILE}
    folder = fill(tmp_path / "a", {"train.x": json.dumps(HOSTILE)}, error=error, results={HOSTILE: 1})
    (folder / "log.txt").write_text(HOSTILE, encoding="utf-8")
    found = content_in(tmp_path)
    assert found["results"] == [HOSTILE]
    assert found["jobs"][0]["error"]["message"] == found["jobs"][0]["log"] == HOSTILE


def test_a_folder_that_is_gone_has_no_figures(tmp_path: Path) -> None:
    assert files.figures_of(str(tmp_path / "gone"), files.Budget(9)).shown == []
