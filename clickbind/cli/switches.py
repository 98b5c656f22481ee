"""Flags that take no value: what may follow them all the same."""

from __future__ import annotations

from typing import Any

import click
from click.parser import _Option as ParserOption
from click.parser import _ParsingState

from ..types import BOOLS, is_null_word
from .moved import Outer

__all__ = ["set_to_none"]


def set_to_none(flag: str, option: ParserOption, value: str | None, state: _ParsingState, ctx: click.Context) -> bool:
    """Set an Optional boolean to None, where the word for that follows its flag.

    Parameters
    ----------
    flag : str
        The flag as typed.
    option : click parser option
        What it stands for.
    value : str or None
        What is joined to it by an equals sign.
    state : click parser state
        The rest of the line.
    ctx : click.Context
        The context that is parsed for.

    Returns
    -------
    bool
        Whether it was set.

    Raises
    ------
    click.BadOptionUsage
        Where another value follows it: ``--shuffle false``.
    """
    if _is_none(option.obj, value, state):
        _meaning_none(option).process(None, state)
        return True
    _refuse_literal(flag, value, option.obj, state, ctx)
    return False


def _meaning_none(option: ParserOption) -> ParserOption:
    """Give the parser's option of a flag that sets an Optional boolean to None."""
    if isinstance(option, Outer):
        return Outer(option.flag, _meaning_none(option.parsed), option.moved)
    same = ParserOption(option.obj, [], option.dest, action=option.action)
    same.const = None
    return same


def _is_none(option: Any, value: str | None, state: _ParsingState) -> bool:
    """Tell whether an Optional boolean is set to None, and take the word."""
    if not getattr(getattr(option, "converter", None), "nullable", False):
        return False
    if value is not None:
        return is_null_word(value)
    return bool(state.rargs) and is_null_word(state.rargs[0]) and bool(state.rargs.pop(0))


def _refuse_literal(
    flag: str, value: str | None, option: click.Option, state: _ParsingState, ctx: click.Context
) -> None:
    """Tell who types ``--shuffle false`` how that is said."""
    if value is None and state.rargs and state.rargs[0].lower() in BOOLS:
        value = state.rargs[0]
    if value is None or not option.secondary_opts:
        return
    wanted = BOOLS.get(value.lower(), True)
    cure = (option.opts if wanted else option.secondary_opts)[0]
    message = f"Option {flag!r} takes no value, and {value!r} follows it. Say {cure!r}."
    raise click.BadOptionUsage(flag, message, ctx)
