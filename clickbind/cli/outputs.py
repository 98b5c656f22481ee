"""Write the outputs of root options: a saved or printed plan, differences, a JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import layers, output, record, runs
from ..declare.registry import Registry

if TYPE_CHECKING:
    from ..layers.plan import Plan
    from ..runs.observers import Observer

__all__ = ["debug", "diff", "print_changed", "print_config", "print_schema", "save"]


def save(_: click.Context | None, registry: Registry, plan: Plan, path: str) -> None:
    """Save a plan."""
    record.atomic.save(record.entries.compose(record.entries.entries(registry, plan)), path)


def print_config(ctx: click.Context, registry: Registry, plan: Plan, _: bool) -> None:
    """Print a plan with the origins of its values, and exit."""
    _print(ctx, registry, plan, changed=False)


def print_changed(ctx: click.Context, registry: Registry, plan: Plan, _: bool) -> None:
    """Print the values of a plan that differ from the defaults, and exit."""
    _print(ctx, registry, plan, changed=True)


def _print(ctx: click.Context, registry: Registry, plan: Plan, *, changed: bool) -> None:
    entries = record.entries.entries(registry, plan, template=True)
    output.write(record.entries.annotate(entries, changed=changed), "the run cannot be written")
    ctx.exit()


def diff(ctx: click.Context, registry: Registry, plan: Plan, path: str) -> None:
    """Print the differences between a plan and a file, and exit with 0 if there are none, else with 1."""
    others = record.entries.entries(registry, layers.plan.plan_of_file(registry, path))
    differences = record.diff.diff(record.entries.entries(registry, plan), others, path)
    output.write(differences, "the differences cannot be written")
    ctx.exit(1 if differences else 0)


def print_schema(registry: Registry) -> None:
    """Print the JSON Schema of config files."""
    registry.load_plugins()
    output.write(record.json_schema.text(registry), "the schema cannot be written")


def debug(registry: Registry, plan: Plan) -> Observer:
    """Return the observer that prints each bound call."""
    return runs.observers.Debug(registry, plan)
