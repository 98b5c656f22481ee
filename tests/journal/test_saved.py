"""The saved run of a record is read quickly, and as the reader of files reads it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from clickbind import nodes
from clickbind.journal import saved
from clickbind.journal.saved import Saved, bare, split, value_of
from tests.conftest import processor_seconds

TEXT = """\
dataset.folder: /data  # default
val/dataset.folder: 'a  # b'  # --val/dataset.folder

# output.folder: the folder of this run

run.stages:  # the command line
- train:
    epochs: 3  # f.yml:2
- evaluate

train.empty: []  # default
train.hash: 'a # b'
train.lr: 0.1  # --lr
train.none: null
train.text: |-  # f.yml:9
  one

  # two
train.url: http://x/#y
"""


def test_a_saved_run_is_split() -> None:
    assert split(TEXT) == {
        "dataset.folder": Saved("/data", "default"),
        "val/dataset.folder": Saved("'a  # b'", "--val/dataset.folder"),
        "run.stages": Saved("\n- train:\n    epochs: 3  # f.yml:2\n- evaluate", "the command line"),
        "train.empty": Saved("[]", "default"),
        "train.hash": Saved("'a # b'", ""),
        "train.lr": Saved("0.1", "--lr"),
        "train.none": Saved("null", ""),
        "train.text": Saved("|-\n  one\n\n  # two", "f.yml:9"),
        "train.url": Saved("http://x/#y", ""),
    }


def test_its_values_are_those_of_yaml() -> None:
    assert {key: value_of(one.text) for key, one in split(TEXT).items()} == {
        "dataset.folder": "/data",
        "val/dataset.folder": "a  # b",
        "run.stages": [{"train": {"epochs": 3}}, "evaluate"],
        "train.empty": [],
        "train.hash": "a # b",
        "train.lr": 0.1,
        "train.none": None,
        "train.text": "one\n\n# two",
        "train.url": "http://x/#y",
    }


@pytest.mark.parametrize(
    ("text", "values"),
    [
        (
            "train:\n  lr: 0.1\n  tags: [a]\ndataset.size: 3\n",
            {"train.lr": 0.1, "train.tags": ["a"], "dataset.size": 3},
        ),
        ("{train.lr: 0.1}", {"train.lr": 0.1}),
        ("train.lr: 1\ntrain.lr: 2\n", {"train.lr": 2}),
        ("  train.lr: 1\n", {"train.lr": 1}),
        ("train.optim:\n  lr: 1\n", {"train.optim": {"lr": 1}}),
        ("1: 2\n[a]: 3\n", {"1": 2}),
        ("train.name: $$x\n", {"train.name": "$x"}),
        ("", {}),
        ("# nothing\n", {}),
        ("[1, 2]", {}),
        ("train.lr: [", {"train.lr": "["}),
        ("train: [", {}),
        ("just text", {}),
        ("train: " + "[" * 100_000, {}),
        ("a: &a [*a]", {}),
        ("train: ${x}", {}),
    ],
)
def test_a_file_of_another_form_is_read_too(text: str, values: dict[str, Any]) -> None:
    assert {key: value_of(one.text) for key, one in split(text).items()} == values


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *[("true", True), ("false", False), ("null", None), ("3", 3), ("-3", -3), ("0.5", 0.5), ("1.0e-05", 1e-05)],
        *[("no", "no"), ("'3'", "3"), ("'no'", "no"), ("a b", "a b"), (".inf", math.inf), ("abc/d.e", "abc/d.e")],
        *[("[1, a]", [1, "a"]), ("{a: 1}", {"a": 1}), ("$x", "$x"), ("'", "'"), ("9" * 5_000, "9" * 5_000)],
    ],
)
def test_a_value_is_read_by_the_core_schema(text: str, value: Any) -> None:
    assert value_of(text) == value


def test_origins_do_not_tell_runs_apart() -> None:
    assert (
        bare(TEXT, {})
        == """\
dataset.folder: /data
val/dataset.folder: 'a  # b'

# output.folder: the folder of this run

run.stages:
- train:
    epochs: 3
- evaluate

train.empty: []
train.hash: 'a # b'
train.lr: 0.1
train.none: null
train.text: |-
  one

  # two
train.url: http://x/#y
"""
    )


@pytest.mark.parametrize("value", ["'it''  # b'", '"it\\"  # b"', "'a  # b", "[a, b]", "a#b", "'#'"])
def test_a_number_sign_inside_of_a_value_is_no_origin(value: str) -> None:
    line = f"train.x: {value}"
    assert (bare(line, {}), bare(f"{line}  # --x", {})) == (line, line if "'a " not in value else f"{line}  # --x")


VALUES = some.recursive(
    some.none() | some.booleans() | some.integers(-(10**20), 10**20) | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@given(some.lists(VALUES, max_size=3), some.sampled_from(["", "  # --lr", "  # a.yml:3"]))
def test_whatever_is_written_is_split_and_read(values: list[Any], comment: str) -> None:
    lines, plain = [], []
    for number, value in enumerate(values):
        try:
            first, *rest = nodes.writer.write(f"train.x{number}", value).rstrip("\n").split("\n")
        except ValueError:
            return  # what cannot be written
        lines += [f"{first}{comment}", *rest]
        plain += [first, *rest]
    found = split("\n".join([*lines, ""]))
    assert bare("\n".join(lines), {}) == "\n".join(plain)
    assert list(found) == [f"train.x{number}" for number in range(len(values))]
    for number, value in enumerate(values):
        assert value_of(found[f"train.x{number}"].text) == value


def test_the_quick_way_and_the_reader_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    quick = {key: value_of(one.text) for key, one in split(TEXT).items()}
    monkeypatch.setattr(saved, "_quickly", lambda *_: None)
    assert {key: value_of(one.text) for key, one in split(TEXT).items()} == quick


def test_ten_thousand_saved_runs_are_split_at_once(tmp_path: Path) -> None:
    known: dict[str, str] = {}
    with processor_seconds(1):
        for _ in range(10_000):
            bare(TEXT, known)
    with processor_seconds(4):
        for _ in range(10_000):
            split(TEXT)
