"""Show recorded runs on a page: one HTML file, which needs no server and no network."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = ["base64", "content", "files", "hashlib", "json", "page", "resources"]

if TYPE_CHECKING:
    import base64
    import hashlib
    import json
    from importlib import resources

    from . import content, files, page
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(
        __name__, __all__, base64="base64", hashlib="hashlib", json="json", resources="importlib.resources"
    )
