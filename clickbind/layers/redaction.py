"""Hide secrets in all output: this module alone decides which values and words are shown.

It fails closed. In a program with a secret parameter, a text is shown only if it certainly belongs to a known parameter
that is not secret; the rest is ``***``. In addition, a net stars the texts of values that are known to be secret in
every message. It does not search for texts of fewer than `_SHORTEST` characters, which would star line numbers and half
of the words, nor for names of the program.
"""

from __future__ import annotations

import functools
import json
import os
import re
import shlex
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from ..declare.registry import RUN, Registry
from ..errors import suggest
from ..keys import Key, canonical, inside, parts_of
from ..types import HIDDEN, message_of
from . import Values

if TYPE_CHECKING:
    from ..declare.registry import Bound
    from ..types import MayBeSecret

__all__ = ["Net", "has_secrets", "is_secret", "message_of", "redact", "refusal_of", "word"]

_SHORTEST = 4
_LONGEST = 40  # characters of a long text to search for, since messages cut long texts
_WORDS = ("none", "null", "true", "false", "default")  # never secrets
_MOST = 1_000  # texts to search for
_VARIABLES = "var"  # the option whose values may be those of secrets
_WITH_FOLDER = ("resume", "runs")  # the commands of every program that take one, which is no secret
_NO_NAMES: Mapping[str, bool] = {}
_BETWEEN = r"""[\s,\[\]{}:="']+"""  # separates values in a typed list or mapping


def has_secrets(registry: Registry) -> bool:
    """Return whether a program may have a secret parameter. It may if a signature cannot be read."""
    if not all(bound.is_readable for bound in registry):
        return True
    left_out = (bound.spec.parameters[name] for bound in registry for name in bound.spec.left_out)
    return any(spec.secret for _, _, spec in registry.walk(broken=False)) or any(spec.secret for spec in left_out)


def is_secret(spec: MayBeSecret, resolved: Any = None) -> bool:
    """Return whether a value is never shown: its parameter is secret, or a secret's variable made it."""
    return spec.secret or (resolved is not None and resolved.secret)


def refusal_of(bound: Bound, message: str) -> str:
    """Return a class's message about its fields, ``parameter: message``; a plain one if any of them is secret."""
    name = message.partition(":")[0]
    if any(bound.options[path].secret for path in inside(bound.options, name)):
        return f"{name}: its class refuses this combination of values."
    return message


def word(text: str, known: Iterable[str], registry: Registry) -> str:
    """Return an unknown word of the command line for a message; star it unless it is similar to a known name."""
    known = list(known)
    is_name = canonical(text) in map(canonical, known) or _is_near(text, known)
    return text if is_name or not has_secrets(registry) else HIDDEN


def _is_near(text: str, known: Iterable[str]) -> bool:
    """Return whether a word is a misspelt name. One with a value in it, ``token=…``, is not, however similar."""
    return not re.search("[=:]", text) and bool(suggest(text, known))


class Net:
    """Stars the texts of values that are known to be secret.

    Parameters
    ----------
    registry : Registry
        The functions.
    texts : iterable of str
        Texts known to be secret.
    words : sequence of str
        The command line.
    values : Values, optional
        The values of the run.
    own : mapping of str to bool, optional
        The root options by name, without dashes, and whether each takes a value.
    """

    def __init__(
        self,
        registry: Registry,
        texts: Iterable[str] = (),
        words: Sequence[str] = (),
        values: Values | None = None,
        own: Mapping[str, bool] = _NO_NAMES,
    ) -> None:
        self._registry = registry
        self._own = own
        self._texts = list(texts)
        self._words = words
        self._values = values

    def scrub(self, text: str) -> str:
        """Star the secrets in a text."""
        return re.sub(self._pattern, HIDDEN, text) if self._pattern else text

    def line(self) -> str:
        """Return the command line as text for a shell, with its secrets starred, however short they are."""
        secrets = set(self._typed()) if has_secrets(self._registry) else set()
        return shlex.join(self._starred(word, secrets) for word in self._words)

    def _starred(self, word: str, secrets: set[str]) -> str:
        flag, equals, value = word.partition("=")
        glued = self._short(word) if secrets else ""
        if glued:
            return f"{word.removesuffix(glued)}{HIDDEN}"
        if word in secrets:  # first: what looks like the name of an option may be a half of a value, ``half=half``
            return HIDDEN
        return f"{flag}={HIDDEN}" if equals and value and value in secrets else self.scrub(word)

    @functools.cached_property
    def _pattern(self) -> str:
        if not has_secrets(self._registry):
            return ""
        found = dict.fromkeys(self._texts)
        found.update(dict.fromkeys(self._typed()))
        found.update(dict.fromkeys(self._variables()))
        found.update(dict.fromkeys(self._given()))
        names = {*_WORDS, *(part for name in self._flags for part in (name, *parts_of(name.replace("/", "."))))}
        texts = [text for text in found if len(text.strip()) >= _SHORTEST and canonical(text.strip()) not in names]
        patterns = {pattern for text in texts[:_MOST] for pattern in _patterns(text)}
        return "|".join(sorted(patterns, key=len, reverse=True))

    @functools.cached_property
    def _flags(self) -> dict[str, tuple[bool, bool]]:
        """The flags by name without dashes: whether the value is secret, and whether the flag takes one."""
        found: dict[str, tuple[bool, bool]] = {name: (False, takes) for name, takes in self._own.items()}
        for key, bound, spec in self._registry.walk(broken=False):
            flag = spec.converter is not None and spec.converter.flag
            names = {key.text, *((key.parameter,) if bound.role == "stage" else ()), *spec.flags}
            for name in map(_bare, names):
                secret, takes = found.get(name, (False, False))
                found[name] = (secret or spec.secret, takes or not flag)
                if flag:
                    found[f"no_{name}"] = (False, False)
        for bound in self._registry:
            found.setdefault(canonical(bound.name), (False, False))
        return found

    def _typed(self) -> Iterator[str]:
        """Walk the words of the line that may be secret: values of secret or unknown options, and stray words."""
        option: str | None = None  # the option that the next word is the value of
        is_folder = False  # the next stray word
        for text in self._words:
            name, option = option, None
            flag, equals, value = text.partition("=")
            if name is None and text[:1] != "-":
                if not is_folder and not _is_near(text, self._flags):
                    yield from _fragments(text)
                is_folder = not is_folder and text in _WITH_FOLDER and self._registry.stage(text) is None
            elif name is not None:
                yield from self._value(name, text)
            elif glued := self._short(text):
                yield from _fragments(glued)
            elif equals:
                yield from self._value(_bare(flag), value)
                yield from self._run_together(flag)
            elif self._flags.get(_bare(flag), (True, True))[1]:
                option = _bare(flag)
                yield from self._run_together(text)

    def _value(self, name: str, text: str) -> Iterator[str]:
        """Walk the secrets in the value of an option: all of it if the option is secret or unknown."""
        if name == _VARIABLES:
            variable, equals, value = text.partition("=")
            yield from _fragments(value if equals else variable)
        elif self._flags.get(name, (True, True))[0] or (name == f"{RUN}.stages" and text[:1] == "["):
            yield from _fragments(text)

    def _short(self, text: str) -> str:
        """Return the value after the short flag of a secret parameter in the same word."""
        is_one = text[:1] == "-" and text[1:2] not in {"-", ""}
        return text[2:] if is_one and _bare(text) not in self._flags and self._flags.get(text[1], (False,))[0] else ""

    def _run_together(self, text: str) -> Iterator[str]:
        """Walk the values that may follow a flag in the same word: ``--tokenhunter2``, ``-thunter2``."""
        bare = text.lstrip("-")
        if canonical(bare) not in self._flags:
            named = re.match(r"[\w./-]*", bare)
            yield bare[named.end() :] if named else bare
            if text[1:2] != "-":
                yield bare[1:]
            for known, (secret, _) in self._flags.items():
                long = len(known) > 1 or text[1:2] != "-"
                if secret and long and canonical(bare).startswith(known):
                    yield bare[len(known) :]

    def _variables(self) -> Iterator[str]:
        """Walk the environment variables of secret parameters, and unknown ones with the program's prefix."""
        prefix = self._registry.settings.envvar_prefix
        start = None if prefix is None else Key("", "").variable(prefix).rstrip("_") + "_"
        known: dict[str, bool] = {}
        for key, _, spec in self._registry.walk(broken=False):
            for name in filter(None, (spec.envvar, key.variable(prefix) if prefix is not None else None)):
                may_be = spec.secret or (key.function == RUN and os.environ.get(name, "")[:1] == "[")
                known[name] = known.get(name, False) or may_be
        for name, value in os.environ.items():
            if known.get(name, start is not None and name.startswith(start)):
                yield from _fragments(value)

    def _given(self) -> Iterator[str]:
        """Walk the values of secret parameters: their defaults, and those in the layers."""
        values = Values() if self._values is None else self._values
        secret: set[tuple[str, str]] = set()
        for key, _, spec in self._registry.walk(broken=False):
            if spec.secret and spec.has_default:
                yield from _texts_of(spec.default)
            secret.update((one.function, one.parameter) for one in ((key, *key.above) if spec.secret else ()))
        for layer in values.layers:
            for key, resolved in layer.items():
                if resolved.secret or (key.function, key.parameter) in secret:
                    yield from _texts_of(resolved.value)


def _bare(flag: str) -> str:
    return canonical(flag.lstrip("-"))


def _fragments(text: str) -> Iterator[str]:
    """Walk a typed text and, if it is a list or mapping, its parts."""
    yield text
    if re.search(_BETWEEN, text):
        yield from filter(None, re.split(_BETWEEN, text))


def _texts_of(value: Any) -> Iterator[str]:
    """Walk the texts of a value, without running code of the user's own classes."""
    if type(value) in {int, float}:
        yield str(value) if not isinstance(value, int) or value.bit_length() < _MOST else ""
    elif isinstance(value, str):
        yield str.__str__(value)
    elif isinstance(value, bytes):
        yield value.decode("utf-8", "backslashreplace")
    elif isinstance(value, Mapping):
        for item in (*value.keys(), *value.values()):
            yield from _texts_of(item)
    elif isinstance(value, (list, tuple, set, frozenset)):
        for item in value:
            yield from _texts_of(item)
    elif type(value).__module__.partition(".")[0] == "pydantic":  # its SecretStr
        yield from _texts_of(value.get_secret_value())
    elif hasattr(type(value), "__dataclass_fields__") or hasattr(type(value), "__pydantic_fields__"):
        yield from _texts_of(dict(vars(value)) if hasattr(value, "__dict__") else {})


def _patterns(text: str) -> Iterator[str]:
    """Walk the patterns of a text in the forms that messages use: quoted, escaped, on one line, cut."""
    for part in (text, *(line for line in map(str.strip, text.splitlines()) if len(line) >= _SHORTEST)):
        cut = part[:_LONGEST]
        for form in _FORMS:
            if len(part) <= _MOST:
                yield re.escape(form(part))
            if len(part) > _LONGEST:
                yield f"{re.escape(form(cut))}.*?\\.\\.\\."


_FORMS: list[Callable[[str], str]] = [
    str,
    str.strip,
    lambda text: " ".join(text.split()),
    lambda text: repr(text)[1:-1],
    lambda text: ascii(text)[1:-1],
    lambda text: json.dumps(text)[1:-1],
    lambda text: text.replace("'", "''"),
]


def redact(
    error: click.ClickException,
    registry: Registry,
    words: Sequence[str],
    values: Values | None,
    own: Mapping[str, bool],
) -> None:
    """Star the secrets in the message of an error that a user will see.

    Parameters
    ----------
    error : click.ClickException
        The error.
    registry, words, values, own
        As for `Net`.
    """
    registry.load_plugins(words)  # options of stages that the line mentions after the mistake may be secret
    net = Net(registry, words=words, values=values, own=own)
    found: BaseException | None = error
    while isinstance(found, click.ClickException):
        message = net.scrub(found.message)
        if message != found.message:
            vars(found).update(message=message)
            found.args = (message, *found.args[1:])
        found = found.__context__  # the error that Click handled before
