"""Plans: data that a run is made of, and that another process could run."""

from __future__ import annotations

import pickle

from click.core import ParameterSource

from clickbind.declare.registry import Bound, Registry
from clickbind.keys import Key
from clickbind.layers import Layer, ResolvedValue, Values
from clickbind.layers.plan import Plan, PlannedTurn, default_turns


def train(epochs: int = 50) -> int:
    """Train."""
    return epochs


def registry() -> Registry:
    made = Registry()
    made.add(Bound(train, name="train", role="stage"))
    return made


def typed(epochs: int) -> Layer:
    return {Key("train", "epochs"): ResolvedValue(epochs, ParameterSource.COMMANDLINE, "--epochs")}


def epochs_of(plan: Plan, turn: int) -> object:
    found = plan.values_of(plan.turns[turn]).resolve("train", "epochs")
    return found.value if found else None


def test_the_values_of_a_single_turn_hold_for_the_whole_run() -> None:
    plan = Plan(Values(), [PlannedTurn("train", typed(7), {}, "line")])
    assert epochs_of(plan, 0) == 7
    found = plan.values.resolve("train", "epochs")
    assert found is not None
    assert found.value == 7


def test_the_values_of_one_of_several_turns_are_its_own() -> None:
    plan = Plan(Values(), [PlannedTurn("train", typed(n), {}, "line") for n in (1, 2)])
    assert [epochs_of(plan, turn) for turn in (0, 1)] == [1, 2]
    assert plan.values.resolve("train", "epochs") is None


def test_making_a_plan_leaves_the_turns_as_they_are() -> None:
    turn = PlannedTurn("train", typed(7), {}, "line")
    Plan(Values(), [turn])
    assert turn.line == typed(7)


def test_a_plan_survives_pickling() -> None:
    plan = Plan(Values(line=typed(3)), [PlannedTurn("train", typed(n), {}, "line") for n in (1, 2)])
    again = pickle.loads(pickle.dumps(plan))
    assert [turn.stage for turn in again.turns] == ["train", "train"]
    assert [epochs_of(again, turn) for turn in (0, 1)] == [1, 2]
    assert again.origin == plan.origin == "line"


def test_an_empty_plan_has_the_origin_of_the_stages_that_were_given() -> None:
    given = Values(line={Key("run", "stages"): ResolvedValue([], ParameterSource.COMMANDLINE, "--run.stages")})
    assert Plan(given, default_turns(registry(), given)).origin == "--run.stages"
    assert Plan(Values(), []).origin == "default"
