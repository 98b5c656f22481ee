"""Find the options on a command line, so that only these are made."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from .. import cli, layers
from ..keys import canonical
from ..types import BOOLS, HIDDEN, is_null_word
from .parts import Line, Mention, Part

if TYPE_CHECKING:
    from .context import RootContext
    from .flags import RootFlags

__all__ = ["Mistake", "Reader", "found_command", "move_to_root", "part_of", "read"]

Found = tuple[click.Option, str]
"""An option, and its declared flag that was typed."""


class Mistake(Exception):  # noqa: N818 - it contains the error
    """A mistake in a part of the line, whose error is made once the part has a context."""

    def __init__(self, make: Callable[[click.Context], click.UsageError]) -> None:
        super().__init__(make)
        self.make = make


class Reader:
    """The reader of one command's part of a line, which uses only public attributes of Click's options.

    Parameters
    ----------
    command : click.Command
        The command.
    ctx : click.Context
        The context of the command or, since both have the same settings, of the root.
    options : iterable of click.Parameter
        The options that are declared on the command, which take precedence.
    flags : callable
        Returns the flags of the root.
    is_root : bool
        Whether the command is the root. From other commands, the root's options are moved to the root.
    more : callable, optional
        Finds further options of the command by a flag that nothing else has.
    """

    def __init__(
        self,
        command: click.Command,
        ctx: click.Context,
        options: Iterable[click.Parameter],
        flags: Callable[[], RootFlags],
        *,
        is_root: bool = False,
        more: Callable[[str], Found | None] | None = None,
    ) -> None:
        self._command = command
        self._more = more
        self._ctx = ctx
        self._root_flags = flags
        self._is_root = is_root
        self._ignores = command.context_settings.get("ignore_unknown_options", False) and not is_root
        self.declared: dict[str, Found] = {}
        self._arguments: list[int] = []
        for param in options:
            if isinstance(param, click.Option):
                self.declared.update((self._normal(flag), (param, flag)) for flag in _flags_of(param))
            else:
                self._arguments.append(param.nargs)
        self._canonical: dict[str, Found] = {}
        self._found: dict[str, tuple[Found | None, bool]] = {}
        self._prefixes = {flag[0] for flag in (*self.declared, *ctx.help_option_names)}
        self._prefixes.add("-")

    def read(self, words: list[str], start: int = 0, *, interspersed: bool) -> Part:
        """Read the command's part.

        Parameters
        ----------
        words : list of str
            The line.
        start : int
            The index of the first word after the command's name.
        interspersed : bool
            Whether options may follow arguments, which they may unless commands follow.
        """
        self._words, self._at = words, start
        self._part = part = Part(interspersed=interspersed)
        several = any(number < 0 for number in self._arguments)
        most = len(words) if interspersed or several else sum(self._arguments)
        try:
            in_chain = not interspersed and hasattr(self._command, "bound")  # its options may follow its arguments
            self._read_options(most if interspersed or in_chain else 0)
            if several and in_chain:
                self._refuse_stages(part.arguments)
        except Mistake as mistake:
            part.error = mistake.make
            self._at = len(words)
        part.arguments += self.take_words(min(most - len(part.arguments), len(words) - self._at))
        part.size = self._at - start
        return part

    def _read_options(self, most: int) -> None:
        """Read options and up to a number of arguments, up to a word that is neither, ``--``, or the end."""
        while not self.at_end:
            if self.is_option(self.next_word):
                (word,) = self.take_words(1)
                if word == "--":
                    return
                self._read_option(word)
            elif len(self._part.arguments) < most:
                self._part.arguments += self.take_words(1)
            else:
                return

    def _refuse_stages(self, arguments: Sequence[str]) -> None:
        """Refuse an argument of any length that takes the name of a stage: its own stage has to be the last one."""
        stage = next((word for word in arguments if self._root_flags().registry.stage(word) is not None), None)
        if stage is not None:
            name = self._command.name
            message = (
                f"{name!r} takes all words that follow, and {stage!r} is a stage: put {name!r} last, or write '--' "
                f"before it."
            )
            raise Mistake(lambda ctx: click.UsageError(message, ctx))

    def is_option(self, word: str) -> bool:
        """Return whether a word is an option, or the ``--`` that ends options."""
        return word[:1] in self._prefixes and len(word) > 1

    def _read_option(self, word: str) -> None:
        flag, equals, value = word.partition("=")
        flag = self._normal(flag)
        if not self._read_long(flag, value if equals else None):
            if not (flag[:2] == "--" or flag[:1] == flag[1:2]):
                self._read_short(word)
            elif self._ignores:
                self._part.arguments.append(word)
            else:
                raise self.no_such(word, flag)

    def _read_long(self, flag: str, value: str | None) -> bool:
        """Read an option that is a whole word; return whether it exists."""
        if _is_short(flag):
            return False
        found, moved = self.declared.get(flag), False
        if found is None and self._is_help(flag):
            self._ask_for_help(flag, value)
            return True
        if found is None and flag[:2] == "--":
            if flag not in self._found:
                self._found[flag] = self._look_up(flag)
            found, moved = self._found[flag]
        if found is not None:
            self._record_option(found, flag, value, moved=moved)
        return found is not None

    def _look_up(self, flag: str) -> tuple[Found | None, bool]:
        """Find a declared option by its flag with dashes or underscores, or the root's; return whether to move it."""
        if not self._canonical:
            for name, found in self.declared.items():
                self._canonical.setdefault(canonical(name), found)
        own, bound = self._canonical.get(canonical(flag)), getattr(self._command, "bound", None)
        if own is None and bound is not None:  # what chooses a class may be typed as in files: `--optim.class`
            own = self._canonical.get(canonical(f"--{bound.setting_name(canonical(flag[2:]))}"))
        if own is not None:
            return own, False
        flags, fold = self._root_flags(), self._ctx.token_normalize_func
        moved = flags.find(flag)
        further = self._more(flag) if self._more is not None and moved is None else None
        if further is not None:
            return further, False
        return flags.find_folded(flag, fold) if moved is None and fold is not None else moved, not self._is_root

    def _read_short(self, word: str) -> None:
        """Read the short options of one word; the last may have a value."""
        unknown = ""
        for place, letter in enumerate(word[1:], 2):
            flag = self._normal(word[0] + letter)
            found, moved = self.declared.get(flag), False
            if found is None and self._is_help(flag):
                self._ask_for_help(flag, None)
                continue
            if found is None and not self._is_root:
                found, moved = self._root_flags().short.get(flag), True
            if found is None and self._ignores:
                unknown += letter
                continue
            if found is None:
                raise self.no_such(word, flag)
            takes_value = _takes_value(found[0])
            value = (word[place:] or None) if takes_value else None
            self._record_option(found, flag, value, moved=moved, may_be_value=False)
            if takes_value:
                break
        if unknown:  # one argument of all of them, as Click makes it
            self._part.arguments.append(word[0] + unknown)

    def _record_option(
        self, found: Found, flag: str, value: str | None, *, moved: bool = False, may_be_value: bool = True
    ) -> None:
        """Record an option in the part, with the words that it takes.

        Parameters
        ----------
        found : tuple of click.Option and str
            The option, and its flag as declared.
        flag : str
            The flag as typed.
        value : str or None
            The value that is typed in the same word.
        moved : bool
            Whether the option is the root's, to which it is moved.
        may_be_value : bool
            Whether the word after an option that takes no value is checked for one: null sets an Optional boolean to
            None, and a boolean is refused, since ``--shuffle false`` would set ``shuffle`` to true and take ``false``
            for an argument. Short options are not checked.
        """
        option, declared = found
        given: list[str] = []
        if _takes_value(option):
            given = self.values_of(option, flag, value)
            meaning = self.meaning_of(option, given)
        else:
            meaning = self._switched(option, declared, flag, value, may_be_value=may_be_value)
        mention = Mention(option, flag, meaning, None if _reads_from_part(option) else [declared, *given])
        if moved:
            self._part.moved.append(mention)
        else:
            self._part.add(mention)

    def values_of(self, option: click.Option, flag: str, value: str | None) -> list[str]:
        """Take the words of an option; none if the option may be used without a value."""
        number = self.number_of(option)
        given = [] if value is None else [value]
        few = len(given) + len(self._words) - self._at < number
        if few or (number == 1 and value is None and self.is_option(self.next_word)):
            if few:
                self._part.unfinished.append((option, self._words[self._at - 1]))
            if not _reads_from_part(option) and _may_stand_alone(option):
                return given
            if few:
                what = "an argument" if number == 1 else f"{number} arguments"
                raise _as_click(flag, f"Option {flag!r} requires {what}.")
        return given + self.take_words(number - len(given))

    def number_of(self, option: click.Option) -> int:
        """Return how many words an option takes."""
        return option.nargs

    def meaning_of(self, option: click.Option, given: Sequence[str]) -> Any:
        """Return the value that the words of an option set."""
        if option.nargs != 1:
            return tuple(given)
        return given[0] if given else None

    @property
    def next_word(self) -> str:
        """The next word; empty at the end."""
        return "" if self.at_end else self._words[self._at]

    @property
    def at_end(self) -> bool:
        """Whether all words are read."""
        return self._at == len(self._words)

    def take_words(self, number: int) -> list[str]:
        """Return the next words, and continue after them."""
        self._at += number
        return self._words[self._at - number : self._at]

    def _switched(
        self, option: click.Option, declared: str, flag: str, value: str | None, *, may_be_value: bool
    ) -> Any:
        """Return the value that a flag sets: None for an Optional boolean if null follows.

        Raises
        ------
        click.BadOptionUsage
            If a value follows the flag: ``--shuffle false``.
        """
        follows = value if value is not None else self._next_value() if may_be_value else ""
        if is_null_word(follows) and getattr(getattr(option, "converter", None), "nullable", False):
            self.take_words(value is None)
            return None
        if option.secondary_opts and (value is not None or follows.lower() in BOOLS):
            sets = BOOLS.get(follows.lower(), True) is (declared in option.opts)
            cure = (option.opts if sets else option.secondary_opts)[0]
            message = f"Option {flag!r} does not take a value, got {follows!r}. Use {cure!r}."
            raise Mistake(lambda ctx: click.BadOptionUsage(flag, message, ctx))
        if value is not None:
            raise _superfluous(flag)
        return declared in option.opts if option.is_bool_flag else option.flag_value

    def _next_value(self) -> str:
        """Return the next word if it may be the value of a flag; empty if it is a command, as ``on`` may be."""
        word = self.next_word
        if not (is_null_word(word) or word.lower() in BOOLS):
            return ""
        if self._part.interspersed:  # no command follows
            return word
        group: Any = self._command
        follows = found_command(group, self._ctx, word) if self._is_root else self._root_flags().registry.stage(word)
        return word if follows is None else ""

    def _is_help(self, flag: str) -> bool:
        if not self._command.add_help_option or flag not in map(self._normal, self._ctx.help_option_names):
            return False
        return flag in map(self._normal, self._command.get_help_option_names(self._ctx))

    def _ask_for_help(self, flag: str, value: str | None) -> None:
        if value is not None:
            raise _superfluous(flag)
        self._part.helps = True
        self._part.words.append(flag)

    def no_such(self, word: str, flag: str) -> Mistake:
        """Make the mistake of a word that is no option, or of a letter of one that is none."""
        options = () if self._is_root else [option for option, _ in self.declared.values()]
        place = functools.partial(cli.meant.Place, self._command, self._root_flags(), options)
        return Mistake(lambda ctx: cli.meant.no_such_option(place(), word, flag, ctx))

    def _normal(self, flag: str) -> str:
        """Normalize a flag with the program's ``token_normalize_func``."""
        fold = self._ctx.token_normalize_func
        if fold is None:
            return flag
        bare = flag[2:] if flag[:1] == flag[1:2] else flag[1:]
        return flag[: len(flag) - len(bare)] + fold(bare)


def _flags_of(option: click.Option) -> list[str]:
    return [*option.opts, *option.secondary_opts]


def _is_short(flag: str) -> bool:
    return not flag[2:] and flag != "--"


def _superfluous(flag: str) -> Mistake:
    return _as_click(flag, f"Option {flag!r} does not take a value.")


def _as_click(flag: str, message: str) -> Mistake:
    """Make a mistake that is shown without the usage, as by Click's parser, which finds it too."""
    return Mistake(lambda _: click.BadOptionUsage(flag, message))


def _takes_value(option: click.Option) -> bool:
    return not (option.is_flag or option.count)


def _reads_from_part(option: click.Option) -> bool:
    """Return whether an option reads its value from its part of the line, and not from Click's parser."""
    # Only this package's option classes have `collects`: whether each occurrence on the line adds a value, or replaces
    # the value before.
    return hasattr(option, "collects")


def _may_stand_alone(option: click.Option) -> bool:
    """Return whether an option may be used without its value.

    Click decides that from the option's declaration, which it does not keep, so Click is asked.
    """
    alone = cli.copy.copy(option)
    alone.callback = None
    command = click.Command(None, params=[alone], add_help_option=False)
    ctx = command.make_context(None, [alone.opts[0]], resilient_parsing=True)
    return ctx.get_parameter_source(alone.name) is ParameterSource.COMMANDLINE


def read(root: Any, ctx: RootContext, words: Sequence[str], options: Iterable[click.Parameter]) -> Line:
    """Read a whole line, up to a command that is not of this package and parses the rest itself.

    Parameters
    ----------
    root : RootCommand
        The program.
    ctx : click.Context
        The context of the program.
    words : sequence of str
        The line.
    options : iterable of click.Parameter
        The options that are declared on the program; other options are found by the program's flags.

    Raises
    ------
    click.UsageError
        If there is a mistake in the root's part. Other parts keep their errors.
    """
    line = Line(words)
    reader = Reader(root, ctx, options, root.flags, is_root=True)
    line.root = reader.read(line.words, interspersed=ctx.allow_interspersed_args)
    line.root.check(ctx)
    at, group = line.root.size, root
    while at < len(line.words):
        command: Any = found_command(group, ctx, line.words[at])
        if getattr(command, "root", None) is not root:
            line.continues = command is not None
            break
        is_chain = isinstance(command, click.Group)
        interspersed = not (is_chain or ctx.chained) and group is root
        part = command.reader(ctx).read(line.words, at + 1, interspersed=interspersed)
        line.add(command, at + 1, part)
        if ctx.chained and not is_chain:
            break
        at += 1 + part.size
        if is_chain:
            group = command
    return line


def found_command(group: click.Group, ctx: click.Context, name: str) -> click.Command | None:
    """Find a command as Click does: by its name, and by the name that the program makes of it."""
    command = group.get_command(ctx, name)
    if command is None and ctx.token_normalize_func is not None:
        command = group.get_command(ctx, ctx.token_normalize_func(name))
    return command


def part_of(command: Any, ctx: click.Context, line: Line, args: Sequence[str]) -> Part:
    """Return a command's part of a line; read a new part if the command is called with other words.

    Parameters
    ----------
    command : StageCommand or ChainCommand
        The command.
    ctx : click.Context
        The context of the command.
    line : Line
        The line of the root.
    args : sequence of str
        The words that the command is called with.
    """
    part = line.part_of(command, args)
    if part is None or part.interspersed != ctx.allow_interspersed_args:
        part = command.reader(ctx).read(list(args), interspersed=ctx.allow_interspersed_args)
    return part


def move_to_root(line: Line, ctx: click.Context) -> None:
    """Move root options that follow the names of other commands to the root's part: they apply to the whole run.

    Raises
    ------
    click.UsageError
        If one follows two turns with two different values.
    """
    by_option: dict[str, dict[int, list[Mention]]] = {}
    for turn, part in enumerate(line.parts):
        for mention in part.moved if part.error is None or ctx.resilient_parsing else ():
            by_option.setdefault(mention.option.name, {}).setdefault(turn, []).append(mention)
    for turns in by_option.values():
        first, *others = turns.values()
        if not ctx.resilient_parsing:
            _refuse_conflicts(ctx, first, others)
        for mention in first:
            line.root.add(mention)


def _refuse_conflicts(ctx: click.Context, first: list[Mention], others: list[list[Mention]]) -> None:
    value = _common_value(ctx, first) if others else None
    for other in others:
        if value != _common_value(ctx, other):
            one, two = (" ".join(word for item in items for word in _words(item)) for items in (first, other))
            raise click.UsageError(
                f"{one!r} and {two!r} follow different stages but apply to the whole run: give the option once.",
                ctx,
            )


def _common_value(ctx: click.Context, items: list[Mention]) -> Any:
    """Return the value that all occurrences of an option after one turn set, the same for every spelling of it."""
    option = items[0].option
    values = [item.value for item in items]
    value = values if option.multiple or option.count else values[-1]
    if not _reads_from_part(option) and option.type is not click.BOOL:
        return value
    try:
        return option.type_cast_value(ctx, value)
    except click.UsageError:  # reported when the root processes it
        return value


def _words(item: Mention) -> list[str]:
    if not isinstance(item.value, (str, tuple)):
        return [item.flag]
    hides = hasattr(item.option, "spec") and layers.redaction.is_secret(item.option.spec)
    return [item.flag, HIDDEN if hides else str(item.value)]
