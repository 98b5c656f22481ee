"""The name of one setting, as files and the command line spell it, and the paths of fields."""

from __future__ import annotations

import pytest

from clickbind.keys import (
    Key,
    above,
    canonical,
    field_of,
    flag_of,
    inside,
    is_inside,
    joined,
    looks_like_key,
    parameter_of,
    parts_of,
    relative,
    splits,
    without_scope,
)


def test_a_plain_key_is_function_and_parameter() -> None:
    key = Key("dataset", "folder")
    assert (key.owner, key.text, key.scope) == ("dataset", "dataset.folder", None)


def test_a_scoped_key_begins_with_its_scope() -> None:
    key = Key("dataset", "folder", "train")
    assert (key.owner, key.text) == ("train/dataset", "train/dataset.folder")


def test_a_methods_key_has_its_class() -> None:
    assert Key("Model.fit", "epochs").text == "Model.fit.epochs"


def test_keys_are_equal_by_what_they_name() -> None:
    assert {Key("f", "x"): 1}[Key("f", "x", None)] == 1
    assert Key("f", "x") != Key("f", "x", "train")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("model_type", "model_type"), ("model-type", "model_type"), ("--a-b", "__a_b"), ("", ""), ("lr", "lr")],
)
def test_dashes_fold_into_underscores(text: str, expected: str) -> None:
    assert canonical(text) == expected


@pytest.mark.parametrize(
    ("parameter", "flag"),
    [("lr", "lr"), ("model_type", "model-type"), ("_x", "_x"), ("__a_b_", "__a-b-"), ("a__b", "a--b"), ("_", "_")],
)
def test_a_flag_has_dashes_but_for_leading_underscores(parameter: str, flag: str) -> None:
    assert flag_of(parameter) == flag


@pytest.mark.parametrize("parameter", ["lr", "model_type", "_x", "__a_b_", "a__b", "_"])
def test_a_flag_leads_back_to_its_parameter(parameter: str) -> None:
    assert canonical(flag_of(parameter)) == parameter


def test_a_key_knows_what_is_above_it() -> None:
    key = Key("train", "optim.schedule.warm_up", "fast")
    assert [one.text for one in key.above] == ["fast/train.optim.schedule", "fast/train.optim"]
    assert Key("train", "lr").above == []


def test_a_key_counts_in_its_own_scope_or_in_none() -> None:
    assert Key("dataset", "folder", "train").scopes == ("train",)
    assert Key("dataset", "folder").scopes == ()


PATHS = ["lr", "optim.lr", "optim.schedule.warm_up"]


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_put_together_as_it_is_taken_apart(path: str) -> None:
    outer = ""
    for part in parts_of(path):
        outer = joined(outer, part)
    assert outer == path
    assert (parameter_of(path), field_of(path)) == (parts_of(path)[0], parts_of(path)[-1])


@pytest.mark.parametrize("path", PATHS)
def test_a_path_is_inside_of_each_that_is_above_it(path: str) -> None:
    for outer in above(path):
        assert is_inside(path, outer)
        assert joined(outer, relative(path, outer)) == path
    assert not is_inside(path, path)
    assert len(above(path)) == len(parts_of(path)) - 1


def test_a_path_is_not_inside_of_one_that_begins_alike() -> None:
    assert inside(["optim", "optim.lr", "optimizer.lr", "optim.schedule.warm_up"], "optim") == [
        "optim.lr",
        "optim.schedule.warm_up",
    ]


def test_a_key_is_split_at_each_dot_the_longest_function_first() -> None:
    assert list(splits("Model.fit.optim.lr", 80)) == [
        ("Model.fit.optim", "lr"),
        ("Model.fit", "optim.lr"),
        ("Model", "fit.optim.lr"),
    ]
    assert list(splits("Model.fit.optim.lr", 9)) == [("Model.fit", "optim.lr"), ("Model", "fit.optim.lr")]
    assert list(splits(".lr", 80)) == []
    assert list(splits("f.", 80)) == [("f", "")]


def test_a_scope_is_what_is_before_the_last_slash() -> None:
    assert without_scope("train/dataset.folder") == ("train", "dataset.folder")
    assert without_scope("dataset") == (None, "dataset")
    assert without_scope("/dataset") == ("", "dataset")


@pytest.mark.parametrize(("text", "expected"), [("train.lr", True), ("train/x", True), ("train", False), ("", False)])
def test_a_key_has_more_than_one_word(text: str, *, expected: bool) -> None:
    assert looks_like_key(text) is expected
