"""Config files to the layer that they make: every key checked, every value converted, every mistake with its place."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from click.core import ParameterSource

from . import nodes
from .errors import ConfigError, ConversionError, suggest
from .keys import Key, canonical
from .nodes import MapNode, Node, Scalar
from .registry import RUN, Bound, Registry
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
    for name, item in _flat(values, registry):
        found = registry.find(name)
        if found is not None and found[2].converter is not None:
            try:
                converted = found[2].converter.from_plain(item)
            except ConversionError as error:
                raise ConfigError(f"default_map: {found[0].text}: {error}") from None
            layer[found[0]] = ResolvedValue(converted, ParameterSource.DEFAULT_MAP, "default_map")
    return layer


def _flat(values: Mapping[Any, Any], registry: Registry) -> Iterator[tuple[str, Any]]:
    """Walk a default map's entries by key: those of a stage stand under its name, in a chain under `run` as well."""
    for name, value in values.items():
        if not isinstance(value, Mapping):
            yield str(name), value
        elif canonical(str(name)) == RUN:
            stages = {stage: item for stage, item in value.items() if registry.stage(str(stage)) is not None}
            yield from _flat(stages, registry)
            yield from ((f"{RUN}.{key}", item) for key, item in value.items() if key not in stages)
        else:
            yield from ((f"{name}.{key}", item) for key, item in value.items())


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
        bound, scope, parameter = (None, None, "") if "-" in key.text else self._registry.split(key.text)
        if bound is None:
            known = [key.text for key, _, _ in self._registry.walk(broken=False)]
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
        if spec is None and isinstance(value, MapNode) and any(item.startswith(f"{name}.") for item in bound.options):
            for field, inner in value.pairs:
                if isinstance(field, Scalar):
                    self._parameter(bound, scope, f"{name}.{field.text}", field, inner)
                else:
                    self._problem_at(field, f"a key in {key.text!r} is the name of a field.")
            return
        if spec is None:
            known = [Key(bound.name, option, scope).text for option in bound.options]
            self._problem_at(at, f"unknown key {key.text!r}.{suggest(key.text, known)}")
            return
        first = self._seen.setdefault(key, at)
        if first is not at:
            message = f"{key.text} stands here again; it is on line {first.line + 1} already."
            self._problem_at(at, message, secret=spec.secret)
            return
        self._convert(key, spec, value)

    def _convert(self, key: Key, spec: ParameterSpec, value: Node) -> None:
        assert spec.converter is not None  # an option has one
        try:
            converted = spec.converter.from_node(value)
        except ConversionError as error:
            node = error.node if isinstance(error.node, Node) and not spec.secret else value
            message = f"this is not a valid {spec.converter.metavar}." if spec.secret else str(error)
            self._problem_at(node, f"{key.text}: {message}", secret=spec.secret)
            return
        origin = f"{self._name}:{value.line + 1}"
        self.layer[key] = ResolvedValue(converted, ParameterSource.DEFAULT_MAP, origin)

    def _problem_at(self, node: Node, message: str, *, secret: bool = False) -> None:
        width = node.width if isinstance(node, Scalar) and not secret else 1
        self._problem(message, node.line, node.column, width, secret=secret)

    def _problem(self, message: str, line: int, column: int, width: int = 1, *, secret: bool = False) -> None:
        """Add a problem with its place, the line itself, a secret in it starred, and a caret under what is meant."""
        problem = f"{self._name}:{line + 1}:{column + 1}: {message}"
        lines = self._text.splitlines()
        if line < len(lines):
            number = f"{line + 1:6d} | "
            pointer = " " * (len(number) - 2) + "| " + " " * column + "^" * width
            shown = re.sub(r"(?<=[:,{\[-])(\s*)\S.*", r"\1***", lines[line]) if secret else lines[line]
            problem += f"\n{number}{shown.rstrip()}\n{pointer}"
        self.problems.append(problem)
