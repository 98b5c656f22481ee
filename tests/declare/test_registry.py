"""What a binder has bound, and where a key leads."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

import clickbind
from clickbind.declare.registry import Bound, Registry
from clickbind.declare.turns import StagesConverter, Turn
from clickbind.errors import BindError
from clickbind.keys import Key

if TYPE_CHECKING:
    from clickbind.declare.registry import Role


def train(epochs: int = 50, lr: float = 0.1) -> None: ...


def dataset(folder: str = "default", *, size: int = 10) -> None: ...


class Opaque:
    """A type that no text can make."""


def need(size: int, model: Opaque | None = None) -> None: ...


class Model:
    def fit(self) -> None: ...


class Program:
    """An object that can be called."""

    def __call__(self) -> None: ...


PROGRAM = Program()


def bound(function: Callable[..., Any], name: str | None = None, role: Role = "bind", **more: Any) -> Bound:
    return Bound(function, name=name or function.__name__, role=role, **more)


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add(bound(dataset, scopes=("train", "val")))
    registry.add(bound(train, role="stage"))
    registry.add(bound(need, "my_need", "stage", default=False))
    return registry


def refusal(registry: Registry, wrong: Bound) -> str:
    with pytest.raises(BindError) as caught:
        registry.add(wrong)
    return str(caught.value)


def test_a_bound_function_is_called_as_it_is_until_a_binder_says_otherwise() -> None:
    found = bound(train)
    assert found.call is found.function is train
    assert (found.name, found.role, found.scopes) == ("train", "bind", ())
    assert (found.default, found.hidden, found.deprecated) == (True, False, False)


def test_registering_reads_no_signature() -> None:
    registry = Registry()
    registry.add(bound(dict.update, "update"))
    with pytest.raises(BindError, match=r"^<method 'update' of 'dict' objects> has no signature "):
        _ = registry.bounds["update"].spec


def test_a_signature_is_read_once() -> None:
    found = bound(train)
    assert found.spec is found.spec


def test_the_options_of_a_bound_function_are_the_parameters_with_a_default_that_text_can_make() -> None:
    assert list(bound(need).options) == []
    assert list(bound(dataset).options) == ["folder", "size"]


@pytest.mark.parametrize("role", ["stage", "context"])
def test_nobody_else_calls_a_stage_or_context_so_it_requires_options(role: Role) -> None:
    options = bound(need, role=role).options
    assert list(options) == ["size"]
    assert options["size"].required


@pytest.mark.parametrize("role", ["stage", "context"])
def test_a_stage_or_context_cannot_require_what_no_text_can_make(role: Role) -> None:
    def function(model: Opaque) -> None: ...

    with pytest.raises(BindError) as caught:
        _ = bound(function, role=role).options
    assert str(caught.value) == (
        f"{role} 'function': parameter 'model' cannot be parsed from text ({Opaque!r}) and has no default. "
        "Give it a default or another type, or bind the function with 'bind' and call it yourself."
    )


def test_another_function_may_require_what_no_text_can_make() -> None:
    def function(model: Opaque, size: int = 1) -> None: ...

    assert list(bound(function).options) == ["size"]


@pytest.mark.parametrize("name", ["train", "Model.fit", "_x", "été"])
def test_a_name_is_an_identifier_or_several(name: str) -> None:
    registry = Registry()
    registry.add(bound(train, name))
    assert list(registry.bounds) == [name]


@pytest.mark.parametrize("name", ["<lambda>", "my-train", "a..b", "a.", "a b", "1st", "a/b"])
def test_what_is_no_name_is_refused(name: str) -> None:
    assert refusal(Registry(), bound(train, name)) == f"{name!r} is not a valid name: pass another name='…'."


@pytest.mark.parametrize("name", ["run", "args"])
def test_clickbinds_own_names_are_taken(name: str) -> None:
    expected = f"the name {name!r} is reserved by clickbind: pass another name='…'."
    assert refusal(Registry(), bound(train, name)) == expected


def test_a_scope_has_a_name() -> None:
    expected = "'a b' is not a valid scope: 'train' cannot be bound under it."
    assert refusal(Registry(), bound(train, scopes=("val", "a b"))) == expected


def test_a_scopes_dashes_are_underscores() -> None:
    registry = Registry()
    registry.add(bound(train, scopes=("my-scope",)))
    assert registry.scopes == {"my_scope": 1}
    assert registry.bounds["train"].scopes == ("my_scope",)


def test_two_functions_of_one_name_are_refused_with_both_places(registry: Registry) -> None:
    def other() -> None: ...

    line = other.__code__.co_firstlineno
    here = f"{__name__}.test_two_functions_of_one_name_are_refused_with_both_places.<locals>.other ({__file__}:{line})"
    there = f"{__name__}.train ({__file__}:{train.__code__.co_firstlineno})"
    assert refusal(registry, bound(other, "train")) == (
        f"two functions are bound as 'train': {there} and {here}. Pass name='…' for one of them."
    )
    assert registry.bounds["train"].function is train


def test_two_objects_of_one_name_are_told_by_their_types() -> None:
    registry = Registry()
    registry.add(bound(functools.partial(train), "part"))
    assert refusal(registry, bound(PROGRAM, "part")) == (
        f"two functions are bound as 'part': functools.partial and {__name__}.Program. Pass name='…' for one of them."
    )


def test_the_same_function_may_be_bound_again(registry: Registry) -> None:
    again = bound(train, role="context")
    registry.add(again)
    assert registry.bounds["train"] is again


def define(value: int) -> Any:
    """Define a function as a notebook cell does that is run again: it is compiled anew."""
    space: dict[str, Any] = {"__name__": __name__}
    exec(f"def function(): return {value}", space)
    return space["function"]


def test_a_function_that_is_defined_again_replaces_the_old_one() -> None:
    registry = Registry()
    registry.add(bound(define(1)))
    registry.add(bound(define(2)))
    assert registry.bounds["function"].function() == 2


def test_a_class_that_is_defined_again_replaces_the_old_one() -> None:
    def make() -> type:
        class Local: ...

        return Local

    registry = Registry()
    new = make()
    for kind in (make(), new):
        registry.add(bound(kind))
    assert registry.bounds["Local"].function is new


def test_a_method_that_is_defined_again_replaces_the_old_one() -> None:
    def make() -> Any:
        class Local:
            def fit(self) -> None: ...

        return Local.fit

    registry = Registry()
    new = make()
    for function in (make(), new):
        registry.add(bound(function, "Local.fit"))
    assert registry.bounds["Local.fit"].function is new


def test_run_has_one_parameter_the_stages(registry: Registry) -> None:
    run = registry.run
    assert (run.name, run.role, list(run.options)) == ("run", "bind", ["stages"])
    assert run.options["stages"].default == ["train"]
    assert isinstance(run.options["stages"].converter, StagesConverter)
    assert run.spec.docstring.parameters == {"stages": "Stages to run, in this order."}


def test_run_knows_stages_that_are_bound_later(registry: Registry) -> None:
    registry.add(bound(lambda: None, "later", "stage"))
    stages = registry.run.options["stages"]
    assert stages.default == ["train", "later"]
    assert stages.converter is not None
    assert stages.converter.from_text("later my-need") == [Turn("later"), Turn("my_need")]


def test_functions_are_walked_in_registration_order_and_run_last(registry: Registry) -> None:
    assert [item.name for item in registry] == ["dataset", "train", "my_need", "run"]


@pytest.mark.parametrize(("role", "names"), [("stage", ["train", "my_need"]), ("bind", ["dataset"]), ("context", [])])
def test_functions_are_found_by_role(registry: Registry, role: Role, names: list[str]) -> None:
    assert [item.name for item in registry.of_role(role)] == names


@pytest.mark.parametrize(
    ("text", "name"),
    [("train", "train"), ("my-need", "my_need"), ("my_need", "my_need"), ("run", "run"), ("trian", None)],
)
def test_a_function_is_found_by_name(registry: Registry, text: str, name: str | None) -> None:
    found = registry.get(text)
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("text", "name"), [("my-need", "my_need"), ("train", "train"), ("dataset", None), ("run", None)]
)
def test_a_stage_is_found_by_name(registry: Registry, text: str, name: str | None) -> None:
    found = registry.stage(text)
    assert (found and found.name) == name


@pytest.mark.parametrize(
    ("text", "owner"),
    [
        ("dataset", ("dataset", None)),
        ("train/dataset", ("dataset", "train")),
        ("my-need", ("my_need", None)),
        ("run", ("run", None)),
        ("test/dataset", (None, None)),
        ("train/train", (None, None)),
        ("/dataset", (None, None)),
        ("train/", (None, None)),
        ("", (None, None)),
    ],
)
def test_an_owner_is_a_function_in_a_scope(registry: Registry, text: str, owner: tuple[str | None, str | None]) -> None:
    found, scope = registry.owner(text)
    assert (found and found.name, scope) == owner


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("train.lr", Key("train", "lr")),
        ("val/dataset.folder", Key("dataset", "folder", "val")),
        ("my-need.size", Key("my_need", "size")),
        ("run.stages", Key("run", "stages")),
    ],
)
def test_a_key_leads_to_its_parameter(registry: Registry, text: str, key: Key) -> None:
    found = registry.find(text)
    assert found is not None
    assert found[0] == key
    assert found[1].name == key.function
    assert found[2].name == key.parameter


@pytest.mark.parametrize("text", ["train", "train.", "train.epoch", "test/dataset.folder", "my_need.model", ".lr", ""])
def test_another_text_leads_nowhere(registry: Registry, text: str) -> None:
    assert registry.find(text) is None


def test_every_key_is_walked_scoped_ones_after_the_plain(registry: Registry) -> None:
    assert [key.text for key, _, _ in registry.walk()] == [
        "dataset.folder",
        "dataset.size",
        "train/dataset.folder",
        "train/dataset.size",
        "val/dataset.folder",
        "val/dataset.size",
        "train.epochs",
        "train.lr",
        "my_need.size",
        "run.stages",
    ]


@pytest.mark.parametrize(
    ("prefix", "keys"),
    [
        ("train/dataset.f", ["train/dataset.folder"]),
        ("train.", ["train.epochs", "train.lr"]),
        ("val", ["val/dataset.folder", "val/dataset.size"]),
        ("train.lr", ["train.lr"]),
        ("x", []),
    ],
)
def test_keys_are_walked_by_prefix(registry: Registry, prefix: str, keys: list[str]) -> None:
    assert [key.text for key, _, _ in registry.walk(prefix=prefix)] == keys


def test_a_walk_by_prefix_looks_at_no_other_function(registry: Registry) -> None:
    registry.add(bound(dict.update, "update"))
    assert [key.text for key, _, _ in registry.walk(prefix="train.l")] == ["train.lr"]


def seed(seed: int = 0, optim: str = "adam") -> None: ...


def test_keys_may_be_the_bare_names_of_parameters() -> None:
    registry = Registry(chains=False)
    bound = Bound(seed, name="seed", role="bind", scopes=("train",), prefix="")
    registry.add(bound)
    assert [key.text for key, _, _ in registry.walk()] == ["seed", "optim", "train/seed", "train/optim"]
    assert registry.split("train/seed") == (bound, "train", "seed")
    assert registry.find("seed") == (Key("", "seed"), bound, bound.options["seed"])
    assert registry.find("val/seed") is None
    assert registry.find("other") is None


def test_without_chains_run_is_a_name_like_any_other() -> None:
    registry = Registry(chains=False)
    bound = Bound(seed, name="run", role="bind")
    registry.add(bound)
    assert registry.get("run") is bound
    assert list(registry) == [bound]


def test_a_scope_that_no_function_is_bound_under_any_more_is_gone() -> None:
    binder = clickbind.Binder()
    source = "def data(x: int = 1): return x"
    for scopes in (("train", "val"), ("val",)):
        names: dict[str, Any] = {"__name__": __name__}
        exec(source, names)  # a cell of a notebook that is run again
        call = binder.bind(*scopes)(names["data"])
    with binder.scope({"val/data.x": 5}, "val"):
        assert call() == 5
    with pytest.raises(BindError, match="no function is bound with the scope 'train'; the known ones are val"):
        binder.scope("train")
