"""Read config files into a layer: check all keys, convert all values, and report all problems with their places."""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .. import declare, layers, types
from ..declare.function import EXCLUDED, ParameterSpec
from ..declare.registry import RUN, Bound, Registry
from ..errors import BindError, ConfigError, ConversionError, suggest
from ..fast import Paused
from ..keys import Key, is_spelled, joined, parameter_of
from ..nodes import ListNode, MapNode, Node, Scalar
from ..types import HIDDEN, cut, refused, shown
from . import Asked, ResolvedValue
from .includes import Document

if TYPE_CHECKING:
    from ..declare.settings import Group
    from ..declare.turns import Turn
    from . import Spare
    from .document import Redacts

__all__ = ["load_text", "merge", "read", "redacts_of"]

# A file of another kind has as many problems as lines, and nobody reads them all.
MOST_PROBLEMS = 100
# Finding a similar key takes a millisecond for each hundred keys.
_MOST_SUGGESTED = 10
# Shorter texts would occur in too many other values.
_SHORTEST = 4
_MOST_COMPARED = 1_000_000
_HIDDEN_KEY = f"unknown key '{HIDDEN}'."
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
        redacts = redacts_of(registry)
        documents = layers.includes.collect(asked.paths, redacts, (asked.variables, asked.fallback))
    asked.documents = documents
    return merge(documents, registry, asked, redacts)


def load_text(
    text: str,
    name: str,
    registry: Registry,
    asked: Asked | None = None,
) -> dict[Key, ResolvedValue]:
    """Read the text of one config file.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        The file's name, for origins and errors.
    registry : Registry
        The functions that the keys are for.
    asked : Asked, optional
        What is to be done with it.

    Raises
    ------
    ConfigError
        If the file has problems. The message lists all of them.
    """
    redacts, asked = redacts_of(registry), asked or Asked()
    documents = layers.includes.parse(text, name, redacts, (asked.variables, asked.fallback))
    return merge(documents, registry, asked, redacts)


def redacts_of(registry: Registry) -> Redacts:
    """Return a function that makes the `Redaction` of the files once, when it is first needed."""
    return functools.cache(lambda: layers.excerpts.Redaction(registry))


def merge(
    documents: Sequence[Document], registry: Registry, asked: Asked, redacts: Redacts
) -> dict[Key, ResolvedValue]:
    """Merge documents; each overrides those before it. Then expand and convert the values with variables that win."""
    layer: dict[Key, Any] = {}  # of resolved values and, until the end, of unexpanded ones
    made = _Made(registry)
    registry.settings.import_modules()
    suggestions = _Suggestions(registry)
    waiting: list[_Unexpanded] = []
    with Paused():
        for document in documents:
            if asked.prepare is not None:
                asked.prepare(document, redacts)
            reader = _Reader(document, registry, spare=asked.spare, redacts=redacts, made=made, suggestions=suggestions)
            reader.read()
            _drop_replaced(layer, reader)
            layer.update(reader.layer)
            waiting += reader.waiting
        for one in waiting:
            _settle(one, layer, asked.above)
    unused = _unused(asked, documents, redacts) if asked.variables else []
    count = sum(len(document.found) for document in documents) + len(unused)
    if count:
        told = [problem for document in documents for problem in document.told(MOST_PROBLEMS)]
        told = [*unused, *told][:MOST_PROBLEMS]
        raise ConfigError("\n".join([*told, f"and {count - len(told):,} more."] if count > len(told) else told))
    made.hide_users()
    return layer


def _drop_replaced(layer: dict[Key, Any], reader: _Reader) -> None:
    """Drop the fields in earlier files that a document replaces by null, or by a class that does not have them."""
    for whole, group in reader.wholes.items():
        chosen = reader.layer[whole].value
        for field in _fields_of(whole, group):
            found = layer.get(field)
            if isinstance(found, _Unexpanded):  # it is read as the class would; a problem is for the value that wins
                found = found.reader.resolve(found, silently=True)
            if field in layer and not group.keeps(chosen, field.parameter, None if found is None else found.value):
                del layer[field]


def _unused(asked: Asked, documents: Sequence[Document], redacts: Redacts) -> list[str]:
    """Return a problem for each variable of the command line that no file uses or sets."""
    if any(document.root is None and document.found for document in documents):
        return []  # a file that cannot be read may use any
    known = {name: None for document in documents for name in document.variables}
    used = layers.includes.used_in(documents)
    wrong = [name for name in asked.variables or () if name not in known and name not in used]
    elsewhere = layers.includes.variables_in(asked.compared) if wrong else ()
    wrong = [name for name in wrong if name not in elsewhere]
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
            name = bound.setting_name(prefix + key.text)
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

    def is_left(self) -> bool:
        """Return whether the limit is not reached, and count one suggestion."""
        self._left -= 1
        return self._left >= 0

    def of(self, error: ConversionError) -> str:
        """Return an error's message, with a suggestion unless the limit is reached."""
        return str(error) if error.near is None or self.is_left() else error.message

    def of_key(self, text: str) -> str:
        """Return the message for an unknown key, with a suggestion."""
        near = layers.unknown.suggested(text, self._all()) if self.is_left() else ""
        return f"unknown key {shown(text)}.{near}"

    def _all(self) -> list[str]:
        if self._known is None:
            self._known = [key.text for key, _, _ in self._registry.walk(broken=False)]
            for bound in self._registry:
                self._known += bound.owners
            self._known += layers.document.DIRECTIVES
        return self._known


class _Reader:
    """Reads the keys of one document.

    Attributes
    ----------
    layer : dict of Key to ResolvedValue or _Unexpanded
        The valid values, and those with variables; the others become problems of the document.
    waiting : list of _Unexpanded
        The values with variables.
    wholes : dict of Key to Group
        The models that the document sets to None as a whole, or whose class it chooses.
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
        self.wholes: dict[Key, Group] = {}
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
                try:
                    self._entry(key, value)
                except ConversionError as error:
                    self._document.problem(
                        f"{cut(key.text)}: {error}", _node(error, value), hidden="it cannot be read."
                    )
                except BindError as error:
                    if not isinstance(error, ConfigError):  # a mistake of the developer
                        raise
                    self._document.problem(f"{cut(key.text)}: {error.message}", key)

    def _expanded(self, name: str, value: Node, *, silently: bool = False, secret: bool = False) -> Node | None:
        """Expand the variables in a value; report a problem and return None if that fails."""
        try:
            return self._document.expand(value) if self._may_expand else value
        except ConversionError as error:
            if not silently:
                hidden = error.hidden or f"a variable cannot be expanded here. {layers.variables.CURE}"
                self._document.problem(f"{cut(name)}: {error}", _node(error, value), hidden=hidden, secret=secret)
            return None

    def _may_be_mapping(self, value: Node) -> bool:
        """Return whether a value may be a variable's mapping, whose keys are needed to know what it sets."""
        return isinstance(value, Scalar) and value.expands and value.text[:1] == "$"

    def _entry(self, key: Scalar, value: Node) -> None:
        """Read a top-level entry: a flat key, or a function's name over a mapping of its parameters."""
        bound, scope = self._registry.owner(key.text) if is_spelled(key.text, any_scope=self._keeps) else (None, None)
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
        spelled = is_spelled(key.text, any_scope=self._keeps)
        bound, scope, parameter = self._registry.split(key.text) if spelled else (None, None, "")
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
            self._document.problem(self._suggestions.of_key(text), at, hidden=_HIDDEN_KEY)
        elif policy in {"warn", "keep"} and self._spare is not None:
            expanded = self._expanded(text, value) if policy == "keep" else value
            if expanded is None:
                return
            redaction = self._redacts()
            name = text if policy == "keep" else redaction.name(self._document, at, text)
            self._spare(redaction.place(self._document, at), name, expanded)

    def _parameter(self, bound: Bound, scope: str | None, name: str, at: Scalar, value: Node) -> None:
        """Read the entry of one parameter or field: a mapping of its fields, or a value."""
        if name not in bound.options:
            name = bound.setting_name(name)
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
        elif parameter_of(name) in bound.spec.left_out:
            self._document.problem(f"{key.text}: {EXCLUDED}", at)
        else:
            problem = layers.unknown.problem_of(bound, key, suggests=self._suggestions.is_left())
            self._document.problem(problem, at, hidden=_HIDDEN_KEY)

    def _setting(self, bound: Bound, key: Key, at: Node, value: Node) -> None:
        """Read the value of a setting, which a file may set only once and in one way."""
        spec = bound.options[key.parameter]
        if not self._is_first(key, spec, at):
            return
        if self._may_expand and layers.variables.uses_any(value):
            # Which fields of other files count depends on a class or null, so these are expanded now if they can be.
            now = None if spec.group is None else self._expanded(key.text, value, silently=True)
            if now is None:
                if bound.spec.groups and not self._is_alone(key, spec, value, at):
                    return
                self.layer[key] = one = _Unexpanded(self, key, spec, at, value)
                self.waiting.append(one)
                return
            value = now
        resolved = self._converted(key, spec, at, value)
        if resolved is None or (bound.spec.groups and not self._is_alone(key, spec, resolved.value, at)):
            return
        if spec.group is not None:
            self.wholes[key] = spec.group
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

    def _is_alone(self, key: Key, spec: ParameterSpec, value: Any, at: Node) -> bool:
        """Return whether no model is set both to None and by its fields; report the second entry."""
        others = [above for above in key.above if above in self.wholes and self.layer[above].value is None]
        if spec.group is not None and value is None:
            others += [field for field in _fields_of(key, spec.group) if field in self._seen]
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
        if self._keeps and not isinstance(plain := types.words.CoreConverter().from_node(value), str):
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


def _fields_of(key: Key, group: Group) -> list[Key]:
    """Return the keys of the fields of a parameter or field."""
    return [Key(key.function, setting.name, key.scope) for setting in group.fields]


def _node(error: ConversionError, value: Node) -> Node:
    return error.node if isinstance(error.node, Node) else value
