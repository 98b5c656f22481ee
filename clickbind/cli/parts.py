"""Divide a command line into the parts for each command."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import click

from .. import cli
from ..declare.registry import RUN
from ..keys import Key

__all__ = ["LEFT_OUT", "Line", "Mention", "Part", "Rest", "typed_in"]

LEFT_OUT: Any = type("LeftOut", (), {"__repr__": lambda _: "LEFT_OUT", "__slots__": ()})()
"""The value with which `Context.invoke` fills in an option that the caller leaves out."""


class Mention:
    """One occurrence of an option on the line.

    Attributes
    ----------
    option : click.Option
        The option.
    flag : str
        The flag, as typed.
    value : object
        The text, or a tuple of texts; for a flag without a value, the value that it sets.
    words : list of str or None
        The words for Click's parser; None if the option reads its value from the part.
    """

    __slots__ = ("flag", "option", "value", "words")

    def __init__(self, option: click.Option, flag: str, value: Any, words: list[str] | None) -> None:
        self.option = option
        self.flag = flag
        self.value = value
        self.words = words


class Part:
    """The part of a line for one command.

    Options of this package read their values from the part. Click parses arguments and all other options, such as an
    author's own.

    Parameters
    ----------
    interspersed : bool
        Whether options after arguments belong to the command too.

    Attributes
    ----------
    interspersed : bool
        The parameter of that name.
    mentions : list of Mention
        The command's own options, in the order of the line.
    moved : list of Mention
        The root's options in the part, which apply to the whole run.
    values : dict of str to object
        The values of this package's options, by name.
    words, arguments : list of str
        The words for Click's parser: options with their values, and arguments.
    helps : bool
        Whether help is requested.
    size : int
        The number of words. The next word is the name of another command.
    error : callable or None
        Makes the error for a mistake in the part. Only completion continues, with the words before the mistake.
    unfinished : list of (click.Option, str)
        The option whose value is missing at the end of the line, and the word by which it was typed.
    parsing : bool
        Whether Click is parsing the part, and needs only the parameters that the part can set.
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
        self.unfinished: list[tuple[click.Option, str]] = []
        self.parsing = False

    def add(self, mention: Mention) -> None:
        """Add an occurrence of one of the command's own options."""
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
        """The flag that was typed last, by option name."""
        return {mention.option.name: mention.flag for mention in self.mentions}

    @property
    def awaited(self) -> list[click.Option]:
        """The options whose value is missing, each with the word by which it was typed as a flag.

        For completion, Click compares that word with the flags of options, although `--model_type` is typed.
        """
        return [option if word in option.opts else _under(option, word) for option, word in self.unfinished]

    @property
    def options(self) -> list[click.Option]:
        """The options in the part, in the order of the line."""
        return list(dict.fromkeys(mention.option for mention in self.mentions))

    @property
    def repeats(self) -> bool:
        """Whether an option is in it twice of which only the last occurrence counts."""
        single = (item.option.name for item in self.mentions if not (item.option.multiple or item.option.count))
        names = list(single)
        return len(set(names)) < len(names)

    def sort(self, params: Sequence[click.Parameter]) -> list[click.Parameter]:
        """Return parameters in the order in which they are processed: options in the part come first."""
        mentioned: dict[click.Parameter, None] = dict.fromkeys(self.options)
        return [*mentioned, *(param for param in params if param not in mentioned)]

    def help_of(self, ctx: click.Context) -> list[click.Option]:
        """Return the help option, only if help is requested: translating its text takes 1 ms."""
        option = ctx.command.get_help_option(ctx) if self.helps else None
        return [] if option is None else [option]

    def check(self, ctx: click.Context) -> None:
        """Raise the error, except during completion."""
        if self.error is not None and not ctx.resilient_parsing:
            raise self.error(ctx)


class Rest:
    """The words of a line from one word on, sliced without a copy: parsing a chain of many turns takes linear time.

    Not a `Sequence`, since every run would have to make an abstract class for it.

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

    def __iter__(self) -> Iterator[str]:
        return iter(self.line.words[self.start :])

    def __getitem__(self, item: Any) -> Any:
        if isinstance(item, slice):  # [1:], by which Click removes a command's name
            return Rest(self.line, self.start + item.start)
        return self.line.words[self.start + item]


class Line:
    """A command line, and its parts so far.

    Parameters
    ----------
    words : sequence of str
        The words.

    Attributes
    ----------
    words : list of str
        The parameter of that name.
    root : Part
        The part for the root, with the root's options that follow the names of other commands.
    continues : bool
        Whether a command of another package follows, which parses the rest itself.
    """

    __slots__ = ("_parts", "_taken", "continues", "root", "words")

    def __init__(self, words: Sequence[str] = ()) -> None:
        self.words = list(words)
        self.root = Part()
        self.continues = False
        self._parts: dict[tuple[click.Command, int], Part] = {}
        self._taken: set[tuple[click.Command | None, int]] = set()

    @property
    def parts(self) -> list[Part]:
        """The parts for other commands than the root, in the order of the line."""
        return list(self._parts.values())

    @property
    def last_command(self) -> click.Command | None:
        """The last command on the line; None if there is none."""
        return next((command for command, _ in reversed(self._parts)), None)

    @property
    def last(self) -> Part:
        """The last part, which may be the root's."""
        return next(reversed(self._parts.values()), self.root)

    @property
    def sweeps(self) -> bool:
        """Whether the line is one of `sweep`."""
        return any(getattr(command, "sweeps", False) for command, _ in self._parts)

    def add(self, command: click.Command, start: int, part: Part) -> None:
        """Add the part for a command, which begins at a word."""
        self._parts[command, start] = part

    def keys(self) -> set[Any]:
        """Return the keys of the values on the line that hold for the whole run; stages on it replace `run.stages`."""
        stages: dict[Any, list[Part]] = {}
        for (command, _), part in self._parts.items():
            stages.setdefault(getattr(command, "bound", None), []).append(part)
        own = [parts[0] for stage, parts in stages.items() if stage is not None and len(parts) == 1]
        found = {getattr(item.option, "key", None) for part in (self.root, *own) for item in part.mentions}
        return found | ({Key(RUN, "stages")} if stages.keys() - {None} else set())

    def part_of(self, command: click.Command, args: Sequence[str]) -> Part | None:
        """Find the part for a command that is called with the end of the line."""
        rest = self.rest(args)
        return None if rest is None else self._parts.get((command, rest.start))

    def take(self, command: click.Command, args: Sequence[str] | Rest) -> bool:
        """Return whether a command that is called with these words is a part of the line, which is true once for each.

        Without that check, whoever calls commands from the context of a line that was run already, as a shell inside of
        a program does, would get the parts of that line.
        """
        rest = self.rest(args)
        return rest is not None and (command, rest.start) in self._parts and self._take(command, rest.start)

    def take_rest(self, args: Sequence[str] | Rest) -> bool:
        """Return whether these words follow the root's part of the line, which is true once."""
        rest = self.rest(args)
        return rest is not None and rest.start == self.root.size and self._take(None, rest.start)

    def _take(self, command: click.Command | None, start: int) -> bool:
        is_first = (command, start) not in self._taken
        self._taken.add((command, start))
        return is_first

    def rest(self, args: Sequence[str] | Rest) -> Rest | None:
        """Return these words as the end of the line; None if they are not from this line."""
        if isinstance(args, Rest):
            return args if args.line is self else None
        start = len(self.words) - len(args)
        return Rest(self, start) if start >= 0 and self.words[start:] == args else None


def _under(option: click.Option, flag: str) -> click.Option:
    """Return a copy of an option under another flag."""
    copied = cli.copy.copy(option)
    copied.opts = [flag]
    return copied


def typed_in(ctx: click.Context | None) -> Part:
    """Return the part of the line for a context's command; an empty part for a context that has none."""
    typed = getattr(ctx, "typed", None)
    return typed if isinstance(typed, Part) else Part()
