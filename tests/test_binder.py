"""`Binder`: registers functions, and connects the rooms."""

from __future__ import annotations

import doctest
import functools
import inspect
import math
import pickle
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

import clickbind
from clickbind import Binder, BindError, ConfigError


@pytest.fixture
def binder() -> Binder:
    return Binder("prog", help="Tries models.", version="1.2")


def names(binder: Binder) -> list[str]:
    return list(binder._registry.bounds)


def train(epochs: int = 50, lr: float = 0.1) -> tuple[int, float]:
    """Train the model."""
    return epochs, lr


def my_dataset(folder: str = "default") -> str:
    return folder


class Model:
    def fit(self, epochs: int = 5) -> int:
        return epochs


class Trainer:
    """An object that can be called."""

    def __call__(self, epochs: int = 5) -> int:
        return epochs


def test_the_examples_of_the_docstring_hold() -> None:
    found = doctest.testmod(clickbind, raise_on_error=True)
    assert found.attempted > 0


@pytest.mark.parametrize("role", ["bind", "stage"])
@pytest.mark.parametrize(
    "use",
    [lambda method: method(train), lambda method: method()(train), lambda method: method(name="train")(train)],
    ids=["bare", "called", "with settings"],
)
def test_a_decorator_works_bare_and_called(binder: Binder, role: str, use: Callable[[Any], Any]) -> None:
    bound = use(getattr(binder, role))
    assert bound() == (50, 0.1)
    assert bound.__wrapped__ is train
    assert [(item.name, item.role) for item in binder._registry.bounds.values()] == [("train", role)]


def test_scopes_may_stand_alone_or_behind_the_function(binder: Binder) -> None:
    binder.bind("train", "val")(my_dataset)
    binder.bind(train, "test", name="other")
    assert binder._registry.bounds["my_dataset"].scopes == ("train", "val")
    assert binder._registry.bounds["other"].scopes == ("test",)


def test_settings_reach_what_is_bound(binder: Binder) -> None:
    binder.stage(train, name="other", default=False, hidden=True, deprecated="Use train.")
    found = binder._registry.bounds["other"]
    assert (found.role, found.default, found.hidden, found.deprecated) == ("stage", False, True, "Use train.")


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (train, "train"),
        (Model, "Model"),
        (Model.fit, "Model.fit"),
        (Model().fit, "Model.fit"),
    ],
)
def test_a_name_is_the_functions_own(binder: Binder, function: Any, name: str) -> None:
    binder.bind(function)
    assert names(binder) == [name]


def test_a_local_functions_name_is_its_last_part(binder: Binder) -> None:
    def local() -> None: ...

    class Local:
        def fit(self) -> None: ...

    for function in (local, Local, Local.fit):
        binder.bind(function)
    assert names(binder) == ["local", "Local", "Local.fit"]


@pytest.mark.parametrize("function", [functools.partial(train, 5), Trainer()])
def test_what_has_no_name_needs_one(binder: Binder, function: Any) -> None:
    with pytest.raises(BindError) as caught:
        binder.bind(function)
    assert str(caught.value) == f"{function!r} has no name: pass name='…'."
    assert names(binder) == []


def test_a_lambda_needs_a_name(binder: Binder) -> None:
    with pytest.raises(BindError) as caught:
        binder.bind(lambda x=1: x)
    assert str(caught.value) == "'<lambda>' is not a valid name: pass another name='…'."


@pytest.mark.parametrize(
    ("function", "key", "expected"),
    [
        (functools.partial(train, lr=0.5), "f.epochs", (9, 0.5)),
        (functools.partial(train, 1), "f.lr", (1, 9)),
        (Trainer(), "f.epochs", 9),
        (lambda x=1: x, "f.x", 9),
    ],
    ids=["partial", "partial of the first", "object", "lambda"],
)
def test_what_has_no_name_works_under_a_given_one(binder: Binder, function: Any, key: str, expected: object) -> None:
    bound = binder.bind(function, name="f")
    with binder.scope({key: 9}):
        assert bound() == expected


@pytest.mark.parametrize("wrong", [5, [5], 1.5])
def test_what_cannot_be_called_cannot_be_bound(binder: Binder, wrong: Any) -> None:
    with pytest.raises(BindError) as caught:
        binder.stage(wrong)
    assert str(caught.value) == f"{wrong!r} cannot be bound: it is not callable."


def test_a_function_keeps_its_signature(binder: Binder) -> None:
    assert inspect.signature(binder.bind(train)) == inspect.signature(train)


def test_a_function_may_be_bound_twice_and_is_not_wrapped_twice(binder: Binder) -> None:
    once = binder.bind(train)
    twice = binder.stage(once, name="again")
    with binder.scope({"train.epochs": 1, "again.epochs": 2}):
        assert (once()[0], twice()[0]) == (1, 2)
    with binder.scope({"train.epochs": 1}):
        assert twice()[0] == 50


@pytest.mark.parametrize("default", [True, False])
def test_a_stage_that_is_bound_under_scopes_stays_a_stage(binder: Binder, default: bool) -> None:
    @binder.bind("val")
    @binder.stage(default=default)
    def fit(epochs: int = 50) -> int:
        return epochs

    def report() -> int:
        with binder.scope("val"):
            return fit()

    binder.stage(report, default=False)
    found = binder._registry.bounds["fit"]
    assert (found.role, found.scopes, found.default) == ("stage", ("val",), default)
    main = binder.command()
    assert main(["fit", "--epochs", "3"], standalone_mode=False) == 3
    assert main(["fit", "--val/fit.epochs", "3"], standalone_mode=False) == 50
    assert main(["report", "--val/fit.epochs", "3", "--fit.epochs", "4"], standalone_mode=False) == 3
    assert main(["run", "fit", "report", "--val/fit.epochs", "3"], standalone_mode=False) == [50, 3]


def test_a_method_gets_what_was_given(binder: Binder) -> None:
    class Local:
        @binder.bind
        def fit(self, epochs: int = 5) -> int:
            return epochs

    with binder.scope({"Local.fit.epochs": 9}):
        assert Local().fit() == 9


def test_a_static_method_can_be_bound(binder: Binder) -> None:
    class Local:
        @staticmethod
        @binder.bind
        def fit(epochs: int = 5) -> int:
            return epochs

    with binder.scope({"Local.fit.epochs": 9}):
        assert Local.fit() == Local().fit() == 9


def test_a_generator_function_is_made_into_a_context_manager(binder: Binder) -> None:
    @binder.context
    def output(folder: str = "out") -> Iterator[str]:
        yield folder

    with binder.scope({"output.folder": "x"}), output() as folder:
        assert folder == "x"


@pytest.mark.parametrize("use", [lambda context: context, lambda context: context()], ids=["bare", "called"])
def test_a_context_manager_is_bound_as_it_is(binder: Binder, use: Callable[[Any], Any]) -> None:
    @contextmanager
    def output(folder: str = "out") -> Iterator[str]:
        yield folder

    bound: Callable[[], AbstractContextManager[str]] = use(binder.context)(output)
    with bound() as folder:
        assert folder == "out"
    assert binder._registry.bounds["output"].role == "context"


def test_a_class_may_be_a_context(binder: Binder) -> None:
    @binder.context
    class Output:
        def __init__(self, folder: str = "out") -> None:
            self.folder = folder

        def __enter__(self) -> str:
            return self.folder

        def __exit__(self, *_: object) -> None: ...

    with binder.scope({"Output.folder": "x"}), Output() as folder:
        assert folder == "x"


async def generator() -> AsyncIterator[None]:
    yield


async def coroutine() -> None: ...


class Manager:
    async def __aenter__(self) -> None: ...

    async def __aexit__(self, *_: object) -> None: ...


@pytest.mark.parametrize("function", [generator, coroutine, asynccontextmanager(generator), Manager])
def test_an_async_context_manager_is_refused(binder: Binder, function: Any) -> None:
    with pytest.raises(BindError) as caught:
        binder.context(function)
    assert str(caught.value) == (f"{function!r} is an async context manager, which cannot be bound: write a plain one.")
    assert names(binder) == []


def test_a_scope_needs_no_values(binder: Binder) -> None:
    bound = binder.bind(my_dataset, "train")
    with binder.scope({"train/my_dataset.folder": "x"}):
        assert bound() == "default"
        with binder.scope("train"):
            assert bound() == "x"


def test_a_scope_of_nothing_changes_nothing(binder: Binder) -> None:
    bound = binder.bind(my_dataset)
    with binder.scope({"my_dataset.folder": "x"}), binder.scope():
        assert bound() == "x"


def test_values_and_scopes_are_entered_together(binder: Binder) -> None:
    bound = binder.bind(my_dataset, "train", "val")
    with binder.scope({"train/my_dataset.folder": "t", "val/my_dataset.folder": "v"}, "train", "val"):
        assert bound() == "v"


def test_values_are_taken_as_they_are(binder: Binder) -> None:
    bound: Callable[[], object] = binder.bind(train)
    with binder.scope({"train.epochs": "many"}):
        assert bound() == ("many", 0.1)


def test_keys_of_a_scope_may_have_dashes(binder: Binder) -> None:
    bound = binder.bind(my_dataset)
    with binder.scope({"my-dataset.folder": "x"}):
        assert bound() == "x"


@pytest.mark.parametrize(
    ("key", "hint"),
    [("train.epohcs", " Did you mean 'train.epochs'?"), ("xyz", ""), ("run.stage", " Did you mean 'run.stages'?")],
)
def test_an_unknown_key_of_a_scope_is_refused(binder: Binder, key: str, hint: str) -> None:
    binder.stage(train)
    with pytest.raises(BindError) as caught:
        binder.scope({key: 5})
    assert str(caught.value) == f"unknown key {key!r}.{hint}"


def test_an_unknown_scope_is_refused(binder: Binder) -> None:
    binder.bind(my_dataset, "train")
    with pytest.raises(BindError) as caught:
        binder.scope("tran")
    assert (
        str(caught.value)
        == "no function is bound with the scope 'tran'; the known ones are train. Did you mean 'train'?"
    )


def test_a_snapshot_pickles_and_is_entered_again(binder: Binder) -> None:
    bound = binder.bind(my_dataset)
    with binder.scope({"my_dataset.folder": "x"}):
        text = pickle.dumps(binder.values())
    assert bound() == "default"
    with binder.scope(pickle.loads(text)):
        assert bound() == "x"


def test_loaded_files_hold_in_a_scope(binder: Binder, tmp_path: Path) -> None:
    bound = binder.stage(train)
    (tmp_path / "a.yml").write_text("train: {epochs: 1, lr: 1e-3}\n", encoding="utf-8")
    (tmp_path / "b.yml").write_text("train.epochs: 2\n", encoding="utf-8")
    with binder.scope(binder.load(tmp_path / "a.yml", str(tmp_path / "b.yml"))):
        assert bound() == (2, 0.001)
        with binder.scope({"train.lr": 0.5}):
            assert bound() == (2, 0.5)


def test_loaded_files_are_checked(binder: Binder, tmp_path: Path) -> None:
    binder.stage(train)
    (tmp_path / "f.yml").write_text("train.epochs: many\n", encoding="utf-8")
    with pytest.raises(ConfigError, match=r"f\.yml:1:15: train\.epochs: 'many' is not a valid integer\."):
        binder.load(tmp_path / "f.yml")


def test_no_files_give_no_values(binder: Binder) -> None:
    assert binder.load().files == {}


def test_a_command_is_a_group_of_click_with_the_binders_name(binder: Binder) -> None:
    main = binder.command()
    assert isinstance(main, click.Group)
    assert main.name == "prog"
    assert CliRunner().invoke(main, ["--version"], prog_name="prog").output == "prog, version 1.2\n"


def test_a_command_may_have_a_name_and_attributes_of_its_own(binder: Binder) -> None:
    main = binder.command("other", help="Something else.", epilog="The end.")
    assert (main.name, main.help, main.epilog) == ("other", "Something else.", "The end.")


def test_functions_that_are_bound_later_are_in_the_command_too(binder: Binder) -> None:
    main = binder.command()
    binder.stage(train)
    assert main.main(["train", "--epochs", "7"], standalone_mode=False) == (7, 0.1)


def test_two_programs_of_one_process_do_not_mix(binder: Binder) -> None:
    other = Binder()
    mine, theirs = binder.bind(my_dataset), other.bind(my_dataset)
    with binder.scope({"my_dataset.folder": "x"}):
        assert (mine(), theirs()) == ("x", "default")


class Fitter:
    """Has methods of every kind."""

    def __init__(self) -> None:
        self.name = "trainer"

    def fit(self, epochs: int = 1) -> tuple[str, int]:
        return self.name, epochs


def test_class_methods_and_static_methods_can_be_bound_from_above_and_below(binder: Binder) -> None:
    class Model:
        @binder.bind
        @classmethod
        def make(cls, size: int = 1) -> tuple[str, int]:
            return cls.__name__, size

        @classmethod
        @binder.bind
        def build(cls, size: int = 1) -> tuple[str, int]:
            return cls.__name__, size

        @binder.bind("train")
        @staticmethod
        def twice(number: int = 1) -> int:
            return 2 * number

    class Sub(Model): ...

    with binder.scope({"Model.make.size": 5, "Model.build.size": 6, "Model.twice.number": 7}):
        assert (Model.make(), Sub.make(), Model().make(size=9)) == (("Model", 5), ("Sub", 5), ("Model", 9))
        assert (Model.build(), Sub.build(8)) == (("Model", 6), ("Sub", 8))
        assert (Model.twice(), Model().twice(), Model.twice(2)) == (14, 14, 4)
    assert Model.make() == ("Model", 1)


def test_a_method_of_an_instance_can_be_bound(binder: Binder) -> None:
    fit = binder.bind(Fitter().fit)
    with binder.scope({"Fitter.fit.epochs": 5}):
        assert fit() == ("trainer", 5)
        assert Fitter().fit() == ("trainer", 1)


def test_what_is_bound_again_under_other_scopes_has_all_of_them(binder: Binder) -> None:
    def dataset(folder: str = "a") -> str:
        return folder

    one, other = binder.bind(dataset, "train"), binder.bind(dataset, "val")
    with binder.scope({"train/dataset.folder": "t", "val/dataset.folder": "v"}):
        for call in (one, other):
            with binder.scope("train"):
                assert call() == "t"
            with binder.scope("val"):
                assert call() == "v"


@pytest.mark.parametrize(
    ("function", "given", "arguments", "expected"),
    [
        (math.isclose, {"isclose.rel_tol": 0.5}, (1.0, 1.4), True),
        (sorted, {"sorted.reverse": True}, ([1, 3, 2],), [3, 2, 1]),
        (round, {"round.ndigits": 2}, (3.14159,), 3.14),
        (functools.partial(int, base=2), None, ("101",), 5),
    ],
)
def test_what_is_written_in_c_can_be_bound_where_it_has_a_signature(
    binder: Binder, function: Any, given: Any, arguments: Any, expected: object
) -> None:
    call = binder.bind(function, name=None if given else "binary")
    assert call(*arguments) == function(*arguments)
    if given:
        with binder.scope(given):
            assert call(*arguments) == expected


def test_what_has_no_signature_is_told_when_it_is_first_looked_at(binder: Binder) -> None:
    binder.bind(dict)
    with pytest.raises(BindError, match="has no signature and cannot be bound"):
        binder.scope({"dict.a": 1})


def test_parameters_of_every_kind_are_filled_in_where_they_stand(binder: Binder) -> None:
    @binder.bind
    def use(x: Any, /, y: int = 2, *args: Any, k: int, z: int = 3, **kwargs: Any) -> Any:
        return x, y, args, k, z, kwargs

    with binder.scope({"use.y": 9, "use.z": 8}):
        assert use(1, k=2) == (1, 9, (), 2, 8, {})
        assert use(1, 2, 3, k=4) == (1, 2, (3,), 4, 8, {})
        assert use(1, k=5, z=6, w=7) == (1, 9, (), 5, 6, {"w": 7})


def test_a_constructor_that_is_bound_by_itself_has_its_classs_name(binder: Binder) -> None:
    class Model:
        @binder.bind
        def __init__(self, size: int = 1) -> None:
            self.size = size

    with binder.scope({"Model.size": 5}):
        assert (Model().size, Model(2).size) == (5, 2)


def generate(count: int = 1) -> Iterator[int]:
    yield count


async def generate_async(count: int = 1) -> AsyncIterator[int]:
    yield count


@pytest.mark.parametrize("function", [generate, generate_async, functools.partial(generate, 2)])
def test_a_generator_function_is_no_stage(binder: Binder, function: Callable[..., Any]) -> None:
    with pytest.raises(BindError, match="is a generator function, and as a stage it would do nothing"):
        binder.stage(function, name="generate")


@pytest.mark.parametrize("wrong", [None, [1], 3])
def test_what_is_no_scope_is_refused(binder: Binder, wrong: Any) -> None:
    for number in range(2):
        with pytest.raises(BindError) as caught:
            binder.scope(*[{}][:number], wrong)
        assert str(caught.value) == (
            f"{wrong!r} is neither a scope nor values: pass names of scopes, mappings of keys to values, or what "
            f"values() and load() return."
        )


def test_a_key_that_is_no_text_is_unknown(binder: Binder) -> None:
    with pytest.raises(BindError, match="unknown key 3"):
        binder.scope({3: 1})  # type: ignore[dict-item]


class Carrier:
    """A callable that has the code of the generator function which it consumes."""

    def __init__(self, code: object) -> None:
        self.__code__ = code

    def __call__(self, count: int = 1) -> list[int]:
        return list(generate(count))


@pytest.mark.parametrize("code", [generate.__code__, "text"])
def test_what_carries_the_code_of_a_generator_function_is_none(binder: Binder, code: object) -> None:
    binder.stage(Carrier(code), name="carry")
    assert binder.command()(["carry", "--count", "3"], standalone_mode=False) == [3]
