"""Build the Click program: the root command, stages, chains, options, help and completion."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = [
    "chain",
    "completion",
    "context",
    "copy",
    "flags",
    "help",
    "help_choices",
    "help_command",
    "help_extra",
    "layout",
    "line",
    "meant",
    "missing",
    "notices",
    "option",
    "outputs",
    "own_command",
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
]

if TYPE_CHECKING:
    import copy
    import shutil

    from click import shell_completion

    from . import (
        chain,
        completion,
        context,
        flags,
        help,  # noqa: A004 - a module; nothing here uses the builtin
        help_choices,
        help_command,
        help_extra,
        layout,
        line,
        meant,
        missing,
        notices,
        option,
        outputs,
        own_command,
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
    )
else:  # hidden from mypy, which then reports a misspelt module
    __getattr__ = attach(__name__, __all__, copy="copy", shell_completion="click.shell_completion", shutil="shutil")
