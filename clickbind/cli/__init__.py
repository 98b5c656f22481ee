"""Click's side: the root command, stages, chains, options, help and completion."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = [
    "chain",
    "completion",
    "context",
    "difflib",
    "flags",
    "json",
    "line",
    "lookahead",
    "moved",
    "option",
    "root",
    "root_options",
    "sections",
    "shell_completion",
    "shown",
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
        line,
        lookahead,
        moved,
        option,
        root,
        root_options,
        sections,
        shown,
        stage,
        switches,
        words,
    )
else:  # a name that does not exist is a type error then
    __getattr__ = attach(__name__, __all__, json="json", difflib="difflib", shell_completion="click.shell_completion")
