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
    "flags",
    "folding",
    "help",
    "help_choices",
    "help_command",
    "help_extra",
    "introspection",
    "invoked",
    "json",
    "layout",
    "line",
    "listings",
    "meant",
    "missing",
    "notices",
    "option",
    "options",
    "outputs",
    "own_command",
    "panels",
    "parts",
    "quoting",
    "recording",
    "resume",
    "root",
    "root_options",
    "runs_command",
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
        flags,
        folding,
        help,  # noqa: A004 - a module; nothing here uses the builtin
        help_choices,
        help_command,
        help_extra,
        introspection,
        invoked,
        layout,
        line,
        listings,
        meant,
        missing,
        notices,
        option,
        options,
        outputs,
        own_command,
        panels,
        parts,
        quoting,
        recording,
        resume,
        root,
        root_options,
        runs_command,
        shells,
        slicing,
        stage,
        sweep,
    )
else:  # hidden from mypy, which then reports a misspelt module
    __getattr__ = attach(
        __name__, __all__, copy="copy", json="json", shell_completion="click.shell_completion", shutil="shutil"
    )
