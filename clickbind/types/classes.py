"""Convert what depends on the class of a model: the name of the class, and fields whose types differ among classes.

`declare.settings` says which class is chosen. A field is read before that is known, for each class that has it, and
`Pending` keeps the results until the class is known.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from ..errors import ConversionError
from ..nodes import NULLS, Bare, ListNode, MapNode, Node, Quoted, Scalar
from . import NONE_IN_PYTHON, Converter, is_null_word, shown, tell_null

if TYPE_CHECKING:
    from .models import Model

__all__ = ["ClassConverter", "Pending", "PendingConverter", "WholeConverter"]

_SAFE = r"[\w.+-][\w./+-]*"  # texts that need no quotes in YAML


class WholeConverter(Converter):
    """The converter of an optional model as a whole: it reads only none. Other values are set field by field."""

    nullable = True
    metavar = "none"

    def __init__(self, model: Model) -> None:
        self.model = model

    def _refused(self, got: str, none: str = "", node: Node | None = None) -> ConversionError:
        field = next(iter(self.model.fields), "field")
        wanted = f"{none and f'{none} or '}the fields of {self.model.name}, such as .{field}"
        return ConversionError(f"expected {wanted}, got {got}.", node)

    def from_text(self, text: str) -> Any:
        """Refuse a text from a variable, which cannot be None."""
        raise self._refused(shown(text))

    def from_typed(self, text: str) -> Any:
        """Read the word none, or null."""
        if is_null_word(text):
            return None
        raise self._refused(shown(text), "none")

    def from_node(self, node: Node) -> Any:
        """Read null. Mappings are read field by field and are not passed here."""
        if isinstance(node, Scalar) and node.is_null:
            return None
        error = self._refused(shown(node.text) if isinstance(node, Scalar) else "a list", "null", node)
        tell_null(error, getattr(node, "text", None))
        raise error

    def from_plain(self, value: Any) -> Any:
        """Take None, or an instance."""
        if self.accepts(value):
            return value
        error = self._refused(shown(str(value)), "None")
        tell_null(error, value, NONE_IN_PYTHON)
        raise error

    def to_plain(self, value: Any) -> Any:
        """Write null."""
        if value is not None:
            raise TypeError(f"{value!r} is written field by field")
        return None

    def accepts(self, value: Any) -> bool:
        """Take None, or an instance."""
        return value is None or self.model.holds(value)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Offer none."""
        return [("none", "plain")] if "none".startswith(incomplete.lower()) else []


class ClassConverter(Converter):
    """Read and write the name of the class that a parameter with several is made of, as a str; or None.

    Instances are values too, which a program sets in Python.

    Parameters
    ----------
    models : mapping of str to Model
        The classes by name.
    nullable : bool
        Whether None is a value.
    """

    def __init__(self, models: Mapping[str, Model], *, nullable: bool) -> None:
        self.models = models
        self.nullable = nullable
        self.metavar = f"[{'|'.join(models)}]"

    def from_text(self, text: str) -> Any:
        """Read a name."""
        if text in self.models:
            return text
        listed = ", ".join(map(repr, self.models))
        in_another_case = [name for name in self.models if name.lower() == text.lower()]
        near = (in_another_case[0], in_another_case) if in_another_case else (text, self.models)
        raise ConversionError(f"{shown(text)} is not one of the classes {listed}.", near=near)

    def from_typed(self, text: str) -> Any:
        """Read a name, or ``none`` or ``null``."""
        return None if self.nullable and is_null_word(text) else self.from_text(text)

    def from_node(self, node: Node) -> Any:
        """Read a name, or null."""
        if self.nullable and isinstance(node, Scalar) and node.is_null:
            return None
        try:
            return super().from_node(node)
        except ConversionError as error:
            tell_null(error, self.nullable and getattr(node, "text", None))
            raise

    def from_plain(self, value: Any) -> Any:
        """Take a name, one of the classes, an instance of one, or None."""
        name = next((name for name, model in self.models.items() if model.is_of(value)), value)
        try:
            return name if self.accepts(name) else self.from_text(name if isinstance(name, str) else str(value))
        except ConversionError as error:
            tell_null(error, self.nullable and value, NONE_IN_PYTHON)
            raise

    def to_plain(self, value: Any) -> Any:
        """Write a name, or null."""
        if value is not None and type(value) is not str:
            raise TypeError(f"{value!r} is written field by field")
        return value

    def accepts(self, value: Any) -> bool:
        """Take a name, an instance, or None."""
        if value is None or type(value) is str:
            return self.nullable if value is None else value in self.models
        return any(model.holds(value) for model in self.models.values())

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Offer the names, and none."""
        names = [*self.models, *(["none"] if self.nullable else [])]
        return [(name, "plain") for name in names if name.lower().startswith(incomplete.lower())]


class Pending:
    """The value of a field as each class reads it, until it is known which class is chosen.

    Attributes
    ----------
    group : str
        The path of the parameter or field whose class is chosen.
    by_class : dict of str to object
        The values by class; a `ConversionError` for a class that does not accept it.
    plain : object
        What the value is written as.
    """

    __slots__ = ("by_class", "group", "plain")

    def __init__(self, group: str, by_class: dict[str, Any], plain: Any) -> None:
        self.group = group
        self.by_class = by_class
        self.plain = plain

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Pending) and self._compared() == other._compared()

    __hash__ = None  # type: ignore[assignment]  # its values may be anything

    def _compared(self) -> tuple[Any, ...]:
        values = {name: _compared(value) for name, value in self.by_class.items()}
        return self.group, values

    def __repr__(self) -> str:
        return str(self.plain)

    def fits(self, name: str) -> bool:
        """Return whether a class accepts the value."""
        return not isinstance(self.by_class.get(name), ConversionError)

    def of(self, name: str) -> Any:
        """Return the value for a class that has the field.

        Raises
        ------
        ConversionError
            If the class does not accept it.
        """
        value = self.by_class[name]
        if isinstance(value, ConversionError):
            raise value
        return value


def _compared(value: Any) -> Any:
    return str(value) if isinstance(value, ConversionError) else (type(value), value)


class PendingConverter(Converter):
    """Read a field whose type differs among classes: for each class that has it.

    Parameters
    ----------
    group : str
        The path of the parameter or field whose class is chosen.
    converters : mapping of str to Converter
        The converters of the field by class.
    secret : bool
        Whether the field is secret in one of the classes.
    """

    def __init__(self, group: str, converters: Mapping[str, Converter], *, secret: bool) -> None:
        self._group = group
        self.converters = converters
        members = converters.values()
        self.metavar = "|".join(dict.fromkeys(member.metavar for member in members))
        self.secret = secret
        self.repeated = any(member.repeated for member in members)
        self.nullable = any(member.nullable for member in members)
        self.structured = any(member.structured for member in members)

    def _read(self, read: Callable[[Converter], Any], plain: Any) -> Pending:
        """Read a value for each class; raise the first error if no class accepts it."""
        found: dict[str, Any] = {}
        for name, converter in self.converters.items():
            try:
                found[name] = read(converter)
            except ConversionError as error:  # noqa: PERF203 - each class reads it
                found[name] = error
        problems = [value for value in found.values() if isinstance(value, ConversionError)]
        if len(problems) == len(found):
            raise problems[0]
        return Pending(self._group, found, plain)

    def from_text(self, text: str) -> Pending:
        """Read a text."""
        return self._read(lambda converter: converter.from_text(text), _plain_of_text(text))

    def from_line(self, texts: Sequence[str]) -> Pending:
        """Read the occurrences of the option."""
        joined = [_plain_of_text(text) for text in texts]
        return self._read(lambda converter: converter.from_line(texts), joined[0] if len(joined) == 1 else joined)

    def from_node(self, node: Node) -> Pending:
        """Read a node."""
        return self._read(lambda converter: converter.from_node(node), _plain_of(node))

    def from_plain(self, value: Any) -> Pending:
        """Read a Python value."""
        return self._read(lambda converter: converter.from_plain(value), value)

    def to_plain(self, value: Any) -> Any:
        """Write a value as it was given."""
        if not isinstance(value, Pending):
            raise TypeError(f"{value!r} is written by its class")
        return value.plain

    def accepts(self, value: Any) -> bool:
        """Return whether a value was read for several classes."""
        return isinstance(value, Pending)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the completions of all classes."""
        members = self.converters.values()
        return list(dict.fromkeys(item for member in members for item in member.complete(incomplete)))


def _plain_of_text(text: str) -> Any:
    return Bare(text) if re.fullmatch(_SAFE, text) and text not in NULLS else Quoted(text)


def _plain_of(node: Node) -> Any:
    """Return plain YAML that is read as a node is."""
    if isinstance(node, ListNode):
        return [_plain_of(item) for item in node.items]
    if isinstance(node, MapNode):
        return {_plain_of(key): _plain_of(value) for key, value in node.pairs}
    assert isinstance(node, Scalar)
    if node.is_null:
        return None
    return _plain_of_text(node.text) if node.plain else Quoted(node.text)
