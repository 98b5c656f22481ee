"""Parse docstrings into a summary, a description, and a text for each parameter."""

from __future__ import annotations

import functools
import inspect
import itertools
import re
from typing import Any

from .. import declare, fast

__all__ = ["Docstring", "brief", "documented", "parse", "reduced", "summary", "without_default"]

# "by default 50" and "defaults to 50": docstring_parser leaves this in the text, and help shows the active default.
_VALUE = r"""(?:'[^'\n]*'|"[^"\n]*"|\[[^\[\]\n]*\]|\{[^{}\n]*\}|\([^()\n]*\)|[^\s,;()'"]+?)"""
_DEFAULT = rf"(?:by default|defaults? (?:value )?(?:to|is)|default(?: value)?[ ]?[:=]?)[ ]?(?<=[ :=]){_VALUE}"
_DEFAULTS = (
    rf"(?i)[ ]*\({_DEFAULT}\)",
    rf"(?im)(?:^|(?<=\.)[ ]+){_DEFAULT}(?:\.(?=[ ]|$)|$)",
    rf"(?im)[,;][ ]*{_DEFAULT}(?=\.?$|\.[ ])",
)


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


def summary(function: Any) -> str:
    """Return the summary of a docstring: its first paragraph, as one line of text, without parsing the rest."""
    function = documented(function)
    doc = _without_signature(function, getattr(function, "__doc__", None) or inspect.getdoc(function) or "")
    lines = doc.strip().splitlines()
    first = "\n".join(itertools.takewhile(str.strip, lines))
    return fast.numpydoc.plain(first) or brief(doc if "\n" not in doc else inspect.cleandoc(doc))


def reduced(text: str) -> str:
    """Reduce the markup of a description to text, in Click's form: see `markup`."""
    return (fast.numpydoc.plain(text) or declare.markup.reduced(text)) if text else text


def brief(text: str) -> str:
    """Return the first paragraph of a description as one line of text."""
    return (fast.numpydoc.plain(text) or declare.markup.brief(text)) if text else text


def parse(function: Any) -> Docstring:
    """Parse a function's docstring, in numpydoc, Google or reST style.

    Parameters
    ----------
    function : object
        The function or class. The docstring of a class's ``__init__`` is read too.
    """
    function = documented(function)
    docs = [_without_signature(function, inspect.getdoc(function) or "")]
    if isinstance(function, type) and function.__init__ is not object.__init__:  # type: ignore[misc]
        docs.append(inspect.getdoc(function.__init__) or "")  # type: ignore[misc]
    read = [fast.numpydoc.read(doc) or declare.styles.read(doc) for doc in docs]
    parameters: dict[str, str] = {}
    for _, texts in reversed(read):
        parameters.update(texts)
    notes = declare.styles.notes(read[0][0], parameters, docs) if any("]_" in doc for doc in docs) else ()
    return Docstring("\n\n".join(filter(None, (read[0][0], *notes))), parameters)


def _without_signature(function: Any, doc: str) -> str:
    """Leave out the signature with which many docstrings of NumPy and of C begin, and that a dataclass has for one."""
    name = getattr(function, "__name__", "")
    first, _, rest = doc.strip().partition("\n\n")
    if not name or not first.startswith(f"{name}("):
        return doc
    depths = itertools.accumulate((char == "(") - (char == ")") for char in first)
    closed = (at for at, (char, depth) in enumerate(zip(first, depths, strict=True), 1) if char == ")" and not depth)
    after = first[next(closed, 0) :].strip()
    return doc if after and not after.startswith("->") else rest


def without_default(text: str) -> str:
    """Remove the default from a text, since help shows the active one; keep a default that is explained."""
    if "efault" not in text:
        return text
    short = fast.numpydoc.without_default(text)
    if short is not None:
        return short
    for pattern in _DEFAULTS:
        text = re.sub(pattern, "", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip()


def documented(function: Any) -> Any:
    """Return the object whose docstring to read: for a partial its function, since its own is that of its class."""
    while isinstance(function, functools.partial):
        function = function.func
    return function
