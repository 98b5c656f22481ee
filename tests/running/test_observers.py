"""Test observers of a run, and the output of ``--debug``, which is one."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

import pytest
from click.core import ParameterSource

from clickbind import Binder
from clickbind.declare.registry import Registry
from clickbind.keys import Key
from clickbind.layers import ResolvedValue, Values
from clickbind.layers.plan import Plan, PlannedTurn
from clickbind.running.observers import Observer, print_call
from clickbind.running.run import Run


class Sulky:
    """Raise if it is shown."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def test_a_value_that_cannot_be_shown_ends_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    print_call("train", ("val",), {"one": Sulky(), "two": 2})
    assert (
        capsys.readouterr().out == "train(\n  # scope = val\n  one : Sulky = <unprintable Sulky>\n  two : int = 2\n)\n"
    )


def test_a_wrong_call_raises_the_error_of_the_function() -> None:
    binder = Binder()

    @binder.bind
    def dataset(size: int = 1) -> int:
        return size

    call: Any = dataset

    @binder.stage
    def train() -> None:
        call(nothing=1)

    with pytest.raises(TypeError, match=r"dataset\(\) got an unexpected keyword argument 'nothing'"):
        binder.command()(["--debug", "train"], standalone_mode=False)


class Log(Observer):
    """Record the order of events."""

    def __init__(self) -> None:
        self.events: list[Any] = []

    def run_begins(self, plan: Plan) -> None:
        self.events.append(("run begins", [turn.stage for turn in plan.turns]))

    def turn_begins(self, turn: PlannedTurn) -> None:
        self.events.append(("turn begins", turn.stage))

    def call(self, name: str, scopes: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
        self.events.append(("call", name, arguments, sorted(given)))

    def turn_ends(self, turn: PlannedTurn, result: Any, error: BaseException | None, seconds: float) -> None:
        assert seconds >= 0
        self.events.append(("turn ends", turn.stage, result, error))

    def run_ends(self, error: BaseException | None) -> None:
        self.events.append(("run ends", error))


@pytest.fixture
def registry() -> Registry:
    binder = Binder()

    @binder.context
    def output(folder: str = ".") -> Iterator[None]:
        yield

    @binder.stage
    def train(epochs: int = 2) -> int:
        if epochs < 0:
            raise ValueError(epochs)
        return epochs

    return binder._registry


def run(registry: Registry, epochs: int, *observers: Observer) -> None:
    line = {Key("train", "epochs"): ResolvedValue(epochs, ParameterSource.COMMANDLINE, "--epochs")}
    with Run(registry, Plan(Values(), [PlannedTurn("train", line, {}, "line")]), observers) as made:
        for turn in made.plan.turns:
            made.turn(turn)


def test_observers_receive_all_events_in_order(registry: Registry) -> None:
    one, two = Log(), Log()
    run(registry, 7, Observer(), one, two)
    assert one.events == two.events
    assert one.events == [
        ("run begins", ["train"]),
        ("call", "output", {"folder": "."}, []),
        ("turn begins", "train"),
        ("call", "train", {"epochs": 7}, ["epochs"]),
        ("turn ends", "train", 7, None),
        ("run ends", None),
    ]


def test_observers_receive_the_error_that_ends_a_turn_and_the_run(registry: Registry) -> None:
    log = Log()
    with pytest.raises(ValueError, match="-1") as caught:
        run(registry, -1, Observer(), log)
    assert log.events[-2:] == [("turn ends", "train", None, caught.value), ("run ends", caught.value)]
