"""Scopes that are entered and left in any order, also by another thread, against a model of a few lines."""

from __future__ import annotations

import threading
from typing import Any, NamedTuple

from hypothesis import given
from hypothesis import strategies as st

from clickbind import Binder

KEYS = [f"{scope}dataset.{name}" for scope in ("", "train/", "val/") for name in ("folder", "size")]


class Entered(NamedTuple):
    names: list[str]
    values: dict[str, int]


class Left(NamedTuple):
    number: int
    elsewhere: bool


STEPS = st.lists(
    st.one_of(
        st.builds(
            Entered,
            st.lists(st.sampled_from(["train", "val"]), max_size=2),
            st.dictionaries(st.sampled_from(KEYS), st.integers(), max_size=3),
        ),
        st.builds(Left, st.integers(0, 9), st.booleans()),
    ),
    max_size=12,
)


def expected(entered: list[Entered]) -> tuple[int, ...]:
    """Section 4 of the contract: the innermost layer that has a value wins, and in it the innermost scope."""
    scopes = [name for one in reversed(entered) for name in reversed(one.names)]
    found = []
    for name in ("folder", "size"):
        keys = [*(f"{scope}/dataset.{name}" for scope in scopes), f"dataset.{name}"]
        values = (one.values[key] for one in reversed(entered) for key in keys if key in one.values)
        found.append(next(values, 0))
    return tuple(found)


def leave(scope: Any, *, elsewhere: bool) -> None:
    if elsewhere:
        thread = threading.Thread(target=scope.__exit__, args=(None, None, None))
        thread.start()
        thread.join()
    else:
        scope.__exit__(None, None, None)


@given(STEPS)
def test_what_is_in_force_is_what_was_entered_and_not_left(steps: list[Entered | Left]) -> None:
    binder = Binder()

    @binder.bind("train", "val")
    def dataset(folder: int = 0, size: int = 0) -> tuple[int, int]:
        return folder, size

    entered: list[tuple[Any, Entered]] = []
    for step in steps:
        if isinstance(step, Entered):
            scope = binder.scope(step.values, *step.names)
            scope.__enter__()
            entered.append((scope, step))
        elif entered:
            scope, _ = entered.pop(step.number % len(entered))
            leave(scope, elsewhere=step.elsewhere)
        assert dataset() == expected([one for _, one in entered])
    for scope, _ in reversed(entered):
        leave(scope, elsewhere=False)
    assert dataset() == (0, 0)
