"""Wrap bound functions: fill in the active values, and call the function."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = [
    "binding",
    "choosing",
    "classes",
    "copy",
    "filling",
    "metadata",
    "modules",
    "pickling",
    "plugins",
    "scopes",
    "unused",
]

if TYPE_CHECKING:
    import copy
    from importlib import metadata

    from . import binding, choosing, classes, filling, modules, pickling, plugins, scopes, unused
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(__name__, __all__, copy="copy", metadata="importlib.metadata")
