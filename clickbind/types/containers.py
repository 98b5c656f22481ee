"""Convert types whose values contain other values: lists, sets, tuples, mappings."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from .. import nodes, types
from ..errors import ConversionError
from ..nodes import Bare, Quoted
from . import BRACKETS, RANKS, Converter, shown
from .words import complete_last, each, from_flow, split

if TYPE_CHECKING:
    from ..nodes import Node

__all__ = ["MappingConverter", "SequenceConverter", "TupleConverter"]


class _Structured(Converter):
    """Read a type whose values are typed as words in one text, or as YAML flow if the text starts with a bracket."""

    rank = RANKS.index("structured")
    structured = True
    mutable = True

    def from_text(self, text: str) -> Any:
        """Read YAML flow, or words separated by white space."""
        return from_flow(self.from_node, text) if text[:1] in BRACKETS else self.from_words(split(text), typed=False)

    def from_typed(self, text: str) -> Any:
        """Read typed YAML flow, or typed words separated by white space."""
        return from_flow(self.from_node, text) if text[:1] in BRACKETS else self.from_words(split(text), typed=True)

    def from_words(self, words: list[str], *, typed: bool) -> Any:
        """Read the words."""
        raise NotImplementedError


def _read(item: Converter, text: str, *, typed: bool) -> Any:
    return item.from_typed(text) if typed else item.from_text(text)


def _needs_flow(item: Converter) -> bool:
    """Return whether a value inside of another cannot be typed as a word, as lists and mappings cannot."""
    return item.structured and not item.textual


class SequenceConverter(_Structured):
    """Read and write lists, sets and tuples of any length. Occurrences of the option add up.

    Parameters
    ----------
    kind : type
        The type to build: list, set, frozenset or tuple.
    item : Converter
        The converter of an item.
    """

    repeated = True

    def __init__(self, kind: type, item: Converter) -> None:
        self.kind = kind
        self.item = item
        self.metavar = f"{item.metavar}..."
        self.mutable = kind in {list, set} or item.mutable
        self.secret = item.secret

    @property
    def typed(self) -> str:
        """The placeholder for the value of an option: words, or YAML flow for lists of lists."""
        return f'"{self.flow}"' if _needs_flow(self.item) else f'"{self.item.metavar} ..."'

    @property
    def flow(self) -> str:
        """The placeholder for a value inside YAML flow."""
        return f"[{self.item.flow}, ...]"

    def _made(self, values: list[Any]) -> Any:
        if self.kind in {set, frozenset}:
            for value in values:
                _check_hash(value, "a set cannot hold lists and mappings.")
            _check_hashes(values)
        return self.kind(values)

    def from_words(self, words: list[str], *, typed: bool) -> Any:
        """Read one item per word."""
        return self._made([_read(self.item, word, typed=typed) for word in words])

    def from_line(self, texts: Sequence[str]) -> Any:
        """Read the items of all occurrences."""
        return self._made([value for text in texts for value in self.from_typed(text)])

    def from_node(self, node: Node) -> Any:
        """Read a list, or the words of a scalar."""
        if isinstance(node, nodes.ListNode):
            return self._made(each((self.item.from_node, item) for item in node.items))
        return super().from_node(node)

    def from_plain(self, value: Any) -> Any:
        """Read any Python sequence or set."""
        if isinstance(value, (list, tuple, set, frozenset)):
            return self._made([self.item.from_plain(item) for item in value])
        return super().from_plain(value)

    def to_plain(self, value: Any) -> Any:
        """Write a list. The items of a set are sorted, so that their order is always the same."""
        items = [self.item.to_plain(item) for item in _checked(self, value)]
        return sorted(items, key=repr) if isinstance(value, (set, frozenset)) else items

    def accepts(self, value: Any) -> bool:
        """Return whether a value is of exactly this kind, and its items are accepted."""
        return isinstance(value, (list, tuple, set, frozenset)) and all(
            (type(value) is self.kind, *(self.item.accepts(item) for item in value))
        )

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the completions for the last item."""
        return complete_last(incomplete, lambda _, word: self.item.complete(word))


class TupleConverter(_Structured):
    """Read and write tuples of a fixed length, with a type for each item.

    Parameters
    ----------
    items : sequence of Converter
        The converters of the items.
    """

    def __init__(self, items: Sequence[Converter]) -> None:
        self.items = list(items)
        self.metavar = f"'{' '.join(item.metavar for item in self.items)}'"
        self.mutable = any(item.mutable for item in self.items)
        self.secret = any(item.secret for item in self.items)

    @property
    def typed(self) -> str:
        """The placeholder for the value of an option: words, or YAML flow if an item is a list."""
        if any(map(_needs_flow, self.items)):
            return f'"{self.flow}"'
        return f'"{" ".join(item.metavar for item in self.items)}"'

    @property
    def flow(self) -> str:
        """The placeholder for a value inside YAML flow."""
        return f"[{', '.join(item.flow for item in self.items)}]"

    def from_words(self, words: list[str], *, typed: bool) -> Any:
        """Read one item per word."""
        self._check(len(words), None)
        return tuple(_read(item, word, typed=typed) for item, word in zip(self.items, words, strict=True))

    def from_node(self, node: Node) -> Any:
        """Read a list of the right length, or the words of a scalar."""
        if not isinstance(node, nodes.ListNode):
            return super().from_node(node)
        self._check(len(node.items), node)
        return tuple(each((item.from_node, value) for item, value in zip(self.items, node.items, strict=True)))

    def _check(self, length: int, node: Node | None) -> None:
        if length != len(self.items):
            values = "1 value" if len(self.items) == 1 else f"{len(self.items)} values"
            raise ConversionError(f"expected {values} ({self.metavar}), got {length}.", node)

    def from_plain(self, value: Any) -> Any:
        """Read a Python list or tuple of the right length."""
        if not isinstance(value, (list, tuple)):
            return super().from_plain(value)
        self._check(len(value), None)
        return tuple(item.from_plain(part) for item, part in zip(self.items, value, strict=True))

    def to_plain(self, value: Any) -> Any:
        """Write a list."""
        return [item.to_plain(part) for item, part in zip(self.items, _checked(self, value), strict=True)]

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the completions for the last item, by its type."""
        return complete_last(
            incomplete, lambda index, word: self.items[index].complete(word) if index < len(self.items) else []
        )

    def accepts(self, value: Any) -> bool:
        """Return whether a value is a tuple of the right length, and its items are accepted."""
        return (
            type(value) is tuple
            and len(value) == len(self.items)
            and all(item.accepts(part) for item, part in zip(self.items, value, strict=True))
        )


class MappingConverter(_Structured):
    """Read and write dicts: ``"x=5 y=a"``. Occurrences of the option add up.

    Parameters
    ----------
    key, value : Converter
        The converters of a key and a value.
    """

    repeated = True

    def __init__(self, key: Converter, value: Converter) -> None:
        self.key = key
        self.value = value
        self.metavar = f"{key.metavar}={value.metavar}..."
        self.secret = key.secret or value.secret

    @property
    def typed(self) -> str:
        """The placeholder for the value of an option: words, or YAML flow for mappings of lists."""
        return f'"{self.flow}"' if _needs_flow(self.value) else f'"{self.key.metavar}={self.value.metavar} ..."'

    @property
    def flow(self) -> str:
        """The placeholder for a value inside YAML flow."""
        return f"{{{self.key.flow}: {self.value.flow}, ...}}"

    def from_words(self, words: list[str], *, typed: bool) -> Any:
        """Read one ``key=value`` per word."""
        pairs = []
        for word in words:
            key, equals, value = word.partition("=")
            if not equals:
                raise ConversionError(f"{shown(word)} is not key=value.")
            key = _checked_key(_read(self.key, key, typed=typed))
            pairs.append((key, _read(self.value, value, typed=typed)))
        _check_hashes([key for key, _ in pairs])
        return dict(pairs)

    def from_line(self, texts: Sequence[str]) -> Any:
        """Merge the occurrences. Later ones win."""
        return {key: value for text in texts for key, value in self.from_typed(text).items()}

    def from_node(self, node: Node) -> Any:
        """Read a mapping, or the words of a scalar. Refuse duplicate keys."""
        if not isinstance(node, nodes.MapNode):
            return super().from_node(node)
        keys = each((self.key.from_node, name) for name, _ in node.pairs)
        seen: set[Any] = set()
        for key, (name, _) in zip(keys, node.pairs, strict=True):
            _checked_key(key, name)
        _check_hashes(keys)
        for key, (name, _) in zip(keys, node.pairs, strict=True):
            if key in seen:
                raise ConversionError(f"duplicate key {key!r}.", name)
            seen.add(key)
        return dict(zip(keys, each((self.value.from_node, item) for _, item in node.pairs), strict=True))

    def from_plain(self, value: Any) -> Any:
        """Read a Python mapping."""
        if isinstance(value, dict):
            keys = (_checked_key(self.key.from_plain(key)) for key in value)
            return dict(zip(keys, map(self.value.from_plain, value.values()), strict=True))
        return super().from_plain(value)

    def to_plain(self, value: Any) -> Any:
        """Write a mapping, in the order of the dict."""
        pairs = _checked(self, value).items()
        return {self._plain_key(key): self.value.to_plain(item) for key, item in pairs}

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the completions for the last key or value."""
        return complete_last(incomplete, lambda _, word: self._completed(word))

    def _completed(self, word: str) -> list[tuple[str, str]]:
        key, equals, value = word.partition("=")
        if not equals:
            return [(f"{name}=", kind) for name, kind in self.key.complete(key) if kind == "plain"]
        return [(f"{key}={item}" if kind == "plain" else item, kind) for item, kind in self.value.complete(value)]

    def _plain_key(self, key: Any) -> Any:
        """Write a key: a list or mapping as one text, since other YAML readers refuse those as keys."""
        plain = self.key.to_plain(key)
        if not isinstance(plain, (list, dict)):
            return plain
        # If a key may be a str, quotes would make it one, so it is written without.
        return Bare(_as_flow(plain)) if self.key.textual else _as_text(plain)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is a dict, and its keys and values are accepted."""
        return (
            type(value) is dict and all(map(self.key.accepts, value)) and all(map(self.value.accepts, value.values()))
        )


def _check_hashes(values: list[Any]) -> None:
    """Check that the hashes of values do not collide, which would take a dict or set quadratic time.

    Raises
    ------
    ConversionError
        If they are chosen to collide.
    """
    if nodes.core_schema.collide(values):
        raise ConversionError("too many of its values have the same hash.")


def _checked_key(key: Any, node: Node | None = None) -> Any:
    """Return a key. Refuse one that has no hash."""
    _check_hash(key, "a list or mapping cannot be a key.", node)
    return key


def _check_hash(value: Any, message: str, node: Node | None = None) -> None:
    """Refuse a value without a hash, which a set or dict cannot hold. The message is for lists and mappings."""
    try:
        hash(value)
    except Exception:  # noqa: BLE001 - a class hashes as it likes: a Decimal's signaling NaN, a frozen model of lists
        if not isinstance(value, (list, dict, set)):
            message = f"{shown(str(value))} has no hash and cannot be a key or an item of a set."
        raise ConversionError(message, node) from None


def _as_text(plain: Any) -> str:
    """Write a list or mapping as one text: as words if these read back as the same items, else as YAML flow."""
    words = [_as_word(item) for item in plain] if isinstance(plain, list) else [None]
    if None in words:
        return _as_flow(plain)
    return " ".join(map(str, words))


def _as_flow(plain: Any) -> str:
    """Write a list or mapping as JSON, which is YAML flow if characters that do not print are escaped."""
    text = types.json.dumps(plain, ensure_ascii=False)
    return "".join(one if one.isprintable() else f"\\U{ord(one):08x}" for one in text)


def _as_word(item: Any) -> str | None:
    if type(item) in {bool, int, float}:
        return str(item).lower()
    simple = isinstance(item, str) and not isinstance(item, Quoted) and re.fullmatch(r"[^\s\"'\[\]{}]+", item)
    return str(item) if simple else None


def _checked(converter: Converter, value: Any) -> Any:
    """Return a value that is to be written, if it is of the type.

    Raises
    ------
    TypeError
        If it is not of the type: a default may be anything.
    """
    if not converter.accepts(value):
        raise TypeError(f"{value!r} is not a valid {converter.metavar}")
    return value
