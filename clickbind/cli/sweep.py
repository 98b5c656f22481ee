"""Run a line once for each combination of its values, as jobs, with the command `sweep`."""

from __future__ import annotations

import os
import shlex
import time
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

import click

from .. import cli, journal, layers, output, sweeps
from .option import ParameterOption

if TYPE_CHECKING:
    from ..sweeps.axes import Grid
    from .parts import Part

__all__ = ["begin", "call_of", "options", "perform", "place", "processes", "refuse_swept", "run_jobs"]


def options(command: Any) -> list[click.Parameter]:
    """Make the options of the command."""
    return [
        *processes(command),
        click.Option(["--zip"], multiple=True, metavar="KEY,KEY", help="Let these keys go together. Repeatable."),
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
    grids = _grids(root, given["zip"])
    if given["print_jobs"]:
        lines = (f"{line}\n" for grid in grids for line in _lines(root, grid))
        output.write("".join(lines), "the jobs cannot be printed")
        root.exit()
    marked = list(journal.place.marked(root.registry))
    turns = [turn.planned for turn in root.turns]
    maker = sweeps.jobs.Maker(root.registry, root.values, turns, marked)
    folder = root.params["into"] or _folder(root, grids)
    sweeps.programs.address_of(root.registry, root.command_path)  # only a program that others find has jobs
    journal.place.Place(folder).check()
    jobs = sweeps.jobs.Jobs(folder)
    chosen = jobs.add(maker, grids)
    engine = given["engine"].checked(root)
    secrets = [word for _, words in cli.engines.secrets(root) for word in words]
    net = engine.net(root)
    code = journal.code.code_of(cli.recording.folder_of(root.registry, turns))
    with sweeps.driver.claimed(folder):
        names = [job.name for job in chosen if _is_waiting(folder, job)]
        with engine.started(root, folder, given["jobs"] if names else 0, secrets) as executor:
            sweeps.sheet.write(folder, call_of(root, grids, code, net.line(), engine.name))
            journal.code.write(folder, net.scrub(code.diff))
            jobs.write()
            _say(root, folder, grids, [len(chosen), len(chosen) - len(names)])
            if not marked and len(chosen) > 1:
                output.warn(_SAME_PLACES)
            run_jobs(root, folder, names, given, executor)


def run_jobs(root: Any, folder: str, names: Sequence[str], given: dict[str, Any], started: cli.engines.Started) -> None:
    """Run jobs, and exit."""
    at_a_time, stops = given["jobs"], given["stop"]
    driver = sweeps.driver.Driver(folder, started.executor, started.program, at_a_time=at_a_time, stops=stops)
    result = driver.run(names)
    if driver.lost:
        line = f"{root.command_path} resume {folder} --engine {cli.engines.DEFAULT}"
        click.echo(output.printable(f"Go on with another engine: {line}"))
    elif result and driver.failed:
        click.echo(
            output.printable(" ".join([f"Try again: {root.command_path} resume {folder}", *given["engine"].words]))
        )
    root.exit(result)


_SAME_PLACES = (
    "no parameter is marked as the folder of a run (`clickbind.Option(run_folder=True)`), so all jobs write to the "
    "same places."
)


def _grids(root: Any, zips: Sequence[str]) -> list[Grid]:
    """Return the grids of the line and of the files: each grid of a file is crossed with the axes of the line."""
    typed = cli.axes.axes_of(root, root.taken)
    plan = layers.plan.Plan(root.values, [turn.planned for turn in root.turns])
    fixed = {key for layer in plan.values.above_defaults for key in layer}
    found = cli.axes.of_files(root.registry, root.documents, fixed)
    return [sweeps.axes.Grid([*typed, *axes], zips) for axes in found or [[]]]


def refuse_swept(root: Any) -> None:
    """Refuse to run a file that sweeps something as if it did not.

    Raises
    ------
    click.UsageError
        If the line does not set everything that the file sweeps.
    """
    left = [axis.name for grid in _grids(root, ()) for axis in grid.axes]
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


def _say(root: Any, folder: str, grids: Sequence[Grid], counts: Sequence[int]) -> None:
    """Print what is about to run: ``runs/lr: 12 jobs (train.lr x 4, train.batch x 3) of train evaluate``."""
    count, before = counts
    several = ([axis for axis in grid.axes if len(axis.choices) > 1] for grid in grids)
    axes = " + ".join(", ".join(f"{axis.name} {TIMES} {len(axis.choices)}" for axis in some) for some in several)
    stages = " ".join(turn.bound.name for turn in root.turns)
    text = f"{folder}: {count} job{'s' * (count != 1)}{f' ({axes})' if axes else ''} of {stages}"
    assert root.sweeping is not None  # this is one
    engine = root.sweeping["engine"].name
    elsewhere = f" on {engine}" if engine != cli.engines.DEFAULT else ""
    text += f", {root.sweeping['jobs']} at a time{elsewhere}" if root.sweeping["jobs"] > 1 or elsewhere else ""
    text += f"; {before} of them ran before" if before else ""
    click.echo(output.printable(text))


TIMES = "\N{MULTIPLICATION SIGN}"


def _folder(root: Any, grids: Sequence[Grid]) -> str:
    parent = str(root.registry.settings.record or "runs")
    endings = sweeps.names.endings(list(dict.fromkeys(name for grid in grids for name in grid.names)))
    return journal.place.new_folder(parent, "-".join(endings) or "sweep")


def _is_waiting(folder: str, job: sweeps.jobs.Job) -> bool:
    """Return whether a job has not been run: what is done, failed or running is not run again by a sweep."""
    return job.is_new or journal.records.read(os.path.join(folder, job.name)).status == "waiting"


def _lines(root: Any, grid: Grid) -> Iterator[str]:
    """Walk the points as lines that can be typed, with secrets starred."""
    is_run = not root.turns or root.turns[0].default or len(root.turns) > 1
    segments: list[list[str] | int] = list(_segments(root.typed, root))
    segments += range(len(root.taken), len(grid.axes))  # those of files, as dotted options
    for turn in root.turns:
        if not turn.default:
            segments += [[str(turn.info_name)], *_segments(turn.typed, root)]
    if is_run:
        segments.insert(len(root.typed.mentions) + len(grid.axes) - len(root.taken), ["run"])
    start = shlex.quote(root.command_path)
    texts = [_shown(root, segment) if isinstance(segment, list) else segment for segment in segments]
    shown = {id(choice): _shown(root, choice.words) for axis in grid.axes for choice in axis.choices}
    for point in grid:
        words = [text if isinstance(text, str) else shown[id(point[text])] for text in texts]
        yield " ".join([start, *filter(None, words)])


def _segments(part: Part, root: Any) -> Iterator[list[str] | int]:
    """Walk the words of a part, and for an option with several values the number of its axis."""
    axes = {id(taken.mentions[0]): number for number, taken in enumerate(root.taken)}
    for mention in part.mentions:
        is_folder = mention.option.name == "into" and not isinstance(mention.option, ParameterOption)
        yield axes.get(id(mention), [] if is_folder else cli.engines.words_of(mention))


def _shown(root: Any, words: Sequence[str]) -> str:
    return layers.redaction.Net(root.registry, words=words, own=cli.root_options.NAMES).line()
