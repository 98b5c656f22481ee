"""The name of one parameter, as files and the command line spell it."""

from __future__ import annotations

import pytest

from clickbind.keys import Key, canonical, flag_of


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
