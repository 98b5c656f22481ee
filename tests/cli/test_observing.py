"""Observers follow the runs of a program."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind.journal import code
from tests.conftest import install
from tests.journal.kit import Fit, record_of


class Log(clickbind.Observer):
    """Keep all events, and raise in some of them."""

    def __init__(self, *raises: str, error: BaseException | None = None) -> None:
        self.raises = raises
        self.error = error or ZeroDivisionError("division by\nhunter22")
        self.events: list[Any] = []

    def note(self, name: str, *what: Any) -> None:
        self.events.append((name, *what))
        if name in self.raises:
            raise self.error

    def run_begins(self, plan: clickbind.RunPlan) -> None:
        self.plan = plan
        self.note("begins", [turn.stage for turn in plan.turns], plan.record.status)

    def run_entered(self) -> None:
        self.note("entered")

    def turn_begins(self, turn: Any) -> None:
        self.note("turn", turn.stage)

    def call(self, name: str, scopes: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
        self.note("call", name)

    def turn_ends(self, turn: Any, result: Any, error: BaseException | None, seconds: float) -> None:
        self.note("turn ends", turn.stage, result, dict(self.plan.record.results))

    def run_ends(self, error: BaseException | None) -> None:
        self.note("ends", error, self.plan.record.status)


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(code, "code_of", lambda _: code.Code("5edc", "+x\n"))


def warnings_in(result: Result) -> list[str]:
    return [line for line in result.stderr.splitlines() if line.startswith("Warning: ")]


def test_all_events_are_told_in_order() -> None:
    log = Log()
    fit = Fit(observers=[log])
    assert fit("--token hunter22 run train --epochs 3 evaluate".replace("--token", "--train.token")).exit_code == 0
    assert log.events == [
        ("begins", ["train", "evaluate"], "running"),
        ("call", "output"),
        ("entered",),
        ("turn", "train"),
        ("call", "train"),
        ("call", "dataset"),
        ("turn ends", "train", {"loss": 0.5}, {"train.loss": 0.5}),
        ("turn", "evaluate"),
        ("call", "evaluate"),
        ("turn ends", "evaluate", 2, {"train.loss": 0.5, "evaluate": 2}),
        ("ends", None, "done"),
    ]


def test_an_observer_gets_the_record_of_a_run_that_is_not_recorded() -> None:
    log = Log()
    Fit(observers=[log])("--train.token hunter22 run train --epochs 3")
    record = log.plan.record
    assert (record.folder, record.status, record.exit) == ("", "done", 0)
    assert (record.program, record.line) == ("fit", "fit --train.token '***' run train --epochs 3")
    assert (record.commit, record.dirty) == ("5edc", True)
    assert record.turns == [
        {"stage": "train", "status": "done", "seconds": record.turns[0]["seconds"], "returned": {"loss": 0.5}}
    ]
    assert record["train.epochs"] == 3
    assert "train.token" not in record.values
    assert log.plan.values["train.token"] == "hunter22"
    assert log.plan.values["train.epochs"] == 3
    assert "train.epochs: 3  # --epochs" in log.plan.text
    assert "hunter22" not in log.plan.text
    assert log.plan.hide("a hunter22") == "a ***"
    assert sorted(os.listdir()) == ["model"]


def test_outside_of_git_nothing_is_known_of_the_code(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(code, "code_of", lambda _: code.Code(None, ""))
    log = Log()
    Fit(observers=[log])("train")
    assert (log.plan.record.commit, log.plan.record.dirty) == (None, None)
    assert log.plan.hide("epochs") == "epochs"


def test_an_observer_gets_the_record_of_a_run_that_is_recorded() -> None:
    log = Log()
    fit = Fit(observers=[log])
    fit.fails()
    assert fit("--into runs/a run train evaluate").exit_code == 1
    assert log.plan.record.folder == os.path.abspath("runs/a")
    assert log.plan.record.content() == record_of("runs/a")
    assert log.events[-2] == ("turn ends", "evaluate", None, {"train.loss": 0.5})
    assert log.events[-1][2] == "failed"
    assert log.plan.record.failure == "evaluate: ValueError: diverged"


def test_an_observer_is_made_for_each_run() -> None:
    made = []

    def make() -> Log:
        made.append(Log())
        return made[-1]

    fit = Fit(observers=[make])
    fit("train")
    fit("--print-config")
    fit("--help")
    fit("train --epochs many")
    fit("train")
    assert len(made) == 2


@pytest.mark.parametrize("event", ["begins", "entered", "turn", "call", "turn ends", "ends"])
def test_an_observer_that_fails_ends_no_run_and_warns_once(event: str) -> None:
    log, other = Log(event), Log()
    fit = Fit(observers=[log, other])
    result = fit("--train.token hunter22 run train evaluate")
    assert (result.exit_code, fit.ran) == (0, ["train 1", "evaluate test"])
    assert warnings_in(result) == [
        "Warning: the observer 'Log' does not follow this run any more: ZeroDivisionError: division by"
    ]
    assert [name for name, *_ in log.events].count(event) == 1
    assert (log.events[-1][0] == "ends") == (event != "begins")
    assert other.events[-1] == ("ends", None, "done")


def test_an_observer_that_fails_again_at_the_end_is_not_shown_again() -> None:
    assert len(warnings_in(Fit(observers=[Log("turn", "ends")])("train"))) == 1


def test_a_process_that_forks_jobs_imports_the_observers() -> None:
    given: list[list[Any]] = [[], [Log], ["mlfow"]]  # of a wrong name, the jobs say what is wrong
    for names in given:
        main: Any = Fit(observers=names).main
        main.prepare_jobs()


class Sulky(Exception):  # noqa: N818
    """Raise if it is shown."""

    def __str__(self) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (Sulky(), "Sulky: "),
        (click.UsageError("no"), "UsageError: no"),
        (ValueError("saw hunter22"), "ValueError: saw ***"),
    ],
)
def test_the_warning_shows_the_error_without_secrets(error: Exception, message: str) -> None:
    result = Fit(observers=[Log("turn", error=error)])("--train.token hunter22 train")
    assert warnings_in(result) == [f"Warning: the observer 'Log' does not follow this run any more: {message}"]


def test_a_run_that_goes_on_has_the_origins_that_it_had() -> None:
    log = Log()
    fit = Fit(insists=False, observers=[log])
    fit.fails()
    assert fit("--into runs/a run train --epochs 3 evaluate").exit_code == 1
    fit.within = int
    assert fit("resume runs/a --evaluate.folder other").exit_code == 0
    assert "train.epochs: 3  # --epochs\n" in log.plan.text
    assert "evaluate.folder: other  # --evaluate.folder\n" in log.plan.text
    assert "run.stages:  # the command line\n- train\n- evaluate\n" in log.plan.text


def test_an_observer_can_refuse_a_run() -> None:
    log = Log("begins", error=click.ClickException("the disk is full"))
    fit = Fit(observers=[log])
    result = fit("train")
    assert (result.exit_code, result.stderr, fit.ran) == (1, "Error: the disk is full\n", [])
    assert [name for name, *_ in log.events] == ["begins"]


def test_ctrl_c_in_an_observer_ends_the_run() -> None:
    fit = Fit(observers=[Log("turn", error=KeyboardInterrupt())])
    assert fit("train").exit_code == 130
    assert fit.ran == []


@pytest.mark.parametrize("line", ["train", "--into runs/a train", "sweep train --epochs 1 --epochs 2"])
def test_an_unknown_name_is_refused_before_anything_is_made(line: str) -> None:
    fit = Fit(observers=["mlfow"])
    result = fit(line)
    assert (result.exit_code, fit.ran, os.listdir()) == (2, [], [])
    assert "has the observer 'mlfow' that this program asks for" in result.stderr
    assert "Did you mean 'mlflow'?" in result.stderr


def test_resuming_a_sweep_finds_the_observers_first(tmp_path: Path) -> None:
    assert run_script(tmp_path, "sweep train --lr 1 --lr 2", "[]")[0] == 0
    (folder,) = (tmp_path / "runs").iterdir()
    exit_code, text = run_script(tmp_path, f"resume {folder} --job 1", "['mlfow']")
    assert (exit_code, "has the observer 'mlfow'" in text) == (2, True)
    exit_code, text = run_script(tmp_path, f"resume {folder} --job 1", "[Ends]")
    assert (exit_code, "1 done" in text) == (0, True)


SCRIPT = """
import clickbind

class Ends(clickbind.Observer):
    def run_begins(self, plan):
        self.record = plan.record

    def run_ends(self, error):
        print("ended", self.record.status, self.record.name, self.record.results)

binder = clickbind.Binder("prog", observers=OBSERVERS)

@binder.stage
def train(lr: float = 0.1):
    return lr

main = binder.command()
if __name__ == "__main__":
    main()
"""


def run_script(folder: Path, line: str, observers: str) -> tuple[int, str]:
    (folder / "prog.py").write_text(SCRIPT.replace("OBSERVERS", observers), encoding="utf-8")
    words = [sys.executable, "prog.py", *line.split()]
    done = subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False, timeout=300)
    return done.returncode, done.stdout + done.stderr


def test_another_distribution_offers_an_observer(tmp_path: Path) -> None:
    pytest.importorskip("hatchling")
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(PROJECT, encoding="utf-8")
    (project / "our_tools.py").write_text(SCRIPT.partition("binder =")[0], encoding="utf-8")
    install(project, tmp_path)
    assert run_script(tmp_path, "train --lr 3", "['ends']") == (
        0,
        "ended done x {'train': 3.0}\n".replace("x", tmp_path.name),
    )
    exit_code, text = run_script(tmp_path, "train --lr 3", "['edns']")
    assert (exit_code, "there are ends, mlflow. Did you mean 'ends'?" in text) == (2, True)


PROJECT = """
[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "our-tools"
version = "1.0"

[project.entry-points."clickbind.observers"]
ends = "our_tools:Ends"

[tool.hatch.build.targets.wheel]
only-include = ["our_tools.py"]
"""


@pytest.mark.parametrize("fresh", ["", " --processes.fresh"])
def test_the_jobs_of_a_sweep_are_followed(fresh: str, tmp_path: Path) -> None:
    exit_code, text = run_script(tmp_path, f"--into lr sweep{fresh} train --lr 1 --lr 2", "[Ends]")
    assert exit_code == 0, text
    logs = [(job / "log.txt").read_text(encoding="utf-8") for job in sorted((tmp_path / "lr").glob("*-*"))]
    assert logs == [f"ended done 0{lr}-lr={lr}.0 {{'train': {lr}.0}}\n" for lr in (1, 2)]


def test_a_fork_that_returns_into_the_run_tells_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    log = Log()
    fit = Fit(observers=[log])
    real = os.getpid()
    fit.within = lambda: monkeypatch.setattr(os, "getpid", lambda: real + 1)
    fit("run train evaluate")
    assert [name for name, *_ in log.events][-2:] == ["turn", "call"]


def test_a_run_whose_values_cannot_be_saved_runs_and_says_so() -> None:
    log = Log()
    binder = clickbind.Binder("prog", observers=[log])

    @binder.stage
    def train(path: str = "x") -> None:
        """Train."""

    result = CliRunner().invoke(binder.command(), ["train", "--path", "a\ud800"])
    assert result.exit_code == 0, result.output
    if log.plan.text == "":
        assert warnings_in(result)[0].startswith("Warning: observers do not get the values of this run: ")


def test_a_command_with_options_of_the_program_is_followed() -> None:
    log = Log()
    binder = clickbind.Binder("prog", observers=[log])

    @binder.bind
    def dataset(size: int = 1) -> int:
        return size

    @binder.options
    @click.command()
    def main() -> None:
        dataset()

    assert CliRunner().invoke(main, ["--dataset.size", "3"]).exit_code == 0
    assert log.events == [("begins", [], "running"), ("entered",), ("call", "dataset"), ("ends", None, "done")]
    assert log.plan.is_body
    assert log.plan.record.values == {"dataset.size": 3}


def test_observers_are_not_pickled() -> None:
    binder = clickbind.Binder("prog", observers=[Log])
    again = pickle.loads(pickle.dumps(binder))
    assert again.observers == () or again is binder


def test_a_program_without_observers_imports_nothing_for_them(tmp_path: Path) -> None:
    text = SCRIPT.replace("class Ends(clickbind.Observer)", "class Ends").replace("OBSERVERS", "[]")
    text += "import sys, json\n"
    (tmp_path / "prog.py").write_text(
        text.replace("    main()\n", "    main(standalone_mode=False)\n")
        + "print(json.dumps([name for name in sys.modules if 'clickbind.observers' in name or 'observing' in name]))\n",
        encoding="utf-8",
    )
    done = subprocess.run(
        [sys.executable, "prog.py", "train"], cwd=tmp_path, capture_output=True, check=True, timeout=300
    )
    assert json.loads(done.stdout.splitlines()[-1]) == []
