"""Test that a save never loses the old file, and leaves no temporary files."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest

from clickbind import SaveError, record

fcntl: Any = pytest.importorskip("fcntl", reason="tests/test_windows.py is about Windows")

DEAD = 2**22 + 1  # process ids on Linux are at most 2**22


def files(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def refusal(path: str) -> str:
    with pytest.raises(SaveError) as caught:
        record.atomic.save("new", path)
    return str(caught.value)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("\0", "embedded null"),
        ("a/\0/b", "embedded null"),
        ("\ud800", ""),
        ("x" * 300, "File name too long"),
        ("a/b/" + "x" * 300, "File name too long"),
        ("x" * 300 + "/b", "File name too long"),
        ("file/b", "Not a directory"),
        ("file/b/c", "Not a directory"),
        (".", "Is a directory"),
        ("folder", "Is a directory"),
    ],
)
def test_a_name_that_no_system_takes_is_refused_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, reason: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("file").write_text("old", encoding="utf-8")
    Path("folder").mkdir()
    message = refusal(name)
    assert message.startswith(f"{name}: the run cannot be saved: ")
    assert reason in message
    assert files(tmp_path) == ["file", "folder"]
    assert Path("file").read_text(encoding="utf-8") == "old"


def test_an_empty_name_is_refused() -> None:
    assert refusal("") == "'': the run cannot be saved: Is a directory."


def test_a_text_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="surrogates not allowed"):
        record.atomic.save("\ud800", str(tmp_path / "new/f.yml"))
    assert files(tmp_path) == []


def fail(*_: object) -> Any:
    raise OSError(28, "No space left on device")


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_write_that_fails_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    record.atomic.save("old", str(tmp_path / "f.yml"))
    monkeypatch.setattr(os, call, fail)
    assert refusal(str(tmp_path / "f.yml")).endswith("the run cannot be saved: No space left on device.")
    refusal(str(tmp_path / "new/deep/f.yml"))
    assert files(tmp_path) == ["f.yml"]
    assert (tmp_path / "f.yml").read_text(encoding="utf-8") == "old"


def test_a_folder_that_was_there_or_is_used_meanwhile_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "there").mkdir()

    def meanwhile(*_: object) -> Any:
        (tmp_path / "there/new/other").write_text("", encoding="utf-8")
        fail()

    monkeypatch.setattr(os, "replace", meanwhile)
    refusal(str(tmp_path / "there/new/deep/f.yml"))
    assert files(tmp_path) == ["there", "there/new", "there/new/other"]


def test_a_folder_that_another_process_makes_first_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mkdir = os.mkdir

    def twice(path: str, mode: int) -> None:
        mkdir(path, mode)
        mkdir(path, mode)

    monkeypatch.setattr(os, "mkdir", twice)
    record.atomic.save("new", str(tmp_path / "new/f.yml"))
    assert files(tmp_path) == ["new", "new/f.yml"]


def test_what_is_not_ours_is_no_reason_to_look_at_it(tmp_path: Path) -> None:
    names = [
        "clickbind-1-00000000",
        f".clickbind-{DEAD}-0000000g",
        f".clickbind-{DEAD}-00000000.yml",
        ".clickbind--1-00000000",
    ]
    for name in names:
        (tmp_path / name).write_text("", encoding="utf-8")
    (tmp_path / f".clickbind-{DEAD}-00000001").symlink_to("clickbind-1-00000000")
    (tmp_path / f".clickbind-{DEAD}-00000002").mkdir()
    before = files(tmp_path)
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert files(tmp_path) == sorted([*before, "f.yml"])


def test_temporary_files_of_killed_saves_are_removed_by_the_next_one(tmp_path: Path) -> None:
    for number in (DEAD, 10**30, os.getpid()):  # a process in another container may have the same id
        (tmp_path / f".clickbind-{number}-00000000").write_text("half", encoding="utf-8")
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert files(tmp_path) == ["f.yml"]


def test_those_of_a_living_process_are_not(tmp_path: Path) -> None:
    name = f".clickbind-{os.getppid()}-00000000"
    (tmp_path / name).write_text("half", encoding="utf-8")
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert files(tmp_path) == [name, "f.yml"]


def test_nor_are_those_of_somebody_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError

    monkeypatch.setattr(os, "kill", refuse)
    name = f".clickbind-{DEAD}-00000000"
    (tmp_path / name).write_text("half", encoding="utf-8")
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert files(tmp_path) == [name, "f.yml"]


def test_nor_those_that_a_process_of_another_machine_has_locked(tmp_path: Path) -> None:
    name = f".clickbind-{DEAD}-00000000"
    with (tmp_path / name).open("w", encoding="utf-8") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        record.atomic.save("new", str(tmp_path / "f.yml"))
        assert files(tmp_path) == [name, "f.yml"]
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert files(tmp_path) == ["f.yml"]


def test_where_there_are_no_locks_nothing_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = f".clickbind-{DEAD}-00000000"
    (tmp_path / name).write_text("half", encoding="utf-8")
    monkeypatch.setattr(fcntl, "flock", fail)
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert files(tmp_path) == [name, "f.yml"]


def test_a_file_that_vanishes_before_it_is_locked_is_written_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = []

    def lock(handle: int, _: int) -> None:
        calls.append(handle)
        if len(calls) <= vanishing:
            os.unlink(next(tmp_path.glob(".clickbind-*")))

    monkeypatch.setattr(fcntl, "flock", lock)
    vanishing = 2
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert (tmp_path / "f.yml").read_text(encoding="utf-8") == "new"
    vanishing = 10**9
    assert refusal(str(tmp_path / "f.yml")).endswith("No such file or directory.")


def test_on_windows_the_file_is_closed_before_it_is_renamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(record.atomic, "_IS_WINDOWS", True)
    (tmp_path / f".clickbind-{os.getppid()}-00000000").write_text("half", encoding="utf-8")
    (tmp_path / "f.yml").write_text("old", encoding="utf-8")
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert files(tmp_path) == ["f.yml"]
    assert (tmp_path / "f.yml").read_text(encoding="utf-8") == "new"


KILLED = """
import os, signal, sys
from clickbind.record import atomic
def kill(*_): os.kill(os.getpid(), signal.SIGKILL)
setattr(os, sys.argv[1], kill)
atomic.save("new", "f.yml")
"""


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_save_that_is_killed_loses_nothing(tmp_path: Path, call: str) -> None:
    (tmp_path / "f.yml").write_text("old", encoding="utf-8")
    (tmp_path / "f.yml").chmod(0o640)
    done = subprocess.run([sys.executable, "-c", KILLED, call], cwd=tmp_path, check=False)
    assert done.returncode == -signal.SIGKILL
    assert len(files(tmp_path)) == 2
    assert (tmp_path / "f.yml").read_text(encoding="utf-8") == "old"
    record.atomic.save("new", str(tmp_path / "f.yml"))
    assert files(tmp_path) == ["f.yml"]
    assert stat.S_IMODE((tmp_path / "f.yml").stat().st_mode) == 0o640


def test_a_link_that_leads_in_a_circle_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to("link")
    record.atomic.save("new", str(tmp_path / "link"))
    assert (tmp_path / "link").read_text(encoding="utf-8") == "new"


def test_what_is_no_regular_file_is_written_to(tmp_path: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    os.mkfifo(tmp_path / "pipe")
    reading = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    record.atomic.save("→", str(tmp_path / "pipe"))
    assert os.read(reading, 10).decode("utf-8") == "→"
    os.close(reading)
    record.atomic.save("→", "-")
    assert capsysbinary.readouterr().out.decode("utf-8") == "→"


def test_a_file_that_another_thread_has_not_locked_yet_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    left: list[list[str]] = []

    def lock(_: int, __: int) -> None:
        if not left:
            left.append([])
            record.atomic.save("other", str(tmp_path / "g.yml"))  # as another thread may do at this moment
            left[0] += files(tmp_path)

    monkeypatch.setattr(fcntl, "flock", lock)
    record.atomic.save("new", str(tmp_path / "f.yml"))
    (found,) = left
    assert (len(found), found[1:]) == (2, ["g.yml"])
    assert files(tmp_path) == ["f.yml", "g.yml"]


def test_many_saves_at_once_all_succeed(tmp_path: Path) -> None:
    problems: list[Exception] = []

    def save(number: int) -> None:
        try:
            for _ in range(20):
                record.atomic.save(str(number), str(tmp_path / f"{number % 2}.yml"))
        except SaveError as error:
            problems.append(error)

    threads = [threading.Thread(target=save, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert problems == []
    assert files(tmp_path) == ["0.yml", "1.yml"]
