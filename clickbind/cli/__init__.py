"""Click's side: the root command, stages, chains, options, help and completion."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = [
    "chain",
    "completion",
    "context",
    "difflib",
    "flags",
    "help",
    "help_extra",
    "json",
    "line",
    "lookahead",
    "moved",
    "option",
    "root",
    "root_options",
    "shell_completion",
    "stage",
    "switches",
    "words",
]

if TYPE_CHECKING:
    import difflib
    import json

    from click import shell_completion

    from . import (
        chain,
        completion,
        context,
        flags,
        help,  # noqa: A004 - a module, which nothing here takes for the builtin
        help_extra,
        line,
        lookahead,
        moved,
        option,
        root,
        root_options,
        stage,
        switches,
        words,
    )
else:  # a name that does not exist is a type error then
    __getattr__ = attach(__name__, __all__, json="json", difflib="difflib", shell_completion="click.shell_completion")
