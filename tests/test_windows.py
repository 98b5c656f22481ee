"""What differs on Windows, simulated where the tests run on another system."""

from __future__ import annotations

import io
import os
import signal
import stat
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from click.testing import CliRunner

import clickbind
from clickbind import SaveError, record

ACCESS = PermissionError(13, "Access is denied")


@pytest.fixture
def windows(monkeypatch: pytest.MonkeyPatch) -> None:
    """Save files as on Windows: without locks, and without signals to other processes."""
    monkeypatch.setattr(record.atomic, "_IS_WINDOWS", True)
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setattr(os, "kill", None)
    monkeypatch.setattr(time, "sleep", lambda _: None)


@pytest.fixture
def binder() -> clickbind.Binder:
    binder = clickbind.Binder("lab")

    @binder.stage
    def train(pattern: str = "→", folders: list[str] = ["a"]) -> tuple[str, list[str]]:  # noqa: B006 - not changed
        return pattern, folders

    return binder


def refuse(times: int) -> Callable[..., None]:
    """Return a function like `os.replace` that fails some times first, as if another program had the target open."""
    left = [times]
    replace = os.replace

    def failing(source: str, target: str) -> None:
        if left[0]:
            left[0] -= 1
            raise ACCESS
        replace(source, target)

    return failing


# Saved files.


@pytest.mark.usefixtures("windows")
def test_a_file_is_closed_before_it_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    handles: list[int] = []
    make, replace = os.open, os.replace

    def opened(*args: Any) -> int:
        handles.append(make(*args))
        return handles[-1]

    def renamed(source: str, target: str) -> None:
        with pytest.raises(OSError, match="Bad file descriptor"):
            os.fstat(handles[-1])
        replace(source, target)

    monkeypatch.setattr(os, "open", opened)
    monkeypatch.setattr(os, "replace", renamed)
    record.atomic.save("one", str(tmp_path / "new" / "f.yml"))
    record.atomic.save("two", str(tmp_path / "new" / "f.yml"))
    assert len(handles) == 2
    assert [path.name for path in (tmp_path / "new").iterdir()] == ["f.yml"]
    assert (tmp_path / "new" / "f.yml").read_text(encoding="utf-8") == "two"


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("times", [1, 4])
def test_a_file_that_another_program_has_open_for_a_moment_is_replaced_after_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, times: int
) -> None:
    (tmp_path / "f.yml").write_text("old", encoding="utf-8")
    monkeypatch.setattr(os, "replace", refuse(times))
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert (tmp_path / "f.yml").read_text(encoding="utf-8") == "new"


@pytest.mark.usefixtures("windows")
@pytest.mark.parametrize("mode", [0o644, 0o444])
def test_a_file_that_cannot_be_replaced_is_an_error_that_leaves_no_temporary_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, mode: int
) -> None:
    unlink = os.unlink

    def removed(path: str) -> None:
        if not os.stat(path).st_mode & stat.S_IWRITE:
            raise ACCESS
        unlink(path)

    path = tmp_path / "f.yml"
    path.write_text("old", encoding="utf-8")
    path.chmod(mode)
    monkeypatch.setattr(os, "replace", refuse(10))
    monkeypatch.setattr(os, "unlink", removed)
    with pytest.raises(SaveError) as caught:
        record.atomic.save("new", str(path))
    assert str(caught.value) == (
        f"{path}: the run cannot be saved: Access is denied: it is read-only, or another program has it open."
    )
    assert [item.name for item in tmp_path.iterdir()] == ["f.yml"]
    assert path.read_text(encoding="utf-8") == "old"
    path.chmod(0o644)


@pytest.mark.usefixtures("windows")
def test_temporary_files_of_killed_saves_are_removed_without_locks(tmp_path: Path) -> None:
    (tmp_path / ".clickbind-1-00000000").write_text("half", encoding="utf-8")
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert [path.name for path in tmp_path.iterdir()] == ["f.yml"]


@pytest.mark.skipif(os.name == "nt", reason="it is about other systems")
def test_elsewhere_a_refused_rename_is_not_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "replace", refuse(1))
    with pytest.raises(SaveError, match=r": Access is denied\.$"):
        record.atomic.save("new", str(tmp_path / "f.yml"))


# Printed and redirected output.


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "utf-16", "utf-8-sig"])
@pytest.mark.parametrize("line", ["--print-config", "--print-changed --train.pattern →", "--print-schema", "--save -"])
def test_output_that_is_read_again_is_utf_8_whatever_the_encoding_of_the_console(
    binder: clickbind.Binder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, line: str, encoding: str
) -> None:
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding=encoding, newline="\r\n")
    monkeypatch.setattr(sys, "stdout", stream)
    main = binder.command()
    main(line.split(), standalone_mode=False)
    text = raw.getvalue().decode("utf-8")
    assert ("→" in text, "\r" in text) == (True, False)
    if line != "--print-schema":
        (tmp_path / "run.yml").write_text(text, encoding="utf-8")
        assert main(["--config", str(tmp_path / "run.yml"), "train"], standalone_mode=False)[0] == "→"
    stream.detach()


# Files that Windows programs write.


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-be", "utf-32", "utf-32-be"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_file_with_a_byte_order_mark_is_read_in_its_encoding(
    binder: clickbind.Binder, tmp_path: Path, encoding: str, newline: str
) -> None:
    mark = "\ufeff" if encoding.endswith("be") else ""
    lines = ["# größe", "train.pattern: größe → 😀", "train.folders: [ö, é]"]
    path = tmp_path / "f.yml"
    path.write_bytes((mark + newline.join([*lines, ""])).encode(encoding))
    main = binder.command()
    assert main(["--config", str(path), "train"], standalone_mode=False) == ("größe → 😀", ["ö", "é"])
    assert CliRunner().invoke(main, ["--config", "-", "train"], input=path.read_bytes()).exit_code == 0
    path.write_bytes((mark + newline.join([*lines[:2], "x.y: 1", ""])).encode(encoding))
    result = CliRunner().invoke(main, ["--config", str(path)])
    assert result.output == f"Error: {path}:3:1: unknown key 'x.y'.\n     3 | x.y: 1\n       | ^^^\n"


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"a: 1\nb: \xe9\n", "line 2 is not UTF-8 text: byte 0xe9"),
        ("a: 1\nb: é".encode("utf-16-le")[:-1], None),
        (b"\xff\xfe" + "a: 1\nb: é".encode("utf-16-le")[:-1], "line 2 is not UTF-16-LE text: byte 0xe9"),
    ],
)
def test_a_file_that_is_in_no_such_encoding_is_refused_with_its_line(
    binder: clickbind.Binder, tmp_path: Path, data: bytes, reason: str | None
) -> None:
    path = tmp_path / "f.yml"
    path.write_bytes(data)
    with pytest.raises(clickbind.ConfigError) as caught:
        binder.load(path)
    assert reason is None or str(caught.value) == f"{path}: cannot be read: {reason}."


def test_windows_paths_are_kept_as_they_are_on_the_line_and_in_files(binder: clickbind.Binder, tmp_path: Path) -> None:
    main = binder.command()
    path = r"C:\data\new\*.txt"
    assert main(["--train.pattern", path, "--train.folders", path, "train"], standalone_mode=False) == (path, [path])
    file = str(tmp_path / "run.yml")
    main(["--save", file, "train", "--pattern", path, "--folders", path], standalone_mode=False)
    assert main(["--config", file, "train"], standalone_mode=False) == (path, [path])
    (tmp_path / "run.yml").write_text(f"train.pattern: {path}\n", encoding="utf-8")
    assert main(["--config", file, "train"], standalone_mode=False)[0] == path


# The command line and signals.


def test_the_line_is_not_expanded_unless_the_program_asks_for_it(
    binder: clickbind.Binder, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("a.txt").write_text("", encoding="utf-8")
    monkeypatch.setenv("NAME", "value")
    main = binder.command()
    for pattern, expanded in (("*.txt", "a.txt"), ("$NAME", "value"), ("~", str(Path.home()))):
        monkeypatch.setattr(sys, "argv", ["lab", "train", "--pattern", pattern])
        with monkeypatch.context() as patch:
            patch.setattr("os.name", "nt")
            assert main(standalone_mode=False)[0] == pattern
            assert main(standalone_mode=False, windows_expand_args=True)[0] == expanded


@pytest.mark.skipif(sys.platform == "emscripten", reason="WebAssembly has no signals")
def test_ctrl_break_leaves_the_contexts(binder: clickbind.Binder, monkeypatch: pytest.MonkeyPatch) -> None:
    number = getattr(signal, "SIGBREAK", getattr(signal, "SIGUSR1", signal.SIGTERM))
    names = ("SIGTERM", "SIG_DFL", "getsignal", "signal")
    of_windows = SimpleNamespace(SIGBREAK=number, **{name: getattr(signal, name) for name in names})
    monkeypatch.setattr("clickbind.fast.signals", lambda: of_windows)
    left = []

    @binder.context
    def around() -> Iterator[None]:
        try:
            yield
        except SystemExit as error:
            left.append(error.code)
            raise

    @binder.stage
    def wait() -> None:
        signal.raise_signal(number)

    with pytest.raises(SystemExit) as caught:
        binder.command()(["wait"])
    assert [caught.value.code, *left] == [128 + number, 128 + number]
    assert signal.getsignal(number) is signal.SIG_DFL
