"""What a parser makes of options: of those of the root behind a stage's name, and of those that it is not told of."""

from __future__ import annotations

from typing import Any

import click

# Private, and the same in Click 8.1 to 8.5; see `line`.
from click.parser import _Option as ParserOption
from click.parser import _OptionParser, _ParsingState

__all__ = ["Moved", "Outer", "declared", "parsing_option"]


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


class Outer(ParserOption):
    """An option of the root in the parser of another command: it is noted, and stored nowhere."""

    def __init__(self, flag: str, parsed: ParserOption, moved: list[Moved]) -> None:
        vars(self).update(vars(parsed))
        self.flag = flag
        self.parsed = parsed
        self.moved = moved

    def process(self, value: Any, state: _ParsingState) -> None:
        """Note what was typed."""
        self.moved.append(Moved(self.flag, self.parsed, value))


def declared(option: click.Option, flag: str) -> ParserOption:
    """Make what Click's own parser would have for one of an option's flags."""
    scratch = _OptionParser()
    option.add_to_parser(scratch, click.Context(click.Command(None)))
    return scratch._long_opt.get(flag) or scratch._short_opt[flag]  # noqa: SLF001 - see the import


def parsing_option(option: click.Option, flag: str) -> ParserOption:
    """Make what a parser needs for a flag that takes a value, whatever the option is declared as."""
    return ParserOption(option, [flag], option.name, action="append" if option.multiple else "store")
