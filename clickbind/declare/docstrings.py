"""Parse docstrings into a summary, a description, and a text for each parameter."""

from __future__ import annotations

import functools
import inspect
import itertools
import re
from typing import Any

from .. import declare, fast

__all__ = ["Docstring", "first_paragraph", "parse", "with_library", "without_default"]

# "by default 50" and "defaults to 50": docstring_parser leaves this in the text, and help shows the active default.
_DEFAULT = r"(?is)(?:^|[,.;(])\s*(?:by default|defaults? to|default:)\s.*$"


class Docstring:
    """A parsed docstring.

    Attributes
    ----------
    text : str
        The description without the sections, its paragraphs separated by empty lines.
    parameters : dict of str to str
        A text for each documented parameter.
    """

    __slots__ = ("parameters", "text")

    def __init__(self, text: str, parameters: dict[str, str]) -> None:
        self.text = text
        self.parameters = parameters


def first_paragraph(function: Any) -> str:
    """Return the summary of a docstring: its first paragraph, as one line, without parsing the rest."""
    function = _documented(function)
    doc = getattr(function, "__doc__", None) or inspect.getdoc(function) or ""
    lines = doc.strip().splitlines()
    return " ".join(" ".join(itertools.takewhile(str.strip, lines)).split())


def parse(function: Any) -> Docstring:
    """Parse a function's docstring, in numpydoc, Google or reST style.

    Parameters
    ----------
    function : object
        The function or class. The docstring of a class's ``__init__`` is read too.
    """
    function = _documented(function)
    docs = [inspect.getdoc(function) or ""]
    if isinstance(function, type) and function.__init__ is not object.__init__:  # type: ignore[misc]
        docs.append(inspect.getdoc(function.__init__) or "")  # type: ignore[misc]
    read = [fast.numpydoc.read(doc) or with_library(doc) for doc in docs]
    parameters: dict[str, str] = {}
    for _, texts in reversed(read):
        parameters.update(texts)
    return Docstring(read[0][0], parameters)


def with_library(doc: str) -> tuple[str, dict[str, str]]:
    """Return the description of a docstring of any style, and a text for each parameter."""
    try:
        parsed = declare.docstring_parser.parse(doc, _style(doc))
    except declare.docstring_parser.ParseError:  # for example an empty section
        return doc, {}
    parameters: dict[str, str] = {}
    for parameter in parsed.params:
        text = (parameter.description or "").strip()
        for name in parameter.arg_name.split(","):
            parameters.setdefault(name.strip(" *"), text)
    return "\n\n".join(filter(None, (parsed.short_description, parsed.long_description))), parameters


def without_default(text: str) -> str:
    """Remove the default from a text, since help shows the active one."""
    return re.sub(_DEFAULT, "", text).strip()


def _documented(function: Any) -> Any:
    """Return the object whose docstring to read: for a partial its function, since its own is that of its class."""
    while isinstance(function, functools.partial):
        function = function.func
    return function


def _style(doc: str) -> Any:
    """Return the style of a docstring by its section marks. The parser itself only guesses, and may lose everything."""
    styles = declare.docstring_parser.DocstringStyle
    for pattern, style in (
        # Blanks of one line only: with \s, each of many empty lines would scan all the others.
        (r"(?m)^[^\S\n]*(?:Other )?Parameters[^\S\n]*\n[^\S\n]*-{3,}[^\S\n]*$", styles.NUMPYDOC),
        (r"(?m)^[^\S\n]*(?:Args|Arguments|Parameters|Params):[^\S\n]*$", styles.GOOGLE),
        (r"(?m)^[^\S\n]*:param\b", styles.REST),
        (r"(?m)^[^\S\n]*@param\b", styles.EPYDOC),
    ):
        if re.search(pattern, doc):
            return style
    return styles.AUTO
