"""Choose the turns of a run by ``--from`` and ``--until``."""

from __future__ import annotations

from collections.abc import Sequence

import click

from ..errors import suggest
from ..keys import canonical

__all__ = ["kept"]


def kept(ctx: click.Context, stages: Sequence[str]) -> slice:
    """Return the turns that run: from the first turn of one stage to the last turn of another.

    Parameters
    ----------
    ctx : click.Context
        The root's context.
    stages : sequence of str
        The stage of each turn.

    Raises
    ------
    click.UsageError
        If the run has no such stage, or no turn is left.
    """
    first, last = ctx.params["from"], ctx.params["until"]
    start = 0 if first is None else _turn(ctx, "--from", first, stages)
    end = len(stages) if last is None else len(stages) - _turn(ctx, "--until", last, stages[::-1])
    if start >= end:
        raise click.UsageError(
            f"--from {first} and --until {last} leave nothing to run of {' '.join(stages)}: the first comes after the "
            f"last.",
            ctx,
        )
    return slice(start, end)


def _turn(ctx: click.Context, flag: str, name: str, stages: Sequence[str]) -> int:
    if canonical(name) in stages:
        return stages.index(canonical(name))
    known = ", ".join(dict.fromkeys(stages))
    raise click.BadOptionUsage(
        flag[2:],
        f"{flag}: no turn of this run is of a stage {name!r}; its stages are {known}.{suggest(name, stages)}",
        ctx,
    )
