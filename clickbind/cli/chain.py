"""Run several stages with `run`, or the stages of `run.stages` if the line has none."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from .. import cli
from ..declare.registry import RUN, Registry
from ..keys import flag_of
from .context import CommandContext, RootContext, find_root
from .line import Reader, part_of
from .parts import Part, typed_in
from .stage import LEFT_OUT, StageCommand, check_command, root_around

if TYPE_CHECKING:
    from collections.abc import Callable, MutableMapping

    from click.shell_completion import CompletionItem

    from .flags import RootFlags

__all__ = ["ChainCommand", "run_default"]


_HELP = "Run several stages, each with its own options. Without stages, run those in run.stages."
_SWEEP_HELP = """Try each combination of the values of repeated options.

With --trials N, try N points of ranges instead: --lr 1e-4..1e-1.
"""


class ChainContext(CommandContext):
    """The context of `run`.

    Attributes
    ----------
    typed : Part
        The part of the line for `run`.
    parsed : bool
        Whether it has a line. Click's `invoke` makes contexts without one.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.typed = Part()
        self.parsed = False

    def make_formatter(self, **_: Any) -> click.HelpFormatter:
        """Make the formatter of the help; rich-click passes for what it is."""
        return cli.help.formatter_of(self)


class ChainCommand(click.Group):
    """The command `run`, which runs several stages in a row or, without any, the stages of `run.stages`.

    Parameters
    ----------
    root : click.Group
        The program, whose stages are the subcommands.
    registry : Registry
        The functions of the program.
    flags : callable
        Returns the flags of the root, which the command accepts too.
    sweeps : bool
        Whether it is the command `sweep`, which does so for each combination of the values on the line.
    """

    context_class = ChainContext

    def __init__(
        self, root: click.Group, registry: Registry, flags: Callable[[], RootFlags], *, sweeps: bool = False
    ) -> None:
        self._params: list[click.Parameter] | None = None
        self.root = root
        self.registry = registry
        self._flags = flags
        self.sweeps = False  # so that Click's constructor, which looks at the options, does not make them
        super().__init__(
            "sweep" if sweeps else RUN,
            chain=True,
            invoke_without_command=True,
            help=_SWEEP_HELP if sweeps else _HELP,
            subcommand_metavar="[STAGE [OPTIONS]]...",
            callback=None if sweeps else self._called,
        )
        self.sweeps, self._params = sweeps, None

    @property
    def params(self) -> list[click.Parameter]:
        """The command's own options, made when first asked for."""
        if self._params is None:
            self._params = cli.sweep.options(self) if self.sweeps else []
        return self._params

    @params.setter
    def params(self, value: list[click.Parameter]) -> None:
        self._params = value or None

    @property
    def commands(self) -> MutableMapping[str, click.Command]:
        """The stages as commands, by name, for other code."""
        return cli.listings.Commands(self)

    @commands.setter
    def commands(self, value: MutableMapping[str, click.Command]) -> None:
        """Ignore the value that Click's constructor sets."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a stage by its name with dashes or underscores."""
        stage = self.registry.stage(cmd_name)
        return None if stage is None else self.root.get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the stages, in registration order."""
        return [flag_of(stage.name) for stage in self.registry.of_role("stage")]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the next stage, or suggest one."""
        check_command(self.root, self, ctx, args, "stage")
        root = find_root(ctx, self.registry)
        assert root is not None  # make_context ensures it
        rest: Any = root.line.rest(args)  # Click slices it for each turn
        return super().resolve_command(ctx, args if rest is None else rest)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the stages on the line or, without any, the stages of `run.stages`."""
        root = find_root(ctx, self.registry)
        assert root is not None  # make_context ensures it
        if self.sweeps:
            cli.sweep.begin(root, {**ctx.params, "engine": cli.engines.chosen(ctx, self.registry)})
        with root.open():
            results = super().invoke(ctx)
            if not ctx.invoked_subcommand:
                return run_default(root)
            return [result for result in results if result is not LEFT_OUT]

    def _called(self) -> Any:
        """Run the stages of `run.stages` for Click's `Context.invoke`; on a line, `invoke` does."""
        ctx = click.get_current_context(silent=True)
        is_line = isinstance(ctx, ChainContext) and ctx.command is self and ctx.parsed
        return None if is_line else cli.invoked.program(self.root, ctx, {})

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context, and the root's context around it if the caller has made none."""
        root, parent = root_around(self, args, parent, extra)
        extra.setdefault("default_map", {})  # each stage gets its own
        ctx = super().make_context(info_name, args, parent=parent, **extra)
        if root.between:
            ctx.call_on_close(root.close)
        return ctx

    def reader(self, ctx: click.Context) -> Reader:
        """Make the reader of the part of a line for `run`, which also knows the root's options."""
        more = cli.engines.finder(self) if self.sweeps else None
        return Reader(self, ctx, self.params, self._flags, more=more)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters.

        While the line is parsed, return only those that it sets; for completion, also the one without a value.
        """
        typed = typed_in(ctx)
        if typed.parsing:
            return [*self.params, *typed.help_of(ctx)]
        return [*super().get_params(ctx), *(typed.awaited if ctx.resilient_parsing else ())]

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the part of the line for `run`."""
        root = find_root(ctx, self.registry)
        assert root is not None  # make_context ensures it
        assert isinstance(ctx, ChainContext)  # its context_class
        ctx.typed = part_of(self, ctx, root.line, args)
        ctx.parsed = ctx.typed.parsing = True
        ctx.typed.check(ctx)
        rest = super().parse_args(ctx, [*ctx.typed.given, *args[ctx.typed.size :]] if args else [])
        ctx.typed.parsing = False
        return rest

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the stages, or the root's options."""
        if incomplete[:1] != "-":
            return cli.completion.commands(super().shell_complete, ctx, incomplete)
        return super().shell_complete(ctx, incomplete) + self._flags().complete(ctx, incomplete)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help; in panels, all that the methods of this class write."""
        cli.help.write(self, ctx, formatter, super().format_help)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write all options: help is requested while the line is parsed, when `get_params` returns only some."""
        typed_in(ctx).parsing = False
        cli.help.write_options(self.get_params(ctx), ctx, formatter)
        if self.sweeps:
            cli.engines.write(self.registry, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the stages."""
        cli.help.write_commands(self, ctx, {"Stages": self.list_commands(ctx)}, formatter)


def run_default(root: RootContext) -> list[Any]:
    """Run the stages of `run.stages`: check them all, then run them.

    Parameters
    ----------
    root : RootContext
        The root's context.

    Returns
    -------
    list of object
        The result of each turn.
    """
    assert isinstance(root.command, click.Group)
    contexts = []
    for turn in root.default_turns():
        command = root.command.get_command(root, turn.stage)
        assert isinstance(command, StageCommand)  # every turn runs a stage
        defaults = root.default_map_of(command.bound, turn.files)
        contexts.append(command.make_context(command.name, [], parent=root, turn=turn, default_map=defaults))
    root.begin()
    if root.job is not None and not contexts:  # all turns of a run that goes on are done: it only ends
        root.entered()
    results = []
    for ctx in contexts:
        with ctx:
            results.append(ctx.command.invoke(ctx))
    return results
