"""List recorded runs, and compare two of them, with the command `runs`."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from .. import cli, journal, output, sweeps
from ..declare.registry import Registry
from ..fast import Paused

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..journal.listing import Records
    from ..journal.records import Record
    from .own_command import DeferredCommand

__all__ = ["call", "default_folder", "params"]


def params(command: DeferredCommand) -> list[click.Parameter]:
    """Make the parameters of the command."""
    names = functools.partial(_names, command)
    return [
        click.Argument(["folder"], required=False, shell_complete=_folders),
        click.Option(["--all", "every"], is_flag=True, help="Show all keys, also those that do not differ."),
        click.Option(["--sort"], metavar="NAME", help="Sort by a key, a result, or a column.", shell_complete=names),
        click.Option(["--csv", "as_csv"], is_flag=True, help="Write CSV."),
        click.Option(["--json", "as_json"], is_flag=True, help="Write JSON, with everything that is recorded."),
        click.Option(["--html"], metavar="FILE", help="Write a page with a table, plots, values and logs."),
        click.Option(["--diff"], nargs=2, metavar="RUN RUN", help="Show how two runs differ.", shell_complete=_folders),
    ]


def call(
    command: DeferredCommand,
    folder: str | None,
    *,
    every: bool,
    sort: str | None,
    as_csv: bool,
    as_json: bool,
    html: str | None,
    diff: tuple[str, str] | None,
) -> None:
    """Write the table of the runs in a folder, or what is asked for in its place.

    Raises
    ------
    click.UsageError
        If there is no such folder or run, or the options exclude each other.
    """
    ctx = click.get_current_context()
    outputs = (("--csv", as_csv), ("--json", as_json), ("--html", html is not None), ("--diff", diff))
    asked = [flag for flag, given in outputs if given]
    if len(asked) > 1:
        raise click.UsageError(f"'{asked[0]}' and '{asked[1]}' cannot be used together.", ctx)
    path = default_folder(command.registry) if folder is None else os.path.expanduser(folder)
    if html is not None:
        cli.runs_page.write(command, path, html, every=every, sort=sort)
        ctx.exit()
    if diff:
        _write(journal.comparison.compare(*(_run(ctx, path, name) for name in diff)))
        ctx.exit()
    if not os.path.isdir(path):
        if folder is not None:
            raise click.UsageError(f"{folder}: there is no such folder.", ctx)
        click.echo(output.printable(f"No runs: there is no folder {path}."))
        ctx.exit()
    with Paused():
        found = journal.listing.runs(path)
        if as_csv:
            text = journal.table.csv_of(found, every=every, sort=sort)
            text = "\n".join(map(journal.table.printable, text.split("\n"))) if _is_terminal() else text
        elif as_json:
            text = journal.table.json_of(found, sort=sort)
        else:
            text = _tables(path, found, every=every, sort=sort)
    _write(text)
    ctx.exit()


def _run(ctx: click.Context, parent: str, name: str) -> Record:
    """Return a run by its folder, or by its name or number in another folder.

    Raises
    ------
    click.UsageError
        If there is none.
    """
    for path in (os.path.expanduser(name), os.path.join(parent, name)):
        found = journal.records.find(path, waits=True)
        if found is not None:
            return found
    jobs = journal.listing.runs(parent) if name.isdecimal() and os.path.isdir(parent) else []
    for job in jobs:
        if journal.listing.job_of(job.name) == int(name):
            return job
    raise click.UsageError(f"--diff: {name!r} is no folder of a run, and no run in {parent}.", ctx)


def _names(command: DeferredCommand, ctx: click.Context, _: click.Parameter, incomplete: str) -> list[str]:
    """Complete the keys and the results of the runs."""
    path = ctx.params.get("folder") or default_folder(command.registry)
    found = journal.listing.runs(path) if os.path.isdir(path) else []
    results = dict.fromkeys(name for record in found for name in record.results)
    names = [*results, *journal.table.varying(found, every=True), "status", "time", "started"]
    return [name for name in names if name.startswith(incomplete)]


def default_folder(registry: Registry) -> str:
    """Return the folder in which the runs of a program are, if the line gives none."""
    return os.path.expanduser(registry.settings.record or "runs")


def _folders(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [cli.shell_completion.CompletionItem(incomplete, type="dir")]


def _tables(path: str, found: Records, *, every: bool, sort: str | None) -> str:
    """Return the table of the sweeps in a folder, and that of the runs."""
    names: Sequence[str] = [] if journal.records.is_record(path) else journal.listing.sweeps_in(path)
    readable = {name: _runs_of(os.path.join(path, name)) for name in names}
    inner = {name: runs for name, runs in readable.items() if runs is not None}
    texts = [journal.table.sweeps_of(inner)] if inner else []
    if found or not inner:
        width, numbered = cli.shutil.get_terminal_size().columns, journal.listing.is_sweep(path)
        texts.append(journal.table.table_of(found, width=width, numbered=numbered, every=every, sort=sort))
        best = sweeps.history.best_of(path, found) if numbered else None
        texts[-1] += f"{journal.table.printable(best)}\n" if best else ""
    return "\n".join(texts)


def _runs_of(path: str) -> Records | None:
    """Return the runs of a sweep; None if it cannot be read, as that of a colleague. The others can."""
    try:
        return journal.listing.runs(path)
    except OSError as error:
        output.warn(f"{path} is left out: {error.strerror}.")
    return None


def _is_terminal() -> bool:
    return sys.stdout is not None and sys.stdout.isatty()


def _write(text: str) -> None:
    output.write(text, "the runs cannot be listed")
