"""Differences between what a line would run and what a file alone would run, and templates of what is missing."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner, Result

import clickbind


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**files: str) -> None:
    for name, text in files.items():
        Path(f"{name}.yml").write_text(text, encoding="utf-8")


@dataclass
class Schedule:
    steps: int
    warm: int = 0

    def __post_init__(self) -> None:
        if self.steps < 0:
            raise ValueError("steps must not be negative")


@dataclass
class Optim:
    lr: float
    schedule: Schedule
    name: str = "adam"


Run = Callable[..., Result]


def make(**settings: Any) -> click.Group:
    binder = clickbind.Binder("exp", **settings)

    @binder.context
    @contextmanager
    def output(folder: str) -> Iterator[None]:
        yield

    @binder.bind("train")
    def loader(schedule: Schedule | None = None, size: int = 1) -> None: ...

    @binder.stage
    def train(
        data: str,
        optim: Optim,
        other: Schedule | None = None,
        fixed: Schedule = Schedule(3),  # noqa: B008 - a default to replace
        token: Annotated[str, clickbind.Option(secret=True)] = "default",
        *,
        epochs: int = 5,
    ) -> None: ...

    @binder.stage
    def evaluate(metric: str = "acc", seconds: float = 1.5) -> None: ...

    return binder.command()


@pytest.fixture
def run() -> Run:
    main = make(config="auto.yml", envvar_prefix="EXP")
    return lambda line, **more: CliRunner().invoke(main, line, prog_name="exp", **more)


def difference(result: Result) -> str:
    assert result.exit_code == (1 if result.stdout else 0), result.output
    assert result.stderr == ""
    return result.stdout


FULL = """\
output.folder: .
train: {data: d, epochs: 9, optim: {lr: 1, schedule.steps: 2}}
run.stages: [train, evaluate]
"""


TEMPLATE = """\
evaluate.metric: acc  # default
evaluate.seconds: 1.5  # default

loader.schedule: null  # default
loader.size: 1  # default

# output.folder: (required)

run.stages:  # {origin}
- train
{rest}
# train.data: (required)
train.epochs: 5  # default
train.fixed.steps: 3  # default
train.fixed.warm: 0  # default
# train.optim.lr: (required)
train.optim.name: adam  # default
# train.optim.schedule.steps: (required)
train.optim.schedule.warm: 0  # default
train.other: null  # default
# train.token: secrets are not written
"""


@pytest.mark.parametrize("line", ["--print-config train", "train --print-config", "run train --print-config"])
def test_a_template_has_what_is_missing_in_its_place(run: Run, line: str) -> None:
    printed = run(line)
    assert (printed.exit_code, printed.stderr) == (0, "")
    assert printed.stdout == TEMPLATE.format(origin="the command line", rest="")
    write(f=printed.stdout)
    again = run("--config f.yml --print-config")
    assert again.exit_code == 0
    assert [line.partition("  #")[0] for line in again.stdout.splitlines()] == [
        line.partition("  #")[0] for line in printed.stdout.splitlines()
    ]
    assert difference(run("--config f.yml --diff f.yml")) == ""
    write(f=printed.stdout.replace("# train.data: (required)", "train.data: x"))
    assert "Missing option" in run("--config f.yml").stderr


def test_what_changed_has_what_is_missing_too(run: Run) -> None:
    assert run("--print-changed --train.optim.name sgd --loader.size 3").stdout == (
        "loader.size: 3  # --loader.size\n\n# output.folder: (required)\n\n# train.data: (required)\n"
        "# train.optim.lr: (required)\ntrain.optim.name: sgd  # --train.optim.name\n"
        "# train.optim.schedule.steps: (required)\n"
    )


def test_fields_that_were_begun_are_completed_in_a_template(run: Run) -> None:
    printed = run(
        "--print-changed --train.other.warm 3 --loader.schedule.warm 2 --train/loader.schedule.warm 4 evaluate"
    )
    assert printed.stdout.startswith(
        "# loader.schedule.steps: (required)\nloader.schedule.warm: 2  # --loader.schedule.warm\n\n"
    )
    assert "# train.other.steps: (required)\ntrain.other.warm: 3  # --train.other.warm\n" in printed.stdout
    assert "train/loader.schedule.warm: 4  # --train/loader.schedule.warm\n" in printed.stdout
    assert run("--print-changed --train/loader.schedule.warm 4 evaluate").stdout.endswith(
        "# train/loader.schedule.steps: (required)\ntrain/loader.schedule.warm: 4  # --train/loader.schedule.warm\n"
    )
    assert run("--print-changed --loader.schedule.steps 1 --train/loader.schedule.warm 4").exit_code == 0
    needed = "--output.folder . --train.optim.lr 1 --train.optim.schedule.steps 2 --train.other.warm 3"
    assert "other: Schedule also needs a value for steps." in run(f"{needed} train --data x").stderr
    assert "steps must not be negative" in run("--print-config --train.fixed.steps -1").stderr


def test_a_part_of_the_turns_has_its_options_as_origin() -> None:
    binder = clickbind.Binder("prog")
    for name in ("load", "fit", "test"):
        binder.stage(lambda: None, name=name)
    main = binder.command()
    write(f="")
    for line, title, run, origin in [
        ("--until fit --diff f.yml", "this line", "load, fit", "--until"),
        ("--config f.yml --from fit --until fit --diff f.yml", "this line", "fit", "--from, --until"),
    ]:
        result = CliRunner().invoke(main, line)
        assert (result.exit_code, result.stdout) == (
            1,
            f"run.stages\n  {title}: {run}  # {origin}\n  f.yml: load, fit, test  # default\n",
        )
    assert "run.stages:  # --from\n- test\n" in CliRunner().invoke(main, "--from test --print-changed").stdout


def test_a_turn_may_lack_values_too_but_not_have_wrong_ones(run: Run) -> None:
    line = "--print-config run train --other.warm 3 train --fixed.steps"
    printed = run(f"{line} 4")
    assert printed.exit_code == 0
    assert (
        "- train:\n    other.warm: 3  # --other.warm\n- train:\n    fixed.steps: 4  # --fixed.steps\n" in printed.stdout
    )
    assert "Error: Invalid value for train.fixed: Schedule cannot be made of this: steps" in run(f"{line} -4").stderr


def test_what_may_be_left_out_of_a_model_is_not_missing() -> None:
    @dataclass
    class Outer:
        need: int
        inner: Schedule | None = None
        made: Schedule = field(default_factory=lambda: Schedule(1))

    binder = clickbind.Binder("exp")

    @binder.stage
    def f(outer: Outer, plain: int = 1) -> None: ...

    f.__annotations__["outer"] = Outer
    main = binder.command()
    for line, names in (("", ["need"]), (" --f.outer.inner.warm 2", ["inner.steps", "need"])):
        printed = CliRunner().invoke(main, f"--print-config{line}").stdout
        assert re.findall(r"# f.outer.(.*): \(required\)", printed) == names


def test_missing_values_stop_neither_side_of_a_difference(run: Run) -> None:
    write(f=FULL.replace("data: d, ", ""))
    assert difference(run("--diff f.yml evaluate")).startswith(
        "output.folder\n  this line: (required)\n  f.yml: '.'  # f.yml:1\n\nrun.stages\n"
    )
    assert difference(run("--config f.yml --diff f.yml")) == ""
    assert difference(run("--config f.yml --diff f.yml --train.data x")) == (
        "train.data\n  this line: x  # --train.data\n  f.yml: (required)\n"
    )


def test_saving_and_running_need_every_value(run: Run) -> None:
    for line in ("--save s.yml train", "train", "--debug train"):
        result = run(line)
        assert (result.exit_code, "Missing option" in result.stderr) == (2, True)
    assert not Path("s.yml").exists()


def test_what_is_missing_for_a_stage_that_does_not_run_is_left_out_of_a_saved_file(run: Run) -> None:
    line = "--output.folder . --train.optim.name sgd --train.other.warm 3 evaluate"
    assert run(f"--save s.yml {line}").exit_code == 0
    saved = Path("s.yml").read_text(encoding="utf-8")
    assert "\ntrain.optim.name: sgd\ntrain.optim.schedule.warm: 0\ntrain.other.warm: 3\n" in saved
    assert "(required)" not in saved
    refused = run("--save s.yml --output.folder . --train.fixed.steps -1 evaluate")
    assert (refused.exit_code, refused.stdout) == (2, "")
    assert (
        "Invalid value for train.fixed: Schedule cannot be made of this: steps must not be negative" in refused.stderr
    )
    assert run("--config s.yml").exit_code == 0
    assert difference(run(f"{line} --diff s.yml")) == ""


def test_a_default_file_is_below_both_sides(run: Run) -> None:
    write(auto=f"{FULL}loader.size: 7\n", f="train.epochs: 4\n")
    assert difference(run("--config f.yml --diff f.yml")) == ""
    assert difference(run("--diff auto.yml")) == ""
    assert difference(run("--diff f.yml")) == ("train.epochs\n  auto.yml: 9  # auto.yml:2\n  f.yml: 4  # f.yml:1\n")
    assert difference(run("--diff f.yml --loader.size 8")).startswith(
        "loader.size\n  this line: 8  # --loader.size\n  f.yml: 7  # auto.yml:4\n\ntrain.epochs\n"
    )
    assert difference(run("--no-config --diff f.yml")) == (
        "train.epochs\n  the defaults: 5  # default\n  f.yml: 4  # f.yml:1\n"
    )


def test_two_files_are_compared_without_a_line(run: Run) -> None:
    write(a=FULL, b="$include: a.yml\ntrain.epochs: 3\nrun.stages: [evaluate]\n", c="train.data: c\n")
    assert difference(run("--config b.yml --diff a.yml")) == (
        "run.stages\n  b.yml: evaluate  # b.yml:3\n  a.yml: train, evaluate  # a.yml:3\n\n"
        "train.epochs\n  b.yml: 3  # b.yml:2\n  a.yml: 9  # a.yml:2\n"
    )
    assert difference(run("--config a.yml --config c.yml --diff a.yml")) == (
        "train.data\n  a.yml, c.yml: c  # c.yml:1\n  a.yml: d  # a.yml:2\n"
    )


def test_the_environment_and_a_default_map_are_compared_as_they_apply(run: Run) -> None:
    write(f=FULL)
    assert difference(run("--config f.yml --diff f.yml", env={"EXP_TRAIN_EPOCHS": "7"})) == (
        "train.epochs\n  this run: 7  # EXP_TRAIN_EPOCHS\n  f.yml: 9  # f.yml:2\n"
    )
    embedding = {"loader": {"size": 8}, "train": {"epochs": 7}}
    assert difference(run("--config f.yml --diff f.yml", default_map=embedding)) == ""


def test_stages_of_a_difference_are_read_on_one_line_unless_they_have_values(run: Run) -> None:
    write(f=f"{FULL}", g=FULL.replace("[train, evaluate]", "[evaluate: {metric: f1}, evaluate: {metric: auc}]"))
    assert difference(run("--diff f.yml --config f.yml run evaluate train")) == (
        "run.stages\n  this line: evaluate, train  # the command line\n  f.yml: train, evaluate  # f.yml:3\n"
    )
    assert difference(run("--diff f.yml --config g.yml")) == (
        "run.stages\n  g.yml:  # g.yml:3\n    - evaluate:\n        metric: f1\n    - evaluate:\n        metric: auc\n"
        "  f.yml: train, evaluate  # f.yml:3\n"
    )
    write(f=FULL.replace("[train, evaluate]", "[]"))
    assert difference(run("--diff f.yml --config f.yml evaluate")) == (
        "run.stages\n  this line: evaluate  # the command line\n  f.yml: []  # f.yml:3\n"
    )


def test_of_secrets_a_difference_says_only_that_they_differ(run: Run) -> None:
    write(f=FULL, g=f"{FULL}train.token: hunter2\n")
    assert difference(run("--config f.yml --diff f.yml --train.token hunter3")) == ""  # files have no secrets
    assert difference(run("--config g.yml --diff g.yml --train.token hunter2")) == ""
    assert difference(run("--config g.yml --diff g.yml --train.token hunter3")) == (
        "train.token\n  this line: ***  # --train.token\n  g.yml: ***  # g.yml:4\n"
    )


def test_a_secret_that_cannot_be_compared_is_no_difference() -> None:
    class Key:
        def __repr__(self) -> str:
            raise ValueError("hunter2")

    binder = clickbind.Binder("exp")

    @binder.stage
    def f(key: Annotated[Any, clickbind.Option(secret=True)] = None) -> None: ...

    write(f="f.key: hunter2\n")
    main = binder.command()
    result = CliRunner().invoke(main, ["--diff", "f.yml"], default_map={"f": {"key": Key()}})
    assert difference(result) == ""


def test_variables_of_the_line_fill_only_what_the_file_leaves_open(run: Run) -> None:
    write(
        f=f"$vars: {{e: 3}}\n{FULL.replace('epochs: 9', 'epochs: $e')}evaluate: {{metric: $m, seconds: '${{s:-2}}'}}\n"
    )
    write(f=Path("f.yml").read_text(encoding="utf-8").replace("'${s:-2}'", '"${s:-2}"'))
    assert difference(run("--config f.yml --diff f.yml --var m=f1")) == ""
    assert difference(run("--config f.yml --diff f.yml --var m=f1 --var e=4 --var s=3")) == (
        "evaluate.seconds\n  this line: 3.0  # f.yml:5\n  f.yml: 2.0  # f.yml:5\n\n"
        "train.epochs\n  this line: 4  # f.yml:3\n  f.yml: 3  # f.yml:3\n"
    )


def test_a_file_that_is_wrong_is_told(run: Run) -> None:
    write(f=f"{FULL}train.fixed.steps: -1\n", auto=FULL)
    result = run("--diff f.yml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert "Invalid value for train.fixed: Schedule cannot be made of this: steps must not be negative" in result.stderr
    assert "cannot be read" in run("--diff no.yml").stderr
