"""Config files to the layer that they make: every key checked, every value converted, every mistake with its place."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from click.core import ParameterSource

from . import later, sources
from .collector import Paused
from .errors import ConfigError, ConversionError, suggest
from .keys import Key, canonical
from .nodes import MapNode, Node, Scalar
from .registry import RUN, Bound, Registry
from .resolve import ResolvedValue
from .signature import ParameterSpec
from .sources import Document

__all__ = ["from_map", "load", "load_text"]

# A file of another kind has as many mistakes as lines, and nobody reads them.
MOST_PROBLEMS = 100
# Looking for what was meant takes a millisecond for each key that there is.
_MOST_SUGGESTED = 10
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
        documents = sources.collect(paths, _hider(registry))
    return _merge(documents, registry, spare)


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
    return _merge(sources.parse(text, name, _hider(registry)), registry, spare)


def _hider(registry: Registry) -> Callable[[str], str]:
    """Give what stars the values of secret parameters in a line that is shown, whatever else is wrong in it."""
    patterns: list[str] = []

    def hide(line: str) -> str:
        if not patterns:
            secrets = {key.parameter for key, _, spec in registry.walk(broken=False) if spec.secret}
            names = {part for name in secrets for part in (name, name.rpartition(".")[2])}
            patterns.append("|".join(map(re.escape, sorted(names))) or r"(?!)")
        return re.sub(rf"""((?:{patterns[0]})["']?\s*:\s*)\S.*""", r"\1***", line)

    return hide


def _merge(documents: Sequence[Document], registry: Registry, spare: Spare | None) -> dict[Key, ResolvedValue]:
    """Lay documents over one another, the later ones over the earlier."""
    layer: dict[Key, ResolvedValue] = {}
    registry.settings.import_modules()
    with Paused():
        for document in documents:
            reader = _Reader(document, registry, spare)
            reader.read()
            layer.update(reader.layer)
    problems = [problem for document in documents for problem in document.problems]
    if len(problems) > MOST_PROBLEMS:
        problems[MOST_PROBLEMS:] = [f"and {len(problems) - MOST_PROBLEMS:,} more."]
    if problems:
        raise ConfigError("\n".join(problems))
    return layer


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
        if found is not None and found[2].converter is not None:
            try:
                converted = found[2].converter.from_plain(item)
            except ConversionError as error:
                spec = found[2]
                problem = f"this is not a valid {spec.converter.metavar}." if spec.secret and spec.converter else error
                raise ConfigError(f"default_map: {found[0].text}: {problem}") from None
            except Exception as error:  # noqa: BLE001 - what it is called, and compares to, is up to its class
                problem = f"this is not a valid {found[2].converter.metavar} ({type(error).__name__})."
                raise ConfigError(f"default_map: {found[0].text}: {problem}") from None
            layer[found[0]] = ResolvedValue(converted, ParameterSource.DEFAULT_MAP, "default_map")
    return layer


def _flat(values: Mapping[Any, Any], registry: Registry, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a default map's entries by key: those of a stage stand under its name, in a chain under `run` as well."""
    for name, value in values.items():
        text = prefix + canonical(str(name))
        if not isinstance(value, Mapping) or registry.find(text) is not None:
            yield text, value
        elif text == RUN:
            stages = {stage: item for stage, item in value.items() if registry.stage(str(stage)) is not None}
            yield from _flat(stages, registry)
            yield from _flat({key: item for key, item in value.items() if key not in stages}, registry, f"{RUN}.")
        else:
            yield from _flat(value, registry, f"{text}.")


class _Reader:
    """Reads the keys of one document.

    Attributes
    ----------
    layer : dict of Key to ResolvedValue
        What is right with it; what is wrong becomes the document's problems.
    """

    def __init__(self, document: Document, registry: Registry, spare: Spare | None) -> None:
        self.layer: dict[Key, ResolvedValue] = {}
        self._document = document
        self._registry = registry
        self._spare = spare
        self._seen: dict[Key, Node] = {}
        self._known: list[str] | None = None
        self._suggested = 0
        self._keeps = registry.settings.unknown_keys == "keep"

    def read(self) -> None:
        for key, value in self._document.pairs:
            if not isinstance(key, Scalar):
                self._document.problem("a key is a name: function.parameter.", key)
            elif self._keeps or (key.text != _OURS and not key.text.startswith(f"{_OURS}.")):
                try:
                    self._entry(key, self._document.expand(value))
                except ConversionError as error:
                    self._document.problem(f"{key.text}: {error}", _node(error, value))

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
        if self._registry.absent and later.travel.is_absent(self._registry, text):
            policy = "ignore"
        if policy == "error":
            if self._known is None:
                self._known = [key.text for key, _, _ in self._registry.walk(broken=False)]
                for bound in self._registry:
                    self._known += [bound.key("", scope).owner for scope in (None, *bound.scopes)]
                self._known += sources.DIRECTIVES
            self._document.problem(f"unknown key {text!r}.{self._suggestion(text, self._known)}", at)
        elif policy in {"warn", "keep"} and self._spare is not None:
            self._spare(f"{self._document.name}:{at.line + 1}:{at.column + 1}", text, value)

    def _suggestion(self, text: str, known: Sequence[str]) -> str:
        self._suggested += 1
        return suggest(text, known) if self._suggested <= _MOST_SUGGESTED else ""

    def _parameter(self, bound: Bound, scope: str | None, name: str, at: Scalar, value: Node) -> None:
        spec = bound.options.get(name)
        if spec is None:
            if isinstance(value, MapNode) and any(option.startswith(f"{name}.") for option in bound.options):
                self._fields(bound, scope, f"{name}.", at, value)
                return
            text = bound.key(name, scope).text
            if name in bound.spec.wholes and isinstance(value, Scalar) and value.is_null:
                key = bound.key(name, scope)
                if self._is_first(key, at):
                    self._put(key, None, at)
                return
            if self._keeps:
                self._unknown(text, at, value)
                return
            known = [bound.key(option, scope).text for option in bound.options]
            self._document.problem(f"unknown key {text!r}.{self._suggestion(text, known)}", at)
            return
        key = bound.key(name, scope)
        if self._is_first(key, at, secret=spec.secret):
            self._convert(key, spec, value, at)

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
            if self._keeps and not isinstance(plain := later.core.core(value), str):  # no text that is misspelt
                self._unknown(key.text, at, value)
                self._put(key, plain, at)
                return
            if spec.secret:
                message = f"{key.text}: this is not a valid {spec.converter.metavar}."
                place = value if isinstance(value, Scalar) and value.line == at.line else at
                self._document.problem(message, place, secret=True)
                return
            for one in error.all:
                self._document.problem(f"{key.text}: {one}", _node(one, value))
            return
        self._put(key, converted, at)


def _node(error: ConversionError, value: Node) -> Node:
    return error.node if isinstance(error.node, Node) else value
