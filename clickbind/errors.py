"""The error tree.

Two branches: `BindError` for what the program's author wrote, raised when a function is bound or first looked at,
and `UserError` for what its user typed or saved, which is also Click's `UsageError` and exits with 2.
"""

from __future__ import annotations

from typing import IO, TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = [
    "BindError",
    "CannotBindError",
    "ClickbindError",
    "ConfigError",
    "ConversionError",
    "SaveError",
    "UserError",
    "suggest",
]

_LONGEST = 200  # characters of a name that something near is looked for


class ClickbindError(Exception):
    """Everything that clickbind raises by itself."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name


class BindError(ClickbindError):
    """A mistake in the program: in what is bound, or in a scope that it enters."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name


class CannotBindError(BindError):
    """Something that nothing can stand in for, as an Enum, or whose name is taken by clickbind."""


class ConversionError(ClickbindError, ValueError):
    """A text or a YAML node that is not a value of the annotation.

    Parameters
    ----------
    message : str
        What is wrong, as a sentence, beginning with the value: ``'many' is not a valid integer.``
    node : object, optional
        The YAML node to point at, where it is one inside the value that was converted.
    more : sequence of ConversionError
        What else is wrong with the value.
    hidden : str, optional
        The message without anything of the value, where that says more than what was expected.
    near : (str, iterable of str), optional
        What was written, and what could have been: ``str`` of the error suggests the nearest of these. Only there are
        they compared, which takes a millisecond for a hundred: a union drops errors, and a file may have thousands.
    """

    def __init__(
        self,
        message: str,
        node: object = None,
        more: Sequence[ConversionError] = (),
        *,
        hidden: str | None = None,
        near: tuple[str, Iterable[str]] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.node = node
        self.more = more
        self.hidden = hidden
        self.near = near

    def __str__(self) -> str:
        return self.message if self.near is None else self.message + suggest(*self.near)

    def inside(self, place: str, node: object, hidden: str | None = None) -> ConversionError:
        """Return the error, and what else is wrong, as one of a value around it, at a node where it has none."""
        more = [one.inside(place, node, hidden) for one in self.more]
        own = f"{place}: {self.hidden}" if self.hidden else hidden
        return ConversionError(f"{place}: {self.message}", self.node or node, more, hidden=own, near=self.near)

    @property
    def all(self) -> list[ConversionError]:
        """Itself, and what else is wrong with the value."""
        return [self, *self.more]


class UserError(ClickbindError, click.UsageError):
    """A mistake of the program's user, who is told and sees no traceback. The exit code is 2."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name


class ConfigError(UserError):
    """All that is wrong with all config files of a run, each problem with its place."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message alone: the line was right, so its usage is of no help."""
        click.ClickException.show(self, file)


class SaveError(ConfigError):
    """A run that cannot be saved: nothing of it has started, and a file of that name is as it was."""

    __module__ = "clickbind"  # where users import it from, and what their pickles name


def suggest(name: str, known: Iterable[str]) -> str:
    """Give the sentence that names what was probably meant.

    Parameters
    ----------
    name : str
        What was written.
    known : iterable of str
        What could have been.

    Returns
    -------
    str
        ``" Did you mean 'train'?"``, with the space before it; empty where nothing is near.
    """
    if len(name) > _LONGEST:  # nothing that a person misspells; comparing takes the product of the lengths
        return ""
    import difflib  # noqa: PLC0415 - 3 ms, for mistakes alone

    near = difflib.get_close_matches(name, [one for one in known if len(one) <= 2 * _LONGEST], n=1)
    return f" Did you mean {near[0]!r}?" if near else ""
