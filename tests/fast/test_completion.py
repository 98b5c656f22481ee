"""What shells are offered for flags: the same as Click's items, with a help that is made when it is asked for."""

from __future__ import annotations

import click
from click.shell_completion import CompletionItem, get_completion_class
from hypothesis import given
from hypothesis import strategies as st

from clickbind import fast

OPTIONS = st.one_of(
    st.none(), st.builds(lambda text: click.Option(["--x"], help=text), st.none() | st.text(max_size=9))
)


@given(st.sampled_from(["--x", "-x", "--train/data.x"]), OPTIONS, st.sampled_from(["bash", "zsh", "fish"]))
def test_a_shell_shows_an_item_as_it_shows_that_of_click(flag: str, option: click.Option | None, shell: str) -> None:
    kind = get_completion_class(shell)
    assert kind is not None
    complete = kind(click.Command("prog"), {}, "prog", "_PROG_COMPLETE")
    item = fast.completion.item(flag, lambda: option)
    expected = CompletionItem(flag, help=None if option is None else option.help)
    assert item is not None
    assert (item.value, item.type, item.help) == (expected.value, expected.type, expected.help)
    assert complete.format_completion(item) == complete.format_completion(expected)


def test_no_option_is_made_before_its_help_is_asked_for() -> None:
    made: list[click.Option] = []

    def make() -> click.Option:
        made.append(click.Option(["--x"], help="It."))
        return made[-1]

    item = fast.completion.item("--x", make)
    assert item is not None
    assert (item.value, made) == ("--x", [])
    assert item.help == "It."
