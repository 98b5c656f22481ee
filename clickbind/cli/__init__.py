"""Build the Click program: the root command, stages, chains, options, help and completion."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = [
    "adopted",
    "around",
    "axes",
    "chain",
    "completion",
    "context",
    "copy",
    "engines",
    "failures",
    "flags",
    "folding",
    "help",
    "help_choices",
    "help_command",
    "help_extra",
    "introspection",
    "invoked",
    "json",
    "labels",
    "layout",
    "line",
    "listings",
    "meant",
    "missing",
    "notices",
    "observing",
    "option",
    "options",
    "outputs",
    "own_command",
    "panels",
    "parts",
    "quoting",
    "ranges",
    "recording",
    "resume",
    "resumed_search",
    "root",
    "root_options",
    "runs_command",
    "runs_page",
    "search",
    "search_completion",
    "shell_completion",
    "shells",
    "shutil",
    "slicing",
    "stage",
    "sweep",
]

if TYPE_CHECKING:
    import copy
    import json
    import shutil

    from click import shell_completion

    from . import (
        adopted,
        around,
        axes,
        chain,
        completion,
        context,
        engines,
        failures,
        flags,
        folding,
        help,  # noqa: A004 - a module; nothing here uses the builtin
        help_choices,
        help_command,
        help_extra,
        introspection,
        invoked,
        labels,
        layout,
        line,
        listings,
        meant,
        missing,
        notices,
        observing,
        option,
        options,
        outputs,
        own_command,
        panels,
        parts,
        quoting,
        ranges,
        recording,
        resume,
        resumed_search,
        root,
        root_options,
        runs_command,
        runs_page,
        search,
        search_completion,
        shells,
        slicing,
        stage,
        sweep,
    )
else:  # hidden from mypy, which then reports a misspelt module
    __getattr__ = attach(
        __name__, __all__, copy="copy", json="json", shell_completion="click.shell_completion", shutil="shutil"
    )
