"""Layers to resolved values: the one place that knows which layer wins.

Highest first: what is laid over in Python, the command line, the environment, the config files, the `default_map` of
an embedding program. The signature's own default is no layer: where none of these has a value, the function is called
without it.
"""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .._lazy import attach
from ..keys import Key

__all__ = [
    "Layer",
    "Over",
    "ResolvedValue",
    "Values",
    "document",
    "environment",
    "excerpts",
    "files",
    "includes",
    "plan",
    "redaction",
    "variables",
]


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
    secret : bool
        Whether it is never written or shown, although its parameter is not secret: a variable has made it that makes
        a secret too.
    """

    __slots__ = ("origin", "secret", "source", "value")

    def __init__(self, value: Any, source: ParameterSource, origin: str) -> None:
        self.value = value
        self.source = source
        self.origin = origin
        self.secret = False

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ResolvedValue) and (self.value, self.source, self.origin) == (
            other.value,
            other.source,
            other.origin,
        )

    __hash__ = None  # type: ignore[assignment]  # its value may be anything


Layer = Mapping[Key, ResolvedValue]
_EMPTY: Layer = {}


class Over:
    """Layers that a program laid over one another in Python: a linked list, so that each scope shares those around it.

    Iterating returns the layers, the innermost first.

    Parameters
    ----------
    layer : Layer
        The innermost layer.
    below : Over or tuple
        The layers around it; empty where there are none.
    """

    __slots__ = ("below", "found", "layer")

    def __init__(self, layer: Layer, below: Over | tuple[()] = ()) -> None:
        self.layer = layer
        self.below = below
        # What was found in it and below, so that a call in each of many nested scopes does not walk all of them.
        self.found: dict[tuple[str, str, tuple[str, ...]], ResolvedValue | None] = {}

    @classmethod
    def of(cls, layers: Iterable[Layer]) -> Over | tuple[()]:
        """Return some layers, the innermost first, as a linked list."""
        over: Over | tuple[()] = ()
        for layer in reversed(tuple(layers)):
            over = cls(layer, over)
        return over

    def __iter__(self) -> Iterator[Layer]:
        node: Over | tuple[()] = self
        while isinstance(node, Over):
            yield node.layer
            node = node.below

    def __reduce__(self) -> Any:
        return Over.of, (tuple(self),)  # pickle would recurse from one to the next

    def get(self, function: str, parameter: str, scopes: Sequence[str]) -> ResolvedValue | None:
        """Resolve one parameter among these layers; see `Values.get`."""
        name = (function, parameter, tuple(scopes))
        keys = [Key(function, parameter, scope) for scope in (*scopes, None)]
        passed: list[Over] = []
        found = None
        node: Over | tuple[()] = self
        while isinstance(node, Over):
            layer = node.layer
            found = next((value for key in keys if (value := layer.get(key)) is not None), None)
            if found is not None:
                break
            if name in node.found:
                found = node.found[name]
                break
            passed.append(node)
            node = node.below
        if len(passed) > 1:
            for one in passed:
                one.found[name] = found
        return found


class Values:
    """Everything that was given for a run, layer by layer. It pickles where its values do.

    Attributes
    ----------
    over : Over or tuple of Layer
        What a program laid over in Python, the innermost first.
    line, environment, files, embedding : Layer
        The layers of a run, the highest first.
    built : dict
        Values with fields that were made of these, each once: a constructor may count, or look at the clock.
    """

    __slots__ = ("built", "embedding", "environment", "files", "line", "over")

    def __init__(
        self,
        *,
        over: Over | tuple[Layer, ...] = (),
        line: Layer = _EMPTY,
        environment: Layer = _EMPTY,
        files: Layer = _EMPTY,
        embedding: Layer = _EMPTY,
        built: dict[Any, Any] | None = None,
    ) -> None:
        self.over = over if isinstance(over, Over) else Over.of(over)
        self.line = line
        self.environment = environment
        self.files = files
        self.embedding = embedding
        self.built = {} if built is None else built

    def __getstate__(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__slots__ if name != "built"}

    def __setstate__(self, layers: dict[str, Any]) -> None:
        self.__init__(**layers)  # type: ignore[misc]  # as `copy` and `pickle` make it, without its own call

    def replace(self, **layers: Any) -> Values:
        """Make a copy with other layers."""
        return Values(**{**{name: getattr(self, name) for name in self.__slots__}, **layers})

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, the highest first."""
        return (*self.over, self.line, self.environment, self.files, self.embedding)

    def for_turn(self, line: Layer, files: Layer) -> Values:
        """Return the values while a turn runs: its own come first within the line, and within the files.

        The layers are chained, not copied: a run may have as many turns as its files have keys.
        """
        if not line and not files:
            return self
        return self.replace(line=_chained(line, self.line), files=_chained(files, self.files))

    def with_fields(self) -> set[str]:
        """Return the names of the functions for which a field of a parameter was given."""
        return {key.function for layer in self.layers for key in layer if "." in key.parameter}

    def default_map(self) -> dict[str, Any]:
        """Give the files and the embedding program's map as Click's ``default_map``, by the root's option names."""
        return {key.text: _uncalled(found.value) for key, found in {**self.embedding, **self.files}.items()}

    def stage_map(self, stage: str, parameters: Iterable[str]) -> dict[str, Any]:
        """Return the same for the parameters of a stage, by its own option names."""
        if not self.files and not self.embedding:
            return {}
        keys = [Key(stage, name) for name in parameters]
        found = ((key.parameter, self.files.get(key) or self.embedding.get(key)) for key in keys)
        return {name: _uncalled(resolved.value) for name, resolved in found if resolved is not None}

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
        laid = self.over.get(function, parameter, scopes) if isinstance(self.over, Over) else None
        if laid is not None:
            return laid
        for layer in (self.line, self.environment, self.files, self.embedding):
            for scope in (*scopes, None) if layer is not _EMPTY else ():
                found = layer.get(Key(function, parameter, scope))
                if found is not None:
                    return found
        return None

    def rank(self, function: str, parameter: str, scopes: Sequence[str] = ()) -> int:
        """Return the number of the place that a given parameter's value comes from: by layer, by scope, and by turn.

        The highest place, of which every other is covered, is 0.
        """
        keys = [Key(function, parameter, scope) for scope in (*scopes, None)]
        places = (part.get(key) is not None for layer in self.layers for key in keys for part in _parts(layer))
        return next(rank for rank, has in enumerate(places) if has)


def _chained(top: Layer, bottom: Layer) -> Layer:
    return ChainMap(top, bottom) if top and bottom else top or bottom  # type: ignore[arg-type]  # only read


def _parts(layer: Layer) -> Sequence[Layer]:
    """List the layers that one is chained of, a turn's before the run's."""
    return layer.maps if isinstance(layer, ChainMap) else (layer,)


def _uncalled(value: Any) -> Any:
    """Wrap a callable value: Click calls those that it finds in a default map."""
    return (lambda: value) if callable(value) else value


if TYPE_CHECKING:
    from . import document, environment, excerpts, files, includes, plan, redaction, variables
else:  # a name that does not exist is a type error then
    __getattr__ = attach(__name__, __all__)
