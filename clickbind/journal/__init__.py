"""Record runs in folders: what was run, how it ended, and what it returned."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = ["claims", "code", "json", "metadata", "observer", "place", "records", "results", "subprocess"]

if TYPE_CHECKING:
    import json
    import subprocess
    from importlib import metadata

    from . import claims, code, observer, place, records, results
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(
        __name__,
        __all__,
        json="json",
        metadata="importlib.metadata",
        subprocess="subprocess",
    )
