"""Make the subcommands of stages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from .. import cli, declare, layers
from ..declare.registry import Bound, Registry
from ..keys import flag_of
from .context import RootContext, StageContext, find_root, redacted_errors
from .line import Reader, found_command, part_of
from .option import stage_option, values_of
from .parts import typed_in

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    from ..declare.function import ParameterSpec
    from .flags import RootFlags

__all__ = ["LEFT_OUT", "StageCommand", "check_command", "root_around"]

LEFT_OUT = object()
"""The result of a turn that ``--from`` or ``--until`` leaves out."""


class StageCommand(click.Command):
    """The subcommand of a stage.

    Parameters
    ----------
    bound : Bound
        The stage.
    root : click.Group
        The program.
    registry : Registry
        The functions of the program.
    flags : callable
        Returns the flags of the root, which the command accepts too.
    """

    context_class = StageContext

    def __init__(self, bound: Bound, root: click.Group, registry: Registry, flags: Callable[[], RootFlags]) -> None:
        self.bound = bound
        self.root = root
        self.registry = registry
        self._flags = flags
        self._params: list[click.Parameter] | None = None
        self._options: Mapping[str, ParameterSpec] | None = None
        super().__init__(flag_of(bound.name), hidden=bound.hidden, deprecated=bound.deprecated)

    @property
    def params(self) -> list[click.Parameter]:
        """The stage's options, made when first asked for."""
        if self._params is None or (self._options is not None and self._options is not self.bound.options):
            self._options = self.bound.options  # a class that was bound since may have added some
            own = cli.adopted.adopted(self.bound) if self.bound.spec.clicks else []
            names = {param.name for param in own if param.expose_value}
            options = [stage_option(self.bound, spec) for name, spec in self._options.items() if name not in names]
            self._params = [*own, *options]
        return self._params

    @params.setter
    def params(self, value: list[click.Parameter]) -> None:
        self._params, self._options = value or None, None

    @property
    def callback(self) -> Callable[..., Any]:
        """The stage as Click's `Context.invoke` and programs call it: in the run in progress, or in a new one."""
        return cli.invoked.callback_of(self)

    @callback.setter
    def callback(self, value: Callable[..., Any] | None) -> None:
        """Ignore the value that Click's constructor sets. A line calls the stage by its run."""

    @property
    def help(self) -> str | None:
        """The stage's docstring without its sections, parsed when asked for."""
        return declare.docstrings.reduced(self.bound.spec.docstring.text)

    @help.setter
    def help(self, value: str | None) -> None:
        """Ignore the value that Click's constructor sets."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Return the stage's summary, without parsing the rest of the docstring."""
        if self.bound.problem:
            return str(self.bound.function.__doc__)  # all of it, since help is where it is seen
        summary = declare.docstrings.summary(self.bound.function)
        return click.Command(self.name, help=summary, deprecated=self.deprecated).get_short_help_str(limit)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Return the help option, renamed to a name that no parameter has.

        Before Click 8.5, a parameter called ``help`` breaks the option.
        """
        option = super().get_help_option(ctx)
        if option is not None:
            option.name = "_click_default_help"
        return option

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters.

        While the line is parsed, return them in its order; for completion, also the one whose value is missing.
        """
        typed = typed_in(ctx)
        if typed.parsing:
            params = sorted(self.params, key=_prompts)  # nobody is asked before all others are known
            return typed.sort([*params, *typed.help_of(ctx)])
        return [*super().get_params(ctx), *(typed.awaited if ctx.resilient_parsing else ())]

    def reader(self, ctx: click.Context) -> Reader:
        """Make the reader of the stage's part of a line, which also knows the root's options; the stage's own win."""
        return Reader(self, ctx, self.params, self._flags)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context of a turn, and the root's context around it if the caller has made none."""
        root, parent = root_around(self, args, parent, extra)
        extra.setdefault("default_map", root.default_map_of(self.bound))
        with redacted_errors(self.registry, root.words, root):  # a program that embeds only the stage shows them
            ctx = super().make_context(info_name, args, parent=parent, **extra)
        assert isinstance(ctx, StageContext)  # its context_class
        root.turns.append(ctx)
        if root.between:
            ctx.call_on_close(root.close)
        return ctx

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the options; for a second stage outside of a chain, raise an error that suggests `run`."""
        in_chain, ctx.allow_extra_args = ctx.allow_extra_args, True
        root = find_root(ctx, self.registry)
        assert root is not None  # make_context ensures it
        assert isinstance(ctx, StageContext)  # its context_class
        ctx.typed = part_of(self, ctx, root.line, args)
        if any(ctx.passed):
            cli.invoked.fill_in(ctx.typed, self.bound, ctx.passed)
        try:
            ctx.typed.parsing = True
            ctx.typed.check(ctx)
            rest = super().parse_args(ctx, ctx.typed.given if args else [])
        except click.UsageError:
            root.raise_problem()  # the missing values may be in files that could not be read
            raise
        ctx.typed.parsing = False
        if in_chain:
            ctx.args = rest = args[ctx.typed.size :]
        elif rest and not ctx.resilient_parsing:
            known = self.root.list_commands(ctx)
            words = " ".join(layers.redaction.word(word, known, self.registry) for word in rest)
            message = f"Got unexpected extra argument{'s' * (len(rest) > 1)} ({words})."
            if root.registry.stage(rest[0]) is not None:
                message += f" For several stages: {root.command_path} run {ctx.info_name} {rest[0]}"
            else:
                place = cli.meant.Place(self, self._flags(), self.params)
                message += cli.meant.extra_words(place, root.line, args, rest, ctx)
            ctx.fail(message)
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the turn inside the contexts."""
        root = find_root(ctx, self.registry)
        assert root is not None  # make_context ensures it
        assert isinstance(ctx, StageContext)  # its context_class
        if root.is_open:
            return self._run(root, ctx)
        with ctx:  # what the stage opens in it is left before the contexts
            ctx.with_resource(root.open())
            return self._run(root, ctx)

    def _run(self, root: RootContext, ctx: StageContext) -> Any:
        root.begin()
        if root.leaves_out(ctx):
            return LEFT_OUT
        if self.deprecated:
            click.Command(self.name, deprecated=self.deprecated).invoke(ctx)  # prints the warning
        return root.run_turn(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the stage's own options and then the root's, or in a chain the next stages."""
        if incomplete[:1] != "-":
            return cli.completion.commands(super().shell_complete, ctx, incomplete)
        own = cli.completion.own_flags(ctx, incomplete)
        return [*own, *self._flags().complete(ctx, incomplete)]

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the help; in panels, all that the methods of this class write."""
        cli.help.write(self, ctx, formatter, super().format_help)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write all options in their usual order: help is requested while the line is parsed, which sorts them."""
        typed_in(ctx).parsing = False
        cli.help.write_options(self.get_params(ctx), ctx, formatter)
        if self.bound.spec.groups:
            cli.help_choices.write(self.bound, values_of(ctx), formatter, self._row_of(ctx), _flag)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write where the options of the other functions are shown."""
        super().format_epilog(ctx, formatter)
        root = find_root(ctx, self.registry)
        if root is not None:
            cli.help.write_pointer(root, formatter)

    def _row_of(self, ctx: click.Context) -> Callable[[ParameterSpec], tuple[str, str]]:
        """Return the function that writes a row of help for a field of a class."""

        def row(spec: ParameterSpec) -> tuple[str, str]:
            record = stage_option(self.bound, spec).get_help_record(ctx)
            assert record is not None  # it is not hidden
            return record

        return row


def _flag(name: str) -> str:
    return f"--{flag_of(name)}"


def _prompts(param: click.Parameter) -> bool:
    return getattr(param, "prompt", None) is not None


def root_around(
    command: Any, args: Sequence[str], parent: click.Context | None, extra: dict[str, Any]
) -> tuple[RootContext, click.Context]:
    """Return the root's context above a command, or make one if the command is not called by a line of the root.

    Parameters
    ----------
    command : StageCommand, ChainCommand or HelpCommand
        The command.
    args : sequence of str
        The command's part of the line.
    parent : click.Context, optional
        The context that the command is called from.
    extra : dict of str to object
        The settings of the command's context; those that hold for the whole run are moved to a new context.

    Returns
    -------
    root : RootContext
        The root's context.
    parent : click.Context
        The parent of the command's context: the caller's, or the one that was made.
    """
    found = find_root(parent, command.registry)
    if found is not None and "passed" not in extra and ("turn" in extra or found.line.take(command, args)):
        assert parent is not None  # the root was found from it
        return found, parent
    made = cli.around.root_between(command, args, parent, extra)
    return made, made


def check_command(root: Any, group: click.Group, ctx: click.Context, args: list[str], noun: str) -> None:
    """Refuse an unknown subcommand, and suggest what may be meant.

    Raises
    ------
    click.UsageError
        If there is no such subcommand.
    """
    name = args[0]
    if not ctx.resilient_parsing and name[:1] != "-" and found_command(group, ctx, name) is None:
        above = find_root(ctx, root.registry)
        raise cli.meant.no_such_command(root.flags(), None if above is None else above.line, args, noun, ctx)
