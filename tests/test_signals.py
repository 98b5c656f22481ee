"""SIGTERM leaves the contexts of a program, and nothing else changes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import clickbind

PROGRAM = """
import asyncio
import os
import signal
import sys
import time
from contextlib import contextmanager

import clickbind

binder = clickbind.Binder("prog")
TERM = signal.SIGTERM


@binder.context
@contextmanager
def outer():
    try:
        yield
    except BaseException as error:
        print("outer", repr(error), flush=True)
        raise


@binder.context
@contextmanager
def inner(again: bool = False):
    try:
        yield
    finally:
        if again:
            os.kill(os.getpid(), TERM)
            os.kill(os.getpid(), TERM)
        print("inner", flush=True)


def wait():
    os.kill(os.getpid(), TERM)
    while True:
        time.sleep(1)


@binder.stage
def busy():
    wait()


@binder.stage
async def coroutine():
    asyncio.get_running_loop().call_later(0, os.kill, os.getpid(), TERM)
    while True:
        await asyncio.sleep(1)


@binder.stage
def handled():
    signal.signal(TERM, lambda *_: print("its own", flush=True))
    os.kill(os.getpid(), TERM)


@binder.stage
def child():
    if os.fork() == 0:
        wait()
    print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)


@binder.stage
def quiet():
    print(signal.getsignal(TERM) is not signal.SIG_DFL, flush=True)


main = binder.command()
if sys.argv[1] == "--ignored":
    signal.signal(TERM, signal.SIG_IGN)
    sys.argv.pop(1)
    os.kill(os.getpid(), TERM)
try:
    main()
finally:
    print(signal.getsignal(TERM) == signal.SIG_DFL, flush=True)
"""

LEFT = ["inner", "outer SystemExit(143)", "True"]


@pytest.mark.parametrize(
    ("line", "code", "lines"),
    [
        ("busy", 143, LEFT),
        ("coroutine", 143, LEFT),
        ("run quiet busy", 143, ["True", *LEFT]),
        ("busy --inner.again", 143, LEFT),
        ("quiet --inner.again", 143, ["True", *LEFT[1:]]),
        ("handled", 0, ["its own", "inner", "False"]),
        ("child", 0, ["-15", "inner", "True"]),
        ("quiet", 0, ["True", "inner", "True"]),
        ("--ignored quiet", 0, ["True", "inner", "False"]),
    ],
)
def test_sigterm_leaves_the_contexts_in_reverse_order(tmp_path: Path, line: str, code: int, lines: list[str]) -> None:
    (tmp_path / "prog.py").write_text(PROGRAM, encoding="utf-8")
    command = [sys.executable, "prog.py", *line.split()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stdout.split("\n")[:-1], done.stderr) == (code, lines, "")


def program(seen: list[Any], *, context: bool = True) -> Any:
    binder = clickbind.Binder()

    @contextmanager
    def around() -> Iterator[None]:
        yield

    if context:
        binder.context(around)

    @binder.stage
    def stage() -> None:
        seen.append(signal.getsignal(signal.SIGTERM))

    return binder.command()


def test_the_handler_is_there_only_while_a_program_is_in_its_contexts() -> None:
    seen: list[Any] = []
    with pytest.raises(SystemExit):
        program(seen)(["stage"])
    assert callable(seen.pop())
    assert signal.getsignal(signal.SIGTERM) is signal.SIG_DFL
    program(seen)(["stage"], standalone_mode=False)
    with pytest.raises(SystemExit):
        program(seen, context=False)(["stage"])
    assert seen == [signal.SIG_DFL, signal.SIG_DFL]


def test_other_threads_set_none() -> None:
    seen: list[Any] = []

    def run() -> None:
        with pytest.raises(SystemExit):
            program(seen)(["stage"])

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    assert seen == [signal.SIG_DFL]


def test_a_handler_of_the_program_s_own_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    def own(*_: object) -> None: ...

    seen: list[Any] = []
    signal.signal(signal.SIGTERM, own)
    try:
        with pytest.raises(SystemExit):
            program(seen)(["stage"])
        assert [*seen, signal.getsignal(signal.SIGTERM)] == [own, own]
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


@pytest.mark.parametrize("sets", [False, True])
def test_the_signal_ends_the_run_once(*, sets: bool) -> None:
    binder = clickbind.Binder()
    left = []

    @binder.context
    def around() -> Iterator[None]:
        try:
            yield
        finally:
            os.kill(os.getpid(), signal.SIGTERM)
            left.append("left")
            if sets:
                signal.signal(signal.SIGTERM, signal.default_int_handler)

    @binder.stage
    def stage() -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        raise AssertionError("it goes on")

    try:
        with pytest.raises(SystemExit) as caught:
            binder.command()(["stage"])
        assert (caught.value.code, left) == (143, ["left"])
        kept = signal.default_int_handler if sets else signal.SIG_DFL
        assert signal.getsignal(signal.SIGTERM) is kept
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)


def test_a_forked_child_ends_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """The child is one in name only: coverage sees it then."""
    binder = clickbind.Binder()
    killed = []

    @binder.context
    def around() -> Iterator[None]:
        yield

    @binder.stage
    def stage() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "getpid", lambda: -1)
            patch.setattr(os, "kill", lambda *arguments: killed.append(arguments))
            signal.raise_signal(signal.SIGTERM)

    with pytest.raises(SystemExit):
        binder.command()(["stage"])
    assert killed == [(-1, signal.SIGTERM)]
