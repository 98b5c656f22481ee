"""Disks that are full or read-only, and folders that cannot be read, or vanish."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import HANG

from .kit import check, run, skip_without_tools

SCRIPT = """
mount -t tmpfs -o size=128k tmpfs m || exit 77
cp -r f.yml r s m
echo "$PAGE" > m/p.html
if test $1 = full; then dd if=/dev/zero of=m/rest bs=1k 2> dd.txt; else mount -o remount,ro m || exit 77; fi
eval "$PYTHON prog.py $2"
echo "exit $?"
rm -f m/rest
cat m/f.yml
echo "and $(ls -A m)"
"""

FULL, READ_ONLY = "No space left on device.", "Read-only file system."
REFUSED = {
    "--save m/f.yml train --lr 9": "m/f.yml: the run cannot be saved: {}",
    "--save m/new/f.yml train": "m/new/f.yml: the run cannot be saved: {}",
    "runs s --html m/p.html": "m/p.html: the page cannot be saved: {}",
    "--into m/x train": "m/x: the run cannot be recorded: {}",
    "--into m/x sweep train --lr 1 --lr 2": "m/x: the sweep cannot be written: {}",
    "resume m/s --from train": "m/s: the sweep cannot be written: {}",
}
READ = ["--config m/f.yml", "--diff m/f.yml", "runs m/s", "runs m/r", "resume m/s", "resume m/r"]


def on_disk(folder: Path, kind: str, line: str) -> list[str]:
    """Run a line with a disk of its own in the folder ``m``, and return what it prints and what is there then."""
    if shutil.which("unshare") is None:
        pytest.skip("a file system of a test's own needs unshare")
    skip_without_tools(line)
    (folder / "m").mkdir()
    words = ["unshare", "--mount", "sh", "-c", SCRIPT, "sh", kind, line]
    variables = {"PYTHON": sys.executable, "PATH": "/usr/bin:/bin", "PAGE": "<!doctype html>"}
    done = subprocess.run(
        words, cwd=folder, env=variables, stdout=-1, stderr=subprocess.STDOUT, text=True, timeout=HANG, check=False
    )
    if done.returncode:
        pytest.skip(f"no file system can be mounted here: {done.stdout.strip()}")
    assert "Traceback" not in done.stdout
    return done.stdout.splitlines()


@pytest.mark.parametrize("kind", ["full", "read-only"])
@pytest.mark.parametrize("line", REFUSED)
def test_a_disk_that_cannot_be_written_is_an_error_and_nothing_changes(folder: Path, kind: str, line: str) -> None:
    found = on_disk(folder, kind, line)
    reason = FULL if kind == "full" else READ_ONLY
    expected = REFUSED[line].format(reason)
    if kind == "read-only" and "--into" in line:
        expected = f"m/x: the run cannot be recorded: '{folder}/m' cannot be written."
    assert found[:2] == [f"Error: {expected}", "exit 2"]
    assert "\n".join(found[2:]) == (folder / "f.yml").read_text(encoding="utf-8") + "and f.yml\np.html\nr\ns"


@pytest.mark.parametrize("line", READ)
def test_what_is_on_a_read_only_disk_can_be_read(folder: Path, line: str) -> None:
    assert "exit 0" in on_disk(folder, "read-only", line)


@pytest.mark.parametrize("kind", ["full", "read-only"])
def test_a_run_goes_on_with_a_disk_that_cannot_be_written_only_if_it_needs_no_record(folder: Path, kind: str) -> None:
    found = on_disk(folder, kind, "resume m/r --from train")
    end = found.index("exit 2")
    assert found[end - 1].startswith(f"Error: {folder}/m/r: the run cannot be recorded: ")


def without_rights() -> None:
    """Let root be refused what its permissions do not allow, as everybody else."""
    libc = ctypes.CDLL(None)
    for capability in (1, 2):  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
        libc.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


LOCKED: dict[str, tuple[str, int, str]] = {
    "runs s": ("s", 0o300, "s: Permission denied."),
    "runs s --html p.html": ("s", 0o300, "s: Permission denied."),
    "resume s": ("s", 0o300, "s: Permission denied."),
    "--into s sweep train --lr 1 --lr 3": ("s", 0o300, "s: Permission denied."),
    "--into s sweep train --lr 2 --lr 3": ("s/01-lr=1.0/run.yml", 0, "s/01-lr=1.0/run.yml: Permission denied."),
    "resume s --from train": (
        "s/sweep.yml",
        0,
        "s/sweep.yml: the sweep cannot be continued, since this file cannot be read: Permission denied.",
    ),
    "--config f.yml": ("f.yml", 0, "f.yml: cannot be read: Permission denied."),
    "--diff f.yml": ("f.yml", 0, "f.yml: cannot be read: Permission denied."),
    "--save d/f.yml": ("d", 0o500, "d/f.yml: the run cannot be saved: Permission denied."),
    "--save d/e/f.yml": ("d", 0, "d/e/f.yml: the run cannot be saved: Permission denied."),
    "runs s --html d/p.html": ("d", 0o500, "d/p.html: the page cannot be saved: Permission denied."),
}


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the rights of root are dropped as Linux has them")
@pytest.mark.parametrize("line", LOCKED)
def test_what_must_not_be_read_or_written_is_an_error(folder: Path, line: str) -> None:
    name, mode, message = LOCKED[line]
    (folder / "d").mkdir()
    before = contents(folder)
    (folder / name).chmod(mode)
    try:
        done = run(folder, line, preexec_fn=without_rights)
    finally:
        (folder / name).chmod(0o700)
    check(done, 2, f"Error: {message}")
    assert contents(folder) == before


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the rights of root are dropped as Linux has them")
@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("runs s", 0, "2  killed  DamagedRecord: record.json cannot be read"),
        ("resume s", 2, "Error: s/02-lr=2.0: Permission denied."),
        ("resume s --job 1", 0, "1 done"),
        ("--into s sweep train --lr 1 --lr 2", 2, "Error: s/02-lr=2.0/run.yml: Permission denied."),
    ],
)
def test_a_job_whose_folder_must_not_be_read_is_not_passed_over(
    folder: Path, line: str, code: int, message: str
) -> None:
    (folder / "s/02-lr=2.0").chmod(0)
    (folder / "s/slurm").mkdir()  # no job
    (folder / "s/slurm").chmod(0)
    try:
        done = run(folder, line, preexec_fn=without_rights)
    finally:
        (folder / "s/02-lr=2.0").chmod(0o700)
    check(done, code)
    assert message in (done.stdout + done.stderr).decode()


def contents(folder: Path) -> dict[str, bytes | None]:
    """Return all files and folders."""
    return {str(path): path.read_bytes() if path.is_file() else None for path in folder.rglob("*")}


def test_a_run_goes_on_without_its_folder(folder: Path) -> None:
    message = "Warning: the record of this run is not complete: x: the folder, or the claim in it, was removed."
    check(run(folder, "--into x run remove --name x train"), 0, message)


@pytest.mark.parametrize("fresh", ["", "--processes.fresh"])
def test_jobs_without_their_folders_fail_and_the_others_go_on(folder: Path, fresh: str) -> None:
    done = run(folder, f"--into y sweep {fresh} remove --name y --number 1 --number 2")
    check(done, 1)
    shown = done.stderr.decode()
    assert (
        shown
        == f"Error: {folder}/y/02-number=2/log.txt: the log of this job cannot be written: No such file or directory.\n"
    )
    assert b"2 failed" in done.stdout


@pytest.mark.parametrize("line", ["resume", "runs", "runs --diff r"])
def test_a_folder_that_is_gone_is_an_error(folder: Path, line: str) -> None:
    shutil.rmtree(folder / "s")
    check(run(folder, f"{line} s"), 2)
    assert not os.path.exists(folder / "s")


GONE = "Error: the working directory cannot be used: No such file or directory."
WITHOUT_DIRECTORY: dict[str, tuple[int, str]] = {
    "train": (0, ""),
    "--help": (0, ""),
    "help train": (0, ""),
    "runs": (0, ""),
    "--debug run train evaluate": (0, ""),
    "--print-config": (0, ""),
    "--config f.yml train": (2, "Error: f.yml: cannot be read: No such file or directory."),
    "--save f.yml": (2, "Error: f.yml: the run cannot be saved: No such file or directory."),
    "--into x train": (2, GONE),
    "--into x sweep train --lr 1 --lr 2": (2, GONE),
    "sweep train --lr 1 --lr 2": (2, GONE),
    "resume x": (2, GONE),
    "--save $THERE/new.yml train": (0, ""),
    "--config $THERE/f.yml": (0, ""),
    "--into $THERE/new train": (0, ""),
    "resume $THERE/s --from train": (0, ""),
    "--into $THERE/new sweep train --lr 1 --lr 2": (0, ""),
    "runs $THERE/s": (0, ""),
}


@pytest.mark.parametrize("line", WITHOUT_DIRECTORY)
def test_a_working_directory_that_is_gone_matters_only_to_what_is_in_it(folder: Path, line: str) -> None:
    code, message = WITHOUT_DIRECTORY[line]
    (folder / "gone").mkdir()
    command = f"cd gone; rmdir ../gone; exec {sys.executable} {folder}/prog.py {line}"
    done = subprocess.run(
        ["sh", "-c", command], cwd=folder, env={"THERE": str(folder)}, capture_output=True, check=False
    )
    check(done, code, message or None)
