"""The root's help: a section per bound function, then the stages, then the other commands."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import click

from . import docstrings
from .options import dotted_option
from .registry import Bound, Registry

__all__ = ["write_commands", "write_functions"]


def write_functions(registry: Registry, ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write a section for each function that has options: its summary, its options, its scopes.

    Parameters
    ----------
    registry : Registry
        The functions.
    ctx : click.Context
        The root's context, which knows what files give.
    formatter : click.HelpFormatter
        Where to.
    """
    for bound in registry:
        rows = [] if bound.hidden else _rows(bound, ctx)
        if not rows:
            continue
        with formatter.section(bound.name):
            summary = " ".join(filter(None, (docstrings.first_paragraph(bound.function), _scopes(bound))))
            if summary:
                formatter.write_text(summary)
                formatter.write_paragraph()
            formatter.write_dl(rows)


def _rows(bound: Bound, ctx: click.Context) -> list[tuple[str, str]]:
    options = (dotted_option(bound.key(name), bound, spec) for name, spec in bound.options.items())
    records = (option.get_help_record(ctx) for option in options)
    return [record for record in records if record is not None]


def _scopes(bound: Bound) -> str:
    """Say under which scopes the values of a function may differ, and how that is typed."""
    if not bound.scopes:
        return ""
    example = bound.key(next(iter(bound.options), "x"), bound.scopes[0]).text
    return f"Scopes: {', '.join(bound.scopes)}, as in --{example}."


def write_commands(
    group: click.Group, ctx: click.Context, lists: Mapping[str, Iterable[str]], formatter: click.HelpFormatter
) -> None:
    """Write lists of a group's commands with their summaries, as Click does.

    Parameters
    ----------
    group : click.Group
        The group.
    ctx : click.Context
        Its context.
    lists : mapping of str to iterable of str
        Names of commands, by title.
    formatter : click.HelpFormatter
        Where to.
    """
    for title, names in lists.items():
        found = {name: group.get_command(ctx, name) for name in names}
        shown = {name: command for name, command in found.items() if command is not None and not command.hidden}
        if shown:
            limit = formatter.width - 6 - max(map(len, shown))
            with formatter.section(title):
                formatter.write_dl([(name, command.get_short_help_str(limit)) for name, command in shown.items()])
