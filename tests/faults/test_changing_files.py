"""Files that are replaced, cut or removed again and again while they are read."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

import clickbind

from .kit import count, tell

READS = count(60, 3_000)
LINES = ["--config f.yml --print-changed", "--config g.yml --print-changed", "--diff f.yml"]
BIG = "".join(f"train.words: {'w' * 70}\n" if not number else f"# {'x' * 70}\n" for number in range(2_000))


@contextlib.contextmanager
def changing(change: Callable[[], None]) -> Iterator[None]:
    """Change something again and again in a thread."""
    ends = threading.Event()

    def run() -> None:
        while not ends.is_set():
            change()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


def replaced(path: Path, *texts: str) -> Callable[[], None]:
    """Return a function that replaces a file by each text, as an editor that writes a new one does."""

    def change() -> None:
        for text in texts:
            new = path.with_name(f"{path.name}.new")
            new.write_text(text, encoding="utf-8")
            os.replace(new, path)

    return change


def rewritten(path: Path, *texts: str) -> Callable[[], None]:
    """Return a function that cuts a file and writes each text into it, bit by bit, and then removes it."""

    def change() -> None:
        for text in texts:
            with path.open("w", encoding="utf-8") as file:
                for start in range(0, len(text), 10_000):
                    file.write(text[start : start + 10_000])
                    file.flush()
        path.unlink()

    return change


def program() -> Callable[[str], tuple[int, str, str]]:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(words: str = "", lr: float = 0.1) -> None: ...

    main = binder.command()

    def type_line(line: str) -> tuple[int, str, str]:
        result = CliRunner().invoke(main, line, prog_name="prog")
        assert result.exception is None or isinstance(result.exception, SystemExit)
        return result.exit_code, result.stdout, result.stderr

    return type_line


@pytest.mark.parametrize("line", LINES)
def test_a_config_that_is_replaced_is_the_one_or_the_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    type_line, path = program(), tmp_path / "f.yml"
    texts = [BIG, BIG.replace("w", "v")]
    (tmp_path / "g.yml").write_text("$include: f.yml\n", encoding="utf-8")
    expected = []
    for text in texts:
        path.write_text(text, encoding="utf-8")
        expected.append(type_line(line))
    with changing(replaced(path, *texts)):
        found = {type_line(line) for _ in range(READS)}
    assert found <= set(expected)
    tell(f"{READS} reads of a config that is replaced ({line}): {len(found)} of 2 results")


@pytest.mark.parametrize("line", LINES)
def test_a_config_that_is_cut_is_read_as_it_is_or_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.chdir(tmp_path)
    type_line, path = program(), tmp_path / "f.yml"
    (tmp_path / "g.yml").write_text("$include: f.yml\n", encoding="utf-8")
    refused = 0
    with changing(rewritten(path, BIG, f"\ufeff{BIG}", "train: {words: [")):
        for _ in range(READS):
            code, _, shown = type_line(line)
            refused += code == 2
            assert code in {0, 1, 2}
            assert (code == 2) == shown.startswith("Error: "), shown
    tell(f"{READS} reads of a config that is cut ({line}): {refused} refused")


LISTS = [
    "runs s",
    "runs s --json",
    "runs s --csv",
    "runs .",
    "runs r",
    "runs --diff r s/01-lr=1.0",
    "resume s",
    "resume r",
]


@pytest.mark.parametrize(
    "name", ["s/01-lr=1.0/record.json", "s/01-lr=1.0/.done", "s/01-lr=1.0/run.yml", "s/sweep.yml", "r/record.json"]
)
def test_records_that_change_are_listed_as_far_as_they_can_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(folder)
    type_line, path = program(), folder / name
    text = path.read_text(encoding="utf-8")
    with changing(rewritten(path, text, text[: len(text) // 2], "", "[")):
        for number in range(READS // 3):
            code, _, shown = type_line(LISTS[number % len(LISTS)])
            assert code in {0, 2}
            assert (code == 2) == ("Error: " in shown), shown


def test_runs_that_come_and_go_are_listed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(folder)
    type_line, kept = program(), folder / "kept"
    (folder / "s/01-lr=1.0").rename(kept)

    def change() -> None:
        shutil.copytree(kept, folder / "s/01-lr=1.0")
        shutil.rmtree(folder / "s/01-lr=1.0")

    with changing(change):
        for number in range(READS):
            code, _, shown = type_line(LISTS[number % 5])
            assert (code, shown) == (0, "")
