"""What shells are offered for flags: the same as Click's items, with a help that is made when it is asked for."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class
from hypothesis import given
from hypothesis import strategies as st

from clickbind import fast

TEXTS = st.none() | st.text(max_size=9)


@given(st.sampled_from(["--x", "-x", "--train/data.x"]), TEXTS, st.sampled_from(["bash", "zsh", "fish"]))
def test_a_shell_shows_an_item_as_it_shows_that_of_click(flag: str, text: str | None, shell: str) -> None:
    kind = get_completion_class(shell)
    assert kind is not None
    complete = kind(click.Command("prog"), {}, "prog", "_PROG_COMPLETE")
    item = fast.completion.item(flag, lambda: text)
    expected = CompletionItem(flag, help=text)
    assert item is not None
    assert (item.value, item.type, item.help) == (expected.value, expected.type, expected.help)
    assert complete.format_completion(item) == complete.format_completion(expected)


def test_no_help_is_made_before_it_is_asked_for() -> None:
    made: list[str] = []

    def make() -> str:
        made.append("It.")
        return made[-1]

    item = fast.completion.item("--x", make)
    assert item is not None
    assert (item.value, made) == ("--x", [])
    assert item.help == "It."
