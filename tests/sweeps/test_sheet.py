"""The sheet of a sweep: whether its latest call resumes jobs, and from which stage."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from clickbind.errors import SaveError
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


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (b"", "it has no list of sweeps"),
        (b"sweeps: 3", "it has no list of sweeps"),
        (b"sweeps: [", "invalid YAML: while parsing a flow node"),
        (b"\xff", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
        (None, "Is a directory"),
    ],
)
def test_a_sheet_that_cannot_be_read_is_left_alone(tmp_path: Path, text: bytes | None, reason: str) -> None:
    path = tmp_path / "sweep.yml"
    if text is None:
        path.mkdir()
    else:
        path.write_bytes(text)
    assert sheet.read(str(tmp_path)) == []
    with pytest.raises(SaveError) as caught:
        sheet.write(str(tmp_path), {"line": "x"})
    expected = f"{path}: the sweep cannot be continued, since this file cannot be read: {reason}"
    assert caught.value.message.startswith(expected)
    assert text is None or path.read_bytes() == text


def test_bytes_of_a_line_that_are_not_utf_8_are_escaped(tmp_path: Path) -> None:
    sheet.write(str(tmp_path), {"line": "a \udcff", "grids": [{"x\udcff": ["1"]}], "again": False})
    assert sheet.latest(str(tmp_path)) == {"line": r"a \udcff", "grids": [{r"x\udcff": ["1"]}], "again": False}
