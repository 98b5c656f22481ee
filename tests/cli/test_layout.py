"""How help is laid out: widths, columns, lists, notes in brackets."""

from __future__ import annotations

from typing import Any

import click
import pytest
from hypothesis import given
from hypothesis import strategies as st

import clickbind
from clickbind.cli import layout
from clickbind.cli.help import Formatter, formatter_of


def written(rows: list[tuple[str, str]], width: int = 40) -> str:
    """Return rows in columns."""
    formatter = Formatter(width=width)
    formatter.write_dl(rows)
    return formatter.getvalue()


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("One two\nthree four.", ["One two three", "four."]),
        ("One.\n\n  \nTwo.", ["One.", "", "Two."]),
        ("\b\n- one two three four\n  - five six seven", ["- one two", "  three four", "  - five six", "    seven"]),
        ("\b\n10. one two three four", ["10. one two", "    three four"]),
        ("\b\ncode = longer_than_it()", ["code = longer_than_it()"]),
        ("  One two three", ["  One two", "  three"]),
        ("https://example.org/a/b", ["https://example.org/a/b"]),
        ("See --no-train.x well-known", ["See --no-train.x", "well-known"]),
        ("", []),
    ],
)
def test_blocks_are_wrapped_by_their_kind(text: str, lines: list[str]) -> None:
    assert layout.wrap(text, 13 if "See" not in text else 16) == lines


def test_texts_are_beside_their_terms() -> None:
    assert written([("--a INTEGER", "One two three four five six seven."), ("--b", "")]) == (
        "--a INTEGER  One two three four five six\n             seven.\n--b\n"
    )


def test_a_wide_term_among_others_has_a_line_of_its_own() -> None:
    rows = [("--a", "One."), ("--b", "Two."), (f"--{'c' * 40}", "Three.")]
    assert written(rows, 78) == f"--a{'':29}One.\n--b{'':29}Two.\n--{'c' * 40}\n{'':32}Three.\n"


def test_texts_are_below_terms_that_are_mostly_wide() -> None:
    rows = [(f"--{'c' * 40}", "Three.  [default: 3]"), ("--a", "One."), (f"--{'d' * 40}", ""), ("--e", "[required]")]
    rows.append((f"--{'f' * 60}", f"Four.  [default: {'4' * 20}]"))
    assert written(rows, 78) == (
        f"--{'c' * 40}  [default: 3]\n      Three.\n--a\n      One.\n--{'d' * 40}\n--e  [required]\n"
        f"--{'f' * 60}\n      Four.  [default: {'4' * 20}]\n"
    )


def test_texts_of_several_paragraphs_are_below_their_terms_and_apart() -> None:
    rows = [("--a", "One.\n\n\b\n- two\n- three  [default: 3]"), (f"--{'b' * 30}", "Four.  [default: 4]")]
    below = "--a  [default: 3]\n      One.\n\n      - two\n      - three\n\n"
    assert written(rows) == f"{below}--{'b' * 30}\n      [default: 4]\n\n      Four.\n"


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("Words of some length.  [default: /data/raw]", "Words of some length.\n     [default: /data/raw]"),
        ("Words.  [default: raw]", "Words.  [default: raw]"),
        ("Words.  [default: one two three four five six]", "Words.\n     [default: one two three four five\n     six]"),
        ("[default: 1]", "[default: 1]"),
        ("A list [1]", "A list [1]"),
    ],
)
def test_notes_in_brackets_are_not_torn(text: str, lines: str) -> None:
    assert written([("--a", text)]) == f"--a  {lines}\n"


def test_a_wide_terminal_has_wider_columns_of_terms() -> None:
    rows = [(f"--{'a' * 40}", "One."), ("--b", "Two.")]
    assert written(rows, 118).splitlines()[0] == f"--{'a' * 40}  One."


def test_colours_of_terms_take_no_columns() -> None:
    assert written([(click.style("--a", bold=True), "One."), ("--bb", "Two.")]) == (
        f"{click.style('--a', bold=True)}   One.\n--bb  Two.\n"
    )


def test_no_rows_are_an_error_as_for_click() -> None:
    with pytest.raises(TypeError):
        Formatter().write_dl([])


@given(st.lists(st.text(st.sampled_from("ab -.é[]"), max_size=30), min_size=1, max_size=5), st.integers(20, 120))
def test_no_word_is_lost(texts: list[str], width: int) -> None:
    rows = [(f"--{'x' * len(text)}", text) for text in texts]
    assert written(rows, width).split() == " ".join(f"{first} {second}" for first, second in rows).split()


@given(st.text(st.sampled_from("ab cd-."), max_size=90), st.integers(0, 4), st.integers(20, 60))
def test_a_paragraph_keeps_its_words_and_the_width(text: str, indent: int, width: int) -> None:
    formatter = Formatter(width=width)
    formatter.current_indent = indent
    formatter.write_text(text)
    assert formatter.getvalue().split() == text.split()
    assert all(len(line) <= width or len(line.split()) == 1 for line in formatter.getvalue().splitlines())


@pytest.mark.parametrize("args", ["[OPTIONS] [COMMAND] [ARGS]...", "[OPTIONS] " + "NAME " * 30])
def test_the_usage_is_written_as_click_writes_it(args: str) -> None:
    ours, theirs = Formatter(width=60), click.HelpFormatter(width=60)
    for formatter in (ours, theirs):
        formatter.write_usage("prog", args)
    assert ours.getvalue() == theirs.getvalue()


def test_the_usage_of_a_command_without_parameters_is_its_name() -> None:
    formatter = Formatter(width=60)  # Click before 8.4 leaves it out
    formatter.write_usage("prog")
    assert formatter.getvalue() == "Usage: prog\n"


@pytest.mark.parametrize(
    ("columns", "settings", "width"),
    [
        ("80", {}, 78),
        ("100", {}, 98),
        ("200", {}, 118),
        ("200", {"max_content_width": 150}, 148),
        ("200", {"max_content_width": 60}, 58),
        ("100", {"terminal_width": 70}, 70),
        ("20", {}, 50),
    ],
)
def test_the_width_is_the_terminals_up_to_a_maximum(
    columns: str, settings: dict[str, Any], width: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    main = clickbind.Binder("prog").command(context_settings=settings)
    assert formatter_of(main.make_context("prog", [], resilient_parsing=True)).width == width


def test_a_program_may_have_a_formatter_of_its_own() -> None:
    class Shouting(click.HelpFormatter):
        def write_text(self, text: str) -> None:
            super().write_text(text.upper())

    main = clickbind.Binder(help="Tries models.").command()
    ctx = main.make_context("prog", ["--config", "f.yml"], resilient_parsing=True)
    ctx.formatter_class = Shouting
    assert "TRIES MODELS." in main.get_help(ctx)
