"""Say what help shows of reST's and MyST's directives, and of the admonitions of MkDocs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .blocks import dedented
from .inline import math

__all__ = ["admonition", "shown"]

_OPTION = re.compile(r":[\w-]+:(?:[ \t]|$)")
_VERSIONED = {
    "versionadded": "New in version",
    "versionchanged": "Changed in version",
    "versionremoved": "Removed in version",
    "deprecated": "Deprecated since version",
}
_TITLED = {"admonition", "centered", "rubric", "sidebar", "topic"}
_ADMONITIONS = {
    *("attention", "caution", "danger", "error", "hint", "important", "info", "note", "seealso", "tip", "todo"),
    *("warning", *_TITLED, *_VERSIONED),
}
_LABELS = {"seealso": "See also", "todo": "To do"}
_LITERAL = {
    *("code", "code-block", "csv-table", "doctest", "ipython", "parsed-literal", "plot", "productionlist", "prompt"),
    *("sourcecode", "testcode", "testoutput"),
}
_DROPPED = {
    *("contents", "currentmodule", "default-role", "digraph", "graphviz", "highlight", "include", "index"),
    *("literalinclude", "mermaid", "meta", "module", "raw", "role", "tabularcolumns", "testsetup", "toctree", "uml"),
}
_WITHOUT_ARGUMENT = {"class", "container", "figure", "image", "list-table", "only", "rst-class", "table"}


def shown(name: str, argument: str, body: list[str]) -> tuple[str, list[str], bool]:
    """Return what help shows of a directive.

    Parameters
    ----------
    name : str
        Its name.
    argument : str
        The text after its name.
    body : list of str
        The lines below it.

    Returns
    -------
    label : str
        The label of the first paragraph, or empty.
    lines : list of str
        The lines, which have markup.
    kept : bool
        Whether the lines are literal, and have none.
    """
    name = name.rpartition(":")[2].lower()
    lines = _without_options(body)
    if name in _DROPPED:
        return "", [], False
    if name == "math":
        return "", [math(line) for line in filter(None, (argument, *lines))], True
    if name in _LITERAL:
        return "", lines, True
    if name in _ADMONITIONS:
        return admonition(name, argument, lines)
    if name in _WITHOUT_ARGUMENT:
        argument = next((line.partition(":alt:")[2].strip() for line in body if line.startswith(":alt:")), "")
    return "", [argument, "", *lines], False


def admonition(name: str, argument: str, lines: Sequence[str]) -> tuple[str, list[str], bool]:
    """Return what help shows of a note or the like, as `shown` does."""
    label = _LABELS.get(name, name.capitalize())
    if name in _VERSIONED:
        version, _, argument = argument.partition(" ")
        label = f"{_VERSIONED[name]} {version}".rstrip()
        if not argument and not lines:
            return "", [f"{label}."], False
    elif name in _TITLED:
        label, argument = argument, ""
    return label, [argument.strip(), *lines] if argument.strip() else list(lines), False


def _without_options(body: list[str]) -> list[str]:
    """Remove the options at the start of a directive's body."""
    start = next((number for number, line in enumerate(body) if not _OPTION.match(line)), len(body))
    return dedented(body[start:])
