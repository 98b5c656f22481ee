"""Let `resume` go on with a search, without the line that began it."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .. import cli, journal, layers, output, sweeps
from ..errors import UserError
from ..layers import ResolvedValue
from .option import ParameterOption

if TYPE_CHECKING:
    from ..declare.registry import Registry
    from ..sweeps.axes import Axis, Choice

__all__ = ["of"]


def of(root: Any, folder: str, given: dict[str, Any], context_of: Callable[[str], Any]) -> sweeps.search.Search | None:
    """Return the search in a folder, if `resume` goes on with it; None if it runs single jobs.

    Parameters
    ----------
    root : RootContext
        The context of the line.
    folder : str
        The folder.
    given : dict of str to object
        The options of the command.
    context_of : callable
        Returns the context of a line that goes on with the job in a folder.

    Raises
    ------
    UserError
        If the search cannot be read, or Optuna is missing.
    """
    log = sweeps.history.Log(folder)
    goal = sweeps.history.goal_of(log.header or {})
    if log.header is None or goal is None:
        return None
    count = sweeps.history.known(folder, "trials") or 0
    if given["job"] or root.params["from"] is not None or root.params["until"] is not None or _has_values(root):
        if sum("ask" in event for event in log.events) < count:
            output.warn(
                f"{folder}: only jobs that are there run, with these options; `resume` alone asks for new ones."
            )
        return None
    cli.search.need_optuna("resume")
    try:
        name = next(event["job"] for event in log.events if _is_job(folder, event))
        axes = [_axis(root.registry, one) for one in log.header["axes"]]
        seed = int(log.header["seed"])
    except StopIteration:
        raise UserError(f"{folder}: the search has no job yet: begin it again, by its line.") from None
    except (KeyError, TypeError, ValueError):
        raise UserError(f"{folder}: the search cannot be read. Go on with it by its line.") from None
    with context_of(os.path.join(folder, name)) as context:
        maker = _maker(context, folder)
    jobs = sweeps.jobs.Jobs(folder, count)
    return sweeps.search.Search(jobs, maker, axes, goal, seed=seed, count=count)


def _has_values(root: Any) -> bool:
    """Return whether the line sets values, other than secrets, which saved runs do not have."""
    options = (mention.option for mention in root.typed.mentions)
    return any(
        isinstance(option, ParameterOption) and not layers.redaction.is_secret(option.spec) for option in options
    )


def _is_job(folder: str, event: dict[str, Any]) -> bool:
    name = event.get("job")
    return isinstance(name, str) and os.path.isfile(os.path.join(folder, name, journal.records.RUN_FILE))


def _axis(registry: Registry, described: dict[str, Any]) -> Axis:
    """Return an axis by its description in the history.

    Raises
    ------
    ValueError
        If a value cannot be read.
    """
    setting = registry.find(described["key"])
    if setting is None or setting[2].converter is None:
        raise ValueError(described["key"])
    key, _, spec = setting
    converter = setting[2].converter

    def make(text: str) -> Choice:
        resolved = ResolvedValue(converter.from_line([text]), ParameterSource.COMMANDLINE, "resume")
        label = cli.labels.label_of(spec, resolved.value)
        return sweeps.axes.Choice(cli.labels.words_of(key, spec, label), {key: resolved}, label)

    turn, found = described["turn"], described.get("choices")
    from_file = turn is None  # what a saved turn has of its own beats it then, as it did on the line
    if found is not None:
        return sweeps.axes.Axis(key.text, [make(label) for label in found], turn, from_file=from_file)
    low, high = described["from"], described["to"]
    span = sweeps.spans.Span(sweeps.spans.Range(low, high, isinstance(low, int), described["log"]), make)
    return sweeps.axes.Axis(key.text, [span.at(low)], turn, from_file=from_file, span=span)


def _maker(context: Any, folder: str) -> sweeps.jobs.Maker:
    """Return what makes the saved runs of further jobs, with all other values as in the job of a context."""
    context.raise_problem()
    registry, values = context.registry, context.values
    turns = layers.plan.default_turns(registry, values)
    marked = list(journal.place.marked(registry))
    line = {key: cli.recording.resolved(registry, key, folder) for key in marked}
    return sweeps.jobs.Maker(registry, values.replace(line={**values.line, **line}), turns, marked)
