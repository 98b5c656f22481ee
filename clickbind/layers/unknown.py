"""Describe keys in files that a bound function has no option for. Only an error imports this module."""

from __future__ import annotations

import re
from difflib import SequenceMatcher, get_close_matches
from typing import TYPE_CHECKING

from .. import declare
from ..errors import LONGEST, suggest
from ..keys import Key, above, field_of, inside
from ..types import is_null_word, shown

if TYPE_CHECKING:
    from ..declare.function import ParameterSpec
    from ..declare.registry import Bound

__all__ = ["problem_of", "suggested"]

_TYPING_ERROR = 0.8
"""The similarity from which a name is certainly misspelt, rather than that of a parameter that is gone."""
_SHORT = 3
"""The length up to which a name may be half wrong."""
_MOST_NAMED = 3  # of keys that end alike
_SAMPLES = ("text", "1", "0.1", "true", "1 2", "2024-01-31")


def problem_of(bound: Bound, key: Key, *, suggests: bool) -> str:
    """Describe a key that has no option.

    Parameters
    ----------
    bound : Bound
        The function.
    key : Key
        The key.
    suggests : bool
        Whether to look for a similar key, which takes time.
    """
    path = key.parameter
    if bound.has_fields(path):
        return f"{key.text} is set by its fields{_example(bound, key)}."
    if path in bound.spec.parameters:
        return f"unknown key {shown(key.text)}: it is a parameter of {bound.name!r} that files cannot set."
    chosen = declare.choices.class_in(bound, path)
    if chosen is not None:
        choice = bound.key(chosen[0], key.scope).text
        return f"unknown key {shown(key.text)}: {declare.choices.as_class(choice, chosen[1])}"
    if not suggests:  # it may be misspelt, and then its line has to stay
        return f"unknown key {shown(key.text)}."
    near = _near(path, list(declare.choices.spellings(bound, path))) if len(path) <= LONGEST else ""
    question = f" Did you mean {bound.key(near, key.scope).text!r}?" if near else ""
    if near and SequenceMatcher(None, field_of(near), field_of(path)).ratio() >= _TYPING_ERROR:
        return f"unknown key {shown(key.text)}.{question}"
    outer = next((outer for outer in above(path) if bound.has_fields(outer)), "")
    owner, what = (bound.key(outer, key.scope).text, "field") if outer else (bound.name, "parameter")
    cure = f"{question} Otherwise, remove the line" if near else " Remove the line"
    return f"unknown key {shown(key.text)}.{cure}: {owner!r} has no such {what} (any more)."


def suggested(text: str, known: list[str]) -> str:
    """Return the sentence that suggests keys for one of no function: those that end with it, or else a similar one."""
    ends = [one for one in known if one.endswith(f".{text}")]
    if not ends:
        return suggest(text, known)
    if len(ends) > _MOST_NAMED:
        return f" Write the name of its function before it, as in {ends[0]!r}."
    *others, last = map(repr, ends)
    return f" Did you mean {', '.join(others)}{' or ' if others else ''}{last}?"


def _near(path: str, known: list[str]) -> str:
    """Find the setting that is meant; empty if there is none.

    Only the last parts of paths are compared, because what paths have in common makes any two of them similar.
    """
    name = field_of(path).casefold()
    by_name: dict[str, str] = {}
    outer = next(iter(above(path)), "")
    for one in sorted(known, key=lambda one: next(iter(above(one)), "") != outer):  # first those beside it
        by_name.setdefault(field_of(one).casefold(), one)
    cutoff = 0.5 if len(name) <= _SHORT else 0.6  # of two letters, one is half
    found = get_close_matches(name, by_name, n=1, cutoff=cutoff)
    return by_name[found[0]] if found else ""


def _example(bound: Bound, key: Key) -> str:
    """Return an entry for the first field that one can be written for."""
    for path in inside(bound.options, key.parameter):
        text = _text(bound.options[path])
        if text and not bound.options[path].secret:
            return f", such as {bound.key(path, key.scope).text}: {text}"
    return ""


def _text(spec: ParameterSpec) -> str:
    """Return a text that sets a parameter: its default if that is simple, else a sample of its type."""
    default = spec.shown_default
    simple = type(default) in {bool, int, float, str}
    own = [str(default).lower() if isinstance(default, bool) else str(default)] if simple else []
    return next((text for text in (*own, *_SAMPLES) if _is_simple(text) and _reads(spec, text)), "")


def _is_simple(text: str) -> bool:
    """Return whether YAML reads a text as it is."""
    return re.fullmatch(r"-?[\w.]+( [\w.]+)*", text) is not None and not is_null_word(text)


def _reads(spec: ParameterSpec, text: str) -> bool:
    assert spec.converter is not None  # an option has one
    try:
        spec.converter.from_text(text)
    except ValueError:  # a `ConversionError`
        return False
    return True
