"""Wrapping of simple texts without `textwrap`, and the width of the terminal without `shutil`."""

from __future__ import annotations

import os
import shutil
import sys

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clickbind.cli import layout
from clickbind.fast import wrapping

TEXTS = st.text(st.sampled_from("abcdefgh       c.-[]:/é\n\b\x1b"), max_size=90)


@given(TEXTS, st.integers(11, 60))
@example("a well-known word", 12)
@example("one word that is longthanthelinemaybe", 11)
@example("longthanthelinemaybe", 11)
@example("longthanthelinemaybe  and more", 11)
def test_a_simple_text_is_wrapped_as_the_layout_wraps_it(text: str, width: int) -> None:
    lines = wrapping.wrap(text, width)
    assert lines is None or lines == layout.wrap(text, width)


@pytest.mark.parametrize("columns", ["", "100", "x", "0"])
def test_the_variable_for_the_width_is_left_to_the_library(columns: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert wrapping.terminal_columns() is None


class _Terminal:
    """A terminal whose file descriptor is unusual."""

    def __init__(self, number: int | None) -> None:
        self.number = number

    def fileno(self) -> int:
        if self.number is None:
            raise ValueError("closed")
        return self.number


@pytest.mark.parametrize("output", [None, _Terminal(None), _Terminal(-1), _Terminal(0)])
def test_without_a_terminal_the_width_is_the_librarys(output: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "__stdout__", output)
    assert wrapping.terminal_columns() in {None, shutil.get_terminal_size().columns}


def test_the_width_is_the_terminals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    monkeypatch.setattr(sys, "__stdout__", _Terminal(1))
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((97, 30)))
    assert wrapping.terminal_columns() == shutil.get_terminal_size().columns == 97
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((0, 0)))
    assert wrapping.terminal_columns() is None
