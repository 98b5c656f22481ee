"""Write the outputs of root options: a saved or printed plan, differences, a JSON Schema."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import layers, output, record, running
from ..declare.registry import Registry

if TYPE_CHECKING:
    from ..layers.plan import Plan
    from ..running.observers import Observer

__all__ = ["debug", "diff", "print_changed", "print_config", "print_schema", "print_version", "save"]


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


def diff(ctx: Any, registry: Registry, plan: Plan, path: str) -> None:
    """Print the differences between a plan and a file, and exit with 0 if there are none, else with 1.

    The file is read as ``--config`` reads it: above the default files and the default map of an embedding program,
    which are no differences. Values of the command line and of the environment would override the file, and are.
    """
    asked = layers.Asked([*ctx.default_files, path])
    asked.fallback = ctx.variables
    others = layers.plan.plan_of_files(registry, asked, plan.values.default_map, is_body=plan.is_body)
    ours, theirs = (record.entries.entries(registry, one, template=True) for one in (plan, others))
    differences = record.diff.diff(ours, theirs, (_title(ctx, plan), path))
    output.write(differences, "the differences cannot be written")
    ctx.exit(1 if differences else 0)


def _title(ctx: Any, plan: Plan) -> str:
    """Return the title of a plan: that of the line or, if it only names files, the names of these."""
    # ``--from`` and ``--until`` are the origin of the turns that they choose.
    if plan.values.line or ctx.variables or plan.origin == layers.plan.THE_LINE or plan.origin.startswith("--"):
        return "this line"
    if plan.values.environment:
        return "this run"
    return ", ".join(ctx.files or ctx.default_files) or "the defaults"


def print_version(ctx: click.Context, version: str) -> None:
    """Print the version of the program."""
    click.echo(output.printable(f"{ctx.info_name}, version {version}"))


def print_schema(registry: Registry) -> None:
    """Print the JSON Schema of config files."""
    registry.load_plugins()
    output.write(record.json_schema.text(registry), "the schema cannot be written")


def debug(registry: Registry, plan: Plan) -> Observer:
    """Return the observer that prints each bound call."""
    return running.observers.Debug(registry, plan)
