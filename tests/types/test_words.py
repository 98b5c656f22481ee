"""Words: what is quoted comes back as one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clickbind.types.words import complete_last, quoted, split


@given(st.lists(st.text()), st.sampled_from("\"'"))
def test_quoted_texts_are_split_as_they_were(texts: list[str], quote: str) -> None:
    assert split(" ".join(quoted(text, quote) for text in texts)) == texts


@pytest.mark.parametrize(
    ("text", "expected"),
    [("a b", '"a b"'), ('a "b"', """'a "b"'"""), ("it's", '"it\'s"'), ("""'a' "b\"""", '''"'a' "'"'"b"'"'""''')],
)
def test_a_text_is_quoted_by_what_it_does_not_have(text: str, expected: str) -> None:
    assert quoted(text) == expected


@pytest.mark.parametrize("item", ["a b", "it's a", 'a "b" c', """it's "b" c"""])
def test_a_completed_item_is_one_word(item: str) -> None:
    ((completed, _),) = complete_last("x ", lambda *_: [(item, "plain")])
    assert split(completed) == ["x", item]
