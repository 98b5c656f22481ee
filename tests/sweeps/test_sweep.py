"""The command `sweep`: which jobs it makes of a line, and what it refuses."""

from __future__ import annotations

import importlib
import os
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import clickbind
from clickbind import sweeps
from clickbind.journal import records, saved

from .conftest import Fit


def jobs(fit: Fit, line: str, **variables: str) -> list[str]:
    """Return the lines of the jobs of a line, without the program."""
    result = fit(line, **variables)
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert all(one.startswith("fit ") for one in lines), result.output
    return [one.removeprefix("fit ") for one in lines]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("sweep --print-jobs train", ["train"]),
        ("sweep --print-jobs train --lr .1", ["train --lr .1"]),
        ("sweep --print-jobs train --lr .1 --lr 1", ["train --lr .1", "train --lr 1"]),
        (
            "sweep --print-jobs train --lr .1 --lr 1 evaluate",
            ["run train --lr .1 evaluate", "run train --lr 1 evaluate"],
        ),
        (
            "sweep --print-jobs train --lr .1 --lr 1 --batch 2 --batch 3",
            [f"train --lr {lr} --batch {batch}" for lr in (".1", "1") for batch in "23"],
        ),
        (
            "sweep --print-jobs --zip lr,batch train --lr 1 --lr 2 --batch 3 --batch 4",
            ["train --lr 1 --batch 3", "train --lr 2 --batch 4"],
        ),
        ("sweep --print-jobs --train.lr .1 --train.lr 1", ["--train.lr .1 run", "--train.lr 1 run"]),
        ("--train.lr .1 --train.lr 1 sweep --print-jobs train", ["--train.lr .1 train", "--train.lr 1 train"]),
        ("sweep --print-jobs train --shuffle --no-shuffle", ["train --shuffle", "train --no-shuffle"]),
        ("sweep --print-jobs train --layers '1 2' --layers 3", ["train --layers '1 2'", "train --layers 3"]),
        ("sweep --print-jobs train --layers '1 2'", ["train --layers '1 2'"]),
        ("sweep --print-jobs train --optim SGD --optim Adam", ["train --optim SGD", "train --optim Adam"]),
        (
            "sweep --print-jobs train --lr 1 --lr 2 train --lr 3",
            ["run train --lr 1 train --lr 3", "run train --lr 2 train --lr 3"],
        ),
        ("sweep --print-jobs train --lr .1 --lr 0.1 --lr 1e-1", ["train --lr .1"]),
        ("--into x sweep --print-jobs train --lr 1 --lr 2", ["train --lr 1", "train --lr 2"]),
        ("sweep --print-jobs train --token abc --lr 1", ["train --token '***' --lr 1"]),
        ("sweep --print-jobs train --tag none --tag 'a b'", ["train --tag none", "train --tag 'a b'"]),
        ("run train --lr 1 --lr 2 --print-changed", None),
    ],
)
def test_an_option_that_is_repeated_is_an_axis(fit: Fit, line: str, expected: list[str] | None) -> None:
    if expected is None:
        assert "`sweep` tries all" in fit(line).output
        return
    assert jobs(fit, line) == expected
    assert {path.name for path in fit.folder.iterdir() if path.is_dir()} <= {"__pycache__"}


def test_every_printed_line_runs_what_its_job_would(fit: Fit) -> None:
    found = []
    for line in jobs(fit, "sweep --print-jobs train --lr .1 --lr 1 --layers '1 2' --layers 3 --no-shuffle evaluate"):
        result = fit(f"--print-changed {line}")
        assert result.exit_code == 0
        found.append(result.output)
    assert len(set(found)) == 4
    assert "train.lr: 1.0  # --lr" in found[3]
    assert "- 3" in found[3]


FILE = """
train.batch: 5
$sweep:
  train.lr: [.1, .01]
  train.tag: [a]
"""
GRIDS = """
$sweep:
- {train.lr: [.1, .01], train.batch: 32}
- train: {lr: 1}
  train.batch: [64, 128]
"""


@pytest.mark.parametrize(
    ("text", "line", "expected"),
    [
        (FILE, "train", ["--train.lr 0.1 --train.tag a train", "--train.lr 0.01 --train.tag a train"]),
        (FILE, "train --lr 5 --lr 6", ["--train.tag a train --lr 5", "--train.tag a train --lr 6"]),
        (FILE, "train --lr 5", ["--train.tag a train --lr 5"]),
        (FILE, "--train.lr 5 --train.tag b", ["--train.lr 5 --train.tag b run"]),
        (
            GRIDS,
            "train",
            [
                "--train.lr 0.1 --train.batch 32 train",
                "--train.lr 0.01 --train.batch 32 train",
                "--train.lr 1.0 --train.batch 64 train",
                "--train.lr 1.0 --train.batch 128 train",
            ],
        ),
        ("$sweep: {train.shuffle: [yes, no]}", "train", ["--train.shuffle train", "--no-train.shuffle train"]),
        (
            "$sweep: {train.layers: [[1, 2], 3]}",
            "train",
            ["--train.layers '[1, 2]' train", "--train.layers '[3]' train"],
        ),
        ("$vars: {a: 3}\n$sweep: {train.lr: [$a, '$a']}", "train", None),
        ("$sweep: {train.tag: [null, x]}", "train", ["--train.tag none train", "--train.tag x train"]),
        ("$sweep: {train.optim.rate: [1]}", "train --optim Adam", ["--train.optim.rate 1.0 train --optim Adam"]),
        ("$sweep: {train.optim.momentum: [1]}", "train --optim Adam", ["train --optim Adam"]),
        ("$sweep: {}", "train", ["train"]),
        ("$sweep: []", "train", ["train"]),
    ],
)
def test_a_file_may_say_what_is_swept(fit: Fit, text: str, line: str, expected: list[str] | None) -> None:
    Path("c.yml").write_text(text, encoding="utf-8")
    if expected is None:
        assert fit(f"--config c.yml sweep --print-jobs {line}").exit_code == 2
        return
    assert jobs(fit, f"--config c.yml sweep --print-jobs {line}") == [f"--config c.yml {one}" for one in expected]


def test_the_environment_beats_what_a_file_sweeps(fit: Fit) -> None:
    Path("c.yml").write_text("$sweep: {train.lr: [1, 2], train.batch: [3, 4]}", encoding="utf-8")
    found = jobs(fit, "--config c.yml sweep --print-jobs train", FIT_TRAIN_LR="7")
    assert found == ["--config c.yml --train.batch 3 train", "--config c.yml --train.batch 4 train"]


def test_the_last_file_that_sweeps_wins(fit: Fit) -> None:
    Path("a.yml").write_text("$sweep: {train.lr: [1, 2]}", encoding="utf-8")
    Path("b.yml").write_text("$include: a.yml\n$sweep: {train.batch: [3]}", encoding="utf-8")
    assert jobs(fit, "--config b.yml sweep --print-jobs train") == ["--config b.yml --train.batch 3 train"]
    assert len(jobs(fit, "--config b.yml --config a.yml sweep --print-jobs train")) == 2


@pytest.mark.parametrize("command", ["run", "train", "", "run train", "--print-config", "--save x.yml train"])
def test_a_file_that_sweeps_is_not_run_as_one_run(fit: Fit, command: str) -> None:
    Path("c.yml").write_text("$sweep: {train.lr: [1, 2], train.batch: 3}", encoding="utf-8")
    result = fit(f"--config c.yml {command}")
    assert result.exit_code == 2
    expected = "Error: the config sweeps train.lr, train.batch ($sweep): use `sweep` to run it, or give one value."
    assert expected in result.output
    assert not Path("trained").exists()
    assert not Path("x.yml").exists()


def test_a_line_that_sets_all_that_a_file_sweeps_is_one_run(fit: Fit) -> None:
    Path("c.yml").write_text("$sweep: {train.lr: [.1, .2]}", encoding="utf-8")
    assert fit("--config c.yml train --lr .3").exit_code == 0
    assert fit("--config c.yml --help").exit_code == 0
    assert Path("trained").read_text(encoding="utf-8").startswith("0.3")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("$sweep: 3", "c.yml:1:9: expected a mapping of keys to lists of values in $sweep, or a list of such."),
        ("$sweep: [3]", "c.yml:1:10: expected a mapping of keys to lists of values in $sweep, or a list of such."),
        ("$sweep: {train.lr: []}", "c.yml:1:20: expected at least one value."),
        ("$sweep: {train.lr: [.1, x, y]}", "c.yml:1:25: train.lr: 'x' is not a valid float."),
        ("$sweep: {train.lr: [.1, x, y]}", "c.yml:1:28: train.lr: 'y' is not a valid float."),
        ("$sweep: {train.lrr: [1, 2]}", "c.yml:1:10: unknown key 'train.lrr'. Did you mean 'train.lr'?"),
        ("$sweep: {[1]: [1, 2]}", "c.yml:1:10: expected a key such as function.parameter."),
        (
            "$sweep: {train.lr: {from: 1, to: 2}}",
            "c.yml:1:20: a range is for a search, and this sweep tries all values",
        ),
        ("$sweep: {train.token: [ab, cd]}", "c.yml:1: train.token is secret, and cannot have several values"),
        ("$sweep: {}\n$sweep: {}", "c.yml:2:1: duplicate key $sweep."),
        ("$swep: {train.lr: [1]}", "c.yml:1:1: unknown key '$swep'. Did you mean '$sweep'?"),
    ],
)
def test_what_a_file_sweeps_is_checked(fit: Fit, text: str, message: str) -> None:
    Path("c.yml").write_text(text, encoding="utf-8")
    result = fit("--config c.yml --into x sweep train")
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert "ab, cd" not in result.output
    assert not Path("x").exists()


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sweep train --lr .1 --lr x", "Invalid value for '--lr': 'x' is not a valid float."),
        ("sweep train --lr .1 --lr x --lr 3", "Invalid value for '--lr': 'x' is not a valid float."),
        ("sweep --train.lr .1 --train.lr x", "Invalid value for '--train.lr': 'x' is not a valid float."),
        ("sweep trian --lr .1", "No such stage 'trian'."),
        ("sweep --zip a,b train --lr 1 --lr 2", "--zip: 'a' is not a swept parameter; these are train.lr."),
        ("sweep train --token a --token b", "'--token' is secret, and cannot have several values"),
        ("sweep --jobs 0 train", "Invalid value for '-j' / '--jobs': 0 is not in the range x>=1."),
        ("--save x.yml sweep train", "'--save' is for one run, and cannot be used with a sweep."),
        ("--print-config sweep train", "'--print-config' is for one run, and cannot be used with a sweep."),
        ("--diff x.yml sweep train", "'--diff' is for one run, and cannot be used with a sweep."),
        ("--output.folder y sweep train", "--output.folder: each job of a sweep has a folder of its own"),
        ("sweep train --optim SGD --optim Adam --optim.momentum .9", "momentum"),
        ("--into fit.py sweep train", "fit.py: the run cannot be recorded"),
    ],
)
def test_nothing_is_made_if_anything_is_wrong(fit: Fit, line: str, message: str) -> None:
    result = fit(f"--into x {line}" if "--into" not in line else line)
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())
    assert sorted(os.listdir()) in (["fit.py"], ["__pycache__", "fit.py"])


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("sweep train --lr .1,.2", "--lr .1 --lr .2"),
        ("sweep train --lr '[.1, .2]'", "--lr .1 --lr .2"),
        ("sweep train evaluate --train.lr=.1,.2", "--train.lr .1 --train.lr .2"),
        ("sweep train --optim SGD,Adam", "--optim SGD --optim Adam"),
        ("sweep train --lr .1 .2", "--lr A --lr B"),  # words that a program with secrets does not know are not shown
        ("sweep --train.lr=.1 .2 train", "--train.lr A --train.lr B"),
        ("sweep train --optim SGD Adam", "--optim A --optim B"),
        ("sweep train --tag a b", None),
        ("sweep train --shuffle b", None),
        ("--config x.yml sweep train --into y b", None),
        ("sweep train --lr .1 x", None),
        ("sweep train --token 1 2", None),
        ("run train --lr .1 .2", None),
        ("sweep train --lr .1,x", None),
        ("sweep train --lr .1,", None),
        ("sweep train --lr x", None),
        ("sweep train --layers 1,x", None),
        ("train --lr .1,.2", None),
        ("train --lr .1,.2 --tag sweep", None),
    ],
)
def test_several_values_in_one_word_are_told_to_repeat_the_option(fit: Fit, line: str, hint: str | None) -> None:
    result = fit(line)
    assert result.exit_code == 2
    assert result.stderr.partition(" To try each value, repeat the option: ")[2].strip() == (hint or "")


def test_several_words_after_an_option_are_told_to_repeat_it() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda lr=0.1: None, name="train")
    result = CliRunner().invoke(binder.command(), "sweep train --lr .1 .2 1 train")
    hint = "To try each value, repeat the option: --lr .1 --lr .2 --lr 1"
    assert result.stderr.endswith(f"Error: No such stage '.2'. {hint}\n")


class Immediate:
    """An executor whose jobs end at once: each folder gets a record with the status of its number."""

    def __init__(self, statuses: str) -> None:
        self.statuses = statuses
        self.ran: list[str] = []

    def __call__(self, *_: Any, **__: Any) -> Immediate:
        return self

    def submit(self, function: Any, program: str, folder: str, slot: str) -> sweeps.futures.Future[int]:
        assert function is sweeps.child.run_in_child
        assert program.startswith("{")
        assert slot.isdigit()
        status = {"d": "done", "f": "failed", "k": "killed"}[self.statuses[len(self.ran) % len(self.statuses)]]
        self.ran.append(os.path.basename(folder))
        content: dict[str, Any] = {
            "status": status,
            "seconds": 61,
            "exit": int(status != "done"),
            "results": {"evaluate": 0.25},
        }
        if status == "failed":
            content["error"] = {"type": "ValueError", "message": "a\nb", "where": "/x/fit.py:3"}
            content["turns"] = [{"stage": "train", "status": "failed"}]
        if status == "killed":
            content["exit"] = -9
        records.Record(folder, content).write()
        future: sweeps.futures.Future[int] = sweeps.futures.Future()
        future.set_result(content["exit"])
        return future


@pytest.fixture
def immediate(monkeypatch: pytest.MonkeyPatch) -> Immediate:
    """Let the jobs end at once, all well."""
    executor = Immediate("d")
    monkeypatch.setattr("clickbind.sweeps.local.Processes", executor)
    return executor


def test_the_jobs_are_shown_as_they_end(fit: Fit, immediate: Immediate) -> None:
    immediate.statuses = "dfk"
    result = fit(
        "--into runs/lr sweep -j 2 train --lr={.1,.01,.001} evaluate".replace(
            "--lr={.1,.01,.001}", "--lr .1 --lr .01 --lr .001"
        )
    )
    assert result.exit_code == 1
    assert result.output.splitlines() == [
        "runs/lr: 3 jobs (train.lr \N{MULTIPLICATION SIGN} 3) of train evaluate, 2 at a time",
        "done    1:01  01-lr=0.1  evaluate=0.25",
        "failed  1:01  02-lr=0.01  train: ValueError: a b (fit.py:3)",
        "killed  1:01  03-lr=0.001  killed by SIGKILL",
        "1 done, 1 failed, 1 killed, 0:00. Failed: 02-lr=0.01, 03-lr=0.001, see runs/lr/02-lr=0.01/log.txt",
        "Try again: fit resume runs/lr",
    ]


def test_no_job_starts_after_the_first_failure_if_asked_for(fit: Fit, immediate: Immediate) -> None:
    immediate.statuses = "df"
    result = fit("--into x sweep -x train --lr 1 --lr 2 --lr 3 --lr 4")
    assert result.exit_code == 1
    assert "1 done, 1 failed, 2 waiting" in result.output
    assert len(os.listdir("x")) == 4 + len(["sweep.yml", "versions.txt"])


def test_an_extended_sweep_runs_only_what_is_new(fit: Fit, immediate: Immediate) -> None:
    assert fit("--into x sweep train --lr 1 --lr 2").exit_code == 0
    assert immediate.ran == ["01-lr=1.0", "02-lr=2.0"]
    result = fit("--into x sweep train --lr 2 --lr 3 --batch 32 --batch 64")
    assert result.exit_code == 0
    axes = "train.lr \N{MULTIPLICATION SIGN} 2, train.batch \N{MULTIPLICATION SIGN} 2"
    assert f"4 jobs ({axes}) of train; 1 done before" in result.output
    assert immediate.ran[2:] == ["03-lr=2.0-batch=64", "04-lr=3.0-batch=32", "05-lr=3.0-batch=64"]
    result = fit("--into x sweep train --lr 1 --lr 3")
    assert result.output.endswith(
        "2 jobs (train.lr \N{MULTIPLICATION SIGN} 2) of train; 2 done before\nnothing to run\n"
    )
    assert len(sweeps.sheet.read("x")) == 2  # those that ran something


def test_jobs_that_failed_before_make_a_sweep_fail_again(fit: Fit, immediate: Immediate) -> None:
    immediate.statuses = "fkd"
    assert fit("--into x sweep train --lr 1 --lr 2").exit_code == 1
    for line, before in (("--lr 3 --lr 2", "1 killed"), ("--lr 1 --lr 2 --lr 3", "1 done, 1 failed, 1 killed")):
        result = fit(f"--into x sweep train {line}")
        assert result.exit_code == 1
        assert f"of train; {before} before\n" in result.output
        assert result.output.endswith("Try again: fit resume x\n")


def test_a_sweep_without_axes_is_one_job(fit: Fit, immediate: Immediate) -> None:
    result = fit("--into x sweep evaluate")
    assert result.output.startswith("x: 1 job of evaluate\n")
    assert immediate.ran == ["01"]


def test_without_a_folder_a_sweep_gets_a_new_one(fit: Fit, immediate: Immediate) -> None:
    assert fit("sweep train --lr 1 --lr 2 --batch 3 --batch 4").exit_code == 0
    (found,) = os.listdir("runs")
    assert "-lr-batch-" in found
    assert fit("sweep").exit_code == 0
    assert any("-sweep-" in name for name in os.listdir("runs"))
    assert immediate.ran[-1] == "01"


def test_the_folder_of_a_single_run_is_refused(fit: Fit, immediate: Immediate) -> None:
    assert fit("--into x train").exit_code == 0
    result = fit("--into x sweep train --lr 1 --lr 2")
    assert result.exit_code == 2
    assert "x: the folder has the record of a run." in result.output
    assert not immediate.ran


def test_a_job_is_known_by_its_values_in_another_version_of_the_program(fit: Fit, immediate: Immediate) -> None:
    assert fit("--into x sweep train --lr 1 --lr 2").exit_code == 0
    del fit.module.binder._registry.recorded["train"]

    @fit.binder.stage(name="train")
    def train(lr: float = 0.1, added: int = 3) -> None:
        """Train."""

    result = fit("--into x sweep train --lr 2 --lr 3")
    assert result.exit_code == 0, result.output
    assert immediate.ran[2:] == ["03-lr=3.0"]


def test_values_of_one_object_and_of_turns_make_jobs_too(fit: Fit, immediate: Immediate) -> None:
    assert fit("--into x sweep train --optim SGD --optim Adam --optim.rate 1 --optim.rate 2").exit_code == 0
    assert immediate.ran[-1] == "04-optim=Adam-rate=2.0"
    texts = [Path("x", name, "run.yml").read_text(encoding="utf-8") for name in immediate.ran]
    first, last = (saved.bare(text, {}) for text in (texts[0], texts[3]))
    assert "train.optim.class: SGD\ntrain.optim.momentum: 0.0\ntrain.optim.rate: 1.0" in first
    assert "train.optim.class: Adam\ntrain.optim.rate: 2.0" in last
    assert fit("--into y sweep train --lr 1 --lr 2 train --lr 3 --lr 4").exit_code == 0
    text = Path("y", immediate.ran[-1], "run.yml").read_text(encoding="utf-8")
    assert "- train:\n    lr: 2.0  # --lr\n- train:\n    lr: 4.0  # --lr\n" in text


def test_a_job_says_where_its_values_come_from(fit: Fit, immediate: Immediate) -> None:
    Path("a.yml").write_text("train.batch: 8\n$sweep:\n  train.tag: [a, b]\n", encoding="utf-8")
    assert fit("--into x --config a.yml sweep train --lr 1 --lr 2").exit_code == 0
    text = Path("x", immediate.ran[-1], "run.yml").read_text(encoding="utf-8")
    assert "train.batch: 8  # a.yml:1\n" in text
    assert "train.shuffle: true  # default\n" in text
    assert "train.lr: 2.0  # --lr\n" in text
    assert "train.tag: b  # a.yml:3\n" in text
    shown = fit(f"runs --diff x/{immediate.ran[0]} x/{immediate.ran[-1]}").output
    assert f"train.tag\n  x/{immediate.ran[0]}: a  # a.yml:3\n  x/{immediate.ran[-1]}: b  # a.yml:3\n" in shown


def test_a_job_is_known_wherever_its_values_come_from(fit: Fit, immediate: Immediate) -> None:
    assert fit("--into x sweep train --lr 1 --lr 2").exit_code == 0
    saved_run = Path("x", immediate.ran[1], "run.yml")
    saved_run.write_text(saved.bare(saved_run.read_text(encoding="utf-8"), {}), encoding="utf-8")  # of an older version
    Path("a.yml").write_text("train.lr: 1\ntrain.batch: 32\n", encoding="utf-8")
    immediate.ran.clear()
    assert fit("--config a.yml --into x sweep train").exit_code == 0
    assert fit("--into x sweep --train.lr 2 train").exit_code == 0
    assert immediate.ran == []


def test_a_folder_in_the_place_of_the_sheet_is_found_before_jobs_are_made(fit: Fit, immediate: Immediate) -> None:
    Path("s/sweep.yml").mkdir(parents=True)
    result = fit("--into s sweep train --lr .1 --lr .2")
    assert result.exit_code == 2
    sheet = os.path.join("s", "sweep.yml")
    text = f"Error: {sheet}: the sweep cannot be continued, since this file cannot be read: Is a directory.\n"
    assert result.output == text
    assert (os.listdir("s"), immediate.ran) == (["sweep.yml"], [])


def test_a_saved_job_has_neither_its_folder_nor_secrets(fit: Fit, immediate: Immediate) -> None:
    assert fit("--into x sweep train --lr 1 --lr 2 --token hunter2").exit_code == 0
    text = Path("x/01-lr=1.0/run.yml").read_text(encoding="utf-8")
    assert "# output.folder: the folder of this run\n" in text
    assert "hunter2" not in "".join(path.read_text(encoding="utf-8") for path in Path("x").rglob("*") if path.is_file())
    assert "'***'" in Path("x/sweep.yml").read_text(encoding="utf-8").replace("''", "'")


def test_where_no_parameter_is_marked_one_line_warns(fit: Fit, immediate: Immediate) -> None:
    fit.module.binder._registry.recorded.pop("output")
    result = fit("--into x sweep train --lr 1 --lr 2")
    assert result.output.count("so all jobs write to the same places.") == 1
    assert "same places" not in fit("--into y sweep train").output
    assert immediate.ran


def test_help_shows_what_a_sweep_does(fit: Fit) -> None:
    text = fit("sweep --help").output
    assert "Usage: fit sweep [OPTIONS] [STAGE [OPTIONS]]..." in text
    for flag in ("-j, --jobs", "--zip KEY,KEY", "-x, --stop", "--processes.fresh", "--print-jobs"):
        assert flag in text
    assert "  sweep " in fit("--help").output


def test_a_stage_called_sweep_replaces_the_command(fit: Fit) -> None:
    cleaned = []

    @fit.binder.stage(name="sweep", default=False)
    def clean(hard: bool = False) -> None:
        """Clean."""
        cleaned.append(hard)

    assert fit("sweep --hard").exit_code == 0
    assert cleaned == [True]


def test_two_sweeps_into_one_folder_at_once_are_refused(fit: Fit, immediate: Immediate) -> None:
    os.mkdir("x")
    with sweeps.driver.claimed("x"):
        result = fit("--into x sweep train --lr 1 --lr 2")
    assert result.exit_code == 2
    assert f"x: process {os.getpid()} on " in result.output
    assert not immediate.ran


MANY = """
import clickbind

binder = clickbind.Binder("many")


@binder.stage
def train(lr: float = 0.1, batch: int = 32):
    pass


main = binder.command()
"""


def test_ten_thousand_jobs_share_a_folder(fit: Fit, immediate: Immediate) -> None:
    Path("many.py").write_text(MANY, encoding="utf-8")
    fit.module = importlib.import_module("many")
    axes = " ".join([*(f"--lr {lr}" for lr in range(100)), *(f"--batch {batch}" for batch in range(1, 101))])
    assert "10000 done, " in fit(f"--into x sweep -j 8 train {axes}").output
    assert len(immediate.ran) == 10_000
    assert immediate.ran[:2] == ["00001-lr=0.0-batch=1", "00002-lr=0.0-batch=2"]
    assert "of train; 10000 done before\nnothing to run\n" in fit(f"--into x sweep train {axes}").output
    assert "x: nothing to run: 10000 done." in fit("resume x").output
    assert fit("runs x --sort train.lr").output.splitlines()[-1] == "10000 done"
    assert "1 job of train\ndone    1:01  10001  " in fit("--into x sweep train --lr 100").output
