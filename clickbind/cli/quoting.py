"""Explain how to type several values of one option. Only an error imports this module."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import click

from .. import layers
from ..declare.registry import RUN, Registry
from ..errors import ConversionError
from ..keys import canonical
from .parts import Line, Mention

__all__ = ["SIMPLE", "after_value", "hint", "several_values"]

SIMPLE = re.compile(r"[\w.,/+%@=:-]+")
"""Matches the words that a shell passes on as they are."""


def several_values(line: Line, at: int, registry: Registry) -> str:
    """Return the sentence on how to type several values, if a word follows the value of an option: ``--layers 1 2``.

    Parameters
    ----------
    line : Line
        The line.
    at : int
        The number of the word.
    registry : Registry
        The functions.
    """
    mention = _option_before(line, at)
    if mention is None:
        return ""
    option: Any = mention.option
    words = [mention.value, *_following(line, at, option, registry)]
    if len(words) == 1:
        return ""
    if option.converter.structured:
        return _quoted(mention.flag, option, words, registry)
    # A text may also be a misspelt stage.
    tries = line.sweeps and not option.converter.textual
    return _to_try(mention.flag, option, words, _shown(words, registry)) if tries else ""


def _following(line: Line, at: int, option: click.Option, registry: Registry) -> Iterator[str]:
    """Walk the words from one on that may be meant as values of the option before it."""
    for word in line.words[at:]:
        ends = word == RUN if option.name == f"{RUN}.stages" else registry.stage(word) is not None
        if word[:1] == "-" or ends:
            return
        yield word


def _shown(words: Sequence[str], registry: Registry) -> Sequence[str]:
    shows = all(map(SIMPLE.fullmatch, words)) and not layers.redaction.has_secrets(registry)
    return words if shows else ["A", "B"]


def _quoted(flag: str, option: Any, words: Sequence[str], registry: Registry) -> str:
    """Return the sentence on how to type several values of one option."""
    shown = _shown(words, registry)
    quoted = f'{flag} "{" ".join(shown)}"'
    if not option.multiple:
        return f" Quote the values: {quoted}"
    repeated = " ".join(f"{flag} {word}" for word in shown)
    return f" For several values, quote them ({quoted}) or repeat the option ({repeated})."


def hint(ctx: click.Context, option: Any, value: Any) -> str:
    """Return the sentence on how to type what was meant by a value that an option refuses; empty if that is not known.

    Parameters
    ----------
    ctx : click.Context
        The context of the option.
    option : ParameterOption
        The option.
    value : object
        The text, or several.
    """
    for text in [value] if isinstance(value, str) else value:
        if _is_flag(option, text):
            return f" {option.get_error_hint(ctx)} has no value, since {text!r} is an option."
    if not option.converter.structured:
        return _tried_values(ctx, option, value)
    registry = option.bound.registry
    assert registry is not None  # the option is one of a program
    return _without_commas(ctx, option, value, registry) or (
        "" if option.multiple else after_value(ctx, option, registry)
    )


def _without_commas(ctx: click.Context, option: Any, value: Any, registry: Registry) -> str:
    """Return the sentence on how to type several values with commas between them, ``1,2``, if the option takes them."""
    texts = [value] if isinstance(value, str) else value
    if not any("," in text for text in texts):
        return ""
    found = _word_after(ctx, option)
    more = () if found is None else _following(*found, option, registry)
    words = [word for text in (*texts, *more) for word in re.split(r"[,\s]+", text.strip("[]()")) if word]
    try:
        option.converter.from_typed(" ".join(words))
    except ConversionError:
        return ""
    return _quoted(option.get_error_hint(ctx).strip("'"), option, words, registry)


def _is_flag(option: Any, text: str) -> bool:
    """Return whether a text is the flag of another option, which took the place of a value: ``--hidden --epochs 5``."""
    if text[:2] != "--":
        return False
    name, registry = canonical(text[2:]), option.bound.registry
    return name in option.bound.options or (registry is not None and registry.find(name) is not None)


def after_value(ctx: click.Context, option: click.Option, registry: Registry) -> str:
    """Return the sentence on how to type several values, if another word follows the value of an option.

    Parameters
    ----------
    ctx : click.Context
        The context of the option.
    option : click.Option
        The option.
    registry : Registry
        The functions.
    """
    found = _word_after(ctx, option)
    return "" if found is None else several_values(*found, registry)


def _word_after(ctx: click.Context, option: click.Option) -> tuple[Line, int] | None:
    """Find the word after the value of an option, if that may be another value; return the line and its number."""
    line = _line_of(ctx)
    parts = (line.root, *line.parts)
    mentions = [mention for part in parts for mention in (*part.mentions, *part.moved) if mention.option is option]
    typed = {(mention.flag, mention.value) for mention in mentions}
    joined = {f"{mention.flag}={mention.value}" for mention in mentions}
    words = ["", "", *line.words]
    for at, (flag, value, word) in enumerate(zip(words, words[1:], line.words, strict=False)):
        if word[:1] != "-" and ((flag, value) in typed or value in joined):
            return line, at
    return None


def _tried_values(ctx: click.Context, option: Any, value: Any) -> str:
    """Return the sentence on how to try several values in a sweep, if a value looks like them: ``.1,.2``, ``[1, 2]``.

    Parameters
    ----------
    ctx : click.Context
        The context of the option.
    option : ParameterOption
        The option, which takes one value.
    value : object
        The value, which it refuses.
    """
    words = re.split(r"\s*,\s*", value.strip("[]() ")) if isinstance(value, str) else []
    if not words[1:] or not _line_of(ctx).sweeps:
        return ""
    return _to_try(option.get_error_hint(ctx).strip("'"), option, words, words)


def _to_try(flag: str, option: Any, words: Sequence[str], shown: Sequence[str]) -> str:
    """Return the sentence on how to try each of several words in a sweep, if the option takes them."""
    if option.spec.secret or not all(map(SIMPLE.fullmatch, words)):
        return ""
    try:
        for word in words:
            option.converter.from_typed(word)
    except ConversionError:
        return ""
    return f" To try each value, repeat the option: {' '.join(f'{flag} {word}' for word in shown)}"


def _line_of(ctx: click.Context | None) -> Line:
    """Return the line of a context; an empty one if there is none."""
    while ctx is not None and not isinstance(getattr(ctx, "line", None), Line):
        ctx = ctx.parent
    return Line() if ctx is None else ctx.line  # type: ignore[attr-defined]  # it has one


def _option_before(line: Line, at: int) -> Mention | None:
    """Return the option of a parameter whose value is right before a word."""
    before = line.words[max(0, at - 2) : at]
    for part in (line.root, *line.parts):
        for mention in (*part.mentions, *part.moved):
            is_value = isinstance(mention.value, str) and mention.value[:2] != "--"  # that of a flag is no text
            words = [mention.flag, mention.value] if is_value and hasattr(mention.option, "converter") else []
            if words and (before == words or before[-1:] == ["=".join(words)]):
                return mention
    return None
