"""The contexts of a run: their order, what they see, and how a run ends."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Annotated, Any, NoReturn

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from tests.conftest import HANG


class Story:
    """A program of two contexts, which record how they are entered and left, around one stage."""

    def __init__(self, stage: Callable[[], Any], *, swallow: bool = False) -> None:
        self.told: list[str] = []
        self.binder = clickbind.Binder("prog")
        self.binder.context(lambda: _Context(self.told, "outer", swallow=swallow), name="outer")
        self.binder.context(lambda: _Context(self.told, "inner", swallow=False), name="inner")
        self.binder.stage(stage, name="train")
        self.binder.stage(lambda: self.told.append("after"), name="after")

    def run(self, *line: str) -> Result:
        """Type a line."""
        return CliRunner().invoke(self.binder.command(), line)


class _Context:
    def __init__(self, told: list[str], name: str, *, swallow: bool) -> None:
        self.told, self.name, self.swallow = told, name, swallow

    def __enter__(self) -> None:
        self.told.append(f"enter {self.name}")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> bool:
        self.told.append(f"leave {self.name} {'well' if kind is None else kind.__name__}")
        return self.swallow


def _raise(error: BaseException) -> Callable[[], None]:
    def stage() -> None:
        raise error

    return stage


def test_contexts_are_entered_in_registration_order_and_left_in_reverse() -> None:
    story = Story(lambda: None)
    story.run("train")
    assert story.told == ["enter outer", "enter inner", "leave inner well", "leave outer well"]


@pytest.mark.parametrize("line", [["run", "train", "after"], ["--run.stages", "train after"], ["run"], []])
def test_contexts_are_around_all_stages_of_a_run(line: list[str]) -> None:
    story = Story(lambda: story.told.append("train"))
    story.run(*line)
    assert story.told == ["enter outer", "enter inner", "train", "after", "leave inner well", "leave outer well"]


EXCEPTIONS = [
    (ZeroDivisionError(), 1),
    (click.exceptions.Exit(3), 3),
    (click.UsageError("no"), 2),
    (click.ClickException("no"), 1),
    (click.Abort(), 1),
    (SystemExit(4), 4),
    (KeyboardInterrupt(), 130),
]


@pytest.mark.parametrize(("error", "code"), EXCEPTIONS, ids=lambda item: type(item).__name__)
@pytest.mark.parametrize("line", [["train"], ["run", "train", "after"], ["run", "--run.stages", "train after"], []])
def test_contexts_see_the_exception_of_a_stage(line: list[str], error: BaseException, code: int) -> None:
    story = Story(_raise(error))
    result = story.run(*line)
    kind = type(error).__name__
    assert story.told == ["enter outer", "enter inner", f"leave inner {kind}", f"leave outer {kind}"]
    assert result.exit_code == code


@pytest.mark.parametrize("line", [["run", "train", "after"], []])
def test_a_context_that_swallows_an_exception_ends_the_run_well(line: list[str]) -> None:
    story = Story(_raise(ZeroDivisionError()), swallow=True)
    assert story.run(*line).exit_code == 0
    assert story.told[2:] == ["leave inner ZeroDivisionError", "leave outer ZeroDivisionError"]


def _fail() -> NoReturn:
    raise ZeroDivisionError


def test_contexts_that_are_entered_are_left_where_a_later_one_fails() -> None:
    story = Story(lambda: story.told.append("train"))
    story.binder.context(_fail, name="broken")
    assert isinstance(story.run("train").exception, ZeroDivisionError)
    assert story.told == [
        "enter outer",
        "enter inner",
        "leave inner ZeroDivisionError",
        "leave outer ZeroDivisionError",
    ]


def test_a_context_may_be_entered_by_one_run_after_the_other() -> None:
    story = Story(lambda: None)
    story.run("train")
    story.run("train")
    assert story.told == ["enter outer", "enter inner", "leave inner well", "leave outer well"] * 2


def test_a_context_gets_its_values_from_the_line() -> None:
    binder = clickbind.Binder("prog")
    told = []

    @binder.context
    @contextmanager
    def output(folder: str = ".") -> Iterator[None]:
        told.append(folder)
        yield

    binder.stage(lambda: None, name="train")
    binder.command()(["train", "--output.folder", "x"], standalone_mode=False)
    assert told == ["x"]


def test_a_context_may_enter_a_scope_that_holds_for_the_stages() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind("fast")
    def speed(limit: int = 50) -> int:
        return limit

    binder.context(lambda: binder.scope("fast"), name="hurry")
    binder.stage(lambda: speed() + 1, name="train")
    assert binder.command()(["--fast/speed.limit", "120", "train"], standalone_mode=False) == 121


def test_a_stage_that_exits_ends_a_chain() -> None:
    story = Story(lambda: click.get_current_context().exit(3))
    assert story.run("run", "train", "after").exit_code == 3
    assert "after" not in story.told


def test_ctrl_c_is_told_and_exits_with_130() -> None:
    result = Story(_raise(KeyboardInterrupt())).run("train")
    assert result.exit_code == 130
    assert result.stderr.strip() == "Aborted!"


def test_ctrl_c_comes_back_as_click_has_it_without_standalone_mode() -> None:
    main = Story(_raise(KeyboardInterrupt())).binder.command()
    with pytest.raises(click.Abort):
        main(["train"], standalone_mode=False)


def test_click_errors_come_back_without_standalone_mode() -> None:
    main = Story(_raise(click.UsageError("no"))).binder.command()
    with pytest.raises(click.UsageError, match="no"):
        main(["train"], standalone_mode=False)


PROCESS = """
import asyncio, os, signal, time
from contextlib import contextmanager
import clickbind

binder = clickbind.Binder("prog")

@binder.context
@contextmanager
def output():
    try:
        yield
    finally:
        print("left", flush=True)

@binder.stage
def wait():
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(60)

@binder.stage
async def wait_async():
    os.kill(os.getpid(), signal.SIGINT)
    await asyncio.sleep(60)

@binder.stage
def talk():
    for line in range(100_000):
        print(line)

@binder.stage
def explode():
    raise ZeroDivisionError("boom")

binder.command()()
"""


@pytest.fixture
def process(tmp_path: Path) -> list[str]:
    """Return the start of a command line that runs a program as a process."""
    script = tmp_path / "prog.py"
    # A shell starts what runs in its background with Ctrl-C ignored, and that is handed down.
    script.write_text(f"import signal\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n{PROCESS}")
    return [sys.executable, str(script)]


@pytest.mark.parametrize("stage", ["wait", "wait-async"])
def test_a_process_that_is_interrupted_leaves_its_contexts_and_exits_with_130(process: list[str], stage: str) -> None:
    done = subprocess.run([*process, stage], capture_output=True, text=True, check=False, timeout=HANG)
    assert done.returncode == 130
    assert done.stdout == "left\n"
    assert done.stderr.strip() == "Aborted!"


def test_a_closed_pipe_is_quiet(process: list[str]) -> None:
    with subprocess.Popen([*process, "talk"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as talking:
        assert talking.stdout is not None
        assert talking.stderr is not None
        assert talking.stdout.readline() == b"0\n"
        talking.stdout.close()
        assert talking.stderr.read() == b""


def test_a_process_whose_stage_raises_shows_the_traceback(process: list[str]) -> None:
    done = subprocess.run([*process, "explode"], capture_output=True, text=True, check=False, timeout=HANG)
    assert done.returncode == 1
    assert done.stdout == "left\n"
    assert done.stderr.startswith("Traceback")
    assert done.stderr.endswith("ZeroDivisionError: boom\n")


def test_what_a_context_cannot_do_without_is_asked_for_where_it_says_so() -> None:
    binder = clickbind.Binder("prog")
    seen = []

    @binder.context
    @contextmanager
    def output(folder: Annotated[str, clickbind.Option(prompt="Where to")]) -> Iterator[None]:
        seen.append(folder)
        yield

    binder.stage(lambda: None, name="go")
    result = CliRunner().invoke(binder.command(), ["go"], input="there\n")
    assert (result.exit_code, result.stdout, seen) == (0, "Where to: there\n", ["there"])


def test_values_that_a_context_lays_over_hold_in_the_stages() -> None:
    binder = clickbind.Binder()

    @binder.bind
    def dataset(size: int = 1) -> int:
        return size

    @binder.context
    def around() -> Iterator[None]:
        with binder.scope({"dataset.size": 9}):
            yield

    @binder.stage
    def train() -> int:
        return dataset()

    assert binder.command()(["train", "--dataset.size", "4"], standalone_mode=False) == 9
