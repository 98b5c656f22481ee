"""Write help and errors in panels and colours. Only a program that uses rich-click loads this module."""

from __future__ import annotations

import contextlib
import functools
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import IO, Any

import click
from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text
from rich_click import RichHelpConfiguration, RichHelpFormatter
from rich_click.rich_box import get_box
from rich_click.rich_help_rendering import RichClickRichPanel

from ..errors import BindError
from .help_extra import split

__all__ = ["Formatter", "decorate", "formatter_of"]

_WIDEST = 120  # columns of a terminal that help uses, as without rich-click
_TERMS = 0.45  # part of a panel that options with their types may use


class Formatter(RichHelpFormatter):
    """rich-click's formatter, with a panel for each section that is written by Click's methods.

    rich-click reads the options of a command instead, and so does not know the sections of this package's help.
    """

    has_panels = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._open: list[list[Any]] = []  # the contents of the sections around, the innermost last

    def write(self, *objects: Any, **kwargs: Any) -> None:
        """Add to the section, or print outside of sections."""
        if self._open:
            self._open[-1] += objects
        else:
            super().write(*objects, **kwargs)

    def indent(self) -> None:
        """Ignore the indentation of sections: panels have borders."""

    def dedent(self) -> None:
        """Likewise."""

    @contextlib.contextmanager
    def indentation(self) -> Iterator[None]:
        """Likewise."""
        yield

    def write_heading(self, heading: str) -> None:
        """Write a line in the style of a panel's title."""
        self.write(Text(heading, style=self.config.style_options_panel_title_style))

    def write_paragraph(self) -> None:
        """Separate parts of a section; outside of sections, padding does it."""
        if self._open:
            self.write(Text())

    @contextlib.contextmanager
    def section(self, name: str) -> Iterator[None]:
        """Put what is written in the block into a panel, unless that is nothing."""
        self._open.append([])
        yield
        contents = self._open.pop()
        if contents:
            commands = any(isinstance(part, _Table) and part.of_commands for part in contents)
            self.write(self._panel(name, contents, "commands" if commands else "options"))

    def _panel(self, name: str, contents: list[Any], kind: str) -> RichClickRichPanel:
        config = self.config
        title = Text(config.panel_title_string.format(name), style=getattr(config, f"style_{kind}_panel_title_style"))
        return RichClickRichPanel(
            Group(*contents),
            title=title,
            title_align=getattr(config, f"align_{kind}_panel"),
            title_padding=config.panel_title_padding,
            border_style=getattr(config, f"style_{kind}_panel_border"),
            box=_box(getattr(config, f"style_{kind}_panel_box")) or get_box("SIMPLE"),
            padding=getattr(config, f"style_{kind}_panel_padding"),
            style=getattr(config, f"style_{kind}_panel_style"),
        )

    def write_text(self, text: str) -> None:
        """Write paragraphs, lists and literal blocks."""
        first, *others = _blocks(text)
        config = self.config
        parts = [self.rich_text(first, config.style_helptext_first_line)]
        for other in others:
            parts += [Text(), self.rich_text(other, config.style_helptext)]
        if self._open:
            self.write(*parts)
        else:
            self.write(Padding(Group(*parts), config.padding_helptext, style=config.style_padding_helptext))

    def write_dl(self, rows: Iterable[tuple[str, str]], col_max: int = 30, col_spacing: int = 2) -> None:
        """Write a table of options or commands."""
        rows = list(rows)
        commands = not any(term.startswith("-") for term, _ in rows)
        kind = "commands" if commands else "options"
        table = _Table(
            show_header=False,
            box=_box(getattr(self.config, f"style_{kind}_table_box")),
            border_style=getattr(self.config, f"style_{kind}_table_border_style"),
            show_lines=getattr(self.config, f"style_{kind}_table_show_lines"),
            leading=getattr(self.config, f"style_{kind}_table_leading"),
            row_styles=getattr(self.config, f"style_{kind}_table_row_styles"),
            pad_edge=getattr(self.config, f"style_{kind}_table_pad_edge"),
            padding=getattr(self.config, f"style_{kind}_table_padding"),
            expand=getattr(self.config, f"style_{kind}_table_expand"),
        )
        table.of_commands = commands
        table.add_column(overflow="fold", max_width=int(self.width * _TERMS))
        table.add_column(overflow="fold", ratio=1)
        style = self.config.style_command_help if commands else self.config.style_option_help
        for term, text in rows:
            table.add_row(self._term(term), self._explained(text, style))
        self.write(table)

    def _term(self, term: str) -> Text:
        """Return the flags of an option and its type, or the name of a command."""
        config, text = self.config, Text(overflow="fold")
        negative = False
        for word in re.findall(r"\s+|[^\s,]+|,", term):
            negative = negative or word == "/"
            if not term.startswith("-"):
                text.append(word, config.style_command)
            elif word.startswith("-"):
                kind = "option" if word.startswith("--") else "switch"
                style = getattr(config, f"style_{kind}")
                text.append(word, (negative and getattr(config, f"style_{kind}_negative")) or style)
            else:
                text.append(word, config.style_metavar)
        return text

    def _explained(self, text: str, style: Any) -> Any:
        """Return an explanation, with its notes in brackets in their own style."""
        body, note = split(text)
        parts: list[Any] = [self.rich_text(block, style) for block in _blocks(body)] if body else []
        notes = Text(note, style=self.config.style_option_default)
        notes.highlight_regex(r"required(?=\]$)", self.config.style_required_long)
        for part in parts:
            if isinstance(part, Text):
                part.highlight_regex(r"\(DEPRECATED[^()]*\)$", self.config.style_deprecated)
        if parts and note and isinstance(parts[-1], Text):
            parts[-1] = Text("  ").join([parts[-1], notes])
        elif note:
            parts.append(notes)
        return parts[0] if len(parts) == 1 else Group(*parts)


class _Table(Table):
    of_commands = False


def _box(name: Any) -> Any:
    return None if name is None else get_box(name)


def _blocks(text: str) -> list[str]:
    """Split a text in Click's form into paragraphs of one line, and blocks whose lines are kept."""
    blocks = []
    for block in re.split(r"\n(?:[ \t]*\n)+", text.expandtabs().strip("\n")):
        lines = block.split("\n")
        # rich-click removes the indentation of a first line.
        kept = lines[0].strip() == "\b"
        blocks.append("\n".join(["", *lines[1:]]) if kept else " ".join(line.strip() for line in lines))
    return blocks


def _configured(settings: Any) -> RichHelpConfiguration:
    """Return the configuration of a context, or as the program sets it: whole, or by a mapping of its fields.

    Raises
    ------
    BindError
        If rich-click has no such field.
    """
    settings = getattr(settings, "help_config", settings)
    if isinstance(settings, RichHelpConfiguration):
        return settings
    fields = settings if isinstance(settings, Mapping) else {}
    try:
        return RichHelpConfiguration.load_from_globals(**fields)
    except TypeError as error:
        raise BindError(f"Binder(rich={settings!r}): rich-click's RichHelpConfiguration refuses it: {error}.") from None


def formatter_of(ctx: click.Context, settings: Any) -> Formatter:
    """Make the formatter of a context.

    Parameters
    ----------
    ctx : click.Context
        The context.
    settings : object
        A context of rich-click around it, whose configuration and console are used; or the setting of the binder.
    """
    config = _configured(settings)
    return Formatter(
        width=ctx.terminal_width,
        max_width=ctx.max_content_width or config.max_width or _WIDEST,
        config=config,
        console=getattr(settings, "console", None),
        export_console_as=getattr(settings, "export_console_as", None),
    )


def decorate(error: click.ClickException, settings: Any) -> None:
    """Let Click show an error in a panel."""
    if not isinstance(error, click.exceptions.NoArgsIsHelpError):  # it shows help
        error.show = functools.partial(_show, error, _configured(settings))  # type: ignore[method-assign]


def _show(error: click.ClickException, config: RichHelpConfiguration, file: IO[Any] | None = None) -> None:
    formatter = Formatter(max_width=config.max_width or _WIDEST, config=config)
    formatter.write_error(error)
    click.echo(formatter.getvalue(), file=file, nl=False, err=file is None)
