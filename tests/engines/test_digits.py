"""A saved run of the example has the same results and the same figures in any process and folder, on every engine."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.digits_kit import made, run, save

ENGINES = {
    "processes": [],
    "fresh processes": ["--processes.fresh"],
    "dask": ["--engine", "dask"],
    "slurm": ["--engine", "slurm", "--slurm.local"],
}
LIBRARIES = {"dask": "distributed", "slurm": "submitit"}


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the data, with `saved.yml`, and with what that run made in `output`."""
    folder = tmp_path_factory.mktemp("saved")
    save(folder)
    return folder


def test_a_replay_in_another_working_directory_makes_the_same_files(saved: Path, tmp_path: Path) -> None:
    run(tmp_path, "--config", str(saved / "saved.yml"), "run", "download", "preprocess")
    run(tmp_path, "--config", str(saved / "saved.yml"), "--output.folder", "again")
    assert made(tmp_path / "again") == made(saved / "output")


@pytest.mark.parametrize("name", ENGINES)
def test_every_engine_makes_the_same_files(saved: Path, tmp_path: Path, name: str) -> None:
    if name in LIBRARIES:
        pytest.importorskip(LIBRARIES[name])
    shutil.copytree(saved / "data", tmp_path / "data")
    line = ["--config", str(saved / "saved.yml"), "--into", "jobs", "sweep", "-j", "2", *ENGINES[name]]
    run(tmp_path, *line, "train", "evaluate", "--split", "test", "--split", "val", "analyze")
    test, val = sorted((tmp_path / "jobs").glob("0*"))
    expected = made(saved / "output")
    assert made(test) == expected
    assert {file for file, content in made(val).items() if content == expected[file]} == {
        *("history.json", "losses.png", "model.npz"),  # the validation images are others
    }
    evaluation = json.loads(expected["evaluation.json"])
    results = json.loads((test / "record.json").read_text(encoding="utf-8"))["results"]
    assert (results["evaluate.accuracy"], results["evaluate.loss"]) == (evaluation["accuracy"], evaluation["loss"])
