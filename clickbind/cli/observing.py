"""Tell the observers of a program about a run. Only programs that name observers import this module."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from typing import Any

from .. import cli, journal, layers, observers, output, running
from ..declare.registry import Registry
from ..errors import SaveError, UserError
from ..layers.plan import Plan

__all__ = ["find", "observers_of", "prepare"]


def find(registry: Registry) -> observers.finding.Makers:
    """Find the observers of a program, before anything is made.

    Raises
    ------
    UserError
        If one cannot be found.
    """
    return observers.finding.find(registry.binder.observers)


def prepare(registry: Registry) -> None:
    """Import the observers, for a process that forks one for each job. The jobs report what is wrong."""
    for package, names in ((journal, "memory"), (observers, "base finding guard")):
        for name in names.split():
            getattr(package, name)
    with contextlib.suppress(UserError):
        find(registry)


def observers_of(
    ctx: Any, plan: Plan, makers: observers.finding.Makers, others: Sequence[running.observers.Observer]
) -> list[running.observers.Observer]:
    """Make the observers of a run, and what keeps its record for them if it is not recorded.

    Parameters
    ----------
    ctx : RootContext
        The context of the run.
    plan : Plan
        The run.
    makers : list of (str, callable)
        The observers of the program.
    others : sequence of Observer
        The other observers of the run, of which one may keep its record.
    """
    registry = ctx.registry
    net = layers.redaction.Net(registry, words=ctx.words, values=plan.every_layer, own=cli.root_options.NAMES)
    hide = net.scrub if layers.redaction.has_secrets(registry) else str
    found: list[running.observers.Observer] = []
    keeper = next((one for one in others if isinstance(one, journal.observer.Journal)), None)
    text = _text(ctx, plan)
    if keeper is None:
        code = journal.code.code_of(cli.recording.folder_of(registry, plan.turns))
        facts = {
            "program": ctx.command_path,
            "line": f"{ctx.command_path} {net.line()}".rstrip(),
            "commit": code.commit,
            "dirty": bool(code.diff) if code.commit else None,
        }
        keeper = journal.memory.Memory(facts, hide)
        vars(keeper.record)["saved"] = journal.saved.split(text)
        found.append(keeper)
    told = observers.base.RunPlan(registry, plan, keeper.record, text, hide)
    made = [(name, observers.finding.made(name, make)) for name, make in makers]
    return [*found, *(observers.guard.Guard(name, one, told) for name, one in made)]


def _text(ctx: Any, plan: Plan) -> str:
    """Return the saved run; empty if it cannot be saved, which is no reason not to run it."""
    try:
        return cli.recording.saved(ctx, plan)
    except SaveError as error:
        output.warn(f"observers do not get the values of this run: {error.format_message()}")
        return ""
