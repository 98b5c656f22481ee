"""Declare the root options, each in one row with its flag, help text and kind."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click

from .. import cli, layers
from ..declare.registry import RUN, Registry, Settings

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..layers.plan import Plan
    from ..running.observers import Observer
    from .parts import Mention

__all__ = [
    "DEFAULTS",
    "NAMES",
    "OLD_SPELLINGS",
    "describe",
    "is_only_shown",
    "is_recorded",
    "make",
    "observers",
    "paths",
    "perform",
    "sliced_by",
]

READS, DESCRIBES, SHOWS, SAVES, OBSERVES = "reads", "describes", "shows", "saves", "observes"
RECORDS, SLICES = "records", "slices"
"""The kinds of options, which decide when an option acts and with which arguments its function is called.

``reads``
    Choose the files that are read before the line is parsed: see `paths`.
``describes``
    Print a description of the program, and exit. Called with the registry.
``shows``, ``saves``
    Print the plan or a part of it instead of running it, or write the plan before it runs. Called with the context,
    the registry, the plan, and the option's value.
``observes``
    Return an observer for the run. Called with the registry and the plan.
``records``
    Say whether and where the run is recorded: see `cli.recording`.
``slices``
    Choose a part of the turns: see `cli.slicing`.
"""

_EXCLUSIVE = {DESCRIBES, SHOWS, SAVES}  # two of these would both print, or print and write


class RootOption:
    """An option of the program itself, implemented by the function of its name in `cli.outputs`.

    Not a dataclass, since every run would have to import `dataclasses`.

    Attributes
    ----------
    flag : str
        The flag: ``--print-config``.
    kind : str
        The kind; see `READS`.
    help : str
        The help text. ``{config}`` is replaced by the names of the default config files, and ``{record}`` by the
        folder that all runs are recorded in. Without such, help leaves the option out.
    metavar : str
        The placeholder of the value in help; empty for a flag.
    multiple : bool
        Whether the option may be repeated.
    is_file : bool
        Whether the value is a file.
    old : str
        ArgBind's spelling, without dashes; empty if ArgBind does not have the option.
    name : str
        The name of the parameter: ``print_config``.
    default : object
        The value of the parameter if the option is not given.
    """

    __slots__ = ("default", "flag", "help", "is_file", "kind", "metavar", "multiple", "name", "old")

    def __init__(
        self, flag: str, kind: str, help: str, *, metavar: str = "", multiple: bool = False, old: str = ""
    ) -> None:
        self.flag = flag
        self.kind = kind
        self.help = help
        self.metavar = metavar
        self.multiple = multiple
        self.is_file = metavar == "FILE"
        self.old = old
        self.name = flag[2:].replace("-", "_")
        self.default: Any = (() if multiple else None) if metavar else False

    def act(self, *given: Any) -> Any:
        """Call the option's function."""
        return getattr(cli.outputs, self.name)(*given)

    def make(self, settings: Settings) -> click.Option:
        """Make the Click option."""
        names = {"config": ", ".join(settings.config), "record": settings.record}
        return click.Option(
            [self.flag],
            is_flag=None if self.metavar else True,  # with False, Click makes the value optional
            type=click.STRING if self.metavar else click.BOOL,  # for flags, Click makes another, which trogon misses
            multiple=self.multiple,
            default=None if self.metavar else False,  # without one, Click from 8.3 on has an object that tools show
            metavar=self.metavar or None,
            shell_complete=_COMPLETE.get(self.metavar),
            callback=_checked if self.name == "var" else None,
            hidden=any(f"{{{name}}}" in self.help and not text for name, text in names.items()),
            help=self.help.format(**names),
        )


ROWS = (
    RootOption(
        "--config",
        READS,
        "Read values from a YAML file, or standard input if it is -. Of several files, the last one wins.",
        metavar="FILE",
        multiple=True,
        old="args.load",
    ),
    RootOption("--var", READS, "Set a variable of the config files.", metavar="NAME=VALUE", multiple=True),
    RootOption("--no-config", READS, "Ignore the default config file ({config})."),
    RootOption(
        "--save",
        SAVES,
        "Write every value of the run to a YAML file before it starts. - is standard output.",
        metavar="FILE",
        old="args.save",
    ),
    RootOption("--print-config", SHOWS, "Print the run as YAML with origins, and run nothing."),
    RootOption("--print-changed", SHOWS, "Print only the values that differ from the defaults."),
    RootOption("--diff", SHOWS, "Show how the run differs from a file, and run nothing.", metavar="FILE"),
    RootOption("--print-schema", DESCRIBES, "Print a JSON Schema of config files, for editors."),
    RootOption("--into", RECORDS, "Record the run in a folder.", metavar="FOLDER"),
    RootOption("--no-record", RECORDS, "Do not record the run in a new folder of {record}."),
    RootOption("--from", SLICES, "Leave out the stages before this one.", metavar="STAGE"),
    RootOption("--until", SLICES, "Leave out the stages after this one.", metavar="STAGE"),
    RootOption("--debug", OBSERVES, "Print each bound call as it is made.", old="args.debug"),
)
"""The options, in the order of help. To add one, add a row here and a function in `cli.outputs`."""

DEFAULTS = {row.name: row.default for row in ROWS}
"""The values of options that are not given, by name."""

OLD_SPELLINGS = {row.old: row.name for row in ROWS if row.old}
"""ArgBind's names of options, without dashes."""

NAMES = {
    **{row.name: bool(row.metavar) for row in ROWS},
    **dict.fromkeys(OLD_SPELLINGS, True),
    **dict.fromkeys(("sweep", "stop", "x", "print_jobs", "no_failed"), False),
    **dict.fromkeys(("jobs", "j", "zip", "job", "engine"), True),
    **dict.fromkeys(("trials", "seed", "log", "over", "minimize", "maximize"), True),
    **dict.fromkeys(("resume", "runs", "all", "csv", "json"), False),
    **dict.fromkeys(("sort", "html"), True),
    **dict.fromkeys(("version", "help", "h", RUN), False),
}
"""Whether an option takes a value, by its name; with ArgBind's spellings, and the commands and options that every
program has besides."""


def make(registry: Registry, version: str | None) -> list[click.Parameter]:
    """Make the Click options.

    Parameters
    ----------
    registry : Registry
        The functions, and the settings of the program.
    version : str, optional
        The version of the program; with one, ``--version`` is added.
    """
    options: list[click.Parameter] = [row.make(registry.settings) for row in ROWS]
    return options if version is None else [*options, _version_option(version)]


def _yaml_files(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete files. Click's type for files is avoided: it translates its name, which takes 1 ms."""
    return [cli.shell_completion.CompletionItem(incomplete, type="file", suffixes=(".yml", ".yaml"))]


def _folders(_: click.Context, __: click.Parameter, incomplete: str) -> list[CompletionItem]:
    return [cli.shell_completion.CompletionItem(incomplete, type="dir")]


def _stages(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    names = [bound.name for bound in _root_of(ctx).registry.of_role("stage")]
    return [cli.shell_completion.CompletionItem(name) for name in names if name.startswith(incomplete)]


def _variables(ctx: click.Context, _: click.Parameter, incomplete: str) -> list[CompletionItem]:
    """Complete the names of the variables in the config files on the line."""
    root = _root_of(ctx)
    default, given = paths(root.registry.settings, root.reads)
    names = layers.includes.variables_in([*default, *given])
    return [cli.shell_completion.CompletionItem(f"{name}=") for name in names if name.startswith(incomplete)]


def _root_of(ctx: click.Context) -> Any:
    root: Any = ctx  # only this package's class has a registry
    while not hasattr(root, "registry"):
        root = root.parent
    return root


_COMPLETE = {"FILE": _yaml_files, "FOLDER": _folders, "STAGE": _stages, "NAME=VALUE": _variables}
"""The completion of the values of options, by their placeholder."""


def _checked(ctx: click.Context, _: click.Parameter, given: tuple[str, ...]) -> tuple[str, ...]:
    """Check that each variable has a name and a value, and warn of a name that is given twice."""
    seen: dict[str, str] = {}
    for text in given if not ctx.resilient_parsing else ():
        name, equals, value = text.partition("=")
        if not name or not equals:
            raise click.BadParameter(f"expected NAME=VALUE, got {text!r}.", ctx, param_hint="'--var'")
        if seen.setdefault(name, value) != value:
            cli.notices.repeated_variable(name)
        seen[name] = value
    return given


def variables(mentions: Iterable[Mention]) -> dict[str, str]:
    """Return the variables that are given, the last value of each; those without a value are refused by `_checked`."""
    given = [mention.value.partition("=") for mention in mentions if mention.option.name == "var"]
    return {name: value for name, equals, value in given if name and equals}


def _version_option(version: str) -> click.Option:
    def show(ctx: click.Context, _: click.Parameter, value: bool) -> None:
        if value and not ctx.resilient_parsing:
            cli.outputs.print_version(ctx, version)
            ctx.exit()

    return click.Option(
        ["--version"],
        is_flag=True,
        type=click.BOOL,
        default=False,
        is_eager=True,
        expose_value=False,
        callback=show,
        help="Show the version and exit.",
    )


def paths(settings: Settings, mentions: Iterable[Mention]) -> tuple[list[str], list[str]]:
    """Return the config files to read.

    Parameters
    ----------
    settings : Settings
        The settings of the program.
    mentions : iterable of Mention
        The root's options that are given.

    Returns
    -------
    default, given : list of str
        The default files that exist, unless they are ignored, and those that are asked for.
    """
    given, ignored = [], False
    for mention in mentions:
        if mention.option.name == "config":
            given.append(mention.value)
        ignored = ignored or mention.option.name == "no_config"
    return [] if ignored else settings.default_files(), given


def describe(ctx: click.Context, registry: Registry) -> None:
    """Refuse options that exclude each other; if one describes the program, print its output and exit.

    Raises
    ------
    click.UsageError
        If two options are given that both end the program, or of which one writes what the other one prints.
    """
    if ctx.resilient_parsing:
        return
    given = sorted(given_in(ctx), key=lambda row: (row.kind == SAVES, bool(row.metavar)))
    given = [row for row in given if row.kind in _EXCLUSIVE]
    if len(given) > 1:
        one, two, *_ = (f"'{row.flag}'" for row in given)
        raise click.UsageError(f"{one} and {two} cannot be used together.", ctx)
    for row in given:
        if row.kind == DESCRIBES:
            row.act(registry)
            ctx.exit()


def observers(ctx: Any, registry: Registry, plan: Plan) -> list[Observer]:
    """Return the observers of a run, also those that the lines ask for from whose contexts it is called."""
    given: dict[RootOption, None] = {}
    while ctx is not None:
        given.update((row, None) for row in given_in(ctx) if row.kind == OBSERVES)
        ctx = ctx.live
    return [row.act(registry, plan) for row in given]


def perform(ctx: click.Context, registry: Registry, plan: Plan) -> None:
    """Save a plan, or show it and exit."""
    for row in given_in(ctx):
        if row.kind in {SHOWS, SAVES}:
            row.act(ctx, registry, plan, ctx.params[row.name])


def is_recorded(ctx: click.Context, settings: Settings) -> bool:
    """Return whether the run is recorded: the line or the program says so."""
    return ctx.params["into"] is not None or bool(settings.record and not ctx.params["no_record"])


def sliced_by(ctx: click.Context) -> str:
    """Return the options by which only a part of the turns runs; empty without any."""
    return ", ".join(row.flag for row in given_in(ctx) if row.kind == SLICES)


def is_only_shown(ctx: click.Context | None) -> bool:
    """Return whether the plan is shown instead of run, according to the root's options above a context."""
    while ctx is not None and not isinstance(getattr(ctx, "values", None), layers.Values):
        ctx = ctx.parent
    return ctx is not None and any(row.kind == SHOWS for row in given_in(ctx))


def given_in(ctx: click.Context) -> list[RootOption]:
    """Return the options that a context has values for."""
    return [row for row in ROWS if ctx.params.get(row.name) not in {None, False, ()}]
