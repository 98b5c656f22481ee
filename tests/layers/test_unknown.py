"""Keys in files that a bound function has no option for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

import pytest

import clickbind
from clickbind.layers.files import load_text


@dataclass
class Schedule:
    """A schedule."""

    gamma: float = 0.5


@dataclass
class Optim:
    """An optimizer."""

    token: Annotated[str, clickbind.Option(secret=True)] = "s3cret-word"
    null: str = "null"
    name: str = "adam w"
    learning_rate: float = 0.1
    schedule: Schedule = field(default_factory=Schedule)


@dataclass
class Needs:
    """A class without defaults."""

    rows: dict[str, list[int]]
    count: int


@dataclass
class Flags:
    """A class whose first field is a flag."""

    nested: dict[str, Any]
    fast: bool = True


@dataclass
class Nested:
    """A class with a field that no text can set."""

    rows: dict[str, list[int]]


OPTIM, NEEDS, FLAGS, NESTED = Optim(), Needs({}, 1), Flags({}), Nested({})


@pytest.fixture
def binder() -> clickbind.Binder:
    """Bind a function that has lost a parameter, and functions whose parameters have fields."""
    binder = clickbind.Binder()

    @binder.bind("train")
    def model(penalty: str = "l2", tol: float = 1e-4, random_state: int = 0) -> None: ...

    @binder.bind
    def dataset(path: str, made: object = None, size: int = 1) -> None: ...

    @binder.stage
    def train(optim: Optim = OPTIM, needs: Needs = NEEDS, flags: Flags = FLAGS, nested: Nested = NESTED) -> None: ...

    return binder


def problem(binder: clickbind.Binder, text: str) -> str:
    """Return the first line of the error for a file."""
    with pytest.raises(clickbind.ConfigError) as caught:
        load_text(text, "f.yml", binder._registry)
    return str(caught.value).partition("\n")[0].partition(": ")[2]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("penalty: l1", " Did you mean 'model.penalty' or 'train/model.penalty'?"),
        ("schedule.gamma: 1", " Did you mean 'fit.schedule.gamma'?"),
        ("path: x", " Did you mean 'dataset.path'?"),
        ("px: x", ""),
        ("datset.path: x", " Did you mean 'dataset.path'?"),
        ("size: 1", " Write the name of its function before it, as in 'dataset.size'."),
    ],
)
def test_a_key_without_its_function_is_found_by_its_end(text: str, expected: str) -> None:
    binder = clickbind.Binder()
    schedule = Schedule()

    @binder.bind("train")
    def model(penalty: str = "l2") -> None: ...

    @binder.bind
    def dataset(path: str = "", size: int = 1) -> None: ...

    @binder.stage
    def fit(schedule: Schedule = schedule, size: int = 1) -> None: ...

    for name in ("one", "two"):
        binder.bind(lambda size=1: None, name=name)
    assert problem(binder, text) == f"unknown key {text.partition(':')[0]!r}.{expected}"


GONE = "Remove the line: 'model' has no such parameter (any more)."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("model.multi_class: 1", f"unknown key 'model.multi_class'. {GONE}"),
        ("model: {multi_class: 1}", f"unknown key 'model.multi_class'. {GONE}"),
        ("train/model.multi_class: 1", f"unknown key 'train/model.multi_class'. {GONE}"),
        ("model.penalyt: 1", "unknown key 'model.penalyt'. Did you mean 'model.penalty'?"),
        ("train/model.penalyt: 1", "unknown key 'train/model.penalyt'. Did you mean 'train/model.penalty'?"),
        ("model.Penalty: 1", "unknown key 'model.Penalty'. Did you mean 'model.penalty'?"),
        (
            "model.rstate: 1",
            f"unknown key 'model.rstate'. Did you mean 'model.random_state'? Otherwise, {GONE[0].lower()}{GONE[1:]}",
        ),
        ("train.learning_rate: 1", "unknown key 'train.learning_rate'. Did you mean 'train.optim.learning_rate'?"),
        ("train.needs.token: 1", "unknown key 'train.needs.token'. Did you mean 'train.optim.token'?"),
        (
            "train.needs.fas: 1",  # not fast, which is a field of flags
            "unknown key 'train.needs.fas'. Remove the line: 'train.needs' has no such field (any more).",
        ),
        (
            "train: {optim: {momentum: 1}}",
            "unknown key 'train.optim.momentum'. Remove the line: 'train.optim' has no such field (any more).",
        ),
        (
            "train.optim.schedule.gama: 1",
            "unknown key 'train.optim.schedule.gama'. Did you mean 'train.optim.schedule.",
        ),
        ("dataset.path: x", "unknown key 'dataset.path': it is a parameter of 'dataset' that files cannot set."),
    ],
)
def test_a_key_of_a_bound_function_is_told_what_to_do(binder: clickbind.Binder, text: str, expected: str) -> None:
    assert problem(binder, text).startswith(expected)


@pytest.mark.parametrize(
    ("text", "example"),
    [
        ("train.optim: adam", "train.optim.null: text"),
        ("train: {optim: adam}", "train.optim.null: text"),
        ("train.optim: [1]", "train.optim.null: text"),
        ("train.optim.schedule: 1", "train.optim.schedule.gamma: 0.5"),
        ("train.needs: 1", "train.needs.count: 1"),
        ("train.flags: 1", "train.flags.fast: true"),
    ],
)
def test_a_parameter_with_fields_is_told_an_entry_that_works(binder: clickbind.Binder, text: str, example: str) -> None:
    assert problem(binder, text).endswith(f" is set by its fields, such as {example}.")
    assert load_text(example, "f.yml", binder._registry)


def test_fields_that_no_simple_text_sets_have_no_example(binder: clickbind.Binder) -> None:
    assert problem(binder, "train.nested: 1") == "train.nested is set by its fields."


def test_a_long_key_is_told_no_similar_one() -> None:
    binder = clickbind.Binder()
    binder.bind(lambda size=1: None, name="model")
    assert problem(binder, f"model.{'x' * 300}: 1").endswith(
        "...'. Remove the line: 'model' has no such parameter (any more)."
    )


def test_only_the_first_problems_have_suggestions(binder: clickbind.Binder) -> None:
    with pytest.raises(clickbind.ConfigError) as caught:
        load_text("".join(f"model.penalty{number}: 1\n" for number in range(20)), "f.yml", binder._registry)
    assert str(caught.value).count("Did you mean") == 10
    assert "emove the line" not in str(caught.value)


def test_the_line_of_a_key_that_was_compared_with_no_other_is_not_told_to_be_removed(binder: clickbind.Binder) -> None:
    gone = "".join(f"model.gone{number}: 1\n" for number in range(11))
    with pytest.raises(clickbind.ConfigError) as caught:
        load_text(f"{gone}model.penalyt: 1", "f.yml", binder._registry)
    assert str(caught.value).count(GONE) == 10
    assert "unknown key 'model.gone10'.\n" in str(caught.value)
    assert "unknown key 'model.penalyt'.\n" in str(caught.value)


@pytest.mark.parametrize("word", ["none", "None", "'null'", '"none"', "NoNe"])
@pytest.mark.parametrize(
    "text",
    [
        *("patience: {}", "rates: [1, {}]", "mood: {}", "schedule: {}", "either: {}"),
        *("run.stages: [{{fit: {{patience: {}}}}}]", "run.stages: [{{fit: {{either: {}}}}}]"),
    ],
)
def test_a_word_for_none_is_told_to_write_null(text: str, word: str) -> None:
    binder = clickbind.Binder()

    @binder.stage
    def fit(
        patience: int | None = None,
        rates: list[float | None] = [],  # noqa: B006 - copied for each call
        mood: Literal["a", "b"] | None = None,
        schedule: Schedule | None = None,
        either: Flags | Schedule | None = None,
    ) -> None: ...

    written = text.format(word)
    written = written if written.startswith("run") else f"fit.{written}"
    assert "For no value, write null without quotes." in problem(binder, written)


@pytest.mark.parametrize("word", ["none", "'null'"])
def test_a_word_for_none_stays_text_where_text_is_valid(word: str) -> None:
    binder = clickbind.Binder()

    @binder.stage
    def fit(tag: str | None = None) -> None: ...

    (found,) = load_text(f"fit.tag: {word}", "f.yml", binder._registry).values()
    assert found.value == word.strip("'")
