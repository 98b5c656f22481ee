"""Environment variables to the layer that they make."""

from __future__ import annotations

import dataclasses
import functools
import inspect
from pathlib import Path
from typing import Annotated, Any, Literal, NewType

import pytest
from click.core import ParameterSource

import clickbind
from clickbind import layers
from clickbind.declare.registry import Bound, Registry, Settings
from clickbind.declare.turns import Turn
from clickbind.errors import BindError, UserError
from clickbind.keys import Key
from clickbind.layers import Asked
from tests.conftest import Program

Secret = Annotated[int, clickbind.Option(secret=True)]


def train(epochs: int = 50, model_type: str = "conv", tags: list[str] = []) -> None: ...  # noqa: B006 - to be replaced


def dataset(folder: str = "default") -> None: ...


def login(pin: Secret = 1) -> None: ...


def marked(
    epochs: Annotated[int, clickbind.Option(envvar="EPOCHS")] = 1,
    pin: Annotated[int, clickbind.Option(envvar="PIN", secret=True)] = 1,
    plain: int = 1,
) -> None: ...


def registry_of(*bounds: Bound, prefix: str | None = "exp") -> Registry:
    registry = Registry(Settings(envvar_prefix=prefix))
    for bound in bounds:
        registry.add(bound)
    return registry


@pytest.fixture
def registry() -> Registry:
    return registry_of(
        Bound(train, name="train", role="stage"),
        Bound(dataset, name="dataset", role="bind", scopes=("train",)),
        Bound(login, name="login", role="bind"),
    )


@pytest.mark.parametrize(
    ("variable", "text", "key", "value"),
    [
        ("EXP_TRAIN_EPOCHS", "7", Key("train", "epochs"), 7),
        ("EXP_TRAIN_MODEL_TYPE", "x", Key("train", "model_type"), "x"),
        ("EXP_TRAIN_TAGS", "a 'b c'", Key("train", "tags"), ["a", "b c"]),
        ("EXP_TRAIN_TAGS", "[a, b]", Key("train", "tags"), ["a", "b"]),
        ("EXP_DATASET_FOLDER", "x", Key("dataset", "folder"), "x"),
        ("EXP_TRAIN__DATASET_FOLDER", "x", Key("dataset", "folder", "train"), "x"),
        ("EXP_RUN_STAGES", "train train", Key("run", "stages"), [Turn("train"), Turn("train")]),
    ],
)
def test_a_variable_gives_its_parameter(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, *, variable: str, text: str, key: Key, value: object
) -> None:
    monkeypatch.setenv(variable, text)
    ((found, resolved),) = layers.environment.read(registry, Asked()).items()
    assert (found, resolved.value) == (key, value)
    assert (resolved.source, resolved.origin) == (ParameterSource.ENVIRONMENT, variable)


@pytest.mark.parametrize("variable", ["EXP_TRAIN_EPOCHS", "EXP_RUN_STAGES"])
def test_an_empty_variable_is_unset(registry: Registry, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "")
    assert layers.environment.read(registry, Asked()) == {}
    monkeypatch.setenv("EXP_TRAIN_TAGS", "a")  # with another one that is set
    assert set(layers.environment.read(registry, Asked())) == {Key("train", "tags")}


@pytest.mark.parametrize("variable", ["EXP", "EXPTRAIN_EPOCHS", "EXP_TRAIN", "exp_train_epochs", "TRAIN_EPOCHS"])
def test_other_variables_are_others_business(
    registry: Registry, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, "x")
    assert layers.environment.read(registry, Asked()) == {}


def test_without_a_prefix_no_variable_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NONE_TRAIN_EPOCHS", "7")
    monkeypatch.setenv("TRAIN_EPOCHS", "7")
    assert layers.environment.read(registry_of(Bound(train, name="train", role="stage"), prefix=None), Asked()) == {}


def test_a_function_is_looked_at_only_where_a_variable_of_the_program_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    registry = registry_of(Bound(int.__dict__["real"], name="broken", role="bind"))
    assert layers.environment.read(registry, Asked()) == {}
    monkeypatch.setenv("EXP_X", "1")
    with pytest.raises(BindError, match="has no signature"):
        layers.environment.read(registry, Asked())


def test_all_that_is_wrong_with_variables_is_told_together(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXP_TRAIN_EPOCHS", "many")
    monkeypatch.setenv("EXP_RUN_STAGES", "zzz")
    with pytest.raises(UserError) as caught:
        layers.environment.read(registry, Asked())
    assert caught.value.message.splitlines() == [
        "Invalid value for the variable 'EXP_TRAIN_EPOCHS' (train.epochs): 'many' is not a valid integer.",
        "Invalid value for the variable 'EXP_RUN_STAGES' (run.stages): there is no stage 'zzz'.",
    ]


def test_a_name_that_two_parameters_share_is_refused_where_it_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    def one(b_c: int = 1) -> None: ...

    def two(c: int = 1) -> None: ...

    registry = registry_of(Bound(one, name="a", role="bind"), Bound(two, name="a_b", role="bind"))
    monkeypatch.setenv("EXP_X", "1")
    assert layers.environment.read(registry, Asked()) == {}
    monkeypatch.setenv("EXP_A_B_C", "1")
    with pytest.raises(UserError) as caught:
        layers.environment.read(registry, Asked())
    assert caught.value.message == "the variable 'EXP_A_B_C' belongs to a.b_c and a_b.c: set them in another way."


def test_a_wrong_secret_is_not_shown(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXP_LOGIN_PIN", "hunter2")
    with pytest.raises(UserError) as caught:
        layers.environment.read(registry, Asked())
    assert caught.value.message == ("Invalid value for the variable 'EXP_LOGIN_PIN' (login.pin): expected INTEGER.")


def read_marked() -> dict[str, Any]:
    found = layers.environment.read_marked([Bound(marked, name="f", role="bind")])
    return {key.text: (item.value, item.origin) for key, item in found.items()}


def test_a_parameter_may_name_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read_marked() == {}
    monkeypatch.setenv("EPOCHS", "")
    assert read_marked() == {}
    monkeypatch.setenv("EPOCHS", "7")
    assert read_marked() == {"f.epochs": (7, "EPOCHS")}


@pytest.mark.parametrize(
    ("variable", "problem"),
    [
        ("EPOCHS", "Invalid value for the variable 'EPOCHS' (f.epochs): 'many' is not a valid integer."),
        ("PIN", "Invalid value for the variable 'PIN' (f.pin): expected INTEGER."),
    ],
)
def test_a_named_variable_that_is_wrong_is_refused(
    monkeypatch: pytest.MonkeyPatch, variable: str, problem: str
) -> None:
    monkeypatch.setenv(variable, "many")
    with pytest.raises(UserError) as caught:
        read_marked()
    assert caught.value.message == problem


def test_a_prefix_may_be_written_small() -> None:
    assert Key("train", "epochs").variable("my-exp") == "MY_EXP_TRAIN_EPOCHS"


def test_a_prefix_with_a_dash_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MY_EXP_TRAIN_EPOCHS", "7")
    registry = registry_of(Bound(train, name="train", role="stage"), prefix="my-exp")
    assert {key.text: item.value for key, item in layers.environment.read(registry, Asked()).items()} == {
        "train.epochs": 7
    }


def test_a_program_without_a_prefix_reads_no_variable(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROG_TRAIN_EPOCHS", "7")
    assert program("train").exit_code == 0
    assert program.got("train.epochs") == [50]


Aliased = Annotated[int, clickbind.Option(envvar="VALUE")]
Named = NewType("Named", Aliased)


class Indexed:
    def __class_getitem__(cls, name: str) -> Any:
        return Annotated[int, clickbind.Option(envvar=name)]


@dataclasses.dataclass
class Optimizer:
    lr: Aliased = 1


def by_alias(value: Aliased = 1) -> Any:
    return value


def by_name(value: Named | None = None) -> Any:
    return value


def by_text(value: Annotated[int, clickbind.Option(envvar="VALUE")] = 1) -> Any:
    return value


VARIABLE = "VALUE"


def by_subscript(value: Indexed[VARIABLE] = 1) -> Any:  # type: ignore[type-arg, assignment, valid-type]
    return value


def by_field(value: Optimizer = Optimizer()) -> Any:  # noqa: B008 - as people write it
    return value.lr


def by_default(value=Optimizer()) -> Any:  # type: ignore[no-untyped-def]  # noqa: B008 - it tells the type
    return value.lr


def by_member(value: list[str] | Aliased = 1) -> Any:
    return value


class ByConstructor:
    def __init__(self, value: Aliased = 1) -> None:
        self.value = value


def _undocumented(function: Any) -> Any:
    @functools.wraps(function)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    return wrapper


def _signed(function: Any) -> Any:
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return function(*args, **kwargs)

    wrapper.__signature__ = inspect.signature(function)  # type: ignore[attr-defined]
    wrapper.__name__ = wrapper.__qualname__ = "signed"
    return wrapper


class Unhashable:
    __hash__ = None  # type: ignore[assignment]


def by_strange_hint(other: int = 2, value: Aliased = 1) -> Any:
    return value


by_strange_hint.__annotations__["other"] = Annotated[int, [Unhashable()]]


def plain(  # type: ignore[no-untyped-def]  # noqa: PLR0917 - one of each kind
    count: int = 1,
    path: Path | None = None,
    mode: Literal["a", "b"] = "a",
    items: dict[str, tuple[int, ...]] = {},  # noqa: B006
    anything: Any = None,
    bare=3,
) -> Any: ...


plain.author = "somebody"  # type: ignore[attr-defined]


MARKED = [
    by_alias,
    by_name,
    by_text,
    by_subscript,
    by_field,
    by_default,
    by_member,
    ByConstructor,
    _undocumented(by_alias),
    _signed(by_alias),
    functools.partial(by_alias),
    by_strange_hint,
]


@pytest.mark.parametrize("function", MARKED, ids=lambda function: getattr(function, "__name__", "partial"))
def test_a_variable_is_read_however_its_mark_comes_into_one_of_many_functions(
    function: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VALUE", "7")
    binder = clickbind.Binder()
    for number in range(30):
        binder.bind(plain, name=f"plain_{number}")
    call = binder.bind(function, name="marked")

    @binder.stage
    def train() -> Any:
        found = call()
        return getattr(found, "value", found)

    assert binder.command()(["train"], standalone_mode=False) == 7


def test_of_many_functions_only_those_are_looked_at_that_may_name_a_variable() -> None:
    bounds = [Bound(plain, name="plain", role="bind"), Bound(by_alias, name="by_alias", role="bind")]
    assert layers.environment.perhaps_marked(bounds) == bounds[1:]


def test_local_names_may_hold_a_mark_in_one_of_many_functions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VALUE", "7")
    here = Aliased
    binder = clickbind.Binder()
    for number in range(30):
        binder.bind(plain, name=f"plain_{number}")

    @binder.bind
    def by_local(value: here = 1) -> Any:  # type: ignore[valid-type]
        return value

    binder.stage(lambda: by_local(), name="train")  # noqa: PLW0108 - what is bound is not called
    assert binder.command()(["train"], standalone_mode=False) == 7


def test_what_cannot_tell_its_annotations_is_left_to_its_signature() -> None:
    bounds = [Bound(print, name="print", role="bind"), Bound(str.join, name="join", role="bind")]
    assert layers.environment.perhaps_marked(bounds) == bounds
