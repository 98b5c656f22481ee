"""Choose the turns of a run by ``--from`` and ``--until``."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from ..errors import suggest
from ..keys import canonical

__all__ = ["kept", "turn_of"]


def kept(ctx: Any, stages: Sequence[str]) -> slice:
    """Return the turns that run: from the first turn of one stage to the last turn of another.

    A run that goes on with a record begins with the first turn that is not done; if all are, none is chosen.

    Parameters
    ----------
    ctx : RootContext
        The root's context.
    stages : sequence of str
        The stage of each turn.

    Raises
    ------
    click.UsageError
        If the run has no such stage, or ``--until`` leaves no turn.
    """
    first, last = ctx.params["from"], ctx.params["until"]
    start = 0 if first is None else turn_of("--from", first, stages, ctx)
    end = len(stages) if last is None else turn_of("--until", last, stages, ctx, ends=True)
    if ctx.job is not None:
        start = max(start, len(ctx.job.done_turns()))
    if start < end or last is None:  # a run that was killed after its last turn has none left, and only ends
        return slice(start, end)
    after = f"--from {first}" if first is not None else "what is done"
    raise click.UsageError(f"--until {last} leaves nothing to run of {' '.join(stages)}: {after} comes after it.", ctx)


def turn_of(flag: str, name: str, stages: Sequence[str], ctx: click.Context, *, ends: bool = False) -> int:
    """Return the number of the first turn of a stage that an option chooses, or the number after the last one.

    Raises
    ------
    click.BadOptionUsage
        If no turn is of that stage.
    """
    found = [number for number, stage in enumerate(stages) if stage == canonical(name)]
    if found:
        return found[-1] + 1 if ends else found[0]
    known = ", ".join(dict.fromkeys(stages))
    raise click.BadOptionUsage(
        flag[2:],
        f"{flag}: no turn of this run is of a stage {name!r}; its stages are {known}.{suggest(name, stages)}",
        ctx,
    )
