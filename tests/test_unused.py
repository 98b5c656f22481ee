"""Values that a user gave for bound functions, and that no call took, are reported at the end of a run."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import subprocess
import sys
import threading
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind.calls import scopes, unused


@dataclass
class Optim:
    """An optimizer."""

    lr: float = 0.1
    name: str = "adam"


@dataclass
class Go:
    size: int = 1


@dataclass
class Wait:
    seconds: float = 1.0


OPTIM, WAIT = Optim(), Wait()
STEP = ["--dataset.step", "--dataset.step.size"]


class Experiment:
    """A program whose stage `train` does what a test asks for.

    Attributes
    ----------
    act : callable
        The body of the stage, called with the program.
    """

    def __init__(self, act: Callable[[Experiment], Any] = lambda _: None) -> None:
        self.act = act
        self.binder = binder = clickbind.Binder("prog", envvar_prefix="PROG")

        @binder.context
        @contextmanager
        def output(folder: str = ".") -> Iterator[None]:
            yield

        @binder.bind("train", "val")
        def dataset(
            folder: str = "d", size: int = 3, optim: Optim = OPTIM, step: Go | Wait = WAIT
        ) -> tuple[str, int, Optim]:
            return folder, size, optim

        @binder.bind
        def positional(speed: int = 1, /, *, power: int = 1) -> int:
            return speed

        @binder.bind
        class Model:
            """A class."""

            def __init__(self, depth: int = 1) -> None:
                self.depth = depth

        @binder.stage
        def train(epochs: int = 1) -> Any:
            return self.act(self)

        @binder.stage(default=False)
        def evaluate(folder: str = "e") -> str:
            return folder

        self.dataset, self.positional, self.model, self.evaluate = dataset, positional, Model, evaluate
        self.main = binder.command()

    def __call__(self, line: str, **variables: str) -> Result:
        """Type a line."""
        return CliRunner().invoke(self.main, line, prog_name="prog", env=variables)


def warnings_of(act: Callable[[Experiment], Any], line: str, **variables: str) -> list[str]:
    """Return what a run prints; the stage `train` does what `act` does."""
    result = Experiment(act)(line, **variables)
    assert result.exit_code == 0, result.output
    return result.output.splitlines()


def unused_of(*names: str) -> list[str]:
    """Return the warning about options or variables."""
    if not names:
        return []
    *others, last = names
    if not others:
        return [f"Warning: {last} was given, but no call used it."]
    return [f"Warning: {', '.join(others)} and {last} were given, but no call used them."]


def in_scope(name: str | dict[str, Any]) -> Callable[[Experiment], Any]:
    """Return a stage that calls the function in a scope."""

    def act(program: Experiment) -> None:
        with program.binder.scope(name):
            program.dataset()

    return act


CASES: list[tuple[Callable[[Experiment], Any], str, list[str]]] = [
    (lambda p: p.dataset(), "--dataset.size 5 train", []),
    (lambda p: p.dataset(size=1), "--dataset.size 5 train", ["--dataset.size"]),
    (lambda p: p.dataset("x", 1), "--dataset.size 5 --dataset.folder f train", ["--dataset.size", "--dataset.folder"]),
    (lambda p: p.dataset("x"), "--dataset.size 5 --dataset.folder f train", ["--dataset.folder"]),
    (lambda p: [p.dataset(size=1), p.dataset()], "--dataset.size 5 train", []),
    (lambda _: None, "train --dataset.size 5", ["--dataset.size"]),
    (lambda _: None, "run train --dataset.size 5 train", ["--dataset.size"]),
    (lambda _: None, "train", []),
    (lambda _: None, "train --epochs 3 --output.folder x", []),
    (lambda _: None, "--train.epochs 3", []),
    (lambda _: None, "--evaluate.folder x train", ["--evaluate.folder"]),
    (lambda p: p.evaluate(), "--evaluate.folder x train", []),
    (lambda _: None, "--evaluate.folder x run train evaluate", []),
    (lambda _: None, "--run.stages train --Model.depth 3", ["--Model.depth"]),
    (lambda p: p.model(), "--Model.depth 3 train", []),
    (lambda p: p.model(2), "--Model.depth 3 train", ["--Model.depth"]),
    (lambda p: type("Derived", (p.model,), {})(), "--Model.depth 3 train", []),
    (lambda p: p.positional(), "--positional.speed 3 train", []),
    (lambda p: p.positional(7), "--positional.speed 3 train", ["--positional.speed"]),
    (lambda p: p.positional(7), "--positional.speed 3 --positional.power 2 train", ["--positional.speed"]),
    (in_scope("train"), "--train/dataset.size 3 --dataset.folder f train", []),
    (in_scope("train"), "--val/dataset.size 3 train", ["--val/dataset.size"]),
    (in_scope("train"), "--train/dataset.size 3 --dataset.size 4 train", ["--dataset.size"]),
    (lambda p: p.dataset(), "--dataset.optim.lr 1 --dataset.optim.name x train", []),
    (lambda p: p.dataset(optim=OPTIM), "--dataset.optim.lr 1 train", ["--dataset.optim.lr"]),
    (lambda p: p.dataset(size=3), "--debug --dataset.size 5 train", ["--dataset.size"]),
    (lambda p: p.dataset(), "--debug --dataset.size 5 train", []),
    (lambda _: sys.exit(0), "--dataset.size 5 train", ["--dataset.size"]),
    (lambda _: click.get_current_context().exit(), "--dataset.size 5 train", ["--dataset.size"]),
    # Values of the run that each turn overrides.
    (lambda _: None, "--train.epochs 3 run train --epochs 1 train --epochs 2", ["--train.epochs"]),
    (lambda _: None, "run train --epochs 1 train --epochs 2 --train.epochs 3", ["--train.epochs"]),
    (lambda _: None, "--train.epochs 3 run train --epochs 1 train", []),
    # Fields that a model as a whole overrides, and those of another class.
    (in_scope({"dataset.optim": OPTIM}), "--dataset.optim.lr 1 train", ["--dataset.optim.lr"]),
    (in_scope({"dataset.optim.lr": 2}), "--dataset.optim.lr 1 --dataset.optim.name x train", ["--dataset.optim.lr"]),
    (in_scope({"dataset.step": "Wait"}), "--dataset.step Go --dataset.step.size 2 train", STEP),
    (in_scope({"dataset.step": Wait()}), "--dataset.step Go --dataset.step.size 2 train", STEP),
    (lambda p: p.dataset(), "--dataset.step Go --dataset.step.size 2 train", []),
]


@pytest.mark.parametrize(("act", "line", "expected"), CASES)
def test_a_value_that_no_call_took_is_reported(act: Any, line: str, expected: list[str]) -> None:
    found = [text for text in warnings_of(act, line) if text.startswith("Warning: ")]
    assert found == unused_of(*expected)


def test_three_values_are_one_warning() -> None:
    names = ["--dataset.size", "--dataset.folder", "--Model.depth"]
    line = " ".join(f"{name} 1" for name in names)
    assert warnings_of(lambda _: None, f"{line} train") == [
        "Warning: --dataset.size, --dataset.folder and --Model.depth were given, but no call used them."
    ]


def test_a_variable_is_reported_by_its_name() -> None:
    assert warnings_of(lambda _: None, "train", PROG_DATASET_SIZE="5") == unused_of("PROG_DATASET_SIZE")
    assert warnings_of(lambda p: p.dataset(), "train", PROG_DATASET_SIZE="5") == []


def test_a_variable_for_a_stage_that_does_not_run_may_be_for_other_lines() -> None:
    assert warnings_of(lambda _: None, "train", PROG_EVALUATE_FOLDER="x") == []


def test_a_variable_that_the_line_overrides_is_not_reported() -> None:
    assert warnings_of(lambda p: p.dataset(), "train --dataset.size 5", PROG_DATASET_SIZE="4") == []
    assert warnings_of(lambda _: None, "train --dataset.size 5", PROG_DATASET_SIZE="4") == unused_of("--dataset.size")


def test_values_of_files_are_not_reported(tmp_path: Any) -> None:
    file = tmp_path / "f.yml"
    file.write_text("dataset.size: 3\n", encoding="utf-8")
    assert warnings_of(lambda _: None, f"--config {file} train") == []


def test_a_value_that_the_program_overrides_in_python_is_reported() -> None:
    def act(program: Experiment) -> None:
        with program.binder.scope({"dataset.size": 1}):
            assert program.dataset()[1] == 1

    assert warnings_of(act, "train --dataset.size 5") == unused_of("--dataset.size")


@pytest.mark.parametrize("line", ["--print-config", "--print-changed", "--print-schema", "--help", "--diff f.yml"])
def test_nothing_is_reported_if_nothing_runs(line: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "f.yml").write_text("", encoding="utf-8")
    result = Experiment()(f"{line} --dataset.size 5")
    assert "Warning" not in result.output


@pytest.mark.parametrize("error", [ValueError("wrong"), SystemExit(3), KeyboardInterrupt()])
def test_nothing_is_reported_if_the_run_failed(error: BaseException) -> None:
    def act(_: Experiment) -> None:
        raise error

    assert "Warning" not in Experiment(act)("train --dataset.size 5").output


@pytest.mark.parametrize("send", [pickle.dumps, copy.copy, copy.deepcopy])
def test_nothing_is_reported_if_the_values_went_elsewhere(send: Callable[[Any], Any]) -> None:
    assert warnings_of(lambda p: send(p.binder.values()), "train --dataset.size 5") == []


def test_a_snapshot_that_stays_is_seen() -> None:
    def act(program: Experiment) -> None:
        values = program.binder.values()

        def work() -> None:
            with program.binder.scope(values):
                program.dataset()

        thread = threading.Thread(target=work)
        thread.start()
        thread.join()

    assert warnings_of(act, "train --dataset.size 5") == []


def test_a_thread_without_a_scope_is_seen() -> None:
    def act(program: Experiment) -> None:
        thread = threading.Thread(target=program.dataset)
        thread.start()
        thread.join()

    assert warnings_of(act, "train --dataset.size 5") == []


FORKING = """
import os, sys
import clickbind
binder = clickbind.Binder("prog")

@binder.bind
def dataset(size: int = 3) -> None: ...

@binder.stage
def train(fork: bool) -> None:
    child = os.fork() if fork else None
    if child == 0:
        dataset()
        os._exit(0)
    if child is not None:
        os.waitpid(child, 0)

main = binder.command()
for flag in ("--fork", "--no-fork"):
    print(flag, file=sys.stderr)
    main(["train", flag, "--dataset.size", "5"], standalone_mode=False)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system cannot fork")
def test_nothing_is_reported_if_the_process_was_forked() -> None:
    """The parent does not see the child's calls. A fork before the run does not matter."""
    done = subprocess.run([sys.executable, "-c", FORKING], capture_output=True, check=True, text=True)
    assert done.stderr.splitlines() == ["--fork", "--no-fork", *unused_of("--dataset.size")]


def test_a_system_that_cannot_fork_is_fine(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "register_at_fork", raising=False)
    assert warnings_of(lambda _: None, "train --dataset.size 5") == unused_of("--dataset.size")


def test_no_program_is_kept_alive_to_count_forks() -> None:
    program = Experiment()
    program("train --dataset.size 5")
    progress = scopes.progress_of(program.binder._registry)
    reference = weakref.ref(progress)
    unused._forked(reference)
    assert progress.forks == 1
    del program, progress
    gc.collect()
    assert reference() is None
    unused._forked(reference)


def test_a_run_without_such_values_has_no_watch() -> None:
    seen: list[Any] = []
    Experiment(lambda p: seen.append(p.binder.values().watch))("train --epochs 3")
    assert seen == [None]


def test_calls_are_as_fast_as_before_once_all_values_are_taken() -> None:
    simple = []

    def act(program: Experiment) -> None:
        registry = program.binder._registry
        frame = scopes._frame_of(registry)
        assert frame is not None
        sizes: list[dict[str, Any]] = [{"size": 1}, {}, {}]
        for arguments in sizes:
            program.dataset(**arguments)
            simple.append(frame.filling(registry.bounds["dataset"]).simple)
        with program.binder.scope("train") as inner:
            program.dataset()
            simple.append(inner.filling(registry.bounds["dataset"]).simple)

    assert warnings_of(act, "train --dataset.size 5 --dataset.folder f") == []
    assert simple == [False, True, True, True]


def test_a_value_that_another_scope_took_is_not_looked_for_any_more() -> None:
    simple = []

    def act(program: Experiment) -> None:
        bound = program.binder._registry.bounds["dataset"]
        with program.binder.scope("train") as outer:
            program.dataset(size=1)
            with program.binder.scope("val"):
                program.dataset()
            program.dataset(size=1)
            simple.append(outer.filling(bound).simple)

    assert warnings_of(act, "train --dataset.size 5") == []
    assert simple == [True]


def test_a_value_that_many_threads_take_is_taken() -> None:
    def act(program: Experiment) -> None:
        threads = [threading.Thread(target=program.dataset) for _ in range(20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert warnings_of(act, "train --dataset.size 5 --dataset.folder x") == []
