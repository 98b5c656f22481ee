"""Docstrings that are read without docstring_parser: as it reads them, or not at all."""

from __future__ import annotations

import importlib.util
import inspect
import pkgutil
import types
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clickbind
from clickbind import declare, fast

# What lines of docstrings are made of, in every style, and what stands nearly where it should.
LINES = [
    *("", "  ", "Train the model.", "It takes a while: longer.", "Say:", "    text", "        deeper", "\tx", "a b  "),
    *(
        "x : int",
        "x",
        "x, y : float, optional",
        "*args",
        "**kwargs : str",
        "x: int, default 5",
        "    Number, by default 5",
    ),
    *("Parameters", "Other Parameters", "Attributes", "Returns", "Raises", "See Also", "Methods", "Returns:", "Args:"),
    *("----------", "---------", "-----------", "----------------", "-------", "------", "---", "--------  ", "- item"),
    *(
        ":param x: a number",
        ":returns: it",
        "@param x: a number",
        ".. deprecated:: 1.0",
        ".. note:: well",
        "    x (int): One.",
    ),
    *(
        "Parameters\n----------\nx : int\n    Number.",
        "Returns\n-------\nint",
        "Other Parameters\n----------------\ny\n    Y.",
    ),
]


NEEDED = {
    "clickbind.cli.panels": "rich_click",
    "clickbind.observers.mlflow": "mlflow",
    "clickbind.sweeps.study": "optuna",
}
"""The libraries without which a module cannot be imported."""


def packages() -> Iterator[types.ModuleType]:
    """Walk modules that have docstrings of many styles."""
    yield from (inspect, pkgutil, types, importlib)
    for module in pkgutil.walk_packages(clickbind.__path__, "clickbind."):
        if importlib.util.find_spec(NEEDED.get(module.name, "clickbind")) is not None:
            yield importlib.import_module(module.name)


def documented() -> Iterator[str]:
    """Walk the docstrings of modules, and of their members and members' members."""
    for module in packages():
        for member in (module, *vars(module).values()):
            for inner in (member, *(vars(member).values() if isinstance(member, type) else ())):
                if isinstance(getattr(inner, "__doc__", None), str):
                    yield inspect.cleandoc(inner.__doc__)


@given(st.lists(st.sampled_from(LINES), max_size=12))
@settings(max_examples=1000)
def test_what_is_read_is_read_as_the_library_reads_it(lines: list[str]) -> None:
    doc = inspect.cleandoc("\n".join(lines))
    found = fast.numpydoc.read(doc)
    assert found is None or found == declare.styles.read(doc)


@given(st.text(st.sampled_from("ax :-\n.@*,'\t#>"), max_size=60))
def test_any_text_is_read_as_the_library_reads_it(text: str) -> None:
    doc = inspect.cleandoc(text)
    found = fast.numpydoc.read(doc)
    assert found is None or found == declare.styles.read(doc)


def test_the_docstrings_of_real_modules_are_read_as_the_library_reads_them() -> None:
    docs = set(documented())
    read = {doc: fast.numpydoc.read(doc) for doc in docs}
    known = {doc: found for doc, found in read.items() if found is not None}
    assert len(known) > len(docs) / 2
    assert known == {doc: declare.styles.read(doc) for doc in known}


@pytest.mark.parametrize(
    "doc",
    [
        "Train.\n\nArgs:\n    x: One.",
        "Train.\n\n:param x: One.",
        "Train.\n\n@param x: One.",
        "Train.\n\n.. deprecated:: 1.0\n\nParameters\n----------\nx : int\n    One.",
        "Train.\n\nMethods\n-------\nfit\n    It.",
        "Train.\n\nParameters\n---------\nx : int\n    One.",
        "Train.\n\nParameters\n\n----------\nx : int\n    One.",
        "Train.\n\nReturns\n-------\nint",
        "Train.\n  \nMore.",
        "Train.  \nParameters\n----------\nx : int\n    One.",
    ],
)
def test_what_is_not_certain_is_left_to_the_library(doc: str) -> None:
    assert fast.numpydoc.read(doc) is None


def test_a_well_formed_docstring_is_read() -> None:
    doc = """Train.

Longer
text.

Parameters
----------
x, *y : int
    One,
      and more.
z
    Three.

Returns
-------
int
    Four.

Attributes
----------
x : int
    Another."""
    assert fast.numpydoc.read(doc) == (
        "Train.\n\nLonger\ntext.",
        {"x": "One,\n  and more.", "y": "One,\n  and more.", "z": "Three."},
    )


@pytest.mark.parametrize("title", ["Parameters", "Other Parameters", "Attributes", "Receives", "Raises"])
def test_a_section_may_be_empty(title: str) -> None:
    doc = f"Sum.\n\n{title}\n{'-' * len(title)}\n\nReturns\n-------\nint\n    It."
    read = fast.numpydoc.read(doc)
    assert read is None or read == declare.styles.read(doc)


def test_what_is_indented_behind_the_first_line_is_left_to_the_library() -> None:
    assert fast.numpydoc.read("Do it.\n    cont\n\n    more words") is None


@pytest.mark.parametrize("text", ["1. one", "(a) one", "iv) one", "One:\n2. two"])
def test_a_text_that_may_have_a_list_is_left_to_the_library(text: str) -> None:
    assert fast.numpydoc.plain(text) is None
