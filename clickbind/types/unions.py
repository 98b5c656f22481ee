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
        models = [model for _, model in self._models()]
        named = next((model.name for model in models if model.name.casefold() == text.casefold()), None)
        if named is not None and self._chooses:
            raise ConversionError(f"{shown(text)} is a class: write {{class: {named}}}.")
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
        problems = []
        for member in fitting:
            try:
                return member.from_node(node)
            except ConversionError as error:
                problems.append((member, error))
        raise self._misfit(node, problems)

    def _misfit(self, node: Node, problems: Sequence[tuple[Converter, ConversionError]]) -> ConversionError:
        """Return the error for a node that no member accepts, given what each says that may be meant."""
        models = [member.model for member, _ in problems if hasattr(member, "model")]
        if not models or len(models) < len(problems) or not isinstance(node, nodes.MapNode):
            return problems[0][1] if len(problems) == 1 else ConversionError(f"expected {self.metavar}.", node)
        names = [key.text for key, _ in node.pairs if isinstance(key, nodes.Scalar)]
        names = [name for name in names if name != "class" or not self._chooses]
        unknown = next((name for name in names if not any(name in model.fields for model in models)), None)
        if unknown is not None:
            at = next(key for key, _ in node.pairs if isinstance(key, nodes.Scalar) and key.text == unknown)
            return self._no_field(unknown, models, at)
        able = [error for (_, error), model in zip(problems, models, strict=True) if {*names} <= {*model.fields}]
        if len(able) == 1:
            return able[0]
        classes = ", ".join(model.name for model in models)
        together = "" if able else f", got {', '.join(names)}, which none of them has together"
        return ConversionError(f"expected the fields of one of the classes {classes}{together}.", node)

    def _no_field(self, name: str, models: Sequence[Any], at: Node) -> ConversionError:
        """Return the error for a field that none of the classes has that may be meant."""
        classes = ", ".join(model.name for model in models)
        has = f"{classes} has no" if len(models) == 1 else f"none of the classes {classes} has a"
        others = [model.name for _, model in self._models() if name in model.fields]
        message = f"{has} field {name!r}"
        if others:
            verb = "has" if len(others) == 1 else "have"
            return ConversionError(f"{message}; {', '.join(others)} {verb} it: write 'class: {others[0]}'.", at)
        return ConversionError(f"{message}.", at, near=(name, [field for model in models for field in model.fields]))

    @property
    def _chooses(self) -> bool:
        """Whether a mapping of fields may name its class."""
        models = self._models()
        return len(models) > 1 and not any("class" in model.fields for _, model in models)

    def _models(self) -> list[tuple[Converter, Any]]:
        """Return the members whose values have fields, each with its model."""
        return [(member, member.model) for member in self.members if hasattr(member, "model")]

    def _of_class(self, node: Node) -> list[Converter]:
        """Return the members for the class that a mapping of fields names; empty if it names none."""
        pairs = node.pairs if isinstance(node, nodes.MapNode) and self._chooses else []
        named = [value for key, value in pairs if isinstance(key, nodes.Scalar) and key.text == "class"]
        if not named:
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
