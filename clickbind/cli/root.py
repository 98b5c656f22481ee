"""Make the root command, with an option for every parameter and a subcommand for every stage."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, declare, fast, layers
from ..declare.registry import HELP, RUN, Bound, Registry
from ..keys import Key, flag_of
from ..layers import ResolvedValue
from .context import RootContext, redacted_errors
from .line import move_to_root, read
from .option import ParameterOption, dotted_option
from .stage import StageCommand, check_command

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from .flags import RootFlags

__all__ = ["RootCommand"]

COMMANDS = ("resume", "runs", HELP)
"""The commands of every program, besides `run`. A stage of such a name, or a command that is added, replaces it."""

_MAKE: dict[str, Callable[[Any], click.Command]] = {
    RUN: lambda root: cli.chain.ChainCommand(root, root.registry, root.flags),
    "resume": lambda root: cli.own_command.DeferredCommand("resume", "resume", root, root.registry, root.flags),
    "runs": lambda root: cli.own_command.DeferredCommand("runs", "runs_command", root, root.registry, root.flags),
    HELP: lambda root: cli.help_command.HelpCommand(root, root.registry, root.flags),
}

_NAMELESS = ("", "-c", "__main__.py", "ipykernel_launcher.py", "colab_kernel_launcher.py")


class RootCommand(click.Group):
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
    **attrs
        Other parameters of `click.Group`.
    """

    context_class = RootContext

    def __init__(
        self,
        registry: Registry,
        name: str | None = None,
        *,
        help: str | None = None,
        version: str | None = None,
        **attrs: Any,
    ) -> None:
        self.registry = registry
        self._constructed = False
        self._version = version
        self._params: list[click.Parameter] | None = None
        self._added: list[click.Parameter] = []
        self._flags: RootFlags | None = None
        self._own: dict[str, click.Command] = {}
        self._stages: dict[Bound, StageCommand] = {}
        settings = {"help_option_names": ["-h", "--help"], **attrs.pop("context_settings", {})}
        super().__init__(
            name, invoke_without_command=True, callback=_run_default, help=help, context_settings=settings, **attrs
        )
        self._constructed = True

    def __getstate__(self) -> dict[str, Any]:
        """Return the state for pickle, with all functions of the program.

        The other process may run any of them. They are in ``_functions`` because a pickled registry, and so a binder,
        contains none: each function adds itself to the registry when it is unpickled. Nothing reads the attribute.
        """
        made: dict[str, Any] = {"_flags": None, "_own": {}, "_stages": {}}
        return {**vars(self), **made, "_functions": list(self.registry.bounds.values())}

    @property
    def params(self) -> list[click.Parameter]:
        """The root options, made when first asked for, and the options that were added."""
        if self._params is None:
            self._params = [*cli.root_options.make(self.registry, self._version), *self._added]
        return self._params

    @params.setter
    def params(self, value: list[click.Parameter]) -> None:
        self._flags = None
        if self._constructed:
            self._params = value
        else:
            self._added = value

    @property
    def help(self) -> str | None:
        """The description of the program, without its markup."""
        return self._help and declare.docstrings.reduced(inspect.cleandoc(self._help))

    @help.setter
    def help(self, value: str | None) -> None:
        self._help = value

    def flags(self) -> RootFlags:
        """Return the index of the options by flag, by which they are found on a line; each line gets a new one."""
        if self._flags is None:
            self._flags = cli.flags.RootFlags(self.registry, self.params)
        return self._flags

    def own_command(self, name: str) -> click.Command:
        """Return a command that every program has: `run`, or one of `COMMANDS`."""
        if name not in self._own:
            self._own[name] = _MAKE[name](self)
        return self._own[name]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command that was added, `run`, a stage (dashes and underscores are alike), or one of `COMMANDS`."""
        added = super().get_command(ctx, cmd_name)
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
        return list(dict.fromkeys([*names, RUN, *super().list_commands(ctx), *COMMANDS]))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest one."""
        check_command(self, self, ctx, args, "command")
        found = super().resolve_command(ctx, args)
        own = isinstance(found[1], StageCommand) or found[1] in self._own.values()
        if isinstance(ctx, RootContext) and not own:
            ctx.raise_problem()  # a run raises it itself, after a request for its help; `help` works in spite of it
        return found

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the root options and a dotted one for each parameter; while a line is parsed, only options on it."""
        if ctx.command is not self:  # for the command path of a subcommand, in which Click shows only arguments
            return self._added if self._params is None else self._params
        if not (isinstance(ctx, RootContext) and ctx.typed.parsing):
            self.registry.load_plugins()
            return [*super().get_params(ctx), *(dotted_option(*found) for found in self.registry.walk())]
        own = ctx.typed.help_of(ctx) if ctx.lean else super().get_params(ctx)
        return [*ctx.typed.sort(own), *ctx.typed.awaited]

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
        given = ctx.default_map if ctx.default_map and isinstance(ctx.default_map, Mapping) else {}
        ctx.default_map = None  # the files are added before anything reads it
        self._flags = None  # options may have been added since the last line
        self._read_line(ctx, args, given)
        self._read_layers(ctx, given)
        rest = super().parse_args(ctx, [*ctx.typed.given, *args[ctx.typed.size :]] if args else [])
        if ctx.lean:
            self._add_defaults(ctx)
        ctx.values = ctx.values.replace(line=self._typed_values(ctx))
        cli.root_options.describe(ctx, self.registry)
        return rest

    def _read_line(self, ctx: RootContext, args: list[str], given: Mapping[str, Any]) -> None:
        """Read the line, and move the root's options to the root's part."""
        # Click processes options that were added or get values from elsewhere, even if they are not on the line.
        made = self._params is not None or self._added
        ctx.lean = not (given or made or ctx.auto_envvar_prefix or ctx.token_normalize_func)
        ctx.typed.parsing = True  # also for the usage that a mistake shows
        ctx.line = read(self, ctx, args, () if ctx.lean else self.params)
        move_to_root(ctx.line, ctx)
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

    def _read_layers(self, ctx: RootContext, given: Mapping[str, Any]) -> None:
        """Read the layers below the line, and set Click's default map from them."""
        paths = cli.root_options.paths(self.registry.settings, ctx.typed.mentions)
        if ctx.resilient_parsing:
            paths = [path for path in paths if path != "-"]  # completion must not read standard input
        variables = cli.root_options.variables(ctx.typed.mentions)
        asked = layers.Asked(paths, given, None if ctx.resilient_parsing else _warn, variables)
        if variables:
            asked.compared = [one.value for one in ctx.typed.mentions if one.option.name == "diff" and one.value != "-"]
        if paths:
            asked.above.append(ctx.line.keys())
        found, ctx.problem = layers.read(self.registry, asked)
        if ctx.job is not None:
            found = cli.recording.restored(ctx, found)
        # Click parses the words after `--` again if they begin with an option; keep the values that were typed before.
        ctx.values = found.replace(line=ctx.values.line)
        if given or any(found.defaults):
            ctx.default_map = layers.default_map.of_root(ctx.values, given)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context of a run; errors show no secrets."""
        words = list(args)
        with redacted_errors(self.registry, words):
            ctx = super().make_context(info_name, args, parent=parent, **extra)
        assert isinstance(ctx, RootContext)  # its context_class
        ctx.words = words
        return ctx

    def invoke(self, ctx: click.Context) -> Any:
        """Run the commands on the line, and close the contexts afterwards; errors show no secrets."""
        assert isinstance(ctx, RootContext)
        with redacted_errors(self.registry, ctx.words, ctx), ctx.open():
            return super().invoke(ctx)

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

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the commands, or the root's own options and then the dotted ones."""
        if incomplete[:1] != "-":
            return cli.completion.commands(super().shell_complete, ctx, incomplete)
        own = cli.completion.own_flags(ctx, incomplete)
        return own + self.flags().complete_dotted(ctx, incomplete)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the root's own options, a section for each function, the stages, and the other commands."""
        own = [param.get_help_record(ctx) for param in super().get_params(ctx)]
        with formatter.section("Options"):
            formatter.write_dl([record for record in own if record is not None])
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


def _run_default(**_: Any) -> Any:
    """Run the stages of `run.stages` if the line has no command."""
    ctx = click.get_current_context()
    assert isinstance(ctx, RootContext)  # it is the root's callback
    return cli.chain.run_default(ctx) if ctx.invoked_subcommand is None else None
