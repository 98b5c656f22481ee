"""The parts of a command line: what it says to each command."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click

__all__ = ["Line", "Mention", "Part", "Rest", "typed_in"]


class Mention:
    """One occurrence of an option on the line.

    Attributes
    ----------
    option : click.Option
        The option.
    flag : str
        Its flag, as typed.
    value : object
        A text, or a tuple of them; of a flag without a value what it sets the option to.
    words : list of str or None
        The words for Click's parser; None if the option takes its value from the part.
    """

    __slots__ = ("flag", "option", "value", "words")

    def __init__(self, option: click.Option, flag: str, value: Any, words: list[str] | None) -> None:
        self.option = option
        self.flag = flag
        self.value = value
        self.words = words


class Part:
    """What a line says to one command.

    An option of the package takes its value from here. Options of Click's own classes, which may be an author's, and
    arguments are parsed by Click.

    Parameters
    ----------
    interspersed : bool
        Whether options behind arguments belong to the command too.

    Attributes
    ----------
    interspersed : bool
        The same.
    mentions : list of Mention
        The command's own options, in the order of the line.
    moved : list of Mention
        The root's options among them, which hold for the whole run.
    values : dict of str to object
        What the package's options are set to, by name.
    words, arguments : list of str
        What Click's parser is given: options, and what is no option.
    helps : bool
        Whether the help is asked for.
    size : int
        How many words belong to it. The next one is the name of another command.
    error : callable or None
        Makes the error for what is wrong. Only completion goes on, with what stands before the mistake.
    unfinished : list of click.Option
        The option whose value is missing at the end of the line, which a shell may complete.
    parsing : bool
        Whether Click parses the part, and needs those parameters only that it can set.
    """

    __slots__ = (
        *(
            "arguments",
            "error",
            "helps",
            "interspersed",
            "mentions",
            "moved",
            "parsing",
            "size",
            "unfinished",
            "values",
        ),
        "words",
    )

    def __init__(self, *, interspersed: bool = False) -> None:
        self.interspersed = interspersed
        self.mentions: list[Mention] = []
        self.moved: list[Mention] = []
        self.values: dict[str, Any] = {}
        self.words: list[str] = []
        self.arguments: list[str] = []
        self.helps = False
        self.size = 0
        self.error: Callable[[click.Context], click.UsageError] | None = None
        self.unfinished: list[click.Option] = []
        self.parsing = False

    def add(self, mention: Mention) -> None:
        """Take in one of the command's own options."""
        self.mentions.append(mention)
        option = mention.option
        if mention.words is not None:
            self.words += mention.words
        elif getattr(option, "collects", False):
            self.values.setdefault(option.name, []).append(mention.value)
        else:
            self.values[option.name] = mention.value

    @property
    def given(self) -> list[str]:
        """The line for Click's parser."""
        return [*self.words, "--", *self.arguments]

    @property
    def flags(self) -> dict[str, str]:
        """The flag as typed last, by option name."""
        return {mention.option.name: mention.flag for mention in self.mentions}

    @property
    def options(self) -> list[click.Option]:
        """The options that are mentioned, in the order of the line."""
        return list(dict.fromkeys(mention.option for mention in self.mentions))

    def sort(self, params: Sequence[click.Parameter]) -> list[click.Parameter]:
        """Return parameters in the order in which they are processed: those that are mentioned come first."""
        mentioned: dict[click.Parameter, None] = dict.fromkeys(self.options)
        return [*mentioned, *(param for param in params if param not in mentioned)]

    def help_of(self, ctx: click.Context) -> list[click.Option]:
        """Return the help option, if it is asked for: its text is translated, which takes a millisecond."""
        option = ctx.command.get_help_option(ctx) if self.helps else None
        return [] if option is None else [option]

    def check(self, ctx: click.Context) -> None:
        """Raise the error, but for completion."""
        if self.error is not None and not ctx.resilient_parsing:
            raise self.error(ctx)


class Rest(Sequence[str]):
    """The words of a line from one on, which are cut without a copy: a chain of many turns stays linear.

    Parameters
    ----------
    line : Line
        The line.
    start : int
        The number of the first word.
    """

    __slots__ = ("line", "start")

    def __init__(self, line: Line, start: int) -> None:
        self.line = line
        self.start = start

    def __len__(self) -> int:
        return len(self.line.words) - self.start

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice):  # [1:], by which Click takes a command's name off
            return Rest(self.line, self.start + item.start)
        return self.line.words[self.start + item]


class Line:
    """A line, and its parts so far.

    Parameters
    ----------
    words : sequence of str
        The words.

    Attributes
    ----------
    words : list of str
        The same.
    root : Part
        What the root is given, with its options that stand behind other commands' names.
    """

    __slots__ = ("_parts", "root", "words")

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words = list(words)
        self.root = Part()
        self._parts: dict[tuple[click.Command, int], Part] = {}

    @property
    def parts(self) -> list[Part]:
        """The parts of other commands than the root, in their order."""
        return list(self._parts.values())

    def add(self, command: click.Command, start: int, part: Part) -> None:
        """Take in the part of a command, from a word on."""
        self._parts[command, start] = part

    def part_of(self, command: click.Command, args: Sequence[str]) -> Part | None:
        """Find the part of a command that is called with the end of the line."""
        rest = self.rest(args)
        return None if rest is None else self._parts.get((command, rest.start))

    def rest(self, args: Sequence[str]) -> Rest | None:
        """Return the end of the line that these words are; None if they are from elsewhere."""
        if isinstance(args, Rest):
            return args if args.line is self else None
        start = len(self.words) - len(args)
        return Rest(self, start) if start >= 0 and self.words[start:] == args else None


def typed_in(ctx: click.Context | None) -> Part:
    """Return what a context's line says to its command; nothing for a context of another kind."""
    typed = getattr(ctx, "typed", None)
    return typed if isinstance(typed, Part) else Part()
