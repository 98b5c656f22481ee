"""Parse docstrings into a summary, a description, and a text for each parameter."""

from __future__ import annotations

import functools
import inspect
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import declare, fast
from .blocks import width_of

__all__ = ["Docstring", "brief", "documented", "parse", "reduced", "summary", "with_library", "without_default"]

# "by default 50" and "defaults to 50": docstring_parser leaves this in the text, and help shows the active default.
_VALUE = r"""(?:'[^'\n]*'|"[^"\n]*"|\[[^\[\]\n]*\]|\{[^{}\n]*\}|\([^()\n]*\)|[^\s,;()'"]+?)"""
_DEFAULT = rf"(?:by default|defaults? (?:value )?(?:to|is)|default(?: value)?[ ]?[:=]?)[ ]?(?<=[ :=]){_VALUE}"
_DEFAULTS = (
    rf"(?i)[ ]*\({_DEFAULT}\)",
    rf"(?im)(?:^|(?<=\.)[ ]+){_DEFAULT}(?:\.(?=[ ]|$)|$)",
    rf"(?im)[,;][ ]*{_DEFAULT}(?=\.?$|\.[ ])",
)
# A role at the start of a line looks like a field, whose name the parser would take from it. A directive of numpydoc's
# looks like a section, with all that follows in it.
_GUARDED = r"(?m)^[^\S\n]*(?=:[\w:+.-]+:`)|^\.\.(?= deprecated::)"
_GUARD = "\u2060"  # a character that is no space, and that no docstring has
_OPENS = re.compile(r"[ ]+\S|[:@]")  # a line that may begin the text of a parameter
_NOTE = r"(?m)^[ ]*\.\.[ ]+\[(?P<name>[\w.-]+)\][ ]+\S.*(?:\n(?![ ]*\.\.[ ])[ ]*\S.*)*"  # a footnote, to its empty line
_SECTION = (
    r"(?:Args|Arguments|Attributes|Example|Examples|Except|Exceptions|Parameters|Params|Raises|Returns|Yields):\s*$"
)
# What the parser makes of sections that are a part of the description if there are no others.
_UNSTRUCTURED = {"DocstringExample", "DocstringMeta"}


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
    read = [fast.numpydoc.read(doc) or with_library(doc) for doc in docs]
    parameters: dict[str, str] = {}
    for _, texts in reversed(read):
        parameters.update(texts)
    return Docstring("\n\n".join(filter(None, (read[0][0], *_notes(read[0][0], parameters, docs)))), parameters)


def _notes(text: str, parameters: Mapping[str, str], docs: Sequence[str]) -> Iterator[str]:
    """Walk the footnotes that texts refer to, and that are in a section of the docstrings that help does not show."""
    shown = "\n".join((text, *parameters.values()))
    cited = set(re.findall(r"\[([\w.-]+)\]_", shown)) if "]_" in shown else ()
    for note in re.finditer(_NOTE, "\n\n".join(docs)) if cited else ():
        if note["name"] in cited and f".. [{note['name']}]" not in shown:
            yield " ".join(note[0].split())


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


def with_library(doc: str) -> tuple[str, dict[str, str]]:
    """Return the description of a docstring of any style, and a text for each parameter."""
    style = _style(doc)
    doc, further = _split(doc, style)
    guarded = _with_gaps(re.sub(_GUARDED, lambda match: match[0] + _GUARD, doc))
    try:
        parsed = declare.docstring_parser.parse(guarded, style)
    except declare.docstring_parser.ParseError:  # for example an empty section
        return doc, {}
    if style.name == "AUTO" and all(type(meta).__name__ in _UNSTRUCTURED for meta in parsed.meta):
        return doc, {}
    parameters: dict[str, str] = {}
    for parameter in parsed.params:
        text = _unguarded(parameter.description or "").strip()
        for name in parameter.arg_name.split(","):
            parameters.setdefault(name.strip(" *\\"), text)
    description = _unguarded(_description(parsed, guarded))
    return "\n\n".join(filter(None, (description, further))), parameters


def _with_gaps(doc: str) -> str:
    """Guard an empty line below the first line of a parameter's text, and the indentation of a literal block there.

    The parser would remove both.
    """
    lines = doc.split("\n")
    for number, line in enumerate(lines[:-1], 1):
        if lines[number].strip() or not _OPENS.match(line):
            continue
        outer = width_of(line)
        ends = (at for at in range(number, len(lines)) if lines[at].strip() and width_of(lines[at]) <= outer)
        body = [at for at in range(number, next(ends, len(lines))) if lines[at].strip()]
        if body:
            lines[number] = f"{'':{outer + 1}}{_GUARD}"
            first = lines[body[0]]
            if line.rstrip().endswith("::") and width_of(first) == min(width_of(lines[at]) for at in body):
                lines[body[0]] = first[: outer + 1] + _GUARD + first[outer + 1 :]
    return "\n".join(lines)


def _unguarded(text: str) -> str:
    return re.sub(rf"(?m)^ +{_GUARD}$|{_GUARD}", "", text)


def _description(parsed: Any, doc: str) -> str:
    """Return the text before the sections, with its lines and paragraphs as written."""
    long = parsed.long_description or ""
    start = doc.find(long, len(parsed.short_description or ""))
    before = doc[:start].rpartition("\n")[2] if long else ""  # the parser removes the indentation of its first line
    gap = "\n\n" if parsed.blank_after_short_description else "\n"
    return gap.join(filter(None, (parsed.short_description, ("" if before.strip() else before) + long)))


def _split(doc: str, style: Any) -> tuple[str, str]:
    """Split off the paragraphs that follow a section without being part of it, which the parser would add to it.

    A section of Google's style is indented, and so are the further lines of a field of reST.
    """
    starts = {"GOOGLE": _SECTION, "REST": r":[^`:]+:(?:\s|$)"}.get(style.name)
    if starts is None:
        return doc, ""
    parts: tuple[list[str], list[str]] = ([], [])
    inside, leaves, above = False, False, ""
    for line in doc.split("\n"):
        if line[:1].strip() and (re.match(starts, line) or not above.strip()):
            inside = inside or re.match(starts, line) is not None
            leaves = inside and re.match(starts, line) is None
        parts[leaves].append(line)
        above = line
    return "\n".join(parts[0]).rstrip(), "\n".join(parts[1]).strip()


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
