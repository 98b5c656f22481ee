"""The seed's session, to the letter, through the installed program."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

HERE = Path(__file__).parent
PROGRAM = Path(sys.executable).with_name("multistage")
NOT_SHOWN = "[not shown]\n"


class Line(NamedTuple):
    command: str
    expected: str


class Result(NamedTuple):
    output: str
    errors: str
    code: int


def session() -> list[Line]:
    """Return the seed's commands with what they print."""
    parts = re.split(r"(?m)^\$ ", (HERE / "seed.txt").read_text(encoding="utf-8"))[1:]
    return [Line(*part.split("\n", 1)) for part in parts]


def run(line: str, folder: Path) -> Result:
    """Run a line of the seed, its /tmp being a folder of the test's."""
    arguments = shlex.split(line.replace("/tmp", str(folder)))
    done = subprocess.run(
        [PROGRAM, *arguments[1:]],
        cwd=folder,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        check=False,
        text=True,
    )
    return Result(done.stdout.replace(str(folder), "/tmp"), done.stderr, done.returncode)


@pytest.fixture(scope="module")
def results(tmp_path_factory: pytest.TempPathFactory) -> list[Result]:
    """Run the whole session once, in its order."""
    folder = tmp_path_factory.mktemp("seed")
    return [run(line.command, folder) for line in session()]


@pytest.mark.parametrize(
    ("number", "line"), [pytest.param(i, line, id=line.command) for i, line in enumerate(session())]
)
def test_a_command_prints_what_the_seed_shows(number: int, line: Line, results: list[Result]) -> None:
    assert results[number].code == 0, results[number].errors
    assert results[number].errors == ""
    if line.expected != NOT_SHOWN:
        assert results[number].output == line.expected


def test_the_session_is_as_long_as_the_seed_shows() -> None:
    assert len(session()) == 14


def test_the_first_run_leaves_what_the_seed_lists(tmp_path: Path) -> None:
    run("multistage --output.folder /tmp/output", tmp_path)
    made = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file())
    assert made == ["output/checkpoints/model.pth", "output/results/example.npy", "output/results/example.png"]


@pytest.mark.parametrize("option", ["--args.save", "--save"])
def test_a_saved_run_is_the_seeds_file(option: str, tmp_path: Path) -> None:
    line = 'multistage --output.folder /tmp/output --run.stages "train evaluate analyze" --train.epochs 100'
    assert run(f"{line} {option} /tmp/saved_args.yml", tmp_path).code == 0
    saved = (tmp_path / "saved_args.yml").read_text(encoding="utf-8").replace(str(tmp_path), "/tmp")
    assert saved == (HERE / "seed.yml").read_text(encoding="utf-8")


def test_a_stage_that_does_not_exist_makes_nothing(tmp_path: Path) -> None:
    result = run('multistage --output.folder /tmp/output --run.stages "non_existent_stage"', tmp_path)
    assert result.code == 2
    assert result.output == ""
    assert "'non_existent_stage'" in result.errors
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("stage", ["download", "preprocess", "train", "evaluate", "analyze"])
def test_each_stage_is_a_subcommand(stage: str, tmp_path: Path) -> None:
    result = run(f"multistage --output.folder /tmp/output {stage}", tmp_path)
    assert result.code == 0
    assert [line for line in result.output.splitlines() if line.startswith("STAGE")] == [f"STAGE: {stage.upper()}"]


def test_the_root_help_has_every_option_of_the_seed(tmp_path: Path) -> None:
    names = [line.partition(":")[0] for line in (HERE / "seed.yml").read_text(encoding="utf-8").splitlines()]
    listed = run("multistage --help", tmp_path).output
    assert all(f"--{name} " in listed for name in names if "." in name)
