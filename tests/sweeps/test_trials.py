"""Random points of ranges: `sweep --trials`."""

from __future__ import annotations

import enum
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import annotated_types as at
import click
import pytest
from click.shell_completion import ShellComplete

import clickbind
from clickbind import sweeps

from .conftest import Fit
from .test_sweep import Immediate, jobs

SEARCH = "sweep --print-jobs --seed 7 --trials"


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@pytest.fixture
def ran(monkeypatch: pytest.MonkeyPatch) -> Immediate:
    """Let the jobs end at once, all well."""
    executor = Immediate("d")
    monkeypatch.setattr("clickbind.sweeps.local.Processes", executor)
    return executor


@pytest.fixture
def bounded(fit: Fit) -> Fit:
    """A program whose annotations have ranges and few values."""

    @fit.binder.stage(name="fitted")
    def fitted(  # noqa: PLR0917 - a stage has many parameters
        rate: Annotated[float, at.Interval(gt=0, le=1)],
        depth: Annotated[int, at.Ge(2), at.Lt(5)] = 3,
        kind: Literal["a", "b"] | None = None,
        color: Color = Color.RED,
        shuffle: bool = False,
        half: Annotated[float, at.Ge(0)] = 1.0,
        below: Annotated[float, at.Le(0)] = -1.0,
        steps: Annotated[int, at.MultipleOf(8)] = 8,
        name: str = "x",
        key: Annotated[int, clickbind.Option(secret=True)] = 1,
    ) -> None:
        """Fit."""

    return fit


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (
            "2 train --lr 1e-4..1e-1 --batch 16..64 --tag a --tag b",
            ["train --lr 0.0324509 --batch 23 --tag b", "train --lr 0.00733639 --batch 42 --tag a"],
        ),
        (
            "2 --log lr,train.batch train --lr 1e-4..1e-1 --batch 16..64 --tag a --tag b",
            ["train --lr 0.00093648 --batch 19 --tag b", "train --lr 0.000164933 --batch 33 --tag a"],
        ),
        ("2 train --lr=-1..1 --no-shuffle", None),
        ("2 train --shuffle --no-shuffle --batch 3", ["train --shuffle --batch 3", "train --no-shuffle --batch 3"]),
        ("2 --train.lr 1..2 evaluate", None),
        ("2 train --lr 1..2 train --lr 3..4", None),
        ("2 --log lr train --lr 1..2 train --lr 3..4", None),
        ("2 train --lr 1..2 --optim SGD --optim Adam", None),
    ],
)
def test_points_are_printed_as_lines(fit: Fit, line: str, expected: list[str] | None) -> None:
    found = jobs(fit, f"{SEARCH} {line}")
    assert len(set(found)) == 2
    assert jobs(fit, f"{SEARCH} {line}") == found
    if expected is not None:
        assert found == expected
    for one in found:
        assert fit(f"--print-changed {one}").exit_code == 0


def test_more_trials_extend_a_search(fit: Fit, ran: Immediate) -> None:
    line = "--log lr train --lr 1e-4..1e-1 --batch 16..64 evaluate"
    result = fit(f"--into x sweep --trials 3 {line}")
    assert result.exit_code == 0, result.output
    (call,) = sweeps.sheet.read("x")
    seed = call["seed"]
    assert f"x: 3 jobs (train.lr 0.0001..0.1 log, train.batch 16..64; seed {seed}) of train evaluate\n" in result.output
    assert call["trials"] == 3
    assert call["space"][0] == {"key": "train.lr", "turn": 0, "from": 0.0001, "to": 0.1, "log": True}
    result = fit(f"--into x sweep --trials 5 {line}")
    assert f"seed {seed}) of train evaluate; 3 done before" in result.output
    assert len(ran.ran) == len(set(ran.ran)) == 5
    again = jobs(fit, f"sweep --print-jobs --seed {seed} --trials 5 {line}")
    assert len(again) == 5
    assert fit(f"--into x sweep --seed 1234567 --trials 5 {line}").exit_code == 0
    assert len(ran.ran) == 10
    assert "best" not in fit("runs x").output


def test_a_seed_that_was_drawn_is_shown_beside_the_points(fit: Fit) -> None:
    result = fit("sweep --trials 2 --print-jobs train --lr 1..2")
    assert result.exit_code == 0
    seed = re.fullmatch(r"--seed (\d+) prints these points again.\n", result.stderr)
    assert seed is not None
    assert fit(f"sweep --trials 2 --seed {seed[1]} --print-jobs train --lr 1..2").stdout == result.stdout


def test_what_is_saved_is_what_is_printed(fit: Fit, ran: Immediate) -> None:
    line = f"{SEARCH} 3 train --lr 1e-4..1e-1"
    printed = [one.rpartition(" ")[2] for one in jobs(fit, line)]
    assert fit(f"--into x {line.replace('--print-jobs', '')}").exit_code == 0
    saved = [Path("x", name, "run.yml").read_text(encoding="utf-8") for name in ran.ran]
    assert all(f"train.lr: {value}  # --lr\n" in text for value, text in zip(printed, saved, strict=True))
    assert [name.rpartition("=")[2] for name in ran.ran] == printed


def test_a_small_space_has_no_more_points(fit: Fit, ran: Immediate) -> None:
    result = fit("sweep --trials 100 train --batch 1..3 --shuffle --no-shuffle")
    assert result.exit_code == 0
    assert ": 6 jobs (train.batch 1..3, train.shuffle" in result.output
    assert len(ran.ran) == 6
    assert ran.ran[0].startswith("01-")


def test_annotations_say_what_is_tried(bounded: Fit) -> None:
    line = f"{SEARCH} 40 --over rate,fitted.depth --over kind,color,shuffle fitted"
    found = [one.split() for one in jobs(bounded, line)]
    assert len(found) == 40
    assert {words[words.index("--fitted.depth") + 1] for words in found} == {"2", "3", "4"}
    assert {words[words.index("--fitted.kind") + 1] for words in found} == {"a", "b"}
    assert {words[words.index("--fitted.color") + 1] for words in found} == {"RED", "BLUE"}
    assert {word for words in found for word in words if word.endswith("shuffle")} == {
        "--fitted.shuffle",
        "--no-fitted.shuffle",
    }
    assert all(0 < float(words[words.index("--fitted.rate") + 1]) <= 1 for words in found)


def test_an_annotation_beats_a_file_and_may_have_a_logarithmic_scale(bounded: Fit) -> None:
    Path("c.yml").write_text("$sweep: {fitted.depth: [2, 3], fitted.rate: [.1]}", encoding="utf-8")
    found = jobs(bounded, f"--config c.yml {SEARCH} 3 --over depth --log depth fitted")
    assert all("--fitted.rate 0.1 --fitted.depth " in one for one in found)
    result = bounded("sweep --trials 2 --over rate --log rate fitted")
    assert result.exit_code == 2
    assert "--log: fitted.rate: a log scale needs a range above 0" in result.output


FILE = """
$vars: {low: .001}
$sweep:
  train.lr: {from: $low, to: .01, log: true}
  train.batch: {from: 2, to: 8}
  train.tag: [a, b]
"""


def test_a_file_has_ranges(fit: Fit, ran: Immediate) -> None:
    Path("c.yml").write_text(FILE, encoding="utf-8")
    found = jobs(fit, f"--config c.yml {SEARCH} 2 train")
    assert found == [
        "--config c.yml --train.lr 0.00210782 --train.batch 3 --train.tag b train",
        "--config c.yml --train.lr 0.00118151 --train.batch 5 --train.tag a train",
    ]
    found = jobs(fit, f"--config c.yml {SEARCH} 2 train --lr 3 --batch 3")
    assert found == [f"--config c.yml --train.tag {tag} train --lr 3 --batch 3" for tag in "ab"]
    assert fit("--config c.yml --into x sweep --trials 2 train").exit_code == 0
    assert len(ran.ran) == 2
    result = fit("--config c.yml train")
    assert "the config sweeps train.lr, train.batch, train.tag ($sweep): use `sweep` to run it" in result.output


def test_a_required_parameter_may_be_swept_by_a_file(bounded: Fit) -> None:
    Path("c.yml").write_text("$sweep: {fitted.rate: {from: .1, to: .2}}", encoding="utf-8")
    assert len(jobs(bounded, f"--config c.yml {SEARCH} 2 fitted")) == 2
    Path("c.yml").write_text("$sweep: {fitted.rate: [.1, .2]}", encoding="utf-8")
    assert len(jobs(bounded, "--config c.yml sweep --print-jobs fitted")) == 2
    assert "Missing option '--rate'" in bounded("sweep --trials 2 fitted --depth 2..3").output


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "{train.lr: {from: 1, to: .5}}",
            "c.yml:1:20: train.lr: the range 1.0..0.5 is empty: its low end comes first.",
        ),
        ("{train.lr: {from: 1, to: x}}", "c.yml:1:34: train.lr: 'x' is not a valid float."),
        ("{train.lr: {from: 1}}", "c.yml:1:20: a range needs 'from' and 'to'."),
        ("{train.lr: {from: 1, too: 3}}", "c.yml:1:30: a range has 'from', 'to' and 'log'. Did you mean 'to'?"),
        ("{train.lr: {from: 1, [a]: 3}}", "c.yml:1:30: a range has 'from', 'to' and 'log'."),
        ("{train.lr: {from: 0, to: 3, log: true}}", "c.yml:1:20: train.lr: a log scale needs a range above 0"),
        ("{train.lr: {from: 1, to: 3, log: maybe}}", "c.yml:1:42: expected true or false."),
        ("{train.lr: {from: 1, to: 3, log: $no}}", "c.yml:1:42: expected true or false."),
        ("{train.tag: {from: 1, to: 3}}", "c.yml:1:21: a range is for an int or a float."),
        ("{train.no: {from: 1, to: 3}}", "c.yml:1:10: unknown key 'train.no'."),
        ("[{train.lr: [1, 2]}, {train.lr: [3, 4]}]", "--trials: the config sweeps 2 grids, and a search has one"),
    ],
)
def test_a_wrong_range_of_a_file_is_refused(fit: Fit, text: str, message: str) -> None:
    Path("c.yml").write_text(f"$sweep: {text}", encoding="utf-8")
    result = fit("--config c.yml --into x sweep --trials 3 train")
    assert result.exit_code == 2
    assert message in " ".join(result.output.split())
    assert not Path("x").exists()


def test_a_range_of_nothing_is_refused(fit: Fit) -> None:
    @fit.binder.stage(name="other")
    def other(rate: float | None = None) -> None:
        """Do something else."""

    Path("c.yml").write_text("$sweep: {other.rate: {from: null, to: 3}}", encoding="utf-8")
    result = fit("--config c.yml sweep --trials 3 other")
    assert result.exit_code == 2
    assert "c.yml:1:22: other.rate: expected a number at both ends of the range." in result.output


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("sweep train --lr 1..2", "'--lr': 1..2 is a range, of which a search tries some points: add '--trials N'"),
        ("sweep --seed 3 train", "'--seed' is for a search: say how many points it tries by '--trials N'."),
        ("sweep --log lr train --lr 1 --lr 2", "'--log' is for a search"),
        ("sweep --over lr train", "'--over' is for a search"),
        ("sweep --minimize train.loss train", "'--minimize' is for a search"),
        ("sweep --trials 3 train", "--trials: nothing varies. Give a range"),
        ("sweep --trials 3 train --lr 1", "--trials: nothing varies."),
        ("sweep --trials 0 train --lr 1..2", "Invalid value for '--trials': 0 is not in the range x>=1."),
        ("sweep --trials 3 --seed -1 train --lr 1..2", "Invalid value for '--seed': -1 is not in the range"),
        ("sweep --trials 3 --zip lr,batch train --lr 1..2", "'--zip' and '--trials' cannot be used together"),
        ("sweep --trials 3 train --lr 2..1", "'--lr': the range 2.0..1.0 is empty: its low end comes first."),
        ("sweep --trials 3 train --lr 1..inf", "'--lr': the ends of the range have to be numbers."),
        ("sweep --trials 3 train --lr 1..x", "Invalid value for '--lr': '1..x' is not a valid float."),
        ("sweep --trials 3 train --batch 1.5..3", "Invalid value for '--batch': '1.5' is not a valid integer."),
        ("sweep --trials 3 train --lr 1..2 --lr 3", "'--lr' is given several times, once with a range"),
        ("sweep --trials 3 train --lr 3 --lr 1..2", "'--lr' is given several times, once with a range"),
        ("sweep --trials 3 train --lr 1..2 --tag 1..3", "'--tag': 1..3 is a range, and the values of train.tag are no"),
        (
            "sweep --trials 3 train --lr 1..2 --tag 1..3 --tag 2",
            "'--tag': 1..3 is a range, and the values of train.tag",
        ),
        (
            "sweep --trials 3 --log batch train --lr 1..2",
            "--log: 'batch' is not a swept parameter; these are train.lr.",
        ),
        ("sweep --trials 3 --log lr train --lr 1 --lr 2", "--log: train.lr has single values, and no range."),
        ("sweep --trials 3 --log lr train --lr 0..2", "--log: train.lr: a log scale needs a range above 0"),
        ("sweep --trials 3 --over lr train --lr 0..2", "--over: the line gives train.lr a value, too"),
        ("sweep --trials 3 --over lr --train.lr 0..2", "--over: the line gives train.lr a value, too"),
    ],
)
def test_nothing_is_made_if_a_search_is_wrong(fit: Fit, line: str, message: str) -> None:
    result = fit(f"--into x {line}")
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())
    assert sorted(os.listdir()) in (["fit.py"], ["__pycache__", "fit.py"])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--over rat fitted", "--over: there is no key 'rat' in this run. Did you mean 'rate'?"),
        ("--over lr fitted --rate 1", "--over: there is no key 'lr' in this run."),
        (
            "--over folder fitted --rate 1 evaluate",
            "--over: 'folder' can be several keys: output.folder, evaluate.folder",
        ),
        ("--over name fitted --rate 1", "--over: fitted.name has neither a range nor a few values in its annotation"),
        ("--over half fitted --rate 1", "--over: fitted.half has no upper bound in its annotation: give its range"),
        ("--over below fitted --rate 1", "--over: fitted.below has no lower bound in its annotation"),
        ("--over key fitted --rate 1", "--over: fitted.key is secret, and cannot have several values"),
        ("fitted --rate 0..1", "Invalid value for '--rate': 0.0 is out of range: x>0."),
        ("fitted --rate .5..2", "Invalid value for '--rate': 2.0 is out of range: x<=1."),
        ("fitted --rate 1 --steps 8..64", "'--steps': only multiples are allowed there, so a range does not fit"),
        ("fitted --rate 1 --key 1..2", "'--key' is secret, and cannot have several values"),
    ],
)
def test_the_annotation_has_to_allow_what_is_tried(bounded: Fit, line: str, message: str) -> None:
    result = bounded(f"sweep --trials 3 {line}")
    assert result.exit_code == 2, result.output
    assert message in " ".join(result.output.split())


def test_a_secret_text_with_dots_is_no_range(fit: Fit, ran: Immediate) -> None:
    assert fit("--into x sweep --trials 2 train --lr 1..2 --token 1..2").exit_code == 0
    assert len(ran.ran) == 2


def test_a_search_is_over_what_run_stages_has(fit: Fit) -> None:
    Path("c.yml").write_text("run.stages: [train]\n$sweep: {train.lr: {from: 1, to: 2}}", encoding="utf-8")
    (found,) = jobs(fit, f"--config c.yml {SEARCH} 1")
    assert found == "--config c.yml --train.lr 1.32383 run"


def completions(fit: Fit, words: list[str], incomplete: str) -> list[str]:
    """Return what a shell offers."""
    shell = ShellComplete(fit.module.main, {}, "fit", "_FIT_COMPLETE")
    return [item.value for item in shell.get_completions(words, incomplete)]


@pytest.mark.parametrize(
    ("words", "incomplete", "expected"),
    [
        ("sweep --log", "train", ["train.lr", "train.batch", "train.optim.rate", "train.optim.momentum"]),
        ("sweep --log", "train.lr,fitted.r", ["train.lr,fitted.rate"]),
        (
            "sweep --over",
            "fitted",
            ["fitted.rate", "fitted.depth", "fitted.kind", "fitted.color", "fitted.shuffle"],
        ),
        ("--into x sweep --minimize", "e", ["evaluate"]),
        ("--into x sweep --minimize", "t", []),
        ("--into nothing sweep --maximize", "", []),
        ("sweep --maximize", "", []),
        ("sweep --trials 3 train --lr 1..", "--lay", ["--layers"]),
        ("sweep --trials 3 train --lr 2..1 --batch ..", "--lay", ["--layers"]),
    ],
)
def test_the_values_of_the_options_are_completed(
    bounded: Fit, ran: Immediate, words: str, incomplete: str, expected: list[str]
) -> None:
    assert bounded("--into x sweep train --lr 1 --lr 2").exit_code == 0
    assert completions(bounded, words.split(), incomplete) == expected


def test_help_shows_the_options_of_a_search(fit: Fit) -> None:
    text = fit("sweep --help").output
    for flag in ("--trials N", "--seed N", "--log KEY,KEY", "--over KEY,KEY", "--minimize RESULT", "--maximize RESULT"):
        assert flag in text


def test_click_decorators_are_no_axes(fit: Fit) -> None:
    @fit.binder.stage(name="clicked")
    @click.option("--speed", type=int)
    def clicked(speed: int, lr: float = 1.0) -> None:
        """Do as Click does."""

    result = fit("sweep --trials 2 clicked --lr 1..2 --speed 1..2")
    assert result.exit_code == 2
    assert "Invalid value for '--speed'" in result.output


def test_a_process_without_ranges_imports_nothing_of_a_search(fit: Fit) -> None:
    code = "import sys, fit; fit.main(['train'], standalone_mode=False); print([*sys.modules])"
    done: Any = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert "clickbind.cli.search" not in done.stdout
    assert "clickbind.sweeps" not in done.stdout
