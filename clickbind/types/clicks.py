"""Find the converter of an option or argument that is declared with Click's decorators."""

from __future__ import annotations

import enum
from collections.abc import Sequence
from typing import Any

import click

from .. import types
from . import UNKNOWN, BoolConverter, Converter
from .constraints import ClickConverter

__all__ = ["converter_of"]

_PLAIN: tuple[tuple[Any, Any], ...] = (
    (click.types.StringParamType, str),
    (click.types.IntParamType, int),
    (click.types.FloatParamType, float),
    (click.types.BoolParamType, bool),
)


class _Dates(Converter):
    """Write what `click.DateTime` reads.

    Parameters
    ----------
    formats : sequence of str
        Its formats.
    """

    def __init__(self, formats: Sequence[str]) -> None:
        self._formats = formats

    def to_plain(self, value: Any) -> Any:
        """Write a date in the first format that keeps all of it."""
        texts = [(value.strftime(one), one) for one in self._formats]
        return next(text for text, one in texts if type(value).strptime(text, one) == value)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is a date."""
        return hasattr(value, "strftime")


class _Files(Converter):
    """Read and write the name of a file that `click.File` opens when the stage takes the value."""

    metavar = "FILENAME"
    textual = True

    def from_text(self, text: str) -> str:
        """Read a name."""
        return text

    def from_plain(self, value: Any) -> Any:
        """Return the name of a file, ``-`` for a standard stream."""
        name = getattr(value, "name", value)
        return super().from_plain("-" if isinstance(name, str) and name[:1] == "<" else name)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is a name."""
        return isinstance(value, str)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Let the shell complete files."""
        return [(incomplete, "file")]


def converter_of(params: Sequence[click.Parameter], annotation: Any) -> Converter:
    """Return the converter of options that set one parameter; usually one option.

    Parameters
    ----------
    params : sequence of click.Parameter
        The options, or the argument.
    annotation : object
        The evaluated annotation of the parameter; `UNKNOWN` if there is none.
    """
    param = params[0]
    flags = [one for one in params if isinstance(one, click.Option) and one.is_flag]
    if any(one.is_bool_flag for one in flags):
        found: Converter = BoolConverter()
    elif flags:
        found = types.choices.LiteralConverter(one.flag_value for one in flags)
    elif isinstance(param.type, click.Tuple):
        found = types.containers.TupleConverter([_of_type(kind, UNKNOWN) for kind in param.type.types])
    else:
        found = _of_type(param.type, annotation if param.nargs == 1 and not param.multiple else UNKNOWN)
        if param.nargs > 1:
            found = types.containers.TupleConverter([found] * param.nargs)
    several = param.multiple or param.nargs < 0
    return types.containers.SequenceConverter(tuple, found) if several else found


def _of_type(kind: Any, annotation: Any) -> Converter:
    """Return the converter of one of Click's types, or of one that a program defines for Click."""
    return _Files() if isinstance(kind, click.File) else ClickConverter(kind, _written_by(kind, annotation))


def _written_by(kind: Any, annotation: Any) -> Converter | None:
    """Return the converter that writes the values of a type; None if they are written as they are."""
    plain = next((plain for base, plain in _PLAIN if isinstance(kind, base)), None)
    if isinstance(kind, click.Path):
        plain = str if kind.type is None else kind.type
    elif isinstance(kind, click.types.UUIDParameterType):
        plain = type(kind.convert("0" * 32, None, None))
    elif isinstance(kind, click.DateTime):
        return _Dates(kind.formats)
    elif isinstance(kind, click.Choice):
        kinds = {type(choice) for choice in kind.choices}
        plain = kinds.pop() if len(kinds) == 1 else annotation
        plain = plain if isinstance(plain, type) and issubclass(plain, (str, enum.Enum)) else annotation
    return types.table.converter_of(annotation if plain is None else plain)
