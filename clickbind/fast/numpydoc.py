"""Read well-formed numpydoc docstrings and plain ones without docstring_parser, which reads all kinds.

Accept a line of dashes only below a known title, and give up in uncertain cases, so that every result is the same as
docstring_parser's (https://numpydoc.readthedocs.io/en/latest/format.html).
"""

from __future__ import annotations

import inspect
import itertools
from collections.abc import Iterator, Sequence

from . import shortcut

__all__ = ["plain", "read", "without_default"]

# The sections whose entries are parameters, and the other sections.
_PARAMETERS = ("Parameters", "Other Parameters", "Attributes", "Attribute", "Receives", "Receive")
_OTHERS = """
    Raises Raise Warns Warn Returns Return Yields Yield Examples Example Warnings Warning Related Notes Note References
    Reference
""".split()  # noqa: SIM905 - every title is one word
_TITLES = frozenset({*_PARAMETERS, *_OTHERS, "See Also"})
# Without one of these, the docstring may be of another style.
_NEEDED = frozenset({"Parameters", "Other Parameters"})


@shortcut("numpydoc")
def read(doc: str) -> tuple[str, dict[str, str]] | None:
    """Read a docstring.

    Parameters
    ----------
    doc : str
        The docstring, cleaned by `inspect.cleandoc`.

    Returns
    -------
    (str, dict of str to str) or None
        The description, and a text for each parameter; None in uncertain cases.
    """
    lines = doc.split("\n")
    titles = _titles(lines)
    if titles is None or doc != doc.strip():
        return None
    if "\n\n\n" in doc or any(map(str.isspace, lines)):  # the library joins some paragraphs closer
        return None
    if not titles:
        unsure = any(map(_may_be_marked, lines)) or _is_indented(lines[1:])
        return None if unsure else (_description(lines), {})
    if not any(lines[title].rstrip() in _NEEDED for title in titles):
        return None
    if titles[0] and lines[titles[0] - 1][-1:].isspace():  # the library keeps these spaces, right above a title
        return None
    parameters: dict[str, str] = {}
    for title, end in zip(titles, [*titles[1:], len(lines)], strict=True):
        if lines[title].rstrip() in _PARAMETERS:
            for key, text in _entries(lines[title + 2 : end]):
                for name in key.partition(":")[0].split(","):
                    parameters.setdefault(name.strip(" *"), text)
    return _description(lines[: titles[0]]), parameters


# Characters, and pairs of them, that a mark of reST or Markdown may have: see `declare.inline`.
_MARKS = frozenset("`*|\\<&$~\b\f\t")
_SHORT = 4  # the letter of an item, such as ``(a)``, is shorter
_NO_START = frozenset("-+>#!=.:@")


@shortcut("markup")
def plain(text: str) -> str | None:
    """Return a description without markup, as one line.

    Parameters
    ----------
    text : str
        The description.

    Returns
    -------
    str or None
        The line; None for several paragraphs, and if there may be markup or a list.
    """
    if text[:1].isspace() or "\n " in text or "::" in text:  # an indented line may define the one above it
        return None
    is_marked = not _MARKS.isdisjoint(text) or ("]" in text and _may_link(text))
    if is_marked or ("_" in text and not _is_inside_words(text.split("_"))):
        return None
    for line in text.split("\n") if "\n" in text else (text,):
        first = line.strip().partition(" ")[0]
        if not first or first[0] in _NO_START or not first[0].isascii():
            return None
        if first[2:] and first == first[0] * len(first):  # a line below a title
            return None
        if first[-1] in ".)" and (len(first) < _SHORT or first[0] in "(0123456789ivx"):  # an item of a list
            return None
    return " ".join(text.split())


def _is_inside_words(parts: list[str]) -> bool:
    """Return whether each underscore between these parts of a text is inside of a word."""
    return all(one[-1:].isalnum() and other[:1].isalnum() for one, other in itertools.pairwise(parts))


def _may_link(text: str) -> bool:
    """Return whether a text may have links or footnotes."""
    return "](" in text or "]_" in text or "][" in text or "[^" in text


@shortcut("markup")
def without_default(text: str) -> str | None:
    """Remove a default at the end of a text, ``by default 50``; None in uncertain cases."""
    start, comma, value = text.rpartition(", by default ")
    if not comma or "efault" in start or "\n" in text or not value.strip("'") or value[-1] == ".":
        return None
    bare = value[1:-1] if value[0] == value[-1] == "'" and len(value) > 1 else value
    return None if any(char in bare for char in " ,;()[]{}'\"") else start.strip()


def _titles(lines: Sequence[str]) -> list[int] | None:
    """Return the indices of title lines; None if a line may belong to another style, or dashes follow no title."""
    titles = []
    for number, line in enumerate(lines):
        start = line[:1]
        if start in {":", "@"} or line[:2] == "..":
            return None
        if start == "-" and not line.strip().strip("-"):
            title = lines[number - 1].rstrip() if number else ""
            if title not in _TITLES or len(line.rstrip()) != len(title):
                return None
            titles.append(number - 1)
    return titles


def _may_be_marked(line: str) -> bool:
    """Return whether a line may begin a section of another style: a title of Google's, a field of reST or Epydoc."""
    bare = line.strip()
    return bare[-1:] == ":" or bare[:1] in {":", "@", "-"}


def _description(lines: Sequence[str]) -> str:
    """Join the lines before the first section."""
    return "\n".join(lines).strip()


def _is_indented(lines: Sequence[str]) -> bool:
    """Return whether all lines that are not blank begin with a space."""
    found = [line for line in lines if line.strip()]
    return bool(found) and all(line[0] == " " for line in found)


def _entries(lines: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Walk the entries of a section: an unindented line, and the indented text below it."""
    starts = [number for number, line in enumerate(lines) if line[:1].strip()]
    for start, end in itertools.pairwise([*starts, len(lines)]):
        below = "\n".join(lines[start + 1 : end]).strip()
        if "\n" in below or "\t" in below:
            below = inspect.cleandoc("\n".join(("", *lines[start + 1 : end]))).strip()
        yield lines[start], below
