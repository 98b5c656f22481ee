"""The driver: what it shows, and how it stops."""

from __future__ import annotations

import io
import os
import signal
import sys
from pathlib import Path
from typing import Any

import pytest

from clickbind import sweeps
from clickbind.errors import SaveError
from clickbind.journal import records
from clickbind.sweeps.driver import Driver, claimed, clock, said


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0:00"), (0.6, "0:01"), (59, "0:59"), (61, "1:01"), (3600, "1:00:00"), (90_061, "25:01:01")],
)
def test_a_time_is_read_as_minutes_and_seconds(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ({"status": "done", "results": {"a.b": 0.123456, "c": 3}}, "a.b=0.1235  c=3"),
        ({"status": "done"}, ""),
        ({"status": "killed", "exit": None}, "killed"),
        ({"status": "killed", "exit": 130, "turns": [{"stage": "f", "status": "killed"}]}, "f: interrupted"),
        ({"status": "killed", "exit": -9}, "killed by SIGKILL"),
        ({"status": "killed", "exit": -999}, "killed by signal 999"),
        ({"status": "failed", "error": {"type": None, "message": "gone", "where": None}}, "gone"),
        ({"status": "failed", "error": {"type": "E", "message": "", "where": "/a/b.py:3"}}, "E (b.py:3)"),
    ],
)
def test_a_line_says_what_came_of_a_job(content: dict[str, Any], text: str) -> None:
    assert said(records.Record("x", content)) == text


class Slow:
    """An executor whose jobs end when they are stopped, or when one more look is taken at them."""

    def __init__(self, folder: Path, *, deaf: int = 0) -> None:
        self.folder = folder
        self.deaf = deaf
        self.futures: list[sweeps.futures.Future[int]] = []
        self.signals: list[int] = []
        self.ended = False

    def submit(self, _: Any, __: str, folder: str, ___: str) -> sweeps.futures.Future[int]:
        os.makedirs(folder, exist_ok=True)
        future: sweeps.futures.Future[int] = sweeps.futures.Future()
        future.set_running_or_notify_cancel()
        self.futures.append(future)
        return future

    def stop(self, number: int) -> None:
        self.signals.append(number)
        if len(self.signals) > self.deaf:
            for future in self.futures:
                future.set_result(-number)

    def shutdown(self) -> None:
        self.ended = True


def interrupted(monkeypatch: pytest.MonkeyPatch, *errors: BaseException) -> None:
    """Raise these at the first looks at running jobs, as signals would."""
    rest = list(errors)
    wait = sweeps.futures.wait

    def once(*args: Any, **kwargs: Any) -> Any:
        if rest:
            raise rest.pop(0)
        return wait(*args, **kwargs)

    monkeypatch.setattr(sweeps.futures, "wait", once)


@pytest.mark.parametrize(
    ("errors", "code", "signals"),
    [
        ([KeyboardInterrupt()], 130, [signal.SIGINT]),
        ([SystemExit(143)], 143, [signal.SIGINT]),
        ([SystemExit("x")], 130, [signal.SIGINT]),
        ([KeyboardInterrupt(), KeyboardInterrupt()], 130, [signal.SIGINT, signal.SIGKILL]),
    ],
)
def test_ctrl_c_stops_the_running_jobs(
    errors: list[BaseException], code: int, signals: list[int], request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    monkeypatch, capsys = map(request.getfixturevalue, ("monkeypatch", "capsys"))
    executor = Slow(tmp_path, deaf=len(errors) - 1)
    interrupted(monkeypatch, *errors)
    assert Driver(str(tmp_path), executor, "{}").run(["1", "2"]) == code
    assert executor.signals == signals
    assert executor.ended
    printed = capsys.readouterr().out
    assert "interrupted; waiting for 1 running, again Ctrl-C kills them" in printed
    assert "1 killed, 1 waiting" in printed


class Plain:
    """An executor that has ``submit`` only."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error

    def submit(self, *_: Any) -> sweeps.futures.Future[int]:
        future: sweeps.futures.Future[int] = sweeps.futures.Future()
        if self.error is not None:
            future.set_exception(self.error)
        return future


def test_an_engine_that_cannot_stop_jobs_cancels_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupted(monkeypatch, KeyboardInterrupt())
    assert Driver(str(tmp_path), Plain(), "{}").run(["1", "2"]) == 130


def test_an_error_of_an_engine_is_shown(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "1").mkdir()
    driver = Driver(str(tmp_path), Plain(RuntimeError("no more workers")), "{}")
    assert driver.run(["1"]) == 1
    assert "failed  0:00  1  RuntimeError: no more workers\n" in capsys.readouterr().out
    assert records.read(str(tmp_path / "1")).error == {
        "type": None,
        "message": "RuntimeError: no more workers",
        "where": None,
    }


def test_a_terminal_has_a_line_that_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    monkeypatch.setattr(sys, "stdout", terminal)
    monkeypatch.setenv("COLUMNS", "40")
    executor = Slow(tmp_path)
    looks = 0
    wait = sweeps.futures.wait

    def few(running: Any, _: float, when: Any) -> Any:
        nonlocal looks
        looks += 1
        if looks == 2:
            executor.stop(signal.SIGKILL)
        return wait(running, 0, when)

    monkeypatch.setattr(sweeps.futures, "wait", few)
    monkeypatch.setattr("clickbind.sweeps.driver._BEAT", -1)
    name = "1-tag=\x1b[2J" + "x" * 60
    (tmp_path / name).mkdir()
    (tmp_path / name / ".claim").touch()
    assert Driver(str(tmp_path), executor, "{}").run([name]) == 1
    shown = terminal.getvalue()
    assert "\x1b" not in shown
    assert "\r0 ended, 1 running, 0:00: 1-tag=\\x1b[2…" in shown
    assert all(len(part) <= 40 for part in shown.replace("\n", "\r").split("\r") if "running" in part)


def test_the_folder_of_a_sweep_that_cannot_be_made_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(SaveError, match="the sweep cannot be written: Not a directory"),
        claimed(str(tmp_path / "file/x")),
    ):
        pass
