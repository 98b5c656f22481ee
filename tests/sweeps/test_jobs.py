"""The saved runs of jobs: a product is written from its factors, and what depends on one another as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.core import ParameterSource

import clickbind
from clickbind.journal import records, saved
from clickbind.journal.listing import SWEEP
from clickbind.keys import Key
from clickbind.layers import ResolvedValue, Values
from clickbind.layers.plan import PlannedTurn
from clickbind.sweeps import jobs, sheet
from clickbind.sweeps.axes import Axis, Choice, Grid

binder = clickbind.Binder("prog")


@binder.bind("train")
def dataset(size: int = 1) -> int:
    """Load."""
    return size


@binder.stage
def train(lr: float = 0.1, epochs: int = 3) -> None:
    """Train."""


REGISTRY: Any = binder._registry


def axis(name: str, *values: Any, turn: int | None = None, scope: str | None = None) -> Axis:
    """Make an axis."""
    function, _, parameter = name.partition(".")
    key = Key(function, parameter, scope)
    layers = [{key: ResolvedValue(value, ParameterSource.COMMANDLINE, "--x")} for value in values]
    return Axis(key.text, [Choice([], layer, str(value)) for layer, value in zip(layers, values, strict=True)], turn)


def texts(*axes: Axis, turns: int = 1, files: Any = None) -> list[str]:
    """Return the saved runs of a grid, without empty lines and origins."""
    planned = [PlannedTurn("train", {}, {}, "the command line") for _ in range(turns)]
    maker = jobs.Maker(REGISTRY, Values(files=files or {}), planned)
    return [saved.bare(text.replace("\n\n", "\n"), {}) for text in maker.texts(Grid(axes))]


def test_each_point_has_its_values() -> None:
    found = texts(axis("train.lr", 0.5, 1.5), axis("train.epochs", 7, 8), axis("dataset.size", 1, 2))
    assert len(set(found)) == 8
    assert found[-1] == "dataset.size: 2\nrun.stages:\n- train\ntrain.epochs: 8\ntrain.lr: 1.5\n"


def test_a_scoped_value_is_there_only_where_it_is_given() -> None:
    files = {Key("dataset", "size"): ResolvedValue(5, ParameterSource.DEFAULT_MAP, "f.yml:1")}
    found = texts(axis("dataset.size", 1, 2), axis("dataset.size", 1, 3, scope="train"), files=files)
    assert len(set(found)) == 4
    assert "train/dataset.size: 3" in found[1]


def test_the_values_of_two_turns_are_in_one_entry() -> None:
    found = texts(axis("train.lr", 1.0, 2.0, turn=0), axis("train.lr", 3.0, 4.0, turn=1), turns=2)
    assert len(set(found)) == 4
    assert "- train:\n    lr: 2.0\n- train:\n    lr: 3.0\n" in found[2]


def test_an_entry_that_only_some_values_have_is_written_for_each_point() -> None:
    first = axis("train.lr", 1.0, 2.0)
    first.choices[1].layer[Key("dataset", "size", "train")] = ResolvedValue(9, ParameterSource.COMMANDLINE, "--x")  # type: ignore[index]
    found = texts(first, axis("train.epochs", 1, 2))
    assert ["train/dataset.size: 9" in text for text in found] == [False, False, True, True]


def test_folders_that_are_no_jobs_are_left_alone(tmp_path: Path) -> None:
    for name in ("07-x", "notes", "9"):
        (tmp_path / name).mkdir()
    (tmp_path / "07-x" / records.RUN_FILE).write_text("train.lr: many\n", encoding="utf-8")
    (tmp_path / "9" / records.RUN_FILE).write_bytes(b"\xff")
    maker = jobs.Maker(REGISTRY, Values(), [PlannedTurn("train", {}, {}, "the command line")])
    found = jobs.Jobs(str(tmp_path))
    (job,) = found.add(maker, [Grid([])])
    assert job.name == "10"
    found.write()
    again = jobs.Jobs(str(tmp_path))
    assert not again.add(maker, [Grid([])])[0].is_new


@pytest.mark.parametrize("text", ["", "x", "- 1", "sweeps: 3", "sweeps: [3]", "a: [", "\xff"])
def test_a_sheet_that_was_damaged_counts_as_missing(tmp_path: Path, text: str) -> None:
    (tmp_path / SWEEP).write_text(text, encoding="latin-1")
    assert sheet.read(str(tmp_path)) == []
    facts = sheet.facts_of(sheet.latest(str(tmp_path)))
    assert facts["dirty"] is None
    assert "line" not in facts


def test_jobs_that_cannot_be_read_are_an_error_since_they_would_run_again(tmp_path: Path) -> None:
    (tmp_path / "01-x" / "run.yml").mkdir(parents=True)
    with pytest.raises(IsADirectoryError):
        jobs.Jobs(str(tmp_path))
    with pytest.raises(NotADirectoryError):
        jobs.Jobs(__file__)
    assert not jobs.Jobs(str(tmp_path / "none")).found
