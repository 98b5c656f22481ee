"""Find what was meant by a word that is no option, command or stage. Only an error imports this module."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher, get_close_matches
from typing import Any

import click

from .. import layers, types
from ..declare.function import EXCLUDED
from ..declare.registry import Bound, Registry
from ..errors import LONGEST, suggest
from ..keys import canonical, inside
from ..types import BOOLS, HIDDEN, Converter
from .flags import RootFlags
from .option import ParameterOption, dotted_flags
from .parts import Line
from .quoting import SIMPLE, several_values

__all__ = ["Place", "extra_words", "no_such_command", "no_such_option"]

_MOST = 10  # options that an error lists, and places of a word that it looks at
_MOST_NEAR = 3
_NEAR = 0.1  # how much less similar than the nearest option the others may be
_ASSIGNS = re.compile(r"[=:]|^[+~]")


class _Choice:
    """An option that may be meant.

    Attributes
    ----------
    names : list of str
        The ways to name it, folded: its key, or the name of a stage's own option, and the ends of that after each dot
        or slash.
    flag : str
        Its flag, as it must be typed in the place of the error.
    negation : str or None
        The flag that sets it to false, if it takes no value.
    takes_value : bool
        Whether a value follows the flag.
    bound : Bound or None
        The function whose parameter it sets; None for the program's own options.
    own : bool
        Whether it belongs to the command in whose part the word is.
    converter : Converter or None
        Reads its values; None for the program's own options.
    """

    __slots__ = ("bound", "converter", "flag", "names", "negation", "own", "takes_value")

    def __init__(
        self,
        text: str,
        flags: tuple[str, str | None],
        bound: Bound | None,
        *,
        takes: bool,
        own: bool = False,
        converter: Converter | None = None,
    ) -> None:
        starts = [0, *(match.end() for match in re.finditer(r"[./]", text))]
        self.names = [_folded(text[start:]) for start in starts]
        self.flag, self.negation = flags
        self.takes_value = takes
        self.bound = bound
        self.own = own
        self.converter = converter

    @property
    def is_mapping(self) -> bool:
        """Whether its values are mappings."""
        converter: Any = self.converter
        while hasattr(converter, "inner"):
            converter = converter.inner
        return isinstance(converter, types.containers.MappingConverter)


class Place:
    """The place of a word: the command in whose part it is.

    Parameters
    ----------
    command : click.Command
        The command: the root, a stage, or `run`.
    flags : RootFlags
        The root's options.
    options : iterable of click.Parameter
        The command's own options, if it is not the root.
    """

    def __init__(self, command: click.Command, flags: RootFlags, options: Iterable[click.Parameter] = ()) -> None:
        self.command = command
        self.registry: Registry = flags.registry
        self._flags = flags
        self._options = [option for option in options if isinstance(option, click.Option)]
        self.hides = layers.redaction.has_secrets(self.registry)

    @property
    def root(self) -> Any:
        """The program."""
        return getattr(self.command, "root", self.command)

    @property
    def is_root(self) -> bool:
        """Whether the word is in the root's part, or in that of a command without stages."""
        return self.command is self.root or hasattr(self.root, "body")

    def choices(self, ctx: click.Context) -> Iterator[_Choice]:
        """Walk all options, without hidden ones and those of functions whose signature cannot be read."""
        for flag in ctx.help_option_names:
            if flag[:2] == "--":
                yield _Choice(flag[2:], (flag, None), None, takes=False, own=True)
        for option in self._options:
            if not option.hidden:
                yield _of_option(option, own=True)
        for option in self._flags.own:
            if not option.hidden:
                yield _of_option(option, own=False)
        for key, bound, spec in self._flags.walk():
            if not bound.hidden and not spec.hidden:
                flags = dotted_flags(key, spec)
                yield _Choice(key.text, flags, bound, takes=flags[1] is None, converter=spec.converter)


def _own(found: list[_Choice]) -> list[_Choice]:
    """Return the command's own options of these, or all if none is its own."""
    return [choice for choice in found if choice.own] or found


def _of_option(option: click.Option, *, own: bool) -> _Choice:
    """Return one of Click's options as a choice."""
    long = [flag for flag in option.opts if flag[:2] == "--"] or option.opts
    negation = next((flag for flag in option.secondary_opts if flag[:2] == "--"), None)
    is_own = isinstance(option, ParameterOption) and option.bound.role != "engine"
    text = option.spec.name if isinstance(option, ParameterOption) and is_own else long[-1].lstrip("-")
    takes = not (option.is_flag or option.count)
    bound, converter = getattr(option, "bound", None), getattr(option, "converter", None)
    return _Choice(text, (long[-1], negation), bound, takes=takes, own=own, converter=converter)


class _Meant:
    """What may be meant by a word.

    Attributes
    ----------
    typed, name : str
        The name in the word, as typed and folded.
    exact : bool
        Whether the options have this name, rather than a similar one.
    flags : list of str
        The flags, as they must be typed, each with the value if that was in the same word.
    stages : list of str
        The stages that have an option of this name, if the word follows another command.
    """

    def __init__(self, place: Place, word: str, ctx: click.Context) -> None:
        self._hides = place.hides
        choices = list(place.choices(ctx))
        self.typed, self._value = self._divided(word, choices)
        self.name = _folded(self.typed)
        found, negated = self._named(choices, self.name), False
        if not found and self.name.startswith("no_"):
            found = [choice for choice in self._named(choices, self.name[3:]) if choice.negation is not None]
            negated = bool(found)
        self.exact = bool(found)
        entries = [] if found else self._entries(choices)
        if not entries:
            found = found or self._inside(choices) or self._ending(choices) or self._similar(choices)
        spelled = (self._spelled(choice, negated=negated) for choice in found[:_MOST])
        self.flags = list(dict.fromkeys([*entries, *spelled]))
        elsewhere = [] if place.is_root else [choice.bound for choice in found if self._is_elsewhere(choice)]
        self.stages = list(dict.fromkeys(bound.name for bound in elsewhere if bound and bound.role == "stage"))

    @staticmethod
    def _divided(word: str, choices: list[_Choice]) -> tuple[str, str]:
        """Divide a word into a name and a value: at a colon only if the name does not go on after it."""
        name, _, value = word.lstrip("-+~").partition("=")
        if ":" in name and not any(_folded(name) in choice.names for choice in choices):
            name, _, value = word.lstrip("-+~").partition(":")
        return name.removesuffix(":"), value.removeprefix("=")

    def _is_elsewhere(self, choice: _Choice) -> bool:
        """Return whether an option was named as a stage would name it, but not after the stage."""
        return self.exact and not choice.own and choice.names[0] != self.name

    @property
    def question(self) -> str:
        """The sentence that suggests the options; empty if there are none."""
        *others, last = map(repr, self.flags) if self.flags else ("",)
        one = f"{', '.join(others)} or {last}" if others else last
        return f" Did you mean {one}?" if one else ""

    @property
    def order_note(self) -> str:
        """The sentence about an option that belongs after the name of its stage; empty for another option."""
        if not self.stages:
            return ""
        names = f"stage{'s' * (len(self.stages) > 1)} {' and '.join(map(repr, self.stages))}"
        return f" It is an option of the {names}, and options of a stage follow its name."

    def _named(self, choices: list[_Choice], name: str) -> list[_Choice]:
        """Find the options of a name: the command's own, else those with this whole key, else with this end."""
        found = [choice for choice in choices if name and name in choice.names]
        found = _own(found)
        return [choice for choice in found if name == choice.names[0]] or found

    def _entries(self, choices: list[_Choice]) -> list[str]:
        """Return how to type an entry of a mapping that was written as a field: ``train.opts.a=3``, ``--opts.a 3``."""
        mappings = [choice for choice in choices if choice.is_mapping and len(self.typed) <= LONGEST]
        for dot in re.finditer(r"\.", self.typed) if mappings else ():
            found = self._named(mappings, _folded(self.typed[: dot.start()]))
            if found:
                return [self._entry(choice, self.typed[dot.end() :]) for choice in found[:_MOST]]
        return []

    def _entry(self, choice: _Choice, key: str) -> str:
        assert choice.converter is not None  # it reads mappings
        entry = f"{key}={self._value or 'VALUE'}"
        if self._hides or not SIMPLE.fullmatch(entry):
            entry = "KEY=VALUE"
        is_flow = "{" in choice.converter.typed  # its values are lists, say, which no word can be
        return choice.flag if is_flow else f"{choice.flag} {entry}"

    def _inside(self, choices: list[_Choice]) -> list[_Choice]:
        """Find the options inside of a function, or of a parameter with fields."""
        inner = f"{self.name}_"
        found = [choice for choice in choices if self.name and any(name.startswith(inner) for name in choice.names)]
        return _own(found)[:_MOST_NEAR]

    def _ending(self, choices: list[_Choice]) -> list[_Choice]:
        """Find the options whose last part is the one of a dotted name, those with the most similar key."""
        last = _folded(re.split(r"[./]", self.typed)[-1])
        found = [choice for choice in choices if last != self.name and last and last == choice.names[-1]]
        ratios = {choice: SequenceMatcher(None, choice.names[0], self.name).ratio() for choice in found[:_MOST]}
        return [choice for choice in ratios if ratios[choice] > max(ratios.values()) - _NEAR][:_MOST_NEAR]

    def _similar(self, choices: list[_Choice]) -> list[_Choice]:
        """Find the options with similar names, the most similar first."""
        if not self.name or len(self.name) > LONGEST:
            return []
        by_name: dict[str, list[_Choice]] = {}
        for choice in choices:
            for name in choice.names:
                by_name.setdefault(name, []).append(choice)
        near = get_close_matches(self.name, by_name, n=_MOST_NEAR)
        ratios = [SequenceMatcher(None, name, self.name).ratio() for name in near]
        names = [name for name, ratio in zip(near, ratios, strict=True) if ratio > ratios[0] - _NEAR]
        return list(dict.fromkeys(choice for name in names for choice in self._named(by_name[name], name)))[:_MOST_NEAR]

    def _spelled(self, choice: _Choice, *, negated: bool) -> str:
        value = self._value.lower()
        if choice.negation is not None and (negated or (value in BOOLS and not BOOLS[value])):
            return choice.negation
        keeps = choice.takes_value and not self._hides and SIMPLE.fullmatch(self._value)
        return f"{choice.flag}={self._value}" if keeps else choice.flag


def no_such_option(place: Place, word: str, flag: str, ctx: click.Context) -> click.NoSuchOption:
    """Make the error for an unknown option, with the options that may be meant.

    Parameters
    ----------
    place : Place
        The command in whose part it is.
    word : str
        The whole word.
    flag : str
        The part of it that is not an option.
    ctx : click.Context
        The context of the command.
    """
    # Click would filter the options again, by its own idea of what is similar, so they are part of the message.
    if _is_left_out(place, flag):
        return click.NoSuchOption(flag, f"No such option {flag!r}: {EXCLUDED}", ctx=ctx)
    meant = _Meant(place, word, ctx)
    command = "" if meant.exact else _command(place, ctx, meant.name)
    if command:
        return click.NoSuchOption(flag, f"No such option {flag!r}. {command}: write it without dashes.", ctx=ctx)
    if flag[:2] != "--" and not meant.exact:  # one letter of a word
        return click.NoSuchOption(flag, f"No such option {flag!r}.", ctx=ctx)
    if meant.exact and flag[:2] != "--":
        flag = word.partition("=")[0]
    if place.hides and meant.exact and ":" in flag:
        flag = f"{flag.partition(':')[0]}:{HIDDEN}"
    note = _fields_note(place, meant) or meant.order_note
    return click.NoSuchOption(flag, f"No such option {flag!r}.{note}{meant.question}", ctx=ctx)


def _is_left_out(place: Place, flag: str) -> bool:
    """Return whether a flag is that of a parameter that the program leaves out of its options."""
    bound: Bound | None = getattr(place.command, "bound", None)
    typed = canonical(flag.lstrip("-"))
    names = {typed, typed.removeprefix("no_")}
    keys = names if bound is None else names | {bound.key(name).text for name in names}
    return any(place.registry.excludes(key) for key in keys)


def _command(place: Place, ctx: click.Context, name: str) -> str:
    """Return what a name that was typed as an option is, if it is that of a command; else nothing."""
    for known in place.root.list_commands(ctx) if isinstance(place.root, click.Group) else ():
        if _folded(known) == name:
            return f"{known!r} is a {'command' if place.registry.stage(known) is None else 'stage'}"
    return ""


def _fields_note(place: Place, meant: _Meant) -> str:
    """Return the sentence about a parameter that is set by its fields."""
    bound, _, path = place.registry.split(meant.typed)
    if bound is None:
        bound, path = getattr(place.command, "bound", None), canonical(meant.typed)
    is_group = bound is not None and path in bound.spec.groups and bool(inside(bound.options, path))
    chooses = bound is not None and path in bound.options  # `--optim:Adam`
    return " It is set by its fields." if is_group and not chooses else ""


def no_such_command(
    flags: RootFlags, line: Line | None, args: Sequence[str], noun: str, ctx: click.Context
) -> click.UsageError:
    """Make the error for an unknown command or stage.

    Parameters
    ----------
    flags : RootFlags
        The root's options.
    line : Line or None
        The line, if Click is parsing one.
    args : sequence of str
        The words from the unknown one on.
    noun : str
        ``command`` or ``stage``.
    ctx : click.Context
        The context of the group.
    """
    group: Any = ctx.command
    known, word = group.list_commands(ctx), args[0]
    before = None if line is None or noun == "command" else line.last_command
    place = Place(before or group, flags, () if before is None else before.params)
    shown = layers.redaction.word(word, known, place.registry)
    hint = _for_word(place, *_found(line, args), ctx) or ("" if _ASSIGNS.search(word) else suggest(word, known))
    if noun == "stage" and word in {"run", "sweep"}:
        hint = f" {group.name!r} is followed by stages: leave {word!r} out."
    return click.UsageError(f"No such {noun} {shown!r}.{hint}", ctx)


def extra_words(place: Place, line: Line, args: Sequence[str], rest: Sequence[str], ctx: click.Context) -> str:
    """Return the sentence for extra arguments of a stage: the option that is meant, or how to type a list.

    Parameters
    ----------
    place : Place
        The stage.
    line : Line
        The line.
    args : sequence of str
        The words of the stage.
    rest : sequence of str
        The arguments, which no option takes.
    ctx : click.Context
        The context of the stage.
    """
    line, start = _found(line, args)
    places = (at for at in range(start, len(line.words)) if line.words[at] == rest[0])
    hints = (_for_word(place, line, at, ctx) for at in itertools.islice(places, _MOST))
    return next(filter(None, hints), "")


def _found(line: Line | None, args: Sequence[str]) -> tuple[Line, int]:
    """Return the line of these words, and the number of the first of them."""
    rest = None if line is None else line.rest(args)
    return (Line(args), 0) if line is None or rest is None else (line, rest.start)


def _for_word(place: Place, line: Line, at: int, ctx: click.Context) -> str:
    """Suggest what an unknown word means; words after ``--`` mean nothing but themselves."""
    if "--" in line.words[:at]:
        return ""
    hint = _hint(place, line.words[at], ctx)
    if hint and _ASSIGNS.search(line.words[at]):
        return hint
    return several_values(line, at, place.registry) or hint


def _hint(place: Place, word: str, ctx: click.Context) -> str:
    """Suggest the option that a word means: ``train.lr=3``, ``lr``."""
    meant = _Meant(place, word, ctx)
    if not (meant.exact or _ASSIGNS.search(word)):
        return ""
    return f"{meant.order_note}{meant.question}"


def _folded(name: str) -> str:
    """Fold a name, so that case and the signs between words make no difference."""
    return re.sub(r"[-./:]+", "_", name.lower()).strip("_")
