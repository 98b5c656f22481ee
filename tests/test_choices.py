"""Choose the class of a parameter and set its fields: on the line, in files, in other layers, and from a saved run."""

from __future__ import annotations

import json
import pickle
from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Generic, NamedTuple, Protocol, TypedDict, TypeVar

import attrs
import pydantic
import pytest
from click.testing import CliRunner, Result
from hypothesis import given, settings
from hypothesis import strategies as st

import clickbind
from tests.conftest import completions, in_new_words, processor_seconds

T = TypeVar("T")


@dataclass
class Adam:
    """Adapt the rate of each weight.

    Parameters
    ----------
    lr : float
        Learning rate.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.99)
    mode: int = 1


@dataclass
class SGD:
    lr: float = 1e-2
    momentum: float = 0.0
    mode: str = "fast"
    nesterov: bool = False


@attrs.define
class Lion:
    lr: float = 1e-4
    wd: float = 0.0


class Prodigy(pydantic.BaseModel):
    lr: float = 1.0
    d0: float = 1e-6


class Rprop(NamedTuple):
    low: float = 0.5
    high: float = 1.2


@dataclass
class Strict:
    lr: float = 1.0

    def __post_init__(self) -> None:
        if self.lr < 0:
            raise ValueError("negative")


class Box(Generic[T]):
    pass


@dataclass
class Pair(Generic[T]):
    one: T
    two: T


class Empty(TypedDict, total=False):
    nothing: int


class Program:
    """A program whose stage has a parameter ``optim``; ``made`` has its values."""

    def __init__(self, annotation: Any, default: Any = ..., *bound: type, **binder: Any) -> None:
        self.made: list[Any] = []

        def required(optim: Any) -> None:
            self.made.append(optim)

        def optional(optim: Any = default) -> None:
            self.made.append(optim)

        function = required if default is ... else optional
        function.__annotations__["optim"] = annotation
        self.binder = clickbind.Binder("prog", **binder)
        self.train = self.binder.stage(function, name="train")
        self.bound = [self.binder.bind(cls) for cls in bound]
        self.main = self.binder.command()

    def type(self, *line: str, **extra: Any) -> Result:
        return CliRunner().invoke(self.main, line, prog_name="prog", **extra)

    def __call__(self, *line: str, **extra: Any) -> Any:
        result = self.type(*line, **extra)
        assert result.exit_code == 0, f"{result.output}{result.exception!r}"
        return self.made.pop()

    def error(self, *line: str, **extra: Any) -> str:
        result = self.type(*line, **extra)
        assert result.exit_code == 2, f"{result.output}{result.exception!r}"
        assert not self.made
        return in_new_words(result.output).rpartition("Error: ")[2].rstrip("\n")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def program() -> Program:
    return Program(Adam | SGD, Adam(betas=(0, 1)), envvar_prefix="prog")


def write(text: str, name: str = "f.yml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return name


# On the line.


def test_without_a_choice_the_class_and_the_values_of_the_default_stay(program: Program) -> None:
    assert program("train") == Adam(betas=(0, 1))
    assert program("train", "--optim.lr", "1") == Adam(1.0, betas=(0, 1))


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("train --optim SGD", SGD()),
        ("--train.optim SGD --train.optim.lr .1", SGD(0.1)),
        ("train --optim.lr .1 --train.optim SGD", SGD(0.1)),
        ("--train.optim.class SGD train", SGD()),
        ("train --optim Adam", Adam(betas=(0, 1))),
        ("train --optim SGD --optim.nesterov", SGD(nesterov=True)),
        ("train --optim SGD --optim.mode 7", SGD(mode="7")),
        ("train --optim.mode 7", Adam(mode=7, betas=(0, 1))),
        ("train --optim SGD --optim Adam", Adam(betas=(0, 1))),
        ("train --optim.class SGD", SGD()),
        ("run train --optim SGD --optim.class=Adam", Adam(betas=(0, 1))),
    ],
)
def test_a_class_is_chosen_and_its_fields_are_set(program: Program, line: str, value: object) -> None:
    made = program(*line.split())
    assert made == value
    assert type(made) is type(value)


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (
            "--train.optim Adm",
            "Invalid value for '--train.optim': 'Adm' is not one of the classes 'Adam', 'SGD'. Did you mean 'Adam'?",
        ),
        (
            "train --optim sgd",
            "Invalid value for '--optim': 'sgd' is not one of the classes 'Adam', 'SGD'. Did you mean 'SGD'?",
        ),
        ("train --optim none", "Invalid value for '--optim': 'none' is not one of the classes 'Adam', 'SGD'."),
        (
            "train --optim.momentum .9",
            ("Invalid value for train.optim.momentum: Adam has no field 'momentum', which '--optim.momentum' sets; SGD "
            "has it. Choose it with '--optim SGD'."),
        ),
        (
            "--train.optim.nesterov train",
            ("Invalid value for train.optim.nesterov: Adam has no field 'nesterov', which '--train.optim.nesterov' "
            "sets; SGD has it. Choose it with '--train.optim SGD'."),
        ),
        (
            "--no-train.optim.nesterov train",
            ("Invalid value for train.optim.nesterov: Adam has no field 'nesterov', which '--no-train.optim.nesterov' "
            "sets; SGD has it. Choose it with '--train.optim SGD'."),
        ),
        (
            "train --optim.mode slow",
            "Invalid value for train.optim.mode: 'slow' is not a valid integer. (Adam, set by '--optim.mode')",
        ),
        ("train --optim.rho 1", "No such option '--optim.rho'. (Did you mean one of: '--optim.lr', '--optim.mode'?)"),
    ],
)  # fmt: skip
def test_a_wrong_choice_or_field_is_an_error_with_the_cure(program: Program, line: str, error: str) -> None:
    found = program.error(*line.split())
    assert found == error or (found.startswith(error.partition("(Did")[0]) and "(Did" in error)


def test_a_field_that_several_other_classes_have_names_them() -> None:
    program = Program(Lion | Adam | SGD, Lion())
    assert "mode', which '--optim.mode' sets; Adam, SGD have it. Choose it with '--optim Adam'." in program.error(
        "train", "--optim.mode", "1"
    )


def test_a_value_that_no_class_accepts_is_refused_at_once() -> None:
    @dataclass
    class One:
        n: int = 1

    @dataclass
    class Two:
        n: float = 1

    program = Program(One | Two, One())
    assert program.error("train", "--optim.n", "x") == "Invalid value for '--optim.n': 'x' is not a valid integer."


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("train", None),
        ("train --optim none", None),
        ("train --optim SGD", SGD()),
        ("train --optim.lr .5", Adam(0.5)),
        ("train --optim.momentum .5", SGD(momentum=0.5)),
        ("train --optim.mode slow", SGD(mode="slow")),
    ],
)
def test_a_choice_or_a_field_makes_an_optional_one(line: str, value: object) -> None:
    assert Program(Adam | SGD | None, None)(*line.split()) == value


def test_fields_that_no_class_has_together_are_an_error() -> None:
    program = Program(Adam | SGD | None, None)
    assert program.error("train", "--optim.betas", "0 1", "--optim.momentum", "1").startswith(
        "Invalid value for train.optim.momentum: Adam has no field 'momentum'"
    )
    assert program.error("train", "--optim", "none", "--optim.lr", "1") == (
        "Invalid value for train.optim: '--optim' sets it to none, and '--optim.lr' sets a field of it: use one of "
        "the two."
    )


def test_a_choice_with_a_colon_is_told_the_option(program: Program) -> None:
    assert program.error("train", "--optim:SGD") == "No such option '--optim:SGD'. Did you mean '--optim=SGD'?"


def test_a_class_of_a_class_is_chosen_as_in_files() -> None:
    program = Program(WithSchedule | WithNumber, WithSchedule())
    assert program("train", "--optim.schedule.class", "Cold") == WithSchedule(Cold())
    error = "No such option '--optim.schedule.steps.class'. Did you mean"
    assert program.error("train", "--optim.schedule.steps.class", "Cold").startswith(error)


def test_without_a_default_a_class_has_to_be_chosen() -> None:
    program = Program(Adam | SGD)
    assert program.error("train") == "Missing option '--optim'."
    assert program("train", "--optim", "SGD") == SGD()


def test_a_field_without_a_default_is_required_of_the_chosen_class_only() -> None:
    @dataclass
    class Step:
        size: int

    program = Program(Adam | Step)
    assert program("train", "--optim", "Adam") == Adam()
    assert program("train", "--optim", "Step", "--optim.size", "3") == Step(3)
    assert program.error("train", "--optim", "Step") == (
        "Invalid value for train.optim: Step also needs a value for size. Set it with '--optim.size'."
    )


# In files.


@pytest.mark.parametrize(
    "text",
    [
        "train.optim: SGD\ntrain.optim.lr: .1",
        "train.optim.class: SGD\ntrain.optim.lr: .1",
        "train:\n  optim: {class: SGD, lr: .1}",
        "train: {optim: SGD, optim.lr: .1}",
        "train: {optim: {lr: .1}}\ntrain.optim: SGD",
        "run.stages: [{train: {optim: SGD, optim.lr: .1}}]",
        "run.stages: [{train: {optim: {class: SGD, lr: .1}}}]",
        "run.stages: [{train: {optim.class: 'SGD', optim: {lr: .1}}}]",
    ],
)
def test_a_file_chooses_a_class_flat_or_among_the_fields(program: Program, text: str) -> None:
    assert program("--config", write(text)) == SGD(0.1)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        (
            "train.optim: adam",
            "f.yml:1:14: train.optim: 'adam' is not one of the classes 'Adam', 'SGD'. Did you mean 'Adam'?",
        ),
        (
            "train: {optim: {clas: SGD}}",
            "f.yml:1:17: unknown key 'train.optim.clas'. Did you mean 'train.optim.class'?",
        ),
        (
            "train: {optim: {class: SGD}}\ntrain.optim: Adam",
            "f.yml:2:1: duplicate key train.optim, first set on line 1.",
        ),
        (
            "train.optim: null",
            "f.yml:1:14: train.optim: expected [Adam|SGD], got null.",
        ),
        ("train.optim: [SGD]", "f.yml:1:14: train.optim: expected [Adam|SGD], got a list."),
        (
            "run.stages: [{train: {optim: {clas: SGD}}}]",
            "f.yml:1:31: run.stages: stage 'train' has no parameter 'optim.clas'. Did you mean 'optim.class'?",
        ),
        (
            "train.optim: {SGD: {lr: 3}}",
            ("f.yml:1:15: unknown key 'train.optim.SGD': SGD is a class. Choose it with 'train.optim.class: SGD', or "
            "with 'class: SGD' among its fields."),
        ),
        (
            "train.optim.adam.lr: 3",
            ("f.yml:1:1: unknown key 'train.optim.adam.lr': Adam is a class. Choose it with 'train.optim.class: Adam', "
            "or with 'class: Adam' among its fields."),
        ),
        (
            "run.stages: [{train: {optim: {SGD: {lr: 3}}}}]",
            ("f.yml:1:31: run.stages: stage 'train' has no parameter 'optim.SGD': SGD is a class. Choose it with "
            "'optim.class: SGD', or with 'class: SGD' among its fields."),
        ),
        (
            "run.stages: [{train: {optim: {class: SGD}, optim: Adam}}]",
            "f.yml:1:44: run.stages: duplicate key optim in this turn.",
        ),
    ],
)  # fmt: skip
def test_a_wrong_choice_in_a_file_is_an_error_with_its_place(program: Program, text: str, error: str) -> None:
    assert program.error("--config", write(text)).split("\n")[0] == error


def test_a_field_of_another_class_in_a_file_is_an_error_with_its_place(program: Program) -> None:
    path = write("train:\n  optim:\n    class: Adam\n    momentum: .9\n")
    assert program.error("--config", path) == (
        "Invalid value for train.optim.momentum: Adam has no field 'momentum', which 'f.yml:4' sets; SGD has it. "
        "Choose it with 'train.optim: SGD'."
    )
    path = write("train.optim.mode: slow\n")
    assert program.error("--config", path) == (
        "Invalid value for train.optim.mode: 'slow' is not a valid integer. (Adam, set by 'f.yml:1')"
    )


def test_a_class_that_is_not_chosen_by_name_is_set_by_its_fields() -> None:
    program = Program(Adam, Adam())
    assert program.error("--config", write("train.optim: adam")).startswith(
        "f.yml:1:1: train.optim is set by its fields, such as train.optim.lr: 0.001.\n"
    )
    assert program.error("--config", write("run.stages: [{train: {optim: adam}}]")).startswith(
        "f.yml:1:23: run.stages: stage 'train' has no parameter 'optim' itself: it is set by its fields.\n"
    )
    for line, flag in ("--train.optim adam", "--train.optim"), ("train --optim adam", "--optim"):
        assert program.error(*line.split()) == (
            f"No such option '{flag}'. It is set by its fields. "
            f"Did you mean '{flag}.lr', '{flag}.betas' or '{flag}.mode'?"
        )


def test_null_and_fields_exclude_each_other_but_a_class_and_fields_do_not() -> None:
    program = Program(Adam | SGD | None, SGD())
    assert program("--config", write("train.optim: null")) is None
    for text in "train.optim: null\ntrain.optim.lr: 1", "train.optim.lr: 1\ntrain.optim: null":
        assert "cannot be used together: a model is null, or has fields." in program.error("--config", write(text))


@pytest.mark.parametrize("annotation", [Adam | SGD | None, Adam | None])
def test_a_word_for_none_is_told_what_the_source_takes_for_it(annotation: Any) -> None:
    program = Program(annotation, Adam(), envvar_prefix="prog")
    for text in "train.optim: none", "run.stages: [{train: {optim: none}}]":
        assert " For no value, write null without quotes.\n" in program.error("--config", write(text))
    for word, cure in ("none", " For no value, pass None."), ("x", ""):
        assert program.error(default_map={"train": {"optim": word}}).endswith(f".{cure}")
    assert "For no value" not in program.error(env={"PROG_TRAIN_OPTIM": "none"})  # there is none in a variable
    assert program("--config", write("train.optim: null")) is program(default_map={"train": {"optim": None}}) is None


def test_a_word_for_none_has_no_cure_where_none_is_no_value(program: Program) -> None:
    assert "For no value" not in program.error("--config", write("train.optim: none"))
    assert "For no value" not in program.error(default_map={"train": {"optim": "none"}})


# Layers.


def test_a_class_that_a_higher_layer_chooses_drops_the_fields_of_the_other_class_only(program: Program) -> None:
    path = write("train.optim: SGD\ntrain.optim.lr: .5\ntrain.optim.momentum: .9\ntrain.optim.mode: slow\n")
    assert program("--config", path, "train") == SGD(0.5, 0.9, "slow")
    assert program("--config", path, "train", "--optim", "Adam") == Adam(0.5, (0, 1))
    assert program("--config", path, "--train.optim", "Adam", "--train.optim.mode", "3") == Adam(0.5, (0, 1), 3)
    assert program("--config", path, env={"PROG_TRAIN_OPTIM": "Adam"}) == Adam(0.5, (0, 1))
    assert program.error("--config", path, "train", "--optim.betas", "0 1").startswith(
        "Invalid value for train.optim.betas: SGD has no field 'betas'"
    )


def test_a_later_file_that_chooses_a_class_drops_the_fields_of_earlier_ones(program: Program) -> None:
    first = write("train.optim: {class: SGD, lr: .5, momentum: .9, mode: slow}")
    second = write("$include: f.yml\ntrain.optim: Adam", "second.yml")
    assert program("--config", second) == Adam(0.5, (0, 1))
    assert program("--config", first, "--config", write("train.optim.class: Adam", "third.yml")) == Adam(0.5, (0, 1))
    assert program("--config", second, "--config", first) == SGD(0.5, 0.9, "slow")


def test_environment_variables_choose_a_class_and_set_its_fields(program: Program) -> None:
    assert program(env={"PROG_TRAIN_OPTIM": "SGD", "PROG_TRAIN_OPTIM_MODE": "x"}) == SGD(mode="x")
    assert program.error(env={"PROG_TRAIN_OPTIM": "sgd"}) == (
        "Invalid value for the variable 'PROG_TRAIN_OPTIM' (train.optim): 'sgd' is not one of the classes 'Adam', "
        "'SGD'. Did you mean 'SGD'?"
    )


@pytest.mark.parametrize(
    ("values", "made"),
    [
        ({"train": {"optim": "SGD", "optim.mode": "x"}}, SGD(mode="x")),
        ({"train": {"optim": {"class": "SGD", "mode": 3}}}, SGD(mode="3")),
        ({"train": {"optim": SGD}}, SGD()),
        ({"train": {"optim": SGD(0.5), "optim.lr": 1}}, SGD(1.0)),
    ],
)
def test_a_default_map_chooses_a_class(program: Program, values: Any, made: object) -> None:
    assert program(default_map=values) == made


def test_a_wrong_class_in_a_default_map_is_an_error(program: Program) -> None:
    for wrong in "Sgd", None, 3:
        assert program.error(default_map={"train": {"optim": wrong}}).startswith("default_map: train.optim: '")


@pytest.mark.parametrize(
    ("values", "made"),
    [
        ({"train.optim": "SGD", "train.optim.momentum": 0.5}, SGD(momentum=0.5)),
        ({"train.optim.class": "SGD", "train.optim.mode": "x"}, SGD(mode="x")),
        ({"train.optim": SGD}, SGD()),
        ({"train.optim": SGD(3)}, SGD(3)),
        ({"train.optim.lr": 3}, Adam(3, (0, 1))),
    ],
)
def test_a_scope_chooses_a_class(program: Program, values: Any, made: object) -> None:
    with program.binder.scope(values):
        program.train()  # type: ignore[call-arg]  # optional
    assert program.made.pop() == made


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"train.optim": "Sgd"}, "'train.optim': 'Sgd' is not one of the classes 'Adam', 'SGD'. Did you mean 'SGD'?"),
        ({"train.optim": "SGD", "train.optim.class": "Adam"}, "'train.optim.class' sets 'train.optim', which is given"),
        ({"train.optim": SGD(), "train.optim.lr": 1}, "'train.optim.lr' is part of 'train.optim', and both are given"),
    ],
)
def test_a_wrong_choice_in_a_scope_is_an_error(program: Program, values: Any, error: str) -> None:
    with pytest.raises(clickbind.BindError, match=error):
        program.binder.scope(values)


def test_a_scope_and_a_turn_choose_classes_of_their_own() -> None:
    made = []
    binder = clickbind.Binder("prog")

    @binder.bind("train", "val")
    def build(optim: Adam | SGD = Adam()) -> None:  # noqa: B008 - a model's default
        made.append(optim)

    @binder.stage
    def train() -> None:
        for scope in "train", "val":
            with binder.scope(scope):
                build()

    line = ["--train/build.optim", "SGD", "--train/build.optim.mode", "x", "--build.optim.betas"]
    saved = ["--save", "run.yml", "--config", "run.yml"]
    for words in ([*saved[:2], *line, "0 1"], saved[2:]):
        result = CliRunner().invoke(binder.command(), words)
        assert result.exit_code == 0, result.output
        assert made == [SGD(mode="x"), Adam(betas=(0, 1))]
        made.clear()
    assert "train/build.optim.class: SGD\n" in Path("run.yml").read_text(encoding="utf-8")


def test_values_travel_to_another_process(program: Program) -> None:
    path = write("train.optim: SGD\ntrain.optim.mode: '0x10'\n")
    values = pickle.loads(pickle.dumps(program.binder.load(path)))
    with program.binder.scope(values):
        program.train()  # type: ignore[call-arg]  # optional
    assert program.made.pop() == SGD(mode="0x10")


def test_a_name_that_another_process_does_not_know_is_an_error() -> None:
    one, two = Program(Adam | SGD, Adam()), Program(Adam | Lion, Adam())
    with pytest.raises(clickbind.ClickbindError, match="optim: 'SGD' is not one of the classes Adam, Lion"):  # noqa: SIM117
        with two.binder.scope(one.binder.load(write("train.optim: SGD"))):
            two.train()  # type: ignore[call-arg]  # optional


def test_a_variable_that_is_called_as_the_choice_in_files_is_told_the_right_one(program: Program) -> None:
    output = program.type("train", env={"PROG_TRAIN_OPTIM_CLASS": "SGD", "PROG_TRAIN_OPTIM_LRR": "1"}).output
    assert "'PROG_TRAIN_OPTIM_CLASS' sets no parameter. Did you mean 'PROG_TRAIN_OPTIM'?\n" in output
    assert "'PROG_TRAIN_OPTIM_LRR' sets no parameter. Did you mean 'PROG_TRAIN_OPTIM_LR'?\n" in output


@pytest.mark.parametrize(
    ("text", "chosen"), [("train.optim: SGD", "SGD"), ("train.optim.class: Adam", "Adam"), ("train.optim: null", None)]
)
def test_values_know_the_class_by_the_key_of_files(text: str, chosen: str | None) -> None:
    program = Program(Adam | SGD | None, SGD())
    values = program.binder.load(write(text))
    assert values["train.optim.class"] == chosen
    assert "train.optim.class" in values
    assert "train.optim.lr.class" not in values
    with program.binder.scope(values):
        assert program.binder.values()["train.optim.class"] == chosen
    default = program.binder.values()
    assert default["train.optim.class"] == "SGD"
    assert "train.optim.class" not in default
    with pytest.raises(KeyError, match=r"unknown key 'train\.optim\.lr\.class'"):
        values["train.optim.lr.class"]


def test_values_have_no_name_for_a_class_that_cannot_be_chosen() -> None:
    program = Program(Optimizer, Optimizer(), Momentum)
    program("train")
    with program.binder.scope({"train.optim": Optimizer()}):
        values = program.binder.values()
    with pytest.raises(KeyError, match="has no value: the class Optimizer cannot be chosen"):
        values["train.optim.class"]
    with program.binder.scope({"train.optim": Momentum()}):
        assert program.binder.values()["train.optim.class"] == "Momentum"


# Every kind of class.


@pytest.mark.parametrize(
    ("name", "line", "value"),
    [
        ("SGD", "--optim.momentum 1", SGD(momentum=1)),
        ("Lion", "--optim.wd 1", Lion(wd=1)),
        ("Prodigy", "--optim.d0 1", Prodigy(d0=1)),
        ("Rprop", "--optim.low .1", Rprop(0.1)),
        ("Pair", "--optim.one 1 --optim.two 2", Pair(1, 2)),
        ("Empty", "--optim.nothing 1", {"nothing": 1}),
    ],
)
def test_a_class_of_any_kind_is_chosen_and_saved(name: str, line: str, value: object) -> None:
    program = Program(Adam | SGD | Lion | Prodigy | Rprop | Pair[int] | Empty, Adam())
    assert program("--save", "run.yml", "train", "--optim", name, *line.split()) == value
    assert program("--config", "run.yml") == value
    assert f"train.optim.class: {name}\n" in Path("run.yml").read_text(encoding="utf-8")
    assert program("--config", "run.yml", "--train.optim", "Adam").betas == (0.9, 0.99)


@pytest.mark.parametrize("default", [SGD(2), Lion(2), Prodigy(lr=2), Rprop(2), Pair(1, 2), {"nothing": 3}])
def test_the_class_of_the_default_is_known(default: Any) -> None:
    program = Program(Adam | SGD | Lion | Prodigy | Rprop | Pair[int] | Empty, default)
    assert program("--save", "run.yml") == default
    assert program("--config", "run.yml") == default


def test_generic_classes_are_told_apart_by_their_arguments() -> None:
    program = Program(Pair[int] | Pair[str])
    assert program("train", "--optim", "Pair[str]", "--optim.one", "1", "--optim.two", "2") == Pair("1", "2")
    assert program("train", "--optim", "Pair[int]", "--optim.one", "1", "--optim.two", "2") == Pair(1, 2)


def test_classes_of_one_name_have_qualified_names() -> None:
    def make() -> Any:
        @dataclass
        class SGD:
            rho: int = 0

        return SGD

    other = make()
    program = Program(SGD | other | Adam, SGD())
    qualified = f"{__name__}.test_classes_of_one_name_have_qualified_names.make.SGD"
    assert completions(program.main, "train --optim", "") == ["SGD", qualified.removeprefix(f"{__name__}."), "Adam"]
    again = Program(other | make() | Adam, Adam())  # not to be told apart: one value, as a mapping
    assert again("train", "--optim", "{rho: 3}") == other(3)


def test_a_field_called_class_leaves_the_union_one_value() -> None:
    program = Program(Adam | TypedDict("Odd", {"class": int}), Adam())  # type: ignore[operator]  # a class
    assert program("train", "--optim", "{lr: 1}") == Adam(1)
    assert program("train", "--optim", "{class: 1}") == {"class": 1}


def test_a_union_with_another_type_is_one_value() -> None:
    assert Program(Adam | SGD | str, "x")("train", "--optim", "SGD") == "SGD"
    assert Program(Adam | Box, Adam())("train", "--optim", "{lr: 1}") == Adam(1)


@dataclass
class Trainer:
    optim: Adam | SGD = field(default_factory=lambda: SGD(0.5))
    steps: int = 1


@dataclass
class Outer:
    trainer: Trainer = field(default_factory=Trainer)
    other: Adam | SGD | None = None


def test_a_union_inside_of_a_model() -> None:
    program = Program(Outer, Outer())
    line = ["--save", "run.yml", "train", "--optim.trainer.optim.momentum", ".9", "--optim.other", "Adam"]
    value = Outer(Trainer(SGD(0.5, 0.9)), Adam())
    assert program(*line) == value
    assert program("--config", "run.yml") == value
    assert program("--config", "run.yml", "--train.optim.trainer.optim", "Adam").trainer.optim == Adam(0.5)


@dataclass
class Warm:
    steps: int = 5


@dataclass
class Cold:
    steps: str = "none"
    rate: float = 0.0


@dataclass
class WithSchedule:
    schedule: Warm | Cold = field(default_factory=Warm)


@dataclass
class WithNumber:
    schedule: int = 3


def test_a_union_inside_of_a_class_of_a_union() -> None:
    program = Program(WithSchedule | WithNumber, WithSchedule())
    for line, value in {
        "": WithSchedule(),
        "--optim.schedule Cold --optim.schedule.steps 7 --optim.schedule.rate 1": WithSchedule(Cold("7", 1)),
        "--optim.schedule.steps 7": WithSchedule(Warm(7)),
        "--optim WithNumber --optim.schedule 4": WithNumber(4),
    }.items():
        assert program("--save", "run.yml", "train", *line.split()) == value
        assert program("--config", "run.yml") == value
    assert program.error("train", "--optim", "WithNumber", "--optim.schedule", "Cold") == (
        "Invalid value for train.optim.schedule: 'Cold' is not a valid integer. (WithNumber, set by '--optim.schedule')"
    )
    path = write("train.optim: WithSchedule\ntrain.optim.schedule: Cold\ntrain.optim.schedule.rate: 2\n")
    assert program("--config", path) == WithSchedule(Cold(rate=2))
    assert program("--config", path, "train", "--optim", "WithNumber") == WithNumber()
    assert program("--config", path, "train", "--optim.schedule", "Warm") == WithSchedule(Warm())


@dataclass
class Leaf:
    value: int = 0


@dataclass
class Branch:
    left: Leaf | Branch = field(default_factory=Leaf)


def test_a_class_inside_of_itself_is_a_mapping_that_names_it() -> None:
    program = Program(Leaf | Branch, Leaf())
    value = Branch(Branch(Leaf(3)))
    line = ["--save", "run.yml", "train", "--optim", "Branch", "--optim.left"]
    assert program(*line, "{class: Branch, left: {value: 3}}") == value
    assert program("--config", "run.yml") == value
    assert "'Branhc' is not one of the classes 'Leaf', 'Branch'. Did you mean 'Branch'?" in program.error(
        "--config", write("train.optim: {class: Branch, left: {class: Branhc}}")
    )


@pytest.mark.parametrize(
    "text",
    [
        "[{class: SGD, lr: .1}, {lr: .2}, {momentum: 1}]",
        "- {lr: .1, class: SGD}\n- class: Adam\n  lr: .2\n- momentum: 1",
    ],
)
def test_a_class_is_chosen_in_a_list(text: str) -> None:
    program = Program(list[Adam | SGD], [])
    indented = text.replace("\n", "\n  ")
    value = [SGD(0.1), Adam(0.2), SGD(momentum=1)]
    assert program("--save", "run.yml", "--config", write(f"train.optim:\n  {indented}")) == value
    assert program("--config", "run.yml") == value
    assert program.error("--config", write("train.optim: [{class: SGD, betas: 1}]")).split("\n")[0] == (
        "f.yml:1:28: train.optim: SGD has no field 'betas'; Adam has it: write 'class: Adam'."
    )
    assert program.error("--config", write("train.optim: [{class: [SGD]}]")).split("\n")[0] == (
        "f.yml:1:23: train.optim: 'a list' is not one of the classes 'Adam', 'SGD'."
    )


def test_a_mapping_of_a_single_class_may_name_it() -> None:
    program = Program(list[Adam], [])
    assert program("train", "--optim", "[{class: Adam, lr: 1}]") == [Adam(1)]
    assert "'SGD' is not the class Adam." in program.error("train", "--optim", "[{class: SGD}]")
    assert "is not the class Adam." in program.error("train", "--optim", "[{class: [SGD]}]")
    assert program(default_map={"train": {"optim": [{"class": "Adam", "lr": 1}]}}) == [Adam(1)]
    assert "'SGD' is not the class Adam." in program.error(default_map={"train": {"optim": [{"class": "SGD"}]}})


# Base classes and Protocols.


class Optimizer:
    pass


class Momentum(Optimizer):
    """Remember the last step."""

    def __init__(self, lr: float = 0.1, decay: float = 0.9) -> None:
        self.arguments = lr, decay

    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and vars(self) == vars(other)

    __hash__ = None  # type: ignore[assignment]


class Sign(Momentum):
    def __init__(self, lr: float = 0.2, *, size: int = 3) -> None:
        self.arguments = lr, size


class Look(Optimizer):
    def __init__(self, inner: Optimizer, k: int = 5) -> None:
        self.inner, self.k = inner, k


class Steps(Protocol):
    def step(self) -> None: ...


class Stepper:
    def __init__(self, n: int = 1) -> None:
        self.n = n

    def step(self) -> None: ...


def arguments(program: Program, *line: str) -> Any:
    made = program(*line)
    return type(made), made.arguments


def test_the_bound_implementations_of_a_base_class_are_the_choices() -> None:
    program = Program(Optimizer, ..., Momentum, Sign)
    assert arguments(program, "train", "--optim", "Momentum", "--optim.lr", "3") == (Momentum, (3, 0.9))
    assert arguments(program, "train", "--optim", "Sign", "--optim.size", "4") == (Sign, (0.2, 4))
    assert arguments(program, "train", "--optim", "Sign", "--optim.lr", "3", "--Sign.size", "8") == (Sign, (3, 8))
    assert program.error("train") == "Missing option '--optim'."
    assert program.error("train", "--optim", "Sign", "--optim.decay", "4").startswith(
        "Invalid value for train.optim.decay: Sign has no field 'decay', which '--optim.decay' sets; Momentum has it."
    )


def test_each_call_gets_an_instance_of_its_own_and_none_is_made_before_the_run() -> None:
    made = []

    class Counted(Optimizer):
        def __init__(self, lr: float = 1) -> None:
            made.append(self)

    binder = clickbind.Binder("prog")
    binder.bind(Counted)

    @binder.bind
    def build(optim: Optimizer | None = None) -> Any:
        return optim

    @binder.stage
    def train() -> Any:
        assert not made
        return build(), build()

    line = ["--save", "run.yml", "--build.optim", "Counted", "train"]
    assert list(binder.command()(line, standalone_mode=False)) == made
    assert len(made) == 2
    made.clear()
    result = CliRunner().invoke(binder.command(), ["--build.optim", "Counted", "train", "--no-such"])
    assert result.exit_code == 2
    assert not made


def test_a_bound_class_is_chosen_saved_and_replayed_with_its_own_values() -> None:
    program = Program(Optimizer | None, None, Momentum, Sign, Look)
    line = [
        "--save",
        "run.yml",
        "train",
        "--optim",
        "Look",
        "--optim.inner",
        "Sign",
        "--optim.inner.lr",
        "7",
        "--Sign.size",
        "8",
        "--Look.k",
        "2",
    ]
    made = program(*line)
    assert (made.inner.arguments, made.k) == ((7, 8), 2)
    text = Path("run.yml").read_text(encoding="utf-8")
    assert "train.optim.class: Look\ntrain.optim.inner.class: Sign\ntrain.optim.inner.lr: 7.0\n" in text
    again = program("--config", "run.yml")
    assert (again.inner.arguments, again.k) == ((7, 8), 2)
    assert program("--config", "run.yml", "train", "--optim", "none") is None
    assert "sign" not in program.type("--config", "run.yml", "--diff", "run.yml").output


@pytest.mark.parametrize(
    ("item", "error"),
    [
        ("Adam", "'Adam' is a class: write {class: Adam}."),
        ("sgd", "'sgd' is a class: write {class: SGD}."),
        ("x", "'x' is not a valid {ADAM}|{SGD}|{LION}."),
        ("[1]", "expected {ADAM}|{SGD}|{LION}."),
        ("{momentumm: 1}", "none of the classes Adam, SGD, Lion has a field 'momentumm'. Did you mean 'momentum'?"),
        ("{class: SGD, lrr: 1}", "SGD has no field 'lrr'. Did you mean 'lr'?"),
        ("{class: Lion, mode: 1}", "Lion has no field 'mode'; Adam, SGD have it: write 'class: Adam'."),
        ("{class: SGD, lr: x}", "'x' is not a valid float."),
        ("{momentum: x}", "'x' is not a valid float."),
        ("{lr: x}", "expected the fields of one of the classes Adam, SGD, Lion."),
        (
            "{betas: [1, 2], momentum: 1}",
            (
                "expected the fields of one of the classes Adam, SGD, Lion, got betas, momentum, which none of them "
                "has together."
            ),
        ),
        ("{[lr]: 1}", "expected the fields of one of the classes Adam, SGD, Lion."),
    ],
)
def test_a_wrong_class_or_field_in_a_list_is_named(item: str, error: str) -> None:
    program = Program(list[Adam | SGD | Lion], [])
    found = program.error("--config", write(f"train.optim: [{item}]")).split("\n")[0]
    assert found.partition("train.optim: ")[2] == error


def test_a_field_called_class_is_one_of_those_that_are_named() -> None:
    either: Any = Adam | TypedDict("Odd", {"class": int})  # type: ignore[operator]  # a class
    program = Program(list[either], [])
    assert "'Adam' is not a valid {ADAM}|{ODD}." in program.error("train", "--optim", "[Adam]")
    assert "'--optim': 'x' is not a valid integer." in program.error("train", "--optim", "[{class: x}]")


def test_a_class_is_no_choice_inside_of_itself() -> None:
    program = Program(Optimizer | None, None, Look, Momentum)
    assert program.error("train", "--optim", "Look", "--optim.inner", "Look") == (
        "Invalid value for '--optim.inner': 'Look' is not one of the classes 'Momentum'."
    )
    assert program.error("train", "--optim", "Look") == (
        "Invalid value for train.optim.inner: it has no default. Choose its class with '--optim.inner Momentum'."
    )


def test_the_default_of_a_base_class_stays_until_a_class_is_chosen() -> None:
    default = Momentum(5)
    program = Program(Optimizer, default, Momentum, Sign)
    assert program("--save", "run.yml") is default
    assert "# train.optim: its default <" in Path("run.yml").read_text(encoding="utf-8")
    assert program("--config", "run.yml") is default
    assert program.error("train", "--optim.lr", "3").endswith(
        "its default cannot be made again from arguments of Momentum, so its fields cannot be set one by one. Choose "
        "its class with '--optim Momentum'."
    )
    assert arguments(program, "train", "--optim", "Momentum", "--optim.lr", "3") == (Momentum, (3, 0.9))
    other = Program(Optimizer, Optimizer(), Momentum)
    assert other.error("train", "--optim.lr", "3") == (
        "Invalid value for train.optim: its default is of class Optimizer. Choose its class with '--optim Momentum'."
    )


def test_functions_bound_after_the_command_are_choices_too() -> None:
    program = Program(Optimizer | None, None, Momentum)
    assert completions(program.main, "train --optim", "") == ["Momentum", "none"]
    program.binder.bind(Sign)
    assert completions(program.main, "train --optim", "") == ["Momentum", "Sign", "none"]
    assert arguments(program, "train", "--optim", "Sign") == (Sign, (0.2, 3))


def test_a_parameter_without_a_bound_implementation_has_no_option() -> None:
    default = Momentum()
    program = Program(Optimizer, default)
    assert program("train") is default
    assert "--optim" not in program.type("train", "--help").output


def test_the_implementations_of_a_protocol_are_the_choices() -> None:
    program = Program(Steps, ..., Momentum, Stepper)
    assert program("train", "--optim", "Stepper", "--optim.n", "3").n == 3
    assert program.error("train", "--optim", "Momentum").endswith("'Momentum' is not one of the classes 'Stepper'.")


class Abstract(ABC):
    @abstractmethod
    def step(self) -> None: ...


class Concrete(Abstract):
    def __init__(self, n: int = 1) -> None:
        self.n = n

    def step(self) -> None: ...


class Registered:
    def __init__(self, n: int = 2) -> None:
        self.n = n


def test_abstract_classes_are_no_choices_and_registered_ones_are() -> None:
    Abstract.register(Registered)
    program = Program(Abstract, ..., Abstract, Concrete, Registered)
    assert completions(program.main, "train --optim", "") == ["Concrete", "Registered"]
    assert program("train", "--optim", "Registered", "--optim.n", "4").n == 4


@dataclass
class Base:
    lr: float = 1.0


@dataclass
class Derived(Base):
    size: int = 2


@dataclass
class AbstractBase(ABC):
    lr: float = 1.0

    @abstractmethod
    def step(self) -> None: ...


@dataclass
class Implemented(AbstractBase):
    size: int = 2

    def step(self) -> None: ...


def test_a_base_class_with_fields_is_a_choice_beside_the_bound_ones() -> None:
    program = Program(Base, Base(3), Derived)
    assert program("train", "--optim.lr", "4") == Base(4)
    assert program("train", "--optim", "Derived", "--optim.size", "4") == Derived(1, 4)
    assert program("--save", "run.yml", "train", "--optim", "Derived", "--Derived.size", "9") == Derived(1, 9)
    assert program("--config", "run.yml") == Derived(1, 9)
    other = Program(Base, Derived(3, 4), Derived)
    assert other("train", "--optim.lr", "5") == Derived(5, 4)
    assert other("--save", "run.yml", "train", "--optim.lr", "5") == Derived(5, 4)
    assert other("--config", "run.yml") == Derived(5, 4)
    assert other("train", "--optim", "Base") == Base()


def test_an_abstract_base_with_fields_is_no_choice() -> None:
    program = Program(AbstractBase, ..., Implemented)
    assert completions(program.main, "train --optim", "") == ["Implemented"]
    assert program("train", "--optim", "Implemented", "--optim.size", "1") == Implemented(1, 1)


def test_bound_members_of_a_union_are_called_as_bound() -> None:
    program = Program(Base | Lion, Lion(), Base, Lion)
    assert program("train", "--optim", "Base", "--Base.lr", "7") == Base(7)


@dataclass
class Holder:
    optim: Optimizer
    n: int = 1

    def __post_init__(self) -> None:
        if self.n < 0:
            raise ValueError("n is negative")


def test_a_model_with_a_bound_class_in_it_is_made_for_each_call() -> None:
    program = Program(Holder, ..., Momentum)
    made = program("--save", "run.yml", "train", "--optim.optim", "Momentum", "--optim.n", "3", "--Momentum.lr", "8")
    assert (made.n, made.optim.arguments) == (3, (8, 0.9))
    assert program("--config", "run.yml").optim.arguments == (8, 0.9)
    assert program.error("train", "--optim.optim", "Momentum", "--optim.n", "-1").endswith(
        "optim: Holder cannot be made of this: n is negative"
    )


def test_a_parameter_that_cannot_be_parsed_is_missing_when_its_class_is_chosen() -> None:
    class Needs(Optimizer):
        def __init__(self, weights: Box[int], lr: float = 1) -> None: ...

    program = Program(Optimizer, ..., Needs, Momentum)
    assert program.error("train", "--optim", "Needs") == (
        "Invalid value for train.optim: Needs also needs a value for weights."
    )


def test_a_class_of_a_bound_function_is_checked_before_the_run() -> None:
    binder = clickbind.Binder("prog")

    @dataclass
    class Step:
        size: int

    @binder.bind
    def build(optim: Adam | Step = Adam()) -> None: ...  # noqa: B008 - a model's default

    @binder.stage
    def train() -> None:
        raise AssertionError

    result = CliRunner().invoke(binder.command(), ["--build.optim", "Step", "train"])
    assert result.exit_code == 2
    assert "build.optim: Step also needs a value for size." in result.output


# Secrets.


@dataclass
class Vault:
    token: Annotated[str, clickbind.Option(secret=True)] = "none yet"
    lr: float = 2.0


@dataclass
class Open:
    token: str = "open"
    size: int = 3


def test_a_field_that_is_secret_in_one_class_is_shown_nowhere() -> None:
    program = Program(Vault | Open, Open())
    line = ["train", "--optim", "Vault", "--optim.token", "hunter22"]
    assert program(*line) == Vault("hunter22")
    for option in ["--print-config"], ["--debug"], ["--save", "-"]:
        output = program.type(*option, *line).output
        assert "hunter22" not in output
        assert ("Vault" in output) is (option != ["--debug"])  # which hides the whole argument
    assert "train.optim.class: Vault\n" in program.type("--save", "-", *line).output
    program.made.clear()
    assert "none yet" not in program.type("--help").output
    assert "hunter22" not in program.error("train", "--optim", "Open", "--optim.token", "hunter22", "--optim.lr", "x")
    assert "hunter22" not in program.error("train", "--optim.lr", "1", "--optim.token", "hunter22")


def test_a_union_that_is_secret_hides_its_class_and_fields() -> None:
    program = Program(Annotated[Adam | SGD, clickbind.Option(secret=True)], Adam())
    output = program.type("--print-config", "train", "--optim", "SGD", "--optim.lr", "7").output
    assert "SGD" not in output
    assert "7" not in output


def test_a_mark_on_one_class_applies_to_its_fields() -> None:
    program = Program(Annotated[Adam, clickbind.Option(hidden=True)] | SGD, SGD())
    help_text = program.type("train", "--help").output
    assert "--optim.betas" not in help_text
    assert "--optim.momentum" in help_text


# Help and completion.


def test_help_lists_the_fields_of_each_class() -> None:
    program = Program(Optimizer | None, None, Momentum, Look)
    path = write("Momentum.lr: 7")
    output = program.type("--config", path, "--help").output
    assert output[output.index("train:") : output.index("\nMomentum:") + 1] == (
        "train:\n"
        "  --train.optim [Momentum|Look]\n"
        "\n"
        "  --train.optim Momentum:\n"
        "    Remember the last step.\n"
        "\n"
        "    --train.optim.lr FLOAT     [default: 7.0]\n"
        "    --train.optim.decay FLOAT  [default: 0.9]\n"
        "\n"
        "  --train.optim Look:\n"
        "    --train.optim.inner [Momentum]\n"
        "    --train.optim.k INTEGER         [default: 5]\n"
        "\n"
        "    --train.optim.inner Momentum:\n"
        "      Remember the last step.\n"
        "\n"
        "      --train.optim.inner.lr FLOAT     [default: 7.0]\n"
        "      --train.optim.inner.decay FLOAT  [default: 0.9]\n"
        "\n"
    )


def test_the_help_of_a_stage_lists_the_fields_of_each_class() -> None:
    output = Program(Adam | Rprop, Adam(betas=(0, 1))).type("train", "--help").output
    assert output[output.index("Options:") :] == (
        "Options:\n"
        "  --optim [Adam|Rprop]  [default: Adam]\n"
        "  -h, --help            Show this message and exit.\n"
        "\n"
        "--optim Adam:\n"
        "  Adapt the rate of each weight.\n"
        "\n"
        "  --optim.lr FLOAT             Learning rate.  [default: 0.001]\n"
        '  --optim.betas "FLOAT FLOAT"  [default: 0.0 1.0]\n'
        "  --optim.mode INTEGER         [default: 1]\n"
        "\n"
        "--optim Rprop:\n"
        "  --optim.low FLOAT   [default: 0.5]\n"
        "  --optim.high FLOAT  [default: 1.2]\n"
        "\n"
        "All options: prog --help. One function: prog help NAME.\n"
    )


@pytest.mark.parametrize(
    ("line", "word", "found"),
    [
        ("train --optim", "", ["Adam", "SGD"]),
        ("train --optim", "s", ["SGD"]),
        ("train", "--optim.", ["--optim.lr", "--optim.betas", "--optim.mode"]),
        ("train --optim SGD", "--optim.m", ["--optim.mode", "--optim.momentum"]),
        ("--train.optim SGD train", "--optim.m", ["--optim.mode", "--optim.momentum"]),
        ("--train.optim SGD", "--train.optim.m", ["--train.optim.mode", "--train.optim.momentum"]),
        ("--config f.yml", "--train.optim.m", ["--train.optim.mode", "--train.optim.momentum"]),
        ("--config f.yml train", "--optim.m", ["--optim.mode", "--optim.momentum"]),
        ("run train --optim SGD train", "--optim.m", ["--optim.mode"]),
        ("train --optim SGD --optim.mode", "", []),
    ],
)
def test_the_classes_and_then_the_fields_of_the_chosen_one_are_completed(
    program: Program, line: str, word: str, found: list[str]
) -> None:
    write("train.optim: SGD" if "config" in line else "")
    assert completions(program.main, line, word) == found


def test_without_a_class_the_fields_of_all_are_completed() -> None:
    program = Program(Adam | Rprop | None, None)
    fields = ["--optim.lr", "--optim.betas", "--optim.mode", "--optim.low", "--optim.high"]
    assert completions(program.main, "train", "--optim.") == fields
    inner = Program(Outer, Outer())
    assert completions(inner.main, "train", "--optim.trainer.optim.mo") == [
        "--optim.trainer.optim.mode",
        "--optim.trainer.optim.momentum",
    ]


def test_help_of_a_function_lists_no_parameter_with_an_option_as_one_without() -> None:
    def run(base: Optimizer, bases: list[Optimizer] = [], either: Adam | Momentum = Adam()) -> None: ...  # noqa: B006, B008

    binder = clickbind.Binder("prog")
    binder.bind(Momentum)
    binder.stage(run, name="run_all")
    output = CliRunner().invoke(binder.command(), ["help", "run_all"], prog_name="prog").output
    assert "Parameters without an option:\n  bases  Its type cannot be parsed from text.\n\n" in output
    assert "--run_all.base [Momentum]" in output
    assert "--run_all.either [Adam|Momentum]" in output


# Saving.


def test_a_saved_run_names_the_class_beside_its_fields(program: Program) -> None:
    assert program("--save", "run.yml", "train", "--optim", "SGD", "--optim.mode", "0x10") == SGD(mode="0x10")
    assert Path("run.yml").read_text(encoding="utf-8") == (
        "run.stages:\n- train\n\ntrain.optim.class: SGD\ntrain.optim.lr: 0.01\ntrain.optim.mode: '0x10'\n"
        "train.optim.momentum: 0.0\ntrain.optim.nesterov: false\n"
    )
    assert program("--config", "run.yml") == SGD(mode="0x10")
    assert program.type("--config", "run.yml", "--diff", "run.yml").exit_code == 0
    different = program.type("--config", "run.yml", "--diff", "run.yml", "train", "--optim", "Adam").output
    assert "train.optim.class\n  this line: Adam" in different


def test_turns_with_classes_of_their_own_are_saved(program: Program) -> None:
    line = [
        "--save",
        *[
            "run.yml",
            "run",
            "train",
            "--optim",
            "SGD",
            "--optim.mode",
            "1e3",
            "train",
            "--optim",
            "Adam",
            "--optim.betas",
        ],
    ]
    values = [Adam(betas=(1, 2)), SGD(mode="1e3")]
    for words in ([*line, "1 2"], ["--config", "run.yml"]):
        assert [program(*words), program.made.pop()] == values
    path = write("run.stages: [{train: {optim: {class: SGD, mode: '5'}}}, {train: {optim.mode: [1]}}]")
    assert "expected integer, got a list" in program.error("--config", path).lower()


def test_a_typed_word_that_means_something_else_in_a_file_is_saved_as_its_class_writes_it() -> None:
    @dataclass
    class One:
        n: int | None = 1

    @dataclass
    class Two:
        n: str = ""

    program = Program(One | Two, One())
    assert program("--save", "run.yml", "train", "--optim.n", "none") == One(None)
    assert program("--config", "run.yml") == One(None)
    assert program("--save", "run.yml", "train", "--optim", "Two", "--optim.n", "none") == Two("none")
    assert program("--config", "run.yml") == Two("none")


def test_values_of_any_form_that_classes_read_differently_come_back() -> None:
    @dataclass
    class One:
        n: list[str] | None = None
        m: dict[str, int] = field(default_factory=dict)

    @dataclass
    class Two:
        n: list[int] = field(default_factory=list)
        m: dict[str, str] = field(default_factory=dict)

    program = Program(One | Two, Two())
    path = write("train.optim: {class: One, n: [a, 'b c', \"1\"], m: {x: 1}}")
    value = One(["a", "b c", "1"], {"x": 1})
    assert program("--save", "run.yml", "--config", path) == value
    assert program("--config", "run.yml") == value
    null = write("train.optim: {class: One, n: null}")
    assert program("--save", "run.yml", "--config", null) == One()
    typed = ["--save", "run.yml", "train", "--optim.n", "1", "--optim.n", "2"]
    assert program(*typed) == Two([1, 2])
    assert program("--config", "run.yml") == Two([1, 2])
    assert completions(program.main, "train --optim.n", "") == []


MODES = st.text(min_size=1, max_size=5)


@settings(max_examples=40)
@given(
    chosen=st.sampled_from(["Adam", "SGD", None]),
    lr=st.none() | st.floats(allow_nan=False),
    own=st.booleans(),
    mode=st.none() | st.integers().map(str) | st.sampled_from(["slow", "0x10", "no", "null", "a: b", "'", " ", "1e3"]),
)
def test_what_is_chosen_and_set_comes_back_from_a_saved_run(
    chosen: str | None, lr: float | None, own: bool, mode: str | None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = str(tmp_path_factory.mktemp("saved") / "run.yml")
    program = Program(Adam | SGD, SGD(momentum=0.5))
    cls = Adam if chosen == "Adam" else SGD
    line = [] if chosen is None else ["--train.optim", chosen]
    line += [] if lr is None else [f"--train.optim.lr={lr!r}"]
    line += ["--train.optim.betas=1 2" if cls is Adam else "--train.optim.momentum=3"] if own else []
    line += [] if mode is None else [f"--train.optim.mode={mode}"]
    result = program.type("--save", path, *line)
    if result.exit_code:
        assert cls is Adam
        assert "is not a valid integer" in result.output
        return
    value = program.made.pop()
    assert type(value) is cls
    assert program("--config", path) == value
    assert program("--config", path, "--train.optim", "Adam" if cls is SGD else "SGD") is not None


def test_a_program_with_choices_travels_by_value() -> None:
    cloudpickle = pytest.importorskip("cloudpickle")
    program = Program(Adam | SGD, Adam())
    with program.binder.scope({"train.optim": "SGD"}):
        call = pickle.loads(cloudpickle.dumps(program.train))
        values = pickle.loads(cloudpickle.dumps(program.binder.values()))
    assert callable(call)
    with program.binder.scope(values):
        program.train()  # type: ignore[call-arg]  # optional
    assert program.made.pop() == SGD()


def test_an_option_of_the_run_is_the_same_after_two_turns_if_all_classes_read_it_alike(program: Program) -> None:
    line = ["run", "train", "--train.optim.mode", "0x1", "train", "--train.optim.mode"]
    assert program(*line, "0x1") == program.made.pop() == Adam(mode=1, betas=(0, 1))
    assert "follow different stages" in program.error(*line, "1")


def test_help_shows_a_value_that_classes_read_differently_as_it_was_given(program: Program) -> None:
    output = program.type("--config", write("train.optim.mode: 0x10"), "train", "--help").output
    assert "--optim.mode INTEGER         [default: 0x10]" in output


def test_the_secrets_of_a_turn_are_not_saved() -> None:
    program = Program(Vault | Open, Open())
    path = write("run.stages: [{train: {optim: {class: Vault, token: hunter22}}}, {train: {optim.size: 4}}]")
    output = program.type("--save", "-", "--config", path).output
    assert "hunter22" not in output
    assert "optim.class: Vault" in output
    assert program.made == [Vault("hunter22"), Open(size=4)]


@pytest.mark.parametrize("given", ["line", "file", "variable"])
@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"class": "SGD", "betas": "[1, 2]"}, "train.optim.betas: SGD has no field 'betas', which "),
        ({"class": "SGD", "momentum": "much"}, "'much' is not a valid float"),
        ({"class": "Strict", "lr": "-1"}, "train.optim: Strict cannot be made of this: negative"),
    ],
)
def test_values_of_a_stage_that_does_not_run_are_checked(given: str, values: dict[str, str], message: str) -> None:
    program = Program(Adam | SGD | Strict, Adam(), envvar_prefix="P")
    program.binder.stage(lambda: None, name="other")
    flat = {f"train.optim.{name}".removesuffix(".class"): value for name, value in values.items()}
    line, env = [], {}
    if given == "line":
        line = [word for key, value in flat.items() for word in (f"--{key}", value)]
    elif given == "variable":
        env = {f"P_{key.replace('.', '_').upper()}": value for key, value in flat.items()}
    else:
        Path("f.yml").write_text("".join(f"{key}: {value}\n" for key, value in flat.items()), encoding="utf-8")
        line = ["--config", "f.yml"]
    assert message in program.error(*line, "other", env=env)


def test_all_fields_of_other_classes_are_reported_together() -> None:
    adam = Adam()
    program = Program(Adam | SGD, adam)

    @program.binder.stage
    def test(other: Adam | SGD = adam) -> None:
        pass

    path = write("train.optim.momentum: .1\ntest.other: SGD\ntest.other.betas: 1 2")
    one, two = program.error("--config", path, "train").splitlines()
    assert one.startswith(f"Invalid value for train.optim.momentum: Adam has no field 'momentum', which '{path}:1'")
    assert two.startswith(f"Invalid value for test.other.betas: SGD has no field 'betas', which '{path}:3'")


def test_values_of_a_stage_that_does_not_run_may_be_incomplete() -> None:
    program = Program(Pair[int] | SGD)
    program.binder.stage(lambda: None, name="other")
    result = program.type("--train.optim", "Pair", "--train.optim.one", "1", "other")
    assert result.exit_code == 0, result.output
    result = program.type("--train.optim.one", "1", "other")  # no class is chosen
    assert result.exit_code == 0, result.output


def test_a_stage_that_has_no_class_and_does_not_run_is_left_out_of_a_saved_run() -> None:
    program = Program(Adam | SGD)
    program.binder.stage(lambda: None, name="other")
    result = program.type("--save", "run.yml", "other")
    assert result.exit_code == 0, result.output
    assert Path("run.yml").read_text(encoding="utf-8") == "run.stages:\n- other\n"


def test_a_turn_is_saved_without_a_default_that_cannot_be_written() -> None:
    @dataclass
    class Odd:
        name: str = 5  # type: ignore[assignment]  # as programs do
        lr: float = 4.0

    program = Program(Adam | Odd, Adam(5))
    path = write("run.stages: [{train: {optim: Odd}}, train]")
    for words in ["--save", "run.yml", "--config", path], ["--config", "run.yml"]:
        assert program(*words) == Adam(5)
        assert program.made.pop() == Odd()
    assert "    optim.class: Odd\n    optim.lr: 4.0\n- train" in Path("run.yml").read_text(encoding="utf-8")


def test_a_turn_is_saved_with_the_defaults_of_the_class_that_it_chooses() -> None:
    program = Program(Adam | Lion, Adam())
    assert program("--save", "run.yml", "run", "train", "--optim", "Lion", "train") == Adam()
    text = "run.stages:\n- train:\n    optim.class: Lion\n    optim.lr: 0.0001\n    optim.wd: 0.0\n- train\n"
    assert text in Path("run.yml").read_text(encoding="utf-8")


def test_turns_of_a_line_equal_those_that_it_has_saved() -> None:
    @dataclass
    class Outer:
        size: int = 1
        optim: Adam | SGD = field(default_factory=Adam)
        last: int = 2

    program = Program(Outer | Lion, Lion())
    line = "run", "train", "--optim", "Outer", "--optim.optim", "SGD", "--optim.last", "3", "train"
    program("--save", "run.yml", *line)
    assert program.type("--diff", "run.yml", *line).output == ""


def test_values_beside_a_bound_class_are_saved_with_the_others() -> None:
    @dataclass
    class Config:
        optim: Optimizer | None = None
        size: int = 3
        name: str = "x"

    program = Program(Config, Config(size=5), Momentum)
    program("--save", "run.yml", "train", "--optim.optim", "Momentum")
    text = "train.optim.name: x\ntrain.optim.optim.class: Momentum\ntrain.optim.size: 5\n"
    assert text in Path("run.yml").read_text(encoding="utf-8")


def test_what_a_default_of_a_bound_class_keeps_is_kept() -> None:
    @dataclass
    class Counting(Base):
        steps: int = field(default=0, init=False)

    default = Counting(2)
    default.steps = 7
    program = Program(Base, default, Counting)
    made = program("train", "--optim.lr", "3")
    assert (made.lr, made.steps) == (3, 7)


def test_a_class_whose_metaclass_answers_no_question_has_no_implementations() -> None:
    class Silent(type):
        def __subclasscheck__(cls, _: type) -> bool:
            raise RuntimeError

    class Mute(metaclass=Silent): ...

    default = Mute()
    assert Program(Mute, default, Momentum)("train") is default


def test_help_leaves_out_a_class_that_has_nothing_to_show() -> None:
    @dataclass
    class Plain:
        inner: Warm = field(default_factory=Warm)
        other: Warm | None = None

    @dataclass
    class Nothing: ...

    output = Program(Plain | Nothing, Plain()).type("train", "--help").output
    assert output[output.index("--optim Plain:") :] == (
        "--optim Plain:\n"
        "  --optim.inner.steps INTEGER  [default: 5]\n"
        "  --optim.other none\n"
        "  --optim.other.steps INTEGER\n"
        "\n"
        "All options: prog --help. One function: prog help NAME.\n"
    )
    assert Program(Nothing | Plain)("--config", write("train: {optim: {class: Nothing}}")) == Nothing()


def test_the_schema_accepts_the_classes_and_the_fields_of_all() -> None:
    jsonschema = pytest.importorskip("jsonschema")
    program = Program(Adam | SGD, Adam())
    schema = json.loads(program.type("--print-schema").output)
    jsonschema.Draft202012Validator.check_schema(schema)
    check = jsonschema.Draft202012Validator(schema).is_valid
    for good in (
        {"train.optim": "SGD", "train.optim.lr": 1},
        {"train.optim.class": "SGD", "train.optim.mode": "slow"},
        {"train": {"optim": {"class": "Adam", "mode": 3, "momentum": 1}}},
        {"train.optim": "$chosen"},
    ):
        assert check(good)
    for bad in (
        {"train.optim": "Sgd"},
        {"train.optim": None},
        {"train": {"optim": {"class": 1}}},
        {"train.optim.mode": [1]},
    ):
        assert not check(bad)
    inside = json.loads(Program(list[Adam | SGD], []).type("--print-schema").output)
    check = jsonschema.Draft202012Validator(inside).is_valid
    assert check({"train.optim": [{"class": "SGD", "momentum": 1}]})
    assert not check({"train.optim": [{"class": "SGD", "betas": [0, 1]}]})


def test_the_converter_of_a_field_of_several_classes_writes_only_what_it_has_read() -> None:
    converter = (
        Program(Adam | SGD, Adam()).binder._registry.bounds["train"].options["optim.mode"].converter
    )  # no public way
    assert converter is not None
    read = converter.from_text("5")
    assert converter.accepts(read)
    assert not converter.accepts(5)
    with pytest.raises(TypeError, match="5 is written by its class"):
        converter.to_plain(5)


def test_a_mark_of_a_field_counts_in_whichever_class_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    @dataclass
    class Marked:
        lr: Annotated[float, clickbind.Option("-r", envvar="RATE")] = 9

    program = Program(Adam | Marked, Adam())
    assert program("train", "-r", "3") == Adam(3)
    monkeypatch.setenv("RATE", "4")
    assert program("train", "--optim", "Marked") == Marked(4)


def test_an_instance_of_a_class_that_is_no_choice_is_the_default_only_until_its_base_is_chosen() -> None:
    @dataclass
    class Better(Adam):
        pass

    program = Program(Adam | SGD, Better(5))
    assert program("train", "--optim.mode", "2") == Better(5, mode=2)
    assert program("train", "--optim", "Adam", "--optim.mode", "2") == Adam(mode=2)
    for words in ["--save", "run.yml"], ["--config", "run.yml"]:
        assert program(*words) == Better(5)


def test_many_bound_classes_that_take_one_another_are_choices_one_level_deep() -> None:
    def wrapper(number: int) -> type:
        def initial(self: Any, inner: Optimizer | None = None, k: int = 1) -> None:
            self.arguments = inner, k

        return type(f"Wrapper{number}", (Optimizer,), {"__init__": initial})

    with processor_seconds(60):
        program = Program(Optimizer | None, None, *map(wrapper, range(51)))
        assert program("train", "--optim", "Wrapper7", "--optim.k", "3").arguments == (None, 3)
        assert program.error("train", "--optim.inner", "Wrapper8").startswith("No such option '--optim.inner'.")


def test_a_turn_that_chooses_the_class_of_a_run_without_one_is_saved() -> None:
    program = Program(Adam | SGD)
    path = write("run.stages:\n- train: {optim: SGD}\n- train: {optim: {class: Adam, lr: 3}}")
    program.type("--config", path, "--save", "saved.yml")
    made, program.made = program.made, []
    assert made == [SGD(), Adam(3)]
    program.type("--config", "saved.yml")
    assert program.made == made


# Variables in files.


@pytest.mark.parametrize(
    ("below", "above", "expected"),
    [
        ("$vars: {l: 5}\ntrain.optim.lr: ${l}", "train.optim: SGD", SGD(5)),
        ('$vars: {l: 5}\ntrain.optim.betas: ["${l}", 1]', "train.optim: SGD", SGD()),
        ("train.optim.lr: ${nowhere}", "train.optim: SGD\ntrain.optim.lr: 2", SGD(2)),
        ("$vars: {c: SGD}", "train.optim: $c\ntrain.optim.lr: 2", SGD(2)),
        ("$vars: {c: GD}", "train.optim: S${c}\ntrain.optim.lr: 2", SGD(2)),
        ("train.optim: $nowhere", "train.optim: SGD", SGD()),
    ],
)
def test_variables_may_choose_a_class_and_set_its_fields(below: str, above: str, expected: object) -> None:
    program = Program(Adam | SGD, Adam())
    assert program("--config", write(below, "a.yml"), "--config", write(above, "b.yml")) == expected


def test_null_and_a_field_made_of_a_variable_exclude_each_other() -> None:
    program = Program(Adam | SGD | None, SGD())
    path = write("$vars: {l: 5}\ntrain.optim: null\ntrain.optim.lr: $l")
    assert "cannot be used together" in program.error("--config", path)
