"""Ask for missing values, or report all of them together. Only a run that misses some imports this module."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import click
from click.core import ParameterSource

from .. import record
from ..declare.function import ParameterSpec
from ..declare.registry import Bound
from ..layers import ResolvedValue, Values
from .option import dotted_flags, dotted_option

__all__ = ["asked"]

Missing = tuple[click.Context, click.Parameter]


class MissingOption(click.MissingParameter):
    """Report missing options, of which the first one is ``param``."""

    def format_message(self) -> str:
        """Return the message without the choices that Click adds for ``param``, which only one of several may have."""
        assert self.param is not None  # it is always made with one
        hint = self.param_hint or self.param.get_error_hint(self.ctx)
        kind = self.param_type or ("option" if "-" in str(hint)[:2] else self.param.param_type_name)
        return click.MissingParameter(param_hint=hint, param_type=kind).format_message()


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
        raise _error_of(root, [*missing, *_of_classes(root)])
    values: Values = root.values
    for turn in root.turns:
        _ask(turn, values)
    for option in options:
        found = ResolvedValue(option.prompt_for_value(root), ParameterSource.PROMPT, "prompt")
        values = values.replace(line={**values.line, option.key: found})
    return values


def _of_classes(root: Any) -> Iterator[Missing]:
    """Walk the options that the chosen classes need, which Click does not know to be required."""
    for turn in root.turns:
        values = root.values.for_turn(turn.planned.line, turn.planned.files)
        keys = {turn.bound.key(name) for name in record.fields.missing(turn.bound, values)}
        yield from ((turn, option) for option in turn.command.params if getattr(option, "key", None) in keys)
    for context in root.registry.of_role("context"):
        for name in sorted(record.fields.missing(context, root.values)):
            yield root, dotted_option(context.key(name), context, context.options[name])


def _ask(turn: Any, values: Values) -> None:
    """Prompt for the required parameters of a turn for which Click has not, since others were missing.

    These others turned out not to be needed: ``--into`` or a sweep sets them, or ``--from`` leaves out their turn.
    """
    for option in turn.command.params:
        is_set = turn.get_parameter_source(option.name) is not ParameterSource.DEFAULT
        if option.required and not is_set and option.key not in {*values.line, *values.files}:
            turn.set_parameter_source(option.name, ParameterSource.PROMPT)
            turn.params[option.name] = option.prompt_for_value(turn)


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


def _usage(ctx: click.Context, param: Any, root: click.Context) -> str:
    """Return how to give an option: ``--data TEXT``, or with its whole key if other stages may have one of its name."""
    is_own = getattr(ctx, "default", True) is False and ctx.parent is root  # a stage that the line names without `run`
    if is_own and isinstance(param, click.Argument):
        return param.human_readable_name
    is_flag = getattr(param, "is_flag", False)
    if is_own or param.key is None:  # an option of Click's may set no parameter
        flags = [param.opts[-1], *param.secondary_opts]
        return " / ".join(flags) if is_flag else f"{flags[0]} {param.make_metavar(ctx)}"
    flags = list(filter(None, dotted_flags(param.key, param.spec)))
    return " / ".join(flags) if is_flag else f"{flags[0]} {param.spec.metavar or param.spec.converter.typed}"
