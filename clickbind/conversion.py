"""Annotations to converters: text and YAML nodes in, plain YAML out, the two directions of a type side by side.

`converter_of` walks `RULES`, the one table: a predicate on the annotation, and what makes its `Converter`.
"""

from __future__ import annotations

import os
import re
import types
import typing
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import click

from . import nodes
from .errors import ConversionError

__all__ = ["UNKNOWN", "AnnotationType", "Converter", "converter_of", "is_null_word", "split"]

_SHOWN = 80  # characters of a wrong value that an error shows: more would bury the message

BOOLS = {
    **dict.fromkeys(("1", "true", "t", "yes", "y", "on"), True),
    **dict.fromkeys(("0", "false", "f", "no", "n", "off"), False),
}
_WORD = r"""(?:[^\s"']|"[^"]*"|'[^']*')+"""  # not compiled here: re does, and keeps it, when a list is first typed
_QUOTED = r""""([^"]*)"|'([^']*)'"""

UNKNOWN = object()
"""The annotation of a parameter that has none to go by, nor a default that tells its type."""


class Converter:
    """What is known of one type: how its values are read, and how they are written.

    Subclasses give `from_text` and `to_plain`; the others follow from those for a type that is one text.
    Every ``from_…`` raises `ConversionError`.

    Attributes
    ----------
    metavar : str
        What stands for a value in help: ``INTEGER``.
    nullable : bool
        Whether None is a value.
    repeated : bool
        Whether an option of this type may be given several times, its values adding up.
    flag : bool
        Whether an option of this type takes no value but comes as a pair ``--x / --no-x``.
    mutable : bool
        Whether a given value must be copied for each call that gets it.
    """

    metavar = "VALUE"
    nullable = False
    repeated = False
    flag = False
    mutable = False

    def from_text(self, text: str) -> Any:
        """Read one text, from an option, a variable or a scalar of a file."""
        raise NotImplementedError

    def to_plain(self, value: Any) -> Any:
        """Give the plain YAML (None, bool, int, float, str, list or dict of those) that reads back as `value`."""
        return value

    def from_line(self, texts: Sequence[str]) -> Any:
        """Read what was typed: one text per occurrence of the option. The last one counts."""
        return self.from_text(texts[-1])

    def from_node(self, node: nodes.Node) -> Any:
        """Read a value of a config file."""
        if not isinstance(node, nodes.Scalar):
            kind = "a list" if isinstance(node, nodes.ListNode) else "a mapping"
            raise ConversionError(f"{kind} stands where {self.metavar} is expected.", node)
        if node.is_null:
            raise ConversionError(f"null stands where {self.metavar} is expected.", node)
        return self.from_text(node.text)

    def from_plain(self, value: Any) -> Any:
        """Read a Python value that a program put into a `default_map`: as its text, so that 5.7 is no int."""
        if value is None or isinstance(value, (list, tuple, set, frozenset, dict)):
            raise ConversionError(f"{value!r} stands where {self.metavar} is expected.")
        return self.from_text(value if isinstance(value, str) else str(value))

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Give what a shell may offer for a value, each with Click's kind: ``plain``, ``file`` or ``dir``."""
        return []


class _Scalar(Converter):
    """A type that is one text.

    Parameters
    ----------
    metavar : str
        What stands for a value in help.
    noun : str
        What a value is, for errors: ``integer``.
    read : callable
        Text to value; a ValueError says that it is none.
    write : callable, optional
        Value to plain YAML.
    """

    def __init__(
        self, metavar: str, noun: str, read: Callable[[str], Any], write: Callable[[Any], Any] | None = None
    ) -> None:
        self.metavar = metavar
        self._noun = noun
        self._read = read
        self._write = write

    def from_text(self, text: str) -> Any:
        try:
            return self._read(text)
        except (ValueError, TypeError):
            raise ConversionError(f"{_shown(text)} is not a valid {self._noun}.") from None

    def to_plain(self, value: Any) -> Any:
        return value if self._write is None else self._write(value)


class _Bool(_Scalar):
    flag = True

    def __init__(self) -> None:
        super().__init__("BOOLEAN", "boolean", _read_bool)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        return [(word, "plain") for word in ("true", "false") if word.startswith(incomplete)]


class _Path(_Scalar):
    def __init__(self, kind: type) -> None:
        super().__init__("PATH", "path", kind, os.fspath)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        return [(incomplete, "file")]


class _Core(Converter):
    """No annotation to go by: YAML 1.2's core schema decides."""

    nullable = True
    mutable = True

    def from_text(self, text: str) -> Any:
        return _flow(text) if text[:1] in {"[", "{"} else nodes.core_text(text)

    def from_line(self, texts: Sequence[str]) -> Any:
        return None if is_null_word(texts[-1]) else self.from_text(texts[-1])

    def from_node(self, node: nodes.Node) -> Any:
        try:
            return nodes.core(node)
        except nodes.NodeError as error:
            raise ConversionError(str(error), node) from None

    def from_plain(self, value: Any) -> Any:
        return value


class _Optional(Converter):
    """None, or what another converter reads."""

    nullable = True

    def __init__(self, inner: Converter) -> None:
        self.inner = inner
        self.metavar, self.repeated = inner.metavar, inner.repeated
        self.flag, self.mutable = inner.flag, inner.mutable

    def from_text(self, text: str) -> Any:
        return self.inner.from_text(text)

    def from_line(self, texts: Sequence[str]) -> Any:
        return None if is_null_word(texts[-1]) else self.inner.from_line(texts)

    def from_node(self, node: nodes.Node) -> Any:
        if isinstance(node, nodes.Scalar) and node.is_null:
            return None
        return self.inner.from_node(node)

    def from_plain(self, value: Any) -> Any:
        return None if value is None else self.inner.from_plain(value)

    def to_plain(self, value: Any) -> Any:
        return None if value is None else self.inner.to_plain(value)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        return self.inner.complete(incomplete)


class _List(Converter):
    """A list: white space splits, quotes protect, occurrences add up; YAML flow where the text starts like it."""

    repeated = True
    mutable = True

    def __init__(self, item: Converter) -> None:
        self.item = item
        self.metavar = f"{item.metavar}..."

    def from_text(self, text: str) -> Any:
        if text[:1] in {"[", "{"}:
            return self.from_node(_flow_node(text))
        return [self.item.from_text(word) for word in split(text)]

    def from_line(self, texts: Sequence[str]) -> Any:
        return [value for text in texts for value in self.from_text(text)]

    def from_node(self, node: nodes.Node) -> Any:
        if isinstance(node, nodes.ListNode):
            return [self._item(item) for item in node.items]
        return super().from_node(node)

    def _item(self, node: nodes.Node) -> Any:
        try:
            return self.item.from_node(node)
        except ConversionError as error:
            raise ConversionError(str(error), error.node or node) from None

    def from_plain(self, value: Any) -> Any:
        if isinstance(value, (list, tuple)):
            return [self.item.from_plain(item) for item in value]
        return super().from_plain(value)

    def to_plain(self, value: Any) -> Any:
        return [self.item.to_plain(item) for item in value]

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        return self.item.complete(incomplete)


def is_null_word(text: str) -> bool:
    """Tell whether a typed text means None: ``none`` or ``null``, in any case."""
    return text.lower() in {"none", "null"}


def split(text: str) -> list[str]:
    """Split a typed list at white space. Quotes protect; a backslash is itself, so that paths of Windows survive.

    Raises
    ------
    ConversionError
        Where a quote is not closed.
    """
    if re.sub(_WORD, "", text).strip():
        raise ConversionError(f"{_shown(text)} has a quote that nothing closes.")
    words = re.findall(_WORD, text)
    return [re.sub(_QUOTED, lambda match: match[1] or match[2] or "", word) for word in words]


def _flow_node(text: str) -> nodes.Node:
    try:
        node = nodes.read(text)
    except nodes.NodeError as error:
        raise ConversionError(f"{_shown(text)} is {error}") from None
    assert node is not None
    return node


def _flow(text: str) -> Any:
    return _Core().from_node(_flow_node(text))


def _shown(text: str) -> str:
    """Quote a wrong value for an error, cut where it is long."""
    return repr(text if len(text) <= _SHOWN else f"{text[: _SHOWN - 3]}...")


def _read_bool(text: str) -> bool:
    try:
        return BOOLS[text.strip().lower()]
    except KeyError:
        raise ValueError(text) from None


def _read_int(text: str) -> int:
    try:
        return int(text)
    except ValueError:  # YAML's 0x10 and 0o20; not tried first, since it refuses 08
        return int(text, 0)


def _read_float(text: str) -> float:
    return float(text.lower().replace(".inf", "inf").replace(".nan", "nan"))


def _is_type(*kinds: type) -> Callable[[Any], bool]:
    return lambda annotation: any(annotation is kind for kind in kinds)


def _is_union(annotation: Any) -> bool:
    return typing.get_origin(annotation) in {typing.Union, types.UnionType}


def _is_list(annotation: Any) -> bool:
    return annotation is list or typing.get_origin(annotation) is list


def _make_union(annotation: Any) -> Converter | None:
    members = typing.get_args(annotation)
    rest = [member for member in members if member is not type(None)]
    inner = converter_of(rest[0]) if len(rest) == 1 else None
    return inner if inner is None or len(rest) == len(members) else _Optional(inner)


def _make_list(annotation: Any) -> Converter | None:
    arguments = typing.get_args(annotation)
    item = converter_of(arguments[0]) if arguments else _Core()
    return None if item is None else _List(item)


# Each line: whether an annotation is of this kind, and what makes its converter, or None where no text can be one.
RULES: tuple[tuple[Callable[[Any], bool], Callable[[Any], Converter | None]], ...] = (
    (_is_type(str), lambda _: _Scalar("TEXT", "text", str)),
    (_is_type(bool), lambda _: _Bool()),
    (_is_type(int), lambda _: _Scalar("INTEGER", "integer", _read_int)),
    (_is_type(float), lambda _: _Scalar("FLOAT", "float", _read_float, float)),
    (lambda kind: isinstance(kind, type) and issubclass(kind, os.PathLike), _Path),
    (_is_union, _make_union),
    (_is_list, _make_list),
    (lambda annotation: annotation is UNKNOWN or annotation is Any, lambda _: _Core()),
)


def converter_of(annotation: Any, *, optional: bool = False) -> Converter | None:
    """Find how values of an annotation are read and written.

    Parameters
    ----------
    annotation : object
        The annotation, evaluated; `UNKNOWN` where there is none.
    optional : bool
        Whether None is a value, whatever the annotation says.

    Returns
    -------
    Converter or None
        None where no text can make a value of it.
    """
    for matches, make in RULES:
        if matches(annotation):
            converter = make(annotation)
            return _Optional(converter) if optional and converter and not converter.nullable else converter
    return None


if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    _ParamType = click.ParamType  # it is generic from Click 8.5 on


class AnnotationType(_ParamType):
    """A converter as Click's parameter type.

    Parameters
    ----------
    converter : Converter
        What reads the values.
    """

    def __init__(self, converter: Converter) -> None:
        self.name = converter.metavar.lower()
        self.converter = converter

    def get_metavar(self, param: click.Parameter, ctx: click.Context) -> str:
        """Give what stands for a value in help."""
        return self.converter.metavar

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a text; what is no text is right already, as for Click's own types."""
        if not isinstance(value, str):
            return value
        try:
            return self.converter.from_line([value])
        except ConversionError as error:
            self.fail(str(error), param, ctx)

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[click.shell_completion.CompletionItem]:
        """Offer the values that the type knows."""
        from click.shell_completion import CompletionItem  # only a press of TAB pays for it

        return [CompletionItem(value, type=kind) for value, kind in self.converter.complete(incomplete)]
