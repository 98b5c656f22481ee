"""Apply the metadata of `Annotated`: Click's own types, and the limits of `annotated_types`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import click

from .. import types
from ..errors import ConversionError
from ..nodes import Node
from . import Converter

__all__ = ["ClickConverter", "LimitedConverter", "limits_in"]

Limit = tuple[str, Callable[[Any], bool]]
"""The text of a limit, and a function that returns whether a value keeps it."""

_MOST_PLACES = 3_500  # the same limit as for the digits of an int

_COMPARISONS = {
    "gt": (">", operator.gt),
    "ge": (">=", operator.ge),
    "lt": ("<", operator.lt),
    "le": ("<=", operator.le),
}


class LimitedConverter(Converter):
    """Read and write a type with limits on its values.

    Parameters
    ----------
    inner : Converter
        The converter of the type.
    limits : iterable of (str, callable)
        The limits, as `Limit`.
    """

    def __init__(self, inner: Converter, limits: Iterable[Limit]) -> None:
        self.inner = inner
        self.limits = list(limits)
        self.note = ", ".join(filter(None, (inner.note, *(text for text, _ in self.limits))))
        for name in ("metavar", "rank", "nullable", "textual", "structured", "repeated", "flag", "mutable", "secret"):
            setattr(self, name, getattr(inner, name))

    @property
    def typed(self) -> str:
        """The placeholder for the value of an option."""
        return self.inner.typed

    @property
    def flow(self) -> str:
        """The placeholder for a value inside YAML flow."""
        return self.inner.flow

    def _check(self, value: Any) -> Any:
        for text, keeps in self.limits:
            if value is not None and not _keeps(keeps, value):
                raise ConversionError(f"{value!r} is out of range: {text}.")
        return value

    def from_text(self, text: str) -> Any:
        """Read a text within the limits."""
        return self._check(self.inner.from_text(text))

    def from_typed(self, text: str) -> Any:
        """Read a typed text within the limits."""
        return self._check(self.inner.from_typed(text))

    def from_line(self, texts: Sequence[str]) -> Any:
        """Read the occurrences. The limits hold for all of them together."""
        return self._check(self.inner.from_line(texts))

    def from_quoted(self, text: str) -> Any:
        """Read a quoted scalar within the limits."""
        return self._check(self.inner.from_quoted(text))

    def from_node(self, node: Node) -> Any:
        """Read a node within the limits."""
        return self._check(self.inner.from_node(node))

    def from_plain(self, value: Any) -> Any:
        """Read a Python value within the limits."""
        return self._check(self.inner.from_plain(value))

    def to_plain(self, value: Any) -> Any:
        """Write a value."""
        return self.inner.to_plain(value)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is of the type and keeps the limits."""
        return self.inner.accepts(value) and (value is None or all(_keeps(keeps, value) for _, keeps in self.limits))

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the completions of the type."""
        return self.inner.complete(incomplete)


def _keeps(keeps: Callable[[Any], bool], value: Any) -> bool:
    """Return whether a value keeps a limit. One that cannot be compared, such as a NaN or a str, does not."""
    try:
        return bool(keeps(value))
    except Exception:  # noqa: BLE001 - a class compares as it likes: a Decimal's NaN raises ArithmeticError
        return False


class ClickConverter(Converter):
    """Read by a type of Click's, or by one that a program defines for Click.

    Parameters
    ----------
    kind : click.ParamType
        The type that reads a text.
    inner : Converter or None
        The converter of the annotation, which writes the values. If None, values are written as they are.
    """

    def __init__(self, kind: click.ParamType[Any], inner: Converter | None) -> None:
        self.kind = kind
        self.inner = inner
        self.rank = inner.rank if inner else 0
        self.textual = isinstance(kind, (click.types.StringParamType, click.Choice))
        choices = getattr(kind, "choices", None)
        names = [getattr(choice, "name", choice) for choice in choices or ()]
        self.metavar = f"[{'|'.join(map(str, names))}]" if names else kind.name.upper()
        self.note = _range(kind)

    def from_text(self, text: str) -> Any:
        """Read a text by Click's type."""
        return self.from_plain(text)

    def from_plain(self, value: Any) -> Any:
        """Read a Python value by Click's type."""
        try:
            return self.kind.convert(value, None, None)
        except click.UsageError as error:
            raise ConversionError(_reason(self.kind, value, error)) from None

    def to_plain(self, value: Any) -> Any:
        """Write a value as the annotation says."""
        return self.inner.to_plain(value) if self.inner else value

    def accepts(self, value: Any) -> bool:
        """Return whether the annotation accepts a value."""
        return self.inner is None or self.inner.accepts(value)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the completions of Click's type."""
        try:
            items = self.kind.shell_complete(click.get_current_context(), click.Option(["--x"]), incomplete)
        except RuntimeError:  # outside of any command
            return []
        return [(str(item.value), item.type) for item in items]


def _reason(kind: click.ParamType[Any], value: Any, error: click.UsageError) -> str:
    """Return why a type refuses a value. Click says of a text for a range that it is "not a valid integer range"."""
    numbers: dict[type, click.ParamType[Any]] = {click.IntRange: click.INT, click.FloatRange: click.FLOAT}
    number = numbers.get(type(kind))
    try:
        if number is not None:
            number.convert(value, None, None)
    except click.UsageError as plain:
        return plain.message
    return error.message


def limits_in(metadata: Iterable[Any]) -> Iterator[Limit]:
    """Yield the limits in the metadata of an annotation.

    They are recognized by their attributes, so that `annotated_types` is not imported.

    Parameters
    ----------
    metadata : iterable
        The arguments of `Annotated` after the type.
    """
    for item in metadata:
        if isinstance(item, (click.ParamType, type)):
            continue
        if type(item).__name__ == "FieldInfo":  # pydantic's Field(ge=1)
            yield from limits_in(item.metadata)
        yield from _limits_of(item)


def _limits_of(item: Any) -> Iterator[Limit]:
    for name, (sign, compare) in _COMPARISONS.items():
        bound = getattr(item, name, None)
        if bound is not None and not callable(bound):
            yield f"x{sign}{bound}", _against(compare, bound)
    multiple = getattr(item, "multiple_of", None)
    if multiple is not None:
        yield f"a multiple of {multiple}", _multiple_of(multiple)
    shortest, longest = getattr(item, "min_length", None), getattr(item, "max_length", None)
    if shortest:
        yield f"at least {shortest} long", lambda value: len(value) >= shortest
    if longest is not None:
        yield f"at most {longest} long", lambda value: len(value) <= longest


def _against(compare: Callable[[Any, Any], bool], bound: Any) -> Callable[[Any], bool]:
    return lambda value: compare(value, bound)


def _multiple_of(unit: Any) -> Callable[[Any], bool]:
    """Return a function that compares numbers as written: 0.3 is a multiple of 0.1, and 1e50 of Decimal("0.1")."""

    def keeps(value: Any) -> bool:
        parts = (value, unit)
        if all(type(part) is int for part in parts):
            return bool(value % unit == 0)
        if all(type(part).__name__ in {"int", "float", "Decimal"} for part in parts):
            if any(abs(part.as_tuple().exponent) > _MOST_PLACES for part in parts if hasattr(part, "as_tuple")):
                return False  # a Fraction would have to compute its power of ten
            number, size = (types.fractions.Fraction(str(part)) for part in parts)
            return bool((number / size).denominator == 1)
        return not value % unit

    return keeps


def _range(kind: Any) -> str:
    """Return the text of the range of Click's IntRange and FloatRange."""
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    left = "" if low is None else f"{low}{'<' if getattr(kind, 'min_open', False) else '<='}"
    right = "" if high is None else f"{'<' if getattr(kind, 'max_open', False) else '<='}{high}"
    if not left and not right:
        return ""
    return f"{left}x{right}" if left or not right else f"x{right}"
