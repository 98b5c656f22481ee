"""Standard files that are closed, full, or that nobody reads."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from clickbind.journal import records

from .kit import check, run, some

FULL = "No space left on device."
SAYS_FULL = f"Error: standard output cannot be written: {FULL}"

# What a line prints is its purpose, or it tells of something that is done in any case.
PRINTS = {
    "--help": SAYS_FULL,
    "train --help": SAYS_FULL,
    "help train": SAYS_FULL,
    "help": SAYS_FULL,
    "--version": SAYS_FULL,
    "runs": SAYS_FULL,
    "resume s": SAYS_FULL,
    "resume r": SAYS_FULL,
    "--print-config": f"Error: the run cannot be written: {FULL}",
    "--save -": f"Error: -: the run cannot be saved: {FULL}",
    "runs s": f"Error: the runs cannot be listed: {FULL}",
    "runs s --csv": f"Error: the runs cannot be listed: {FULL}",
    "runs --diff s/01* r": f"Error: the runs cannot be listed: {FULL}",
    "sweep --print-jobs train --lr 1 --lr 2": f"Error: the jobs cannot be printed: {FULL}",
}
WORKS = [
    "train",
    "--debug train",
    "--save f.yml train",
    "--into new train",
    "resume r --from train",
    "resume s --from train",
    "--into new sweep train --lr 1 --lr 2",
    "--into new sweep -j 2 --processes.fresh train --lr 1 --lr 2",
]
has_full = pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full here")


@has_full
@pytest.mark.parametrize("line", PRINTS)
def test_what_cannot_be_printed_is_an_error(folder: Path, line: str) -> None:
    check(run(folder, line, ">/dev/full"), 2, PRINTS[line])


@has_full
@pytest.mark.parametrize("ends", some(">/dev/full 2>/dev/full", ">/dev/full", "2>/dev/full", most=1))
@pytest.mark.parametrize("line", WORKS)
def test_work_goes_on_whatever_cannot_be_printed(folder: Path, line: str, ends: str) -> None:
    done = run(folder, line, ends)
    check(done, 0)
    assert done.stderr.count(b"Warning:") <= 1
    assert_all_done(folder)


@pytest.mark.parametrize("ends", some("2>&-", "<&- >&- 2>&-", "<&-", ">&-", "<&- >&-", ">&- 2>&-", most=1))
@pytest.mark.parametrize("line", [*WORKS, "--help", "runs"])
def test_work_is_done_whichever_standard_files_are_closed(folder: Path, line: str, ends: str) -> None:
    check(run(folder, line, ends), 0)
    assert_all_done(folder)


def assert_all_done(folder: Path) -> None:
    """Check that all runs are done, and that their logs have what they print."""
    for path in sorted(folder.rglob("record.json")):
        assert records.read(str(path.parent)).status == "done"
    for path in sorted((folder / "new").glob("0*")):
        assert (path / "log.txt").read_text(encoding="utf-8") == ""


@has_full
@pytest.mark.parametrize("line", ["nosuch", "--config none.yml", "train --lr x", "resume none", "--save / train"])
@pytest.mark.parametrize("ends", some("2>/dev/full", "2>&-", ">/dev/full 2>/dev/full", most=1))
def test_the_exit_code_of_a_mistake_needs_no_message(folder: Path, line: str, ends: str) -> None:
    check(run(folder, line, ends), 2)


@pytest.mark.parametrize(
    "line", ["--help", "runs s", "--print-config", "--debug train", "--into new sweep train --lr 3"]
)
def test_a_reader_that_goes_away_ends_the_program_quietly(folder: Path, line: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    try:
        done = run(folder, line, stdout=writing)
    finally:
        os.close(writing)
    check(done, 1)
    assert done.stderr == b""
    assert not list(folder.rglob(".claim"))


SAYS = """
import os
import sys
import clickbind

binder = clickbind.Binder("says")


@binder.stage
def talk():
    print("by the stage")
    print("on the other", file=sys.stderr)
    os.system("echo by a child")


main = binder.command()
if __name__ == "__main__":
    main()
"""


@pytest.mark.parametrize("fresh", ["", "--processes.fresh"])
@pytest.mark.parametrize("ends", some("<&- >&- 2>&-", "<&-", ">&-", "2>&-", most=1))
def test_the_log_of_a_job_has_everything_whichever_standard_files_are_closed(
    tmp_path: Path, ends: str, fresh: str
) -> None:
    (tmp_path / "prog.py").write_text(SAYS, encoding="utf-8")
    check(run(tmp_path, f"--into x sweep {fresh} talk", ends), 0)
    (log,) = tmp_path.glob("x/*/log.txt")
    assert sorted(log.read_text(encoding="utf-8").splitlines()) == ["by a child", "by the stage", "on the other"]


def test_a_folder_is_printed_where_it_is_not_utf_8(folder: Path) -> None:
    name = os.fsdecode(b"b\xffd")
    (folder / "r").rename(folder / name)
    done = run(folder, f"resume '{name}'", env={**os.environ, "PYTHONIOENCODING": "utf-8"})
    check(done, 0)
    assert done.stdout.startswith(rb"b\udcffd: the run is done.")
