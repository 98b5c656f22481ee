"""Convert types whose values are of one of several types: `Optional` and `Union`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .. import nodes, types
from ..errors import ConversionError
from ..nodes import Bare, Quoted
from . import BOOL_WORDS, BRACKETS, NONE_IN_PYTHON, BoolConverter, Converter, is_null_word, shown, tell_null

if TYPE_CHECKING:
    from ..nodes import Node, Scalar

__all__ = ["OptionalConverter", "UnionConverter"]


class OptionalConverter(Converter):
    """Read and write None, and the values of another converter.

    Parameters
    ----------
    inner : Converter
        The converter of all values but None.
    """

    nullable = True

    def __init__(self, inner: Converter) -> None:
        self.inner = inner
        self.metavar, self.rank, self.repeated, self.flag = inner.metavar, inner.rank, inner.repeated, inner.flag
        self.textual, self.structured, self.mutable = inner.textual, inner.structured, inner.mutable
        self.note, self.secret = inner.note, inner.secret

    @property
    def typed(self) -> str:
        """The placeholder for the value of an option."""
        return self.inner.typed

    @property
    def flow(self) -> str:
        """The placeholder for a value inside YAML flow."""
        return self.inner.flow

    def from_text(self, text: str) -> Any:
        """Read a text, which is never None: only a typed one can be."""
        return self.inner.from_text(text)

    def from_typed(self, text: str) -> Any:
        """Read a text, or ``none`` or ``null`` as None."""
        return None if is_null_word(text) else self.inner.from_typed(text)

    def from_line(self, texts: Sequence[str]) -> Any:
        """Read the occurrences after the last ``none``; None if there are no more."""
        nones = [number for number, text in enumerate(texts, 1) if is_null_word(text)]
        rest = texts[nones[-1] :] if nones else texts
        return self.inner.from_line(rest) if rest else None

    def from_quoted(self, text: str) -> Any:
        """Read a quoted scalar, which is never None."""
        return self.inner.from_quoted(text)

    def from_node(self, node: Node) -> Any:
        """Read a node, or a plain null as None. For a word that only the command line takes for None, say how."""
        if isinstance(node, nodes.Scalar) and node.is_null:
            return None
        try:
            return self.inner.from_node(node)
        except ConversionError as error:
            tell_null(error, getattr(node, "text", None))
            raise

    def from_plain(self, value: Any) -> Any:
        """Read a Python value; None is None."""
        try:
            return None if value is None else self.inner.from_plain(value)
        except ConversionError as error:
            tell_null(error, value, NONE_IN_PYTHON)
            raise

    def to_plain(self, value: Any) -> Any:
        """Write a value, or null."""
        return None if value is None else self.inner.to_plain(value)

    def accepts(self, value: Any) -> bool:
        """Return whether a value is None, or accepted by the inner converter."""
        return value is None or self.inner.accepts(value)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the completions of the inner converter."""
        return self.inner.complete(incomplete)


class UnionConverter(Converter):
    """Read a text by the first member that accepts it, the most specific first (`RANKS`), equal ones as written.

    Parameters
    ----------
    members : iterable of Converter
        The converters of the members.
    """

    def __init__(self, members: Iterable[Converter]) -> None:
        self.members = sorted(members, key=lambda member: member.rank)
        self.metavar = "|".join(dict.fromkeys(member.metavar for member in self.members))
        self.rank = self.members[0].rank
        self.textual = any(member.textual for member in self.members)
        self.structured = any(member.structured for member in self.members)
        self.mutable = any(member.mutable for member in self.members)
        self.secret = any(member.secret for member in self.members)

    @property
    def typed(self) -> str:
        """The placeholder for the value of an option: a list or mapping is typed as YAML flow."""
        flow = (f'"{one.flow}"' if one.structured and one.flow != one.metavar else one.flow for one in self.members)
        return "|".join(dict.fromkeys(flow))

    @property
    def flow(self) -> str:
        """The placeholder for a value inside YAML flow."""
        return "|".join(dict.fromkeys(member.flow for member in self.members))

    def _first(self, text: str, read: Callable[[Converter], Any], members: Iterable[Converter]) -> Any:
        for member in members:
            # A list accepts any words, so it is tried only for YAML flow.
            if member.structured and not member.textual and text[:1] not in BRACKETS:
                continue
            # 1 and 0 are bools alone, but ints in a union.
            if isinstance(member, BoolConverter) and text.lower() not in BOOL_WORDS:
                continue
            try:
                return read(member)
            except ConversionError:
                continue
        raise ConversionError(f"{shown(text)} is not a valid {self.metavar}.")

    def from_text(self, text: str) -> Any:
        """Read a text."""
        return self._first(text, lambda member: member.from_text(text), self.members)

    def from_typed(self, text: str) -> Any:
        """Read a text that was typed."""
        return self._first(text, lambda member: member.from_typed(text), self.members)

    def from_quoted(self, text: str) -> Any:
        """Read a quoted scalar, as a str if a str is a value."""
        for member in self.members:
            if member.textual:
                try:
                    return member.from_quoted(text)
                except ConversionError:
                    continue
        return self.from_text(text)

    def from_node(self, node: Node) -> Any:
        """Read a scalar by its text, and a list or mapping by the first structured member that accepts it."""
        if isinstance(node, nodes.Scalar) and not node.binary:
            return super().from_node(node)
        if isinstance(node, nodes.Scalar):
            fitting = [member for member in self.members if member.binary]
            if not fitting:  # saved that way, since its text cannot be written without quotes
                return self.from_text(_decoded(node))
        else:
            fitting = self._of_class(node) or [member for member in self.members if member.structured]
        problem = None
        for member in fitting:
            try:
                return member.from_node(node)
            except ConversionError as error:
                problem = problem or error
        if problem is not None and len(fitting) == 1:
            raise problem
        raise ConversionError(f"expected {self.metavar}.", node)

    def _models(self) -> list[tuple[Converter, Any]]:
        """Return the members whose values have fields, each with its model."""
        return [(member, member.model) for member in self.members if hasattr(member, "model")]

    def _of_class(self, node: Node) -> list[Converter]:
        """Return the members for the class that a mapping of fields names; empty if it names none."""
        pairs = node.pairs if isinstance(node, nodes.MapNode) and len(self._models()) > 1 else []
        named = [value for key, value in pairs if isinstance(key, nodes.Scalar) and key.text == "class"]
        if not named or any("class" in model.fields for _, model in self._models()):
            return []
        name = named[0].text if isinstance(named[0], nodes.Scalar) else named[0].noun
        found = [member for member, model in self._models() if model.name == name]
        known = [model.name for _, model in self._models()]
        if not found:
            listed = ", ".join(map(repr, known))
            raise ConversionError(f"{shown(name)} is not one of the classes {listed}.", named[0], near=(name, known))
        return found

    def from_plain(self, value: Any) -> Any:
        """Read a Python value."""
        for member in self.members:
            if member.accepts(value):
                return member.from_plain(value)
        for member in self.members if isinstance(value, (list, tuple, set, frozenset, dict)) else ():
            try:
                return member.from_plain(value)
            except ConversionError:
                continue
        return super().from_plain(value)

    def to_plain(self, value: Any) -> Any:
        """Write a value as its member does; a str in quotes if its bare text would be read by another member."""
        members = [member for member in self.members if member.accepts(value)]
        if not members:
            raise TypeError(f"{value!r} is not a valid {self.metavar}")
        if type(value) is str:
            return Quoted(value) if self._bare_is_another(value) else value
        exact = (member for member, model in self._models() if member in members and model.is_of(type(value)))
        member = next(exact, members[0])
        plain = member.to_bare(value) if self.textual else member.to_plain(value)
        name = next((model.name for one, model in self._models() if one is member), None)
        if name is not None and len(self._models()) > 1:
            plain = {"class": name, **plain}
        return Bare(plain) if isinstance(plain, str) and self.textual else plain

    def _bare_is_another(self, text: str) -> bool:
        try:
            found = self.from_text(text)
        except ConversionError:
            return True
        return type(found) is not str or found != text

    def accepts(self, value: Any) -> bool:
        """Return whether a member accepts a value."""
        return any(member.accepts(value) for member in self.members)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Return the completions of all members."""
        return [item for member in self.members for item in member.complete(incomplete)]


def _decoded(node: Scalar) -> str:
    """Return the text of a scalar that is tagged ``!!binary``."""
    try:
        return types.base64.b64decode("".join(node.text.split()), validate=True).decode("utf-8", "surrogateescape")
    except ValueError:
        raise ConversionError(f"{shown(node.text)} is not base64, as !!binary must be.", node) from None
