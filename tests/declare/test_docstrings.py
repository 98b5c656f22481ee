"""What a docstring says."""

from __future__ import annotations

import dataclasses
import functools
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clickbind import declare, fast


def documented(doc: str | None) -> Any:
    def function(epochs: int = 5, lr: float = 0.1) -> None: ...

    function.__doc__ = doc
    return function


NUMPY = """Train the model.

    It takes a while.

    And longer.

    Parameters
    ----------
    epochs : int
        How often each item is seen,
        one after the other.
    lr : float, optional
        How fast it learns.

    Returns
    -------
    str
        Nothing of use.
    """
GOOGLE = """Train the model.

    It takes a while.

    And longer.

    Args:
        epochs (int): How often each item is seen,
            one after the other.
        lr: How fast it learns.

    Returns:
        Nothing of use.
    """
REST = """Train the model.

    It takes a while.

    And longer.

    :param epochs: How often each item is seen,
        one after the other.
    :param lr: How fast it learns.
    :returns: Nothing of use.
    """


@pytest.mark.parametrize("doc", [NUMPY, GOOGLE, REST], ids=["numpydoc", "Google", "reST"])
def test_three_styles_say_the_same(doc: str) -> None:
    found = declare.docstrings.parse(documented(doc))
    assert found.text == "Train the model.\n\nIt takes a while.\n\nAnd longer."
    assert found.parameters == {
        "epochs": "How often each item is seen,\none after the other.",
        "lr": "How fast it learns.",
    }


@pytest.mark.parametrize("doc", [None, ""])
def test_no_docstring_says_nothing(doc: str | None) -> None:
    found = declare.docstrings.parse(documented(doc))
    assert (found.text, found.parameters) == ("", {})


def test_a_docstring_may_be_a_summary_alone() -> None:
    assert declare.docstrings.parse(documented("Train.")).text == "Train."


@pytest.mark.parametrize(
    "description",
    [
        "How often, by default 50",
        "How often (default: 50)",
        "How often, default: 50",
        "How often. Defaults to 50.",
        "How often (by default 50)",
        "How often, default is '50'",
    ],
)
def test_the_default_is_left_out_since_help_shows_it(description: str) -> None:
    doc = f"Train.\n\n    Parameters\n    ----------\n    epochs : int\n        {description}\n    "
    text = declare.docstrings.parse(documented(doc)).parameters["epochs"]
    assert declare.docstrings.without_default(text).rstrip(".") == "How often"


@pytest.mark.parametrize("text", ["Whether it shuffles by default the items.", "How often", "The default: none.", ""])
def test_what_is_not_said_of_the_default_stays(text: str) -> None:
    assert declare.docstrings.without_default(text) == text


def test_one_text_may_be_for_two_parameters() -> None:
    doc = "Train.\n\n    Parameters\n    ----------\n    epochs, lr : float\n        A number.\n    "
    assert declare.docstrings.parse(documented(doc)).parameters == {"epochs": "A number.", "lr": "A number."}


def test_stars_are_no_part_of_a_name() -> None:
    doc = "Train.\n\n    Parameters\n    ----------\n    *args : int\n        A.\n    **kwargs : int\n        B.\n    "
    assert declare.docstrings.parse(documented(doc)).parameters == {"args": "A.", "kwargs": "B."}


def test_a_parameter_without_text_has_an_empty_one() -> None:
    doc = "Train.\n\n    Parameters\n    ----------\n    epochs : int\n    "
    assert declare.docstrings.parse(documented(doc)).parameters == {"epochs": ""}


class Model:
    """A model.

    Parameters
    ----------
    size : int
        From the class.
    """

    def __init__(self, size: int = 1, depth: int = 2) -> None:
        """Make one.

        Parameters
        ----------
        size : int
            From the constructor.
        depth : int
            Also from the constructor.
        """


class Plain:
    """Without a constructor of its own."""


class Bare:
    """With a constructor that says nothing."""

    def __init__(self, size: int = 1) -> None: ...


def test_a_class_may_document_its_parameters_in_its_constructor() -> None:
    found = declare.docstrings.parse(Model)
    assert found.text == "A model."
    assert found.parameters == {"size": "From the class.", "depth": "Also from the constructor."}


@pytest.mark.parametrize(
    ("kind", "text"),
    [(Plain, "Without a constructor of its own."), (Bare, "With a constructor that says nothing.")],
)
def test_a_class_needs_no_documented_constructor(kind: type, text: str) -> None:
    found = declare.docstrings.parse(kind)
    assert (found.text, found.parameters) == (text, {})


@pytest.mark.parametrize(
    ("doc", "summary"),
    [
        (None, ""),
        ("Train.", "Train."),
        ("Train\n    the   model.\n\n    It takes a while.", "Train the model."),
        ("\n    Train.\n    ", "Train."),
    ],
)
def test_the_first_paragraph_is_one_line(doc: str | None, summary: str) -> None:
    assert declare.docstrings.summary(documented(doc)) == summary


def test_the_docstring_of_a_partial_is_that_of_its_function() -> None:
    def fit(size: int) -> None:
        """Fit it."""

    assert declare.docstrings.summary(functools.partial(functools.partial(fit), 1)) == "Fit it."


def test_a_docstring_that_the_library_cannot_read_is_its_text() -> None:
    def use(x: int = 1) -> None:
        """Do.

        Arguments:
        """

    assert declare.docstrings.parse(use).parameters == {}
    assert declare.docstrings.parse(use).text.startswith("Do.")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("How often, defaults to None, which means for ever.", None),
        ("By default, it shuffles. Set it to False.", None),
        ("Defaults to 3. Larger ones are slower.", "Larger ones are slower."),
        ("How often. Default: (0.9, 0.999).\n\nMore text.", "How often.\n\nMore text."),
        ("How often (default: (0.9, 0.999)) and when.", "How often and when."),
        ("Defaults to 3.\n\nMore.", "More."),
        ("The rate; default 0.1.", "The rate."),
        ("Default is 'lbfgs'. To choose, see below.", "To choose, see below."),
        ("Some words, by default 'two words'", "Some words"),
    ],
)
def test_only_a_default_is_left_out_and_no_other_word(text: str, expected: str | None) -> None:
    assert declare.docstrings.without_default(text) == (text if expected is None else expected)


@given(
    st.lists(
        st.sampled_from(
            ["a", ",", ".", ";", "(", ")", "by", "default", "efault", "50", "'x'", "\n", "'a", "b'", "[1]", "to"]
        ),
        max_size=9,
    )
)
@example(["A", ", by default", "'.'"])
@example(["A", ", by default", "50"])
def test_the_shortcut_for_a_default_agrees(parts: list[str]) -> None:
    for text in (" ".join(parts), " ".join(parts).replace(" ,", ",")):
        found = fast.numpydoc.without_default(text)
        slow = text
        for pattern in declare.docstrings._DEFAULTS:
            slow = re.sub(pattern, "", slow)
        assert found is None or found == slow.strip()


def test_a_wrapped_summary_is_one_paragraph_in_every_style() -> None:
    for doc in (NUMPY, GOOGLE, REST):
        wrapped = doc.replace("Train the model.", "Train the\n    model.")
        text = declare.docstrings.parse(documented(wrapped)).text
        assert declare.docstrings.reduced(text) == "Train the model.\n\nIt takes a while.\n\nAnd longer."


@pytest.mark.parametrize("doc", [NUMPY, GOOGLE, REST], ids=["numpydoc", "Google", "reST"])
def test_a_role_at_the_start_of_a_line_is_no_field(doc: str) -> None:
    doc = doc.replace("It takes a while.", ":class:`Net` takes\n    :func:`time`.").replace(
        "one after", ":ref:`one` after"
    )
    found = declare.docstrings.parse(documented(doc))
    assert declare.docstrings.reduced(found.text) == "Train the model.\n\nNet takes time().\n\nAnd longer."
    assert declare.docstrings.reduced(found.parameters["epochs"]) == "How often each item is seen, one after the other."


BLOCK = ["Format of lines::", "", "        key = 1", "", "        other = 2"]
WRITTEN = {
    "numpydoc": "Fit.\n\nParameters\n----------\nepochs : int\n    {}\nlr : float\n    Rate.",
    "Google": "Fit.\n\nArgs:\n    epochs (int): {}\n    lr: Rate.",
    "reST": "Fit.\n\n:param epochs: {}\n:param lr: Rate.",
    "Epydoc": "Fit.\n\n@param epochs: {}\n@param lr: Rate.",
}


@pytest.mark.parametrize("style", WRITTEN)
@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        (BLOCK, "Format of lines:\n\n\b\n  key = 1\n\n\b\n  other = 2"),
        ([*BLOCK, "    More."], "Format of lines:\n\n\b\n  key = 1\n\n\b\n  other = 2\n\nMore."),
        (["One.", "", "    Two", "    more.", "", "    Three."], "One.\n\nTwo more.\n\nThree."),
        (["One.", "  ", "    - a", "    - b"], "One.\n\n\b\n- a\n- b"),
        (["One", "    is::", "", "        a = 1"], "One is:\n\n\b\n  a = 1"),
        (["One::", ""], "One:"),
    ],
)
def test_the_text_of_a_parameter_keeps_its_blocks_in_every_style(style: str, lines: list[str], expected: str) -> None:
    indent = "    " if style == "Google" else ""
    text = f"\n{indent}".join(lines).replace("\n    \n", "\n\n")
    found = declare.docstrings.parse(documented(WRITTEN[style].format(text)))
    assert declare.docstrings.reduced(found.parameters["epochs"]) == expected
    assert found.parameters["lr"] == "Rate."


def test_footnotes_of_another_section_are_shown_if_the_text_refers_to_them() -> None:
    doc = NUMPY.replace("It takes a while.", "It takes a while [1]_ [2]_.\n\n    .. [2] Two.")
    doc = doc.replace("it learns.", "[c-3]_.")
    doc += "\n    References\n    ----------\n    .. [1] A. Author,\n       *Title*.\n    .. [2] Other.\n"
    doc += "\n    .. [c-3] C.\n    .. [4] D.\n"
    text = declare.docstrings.reduced(declare.docstrings.parse(documented(doc)).text)
    assert text == (
        "Train the model.\n\nIt takes a while [1] [2].\n\n[2] Two.\n\nAnd longer.\n\n[1] A. Author, Title.\n\n[c-3] C."
    )


def test_a_deprecation_in_numpydoc_ends_with_its_paragraph() -> None:
    doc = NUMPY.replace("It takes a while.", ".. deprecated:: 1.0\n       Use other.\n\n    It takes a while.")
    text = declare.docstrings.reduced(declare.docstrings.parse(documented(doc)).text)
    assert text == "Train the model.\n\nDeprecated since version 1.0: Use other.\n\nIt takes a while.\n\nAnd longer."


def test_what_follows_a_section_is_no_part_of_it() -> None:
    google = GOOGLE.replace("    Returns:", "    Shape:\n        - Input: one.\n\n    Returns:")
    found = declare.docstrings.parse(documented(google))
    assert found.parameters["lr"] == "How fast it learns."
    assert declare.docstrings.reduced(found.text).endswith("And longer.\n\nShape:\n\n\b\n  - Input: one.")
    rest = REST.replace(":returns: Nothing of use.", ":returns: Nothing.\n\n    .. versionadded:: 2.0\n       It.")
    found = declare.docstrings.parse(documented(rest))
    assert found.parameters["lr"] == "How fast it learns."
    assert declare.docstrings.reduced(found.text).endswith("And longer.\n\nNew in version 2.0: It.")


@pytest.mark.parametrize(
    "doc",
    [
        "Fit.\n\nExample:\n    fit --x 3",
        "Fit.\n\n    code = 1\n\nText.",
        "Fit it\nwell::\n\n    code",
        "Fit.\n\nNote:\n    Well.",
        ":class:`Net` is fitted.\n\n:func:`f` too.",
    ],
)
def test_a_docstring_without_sections_is_all_description(doc: str) -> None:
    assert declare.docstrings.parse(documented(doc)).text == doc


def test_a_description_keeps_the_indentation_of_its_first_line() -> None:
    doc = "Fit.\n\n    code = 1\n\nArgs:\n    epochs: How often.\n"
    assert declare.docstrings.parse(documented(doc)).text == "Fit.\n\n    code = 1"


def test_the_summary_has_no_markup() -> None:
    assert (
        declare.docstrings.summary(documented("Fit a :class:`~a.Net`\n    **well**.\n\n    More.")) == "Fit a Net well."
    )
    assert declare.docstrings.summary(documented("Fit ``x``.")) == "Fit x."


@pytest.mark.parametrize(
    ("doc", "summary"),
    [
        ("function(epochs=5, lr=(0.1, 0.2)) -> None\n\nTrain.\n\nMore.", "Train."),
        ("function(epochs=5,\n         lr=0.1)\n\nTrain.", "Train."),
        ("function(epochs: tuple = ((5,), 5))", ""),
        ("\n    function(epochs)\n\n    Train.", "Train."),
        ("function(epochs) trains.", "function(epochs) trains."),
        ("function(epochs)\nfunction(epochs, lr)\n\nTrain.", "function(epochs) function(epochs, lr)"),
        ("function(epochs", "function(epochs"),
        ("functions(epochs)\n\nTrain.", "functions(epochs)"),
    ],
)
def test_a_signature_with_which_a_docstring_begins_is_left_out(doc: str, summary: str) -> None:
    assert declare.docstrings.summary(documented(doc)) == summary
    assert declare.docstrings.parse(documented(doc)).text.split("\n\n")[0].replace("\n", " ") == summary


def test_help_of_a_dataclass_without_a_docstring_does_not_repeat_its_signature() -> None:
    @dataclasses.dataclass
    class Adam:
        lr: float = 0.1

    assert declare.docstrings.summary(Adam) == ""
