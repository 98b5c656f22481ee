"""Define the error tree.

It has two branches: `BindError` for mistakes of the developer, raised when a function is bound or first read, and
`UserError` for mistakes of the user, which is also Click's `UsageError` and exits with 2.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "LONGEST",
    "BindError",
    "CannotBindError",
    "ClickbindError",
    "ConfigError",
    "ConversionError",
    "SaveError",
    "UserError",
    "exit_code",
    "suggest",
]

LONGEST = 200
"""The most characters of a name that gets a suggestion."""


class ClickbindError(Exception):
    """Base class of all errors that clickbind raises."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name


class BindError(ClickbindError):
    """Report a mistake of the developer: in a bound function, or in a scope that the program enters."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name


class CannotBindError(BindError):
    """Report an object that cannot be bound: an Enum, say, or one with a name that clickbind uses itself."""


class ConversionError(ClickbindError, ValueError):
    """Report a text or a YAML node that is not a value of the annotation.

    Parameters
    ----------
    message : str
        The problem, as a sentence that begins with the value: ``'many' is not a valid integer.``
    node : object, optional
        The YAML node to point at, if the problem is inside the value that was converted.
    more : sequence of ConversionError
        Further problems of the value.
    hidden : str, optional
        A message without the value, if there is more to say than what was expected.
    near : (str, iterable of str), optional
        The word that was written, and the valid ones: ``str`` of the error suggests the nearest. They are compared only
        then, since it takes a millisecond for a hundred words, a union drops errors, and a file may have thousands.
    otherwise : str
        The sentence to add, with a space before it, if none of the valid words is near.

    Attributes
    ----------
    lacks : bool
        Whether the only problem is that something is missing: a required field, or the choice of a class.
    """

    lacks = False

    def __init__(
        self,
        message: str,
        node: object = None,
        more: Sequence[ConversionError] = (),
        *,
        hidden: str | None = None,
        near: tuple[str, Iterable[str]] | None = None,
        otherwise: str = "",
    ) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.more = more
        self.hidden = hidden
        self.near = near
        self.otherwise = otherwise

    def __str__(self) -> str:
        return self.message if self.near is None else self.message + (suggest(*self.near) or self.otherwise)

    def inside(self, place: str, node: object, hidden: str | None = None) -> ConversionError:
        """Return the error, and the further ones, as errors of an enclosing value. `node` is for those without one."""
        more = [one.inside(place, node, hidden) for one in self.more]
        own = f"{place}: {self.hidden}" if self.hidden else hidden
        message = f"{place}: {self.message}"
        return ConversionError(message, self.node or node, more, hidden=own, near=self.near, otherwise=self.otherwise)

    @property
    def all(self) -> list[ConversionError]:
        """The error itself, and the further ones."""
        return [self, *self.more]


class UserError(ClickbindError, click.UsageError):
    """Report a mistake of the user, who sees the message and no traceback. The exit code is 2."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name


class ConfigError(UserError):
    """Report all problems in all config files of a run, each with its place."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message without the usage: the command line was right."""
        click.ClickException.show(self, file)


class SaveError(ConfigError):
    """Report a run that cannot be saved. Nothing of it has started, and an existing file is unchanged."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name


def exit_code(error: BaseException | None) -> int:
    """Return the exit code of a program that an exception ends."""
    if isinstance(error, KeyboardInterrupt):
        return 130
    if isinstance(error, (click.exceptions.Exit, click.ClickException, SystemExit)):
        code = error.code if isinstance(error, SystemExit) else error.exit_code
        return code % 256 if isinstance(code, int) else int(code is not None)  # a system keeps eight bits
    return int(error is not None)


def suggest(name: str, known: Iterable[str], *, shared: int = 0) -> str:
    """Return the sentence that suggests the nearest word, in whatever case it is written.

    Parameters
    ----------
    name : str
        The word that was written.
    known : iterable of str
        The valid words.
    shared : int
        The number of characters with which all words begin, and which say nothing about how similar they are.

    Returns
    -------
    str
        ``" Did you mean 'train'?"``, with the space before it; empty if no word is near.
    """
    if len(name) > LONGEST:  # not a misspelt word; the time to compare grows with the product of the lengths
        return ""
    import difflib  # noqa: PLC0415 - takes 3 ms, and only mistakes need it

    folded = {one[shared:].casefold(): one for one in known if len(one) <= 2 * LONGEST}
    near = difflib.get_close_matches(name[shared:].casefold(), folded, n=1)
    return f" Did you mean {folded[near[0]]!r}?" if near else ""
