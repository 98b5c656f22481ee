"""Run jobs on this machine: the engine that is used unless another one is chosen."""

from __future__ import annotations

from .. import sweeps
from .catalog import Sweep

__all__ = ["processes"]


def processes(sweep: Sweep, *, fresh: bool = False) -> sweeps.local.Processes:
    """Run each job in a process of its own, on this machine.

    Parameters
    ----------
    fresh : bool
        Start a new interpreter for each job, which imports the program again.
    """
    return sweeps.local.Processes(sweep.program, sweep.words, fresh=fresh)
