"""Go on with a recorded run with the command `resume`."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, journal, layers, output, record, sweeps
from ..declare.registry import RUN
from ..errors import UserError
from ..keys import Key
from ..layers.plan import PlannedTurn, default_turns
from .option import ParameterOption

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..journal.records import Record
    from ..layers import ResolvedValue
    from ..sweeps.sources import Source
    from .parts import Mention

__all__ = ["call", "params", "resume"]

_NOT_PASSED = ("from", "into", "no_record")
_SHOWN = 7  # characters of a commit


def params(command: Any) -> list[click.Parameter]:
    """Make the parameters of the command."""
    text = "The number or name of a job of a sweep, the only one to run, whatever its status. Repeatable."
    return [
        click.Argument(["folder"], shell_complete=_folders),
        click.Option(["--job"], multiple=True, metavar="JOB", help=text),
        click.Option(["--no-failed"], is_flag=True, help="Of a sweep, leave out the jobs that failed."),
        *cli.sweep.processes(command),
    ]


def call(command: Any, folder: str, **given: Any) -> Any:
    """Go on with what a folder holds; see `resume`."""
    here = click.get_current_context()
    path = os.path.expanduser(folder)
    for option in here.command.params:
        typed = here.get_parameter_source(str(option.name)) is ParameterSource.COMMANDLINE
        if typed and isinstance(option, click.Option) and not journal.listing.is_sweep(path):
            raise click.UsageError(f"'{option.opts[-1]}' is for sweeps, and {folder} is none.", here)
    given["engine"] = cli.engines.chosen(here, command.registry)
    return resume(command.root_of(here), path, given)


def _folders(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [cli.shell_completion.CompletionItem(incomplete, type="dir")]


def resume(root: Any, folder: str, given: dict[str, Any]) -> Any:
    """Go on with what a folder holds, and return the results.

    Parameters
    ----------
    root : RootContext
        The context of the line.
    folder : str
        The folder.
    given : dict of str to object
        The options of the command, which are for sweeps.

    Raises
    ------
    UserError
        If there is nothing to go on with.
    """
    for name in ("into", "no_record"):
        if root.params[name] not in {None, False}:
            raise click.UsageError(f"'--{name.replace('_', '-')}' cannot be used with 'resume'.", root)
    if journal.listing.is_sweep(folder):
        return _resume_sweep(root, folder, given)
    return _resume_run(root, folder)


def _resume_sweep(root: Any, folder: str, given: dict[str, Any]) -> None:
    """Run the jobs of a sweep that are not done, or those that are asked for, and exit.

    Raises
    ------
    UserError
        If a value on the line would change what is done, or the folder cannot be used. Nothing has run then.
    """
    first = root.params["from"]
    names = sweeps.resuming.select(folder, given["job"], failed=not given["no_failed"], again=first is not None)
    left = sweeps.resuming.statuses(folder, set(sweeps.resuming.names_in(folder)).difference(names))
    words = [word for mention in root.typed.mentions for word in _words(mention)]
    search = cli.resumed_search.of(root, folder, given, lambda job: _context(root, _record_of(job)))
    if not names and (search is None or not search.total):
        _refuse_unused(root, folder, left)
        click.echo(output.printable(f"{folder}: nothing to run: {journal.table.counted(left) or 'no jobs'}. {_AGAIN}"))
        root.exit()
    for name in names:
        _check(root, os.path.join(folder, name))
    sweeps.programs.address_of(root.registry, root.command_path)
    engine = given["engine"].checked(root, files=False)  # the jobs read the files of the line
    if getattr(root.registry.binder, "observers", ()):
        cli.observing.find(root.registry)
    code = journal.code.code_of(cli.recording.folder_of(root.registry, ()))
    call = {
        **cli.sweep.call_of(root, [], code, engine.net(root).line(), engine.name),
        "resumed": True,
        "from": first,
        "again": bool(given["job"]),
    }
    jobs = given["jobs"]
    with sweeps.driver.claimed(folder), engine.started(root, folder, jobs, words) as started:
        if search is not None:
            search.begin(names)
        sweeps.sheet.write(folder, call)
        source: Source = sweeps.sources.Listed(names) if search is None else search
        output.say(f"{folder}: {_counted(names, source)} to run")
        cli.sweep.run_jobs(root, folder, source, given, started)


_AGAIN = "To run one again: --job JOB; to run a part of all: --from STAGE."


def _counted(names: Sequence[str], source: Source) -> str:
    return (
        f"1 job, {names[0]}," if source.total == len(names) == 1 else f"{source.total} job{'s' * (source.total != 1)}"
    )


def _refuse_unused(root: Any, folder: str, left: Mapping[str, int]) -> None:
    """Refuse options for jobs where none is to run, other than secrets, which every line has to give again.

    Raises
    ------
    click.UsageError
        If the line has one.
    """
    unused = [mention.flag for mention in root.typed.mentions if _words(mention) and not _is_secret(mention)]
    if unused:
        text = f"{folder} has nothing to run ({journal.table.counted(left)}), so {unused[0]!r} would change nothing."
        raise click.UsageError(f"{text} {_AGAIN}", root)


def _is_secret(mention: Mention) -> bool:
    option = mention.option
    return isinstance(option, ParameterOption) and layers.redaction.is_secret(option.spec)


def _check(root: Any, folder: str) -> None:
    """Check that a job can go on with the values of the line, without any effect.

    Raises
    ------
    UserError
        If it cannot.
    """
    found = _record_of(folder)
    with _context(root, found) as context:
        _prepare(root, context, folder, found, of_many=True)


def _prepare(root: Any, context: Any, folder: str, found: Record, *, of_many: bool = False) -> list[PlannedTurn]:
    """Check a run that goes on, and forget what runs again; return its turns.

    Of many jobs, those that have not come to the first stage that runs again just go on, see `sweeps.sheet.resumed`.
    """
    context.raise_problem()
    turns = default_turns(context.registry, context.values)
    _check_turns(folder, found, turns)
    if root.params["from"] is not None:
        start = cli.slicing.turn_of("--from", root.params["from"], [turn.stage for turn in turns], context)
        if not of_many or start <= len(found.done_turns()):
            _cut(context, found, turns, start)
    _check_values(context, found)
    return turns


def _resume_run(root: Any, folder: str) -> Any:
    """Go on with a single run."""
    found = _record_of(folder)
    state, who = journal.claims.state_of(found.folder)
    if state == journal.claims.ALIVE:
        raise UserError(f"{folder}: {who}; wait until it has ended.")
    if found.status == "done" and root.params["from"] is None:
        click.echo(output.printable(f"{folder}: the run is done. To run a part of it again: --from STAGE."))
        return []
    sweep = os.path.dirname(found.folder)
    if journal.listing.is_sweep(sweep):
        found.take(sweeps.sheet.facts_of(sweeps.sheet.latest(sweep)))
        found.goes_on = True
    with _context(root, found) as context:
        turns = _prepare(root, context, folder, found)
        _say(context, folder, found, turns)
        return context.command.invoke(context)


def _record_of(folder: str) -> Record:
    """Return the record of a run: in its folder, or beside it if it has failed before there was one.

    Raises
    ------
    UserError
        If there is none, or no saved run.
    """
    path = os.path.abspath(folder)
    beside = [one for one in journal.place.beside(path) if journal.records.is_record(one)]
    where = path if os.path.isdir(path) or not beside else beside[-1]
    found = journal.records.find(where, waits=True)
    if found is None:
        missing = "record of a run" if os.path.lexists(folder) else "such folder"
        raise UserError(f"{folder}: there is no {missing}.")
    if journal.records.is_locked(where):
        raise UserError(f"{folder}: Permission denied.")
    if not os.path.isfile(os.path.join(where, journal.records.RUN_FILE)):
        raise UserError(f"{folder}: the record has no {journal.records.RUN_FILE}, so the run cannot be resumed.")
    return found


def _context(root: Any, found: Record) -> Any:
    """Make the context of the run that goes on: that of a line with the root's options, and the saved run."""
    words = [word for mention in root.typed.mentions for word in _words(mention)]
    words += ["--config", os.path.join(found.folder, journal.records.RUN_FILE)]
    settings: dict[str, Any] = {"job": found, "standalone": root.is_program}
    return root.command.make_context(root.info_name, words, root.parent, **settings)


def _words(mention: Mention) -> list[str]:
    """Return the words of an option of the root, for a line of another run."""
    if mention.option.name in _NOT_PASSED:
        return []
    if mention.words is not None:
        return mention.words
    return [f"{mention.flag}={mention.value}" if isinstance(mention.value, str) else mention.flag]


def _check_turns(folder: str, found: Record, turns: Iterable[PlannedTurn]) -> None:
    """Refuse a record whose turns are not those of the saved run: one of them was edited."""
    stages, done = [turn.stage for turn in turns], [turn.get("stage") for turn in found.done_turns()]
    if stages[: len(done)] != done:
        raise UserError(
            f"{folder}: {journal.records.RUN_FILE} has the stages {' '.join(stages)}, but the record says that "
            f"{' '.join(map(str, done))} are done, so the run cannot be resumed."
        )


def _cut(ctx: Any, found: Record, turns: Sequence[PlannedTurn], start: int) -> None:
    """Forget the turns from one on, and their results."""
    done = found.done_turns()
    if start > len(done):
        first, missing = turns[start].stage, turns[len(done)].stage
        raise click.UsageError(f"--from {first}: {missing} comes before it, and is not done.", ctx)
    kept, forgotten = done[:start], {str(turn.get("stage")) for turn in found.turns[start:]}
    found.runs_again = found.status == "done"
    found.turns = kept
    results = {name: value for name, value in found.results.items() if not _is_of(name, forgotten)}
    for turn in kept:
        if turn["stage"] in forgotten:  # an earlier turn of the same stage
            results.update(journal.results.results_of(turn["stage"], turn.get("returned")))
    found.results = results


def _is_of(result: str, stages: Iterable[str]) -> bool:
    return any(result == stage or result.startswith(f"{stage}.") for stage in stages)


def _check_values(ctx: Any, found: Record) -> None:
    """Refuse values on the line that differ from those of turns that are done.

    Raises
    ------
    click.UsageError
        If there is one. A function that is no stage may have been called by any turn.
    """
    done = [str(turn.get("stage")) for turn in found.done_turns()]
    for key, resolved in ctx.values.line.items():
        if key == Key(RUN, "stages"):
            raise click.UsageError(f"{resolved.origin}: a run goes on with its own stages. Start a new one.", ctx)
        bound = ctx.registry.bounds.get(key.function)
        users = [stage for stage in done if bound is None or bound.role != "stage" or stage == key.function]
        before = _different(ctx, found, key, resolved) if users else None
        if before is not None:
            users = list(dict.fromkeys(users))
            verb = "has" if len(users) == 1 else "have"
            raise click.UsageError(
                f"{resolved.origin}: {' and '.join(users)} {verb} run with {key.text} {before}. To run that again: "
                f"--from {users[0]}.",
                ctx,
            )


def _different(ctx: Any, found: Record, key: Key, resolved: ResolvedValue) -> str | None:
    """Return the recorded value of a key, if another one is given; None for the same, and for secrets."""
    setting = ctx.registry.find(key.text)
    assert setting is not None  # it is on the line
    if layers.redaction.is_secret(setting[2], resolved):
        return None
    written = journal.saved.split(record.entries.entry_of(key, setting[2], resolved).text)
    for name, one in written.items():
        before = found.saved.get(name)
        if before is None or before.text != one.text:
            return "unset" if before is None else journal.table.printable(before.text.strip())
    return None


def _say(ctx: Any, folder: str, found: Record, turns: Iterable[PlannedTurn]) -> None:
    """Print what is left, and whether the code has changed since."""
    if not cli.root_options.is_only_shown(ctx):
        for line in _news(ctx, folder, found, list(turns)):
            output.note(journal.table.printable(line))


def _news(ctx: Any, folder: str, found: Record, turns: list[PlannedTurn]) -> Iterator[str]:
    done = len(found.done_turns())
    if done < len(turns):
        yield f"{folder}: {done} of {len(turns)} turns are done; the run goes on with {turns[done].stage}."
    else:
        yield f"{folder}: all {done} turns are done; the run only enters its contexts, and ends."
    code = journal.code.code_of(cli.recording.folder_of(ctx.registry, turns))
    net = layers.redaction.Net(ctx.registry, words=ctx.words, values=ctx.values, own=cli.root_options.NAMES)
    if found.commit != code.commit:
        before, now = (str(commit)[:_SHOWN] for commit in (found.commit, code.commit))
        yield f"The code has changed since this run was recorded: it was commit {before}, and is {now}."
    elif _diff_of(found.folder) != net.scrub(code.diff):
        yield "The code has changed since this run was recorded, by changes that are not committed."


def _diff_of(folder: str) -> str:
    try:
        with open(os.path.join(folder, journal.code.DIFF), encoding="utf-8") as file:
            return file.read()
    except (OSError, ValueError):
        return ""
