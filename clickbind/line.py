"""The parser of a line: flags found when they are typed, so that only the options that a line names are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click

# Private, and the same in Click 8.1 to 8.5. There is no public way to find an option when its flag is met.
from click.parser import _Option as ParserOption
from click.parser import _OptionParser, _ParsingState

from . import later

if TYPE_CHECKING:
    from typing import Protocol

    from .moved import Moved

    class Flags(Protocol):
        """Flags of the root."""

        @property
        def short(self) -> dict[str, ParserOption]: ...
        def find(self, flag: str, /) -> ParserOption | None: ...


__all__ = [
    "Finder",
    "LineParser",
    "ParserOption",
    "Typed",
    "Words",
    "make_parser",
    "typed_in",
]

_FEW = 100  # words: a list of so many moves as fast as one of two

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


class Words(Sequence[str]):
    """The words of a line from one on: what remains of a chain behind each turn, without copying it.

    Parameters
    ----------
    words : sequence of str
        The whole line.
    start : int
        The number of the first word.
    """

    __slots__ = ("_start", "_words")

    def __init__(self, words: Sequence[str], start: int = 0) -> None:
        self._words = words
        self._start = start

    def __len__(self) -> int:
        return max(len(self._words) - self._start, 0)

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice):
            if item.stop is None:
                return Words(self._words, self._start + item.start)
            return self._words[self._start : self._start + item.stop]
        return self._words[self._start + item]

    def back(self, number: int) -> Words:
        """Return the words from some before these."""
        return Words(self._words, self._start - number)


class _Order(list[Any]):
    """The parameters in the order in which the line names them. Click looks each one up in it, from its start."""

    def __init__(self, order: Iterable[Any]) -> None:
        super().__init__(order)
        self._places: dict[Any, int] = {}
        for place, param in enumerate(self):
            self._places.setdefault(param, place)

    def index(self, item: Any, *_: Any) -> int:
        """Find a parameter."""
        place = self._places.get(item)
        if place is None:
            raise ValueError(item)
        return place


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
        self._waiting = Words(())  # what Click has not been handed

    def parse_args(self, args: Sequence[str]) -> tuple[dict[str, Any], list[str], list[click.Parameter]]:
        """Parse a command's part of the line, then what was moved to it. What remains of `Words` is such too."""
        opts, rest, order = self._parse(args)
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

    def _parse(self, args: Sequence[str]) -> tuple[dict[str, Any], Any, list[click.Parameter]]:
        """Parse as Click does, a long line a few words at a time."""
        if len(args) <= _FEW:
            return super().parse_args(list(args))
        self._waiting = args if isinstance(args, Words) else Words(args)
        opts, left, order = super().parse_args([])
        # What Click has been handed and left over stands right before what it has not.
        rest = self._waiting.back(len(left)) if self._waiting else left
        return opts, rest if isinstance(args, Words) else list(rest), _Order(order)

    def _process_args_for_options(self, state: _ParsingState) -> None:
        """Process the words as Click does, but hand it a few: it takes each off a list's front, which moves all."""
        if not self._waiting:
            super()._process_args_for_options(state)
            return
        while self._refill(state, 1):
            word = state.rargs.pop(0)
            if word == "--":
                break
            if word[:1] in self._opt_prefixes and len(word) > 1:
                self._process_opts(word, state)
            elif self.allow_interspersed_args:
                state.largs.append(word)
            else:
                state.rargs.insert(0, word)
                break
        if state.largs or self._args:
            self._refill(state, len(state.rargs) + len(self._waiting))

    def _refill(self, state: _ParsingState, number: int) -> bool:
        """See that Click has a number of words, where the line has them; whether it has any."""
        if len(state.rargs) < number and self._waiting:
            more = max(number - len(state.rargs), _FEW)
            state.rargs += self._waiting[:more]
            self._waiting = self._waiting[more:]
        return bool(state.rargs)

    def _get_value_from_state(self, option_name: str, option: ParserOption, state: _ParsingState) -> Any:
        if self._waiting:
            self._refill(state, option.nargs)
        return super()._get_value_from_state(option_name, option, state)

    def _note(self, flag: str, option: click.Option) -> None:
        self._typed.flags[option.name] = flag

    def _match_long_opt(self, opt: str, explicit_value: str | None, state: _ParsingState) -> None:
        option = self._long_opt.get(opt) or self._find(opt)
        if option.takes_value or not later.switches.set_to_none(opt, option, explicit_value, state, self._ctx):
            super()._match_long_opt(opt, explicit_value, state)
        if type(option) is ParserOption:  # one of this command's
            self._note(opt, option.obj)

    def _match_short_opt(self, arg: str, state: _ParsingState) -> None:
        if not self._knows_short:
            self._knows_short = True
            for flag, parsed in (self._finder.outer().short if self._finder.outer else {}).items():
                self._short_opt[flag] = later.moved.Outer(flag, parsed, self.moved)
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
            found = None if outer is None else later.moved.Outer(flag, outer, self.moved)
        if found is None:
            raise click.NoSuchOption(flag, possibilities=list(self._finder.flags()), ctx=self.ctx)
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
