"""Write a value as each source of values has it: the line, the environment, a flat and a nested config file, Python.

This knows `docs/types.md`, and nothing of how clickbind writes values.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import enum
import json
import math
import os
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import attrs

from .kinds import Kind
from .models import Access

__all__ = ["Given", "Word", "flat", "nested", "options", "python", "source", "spread", "turns", "variables"]

CLASS = "class"
"""The name of the entry that chooses a class."""


class Word(str):
    """A text that stands without quotes, since a text in quotes would be a str for a union with one."""

    __slots__ = ()


class Fields(dict[str, Any]):
    """The fields of an instance."""


@dataclass(frozen=True, repr=False)
class Given:
    """A value that a parameter is to get.

    Attributes
    ----------
    function : str
        The function, with a scope before it if the value is for that scope: ``train/dataset``.
    name : str
        The parameter.
    kind : Kind
        Its type.
    value : object
        The value.
    style : int
        Which of several ways of writing it is taken.
    """

    function: str
    name: str
    kind: Kind
    value: Any
    style: int = 0

    def _repr_pretty_(self, printer: Any, _: bool) -> None:
        """Let Hypothesis show it as a line of a config file."""
        printer.text(flat([self]).rstrip())

    @property
    def key(self) -> str:
        """The key in a config file."""
        return f"{self.function}.{self.name}"

    @property
    def base(self) -> str:
        """The function without a scope."""
        return self.function.rpartition("/")[2]

    @property
    def plain(self) -> Any:
        """The value as YAML has it."""
        return plain(self.value, chooses=self.kind.chooses)

    @property
    def pieces(self) -> list[tuple[str, Any]]:
        """The plain values, each with the end of its key: one, or one per field."""
        found = self.plain
        return [*_leaves(found, "")] if self.kind.has_fields and isinstance(found, dict) else [("", found)]

    def typed(self, value: Any) -> str:
        """Write a plain value as one text, for an option or a variable."""
        if isinstance(value, (list, dict)):
            words = _words(value) if self.style % 3 and not self.kind.is_flow else None
            return flow(value, self.style, in_file=False) if words is None else " ".join(words)
        return "none" if value is None else str(value)


def _leaves(fields: Mapping[str, Any], start: str) -> Iterator[tuple[str, Any]]:
    for name, value in fields.items():
        if isinstance(value, Fields):
            yield from _leaves(value, f"{start}.{name}")
        else:
            yield start if name == CLASS else f"{start}.{name}", value


def plain(value: Any, *, chooses: bool = False) -> Any:  # noqa: PLR0911 - one for each kind of type
    """Return a value as YAML has it: texts, words, lists and mappings.

    Parameters
    ----------
    value : object
        The value.
    chooses : bool
        Whether the class of an instance is among its fields.
    """
    if value is None or type(value) is str:
        return value
    if isinstance(value, bool):
        return Word(str(value).lower())
    if isinstance(value, Access):
        return Word("|".join(member.name or "" for member in Access if member in value))
    if isinstance(value, enum.Enum):
        return Word(value.name)
    if isinstance(value, bytes):
        return value.decode()
    if dataclasses.is_dataclass(value) or attrs.has(type(value)) or hasattr(value, "_asdict"):
        return Fields({**({CLASS: Word(type(value).__name__)} if chooses else {}), **_fields(value)})
    if isinstance(value, dict):
        return {plain(key): plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [plain(one, chooses=chooses) for one in value]
    return Word(_text(value))


def _fields(value: Any) -> dict[str, Any]:
    names = getattr(value, "_fields", ()) or type(value).__match_args__
    return {name: plain(getattr(value, name)) for name in names}


def _text(value: Any) -> str:
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else f"{'-' * (value < 0)}.inf"
    if isinstance(value, complex):
        return str(value).strip("()")
    if isinstance(value, (dt.date, dt.time)):
        return value.isoformat()
    if isinstance(value, re.Pattern):
        return str(value.pattern)
    if callable(value):
        return f"{value.__module__}:{value.__qualname__}"
    return os.fspath(value) if isinstance(value, os.PathLike) else str(value)


def source(value: Any) -> str:
    """Write a value in Python."""
    if callable(value):
        return str(
            value.__name__ if value.__module__ == "tests.fuzz.models" else f"{value.__module__}.{value.__name__}"
        )
    return repr(value)


def scalar(value: str | None, style: int, *, in_file: bool) -> str:
    """Write a text for YAML: a word as it is where that is possible, and other texts in quotes."""
    if value is None:
        return "null"
    if isinstance(value, Word) and re.fullmatch(r"[\w.+-]([\w./:+-]*\w)?", value, re.ASCII):
        return str(value)
    if style % 2 and value.isprintable():
        return "'" + value.replace("'", "''") + "'"
    written = json.dumps(value)
    return written.replace("$", "$$") if in_file else written


def flow(value: Any, style: int, *, in_file: bool) -> str:
    """Write a value as YAML on one line."""
    if isinstance(value, list):
        return "[" + ", ".join(flow(one, style, in_file=in_file) for one in value) + "]"
    if isinstance(value, dict):
        pairs = ((flow(key, style, in_file=in_file), flow(one, style, in_file=in_file)) for key, one in value.items())
        return "{" + ", ".join(f"{key}: {one}" for key, one in pairs) + "}"
    return scalar(value, style, in_file=in_file)


def _words(value: Any) -> list[str] | None:
    """Write a list or a mapping as words; None if it has anything but texts, or a text that is not quoted so."""
    if not value:
        return None
    if isinstance(value, dict):
        keys, values = _words([*value]), _words([*value.values()])
        if keys is None or values is None or any(re.search(r"['\"=]", key) for key in keys):
            return None
        return [f"{key}={one}" for key, one in zip(keys, values, strict=True)]
    if not all(isinstance(one, str) and not ("'" in one and '"' in one) for one in value):
        return None
    return [_quoted(one) for one in value]


def _quoted(text: str) -> str:
    if re.fullmatch(r"\w[\w.:/+-]*", text, re.ASCII):
        return text
    return f'"{text}"' if "'" in text else f"'{text}'"


def options(given: Given, *, is_dotted: bool = True) -> list[str]:
    """Write a value as options: dotted, or those of the stage's own command."""
    words: list[str] = []
    start = given.key if is_dotted else given.name.replace("_", "-")
    for end, value in given.pieces:
        flag = f"--{start}{end}"
        if given.kind.is_switch:
            words += {None: [f"{flag}=none"], "true": [flag], "false": [f"--no-{start}"]}[value]
            continue
        text = given.typed(value)
        words += [f"{flag}={text}"] if text[:1] == "-" or given.style % 2 else [flag, text]
    return words


def variables(given: Given) -> dict[str, str] | None:
    """Write a value as variables; None if that is not possible: an empty one is unset, and ``none`` is a text."""
    start = given.key.replace("/", "__").replace(".", "_")
    found = {f"PROG_{start}{end.replace('.', '_')}".upper(): value for end, value in given.pieces}
    if any(value is None for value in found.values()):
        return None
    written = {name: given.typed(value) for name, value in found.items()}
    return written if all(text and "\0" not in text for text in written.values()) else None


def flat(givens: list[Given]) -> str:
    """Write values as a config file with one key per line."""
    return "".join(
        f"{given.key}{end}: {flow(value, given.style, in_file=True)}\n"
        for given in givens
        for end, value in given.pieces
    )


def nested(givens: list[Given]) -> str:
    """Write values as a config file with a section per function."""
    sections: dict[str, list[str]] = {}
    for given in givens:
        text = flow(given.plain, given.style, in_file=True)
        sections.setdefault(given.function, []).append(f"  {given.name}: {text}\n")
    return "".join(f"{function}:\n{''.join(lines)}" for function, lines in sections.items())


def spread(givens: list[Given]) -> dict[str, str]:
    """Write values over files that include one another, with some of them in variables; ``main.yml`` is the first."""
    names = ["main.yml", "a.yml", "folder/b.yml", "c.yml"]
    parts: dict[str, list[str]] = {name: [] for name in names}
    defined: dict[str, dict[str, Any]] = {name: {} for name in names}
    for number, one in enumerate(givens):
        name = names[one.style % len(names)]
        if one.style % 3 == 0 and not one.kind.is_secret:
            parts[name].append(f"{one.key}: $v{number}\n")
            defined[names[number % 3]][f"v{number}"] = flow(one.plain, one.style, in_file=True)
        else:
            parts[name].append(flat([one]) if one.style % 2 else nested([one]))
    includes = {"main.yml": "$include: [a.yml, folder/b.yml]\n", "a.yml": "$include: c.yml\n"}
    return {
        name: "".join(
            [
                includes.get(name, ""),
                *(["$vars:\n"] if defined[name] else []),
                *(f"  {variable}: {text}\n" for variable, text in defined[name].items()),
                *parts[name],
            ]
        )
        for name in names
    }


def turns(givens: list[Given], stages: list[str]) -> str:
    """Write values as a config file in which the turns of the stages have theirs."""
    own = {stage: [one for one in givens if one.function == stage] for stage in stages}
    written = {stage: nested(own[stage]).replace("\n", "\n    ").rstrip() for stage in stages}
    lines = "".join(f"- {written[stage] or stage}\n" for stage in stages)
    return nested([one for one in givens if one.function not in stages]) + f"run.stages:\n{lines}"


def python(givens: list[Given]) -> dict[str, Any]:
    """Return values as `Binder.scope` takes them."""
    return {given.key: given.value for given in givens}
