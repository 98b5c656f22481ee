"""Record a run, if the line or the program asks for it. Only such runs import this module."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, journal, layers, nodes, record, runs, types
from ..declare.registry import Registry
from ..keys import Key
from ..layers import ResolvedValue

if TYPE_CHECKING:
    from ..layers.plan import Plan, PlannedTurn
    from .context import RootContext

__all__ = ["folder_of", "given", "observer", "place", "prepare", "resolved"]

INTO = "--into"


def place(ctx: RootContext) -> journal.place.Place:
    """Decide where a run is recorded, and make that the value of the parameters marked as the folder of a run.

    The folder of ``--into`` beats the files. A folder that is given otherwise stays, and the record is in a folder of
    its own.

    Raises
    ------
    click.UsageError
        If the line gives two different folders, or the folder cannot be used.
    """
    registry, into = ctx.registry, ctx.params["into"]
    if into is not None and ctx.params["no_record"]:
        raise click.UsageError("'--into' and '--no-record' cannot be used together.", ctx)
    marked = list(journal.place.marked(registry))
    folders = {key: found for key in marked for found in [given(ctx, key)] if found is not None}
    _refuse_different(ctx, into, folders)
    if into is None:
        stages = "-".join(dict.fromkeys(turn.bound.name for turn in ctx.turns))
        into = journal.place.new_folder(str(registry.settings.record), stages)
    found = journal.place.Place(into, ctx.job)
    found.check()
    line = {key: resolved(registry, key, into) for key in marked if key not in folders and _takes(ctx, key)}
    found.keys = {*line, *folders} if ctx.params["into"] is not None else set(line)
    if line:
        ctx.values = ctx.values.replace(line={**ctx.values.line, **line})
    return found


def _takes(ctx: RootContext, key: Key) -> bool:
    """Return whether a marked parameter becomes the folder: ``--into`` beats every layer below the line."""
    return ctx.params["into"] is not None or ctx.values.get(key.function, key.parameter) is None


def given(ctx: RootContext, key: Key) -> ResolvedValue | None:
    """Return the folder that the line gives for a marked parameter, as an option of the root or of a stage."""
    for turn in ctx.turns:
        if key in turn.planned.line:
            return turn.planned.line[key]
    return ctx.values.line.get(key)


def _refuse_different(ctx: RootContext, into: str | None, different: dict[Key, ResolvedValue]) -> None:
    """Refuse a line that gives two folders."""
    folders = [] if into is None else [(INTO, into)]
    folders += [(found.origin, os.fspath(found.value)) for found in different.values()]
    for flag, folder in folders[1:]:
        first_flag, first = folders[0]
        if os.path.abspath(folder) != os.path.abspath(first):
            raise click.UsageError(
                f"{first_flag} {first} and {flag} {folder} are two folders for what this run makes: give one.", ctx
            )


def resolved(registry: Registry, key: Key, folder: str) -> ResolvedValue:
    """Return the folder as the value of a marked parameter."""
    found = registry.find(key.text)
    assert found is not None  # it was marked
    converter = found[2].converter
    assert converter is not None  # an option has one
    return ResolvedValue(converter.from_text(folder), ParameterSource.COMMANDLINE, INTO)


def prepare() -> None:
    """Import what a recorded run of a saved file needs."""
    for package, names in (
        (cli, "chain flags root_options stage"),
        (journal, "claims observer place records results"),
        (layers, "files includes plan redaction"),
        (nodes, "reader writer"),
        (record, "atomic entries"),
        (runs, "observers run"),
        (types, "constraints containers hints table words"),
    ):
        for name in names.split():
            getattr(package, name)


def observer(ctx: RootContext, plan: Plan, where: journal.place.Place) -> journal.observer.Journal:
    """Return the observer that writes the record of a run.

    Raises
    ------
    SaveError
        If a given value would not come back the same.
    """
    registry = ctx.registry
    net = layers.redaction.Net(registry, words=ctx.words, values=plan.every_layer, own=cli.root_options.NAMES)
    if ctx.job is not None and ctx.job.is_job:  # the sweep has written the rest
        job = {name: getattr(ctx.job, name) for name in ("program", "line", "commit", "dirty")}
        return journal.observer.Journal(where, job, {}, _scrub_of(registry, net))
    code = journal.code.code_of(folder_of(registry, plan.turns))
    facts = {
        "program": ctx.command_path,
        "line": f"{ctx.command_path} {net.line()}".rstrip(),
        "commit": code.commit,
        "dirty": bool(code.diff) if code.commit else None,
    }
    found = record.entries.entries(registry, plan)
    for entry in found:
        if entry.key in where.keys:  # a replay makes its own folder, and a folder that is moved stays right
            entry.text, entry.reason = "", journal.place.LEFT_OUT
    files = {journal.records.RUN_FILE: record.entries.compose(found)}
    files[journal.code.VERSIONS] = journal.code.versions()
    if code.diff:
        files[journal.code.DIFF] = net.scrub(code.diff)
    return journal.observer.Journal(where, facts, files, _scrub_of(registry, net))


def _scrub_of(registry: Registry, net: layers.redaction.Net) -> Callable[[str], str]:
    return net.scrub if layers.redaction.has_secrets(registry) else str


def folder_of(registry: Registry, turns: Iterable[PlannedTurn]) -> str:
    """Return the folder of the code of a run: that of its first stage."""
    for turn in turns:
        function: Any = registry.bounds[turn.stage].function
        try:
            return os.path.dirname(os.path.abspath(inspect.getsourcefile(inspect.unwrap(function)) or ""))
        except TypeError:  # a callable that is not written in Python, or an object
            continue
    return os.getcwd()
