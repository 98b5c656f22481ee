"""Layers to resolved values: which layer wins."""

from __future__ import annotations

import itertools
import pickle

import pytest
from click.core import ParameterSource

from clickbind.keys import Key
from clickbind.layers import Layer, ResolvedValue, Values

LAYERS = ["line", "environment", "files", "embedding"]


def layer(**values: object) -> Layer:
    """Make a layer: ``f_x`` is ``f.x``, ``s_f_x`` is ``s/f.x``."""
    return {key_of(name): resolved(value) for name, value in values.items()}


def key_of(name: str) -> Key:
    *scope, function, parameter = name.split("_")
    return Key(function, parameter, scope[0] if scope else None)


def resolved(value: object) -> ResolvedValue:
    return ResolvedValue(value, ParameterSource.COMMANDLINE, f"for {value}")


def value_of(values: Values, *scopes: str) -> object:
    found = values.get("f", "x", scopes)
    return None if found is None else found.value


@pytest.mark.parametrize(("higher", "lower"), list(itertools.combinations(LAYERS, 2)))
def test_a_higher_layer_wins(higher: str, lower: str) -> None:
    values = Values(**{higher: layer(f_x="higher"), lower: layer(f_x="lower")})  # type: ignore[arg-type]
    assert value_of(values) == "higher"


def test_what_is_laid_over_wins_the_innermost_first() -> None:
    values = Values(over=(layer(f_x="inner"), layer(f_x="outer")), line=layer(f_x="line"))
    assert value_of(values) == "inner"


def test_without_any_layer_there_is_no_value() -> None:
    assert Values().get("f", "x") is None
    assert Values(line=layer(f_y=1, g_x=2)).get("f", "x") is None


def test_a_value_of_none_is_a_value() -> None:
    values = Values(line=layer(f_x=None), files=layer(f_x=1))
    assert values.get("f", "x") == ResolvedValue(None, ParameterSource.COMMANDLINE, "for None")


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


def test_files_become_clicks_default_map_files_over_the_embedding_programs() -> None:
    values = Values(files=layer(f_x=1, train_f_y=2), embedding=layer(f_x=0, f_z=3), line=layer(f_w=4))
    assert values.default_map() == {"f.x": 1, "train/f.y": 2, "f.z": 3}


def test_a_stages_map_has_its_own_values_by_parameter() -> None:
    values = Values(files=layer(f_x=1, train_f_y=2, g_x=5), embedding=layer(f_x=0, f_z=3, g_z=6), line=layer(f_w=4))
    assert values.stage_map("f", "xyz") == {"x": 1, "z": 3}
    assert values.stage_map("g", "xyz") == {"x": 5, "z": 6}
    assert values.stage_map("h", "xyz") == {}


def test_a_default_map_has_a_stage_under_its_own_spelling() -> None:
    values = Values(files={Key("my_stage", "x"): resolved(1)})
    assert values.default_map() == {"my_stage.x": 1}
    assert values.stage_map("my_stage", "x") == {"x": 1}


def test_the_stages_of_a_run_stand_beside_their_values() -> None:
    values = Values(files=layer(run_stages=["f"], f_x=1))
    assert values.default_map() == {"run.stages": ["f"], "f.x": 1}
    assert values.stage_map("f", "xyz") == {"x": 1}


def test_a_value_that_can_be_called_is_not_called_by_click() -> None:
    values = Values(files=layer(f_x=print))
    assert values.default_map()["f.x"]() is print
    assert values.stage_map("f", "xyz")["x"]() is print


@pytest.mark.parametrize("name", LAYERS)
def test_a_field_of_a_parameter_is_known_in_every_layer(name: str) -> None:
    values = Values(**{name: {Key("f", "x.y", "train"): resolved(1), Key("g", "x"): resolved(2)}})  # type: ignore[arg-type]
    assert values.with_fields() == {"f"}


def test_a_field_that_is_laid_over_is_known() -> None:
    assert Values(over=({Key("f", "x.y"): resolved(1)},)).with_fields() == {"f"}
