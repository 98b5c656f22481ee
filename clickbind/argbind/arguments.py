"""Make Click parameters from arguments of `argparse`: `add_argument` with argparse's settings."""

from __future__ import annotations

import itertools
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import click
from click.core import ParameterSource

from ..cli.line import Mistake, Reader
from ..cli.option import ParamType
from ..cli.parts import typed_in
from ..errors import BindError, suggest
from ..keys import canonical, without_scope

__all__ = ["Argument", "ArgumentReader", "defaults_of", "make_argument", "missing_in", "typed_of"]

_SUPPRESS = "==SUPPRESS=="  # argparse.SUPPRESS
_KNOWN = frozenset(
    {"action", "type", "default", "nargs", "const", "choices", "required", "help", "metavar", "dest"}
)  # fmt: skip

_SHORTHANDS: dict[str, dict[str, Any]] = {
    "store_true": {"action": "store", "nargs": 0, "const": True, "default": False},
    "store_false": {"action": "store", "nargs": 0, "const": False, "default": True},
    "store_const": {"action": "store", "nargs": 0},
    "append_const": {"action": "append", "nargs": 0},
    "count": {"action": "count", "nargs": 0},
}

# The new value, from the value before and the values of an option's occurrences.
_ACTIONS: dict[str, Callable[[Any, Sequence[Any]], Any]] = {
    "store": lambda _, given: given[-1],
    "append": lambda before, given: [*(before or ()), *given],
    "extend": lambda before, given: [*(before or ()), *itertools.chain.from_iterable(given)],
    "count": lambda before, given: (before or 0) + len(given),
}


class _Type(ParamType):
    """A type as in argparse: a callable that converts the text."""

    def __init__(self, function: Callable[[str], Any] | None, choices: Iterable[Any] | None) -> None:
        name = getattr(function, "__name__", "text")
        self.name = name if name.isidentifier() else "value"
        self._function = function or str
        self._choices = choices

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str | None:
        """Return the choices, if there are any."""
        return None if self._choices is None else f"{{{','.join(map(str, self._choices))}}}"

    def read(self, text: str, param: click.Parameter, ctx: click.Context) -> Any:
        """Convert a text without checking the choices, since a default need not be one of them."""
        try:
            return self._function(text)
        except Exception as error:
            import argparse  # noqa: PLC0415 - 5 ms, needed only for mistakes

            if not isinstance(error, (TypeError, ValueError, argparse.ArgumentTypeError)):
                raise
            named = isinstance(error, argparse.ArgumentTypeError)
            self.fail(str(error) if named else f"{text!r} is not a valid {self.name}.", param, ctx)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Convert a typed text, and check the choices."""
        assert param is not None  # typed values come with both
        assert ctx is not None
        found = self.read(value, param, ctx)
        if self._choices is not None and found not in self._choices:
            self.fail(f"{found!r} is not one of {', '.join(map(repr, self._choices))}.", param, ctx)
        return found


class _Collecting(click.Parameter):
    """A parameter that is reported as missing together with all others that are missing."""

    def process_value(self, ctx: click.Context, value: Any) -> Any:
        """Convert the value; note it if it is missing."""
        try:
            return super().process_value(ctx, value)
        except click.MissingParameter as error:
            missing_in(ctx).append(error)
            return None


def missing_in(ctx: click.Context) -> list[click.MissingParameter]:
    """Return the errors for missing parameters of a context, noted so far."""
    found: list[click.MissingParameter] = ctx.meta.setdefault(__name__, [])
    return found


class _AddedArgument(_Collecting, click.Argument):
    """A positional argument of the program's own."""


class _Option(_Collecting, click.Option):
    """An option, whose value is a list with a tuple of words for each occurrence, as `ArgumentReader` finds them.

    Parameters
    ----------
    name : str
        A name for Click.
    flags : sequence of str
        The flags.
    nargs : int or str or None
        As for `make_argument`; 0 for a flag.
    **settings
        Parameters of Click's option.
    """

    def __init__(self, name: str, flags: Sequence[str], nargs: Any, **settings: Any) -> None:
        super().__init__(["--placeholder", name], is_flag=True if nargs == 0 else None, **settings)
        self.opts = list(flags)  # Click would split them at dots
        self.words = nargs
        self.collects = True

    def consume_value(self, ctx: click.Context, opts: Mapping[str, Any]) -> tuple[Any, ParameterSource]:
        """Return the typed value, or the one that Click finds."""
        typed = typed_in(ctx).values
        if self.name in typed:
            return typed[self.name], ParameterSource.COMMANDLINE
        return super().consume_value(ctx, opts)

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        """Convert each word of each occurrence; return Click's values for a missing option unchanged."""
        if not isinstance(value, list):
            return value
        if self.words == 0:
            return [()] * len(value)
        return [tuple(self.type.convert(word, self, ctx) for word in words) for words in value]


class ArgumentReader(Reader):
    """The reader of a line with arguments of argparse: options take as many words as there, and ``-1`` is a value."""

    def is_option(self, word: str) -> bool:
        """Return whether a word is an option; a negative number is not, unless a flag begins like it."""
        return super().is_option(word) and not (re.match(r"-\.?\d", word) and word[:2] not in self.declared)

    def no_such(self, word: str, flag: str) -> Mistake:
        """Make the mistake of an unknown option. The key without its scope is not suggested: it holds in all scopes."""
        named = flag[2:].removeprefix("no-").removeprefix("no_")
        scope, key = without_scope(named)
        found = self._root_flags().registry.find(key) if scope else None
        if scope is None or found is None or suggest(canonical(scope), found[1].scopes):
            return super().no_such(word, flag)
        why = f"{found[1].name!r} is not bound under the scope {scope!r}"
        message = f"No such option {flag!r}. {why}: bind it there, or set {named!r} in a file."
        return Mistake(lambda ctx: click.NoSuchOption(flag, message, ctx=ctx))

    def number_of(self, option: click.Option) -> int:
        """Return how many words an option takes, if the number is fixed."""
        number = getattr(option, "words", None)
        return number if isinstance(number, int) else super().number_of(option)

    def meaning_of(self, option: click.Option, given: Sequence[str]) -> Any:
        """Return the words of one occurrence."""
        return tuple(given) if isinstance(option, _Option) else super().meaning_of(option, given)

    def values_of(self, option: click.Option, flag: str, value: str | None) -> list[str]:
        """Take the words of an option, as many as its ``nargs`` allows."""
        number = getattr(option, "words", None)
        if not isinstance(number, str):
            return super().values_of(option, flag, value)
        if value is not None:
            return [value]
        found: list[str] = []
        while not (self.at_end or self.is_option(self.next_word) or (found and number == "?")):
            found += self.take_words(1)
        if number == "+" and not found:
            message = f"Option {flag!r} requires an argument."
            raise Mistake(lambda ctx: click.BadOptionUsage(flag, message, ctx))
        return found


class Argument:
    """A parameter that a program added with `add_argument`.

    Attributes
    ----------
    dest : str
        The key of the value in the program's arguments.
    param : click.Parameter
        The parameter.
    text : str
        The help text.
    """

    __slots__ = ("_action", "_const", "_default", "_nargs", "dest", "param", "text")

    def __init__(self, dest: str, param: click.Parameter, settings: Mapping[str, Any]) -> None:
        self.dest = dest
        self.param = param
        self.text = _help(dest, settings)
        self._action = _ACTIONS[settings["action"]]
        self._nargs = settings["nargs"]
        self._const = settings["const"]
        self._default = settings["default"]

    def default(self, ctx: click.Context) -> Any:
        """Return the value if the argument is not typed; a default that is a text is converted as if it were typed."""
        default, kind = self._default, self.param.type
        return kind.read(default, self.param, ctx) if isinstance(default, str) and isinstance(kind, _Type) else default

    @property
    def has_default(self) -> bool:
        """Whether the argument has a value if it is not typed; not if the default is ``argparse.SUPPRESS``."""
        return self._default is not _SUPPRESS and self._default != _SUPPRESS

    def value(self, ctx: click.Context, before: Any) -> Any:
        """Return the value if the argument is typed, combined with the value before."""
        given = ctx.params[str(self.param.name)]
        if isinstance(self.param, click.Argument):
            given = [given if self.param.nargs != 1 else (given,)]
        return self._action(before, [self._one(words, ctx) for words in given])

    def _one(self, words: Sequence[Any], ctx: click.Context) -> Any:
        """Return the value of one occurrence as argparse does: a list if the argument takes several words."""
        if self._nargs == 0 or (self._nargs == "?" and not words):
            const, kind = self._const, self.param.type
            text = isinstance(const, str) and isinstance(kind, _Type)
            return kind.convert(const, self.param, ctx) if text else const
        return words[0] if self._nargs in {None, "?"} else list(words)


def defaults_of(arguments: Iterable[Argument], ctx: click.Context) -> dict[str, Any]:
    """Return the defaults of arguments, by ``dest``. Of two arguments with the same ``dest``, the first counts."""
    first: dict[str, Argument] = {}
    for argument in arguments:
        if argument.has_default:
            first.setdefault(argument.dest, argument)
    return {dest: argument.default(ctx) for dest, argument in first.items()}


def typed_of(arguments: Iterable[Argument], ctx: click.Context, before: Mapping[str, Any]) -> dict[str, Any]:
    """Return the values of arguments on the line, by ``dest``. Of two with the same ``dest``, the last counts.

    Parameters
    ----------
    arguments : iterable of Argument
        The arguments.
    ctx : click.Context
        The context, whose line determines the order.
    before : mapping of str to object
        The earlier values, for actions that append or count.
    """
    named = {argument.param.name: argument for argument in arguments}
    found: dict[str, Any] = {}
    for name in dict.fromkeys((*typed_in(ctx).flags, *named)):
        argument = named.get(name)
        if argument is not None and ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            found[argument.dest] = argument.value(ctx, found.get(argument.dest, before.get(argument.dest)))
    return found


def make_argument(name: str, flags: Sequence[str], settings: Mapping[str, Any]) -> Argument:
    """Make the parameter for a call of `add_argument`.

    Parameters
    ----------
    name : str
        A name for Click that no other parameter of the command has.
    flags : sequence of str
        An option's flags, or a positional argument's name.
    settings : mapping of str to object
        The other settings, as in argparse: ``action``, ``type``, ``default``, ``nargs``, ``const``, ``choices``,
        ``required``, ``help``, ``metavar``, ``dest``.

    Raises
    ------
    BindError
        If an action or setting is not supported, or they do not go together.
    """
    positional = not (flags and flags[0][:1] == "-")
    if positional and not flags and settings.get("dest"):
        flags, settings = [settings["dest"]], {key: value for key, value in settings.items() if key != "dest"}
    _check(flags, settings, positional=positional)
    action = settings.get("action") or "store"
    full = {**dict.fromkeys(_KNOWN), **_SHORTHANDS.get(action, {"action": action})}
    full.update({key: value for key, value in settings.items() if key != "action"})
    common: dict[str, Any] = {"type": _Type(full["type"], full["choices"])}
    if full["metavar"] is not None:
        common["metavar"] = full["metavar"] if isinstance(full["metavar"], str) else " ".join(full["metavar"])
    if positional:
        dest = flags[0]
        if full["nargs"] == "*" and full["default"] is None:
            full["default"] = []
        return Argument(dest, _positional(name, dest, full["nargs"], common), full)
    longest = next((flag for flag in flags if flag[:2] == "--"), flags[0])
    dest = full["dest"] or longest.lstrip("-").replace("-", "_")
    more = {"help": _help(dest, full), "hidden": full["help"] == _SUPPRESS, "required": bool(full["required"])}
    if full["nargs"] == 0:
        common = {}
    return Argument(dest, _Option(name, flags, full["nargs"], **common, **more), full)


def _check(flags: Sequence[str], settings: Mapping[str, Any], *, positional: bool) -> None:
    """Refuse settings that argparse refuses, and settings that are not supported."""
    called = f"add_argument({', '.join(map(repr, flags))})"
    action, nargs = settings.get("action") or "store", settings.get("nargs")
    unknown = sorted(settings.keys() - _KNOWN)
    if isinstance(action, str) and action in {*_ACTIONS, *_SHORTHANDS}:
        problem = f"has no {unknown[0]!r} here" if unknown else ""
    else:
        problem = f"has no action {action!r} here"
    if not problem and not (nargs is None or nargs in ("?", "*", "+") or (isinstance(nargs, int) and nargs > 0)):
        problem = f"has no nargs {nargs!r} here"
    if not problem and not (settings.get("type") is None or callable(settings["type"])):
        problem = f"has a type that cannot be called, {settings['type']!r}"
    if not problem and positional:
        wrong = [key for key in ("required", "dest") if key in settings]
        if len(flags) != 1:
            problem = "needs flags that begin with a dash, or one name"
        elif wrong or action != "store":
            problem = f"is for a positional argument, which takes no {wrong[0] if wrong else f'action {action!r}'}"
    if not problem and not positional and not all(flag[:1] == "-" for flag in flags):
        problem = "needs flags that begin with a dash, or one name"
    if problem:
        raise BindError(f"{called} {problem}.")


def _positional(name: str, dest: str, nargs: Any, common: dict[str, Any]) -> click.Argument:
    required = nargs not in {"*", "?"}
    shown = common.get("metavar", dest)
    shown = f"{shown if required else f'[{shown}]'}{'' if nargs in {None, '?'} else '...'}"
    count = nargs if isinstance(nargs, int) else -1 if nargs in {"*", "+"} else 1
    return _AddedArgument([name], nargs=count, required=required, **{**common, "metavar": shown})


def _help(dest: str, settings: Mapping[str, Any]) -> str:
    """Return the help text, in which ``%(default)s`` and ``%%`` are replaced as by argparse."""
    words = {key: getattr(value, "__name__", value) for key, value in settings.items()}
    if settings["choices"] is not None:
        words["choices"] = ", ".join(map(str, settings["choices"]))
    words.update(dest=dest, prog=os.path.basename(sys.argv[0]))

    def put_in(match: re.Match[str]) -> str:
        try:
            return match[0] % words
        except (TypeError, ValueError, KeyError):
            return match[0]

    return re.sub(r"%%|%\(\w+\)[-\d.]*[a-z]", put_in, settings["help"] or "")
