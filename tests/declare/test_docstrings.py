"""What a docstring says."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from clickbind import declare


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
        "How often, defaults to 50,\n        or so",
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
    assert declare.docstrings.first_paragraph(documented(doc)) == summary


def test_the_docstring_of_a_partial_is_that_of_its_function() -> None:
    def fit(size: int) -> None:
        """Fit it."""

    assert declare.docstrings.first_paragraph(functools.partial(functools.partial(fit), 1)) == "Fit it."


def test_a_docstring_that_the_library_cannot_read_is_its_text() -> None:
    def use(x: int = 1) -> None:
        """Do.

        Arguments:
        """

    assert declare.docstrings.parse(use).parameters == {}
    assert declare.docstrings.parse(use).text.startswith("Do.")
