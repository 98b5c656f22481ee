"""The root's help: a section per bound function, then the stages, then the other commands."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from gettext import gettext

import click

from .. import declare
from ..declare.registry import Bound, Registry
from ..keys import Key
from .option import dotted_flags, dotted_option, values_of
from .shown import extra_of

__all__ = ["write_commands", "write_functions"]


def write_functions(
    registry: Registry, ctx: click.Context, formatter: click.HelpFormatter, shown: Collection[Key] = ()
) -> None:
    """Write a section for each function that has options: its summary, its options, its scopes.

    Parameters
    ----------
    registry : Registry
        The functions.
    ctx : click.Context
        The root's context, which knows what files give.
    formatter : click.HelpFormatter
        Where to.
    shown : collection of Key
        What the help shows elsewhere.
    """
    writer = _Rows(ctx)
    for bound in registry:
        names = [] if bound.hidden else [name for name in bound.options if bound.key(name) not in shown]
        rows = [row for row in (writer.row(bound, name) for name in names) if row is not None]
        if not rows:
            continue
        with formatter.section(bound.name):
            summary = " ".join(filter(None, (declare.docstrings.first_paragraph(bound.function), _scopes(bound))))
            if summary:
                formatter.write_text(summary)
                formatter.write_paragraph()
            formatter.write_dl(rows)


class _Rows:
    """Writes rows of the root's help, as the options would that are not made for it: a large program has thousands.

    Parameters
    ----------
    ctx : click.Context
        The root's context, which knows what files give.
    """

    def __init__(self, ctx: click.Context) -> None:
        self._ctx = ctx
        self._values = values_of(ctx)
        self._default = gettext("default: {default}")  # each look for a translation asks the file system

    def row(self, bound: Bound, name: str) -> tuple[str, str] | None:
        """Give the flags and the text of a parameter; None for one that is hidden."""
        spec, key = bound.options[name], bound.key(name)
        if self._ctx.show_default or spec.deprecated or bound.deprecated:
            return dotted_option(key, bound, spec).get_help_record(self._ctx)
        if spec.hidden:
            return None
        assert spec.converter is not None  # an option has one
        flag, negation = dotted_flags(key, spec)
        extra = extra_of(key, bound, spec, self._values, ([flag], [negation] if negation else []))
        if "default" in extra:
            extra["default"] = self._default.format(default=extra["default"])
        if "required" in extra:
            extra["required"] = gettext(extra["required"])
        notes = "; ".join(extra[name] for name in ("default", "range", "required") if name in extra)
        text = "  ".join(filter(None, (bound.spec.text_of(spec), f"[{notes}]" if notes else "")))
        if spec.converter.flag:
            return f"{flag} / {negation}", text
        metavar = spec.converter.metavar if spec.metavar is None else spec.metavar
        return f"{flag} {metavar}", text


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
