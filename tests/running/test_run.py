"""Test a run: its turns, the values that are active in them, and how it is printed and saved."""

from __future__ import annotations

import contextlib
import io
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import pytest
from click.testing import CliRunner

import clickbind
from tests.conftest import HANG, Program

T = TypeVar("T")


def in_thread(function: Callable[[], T]) -> T:
    """Call a function in a new thread, and return its result."""
    results: list[T] = []
    thread = threading.Thread(target=lambda: results.append(function()))
    thread.start()
    thread.join()
    return results[0]


@pytest.fixture
def binder() -> clickbind.Binder:
    """Return a program whose stage `report` calls the stage `train`, and returns its result."""
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(epochs: int = 50) -> int:
        return epochs

    binder.stage(lambda: train(), name="report", default=False)  # noqa: PLW0108 - the call inside is the point
    binder.stage(lambda: in_thread(train), name="threaded", default=False)
    return binder


def run(binder: clickbind.Binder, *line: str) -> Any:
    """Run a line, and return the result of the stages."""
    return binder.command()(list(line), standalone_mode=False)


@pytest.mark.parametrize("line", ["run report train --epochs 7", "run train --epochs 7 report"])
def test_the_option_of_a_stage_with_one_turn_holds_for_the_whole_run(binder: clickbind.Binder, line: str) -> None:
    assert run(binder, *line.split()) == [7, 7]


def test_the_options_of_a_stage_with_several_turns_hold_for_their_turn_alone(binder: clickbind.Binder) -> None:
    line = "run train --epochs 1 report train --epochs 3 report"
    assert run(binder, *line.split()) == [1, 50, 3, 50]


def test_the_options_of_a_turn_hold_also_for_calls_from_elsewhere() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(epochs: int = 50, *, again: bool = True) -> list[int]:
        return [epochs, *(train(again=False) if again else [])]

    assert run(binder, "run", "train", "--epochs", "1", "train") == [[1, 1], [50, 50]]


def test_the_values_of_a_file_for_one_turn_hold_for_that_turn(binder: clickbind.Binder, tmp_path: Path) -> None:
    (tmp_path / "run.yml").write_text("run.stages: [report, train: {epochs: 7}, report]")
    assert run(binder, "--config", str(tmp_path / "run.yml")) == [50, 7, 50]


def test_a_thread_sees_the_values_of_the_run(binder: clickbind.Binder) -> None:
    assert run(binder, "--train.epochs", "7", "threaded") == 7


def test_a_thread_sees_the_values_of_the_current_turn() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def speed(limit: int = 50) -> int:
        return limit

    @binder.stage
    def train(epochs: int = 50, *, start: bool = True) -> int:
        return in_thread(lambda: train(start=False)) + speed() if start else epochs

    line = "run train --epochs 1 train --epochs 3 train --speed.limit 1000"
    assert run(binder, *line.split()) == [1001, 1003, 1050]


def test_a_thread_sees_no_scopes_of_the_stage_that_started_it(program: Program) -> None:
    def threaded() -> str:
        with program.binder.scope("train"):
            return in_thread(program.dataset)

    program.binder.stage(threaded)
    line = ["threaded", "--train/dataset.folder", "x", "--dataset.folder", "y"]
    assert program.main(line, standalone_mode=False) == "y"


def test_the_run_is_over_once_its_contexts_are_left(binder: clickbind.Binder) -> None:
    binder.stage(binder.values, name="keep")
    values = run(binder, "keep", "--train.epochs", "7")
    assert values.resolve("train", "epochs").value == 7
    assert binder.values().resolve("train", "epochs") is None


def test_a_run_inside_a_run_has_values_of_its_own(binder: clickbind.Binder) -> None:
    main = binder.command()

    def nest() -> Any:
        return main(["train", "--epochs", "1"], standalone_mode=False), main(["report"], standalone_mode=False)

    binder.stage(nest)
    assert run(binder, "run", "nest", "report", "--train.epochs", "7") == [(1, 50), 7]


def test_a_program_may_run_another_one(binder: clickbind.Binder) -> None:
    other = clickbind.Binder("other")
    other.stage(lambda: run(binder, "report", "--train.epochs", "3"), name="train")
    assert run(other, "train") == 3


def test_scopes_around_a_run_hold_no_longer_inside(binder: clickbind.Binder) -> None:
    with binder.scope({"train.epochs": 9}):
        for line, result in ((["train"], 50), (["run", "report"], [50])):
            with pytest.warns(UserWarning, match=r"a snapshot or a run replaces .*: train\.epochs\."):
                assert run(binder, *line) == result


DEBUG = """\
run(
  stages : list = ['prepare', 'peek']
)
output(
  folder : str = out
)
prepare(
  source : PosixPath = raw
  shuffle : bool = False
)
peek(
  count : int = 3
)
"""


@pytest.mark.parametrize(
    "line",
    [
        ["--debug", "run", "prepare", "peek", "--count", "3"],
        ["--debug", "--run.stages", "prepare peek", "--peek.count", "3"],
        ["--args.debug", "1", "--run.stages", "prepare peek", "--peek.count", "3"],
    ],
)
def test_debug_prints_each_call_as_it_is_made(program: Program, line: list[str]) -> None:
    assert program(*line).stdout == DEBUG


def test_debug_prints_run_for_one_stage_too(program: Program) -> None:
    assert program("--debug", "peek").stdout.startswith("run(\n  stages : list = ['peek']\n)\n")


def test_debug_prints_the_scope_of_a_call(program: Program) -> None:
    output = program("--debug", "train", "--val/dataset.folder", "x").stdout
    assert "dataset(\n  # scope = train\n  folder : str = default\n" in output
    assert "dataset(\n  # scope = val\n  folder : str = x\n" in output


def test_debug_prints_nested_scopes_as_they_were_entered(program: Program) -> None:
    def nested() -> None:
        with program.binder.scope("train"), program.binder.scope("val"):
            program.dataset()

    program.binder.stage(nested)
    assert "  # scope = train, val\n" in program("--debug", "nested").stdout


def test_debug_prints_calls_of_threads(program: Program) -> None:
    program.binder.stage(lambda: in_thread(program.dataset), name="threaded")
    assert "dataset(\n  folder : str = default\n" in program("--debug", "threaded").stdout


def test_debug_escapes_what_the_terminal_cannot_show(program: Program) -> None:
    result = CliRunner(charset="ascii").invoke(program.main, ["--debug", "peek", "--output.folder", "ü\udcff"])
    assert result.exit_code == 0
    assert "  folder : str = \\xfc\\udcff\n" in result.stdout


def test_without_debug_nothing_is_printed(program: Program) -> None:
    assert program("train").output == ""


SAVED = """\
dataset.folder: default
dataset.size: 10

output.folder: out

peek.count: 1

prepare.shuffle: false
prepare.source: raw

run.stages:
- peek
- {turn}

train.epochs: {epochs}
train.lr: 0.001
train.model_type: conv
train.tags: null
"""


@pytest.mark.parametrize(
    ("line", "turn", "epochs"),
    [
        ("run peek train", "train", 50),
        ("run peek train --epochs 7", "train", 7),
        ("--train.epochs 7 run peek train", "train", 7),
        ("run peek train --epochs 7 --train.epochs 3", "train", 7),
        ("run peek train --epochs 50", "train", 50),
        ("run peek train --epochs 7 train --epochs 7", "train:\n    epochs: 7\n- train:\n    epochs: 7", 50),
        ("run peek train --epochs 7 train", "train:\n    epochs: 7\n- train", 50),
        ("run peek train --epochs 7 train --train.epochs 3", "train:\n    epochs: 7\n- train", 3),
    ],
)
def test_a_run_is_saved_as_it_is_run(program: Program, line: str, turn: str, epochs: int) -> None:
    program(*line.split(), "--save", "run.yml")
    assert Path("run.yml").read_text() == SAVED.format(turn=turn, epochs=epochs)
    first, program.calls = program.calls, []
    program("--config", "run.yml")
    assert program.calls == first


@pytest.mark.parametrize(
    "line",
    [
        "run train --model-type x --lr 2 --epochs 7 train",
        "run train --tags b --epochs 7 train --model-type x --epochs 8 --lr 1",
        "run peek train --lr 2 --epochs 7 peek --count 4 train --epochs 7 --lr 2",
        "--config old.yml",
    ],
)
def test_turns_whose_values_are_in_any_order_are_saved_and_replayed(program: Program, line: str) -> None:
    Path("old.yml").write_text(
        "run.stages: [train: {model_type: x, lr: 2, epochs: 7}, train, train: {lr: 1, epochs: 3}]"
    )
    assert program(*line.split(), "--save", "run.yml").exit_code == 0
    first, program.calls = program.calls, []
    assert program("--config", "run.yml", "--save", "again.yml").exit_code == 0
    assert program.calls == first
    assert Path("again.yml").read_text() == Path("run.yml").read_text()


def test_a_run_is_saved_to_the_standard_output_of_the_moment(binder: clickbind.Binder) -> None:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        assert run(binder, "train", "--epochs", "7", "--save", "-") == 7
    assert "train.epochs: 7\n" in output.getvalue()


def test_a_run_of_a_file_with_turns_is_saved_with_them(program: Program) -> None:
    Path("old.yml").write_text("run.stages: [peek, train: {epochs: 7}]")
    program("--config", "old.yml", "--save", "run.yml")
    assert Path("run.yml").read_text() == SAVED.format(turn="train:\n    epochs: 7", epochs=50)


def test_a_default_that_is_given_to_a_turn_is_saved_where_the_run_has_another(program: Program) -> None:
    program("run", "peek", "train", "--epochs", "50", "train", "--train.epochs", "3", "--save", "run.yml")
    assert Path("run.yml").read_text() == SAVED.format(turn="train:\n    epochs: 50\n- train", epochs=3)


def test_scoped_values_are_saved_where_they_differ(program: Program) -> None:
    program("train", "--train/dataset.folder", "x", "--save", "run.yml")
    text = Path("run.yml").read_text()
    assert "\ntrain/dataset.folder: x\n" in text
    assert "val/dataset" not in text


def test_several_runs_at_once_are_distinguished_by_their_threads(binder: clickbind.Binder) -> None:
    barrier = threading.Barrier(2)

    def meet(name: str = "") -> str:
        barrier.wait(HANG)
        return name

    binder.stage(meet)
    main, results = binder.command(), {}

    def start(name: str) -> None:
        results[name] = main(["meet", "--name", name], standalone_mode=False)

    threads = [threading.Thread(target=start, args=(name,)) for name in "ab"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == {"a": "a", "b": "b"}


def test_a_bound_function_may_be_called_with_a_click_context(binder: clickbind.Binder) -> None:
    main = binder.command()
    command = main.get_command(click.Context(main), "train")
    assert command is not None
    assert click.Context(command).invoke(command, epochs=3) == 3


def test_a_function_that_cannot_be_looked_at_costs_no_run_that_does_without_it() -> None:
    binder = clickbind.Binder()
    binder.bind(dict)

    @binder.stage
    def train(epochs: int = 1) -> int:
        return epochs

    assert binder.command()(["train", "--epochs", "3"], standalone_mode=False) == 3
