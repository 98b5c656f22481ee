"""Read config files into a layer: check all keys, convert all values, and report all problems with their places."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .. import declare, layers, nodes
from ..declare.function import ParameterSpec
from ..declare.registry import RUN, Bound, Registry
from ..errors import ConfigError, ConversionError, suggest
from ..fast import Paused
from ..keys import Key, inside, joined, parameter_of
from ..nodes import ListNode, MapNode, Node, Scalar
from ..types import HIDDEN, cut, refused, shown
from . import Asked, ResolvedValue
from .includes import Document

if TYPE_CHECKING:
    from ..declare.turns import Turn
    from . import Spare
    from .document import Redacts

__all__ = ["load_text", "read"]

# A file of another kind has as many problems as lines, and nobody reads them all.
MOST_PROBLEMS = 100
# Finding a similar key takes a millisecond for each hundred keys.
_MOST_SUGGESTED = 10
# Shorter texts would occur in too many other values.
_SHORTEST = 4
_MOST_COMPARED = 1_000_000
_OURS = "args"  # ArgBind wrote its own settings under this name, which do not belong to a run


def read(registry: Registry, asked: Asked) -> dict[Key, ResolvedValue]:
    """Read config files into one layer.

    Parameters
    ----------
    registry : Registry
        The functions that the keys are for.
    asked : Asked
        The files, of which the last one that has a key wins, and their variables. `Asked.spare` is called for keys of
        functions that are not bound, if the registry's settings ask for it.

    Returns
    -------
    dict of Key to ResolvedValue
        The layer.

    Raises
    ------
    ConfigError
        If a file has problems. The message lists those of all files.
    """
    with Paused():
        redacts = _redacts(registry)
        documents = layers.includes.collect(asked.paths, redacts, (asked.variables, asked.fallback))
    return _merge(documents, redacts, registry, asked)


def load_text(text: str, name: str, registry: Registry, spare: Spare | None = None) -> dict[Key, ResolvedValue]:
    """Read the text of one config file.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        The file's name, for origins and errors.
    registry : Registry
        The functions that the keys are for.
    spare : callable, optional
        As for `Asked`.

    Raises
    ------
    ConfigError
        If the file has problems. The message lists all of them.
    """
    redacts = _redacts(registry)
    return _merge(layers.includes.parse(text, name, redacts), redacts, registry, Asked(spare=spare))


def _redacts(registry: Registry) -> Redacts:
    """Return a function that makes the `Redaction` of the files once, when it is first needed."""
    return functools.cache(lambda: layers.excerpts.Redaction(registry))


def _merge(
    documents: Sequence[Document], redacts: Redacts, registry: Registry, asked: Asked
) -> dict[Key, ResolvedValue]:
    """Merge documents; each overrides those before it. Then expand and convert the values with variables that win."""
    layer: dict[Key, Any] = {}  # of resolved values and, until the end, of unexpanded ones
    made = _Made(registry)
    registry.settings.import_modules()
    suggestions = _Suggestions(registry)
    waiting: list[_Unexpanded] = []
    with Paused():
        for document in documents:
            reader = _Reader(document, registry, spare=asked.spare, redacts=redacts, made=made, suggestions=suggestions)
            reader.read()
            for fields in reader.wholes.values():  # null overrides the fields in earlier files
                for field in fields:
                    layer.pop(field, None)
            layer.update(reader.layer)
            waiting += reader.waiting
        for one in waiting:
            _settle(one, layer, asked.above)
    unused = _unused(asked.variables, documents, redacts) if asked.variables else []
    count = sum(len(document.found) for document in documents) + len(unused)
    if count:
        told = [problem for document in documents for problem in document.told(MOST_PROBLEMS)]
        told = [*unused, *told][:MOST_PROBLEMS]
        raise ConfigError("\n".join([*told, f"and {count - len(told):,} more."] if count > len(told) else told))
    made.hide_users()
    return layer


def _unused(given: Mapping[str, str], documents: Sequence[Document], redacts: Redacts) -> list[str]:
    """Return a problem for each variable of the command line that no file uses or sets."""
    if any(document.root is None and document.found for document in documents):
        return []  # a file that cannot be read may use any
    known = {name: None for document in documents for name in document.variables}
    used = {name: None for one in documents if one.root for name in layers.variables.names_in(one.root)}
    wrong = [name for name in given if name not in known and name not in used]
    if wrong and not redacts().hides:  # else what follows a dollar sign may be a secret
        known |= used
    near = list(known)[: layers.variables.MOST_NAMES]
    return [
        f"no config file uses the variable {shown(name)}.{suggest(name, near) if number < _MOST_SUGGESTED else ''}"
        for number, name in enumerate(wrong)
    ]


def _settle(one: _Unexpanded, layer: dict[Key, Any], above: Iterable[Collection[Key]]) -> None:
    """Replace a value with variables by its resolved value, if it is in the layer.

    A value that is overridden, or that a higher layer overrides, has no problems. It is only expanded if it is secret,
    so that values with the same variables are hidden, or for help, which shows the values of the layer.
    """
    wins = layer.get(one.key) is one
    if not (wins or one.spec.secret or one.key.function == RUN):
        return
    names = one.key.overriding
    replaced = not wins or _is_in_environment(one.spec) or any(key in keys for keys in above for key in names)
    resolved = one.reader.resolve(one, silently=replaced)
    if wins and resolved is None:
        del layer[one.key]
    elif wins:
        layer[one.key] = resolved


def _is_in_environment(spec: ParameterSpec) -> bool:
    return bool(spec.envvar and os.environ.get(spec.envvar))


class _Unexpanded:
    """A value with variables in it, which are only expanded if the value wins."""

    __slots__ = ("at", "key", "reader", "spec", "value")

    def __init__(self, reader: _Reader, key: Key, spec: ParameterSpec, at: Node, value: Node) -> None:
        self.reader = reader
        self.key = key
        self.spec = spec
        self.at = at
        self.value = value


class _Made:
    """The values made by variables. A value is hidden if a variable in it is also used in a secret."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._secrets: set[str] = set()
        self._users: list[tuple[Callable[[], None], list[str]]] = []

    def note(self, spec: ParameterSpec, node: Node, resolved: ResolvedValue) -> None:
        """Note the value of a parameter, and of each parameter in the turns of `run.stages`."""
        hide = functools.partial(setattr, resolved, "secret", True)
        turns = isinstance(spec.converter, declare.turns.StagesConverter)
        if turns and isinstance(node, ListNode):
            for item, turn in zip(node.items, resolved.value, strict=True):
                if isinstance(item, MapNode):
                    self._note_turn(self._registry.bounds[turn.stage], "", item.pairs[0][1], turn)
            return
        made = self._note(node, hide, secret=spec.secret)
        if turns and made and any(option.secret for _, _, option in self._registry.walk(broken=False)):
            hide()  # one text for all turns, whose parts have no nodes here

    def _note_turn(self, bound: Bound, prefix: str, values: Node, turn: Turn) -> None:
        for key, value in values.pairs if isinstance(values, MapNode) else ():
            assert isinstance(key, Scalar)  # checked by its converter
            name = prefix + key.text
            spec = bound.options.get(name)
            if spec is None or (spec.group is not None and isinstance(value, MapNode)):
                self._note_turn(bound, f"{name}.", value, turn)
            else:
                self._note(value, functools.partial(turn.hidden.add, name), secret=spec.secret)

    def _note(self, node: Node, hide: Callable[[], None], *, secret: bool) -> bool:
        """Note a value; return whether variables made any part of it."""
        variables = layers.variables
        made = [part for part in variables.scalars(node) if isinstance(part, variables.Expanded)]
        if secret:
            self._secrets.update(text for part in made for text in part.made_of if len(text) >= _SHORTEST)
        elif made:
            self._users.append((hide, [part.text for part in made]))
        return bool(made)

    def hide_users(self) -> None:
        """Hide the values that contain the text of a secret's variable."""
        too_many = len(self._secrets) * len(self._users) > _MOST_COMPARED
        for hide, texts in self._users if self._secrets else ():
            if too_many or any(secret in text for text in texts for secret in self._secrets):
                hide()


class _Suggestions:
    """Suggestions of similar keys, for the first problems only: nobody reads more, and each takes time."""

    def __init__(self, registry: Registry) -> None:
        self._registry = registry
        self._left = _MOST_SUGGESTED
        self._known: list[str] | None = None

    def of(self, error: ConversionError) -> str:
        """Return an error's message, with a suggestion unless the limit is reached."""
        if error.near is None:
            return str(error)
        self._left -= 1
        return str(error) if self._left >= 0 else error.message

    def of_key(self, text: str, known: Iterable[str] | None = None) -> str:
        """Return the message for an unknown key, with a suggestion from `known` or, without that, from all keys."""
        if known is None and self._left > 0:
            known = self._all()
        return self.of(ConversionError(f"unknown key {shown(text)}.", near=(text, known or ())))

    def _all(self) -> list[str]:
        if self._known is None:
            self._known = [key.text for key, _, _ in self._registry.walk(broken=False)]
            for bound in self._registry:
                self._known += bound.owners
            self._known += layers.includes.DIRECTIVES
        return self._known


class _Reader:
    """Reads the keys of one document.

    Attributes
    ----------
    layer : dict of Key to ResolvedValue or _Unexpanded
        The valid values, and those with variables; the others become problems of the document.
    waiting : list of _Unexpanded
        The values with variables.
    wholes : dict of Key to list of Key
        The models that the document sets as a whole, with the keys of their fields.
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
        self.layer: dict[Key, ResolvedValue | _Unexpanded] = {}
        self.waiting: list[_Unexpanded] = []
        self.wholes: dict[Key, list[Key]] = {}
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
        """Read all entries, also those after one with a problem."""
        for key, value in self._document.pairs:
            if not isinstance(key, Scalar):
                self._document.problem("expected a key such as function.parameter.", key)
            elif self._keeps or parameter_of(key.text) != _OURS:
                self._entry(key, value)

    def _expanded(self, name: str, value: Node, *, silently: bool = False, secret: bool = False) -> Node | None:
        """Expand the variables in a value; report a problem and return None if that fails."""
        try:
            return self._document.expand(value) if self._may_expand else value
        except ConversionError as error:
            hidden = "a variable cannot be expanded here. Write '$$' for a dollar sign, or use single quotes."
            if not silently:
                self._document.problem(f"{cut(name)}: {error}", _node(error, value), hidden=hidden, secret=secret)
            return None

    def _may_be_mapping(self, value: Node) -> bool:
        """Return whether a value may be a variable's mapping, whose keys are needed to know what it sets."""
        return isinstance(value, Scalar) and value.expands and value.text[:1] == "$"

    def _entry(self, key: Scalar, value: Node) -> None:
        """Read a top-level entry: a flat key, or a function's name over a mapping of its parameters."""
        # Options allow dashes for underscores, but names in files must be spelled exactly.
        bound, scope = (None, None) if "-" in key.text else self._registry.owner(key.text)
        expanded = self._expanded(key.text, value) if bound is not None and self._may_be_mapping(value) else value
        if expanded is None:
            return
        value = expanded
        if bound is None:
            self._flat(key, value)
        elif isinstance(value, MapNode):
            self._fields(bound, scope, "", key, value)
        elif self._registry.split(key.text)[0] is not None:  # a parameter's bare name
            self._flat(key, value)
        elif not (isinstance(value, Scalar) and value.is_null):
            self._document.problem(f"{key.text}: expected a mapping of its parameters.", value)

    def _fields(self, bound: Bound, scope: str | None, outer: str, key: Scalar, value: MapNode) -> None:
        """Read a mapping of a function's parameters or, if `outer` is the path of a parameter, of its fields."""
        for name, inner in value.pairs:
            if isinstance(name, Scalar):
                self._parameter(bound, scope, joined(outer, name.text), name, inner)
            else:
                self._document.problem(f"expected the name of a parameter of {key.text!r}.", name)

    def _flat(self, key: Scalar, value: Node) -> None:
        """Read an entry whose key is that of a parameter."""
        bound, scope, parameter = (None, None, "") if "-" in key.text else self._registry.split(key.text)
        if bound is None:
            self._unknown(key.text, key, value)
        else:
            self._parameter(bound, scope, parameter, key, value)

    def _unknown(self, text: str, at: Node, value: Node) -> None:
        """Handle a key of no bound function as `unknown_keys` asks."""
        policy = self._registry.settings.unknown_keys
        if self._registry.absent and declare.pickling.is_absent(self._registry, text):
            policy = "ignore"
        if policy == "error":
            self._unknown_problem(text, None, at)
        elif policy in {"warn", "keep"} and self._spare is not None:
            expanded = self._expanded(text, value) if policy == "keep" else value
            if expanded is None:
                return
            redaction = self._redacts()
            name = text if policy == "keep" else redaction.name(self._document, at, text)
            self._spare(redaction.place(self._document, at), name, expanded)

    def _unknown_problem(self, text: str, known: Iterable[str] | None, at: Node) -> None:
        self._document.problem(self._suggestions.of_key(text, known), at, hidden=f"unknown key '{HIDDEN}'.")

    def _parameter(self, bound: Bound, scope: str | None, name: str, at: Scalar, value: Node) -> None:
        """Read the entry of one parameter or field: a mapping of its fields, or a value."""
        key = bound.key(name, scope)
        if self._may_expand and self._may_be_mapping(value) and bound.has_fields(name):
            expanded = self._expanded(key.text, value, silently=name in bound.options)
            if expanded is None and name not in bound.options:
                return
            value = expanded or value
        if isinstance(value, MapNode) and bound.has_fields(name):
            self._fields(bound, scope, name, at, value)
        elif name in bound.options:
            self._setting(bound, key, at, value)
        elif self._keeps:
            self._unknown(key.text, at, value)
        else:
            known = (bound.key(option, scope).text for option in bound.options)
            self._unknown_problem(key.text, known, at)

    def _setting(self, bound: Bound, key: Key, at: Node, value: Node) -> None:
        """Read the value of a setting, which a file may set only once and in one way."""
        spec = bound.options[key.parameter]
        if not self._is_first(key, spec, at) or (bound.spec.groups and not self._is_alone(bound, key, spec, at)):
            return
        if self._may_expand and layers.variables.uses_any(value):
            one = self.layer[key] = _Unexpanded(self, key, spec, at, value)
            self.waiting.append(one)
            return
        resolved = self._converted(key, spec, at, value)
        if resolved is not None:
            self.layer[key] = resolved

    def resolve(self, one: _Unexpanded, *, silently: bool) -> ResolvedValue | None:
        """Expand and convert a value; report a problem, unless silently, and return None if that fails."""
        value = self._expanded(one.key.text, one.value, silently=silently, secret=one.spec.secret)
        return None if value is None else self._converted(one.key, one.spec, one.at, value, silently=silently)

    def _converted(
        self, key: Key, spec: ParameterSpec, at: Node, value: Node, *, silently: bool = False
    ) -> ResolvedValue | None:
        assert spec.converter is not None  # an option has one
        try:
            resolved = self._resolved(spec.converter.from_node(value), at)
        except ConversionError as error:
            return None if silently else self._refused(key, spec, error, at, value)
        if self._may_expand:
            self._made.note(spec, value, resolved)
        return resolved

    def _is_first(self, key: Key, spec: ParameterSpec, at: Node) -> bool:
        """Return whether this is the first entry for a setting; report a second one."""
        first = self._seen.setdefault(key, at)
        if first is not at:
            message = f"duplicate key {key.text}, first set on line {first.line + 1}."
            self._document.problem(message, at, secret=spec.secret)
        return first is at

    def _is_alone(self, bound: Bound, key: Key, spec: ParameterSpec, at: Node) -> bool:
        """Return whether no model is set both as a whole and by its fields; report the second entry."""
        others = [above for above in key.above if above in self.wholes]
        if spec.group is not None:
            fields = [bound.key(path, key.scope) for path in inside(bound.options, key.parameter)]
            self.wholes[key] = fields
            others += [field for field in fields if field in self._seen]
        for other in others[:1]:
            first = f"{other.text} on line {self._seen[other].line + 1}"
            message = f"{key.text} and {first} cannot be used together: a model is null, or has fields."
            self._document.problem(message, at, secret=spec.secret)
        return not others

    def _refused(
        self, key: Key, spec: ParameterSpec, error: ConversionError, at: Node, value: Node
    ) -> ResolvedValue | None:
        """Report the problems of a value that its converter refuses, or keep the value if the program asks for it."""
        # A text may be a mistake. Anything else is of a type that cannot be parsed from text: keep it as YAML reads it.
        if self._keeps and not isinstance(plain := nodes.core_schema.core(value), str):
            self._unknown(key.text, at, value)
            return self._resolved(plain, at)
        # Point at the key if a secret is on other lines, since the line that is pointed at is shown.
        is_beside = isinstance(value, Scalar) and value.line == at.line
        place = at if spec.secret and not is_beside else value
        for one in refused(key.text, spec, error, place).all:
            self._document.problem(self._suggestions.of(one), _node(one, place), hidden=one.hidden, secret=spec.secret)
        return None

    def _resolved(self, value: Any, at: Node) -> ResolvedValue:
        return ResolvedValue(value, ParameterSource.DEFAULT_MAP, f"{self._document.name}:{at.line + 1}")


def _node(error: ConversionError, value: Node) -> Node:
    return error.node if isinstance(error.node, Node) else value
