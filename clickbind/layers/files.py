"""Read config files into a layer: check all keys, convert all values, and report all problems with their places."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .. import declare, layers, types
from ..declare.function import EXCLUDED, ParameterSpec
from ..declare.registry import Bound, Registry
from ..errors import BindError, ConfigError, ConversionError
from ..fast import Paused
from ..keys import Key, joined, parameter_of
from ..nodes import ListNode, MapNode, Node, Scalar
from ..types import HIDDEN, cut, refused, shown
from . import Asked, Layer, ResolvedValue
from .includes import Document

if TYPE_CHECKING:
    from ..declare.settings import Group
    from ..declare.turns import Turn
    from . import Spare
    from .document import Redacts

__all__ = ["load", "load_text", "read"]

# A file of another kind has as many problems as lines, and nobody reads them all.
MOST_PROBLEMS = 100
# Finding a similar key takes a millisecond for each hundred keys.
_MOST_SUGGESTED = 10
# Shorter texts would occur in too many other values.
_SHORTEST = 4
_MOST_COMPARED = 1_000_000
_HIDDEN_KEY = f"unknown key '{HIDDEN}'."
_OURS = "args"  # ArgBind wrote its own settings under this name, which do not belong to a run


def read(registry: Registry, asked: Asked) -> Layer:
    """Read the config files of a run into one layer; see `load`."""
    return load(asked.paths, registry, asked.spare)


def load(
    paths: Sequence[str],
    registry: Registry,
    spare: Spare | None = None,
    prepare: Callable[[Document, Redacts], None] | None = None,
) -> dict[Key, ResolvedValue]:
    """Read config files into one layer.

    Parameters
    ----------
    paths : sequence of str
        The files. For each key, the last one that has it wins. ``-`` is standard input.
    registry : Registry
        The functions that the keys are for.
    spare : callable, optional
        Called for keys of functions that are not bound, if the registry's settings ask for it.
    prepare : callable, optional
        Called with each document before its keys are read, and with the function that makes the `Redaction`.

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
        documents = layers.includes.collect(paths, redacts)
    return _merge(documents, redacts, registry, spare, prepare)


def load_text(
    text: str,
    name: str,
    registry: Registry,
    spare: Spare | None = None,
    prepare: Callable[[Document, Redacts], None] | None = None,
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
    spare, prepare : callable, optional
        As for `load`.

    Raises
    ------
    ConfigError
        If the file has problems. The message lists all of them.
    """
    redacts = _redacts(registry)
    return _merge(layers.includes.parse(text, name, redacts), redacts, registry, spare, prepare)


def _redacts(registry: Registry) -> Redacts:
    """Return a function that makes the `Redaction` of the files once, when it is first needed."""
    return functools.cache(lambda: layers.excerpts.Redaction(registry))


def _merge(
    documents: Sequence[Document],
    redacts: Redacts,
    registry: Registry,
    spare: Spare | None,
    prepare: Callable[[Document, Redacts], None] | None,
) -> dict[Key, ResolvedValue]:
    """Merge documents; each overrides those before it."""
    layer: dict[Key, ResolvedValue] = {}
    made = _Made(registry)
    registry.settings.import_modules()
    suggestions = _Suggestions(registry)
    with Paused():
        for document in documents:
            if prepare is not None:
                prepare(document, redacts)
            reader = _Reader(document, registry, spare=spare, redacts=redacts, made=made, suggestions=suggestions)
            reader.read()
            for whole, group in reader.wholes.items():  # null or a class overrides fields in earlier files
                for field in _fields_of(whole, group):
                    if field in layer and not group.keeps(
                        reader.layer[whole].value, field.parameter, layer[field].value
                    ):
                        del layer[field]
            layer.update(reader.layer)
    count = sum(len(document.found) for document in documents)
    if count:
        told = [problem for document in documents for problem in document.told(MOST_PROBLEMS)][:MOST_PROBLEMS]
        raise ConfigError("\n".join([*told, f"and {count - len(told):,} more."] if count > len(told) else told))
    made.hide_users()
    return layer


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
            self._secrets.update(part.text for part in made if part.whole and len(part.text) >= _SHORTEST)
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
        known = self._all() if self._left > 0 else ()
        return self.of(ConversionError(f"unknown key {shown(text)}.", near=(text, known)))

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
    layer : dict of Key to ResolvedValue
        The valid values; the others become problems of the document.
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
        self.layer: dict[Key, ResolvedValue] = {}
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
                    self._entry(key, self._document.expand(value))
                except ConversionError as error:
                    hidden = "a variable cannot be expanded here. Write '$$' for a dollar sign, or use single quotes."
                    self._document.problem(f"{cut(key.text)}: {error}", _node(error, value), hidden=hidden)
                except BindError as error:
                    if not isinstance(error, ConfigError):  # a mistake of the developer
                        raise
                    self._document.problem(f"{cut(key.text)}: {error.message}", key)

    def _entry(self, key: Scalar, value: Node) -> None:
        """Read a top-level entry: a flat key, or a function's name over a mapping of its parameters."""
        # Options allow dashes for underscores, but names in files must be spelled exactly.
        bound, scope = (None, None) if "-" in key.text else self._registry.owner(key.text)
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
            self._document.problem(self._suggestions.of_key(text), at, hidden=_HIDDEN_KEY)
        elif policy in {"warn", "keep"} and self._spare is not None:
            redaction = self._redacts()
            name = text if policy == "keep" else redaction.name(self._document, at, text)
            self._spare(redaction.place(self._document, at), name, value)

    def _parameter(self, bound: Bound, scope: str | None, name: str, at: Scalar, value: Node) -> None:
        """Read the entry of one parameter or field: a mapping of its fields, or a value."""
        if name not in bound.options:
            name = bound.setting_name(name)
        key = bound.key(name, scope)
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
        assert spec.converter is not None  # an option has one
        try:
            converted = spec.converter.from_node(value)
        except ConversionError as error:
            self._refused(key, spec, error, at, value)
            return
        if bound.spec.groups and not self._is_alone(key, spec, converted, at):
            return
        if spec.group is not None:
            self.wholes[key] = spec.group
        self._put(key, converted, at)
        if self._may_expand:
            self._made.note(spec, value, self.layer[key])

    def _is_first(self, key: Key, spec: ParameterSpec, at: Node) -> bool:
        """Return whether this is the first entry for a setting; report a second one."""
        first = self._seen.setdefault(key, at)
        if first is not at:
            message = f"duplicate key {key.text}, first set on line {first.line + 1}."
            self._document.problem(message, at, secret=spec.secret)
        return first is at

    def _is_alone(self, key: Key, spec: ParameterSpec, value: Any, at: Node) -> bool:
        """Return whether no model is set both to None and by its fields; report the second entry."""
        others = [above for above in key.above if above in self.layer and self.layer[above].value is None]
        if spec.group is not None and value is None:
            others += [field for field in _fields_of(key, spec.group) if field in self._seen]
        for other in others[:1]:
            first = f"{other.text} on line {self._seen[other].line + 1}"
            message = f"{key.text} and {first} cannot be used together: a model is null, or has fields."
            self._document.problem(message, at, secret=spec.secret)
        return not others

    def _refused(self, key: Key, spec: ParameterSpec, error: ConversionError, at: Node, value: Node) -> None:
        """Report the problems of a value that its converter refuses, or keep the value if the program asks for it."""
        # A text may be a mistake. Anything else is of a type that cannot be parsed from text: keep it as YAML reads it.
        if self._keeps and not isinstance(plain := types.words.CoreConverter().from_node(value), str):
            self._unknown(key.text, at, value)
            self._put(key, plain, at)
            return
        # Point at the key if a secret is on other lines, since the line that is pointed at is shown.
        is_beside = isinstance(value, Scalar) and value.line == at.line
        place = at if spec.secret and not is_beside else value
        for one in refused(key.text, spec, error, place).all:
            self._document.problem(self._suggestions.of(one), _node(one, place), hidden=one.hidden, secret=spec.secret)

    def _put(self, key: Key, value: Any, at: Node) -> None:
        origin = f"{self._document.name}:{at.line + 1}"
        self.layer[key] = ResolvedValue(value, ParameterSource.DEFAULT_MAP, origin)


def _fields_of(key: Key, group: Group) -> list[Key]:
    """Return the keys of the fields of a parameter or field."""
    return [Key(key.function, setting.name, key.scope) for setting in group.fields]


def _node(error: ConversionError, value: Node) -> Node:
    return error.node if isinstance(error.node, Node) else value
