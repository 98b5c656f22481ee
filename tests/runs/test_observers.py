"""What ``--debug`` prints."""

from __future__ import annotations

from typing import Any

import pytest

from clickbind import Binder
from clickbind.runs.observers import print_call


class Sulky:
    """Cannot be shown."""

    def __str__(self) -> str:
        raise ZeroDivisionError


def test_a_value_that_cannot_be_shown_ends_no_run(capsys: pytest.CaptureFixture[str]) -> None:
    print_call("train", ("val",), {"one": Sulky(), "two": 2})
    assert (
        capsys.readouterr().out == "train(\n  # scope = val\n  one : Sulky = <unprintable Sulky>\n  two : int = 2\n)\n"
    )


def test_a_wrong_call_is_told_by_itself() -> None:
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
