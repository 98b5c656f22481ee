"""Options of the root that stand behind a subcommand's name: what a parser makes of them."""

from __future__ import annotations

from typing import Any

# Private, and the same in Click 8.1 to 8.5; see `line`.
from click.parser import _Option as ParserOption
from click.parser import _ParsingState

__all__ = ["Moved", "Outer", "meaning_none"]


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


def meaning_none(option: ParserOption) -> ParserOption:
    """Give the parser's option of a flag that sets an Optional boolean to None."""
    if isinstance(option, Outer):
        return Outer(option.flag, meaning_none(option.parsed), option.moved)
    same = ParserOption(option.obj, [], option.dest, action=option.action)
    same.const = None
    return same
