"""The parser of a line: flags found when they are typed, so that only the options that a line names are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

# Private, and the same in Click 8.1 to 8.5. There is no public way to find an option when its flag is met.
from click.parser import _Option as ParserOption
from click.parser import _OptionParser, _ParsingState

from .. import cli

if TYPE_CHECKING:
    from typing import Protocol

    from .moved import Moved
    from .words import Feeder

    class Flags(Protocol):
        """Flags of the root."""

        @property
        def short(self) -> dict[str, ParserOption]: ...
        def find(self, flag: str, /) -> ParserOption | None: ...


__all__ = [
    "FEW",
    "Finder",
    "LineParser",
    "ParserOption",
    "Typed",
    "make_parser",
    "typed_in",
]

FEW = 100
"""Words that need not be cut and fed: see `words`, which is loaded for more."""

Find = Callable[[str], "ParserOption | None"]


class Typed:
    """What one command's part of the line named.

    Attributes
    ----------
    flags : dict of str to str
        The flag as typed, by option name.
    options : dict of str to click.Option
        The options that were found when the line named them.
    help : list of click.Option
        The help option, where it was named.
    parsing : bool
        Whether the line is being parsed: the command's parameters are those that it can set, and `help`.
    """

    __slots__ = ("flags", "help", "options", "parsing")

    def __init__(self) -> None:
        self.flags: dict[str, str] = {}
        self.options: dict[str, click.Option] = {}
        self.help: list[click.Option] = []
        self.parsing = False


class Finder:
    """Where a parser looks for a flag that is not declared on its command.

    Parameters
    ----------
    own : callable
        Finds an option of the command itself.
    flags : callable
        Lists every flag there is, for suggestions.
    outer : callable, optional
        Gives the flags of the root, which hold for the whole run.
    """

    def __init__(
        self,
        own: Find,
        flags: Callable[[], Iterable[str]],
        *,
        outer: Callable[[], Flags] | None = None,
    ) -> None:
        self.own = own
        self.flags = flags
        self.outer = outer


class LineParser(_OptionParser):
    """Click's parser, with options found lazily.

    Parameters
    ----------
    ctx : click.Context
        The context that is parsed for.
    finder : Finder
        Where undeclared flags are looked for.
    behind : sequence of moved.Moved
        Options that stand behind other commands' names, and are parsed here, after what stands here.

    Attributes
    ----------
    moved : list of moved.Moved
        The root's options among those parsed.
    """

    def __init__(self, ctx: click.Context, finder: Finder, behind: Sequence[Moved] = ()) -> None:
        super().__init__(ctx)
        self._ctx = ctx
        self._typed = typed_in(ctx)
        self._finder = finder
        self._behind = behind
        self.moved: list[Moved] = []
        self._knows_short = False
        self._feeder: Feeder | None = None

    def parse_args(self, args: Sequence[str]) -> tuple[dict[str, Any], list[str], list[click.Parameter]]:
        """Parse a command's part of the line, then what was moved to it. What remains of `Words` is such too."""
        if len(args) > FEW:
            self._feeder = cli.words.Feeder(args)
            opts, rest, order = self._feeder.remaining(*super().parse_args([]))
        else:
            opts, rest, order = super().parse_args(list(args))
        state = _ParsingState([])
        state.opts, state.order = opts, order
        for item in self._behind:
            item.parsed.process(item.value, state)
            self._note(item.flag, item.parsed.obj)
            self._typed.options[item.parsed.obj.name] = item.parsed.obj
        for param in order:  # those that were typed by a short flag
            if isinstance(param, click.Option):
                self._typed.flags.setdefault(param.name, param.opts[0])
        return opts, rest, order

    def _process_args_for_options(self, state: _ParsingState) -> None:
        if self._feeder is None:
            super()._process_args_for_options(state)
        else:
            self._feeder.process(state, self)

    def _get_value_from_state(self, option_name: str, option: ParserOption, state: _ParsingState) -> Any:
        if self._feeder is not None:
            self._feeder.refill(state, option.nargs)
        return super()._get_value_from_state(option_name, option, state)

    def _note(self, flag: str, option: click.Option) -> None:
        self._typed.flags[option.name] = flag

    def _match_long_opt(self, opt: str, explicit_value: str | None, state: _ParsingState) -> None:
        option = self._long_opt.get(opt) or self._find(opt)
        if option.takes_value or not cli.switches.set_to_none(opt, option, explicit_value, state, self._ctx):
            super()._match_long_opt(opt, explicit_value, state)
        if type(option) is ParserOption:  # one of this command's
            self._note(opt, option.obj)

    def _match_short_opt(self, arg: str, state: _ParsingState) -> None:
        if not self._knows_short:
            self._knows_short = True
            for flag, parsed in (self._finder.outer().short if self._finder.outer else {}).items():
                self._short_opt[flag] = cli.moved.Outer(flag, parsed, self.moved)
            self.add_help()
        super()._match_short_opt(arg, state)

    def add_help(self) -> bool:
        """Add the help option, which is made when it is typed: its text is translated, which takes a millisecond."""
        option = self._ctx.command.get_help_option(self._ctx)
        if option is None:
            return False
        option.add_to_parser(self, self._ctx)
        self._typed.help = [option]
        return True

    def _find(self, flag: str) -> ParserOption:
        if flag in self._ctx.help_option_names and self.add_help() and flag in self._long_opt:
            return self._long_opt[flag]
        if flag[:2] != "--":
            raise click.NoSuchOption(flag, ctx=self.ctx)  # Click tries it as short options next
        found = self._finder.own(flag)
        if found is None and self._finder.outer is not None:
            outer = self._finder.outer().find(flag)
            found = None if outer is None else cli.moved.Outer(flag, outer, self.moved)
        if found is None:
            near = cli.difflib.get_close_matches(flag, self._finder.flags())  # Click before 8.4 lists what it gets
            raise click.NoSuchOption(flag, possibilities=near, ctx=self.ctx)
        self._typed.options[found.obj.name] = found.obj
        self._long_opt[flag] = found
        return found


def make_parser(command: click.Command, ctx: click.Context, finder: Finder, behind: Sequence[Moved] = ()) -> LineParser:
    """Make a command's parser: its declared parameters, and what a finder finds.

    Parameters
    ----------
    command : click.Command
        The command.
    ctx : click.Context
        Its context.
    finder : Finder
        Where undeclared flags are looked for.
    behind : sequence of Moved
        Options that stand behind other commands' names, and are parsed here.
    """
    typed_in(ctx).parsing = True
    parser = LineParser(ctx, finder, behind)
    for param in command.get_params(ctx):
        param.add_to_parser(parser, ctx)
    if ctx.token_normalize_func or any(name[:1] != "-" for name in ctx.help_option_names):
        parser.add_help()  # it could not be told from other words
    return parser


def typed_in(ctx: click.Context | None) -> Typed:
    """Give what a context's line named; nothing for a context of another kind."""
    typed = getattr(ctx, "typed", None)
    return typed if isinstance(typed, Typed) else Typed()
