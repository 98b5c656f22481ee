"""Record runs in folders: what was run, how it ended, and what it returned."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = [
    "claims",
    "code",
    "comparison",
    "csv",
    "json",
    "listing",
    "memory",
    "metadata",
    "observer",
    "place",
    "records",
    "results",
    "saved",
    "subprocess",
    "table",
]

if TYPE_CHECKING:
    import csv
    import json
    import subprocess
    from importlib import metadata

    from . import claims, code, comparison, listing, memory, observer, place, records, results, saved, table
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(
        __name__,
        __all__,
        csv="csv",
        json="json",
        metadata="importlib.metadata",
        subprocess="subprocess",
    )
