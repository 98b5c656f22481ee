"""Work inside other programs: make the root's context for a command that is not called by a line of the root.

That is a stage in another Click group, and a command that is called from the context of an earlier line of the
program: in a shell inside of the program, or by a callback. Such a call is a line and a run of its own.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import click
from click.core import ParameterSource

from .context import RootContext, find_root
from .parts import Mention
from .root_options import READS, ROWS, SAVES, SHOWS, given_in

__all__ = ["beneath", "preset", "refuse", "root_between"]

_OF_THE_RUN = (
    *("auto_envvar_prefix", "color", "default_map", "help_option_names", "max_content_width", "obj"),
    *("resilient_parsing", "show_default", "terminal_width", "token_normalize_func"),
)
"""The settings of a context that hold for all commands of a line."""


def root_between(command: Any, args: Sequence[str], parent: click.Context | None, extra: dict[str, Any]) -> RootContext:
    """Make the root's context between a command and its caller.

    Its line begins with the command's own name, not with the name that the caller uses: a program that is run by
    ``python -c`` is called ``-c``.

    Parameters
    ----------
    command : StageCommand, ChainCommand or HelpCommand
        The command.
    args : sequence of str
        The command's part of the line.
    parent : click.Context, optional
        The context that the command is called from.
    extra : dict of str to object
        The settings of the command's context. Those that hold for the whole run are the root's too, and the default
        map only the root's.
    """
    settings = {name: extra[name] for name in _OF_THE_RUN if name in extra}
    extra.pop("default_map", None)
    if parent is not None and find_root(parent, command.registry) is None:
        # The root is no command of the caller, so it gets what the caller itself has.
        settings.setdefault("default_map", parent.default_map)
        settings.setdefault("auto_envvar_prefix", parent.auto_envvar_prefix)
    settings["layer"] = extra.pop("layer", {})
    settings["chained"] = not extra.get("allow_interspersed_args", True)
    line = [command.name or "", *args]
    made = command.root.make_context(command.root.name, line, parent=parent, between=True, **settings)
    assert isinstance(made, RootContext)  # its context_class
    return made


def preset(ctx: Any, options: Iterable[click.Parameter]) -> list[Mention]:
    """Return the files and variables that Click's environment variables and the default map of an outer program choose.

    Click reads them after the files are read, so they are read here as Click reads them.

    Parameters
    ----------
    ctx : RootContext
        The context of the program, whose line is read.
    options : iterable of click.Parameter
        The options of the program.
    """
    names = {row.name for row in ROWS if row.kind == READS or row.name == "diff"} - ctx.typed.flags.keys()
    found: list[Mention] = []
    ctx.default_map = dict(ctx.given)
    for option in options:
        if option.name not in names or not isinstance(option, click.Option):
            continue
        value, source = option.consume_value(ctx, {})
        if source in {ParameterSource.ENVIRONMENT, ParameterSource.DEFAULT_MAP}:
            value = option.type_cast_value(ctx, value)
            values = value if option.multiple else [value]
            found += [Mention(option, option.opts[0], one, None) for one in values if one not in {None, False}]
    ctx.default_map = None
    return found


def refuse(ctx: click.Context, name: str) -> None:
    """Refuse options on the line that show or save a run before a command that is none.

    Parameters
    ----------
    ctx : click.Context
        The context of the program.
    name : str
        The command.

    Raises
    ------
    click.UsageError
        If such an option is given.
    """
    for row in () if ctx.resilient_parsing else given_in(ctx):
        if row.kind in {SHOWS, SAVES} and ctx.get_parameter_source(row.name) is ParameterSource.COMMANDLINE:
            raise click.UsageError(f"'{row.flag}' needs a run, and {name!r} is not a stage of the program.", ctx)


def beneath(live: RootContext) -> dict[str, Any]:
    """Return the settings for the context of a line that is typed or called while another line is live."""
    return {
        "live": live,
        "between": True,
        "default_map": live.given,
        "auto_envvar_prefix": live.auto_envvar_prefix,
    }
