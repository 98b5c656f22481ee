"""Whether a name stands for the same function, defined again."""

from __future__ import annotations

import functools
import sys
import types
from pathlib import Path
from typing import Any

import pytest

from clickbind.definitions import check_again
from clickbind.errors import BindError


def train(x: int = 1) -> int:
    return x


SOURCE = "def train(): ...\nclass Model:\n    def __init__(self, size: int = 1): ...\n"


def module(name: str, folder: Path) -> Any:
    """Import one file under some name."""
    made = types.ModuleType(name)
    exec(compile(SOURCE, str(folder / "program.py"), "exec"), vars(made))
    return made


def test_a_wrapper_of_the_same_function_is_the_same() -> None:
    @functools.wraps(train)
    def wrapper() -> None: ...

    check_again("train", wrapper, train)


def test_a_function_that_is_defined_again_further_down_is_the_same() -> None:
    def again(x: int = 2) -> int:
        return x

    again.__name__ = again.__qualname__ = "train"
    check_again("train", again, train)


def test_lambdas_are_told_apart_by_their_lines() -> None:
    one = lambda x=1: x  # noqa: E731
    two = lambda x=2: x  # noqa: E731
    with pytest.raises(BindError, match=r"two functions are bound as 'double': .*test_definitions\.py:\d+\) and .*"):
        check_again("double", two, one)


def test_a_lambda_that_is_defined_again_is_the_same() -> None:
    one, two = (lambda x=number: x for number in (1, 2))
    check_again("double", two, one)


def test_partials_are_not_taken_for_one_another() -> None:
    with pytest.raises(BindError, match=r"functools\.partial and functools\.partial\. Give one another name"):
        check_again("part", functools.partial(train, 1), functools.partial(train, 2))


def test_what_is_written_in_c_is_told_apart_by_its_name() -> None:
    check_again("sorted", sorted, sorted)
    with pytest.raises(BindError, match=r"builtins\.sorted and builtins\.round"):
        check_again("sorted", round, sorted)


@pytest.mark.parametrize("name", ["train", "Model"])
def test_a_file_that_is_imported_under_two_names_has_the_same(name: str, tmp_path: Path) -> None:
    check_again(name, getattr(module("__main__", tmp_path), name), getattr(module("program", tmp_path), name))


def test_files_of_the_same_text_have_not(tmp_path: Path) -> None:
    one, other = module("one", tmp_path), module("other", tmp_path / "elsewhere")
    with pytest.raises(BindError, match=r"other\.Model .* and one\.Model "):
        check_again("Model", one.Model, other.Model)
    assert "one" not in sys.modules
