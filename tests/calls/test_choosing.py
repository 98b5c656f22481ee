"""Errors about a class that has to be chosen say how, in words that work when they are typed."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner

import clickbind


@dataclass
class Adam:
    lr: float = 1e-3


@dataclass
class SGD:
    lr: float = 1e-2
    momentum: Annotated[float, clickbind.Option("-m", envvar="MOMENTUM")] = 0.0
    nesterov: bool = False


class Base:
    pass


class One(Base):
    def __init__(self, size: int = 1) -> None:
        self.number = size


class Two(Base):
    def __init__(self, rate: int = 1) -> None:
        self.number = rate


class Around(Base):
    def __init__(self, inner: Base, depth: int = 0) -> None: ...


class Program:
    """A program with classes to choose for a stage, and for a function under a scope."""

    def __init__(self, *, envvar_prefix: str | None = "prog") -> None:
        self.binder = binder = clickbind.Binder("prog", envvar_prefix=envvar_prefix)
        self.made: list[Any] = []
        for cls in One, Two, Around:
            binder.bind(cls)

        @binder.bind("train")
        def build(optim: Adam | SGD = Adam()) -> None:  # noqa: B008 - only read
            self.made.append(optim)

        @binder.stage
        def train(
            optim: Annotated[Adam | SGD, clickbind.Option(envvar="OPTIM" if envvar_prefix is None else None)] = Adam(),  # noqa: B008
            base: Base = Base(),  # noqa: B008 - only read
            one: Base = One(5),  # noqa: B008 - only read
        ) -> None:
            self.made.append((optim, base, one))
            with binder.scope("train"):
                build()

        self.build = build
        self.main = binder.command()

    def error(self, *words: str, **extra: Any) -> str:
        """Return the error of a line."""
        result = CliRunner().invoke(self.main, words, prog_name="prog", **extra)
        assert result.exit_code == 2, result.output
        return " ".join(result.output.rpartition("Error: ")[2].split())

    def run(self, *words: str, **extra: Any) -> None:
        """Run a line."""
        result = CliRunner().invoke(self.main, words, prog_name="prog", **extra)
        assert result.exit_code == 0, result.output


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    return Program()


def cure_in(error: str) -> str:
    """Return how to choose the class, from an error."""
    return error.rpartition(" with ")[2].removesuffix(".")


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("train --optim.momentum 1", "train --optim.momentum 1 --optim SGD"),
        ("train --optim.nesterov", "train --optim.nesterov --optim SGD"),
        ("train --no-optim.nesterov", "train --no-optim.nesterov --optim SGD"),
        ("train -m 1", "train -m 1 --train.optim SGD"),
        ("--train.optim.momentum 1 train", "--train.optim.momentum 1 train --train.optim SGD"),
        ("run train --optim.momentum 1 train", "run train --optim.momentum 1 --optim SGD train"),
        ("--train/build.optim.momentum 1", "--train/build.optim.momentum 1 --train/build.optim SGD"),
        (
            "--train.optim SGD --train.optim.momentum 1 train --optim Adam",
            "--train.optim SGD --train.optim.momentum 1 train --optim SGD",
        ),
        ("train --base.rate 1", "train --base.rate 1 --base Two"),
        ("train --one.size 1", "train --one.size 1 --one One"),
        ("train --base Around", "train --base Around --base.inner One"),
        ("--train.base Around train", "--train.base Around train --train.base.inner One"),
    ],
)
def test_an_option_is_chosen_as_the_field_was_typed(program: Program, line: str, cure: str) -> None:
    option = cure_in(program.error(*line.split())).strip("'")
    assert option in cure
    program.run(*cure.split())


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("train.optim.momentum: 1", "train.optim: SGD"),
        ("train: {optim: {momentum: 1}}", "train.optim: SGD"),
        ("train/build.optim.momentum: 1", "train/build.optim: SGD"),
        ("train.base: Around", "train.base.inner: One"),
    ],
)
def test_a_key_of_a_file_is_whole(program: Program, text: str, key: str) -> None:
    path = Path("f.yml")
    path.write_text(text, encoding="utf-8")
    found = cure_in(program.error("--config", "f.yml", "train"))
    assert found == f"'{key}'"
    path.write_text(f"{text}\n{key}\n", encoding="utf-8")
    program.run("--config", "f.yml", "train")


def test_a_turn_of_a_file_chooses_its_own(program: Program) -> None:
    path = Path("f.yml")
    path.write_text("run.stages: [{train: {optim.momentum: 1}}]", encoding="utf-8")
    assert program.error("--config", "f.yml").endswith(" Choose it with 'optim: SGD' in the turn.")
    path.write_text("run.stages: [{train: {optim.momentum: 1, optim: SGD}}]", encoding="utf-8")
    program.run("--config", "f.yml")
    path.write_text("run.stages: [{train: {base.rate: 1}}]\ntrain.optim.momentum: 1", encoding="utf-8")
    assert " Choose it with 'train.optim: SGD'. Invalid value for train.base: " in program.error("--config", "f.yml")


def test_a_variable_is_chosen_by_another(program: Program) -> None:
    env = {"PROG_TRAIN_OPTIM_MOMENTUM": "1"}
    assert cure_in(program.error("train", env=env)) == "'PROG_TRAIN_OPTIM=SGD'"
    program.run("train", env={**env, "PROG_TRAIN_OPTIM": "SGD"})


def test_a_variable_of_a_mark_is_chosen_by_one_or_by_an_option() -> None:
    program, env = Program(envvar_prefix=None), {"MOMENTUM": "1"}
    error = program.error("train", env=env)
    assert all(f" Choose it with {cure}." in error for cure in ("'OPTIM=SGD'", "'--build.optim SGD'"))
    program.run("--build.optim", "SGD", "train", env={**env, "OPTIM": "SGD"})


@dataclass
class Needy:
    steps: int
    size: int
    label: str = ""


@pytest.mark.parametrize(
    ("line", "env", "text", "cure"),
    [
        ("train --any-one Needy", {}, "", "'--any-one.steps'"),
        ("--train.any_one Needy train", {}, "", "'--train.any_one.steps'"),
        ("--train/build.any_one.label x", {}, "", "'--train/build.any_one.steps'"),
        ("train", {"PROG_TRAIN_ANY_ONE": "Needy"}, "", "'PROG_TRAIN_ANY_ONE_STEPS'"),
        ("train", {}, "train.any_one: Needy", "'train.any_one.steps'"),
        ("train", {}, "train/build.any_one: Needy", "'train/build.any_one.steps'"),
        ("", {}, "run.stages: [{train: {any_one: Needy}}]", "'any_one.steps' in the turn"),
    ],
)
def test_a_field_is_set_as_the_class_was_chosen(
    line: str, env: dict[str, str], text: str, cure: str, tmp_path: Path
) -> None:
    binder = clickbind.Binder("prog", envvar_prefix="prog")

    @binder.bind("train")
    def build(any_one: Adam | Needy | None = None) -> None: ...

    @binder.stage
    def train(any_one: Adam | Needy | None = None) -> None: ...

    (tmp_path / "f.yml").write_text(text, encoding="utf-8")
    words = ["--config", str(tmp_path / "f.yml"), *line.split()]
    result = CliRunner().invoke(binder.command(), words, prog_name="prog", env=env)
    expected = f"any_one: Needy also needs a value for steps, size. Set each, as with {cure}."
    assert expected in " ".join(result.output.split())
    with binder.scope({"build.any_one": "Needy"}), pytest.raises(clickbind.ClickbindError) as caught:
        build()
    assert str(caught.value).endswith(" Set each, as with 'build.any_one.steps'.")


def test_the_highest_layer_with_a_field_chooses(program: Program) -> None:
    Path("f.yml").write_text("train.base.size: 1", encoding="utf-8")
    assert cure_in(program.error("--config", "f.yml", "train", "--base.size", "2")) == "'--base One'"


def test_values_of_a_program_are_chosen_in_python(program: Program) -> None:
    given = {"train": {"optim": {"momentum": 1}}}
    assert cure_in(program.error("train", default_map=given)) == "{'train.optim': 'SGD'}"
    with program.binder.scope({"build.optim.momentum": 1}), pytest.raises(clickbind.ClickbindError) as caught:
        program.build()
    assert str(caught.value) == (
        "build.optim.momentum: Adam has no field 'momentum', which 'scope' sets; SGD has it. Choose it with "
        "{'build.optim': 'SGD'}."
    )
    with program.binder.scope({"build.optim.momentum": 1, "build.optim": "SGD"}):
        program.build()
    assert program.made.pop() == SGD(momentum=1)


def test_classes_are_offered_once(program: Program) -> None:
    assert program.error("train", "--base.rate", "1") == (
        "Invalid value for train.base: its default is of class Base. Choose one of the classes One, Two, Around, as "
        "with '--base Two'."
    )
