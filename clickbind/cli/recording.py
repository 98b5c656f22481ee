"""Record a run, if the line or the program asks for it. Only such runs import this module."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Collection, Iterable, Iterator
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, journal, layers, nodes, record, running, types
from ..declare.registry import Registry
from ..errors import BindError, ConversionError
from ..keys import Key
from ..layers import ResolvedValue, Values

if TYPE_CHECKING:
    from ..layers.plan import Plan, PlannedTurn

__all__ = ["folder_of", "given", "observer", "place", "prepare", "resolved", "restored", "saved"]

INTO = "--into"
_OF_PROGRAM = "the record of this run"
"""The origin of a folder that the program chooses."""


def place(ctx: Any) -> journal.place.Place:
    """Decide where a run is recorded, and make that the value of the parameters marked as the folder of a run.

    The folder of ``--into`` beats the files. A folder that is given otherwise stays, and the record is in a folder of
    its own.

    Raises
    ------
    click.UsageError
        If the line gives two different folders, or the folder cannot be used.
    """
    registry, into = ctx.registry, ctx.params["into"]
    marked = list(journal.place.marked(registry))
    found = journal.place.Place(_folder(ctx, into), ctx.job)
    if into is not None or ctx.job is not None:
        _refuse_different(ctx, found, marked)
    found.check()
    found.check_files()
    free = [key for key in marked if given(ctx, key) is None and _takes(ctx, key)]
    origin = _OF_PROGRAM if into is None else INTO
    line = {key: resolved(registry, key, found.given, origin) for key in free}
    found.keys = set(marked if into is not None else free)
    if line:
        ctx.values = ctx.values.replace(line={**ctx.values.line, **line})
        ctx.missing = [(owner, option) for owner, option in ctx.missing if option.key not in line]
    return found


def _folder(ctx: Any, into: str | None) -> str:
    """Return the folder of a run: that on the line, that of the job, or a new one."""
    if into is not None and ctx.params["no_record"]:
        raise click.UsageError(f"'{INTO}' and '--no-record' cannot be used together.", ctx)
    if into == "":
        raise click.UsageError(f"{INTO}: expected the name of a folder, got ''.", ctx)
    if into is not None:
        return os.path.expanduser(into)
    if ctx.job is not None:
        return journal.place.home_of(ctx.job.folder)
    stages = "-".join(dict.fromkeys(turn.bound.name for turn in ctx.turns))
    return journal.place.new_folder(os.path.expanduser(str(ctx.registry.settings.record)), stages)


def _takes(ctx: Any, key: Key) -> bool:
    """Return whether a marked parameter becomes the folder: ``--into`` beats every layer below the line."""
    return ctx.params["into"] is not None or ctx.values.resolve(key.function, key.parameter) is None


def given(ctx: Any, key: Key) -> ResolvedValue | None:
    """Return the folder that the line gives for a marked parameter, as an option of the root or of a stage."""
    return next(_all_given(ctx, key), None)


def _all_given(ctx: Any, key: Key) -> Iterator[ResolvedValue]:
    """Walk the values on the line for a parameter. The turns are not planned yet: the line may be asked for more."""
    for turn in ctx.turns:
        flag = turn.typed.flags.get(key.parameter)
        if flag is not None and turn.bound.key(key.parameter) == key:
            yield ResolvedValue(turn.params[key.parameter], ParameterSource.COMMANDLINE, flag)
    if key in ctx.values.line:
        yield ctx.values.line[key]


def _refuse_different(ctx: Any, place: journal.place.Place, marked: Iterable[Key]) -> None:
    """Refuse a line that gives another folder than that in which the run is recorded."""
    for found in (found for key in marked for found in _all_given(ctx, key)):
        is_folder = isinstance(found.value, (str, os.PathLike))
        if not is_folder or os.path.abspath(os.fspath(found.value)) != place.folder:
            raise click.UsageError(
                f"{INTO} {place.given} and {found.origin} {found.value} are two folders for what this run makes: give "
                "one.",
                ctx,
            )


def resolved(registry: Registry, key: Key, folder: str, origin: str = INTO) -> ResolvedValue:
    """Return a folder as the value of a marked parameter.

    Raises
    ------
    BindError
        If the value of the parameter cannot be a folder.
    """
    found = registry.find(key.text)
    assert found is not None  # it was marked
    converter = found[2].converter
    assert converter is not None  # an option has one
    try:
        return ResolvedValue(converter.from_text(folder), ParameterSource.COMMANDLINE, origin)
    except ConversionError:
        raise BindError(
            f"{key.text} is marked with Option(run_folder=True), but a folder is not a value of it: annotate it as str "
            "or Path."
        ) from None


def restored(ctx: Any, values: Values) -> Values:
    """Return the values of a run that goes on: those that were recorded, and of the present only its secrets.

    The saved run has every value except for secrets, which come from the environment and the files as always. Nothing
    else of these counts, since the turns that are done have not seen it. What the recorded line gave is a value of the
    line again, so that a value that no call uses is warned of, unless a turn that is done may have used it.

    Parameters
    ----------
    ctx : RootContext
        The context of the run, with its record.
    values : Values
        The values, from all layers.
    """
    start = _start(ctx)

    def counts(key: Key, resolved: ResolvedValue) -> bool:
        found = ctx.registry.find(key.text)
        return resolved.origin.startswith(start) or (
            found is not None and layers.redaction.is_secret(found[2], resolved)
        )

    files, environment = (
        {key: resolved for key, resolved in layer.items() if counts(key, resolved)}
        for layer in (values.files, values.environment)
    )
    line = {}
    for key, resolved in () if ctx.job.done_turns() else list(files.items()):
        known = ctx.job.saved.get(key.text)
        if known is not None and known.origin.startswith("--") and resolved.origin.startswith(start):
            line[key] = ResolvedValue(files.pop(key).value, ParameterSource.COMMANDLINE, known.origin)
    return values.replace(files=files, environment=environment, line={**line, **values.line})


def prepare() -> None:
    """Import what a recorded run of a saved file needs."""
    for package, names in (
        (cli, "chain flags root_options stage"),
        (journal, "claims observer place records results"),
        (layers, "files includes plan redaction"),
        (nodes, "reader writer"),
        (record, "atomic entries"),
        (running, "observers run"),
        (types, "constraints containers hints table words"),
    ):
        for name in names.split():
            getattr(package, name)


def observer(ctx: Any, plan: Plan, where: journal.place.Place) -> journal.observer.Journal:
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
        files = {}
        if ctx.job.goes_on:  # perhaps with other values
            files[journal.records.RUN_FILE] = saved(ctx, plan, where.keys)
        return journal.observer.Journal(where, job, files, _scrub_of(registry, net))
    code = journal.code.code_of(folder_of(registry, plan.turns))
    line = f"{ctx.command_path} {net.line()}".rstrip() if ctx.job is None else ctx.job.line
    facts = {
        "program": ctx.command_path,
        "line": line,
        "commit": code.commit,
        "dirty": bool(code.diff) if code.commit else None,
    }
    files = {
        journal.records.RUN_FILE: saved(ctx, plan, where.keys),
        journal.code.VERSIONS: journal.code.versions(),
    }
    if code.diff:
        files[journal.code.DIFF] = net.scrub(code.diff)
    return journal.observer.Journal(where, facts, files, _scrub_of(registry, net))


def saved(ctx: Any, plan: Plan, folders: Collection[Key] = ()) -> str:
    """Return the text of a saved run, with the origins in comments, those of a run that goes on as they were.

    Parameters
    ----------
    ctx : RootContext
        The context of the run.
    plan : Plan
        The run.
    folders : collection of Key
        The parameters whose value is its folder, which is left out: a replay makes its own, and it may be moved.

    Raises
    ------
    SaveError
        If a given value would not come back the same.
    """
    left_out = dict.fromkeys(folders, journal.place.LEFT_OUT)
    found = record.entries.entries(ctx.registry, _whole(ctx, plan), left_out=left_out)
    before = {} if ctx.job is None else ctx.job.saved
    for entry in found:
        if ctx.job is not None and entry.origin.startswith(_start(ctx)):
            known = before.get(entry.key.text)
            entry.origin = (known and known.origin) or "the record"
            entry.inner = [entry.origin for _ in entry.inner]
    return record.entries.annotate(found)


def _start(ctx: Any) -> str:
    """Return the start of the origins of values that come from the saved run."""
    return f"{os.path.join(ctx.job.folder, journal.records.RUN_FILE)}:"


def _whole(ctx: Any, plan: Plan) -> Plan:
    """Return the plan with the turns that the run goes on after, so that it can be resumed once more."""
    done = [] if ctx.job is None else ctx.job.done_turns()
    if not done:
        return plan
    turns = layers.plan.default_turns(ctx.registry, plan.values)
    return layers.plan.Plan(plan.values, [*turns[: len(done)], *plan.turns])


def _scrub_of(registry: Registry, net: layers.redaction.Net) -> Callable[[str], str]:
    return net.scrub if layers.redaction.has_secrets(registry) else str


def folder_of(registry: Registry, turns: Iterable[PlannedTurn]) -> str:
    """Return the folder of the code of a run: that of its first stage."""
    for turn in turns:
        function: Any = registry.bounds[turn.stage].function
        try:
            file = inspect.getsourcefile(inspect.unwrap(function))
        except TypeError:  # a callable that is not written in Python, or an object
            continue
        if file is not None:
            return os.path.dirname(os.path.abspath(file))
    return os.curdir
