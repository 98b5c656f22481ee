"""What is loaded when it is first used: the rooms and libraries that a plain run does without.

``later.yaml.parse`` imports yaml where that is first evaluated (PEP 562). This is the package's one way to be lazy: no
function has an import of its own, and what says ``later.config`` stands below `config` like anything that imports it.
"""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING

from .collector import Paused

if TYPE_CHECKING:
    import argparse
    import base64
    import copy
    import difflib
    import fcntl
    import fractions
    import json
    import pathlib
    from concurrent import futures
    from types import ModuleType

    import docstring_parser
    import yaml
    from click import shell_completion

    from . import (
        annotated,
        chain,
        choices,
        classes,
        completion,
        config,
        containers,
        core,
        coroutines,
        debugging,
        definitions,
        docstrings,
        environment,
        errors,
        excerpts,
        flags,
        flow,
        groups,
        hints,
        layout,
        limits,
        lookahead,
        marks,
        models,
        modules,
        moved,
        nodes,
        output,
        own_options,
        plans,
        record,
        redaction,
        rules,
        schema,
        sections,
        shown,
        switches,
        travel,
        turns,
        unions,
        variables,
        words,
        written,
    )

__all__ = [
    "annotated",  # for annotations beyond str, int, float and bool
    "argparse",  # for mistakes in arguments that are declared as argparse has it
    "base64",  # for bytes in files
    "chain",  # for `run`, and lines that name no stage
    "choices",  # for Enums, Literals and import paths
    "classes",  # for classes that are bound
    "completion",  # for a press of TAB
    "config",  # for files
    "containers",  # for lists and their kin
    "copy",  # for values that a call could change
    "core",  # for values without an annotation
    "coroutines",  # 28 ms, for stages that are coroutines
    "debugging",  # for --debug
    "definitions",  # for names that are bound again, and local functions
    "difflib",  # for mistakes
    "docstring_parser",  # 5 ms, for help
    "docstrings",  # for help
    "environment",  # for programs that read variables
    "errors",  # for mistakes, and files
    "excerpts",  # for mistakes in files
    "fcntl",  # for files that are saved; Windows has none
    "flags",  # for options of the root
    "flow",  # for values without an annotation
    "fractions",  # for multiples of numbers that are no ints
    "futures",  # for a coroutine inside of another's event loop
    "groups",  # for parameters with fields
    "hints",  # for annotations that are more than a name
    "json",  # for the schema
    "layout",  # for help
    "limits",  # for what `Annotated` adds
    "lookahead",  # for options behind a stage's name that are not its own
    "marks",  # for annotations with an `Option`
    "models",  # for classes with fields
    "modules",  # for modules that are bound
    "moved",  # for options behind a stage's name that are not its own
    "nodes",  # for files, and YAML that is typed
    "output",  # for what is printed and read again, and text beyond ASCII
    "own_options",  # for options of the root
    "pathlib",  # 5 ms, for programs that annotate with `os.PathLike`
    "plans",  # for lines that name no stage, and runs that are saved or printed
    "record",  # for runs that are saved or printed
    "redaction",  # for mistakes, and --debug
    "rules",  # for annotations beyond str, int, float and bool
    "schema",  # for editors
    "sections",  # for help
    "shell_completion",  # 2 ms, for a press of TAB
    "shown",  # for help
    "switches",  # for flags that take no value
    "travel",  # for functions that are pickled
    "turns",  # for `run.stages`
    "unions",  # for Optional and Union
    "variables",  # for files with variables
    "words",  # for chains, and lines of many words
    "written",  # for runs that are saved or printed, with fields
    "yaml",  # 12 ms, for files that are not of the simplest kind
]

LIBRARIES = {
    "argparse": "argparse",
    "base64": "base64",
    "copy": "copy",
    "difflib": "difflib",
    "docstring_parser": "docstring_parser",
    "fcntl": "fcntl",
    "fractions": "fractions",
    "futures": "concurrent.futures",
    "json": "json",
    "pathlib": "pathlib",
    "shell_completion": "click.shell_completion",
    "yaml": "yaml",
}


if not TYPE_CHECKING:  # a name that there is not is a type error then

    def __getattr__(name: str) -> ModuleType:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        with Paused(aging=True):
            module = importlib.import_module(LIBRARIES.get(name) or f".{name}", __package__)
        globals()[name] = module  # found without this function from now on
        return module
