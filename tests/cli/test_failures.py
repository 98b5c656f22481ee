"""What the system refuses to clickbind itself is an error, and what it refuses to the program keeps its traceback."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind import layers

has_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


def failing(error: BaseException) -> Callable[..., NoReturn]:
    def fail(*_: Any, **__: Any) -> NoReturn:
        raise error

    return fail


def of_ours(error: BaseException) -> Callable[..., NoReturn]:
    """Return a function that raises an error as a module of clickbind does."""
    names: dict[str, Any] = {"__name__": "clickbind.made", "error": error}
    exec("def fail(*_, **__): raise error", names)
    return names["fail"]  # type: ignore[no-any-return]


def type_line(line: str, stage: Callable[..., Any] = lambda: None) -> Result:
    binder = clickbind.Binder("prog", version="1")
    binder.stage(stage, name="train")
    return CliRunner().invoke(binder.command(), line, prog_name="prog")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "x"), "x: Permission denied."),
        (OSError(errno.EIO, "Input/output error"), f"[Errno {errno.EIO}] Input/output error."),
    ],
)
def test_a_folder_that_cannot_be_read_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError, message: str
) -> None:
    monkeypatch.setattr(os, "scandir", of_ours(error))
    result = type_line(f"runs {tmp_path}")
    assert (result.exit_code, result.stderr) == (2, f"Error: {message}\n")


@pytest.mark.skipif(
    os.name == "nt" or sys.platform == "emscripten", reason="this system does not remove a working directory"
)
def test_a_working_directory_that_is_gone_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    result = type_line("--into x train")
    expected = "Error: the working directory cannot be used: No such file or directory.\n"
    assert (result.exit_code, result.stderr) == (2, expected)
    result = type_line("help train")
    assert (result.exit_code, "<lambda>" in result.stdout) == (0, True)


def test_a_sweep_that_cannot_be_read_is_left_out_of_a_list(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
        (tmp_path / name / "sweep.yml").touch()
    scandir = os.scandir

    def scan(path: str) -> Any:
        return failing(PermissionError(errno.EACCES, "Permission denied"))() if path.endswith("b") else scandir(path)

    monkeypatch.setattr(os, "scandir", scan)
    result = type_line(f"runs {tmp_path}")
    assert (result.exit_code, result.stderr) == (0, f"Warning: {tmp_path}/b is left out: Permission denied.\n")


@pytest.mark.parametrize("stage", [lambda: os.listdir("none"), failing(FileNotFoundError("mine")), os.wait])
def test_an_error_of_a_stage_keeps_its_traceback(stage: Callable[..., Any]) -> None:
    result = type_line("train", stage)
    assert (result.exit_code, result.stderr) == (1, "")
    assert isinstance(result.exception, OSError)


def test_an_error_of_a_command_of_the_programs_own_keeps_its_traceback() -> None:
    main = clickbind.Binder("prog").command()

    @main.command()
    def own() -> None:
        os.listdir("none")

    assert isinstance(CliRunner().invoke(main, "own").exception, FileNotFoundError)


def test_a_pipe_that_nobody_reads_is_left_to_click(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "scandir", of_ours(BrokenPipeError(errno.EPIPE, "Broken pipe")))
    result = type_line(f"runs {tmp_path}")
    assert (result.exit_code, result.stderr) == (1, "")


@has_full
@pytest.mark.parametrize("line", ["--version", "--help", "help train"])
def test_a_full_disk_of_standard_output_is_an_error(
    line: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    binder = clickbind.Binder("prog", version="1")
    binder.stage(lambda: None, name="train")
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as caught:
            binder.command()(line.split(), prog_name="prog")
    assert caught.value.code == 2
    assert capsys.readouterr().err == "Error: standard output cannot be written: No space left on device.\n"


@has_full
def test_a_full_disk_of_standard_output_ends_no_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda: 3, name="train")
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stdout", full)
        assert binder.command()(["--debug", "train"], standalone_mode=False) == 3
    expected = "Warning: the calls cannot be printed, since standard output cannot be written.\n"
    assert capsys.readouterr().err == expected


@has_full
def test_the_exit_code_of_a_mistake_needs_no_message(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:
        monkeypatch.setattr(sys, "stderr", full)
        with pytest.raises(SystemExit) as caught:
            clickbind.Binder("prog").command()(["nosuch"])
    assert caught.value.code == 2


def asked() -> NoReturn:
    """Be interrupted at a question, as Click reports it."""
    try:
        failing(KeyboardInterrupt())()
    except KeyboardInterrupt:
        raise click.Abort from None


@pytest.mark.parametrize(
    ("read", "code"), [(failing(KeyboardInterrupt()), 130), (asked, 130), (failing(click.Abort()), 1)]
)
def test_ctrl_c_while_the_line_is_read_exits_with_130(
    monkeypatch: pytest.MonkeyPatch, read: Callable[..., Any], code: int
) -> None:
    monkeypatch.setattr(layers, "read", lambda *_: read())
    result = type_line("train")
    assert (result.exit_code, result.stderr.strip()) == (code, "Aborted!")


def test_ctrl_c_while_the_line_is_read_comes_back_as_click_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers, "read", failing(KeyboardInterrupt()))
    with pytest.raises(click.Abort):
        clickbind.Binder("prog").command()([], standalone_mode=False)
