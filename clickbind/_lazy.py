"""Attach the modules of a package that are imported when first used (PEP 562), as SPEC 1 of the scientific packages."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Collection
from types import ModuleType

__all__ = ["attach"]


def attach(package: str, modules: Collection[str], **libraries: str) -> Callable[[str], ModuleType]:
    """Make the ``__getattr__`` of a package.

    Parameters
    ----------
    package : str
        Its full name, ``__name__``.
    modules : collection of str
        The names of its modules, which are imported when first used.
    **libraries : str
        Full names of libraries that it imports when it first uses them, by the names that it uses for them.
    """

    def find(name: str) -> ModuleType:
        if name not in modules and name not in libraries:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(libraries.get(name) or f"{package}.{name}")
        setattr(sys.modules[package], name, module)  # found without this function from now on
        return module

    return find
