"""Write help: its formatter, a section for each bound function, and the lists of commands."""

from __future__ import annotations

import functools
from collections.abc import Collection, Iterable, Mapping

import click

from .. import cli, declare, fast, output
from ..declare.function import ParameterSpec
from ..declare.registry import Bound, Registry
from ..keys import Key
from .help_extra import extra_of
from .option import dotted_flags, dotted_option, values_of

__all__ = ["formatter_of", "write_commands", "write_functions"]


def formatter_of(ctx: click.Context) -> click.HelpFormatter:
    """Make the formatter of a context: `Formatter`, unless the program sets another class."""
    kind = Formatter if ctx.formatter_class is click.HelpFormatter else ctx.formatter_class
    return kind(width=ctx.terminal_width, max_width=ctx.max_content_width)


class Formatter(click.HelpFormatter):
    """Click's formatter, which also escapes characters that the terminal cannot show."""

    def getvalue(self) -> str:
        """Return the text so far."""
        text = super().getvalue()
        return text if text.isascii() else output.printable(text)

    def write_text(self, text: str) -> None:
        """Write an indented paragraph."""
        written = fast.wrapping.paragraph(text, self.width, self.current_indent)
        if written is None:
            super().write_text(text)
        else:
            self.write(written)

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write terms and their explanations in two columns."""
        rows = list(rows)
        written = fast.wrapping.columns(rows, self.width, self.current_indent, col_max, col_spacing)
        if written is None:
            super().write_dl(rows, col_max, col_spacing)
        else:
            self.write(written)


def write_functions(
    registry: Registry, ctx: click.Context, formatter: click.HelpFormatter, shown: Collection[Key] = ()
) -> None:
    """Write a section for each function that has options: its summary, its options, its scopes.

    Parameters
    ----------
    registry : Registry
        The functions.
    ctx : click.Context
        The root's context, which has the values of files.
    formatter : click.HelpFormatter
        The formatter to write to.
    shown : collection of Key
        The keys that the help shows elsewhere.
    """
    writer = fast.rows.Writer(ctx)
    for bound in registry:
        specs = [] if bound.hidden else [spec for name, spec in bound.options.items() if bound.key(name) not in shown]
        rows = [_row(bound, spec, ctx, writer) for spec in specs if not (spec.hidden or bound.is_of_class(spec.name))]
        if not rows:
            continue
        with formatter.section(bound.name):
            summary = " ".join(filter(None, (declare.docstrings.first_paragraph(bound.function), _scopes(bound))))
            if summary:
                formatter.write_text(summary)
                formatter.write_paragraph()
            formatter.write_dl(rows)
            if bound.spec.groups:
                row = functools.partial(_row, bound, ctx=ctx, writer=writer)
                cli.help_choices.write(bound, values_of(ctx), formatter, row, functools.partial(_flag_of, bound))


def _flag_of(bound: Bound, name: str) -> str:
    return f"--{bound.key(name).text}"


def _row(bound: Bound, spec: ParameterSpec, ctx: click.Context, writer: fast.rows.Writer) -> tuple[str, str]:
    """Return the flags and the text of a parameter that is not hidden."""
    key = bound.key(spec.name)
    assert spec.converter is not None  # options have one
    flags = [flag for flag in dotted_flags(key, spec) if flag is not None]
    metavar = spec.converter.metavar if spec.metavar is None else spec.metavar
    row = writer.row(
        " / ".join(flags),
        None if spec.converter.flag else metavar,
        bound.spec.text_of(spec) or "",
        extra_of(key, bound, spec, values_of(ctx), (flags[:1], flags[1:])),
        deprecated=spec.deprecated or bound.deprecated,
    )
    if row is None:
        row = dotted_option(key, bound, spec).record(ctx)
        assert row is not None  # it is not hidden
    return row


def _scopes(bound: Bound) -> str:
    """Describe the scopes of a function, with an example of an option."""
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
        The context of the group.
    lists : mapping of str to iterable of str
        Names of commands, by title.
    formatter : click.HelpFormatter
        The formatter to write to.
    """
    for title, names in lists.items():
        found = {name: group.get_command(ctx, name) for name in names}
        shown = {name: command for name, command in found.items() if command is not None and not command.hidden}
        if shown:
            limit = formatter.width - 6 - max(map(len, shown))
            with formatter.section(title):
                formatter.write_dl([(name, command.get_short_help_str(limit)) for name, command in shown.items()])
