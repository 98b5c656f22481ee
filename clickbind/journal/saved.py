"""Read the saved runs of records quickly, without the program that they are of.

A saved run is a flat YAML file as `record.entries` writes it, so that its keys and the text of their values are found
by splitting its lines. A file that looks otherwise, since somebody has edited it, is read as a config file is.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from .. import layers, nodes, record, types
from ..errors import ClickbindError

__all__ = ["Saved", "bare", "split", "value_of"]

_KEY = re.compile(r"[^\W\d][\w/]*(?:\.[\w]+)+").fullmatch
_NESTED = ("[", "{", "|", ">")
_QUOTED = re.compile(r"""'(?:[^']|'')*'|"(?:[^"\\]|\\.)*\"""").match
_PLAIN = re.compile(r"(?:[A-Za-z_/]|\.{1,2}/)[\w/.+@%-]*", re.ASCII).fullmatch
_INT = re.compile(r"-?[0-9]{1,300}", re.ASCII).fullmatch
_FLOAT = re.compile(r"-?[0-9]+\.[0-9]*(?:e[+-]?[0-9]+)?", re.ASCII).fullmatch
_WORDS = {"true": True, "false": False, "null": None}
_UNSURE = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})


class Saved(NamedTuple):
    """The text of a value in a saved run.

    Attributes
    ----------
    text : str
        The YAML after the key, without the comment; several lines for a list, say.
    origin : str
        The comment: the origin of the value. Empty if it has none.
    """

    text: str
    origin: str


Lines = dict[str, tuple[str, Saved]]
"""The keys and values of lines that were split before: many runs have the same ones."""


def split(text: str, known: Lines | None = None) -> dict[str, Saved]:
    """Split the text of a saved run into its keys. A file that is none has no keys.

    Parameters
    ----------
    text : str
        The text.
    known : dict, optional
        The lines that were split before; new ones are added.
    """
    found = _quickly(text, {} if known is None else known)
    if found is None:
        found = {}
        with contextlib.suppress(ClickbindError, ValueError, RecursionError):
            found.update(_by_the_reader(text))
    return found


def _quickly(text: str, known: Lines) -> dict[str, Saved] | None:
    """Split flat lines; return None if there are others."""
    found: dict[str, Saved] = {}
    blocks: dict[str, list[str]] = {}
    count, key = 0, ""
    for line in text.split("\n"):
        if line in known:
            key, found[key] = known[line][0], known[line][1]
            count += 1
            continue
        first = line[:1]
        if first in {" ", "-", ""}:
            if key:
                blocks.setdefault(key, []).append(line)
            elif first:
                return None
        elif first != "#":
            key, colon, value = line.partition(":")
            if not colon or value[:1] not in {" ", ""} or not _KEY(key):
                return None
            found[key] = Saved(*_without_comment(value[1:]))
            known[line] = key, found[key]
            count += 1
    for key, lines in blocks.items():
        found[key] = Saved("\n".join([found[key].text, *lines]).rstrip("\n"), found[key].origin)
    return found if count == len(found) else None  # a key is there twice


def _without_comment(line: str) -> tuple[str, str]:
    """Split a line of YAML into the value and the comment after it."""
    if "#" not in line:
        return line, ""
    if line.startswith(("'", '"')):
        quoted = _QUOTED(line)
        value, rest = (quoted[0], line[quoted.end() :]) if quoted else (line, "")
        return (value, rest[4:]) if rest.startswith("  # ") else (line, "")
    if line.startswith(_NESTED):  # the value may have a number sign
        value, mark, comment = line.rpartition("  # ")
        end = {"[": "]", "{": "}"}.get(line[0], line[0])
        return (value, comment) if mark and (value.endswith(end) or line[0] in "|>") else (line, "")
    value, mark, comment = f" {line}".partition(" #")
    return value.strip(), comment.strip()


def bare(text: str, known: dict[str, str]) -> str:
    """Return the text of a saved run without the origins of its values, which are not what tells two runs apart.

    Parameters
    ----------
    text : str
        The text, with origins or without.
    known : dict
        The lines that were read before; new ones are added.
    """
    found, in_stages = [], False
    for line in text.split("\n"):
        is_key = line[:1] not in {" ", "-", "#", ""}
        if is_key:
            in_stages = line.startswith("run.stages:")
        if "  # " in line and (is_key or (in_stages and record.entries.is_of_turn(line))):
            if line not in known:
                key, _, value = line.partition(":")
                known[line] = f"{key}: {_without_comment(value[1:])[0]}".rstrip(" ")
            line = known[line]  # noqa: PLW2901 - without its comment
        found.append(line)
    return "\n".join(found)


def _by_the_reader(text: str) -> Iterator[tuple[str, Saved]]:
    """Walk the keys of a file of any form."""
    document = layers.includes.parse(text, "a saved run")[-1]
    for key, node in document.pairs if not document.problems else ():
        if isinstance(key, nodes.Scalar):
            is_function = isinstance(node, nodes.MapNode) and "." not in key.text
            inner = node.pairs if is_function and isinstance(node, nodes.MapNode) else [(None, node)]
            for name, one in inner:
                full = f"{key.text}.{name.text}" if isinstance(name, nodes.Scalar) else key.text
                plain = types.words.CoreConverter().from_node(document.expand(one))
                written = nodes.writer.write("x", plain)[2:]
                yield full, Saved(written.strip(" ").rstrip("\n"), "")


def value_of(text: str) -> Any:
    """Return the value of a YAML text by the core schema, since the annotation is the program's.

    A text that cannot be read is the value itself.
    """
    if text in _WORDS:
        return _WORDS[text]
    if _PLAIN(text) and text.lower() not in _UNSURE:
        return text
    quick: Callable[[str], Any] | None = int if _INT(text) else float if _FLOAT(text) else None
    if quick is not None:
        return quick(text)
    try:
        document = layers.includes.parse(f"x: {text}\n", "a saved run")[-1]
        ((_, node),) = document.pairs
        return types.words.CoreConverter().from_node(document.expand(node))
    except (ClickbindError, ValueError, RecursionError):
        return text
