"""The names of the folders of jobs."""

from __future__ import annotations

import pytest

from clickbind.journal.listing import job_of
from clickbind.sweeps.names import endings, folder_name


@pytest.mark.parametrize(
    ("keys", "expected"),
    [
        (["train.lr", "train.batch"], ["lr", "batch"]),
        (["train.lr", "val.lr"], ["train.lr", "val.lr"]),
        (["train.optim.lr", "val.optim.lr", "val.size"], ["train.optim.lr", "val.optim.lr", "size"]),
        (["a/data.size", "b/data.size"], ["a.data.size", "b.data.size"]),
        (["data.size", "b/data.size"], ["data.size", "b.data.size"]),
        (["size", "data.size"], ["size", "data.size"]),
        ([], []),
    ],
)
def test_a_key_is_named_by_its_shortest_distinct_ending(keys: list[str], expected: list[str]) -> None:
    assert endings(keys) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([("lr", "0.1"), ("batch", "32")], "07-lr=0.1-batch=32"),
        ([("tag", "a/b c:d"), ("lr", "1e-05")], "07-tag=a_b_c_d-lr=1e-05"),
        ([("tag", "..\N{LATIN SMALL LETTER E WITH ACUTE}\n")], "07-tag=..__"),
        ([], "07"),
        ([("tag", "x" * 200)], "07-tag=" + "x" * 73),
    ],
)
def test_a_folder_has_the_number_and_the_values(values: list[tuple[str, str]], expected: str) -> None:
    assert folder_name(7, 2, values) == expected


@pytest.mark.parametrize(
    ("name", "number"),
    [("07-lr=1", 7), ("7", 7), ("x-1", 0), ("", 0), ("\N{SUPERSCRIPT TWO}-a", 0), ("9" * 30 + "-a", 0)],
)
def test_a_number_is_read_from_a_name(name: str, number: int) -> None:
    assert (job_of(name) or 0) == number
