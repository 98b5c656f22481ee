"""The flags of the root, and how their spellings lead to one option."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import clickbind
from tests.conftest import Program, completions


@pytest.mark.parametrize("flag", ["--train.model_type", "--train.model-type", "--model-type", "--model_type"])
def test_dashes_and_underscores_are_one(program: Program, flag: str) -> None:
    assert program("train", flag, "rnn").exit_code == 0
    assert program.got("train.model_type") == ["rnn"]


@pytest.mark.parametrize("flag", ["--fine_tune.warm_up", "--fine-tune.warm-up", "--my_data/fine-tune.warm_up"])
def test_dashes_and_underscores_are_one_in_functions_and_scopes(program: Program, flag: str) -> None:
    @program.binder.bind("my_data")
    def fine_tune(warm_up: int = 0) -> int:
        return warm_up

    def report() -> int:
        with program.binder.scope("my_data"):
            return fine_tune()

    program.binder.stage(report)
    assert program.main([flag, "3", "report"], standalone_mode=False) == 3


@pytest.mark.parametrize(
    ("flag", "value"),
    [("--prepare.shuffle", True), ("--no-prepare.shuffle", False), ("--no_prepare.shuffle", False)],
)
def test_a_boolean_is_a_pair_of_flags(program: Program, flag: str, value: bool) -> None:
    program(flag, "run", "prepare")
    assert program.got("prepare.shuffle") == [value]


@pytest.mark.parametrize(("flag", "value"), [("--shuffle", True), ("--no-shuffle", False), ("--no_shuffle", False)])
@pytest.mark.parametrize("default", [True, False, None])
def test_a_boolean_of_a_stage_is_a_pair_of_flags_whatever_its_default(
    default: bool | None, flag: str, value: bool
) -> None:
    binder = clickbind.Binder("prog")

    def train(shuffle: bool | None = default) -> bool | None:
        return shuffle

    binder.stage(train)
    assert binder.command()(["train", flag], standalone_mode=False) is value
    assert binder.command()(["train"], standalone_mode=False) is default


def test_what_is_no_boolean_has_no_negation(program: Program) -> None:
    assert program("--no-train.epochs", "train").exit_code == 2
    assert program("train", "--no-epochs").exit_code == 2


def _cache(*, cache: bool = True, no_cache: bool = False) -> tuple[bool, bool]:
    return cache, no_cache


@pytest.mark.parametrize("flag", ["--no-cache", "--no_cache", "--train.no_cache", "--train.no-cache"])
def test_a_real_parameter_wins_over_the_negation_of_another(flag: str) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(_cache, name="train")
    assert binder.command()(["train", flag], standalone_mode=False) == (True, True)


def test_the_negation_of_what_a_real_parameter_takes_is_not_in_the_help() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(_cache, name="train")
    output = CliRunner().invoke(binder.command(), ["train", "--help"]).output
    assert "  --cache  " in output
    assert "  --no-cache / --no-no-cache  " in output


def test_the_dotted_negation_stays_where_a_real_parameter_takes_the_plain_one() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(_cache, name="train")
    assert binder.command()(["train", "--no-train.cache"], standalone_mode=False) == (False, False)


@pytest.mark.parametrize("name", ["_private", "__dunder", "trailing_", "camelCase", "x"])
def test_a_parameter_is_found_under_its_flag(name: str) -> None:
    namespace: dict[str, Any] = {}
    exec(f"def train({name}: int = 1): return {name}", namespace)
    binder = clickbind.Binder("prog")
    binder.stage(namespace["train"])
    for line in (["train", f"--{name}", "3"], ["train", f"--train.{name}", "3"]):
        assert binder.command()(line, standalone_mode=False) == 3


def test_a_function_may_be_named_with_a_dot() -> None:
    class Model:
        @staticmethod
        def fit(epochs: int = 1) -> int:
            return epochs

    binder = clickbind.Binder("prog")
    fit = binder.bind(Model.fit)
    binder.stage(lambda: fit(), name="train")  # noqa: PLW0108 - the bound function itself is no stage
    assert binder.command()(["train", "--Model.fit.epochs", "3"], standalone_mode=False) == 3


@pytest.mark.parametrize("line", ["--train.epochs 3 data train", "data train --epochs 3"])
def test_an_argument_that_the_root_is_given_stands_before_the_stage(line: str) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(epochs: int = 1) -> tuple[str, int]:
        return click.get_current_context().find_root().params["place"], epochs

    main = binder.command(params=[click.Argument(["place"])])
    assert main(line.split(), standalone_mode=False) == ("data", 3)


def test_old_spellings_of_the_roots_options_are_kept(program: Program) -> None:
    Path("old.yml").write_text("peek.count: 3\nrun.stages: [peek]")
    result = program("--args.load", "old.yml", "--args.save", "new.yml", "--args.debug", "1")
    assert result.output.startswith("run(\n")
    assert program.got("peek.count") == [3]
    assert "peek.count: 3\n" in Path("new.yml").read_text()


def test_an_old_spelling_may_stand_behind_a_stage(program: Program) -> None:
    Path("old.yml").write_text("train.epochs: 3")
    program("run", "peek", "train", "--args.load", "old.yml")
    assert program.got("train.epochs") == [3]


OLD = ["train --args.load old.yml --args.save new.yml --args.debug 1"]
OLD += [f"run {line}" for line in OLD] + [f"run peek {line} peek" for line in OLD]


@pytest.mark.parametrize("line", OLD)
def test_an_old_spelling_behind_a_stage_never_touches_its_own_parameters(
    line: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    binder = clickbind.Binder("prog")
    got = []

    @binder.stage
    def train(config: str = "a", save: str = "b", debug: bool = False, epochs: int = 1) -> None:
        got.append((config, save, debug, epochs))

    binder.stage(lambda: None, name="peek", default=False)
    Path("old.yml").write_text("train.epochs: 3")
    result = CliRunner().invoke(binder.command(), line.split())
    assert result.exit_code == 0
    assert got == [("a", "b", False, 3)]
    assert result.output.startswith("run(\n")
    saved = Path("new.yml").read_text()
    assert "train.config: a\ntrain.debug: false\ntrain.epochs: 3\ntrain.save: b\n" in saved


def test_an_old_spelling_stands_beside_a_parameter_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(config: str = "a", debug: bool = False, epochs: int = 1) -> tuple[str, bool, int]:
        return config, debug, epochs

    Path("old.yml").write_text("train.epochs: 3")
    line = "train --config b --debug --args.load old.yml --args.debug 0"
    assert binder.command()(line.split(), standalone_mode=False) == ("b", True, 3)


def test_the_old_debug_takes_a_value(program: Program) -> None:
    assert program("peek", "--args.debug", "0").output == ""
    assert program("peek", "--args.debug", "x").exit_code == 2


def test_old_spellings_are_hidden(program: Program) -> None:
    assert "args." not in program("--help").output
    assert program.complete("", "--args") == []
    assert program("--args.laod", "x").output.count("args.") == 1


@pytest.mark.parametrize("flag", ["--dry-run", "--dry_run"])
@pytest.mark.parametrize("line", ["{} train", "train {}"])
def test_dashes_and_underscores_are_one_in_options_that_the_root_is_given(line: str, flag: str) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda: click.get_current_context().find_root().params["dry_run"], name="train")
    main = binder.command(params=[click.Option(["--dry-run"], is_flag=True)])
    assert main(line.format(flag).split(), standalone_mode=False) is True


@pytest.mark.parametrize("typed", ["--train.m", "--train.model-", "--train.model_"])
def test_completion_folds_dashes_into_underscores(program: Program, typed: str) -> None:
    assert program.complete("", typed) == ["--train.model_type"]


def test_completion_offers_no_flag_of_a_hidden_function() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda speed=1, quiet=False: (speed, quiet), name="secret", hidden=True)
    main = binder.command()
    assert completions(main, "", "--secret") == []
    assert completions(main, "", "--no-secret") == []


def test_completion_offers_negations_once_they_are_begun(program: Program) -> None:
    assert program.complete("", "--no-") == ["--no-prepare.shuffle"]
    assert program.complete("", "--no-p") == ["--no-prepare.shuffle"]
    assert program.complete("", "--no-t") == []


def test_only_functions_that_can_have_the_flag_are_looked_at(program: Program) -> None:
    class Opaque: ...

    def wrong(what: Opaque) -> None: ...

    program.binder.stage(wrong)
    assert program.complete("", "--peek.") == ["--peek.count"]
