"""Saved runs: section 6 of the contract, sentence by sentence, through the whole program.

How one value is written, and the write itself, are in `test_record`; the seed's own file is in `test_seed`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import stat
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner, Result
from hypothesis import example, given, settings
from hypothesis import strategies as st

import clickbind
from tests.conftest import HANG, Program
from tests.record.test_entries import NASTY, TEXTS

SHORT = settings(max_examples=50)
DOLLARS = [
    "$",
    "$$",
    "$$$",
    "$x",
    "${x}",
    "a${x}",
    "$${x}",
    "$$x",
    "${",
    "$}",
    "$PATH",
    "${HOME}/x",
    "\n$x",
    "\x85${x}",
    "${x}\U0010ffff",
]


@dataclass
class Optim:
    lr: float = 0.1
    name: str = "sgd"


class Saved:
    """A program with parameters of several types that keeps what it was called with."""

    def __init__(self) -> None:
        self.got: list[Any] = []
        self.binder = binder = clickbind.Binder("prog")

        @binder.bind("train", "val")
        def data(folder: str = "default", size: int = 10) -> None:
            self.got.append(("data", folder, size))

        @binder.stage
        def f(
            *,
            text: str = "x",
            maybe: str | None = None,
            texts: list[str] = [],  # noqa: B006 - never changed
            table: dict[str, str] = {},  # noqa: B006 - never changed
            anything: Any = None,
            number: float = 0.5,
            optim: Optim = Optim(),  # noqa: B008 - never changed
        ) -> None:
            self.got.append(("f", text, maybe, texts, table, anything, number, optim))
            with binder.scope("train"):
                data()
            with binder.scope("val"):
                data()

        @binder.stage
        def g(x: int = 1) -> None:
            self.got.append(("g", x))

        self.main = binder.command()

    def __call__(self, *line: str, **settings: Any) -> Result:
        self.got.clear()
        return CliRunner().invoke(self.main, line, prog_name="prog", **settings)


SAVED = Saved()


@contextlib.contextmanager
def folder() -> Iterator[None]:
    """Work in an empty folder."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as path:
        os.chdir(path)
        try:
            yield
        finally:
            os.chdir(before)


def twice(*line: str, **settings: Any) -> None:
    """Save a run, replay it, print it and replay that, and see no difference anywhere."""
    with folder():
        result = SAVED("--save", "f.yml", *line, **settings)
        assert result.exit_code == 0, result.output
        first = repr(SAVED.got)
        text = Path("f.yml").read_bytes()
        assert SAVED("--config", "f.yml", "--save", "again.yml").exit_code == 0
        assert repr(SAVED.got) == first
        assert Path("again.yml").read_bytes() == text
        assert SAVED("--diff", "f.yml", *line, **settings).output == ""
        printed = SAVED("--print-config", *line, **settings)
        assert (printed.exit_code, SAVED.got) == (0, [])
        Path("printed.yml").write_bytes(printed.stdout_bytes)
        assert SAVED("--config", "printed.yml", "--save", "again.yml").exit_code == 0
        assert repr(SAVED.got) == first
        assert Path("again.yml").read_bytes() == text
        changed = SAVED("--print-changed", *line, **settings)
        Path("changed.yml").write_bytes(changed.stdout_bytes)
        assert SAVED("--config", "changed.yml", "--diff", "f.yml").output == ""
        assert SAVED("--diff", "f.yml", "--config", "printed.yml").exit_code == 0


@SHORT
@given(TEXTS)
@example("\x85")
@example("\U0001f642 a\n\n b \n")
@example("x" * 200_000)
@example("$" * 100_001)
@example("word " * 30_000)
@example("\ufeff")
def test_any_text_that_is_typed_is_saved_and_replayed_without_a_difference(text: str) -> None:
    twice("run", "f", f"--text={text}", f"--maybe={text}", "--train/data.folder", text, "--optim.name", text)


@pytest.mark.parametrize("text", [*NASTY, *DOLLARS])
def test_a_nasty_text_is_saved_and_replayed_without_a_difference(text: str) -> None:
    twice("f", f"--text={text}", f"--maybe={text}", default_map={"f": {"texts": [text], "table": {text: text}}})


@SHORT
@given(
    st.lists(TEXTS, max_size=3),
    st.dictionaries(TEXTS, TEXTS, max_size=3),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | TEXTS | st.sampled_from(DOLLARS),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
        max_leaves=6,
    ),
    st.floats(),
)
def test_values_of_any_kind_are_saved_and_replayed_without_a_difference(
    texts: list[str], table: dict[str, str], anything: Any, number: float
) -> None:
    given_values = {"texts": texts, "table": table, "anything": anything, "number": number}
    twice(default_map={"f": given_values, "train/data": {"folder": "".join(texts)}})


@SHORT
@given(st.lists(st.tuples(TEXTS, st.integers()), min_size=1, max_size=3))
def test_turns_with_any_values_of_their_own_are_saved_and_replayed_without_a_difference(
    turns: list[tuple[str, int]],
) -> None:
    words = [word for text, number in turns for word in ("f", f"--text={text}", f"--number={number}", "g")]
    twice("run", *words)


CHANGES = {
    "f.text": ("f", "--text", "other"),
    "f.maybe": ("f", "--maybe", ""),
    "f.texts": ("f", "--texts", "a"),
    "f.table": ("f", "--table", "a=b"),
    "f.anything": ("f", "--anything", "0"),
    "f.number": ("f", "--number", "0.25"),
    "f.optim.lr": ("f", "--optim.lr", "1"),
    "g.x": ("f", "--g.x", "2"),
    "data.folder": ("f", "--data.folder", "x"),
    "train/data.folder": ("f", "--train/data.folder", "x"),
    "val/data.size": ("f", "--val/data.size", "11"),
    "run.stages": ("run", "f", "g"),
}


@pytest.mark.parametrize("key", CHANGES)
def test_the_difference_after_a_change_is_that_key_alone(key: str) -> None:
    with folder():
        SAVED("--save", "f.yml", "f")
        result = SAVED("--diff", "f.yml", *CHANGES[key])
        assert result.exit_code == 1
        assert SAVED.got == []
        assert [line for line in result.output.splitlines() if line[:1] != " "] == [key]
        assert result.output.count("  this line:") == result.output.count("  f.yml:") == 1


@SHORT
@given(TEXTS, TEXTS)
def test_two_texts_differ_where_they_are_not_the_same(one: str, two: str) -> None:
    with folder():
        SAVED("--save", "f.yml", "f", f"--text={one}")
        result = SAVED("--diff", "f.yml", "f", f"--text={two}")
        assert result.exit_code == int(one != two)
        assert [line for line in result.output.splitlines() if line[:1] != " "] == ["f.text"] * (one != two)


def test_a_difference_has_both_values_with_their_origins() -> None:
    with folder():
        SAVED("--save", "f.yml", "f", "--texts", "a b")
        assert SAVED("--diff", "f.yml", "f", "--texts", "c", "--val/data.folder", "x").output == (
            "f.texts\n"
            "  this line:  # --texts\n    - c\n"
            "  f.yml:  # f.yml:11\n    - a\n    - b\n"
            "\n"
            "val/data.folder\n"
            "  this line: x  # --val/data.folder\n"
            "  f.yml: not set\n"
        )


def test_a_difference_to_a_file_that_is_wrong_is_told() -> None:
    with folder():
        Path("f.yml").write_text("zzz: 1\n", encoding="utf-8")
        result = SAVED("--diff", "f.yml", "f")
        assert (result.exit_code, result.stderr.splitlines()[0]) == (2, "Error: f.yml:1:1: unknown key 'zzz'.")
        result = SAVED("--diff", "nope.yml", "f")
        assert result.stderr == "Error: nope.yml: cannot be read: No such file or directory.\n"


def test_a_run_with_a_required_secret_does_not_differ_from_its_own_file() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def login(token: Annotated[str, clickbind.Option(secret=True)]) -> None: ...

    with folder():
        line = ["login", "--token", "hunter2"]
        assert CliRunner().invoke(binder.command(), ["--save", "f.yml", *line]).exit_code == 0
        result = CliRunner().invoke(binder.command(), ["--diff", "f.yml", *line])
        assert (result.output, result.exit_code) == ("", 0)


def test_every_bound_parameter_is_there_flat_and_sorted_with_what_the_run_did(program: Program) -> None:
    assert program("--save", "f.yml", "--val/dataset.size", "3", "train", "--epochs", "9").exit_code == 0
    assert Path("f.yml").read_text(encoding="utf-8") == (
        "dataset.folder: default\ndataset.size: 10\n\n"
        "output.folder: out\n\n"
        "peek.count: 1\n\n"
        "prepare.shuffle: false\nprepare.source: raw\n\n"
        "run.stages:\n- train\n\n"
        "train.epochs: 9\ntrain.lr: 0.001\ntrain.model_type: conv\ntrain.tags: null\n\n"
        "val/dataset.size: 3\n"
    )


@pytest.mark.parametrize("line", ["train --epochs 9", "run train --epochs 9", "--train.epochs 9 --run.stages train"])
def test_a_saved_run_does_what_the_run_did_and_nothing_else(program: Program, line: str) -> None:
    program("--save", "f.yml", *line.split())
    first = list(program.calls)
    program.calls.clear()
    program("--config", "f.yml")
    assert program.calls == first
    assert program.got("train.epochs") == [9]


@pytest.mark.parametrize("line", ["--print-config", "--print-changed", "--diff f.yml"])
def test_what_is_printed_is_what_would_be_saved(program: Program, line: str) -> None:
    program("--save", "f.yml", "train", "--epochs", "9")
    output = program(*line.split(), "train", "--epochs", "9").output
    values = "".join(f"{text.partition('  #')[0]}\n" for text in output.splitlines())
    expected = {
        "--print-config": Path("f.yml").read_text(encoding="utf-8"),
        "--print-changed": "run.stages:\n- train\n\ntrain.epochs: 9\n",
    }
    assert values == expected.get(line, "")


def test_a_given_value_that_could_not_be_read_back_is_an_error_and_nothing_is_run(program: Program) -> None:
    def odd(x: Any = None) -> None:
        program.calls.append(("odd", {"x": x}))

    program.binder.stage(odd)
    result = program("--save", "f.yml", "odd", default_map={"odd": {"x": object()}})
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: odd.x: <object object at ")
    assert "\n" not in result.stderr.rstrip("\n")
    assert program.calls == []
    assert os.listdir() == []


def test_a_default_that_cannot_be_written_is_left_out_with_a_comment(program: Program) -> None:
    @program.binder.stage
    def odd(x: Any = PROGRAM_DEFAULT) -> None: ...

    assert program("--save", "f.yml", "odd").exit_code == 0
    assert "\n# odd.x: its default <an object> cannot be written\n" in Path("f.yml").read_text(encoding="utf-8")
    assert program("--config", "f.yml").exit_code == 0
    assert program("--diff", "f.yml", "odd").output == ""


class _Default:
    def __repr__(self) -> str:
        return "<an object>"


PROGRAM_DEFAULT = _Default()


def full(*_: Any, **__: Any) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def denied(*_: Any, **__: Any) -> Any:
    raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))


FAILURES = {"fsync": full, "replace": denied, "open": denied, "chmod": denied}


@pytest.mark.parametrize("name", FAILURES)
def test_where_the_write_fails_the_old_file_is_as_it_was_and_nothing_is_run(
    program: Program, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    path = Path("f.yml")
    path.write_text("old\n", encoding="utf-8")
    path.chmod(0o640)
    with monkeypatch.context() as patch:
        patch.setattr(os, name, FAILURES[name])
        result = program("--save", "f.yml", "train")
    reason = "No space left on device" if name == "fsync" else "Permission denied"
    assert (result.exit_code, result.stderr) == (2, f"Error: f.yml: the run cannot be saved: {reason}.\n")
    assert program.calls == []
    assert os.listdir() == ["f.yml"]
    assert (path.read_text(encoding="utf-8"), stat.S_IMODE(path.stat().st_mode)) == ("old\n", 0o640)


@pytest.mark.parametrize("name", ["fsync", "replace", "open"])
def test_where_the_write_of_a_new_file_fails_there_is_none(
    program: Program, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, name, FAILURES[name])
        assert program("--save", "f.yml", "train").exit_code == 2
    assert (os.listdir(), program.calls) == ([], [])


def test_a_failed_write_that_cannot_be_cleaned_up_is_told_all_the_same(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        patch.setattr(os, "unlink", denied)
        result = program("--save", "f.yml", "train")
    assert result.stderr == "Error: f.yml: the run cannot be saved: No space left on device.\n"


SLOW = """
import os, sys
import clickbind

binder = clickbind.Binder("prog")


@binder.stage
def train(text: str = "x") -> None:
    print("ran")


fsync = os.fsync
def slow(handle: int) -> None:
    print("writing", flush=True)
    sys.stdin.read()
os.fsync = slow
binder.command()()
"""


def test_a_process_that_is_killed_while_it_writes_leaves_the_old_file(tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_text(SLOW, encoding="utf-8")
    (tmp_path / "f.yml").write_text("old\n", encoding="utf-8")
    line = [sys.executable, "prog.py", "--save", "f.yml", "train"]
    with subprocess.Popen(line, cwd=tmp_path, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"writing\n"
        process.send_signal(signal.SIGKILL)
        process.wait(HANG)
    assert (tmp_path / "f.yml").read_text(encoding="utf-8") == "old\n"


def test_permissions_are_kept_and_links_followed_and_folders_made(program: Program) -> None:
    target = Path("target.yml")
    target.write_text("old\n", encoding="utf-8")
    target.chmod(0o600)
    os.symlink("target.yml", "link.yml")
    os.symlink("a/b/new.yml", "dangling.yml")
    for path in ("link.yml", "c/d/f.yml", "dangling.yml"):
        assert program("--save", path, "train").exit_code == 0
    assert os.path.islink("link.yml")
    assert stat.S_IMODE(target.stat().st_mode) == 0o600
    texts = {Path(path).read_text(encoding="utf-8") for path in ("target.yml", "c/d/f.yml", "a/b/new.yml")}
    assert len(texts) == 1
    assert "train.epochs: 50\n" in texts.pop()
    assert sorted(os.listdir()) == ["a", "c", "dangling.yml", "link.yml", "out", "target.yml"]


@contextlib.contextmanager
def pipe(path: str) -> Iterator[list[bytes]]:
    """Read a named pipe in a thread."""
    os.mkfifo(path)
    found: list[bytes] = []
    thread = threading.Thread(target=lambda: found.append(Path(path).read_bytes()), daemon=True)
    thread.start()
    yield found
    thread.join(HANG)


def test_a_pipe_is_written_to_directly(program: Program) -> None:
    with pipe("pipe") as found:
        assert program("--save", "pipe", "train").exit_code == 0
    assert b"train.epochs: 50\n" in found[0]
    assert stat.S_ISFIFO(os.stat("pipe").st_mode)


def test_a_pipe_is_read_as_a_config(program: Program) -> None:
    os.mkfifo("pipe")
    thread = threading.Thread(target=lambda: Path("pipe").write_text("train.epochs: 7\n", encoding="utf-8"))
    thread.start()
    assert program("--config", "pipe", "train").exit_code == 0
    thread.join(HANG)
    assert program.got("train.epochs") == [7]


@pytest.mark.skipif(not os.path.exists("/dev/stdout"), reason="there is no such device")
@pytest.mark.parametrize("path", ["/dev/stdout", "-"])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_standard_output_is_written_to_directly_as_utf_8(tmp_path: Path, path: str, encoding: str) -> None:
    program = SLOW.replace("os.fsync = slow", "")
    (tmp_path / "prog.py").write_text(program, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "prog.py", "--save", path, "train", "--text", "é🙂"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
        timeout=HANG,
    )
    assert done.stdout.decode() == "run.stages:\n- train\n\ntrain.text: 'é🙂'\nran\n"


def test_what_is_printed_survives_a_terminal_of_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "prog.py").write_text(SLOW, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "prog.py", "--print-config", "train", "--text", "é🙂"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"},
        capture_output=True,
        check=False,
        timeout=HANG,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    (tmp_path / "f.yml").write_bytes(done.stdout)
    again = subprocess.run(
        [sys.executable, "prog.py", "--config", "f.yml", "--diff", "f.yml", "train", "--text", "é🙂"],
        cwd=tmp_path,
        capture_output=True,
        check=False,
        timeout=HANG,
    )
    assert (again.returncode, again.stdout) == (0, b"")
