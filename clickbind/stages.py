"""The subcommand of a stage, and the chain that runs several of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from . import docstrings, sections
from .contexts import ChainContext, RootContext, StageContext, find_root
from .errors import suggest
from .flags import RootFlags
from .keys import Key, canonical
from .line import Finder, Found, LineParser, make_parser, typed_in
from .options import stage_option
from .registry import Bound
from .resolve import ResolvedValue, Values

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["ChainCommand", "StageCommand", "check_command", "run_default"]


class StageCommand(click.Command):
    """The subcommand of one stage.

    Parameters
    ----------
    bound : Bound
        The stage.
    root : click.Group
        The program.
    flags : RootFlags
        The flags of the root, which are understood here too.
    """

    context_class = StageContext

    def __init__(self, bound: Bound, root: click.Group, flags: RootFlags) -> None:
        self.bound = bound
        self._root = root
        self._flags = flags
        self._params: list[click.Parameter] | None = None
        super().__init__(
            bound.name.replace("_", "-"), callback=bound.call, hidden=bound.hidden, deprecated=bound.deprecated
        )

    @property
    def params(self) -> list[click.Parameter]:
        """Its options, made when first asked for."""
        if self._params is None:
            self._params = [stage_option(self.bound, spec) for spec in self.bound.options.values()]
        return self._params

    @params.setter
    def params(self, value: list[click.Parameter]) -> None:
        self._params = value or None

    @property
    def help(self) -> str | None:
        """Its docstring, without the sections; parsed when asked for."""
        return self.bound.spec.docstring.text

    @help.setter
    def help(self, value: str | None) -> None:
        """Ignore what Click's constructor sets."""

    def get_short_help_str(self, limit: int = 45) -> str:
        """Give its summary, without parsing the rest of the docstring."""
        summary = docstrings.first_paragraph(self.bound.function)
        return click.Command(self.name, help=summary, deprecated=self.deprecated).get_short_help_str(limit)

    def get_help_option(self, ctx: click.Context) -> click.Option | None:
        """Give the help option under a name that no parameter has: before Click 8.5 one called `help` broke it."""
        option = super().get_help_option(ctx)
        if option is not None:
            option.name = "_click_default_help"
        return option

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Give its parameters; for completion also the root's options that the line names."""
        return [*super().get_params(ctx), *named_for_completion(ctx)]

    def make_parser(self, ctx: click.Context) -> LineParser:
        """Make a parser that knows the root's options too; its own of the same name win."""
        return make_parser(self, ctx, Finder(self._find, self._flags.find, self._all_flags))

    def _all_flags(self) -> Iterator[str]:
        for option in self.params:
            yield from (*option.opts, *option.secondary_opts)
        yield from self._flags.all()

    def _find(self, flag: str) -> Found | None:
        """Find an own option that was typed with the other of dash and underscore."""
        name = canonical(flag[2:])
        for spelled, negated in ((name, False), (name.removeprefix("no_"), True)):
            for option in self.params:
                if (
                    isinstance(option, click.Option)
                    and option.name == spelled
                    and negated <= bool(option.secondary_opts)
                ):
                    return option, not negated if option.is_flag else None
        return None

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context of a turn, with the root's around it where a caller has left that out."""
        root = find_root(parent, self._flags.registry)
        if root is None:
            parent = self._root.make_context(self._root.name, [info_name or "", *args], parent=parent)
            root = find_root(parent, self._flags.registry)
        ctx = super().make_context(info_name, args, parent=parent, **extra)
        if root is not None and isinstance(ctx, StageContext):
            root.turns.append(ctx)
        return ctx

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse its options; where it is not in a chain, tell who names a second stage how that is done."""
        in_chain, ctx.allow_extra_args = ctx.allow_extra_args, True
        rest = super().parse_args(ctx, args)
        if rest and not in_chain and not ctx.resilient_parsing:
            message = f"Got unexpected extra argument{'s' * (len(rest) > 1)} ({' '.join(rest)})."
            root = find_root(ctx, self._flags.registry)
            if root is not None and root.registry.stage(rest[0]) is not None:
                message += f" For several stages: {root.command_path} run {ctx.info_name} {rest[0]}"
            ctx.fail(message)
        return rest

    def invoke(self, ctx: click.Context) -> Any:
        """Run the turn, inside the contexts."""
        root = find_root(ctx, self._flags.registry)
        assert root is not None  # make_context saw to it
        assert isinstance(ctx, StageContext)
        with root.open():
            return root.run_turn(ctx)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer its own options, then those of the root."""
        return [*super().shell_complete(ctx, incomplete), *self._flags.complete(incomplete)]


class ChainCommand(click.Group):
    """`run`: several stages, one after the other; without any, those of `run.stages`.

    Parameters
    ----------
    root : click.Group
        The program, whose stages are the subcommands.
    flags : RootFlags
        The flags of the root, which are understood here too.
    """

    context_class = ChainContext

    def __init__(self, root: click.Group, flags: RootFlags) -> None:
        super().__init__(
            "run",
            chain=True,
            invoke_without_command=True,
            help="Run several stages, each with options of its own. Without any, run those of run.stages.",
            subcommand_metavar="[STAGE [OPTIONS]]...",
        )
        self._root = root
        self._flags = flags

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a stage, dashes and underscores alike."""
        stage = self._flags.registry.stage(cmd_name)
        return None if stage is None else self._root.get_command(ctx, cmd_name)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the stages, in registration order."""
        return [stage.name.replace("_", "-") for stage in self._flags.registry.of_role("stage")]

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the next stage, or suggest one."""
        check_command(self, ctx, args, "stage")
        return super().resolve_command(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the stages that the line names, or those of `run.stages`."""
        root = find_root(ctx, self._flags.registry)
        results = super().invoke(ctx)
        return results if ctx.invoked_subcommand or root is None else run_default(root)

    def make_parser(self, ctx: click.Context) -> LineParser:
        """Make a parser that knows the root's options."""
        return make_parser(self, ctx, Finder(lambda _: None, self._flags.find, self._flags.all))

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Give its parameters; for completion also the root's options that the line names."""
        return [*super().get_params(ctx), *named_for_completion(ctx)]

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the stages, then the root's options."""
        return [*super().shell_complete(ctx, incomplete), *self._flags.complete(incomplete)]

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the stages."""
        sections.write_commands(self, ctx, {"Stages": self.list_commands(ctx)}, formatter)


def run_default(root: RootContext) -> list[Any]:
    """Run the stages of `run.stages`: check them all, then run them.

    Parameters
    ----------
    root : RootContext
        The root's context.

    Returns
    -------
    list of object
        What each turn returned.
    """
    assert isinstance(root.command, click.Group)
    contexts = []
    for turn, origin in root.default_turns():
        command = root.command.get_command(root, turn.stage)
        assert command is not None  # a turn is of a stage
        files = {
            Key(turn.stage, name): ResolvedValue(value, ParameterSource.DEFAULT_MAP, origin)
            for name, value in turn.values.items()
        }
        defaults = {
            **(root.default_map or {}).get(turn.stage, {}),
            **Values(files=files).default_map().get(turn.stage, {}),
        }
        contexts.append(command.make_context(command.name, [], parent=root, files=files, default_map=defaults))
    results = []
    for ctx in contexts:
        with ctx:
            results.append(ctx.command.invoke(ctx))
    return results


def check_command(group: click.Group, ctx: click.Context, args: list[str], noun: str) -> None:
    """Refuse a subcommand that there is not, with the nearest that there is.

    Raises
    ------
    click.UsageError
        Where there is no such subcommand.
    """
    name = args[0]
    if not ctx.resilient_parsing and name[:1] != "-" and group.get_command(ctx, name) is None:
        raise click.UsageError(f"No such {noun} {name!r}.{suggest(name, group.list_commands(ctx))}", ctx)


def named_for_completion(ctx: click.Context) -> list[click.Option]:
    """Give the root's options that a line names behind a subcommand, whose values a shell may ask for."""
    return list(typed_in(ctx).options.values()) if ctx.resilient_parsing else []
