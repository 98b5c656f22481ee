"""Bound calls and scopes, in one process: prints the nanoseconds of each, per round, as JSON."""

from __future__ import annotations

import importlib
import importlib.util
import json
import sys
import timeit
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

import clickbind

LOOPS = 20_000


def dataset(folder: str = "default", batch: int = 8) -> tuple[str, int]:
    """Make a dataset.

    Parameters
    ----------
    folder : str
        Where it is.
    batch : int
        How large its batches are.
    """
    return folder, batch


def windows(sizes: list[int] = [1]) -> list[int]:  # noqa: B006 - as people write it
    """Make windows; each call gets a list of its own."""
    return sizes


class Case(NamedTuple):
    """What is timed.

    Attributes
    ----------
    statement : str
        What is run in a loop.
    names : dict of str to object
        The names in it.
    inside : callable
        What makes the context manager around the loop.
    """

    statement: str
    names: dict[str, Any]
    inside: Callable[[], AbstractContextManager[Any]] = nullcontext

    def time(self) -> float:
        """Time the statement, in nanoseconds."""
        with self.inside():
            return timeit.Timer(self.statement, globals=self.names).timeit(LOOPS) / LOOPS * 1e9


def clickbind_cases() -> dict[str, Case]:
    """Give what is timed of clickbind."""
    binder = clickbind.Binder()
    names = {"call": binder.bind(dataset, "train"), "windows": binder.bind(windows), "binder": binder}
    given = {"dataset.folder": "here", "train/dataset.folder": "there", "windows.sizes": [2]}

    def inside() -> AbstractContextManager[Any]:
        return binder.scope(given)

    return {
        "clickbind, outside": Case("call()", names),
        "clickbind, inside": Case("call()", names, inside),
        "clickbind, inside, one argument passed by name": Case("call(folder='mine')", names, inside),
        "clickbind, inside, one argument passed by position": Case("call('mine')", names, inside),
        "clickbind, inside, a list was given": Case("windows()", names, inside),
        "clickbind, entering a scope": Case("with binder.scope('train'): pass", names, inside),
        "clickbind, entering a scope and calling once": Case("with binder.scope('train'): call()", names, inside),
    }


def argbind_cases() -> dict[str, Case]:
    """Give the same of argbind."""
    argbind = importlib.import_module("argbind")
    given = {"dataset.folder": "here", "train/dataset.folder": "there"}
    names = {"call": argbind.bind(dataset, "train"), "argbind": argbind, "given": given}

    def inside() -> AbstractContextManager[Any]:
        return argbind.scope(given)

    return {
        "argbind, outside": Case("call()", names),
        "argbind, inside": Case("call()", names, inside),
        "argbind, entering a scope": Case("with argbind.scope(given, 'train'): pass", names, inside),
        "argbind, entering a scope and calling once": Case("with argbind.scope(given, 'train'): call()", names, inside),
    }


def gin_cases() -> dict[str, Case]:
    """Give the same of gin-config; what a file sets holds everywhere there, so nothing is outside."""
    gin = importlib.import_module("gin")
    names = {"unset": gin.configurable("unset")(dataset), "call": gin.configurable("set")(dataset), "gin": gin}
    gin.parse_config("set.folder = 'here'\ntrain/set.folder = 'there'")
    return {
        "gin-config, nothing set": Case("unset()", names),
        "gin-config, a value set": Case("call()", names),
        "gin-config, entering a scope": Case("with gin.config_scope('train'): pass", names),
        "gin-config, entering a scope and calling once": Case("with gin.config_scope('train'): call()", names),
    }


def main() -> None:
    """Time all of them in turns."""
    cases = {"the plain call": Case("call()", {"call": dataset}), **clickbind_cases()}
    missing = []
    for name, make in (("argbind", argbind_cases), ("gin", gin_cases)):
        if importlib.util.find_spec(name) is None:
            missing.append(f"{name} is not installed.")
        else:
            cases.update(make())
    times: dict[str, list[float]] = {name: [] for name in cases}
    for _ in range(int(sys.argv[1])):
        for name, case in cases.items():
            times[name].append(case.time())
    json.dump({"times": times, "missing": missing}, sys.stdout)


main()
