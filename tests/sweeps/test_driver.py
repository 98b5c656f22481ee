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
from clickbind.errors import SaveError, UserError
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


class Failing:
    """An executor whose futures end with what it was made with, and which then refuses more."""

    def __init__(self, *errors: Exception | int | None, refuses: Exception | None = None) -> None:
        self.errors = list(errors)
        self.refuses = refuses

    def submit(self, _: Any, __: str, folder: str, ___: str) -> sweeps.futures.Future[int | None]:
        os.makedirs(folder, exist_ok=True)
        future: sweeps.futures.Future[int | None] = sweeps.futures.Future()
        if not self.errors and self.refuses is not None:
            raise self.refuses
        error = self.errors.pop(0)
        if isinstance(error, Exception):
            future.set_exception(error)
        else:
            future.set_result(error)
        return future


def test_an_engine_that_is_gone_runs_no_more_jobs(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    executor = Failing(1, sweeps.futures.CancelledError("the scheduler is gone"), sweeps.futures.CancelledError())
    driver = Driver(str(tmp_path), executor, "{}", at_a_time=3)
    assert driver.run(["1", "2", "3", "4"]) == 1
    assert driver.lost == "the scheduler is gone"
    assert driver.failed == ["1"]
    printed = capsys.readouterr()
    assert printed.err == "Warning: the engine can run no more jobs: the scheduler is gone\n"
    assert "1 failed, 3 waiting" in printed.out


def test_an_engine_that_accepts_no_more_jobs_is_gone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    driver = Driver(str(tmp_path), Failing(1, refuses=RuntimeError()), "{}")
    assert driver.run(["1", "2", "3"]) == 1
    assert driver.lost == "RuntimeError"
    assert "1 failed, 2 waiting" in capsys.readouterr().out


def test_a_mistake_that_a_submission_finds_is_the_user_s(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no program"):
        Driver(str(tmp_path), Failing(refuses=UserError("no program")), "{}").run(["1"])


def test_the_message_of_an_engine_is_cut(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Driver(str(tmp_path), Failing(RuntimeError("no " * 100)), "{}").run(["1"])
    assert "  1  RuntimeError: no no no" in capsys.readouterr().out
    assert records.read(str(tmp_path / "1")).error["message"].endswith("no no ...")  # type: ignore[index]


def test_a_job_whose_process_is_about_to_end_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    states = ["waiting", "running", "running", "done"]
    monkeypatch.setattr(records, "read", lambda folder: records.Record(folder, {"status": states.pop(0), "exit": 0}))
    monkeypatch.setattr(records, "closed", lambda folder, *_, **__: records.Record(folder, {"status": "done"}))
    driver = Driver(str(tmp_path), Failing(0), "{}")
    assert driver.run(["1"]) == 0
    assert states == []
    assert "done    0:00  1" in capsys.readouterr().out


def test_a_job_that_its_engine_has_given_up_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("clickbind.sweeps.driver._GRACE", 0.0)
    states = iter(["waiting"])
    monkeypatch.setattr(records, "read", lambda folder: records.Record(folder, {"status": next(states, "running")}))
    assert Driver(str(tmp_path), Failing(None), "{}").run(["1"]) == 0
    assert "running 0:00  1\n1 running, 0:00." in capsys.readouterr().out


class Queue(Failing):
    """An executor that runs one job, and queues the others."""

    def __init__(self) -> None:
        super().__init__()
        self.futures: list[sweeps.futures.Future[int | None]] = []

    def submit(self, _: Any, __: str, folder: str, ___: str) -> sweeps.futures.Future[int | None]:
        os.makedirs(folder, exist_ok=True)
        self.futures.append(sweeps.futures.Future())
        return self.futures[-1]


def test_ctrl_c_asks_running_jobs_by_a_file_and_cancels_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    executor = Queue()
    driver = Driver(str(tmp_path), executor, "{}", at_a_time=2)
    statuses = dict.fromkeys("123", "waiting")
    read = records.read
    monkeypatch.setattr(
        records, "read", lambda folder: records.Record(folder, {"status": statuses[os.path.basename(folder)]})
    )
    rest: list[BaseException | None] = [KeyboardInterrupt(), KeyboardInterrupt(), None]
    asked: list[str] = []

    def wait(*_: Any) -> tuple[set[Any], set[Any]]:
        statuses["1"] = "running"
        error = rest.pop(0)
        if error is not None:
            raise error
        asked.append((tmp_path / "1" / ".stop").read_text(encoding="ascii"))
        executor.futures[0].set_result(-9)
        statuses["1"] = "killed"
        return {executor.futures[0]}, set()

    monkeypatch.setattr(sweeps.futures, "wait", wait)
    assert driver.run(["1", "2", "3"]) == 130
    assert asked == [str(int(signal.SIGKILL))]
    assert [future.cancelled() for future in executor.futures] == [False, True]
    assert (tmp_path / "2" / ".stop").exists()  # so that it does not begin after all
    assert "1 killed, 2 waiting" in capsys.readouterr().out
    monkeypatch.setattr(records, "read", read)


def test_a_job_that_nobody_has_started_is_not_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Gone(Slow):
        def submit(self, *arguments: Any) -> sweeps.futures.Future[int]:
            future = super().submit(*arguments)
            future.set_result(None)  # type: ignore[arg-type]  # nobody knows
            return future

    assert Driver(str(tmp_path), Gone(tmp_path), "").run(["1"]) == 1
    assert capsys.readouterr().out == "1 waiting, 0:00.\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")
def test_jobs_go_on_where_their_lines_cannot_be_printed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    executor = Slow(tmp_path)
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        interrupted(monkeypatch, KeyboardInterrupt())
        assert Driver(str(tmp_path), executor, "", at_a_time=2).run(["1", "2"]) == 130
    assert executor.ended
    expected = "Warning: the jobs go on, but standard output cannot be written, so nothing says how they end.\n"
    assert capsys.readouterr().err == expected
