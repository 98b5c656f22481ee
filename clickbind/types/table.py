"""Find the converter of an annotation with one table of rules."""

from __future__ import annotations

import collections.abc
import enum
import os
import re
import typing
from collections.abc import Callable
from types import UnionType
from typing import TYPE_CHECKING, Any

import click

from .. import types
from . import UNKNOWN, Converter

if TYPE_CHECKING:
    from collections.abc import Iterable

    Matches = Callable[[Any, Any], bool]

__all__ = ["UNIONS", "converter_of", "is_model", "is_secret", "unwrap"]

UNIONS = (typing.Union, UnionType)

_LISTS = (
    list,
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    collections.abc.Collection,
    collections.abc.Iterable,
)
_SETS = (set, collections.abc.Set, collections.abc.MutableSet)
_MAPPINGS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
# The containers to build, by the types that annotations name.
_KINDS: dict[Any, type] = {
    **dict.fromkeys(_LISTS, list),
    **dict.fromkeys(_SETS, set),
    **dict.fromkeys(_MAPPINGS, dict),
    frozenset: frozenset,
    tuple: tuple,
}


def converter_of(annotation: Any, *, optional: bool = False) -> Converter | None:
    """Find the converter that reads and writes values of an annotation.

    Parameters
    ----------
    annotation : object
        The evaluated annotation; `UNKNOWN` if there is none.
    optional : bool
        Whether None is a value, even if the annotation does not include it.

    Returns
    -------
    Converter or None
        None if the type cannot be parsed from text.
    """
    try:
        return _converter_of(annotation, optional=optional)
    except RecursionError:  # an alias that is part of its own value
        return None


def _converter_of(annotation: Any, *, optional: bool = False) -> Converter | None:
    annotation, metadata = unwrap(annotation)
    converter = _of_plain(annotation)
    if metadata:
        converter = _limited(converter, metadata)
    return _optional(converter) if optional and converter and not converter.nullable else converter


def unwrap(annotation: Any) -> tuple[Any, list[Any]]:
    """Remove aliases and metadata from an annotation.

    Returns
    -------
    annotation : object
        The annotation without `Annotated`, `NewType`, aliases, and the qualifiers of fields.
    metadata : list
        The metadata of `Annotated`, from the inside out.
    """
    metadata: list[Any] = []
    while type(annotation) is not type:  # most are classes, and have nothing to remove
        origin = typing.get_origin(annotation)
        if origin is typing.Annotated:
            metadata = [*annotation.__metadata__, *metadata]
            annotation = annotation.__origin__
        elif type(origin) is type or origin is typing.Union or origin is typing.Literal:
            break  # as most of the others
        elif isinstance(annotation, typing.NewType):
            annotation = annotation.__supertype__
        elif type(annotation).__name__ == "TypeAliasType":  # PEP 695; not in typing before Python 3.12
            annotation = annotation.__value__
        elif type(origin).__name__ == "TypeAliasType":
            annotation = origin.__value__[typing.get_args(annotation)]
        elif str(origin).rpartition(".")[2] in {"Required", "NotRequired", "ReadOnly", "Final", "ClassVar"}:
            annotation = typing.get_args(annotation)[0]
        elif isinstance(annotation, typing.TypeVar):
            annotation = annotation.__bound__ or UNKNOWN
        else:
            break
    return annotation, metadata


def _limited(converter: Converter | None, metadata: Iterable[Any]) -> Converter | None:
    """Apply the metadata of `Annotated`: the last of Click's types reads instead, and limits are checked after it."""
    kinds = [item for item in metadata if isinstance(item, click.ParamType)]
    if kinds:
        read = types.constraints.ClickConverter(kinds[-1], converter)
        converter = _optional(read) if converter is not None and converter.nullable else read
    found = list(types.constraints.limits_in(metadata))
    return types.constraints.LimitedConverter(converter, found) if converter and found else converter


def _of_plain(annotation: Any) -> Converter | None:
    converter = types.everyday(annotation)
    if converter is not None:
        return converter
    origin = typing.get_origin(annotation)
    for matches, make in RULES:
        if matches(annotation, origin):
            return make(annotation)
    return None


def _optional(converter: Converter) -> Converter:
    return types.unions.OptionalConverter(converter)


def _is(*kinds: Any) -> Matches:
    known = frozenset(map(id, kinds))  # of objects that are never freed
    return lambda annotation, _: id(annotation) in known


def _is_subclass(kind: type) -> Matches:
    # In Python 3.10, list[int] is an instance of type.
    return lambda annotation, origin: origin is None and isinstance(annotation, type) and issubclass(annotation, kind)


def _has_origin(*origins: Any) -> Matches:
    return lambda _, origin: origin in origins


def _make_union(annotation: Any) -> Converter | None:
    """Make a union of the members that can be parsed from text; None if there are none."""
    arguments = typing.get_args(annotation)
    optional = type(None) in arguments
    members = []
    for argument in arguments:
        member = None if argument is type(None) else _converter_of(argument)
        if isinstance(member, types.unions.OptionalConverter):  # an alias may be one
            member, optional = member.inner, True
        if member is not None:
            members.append(member)
    if not members:
        return None
    whole = members[0] if len(members) == 1 else types.unions.UnionConverter(members)
    return types.unions.OptionalConverter(whole) if (optional or any(m.nullable for m in members)) else whole


def _is_container(annotation: Any, origin: Any) -> bool:
    try:
        return (origin or annotation) in _KINDS
    except TypeError:  # an unhashable annotation
        return False


def _make_container(annotation: Any) -> Converter | None:
    kind, arguments = _KINDS[typing.get_origin(annotation) or annotation], typing.get_args(annotation)
    if kind is tuple:
        return _make_tuple(annotation, arguments)
    if kind is dict:
        items = _items_of(arguments or (UNKNOWN, UNKNOWN))
        return None if items is None else types.containers.MappingConverter(items[0], items[1])
    items = _items_of(arguments or (UNKNOWN,))
    return None if items is None else types.containers.SequenceConverter(kind, items[0])


def _make_tuple(annotation: Any, arguments: tuple[Any, ...]) -> Converter | None:
    """Make a tuple: one of any length, ``tuple`` or ``tuple[int, ...]``, or one with a type for each item."""
    if annotation is tuple or arguments[-1:] == (Ellipsis,):
        items = _items_of(arguments[:1] or (UNKNOWN,))
        return None if items is None else types.containers.SequenceConverter(tuple, items[0])
    items = _items_of(arguments)  # tuple[()] has none
    return None if items is None else types.containers.TupleConverter(items)


def _items_of(arguments: Iterable[Any]) -> list[Converter] | None:
    """Find the converters of a container's arguments; None if one of them cannot be parsed from text."""
    items = []
    for argument in arguments:
        item = _converter_of(argument)
        if item is None:
            return None
        items.append(item)
    return items


def _make_pattern(annotation: Any) -> Converter | None:
    return None if typing.get_args(annotation) == (bytes,) else types.scalars.scalar_converter(re.Pattern)


def _make_enum(annotation: Any) -> Converter:
    return types.choices.EnumConverter(annotation)


def _make_literal(annotation: Any) -> Converter:
    return types.choices.LiteralConverter(typing.get_args(annotation))


def _make_import(annotation: Any) -> Converter | None:
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is not type and annotation is not type:
        return types.choices.ImportConverter(None)
    base = unwrap(arguments[0])[0] if arguments else object
    return types.choices.ImportConverter(base if isinstance(base, type) and base is not Any else object)


def is_secret(annotation: Any) -> bool:
    """Return whether an annotation is one of pydantic's secret types."""
    if not isinstance(annotation, type) or annotation.__name__ not in {"SecretStr", "SecretBytes"}:
        return False
    return str(annotation.__module__).partition(".")[0] == "pydantic"


def is_model(annotation: Any) -> bool:
    """Return whether an annotation is a class with fields, possibly a generic one with arguments."""
    return _is_model(annotation, typing.get_origin(annotation))


def _is_model(annotation: Any, origin: Any) -> bool:
    cls = origin or annotation
    return isinstance(cls, type) and (
        hasattr(cls, "__dataclass_fields__")
        or hasattr(cls, "__attrs_attrs__")
        or hasattr(cls, "__pydantic_fields__")
        or hasattr(cls, "_field_defaults")  # a named tuple
        or type(cls).__name__ == "_TypedDictMeta"
    )


def _make_model(annotation: Any) -> Converter | None:
    model = types.models.model_of(annotation)
    return None if model is None else types.models.ModelConverter(model, converter_of)


# Each rule has a predicate for annotations and their origins, and a function that makes the converter, or None if the
# type cannot be parsed from text. The first match wins, so the order matters: a PathLike that is also an Enum is read
# as a path.
RULES: tuple[tuple[Matches, Callable[[Any], Converter | None]], ...] = (
    (_is(UNKNOWN, Any, object), lambda _: types.words.CoreConverter()),
    (
        lambda annotation, origin: origin is None and types.scalars.scalar_row(annotation) is not None,
        types.scalars.scalar_converter,
    ),
    (_is_subclass(os.PathLike), types.scalars.PathConverter),
    (_has_origin(os.PathLike), lambda _: types.scalars.PathConverter(os.PathLike)),
    (lambda annotation, _: is_secret(annotation), types.scalars.SecretConverter),
    (_is(bytes), lambda _: types.scalars.BytesConverter()),
    (_is_subclass(enum.Enum), _make_enum),
    (_has_origin(*UNIONS), _make_union),
    (_has_origin(typing.Literal), _make_literal),
    (_has_origin(re.Pattern), _make_pattern),
    (_is_model, _make_model),
    (_is_container, _make_container),
    (_is(type, collections.abc.Callable, typing.Callable), _make_import),
    (_has_origin(type, collections.abc.Callable), _make_import),
)
