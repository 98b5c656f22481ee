"""The record of a run says what it did, also when it fails, is interrupted, or cannot be recorded."""

from __future__ import annotations

import asyncio
import datetime as dt
import errno
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest

import clickbind
from clickbind import journal, layers, record, running
from clickbind.errors import SaveError
from clickbind.journal import claims
from clickbind.journal.records import Record
from clickbind.running.observers import Observer
from tests.conftest import HANG
from tests.journal.kit import Fit, record_of, turns_of

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "record.schema.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _without_a_repository(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journal.code, "code_of", lambda _: journal.code.Code(None, ""))


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fit:
    monkeypatch.chdir(tmp_path)
    return Fit()


def files(folder: str = "r") -> list[str]:
    return sorted(os.listdir(folder))


def test_a_run_that_is_done_has_a_record(fit: Fit) -> None:
    result = fit("--into r run train --epochs 4 evaluate --dataset.size 3")
    assert (result.exit_code, result.output) == (0, "")
    assert os.listdir() == ["r"]
    assert files() == [".done", "model", "record.json", "run.yml", "versions.txt"]
    found = record_of("r")
    jsonschema.validate(found, SCHEMA)
    assert {name: found[name] for name in ("version", "program", "line", "status", "exit", "error", "results")} == {
        "version": 1,
        "program": "fit",
        "line": "fit --into r run train --epochs 4 evaluate --dataset.size 3",
        "status": "done",
        "exit": 0,
        "error": None,
        "results": {"train.loss": 0.5, "evaluate": 2},
    }
    assert (found["host"], found["pid"], found["python"]) == (platform.node(), os.getpid(), platform.python_version())
    assert dt.datetime.fromisoformat(found["started"]).tzinfo is not None
    assert [(turn["stage"], turn["status"], turn["returned"]) for turn in found["turns"]] == [
        ("train", "done", {"loss": 0.5}),
        ("evaluate", "done", 2),
    ]
    assert found["seconds"] >= sum(turn["seconds"] for turn in found["turns"])
    assert Path("r/run.yml").read_text(encoding="utf-8") == (
        "dataset.size: 3  # --dataset.size\n\nevaluate.folder: test  # default\n\n"
        "# output.folder: the folder of this run\n\nrun.stages:  # the command line\n- train\n- evaluate\n\n"
        "train.epochs: 4  # --epochs\n# train.token: secrets are not written\n"
    )
    assert "click==" in Path("r/versions.txt").read_text(encoding="utf-8")


def test_a_recorded_run_is_replayed_into_another_folder(fit: Fit) -> None:
    fit("--into r run train --epochs 4")
    os.rename("r", "moved")
    assert fit("--config moved/run.yml --into s").exit_code == 0
    assert fit.ran == ["train 4", "train 4"]
    assert files("s") == [".done", "model", "record.json", "run.yml", "versions.txt"]
    assert "\ntrain.epochs: 4  # moved/run.yml:" in Path("s/run.yml").read_text(encoding="utf-8")


def test_a_run_that_fails_says_where(fit: Fit) -> None:
    fit.fails()
    assert fit("--into r").exit_code == 1
    found = record_of("r")
    jsonschema.validate(found, SCHEMA)
    assert (found["status"], found["exit"], found["results"]) == ("failed", 1, {"train.loss": 0.5})
    assert turns_of("r") == [("train", "done"), ("evaluate", "failed")]
    assert found["error"]["type"] == "ValueError"
    assert found["error"]["message"] == "diverged"
    file, line = found["error"]["where"].rsplit(":", 1)
    assert os.path.basename(file) == "kit.py"
    assert "raise error or" in Path(file).read_text(encoding="utf-8").split("\n")[int(line) - 1]
    assert ".done" not in files()
    assert ".claim" not in files()


class UnshowableError(Exception):
    def __str__(self) -> str:
        raise ValueError("no")


@pytest.mark.parametrize(
    ("error", "status", "code", "kind", "message"),
    [
        (KeyboardInterrupt(), "killed", 130, "KeyboardInterrupt", ""),
        (SystemExit(143), "killed", 143, "SystemExit", "143"),
        (SystemExit(3), "failed", 3, "SystemExit", "3"),
        (SystemExit("no data"), "failed", 1, "SystemExit", "no data"),
        (SystemExit(-1), "failed", 255, "SystemExit", "-1"),
        (SystemExit(None), "done", 0, None, None),
        (click.exceptions.Exit(4), "failed", 4, "Exit", "4"),
        (click.exceptions.Exit(0), "done", 0, None, None),
        (click.UsageError("wrong"), "failed", 2, "UsageError", "wrong"),
        (click.Abort(), "failed", 1, "Abort", ""),
        (UnshowableError(), "failed", 1, "UnshowableError", ""),
        (ValueError("\ud800"), "failed", 1, "ValueError", "\\ud800"),
        (ValueError("x" * 20_000), "failed", 1, "ValueError", "x" * 10_000 + "..."),
        (BrokenPipeError(errno.EPIPE, "gone"), "failed", 1, "BrokenPipeError", "[Errno 32] gone"),
    ],
)
def test_every_end_has_a_status(
    fit: Fit, error: BaseException, status: str, code: int, *, kind: str | None, message: str | None
) -> None:
    fit.fails(error)
    fit("--into r")
    found = record_of("r")
    jsonschema.validate(found, SCHEMA)
    assert (found["status"], found["exit"], found["turns"][1]["status"]) == (status, code, status)
    assert (found["error"] and (found["error"]["type"], found["error"]["message"])) == (kind and (kind, message))


def test_an_error_in_installed_code_only_has_the_last_place() -> None:
    try:
        json.loads("{")
    except ValueError as error:
        trace = error.__traceback__
    assert trace is not None
    assert str(journal.observer._where(trace.tb_next)).startswith(json.decoder.__file__)
    assert journal.observer._where(None) is None


def test_what_fails_before_the_contexts_is_recorded_beside(fit: Fit) -> None:
    def fail() -> None:
        raise OSError("no disk")

    fit.before = fail
    assert fit("--into r").exit_code == 1
    assert os.listdir() == ["r.record"]
    found = record_of("r.record")
    jsonschema.validate(found, SCHEMA)
    assert (found["status"], found["error"]["message"], found["turns"]) == ("failed", "no disk", [])
    assert files("r.record") == ["record.json", "run.yml", "versions.txt"]
    assert fit("--into r").exit_code == 1
    assert sorted(os.listdir()) == ["r.record", "r.record-2"]


def test_nothing_is_in_the_folder_before_the_contexts(fit: Fit) -> None:
    found: list[Any] = []
    fit.before = lambda: found.append((sorted(os.listdir()), record_of("r.record")["status"]))
    assert fit("--into r").exit_code == 0
    assert found == [(["r.record"], "running")]
    assert os.listdir() == ["r"]


def test_a_coroutine_is_recorded_by_what_it_returns(fit: Fit) -> None:
    async def work() -> float:
        await asyncio.sleep(0)
        return 0.25

    fit.within = work
    assert fit("--into r evaluate").exit_code == 0
    assert record_of("r")["results"] == {"evaluate": 0.25}


@pytest.mark.parametrize("returned", [object(), float("nan"), 10**400, {"a": object()}, [{1: 2}]])
def test_whatever_a_stage_returns_the_record_is_one(fit: Fit, returned: Any) -> None:
    fit.returns = returned
    result = fit("--into r train")
    assert (result.exit_code, result.output) == (0, "")
    jsonschema.validate(record_of("r"), SCHEMA)


def test_a_secret_is_in_no_file_of_a_record(fit: Fit) -> None:
    secret = "hunter2!"

    def fail() -> None:
        raise ValueError(f"refused {secret}")

    fit.returns, fit.within = {secret: 1, "b": [secret, {"c": f"x{secret}", "d": None, "e": 2}]}, fail
    assert fit("--into", "r", "run", "train", f"--token={secret}", "evaluate").exit_code == 1
    for name in files():
        assert secret not in Path("r", name).read_text(encoding="utf-8")
    found = record_of("r")
    assert found["line"] == "fit --into r run train '--token=***' evaluate"
    assert found["results"] == {"train.***": 1, "train.b.e": 2} or found["results"] == {"train.***": 1}
    assert found["turns"][0]["returned"] == {"***": 1, "b": ["***", {"c": "x***", "d": None, "e": 2}]}
    assert found["error"]["message"] == "refused ***"


@pytest.mark.parametrize("words", [["--token", "ab"], ["--token=ab"], ["--train.token=ab"], ["-tab"]])
def test_a_short_secret_is_not_in_the_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str]) -> None:
    monkeypatch.chdir(tmp_path)
    binder = clickbind.Binder("fit")

    @binder.stage
    def train(token: clickbind.Option = "") -> None:  # type: ignore[assignment]
        pass

    train.__annotations__["token"] = __import__("typing").Annotated[str, clickbind.Option("-t", secret=True)]
    binder.command()(["--into", "r", "train", *words], standalone_mode=False)
    line = record_of("r")["line"]
    assert "***" in line
    assert "ab" not in line


def test_the_code_is_recorded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(journal.code, "code_of", lambda _: journal.code.Code("abc", "+ hunter2!\n"))
    Fit()("--into", "r", "train", "--token", "hunter2!")
    found = record_of("r")
    assert (found["commit"], found["dirty"]) == ("abc", True)
    assert Path("r/code.diff").read_text(encoding="utf-8") == "+ ***\n"
    monkeypatch.setattr(journal.code, "code_of", lambda _: journal.code.Code("abc", ""))
    Fit()("--into", "s", "train")
    assert (record_of("s")["commit"], record_of("s")["dirty"]) == ("abc", False)
    assert "code.diff" not in files("s")


def test_a_folder_that_vanishes_does_not_end_the_run(fit: Fit) -> None:
    fit.within = lambda: shutil.rmtree(os.getcwd())
    result = fit("--into r")
    assert result.exit_code == 0
    assert result.stderr == (
        "Warning: the record of this run is not complete: r: the folder, or the claim in it, was removed.\n"
    )
    assert os.listdir() == []


def test_a_folder_that_the_program_makes_anew_is_recorded_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fit = Fit()
    Path("r").mkdir()
    fit.before = lambda: shutil.rmtree("r")
    result = fit("--into r")
    assert (result.exit_code, result.output) == (0, "")
    assert files() == [".done", "model", "record.json", "run.yml", "versions.txt"]
    assert record_of("r")["status"] == "done"


def test_a_folder_that_is_there_is_recorded_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    fit = Fit(insists=False)
    assert fit("--into .").exit_code == 0
    assert files(".") == [".done", "model", "record.json", "run.yml", "versions.txt"]
    os.symlink(tmp_path, tmp_path.parent / "link")
    result = fit("--into", str(tmp_path.parent / "link"))
    assert (result.exit_code, "the folder has the record of a run" in result.stderr) == (2, True)


def full(monkeypatch: pytest.MonkeyPatch, after: int) -> None:
    """Let the disk be full after some files."""
    save, left = record.atomic.save, iter(range(after))

    def write(text: str, path: str) -> None:
        if next(left, None) is None:
            raise SaveError(f"{path}: the run cannot be saved: No space left on device.")
        save(text, path)

    monkeypatch.setattr(record.atomic, "save", write)


@pytest.mark.parametrize("after", [0, 1, 2])
@pytest.mark.parametrize("exists", [False, True])
def test_a_disk_that_is_full_at_the_beginning_leaves_nothing(
    fit: Fit, after: int, exists: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if exists:
        Path("a/b/r").mkdir(parents=True)
    full(monkeypatch, after)
    result = fit("--into a/b/r")
    assert (result.exit_code, "No space left" in result.stderr, fit.ran) == (2, True, [])
    assert os.listdir() == (["a"] if exists else [])
    assert not exists or files("a/b/r") == []


@pytest.mark.parametrize("after", range(3, 9))
def test_a_disk_that_is_full_in_the_middle_does_not_end_the_run(
    fit: Fit, after: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    full(monkeypatch, after)
    result = fit("--into r")
    assert (result.exit_code, fit.ran) == (0, ["train 1", "evaluate test"])
    assert result.stderr.count("Warning: the record of this run is not complete: ") == 1
    assert "No space left" in result.stderr
    assert journal.records.read("r").status == "done"  # the commit is a file of its own


def test_a_commit_that_cannot_be_written_leaves_the_record(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(claims.Claim, "commit", refuse)
    result = fit("--into r")
    assert (result.exit_code, result.output) == (0, "")
    assert record_of("r")["status"] == "done"


def test_of_two_processes_that_do_the_same_the_first_counts(fit: Fit) -> None:
    def commit() -> None:
        Path(".done").write_text(Record("r", {"status": "done", "line": "first"}).text(), encoding="utf-8")

    fit.within = commit
    result = fit("--into r")
    assert (result.exit_code, "another process has recorded that it has done this run" in result.stderr) == (0, True)
    assert journal.records.read("r").line == "first"


def test_a_run_that_was_taken_over_is_not_written_any_more(fit: Fit) -> None:
    def take_over() -> None:
        os.unlink(".claim")
        fit.other = claims.take(os.getcwd())  # type: ignore[attr-defined]

    fit.within = take_over
    result = fit("--into r")
    assert (result.exit_code, "another process has taken this run over" in result.stderr) == (0, True)
    assert record_of("r")["status"] == "running"
    assert os.path.exists("r/.claim")
    fit.other.release()  # type: ignore[attr-defined]


def test_a_folder_that_another_run_settles_in_is_left_to_it(fit: Fit) -> None:
    def settle() -> None:
        os.mkdir("s")
        fit.other = claims.take("s")  # type: ignore[attr-defined]

    settled = Fit(insists=False)
    settled.before = settle
    settled.binder = fit.binder
    result = settled("--into s")
    assert result.exit_code == 0
    assert "runs it; wait until it has ended" in result.stderr
    assert record_of("s.record")["status"] == "done"
    fit.other.release()  # type: ignore[attr-defined]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks")
def test_a_fork_that_returns_into_the_run_writes_nothing(fit: Fit) -> None:
    parent = os.getpid()

    def work() -> int:
        child = os.fork()
        if child:
            os.waitpid(child, 0)
        return os.getpid()

    fit.within = work
    try:
        fit("--into r")
    finally:
        if os.getpid() != parent:
            os._exit(0)
    found = record_of("r")
    assert (found["results"]["evaluate"], found["status"]) == (parent, "done")


def test_another_process_writes_nothing(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    fit.within = lambda: monkeypatch.setattr(os, "getpid", lambda: -1)
    assert fit("--into r run evaluate train").exit_code == 0
    assert fit.ran == ["evaluate test", "train 1"]
    assert (record_of("r")["status"], turns_of("r")) == ("running", [("evaluate", "running")])


def test_a_clock_that_jumps_does_not_change_how_long_a_run_takes(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "time", lambda: 1e9)
    fit("--into r")
    assert 0 <= record_of("r")["seconds"] < HANG


def test_of_many_turns_not_each_is_written(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[int] = []
    write = Record.write

    def count(self: Record) -> None:
        written.append(len(self.turns))
        write(self)

    monkeypatch.setattr(Record, "write", count)
    fit("--into", "r", "run", *["evaluate"] * 400)
    assert len(written) < 600
    assert len(record_of("r")["turns"]) == 400
    assert {status for _, status in turns_of("r")} == {"done"}


def test_calls_let_other_hosts_see_that_the_run_goes_on(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    beats: list[str] = []
    monkeypatch.setattr(claims.Claim, "beat", lambda self: beats.append(self.folder))
    fit("--into r train")
    assert beats == []
    monkeypatch.setattr(journal.observer, "_BEAT", -1.0)
    fit("--into s train")
    assert beats[-1] == os.path.abspath("s")


@pytest.mark.parametrize("name", ["turn_begins", "turn_ends"])
def test_an_interrupted_turn_is_not_left_running(fit: Fit, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C may come at any moment: also when a turn has been written, and has not begun."""
    method = getattr(journal.observer.Journal, name)

    def interrupted(self: Any, *given: Any) -> None:
        if name == "turn_begins":
            method(self, *given)
        raise KeyboardInterrupt

    monkeypatch.setattr(journal.observer.Journal, name, interrupted)
    assert fit("--into r").exit_code == 130
    found = record_of("r")
    assert (found["status"], found["exit"], turns_of("r")) == ("killed", 130, [("train", "killed")])


@pytest.mark.parametrize("code", [0, 3])
def test_a_turn_whose_end_was_not_seen_is_not_done(fit: Fit, code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def leave(*_: Any) -> None:
        raise SystemExit(code)

    monkeypatch.setattr(journal.observer.Journal, "turn_ends", leave)
    fit("--into r")
    assert turns_of("r") == [("train", "failed" if code else "killed")]


def test_an_observer_that_fails_at_the_beginning_ends_those_before_it(tmp_path: Path) -> None:
    ended: list[str] = []

    class One(Observer):
        def run_ends(self, error: BaseException | None) -> None:
            ended.append(type(error).__name__)

    class Two(One):
        def run_begins(self, plan: Any) -> None:
            raise OSError("no")

    binder = clickbind.Binder()
    plan = layers.plan.Plan(layers.Values(), [])
    with pytest.raises(OSError, match="no"), running.run.Run(binder._registry, plan, [One(), Two()]):
        pass
    assert ended == ["OSError"]


KILLED = """
import os, signal, sys, time
import clickbind
signal.signal(signal.SIGINT, signal.default_int_handler)  # whoever runs the tests may ignore it
binder = clickbind.Binder("fit")

@binder.stage
def train(number: int = 0) -> None:
    print("started", flush=True)
    [time.sleep(0.1) for _ in range(6_000)]  # a signal right before a sleep does not end it

binder.command()(prog_name="fit")
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has other signals")
@pytest.mark.parametrize(
    ("number", "code", "status"),
    [(signal.SIGINT, 130, "killed"), (signal.SIGTERM, 143, "killed"), (getattr(signal, "SIGKILL", 9), None, "running")],
)
def test_a_signal_leaves_a_record(tmp_path: Path, number: int, code: int | None, status: str) -> None:
    (tmp_path / "fit.py").write_text(KILLED, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, "fit.py", "--into", "r", "train"],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "started\n"
    assert journal.records.read(str(tmp_path / "r")).status == "running"
    process.send_signal(number)
    process.wait(HANG)
    process.stdout.close()
    found = record_of(tmp_path / "r")
    assert (found["status"], found["exit"]) == (status, code)
    assert journal.records.read(str(tmp_path / "r")).status == "killed"
