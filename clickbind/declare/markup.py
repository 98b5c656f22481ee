"""Reduce the markup of a docstring to text that help can show.

Both reST and Markdown are read: paragraphs, lists, literal blocks, tables, titles, directives, footnotes; `inline`
reads the marks inside of a paragraph. The result has Click's form: each paragraph is one line, and a block that is not
wrapped begins with a line of a backspace. Lists are such blocks too, with one line for each item, which `cli.layout`
wraps.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable

from .blocks import STEP, Block, dedented, trimmed, width_of
from .directives import admonition, shown
from .inline import plain

__all__ = ["brief", "reduced"]

_BULLET = re.compile(r"[-*+\u2022\u2023\u2043](?:[ \t]+|$)")
_NUMBER = re.compile(r"\(?(?:\d{1,3}|#|[a-zA-Z]|[ivx]{1,5})[.)](?:[ \t]+|$)")
_FIRST = re.compile(r"\(?(?:1|#|a|i)[.)][ \t]+")  # a number that may follow a line of a paragraph
_DIRECTIVE = re.compile(r"\.\.[ \t]+(?:\|(?P<replaced>[^|]+)\|[ \t]+)?(?P<name>[a-zA-Z][\w:+.-]*?)[ \t]?::(?:[ \t]+|$)")
_EXPLICIT = re.compile(r"\.\.(?:[ \t]+|$)")
_TARGET = re.compile(r"(?m)^[ \t]*(?:\.\.[ \t]+_`?((?:\\.|[^:`\\\n])+)`?:\s+|\[([^\]^\n]+)\]:[ \t]+)(\S+)[ \t]*$")
_REPLACEMENT = re.compile(r"(?m)^[ \t]*\.\.[ \t]+\|([^|]+)\|[ \t]+(?:replace|unicode)::[ \t]+(.+)$")
_NOTE = re.compile(r"(?:\.\.[ \t]+\[(?P<rest>[#\w*.-]+)\]|\[\^(?P<markdown>[\w-]+)\]:)(?:[ \t]+|$)")
_DEFINED = re.compile(r"\[[^\]^]+\]:[ \t]+\S+[ \t]*$")  # the address of a link of Markdown
_RULE = re.compile(r"([=\-~^\"'`#*+.:_])\1{2,}$")
_HEADING = re.compile(r"#{1,6}[ \t]+(.*?)[ \t#]*$")
_FENCE = re.compile(r"(`{3,}|~{3,})[ \t]*(?:\{([\w:-]+)\}[ \t]*)?([^`]*)$")
_ADMONITION = re.compile(r"(?:!!!|\?\?\?)\+?[ \t]+(\w+)(?:[ \t]+\"([^\"]*)\")?[ \t]*$")
_SIMPLE_TABLE = re.compile(r"=+(?:[ \t]+=+)+$")
_GRID = re.compile(r"\+(?:[-=]+\+)+$")
_PIPES = re.compile(r"\|?[ \t]*:?-{2,}:?[ \t]*(?:\|[ \t]*:?-{2,}:?[ \t]*)+\|?$")
_ENDS = frozenset(".:;!?")  # of a line below which a list may begin
_LONGEST_TERM = 3  # words
_CODE = re.compile(r"[=;{}<>]|\w\(|^(?:\$|%|#|>|@|-|import |from |def |class )|[^.!?:,)\"']$")


def reduced(text: str) -> str:
    """Reduce the markup of a text.

    Parameters
    ----------
    text : str
        The text, without the indentation of its docstring.

    Returns
    -------
    str
        Paragraphs and blocks, separated by empty lines.
    """
    return "\n\n".join(block.text for block in _blocks(text))


def brief(text: str) -> str:
    """Return the first paragraph of a text, in one line and without markup; dots follow if it announces a list."""
    found = _blocks(text, most=2)
    first = found[0].brief if found else ""
    return f"{first} ..." if first.endswith(":") and len(found) > 1 else first


def _blocks(text: str, most: int | None = None) -> list[Block]:
    """Read the first blocks of a text, or all."""
    text = text.partition("\f")[0].expandtabs()  # as Click's help, which ends at a form feed
    if "[#]" in text:
        for pattern in (r"(?<=\[)#(?=\]_)", r"(?m)(?<=^\.\. \[)#(?=\])"):  # number footnotes, and what refers to them
            numbers = itertools.count(1)
            text = re.sub(pattern, lambda _: str(next(numbers)), text)  # noqa: B023 - called at once
    found = _TARGET.findall(text)
    targets = {(one or other).replace("\\", "").strip().lower(): address for one, other, address in found}
    targets.update((f"|{name.strip().lower()}|", _replacement(value)) for name, value in _REPLACEMENT.findall(text))
    reader = _Reader(targets, most)
    reader.read([line.rstrip() for line in text.splitlines()], 0)
    return reader.blocks[:most]


def _replacement(text: str) -> str:
    """Return the text of a substitution, of which characters may be written as numbers."""
    text = text.partition(" .. ")[0].strip()
    return re.sub(r"\bU\+([0-9A-Fa-f]{4})\b", lambda match: chr(int(match[1], 16)), text)


def _item(line: str) -> re.Match[str] | None:
    """Match the mark at the start of an item of a list."""
    return _BULLET.match(line) or _NUMBER.match(line)


class _Reader:
    """Reads blocks.

    Parameters
    ----------
    targets : mapping of str to str
        The definitions of the text.
    most : int or None
        The number of blocks after which it stops.
    """

    def __init__(self, targets: dict[str, str], most: int | None = None) -> None:
        self.blocks: list[Block] = []
        self._targets = targets
        self._most = most
        self._lines: list[str] = []
        self._at = 0
        self._indent = 0
        # Those whose first line can look like another's come first.
        self._rules = (
            *(self._verbatim, self._fenced, self._doctest, self._explicit, self._exclaimed, self._table),
            *(self._indented, self._title, self._list, self._quote),
        )

    def read(self, lines: Iterable[str], indent: int) -> None:
        """Read lines that have no common indentation, and indent the result."""
        outer = self._lines, self._at, self._indent
        self._lines, self._at, self._indent = list(lines), 0, indent
        while self._at < len(self._lines) and (self._most is None or len(self.blocks) < self._most):
            if not self._lines[self._at]:
                self._at += 1
                continue
            line = self._lines[self._at]
            if not any(rule(line) for rule in self._rules):
                self._paragraph()
        self._lines, self._at, self._indent = outer

    def _add(self, lines: list[str], indent: int = 0, *, kept: bool = False, listed: bool = False) -> None:
        lines = trimmed(lines)
        if lines:
            self.blocks.append(Block(lines, self._indent + indent, kept=kept, listed=listed))

    def _inline(self, text: str) -> str:
        return plain(" ".join(text.split()), self._targets)

    def _take(self, belongs: Callable[[str], bool]) -> list[str]:
        """Take lines from the next one on while they belong together."""
        start = self._at
        while self._at < len(self._lines) and belongs(self._lines[self._at]):
            self._at += 1
        return self._lines[start : self._at]

    def _body(self, outer: int) -> list[str]:
        """Take the lines that are indented more than a column, and empty ones between them."""
        body = self._take(lambda line: not line or width_of(line) > outer)
        return dedented(body)

    def _peek(self, ahead: int = 1) -> str:
        return self._lines[self._at + ahead] if self._at + ahead < len(self._lines) else ""

    def _following(self) -> tuple[str, int]:
        """Return the next line that is not empty, and the number of empty ones before it."""
        at = self._at
        while at < len(self._lines) and not self._lines[at]:
            at += 1
        return (self._lines[at] if at < len(self._lines) else ""), at - self._at

    # The rules: each reads the block at a line, and returns whether the line begins such a block.

    def _verbatim(self, line: str) -> bool:
        """Read a block that begins with Click's mark for lines that are kept."""
        if line.strip() != "\b":
            return False
        self._at += 1
        self._add(self._take(bool), kept=True)
        return True

    def _fenced(self, line: str) -> bool:
        """Read a block between fences of Markdown; with a name in braces, it is a directive of MyST."""
        fence = _FENCE.match(line.strip())
        if fence is None:
            return False
        self._at += 1
        body = self._take(lambda line: not line.strip().startswith(fence[1]))
        self._at += 1
        if fence[2]:
            self._show(*shown(fence[2], fence[3], dedented(body)))
        else:
            self._add(dedented(body), STEP, kept=True)
        return True

    def _doctest(self, line: str) -> bool:
        """Read an example of an interpreter's session, which ends at an empty line."""
        if not line.lstrip().startswith(">>> "):
            return False
        self._add(dedented(self._take(bool)), STEP, kept=True)
        return True

    def _explicit(self, line: str) -> bool:
        """Read what begins with two dots: a directive, a footnote, a target, a comment."""
        outer, bare = width_of(line), line.lstrip()
        note = _NOTE.match(bare)
        if note is None and (_EXPLICIT.match(bare) is None):
            return self._defined(bare)
        directive = _DIRECTIVE.match(bare)
        self._at += 1
        body = self._body(outer)
        if note is not None:
            name = (note["rest"] or note["markdown"]).lstrip("#")
            self._add([f"[{name}] {self._inline(' '.join((bare[note.end() :], *body)))}"])
        elif directive is not None and directive["replaced"] is None:
            self._show(*shown(directive["name"], bare[directive.end() :], body))
        return True

    def _defined(self, bare: str) -> bool:
        """Skip the address of a link of Markdown."""
        found = _DEFINED.match(bare) is not None
        self._at += found
        return found

    def _exclaimed(self, line: str) -> bool:
        """Read an admonition of MkDocs: ``!!! note "Title"``."""
        found = _ADMONITION.match(line.strip())
        if found is None:
            return False
        self._at += 1
        body = self._body(width_of(line))
        self._show(*(admonition("admonition", found[2], body) if found[2] else admonition(found[1].lower(), "", body)))
        return True

    def _show(self, label: str, lines: list[str], kept: bool) -> None:
        """Add the block of a directive, or read the blocks in it; the first paragraph gets the label."""
        if kept:
            self._add(lines, STEP, kept=True)
            return
        start = len(self.blocks)
        self.read(lines, self._indent)
        label = self._inline(label)
        if label and len(self.blocks) == start:
            self._add([label])
        elif label and self.blocks[start].kept:
            self.blocks.insert(start, Block([f"{label}:"], self._indent))
        elif label:
            self.blocks[start].lines[0] = f"{label}: {self.blocks[start].lines[0]}"

    def _table(self, line: str) -> bool:
        """Read a table, and keep its columns."""
        bare = line.strip()
        if _SIMPLE_TABLE.match(bare):
            borders = 0
            lines = []
            while self._at < len(self._lines):  # up to its last border: an empty line follows
                lines.append(self._lines[self._at])
                borders += bool(_SIMPLE_TABLE.match(lines[-1].strip()))
                self._at += 1
                if borders > 1 and _SIMPLE_TABLE.match(lines[-1].strip()) and not self._peek(0):
                    break
        elif _GRID.match(bare) or ("|" in bare and _PIPES.match(self._peek().strip())):
            lines = self._take(bool)
        else:
            return False
        self._add([self._aligned(one) for one in dedented(lines)], STEP, kept=True)
        return True

    def _aligned(self, line: str) -> str:
        """Reduce the markup of a row, each mark to as many characters as it has."""
        parts = re.split(r"( {2,}|\|)", line)
        return "".join(plain(part, self._targets).ljust(len(part)) for part in parts).rstrip()

    def _title(self, line: str) -> bool:
        """Read a title with a line below it, or above too, or after number signs; skip a line that only separates."""
        bare = line.strip()
        heading = _HEADING.match(bare)
        if heading is not None:
            self._at += 1
            self._add([self._inline(heading[1])])
            return True
        rule = self._peek().strip()
        if _RULE.match(bare):
            if rule and self._peek(2).strip() == bare:
                self._at += 3
                self._add([self._inline(rule)])
            else:
                self._at += 1
            return True
        if _RULE.match(rule) and len(rule) >= min(len(bare), 4) and not _item(bare):
            self._at += 2
            self._add([self._inline(bare)])
            return True
        return False

    def _quote(self, line: str) -> bool:
        """Read lines after ``>`` of Markdown, or after ``|`` of reST, which keep their ends."""
        bare = line.lstrip()
        if bare[:2] in {"> ", ">"}:
            self.read(
                [one.lstrip()[2:] for one in self._take(lambda one: one.lstrip()[:1] == ">")], self._indent + STEP
            )
            return True
        if bare[:2] in {"| ", "|"} and bare.count("|") == 1:
            taken = self._take(lambda one: one.lstrip()[:2] in {"| ", "|"})
            self._add([self._inline(one.lstrip()[2:]) for one in taken], kept=True)
            return True
        return False

    def _list(self, line: str) -> bool:
        """Read a list: one line for each item, and what else an item has below it."""
        outer, items, count = width_of(line), list[str](), 0
        if not _item(line.lstrip()):
            return False
        while self._at < len(self._lines):
            mark = _item(self._lines[self._at].lstrip())
            if mark is None or abs(width_of(self._lines[self._at]) - outer) > 1:
                break
            first = self._lines[self._at].lstrip()[mark.end() :]
            self._at += 1
            count += 1
            lines = [first, *self._rest_of_item(outer)]
            label = "-" if _BULLET.match(mark[0]) else mark[0].strip().replace("#", str(count))
            inner = _Reader(self._targets)
            inner.read([first, *_dedented_below(lines[1:], outer + mark.end())] if first else dedented(lines), 0)
            text, more = _split_item(inner.blocks)
            items.append(f"{label} {text}".rstrip())
            for block in more:
                indent = len(label) + 1 + block.indent
                if block.listed:
                    items += [f"{'':{indent}}{one}" for one in block.lines]
                else:
                    self._add(items, kept=True, listed=True)
                    self._add(block.lines, indent, kept=block.kept)
                    items = []
        self._add(items, kept=True, listed=True)
        return True

    def _rest_of_item(self, outer: int) -> list[str]:
        """Take the further lines of an item, and empty lines if the item or its list continues after them."""
        taken: list[str] = []
        while self._at < len(self._lines):
            line = self._lines[self._at]
            if not line:
                following, blank = self._following()
                if width_of(following) <= outer and not (_item(following.lstrip()) and width_of(following) == outer):
                    break
                taken += [""] * blank
                self._at += blank
                continue
            if width_of(line) <= outer and (
                not self._lines[self._at - 1] or _item(line.lstrip()) or not line.lstrip()[:1].islower()
            ):
                break
            taken.append(line)
            self._at += 1
        return taken

    def _indented(self, line: str) -> bool:
        """Read an indented block: code is kept, and text is a quotation."""
        if not width_of(line):
            return False
        body = self._body(0)
        starts = any(_item(one.lstrip()) or _DIRECTIVE.match(one.lstrip()) for one in body)
        if starts or not any(_CODE.search(part) for part in _paragraphs(body)):
            self.read(body, self._indent + STEP)
        else:
            self._add(body, STEP, kept=True)
        return True

    def _paragraph(self) -> None:
        """Read a paragraph; after two colons, the indented block below it is literal."""
        first = self._lines[self._at]
        self._at += 1
        lines = [first, *self._take(self._continues)]
        text = " ".join(lines).rstrip()
        literal = text.endswith("::")
        if literal:
            text = text[:-2].rstrip() if text[-3:-2] in {" ", ""} else text[:-1]
        self._add([self._inline(text)])
        following, _ = self._following()
        if not width_of(following):
            return
        if literal:
            self._add(self._body(0), STEP, kept=True)
        elif self._peek(0):  # directly below: a definition
            self.read(self._body(0), self._indent + STEP)

    def _continues(self, line: str) -> bool:
        """Return whether a line continues the paragraph above it."""
        bare = line.lstrip()
        if not bare or _DIRECTIVE.match(bare) or _FENCE.match(bare) or self._interrupts(line):
            return False
        if bare.startswith(">>> ") or _PIPES.match(self._peek().strip()):
            return False
        above = self._lines[self._at - 1]
        if not width_of(line):
            return not above.startswith(" ") or above.strip() != ""
        return not _is_term(above)

    def _interrupts(self, line: str) -> bool:
        """Return whether a line begins a list right below a paragraph, and not only with the ``+`` of a sum.

        The line above ends with a sentence or a colon, or another item follows.
        """
        bare = line.lstrip()
        if not (_BULLET.match(bare) or _FIRST.match(bare)):
            return False
        if self._lines[self._at - 1][-1:] in _ENDS:
            return True
        below = itertools.takewhile(bool, itertools.islice(self._lines, self._at + 1, None))
        return any(_is_next_item(bare, one.lstrip()) for one in below if width_of(one) == width_of(line))


def _is_next_item(bare: str, following: str) -> bool:
    """Return whether a line may be another item of the list that a line begins."""
    return following[:2] == bare[:2] if _BULLET.match(bare) else _NUMBER.match(following) is not None


def _is_term(line: str) -> bool:
    """Return whether a line with an indented one below it is a term with its definition, and not half a sentence."""
    bare = line.strip()
    return not line.startswith(" ") and (bare[-1:] == ":" or " : " in bare or len(bare.split()) <= _LONGEST_TERM)


def _dedented_below(lines: list[str], column: int) -> list[str]:
    """Remove the common indentation of the lines below the first one of an item, whose text begins at a column."""
    least = min((column, *(width_of(line) for line in lines if line)))
    return [line[least:] for line in lines]


def _paragraphs(lines: list[str]) -> list[str]:
    """Join lines into paragraphs."""
    return [" ".join(part.split()) for part in "\n".join(lines).split("\n\n")]


def _split_item(blocks: list[Block]) -> tuple[str, list[Block]]:
    """Return the first line of an item, and the blocks that it has below."""
    if blocks and not blocks[0].kept:
        return blocks[0].lines[0], blocks[1:]
    return "", blocks
