"""Make the root's context for a command that is not called by a line of the root.

That is a stage in another Click group, and a command that is called from the context of an earlier line of the
program: in a shell inside of the program, or by a callback. Such a call is a line and a run of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from .context import RootContext, find_root

__all__ = ["beneath", "root_between"]

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


def beneath(live: RootContext) -> dict[str, Any]:
    """Return the settings for the context of a line that is typed or called while another line is live."""
    return {
        "live": live,
        "between": True,
        "default_map": live.given,
        "auto_envvar_prefix": live.auto_envvar_prefix,
    }
