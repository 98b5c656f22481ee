"""Write help: its formatter, a section for each bound function, and the lists of commands."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from gettext import gettext
from typing import Any

import click

from .. import cli, declare, fast, output
from ..declare.function import ParameterSpec
from ..declare.registry import HELP, Bound, Registry
from ..keys import Key
from .help_extra import extra_of, split
from .option import ParameterOption, dotted_flags, dotted_option, values_of
from .parts import typed_in

__all__ = [
    "decorate",
    "formatter_of",
    "rows_of",
    "scopes_of",
    "sectioned",
    "write",
    "write_choices",
    "write_commands",
    "write_functions",
    "write_options",
    "write_pointer",
]


_WIDEST = 120  # columns of a terminal that help uses: longer lines are harder to read
_AT_80 = 78  # columns of text at a width of 80
_NARROW, _TERMS = 30, 0.4  # columns of terms, and the part of a wide terminal that they may use
_WITHOUT_RICH = "Help and errors are plain, since rich-click is not installed: pip install rich-click"
_BELOW = 6  # columns by which texts are indented that are below their terms


def formatter_of(ctx: click.Context) -> click.HelpFormatter:
    """Make the formatter of a context: `Formatter`, unless the program uses rich-click or sets another class."""
    settings = _rich_settings(ctx)
    if settings:
        with contextlib.suppress(ModuleNotFoundError):
            return cli.panels.formatter_of(ctx, settings)
        output.warn(_WITHOUT_RICH)
    kind = Formatter if ctx.formatter_class is click.HelpFormatter else ctx.formatter_class
    width = ctx.terminal_width
    if width is None and click.formatting.FORCED_WIDTH is None:
        most = _WIDEST if ctx.max_content_width is None else ctx.max_content_width
        width = max(min(_terminal_columns(), most) - 2, 50)  # as Click does
    return kind(width=width, max_width=ctx.max_content_width)


def _rich_settings(ctx: click.Context | None) -> Any:
    """Return the nearest context of rich-click, or the setting of the program; None if there is neither."""
    while ctx is not None:
        settings = ctx if hasattr(ctx, "help_config") else getattr(ctx.command, "rich", None)
        if settings:
            return settings
        ctx = ctx.parent
    return None


def decorate(error: click.ClickException, ctx: click.Context | None) -> None:
    """Let the error of a program that uses rich-click be shown in a panel."""
    settings = _rich_settings(ctx)
    if settings:
        with contextlib.suppress(ModuleNotFoundError):
            cli.panels.decorate(error, settings)


def write(
    command: click.Command,
    ctx: click.Context,
    formatter: click.HelpFormatter,
    write_usually: Callable[[click.Context, click.HelpFormatter], None],
) -> None:
    """Write a command's help.

    Parameters
    ----------
    command : click.Command
        The command.
    ctx : click.Context
        Its context.
    formatter : click.HelpFormatter
        The formatter to write to. One with panels gets the parts that Click's commands write, instead of the panels
        that the commands of rich-click make, which do not know the methods of this package.
    write_usually : callable
        The method that writes the help to other formatters.
    """
    if not hasattr(formatter, "has_panels"):
        if not isinstance(formatter, Formatter):
            typed_in(ctx).parsing = False  # others list the parameters, as click-extra does to highlight them
        write_usually(ctx, formatter)
        return
    for name in (name for name in _PARTS if hasattr(command, name)):
        getattr(command, name)(ctx, formatter)


_PARTS = ("format_usage", "format_help_text", "format_arguments", "format_options", "format_epilog")
"""The methods of Click's commands that write help, in their order; that for arguments is there from Click 8.5 on."""


def sectioned(formatter: click.HelpFormatter) -> click.HelpFormatter:
    """Return a formatter that writes sections; one of rich-click does not, and is replaced by one with panels."""
    if not hasattr(formatter, "option_panel_class") or hasattr(formatter, "has_panels"):
        return formatter
    kept: Any = formatter
    return cli.panels.Formatter(config=kept.config, console=kept.console)


def write_options(params: Iterable[click.Parameter], ctx: click.Context, formatter: click.HelpFormatter) -> None:
    """Write a section of options, except for the fields of classes that can be chosen, which have sections."""
    options = [param for param in params if not isinstance(param, click.Argument)]
    shown = [one for one in options if not (isinstance(one, ParameterOption) and _is_elsewhere(one))]
    records = [record for record in (param.get_help_record(ctx) for param in shown) if record is not None]
    if records:
        with formatter.section(gettext("Options")):
            formatter.write_dl(records)


def _is_elsewhere(option: ParameterOption) -> bool:
    """Return whether an option is in another section: that of its class, or of its engine."""
    return option.bound.role == "engine" or option.bound.is_of_class(option.spec.name)


def _terminal_columns() -> int:
    return fast.wrapping.terminal_columns() or cli.shutil.get_terminal_size().columns


def _wrap(text: str, width: int) -> list[str]:
    return fast.wrapping.wrap(text, width) or cli.layout.wrap(text, width)


class Formatter(click.HelpFormatter):
    """Click's formatter, which keeps lists, tears no words, and escapes characters that the terminal cannot show."""

    def getvalue(self) -> str:
        """Return the text so far."""
        text = super().getvalue()
        return text if text.isascii() else output.printable(text)

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write a usage line, as Click does."""
        line = f"{gettext('Usage:')} {prog} {args}".rstrip(" ")
        if prefix is None and len(line) <= self.width and not self.current_indent:
            self.write(f"{line}\n")
        else:
            super().write_usage(prog, args, prefix)

    def write_text(self, text: str) -> None:
        """Write indented paragraphs, lists and literal blocks."""
        indent = " " * self.current_indent
        lines = _wrap(text, max(self.width - self.current_indent, 11))
        self.write("".join(f"{indent}{line}".rstrip() + "\n" for line in lines or [""]))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = _NARROW, col_spacing: int = 2) -> None:
        """Write terms and their explanations in two columns.

        Explanations are below their terms if most of these are wide, or if one has several paragraphs.
        """
        rows = list(rows)
        if not rows:
            super().write_dl(rows, col_max, col_spacing)  # an error
        widths = [len(first if "\x1b" not in first else click.unstyle(first)) for first, _ in rows]
        most = col_max if self.width <= _AT_80 else max(col_max, int(self.width * _TERMS))
        widest = max(widths)
        several = any("\n" in second for _, second in rows)
        if several or (widest > most and 2 * sum(width > most for width in widths) > len(rows)):
            self._write_below(rows, several=several)
            return
        widest = min(widest, most)
        indent, column = " " * self.current_indent, self.current_indent + widest + col_spacing
        below, text_width = "\n" + " " * column, max(self.width - column, 10)
        for (first, second), width in zip(rows, widths, strict=True):
            lines = _explained(second, text_width)
            gap = " " * (column - self.current_indent - width) if width <= widest else below
            self.write(f"{indent}{first}{gap}{below.join(lines)}".rstrip() + "\n")

    def _write_below(self, rows: Sequence[tuple[str, str]], *, several: bool) -> None:
        """Write each term with its notes in brackets, and its explanation below it."""
        indent, below = " " * self.current_indent, " " * (self.current_indent + _BELOW)
        for number, (first, second) in enumerate(rows):
            text, note = split(second)
            lines = [f"{indent}{first}  {note}".rstrip()]
            if note and len(lines[0]) > self.width:
                lines = [f"{indent}{first}"]
                text = f"{note}\n\n{text}".rstrip() if several else second
            if text:
                lines += [f"{below}{line}".rstrip() for line in _explained(text, max(self.width - len(below), 10))]
            self.write("\n" * (several and number > 0) + "\n".join(lines) + "\n")


def _explained(text: str, width: int) -> list[str]:
    """Wrap an explanation; keep its notes in brackets in one line, if they fit."""
    body, note = split(text)
    if not note:
        return _wrap(body, width) if body else [""]
    lines = _wrap(body, width) if body else []
    if lines and len(lines[-1]) + 2 + len(note) <= width:
        lines[-1] = f"{lines[-1]}  {note}"
        return lines
    return lines + _wrap(note, width)


def write_functions(
    registry: Registry,
    ctx: click.Context,
    formatter: click.HelpFormatter,
    shown: Collection[Key] = (),
    *,
    full: bool = False,
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
    full : bool
        Whether to write all paragraphs about an option rather than the first one.
    """
    writer = fast.rows.Writer(ctx)
    for bound in registry:
        rows = [] if bound.hidden else rows_of(bound, writer, shown=shown, full=full)
        if not rows:
            continue
        with formatter.section(bound.name):
            texts = [text for text in (declare.docstrings.summary(bound.function), scopes_of(bound)) if text]
            for text in texts:
                formatter.write_text(text)
            if texts:
                formatter.write_paragraph()
            formatter.write_dl(rows)
            write_choices(bound, writer, formatter, full=full)


def rows_of(
    bound: Bound,
    writer: fast.rows.Writer,
    *,
    shown: Collection[Key] = (),
    full: bool = False,
    only: str | None = None,
) -> list[tuple[str, str]]:
    """Return the flags and the text of each option of a function that is not hidden, or of one option.

    Options of classes that can be chosen are in the sections of `help_choices`. The other parameters are as for
    `write_functions`.
    """
    if only is not None:
        return [_row(bound, bound.options[only], writer, full=full)]
    names = [name for name in bound.options if not shown or bound.key(name) not in shown]
    specs = [bound.options[name] for name in names]
    return [_row(bound, spec, writer, full=full) for spec in specs if not (spec.hidden or bound.is_of_class(spec.name))]


def write_choices(
    bound: Bound, writer: fast.rows.Writer, formatter: click.HelpFormatter, *, full: bool = False, only: str = ""
) -> None:
    """Write a section for each class that parameters of a function, or only one of them, can be made of."""
    if bound.spec.groups:
        row, flag = functools.partial(_row, bound, writer=writer, full=full), functools.partial(_flag_of, bound)
        cli.help_choices.write(bound, values_of(writer.ctx), formatter, row, flag, only=only)


def _flag_of(bound: Bound, name: str) -> str:
    return f"--{bound.key(name).text}"


def _row(bound: Bound, spec: ParameterSpec, writer: fast.rows.Writer, *, full: bool = False) -> tuple[str, str]:
    """Return the flags and the text of an option that is not hidden."""
    key, ctx = bound.key(spec.name), writer.ctx
    assert spec.converter is not None  # options have one
    flags = [flag for flag in dotted_flags(key, spec) if flag is not None]
    extra = extra_of(key, bound, spec, values_of(ctx), is_body=getattr(ctx, "body", None) is not None)
    text_of = declare.texts.text_of if full else declare.texts.brief_of
    row = writer.row(
        " / ".join(flags),
        None if spec.converter.flag else spec.metavar or spec.converter.typed,
        text_of(bound.spec, spec, defaulted="default" in extra),
        extra,
        deprecated=spec.deprecated or bound.deprecated,
    )
    if row is None:
        option = dotted_option(key, bound, spec)
        option.is_brief = not full
        row = option.get_help_record(ctx)
        assert row is not None  # it is not hidden
    return row


def scopes_of(bound: Bound) -> str:
    """Describe the scopes of a function, with an example of an option."""
    if not bound.scopes:
        return ""
    example = bound.key(next(iter(bound.options), "x"), bound.scopes[0]).text
    return f"Scopes: {', '.join(bound.scopes)}, as in --{example}."


def write_pointer(root: Any, formatter: click.HelpFormatter) -> None:
    """Write which lines show the options of all functions and, if the program has `help`, everything about one.

    A stage in another group has the root's options too, but `--help` of that group does not show them.

    Parameters
    ----------
    root : RootContext
        The context of the program.
    formatter : click.HelpFormatter
        The formatter to write to.
    """
    while root.live is not None:
        root = root.live
    group = root.parent if root.between else root
    path = "" if group is None else group.command_path
    if root.between:
        is_group = group is not None and isinstance(group.command, click.Group)
        has_help = is_group and group.command.get_command(group, HELP) is root.command.own_command(HELP)
    else:
        has_help = root.registry.stage(HELP) is None and HELP not in root.command.added
    if root.between:
        text = f"All options: {path} {HELP}." if has_help else "The options of its program, such as --config, work too."
    else:
        text = f"All options: {path} --help."
    formatter.write_paragraph()
    formatter.write_text(f"{text} One function: {path} {HELP} NAME." if has_help else text)


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
