"""What a run would be: the turns that files or nobody asks for, and every value of a run before it starts."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import declare, layers, output, record
from ..declare.registry import RUN, Registry
from ..keys import Key
from ..layers import ResolvedValue, Values
from .run import PlannedTurn, Run

if TYPE_CHECKING:
    from ..declare.turns import Turn
    from ..record.entries import Entry

__all__ = ["default_turns", "entries", "file_run", "write"]

DEFAULT = "default"
"""The origin of what nothing asks for."""


def entries(run: Run, *, template: bool = False) -> list[Entry]:
    """Give every value of the run, as it is saved and printed; as a template, with those that are required."""
    origins = {turn.origin for turn in run.turns}
    found = run.values.get(RUN, "stages")
    origin = origins.pop() if origins else found.origin if found else DEFAULT
    turns = [_effective(run, turn) for turn in run.turns]
    return record.entries.entries(run.registry, run.values, turns, origin, template=template)


def _effective(run: Run, planned: PlannedTurn) -> tuple[Turn, dict[str, str]]:
    """Give a turn with the values in which it differs from the rest of the run, and their origins."""
    values = run.values.for_turn(planned.line, planned.files)
    name = planned.bound.name
    own: dict[str, ResolvedValue] = {}
    for option, spec in planned.bound.options.items() if values is not run.values else ():
        found = values.get(name, option)
        if (
            found is not None
            and not layers.redaction.is_secret(spec, found)
            and found is not run.values.get(name, option)
        ):
            own[option] = found
    for parameter in planned.bound.spec.parameters.values() if own else ():
        if parameter.group is not None:
            record.fields.check_over(planned.bound, parameter.group, values, run.values)
    return declare.turns.Turn(name, {option: found.value for option, found in own.items()}), {
        option: found.origin for option, found in own.items()
    }


def default_turns(registry: Registry, values: Values) -> list[PlannedTurn]:
    """Plan the turns of `run.stages`: those that were given, or all stages in registration order."""
    found = values.get(RUN, "stages")
    if found is None:
        return [PlannedTurn(stage, {}, {}, DEFAULT) for stage in registry.of_role("stage") if stage.default]
    return [
        PlannedTurn(
            registry.bounds[turn.stage],
            {},
            {
                Key(turn.stage, name): ResolvedValue(value, found.source, found.origin)
                for name, value in turn.values.items()
            },
            found.origin,
        )
        for turn in found.value
    ]


def file_run(registry: Registry, path: str) -> Run:
    """Give the run that a config file alone would be.

    Parameters
    ----------
    registry : Registry
        The functions.
    path : str
        The file.

    Raises
    ------
    ConfigError
        With all that is wrong with it.
    """
    values = Values(files=layers.files.load([path], registry))
    return Run(registry, values, default_turns(registry, values))


def write(run: Run, ctx: click.Context) -> None:
    """Save a run, or print what it would be, which ends it here.

    Parameters
    ----------
    run : Run
        The run.
    ctx : click.Context
        The root's context, whose parameters say what is wanted.
    """
    path, other = ctx.params.get("save"), ctx.params.get("diff")
    if path is not None:
        record.entries.save(record.entries.compose(entries(run)), path)
    elif other is not None:
        differences = record.entries.diff(entries(run), entries(file_run(run.registry, other)), other)
        output.write(differences, "the differences cannot be written")
        ctx.exit(1 if differences else 0)
    else:
        text = record.entries.annotate(entries(run, template=True), changed=bool(ctx.params.get("print_changed")))
        output.write(text, "the run cannot be written")
        ctx.exit()
