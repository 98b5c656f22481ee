"""The parser of a line: flags found when they are typed, so that only the options that a line names are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

import click

# Private, and the same in Click 8.1 to 8.5. There is no public way to find an option when its flag is met.
from click.parser import _Option as ParserOption
from click.parser import _OptionParser, _ParsingState

from .conversion import is_null_word
from .scalars import BOOLS

__all__ = [
    "Finder",
    "LineParser",
    "Moved",
    "ParserOption",
    "Typed",
    "declared",
    "make_parser",
    "parsing_option",
    "typed_in",
]

Find = Callable[[str], "ParserOption | None"]


class Typed:
    """What one command's part of the line named.

    Attributes
    ----------
    flags : dict of str to str
        The flag as typed, by option name.
    options : dict of str to click.Option
        The options that were found when the line named them.
    """

    __slots__ = ("flags", "options")

    def __init__(self) -> None:
        self.flags: dict[str, str] = {}
        self.options: dict[str, click.Option] = {}


class Finder:
    """Where a parser looks for a flag that is not declared on its command.

    Parameters
    ----------
    own : callable
        Finds an option of the command itself.
    outer : callable, optional
        Finds an option of the root, which holds for the whole run.
    short : mapping of str to click parser options, optional
        The root's short flags.
    flags : callable
        Lists every flag there is, for suggestions.
    """

    def __init__(
        self,
        own: Find,
        flags: Callable[[], Iterable[str]],
        *,
        outer: Find | None = None,
        short: dict[str, ParserOption] | None = None,
    ) -> None:
        self.own = own
        self.flags = flags
        self.outer = outer
        self.short = short or {}


class Moved:
    """An option of the root that stands behind a stage's name.

    Attributes
    ----------
    flag : str
        The flag as typed.
    parsed : click parser option
        What the root's parser would have found.
    value : object
        What was typed for it.
    """

    __slots__ = ("flag", "parsed", "value")

    def __init__(self, flag: str, parsed: ParserOption, value: Any) -> None:
        self.flag = flag
        self.parsed = parsed
        self.value = value

    @property
    def meaning(self) -> Any:
        """What the option is set to, however its flag was spelled."""
        return self.value if self.parsed.takes_value else self.parsed.const


class _Outer(ParserOption):
    """An option of the root in the parser of another command: it is noted, and stored nowhere."""

    def __init__(self, flag: str, parsed: ParserOption, moved: list[Moved]) -> None:
        vars(self).update(vars(parsed))
        self.flag = flag
        self.parsed = parsed
        self.moved = moved

    def process(self, value: Any, state: _ParsingState) -> None:
        self.moved.append(Moved(self.flag, self.parsed, value))


def _meaning_none(option: ParserOption) -> ParserOption:
    """Give the parser's option of a flag that sets an Optional boolean to None."""
    if isinstance(option, _Outer):
        return _Outer(option.flag, _meaning_none(option.parsed), option.moved)
    same = ParserOption(option.obj, [], option.dest, action=option.action)
    same.const = None
    return same


class LineParser(_OptionParser):
    """Click's parser, with options found lazily.

    Parameters
    ----------
    ctx : click.Context
        The context that is parsed for.
    finder : Finder
        Where undeclared flags are looked for.
    behind : sequence of Moved
        Options that stand behind other commands' names, and are parsed here, after what stands here.

    Attributes
    ----------
    moved : list of Moved
        The root's options among those parsed.
    """

    def __init__(self, ctx: click.Context, finder: Finder, behind: Sequence[Moved] = ()) -> None:
        super().__init__(ctx)
        self._typed = typed_in(ctx)
        self._finder = finder
        self._behind = behind
        self.moved: list[Moved] = []
        for flag, parsed in finder.short.items():
            self._short_opt[flag] = _Outer(flag, parsed, self.moved)

    def parse_args(self, args: list[str]) -> tuple[dict[str, Any], list[str], list[click.Parameter]]:
        """Parse a command's part of the line, then what was moved to it."""
        opts, rest, order = super().parse_args(args)
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

    def _note(self, flag: str, option: click.Option) -> None:
        self._typed.flags[option.name] = flag

    def _match_long_opt(self, opt: str, explicit_value: str | None, state: _ParsingState) -> None:
        option = self._long_opt.get(opt) or self._find(opt)
        if not option.takes_value and self._is_none(option.obj, explicit_value, state):
            _meaning_none(option).process(None, state)
        else:
            if not option.takes_value:
                self._refuse_literal(opt, explicit_value, option.obj, state)
            super()._match_long_opt(opt, explicit_value, state)
        if not isinstance(option, _Outer):
            self._note(opt, option.obj)

    def _find(self, flag: str) -> ParserOption:
        if flag[:2] != "--":
            raise click.NoSuchOption(flag, ctx=self.ctx)  # Click tries it as short options next
        found = self._finder.own(flag)
        if found is None and self._finder.outer is not None:
            outer = self._finder.outer(flag)
            found = None if outer is None else _Outer(flag, outer, self.moved)
        if found is None:
            raise click.NoSuchOption(flag, possibilities=list(self._finder.flags()), ctx=self.ctx)
        self._typed.options[found.obj.name] = found.obj
        self._long_opt[flag] = found
        return found

    @staticmethod
    def _is_none(option: Any, value: str | None, state: _ParsingState) -> bool:
        """Tell whether an Optional boolean is set to None, and take the word."""
        if not getattr(getattr(option, "converter", None), "nullable", False):
            return False
        if value is not None:
            return is_null_word(value)
        return bool(state.rargs) and is_null_word(state.rargs[0]) and bool(state.rargs.pop(0))

    def _refuse_literal(self, flag: str, value: str | None, option: click.Option, state: _ParsingState) -> None:
        """Tell who types ``--shuffle false`` how that is said."""
        if value is None and state.rargs and state.rargs[0].lower() in BOOLS:
            value = state.rargs[0]
        if value is None or not option.secondary_opts:
            return
        wanted = BOOLS.get(value.lower(), True)
        cure = (option.opts if wanted else option.secondary_opts)[0]
        message = f"Option {flag!r} takes no value, and {value!r} follows it. Say {cure!r}."
        raise click.BadOptionUsage(flag, message, self.ctx)


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
    parser = LineParser(ctx, finder, behind)
    for param in command.get_params(ctx):
        param.add_to_parser(parser, ctx)
    return parser


def declared(option: click.Option, flag: str) -> ParserOption:
    """Make what Click's own parser would have for one of an option's flags."""
    scratch = _OptionParser()
    option.add_to_parser(scratch, click.Context(click.Command(None)))
    return scratch._long_opt.get(flag) or scratch._short_opt[flag]  # noqa: SLF001 - see the import


def parsing_option(option: click.Option, flag: str) -> ParserOption:
    """Make what a parser needs for a flag that takes a value, whatever the option is declared as."""
    return ParserOption(option, [flag], option.name, action="append" if option.multiple else "store")


def typed_in(ctx: click.Context | None) -> Typed:
    """Give what a context's line named; nothing for a context of another kind."""
    typed = getattr(ctx, "typed", None)
    return typed if isinstance(typed, Typed) else Typed()
