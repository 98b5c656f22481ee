"""Ask for missing values, or report all of them together. Only a run that misses some imports this module."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click
from click.core import ParameterSource

from ..declare.function import ParameterSpec
from ..declare.registry import Bound
from ..layers import ResolvedValue, Values
from .option import MissingOption, ParameterOption, dotted_flags, dotted_option

__all__ = ["asked"]

Missing = tuple[click.Context, ParameterOption]


def asked(root: Any, needed: Sequence[tuple[Bound, ParameterSpec]]) -> Values:
    """Prompt for the required parameters of contexts, and return the values of the run with them.

    Parameters
    ----------
    root : RootContext
        The context of the run.
    needed : sequence of (Bound, ParameterSpec)
        The required parameters of contexts that no layer sets, each with the context.

    Raises
    ------
    click.MissingParameter
        If options are missing that have no prompt, those of stages among them.
    """
    options = [dotted_option(context.key(spec.name), context, spec) for context, spec in needed]
    missing = [*root.missing, *((root, option) for option in options if option.prompt is None)]
    if missing:
        raise _error_of(root, missing)
    values: Values = root.values
    for option in options:
        found = ResolvedValue(option.prompt_for_value(root), ParameterSource.PROMPT, "prompt")
        values = values.replace(line={**values.line, option.key: found})
    return values


def _error_of(root: click.Context, missing: Sequence[Missing]) -> click.MissingParameter:
    """Make the error for missing options.

    Parameters
    ----------
    root : click.Context
        The context of the run.
    missing : sequence of (click.Context, ParameterOption)
        The options, each with the context that needs it.
    """
    texts = list(dict.fromkeys(f"'{_usage(ctx, option, root)}'" for ctx, option in missing))
    ctx, option = missing[0]
    if len(texts) == 1:
        return MissingOption(ctx=ctx, param=option)
    contexts = {id(ctx): ctx for ctx, _ in missing}
    *others, last = texts
    hint = f"{', '.join(others)} and {last}"
    ctx = ctx if len(contexts) == 1 else root
    return MissingOption(ctx=ctx, param=option, param_hint=hint, param_type="options")


def _usage(ctx: click.Context, option: ParameterOption, root: click.Context) -> str:
    """Return how to give an option: ``--data TEXT``, or with its whole key if other stages may have one of its name."""
    is_own = getattr(ctx, "default", True) is False and ctx.parent is root  # a stage that the line names without `run`
    flags = [option.opts[-1], *option.secondary_opts] if is_own else list(filter(None, _dotted(option)))
    return " / ".join(flags) if option.is_flag else f"{flags[0]} {option.make_metavar(ctx)}"


def _dotted(option: ParameterOption) -> tuple[str, str | None]:
    return dotted_flags(option.key, option.spec)
