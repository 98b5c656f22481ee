"""Layers to resolved values: the one place that knows which layer wins.

Highest first: what is laid over in Python, the command line, the environment, the config files, the `default_map` of
an embedding program. The signature's own default is no layer: where none of these has a value, the function is called
without it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from click.core import ParameterSource

from . import later
from .keys import Key
from .registry import Registry

__all__ = ["Layer", "ResolvedValue", "Values", "layer_of"]


class ResolvedValue:
    """A value that is converted and knows where it came from.

    Attributes
    ----------
    value : object
        The value.
    source : click.core.ParameterSource
        The kind of place that it came from.
    origin : str
        The place: the flag as typed, or ``file:line``.
    """

    __slots__ = ("origin", "source", "value")

    def __init__(self, value: Any, source: ParameterSource, origin: str) -> None:
        self.value = value
        self.source = source
        self.origin = origin

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResolvedValue) and (self.value, self.source, self.origin) == (
            other.value,
            other.source,
            other.origin,
        )

    __hash__ = None  # type: ignore[assignment]  # its value may be anything


Layer = Mapping[Key, ResolvedValue]
_EMPTY: Layer = {}


class Values:
    """Everything that was given for a run, layer by layer. It pickles where its values do.

    Attributes
    ----------
    over : tuple of Layer
        What a program laid over in Python, the innermost first.
    line, environment, files, embedding : Layer
        The layers of a run, the highest first.
    """

    __slots__ = ("embedding", "environment", "files", "line", "over")

    def __init__(
        self,
        *,
        over: tuple[Layer, ...] = (),
        line: Layer = _EMPTY,
        environment: Layer = _EMPTY,
        files: Layer = _EMPTY,
        embedding: Layer = _EMPTY,
    ) -> None:
        self.over = over
        self.line = line
        self.environment = environment
        self.files = files
        self.embedding = embedding

    def replace(self, **layers: Any) -> Values:
        """Make a copy with other layers."""
        return Values(**{**{name: getattr(self, name) for name in self.__slots__}, **layers})

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, the highest first."""
        return (*self.over, self.line, self.environment, self.files, self.embedding)

    def for_turn(self, line: Layer, files: Layer) -> Values:
        """Give the values while a turn runs: its own come first within the line, and within the files."""
        if not line and not files:
            return self
        return self.replace(line={**self.line, **line}, files={**self.files, **files})

    def has_fields(self, function: str) -> bool:
        """Tell whether a field of one of a function's parameters was given."""
        layers = (*self.over, self.line, self.environment, self.files, self.embedding)
        return any(key.function == function and "." in key.parameter for layer in layers for key in layer)

    def default_map(self) -> dict[str, Any]:
        """Give the files and the embedding program's map as Click's ``default_map``, by the root's option names."""
        return {key.text: _uncalled(found.value) for key, found in {**self.embedding, **self.files}.items()}

    def stage_map(self, stage: str) -> dict[str, Any]:
        """Give the same for a stage, by its own option names."""
        found = {**self.embedding, **self.files}
        return {
            key.parameter: _uncalled(resolved.value)
            for key, resolved in found.items()
            if key.function == stage and key.scope is None
        }

    def get(self, function: str, parameter: str, scopes: Sequence[str] = ()) -> ResolvedValue | None:
        """Resolve one parameter.

        The first layer that has it wins, whatever key it has it under; within one layer the scoped key beats the
        plain one, and the innermost scope that has one the others.

        Parameters
        ----------
        function, parameter : str
            The names.
        scopes : sequence of str
            The scopes in force, the innermost first.

        Returns
        -------
        ResolvedValue or None
            None where no layer has it.
        """
        for layer in (*self.over, self.line, self.environment, self.files, self.embedding):
            for scope in (*scopes, None) if layer is not _EMPTY else ():
                found = layer.get(Key(function, parameter, scope))
                if found is not None:
                    return found
        return None


def _uncalled(value: Any) -> Any:
    """Wrap a callable value: Click calls those that it finds in a default map."""
    return (lambda: value) if callable(value) else value


def layer_of(values: Mapping[str, Any], registry: Registry) -> Layer:
    """Make a layer of what a program lays over in Python; the values are taken as they are.

    Raises
    ------
    BindError
        Where a key is unknown, or part of another one.
    """
    layer = {}
    for text, value in values.items():
        bound, scope, name = registry.split(str(text))
        if bound is None and registry.absent and later.travel.is_absent(registry, str(text)):
            continue
        if bound is None or (name not in bound.options and name not in bound.unsettable):
            known = [key.text for key, _, _ in registry.walk()]
            raise later.errors.BindError(f"unknown key {text!r}.{later.errors.suggest(str(text), known)}")
        layer[bound.key(name, scope)] = ResolvedValue(value, ParameterSource.DEFAULT_MAP, "scope")
    for key in layer:
        whole = Key(key.function, key.parameter.partition(".")[0], key.scope)
        if whole != key and whole in layer:
            raise later.errors.BindError(
                f"{key.text!r} is part of {whole.text!r}, and both are given: lay one over the other."
            )
    return layer
