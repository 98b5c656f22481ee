"""The root's own options, beside those of the bound functions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from .. import cli, output, record
from ..declare.registry import Registry

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["make", "print_schema", "refuse_together"]

# Each ends the program in its own way, or writes what the others print.
_EXCLUSIVE = ("print_config", "print_changed", "print_schema", "diff", "save")


def make(registry: Registry, version: str | None) -> list[click.Parameter]:
    """Make the options.

    Parameters
    ----------
    registry : Registry
        The functions, and what the program wants of its files.
    version : str, optional
        The program's version; with it there is ``--version``.
    """
    options: list[click.Parameter] = [
        click.Option(
            ["--config"],
            multiple=True,
            shell_complete=_files,
            metavar="FILE",
            help="Read values from a YAML file; of several, later ones win. - is standard input.",
        ),
        click.Option(
            ["--no-config"],
            is_flag=True,
            hidden=not registry.settings.config,
            help=f"Leave out what is read by itself: {', '.join(registry.settings.config)}.",
        ),
        click.Option(
            ["--save"],
            shell_complete=_files,
            metavar="FILE",
            help="Write every value of the run to a YAML file, before anything of it starts. - is standard output.",
        ),
        click.Option(["--print-config"], is_flag=True, help="Print the run as YAML, with origins, and run nothing."),
        click.Option(["--print-changed"], is_flag=True, help="The same without the defaults."),
        click.Option(
            ["--diff"],
            shell_complete=_files,
            metavar="FILE",
            help="Show where the run differs from a file's, and run nothing.",
        ),
        click.Option(["--print-schema"], is_flag=True, help="Print a JSON Schema of config files, for editors."),
        click.Option(["--debug"], is_flag=True, help="Print each bound call as it is made."),
    ]
    return options if version is None else [*options, _version_option(version)]


def _files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Have the shell complete files. Click's own type for them looks up a translation of its name, which takes 1 ms."""
    return [cli.shell_completion.CompletionItem(incomplete, type="file")]


def _version_option(version: str) -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(f"{ctx.info_name}, version {version}")
            ctx.exit()

    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help="Show the version and exit."
    )


def refuse_together(ctx: click.Context) -> None:
    """Refuse two options of which each ends the program in its own way.

    Raises
    ------
    click.UsageError
        Where there are two.
    """
    given = [name for name in _EXCLUSIVE if ctx.params.get(name)]
    if len(given) > 1 and not ctx.resilient_parsing:
        one, two, *_ = (f"'--{name.replace('_', '-')}'" for name in given)
        raise click.UsageError(f"{one} and {two} exclude each other.", ctx)


def print_schema(ctx: click.Context, registry: Registry) -> None:
    """Print a JSON Schema of a program's config files, and end the run."""
    text = cli.json.dumps(record.json_schema.schema(registry), indent=2, ensure_ascii=False)
    output.write(f"{text}\n", "the schema cannot be written")
    ctx.exit()
