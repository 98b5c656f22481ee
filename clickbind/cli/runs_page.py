"""Write the page of recorded runs, for the command `runs`."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from .. import cli, journal, layers, output, record, report
from ..fast import Paused

if TYPE_CHECKING:
    from .own_command import OwnCommand

__all__ = ["write"]

_START = b"<!doctype html>"


def write(command: OwnCommand, path: str, file: str, *, every: bool, sort: str | None) -> None:
    """Write the page of the runs in a folder.

    Parameters
    ----------
    command : OwnCommand
        The command of the line.
    path : str
        The folder of the runs.
    file : str
        The file to write; ``-`` is standard output.
    every : bool
        Whether the table shows all keys at first.
    sort : str, optional
        What the table is sorted by at first.

    Raises
    ------
    click.UsageError
        If there is nothing to show, or the page cannot be made. Nothing was written.
    """
    ctx = click.get_current_context()
    report.page.check()
    _check_file(ctx, file)
    if not os.path.isdir(path):
        raise click.UsageError(f"{path}: there is no such folder.", ctx)
    with Paused():
        found = journal.listing.runs(path)
        sweeps = [] if journal.records.is_record(path) else journal.listing.sweeps_in(path)
        if not found:
            raise click.UsageError(f"{path}: there are no runs.{_instead(path, sweeps)}", ctx)
        sort = journal.table.column_of(found, sort)
        records = journal.table.sorted_by(found, sort)
        root = command.root_of(ctx)
        net = layers.redaction.Net(command.registry, words=root.words, values=root.values, own=cli.root_options.NAMES)
        text, content = report.page.html_of(records, path, hide=net.scrub, every=every, sort=sort)
    record.atomic.save(text, os.path.expanduser(file) if file != "-" else file, "page")
    for sentence in content["leftOut"]:
        output.warn(sentence)
    if sweeps:
        output.warn(f"the page does not have the sweeps in {path}.{_instead(path, sweeps)}")
    if file != "-":
        size = f"{len(text.encode()) / 1e6:.1f} MB"
        output.say(f"{file}: {len(content['jobs'])} runs, {size}. Open it in a browser.")


def _check_file(ctx: click.Context, file: str) -> None:
    """Refuse what cannot be the file of a page, before the runs are read."""
    if not file:
        raise click.UsageError("--html: expected the name of a file, got ''.", ctx)
    path = os.path.expanduser(file)
    if os.path.isdir(path):
        advice = f"Give the file to write: --html {file.rstrip('/')}.html"
        raise click.UsageError(f"--html: {file} is a folder. {advice}", ctx)
    if os.path.isfile(path) and not _is_page(path):
        raise click.UsageError(f"--html: {file} exists, and is not a page. Give another file, or remove it.", ctx)


def _is_page(path: str) -> bool:
    """Return whether a file is a page, or empty; one that cannot be read is left to whoever writes it."""
    try:
        with open(path, "rb") as file:
            return file.read(len(_START)) in {b"", _START}
    except OSError:
        return True


def _instead(path: str, sweeps: list[str]) -> str:
    """Return a sentence on the pages of sweeps; empty if there are none."""
    return f" Give a sweep: {', '.join(os.path.join(path, name) for name in sweeps[:5])}." if sweeps else ""
