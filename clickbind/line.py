"""The parser of a line: flags found when they are typed, so that only the options that a line names are made."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import click

# Private, and the same in Click 8.1 to 8.5. There is no public way to find an option when its flag is met.
from click.parser import _Option as ParserOption
from click.parser import _OptionParser, _ParsingState

from .conversion import BOOLS

__all__ = ["Finder", "LineParser", "Moved", "Typed", "make_parser", "typed_in"]

Found = tuple[click.Option, "bool | None"]
"""An option, and the constant that its flag stands for; None where a value follows."""


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
    outer : callable
        Finds an option of the root, which holds for the whole run.
    flags : callable
        Lists every flag there is, for suggestions.
    """

    def __init__(
        self,
        own: Callable[[str], Found | None],
        outer: Callable[[str], Found | None],
        flags: Callable[[], Iterable[str]],
    ) -> None:
        self.own = own
        self.outer = outer
        self.flags = flags


class Moved:
    """An option of the root that stands behind a stage's name.

    Attributes
    ----------
    option : click.Option
        The option.
    tokens : list of str
        The flag as typed, and its value where it takes one.
    """

    __slots__ = ("option", "tokens")

    def __init__(self, option: click.Option, tokens: list[str]) -> None:
        self.option = option
        self.tokens = tokens


class LineParser(_OptionParser):
    """Click's parser, with options found lazily.

    Parameters
    ----------
    ctx : click.Context
        The context that is parsed for.
    finder : Finder
        Where undeclared flags are looked for.

    Attributes
    ----------
    moved : list of Moved
        The root's options among those parsed.
    """

    def __init__(self, ctx: click.Context, finder: Finder) -> None:
        super().__init__(ctx)
        self._typed = typed_in(ctx)
        self._finder = finder
        self._outer: set[str] = set()
        self.moved: list[Moved] = []

    def _match_long_opt(self, opt: str, explicit_value: str | None, state: _ParsingState) -> None:
        option = self._long_opt.get(opt) or self._find(opt)
        if not option.takes_value:
            self._refuse_literal(opt, explicit_value, option.obj, state)
        value = explicit_value if explicit_value is not None else state.rargs[0] if state.rargs else ""
        super()._match_long_opt(opt, explicit_value, state)
        self._typed.flags[option.obj.name] = opt
        if opt in self._outer:
            self.moved.append(Moved(option.obj, [opt, value] if option.takes_value else [opt]))

    def _find(self, flag: str) -> ParserOption:
        if flag[:2] != "--":
            raise click.NoSuchOption(flag, ctx=self.ctx)  # Click tries it as short options next
        found = self._finder.own(flag)
        if found is None:
            found = self._finder.outer(flag)
            if found is not None:
                self._outer.add(flag)
        if found is None:
            raise click.NoSuchOption(flag, possibilities=list(self._finder.flags()), ctx=self.ctx)
        option, constant = found
        self._typed.options[option.name] = option
        action = "append" if option.multiple else "store"
        parsed = ParserOption(option, [flag], option.name, action=action if constant is None else "store_const")
        parsed.const = constant
        self._long_opt[flag] = parsed
        return parsed

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


def make_parser(command: click.Command, ctx: click.Context, finder: Finder) -> LineParser:
    """Make a command's parser: its declared parameters, and what a finder finds.

    Parameters
    ----------
    command : click.Command
        The command.
    ctx : click.Context
        Its context.
    finder : Finder
        Where undeclared flags are looked for.
    """
    parser = LineParser(ctx, finder)
    for param in command.get_params(ctx):
        param.add_to_parser(parser, ctx)
    return parser


def typed_in(ctx: click.Context | None) -> Typed:
    """Give what a context's line named; nothing for a context of another kind."""
    typed = getattr(ctx, "typed", None)
    return typed if isinstance(typed, Typed) else Typed()
