"""A run is recorded in a folder of its own, or refused before it has any effect."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Any

import pytest

import clickbind
from clickbind.errors import SaveError, UserError
from clickbind.journal import claims
from clickbind.journal.claims import ClaimedError
from clickbind.journal.place import Place, home_of, marked, name_of, new_folder
from clickbind.journal.records import Record


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def begun(folder: str, before: Record | None = None) -> Place:
    place = Place(folder, before)
    place.check()
    place.check_files()
    place.begin()
    return place


def test_a_check_has_no_effect() -> None:
    place = Place("a/b/r")
    place.check()
    place.check_files()
    assert os.listdir() == []


def test_a_folder_that_is_not_there_is_not_made_yet() -> None:
    place = begun("a/b/r")
    assert place.here == os.path.abspath("a/b/r.record")
    assert os.listdir("a/b") == ["r.record"]
    assert place.settle()
    place.leave(os.path.abspath("a/b/r.record"), [])
    assert place.here == os.path.abspath("a/b/r")
    assert not place.settle()
    place.leave(place.here, [])
    assert os.listdir("a/b") == ["r"]


def test_a_folder_with_a_record_is_refused() -> None:
    os.mkdir("r")
    Record("r").write()
    with pytest.raises(UserError, match=r"r: the folder has the record of a run. Go on with that by 'resume'"):
        Place("r").check()
    Place("r", Record("r")).check()


@pytest.mark.parametrize("name", ["run.yml", "code.diff", "versions.txt"])
def test_a_file_is_not_replaced(name: str) -> None:
    Path(name).touch()
    with pytest.raises(UserError, match=rf"the folder has a file '{name}', which the record would replace"):
        Place(".").check_files()
    Place(".", Record(".")).check_files()


def test_a_file_is_no_folder() -> None:
    Path("file").touch()
    os.symlink("nowhere", "link")
    for folder in ("file", "file/r", "link", "link/r"):
        with pytest.raises(UserError, match=r"is not a folder"):
            Place(folder).check()


def test_a_folder_that_cannot_be_written_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(UserError, match=r"r: the run cannot be recorded: .* cannot be written"):
        Place("r").check()


@pytest.mark.parametrize("folder", ["r", "a/r", "x" * 300])
def test_what_goes_wrong_at_the_beginning_leaves_nothing(folder: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if len(folder) < 300:

        def refuse(_: str) -> Any:
            raise PermissionError(13, "Permission denied")

        monkeypatch.setattr(claims, "take", refuse)
    with pytest.raises(SaveError, match=r"the run cannot be recorded: (Permission denied|File name too long)"):
        begun(folder)
    assert os.listdir() == []


def test_two_runs_cannot_begin_in_one_folder() -> None:
    place = begun("r")
    with pytest.raises(ClaimedError, match=r"wait until it has ended"):
        begun("r")
    assert os.listdir() == ["r.record"]
    os.mkdir("r")  # its contexts do so
    with pytest.raises(ClaimedError, match=r"r: process .* wait until it has ended"):
        begun("r")
    assert os.listdir("r") == []
    assert place.settle()
    place.leave(os.path.abspath("r.record"), [])
    with pytest.raises(ClaimedError):
        begun("r")


def test_a_folder_that_is_made_in_the_meantime_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    take = claims.take

    def take_late(folder: str) -> claims.Claim:
        os.makedirs("r", exist_ok=True)
        return take(folder)

    monkeypatch.setattr(claims, "take", take_late)
    place = begun("r")
    assert place.here == os.path.abspath("r")
    assert os.listdir() == ["r"]


def test_a_run_that_was_recorded_since_the_check_is_kept() -> None:
    os.mkdir("r")
    place = Place("r")
    place.check()
    Record("r", {"status": "done"}).write()
    with pytest.raises(UserError, match=r"the folder has the record of a run"):
        place.begin()
    assert os.listdir("r") == ["record.json"]


def test_the_folder_beside_is_used_if_it_is_empty() -> None:
    os.mkdir("r.record")
    assert begun("r").here == os.path.abspath("r.record")


def test_the_folder_beside_of_another_run_is_kept() -> None:
    for name in ("r.record", "r.record-2"):
        os.mkdir(name)
        Path(name, "record.json" if name == "r.record" else ".done").touch()
    assert begun("r").here == os.path.abspath("r.record-3")


def test_a_record_that_was_left_beside_does_not_keep_others_from_the_folder() -> None:
    for name in ("r", "r.record"):
        os.mkdir(name)
    assert begun("r").here == os.path.abspath("r")


def test_a_run_that_goes_on_may_have_its_record_beside() -> None:
    os.mkdir("r.record")
    before = Record(os.path.abspath("r.record"), {"status": "failed"})
    before.write()
    place = begun("r", before)
    assert place.here == before.folder
    place.abandon(["record.json"])
    assert os.listdir("r.record") == ["record.json"]


def test_a_run_that_goes_on_without_its_folder_begins_beside() -> None:
    assert begun("r", Record(os.path.abspath("r"))).here == os.path.abspath("r.record")


def test_a_run_that_was_done_in_the_meantime_is_not_done_again() -> None:
    os.mkdir("r")
    claim = claims.take("r")
    claim.commit("{}")
    claim.release()
    with pytest.raises(ClaimedError, match=r"r: another process has done this run in the meantime"):
        begun("r", Record(os.path.abspath("r")))
    assert os.listdir("r") == [".done"]
    again = Record(os.path.abspath("r"))
    again.runs_again = True
    place = begun("r", again)
    assert os.listdir("r") == [".claim"]
    place.abandon()


def test_a_run_in_which_the_claim_is_lost_says_why() -> None:
    os.mkdir("r")
    place = begun("r")
    assert "has taken this run over" in place.lost
    os.unlink("r/.claim")
    assert "was removed" in place.lost
    assert place.settle()
    os.unlink("r/.claim")
    os.rmdir("r")
    assert not place.settle()


def test_abandoning_twice_does_nothing() -> None:
    place = begun("r")
    place.abandon(["record.json"])
    place.abandon(["record.json"])
    assert os.listdir() == []


@pytest.mark.parametrize(
    ("name", "files", "home"),
    [
        ("r.record", ["record.json", "run.yml", ".claim"], "r"),
        ("r.record-2", ["record.json"], "r"),
        ("r.record-x", [], "r.record-x"),
        ("r.recording", [], "r.recording"),
        ("r.record", ["record.json", "model"], "r.record"),
        ("r", ["record.json"], "r"),
        ("none.record", None, "none.record"),
    ],
)
def test_a_record_beside_belongs_to_another_folder(name: str, files: list[str] | None, home: str) -> None:
    if files is not None:
        os.mkdir(name)
        for file in files:
            Path(name, file).touch()
    assert home_of(name) == home


def test_a_record_beside_a_folder_that_is_there_is_one_of_its_own() -> None:
    for name in ("r", "r.record"):
        os.mkdir(name)
    assert home_of("r.record") == "r.record"


def test_a_new_folder_has_the_time_and_the_stages_in_its_name() -> None:
    parent, name = os.path.split(new_folder("runs", "train-evaluate"))
    assert parent == "runs"
    assert name.endswith(f"-train-evaluate-{os.getpid()}")
    assert len(os.path.basename(new_folder("runs", "x" * 500))) < 80


def test_a_new_folder_is_new(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.strftime", lambda _: "now")
    first = new_folder("runs", "x")
    os.makedirs(first)
    os.makedirs(f"{first}-2.record")
    assert new_folder("runs", "x") == f"{first}-3"


def test_a_name_has_no_character_that_some_system_refuses() -> None:
    assert name_of("a/b:c*\N{SNOWMAN} d\n.+=_-9", 80) == "a_b_c___d_.+=_-9"
    assert name_of("abc", 2) == "ab"


def test_marked_parameters_are_found_in_every_function_that_can_be_read() -> None:
    binder = clickbind.Binder()

    @binder.stage
    def train(to: Annotated[Path | None, clickbind.Option(run_folder=True)] = None, other: str = "") -> None: ...

    @binder.bind
    def broken(x: int = 1) -> None: ...

    broken.__annotations__["x"] = "list["
    assert [key.text for key in marked(binder._registry)] == ["train.to"]
