"""Reduce markup inside a paragraph to text: roles, literals, emphasis, links, references and mathematics.

reST and Markdown share most marks, so both are read at once: ``**bold**``, one backtick, two backticks. Marks that only
look like some stay: ``*args``, ``coef_``, ``__init__``, ``a[0][1]``, ``2 * 3 * 4``.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Mapping

__all__ = ["math", "plain"]

Targets = Mapping[str, str]
"""The definitions of a text by name, in lower case: addresses of links, and texts of ``|substitutions|``."""

_MOST = 1_000  # characters inside of one pair of marks: without a limit, each mark without an end scans the whole text
_JOINS = r"(?:\\(?=\w))?"  # an escaped letter after a mark, which ends only before an escape: ``:class:`X`\s``
_INLINE = rf"""
    (?P<ticks>`{{2,}})(?P<literal>[^`].{{0,{_MOST}}}?)(?P=ticks)(?!`){_JOINS}
  | :(?P<role>[a-zA-Z][\w:+.-]*):`(?P<named>[^`]{{1,{_MOST}}})`+{_JOINS}
  | \{{(?P<myst>[a-zA-Z][\w:+.-]*)\}}`(?P<called>[^`]{{1,{_MOST}}})`{_JOINS}
  | `(?P<quoted>[^`]{{1,{_MOST}}})`(?P<refers>__?(?!\w))?(?::(?P<after>[a-z][\w:-]*):)?{_JOINS}
  | !\[(?P<image>[^\]]{{0,{_MOST}}})\]\([^()\s]{{0,{_MOST}}}(?:\s+"[^"]*")?\)
  | (?<![\w\]\\])\[(?P<linked>[^\[\]]{{1,{_MOST}}}(?:\[[^\[\]]*\][^\[\]]*)?)\]
        (?:\((?P<url><?(?:[^()\s]|\([^()\s]*\)){{1,{_MOST}}})(?:\s+"[^"]*")?\)|\[(?P<target>[^\[\]]{{0,{_MOST}}})\])
  | \[(?P<note>\#?[\w.-]*|\*)\]_(?!\w)
  | \[\^(?P<footnote>[\w-]+)\]
  | (?<![\w*\\])(?P<stars>\*{{1,3}})(?=[^\s*])(?P<strong>.{{1,{_MOST}}}?)(?<=[^\s\\])(?P=stars)(?![\w*]){_JOINS}
  | (?<![\w\\])(?P<lines>__?)(?=[^\s_])(?P<stressed>[^_]{{1,{_MOST}}}?)(?<=[^\s_\\])(?P=lines)(?!\w)
  | ~~(?=\S)(?P<struck>[^~]{{1,{_MOST}}}?)(?<=\S)~~
  | \|(?P<substituted>\w[^|`]{{0,80}})\|(?:__?(?!\w))?
  | <(?P<address>(?:https?|ftp|mailto):[^<>]{{1,{_MOST}}})>
  | <(?P<closes>/?)
        (?P<tag>a|b|br|code|dd|details|div|dl|dt|em|hr|i|img|kbd|li|ol|p|pre|span|strong|sub|summary|sup|tt|ul)
        (?P<rest>[ ]*/?|[ ][^<>]*=[^<>]*)>
  | &(?P<entity>amp|lt|gt|quot|nbsp|\#39|\#x27);
  | \$(?=\S)(?P<dollars>[^$\s]*\\[^$]{{1,{_MOST}}})\$
  | \\(?P<escaped>[!-/:-@\[-`{{-~ ])
  | (?<![\w_/.])(?P<reference>\w+?)__?(?![\w(\[])
"""
_BLOCKS = frozenset({"details", "div", "dl", "hr", "ol", "p", "pre", "ul"})
_ENTITIES = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "nbsp": " "}

# Words for commands of TeX that have a usual spelling in text. The names of other commands, such as `alpha`, are text.
_TEX = {
    **dict.fromkeys(("times", "cdot", "ast"), "*"),
    **dict.fromkeys(("le", "leq", "leqslant"), "<="),
    **dict.fromkeys(("ge", "geq", "geqslant"), ">="),
    **dict.fromkeys(("ne", "neq"), "!="),
    **dict.fromkeys(("to", "rightarrow", "mapsto"), "->"),
    **dict.fromkeys(("leftarrow", "gets"), "<-"),
    **dict.fromkeys(("ldots", "dots", "cdots"), "..."),
    **dict.fromkeys(("lVert", "rVert", "Vert", "|"), "||"),
    **dict.fromkeys(("lvert", "rvert", "vert", "mid"), "|"),
    **dict.fromkeys(("quad", "qquad", "enspace", "thinspace", " ", "\\", ",", ":", ";"), " "),
    **dict.fromkeys(("left", "right", "middle", "limits", "nolimits", "nonumber", "notag", "!"), ""),
    **dict.fromkeys((size + side for size in ("big", "Big", "bigg", "Bigg") for side in ("", "l", "r", "m")), ""),
    **dict.fromkeys(("displaystyle", "textstyle", "scriptstyle", "operatorname", "operatorname*", "mbox", "hbox"), ""),
    **dict.fromkeys(("rm", "bf", "it", "sf", "tt", "cal", "bm", "pmb", "boldsymbol", "text", "emph"), ""),
    **{f"math{font}": "" for font in ("rm", "bf", "it", "sf", "tt", "bb", "cal", "frak", "scr", "normal", "op")},
    **{f"text{font}": "" for font in ("rm", "bf", "it", "sf", "tt", "sc", "sl", "up", "normal")},
    **dict.fromkeys(("approx", "sim"), "~"),
    "infty": "inf",
    "star": "*",
    "pm": "+-",
    "lbrace": "{",
    "rbrace": "}",
}
_GROUP = rf"\{{((?:[^{{}}]|\{{[^{{}}]*\}}){{0,{_MOST}}})\}}"
_READ = "|".join(["[dtc]?frac", *(re.escape(name) for name in _TEX if name.isalpha())])
_APPLIED = rf"\\(?!(?:{_READ})(?![a-zA-Z]))([a-zA-Z]+)\*?\s*{_GROUP}(?:\s*{_GROUP})?"  # another command
_FUNCTIONS = frozenset({"func", "meth", "function", "method"})
_NUMBERED = {"pep": "PEP ", "rfc": "RFC "}


def plain(text: str, targets: Targets) -> str:
    """Reduce the markup in a paragraph.

    Parameters
    ----------
    text : str
        The paragraph, in one line.
    targets : mapping of str to str
        The definitions that it may refer to.
    """
    return _pattern().sub(lambda match: _READERS[match.lastgroup or ""](match, targets), text)


@functools.cache
def _pattern() -> re.Pattern[str]:
    return re.compile(_INLINE, re.VERBOSE)


def _literal(match: re.Match[str], _: Targets) -> str:
    return match["literal"].strip() or match[0]


def _noted(match: re.Match[str], _: Targets) -> str:
    return f"[{match[match.lastgroup or 0].lstrip('#')}]"


def _marked(match: re.Match[str], targets: Targets) -> str:
    return plain(match[match.lastgroup or 0], targets)


def _stressed(match: re.Match[str], targets: Targets) -> str:
    """Return words between underscores; names such as ``__init__`` stay."""
    text = match["stressed"]
    is_marked = (" " in text and "," not in text) or (len(match["lines"]) == 1 and text.isalpha())
    return plain(text, targets) if is_marked else match[0]


def _bare(match: re.Match[str], _: Targets) -> str:
    return match[match.lastgroup or 0].removeprefix("mailto:").strip()


def _referred(match: re.Match[str], targets: Targets) -> str:
    """Return a word with an underscore after it, which refers to a link if the text defines one of that name."""
    address = targets.get(match["reference"].lower())
    return match[0] if address is None else _with_address(match["reference"], address)


def _called(match: re.Match[str], _: Targets) -> str:
    return _named(
        match["role"] or match["myst"] or match["after"], match["named"] or match["called"] or match["quoted"]
    )


def _between_backticks(match: re.Match[str], targets: Targets) -> str:
    return _quoted(match["quoted"], targets, refers=match["refers"] is not None)


def _named(role: str, text: str) -> str:
    """Return the text of a role: its title, or the name that it refers to."""
    kind = role.rpartition(":")[2].lower()
    if kind == "math":
        return math(text)
    title = re.fullmatch(r"(.*\S)\s*<([^<>]*)>", text)
    if title is not None:
        return title[1]
    if text.startswith("~"):
        text = text.rpartition(".")[2].lstrip("~")
    text = text.lstrip("!.")
    if kind in _FUNCTIONS and not text.endswith(")"):
        return f"{text}()"
    return _NUMBERED.get(kind, "") + text


def _quoted(text: str, targets: Targets, *, refers: bool) -> str:
    """Return the text between single backticks: a name, code, or a link if an underscore follows."""
    link = re.fullmatch(r"(.*?)\s*<([^<>]+)>" if refers else r"(.*\S)\s+<([\w.:~/#-]+)>", text)
    if link is not None:
        address = "".join(link[2].split())
        return _with_address(plain(link[1], targets), targets.get(address.rstrip("_").lower(), address))
    if refers:
        return _with_address(text, targets.get(text.lower(), ""))
    if text.startswith("~") and text[1:].replace(".", "").isidentifier():
        return text.rpartition(".")[2].lstrip("~")
    return text


def _linked(match: re.Match[str], targets: Targets) -> str:
    """Return the text of a link of Markdown; brackets that are none, such as two indices, stay."""
    text, target = match["linked"], match["target"]
    if target is not None:
        address = targets.get((target or text).lower())
        if address is None and not (text[:1] == "`" or "." in target):
            return f"[{plain(text, targets)}]{match[0][len(text) + 2 :]}"
        return _with_address(plain(text, targets), address or "")
    return _with_address(plain(text, targets), match["url"].strip("<>"))


def _with_address(text: str, address: str) -> str:
    """Add the address of a link, unless it is inside of the documentation or the text itself."""
    _, scheme, rest = address.partition("://")
    if not scheme or text.rstrip("/") in {address.rstrip("/"), rest.rstrip("/")}:
        return text or address
    return f"{text} ({address})" if text else address


def _tagged(match: re.Match[str], _: Targets) -> str:
    """Leave out a tag of HTML; keep what only looks like one, such as ``<a>-<b>``, which stands for values."""
    tag, text, end = match["tag"], match.string, match.end()
    is_tag = (
        bool(match["closes"] or match["rest"])  # a slash or attributes
        or tag in {"br", "li"}
        or text.find(f"</{tag}>", end, end + _MOST) >= 0
        or (tag in _BLOCKS and _begins(text, match.start(), end, alone=tag not in {"hr", "p"}))
    )
    if not is_tag:
        return match[0]
    return " " if tag in {"br", "hr", "li", "p"} else ""


def _begins(text: str, start: int, end: int, *, alone: bool) -> bool:
    """Return whether a tag is between two sentences, or begins a paragraph, of which it may be all."""
    before, after = text[max(start - 2, 0) : start].strip(), text[end : end + 2].lstrip()
    return before[-1:] in {"", ".", "!", "?"} and (after[:1].isupper() or (alone and not before + after))


def math(text: str) -> str:
    r"""Write TeX as text: ``\frac{a}{b} \leq \alpha`` as ``a/b <= alpha``."""
    text = re.sub(r"\\(?:begin|end)\s*\{[^{}]*\}(?:\{[^{}]*\})?|\\(?:label|[hv]space|rule)(?:\{[^{}]*\})+", "", text)
    for _ in range(3):  # fractions in fractions
        text = re.sub(rf"\\[dtc]?frac\s*{_GROUP}\s*{_GROUP}", _fraction, text)
        text = re.sub(_APPLIED, _applied, text)
    text = re.sub(r"\\([{}])", lambda match: "\0\1"[match[1] == "}"], text)
    text = re.sub(r"\\([a-zA-Z]+\*?|.)", lambda match: _TEX.get(match[1], match[1]), text, flags=re.DOTALL)
    text = re.sub(r"([_^])\{(\w*)\}", r"\1\2", text)
    text = re.sub(r"([_^])\{([^{}]*)\}", r"\1(\2)", text)
    text = text.replace("{", "").replace("}", "").replace("&", "").replace("\0", "{").replace("\1", "}")
    return re.sub(r"(?<=\S)[ \t]+", " ", text).strip(" ")


def _fraction(match: re.Match[str]) -> str:
    above, below = (part if re.fullmatch(r"\\?\w+", part) else f"({part})" for part in match.groups())
    return f"{above}/{below}"


def _applied(match: re.Match[str]) -> str:
    """Write a command and its arguments as a function, since their letters would be one word without the braces."""
    name, *groups = match.groups()
    arguments = [group for group in groups if group]
    return f"{name}({', '.join(arguments)})" if arguments else f"{name} "


_READERS: dict[str, Callable[[re.Match[str], Targets], str]] = {
    "literal": _literal,
    **dict.fromkeys(("named", "called", "after"), _called),
    **dict.fromkeys(("quoted", "refers"), _between_backticks),
    **dict.fromkeys(("url", "target"), _linked),
    **dict.fromkeys(("note", "footnote"), _noted),
    **dict.fromkeys(("strong", "struck", "image"), _marked),
    "stressed": _stressed,
    "substituted": lambda match, targets: targets.get(f"|{match['substituted'].lower()}|", match[0]),
    **dict.fromkeys(("address", "escaped"), _bare),
    "rest": _tagged,
    "entity": lambda match, _: _ENTITIES.get(match["entity"], "'"),
    "dollars": lambda match, _: math(match["dollars"]),
    "reference": _referred,
}
"""What reads each kind of mark, by the last group of the pattern that matches."""
