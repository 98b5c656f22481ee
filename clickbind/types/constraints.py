"""What `Annotated` adds to a type: Click's own types, and the bounds of `annotated_types`."""

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
"""How a limit reads, and whether a value keeps it."""

_MOST_PLACES = 3_500  # as of ints

_COMPARISONS = {
    "gt": (">", operator.gt),
    "ge": (">=", operator.ge),
    "lt": ("<", operator.lt),
    "le": ("<=", operator.le),
}


class LimitedConverter(Converter):
    """A type with limits on its values.

    Parameters
    ----------
    inner : Converter
        What reads the values.
    limits : iterable of (str, callable)
        How each limit reads, and whether a value keeps it.
    """

    def __init__(self, inner: Converter, limits: Iterable[Limit]) -> None:
        self.inner = inner
        self.limits = list(limits)
        self.note = ", ".join(filter(None, (inner.note, *(text for text, _ in self.limits))))
        for name in ("metavar", "rank", "nullable", "textual", "structured", "repeated", "flag", "mutable", "secret"):
            setattr(self, name, getattr(inner, name))

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
        """Read the occurrences; the limits hold for them together."""
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
        """Take a value that keeps the limits."""
        return self.inner.accepts(value) and (value is None or all(_keeps(keeps, value) for _, keeps in self.limits))

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Offer what the type offers."""
        return self.inner.complete(incomplete)


def _keeps(keeps: Callable[[Any], bool], value: Any) -> bool:
    """Whether a value keeps a limit; one that cannot be compared, as a NaN or a union's other member, does not."""
    try:
        return bool(keeps(value))
    except Exception:  # noqa: BLE001 - a class compares as it likes: a Decimal's NaN raises ArithmeticError
        return False


class ClickConverter(Converter):
    """A type of Click's, or of somebody's who wrote one for Click.

    Parameters
    ----------
    kind : click.ParamType
        The type, which reads a text.
    inner : Converter or None
        What writes the values, by the annotation; without it, what is plain is written as it is.
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
        """Have Click's type read a text."""
        return self.from_plain(text)

    def from_plain(self, value: Any) -> Any:
        """Have Click's type read a Python value."""
        try:
            return self.kind.convert(value, None, None)
        except click.UsageError as error:
            raise ConversionError(error.message) from None

    def to_plain(self, value: Any) -> Any:
        """Write a value as its annotation says."""
        return self.inner.to_plain(value) if self.inner else value

    def accepts(self, value: Any) -> bool:
        """Take what the annotation takes."""
        return self.inner is None or self.inner.accepts(value)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Offer what Click's type offers."""
        try:
            items = self.kind.shell_complete(click.get_current_context(), click.Option(["--x"]), incomplete)
        except RuntimeError:  # outside of any command
            return []
        return [(str(item.value), item.type) for item in items]


def limits_in(metadata: Iterable[Any]) -> Iterator[Limit]:
    """Walk the limits among the metadata of an annotation.

    Known by their attributes, so that `annotated_types` is not imported: whoever uses it has.

    Parameters
    ----------
    metadata : iterable
        What `Annotated` holds behind the type.
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
    """Compare numbers as they are written: 0.3 is a multiple of 0.1, and 1e50 one of Decimal("0.1")."""

    def keeps(value: Any) -> bool:
        parts = (value, unit)
        if all(type(part) is int for part in parts):
            return bool(value % unit == 0)
        if all(type(part).__name__ in {"int", "float", "Decimal"} for part in parts):
            if any(abs(part.as_tuple().exponent) > _MOST_PLACES for part in parts if hasattr(part, "as_tuple")):
                return False  # before anybody has to write out its power of ten
            number, size = (types.fractions.Fraction(str(part)) for part in parts)
            return bool((number / size).denominator == 1)
        return not value % unit

    return keeps


def _range(kind: Any) -> str:
    """Say the range of Click's IntRange and FloatRange."""
    low, high = getattr(kind, "min", None), getattr(kind, "max", None)
    left = "" if low is None else f"{low}{'<' if getattr(kind, 'min_open', False) else '<='}"
    right = "" if high is None else f"{'<' if getattr(kind, 'max_open', False) else '<='}{high}"
    if not left and not right:
        return ""
    return f"{left}x{right}" if left or not right else f"x{right}"
