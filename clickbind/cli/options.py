"""Give a Click command the options of a program's functions. Only `Binder.options` imports this module."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from .. import cli
from ..declare.registry import RUN, Registry
from ..errors import BindError
from ..keys import Key
from .context import RootContext, find_root, redacted_errors
from .flags import RootFlags
from .line import Reader, part_of
from .option import dotted_flags, dotted_option
from .parts import typed_in
from .root import Program, RootCommand

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["with_options"]

_OF_THE_RUN = ("color", "help_option_names", "max_content_width", "show_default", "terminal_width")
"""The settings of a context that the root's context gets too, besides those that the code names."""


def with_options(registry: Registry, command: Any) -> Any:
    """Return a copy of a command that has the options of a program, and whose body runs inside of the values.

    Parameters
    ----------
    registry : Registry
        The functions.
    command : click.Command
        The command, of any class. Its own options take precedence.

    Raises
    ------
    BindError
        If it is no command, a group, or a command of a program.
    """
    if not isinstance(command, click.Command):
        raise BindError(f"{command!r} is not a Click command: write @binder.options above @click.command().")
    if isinstance(command, click.Group):
        raise BindError(
            f"{command.name!r} is a group, whose commands would not get the options: decorate each of them."
        )
    if getattr(command, "registry", None) is not None:
        raise BindError(f"{command.name!r} has the options of a binder already.")
    made = copy.copy(command)
    kind = type(command)
    names = {"__module__": kind.__module__, "__doc__": kind.__doc__}
    made.__class__ = type(kind.__name__, (OptionsCommand, kind), names)
    made.params = list(command.params)
    vars(made).update(registry=registry, root=_Root(registry, made))
    return made


class _Flags(RootFlags):
    """The flags of the root without `run.stages`, since a command runs only its body."""

    without = frozenset({RUN})


class _Root(RootCommand):
    """The root of a run that is the body of a Click command. It reads lines and files, and has no commands of its own.

    Parameters
    ----------
    registry : Registry
        The functions.
    command : OptionsCommand
        The command.
    """

    def __init__(self, registry: Registry, command: Any) -> None:
        super().__init__(registry, command.name)
        self.context_settings = {}  # those of the command
        self.body: OptionsCommand = command

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Return the command."""
        return self.body

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return nothing: the command is the whole program."""
        return []

    def flags(self) -> RootFlags:
        """Return the index of the options by flag."""
        if self._flags is None:
            self._flags = _Flags(self.registry, self.own.params)
        return self._flags

    def make_options(self, version: str | None) -> list[click.Parameter]:
        """Make the root's own options, without those that choose stages."""
        left_out = {row.name for row in cli.root_options.ROWS if row.kind == cli.root_options.SLICES}
        return [option for option in super().make_options(version) if option.name not in left_out]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """Return the usage of the command."""
        return self.body.collect_usage_pieces(ctx)

    def shown(self) -> tuple[list[click.Parameter], set[Key]]:
        """Return the root options whose flags the command does not have itself, and the keys whose flags it has."""
        own = {flag for param in self.body.params for flag in (*param.opts, *param.secondary_opts)}
        options = [param for param in self.own.params if not own.intersection(param.opts)]
        keys = {key for key, _, spec in self.registry.walk(broken=False) if own.intersection(dotted_flags(key, spec))}
        return options, keys | {Key(RUN, "stages")}


class OptionsCommand(Program):
    """The part of a command's class that gives it the options.

    Attributes
    ----------
    root : RootCommand
        The root that reads its lines. Its context has the run, and is no parent of the command's context.
    registry : Registry
        The functions.
    """

    root: _Root
    registry: Registry

    @property
    def callback(self) -> Callable[..., Any] | None:
        """The body, which is a run of its own if no line has begun one."""
        found = vars(self)["callback"]
        return None if found is None else cli.invoked.body_of(self, found)

    @callback.setter
    def callback(self, value: Callable[..., Any] | None) -> None:
        vars(self)["callback"] = value

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Make the context of a line, and that of its run."""
        standalone = extra.pop("standalone", False)
        ctx = super().make_context(info_name, args, parent=parent, **extra)
        if standalone:
            self._root_of(ctx).stand_alone()
        return ctx

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the whole line and the files, and parse the command's own part as Click does."""
        root = self._make_root(ctx, [self.name or "", *args], resilient_parsing=ctx.resilient_parsing)
        with redacted_errors(self.registry, root.words, root):
            part = part_of(self, ctx, root.line, args)
            vars(ctx)["typed"] = part
            part.check(ctx)
            part.parsing = True
            rest = super().parse_args(ctx, [*part.given, *args[part.size :]] if args else [])
            part.parsing = False
        return rest

    def _make_root(self, ctx: click.Context, words: list[str], **settings: Any) -> RootContext:
        """Make the context of a run beside the command's, with the same settings."""
        settings.update({name: getattr(ctx, name) for name in _OF_THE_RUN})
        live = find_root(ctx.parent, self.registry)
        given = ctx.default_map if live is None else {**live.given, **(ctx.default_map or {})}
        settings.update(default_map=given, auto_envvar_prefix=ctx.auto_envvar_prefix, between=False)
        settings.update(token_normalize_func=ctx.token_normalize_func, chained=not ctx.allow_interspersed_args)
        root = self.root.make_context(ctx.info_name, words, parent=ctx.parent, **settings)
        assert isinstance(root, RootContext)  # its context_class
        vars(ctx)["root_context"] = root
        ctx.call_on_close(root.close)
        return root

    def _root_of(self, ctx: click.Context) -> RootContext:
        """Return the context of the run; make one for a context that has no line, as tools do that show help."""
        root = getattr(ctx, "root_context", None)
        return root if root is not None else self._make_root(ctx, [self.name or ""], resilient_parsing=True)

    def reader(self, ctx: click.Context) -> Reader:
        """Make the reader of the command's part of a line."""
        return Reader(self, ctx, self.params, self.root.flags)

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Return the parameters; while a line is parsed or completed, only the command's own."""
        typed = typed_in(ctx)
        own = super().get_params(ctx)
        if typed.parsing or ctx.command is not self:
            return own
        if ctx.resilient_parsing:
            return [*own, *typed.awaited]
        options, keys = self.root.shown()
        if getattr(ctx, "is_listed", False):
            return [*own[:-1], *options, *own[-1:]] if self.add_help_option else [*own, *options]
        dotted = [dotted_option(*found) for found in self.registry.walk() if found[0] not in keys]
        return [*own, *options, *dotted]

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the command's own options and the root's, and a section for each function."""
        typed_in(ctx).parsing = False
        root = self._root_of(ctx)
        vars(ctx)["is_listed"] = True
        super().format_options(ctx, formatter)
        vars(ctx)["is_listed"] = False
        self.registry.load_plugins()
        cli.help.write_functions(self.registry, root, cli.help.sectioned(formatter), self.root.shown()[1])

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the command's own options and then the root's."""
        if incomplete[:1] != "-":
            return super().shell_complete(ctx, incomplete)
        own = cli.completion.own_flags(ctx, incomplete)
        known = {item.value for item in own}
        others = self.root.flags().complete(self._root_of(ctx), incomplete)
        return [*own, *(item for item in others if item.value not in known)]

    def invoke(self, ctx: click.Context) -> Any:
        """Run the body inside of the values and the contexts."""
        root = self._root_of(ctx)
        with redacted_errors(self.registry, root.words, root), ctx:
            ctx.with_resource(root.open())
            root.begin()
            root.entered()
            return super().invoke(ctx)
