"""The default map of Click: an embedding program's as a layer, and the maps that Click is given."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import pytest
from click.core import ParameterSource

import clickbind
from clickbind.cli.option import stage_option
from clickbind.declare.registry import Bound, Registry, Settings
from clickbind.declare.turns import Turn
from clickbind.errors import ConfigError
from clickbind.keys import Key
from clickbind.layers import Asked, Layer, ResolvedValue, Values
from clickbind.layers.default_map import DefaultMap, looked_up, of_root, of_stage, read


def train(epochs: int = 50, lr: float = 1e-3, tag: str | None = None) -> None: ...


def dataset(folder: str = "default", model_type: str = "conv") -> None: ...


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add(Bound(dataset, name="dataset", role="bind", scopes=("train", "val")))
    registry.add(Bound(train, name="train", role="stage"))
    return registry


def mapped(registry: Registry, default_map: dict[str, Any]) -> dict[str, Any]:
    return {key.text: found.value for key, found in read(registry, Asked(default_map=default_map)).items()}


@pytest.mark.parametrize(
    ("default_map", "expected"),
    [
        ({}, {}),
        ({"train.epochs": 5}, {"train.epochs": 5}),
        ({"train": {"epochs": "5", "lr": 1}}, {"train.epochs": 5, "train.lr": 1.0}),
        ({"train/dataset": {"model-type": "x"}}, {"train/dataset.model_type": "x"}),
        ({"run": {"stages": ["train"]}}, {"run.stages": [Turn("train")]}),
        ({"train.tag": None}, {"train.tag": None}),
    ],
)
def test_a_default_map_is_flat_or_nested(
    registry: Registry, default_map: dict[str, Any], expected: dict[str, Any]
) -> None:
    assert mapped(registry, default_map) == expected


@pytest.mark.parametrize(("word", "cure"), [("none", " For no value, pass None."), ("x", "")])
def test_a_word_for_none_in_a_default_map_is_told_to_pass_none(registry: Registry, word: str, cure: str) -> None:
    registry.add(Bound(lambda patience=None: None, name="other", role="stage"))
    registry.bounds["other"].function.__annotations__["patience"] = "int | None"
    with pytest.raises(ConfigError) as caught:
        mapped(registry, {"other.patience": word})
    assert caught.value.message == f"default_map: other.patience: {word!r} is not a valid integer.{cure}"


@pytest.mark.parametrize("default_map", [{"other": 5}, {"other": {"x": 1}}, {"train": 5}, {"train": {"x": 1}}])
def test_entries_of_a_default_map_that_name_no_parameter_are_left_alone(
    registry: Registry, default_map: dict[str, Any]
) -> None:
    assert mapped(registry, default_map) == {}


def test_a_value_of_a_default_map_knows_its_source(registry: Registry) -> None:
    found = read(registry, Asked(default_map={"train.epochs": 5}))[Key("train", "epochs")]
    assert (found.source, found.origin) == (ParameterSource.DEFAULT_MAP, "default_map")


def test_a_wrong_value_of_a_default_map_is_refused(registry: Registry) -> None:
    with pytest.raises(ConfigError) as caught:
        read(registry, Asked(default_map={"train": {"epochs": 5.7}}))
    assert caught.value.message == "default_map: train.epochs: '5.7' is not a valid integer."


class Unsayable:
    """An object whose own methods fail."""

    def __str__(self) -> str:
        raise RuntimeError("no text")

    __repr__ = __str__


UNSAYABLE: dict[str, Any] = {
    "an int": 10**5000,
    "a list": [10**5000],
    "a dict": {"a": 10**5000},
    "an object": Unsayable(),
    "a list of those": [Unsayable()],
}


@pytest.mark.parametrize("what", UNSAYABLE)
@pytest.mark.parametrize("hint", [str, int, list[int], dict[str, int], float, "Path | str"])
def test_a_default_map_may_hold_what_has_no_text(hint: Any, what: str) -> None:
    registry = Registry()

    def function(x: Any = None) -> None: ...

    function.__annotations__["x"] = hint
    registry.add(Bound(function, name="f", role="bind"))
    try:
        read(registry, Asked(default_map={"f.x": UNSAYABLE[what]}))
    except ConfigError as caught:
        message = str(caught)
    else:
        message = "default_map: f.x: it is taken"
    assert message.startswith("default_map: f.x: ")


def test_an_import_path_in_a_default_map_leads_into_what_the_program_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "losses_of_theirs.py").write_text("def hinge(): pass\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "losses_of_theirs", raising=False)

    def fit(loss: Callable[[], None] = print) -> None: ...

    registry = Registry(Settings(import_from=("losses_of_theirs",)))
    registry.add(Bound(fit, name="fit", role="stage", names={"Callable": Callable}))
    (found,) = read(registry, Asked(default_map={"fit.loss": "losses_of_theirs:hinge"})).values()
    assert found.value.__name__ == "hinge"


def layer(**values: object) -> Layer:
    """Make a layer: ``f_x`` is ``f.x``, ``s_f_x`` is ``s/f.x``."""
    found: dict[Key, ResolvedValue] = {}
    for name, value in values.items():
        *scope, function, parameter = name.split("_")
        key = Key(function, parameter, scope[0] if scope else None)
        found[key] = ResolvedValue(value, ParameterSource.DEFAULT_MAP, f"f.yml:{len(found) + 1}")
    return found


def stage(name: str) -> Bound:
    def function(x: object = 0, y: object = 0, z: object = 0) -> None: ...

    return Bound(function, name=name, role="stage")


def test_files_become_clicks_default_map_files_over_the_embedding_programs() -> None:
    values = Values(files=layer(f_x=1, train_f_y=2), default_map=layer(f_x=0, f_z=3), line=layer(f_w=4))
    assert of_root(values, {"f.x": 0, "tool": 5}) == {"f.x": 1, "train/f.y": 2, "f.z": 3, "tool": 5}


def test_a_stages_map_has_its_own_values_by_parameter() -> None:
    values = Values(files=layer(f_x=1, train_f_y=2, g_x=5), default_map=layer(f_x=0, f_z=3, g_z=6), line=layer(f_w=4))
    assert of_stage(values, stage("f")) == {"x": 1, "z": 3}
    assert of_stage(values, stage("g")) == {"x": 5, "z": 6}
    assert of_stage(values, stage("h")) == {}


def test_a_default_map_has_a_stage_under_its_own_spelling() -> None:
    values = Values(files={Key("my_stage", "x"): ResolvedValue(1, ParameterSource.DEFAULT_MAP, "f.yml:1")})
    assert of_root(values, {}) == {"my_stage.x": 1}
    assert of_stage(values, stage("my_stage")) == {"x": 1}


def test_the_stages_of_a_run_are_beside_their_values() -> None:
    values = Values(files=layer(run_stages=["f"], f_x=1))
    assert of_root(values, {}) == {"run.stages": ["f"], "f.x": 1}
    assert of_stage(values, stage("f")) == {"x": 1}


def test_a_value_that_can_be_called_is_not_called_by_click() -> None:
    values = Values(files=layer(f_x=print))
    assert of_root(values, {})["f.x"]() is print
    assert of_stage(values, stage("f"))["x"]() is print


@pytest.mark.parametrize("value", [1, None, "text", print, [1]])
def test_a_value_has_its_place_in_the_file_still_when_it_comes_back_from_click(value: object) -> None:
    bound = stage("f")
    values = Values(files=layer(f_y=0, f_x=value))
    ctx = click.Context(click.Command("f"), default_map=of_stage(values, bound))
    assert looked_up(ctx, "x") is values.files[Key("f", "x")]
    found, source = stage_option(bound, bound.options["x"]).consume_value(ctx, {})
    assert (found.value, found.origin, source) == (value, "f.yml:2", ParameterSource.DEFAULT_MAP)


def test_a_value_that_a_callback_puts_into_the_map_has_no_place_in_a_file() -> None:
    ctx = click.Context(click.Command("f"), default_map=of_stage(Values(files=layer(f_x=1)), stage("f")))
    assert ctx.default_map is not None  # it was given
    ctx.default_map["x"] = 2
    found = looked_up(ctx, "x")
    assert (found.value, found.origin) == (2, "default_map")


def test_another_programs_map_is_looked_up_as_click_does() -> None:
    found = looked_up(click.Context(click.Command("f"), default_map={"x": lambda: 3}), "x")
    assert (found.value, found.source, found.origin) == (3, ParameterSource.DEFAULT_MAP, "default_map")


def test_the_root_and_each_stage_of_a_run_are_given_such_a_map(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")
    maps = []

    def see() -> None:
        ctx: click.Context | None = click.get_current_context()
        while ctx is not None:
            maps.append(ctx.default_map)
            ctx = ctx.parent

    @binder.stage
    def fit(size: int = 1) -> None:
        see()

    (tmp_path / "f.yml").write_text("\nfit.size: 2\n", encoding="utf-8")
    binder.command()(["--config", str(tmp_path / "f.yml"), "fit"], standalone_mode=False)
    own, root = maps
    assert (own, root) == ({"size": 2}, {"fit.size": 2})
    assert isinstance(own, DefaultMap)
    assert isinstance(root, DefaultMap)
    assert own.found["size"] is root.found["fit.size"]
    assert own.found["size"].origin == f"{tmp_path / 'f.yml'}:2"
