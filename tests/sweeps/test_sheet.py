"""The sheet of a sweep: whether its latest call resumes jobs, and from which stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clickbind.journal.records import Record
from clickbind.sweeps import sheet

DONE = {"status": "done", "turns": [{"stage": "train", "status": "done"}]}


@pytest.mark.parametrize(
    ("call", "before", "expected"),
    [
        ({"line": "x"}, DONE, None),
        ({"resumed": True}, DONE, []),
        ({"resumed": True, "from": "train"}, DONE, ["--from", "train"]),
        ({"resumed": True, "from": "evaluate"}, DONE, []),
        ({"resumed": True, "again": True}, DONE, ["--from", "train"]),
        ({"resumed": True, "again": True}, {"status": "failed"}, []),
    ],
)
def test_a_job_goes_on_as_the_latest_call_says(
    tmp_path: Path, call: dict[str, Any], before: dict[str, Any], expected: list[str] | None
) -> None:
    assert sheet.resumed(sheet.latest(str(tmp_path)), Record("x")) is None
    sheet.write(str(tmp_path), {"resumed": True})
    sheet.write(str(tmp_path), call)
    assert sheet.resumed(sheet.latest(str(tmp_path)), Record("x", before)) == expected
