"""Snapshots, mappings and names in one scope, and in scopes inside of one another."""

from __future__ import annotations

import itertools
import pickle
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clickbind import Binder, Values

REPLACED = r"a snapshot or a run replaces the values of the scopes around it: {}\. To keep them"


class Program:
    """A bound function of three parameters, and a file for each number."""

    def __init__(self, folder: Path) -> None:
        self.binder = Binder()
        self.folder = folder

        @self.binder.bind("train", "val")
        def dataset(one: int = 0, two: int = 0, three: int = 0) -> tuple[int, int, int]:
            return one, two, three

        self.dataset = dataset

    def load(self, text: str) -> Values:
        (self.folder / "f.yml").write_text(text, encoding="utf-8")
        return self.binder.load(self.folder / "f.yml")


@pytest.fixture
def program(tmp_path: Path) -> Program:
    return Program(tmp_path)


def test_a_mapping_lies_over_the_snapshot_at_its_left(program: Program) -> None:
    with program.binder.scope(program.load("dataset: {one: 1, two: 1}"), {"dataset.two": 2}):
        assert program.dataset() == (1, 2, 0)


def test_a_snapshot_lies_over_the_mapping_at_its_left(program: Program) -> None:
    with program.binder.scope({"dataset.two": 2, "dataset.three": 2}, program.load("dataset: {one: 1, two: 1}")):
        assert program.dataset() == (1, 1, 2)


def test_snapshots_lie_over_one_another(program: Program) -> None:
    one, two = program.load("dataset: {one: 1, two: 1}"), program.load("dataset: {two: 2, three: 2}")
    with program.binder.scope(one, two):
        assert program.dataset() == (1, 2, 2)
    with program.binder.scope(two, one):
        assert program.dataset() == (1, 1, 2)


def test_names_may_stand_anywhere(program: Program) -> None:
    values: tuple[Any, ...] = (program.load("train/dataset.one: 1\nval/dataset.two: 2"), {"dataset.three": 3})
    for position in range(3):
        layers = [*values[:position], "train", *values[position:], "val"]
        with program.binder.scope(*layers):
            assert program.dataset() == (1, 2, 3)


def test_a_snapshot_at_the_left_replaces_what_is_in_force(program: Program) -> None:
    one, two = program.load("dataset.one: 1"), program.load("dataset.two: 2")
    with program.binder.scope(one), program.binder.scope(two, {"dataset.three": 3}):
        assert program.dataset() == (0, 2, 3)


def test_a_snapshot_behind_a_mapping_replaces_nothing(program: Program) -> None:
    with program.binder.scope({"dataset.one": 1}), program.binder.scope({"dataset.two": 2}, program.load("")):
        assert program.dataset() == (1, 2, 0)


@pytest.mark.parametrize(
    ("outer", "keys"),
    [
        ([{"dataset.one": 1}], r"dataset\.one"),
        ([{"dataset.two": 1, "train/dataset.one": 1}, {"dataset.two": 2}], r"dataset\.two, train/dataset\.one"),
        ([Values(), {"dataset.one": 1}], r"dataset\.one"),
        ([{"dataset.one": 1}, Values()], r"dataset\.one"),
    ],
)
def test_a_mapping_that_a_snapshot_inside_replaces_is_a_warning_at_its_line(
    program: Program, outer: list[Any], keys: str
) -> None:
    with program.binder.scope(*outer):
        with pytest.warns(UserWarning, match=REPLACED.format(keys)) as caught, program.binder.scope(Values()):
            assert program.dataset() == (0, 0, 0)
        assert program.dataset() != (0, 0, 0) or "train" in keys
    assert [item.filename for item in caught] == [__file__]


def test_so_are_mappings_of_several_scopes(program: Program) -> None:
    scope = program.binder.scope
    with (
        scope({"dataset.one": 1}),
        scope("train"),
        scope({"dataset.two": 1}),
        pytest.warns(UserWarning, match=REPLACED.format(r"dataset\.one, dataset\.two")),
        scope(Values()),
    ):
        pass


def test_what_is_replaced_already_is_warned_of_once(program: Program) -> None:
    scope = program.binder.scope
    with scope({"dataset.one": 1}), warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        with scope(Values()), scope(Values()):
            pass
    assert len(caught) == 1


def test_a_snapshot_that_was_taken_inside_a_mapping_drops_nothing(program: Program) -> None:
    with program.binder.scope({"dataset.one": 1}):
        snapshot = program.binder.values()
        with program.binder.scope(snapshot, {"dataset.two": 2}):
            assert program.dataset() == (1, 2, 0)
    with program.binder.scope(pickle.loads(pickle.dumps(snapshot))):
        assert program.dataset() == (1, 0, 0)


def test_the_mappings_of_a_context_hold_in_the_turns_of_a_run(program: Program) -> None:
    @program.binder.context
    @contextmanager
    def around() -> Iterator[None]:
        with program.binder.scope({"dataset.one": 1}):
            yield

    @program.binder.stage
    def stage() -> Any:
        return program.dataset()

    assert program.binder.command()(["stage", "--dataset.two", "2"], standalone_mode=False) == (1, 2, 0)


KEYS = [f"dataset.{name}" for name in ("one", "two", "three")]
MAPPINGS = st.dictionaries(st.sampled_from(KEYS), st.integers(1, 9), max_size=3)


@given(st.lists(st.lists(st.tuples(st.booleans(), MAPPINGS), max_size=3), max_size=3))
def test_every_nest_of_snapshots_and_mappings_is_what_the_contract_says(
    tmp_path_factory: pytest.TempPathFactory, nest: list[list[tuple[bool, dict[str, int]]]]
) -> None:
    program = Program(tmp_path_factory.getbasetemp())
    force: dict[str, int] = {}
    with ExitStack() as stack, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for layers in nest:
            if layers and layers[0][0]:
                force = {}
            found = [
                program.load("".join(f"{key}: {value}\n" for key, value in mapping.items())) if is_file else mapping
                for is_file, mapping in layers
            ]
            force = dict(itertools.chain(force.items(), *(mapping.items() for _, mapping in layers)))
            stack.enter_context(program.binder.scope(*found))
        assert program.dataset() == tuple(force.get(key, 0) for key in KEYS)
