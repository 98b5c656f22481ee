"""Complete the values of the options of a search."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from .. import cli, journal, types

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..types import Converter

__all__ = ["annotated", "ranges", "results"]


def ranges(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the keys of numbers, after those that are there already."""
    return _keys(ctx, incomplete, lambda converter: types.intervals.numbers_of(converter) is not None)


def annotated(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the keys whose annotations have a range, or few values."""
    return _keys(ctx, incomplete, _has_values)


def _has_values(converter: Converter) -> bool:
    numbers = types.intervals.numbers_of(converter)
    is_bounded = numbers is not None and numbers.low is not None and numbers.high is not None
    return is_bounded or types.intervals.few_of(converter) is not None


def _keys(ctx: click.Context, incomplete: str, fits: Callable[[Converter], bool]) -> list[CompletionItem]:
    names = [key.text for key, spec in cli.ranges.keys_of(_root_of(ctx)) if spec.converter and fits(spec.converter)]
    before, comma, last = incomplete.rpartition(",")
    return _items([f"{before}{comma}{name}" for name in names if name.startswith(last)])


def results(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the results of the jobs in the folder of ``--into``."""
    folder = _root_of(ctx).params.get("into")
    found = journal.listing.runs(folder) if folder and os.path.isdir(folder) else []
    names = dict.fromkeys(name for record in found for name in record.results)
    return _items(name for name in names if name.startswith(incomplete))


def _items(values: Iterable[str]) -> list[CompletionItem]:
    return [cli.shell_completion.CompletionItem(value) for value in values]


def _root_of(ctx: click.Context) -> Any:
    root: Any = ctx  # only the root's context has turns
    while not hasattr(root, "turns"):
        root = root.parent
    return root
