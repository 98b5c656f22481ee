"""The garbage collector is paused while much is made that stays, and is afterwards as it was."""

from __future__ import annotations

import gc
from collections.abc import Iterator

import pytest

from clickbind.fast.collector import Paused


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_nothing_is_collected_meanwhile() -> None:
    with Paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_what_is_made_counts_as_old_and_is_collected_as_such() -> None:
    with Paused(aging=True):
        made = [[number] for number in range(50)]
    assert gc.get_freeze_count() == 0
    assert any(item is made for item in gc.get_objects(generation=2))


def test_it_is_as_it_was_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), Paused():
        _ = 1 / 0
    assert gc.isenabled()


def test_a_program_that_collects_by_itself_goes_on_doing_so() -> None:
    gc.disable()
    with Paused():
        pass
    assert not gc.isenabled()


def test_what_a_program_has_frozen_stays_so() -> None:
    gc.freeze()
    with Paused(aging=True):
        pass
    assert gc.get_freeze_count() > 0
    assert gc.isenabled()
