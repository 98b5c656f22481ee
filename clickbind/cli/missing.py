"""Report all missing required options of a run together. Only an error imports this module."""

from __future__ import annotations

from collections.abc import Sequence

import click

from .option import ParameterOption, dotted_flags

__all__ = ["error_of"]

Missing = tuple[click.Context, ParameterOption]


def error_of(root: click.Context, missing: Sequence[Missing]) -> click.MissingParameter:
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
        return click.MissingParameter(ctx=ctx, param=option)
    contexts = {id(ctx): ctx for ctx, _ in missing}
    *others, last = texts
    hint = f"{', '.join(others)} and {last}"
    ctx = ctx if len(contexts) == 1 else root
    return click.MissingParameter(ctx=ctx, param=option, param_hint=hint, param_type="options")


def _usage(ctx: click.Context, option: ParameterOption, root: click.Context) -> str:
    """Return how to give an option: ``--data TEXT``, or with its whole key if other stages may have one of its name."""
    is_own = getattr(ctx, "default", True) is False and ctx.parent is root  # a stage that the line names without `run`
    flags = [option.opts[-1], *option.secondary_opts] if is_own else list(filter(None, _dotted(option)))
    return " / ".join(flags) if option.is_flag else f"{flags[0]} {option.make_metavar(ctx)}"


def _dotted(option: ParameterOption) -> tuple[str, str | None]:
    return dotted_flags(option.key, option.spec)
