"""Import the modules of a package when they are first used (PEP 562), as SPEC 1 of the scientific packages does."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Collection
from types import ModuleType

__all__ = ["attach"]


def attach(package: str, modules: Collection[str], **libraries: str) -> Callable[[str], ModuleType]:
    """Return the ``__getattr__`` of a package, which imports its modules when they are first used.

    Parameters
    ----------
    package : str
        The full name of the package, ``__name__``.
    modules : collection of str
        The names of its modules.
    **libraries : str
        The full names of libraries that the package imports on first use, by the names that it uses for them.
    """

    def find(name: str) -> ModuleType:
        if name not in modules and name not in libraries:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        module = importlib.import_module(libraries.get(name) or f"{package}.{name}")
        setattr(sys.modules[package], name, module)  # Python finds it without this function from now on
        return module

    return find
