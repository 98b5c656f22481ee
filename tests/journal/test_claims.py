"""One process of several has a folder, and everybody sees whether it still runs."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import platform
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from clickbind.journal import claims
from clickbind.journal.claims import ALIVE, DEAD, FREE, ClaimedError, committed, state_of, take
from tests.conftest import HANG

posix = pytest.mark.skipif(os.name == "nt", reason="Windows has no such locks")


def names(folder: Path) -> list[str]:
    return sorted(os.listdir(folder))


def write_claim(folder: Path, **content: Any) -> Path:
    """Write the claim of a process that is not there any more."""
    path = folder / ".claim"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def age(folder: Path, seconds: float) -> None:
    """Let the last write to a folder be long ago."""
    then = time.time() - seconds
    for path in folder.iterdir():
        os.utime(path, (then, then))


def test_a_claim_is_there_until_it_is_released(tmp_path: Path) -> None:
    assert state_of(str(tmp_path)) == (FREE, "")
    claim = take(str(tmp_path))
    assert names(tmp_path) == [".claim"]
    assert (claim.is_ours, claim.is_gone) == (True, False)
    state, who = state_of(str(tmp_path))
    assert state == ALIVE
    assert f"process {os.getpid()} on " in who
    claim.release()
    claim.release()
    assert names(tmp_path) == []
    assert (claim.is_ours, claim.is_gone) == (False, True)


def test_a_second_claim_is_refused(tmp_path: Path) -> None:
    claim = take(str(tmp_path))
    with pytest.raises(ClaimedError, match=f"process {os.getpid()} on .* runs it; wait until it has ended"):
        take(str(tmp_path))
    assert names(tmp_path) == [".claim"]
    claim.release()


def test_a_folder_that_is_not_there_is_an_os_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        take(str(tmp_path / "none"))


HOLD = """
import sys, time
from clickbind.journal.claims import take
claim = take(sys.argv[1])
print("claimed", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """A process that has claimed the folder."""
    process = subprocess.Popen([sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "claimed\n"
    yield process
    process.kill()
    process.wait()
    process.stdout.close()


@posix
def test_the_claim_of_a_killed_process_is_taken(tmp_path: Path, holder: subprocess.Popen[str]) -> None:
    assert state_of(str(tmp_path))[0] == ALIVE
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert state_of(str(tmp_path))[0] == DEAD
    claim = take(str(tmp_path))
    assert claim.is_ours
    assert names(tmp_path) == [".claim"]
    claim.release()


@posix
def test_a_forked_child_keeps_the_claim_alive_and_does_not_own_it(tmp_path: Path) -> None:
    claim = take(str(tmp_path))
    waits, ends = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(ends)
        os.read(waits, 1)
        os._exit(int(claim.is_ours))
    os.close(waits)
    os.close(claim._handle)  # as if this process were killed
    assert state_of(str(tmp_path))[0] == ALIVE
    os.close(ends)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert state_of(str(tmp_path))[0] == DEAD


@posix
@pytest.mark.parametrize("dead", [False, True])
def test_of_many_processes_one_gets_the_folder(tmp_path: Path, dead: bool) -> None:
    if dead:
        write_claim(tmp_path, host=platform.node(), pid=1)
    context = multiprocessing.get_context("spawn")
    results = context.SimpleQueue()
    start, end = context.Barrier(4), context.Event()
    racers = [context.Process(target=race, args=(str(tmp_path), start, end, results)) for _ in range(4)]
    for racer in racers:
        racer.start()
    assert sum(results.get() for _ in racers) == 1
    end.set()
    assert results.get() == 1
    for racer in racers:
        racer.join(HANG)
    assert names(tmp_path) == [".claim"]


def race(folder: str, start: Any, end: Any, results: Any) -> None:
    """Try to claim a folder together with others, and keep it until all have tried."""
    start.wait(HANG)
    try:
        claim = take(folder)
    except ClaimedError:
        results.put(0)
    else:
        results.put(1)
        end.wait(HANG)
        results.put(int(claim.is_ours))


@posix
def test_whoever_loses_the_race_for_a_dead_claim_looks_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_claim(tmp_path, host=platform.node(), pid=1)
    lock = claims._lock

    def lock_late(handle: int, *, shared: bool = False) -> bool:
        if os.fstat(handle).st_nlink and not shared and os.path.samestat(os.fstat(handle), os.stat(path)):
            path.unlink()  # another process has taken it over, and given it back
            monkeypatch.setattr(claims, "_lock", lock)
        return lock(handle, shared=shared)

    monkeypatch.setattr(claims, "_lock", lock_late)
    take(str(tmp_path)).release()
    assert names(tmp_path) == []


def test_a_claim_that_is_given_back_just_now_is_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusals = iter([True, False])
    link = claims._link
    monkeypatch.setattr(claims, "_link", lambda *paths: False if next(refusals) else link(*paths))
    claim = take(str(tmp_path))
    assert claim.is_ours
    claim.release()


def test_an_endless_race_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "_link", lambda *_: False)
    monkeypatch.setattr(claims, "_PAUSE", 0)
    with pytest.raises(ClaimedError, match="at the same time"):
        take(str(tmp_path))
    assert names(tmp_path) == []


@posix
def test_a_process_that_only_looks_does_not_keep_others_from_the_folder(tmp_path: Path) -> None:
    path = write_claim(tmp_path, host=platform.node(), pid=1)
    looking = os.open(path, os.O_RDONLY)
    claims._lock(looking, shared=True)
    assert state_of(str(tmp_path))[0] == DEAD
    os.close(looking)


@posix
def test_whoever_takes_a_folder_waits_for_those_who_look(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_claim(tmp_path, host=platform.node(), pid=1)
    looking = os.open(path, os.O_RDONLY)
    claims._lock(looking, shared=True)
    monkeypatch.setattr(time, "sleep", lambda _: os.close(looking))
    take(str(tmp_path)).release()


@posix
def test_a_lock_is_believed_whichever_host_it_is_on(tmp_path: Path) -> None:
    path = write_claim(tmp_path, host="elsewhere", pid=7)
    other = os.open(path, os.O_RDWR)
    claims._lock(other)
    age(tmp_path, 10_000)
    assert state_of(str(tmp_path)) == (ALIVE, "process 7 on elsewhere runs it")
    os.close(other)


@pytest.mark.parametrize(("seconds", "state"), [(0, ALIVE), (200, ALIVE), (400, DEAD), (-10_000, DEAD)])
def test_on_another_host_the_last_write_decides(tmp_path: Path, seconds: float, state: str) -> None:
    write_claim(tmp_path, host="elsewhere", pid=7)
    (tmp_path / "log.txt").touch()
    age(tmp_path, seconds)
    assert state_of(str(tmp_path)) == (
        state,
        "process 7 on elsewhere runs it, as far as the files that it last wrote show",
    )
    if state == DEAD:
        take(str(tmp_path)).release()
        assert names(tmp_path) == ["log.txt"]
    else:
        with pytest.raises(ClaimedError, match="as far as the files"):
            take(str(tmp_path))


def test_any_file_of_the_folder_shows_that_another_host_works(tmp_path: Path) -> None:
    write_claim(tmp_path, host="elsewhere", pid=7)
    age(tmp_path, 10_000)
    (tmp_path / "log.txt").touch()
    assert state_of(str(tmp_path))[0] == ALIVE


@pytest.mark.parametrize("text", ["", "[]", "{", "null", "\0" * 9_000])
def test_a_damaged_claim_is_one_of_this_host(tmp_path: Path, text: str) -> None:
    (tmp_path / ".claim").write_text(text, encoding="utf-8")
    age(tmp_path, 10_000)
    assert state_of(str(tmp_path))[0] == DEAD
    take(str(tmp_path)).release()


def test_without_locks_the_last_write_decides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims, "_IS_WINDOWS", True)
    claim = take(str(tmp_path))
    assert state_of(str(tmp_path))[0] == ALIVE
    with pytest.raises(ClaimedError):
        take(str(tmp_path))
    age(tmp_path, 10_000)
    assert state_of(str(tmp_path))[0] == DEAD
    claim.beat()
    assert state_of(str(tmp_path))[0] == ALIVE
    age(tmp_path, 10_000)
    other = take(str(tmp_path))
    assert not claim.is_ours
    claim.release()
    assert names(tmp_path) == [".claim"]
    other.release()
    assert names(tmp_path) == []


@posix
def test_a_file_system_may_have_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: Any) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    claim = take(str(tmp_path))
    assert state_of(str(tmp_path))[0] == ALIVE
    claim.release()


@pytest.mark.parametrize("number", [errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK])
def test_a_file_system_may_have_no_links(tmp_path: Path, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(number, "no links")

    monkeypatch.setattr(os, "link", refuse)
    claim = take(str(tmp_path))
    assert claim.is_ours
    assert names(tmp_path) == [".claim"]
    with pytest.raises(ClaimedError):
        take(str(tmp_path))
    assert claim.commit("{}\n")
    assert not claim.commit("[]\n")
    assert committed(str(tmp_path)) == "{}\n"
    claim.release()
    assert names(tmp_path) == [".done"]


def test_another_error_of_a_link_is_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> None:
        raise OSError(errno.EIO, "broken")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(OSError, match="broken"):
        take(str(tmp_path))
    assert names(tmp_path) == []


def test_the_first_commit_counts(tmp_path: Path) -> None:
    assert committed(str(tmp_path)) is None
    claim = take(str(tmp_path))
    assert claim.commit("\N{SNOWMAN}")
    assert not claim.commit("second")
    assert committed(str(tmp_path)) == "\N{SNOWMAN}"
    claim.reopen()
    assert committed(str(tmp_path)) is None
    claim.reopen()
    claim.release()


def test_a_commit_of_something_else_is_none(tmp_path: Path) -> None:
    (tmp_path / ".done").write_bytes(b"\xff")
    assert committed(str(tmp_path)) is None


def test_a_claim_belongs_to_one_process(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    claim = take(str(tmp_path))
    with monkeypatch.context() as patch:
        patch.setattr(os, "getpid", lambda: -1)
        assert not claim.is_ours
    claim.release()


@posix
def test_a_claim_that_cannot_be_read_is_judged_by_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_claim(tmp_path, host="x", pid=7)

    def refuse(*_: Any) -> int:
        raise PermissionError(errno.EACCES, "no")

    monkeypatch.setattr(os, "open", refuse)
    assert state_of(str(tmp_path)) == (
        ALIVE,
        "another user's process runs it, as far as the files that it last wrote show",
    )


def test_the_own_temporary_file_is_no_sign_of_life(tmp_path: Path) -> None:
    write_claim(tmp_path, host="elsewhere", pid=7)
    age(tmp_path, 10_000)
    (tmp_path / ".clickbind-1-00000000").touch()
    assert state_of(str(tmp_path))[0] == DEAD
