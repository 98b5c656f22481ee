"""What shells are offered for flags: the same as Click's items, with a help that is made when it is asked for."""

from __future__ import annotations

import os
import subprocess
import sys

import click
import pytest
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
    text = (option is not None and option.help) or ""
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


ENDING = """
import atexit
import sys
import clickbind
{before}
def train(): pass
binder = clickbind.Binder("prog")
binder.stage(train)
main = binder.command()
try:
    main({given})
finally:
    print("left", atexit._ncallbacks())
"""


def ending(before: str = "", given: str = "", plain: str = "") -> list[str]:
    """Press TAB in a program that says what there is to do at its end, and return what it prints."""
    words = [sys.executable, "-c", ENDING.format(before=before, given=given)]
    asked = {"_PROG_COMPLETE": "fish_complete", "__C_COMPLETE": "fish_complete", "COMP_LINE": "prog tr"}
    environment = {**os.environ, **asked, "CLICKBIND_PLAIN": plain}
    done = subprocess.run(words, env=environment, capture_output=True, check=False, text=True)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


def test_a_process_that_has_completed_leaves_at_once() -> None:
    assert ending() == ["#clickbind", "train", "left 1"]


def test_a_process_ends_as_usual_where_that_may_matter() -> None:
    usual = ["#clickbind", "train", "left 0"]
    assert ending(plain="1") == usual
    assert ending(given="[], 'prog'") == usual
    assert ending("sys.stdout = open(1, 'w', closefd=False)") == usual
    assert ending("atexit.register(lambda: print('bye'))") == [*usual[:2], "left 1", "bye"]


def test_leaving_is_only_for_programs_with_a_usual_output(monkeypatch: pytest.MonkeyPatch) -> None:
    registered: list[object] = []
    ended: list[int] = []
    monkeypatch.setattr("atexit.register", registered.append)
    monkeypatch.setattr("atexit._ncallbacks", lambda: 0)
    monkeypatch.setattr(os, "_exit", ended.append)
    monkeypatch.setattr(sys, "stdout", sys.__stdout__)
    fast.completion.leave()
    (end,) = registered
    assert callable(end)
    end()
    assert ended == [0]
    monkeypatch.setattr("atexit._ncallbacks", lambda: 1)
    fast.completion.leave()
    assert len(registered) == 1
