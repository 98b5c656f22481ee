"""What is printed where a terminal cannot show it, where standard output is closed, and where its disk is full."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from clickbind import Binder, SaveError, output

PROGRAM = '''
import clickbind

binder = clickbind.Binder("prog", help="Häuser → 😀", version="1 →")


@binder.stage
def train(name: str = "→ 😀", big: int = 16**4000, bigs: list[int] = [16**4000]):
    """Träne → 😀.

    Parameters
    ----------
    name
        Größe → x
    """
    print("ran")


binder.command()()
'''


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "prog.py").write_text(PROGRAM, encoding="utf-8")
    (tmp_path / "f.yml").write_text("train.name: '←'\n", encoding="utf-8")
    return tmp_path


def run(folder: Path, *line: str, encoding: str = "utf-8", **more: Any) -> subprocess.CompletedProcess[bytes]:
    environment = {**os.environ, "PYTHONIOENCODING": encoding}
    command = [sys.executable, "prog.py", *line]
    return subprocess.run(command, cwd=folder, env=environment, check=False, **{"stdout": -1, "stderr": -1, **more})


LINES = {
    "--help": 0,
    "train --help": 0,
    "--print-config": 0,
    "--print-changed --train.name ←": 0,
    "--print-schema": 0,
    "--debug train": 0,
    "--diff f.yml": 1,
    "--save - train": 0,
    "trän": 2,
    "train --näme x": 2,
    "--config nöne.yml": 2,
    "train --big →": 2,
}


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp437", "utf-8"])
@pytest.mark.parametrize(("line", "code"), LINES.items())
def test_text_that_a_terminal_cannot_show_is_no_traceback(folder: Path, line: str, code: int, encoding: str) -> None:
    done = run(folder, *line.split(), encoding=encoding)
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False), done.stderr[-2000:]
    done.stdout.decode("utf-8" if line.startswith(("--print", "--diff", "--save")) else encoding)


@pytest.mark.parametrize("line", ["--print-config", "--save -"])
def test_what_can_be_read_back_is_utf_8_in_a_file(folder: Path, line: str) -> None:
    saved = run(folder, *line.split(), encoding="ascii").stdout
    assert "train.name: '→ 😀'" in saved.decode("utf-8")
    (folder / "saved.yml").write_bytes(saved.removesuffix(b"ran\n"))
    assert run(folder, "--config", "saved.yml").stdout == b"ran\n"


def on_terminal(folder: Path, *line: str, encoding: str) -> str:
    reading, writing = pytest.importorskip("pty").openpty()  # Windows does not have it
    try:
        run(folder, *line, encoding=encoding, stdout=writing)
        return os.read(reading, 100_000).decode("utf-8").replace("\r\n", "\n")
    finally:
        os.close(reading)
        os.close(writing)


def test_on_a_terminal_it_is_escaped(folder: Path) -> None:
    assert r"train.name: '\u2192 \U0001f600'" in on_terminal(folder, "--print-config", encoding="ascii")
    assert "train.name: '→ 😀'" in on_terminal(folder, "--print-config", encoding="utf-8")
    assert r"Tr\xe4ne \u2192" in on_terminal(folder, "train", "--help", encoding="ascii")


def test_help_shows_an_int_that_python_does_not_write(folder: Path) -> None:
    done = run(folder, "train", "--help")
    assert done.stdout.count(b"0x1000000") == 2
    assert b"its default of type int cannot be written" in run(folder, "--print-config").stdout


CLOSED = {
    "--print-config": "the run cannot be written: standard output is closed.",
    "--print-schema": "the schema cannot be written: standard output is closed.",
    "--save -": "-: the run cannot be saved: standard output is closed.",
    "--diff f.yml": "the differences cannot be written: standard output is closed.",
}


@pytest.mark.parametrize(("line", "message"), CLOSED.items())
@pytest.mark.parametrize(("end", "reason"), [(">&-", None), (">/dev/full", "No space left on device.")])
def test_output_that_cannot_be_written_is_an_error(
    folder: Path, line: str, message: str, end: str, reason: str | None
) -> None:
    if end == ">/dev/full" and not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    command = f"exec {sys.executable} prog.py {line} {end}"
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, check=False)
    expected = message if reason is None else f"{message.partition(': standard')[0]}: {reason}"
    assert (done.returncode, done.stderr.decode()) == (2, f"Error: {expected}\n")


def test_a_closed_input_is_an_error(folder: Path) -> None:
    command = f"exec {sys.executable} prog.py --config - <&-"
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (2, b"Error: <stdin>: cannot be read: standard input is closed.\n")


def test_a_pipe_that_nobody_reads_is_quiet(folder: Path) -> None:
    for line in ("--print-config", "--save -"):
        reading, writing = os.pipe()
        os.close(reading)
        done = run(folder, *line.split(), stdout=writing)
        os.close(writing)
        assert (done.returncode, done.stderr) == (1, b"")


@pytest.mark.parametrize("line", ["--config f.yml", "--diff f.yml", "--save f.yml", "--save new/f.yml"])
def test_a_working_directory_that_is_gone_is_an_error(folder: Path, line: str) -> None:
    (folder / "gone").mkdir()
    command = f"cd gone; rmdir ../gone; exec {sys.executable} {folder / 'prog.py'} {line}"
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, check=False)
    name = line.split()[1]
    what = "the run cannot be saved" if "save" in line else "cannot be read"
    assert (done.returncode, done.stderr.decode()) == (2, f"Error: {name}: {what}: No such file or directory.\n")


# In this process, where coverage sees it.


def test_a_stream_without_bytes_gets_text(monkeypatch: pytest.MonkeyPatch) -> None:
    stream = io.StringIO()
    monkeypatch.setattr(sys, "stdout", stream)
    output.write("→\n", "the run cannot be written")
    assert stream.getvalue() == "→\n"


def test_a_stream_of_another_encoding_gets_utf_8_nevertheless(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii")
    monkeypatch.setattr(sys, "stdout", stream)
    stream.write("before\n")
    output.write("→\n", "the run cannot be written")
    assert raw.getvalue().decode("utf-8") == "before\n→\n"
    assert output.printable("→") == r"\u2192"
    stream.close()
    with pytest.raises(SaveError, match=r"the run cannot be written: I/O operation on closed file\."):
        output.write("→\n", "the run cannot be written")


def test_a_closed_stream_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(SaveError, match="standard output is closed"):
        output.write("", "the run cannot be written")
    assert output.printable("→") == "→"


def test_a_broken_pipe_is_left_to_click(monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    stream = os.fdopen(writing, "w")
    monkeypatch.setattr(sys, "stdout", stream)
    with pytest.raises(BrokenPipeError):
        output.write("x", "the run cannot be written")
    with pytest.raises(BrokenPipeError):
        stream.close()


def test_debug_and_help_are_escaped(monkeypatch: pytest.MonkeyPatch) -> None:
    binder = Binder()

    @binder.stage
    def train(name: str = "→") -> None: ...

    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", write_through=True))
    binder.command()(["--debug", "train"], standalone_mode=False)
    binder.command()(["train", "--help"], standalone_mode=False)
    assert raw.getvalue().count(rb"\u2192") == 2


def test_a_closed_standard_input_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(Exception, match="standard input is closed"):
        Binder().load("-")


def test_an_int_of_too_many_digits_is_shown_as_a_hexadecimal_one(capsys: pytest.CaptureFixture[str]) -> None:
    binder = Binder()

    @binder.stage
    def train(big: int = 16**4000) -> None: ...

    binder.command()(["train", "--help"], standalone_mode=False)
    assert "0x1000000" in capsys.readouterr().out


def test_closed_standard_files_are_opened_on_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = iter([0, 2, 7])
    made: list[int] = []
    closed: list[int] = []
    monkeypatch.setattr(os, "open", lambda *_: next(numbers))
    monkeypatch.setattr(os, "set_inheritable", lambda number, _: made.append(number))
    monkeypatch.setattr(os, "close", closed.append)
    output.open_closed()
    assert (made, closed) == ([0, 2], [7])


def test_what_is_said_is_lost_where_nobody_can_read_it(monkeypatch: pytest.MonkeyPatch) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("there is no /dev/full here")
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        monkeypatch.setattr(sys, "stderr", full)
        assert not output.say("x")
        output.note("x")
        output.drop(full)
        output.drop(None)
    reading, writing = os.pipe()
    os.close(reading)
    monkeypatch.setattr(sys, "stdout", os.fdopen(writing, "w"))
    with pytest.raises(BrokenPipeError):
        output.say("x")
    output.drop(sys.stdout)
    sys.stdout.close()
