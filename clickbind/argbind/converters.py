"""Read values as ArgBind does, where it reads them in another way than `Binder`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .. import types
from ..types import RANKS, Converter, StrConverter
from ..types.containers import MappingConverter, SequenceConverter, TupleConverter
from ..types.unions import OptionalConverter, UnionConverter

if TYPE_CHECKING:
    from ..declare.function import ParameterSpec

__all__ = ["adapted"]


def adapted(parameter: ParameterSpec) -> Converter | None:
    """Return the converter of a parameter as ArgBind's programs expect it.

    Parameters
    ----------
    parameter : ParameterSpec
        The parameter, with the converter that `Binder` uses.

    Returns
    -------
    Converter or None
        None if its type cannot be parsed from text.
    """
    converter = parameter.converter
    if isinstance(converter, OptionalConverter) and parameter.default is None:
        own = types.table.converter_of(parameter.annotation)
        if own is not None and not own.nullable:  # ``mode: str = None``
            return _NoneByDefault(_adapted(converter.inner))
    return None if converter is None else _adapted(converter)


def _adapted(converter: Converter) -> Converter:
    kind = type(converter)
    if isinstance(converter, OptionalConverter) and kind is OptionalConverter:
        return OptionalConverter(_adapted(converter.inner))
    if isinstance(converter, UnionConverter) and kind is UnionConverter:
        return _Union(_adapted(member) for member in converter.members)
    if isinstance(converter, SequenceConverter) and kind is SequenceConverter:
        item = _adapted(converter.item)
        return (_Words if isinstance(item, StrConverter) else _Sequence)(converter.kind, item)
    if isinstance(converter, TupleConverter) and kind is TupleConverter:
        items = [_adapted(item) for item in converter.items]
        return (_Texts if any(isinstance(item, StrConverter) for item in items) else TupleConverter)(items)
    if isinstance(converter, MappingConverter) and kind is MappingConverter:
        return _Mapping(_adapted(converter.key), _adapted(converter.value))
    return converter


class _NoneByDefault(OptionalConverter):
    """Read values of a type that is optional only because the default is None: a typed ``none`` may be a text."""

    def from_typed(self, text: str) -> Any:
        """Read a text."""
        takes_text = self.inner.textual or isinstance(self.inner, (_Words, _Texts))
        return self.inner.from_typed(text) if takes_text else super().from_typed(text)

    def from_line(self, texts: Sequence[str]) -> Any:
        """Read the last text."""
        return self.from_typed(texts[-1])


class _Union(UnionConverter):
    """Read a text as a str where a str is a value, rather than as a path, as bytes or as an import path."""

    def __init__(self, members: Iterable[Converter]) -> None:
        super().__init__(members)
        before = RANKS.index("import") - 0.5
        self.members.sort(key=lambda member: before if isinstance(member, StrConverter) else member.rank)


class _Sequence(SequenceConverter):
    """Read a list from the last of its options."""

    repeated = False

    def from_line(self, texts: Sequence[str]) -> Any:
        """Read the last text."""
        return self.from_typed(texts[-1])


class _Words(_Sequence):
    """Read a list of texts: the words of a text, with their quotes and brackets."""

    def from_text(self, text: str) -> Any:
        """Read the words of a text."""
        return self.from_words(text.split(), typed=False)

    from_typed = from_text


class _Texts(TupleConverter):
    """Read a tuple with texts in it: the words of a text, with their quotes and brackets."""

    def from_text(self, text: str) -> Any:
        """Read the words of a text."""
        return self.from_words(text.split(), typed=False)

    def from_typed(self, text: str) -> Any:
        """Read the words of a typed text."""
        return self.from_words(text.split(), typed=True)


class _Mapping(MappingConverter):
    """Read a dict from the last of its options."""

    repeated = False

    def from_line(self, texts: Sequence[str]) -> Any:
        """Read the last text."""
        return self.from_typed(texts[-1])
