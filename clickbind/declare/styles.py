"""Read docstrings of any style with docstring_parser, and keep what it would lose.

It is imported only for docstrings that `fast.numpydoc` does not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from .. import declare
from .blocks import width_of

__all__ = ["notes", "read"]

_NOTE = r"(?m)^[ ]*\.\.[ ]+\[(?P<name>[\w.-]+)\][ ]+\S.*(?:\n(?![ ]*\.\.[ ])[ ]*\S.*)*"  # a footnote, to its empty line
# A role at the start of a line looks like a field, whose name the parser would take from it. A directive of numpydoc's
# looks like a section, with all that follows in it.
_GUARDED = r"(?m)^[^\S\n]*(?=:[\w:+.-]+:`)|^\.\.(?= deprecated::)"
_GUARD = "\u2060"  # a character that is no space, and that no docstring has
_OPENS = r"[ ]+\S|[:@]"  # a line that may begin the text of a parameter
_SECTION = (
    r"(?:Args|Arguments|Attributes|Example|Examples|Except|Exceptions|Parameters|Params|Raises|Returns|Yields):\s*$"
)
# What the parser makes of sections that are a part of the description if there are no others.
_UNSTRUCTURED = {"DocstringExample", "DocstringMeta"}


def read(doc: str) -> tuple[str, dict[str, str]]:
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
        if lines[number].strip() or not re.match(_OPENS, line):
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


def notes(text: str, parameters: Mapping[str, str], docs: Sequence[str]) -> Iterator[str]:
    """Walk the footnotes that texts refer to, and that are in a section of the docstrings that help does not show."""
    shown = "\n".join((text, *parameters.values()))
    cited = set(re.findall(r"\[([\w.-]+)\]_", shown))
    for note in re.finditer(_NOTE, "\n\n".join(docs)) if cited else ():
        if note["name"] in cited and f".. [{note['name']}]" not in shown:
            yield " ".join(note[0].split())
