"""The stage alone, and in a program that finds it by its entry point: the distribution must be installed."""

from __future__ import annotations

from pathlib import Path

import pytest
from click.testing import CliRunner

import clickbind
from lab_report import report


@pytest.fixture
def results(tmp_path: Path) -> Path:
    path = tmp_path / "results.txt"
    path.write_text("1 0.9\n2 0.5\n3 0.1\n", encoding="utf-8")
    return path


def test_the_function_prints_the_last_results(results: Path, capsys: pytest.CaptureFixture[str]) -> None:
    report(str(results), last=2)
    assert capsys.readouterr().out == "epoch 2: loss 0.5\nepoch 3: loss 0.1\n"


def test_a_program_has_it_as_a_stage(results: Path) -> None:
    main = clickbind.Binder("lab", plugins="lab.stages").command()
    result = CliRunner().invoke(main, ["report", "--results", str(results), "--last", "1"])
    assert result.output == "epoch 3: loss 0.1\n"
