"""Shortcuts around libraries: each does, for the usual case, what a library does in all cases."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = ["collector", "numpydoc", "wrapping", "yaml_subset"]

if TYPE_CHECKING:
    from . import collector, numpydoc, wrapping, yaml_subset
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(__name__, __all__)
