"""Make the root command, with an option for every parameter and a subcommand for every stage."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, MutableMapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, declare, fast, layers
from ..declare.registry import HELP, RUN, Bound, Registry
from ..keys import Key, flag_of
from ..layers import ResolvedValue
from .context import RootContext, find_root, redacted_errors
from .line import move_to_root, read
from .option import ParameterOption
from .stage import StageCommand, check_command

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from .flags import RootFlags

__all__ = ["Program", "RootCommand"]

COMMANDS = ("sweep", "resume", "runs", HELP)
"""The commands of every program, besides `run`. A stage of such a name, or a command that is added, replaces it."""

_MAKE: dict[str, Callable[[Any], click.Command]] = {
    RUN: lambda root: cli.chain.ChainCommand(root, root.registry, root.flags),
    "sweep": lambda root: cli.chain.ChainCommand(root, root.registry, root.flags, sweeps=True),
    "resume": lambda root: cli.own_command.DeferredCommand("resume", "resume", root, root.registry, root.flags),
    "runs": lambda root: cli.own_command.DeferredCommand("runs", "runs_command", root, root.registry, root.flags),
    HELP: lambda root: cli.help_command.HelpCommand(root, root.registry, root.flags),
}

_NAMELESS = ("", "-c", "__main__.py", "ipykernel_launcher.py", "colab_kernel_launcher.py")


class Program(click.Command):
    """A command that may be run as a program."""

    def main(
        self,
        args: Sequence[str] | None = None,
        prog_name: str | None = None,
        complete_var: str | None = None,
        standalone_mode: bool = True,
        **extra: Any,
    ) -> Any:
        """Run as a program, or complete for a shell.

        Unlike in Click, Ctrl-C exits with 130, as shells expect. On Windows, ``*``, ``~`` and ``$name`` on the line are
        not expanded unless ``windows_expand_args`` is passed: an option takes one value, and gets it as it is written.
        """
        extra = {"windows_expand_args": False, **extra, "standalone": standalone_mode}
        if prog_name is None and self.name and _has_no_name():
            prog_name = self.name
        if not _is_completing(prog_name, complete_var):
            return super().main(args, prog_name, complete_var, standalone_mode, **extra)
        with cli.shells.registered():
            try:
                return super().main(args, prog_name, complete_var, standalone_mode, **extra)
            except SystemExit as end:
                fast.skip_last_collection()
                if args is None and not end.code:
                    fast.completion.leave()
                raise
            except click.ClickException as error:
                raise SystemExit(error.exit_code) from None  # completion has nothing to offer


class RootCommand(Program, click.Group):
    """The root command of a binder's program.

    Parameters
    ----------
    registry : Registry
        The functions. Functions that are bound after the command was made appear in it too.
    name : str, optional
        The program's name.
    help : str, optional
        The description of the program.
    version : str, optional
        The version of the program, for ``--version``.
    rich : bool, mapping or RichHelpConfiguration
        Whether rich-click writes help and errors, or how.
    **attrs
        Other parameters of `click.Group`.

    Attributes
    ----------
    added : dict of str to click.Command
        The commands that were added; `commands` has all.
    """

    context_class = RootContext

    def __init__(
        self,
        registry: Registry,
        name: str | None = None,
        *,
        help: str | None = None,
        version: str | None = None,
        rich: Any = False,
        **attrs: Any,
    ) -> None:
        self.registry = registry
        self.rich = rich
        self._constructed = False
        self._version = version
        self._own: click.Command | None = None
        self._listed: cli.listings.Params | None = None
        self._added: list[click.Parameter] = []
        self._made: list[click.Parameter] = []
        self._flags: RootFlags | None = None
        self._commands: dict[str, click.Command] = {}
        self._stages: dict[Bound, StageCommand] = {}
        settings = {"help_option_names": ["-h", "--help"], **attrs.pop("context_settings", {})}
        super().__init__(
            name, invoke_without_command=True, callback=self.run_default, help=help, context_settings=settings, **attrs
        )
        self._constructed = True

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for pickle, with all functions of the program.

        The other process may run any of them. They are in ``_functions`` because a pickled registry, and so a binder,
        contains none: each function adds itself to the registry when it is unpickled. Nothing reads the attribute.
        """
        made: dict[str, Any] = {"_flags": None, "_commands": {}, "_stages": {}, "_listed": None}
        made["_own"] = None  # they are made again, unless other code has changed them
        if self._own is not None and self.own.params != self._made:
            made["_own"] = click.Command(self.name, params=self.own.params)
        return {**vars(self), **made, "_made": [], "_functions": list(self.registry.bounds.values())}

    @property
    def own(self) -> click.Command:
        """A command with the root's own options, made when first asked for, and the options that were added.

        Methods of Click that read `params` are called on it where a run needs no dotted option.
        """
        if self._own is None:
            self._made = [*self.make_options(self._version), *self._added]
            self._own = click.Command(self.name, params=list(self._made))
        if self._listed is not None:
            self._own.params[:] = self._listed.own
        self._own.add_help_option = self.add_help_option
        return self._own

    def make_options(self, version: str | None) -> list[click.Parameter]:
        """Make the root's own options."""
        return cli.root_options.make(self.registry, version)

    @property
    def params(self) -> list[click.Parameter]:
        """All options, also the dotted ones, made when the list is read. Options that are appended are the root's own.

        This is for other code: a run reads `own`, and finds dotted options by their flags.
        """
        if self._listed is None:
            self._listed = cli.listings.Params(self.own.params, self.registry)
        return self._listed

    @params.setter
    def params(self, value: list[click.Parameter]) -> None:
        self._flags = None
        if self._constructed:
            self.params.take(value)  # type: ignore[attr-defined]  # `params` returns a `Params`
        else:
            self._added = value

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        """All commands by name, for other code; a run finds those on the line by `get_command`."""
        return cli.listings.Commands(self, self.added)

    @commands.setter
    def commands(self, value: MutableMapping[str, click.Command]) -> None:
        self.added = value

    @property
    def help(self) -> str | None:
        """The description of the program, without its markup; empty without one, since some tools need a text."""
        return declare.docstrings.reduced(inspect.cleandoc(self._help or ""))

    @help.setter
    def help(self, value: str | None) -> None:
        self._help = value

    def flags(self) -> RootFlags:
        """Return the index of the options by flag, by which they are found on a line; each line gets a new one."""
        if self._flags is None:
            self._flags = cli.flags.RootFlags(self.registry, self.own.params)
        return self._flags

    def own_command(self, name: str) -> click.Command:
        """Return a command that every program has: `run`, or one of `COMMANDS`."""
        if name not in self._commands:
            self._commands[name] = _MAKE[name](self)
        return self._commands[name]

    def prepare_jobs(self) -> None:
        """Import what a job needs, for a process that forks one for each job."""
        cli.recording.prepare()
        if getattr(self.registry.binder, "observers", ()):
            cli.observing.prepare(self.registry)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command that was added, `run`, a stage (dashes and underscores are alike), or one of `COMMANDS`."""
        added = self.added.get(cmd_name)
        if added is not None or cmd_name == RUN:
            return added or self.own_command(RUN)
        stage = self.registry.stage(cmd_name)
        if stage is None:
            return self.own_command(cmd_name) if cmd_name in COMMANDS else None
        if stage not in self._stages:
            self._stages[stage] = StageCommand(stage, self, self.registry, self.flags)
        return self._stages[stage]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the stages in registration order, then `run`, then commands that were added, then `COMMANDS`."""
        names = [flag_of(stage.name) for stage in self.registry.of_role("stage")]
        return list(dict.fromkeys([*names, RUN, *sorted(self.added), *COMMANDS]))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest one. Words that are not from the context's own line are another line."""
        if isinstance(ctx, RootContext) and not ctx.line.take_rest(args):
            return self.name, self, args
        check_command(self, self, ctx, args, "command")
        found = super().resolve_command(ctx, args)
        shows = found[1] in [self._commands.get(name) for name in ("runs", HELP)]
        runs = getattr(found[1], "root", None) is self and not shows
        if isinstance(ctx, RootContext) and not runs:
            cli.around.refuse(ctx, args[0])
            if not shows:  # these work in spite of a problem
                ctx.raise_problem()  # a run raises it itself, after a request for its help
                ctx.watch()
        return found

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the root options and a dotted one for each parameter; while a line is parsed, only options on it."""
        if ctx.command is not self:  # for the command path of a subcommand, in which Click shows only arguments
            return self._added if self._own is None else self._own.params
        if not (isinstance(ctx, RootContext) and ctx.typed.parsing):
            return super().get_params(ctx)
        own = ctx.typed.help_of(ctx) if ctx.lean else self.own.get_params(ctx)
        return [*ctx.typed.sort(own), *ctx.typed.awaited]

    def get_help_option_names(self, ctx: click.Context) -> list[str]:
        """Return the flags of the help option, without those of the root's own options."""
        return self.own.get_help_option_names(ctx)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the help option."""
        return self.own.get_help_option(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the whole line and the files, and parse the root's part of the line as Click does.

        Each step needs the ones before it, and none has an effect outside of the context:

        1. The line is read, since options of the root may follow a stage's name, ``--config`` among them.
        2. The layers below the line are read, since ``--config`` says which files, and Click's options take their
           defaults from them.
        3. Click parses the root's part. Callbacks of options, as of ``--help``, run here and see the defaults.
        4. The values on the line are added to the values of the run.
        5. Root options that exclude each other are refused, and one that describes the program prints and ends it.
        """
        assert isinstance(ctx, RootContext)
        ctx.parsed = True
        ctx.given = ctx.default_map if ctx.default_map and isinstance(ctx.default_map, Mapping) else {}
        ctx.default_map = None  # the files are added before anything reads it
        self._flags = None  # options may have been added since the last line
        self._read_line(ctx, args)
        self._read_layers(ctx)
        rest = super().parse_args(ctx, [*ctx.typed.given, *args[ctx.typed.size :]] if args else [])
        if ctx.lean:
            self._add_defaults(ctx)
        ctx.values = ctx.values.replace(line={**ctx.values.line, **self._typed_values(ctx)})
        if ctx.layer:
            ctx.values = ctx.values.replace(over=layers.Over(ctx.layer, ctx.values.over))
        cli.root_options.describe(ctx, self.registry)
        if ctx.resilient_parsing and not args and not any(name.endswith("_COMPLETE") for name in os.environ):
            ctx.typed.parsing = False  # a tool, such as click-extra, makes a context to list the parameters in it
        return rest

    def _read_line(self, ctx: RootContext, args: list[str]) -> None:
        """Read the line, and move the root's options to the root's part."""
        # Click processes options that were added or get values from elsewhere, even if they are not on the line.
        made = self._own is not None or self._added
        ctx.lean = not (ctx.given or made or ctx.auto_envvar_prefix or ctx.token_normalize_func)
        ctx.typed.parsing = True  # also for the usage that a mistake shows
        ctx.line = read(self, ctx, args, () if ctx.lean else self.own.params)
        move_to_root(ctx.line, ctx)
        if ctx.line.sweeps:
            ctx.taken = cli.axes.take(ctx.line)
        ctx.typed = ctx.line.root
        ctx.typed.parsing = True

    @staticmethod
    def _add_defaults(ctx: RootContext) -> None:
        """Set the parameters of root options that were not made, since they are not on the line."""
        for name in cli.root_options.DEFAULTS.keys() - ctx.params.keys():
            ctx.set_parameter_source(name, ParameterSource.DEFAULT)
        ctx.lean, ctx.params = False, {**cli.root_options.DEFAULTS, **ctx.params}

    @staticmethod
    def _typed_values(ctx: RootContext) -> dict[Key, ResolvedValue]:
        """Return the values of the dotted options on the line."""
        flags = ctx.typed.flags
        return {
            option.key: ResolvedValue(ctx.params[option.name], ParameterSource.COMMANDLINE, flags[option.name])
            for option in ctx.typed.options
            if isinstance(option, ParameterOption)
        }

    def _read_layers(self, ctx: RootContext) -> None:
        """Read the layers below the line, and set Click's default map from them."""
        ctx.reads = ctx.typed.mentions
        if ctx.live is not None:
            ctx.reads = [*ctx.live.reads, *ctx.reads]
            ctx.live.watch()
            ctx.values = ctx.live.values
        elif not ctx.lean:
            ctx.reads = [*cli.around.preset(ctx, self.own.params), *ctx.reads]
        ctx.default_files, ctx.files = cli.root_options.paths(self.registry.settings, ctx.reads)
        if ctx.resilient_parsing:
            ctx.files = [path for path in ctx.files if path != "-"]  # completion must not read standard input
        paths = [*ctx.default_files, *ctx.files]
        ctx.variables = cli.root_options.variables(ctx.reads)
        asked = layers.Asked(paths, ctx.given, None if ctx.resilient_parsing else _warn, ctx.variables)
        if ctx.variables:
            asked.compared = [one.value for one in ctx.reads if one.option.name == "diff" and one.value != "-"]
        if paths:
            asked.above += ctx.line.keys(), ctx.values.line
        found, ctx.problem = layers.read(self.registry, asked)
        ctx.documents = [one for one in asked.documents if one.sweep is not None]
        ctx.with_variables = asked.documents if any(one.variables for one in asked.documents) else ()
        if ctx.job is not None:
            found = cli.recording.restored(ctx, found)
        # Click parses the words after `--` again if they begin with an option; keep the values that were typed before.
        ctx.values = found.replace(line={**found.line, **ctx.values.line}, watch=ctx.values.watch)
        if ctx.given or any(found.defaults):
            ctx.default_map = layers.default_map.of_root(ctx.values, ctx.given)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context of a run; errors show no secrets.

        A line that is called from the context of an earlier one has the values of both; its own take precedence.
        """
        live = find_root(parent, self.registry)
        if live is not None:
            extra = {**cli.around.beneath(live), **extra}
        words = list(args)
        with redacted_errors(self.registry, words):
            try:
                ctx = super().make_context(info_name, args, parent=parent, **extra)
            except (KeyboardInterrupt, click.Abort) as error:
                cli.failures.end_on_interrupt(error, standalone=extra.get("standalone", False))
        assert isinstance(ctx, RootContext)  # its context_class
        ctx.words = words
        return ctx

    def invoke(self, ctx: click.Context) -> Any:
        """Run the commands on the line, and close the contexts afterwards; errors show no secrets."""
        assert isinstance(ctx, RootContext)
        result, is_outermost = None, not ctx.is_open  # none if a context swallows an exception
        with redacted_errors(self.registry, ctx.words, ctx), ctx.open():
            result = super().invoke(ctx)
        if is_outermost:
            ctx.warn_of_unused()
        return result

    def run_default(self, **given: Any) -> Any:
        """Run the stages of `run.stages`, for lines without a command and for Click's `Context.invoke`."""
        ctx = click.get_current_context(silent=True)
        if not (isinstance(ctx, RootContext) and ctx.command is self and ctx.parsed):
            return cli.invoked.program(self, ctx, given)
        if ctx.invoked_subcommand is not None:
            return None
        return cli.chain.run_default(ctx) if ctx.line.take_rest([]) else cli.invoked.program(self, ctx, {})

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the commands, or the root's own options and then the dotted ones."""
        if incomplete[:1] != "-":
            return cli.completion.commands(super().shell_complete, ctx, incomplete)
        own = cli.completion.own_flags(ctx, incomplete)
        return own + self.flags().complete_dotted(ctx, incomplete)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help; in panels, all that the methods of this class write."""
        cli.help.write(self, ctx, formatter, super().format_help)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the root's own options, a section for each function, the stages, and the other commands."""
        cli.help.write_options(self.own.get_params(ctx), ctx, formatter)
        self.registry.load_plugins()
        cli.help.write_functions(self.registry, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the stages, and the other commands."""
        names = self.list_commands(ctx)
        stages = [name for name in names if isinstance(self.get_command(ctx, name), StageCommand)]
        others = [name for name in names if name not in stages]
        cli.help.write_commands(self, ctx, {"Stages": stages, "Commands": others}, formatter)


def _is_completing(prog_name: str | None, complete_var: str | None) -> bool:
    """Return whether a shell asks for completion, by the variable that Click reads."""
    if complete_var is None:
        name = prog_name or os.path.basename(sys.argv[0])
        complete_var = f"_{name.replace('-', '_').replace('.', '_')}_COMPLETE".upper()
    return bool(os.environ.get(complete_var))


def _warn(place: str, key: str, _: object) -> None:
    cli.notices.unknown_key(place, key)


def _has_no_name() -> bool:
    """Return whether a program was started without a name of its own: in a notebook, by ``python -c`` or a folder."""
    if hasattr(sys, "ps1"):
        return True
    is_module = getattr(sys.modules["__main__"], "__package__", None)  # by ``python -m``, of which Click makes a name
    return not is_module and (not sys.argv or os.path.basename(sys.argv[0]) in _NAMELESS)
