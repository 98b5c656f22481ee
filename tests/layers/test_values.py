"""Layers to resolved values: which layer wins."""

from __future__ import annotations

import itertools
import pickle
import types
from pathlib import Path

import pytest
from click.core import ParameterSource

from clickbind import layers
from clickbind.declare.registry import Bound, Registry, Settings
from clickbind.errors import ConfigError
from clickbind.keys import Key
from clickbind.layers import Asked, Layer, ResolvedValue, Values

LAYERS = ["line", "environment", "files", "default_map"]


def layer(**values: object) -> Layer:
    """Make a layer: ``f_x`` is ``f.x``, ``s_f_x`` is ``s/f.x``."""
    return {key_of(name): resolved(value) for name, value in values.items()}


def key_of(name: str) -> Key:
    *scope, function, parameter = name.split("_")
    return Key(function, parameter, scope[0] if scope else None)


def resolved(value: object) -> ResolvedValue:
    return ResolvedValue(value, ParameterSource.COMMANDLINE, f"for {value}")


def value_of(values: Values, *scopes: str) -> object:
    found = values.resolve("f", "x", scopes)
    return None if found is None else found.value


def test_the_layers_of_a_run_are_listed_in_one_order() -> None:
    assert [kind.name for kind in layers.ORDER] == LAYERS


@pytest.mark.parametrize(("higher", "lower"), list(itertools.combinations(LAYERS, 2)))
def test_a_higher_layer_wins(higher: str, lower: str) -> None:
    values = Values(**{higher: layer(f_x="higher"), lower: layer(f_x="lower")})  # type: ignore[arg-type]
    assert value_of(values) == "higher"


def test_what_is_laid_over_wins_the_innermost_first() -> None:
    values = Values(over=(layer(f_x="inner"), layer(f_x="outer")), line=layer(f_x="line"))
    assert value_of(values) == "inner"


def test_without_any_layer_there_is_no_value() -> None:
    assert Values().resolve("f", "x") is None
    assert Values(line=layer(f_y=1, g_x=2)).resolve("f", "x") is None


def test_a_value_of_none_is_a_value() -> None:
    values = Values(line=layer(f_x=None), files=layer(f_x=1))
    assert values.resolve("f", "x") == ResolvedValue(None, ParameterSource.COMMANDLINE, "for None")


def test_within_a_layer_the_scoped_key_wins() -> None:
    assert value_of(Values(line=layer(f_x="plain", train_f_x="scoped")), "train") == "scoped"


def test_between_layers_the_layer_decides() -> None:
    assert value_of(Values(line=layer(f_x="plain"), files=layer(train_f_x="scoped")), "train") == "plain"


def test_of_several_scopes_the_innermost_that_has_the_key_wins() -> None:
    values = Values(line=layer(f_x="plain", outer_f_x="outer", inner_f_x="inner"))
    assert value_of(values, "inner", "outer") == "inner"
    assert value_of(values, "other", "outer") == "outer"
    assert value_of(values, "other") == "plain"


def test_outside_of_its_scope_a_scoped_key_does_not_hold() -> None:
    assert value_of(Values(line=layer(train_f_x=1))) is None


def test_a_copy_has_other_layers_and_leaves_the_first_alone() -> None:
    first = Values(line=layer(f_x=1), files=layer(f_x=2))
    second = first.replace(line=layer(f_x=3))
    assert (value_of(first), value_of(second), second.files) == (1, 3, first.files)


def test_a_turns_own_values_come_first_within_their_layer() -> None:
    values = Values(line=layer(f_x="line", f_y=1), files=layer(f_x="file", f_z=2))
    turn = values.for_turn(layer(f_x="turn"), layer(f_x="file's turn", f_z="turn"))
    assert turn.line == layer(f_x="turn", f_y=1)
    assert turn.files == layer(f_x="file's turn", f_z="turn")


def test_a_files_turn_stays_below_the_line() -> None:
    assert value_of(Values(line=layer(f_x="line")).for_turn({}, layer(f_x="turn"))) == "line"


def test_a_turn_without_values_changes_nothing() -> None:
    values = Values(line=layer(f_x=1))
    assert values.for_turn({}, {}) is values


def test_values_pickle() -> None:
    values = Values(over=(layer(f_x=1),), line=layer(f_y=2), environment=layer(f_z=3), files=layer(train_f_x=4))
    copy = pickle.loads(pickle.dumps(values))
    assert tuple(copy.over) == tuple(values.over)
    assert [getattr(copy, name) for name in LAYERS] == [getattr(values, name) for name in LAYERS]


@pytest.mark.parametrize("name", LAYERS)
def test_the_functions_with_values_are_known_in_every_layer(name: str) -> None:
    values = Values(**{name: {Key("f", "x.y", "train"): resolved(1), Key("g", "x"): resolved(2)}})  # type: ignore[arg-type]
    assert values.functions() == {"f", "g"}


def test_a_function_with_a_value_that_is_laid_over_is_known() -> None:
    assert Values(over=({Key("f", "x.y"): resolved(1)},)).functions() == {"f"}


def test_there_is_no_other_layer_than_those_of_the_order() -> None:
    with pytest.raises(TypeError, match="no such layer 'keyring'; the layers are line, environment"):
        Values(keyring=layer(f_x=1))


def train(epochs: int = 50) -> None: ...


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Registry:
    monkeypatch.setenv("EXP_TRAIN_EPOCHS", "1")
    registry = Registry(Settings(envvar_prefix="exp"))
    registry.add(Bound(train, name="train", role="stage"))
    return registry


def test_the_layers_that_are_asked_for_are_read(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_text("train.epochs: 2\n", encoding="utf-8")
    values, problem = layers.read(registry, Asked([str(path)], {"train": {"epochs": 3}}))
    key = Key("train", "epochs")
    assert [found[key].origin for found in values.layers if found] == ["EXP_TRAIN_EPOCHS", f"{path}:1", "default_map"]
    assert problem is None
    values, problem = layers.read(registry, Asked())
    assert (values.files, values.default_map, problem) == ({}, {}, None)


def test_what_is_wrong_with_a_layer_keeps_those_above_it(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_text("train.epochs: many\n", encoding="utf-8")
    values, problem = layers.read(registry, Asked([str(path)], {"train.epochs": 3}))
    assert isinstance(problem, ConfigError)
    assert [len(found) for found in values.own] == [0, 1, 0, 0]


def test_a_layer_is_a_module_that_is_read_where_something_asks_for_it(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    def read(registry: Registry, asked: Asked) -> Layer:
        return layer(f_x="for f.x")

    keyring = types.ModuleType("clickbind.layers.keyring")
    vars(keyring).update(read=read)
    monkeypatch.setattr(layers, "keyring", keyring, raising=False)
    kind = layers.LayerKind("keyring", lambda registry, _: registry.settings.envvar_prefix == "exp")
    assert kind.read(registry, Asked()) == layer(f_x="for f.x")
    assert kind.read(Registry(), Asked()) == {}
