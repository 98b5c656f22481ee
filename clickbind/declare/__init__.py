"""Describe what a program declares: bound functions, their parameters, and the registry of both."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = [
    "blocks",
    "choices",
    "clicks",
    "directives",
    "docstring_parser",
    "docstrings",
    "expansion",
    "function",
    "identity",
    "inline",
    "markup",
    "option",
    "pickling",
    "registry",
    "selection",
    "settings",
    "styles",
    "texts",
    "turns",
]

if TYPE_CHECKING:
    import docstring_parser

    from . import (
        blocks,
        choices,
        clicks,
        directives,
        docstrings,
        expansion,
        function,
        identity,
        inline,
        markup,
        option,
        pickling,
        registry,
        selection,
        settings,
        styles,
        texts,
        turns,
    )
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(__name__, __all__, docstring_parser="docstring_parser")
