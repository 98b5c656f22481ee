"""The root command: every parameter an option, every stage a subcommand."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from . import own_options
from .contexts import RootContext
from .errors import UserError
from .flags import RootFlags
from .keys import flag_of
from .line import Finder, LineParser, Moved, make_parser
from .options import ParameterOption, dotted_option
from .registry import RUN, Bound, Registry
from .resolve import Layer, ResolvedValue, Values
from .stages import ChainCommand, StageCommand, check_command, run_default

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["RootCommand"]


class RootCommand(click.Group):
    """The program of a binder.

    Parameters
    ----------
    registry : Registry
        The functions. What is bound later is seen.
    name : str, optional
        The program's name.
    help : str, optional
        What the program is for.
    version : str, optional
        Its version, for ``--version``.
    **attrs
        More of `click.Group`'s own.
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
        settings = {"help_option_names": ["-h", "--help"], **attrs.pop("context_settings", {})}
        super().__init__(
            name, invoke_without_command=True, callback=_run_default, help=help, context_settings=settings, **attrs
        )
        self.params = [*own_options.make(registry, version), *self.params]
        self._flags = RootFlags(registry, self.params)
        self._stages: dict[Bound, StageCommand] = {}
        self._chain = ChainCommand(self, self._flags)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Find a command that was added, `run`, or a stage, dashes and underscores alike."""
        added = super().get_command(ctx, cmd_name)
        if added is not None or cmd_name == RUN:
            return added or self._chain
        stage = self.registry.stage(cmd_name)
        if stage is None:
            return None
        if stage not in self._stages:
            self._stages[stage] = StageCommand(stage, self, self._flags)
        return self._stages[stage]

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the stages in registration order, then `run`, then the commands that were added."""
        names = [flag_of(stage.name) for stage in self.registry.of_role("stage")]
        return list(dict.fromkeys([*names, RUN, *super().list_commands(ctx)]))

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Find the command, or suggest one."""
        check_command(self, ctx, args, "command")
        found = super().resolve_command(ctx, args)
        if isinstance(ctx, RootContext) and not isinstance(found[1], (StageCommand, ChainCommand)):
            ctx.raise_problem()  # a run tells it by itself, after its help has had its say
        return found

    def get_params(self, ctx: click.Context) -> list[click.Parameter]:
        """Give its own options with a dotted one per parameter; once a line is parsed, only those that it names."""
        params = super().get_params(ctx)
        if ctx.command is not self:  # Click asks for the path of a subcommand, which has its arguments only
            return params
        if isinstance(ctx, RootContext) and ctx.parsing:
            dotted: list[click.Parameter] = [item for item in ctx.typed.options.values() if item not in params]
        else:
            dotted = [dotted_option(*found) for found in self.registry.walk()]
        return [*params, *dotted]

    def make_parser(self, ctx: click.Context) -> LineParser:
        """Make a parser that finds dotted options as they are typed."""
        behind = ctx.behind if isinstance(ctx, RootContext) else ()
        return make_parser(self, ctx, Finder(self._flags.find, self._flags.all), behind)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Gather the root's options from the whole line, read the files, and go on as Click does."""
        assert isinstance(ctx, RootContext)
        ctx.parsing = True
        given = ctx.default_map if isinstance(ctx.default_map, Mapping) else {}
        ctx.default_map = None  # nothing looks there before the files are in it
        opts, rest, _ = self.make_parser(ctx).parse_args(list(args))
        ctx.behind = self._gather(ctx, rest)
        for item in ctx.behind:
            if item.parsed.obj.name in {"config", "no_config"}:
                opts[item.parsed.obj.name] = [*opts.get(item.parsed.obj.name, ()), item.value]
        self._read_layers(ctx, opts, given)
        rest = super().parse_args(ctx, args)
        own_options.refuse_together(ctx)
        line = {
            option.key: ResolvedValue(ctx.params[name], ParameterSource.COMMANDLINE, ctx.typed.flags[name])
            for name, option in ctx.typed.options.items()
            if isinstance(option, ParameterOption) and name in ctx.typed.flags
        }
        ctx.values = ctx.values.replace(line=line)
        if ctx.params.get("print_schema") and not ctx.resilient_parsing:
            _print_schema(ctx)
        return rest

    def _gather(self, ctx: RootContext, rest: list[str]) -> list[Moved]:
        """Walk the line behind the root's part for options of the root, which hold for the whole run.

        Raises
        ------
        click.UsageError
            Where one stands behind two turns with two different values.
        """
        by_option: dict[str, dict[int, list[Moved]]] = {}
        for turn, parser in self._walk(ctx, rest):
            for item in parser.moved:
                by_option.setdefault(item.parsed.obj.name, {}).setdefault(turn, []).append(item)
        moved = []
        for turns in by_option.values():
            first, *others = turns.values()
            if not ctx.resilient_parsing:
                _refuse_conflicts(ctx, first, others)
            moved += first
        return moved

    def _walk(self, ctx: click.Context, rest: list[str]) -> Iterator[tuple[int, LineParser]]:
        """Parse the line command by command, doing nothing; stop where Click will find a mistake by itself."""
        group: click.Group = self
        turn = 0
        while rest:
            command = group.get_command(ctx, rest[0])
            if not isinstance(command, (StageCommand, ChainCommand)):
                return
            in_chain = isinstance(group, ChainCommand)
            sub = command.context_class(
                command,
                parent=ctx,
                info_name=rest[0],
                resilient_parsing=ctx.resilient_parsing,
                allow_interspersed_args=False if in_chain else None,
            )
            parser = command.make_parser(sub)
            try:
                _, rest, _ = parser.parse_args(rest[1:])
            except click.UsageError:
                return
            yield turn, parser
            turn += 1
            if isinstance(command, ChainCommand):
                group = command
            elif not in_chain:
                return

    def _read_layers(self, ctx: RootContext, opts: Mapping[str, Any], given: Mapping[str, Any]) -> None:
        """Read the layers below the line, and feed them to Click's default map."""
        paths = [] if opts.get("no_config") else [*filter(_is_there, self.registry.settings.config)]
        paths += opts.get("config", ())
        try:
            if self.registry.settings.envvar_prefix is not None:
                from . import environment  # only programs that read variables pay for it

                ctx.values = Values(environment=environment.read_prefixed(self.registry))
            if paths or given:
                ctx.values = ctx.values.replace(**self._read_files(ctx, paths, given))
        except UserError as error:
            ctx.problem = error
        if paths or given:
            ctx.default_map = {**given, **ctx.values.default_map()}

    def _read_files(self, ctx: RootContext, paths: list[str], given: Mapping[str, Any]) -> dict[str, Layer]:
        from . import config  # nothing that a line without files pays for

        if ctx.resilient_parsing and "-" in paths:  # a completer must not eat the standard input
            paths = [path for path in paths if path != "-"]
        return {
            "embedding": config.from_map(given, self.registry),
            "files": config.load(paths, self.registry, None if ctx.resilient_parsing else _warn),
        }

    def invoke(self, ctx: click.Context) -> Any:
        """Run what the line asks for, and leave the contexts when that is over."""
        assert isinstance(ctx, RootContext)
        with ctx.open():
            return super().invoke(ctx)

    def main(self, *args: Any, standalone_mode: bool = True, **extra: Any) -> Any:
        """Run as a program. Other than in Click's own, Ctrl-C exits with 130, as shells expect."""
        extra.update(standalone_mode=standalone_mode, standalone=standalone_mode)
        return super().main(*args, **extra)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands and its own options, then the dotted ones."""
        if incomplete[:1] != "-":
            return super().shell_complete(ctx, incomplete)
        from . import completion  # only a press of TAB pays for it

        own = completion.flags_of(ctx, super().get_params(ctx), incomplete)
        return own + self._flags.complete_dotted(ctx, incomplete)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write its own options, a section per function, the stages, and the other commands."""
        from . import sections  # only help pays for it

        own = [param.get_help_record(ctx) for param in super().get_params(ctx)]
        with formatter.section("Options"):
            formatter.write_dl([record for record in own if record is not None])
        sections.write_functions(self.registry, ctx, formatter)
        self.format_commands(ctx, formatter)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the stages, and the other commands."""
        from . import sections  # only help pays for it

        names = self.list_commands(ctx)
        stages = [name for name in names if isinstance(self.get_command(ctx, name), StageCommand)]
        others = [name for name in names if name not in stages]
        sections.write_commands(self, ctx, {"Stages": stages, "Commands": others}, formatter)


def _is_there(path: str) -> bool:
    return os.path.exists(os.path.expanduser(path))


def _warn(place: str, key: str, _: object) -> None:
    click.echo(f"Warning: {place}: unknown key {key!r} is left out.", err=True)


def _print_schema(ctx: RootContext) -> None:
    import json  # only who asks for a schema pays for these

    from . import schema

    click.echo(json.dumps(schema.schema(ctx.registry), indent=2, ensure_ascii=False))
    ctx.exit()


def _refuse_conflicts(ctx: click.Context, first: list[Moved], others: list[list[Moved]]) -> None:
    """Refuse an option that stands behind two turns with two different values.

    Raises
    ------
    click.UsageError
        Where it does.
    """
    for other in others:
        if _meaning(ctx, first) != _meaning(ctx, other):
            one, two = (" ".join(word for item in items for word in _words(item)) for items in (first, other))
            raise click.UsageError(
                f"{one!r} and {two!r} stand behind different stages, but hold for the whole run: give the option once.",
                ctx,
            )


def _meaning(ctx: click.Context, items: list[Moved]) -> Any:
    """Give what the occurrences behind one turn set an option to, however that is spelled."""
    meanings = [item.meaning for item in items]
    value = meanings[-1] if items[0].parsed.action in {"store", "store_const"} else meanings
    option = items[0].parsed.obj
    if not isinstance(option, ParameterOption) and not option.is_flag:
        return value
    try:
        return option.type_cast_value(ctx, value)
    except click.UsageError:  # told when the root processes it
        return value


def _words(item: Moved) -> list[str]:
    if not item.parsed.takes_value:
        return [item.flag]
    option = item.parsed.obj
    return [item.flag, "***" if isinstance(option, ParameterOption) and option.spec.secret else str(item.value)]


def _run_default(**_: Any) -> Any:
    """Run the stages of `run.stages`, where the line names no command."""
    ctx = click.get_current_context()
    assert isinstance(ctx, RootContext)  # it is the root's callback
    return run_default(ctx) if ctx.invoked_subcommand is None else None
