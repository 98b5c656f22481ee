"""The command `runs` lists and compares what was recorded."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

import clickbind
from clickbind.journal import code, observer
from tests.conftest import completions
from tests.journal.kit import Fit


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fit:
    """A program with two runs in ``runs``, one of which has failed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "100")
    monkeypatch.setattr(code, "code_of", lambda _: code.Code(None, ""))
    monkeypatch.setattr(observer, "perf_counter", lambda: 0.0)
    fit = Fit()
    fit("--into runs/a run train --epochs 4 evaluate")
    fit.fails()
    fit("--into runs/b run train evaluate --folder other")
    return fit


def output(fit: Fit, *line: str) -> str:
    result = fit(*line)
    assert result.exit_code == 0, result.output
    return result.output


def test_runs_are_listed(fit: Fit) -> None:
    expected = (
        "  run  status  time  evaluate.folder  train.epochs  train.loss  evaluate\n"
        "  a    done    0:00  test                        4         0.5         2\n"
        "  b    failed  0:00  other                       1         0.5  evaluate: ValueError: diverged\n"
        "1 done, 1 failed\n"
    )
    found = output(fit, "runs")
    assert found == expected
    assert output(fit, "runs runs") == found
    assert output(fit, "runs", os.path.abspath("runs")) == found


def test_a_narrow_terminal_gets_less(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    lines = output(fit, "runs").splitlines()
    assert max(map(len, lines[:3])) <= 60
    assert lines[3].startswith("Left out for lack of space: ")


def test_all_keys_are_shown_on_request(fit: Fit) -> None:
    assert "dataset.size" in output(fit, "runs --all --csv").splitlines()[0]
    assert "dataset.size" not in output(fit, "runs --csv").splitlines()[0]


def test_runs_are_sorted(fit: Fit) -> None:
    rows = list(csv.DictReader(output(fit, "runs --csv --sort train.epochs").splitlines()))
    assert [row["folder"] for row in rows] == ["runs/b", "runs/a"]
    result = fit("runs --sort train.epoch")
    assert result.exit_code == 2
    assert "--sort: the runs have no key or result 'train.epoch'. Did you mean 'train.epochs'?" in result.stderr


def test_json_has_everything(fit: Fit) -> None:
    found = json.loads(output(fit, "runs --json --sort status"))
    assert [item["folder"] for item in found] == ["runs/a", "runs/b"]
    assert found[0]["values"]["train.epochs"] == 4


def test_two_runs_are_compared(fit: Fit) -> None:
    expected = "train.epochs\n  runs/a: 4  # --epochs\n  runs/b: 1  # default\n"
    assert expected in output(fit, "runs --diff runs/a runs/b")
    assert expected in output(fit, "runs --diff a b")
    assert output(fit, "runs --diff a a") == ""
    result = fit("runs --diff a c")
    assert (result.exit_code, "--diff: 'c' is no folder of a run, and no run in runs." in result.stderr) == (2, True)


def test_jobs_are_compared_by_number(fit: Fit) -> None:
    os.rename("runs", "sweep")
    Path("sweep/sweep.yml").touch()
    for number, name in ((1, "a"), (12, "b")):
        os.rename(f"sweep/{name}", f"sweep/{number:02}-{name}")
    assert "train.epochs\n  sweep/01-a: 4" in output(fit, "runs sweep --diff 1 12")
    assert "no run in sweep" in fit("runs sweep --diff 1 2").stderr
    assert "no run in runs" in fit("runs --diff 1 2").stderr
    assert output(fit, "runs sweep").splitlines()[1].startswith("    1  done")


def test_sweeps_are_listed_before_runs(fit: Fit) -> None:
    os.makedirs("runs/lr/1-x")
    Path("runs/lr/sweep.yml").touch()
    Path("runs/lr/1-x/run.yml").touch()
    lines = output(fit, "runs").splitlines()
    assert lines[:4] == ["  sweep  jobs", "  lr        1  1 waiting", "", lines[3]]
    assert lines[3].startswith("  run  status")
    for name in "ab":
        os.rename(f"runs/{name}", name)
    assert output(fit, "runs") == "  sweep  jobs\n  lr        1  1 waiting\n"


def test_one_run_is_listed_alone(fit: Fit) -> None:
    assert output(fit, "runs runs/a").splitlines()[1:] == ["  a    done    0:00         0.5         2", "1 done"]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("runs none", "none: there is no such folder."),
        ("runs --csv --json", "'--csv' and '--json' cannot be used together."),
        ("runs --csv --diff a b", "'--csv' and '--diff' cannot be used together."),
        ("runs a b", "Got unexpected extra argument"),
    ],
)
def test_a_wrong_line_is_refused(fit: Fit, line: str, message: str) -> None:
    result = fit(line)
    assert (result.exit_code, message in result.stderr) == (2, True)


def test_the_folder_is_that_of_the_program(fit: Fit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.rename("runs", "elsewhere")
    assert output(fit, "runs") == "No runs: there is no folder runs.\n"
    assert "1 done, 1 failed" in output(Fit(record="elsewhere"), "runs")


def test_a_terminal_gets_no_control_characters_in_csv(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    os.rename("runs/a", "runs/a\x1b[2J")
    assert "\x1b[2J" in output(fit, "runs --csv")
    monkeypatch.setattr("clickbind.cli.runs_command._is_terminal", lambda: True)
    found = output(fit, "runs --csv")
    assert ("\x1b" in found, "a\\x1b[2J" in found) == (False, True)


def test_a_stage_of_that_name_wins(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def runs(count: int = 1) -> None:
        """Count runs."""
        click.echo(f"counted {count}")

    main = binder.command()
    assert CliRunner().invoke(main, ["runs", "--count", "3"]).output == "counted 3\n"
    text = CliRunner().invoke(main, ["--help"]).output
    assert (text.count("  runs "), "Count runs." in text) == (1, True)


def test_the_command_works_in_spite_of_a_wrong_file(fit: Fit) -> None:
    Path("f.yml").write_text("train.epohcs: 3\n", encoding="utf-8")
    assert "1 done, 1 failed" in output(fit, "--config f.yml runs")


def test_a_press_of_tab_offers_keys_and_results(fit: Fit) -> None:
    assert completions(fit.main, "runs --sort", "") == [
        *("train.loss", "evaluate", "dataset.size", "evaluate.folder", "train.epochs", "run.stages"),
        *("status", "time", "started"),
    ]
    assert completions(fit.main, "runs runs --sort", "train.") == ["train.loss", "train.epochs"]
    assert completions(fit.main, "runs none --sort", "s") == ["status", "started"]
    assert completions(fit.main, "runs", "--s") == ["--sort", "--save"]
    assert completions(fit.main, "", "ru") == ["run", "runs"]
    shell = click.shell_completion.ShellComplete(fit.main, {}, "fit", "_FIT_COMPLETE")
    for line in (["runs"], ["resume"], ["--into"], ["runs", "--diff"], ["train", "--into"]):
        assert [item.type for item in shell.get_completions(line, "r")] == ["dir"], line


def test_it_is_called_from_another_program(fit: Fit) -> None:
    outer = click.Group("outer")
    outer.add_command(fit.main.get_command(click.Context(fit.main), "runs") or fit.main, "list")
    assert "1 done, 1 failed" in CliRunner().invoke(outer, ["list"]).output
