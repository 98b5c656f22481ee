"""The garbage collector is paused while much is made that stays, and is afterwards as it was."""

from __future__ import annotations

import gc
import subprocess
import sys
from collections.abc import Iterator

import pytest

from clickbind import fast
from clickbind.fast import Paused


@pytest.fixture(autouse=True)
def _as_it_was() -> Iterator[None]:
    yield
    gc.enable()
    gc.unfreeze()


def test_nothing_is_collected_meanwhile() -> None:
    with Paused():
        assert not gc.isenabled()
    assert gc.isenabled()


def test_it_is_as_it_was_after_an_error() -> None:
    with pytest.raises(ZeroDivisionError), Paused():
        _ = 1 / 0
    assert gc.isenabled()


def test_a_program_that_collects_by_itself_goes_on_doing_so() -> None:
    gc.disable()
    with Paused(aging=True):
        pass
    assert not gc.isenabled()


START = """
import gc
gc.disable()  # by itself, it would depend on the Python how often it has run by now
before = gc.get_stats()[-1]["collections"]
gc.enable()
from clickbind.fast import Paused
{first}
young = [[]]
with Paused(aging=True):
    made = [[number] for number in range(50)]
print(before, any(item is made for item in gc.get_objects(generation=2)), gc.get_freeze_count(), gc.isenabled())
"""


@pytest.mark.parametrize(
    ("first", "aged"),
    [("", "True 0"), ("gc.collect()", "False 0"), ("kept = []; gc.freeze(); frozen = gc.get_freeze_count()", "False")],
)
def test_what_is_made_counts_as_old_in_a_program_that_is_only_starting(first: str, aged: str) -> None:
    command = [sys.executable, "-c", START.format(first=first)]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    if sys.version_info[:2] == (3, 12):  # which has frozen objects itself
        aged = "False"
    assert done.stdout.startswith(f"0 {aged}")
    assert done.stdout.endswith("True\n")


def test_nothing_is_walked_again_at_the_end_of_a_process_that_has_nothing_to_close() -> None:
    fast.skip_last_collection()
    assert gc.get_freeze_count() > 0


def test_what_a_starting_program_has_made_counts_as_old(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        gc, "get_stats", lambda: [{"collections": 0}]
    )  # as at a start, before the first full collection
    with Paused(aging=True):
        made: list[object] = []
        assert not any(item is made for item in gc.get_objects(generation=2))
    assert any(item is made for item in gc.get_objects(generation=2))
