"""A resolved run as text: entries, files that replay it, comparisons, and a JSON Schema."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = ["atomic", "diff", "entries", "fields", "json_schema", "patterns"]

if TYPE_CHECKING:
    from . import atomic, diff, entries, fields, json_schema, patterns
else:  # a name that does not exist is a type error then
    __getattr__ = attach(__name__, __all__)
