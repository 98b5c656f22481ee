"""Search for the best result: `sweep --minimize`."""

from __future__ import annotations

import dataclasses
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from time import monotonic
from types import SimpleNamespace
from typing import Any

import pytest

from clickbind import sweeps
from clickbind.journal import records
from tests.conftest import HANG

from .conftest import Fit

pytest.importorskip("optuna")

LINE = "train --lr 1e-4..1e-1 --batch 16..64 --optim SGD --optim Adam evaluate"
SEARCH = f"--seed 3 --log lr --minimize evaluate.loss {LINE}"


class Computed:
    """An executor whose jobs end at once, with a loss that depends on their values."""

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.fails: set[int] = set()
        self.loss: Any = None
        self.waits = False
        self.held: list[tuple[sweeps.futures.Future[int], str, int]] = []

    def __call__(self, *_: Any, **__: Any) -> Computed:
        return self

    def submit(self, _: Any, __: str, folder: str, ___: str) -> sweeps.futures.Future[int]:
        number = len(self.ran)
        self.ran.append(os.path.basename(folder))
        future: sweeps.futures.Future[int] = sweeps.futures.Future()
        if self.waits:  # pairs end in the other order
            self.held.append((future, folder, number))
            while len(self.held) > 1:
                self.end(*self.held.pop())
            if len(self.ran) % 2 == 0:
                self.end(*self.held.pop())
        else:
            self.end(future, folder, number)
        return future

    def end(self, future: sweeps.futures.Future[int], folder: str, number: int) -> None:
        found = records.read(folder)
        failed = number in self.fails
        loss = abs(found["train.lr"] - 0.01) + found["train.batch"] / 1000
        results = {"evaluate.loss": loss if self.loss is None else self.loss, "train": 1}
        if self.loss == "missing":
            del results["evaluate.loss"]
        status = "failed" if failed else "done"
        content = {"status": status, "seconds": 1, "exit": int(failed), "results": {} if failed else results}
        records.Record(folder, content).write()
        future.set_result(int(failed))


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Computed:
    """Let the jobs end at once."""
    executor = Computed()
    monkeypatch.setattr("clickbind.sweeps.local.Processes", executor)
    return executor


def events(folder: str = "x") -> list[dict[str, Any]]:
    return [json.loads(line) for line in Path(folder, "search.jsonl").read_text(encoding="utf-8").splitlines()]


def asked(folder: str = "x") -> list[list[str]]:
    return [event["values"] for event in events(folder) if "ask" in event]


def search(fit: Fit, count: int, folder: str = "x", more: str = "", code: int = 0) -> str:
    result = fit(f"--into {folder} sweep --trials {count} {more} {SEARCH}")
    assert result.exit_code == code, result.output
    return str(result.output)


def test_a_search_says_what_it_tries_and_the_best(fit: Fit, ran: Computed) -> None:
    output = search(fit, 15)
    assert output.startswith(
        "x: 15 jobs (minimize evaluate.loss; train.lr 0.0001..0.1 log, train.batch 16..64, "
        "train.optim \N{MULTIPLICATION SIGN} 2; seed 3) of train evaluate\n"
    )
    losses = {record.name: record.results["evaluate.loss"] for record in map(records.read, records.walk("x"))}
    best = min(losses, key=lambda name: losses[name])
    last = f"best: {best}  evaluate.loss={losses[best]:.4g}"
    *_, count, best_line = output.splitlines()
    assert count.startswith("15 done, ")
    assert best_line == last
    assert fit("runs x").output.splitlines()[-1] == last
    (call,) = sweeps.sheet.read("x")
    assert (call["minimize"], call["trials"], call["seed"]) == ("evaluate.loss", 15, 3)
    assert events()[0]["minimize"] == "evaluate.loss"
    assert len(asked()) == 15


def test_a_search_goes_on_as_if_it_had_not_ended(fit: Fit, ran: Computed) -> None:
    search(fit, 14, "whole")
    search(fit, 4)
    output = search(fit, 12)
    assert "; 4 of them ran before" in output
    assert "8 done" in output
    search(fit, 14)
    assert events() == events("whole")
    ran.ran.clear()
    output = search(fit, 10)
    assert "; 10 of them ran before" in output
    assert "nothing to run" in output
    assert not ran.ran
    assert len(asked()) == 14


@pytest.mark.parametrize("cut", range(2, 9))
def test_a_search_that_was_killed_at_any_moment_goes_on(fit: Fit, ran: Computed, cut: int) -> None:
    search(fit, 12)
    whole = events()
    lines = Path("x/search.jsonl").read_bytes().splitlines(keepends=True)
    Path("x/search.jsonl").write_bytes(b"".join(lines[:cut]) + lines[cut][:5])
    kept = {event["job"] for event in whole[1 : cut + 1] if "ask" in event}
    for name in os.listdir("x"):
        if name[:1].isdigit() and name not in kept:
            shutil.rmtree(f"x/{name}")
    search(fit, 12)
    assert events() == whole


def test_a_job_that_has_ended_while_nobody_looked_is_told(fit: Fit, ran: Computed) -> None:
    search(fit, 3)
    whole = events()
    lines = Path("x/search.jsonl").read_bytes().splitlines(keepends=True)
    for end, status in ((6, "done"), (6, "failed")):
        Path("x/search.jsonl").write_bytes(b"".join(lines[:end]))
        name = whole[5]["job"]
        content = json.loads(Path("x", name, "record.json").read_text(encoding="utf-8"))
        Path("x", name, "record.json").write_text(json.dumps({**content, "status": status}), encoding="utf-8")
        ran.ran.clear()
        search(fit, 3)
        assert not ran.ran
        assert events()[:6] == whole[:6]
        assert events()[6] == {"tell": 2, "value": whole[6]["value"] if status == "done" else None}


def test_failed_jobs_are_told_as_failed_and_once_they_are_resumed_as_done(fit: Fit, ran: Computed) -> None:
    ran.fails = {1, 2}
    output = search(fit, 4, code=1)
    assert "2 done, 2 failed" in output
    assert "Try again: fit resume x" in output
    assert [event["value"] is None for event in events() if "tell" in event] == [False, True, True, False]
    ran.fails = set()
    failed = ran.ran[1:3]
    result = fit("resume x")
    assert result.exit_code == 0, result.output
    assert result.output.startswith("x: 2 jobs to run\n")
    assert ran.ran[4:] == failed
    told = [event["tell"] for event in events() if "tell" in event]
    assert told == [0, 1, 2, 3, 1, 2]
    assert "4 of them ran before" in search(fit, 6)
    assert len(asked()) == 6


def test_a_job_that_is_resumed_elsewhere_is_told_at_the_next_start(fit: Fit, ran: Computed) -> None:
    ran.fails = {1}
    search(fit, 3, code=1)
    ran.fails = set()
    result = fit("resume x --job 2")
    assert result.exit_code == 0, result.output
    assert "only jobs that are there run" not in result.output
    assert events()[-1]["tell"] == 2
    search(fit, 4)
    assert [event["tell"] for event in events() if "tell" in event] == [0, 1, 2, 1, 3]


def test_resume_goes_on_with_a_search(fit: Fit, ran: Computed) -> None:
    search(fit, 12, "whole")
    search(fit, 12)
    lines = Path("x/search.jsonl").read_bytes().splitlines(keepends=True)
    Path("x/search.jsonl").write_bytes(b"".join(lines[:10]))
    for name in ran.ran[17:]:
        shutil.rmtree(f"x/{name}")
    result = fit("resume x --job 1")
    assert "x: only jobs that are there run, with these options; `resume` alone asks for new ones." in result.output
    assert "only jobs that are there run" in fit("resume x --train.tag y").output
    assert len(asked()) == 5
    result = fit("resume x")
    assert result.exit_code == 0, result.output
    assert events() == events("whole")
    assert "best: " in result.output
    assert fit("resume x --train.token abc").output.startswith("x: nothing to run: ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda lines: lines[:1], "x: the search has no job yet: begin it again, by its line."),
        (lambda lines: [lines[0].replace("train.lr", "train.no"), *lines[1:]], "x: the search cannot be read. Go on"),
        (lambda lines: [lines[0].replace('"log"', '"lag"'), *lines[1:]], "x: the search cannot be read. Go on"),
    ],
)
def test_resume_says_what_is_wrong_with_a_search(fit: Fit, ran: Computed, change: Any, message: str) -> None:
    search(fit, 2)
    path = Path("x/search.jsonl")
    path.write_text("".join(change(path.read_text(encoding="utf-8").splitlines(keepends=True))), encoding="utf-8")
    result = fit("resume x")
    assert result.exit_code == 2
    assert message in result.output


def test_two_jobs_at_a_time_are_replayed_in_their_order(fit: Fit, ran: Computed) -> None:
    ran.waits = True
    search(fit, 14, more="-j 2")
    order = [(kind, event[kind]) for event in events()[1:] for kind in ("ask", "tell") if kind in event]
    assert order != sorted(order, key=lambda one: (one[1], one[0]))
    before = asked()
    whole = events()
    search(fit, 16, more="-j 2")
    assert asked()[:14] == before
    assert events()[: len(whole)] == whole


@pytest.mark.parametrize(
    ("loss", "message"),
    [
        ("nan", "counts as failed: its result evaluate.loss is nan."),
        ("missing", "counts as failed: it has no result 'evaluate.loss'; its results are train."),
    ],
)
def test_a_job_without_the_result_counts_as_failed(fit: Fit, ran: Computed, loss: str, message: str) -> None:
    ran.loss = loss
    output = search(fit, 3)
    assert output.count(message) == 3
    assert output.splitlines()[-1] == "best: none, since no job has a result evaluate.loss"
    assert [event["value"] for event in events() if "tell" in event] == [None] * 3


def test_the_same_point_runs_once(fit: Fit, ran: Computed) -> None:
    line = "--seed 3 --maximize evaluate.loss train --batch 1..2 --lr .1 evaluate"
    result = fit(f"--into x sweep --trials 8 {line}")
    assert result.exit_code == 0, result.output
    assert len(ran.ran) == 2
    assert len(asked()) == 8
    assert len([event for event in events() if "tell" in event]) == 8
    assert "best: 0" in result.output
    ran.waits = True
    assert fit(f"--into y sweep --trials 8 -j 2 {line}").exit_code == 0
    assert len(ran.ran) == 4
    assert sorted(event["tell"] for event in events("y") if "tell" in event) == [*range(8)]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (SEARCH.replace("evaluate.loss", "evalute.loss"), "a result begins with its stage, and 'evalute.loss' begins"),
        (SEARCH.replace("evaluate.loss", "output"), "begins with none of this run: train, evaluate."),
        (f"--maximize train.loss {SEARCH}", "'--minimize' and '--maximize' cannot be used together."),
        (f"--print-jobs {SEARCH}", "'--print-jobs' and '--minimize' cannot be used together: the points depend on"),
    ],
)
def test_nothing_is_made_if_the_goal_is_wrong(fit: Fit, ran: Computed, line: str, message: str) -> None:
    result = fit(f"--into x sweep --trials 3 {line}")
    assert result.exit_code == 2
    assert message in result.output
    assert not Path("x").exists()


def test_a_stage_that_returns_nothing_has_no_results(fit: Fit, ran: Computed) -> None:
    @fit.binder.stage(name="quiet")
    def quiet(rate: float = 1) -> None:
        """Return nothing."""

    result = fit("sweep --trials 3 --minimize quiet.loss quiet --rate 1..2")
    assert result.exit_code == 2
    assert "--minimize: quiet returns nothing, by its annotation, so it has no results." in result.output


def test_without_optuna_nothing_is_made(fit: Fit, ran: Computed, monkeypatch: pytest.MonkeyPatch) -> None:
    search(fit, 2, "y")
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    result = fit(f"--into x sweep --trials 3 {SEARCH}")
    assert result.exit_code == 2
    assert "'--minimize' needs Optuna: pip install 'clickbind[optuna]'" in result.output
    assert not Path("x").exists()
    assert "Error: resume needs Optuna: pip install" in fit("resume y").output


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (SEARCH.replace("1e-4", "1e-3"), "x: the folder has a search with other ranges or values: go on with"),
        (SEARCH.replace("--seed 3", "--seed 4"), "x: the folder has a search with other --seed: go on with"),
        (SEARCH.replace("minimize", "maximize"), "x: the folder has a search with other --minimize: go on with"),
        (f"{SEARCH} --folder other", "x: the search ran with evaluate.folder test, and this line has other: give"),
    ],
)
def test_another_search_needs_another_folder(fit: Fit, ran: Computed, line: str, message: str) -> None:
    search(fit, 2)
    result = fit(f"--into x sweep --trials 3 {line}")
    assert result.exit_code == 2
    assert message in result.output
    assert len(ran.ran) == 2


def test_a_result_that_no_job_of_the_folder_has_is_refused(fit: Fit, ran: Computed) -> None:
    assert fit("--into x sweep train --lr .1 --lr .2 evaluate").exit_code == 0
    result = fit(f"--into x sweep --trials 3 {SEARCH.replace('evaluate.loss', 'evaluate.los')}")
    assert result.exit_code == 2
    expected = (
        "--minimize: no job in x has a result 'evaluate.los'; there are evaluate.loss, train. Did you mean "
        "'evaluate.loss'?"
    )
    assert expected in result.output
    for path in Path("x").glob("*/record.json"):
        path.write_text('{"status": "done"}', encoding="utf-8")
    result = fit(f"--into x sweep --trials 3 {SEARCH}")
    assert "no job in x has a result 'evaluate.loss'; they return no numbers." in result.output


def test_a_search_may_follow_a_sweep(fit: Fit, ran: Computed) -> None:
    assert fit("--into x sweep train --lr .1 --lr .2 evaluate").exit_code == 0
    search(fit, 2)
    assert ran.ran[2].startswith("03-lr=")


@dataclasses.dataclass
class Box:
    """Values that have to fit together."""

    low: int = 0
    high: int = 9

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


def test_values_that_do_not_fit_together_count_as_failed(fit: Fit, ran: Computed) -> None:
    @fit.binder.stage(name="boxed")
    def boxed(box: Box = Box()) -> dict[str, float]:  # noqa: B008 - it is a default
        """Look at a box."""
        return {}

    line = "--into x sweep --trials {} --seed 1 --maximize train train --lr 1 boxed --box.low 0..9 --box.high 0..9"
    result = fit(line.format(8))
    assert result.exit_code == 0, result.output
    wrong = [event["ask"] for event in events() if "ask" in event and event["job"] is None]
    assert 0 < len(wrong) < 8
    assert f"point {wrong[0] + 1} counts as failed: " in result.output
    assert "low is above high" in result.output
    assert len(ran.ran) == 8 - len(wrong)
    path = Path("x/search.jsonl")
    lines = path.read_bytes().splitlines(keepends=True)
    place = next(place for place, event in enumerate(events()) if event.get("ask") == wrong[0])
    path.write_bytes(b"".join(lines[: place + 1]))
    assert fit(line.format(wrong[0] + 1)).exit_code == 0
    assert events()[-1] == {"tell": wrong[0], "value": None}


def test_what_another_version_would_propose_does_not_matter(fit: Fit, ran: Computed) -> None:
    search(fit, 3)
    path = Path("x/search.jsonl")
    text = path.read_text(encoding="utf-8")
    values = asked()[1]
    path.write_text(text.replace(json.dumps(values), json.dumps(["0.5e-2", "20", "Adam"])), encoding="utf-8")
    search(fit, 5)
    assert len(asked()) == 5
    changed = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r'("tell": 1, "value": )[^}]*', r"\1null", changed), encoding="utf-8")
    search(fit, 6)
    assert len(asked()) == 6
    path.write_text(text.replace(json.dumps(values), json.dumps(["x", "20", "Adam"])), encoding="utf-8")
    result = fit(f"--into x sweep --trials 5 {SEARCH}")
    assert result.exit_code == 2
    path.write_text(text.replace('"ask": 1', '"aks": 1'), encoding="utf-8")
    result = fit(f"--into x sweep --trials 5 {SEARCH}")
    assert "x/search.jsonl: the search cannot be read. Give another folder by '--into'." in result.output


def test_the_folders_of_jobs_may_be_gone(fit: Fit, ran: Computed) -> None:
    search(fit, 2)
    path = Path("x/search.jsonl")
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:4]))
    for name in ran.ran[:2]:
        shutil.rmtree(f"x/{name}")
    search(fit, 2)
    assert ran.ran[2:] == ran.ran[1:2]
    assert Path("x", ran.ran[1], "run.yml").exists()


def test_a_job_that_still_runs_is_waited_for(fit: Fit, ran: Computed, monkeypatch: pytest.MonkeyPatch) -> None:
    search(fit, 2)
    lines = Path("x/search.jsonl").read_bytes().splitlines(keepends=True)
    Path("x/search.jsonl").write_bytes(b"".join(lines[:4]))
    path = Path("x", ran.ran[1], "record.json")
    done = path.read_text(encoding="utf-8")
    code = "import sys, clickbind.journal.claims as c; c.take(sys.argv[1]); print('ready', flush=True); input()"
    line = [sys.executable, "-c", code, str(path.parent)]
    path.write_text(done.replace('"done"', '"running"'), encoding="utf-8")
    with subprocess.Popen(line, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None and other.stdout.readline() == "ready\n"  # noqa: PT018 - one condition
        assert records.read(str(path.parent)).status == "running"
        before = len(ran.ran)
        monkeypatch.setattr("clickbind.sweeps.driver.time", SimpleNamespace(sleep=interrupted, monotonic=monotonic))
        result = search(fit, 2, code=130)
        assert (len(ran.ran), events()[4:]) == (before, []), result

        def end(_: float) -> None:
            path.write_text(done, encoding="utf-8")
            other.kill()
            other.wait()

        monkeypatch.setattr("clickbind.sweeps.driver.time", SimpleNamespace(sleep=end, monotonic=monotonic))
        search(fit, 2)
    assert len(ran.ran) == before
    assert events()[4]["tell"] == 1


def interrupted(_: float) -> None:
    raise KeyboardInterrupt


def test_an_interrupted_job_is_not_told_and_runs_again(
    fit: Fit, ran: Computed, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = ran.end

    def killed(future: sweeps.futures.Future[int], folder: str, number: int) -> None:
        if number != 1:
            return end(future, folder, number)
        records.Record(folder, {"status": "killed", "exit": 130}).write()
        ran.futures = future  # type: ignore[attr-defined]
        return None

    wait = sweeps.futures.wait
    looks = iter([None, KeyboardInterrupt()])

    def interrupted(*args: Any, **kwargs: Any) -> Any:
        error = next(looks, None)
        if error is not None:
            ran.futures.set_result(130)  # type: ignore[attr-defined]
            raise error
        return wait(*args, **kwargs)

    monkeypatch.setattr(ran, "end", killed)
    monkeypatch.setattr(sweeps.futures, "wait", interrupted)
    output = search(fit, 4, code=130)
    assert "1 done, 1 killed, 2 waiting" in output
    assert [event["tell"] for event in events() if "tell" in event] == [0]
    monkeypatch.setattr(sweeps.futures, "wait", wait)
    monkeypatch.setattr(ran, "end", end)
    search(fit, 4)
    search(fit, 4, "whole")
    assert events() == events("whole")


def wait_for(condition: Any) -> None:
    """Wait until something is so."""
    limit = time.monotonic() + HANG
    while not condition():
        assert time.monotonic() < limit
        time.sleep(0.05)


SLOW = """
import time
from typing import Annotated

import clickbind

binder = clickbind.Binder("fit")


@binder.stage
def train(lr: float, folder: Annotated[str, clickbind.Option(run_folder=True)] = "."):
    time.sleep(0.3)
    if lr > 0.9:
        raise ValueError("diverged")
    return {"loss": (lr - 0.2) ** 2}


main = binder.command()

if __name__ == "__main__":
    main()
"""


@pytest.fixture
def slow(tmp_path: Path) -> Path:
    """A program whose jobs take a moment."""
    (tmp_path / "fit.py").write_text(SLOW, encoding="utf-8")
    return tmp_path


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no process can be killed without a word here")
@pytest.mark.parametrize("again", ["sweep", "resume"])
def test_a_killed_driver_leaves_a_search_that_goes_on_with_the_same_proposals(slow: Path, again: str) -> None:
    words = shlex.split("sweep --trials 13 --seed 5 --minimize train.loss train --lr 0..1")

    def run(*line: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "fit.py", *line]
        return subprocess.run(command, cwd=slow, capture_output=True, text=True, timeout=HANG, check=False)

    whole = run("--into", "whole", *words)
    assert "best: " in whole.stdout, whole
    command = [sys.executable, "fit.py", "--into", "x", *words]
    with subprocess.Popen(command, cwd=slow, stdout=subprocess.DEVNULL) as driver:
        path = slow / "x/search.jsonl"
        wait_for(lambda: path.exists() and path.read_text(encoding="utf-8").count('"ask"') >= 3)
        os.kill(driver.pid, signal.SIGKILL)
    done = run("resume", "x") if again == "resume" else run("--into", "x", *words)
    assert "best: " in done.stdout, done
    assert asked(str(slow / "x")) == asked(str(slow / "whole"))
    told = [event for event in events(str(slow / "x")) if "tell" in event]
    assert told == [event for event in events(str(slow / "whole")) if "tell" in event]
    assert len(list((slow / "x").glob("*/record.json"))) == 13


def test_a_search_runs_two_real_jobs_at_once(slow: Path) -> None:
    words = shlex.split("--into x sweep -j 2 --trials 6 --seed 5 --minimize train.loss train --lr 0..1")
    command = [sys.executable, "fit.py", *words]
    done = subprocess.run(command, cwd=slow, capture_output=True, text=True, timeout=HANG, check=False)
    assert "best: " in done.stdout, done
    assert len(list((slow / "x").glob("*/record.json"))) == 6
    assert sorted(event["tell"] for event in events(str(slow / "x")) if "tell" in event) == [*range(6)]
