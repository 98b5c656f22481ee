"""Write plans as text: entries, files that replay a run, comparisons, and a JSON Schema."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = ["atomic", "diff", "entries", "fields", "json_schema", "patterns"]

if TYPE_CHECKING:
    from . import atomic, diff, entries, fields, json_schema, patterns
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(__name__, __all__)
