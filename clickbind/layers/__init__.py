"""Resolve layers to values.

`ORDER` lists the layers of a run, the highest first. Each is a module of this package with a function `read`, except
the command line, which Click reads. Above all of them are the layers that a program enters in Python, any number of
times: `Over`. The default in a signature is not a layer: a parameter that is in no layer is not passed to the function.
"""

from __future__ import annotations

import os
from collections import ChainMap
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .. import layers
from .._lazy import attach
from ..errors import UserError
from ..keys import Key

if TYPE_CHECKING:
    from ..declare.registry import Registry
    from ..nodes import Node
    from .document import Document

    Spare = Callable[[str, str, Node], None]

__all__ = [
    "ORDER",
    "Asked",
    "Layer",
    "LayerKind",
    "Over",
    "ResolvedValue",
    "Values",
    "default_map",
    "document",
    "environment",
    "excerpts",
    "files",
    "includes",
    "over",
    "plan",
    "read",
    "redaction",
    "snapshots",
    "swept",
    "unknown",
    "variables",
]


class ResolvedValue:
    """A converted value with its source and origin.

    Attributes
    ----------
    value : object
        The value.
    source : click.core.ParameterSource
        The source, as Click distinguishes them.
    origin : str
        The origin: the option as typed, the variable, or ``file:line``.
    secret : bool
        Whether it is never written or shown although its parameter is not secret, because a variable in it is also
        used in a secret.
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
_EMPTY_TEXTS: Mapping[str, str] = {}


class Asked:
    """The input of a run's layers, known before the command line is parsed.

    Attributes
    ----------
    paths : sequence of str
        The config files. The last one that has a key wins.
    default_map : mapping of str to object
        The default map of an embedding Click program.
    spare : callable or None
        Called for each key of a file that belongs to no bound function, with its place, the key, and its value.
    variables : mapping of str to str, or None
        The variables that override those of the config files; None if the program has no option for them.
    prepare : callable or None
        Called with each document before its keys are read, and with the function that makes its `Redaction`.
    fallback : mapping of str to str
        The variables that are used only where no file and no environment variable has the name.
    compared, documents : sequence of str, sequence of Document
        The files that are compared with the run, which may use its variables, and the files that were read.
    above : list of collection of Key
        The keys that the command line sets, and the layers read so far: a value below them may be impossible to expand.
    """

    __slots__ = ("above", "compared", "default_map", "documents", "fallback", "paths", "prepare", "spare", "variables")

    def __init__(
        self,
        paths: Sequence[str] = (),
        default_map: Mapping[str, Any] | None = None,
        spare: Spare | None = None,
        variables: Mapping[str, str] | None = _EMPTY_TEXTS,
        prepare: Callable[[Any, Any], None] | None = None,
    ) -> None:
        self.paths = paths
        self.default_map = default_map or {}
        self.spare = spare
        self.variables = variables
        self.prepare = prepare
        self.fallback = _EMPTY_TEXTS
        self.compared: Sequence[str] = ()
        self.above: list[Collection[Key]] = []
        self.documents: Sequence[Document] = ()


class LayerKind:
    """One of the layers of a run.

    Attributes
    ----------
    name : str
        The name of its module, and of its attribute in `Values`.
    is_asked : callable
        Returns whether a run uses it, given the registry and the `Asked`. Its module is imported only then. Help and
        shell completion read the layers too, so a layer that is slow to read should not be used for them.
    """

    __slots__ = ("is_asked", "name")

    def __init__(self, name: str, is_asked: Callable[[Registry, Asked], bool]) -> None:
        self.name = name
        self.is_asked = is_asked

    def read(self, registry: Registry, asked: Asked) -> Layer:
        """Read the layer; it is empty if the run does not use it.

        Raises
        ------
        UserError
            If something in it is wrong. The message lists all problems.
        """
        if not self.is_asked(registry, asked):
            return _EMPTY
        layer: Layer = getattr(layers, self.name).read(registry, asked)
        return layer


ORDER = (
    LayerKind("line", lambda *_: False),  # Click parses it, with the other layers as defaults
    LayerKind("environment", lambda registry, _: registry.settings.envvar_prefix is not None),
    LayerKind("files", lambda _, asked: bool(asked.paths or asked.variables)),
    LayerKind("default_map", lambda _, asked: bool(asked.default_map)),
)
"""The layers of a run, the highest first. Those below the environment reach Click's options by its default map."""

_SNAPSHOTS = "snapshots"
_NAMES = tuple(kind.name for kind in ORDER)
_DEFAULTS = _NAMES.index("environment") + 1


def read(registry: Registry, asked: Asked) -> tuple[Values, UserError | None]:
    """Read the layers of a run.

    Parameters
    ----------
    registry : Registry
        The functions.
    asked : Asked
        The input of the layers.

    Returns
    -------
    values : Values
        The layers above the first one with a problem.
    problem : UserError or None
        The error of that layer.
    """
    found: dict[str, Any] = {}
    try:
        for kind in ORDER:
            found[kind.name] = kind.read(registry, asked)
            asked.above.append(found[kind.name])
    except UserError as error:
        return Values(**found), error
    return Values(**found), None


class Over:
    """The layers that a program has entered in Python: a linked list, so that each scope shares those around it.

    Users' pickles refer to `Over.of`.

    Iterating returns the layers, the innermost first.

    Parameters
    ----------
    layer : Layer
        The innermost layer.
    below : Over or tuple
        The layers around it; empty if there are none.
    """

    __slots__ = ("below", "found", "layer")

    def __init__(self, layer: Layer, below: Over | tuple[()] = ()) -> None:
        self.layer = layer
        self.below = below
        # Results for this layer and those below, so that a call in each of many nested scopes does not walk them all.
        self.found: dict[tuple[str, str, tuple[str, ...]], ResolvedValue | None] = {}

    @classmethod
    def of(cls, layers: Iterable[Layer]) -> Over | tuple[()]:
        """Link layers, given with the innermost first."""
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
        return Over.of, (tuple(self),)  # as a tuple, since pickle would recurse along the list

    def get(self, function: str, parameter: str, scopes: Sequence[str]) -> ResolvedValue | None:
        """Resolve one parameter among these layers; see `Values.resolve`."""
        name = (function, parameter, tuple(scopes))
        keys = _keys(function, parameter, scopes)
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
    """The values of a run, or of a file, by key. It can be pickled if its values can.

    It is like a mapping of the keys that were set to their values; indexing also finds defaults. Its text shows where
    each value comes from.

    Examples
    --------
    >>> import clickbind
    >>> binder = clickbind.Binder("fit")
    >>> train = binder.bind(lambda lr=0.5, epochs=2: None, name="train")
    >>> with binder.scope({"train.lr": 0.1}):
    ...     values = binder.values()
    >>> values
    <Values: 1 set, 2 defaults
      train.lr = 0.1  # scope>
    >>> values["train.lr"], values["train.epochs"]
    (0.1, 2)
    >>> values.items(defaults=True)
    [('run.stages', []), ('train.epochs', 2), ('train.lr', 0.1)]
    """

    __module__ = "clickbind"  # where users import it from, and what their pickles name

    __slots__ = ("built", "home", "over", "own", "watch", *_NAMES)

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Layer: ...  # a layer of `ORDER`

    def __init__(
        self,
        *,
        over: Over | tuple[Layer, ...] = (),
        built: dict[Any, Any] | None = None,
        home: Any = None,
        watch: Any = None,
        **named: Layer,
    ) -> None:
        self.watch = watch  # notes which values calls take, for `calls.unused`; None if nobody asks
        self.over = over if isinstance(over, Over) else Over.of(over)  # what a program entered, the innermost first
        # The values with fields that were built from these layers, each once: a constructor may read the clock.
        self.built = {} if built is None else built
        self.home = home  # a `Home`, or where to find the program that it belongs to; see `snapshots`
        self.own = tuple([named.pop(name, _EMPTY) for name in _NAMES])
        if named:
            raise TypeError(f"no such layer {next(iter(named))!r}; the layers are {', '.join(_NAMES)}")
        for name, layer in zip(_NAMES, self.own, strict=True):
            setattr(self, name, layer)

    def __getstate__(self) -> dict[str, Any]:
        if self.watch is not None:
            self.watch.lose()  # calls in another process cannot be seen
        return self._named() if self.home is None else _snapshots().state(self, self._named())

    def _named(self) -> dict[str, Any]:
        return {"over": self.over, **dict(zip(_NAMES, self.own, strict=True))}

    def __setstate__(self, layers: dict[str, Any]) -> None:
        self.__init__(**layers)  # type: ignore[misc]  # `copy` and `pickle` do not call it

    def replace(self, **layers: Any) -> Values:
        """Make a copy with other layers."""
        return Values(**{"built": self.built, "home": self.home, "watch": self.watch, **self._named(), **layers})

    def __repr__(self) -> str:
        return str(_snapshots().text(self))

    def __getitem__(self, key: str) -> Any:
        """Return the value of a key as a call receives it, or else the default; raise `KeyError` without either."""
        return _snapshots().value(self, key)

    def get(self, key: str, default: Any = None) -> Any:
        """Return the value of a key as indexing does, or a default if there is none."""
        return _snapshots().get(self, key, default)

    def __contains__(self, key: object) -> bool:
        return bool(_snapshots().has(self, key))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __len__(self) -> int:
        return len(self.keys())

    def __bool__(self) -> bool:
        return True  # also without any value, as for other objects than containers

    def keys(self, *, defaults: bool = False) -> list[str]:
        """List the keys that were set, ``train.lr`` or ``train/dataset.folder``, in the order of a saved file.

        Parameters
        ----------
        defaults : bool
            Whether to add the parameters that were not set and have a default.
        """
        return list(_snapshots().keys(self, defaults=defaults))

    def values(self, *, defaults: bool = False) -> list[Any]:
        """List the values of `keys`."""
        return [value for _, value in self.items(defaults=defaults)]

    def items(self, *, defaults: bool = False) -> list[tuple[str, Any]]:
        """List the keys and values of `keys`."""
        return list(_snapshots().items(self, defaults=defaults))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the values to a config file as ``--save`` does: with all defaults, and the stages of the run.

        Parameters
        ----------
        path : str or os.PathLike
            The file; ``-`` is standard output. It is written atomically, and missing folders are made.

        Raises
        ------
        SaveError
            If a value would not be read back the same, or the file cannot be written.
        BindError
            If the values were pickled by another process, and this one does not have the program.
        """
        registry, plan = _snapshots().plan_of(self)
        registry.binder._save(plan, os.fspath(path))  # noqa: SLF001 - saving is above this package

    @property
    def above_defaults(self) -> tuple[Layer, ...]:
        """The layers that override Click's default map, the highest first."""
        return self.own[:_DEFAULTS]

    @property
    def defaults(self) -> tuple[Layer, ...]:
        """The layers that Click finds in its default map, the highest first."""
        return self.own[_DEFAULTS:]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """All layers, the highest first."""
        return (*self.over, *self.own)

    def for_turn(self, line: Layer, files: Layer) -> Values:
        """Return the values for a turn: its own come first within the command line and within the files.

        The layers are chained rather than copied, because a run may have as many turns as its files have keys.
        """
        if not line and not files:
            return self
        return self.replace(line=_chained(line, self.line), files=_chained(files, self.files))

    def functions(self) -> set[str]:
        """Return the names of the functions for which anything was set."""
        return {key.function for layer in self.layers for key in layer}

    def resolve(self, function: str, parameter: str, scopes: Sequence[str] = ()) -> ResolvedValue | None:
        """Resolve one parameter; None if no layer has it.

        The highest layer that has it wins, whichever key it uses. Within a layer, the key of the innermost scope wins,
        and any scope's key wins over the plain one.

        Parameters
        ----------
        function, parameter : str
            The names.
        scopes : sequence of str
            The active scopes, the innermost first.
        """
        laid = self.over.get(function, parameter, scopes) if self.over else None
        if laid is not None:
            return laid
        keys = _keys(function, parameter, scopes)
        for layer in self.own:
            for key in keys if layer else ():
                found = layer.get(key)
                if found is not None:
                    return found
        return None

    def rank(self, function: str, parameter: str, scopes: Sequence[str] = ()) -> int:
        """Return the rank of a parameter's value among all places that could set it, by layer, scope and turn.

        0 is the place that overrides all others.
        """
        keys = _keys(function, parameter, scopes)
        places = (part.get(key) is not None for layer in self.layers for key in keys for part in _parts(layer))
        return next(rank for rank, has in enumerate(places) if has)


def _snapshots() -> Any:
    """Return the module that shows values: by its name, as `LayerKind.read` finds others, since it uses this one."""
    return getattr(layers, _SNAPSHOTS)


def _keys(function: str, parameter: str, scopes: Sequence[str]) -> list[Key]:
    """List the keys that a layer may use for a parameter, the highest first: the scopes', then the plain one."""
    return [Key(function, parameter, scope) for scope in (*scopes, None)]


def _chained(top: Layer, bottom: Layer) -> Layer:
    return ChainMap(top, bottom) if top and bottom else top or bottom  # type: ignore[arg-type]  # only read


def _parts(layer: Layer) -> Sequence[Layer]:
    """List the layers in a chain, a turn's before the run's."""
    return layer.maps if isinstance(layer, ChainMap) else (layer,)


if TYPE_CHECKING:
    from . import (
        default_map,
        document,
        environment,
        excerpts,
        files,
        includes,
        over,
        plan,
        redaction,
        snapshots,
        swept,
        unknown,
        variables,
    )
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(__name__, __all__)
