"""Convert types whose values have names: Enums, Literals, and classes and callables by import path."""

from __future__ import annotations

import collections
import enum
import functools
import importlib
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from types import (
    BuiltinFunctionType,
    ClassMethodDescriptorType,
    FunctionType,
    MethodDescriptorType,
    MethodType,
    ModuleType,
    WrapperDescriptorType,
)
from typing import TYPE_CHECKING, Any

from .. import nodes
from ..errors import ConversionError, suggest
from ..nodes import Quoted
from . import BOOL_WORDS, RANKS, Converter, is_null_word, read_int, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..nodes import Node

__all__ = ["EnumConverter", "ImportConverter", "LiteralConverter"]

_MOST_LISTED = 30  # values that an error lists


class EnumConverter(Converter):
    """Read and write members of an Enum by name, in any case. A Flag may have several, with ``|`` between.

    Parameters
    ----------
    kind : type of enum.Enum
        The Enum.
    """

    rank = RANKS.index("enum")

    def __init__(self, kind: Any) -> None:
        self.kind = kind
        self.names = list(kind.__members__)
        self._is_flag = issubclass(kind, enum.Flag)
        self._in_any_case: dict[str, set[Any]] | None = None
        self.metavar = f"[{'|'.join(self.names)}]"

    def from_text(self, text: str) -> Any:
        """Read a name, or the names of a Flag."""
        if not self._is_flag:
            return self._member(text)
        bits = 0  # joined as numbers: joining members would make Enum create and cache one for each step
        for name in filter(None, (part.strip() for part in text.split("|"))):
            bits |= self._member(name).value
        return self.kind(bits)

    def _member(self, text: str) -> Any:
        if text in self.kind.__members__:
            return self.kind[text]
        if self._in_any_case is None:
            self._in_any_case = {}
            for name in self.names:
                self._in_any_case.setdefault(name.lower(), set()).add(self.kind[name])
        found = self._in_any_case.get(text.lower(), ())
        if len(found) == 1:
            return next(iter(found))
        raise _not_one_of(text, self.names)

    def to_plain(self, value: Any) -> Any:
        """Write the name of a member."""
        if not self.accepts(value):
            raise TypeError(f"{value!r} is not a {self.kind.__name__}")
        if not self._is_flag or value.name in self.kind.__members__:
            return value.name
        names = [name for name, member in self.kind.__members__.items() if _is_bit(member) and member in value]
        if self.from_text("|".join(names)) != value:
            raise ValueError(f"{value!r} has bits without a name")
        return "|".join(names)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is a member of the Enum."""
        return isinstance(value, self.kind)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the names."""
        return [(name, "plain") for name in self.names if name.lower().startswith(incomplete.lower())]


class LiteralConverter(Converter):
    """Read and write the values of a Literal by their text, the most specific first.

    For ``Literal["1", 1]``, the text ``1`` is the int.

    Parameters
    ----------
    values : iterable
        The values: None, bool, int, str, bytes, members of Enums.
    """

    rank = RANKS.index("literal")

    def __init__(self, values: Iterable[Any]) -> None:
        self.values = list(values)
        self.texts = ["none" if value is None else _literal_text(value) for value in self.values]
        self.metavar = f"[{'|'.join(self.texts)}]"
        self.nullable = None in self.values
        self.textual = any(type(value) is str for value in self.values)
        self._places: dict[tuple[str, Any], int] = {}
        self._kinds: set[str] = set()
        self._own: set[tuple[type, Any]] | None = None

    def _table(self) -> dict[tuple[str, Any], int]:
        """Return the index of the value for each meaning of a text. It is made when a text is first read."""
        if not self._places:
            for place, (value, own) in enumerate(zip(self.values, self.texts, strict=True)):
                meant = _meant_by(value, own)
                self._places.setdefault(meant, place)
                self._kinds.add(meant[0])
        return self._places

    def from_text(self, text: str) -> Any:
        """Read one of the texts."""
        places = self._table()
        found = None
        for kinds in _TIERS:
            for kind in kinds:
                if kind in self._kinds:
                    place = places.get((kind, _READ[kind](text)))
                    if place is not None and (found is None or place < found):
                        found = place
            if found is not None:
                return self.values[found]
        raise _not_one_of(text, self.texts)

    def from_typed(self, text: str) -> Any:
        """Read one of the texts, or ``none`` or ``null``."""
        return None if self.nullable and is_null_word(text) else self.from_text(text)

    def from_quoted(self, text: str) -> Any:
        """Read one of the texts, as a str if the Literal has that str."""
        return text if self.accepts(text) else self.from_text(text)

    def from_node(self, node: Node) -> Any:
        """Read a scalar, or null if None is one of the values."""
        if self.nullable and isinstance(node, nodes.Scalar) and node.is_null:
            return None
        return super().from_node(node)

    def to_plain(self, value: Any) -> Any:
        """Write one of the values."""
        if not self.accepts(value):
            raise TypeError(f"{value!r} is none of {self.metavar}")
        if type(value) is str:
            return value if self.from_text(value) == value else Quoted(value)
        return value if value is None or type(value) in {bool, int} else _literal_text(value)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is one of the Literal's, of the same type: True is not 1 here."""
        if type(value) is str:
            return ("text", value) in self._table()
        if self._own is None:
            self._own = {(type(own), own) for own in self.values}
        try:
            return (type(value), value) in self._own
        except TypeError:  # it has no hash, such as a list
            return False

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the texts."""
        return [(text, "plain") for text in self.texts if text.startswith(incomplete)]


class ImportConverter(Converter):
    """Read and write a class or callable by its import path, ``package.module:name``.

    Only a typed path may import its module; files and variables refer to modules that are already imported. Names are
    looked up only in the dictionaries of modules and classes: a property, a descriptor, a metaclass or an instance
    could run code.

    Parameters
    ----------
    base : type, optional
        The class that a value must be a subclass of; None for any callable.
    """

    rank = RANKS.index("import")
    metavar = "MODULE:NAME"

    def __init__(self, base: type | None) -> None:
        self.base = base

    def from_text(self, text: str) -> Any:
        """Look up a path in the modules that are already imported."""
        return self._find(text, may_import=False)

    def from_typed(self, text: str) -> Any:
        """Import the module of a path, and look up the path."""
        return self._find(text, may_import=True)

    def _find(self, text: str, *, may_import: bool) -> Any:
        module, colon, names = text.partition(":")
        if not (colon and module and names):
            raise ConversionError(f"{shown(text)} is not an import path: package.module:name.")
        found = self._module(module, may_import=may_import)
        for name in names.split("."):
            known = _members(found)
            if name in known:
                found = _unwrapped(known[name], found)
            elif may_import and _is_module(found) and hasattr(found, name):  # a module may import lazily (PEP 562)
                found = getattr(found, name)
            else:
                near = suggest(name, filter(_is_text, known))
                raise ConversionError(f"{shown(text)}: {shown(module)} has no {shown(names)}.{near}")
        if not self.accepts(found):
            raise ConversionError(f"{shown(text)} is not {self._wanted}.")
        return found

    @staticmethod
    def _module(name: str, *, may_import: bool) -> Any:
        if may_import:
            try:
                return importlib.import_module(name)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a module may raise whatever it likes
                raise ConversionError(f"{shown(name)} cannot be imported: {error}.") from None
        if name not in sys.modules:
            raise ConversionError(
                f"{shown(name)} is not imported by the program, and only the command line can import it."
            )
        return sys.modules[name]

    @property
    def _wanted(self) -> str:
        return "callable" if self.base is None else f"a subclass of {self.base.__qualname__}"

    def accepts(self, value: Any) -> bool:
        """Return whether a value is a subclass of the base, or a callable if there is no base."""
        if self.base is None:
            return callable(value)
        return _is_class(value) and issubclass(value, self.base)

    def to_plain(self, value: Any) -> Any:
        """Write the import path. Refuse a value that its path does not lead back to."""
        path = f"{value.__module__}:{value.__qualname__}"
        try:
            found = self.from_text(path)
        except ConversionError as error:
            raise ValueError(str(error)) from None
        if found is not value and not (type(found) is MethodType and found == value):
            raise ValueError(f"{path} is another")
        return path


# Types of attributes that Python itself returns unchanged or bound when they are looked up on a class: no code of the
# program runs.
_AS_THEY_ARE = (
    FunctionType,
    BuiltinFunctionType,
    MethodDescriptorType,
    WrapperDescriptorType,
    type(functools.lru_cache(len)),
)
_dict_of_class = vars(type)["__dict__"].__get__
_bases_of_class = vars(type)["__mro__"].__get__
_dict_of_module = vars(ModuleType)["__dict__"].__get__


def _is_class(value: Any) -> bool:
    return issubclass(type(value), type)  # `isinstance` asks the value for its class


def _is_module(value: Any) -> bool:
    return issubclass(type(value), ModuleType)


def _is_text(name: object) -> bool:
    return type(name) is str


def _members(found: Any) -> Mapping[str, Any]:
    """Return the members of a module or class by name; nothing for any other object, since asking it runs its code."""
    if _is_module(found):
        names: Mapping[str, Any] = _dict_of_module(found)
        return names
    if not _is_class(found):
        return {}
    return collections.ChainMap(*(dict(_dict_of_class(base)) for base in _bases_of_class(found)))


def _unwrapped(value: Any, found: Any) -> Any:
    """Return the attribute of a class for an entry of its dictionary, without running code of the program.

    Raises
    ------
    ConversionError
        If only code of the program can tell.
    """
    kind = type(value)
    if not _is_class(found) or kind in _AS_THEY_ARE:
        return value
    if kind is ClassMethodDescriptorType:
        return value.__get__(None, found)
    if kind is staticmethod:
        return value.__func__
    if kind is classmethod and type(value.__func__) is FunctionType:
        return MethodType(value.__func__, found)
    if any("__get__" in _dict_of_class(base) for base in _bases_of_class(kind)):
        raise ConversionError(f"an import path cannot go through a {shown(kind.__name__)}.")
    return value


def _not_one_of(text: str, texts: Sequence[str]) -> ConversionError:
    """Return the error for a text that is not one of a list. It shows the first of the list."""
    listed = ", ".join(map(repr, texts[:_MOST_LISTED]))
    more = f", and {len(texts) - _MOST_LISTED:,} more" if len(texts) > _MOST_LISTED else ""
    error: ConversionError = ConversionError(f"{shown(text)} is not one of {listed}{more}.", near=(text, texts))
    return error


def _literal_text(value: Any) -> str:
    if isinstance(value, enum.Enum):
        return str(value.name)
    return value.decode("utf-8", "backslashreplace") if isinstance(value, bytes) else str(value)


def _meant_by(value: Any, own: str) -> tuple[str, Any]:
    """Return the kind and the key, as in `_READ`, of the texts that mean a value of a Literal."""
    if isinstance(value, enum.Enum):
        return "int's name" if isinstance(value, int) else "name", own.lower()
    if isinstance(value, (bool, int)):
        return "bool" if isinstance(value, bool) else "int", value
    if value is None:
        return "none", None
    return "text" if isinstance(value, str) else "bytes", own


def _int_or_none(text: str) -> int | None:
    try:
        return read_int(text)
    except ValueError:
        return None


# The key of a text, by the kinds that `_meant_by` returns; and the kinds in the order in which they are tried.
_READ: dict[str, Callable[[str], Any]] = {
    "bool": lambda text: BOOL_WORDS.get(text.lower()),
    "int": _int_or_none,
    "int's name": str.lower,
    "text": str,
    "bytes": str,
    "name": str.lower,
}
_TIERS = (("bool",), ("int", "int's name"), ("text", "bytes", "name"))


def _is_bit(member: Any) -> bool:
    return bool(member.value > 0 and member.value & (member.value - 1) == 0)
