"""Thousands of calls in eight threads, under scopes, files and lines that change: no wrong value, and flat memory."""

from __future__ import annotations

import contextlib
import gc
import sys
import threading
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import clickbind

from .kit import count, tell

THREADS = 8
CALLS = count(2_000, 20_000)
FLAT = 64 * 1024
"""Bytes by which memory may grow in the second half of the calls; a leak of four bytes a call would be more."""


def program(binder: clickbind.Binder) -> Callable[..., tuple[Any, ...]]:
    """Bind two functions, and return the stage."""

    @binder.bind("train", "val")
    def data(name: str = "none", sizes: list[int] = [0]) -> tuple[str, list[int]]:  # noqa: B006 - never changed
        return name, sizes

    @binder.stage
    def train(epochs: int = 0, label: str = "none") -> tuple[Any, ...]:
        with binder.scope("train"):
            inner = data()
            with binder.scope("val"):
                innermost = data(name="passed")
        return epochs, label, inner, innermost

    return train


# While runs are in progress, other threads must enter a snapshot first. So these are of a binder of their own.
binder, of_lines = clickbind.Binder("soak"), clickbind.Binder("lines")
train = program(binder)
program(of_lines)
main = of_lines.command()
Case = Callable[[int, str], tuple[Any, Any]]


def by_mappings(number: int, _: str) -> tuple[Any, Any]:
    """Enter mappings, one over the other."""
    values = {"train.epochs": number, "train/data.sizes": [number], "val/data.sizes": [number, 1]}
    with binder.scope(values), binder.scope({"train.label": f"l{number}", "data.name": "d"}):
        return train(), (number, f"l{number}", ("d", [number]), ("passed", [number, 1]))


def by_a_file(number: int, file: str) -> tuple[Any, Any]:
    """Enter the values of a file, with a mapping over them, and leave by an exception."""
    found: list[Any] = []
    values = binder.load(file, vars={"number": str(number)})
    with contextlib.suppress(IndexError), binder.scope(values, {"val/data.sizes": [number]}):
        found.append(train())
        found.pop(number + 1)
    return found.pop(), (number, "file", ("of the file", [1, 2]), ("passed", [number]))


def by_a_snapshot(number: int, file: str) -> tuple[Any, Any]:
    """Enter a snapshot in another thread, as a pool does."""
    found: list[Any] = []

    def work(values: clickbind.Values) -> None:
        with binder.scope(values, "val"):
            found.append(train(epochs=number))

    with binder.scope(binder.load(file, vars={"number": "-1"})):
        thread = threading.Thread(target=work, args=[binder.values()])
        thread.start()
        thread.join()
    return found.pop(), (number, "file", ("of the file", [1, 2]), ("passed", [1, 2]))


def by_a_line(number: int, file: str) -> tuple[Any, Any]:
    """Run a line, with the file below it."""
    line = ["--config", file, "--var", f"number={number}", "train", "--val/data.sizes", f"{number} {number}"]
    found = main(line, standalone_mode=False)
    return found, (number, "file", ("of the file", [1, 2]), ("passed", [number, number]))


CASES: list[Case] = [by_mappings, by_a_file, by_a_snapshot, by_a_line]


def calls(first: int, last: int, file: str) -> list[str]:
    """Make some calls in all threads at once, and return what went wrong."""
    wrong: list[str] = []
    start = threading.Barrier(THREADS)

    def work(own: int) -> None:
        start.wait()
        for number in range(first + own, last, THREADS):
            case = CASES[number // THREADS % len(CASES)]
            try:
                found, expected = case(number, file)
            except Exception as error:  # noqa: BLE001 - it is shown
                found, expected = error, None
            if found != expected:
                wrong.append(f"{case.__name__}({number}): {found!r} instead of {expected!r}")

    threads = [threading.Thread(target=work, args=[own]) for own in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return wrong


@contextlib.contextmanager
def untraced() -> Iterator[None]:
    """Leave out what measures coverage, which keeps memory for each thread."""
    own, of_threads = sys.gettrace(), threading.gettrace()
    sys.settrace(None)
    threading.settrace(None)
    try:
        yield
    finally:
        threading.settrace(of_threads)
        sys.settrace(own)


def in_use() -> int:
    gc.collect()
    return tracemalloc.get_traced_memory()[0]


def test_thousands_of_calls_in_threads_have_their_values_and_leave_nothing(tmp_path: Path) -> None:
    file = tmp_path / "f.yml"
    text = "train.epochs: $number\ntrain: {label: file}\ntrain/data: {name: of the file, sizes: [1, 2]}\n"
    file.write_text(text, encoding="utf-8")
    tracemalloc.start()
    try:
        with untraced():
            wrong = calls(0, CALLS // 2, str(file))
            half = in_use()
            wrong += calls(CALLS // 2, CALLS, str(file))
            grown = in_use() - half
    finally:
        tracemalloc.stop()
    assert wrong[:3] == []
    assert train() == (0, "none", ("none", [0]), ("passed", [0]))
    assert grown < FLAT
    tell(f"{CALLS} calls in {THREADS} threads: memory grew by {grown} bytes in the second half of them")
