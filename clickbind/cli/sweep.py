"""Run a line once for each combination of its values, as jobs, with the command `sweep`."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .. import cli, journal, layers, output, sweeps
from .option import ParameterOption

if TYPE_CHECKING:
    from ..sweeps.axes import Axis, Grid, Point
    from ..sweeps.sources import Source
    from .parts import Part

__all__ = ["begin", "call_of", "options", "perform", "place", "processes", "refuse_swept", "run_jobs"]


def options(command: Any) -> list[click.Parameter]:
    """Make the options of the command."""
    return [
        *processes(command),
        click.Option(["--zip"], multiple=True, metavar="KEY,KEY", help="Let these keys go together. Repeatable."),
        *cli.search.options(),
        click.Option(["--print-jobs"], is_flag=True, help="Print each job as a line, and run nothing."),
    ]


def processes(command: Any) -> list[click.Parameter]:
    """Make the options of all commands that run jobs."""
    return [
        click.Option(["-j", "--jobs"], type=click.IntRange(1), default=1, help="How many jobs run at a time."),
        click.Option(["-x", "--stop"], is_flag=True, help="Start no job after the first failure."),
        *cli.engines.params(command),
    ]


def begin(root: Any, given: dict[str, Any]) -> None:
    """Let the run of a context be a sweep.

    Raises
    ------
    click.UsageError
        If the line asks for an output of one run.
    """
    for name in ("save", "print_config", "print_changed", "diff"):
        if root.params[name] not in {None, False}:
            raise click.UsageError(
                f"'--{name.replace('_', '-')}' is for one run, and cannot be used with a sweep.", root
            )
    root.sweeping = given


def place(root: Any) -> None:
    """Let each job have a folder of its own, where a parameter is marked as that.

    Raises
    ------
    click.UsageError
        If the line gives one folder for all.
    """
    cli.search.check(root)
    cli.search.stand_in(root)
    marked = list(journal.place.marked(root.registry))
    for key in marked:
        given = cli.recording.given(root, key)
        if given is not None:
            raise click.UsageError(
                f"{given.origin}: each job of a sweep has a folder of its own; give that of the sweep by '--into'.",
                root,
            )
    if marked:
        folder = root.params["into"] or "."
        line = {key: cli.recording.resolved(root.registry, key, folder) for key in marked}
        root.values = root.values.replace(line={**root.values.line, **line})


def perform(root: Any) -> None:
    """Check all jobs, then run those that are missing, and exit.

    Raises
    ------
    click.UsageError
        If the values of a job are wrong, or the folder cannot be used. Nothing was made.
    """
    given = root.sweeping
    assert given is not None  # begin has set it
    axes = _axes(root, searches=given["trials"] is not None)
    search = cli.search.asked(root, axes)
    grids = [sweeps.axes.Grid(one, given["zip"]) for one in axes] if search is None else []
    if given["print_jobs"]:
        _print(root, grids, search)
    marked = list(journal.place.marked(root.registry))
    turns = [turn.planned for turn in root.turns]
    maker = sweeps.jobs.Maker(root.registry, root.values, turns, marked)
    folder = root.params["into"] or _folder(root, axes)
    sweeps.programs.address_of(root.registry, root.command_path)  # only a program that others find has jobs
    journal.place.Place(folder).check()
    grids = grids if search is None else search.grids()
    jobs = sweeps.jobs.Jobs(folder, 0 if search is None else search.count)
    chosen = jobs.add(maker, grids)
    searching = None if search is None else search.source(jobs, maker)
    engine = given["engine"].checked(root)
    secrets = [word for _, words in cli.engines.secrets(root) for word in words]
    net = engine.net(root)
    code = journal.code.code_of(cli.recording.folder_of(root.registry, turns))
    with sweeps.driver.claimed(folder):
        names = [job.name for job in chosen if _is_waiting(folder, job)]
        before = sweeps.resuming.statuses(folder, {job.name for job in chosen}.difference(names))
        source: Source = sweeps.sources.Listed(names)
        count, ran = len(chosen), journal.table.counted(before)
        at_a_time = given["jobs"] if names or searching is not None else 0
        with engine.started(root, folder, at_a_time, secrets) as started:
            if searching is not None:
                searching.begin()
                source, count, ran = searching, searching.count, _ran(searching.before)
            _say(root, folder, _text(grids) if search is None else search.text, count, ran)
            if source.total:
                call = call_of(root, grids if search is None else [], code, net.line(), engine.name)
                facts = {} if search is None else search.facts
                _write(jobs, net.scrub(code.diff), {**call, **facts})
                if not marked and count > 1:
                    output.warn(_SAME_PLACES)
            run_jobs(root, folder, source, given, started, before=before)


def _write(jobs: sweeps.jobs.Jobs, diff: str, call: dict[str, Any]) -> None:
    """Write all that a sweep has before its first job runs."""
    journal.code.write(jobs.folder, diff)
    jobs.write()
    sweeps.sheet.write(jobs.folder, call)  # it makes the folder a sweep: `resume` finds all jobs of the line, or none


def _ran(count: int) -> str:
    return f"{count} of them ran" if count else ""


def _print(root: Any, grids: Sequence[Grid], search: cli.search.Asked | None) -> None:
    """Print the jobs as lines, and exit."""
    listed: list[tuple[Sequence[Axis], Iterable[Point]]] = [(grid.axes, iter(grid)) for grid in grids]
    if search is not None:
        listed.append((search.axes, search.points()))
    lines = (f"{line}\n" for axes, points in listed for line in _lines(root, axes, points))
    output.write("".join(lines), "the jobs cannot be printed")
    root.exit()


def run_jobs(
    root: Any,
    folder: str,
    source: Source,
    given: dict[str, Any],
    started: cli.engines.Started,
    *,
    before: Mapping[str, int] | None = None,
) -> None:
    """Run jobs, and exit.

    Parameters
    ----------
    root : RootContext
        The context of the line.
    folder : str
        The folder of the sweep.
    source : Source
        The jobs.
    given : dict of str to object
        The options of `processes`.
    started : Started
        The engine.
    before : mapping of str to int, optional
        How many of the jobs that the line is about have which status and do not run now.
    """
    result, lost = 0, ""
    if source.total:
        at_a_time, stops = given["jobs"], given["stop"]
        driver = sweeps.driver.Driver(folder, started.executor, started.program, at_a_time=at_a_time, stops=stops)
        result, lost = driver.run(source), driver.lost
    else:
        output.say("nothing to run")
    best = sweeps.history.best_of(folder)
    if best is not None:
        output.say(journal.table.printable(best))
    unwell = sum((before or {}).get(status, 0) for status in ("failed", "killed"))
    line = f"{root.command_path} resume {folder}"
    if lost:
        output.say(f"Go on with another engine: {line} --engine {cli.engines.DEFAULT}")
    elif result or unwell:
        verb = "Try again" if result in {0, 1} else "Go on"
        output.say(f"{verb}: {' '.join([line, *given['engine'].words])}")
    root.exit(result or int(unwell > 0))


_SAME_PLACES = (
    "no parameter is marked as the folder of a run (`clickbind.Option(run_folder=True)`), so all jobs write to the "
    "same places."
)


def _axes(root: Any, *, searches: bool) -> list[list[Axis]]:
    """Return the axes of each grid: each grid of a file is crossed with the axes of the line."""
    typed, over = cli.axes.axes_of(root, root.taken), cli.search.over(root)
    plan = layers.plan.Plan(root.values, [turn.planned for turn in root.turns])
    fixed = {key: found.value for layer in reversed(plan.values.above_defaults) for key, found in layer.items()}
    fixed |= dict.fromkeys(key for axis in over for key in axis.keys)
    found = cli.axes.of_files(root.registry, root.documents, fixed, searches=searches)
    return [[*typed, *axes, *over] for axes in found or [[]]]


def refuse_swept(root: Any) -> None:
    """Refuse to run a file that sweeps something as if it did not.

    Raises
    ------
    click.UsageError
        If the line does not set everything that the file sweeps.
    """
    left = [axis.name for axes in _axes(root, searches=True) for axis in axes]
    if left:
        names = ", ".join(dict.fromkeys(left))
        raise click.UsageError(f"the config sweeps {names} ($sweep): use `sweep` to run it, or give one value.", root)


def call_of(root: Any, grids: Sequence[Grid], code: journal.code.Code, line: str, engine: str) -> dict[str, Any]:
    """Return what `sweep.yml` has of this call."""
    return {
        "program": root.command_path,
        "line": f"{root.command_path} {line}",
        "started": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "engine": engine,
        "commit": code.commit,
        "dirty": bool(code.diff) if code.commit else None,
        "grids": [{axis.name: [choice.label for choice in axis.choices] for axis in grid.axes} for grid in grids],
    }


def _text(grids: Sequence[Grid]) -> str:
    """Return what some grids have of several values, for people: ``train.lr x 4, train.batch x 3``."""
    return " + ".join(", ".join(sweeps.space.Space(grid.axes).described()) for grid in grids)


def _say(root: Any, folder: str, axes: str, count: int, before: str) -> None:
    """Print what is about to run: ``runs/lr: 12 jobs (train.lr x 4, train.batch x 3) of train evaluate``."""
    stages = " ".join(turn.bound.name for turn in root.turns)
    text = f"{folder}: {count} job{'s' * (count != 1)}{f' ({axes})' if axes else ''} of {stages}"
    assert root.sweeping is not None  # this is one
    engine = root.sweeping["engine"].name
    elsewhere = f" on {engine}" if engine != cli.engines.DEFAULT else ""
    text += f", {root.sweeping['jobs']} at a time{elsewhere}" if root.sweeping["jobs"] > 1 or elsewhere else ""
    text += f"; {before} before" if before else ""
    output.say(text)


def _folder(root: Any, axes: Sequence[Sequence[Axis]]) -> str:
    parent = str(root.registry.settings.record or "runs")
    endings = sweeps.names.endings(list(dict.fromkeys(axis.name for some in axes for axis in some)))
    return journal.place.new_folder(parent, "-".join(endings) or "sweep")


def _is_waiting(folder: str, job: sweeps.jobs.Job) -> bool:
    """Return whether a job has not been run: what is done, failed or running is not run again by a sweep."""
    return job.is_new or journal.records.read(os.path.join(folder, job.name)).status == "waiting"


def _lines(root: Any, axes: Sequence[Axis], points: Iterable[Point]) -> Iterator[str]:
    """Walk the points as lines that can be typed, with secrets starred."""
    is_run = not root.turns or root.turns[0].default or len(root.turns) > 1
    segments: list[list[str] | int] = list(_segments(root.typed, root))
    segments += range(len(root.taken), len(axes))  # those of files, as dotted options
    for turn in root.turns:
        if not turn.default:
            segments += [[str(turn.info_name)], *_segments(turn.typed, root)]
    if is_run:
        segments.insert(len(root.typed.mentions) + len(axes) - len(root.taken), ["run"])
    start = shlex.quote(root.command_path)
    texts = [_shown(root, segment) if isinstance(segment, list) else segment for segment in segments]
    for point in points:
        # no choice is a secret: those were refused
        words = [text if isinstance(text, str) else shlex.join(point[text].words) for text in texts]
        yield " ".join([start, *filter(None, words)])


def _segments(part: Part, root: Any) -> Iterator[list[str] | int]:
    """Walk the words of a part, and for an option with several values the number of its axis."""
    axes = {id(taken.mentions[0]): number for number, taken in enumerate(root.taken)}
    for mention in part.mentions:
        is_folder = mention.option.name == "into" and not isinstance(mention.option, ParameterOption)
        yield axes.get(id(mention), [] if is_folder else cli.engines.words_of(mention))


def _shown(root: Any, words: Sequence[str]) -> str:
    return layers.redaction.Net(root.registry, words=words, own=cli.root_options.NAMES).line()
