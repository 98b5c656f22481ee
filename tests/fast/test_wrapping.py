"""The formatter of help: it writes what Click's own does."""

from __future__ import annotations

import click
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

import clickbind
from clickbind.cli.help import Formatter
from clickbind.fast.wrapping import wrap

TEXTS = st.text(st.sampled_from("abcdefgh       c.-[]:/é\n\b\x1b"), max_size=90)
WIDTHS = st.integers(1, 100)


@given(TEXTS, st.integers(10, 60))
@example("a well-known word", 12)
@example("one word that is longthanthelinemaybe", 10)
def test_a_simple_text_is_wrapped_as_click_wraps_it(text: str, width: int) -> None:
    lines = wrap(text, width)
    assert lines is None or lines == click.wrap_text(text, width, preserve_paragraphs=True).splitlines()


@given(st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=4), WIDTHS, st.integers(0, 6))
@example([("--lr FLOAT", "How fast.  [default: 0.1]"), ("--very-long-option-that-is-wide TEXT", "It.")], 60, 2)
@example([("--é", "It."), ("--x", "")], 60, 2)
def test_two_columns_are_written_as_click_writes_them(rows: list[tuple[str, str]], width: int, indent: int) -> None:
    ours, theirs = Formatter(width=width), click.HelpFormatter(width=width)
    for formatter in (ours, theirs):
        formatter.current_indent = indent
        formatter.write_dl(rows)
    assert ours.getvalue() == theirs.getvalue()


@given(TEXTS, st.integers(20, 100), st.integers(0, 6))
@example("Two.\n\nParagraphs.", 40, 2)
def test_a_paragraph_is_written_as_click_writes_it(text: str, width: int, indent: int) -> None:
    ours, theirs = Formatter(width=width), click.HelpFormatter(width=width)
    for formatter in (ours, theirs):
        formatter.current_indent = indent
        formatter.write_text(text)
    assert ours.getvalue() == theirs.getvalue()


def test_no_rows_are_an_error_as_for_click() -> None:
    with pytest.raises(TypeError):
        Formatter().write_dl([])


def test_a_program_may_have_a_formatter_of_its_own() -> None:
    class Shouting(click.HelpFormatter):
        def write_text(self, text: str) -> None:
            super().write_text(text.upper())

    main = clickbind.Binder(help="Tries models.").command()
    ctx = main.make_context("prog", ["--config", "f.yml"], resilient_parsing=True)
    ctx.formatter_class = Shouting
    assert "TRIES MODELS." in main.get_help(ctx)
