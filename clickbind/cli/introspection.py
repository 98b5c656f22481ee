"""Describe options in Click's own terms, for tools that read a program.

A run imports nothing of this: options convert with their converters, which accept more than Click's types do.
"""

from __future__ import annotations

import enum
import os
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

import click

from .. import types
from ..declare.function import EMPTY, ParameterSpec
from ..declare.texts import is_nameless
from ..keys import Key
from ..types import Converter, ScalarConverter
from .help_extra import as_typed

if TYPE_CHECKING:
    ParamType = click.ParamType[Any]

__all__ = ["default_of", "described", "plain", "shows_default", "type_of"]

_ATOMS = (str, int, float, type(None))  # a bool is an int

_SIGNS = {"x>=": "min", "x>": "min", "x<=": "max", "x<": "max"}
"""The starts of the texts of limits, and the end of the range that each is, the longer ones first."""

_SCALARS: dict[str, ParamType] = {
    "builtins.str": click.STRING,
    "builtins.int": click.INT,
    "builtins.float": click.FLOAT,
    "builtins.bool": click.BOOL,
    "uuid.UUID": click.UUID,
}


def type_of(converter: Converter, *, secret: bool = False) -> ParamType | None:
    """Return Click's type for the values of a converter, whose texts all mean the same to the converter.

    The type of an option that may be repeated is that of one item, as in Click.

    Parameters
    ----------
    converter : Converter
        The converter.
    secret : bool
        Whether values are secret. Click's types show them in errors.

    Returns
    -------
    click.ParamType or None
        None if Click has no such type.
    """
    found = _type_of(converter)
    shows = (secret or converter.secret) and found is not click.STRING
    return None if shows else found


def _type_of(converter: Converter) -> ParamType | None:
    """Find Click's type for the values of a converter; None if there is none."""
    if isinstance(converter, types.unions.OptionalConverter):
        return _type_of(converter.inner)
    if isinstance(converter, types.containers.SequenceConverter):
        return None if converter.item.structured else _type_of(converter.item)
    if isinstance(converter, types.constraints.LimitedConverter):
        return _within(_type_of(converter.inner), converter.limits)
    return converter.kind if isinstance(converter, types.constraints.ClickConverter) else _type_of_one(converter)


def _type_of_one(converter: Converter) -> ParamType | None:
    """Find the type of values that are one text."""
    if isinstance(converter, types.scalars.PathConverter):
        return click.Path(path_type=types.pathlib.Path if converter.kind is os.PathLike else converter.kind)
    if isinstance(converter, ScalarConverter):
        return _SCALARS.get(f"{converter.kind.__module__}.{converter.kind.__qualname__}")
    return _choice_of(converter)


def _choice_of(converter: Converter) -> ParamType | None:
    """Return a choice of texts; None for a converter of other values."""
    if isinstance(converter, types.choices.EnumConverter):
        folded = {name.lower() for name in converter.names}
        is_flag = issubclass(converter.kind, enum.Flag)  # whose names can be combined
        return None if is_flag else click.Choice(converter.names, case_sensitive=len(folded) < len(converter.names))
    if isinstance(converter, types.choices.LiteralConverter):
        return click.Choice(list(dict.fromkeys(converter.texts)))
    if isinstance(converter, types.classes.ClassConverter):
        return click.Choice(list(converter.models))
    return None


def _within(kind: ParamType | None, limits: Iterable[tuple[str, Any]]) -> ParamType | None:
    """Return the range of a number; for other types and limits, the type."""
    number: Any = {click.INT: int, click.FLOAT: float}.get(kind)
    found: dict[str, Any] = {}
    for text, _ in limits if number else ():
        sign, end = next(((sign, end) for sign, end in _SIGNS.items() if text.startswith(sign)), ("", ""))
        try:
            bound = number(text.removeprefix(sign))
        except ValueError:  # another limit, or a bound of another type
            continue
        tighter = end not in found or (bound > found[end] if end == "min" else bound < found[end])
        if tighter:
            found.update({end: bound, f"{end}_open": sign in {"x>", "x<"}})
    if not found:
        return kind
    return click.IntRange(**found) if number is int else click.FloatRange(**found)


def shows_default(key: Key, spec: ParameterSpec) -> bool | str:
    """Return whether help shows the default of an option; its text if each call makes a new one."""
    value = spec.shown_default
    if spec.secret or key.scope is not None or not _is_given(value) or is_nameless(value):
        return False
    return True if spec.factory is None else as_typed(_plain_of(value, spec))


def _is_given(default: Any) -> bool:
    return default is not None and default is not EMPTY


def default_of(spec: ParameterSpec) -> Any:
    """Return the default of a parameter as Click's own type would have it: a plain value, or a text; no secret."""
    if spec.secret or spec.default is None:
        return None
    plain = _plain_of(spec.default, spec)
    converter = spec.converter
    assert converter is not None  # options have one
    if converter.repeated and isinstance(plain, list):
        return [_atom(item, converter) for item in plain]
    return _atom(plain, converter)


def _atom(plain: Any, converter: Converter) -> Any:
    """Return a plain value that Click's type takes; a text for a choice, and for a value that contains others."""
    return plain if isinstance(plain, _ATOMS) and not isinstance(_type_of(converter), click.Choice) else as_typed(plain)


def _plain_of(value: Any, spec: ParameterSpec) -> Any:
    assert spec.converter is not None  # options have one
    try:
        return spec.converter.to_plain(value)
    except Exception:  # noqa: BLE001 - a default whose type is not the annotation's, or that contains itself
        return value


def described(info: Mapping[str, Any], key: Key, spec: ParameterSpec) -> dict[str, Any]:
    """Return the info dict of an option with plain values only, and with a default that each call makes."""
    shown = shows_default(key, spec)
    found: dict[str, Any] = plain({**info, "default": shown} if isinstance(shown, str) else info)
    return found


def plain(value: Any) -> Any:
    """Replace what JSON does not have, as in the types that a program defines for Click, by texts."""
    if isinstance(value, Mapping):
        return {str(name): plain(item) for name, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.name
    return value if isinstance(value, _ATOMS) else as_typed(value)
