"""`run.stages`: what is run, in which order, and with which values of its own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from clickbind import nodes
from clickbind.declare.registry import Bound
from clickbind.declare.turns import StagesConverter, Turn
from clickbind.errors import ConversionError


class Opaque:
    """A type that no text can make."""


def train(epochs: int = 50, lr: float = 0.1, model: Opaque | None = None) -> None: ...


def evaluate(folder: Path = Path()) -> None: ...


def my_stage() -> None: ...


STAGES = {function.__name__: Bound(function, name=function.__name__, role="stage") for function in (train, evaluate)}
CONVERTER = StagesConverter({**STAGES, "my_stage": Bound(my_stage, name="my_stage", role="stage")})


def from_yaml(text: str) -> list[Turn]:
    node = nodes.reader.read(text)
    assert node is not None
    return CONVERTER.from_node(node)


def test_a_turn_has_no_values_unless_it_is_given_some() -> None:
    assert (Turn("train").stage, Turn("train").values) == ("train", {})


def test_names_are_apart_by_white_space() -> None:
    assert CONVERTER.from_text(" train  evaluate\ttrain ") == [Turn("train"), Turn("evaluate"), Turn("train")]


def test_occurrences_follow_one_another() -> None:
    assert CONVERTER.from_line(["train evaluate", "train"]) == [Turn("train"), Turn("evaluate"), Turn("train")]


@pytest.mark.parametrize("name", ["my_stage", "my-stage"])
def test_dash_and_underscore_are_the_same(name: str) -> None:
    assert CONVERTER.from_text(name) == [Turn("my_stage")]


@pytest.mark.parametrize(
    ("text", "turns"),
    [
        ("[]", []),
        ("[train, evaluate]", [Turn("train"), Turn("evaluate")]),
        ("train evaluate", [Turn("train"), Turn("evaluate")]),
        ("['my-stage']", [Turn("my_stage")]),
        ("- train: {epochs: 5, lr: 1e-3}\n- train", [Turn("train", {"epochs": 5, "lr": 0.001}), Turn("train")]),
        ("- train:\n- evaluate: ~", [Turn("train"), Turn("evaluate")]),
        ("- evaluate: {folder: a/b}", [Turn("evaluate", {"folder": Path("a/b")})]),
        ("- train: {}", [Turn("train")]),
    ],
)
def test_a_file_lists_turns(text: str, turns: list[Turn]) -> None:
    assert from_yaml(text) == turns


A_TURN = "expected a stage, or a mapping of a stage to its values."


@pytest.mark.parametrize(
    ("text", "message", "place"),
    [
        ("[train, trian]", "there is no stage 'trian'. Did you mean 'train'?", (0, 8)),
        ("- trian: {epochs: 5}", "there is no stage 'trian'. Did you mean 'train'?", (0, 2)),
        ("- train\n- xyz", "there is no stage 'xyz'.", (1, 2)),
        ("- train\n- ~", A_TURN, (1, 2)),
        ("- [train]", A_TURN, (0, 2)),
        ("- {train: ~, evaluate: ~}", A_TURN, (0, 2)),
        ("- {}", A_TURN, (0, 2)),
        ("- {[train]: ~}", A_TURN, (0, 2)),
        ("- train: 5", "expected a mapping of values for a turn of 'train'.", (0, 9)),
        ("- train: [5]", "expected a mapping of values for a turn of 'train'.", (0, 9)),
        ("- train: {epoch: 5}", "stage 'train' has no parameter 'epoch'. Did you mean 'epochs'?", (0, 10)),
        ("- train: {model: 5}", "stage 'train' has no parameter 'model' that files can set.", (0, 10)),
        ("- train: {gone: 5}", "stage 'train' has no parameter 'gone'. Remove it from the turn.", (0, 10)),
        ("- train: {[a]: 5}", "stage 'train' has no parameter ''. Remove it from the turn.", (0, 10)),
        ("- train: {epochs: many}", "epochs: 'many' is not a valid integer.", (0, 18)),
        ("- train: {epochs: [1]}", "epochs: expected INTEGER, got a list.", (0, 18)),
        ("- train: {epochs: 5, epochs: 6}", "duplicate key epochs in this turn.", (0, 21)),
        ("- train: {epochs: 5, lr: 1, 'epochs': 5}", "duplicate key epochs in this turn.", (0, 28)),
    ],
)
def test_a_wrong_turn_is_pointed_at(text: str, message: str, place: tuple[int, int]) -> None:
    with pytest.raises(ConversionError) as caught:
        from_yaml(text)
    node = caught.value.node
    assert isinstance(node, nodes.Node)
    assert (str(caught.value), (node.line, node.column)) == (message, place)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("~", "expected STAGE..., got null."),
        ("{train: {}}", "expected STAGE..., got a mapping."),
        ("train trian", "there is no stage 'trian'. Did you mean 'train'?"),
    ],
)
def test_what_is_no_list_of_turns_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        from_yaml(text)
    assert str(caught.value) == message


@pytest.mark.parametrize("value", ["train evaluate", ["train", "evaluate"], ("train", "evaluate")])
def test_a_default_map_names_stages(value: object) -> None:
    assert CONVERTER.from_plain(value) == [Turn("train"), Turn("evaluate")]


def test_a_default_map_without_stages_is_refused() -> None:
    with pytest.raises(ConversionError) as caught:
        CONVERTER.from_plain({"train": 5})
    assert str(caught.value) == "expected STAGE..., got {'train': 5}."


def test_turns_are_written_as_a_file_spells_them() -> None:
    turns: list[Turn | str] = [Turn("train", {"epochs": 5}), Turn("train"), "evaluate"]
    assert CONVERTER.to_plain(turns) == [{"train": {"epochs": 5}}, "train", "evaluate"]


def test_a_turns_values_are_written_plain() -> None:
    assert CONVERTER.to_plain([Turn("evaluate", {"folder": Path("a/b")})]) == [{"evaluate": {"folder": "a/b"}}]


@pytest.mark.parametrize(
    "turns", [[], [Turn("train")], [Turn("train", {"epochs": 5}), Turn("evaluate", {"folder": Path("x")})]]
)
def test_turns_come_back_as_they_were(turns: list[Turn]) -> None:
    assert from_yaml(yaml.safe_dump(CONVERTER.to_plain(turns))) == turns


@pytest.mark.parametrize(
    ("incomplete", "offered"),
    [
        ("", ["train", "evaluate", "my_stage"]),
        ("my-", ["my_stage"]),
        ("tr", ["train"]),
        ("x", []),
        ("train my-", ["train my_stage"]),
    ],
)
def test_stages_are_offered_for_completion(incomplete: str, offered: list[str]) -> None:
    assert CONVERTER.complete(incomplete) == [(name, "plain") for name in offered]


def test_it_behaves_as_a_list() -> None:
    found: Any = CONVERTER
    assert (found.metavar, found.repeated, found.mutable, found.flag) == ("STAGE...", True, True, False)
