"""Config files to the layer that they make: every key checked, every value converted, every mistake with its place."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from click.core import ParameterSource

from . import nodes
from .errors import ConfigError, ConversionError, suggest
from .keys import Key
from .nodes import MapNode, Node, Scalar
from .registry import Bound, Registry
from .resolve import ResolvedValue
from .signature import ParameterSpec

__all__ = ["from_map", "load", "load_text"]

_OURS = "args"  # ArgBind wrote its own settings under this name; they are no settings of a run


def load(paths: Sequence[str], registry: Registry) -> dict[Key, ResolvedValue]:
    """Read config files into one layer.

    Parameters
    ----------
    paths : sequence of str
        The files, later ones winning key by key; ``-`` is standard input.
    registry : Registry
        What the keys may name.

    Returns
    -------
    dict of Key to ResolvedValue
        The layer.

    Raises
    ------
    ConfigError
        With all that is wrong with all files.
    """
    layer: dict[Key, ResolvedValue] = {}
    problems: list[str] = []
    for path in paths:
        try:
            layer.update(load_text(_text(path), "<stdin>" if path == "-" else path, registry))
        except ConfigError as error:
            problems.append(error.message)
    if problems:
        raise ConfigError("\n".join(problems))
    return layer


def load_text(text: str, name: str, registry: Registry) -> dict[Key, ResolvedValue]:
    """Read the text of one config file.

    Parameters
    ----------
    text : str
        YAML.
    name : str
        The file's name, for origins and errors.
    registry : Registry
        What the keys may name.

    Raises
    ------
    ConfigError
        With all that is wrong with it.
    """
    reader = _Reader(text, name, registry)
    reader.read()
    if reader.problems:
        raise ConfigError("\n".join(reader.problems))
    return reader.layer


def from_map(values: Mapping[str, Any], registry: Registry) -> dict[Key, ResolvedValue]:
    """Read the default map that an embedding Click program gives, flat or nested as Click nests it.

    Entries that name no parameter are left to whom they are for: Click itself ignores them.

    Raises
    ------
    ConfigError
        Where a value is not one of its parameter's.
    """
    layer: dict[Key, ResolvedValue] = {}
    for text, value in values.items():
        bound, scope = registry.owner(text)
        if bound is None or not isinstance(value, Mapping):
            inner = {text: value}
        else:
            inner = {Key(bound.name, name, scope).text: item for name, item in value.items()}
        for name, item in inner.items():
            found = registry.find(name)
            if found is not None and found[2].converter is not None:
                try:
                    converted = found[2].converter.from_plain(item)
                except ConversionError as error:
                    raise ConfigError(f"default_map: {found[0].text}: {error}") from None
                layer[found[0]] = ResolvedValue(converted, ParameterSource.DEFAULT_MAP, "default_map")
    return layer


def _text(path: str) -> str:
    """Read a file, or say in the user's words why that cannot be."""
    try:
        if path == "-":
            data = sys.stdin.buffer.read()
        else:
            with open(os.path.expanduser(path), "rb") as file:
                data = file.read()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror or error}.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigError(f"{path}:{line}: not UTF-8 text: byte 0x{data[error.start]:02x}.") from None


class _Reader:
    """Reads one file.

    Attributes
    ----------
    layer : dict of Key to ResolvedValue
        What is right with it.
    problems : list of str
        What is wrong with it, each with its place and line.
    """

    def __init__(self, text: str, name: str, registry: Registry) -> None:
        self.layer: dict[Key, ResolvedValue] = {}
        self.problems: list[str] = []
        self._text = text
        self._name = name
        self._registry = registry
        self._seen: dict[Key, Node] = {}

    def read(self) -> None:
        try:
            root = nodes.read(self._text)
        except nodes.NodeError as error:
            self._problem(str(error), error.line, error.column)
            return
        if root is None or (isinstance(root, Scalar) and root.is_null):
            return
        if not isinstance(root, MapNode):
            self._problem_at(root, "a config file is a mapping of keys to values.")
            return
        for key, value in root.pairs:
            if not isinstance(key, Scalar):
                self._problem_at(key, "a key is a name: function.parameter.")
            elif key.text != _OURS and not key.text.startswith(f"{_OURS}."):
                self._entry(key, value)

    def _entry(self, key: Scalar, value: Node) -> None:
        """Take a top-level entry: a flat key, or a function's name over a mapping of its parameters."""
        bound, scope = self._owner(key.text)
        if bound is None:
            self._flat(key, value)
        elif isinstance(value, MapNode):
            for name, inner in value.pairs:
                if isinstance(name, Scalar):
                    self._parameter(bound, scope, name.text, name, inner)
                else:
                    self._problem_at(name, f"a key in {key.text!r} is the name of a parameter.")
        elif not (isinstance(value, Scalar) and value.is_null):
            self._problem_at(value, f"{key.text}: a mapping of its parameters is expected.")

    def _flat(self, key: Scalar, value: Node) -> None:
        owner, dot, parameter = key.text.rpartition(".")
        bound, scope = self._owner(owner) if dot else (None, None)
        if bound is None:
            known = [key.text for key, _, _ in self._registry.walk()]
            known += [bound.name for bound in self._registry]
            self._problem_at(key, f"unknown key {key.text!r}.{suggest(key.text, known)}")
        else:
            self._parameter(bound, scope, parameter, key, value)

    def _owner(self, text: str) -> tuple[Bound | None, str | None]:
        # Dashes are folded where a name is typed; a file spells it as it is.
        return (None, None) if "-" in text else self._registry.owner(text)

    def _parameter(self, bound: Bound, scope: str | None, name: str, at: Scalar, value: Node) -> None:
        key = Key(bound.name, name, scope)
        spec = bound.options.get(name)
        if spec is None:
            known = [Key(bound.name, option, scope).text for option in bound.options]
            self._problem_at(at, f"unknown key {key.text!r}.{suggest(key.text, known)}")
            return
        first = self._seen.setdefault(key, at)
        if first is not at:
            self._problem_at(at, f"{key.text} stands here again; it is on line {first.line + 1} already.")
            return
        self._convert(key, spec, value)

    def _convert(self, key: Key, spec: ParameterSpec, value: Node) -> None:
        assert spec.converter is not None  # an option has one
        try:
            converted = spec.converter.from_node(value)
        except ConversionError as error:
            node = error.node if isinstance(error.node, Node) else value
            self._problem_at(node, f"{key.text}: {error}")
            return
        origin = f"{self._name}:{value.line + 1}"
        self.layer[key] = ResolvedValue(converted, ParameterSource.DEFAULT_MAP, origin)

    def _problem_at(self, node: Node, message: str) -> None:
        self._problem(message, node.line, node.column, node.width if isinstance(node, Scalar) else 1)

    def _problem(self, message: str, line: int, column: int, width: int = 1) -> None:
        """Add a problem with its place, the line itself, and a caret under what is meant."""
        problem = f"{self._name}:{line + 1}:{column + 1}: {message}"
        lines = self._text.splitlines()
        if line < len(lines):
            number = f"{line + 1:6d} | "
            pointer = " " * (len(number) - 2) + "| " + " " * column + "^" * width
            problem += f"\n{number}{lines[line].rstrip()}\n{pointer}"
        self.problems.append(problem)
