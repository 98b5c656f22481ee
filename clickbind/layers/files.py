"""Config files to the layer that they make: every key checked, every value converted, every mistake with its place."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .. import declare, layers, nodes
from ..declare.function import ParameterSpec
from ..declare.registry import RUN, Bound, Registry
from ..errors import ConfigError, ConversionError
from ..fast import Paused
from ..keys import Key, canonical
from ..nodes import MapNode, Node, Scalar
from ..types import HIDDEN, cut, shown, unshown
from . import ResolvedValue
from .includes import Document

if TYPE_CHECKING:
    from .document import Redacts

__all__ = ["from_map", "load", "load_text"]

# A file of another kind has as many mistakes as lines, and nobody reads them.
MOST_PROBLEMS = 100
# Looking for what was meant takes a millisecond for a hundred keys that there are.
_MOST_SUGGESTED = 10
# Of fewer characters are too many other values.
_SHORTEST = 4
_MOST_COMPARED = 1_000_000
_OURS = "args"  # ArgBind wrote its own settings under this name; they are no settings of a run


Spare = Callable[[str, str, Node], None]
"""Told of a key that this program does not bind: its place, the key, and what stands behind it."""


def load(paths: Sequence[str], registry: Registry, spare: Spare | None = None) -> dict[Key, ResolvedValue]:
    """Read config files into one layer.

    Parameters
    ----------
    paths : sequence of str
        The files, later ones winning key by key; ``-`` is standard input.
    registry : Registry
        What the keys may name.
    spare : callable, optional
        Told of keys of functions that are not bound, where the registry's settings want that.

    Returns
    -------
    dict of Key to ResolvedValue
        The layer.

    Raises
    ------
    ConfigError
        With all that is wrong with all files.
    """
    with Paused():
        redacts = _redacts(registry)
        documents = layers.includes.collect(paths, redacts)
    return _merge(documents, redacts, registry, spare)


def load_text(text: str, name: str, registry: Registry, spare: Spare | None = None) -> dict[Key, ResolvedValue]:
    """Read the text of one config file.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        The file's name, for origins and errors.
    registry : Registry
        What the keys may name.
    spare : callable, optional
        As for `load`.

    Raises
    ------
    ConfigError
        With all that is wrong with it.
    """
    redacts = _redacts(registry)
    return _merge(layers.includes.parse(text, name, redacts), redacts, registry, spare)


def _redacts(registry: Registry) -> Redacts:
    """Return what gives the one that decides what is shown of files, made when something is."""
    return functools.cache(lambda: layers.excerpts.Redaction(registry))


def _merge(
    documents: Sequence[Document], redacts: Redacts, registry: Registry, spare: Spare | None
) -> dict[Key, ResolvedValue]:
    """Lay documents over one another, the later ones over the earlier."""
    layer: dict[Key, ResolvedValue] = {}
    made = _Made()
    registry.settings.import_modules()
    suggestions = _Suggestions(registry)
    with Paused():
        for document in documents:
            reader = _Reader(document, registry, spare=spare, redacts=redacts, made=made, suggestions=suggestions)
            reader.read()
            for _, covered in reader.wholes.values():  # null covers the fields that earlier files have
                for field in covered:
                    layer.pop(field, None)
            layer.update(reader.layer)
    count = sum(len(document.found) for document in documents)
    if count:
        told = [problem for document in documents for problem in document.told(MOST_PROBLEMS)][:MOST_PROBLEMS]
        raise ConfigError("\n".join([*told, f"and {count - len(told):,} more."] if count > len(told) else told))
    made.hide_users()
    return layer


class _Made:
    """Values that variables have made: those that make a secret are not shown where they make something else."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        self._users: list[tuple[ResolvedValue, list[str]]] = []

    def note(self, spec: ParameterSpec, node: Node, resolved: ResolvedValue) -> None:
        """Note the value of a parameter."""
        variables = layers.variables
        made = [part for part in variables.scalars(node) if isinstance(part, variables.Expanded)]
        if spec.secret:
            self._secrets.update(part.text for part in made if part.whole and len(part.text) >= _SHORTEST)
        elif made:
            self._users.append((resolved, [part.text for part in made]))

    def hide_users(self) -> None:
        """Hide the values that have the text of a secret's variable in them."""
        too_many = len(self._secrets) * len(self._users) > _MOST_COMPARED
        for resolved, texts in self._users if self._secrets else ():
            resolved.secret = too_many or any(secret in text for text in texts for secret in self._secrets)


def from_map(values: Mapping[str, Any], registry: Registry) -> dict[Key, ResolvedValue]:
    """Read the default map that an embedding Click program gives, flat or nested as Click nests it.

    Entries that name no parameter are left to whom they are for: Click itself ignores them.

    Raises
    ------
    ConfigError
        Where a value is not one of its parameter's.
    """
    layer: dict[Key, ResolvedValue] = {}
    for name, item in _flat(values, registry):
        found = registry.find(name)
        if found is not None:
            assert found[2].converter is not None  # an option has one
            try:
                converted = found[2].converter.from_plain(item)
            except ConversionError as error:
                spec = found[2]
                problem = layers.redaction.message_of(spec, error)
                raise ConfigError(f"default_map: {found[0].text}: {problem}") from None
            except Exception as error:  # noqa: BLE001 - what it is called, and compares to, is up to its class
                problem = f"this is not a valid {found[2].converter.metavar} ({type(error).__name__})."
                raise ConfigError(f"default_map: {found[0].text}: {problem}") from None
            layer[found[0]] = ResolvedValue(converted, ParameterSource.DEFAULT_MAP, "default_map")
        else:
            layer.update(_whole(name, item, registry))
    return layer


def _whole(name: str, item: Any, registry: Registry) -> dict[Key, ResolvedValue]:
    """Take an instance for a parameter or field that has fields and cannot be None; nothing where a key is no such."""
    bound, scope, parameter = registry.split(name)
    group = None if bound is None else bound.spec.groups.get(parameter)
    if bound is None or group is None:
        return {}
    key = bound.key(parameter, scope)
    if not group.model.holds(item):
        problem = f"this is no {group.model.name}, and no mapping of its fields ({type(item).__name__})."
        raise ConfigError(f"default_map: {key.text}: {problem}")
    return {key: ResolvedValue(item, ParameterSource.DEFAULT_MAP, "default_map")}


def _flat(values: Mapping[Any, Any], registry: Registry, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a default map's entries by key: those of a stage stand under its name, in a chain under `run` as well."""
    for name, value in values.items():
        text = prefix + canonical(str(name))
        found = registry.find(text)
        if not isinstance(value, Mapping) or (found is not None and found[2].group is None):
            yield text, value
        elif text == RUN:
            stages = {stage: item for stage, item in value.items() if registry.stage(str(stage)) is not None}
            yield from _flat(stages, registry)
            yield from _flat({key: item for key, item in value.items() if key not in stages}, registry, f"{RUN}.")
        else:
            yield from _flat(value, registry, f"{text}.")


class _Suggestions:
    """What was probably meant, for the first mistakes of all files: nobody reads more, and each takes its time."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._left = _MOST_SUGGESTED
        self._known: list[str] | None = None

    def of(self, error: ConversionError) -> str:
        """Return an error's message, with what was probably meant as long as some may be suggested."""
        if error.near is None:
            return str(error)
        self._left -= 1
        return str(error) if self._left >= 0 else error.message

    def of_key(self, text: str, known: Iterable[str] | None = None) -> str:
        """Return the message for an unknown key; without those that it could have been, all keys could."""
        if known is None and self._left > 0:
            known = self._all()
        return self.of(ConversionError(f"unknown key {shown(text)}.", near=(text, known or ())))

    def _all(self) -> list[str]:
        if self._known is None:
            self._known = [key.text for key, _, _ in self._registry.walk(broken=False)]
            for bound in self._registry:
                self._known += [bound.key("", scope).owner for scope in (None, *bound.scopes)]
            self._known += layers.includes.DIRECTIVES
        return self._known


class _Reader:
    """Reads the keys of one document.

    Attributes
    ----------
    layer : dict of Key to ResolvedValue
        What is right with it; what is wrong becomes the document's problems.
    wholes : dict of Key to (Node, list of Key)
        The models that it sets as a whole: where, and the keys of their fields.
    """

    def __init__(
        self,
        document: Document,
        registry: Registry,
        *,
        spare: Spare | None,
        redacts: Redacts,
        made: _Made,
        suggestions: _Suggestions,
    ) -> None:
        self.layer: dict[Key, ResolvedValue] = {}
        self.wholes: dict[Key, tuple[Node, list[Key]]] = {}
        self._document = document
        self._redacts = redacts
        self._registry = registry
        self._spare = spare
        self._made = made
        self._seen: dict[Key, Node] = {}
        self._suggestions = suggestions
        self._keeps = registry.settings.unknown_keys == "keep"
        self._may_expand = "$" in document.text

    def read(self) -> None:
        for key, value in self._document.pairs:
            if not isinstance(key, Scalar):
                self._document.problem("a key is a name: function.parameter.", key)
            elif self._keeps or (key.text != _OURS and not key.text.startswith(f"{_OURS}.")):
                try:
                    self._entry(key, self._document.expand(value))
                except ConversionError as error:
                    hidden = "a variable cannot be put in here. A dollar sign is '$$', or in single quotes."
                    self._document.problem(f"{cut(key.text)}: {error}", _node(error, value), hidden=hidden)

    def _entry(self, key: Scalar, value: Node) -> None:
        """Take a top-level entry: a flat key, or a function's name over a mapping of its parameters."""
        # Dashes are folded where a name is typed; a file spells it as it is.
        bound, scope = (None, None) if "-" in key.text else self._registry.owner(key.text)
        if bound is None:
            self._flat(key, value)
        elif isinstance(value, MapNode):
            self._fields(bound, scope, "", key, value)
        elif self._registry.split(key.text)[0] is not None:  # a parameter's bare name
            self._flat(key, value)
        elif not (isinstance(value, Scalar) and value.is_null):
            self._document.problem(f"{key.text}: a mapping of its parameters is expected.", value)

    def _fields(self, bound: Bound, scope: str | None, prefix: str, key: Scalar, value: MapNode) -> None:
        for name, inner in value.pairs:
            if isinstance(name, Scalar):
                self._parameter(bound, scope, prefix + name.text, name, inner)
            else:
                self._document.problem(f"a key in {key.text!r} is the name of a parameter.", name)

    def _flat(self, key: Scalar, value: Node) -> None:
        bound, scope, parameter = (None, None, "") if "-" in key.text else self._registry.split(key.text)
        if bound is None:
            self._unknown(key.text, key, value)
        else:
            self._parameter(bound, scope, parameter, key, value)

    def _unknown(self, text: str, at: Node, value: Node) -> None:
        """Take a key that this program does not bind as it wants it taken."""
        policy = self._registry.settings.unknown_keys
        if self._registry.absent and declare.pickling.is_absent(self._registry, text):
            policy = "ignore"
        if policy == "error":
            self._unknown_problem(text, None, at)
        elif policy in {"warn", "keep"} and self._spare is not None:
            redaction = self._redacts()
            name = text if policy == "keep" else redaction.name(self._document, at, text)
            self._spare(redaction.place(self._document, at), name, value)

    def _unknown_problem(self, text: str, known: Iterable[str] | None, at: Node) -> None:
        self._document.problem(self._suggestions.of_key(text, known), at, hidden=f"unknown key '{HIDDEN}'.")

    def _parameter(self, bound: Bound, scope: str | None, name: str, at: Scalar, value: Node) -> None:
        spec = bound.options.get(name)
        if isinstance(value, MapNode) and bound.spec.groups and _has_fields(bound, name):
            self._fields(bound, scope, f"{name}.", at, value)
            return
        if spec is None:
            text = bound.key(name, scope).text
            if self._keeps:
                self._unknown(text, at, value)
                return
            known = (bound.key(option, scope).text for option in bound.options)
            self._unknown_problem(text, known, at)
            return
        key = bound.key(name, scope)
        if self._is_first(key, at, secret=spec.secret) and self._is_alone(bound, key, spec, at):
            self._convert(key, spec, value, at)

    def _is_alone(self, bound: Bound, key: Key, spec: ParameterSpec, at: Node) -> bool:
        """Tell whether no model is set here both as a whole and by a field; the second one is a problem."""
        if not bound.spec.groups:
            return True
        other = next(((above, self.wholes[above][0]) for above in key.above if above in self.wholes), None)
        if spec.group is not None:
            covered = [bound.key(name, key.scope) for name in bound.options if name.startswith(f"{key.parameter}.")]
            self.wholes[key] = (at, covered)
            other = other or next(((field, self._seen[field]) for field in covered if field in self._seen), None)
        if other is not None:
            first = f"{other[0].text} on line {other[1].line + 1}"
            message = f"{key.text} and {first} exclude each other: a model is null, or has fields."
            self._document.problem(message, at, secret=spec.secret)
        return other is None

    def _is_first(self, key: Key, at: Node, *, secret: bool = False) -> bool:
        """Tell whether a parameter stands here for the first time; a second one is a problem."""
        first = self._seen.setdefault(key, at)
        if first is not at:
            message = f"{key.text} stands here again; it is on line {first.line + 1} already."
            self._document.problem(message, at, secret=secret)
        return first is at

    def _put(self, key: Key, value: Any, at: Node) -> None:
        origin = f"{self._document.name}:{at.line + 1}"
        self.layer[key] = ResolvedValue(value, ParameterSource.DEFAULT_MAP, origin)

    def _convert(self, key: Key, spec: ParameterSpec, value: Node, at: Node) -> None:
        assert spec.converter is not None  # an option has one
        try:
            converted = spec.converter.from_node(value)
        except ConversionError as error:
            if self._keeps and not isinstance(plain := nodes.core_schema.core(value), str):  # no text that is misspelt
                self._unknown(key.text, at, value)
                self._put(key, plain, at)
                return
            hidden = f"{key.text}: {unshown(spec.converter)}"
            if spec.secret:
                place = value if isinstance(value, Scalar) and value.line == at.line else at
                self._document.problem(hidden, place, secret=True)
                return
            for one in error.all:
                without = f"{key.text}: {one.hidden}" if one.hidden else hidden
                message = f"{key.text}: {self._suggestions.of(one)}"
                self._document.problem(message, _node(one, value), hidden=without)
            return
        self._put(key, converted, at)
        if self._may_expand:
            self._made.note(spec, value, self.layer[key])


def _has_fields(bound: Bound, name: str) -> bool:
    return name in bound.spec.groups and any(option.startswith(f"{name}.") for option in bound.options)


def _node(error: ConversionError, value: Node) -> Node:
    return error.node if isinstance(error.node, Node) else value
