"""Declare the program's own options, each in one row: what it is called, what help says of it, and what it does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import click

from .. import cli, layers, output, record, runs
from ..declare.registry import RUN, Registry, Settings

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..layers.plan import Plan
    from ..runs.observers import Observer
    from .parts import Mention

__all__ = ["DEFAULTS", "NAMES", "OLD_SPELLINGS", "describe", "is_only_shown", "make", "observers", "paths", "perform"]

READS, DESCRIBES, SHOWS, SAVES, OBSERVES = "reads", "describes", "shows", "saves", "observes"
"""The kinds of options: what an option does, and when.

``reads`` chooses the files that are read before the line is parsed, ``describes`` prints something of the program and
ends it, ``shows`` prints something of the plan instead of running it, ``saves`` writes the plan before it is run, and
``observes`` adds an observer to the run.
"""

_EXCLUSIVE = {DESCRIBES, SHOWS, SAVES}  # two of these would both print, or print and write


class RootOption:
    """One option of the program itself.

    A small class with slots rather than a dataclass, which every run would import.

    Attributes
    ----------
    flag : str
        How it is typed: ``--print-config``.
    kind : str
        When it acts; see `READS`.
    help : str
        Its help. ``{config}`` is replaced by the names of the default config files.
    metavar : str
        How help shows its value; empty for a flag.
    multiple : bool
        Whether it may be repeated.
    old : str
        How ArgBind spells it, without dashes; empty if ArgBind does not have it.
    act : callable or None
        What it does. An option that describes gets the registry; one that shows or saves gets the context, the
        registry, the plan, and the option's value; one that observes gets the registry and the plan, and returns an
        observer. What options that read do is in `paths`.
    """

    __slots__ = ("act", "flag", "help", "kind", "metavar", "multiple", "old")

    def __init__(
        self,
        flag: str,
        kind: str,
        help: str,
        *,
        act: Callable[..., Any] | None = None,
        metavar: str = "",
        multiple: bool = False,
        old: str = "",
    ) -> None:
        self.flag = flag
        self.kind = kind
        self.help = help
        self.act = act
        self.metavar = metavar
        self.multiple = multiple
        self.old = old

    @property
    def name(self) -> str:
        """The name of its parameter."""
        return self.flag[2:].replace("-", "_")

    @property
    def default(self) -> Any:
        """The value of its parameter if it is not given."""
        if not self.metavar:
            return False
        return () if self.multiple else None

    def make(self, settings: Settings) -> click.Option:
        """Make the Click option."""
        config = ", ".join(settings.config)
        return click.Option(
            [self.flag],
            is_flag=None if self.metavar else True,  # with False, Click lets it do without its value
            multiple=self.multiple,
            metavar=self.metavar or None,
            shell_complete=_files if self.metavar else None,
            hidden="{config}" in self.help and not config,
            help=self.help.format(config=config),
        )


def _save(_: click.Context, registry: Registry, plan: Plan, path: str) -> None:
    record.atomic.save(record.entries.compose(record.entries.entries(registry, plan)), path)


def _print_config(ctx: click.Context, registry: Registry, plan: Plan, _: bool) -> None:
    _print(ctx, registry, plan, changed=False)


def _print_changed(ctx: click.Context, registry: Registry, plan: Plan, _: bool) -> None:
    _print(ctx, registry, plan, changed=True)


def _print(ctx: click.Context, registry: Registry, plan: Plan, *, changed: bool) -> None:
    entries = record.entries.entries(registry, plan, template=True)
    output.write(record.entries.annotate(entries, changed=changed), "the run cannot be written")
    ctx.exit()


def _diff(ctx: click.Context, registry: Registry, plan: Plan, path: str) -> None:
    others = record.entries.entries(registry, layers.plan.plan_of_file(registry, path))
    differences = record.diff.diff(record.entries.entries(registry, plan), others, path)
    output.write(differences, "the differences cannot be written")
    ctx.exit(1 if differences else 0)


def _print_schema(registry: Registry) -> None:
    output.write(record.json_schema.text(registry), "the schema cannot be written")


def _debug(registry: Registry, plan: Plan) -> Observer:
    return runs.observers.Debug(registry, plan)


ROWS = (
    RootOption(
        "--config",
        READS,
        "Read values from a YAML file; of several, later ones win. - is standard input.",
        metavar="FILE",
        multiple=True,
        old="args.load",
    ),
    RootOption("--no-config", READS, "Ignore the default config file ({config})."),
    RootOption(
        "--save",
        SAVES,
        "Write every value of the run to a YAML file before it starts. - is standard output.",
        metavar="FILE",
        old="args.save",
        act=_save,
    ),
    RootOption("--print-config", SHOWS, "Print the run as YAML with origins, and run nothing.", act=_print_config),
    RootOption("--print-changed", SHOWS, "Print only the values that differ from the defaults.", act=_print_changed),
    RootOption("--diff", SHOWS, "Show how the run differs from a file, and run nothing.", metavar="FILE", act=_diff),
    RootOption("--print-schema", DESCRIBES, "Print a JSON Schema of config files, for editors.", act=_print_schema),
    RootOption("--debug", OBSERVES, "Print each bound call as it is made.", old="args.debug", act=_debug),
)
"""The options, in the order of help. A new one is a row here, and nothing elsewhere."""

DEFAULTS = {row.name: row.default for row in ROWS}
"""The values of options that are not given, by name."""

OLD_SPELLINGS = {row.old: row.name for row in ROWS if row.old}
"""ArgBind's names of options, without dashes."""

NAMES = {
    **{row.name: bool(row.metavar) for row in ROWS},
    **dict.fromkeys(OLD_SPELLINGS, True),
    **dict.fromkeys(("version", "help", "h", RUN), False),
}
"""Whether an option takes a value, by its names, ArgBind's spellings and Click's own options among them."""


def make(registry: Registry, version: str | None) -> list[click.Parameter]:
    """Make the Click options.

    Parameters
    ----------
    registry : Registry
        The functions, and the settings of the program.
    version : str, optional
        The version of the program; if there is one, there is ``--version``.
    """
    options: list[click.Parameter] = [row.make(registry.settings) for row in ROWS]
    return options if version is None else [*options, _version_option(version)]


def _files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Have the shell complete files. Click's own type for files translates its name, which takes 1 ms."""
    return [cli.shell_completion.CompletionItem(incomplete, type="file")]


def _version_option(version: str) -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            click.echo(f"{ctx.info_name}, version {version}")
            ctx.exit()

    return click.Option(
        ["--version"], is_flag=True, is_eager=True, expose_value=False, callback=show, help="Show the version and exit."
    )


def paths(settings: Settings, mentions: Iterable[Mention]) -> list[str]:
    """Return the config files that a line reads: the default ones that exist, and those that are given.

    Parameters
    ----------
    settings : Settings
        The settings of the program.
    mentions : iterable of Mention
        What the line says to the root.
    """
    given, ignored = [], False
    for mention in mentions:
        if mention.option.name == "config":
            given.append(mention.value)
        ignored = ignored or mention.option.name == "no_config"
    return [*(path for path in settings.config if not ignored and _exists(path)), *given]


def _exists(path: str) -> bool:
    return os.path.exists(os.path.expanduser(path))


def describe(ctx: click.Context, registry: Registry) -> None:
    """Refuse options that exclude each other; print what describes the program, and end it.

    Raises
    ------
    click.UsageError
        If two options are given of which each ends the program, or writes what the other one prints.
    """
    if ctx.resilient_parsing:
        return
    given = sorted(_given(ctx), key=lambda row: (row.kind == SAVES, bool(row.metavar)))
    given = [row for row in given if row.kind in _EXCLUSIVE]
    if len(given) > 1:
        one, two, *_ = (f"'{row.flag}'" for row in given)
        raise click.UsageError(f"{one} and {two} cannot be used together.", ctx)
    for row in given:
        if row.kind == DESCRIBES:
            assert row.act is not None  # options that describe have one
            row.act(registry)
            ctx.exit()


def observers(ctx: click.Context, registry: Registry, plan: Plan) -> list[Observer]:
    """Return the observers of a run."""
    return [row.act(registry, plan) for row in _given(ctx) if row.kind == OBSERVES and row.act is not None]


def perform(ctx: click.Context, registry: Registry, plan: Plan) -> None:
    """Save a plan, or show it and end the program."""
    for row in _given(ctx):
        if row.kind in {SHOWS, SAVES} and row.act is not None:
            row.act(ctx, registry, plan, ctx.params[row.name])


def is_only_shown(ctx: click.Context | None) -> bool:
    """Return whether the plan is shown instead of being run, as the root above a context says."""
    while ctx is not None and not isinstance(getattr(ctx, "values", None), layers.Values):
        ctx = ctx.parent
    return ctx is not None and any(row.kind == SHOWS for row in _given(ctx))


def _given(ctx: click.Context) -> list[RootOption]:
    return [row for row in ROWS if ctx.params.get(row.name) not in {None, False, ()}]
