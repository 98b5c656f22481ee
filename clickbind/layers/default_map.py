"""Read the ``default_map`` of an embedding Click program into a layer, and make the default maps for Click.

The files and the embedding program's map become the default maps of the root and of each stage. Click takes plain
values from them, so the map also keeps the origin of each value, and `looked_up` finds it again.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import click
from click.core import ParameterSource

from ..declare.function import ParameterSpec
from ..declare.registry import RUN, Bound, Registry
from ..errors import ConfigError, ConversionError
from ..keys import Key, canonical, joined
from ..types import message_of, unshown
from . import Asked, Layer, ResolvedValue, Values

__all__ = ["DefaultMap", "looked_up", "of_root", "of_stage", "read"]

_ORIGIN = "default_map"


def read(registry: Registry, asked: Asked) -> Layer:
    """Read the default map of an embedding Click program, flat or nested as Click nests it.

    Entries for other parameters are ignored, as Click ignores them: they may be for other commands.

    Raises
    ------
    ConfigError
        If a value is not valid for its parameter.
    """
    registry.settings.import_modules()
    layer: dict[Key, ResolvedValue] = {}
    for name, item in _flat(asked.default_map, registry):
        found = registry.find(name)
        if found is None:
            layer.update(_whole(name, item, registry))
        else:
            key, _, spec = found
            layer[key] = ResolvedValue(_converted(key, spec, item), ParameterSource.DEFAULT_MAP, _ORIGIN)
    return layer


def _converted(key: Key, spec: ParameterSpec, item: Any) -> Any:
    assert spec.converter is not None  # an option has one
    try:
        return spec.converter.from_plain(item)
    except ConversionError as error:
        problem = message_of(spec, error)
    except Exception as error:  # noqa: BLE001 - an object of any class may raise when converted
        problem = unshown(spec.converter, type(error).__name__)
    raise ConfigError(f"default_map: {key.text}: {problem}")


def _whole(name: str, item: Any, registry: Registry) -> Layer:
    """Read an instance for a parameter or field with fields that cannot be None; empty for any other key."""
    bound, scope, parameter = registry.split(name)
    group = None if bound is None else bound.spec.groups.get(parameter)
    if bound is None or group is None:
        return {}
    key = bound.key(parameter, scope)
    if group.choice_of(item) is None:
        problem = f"expected {group.only.name} or a mapping of its fields, got {type(item).__name__}."
        raise ConfigError(f"default_map: {key.text}: {problem}")
    return {key: ResolvedValue(item, ParameterSource.DEFAULT_MAP, _ORIGIN)}


def _flat(values: Mapping[Any, Any], registry: Registry, outer: str = "") -> Iterator[tuple[str, Any]]:
    """Walk a default map's entries by key. Those of a stage are under its name or, in a chain, under `run` too."""
    for name, value in values.items():
        text = joined(outer, canonical(str(name)))
        found = registry.find(text)
        if not isinstance(value, Mapping) or (found is not None and found[2].group is None):
            yield text, value
        elif text == RUN:
            stages = {stage: item for stage, item in value.items() if registry.stage(str(stage)) is not None}
            yield from _flat(stages, registry)
            yield from _flat({key: item for key, item in value.items() if key not in stages}, registry, RUN)
        else:
            yield from _flat(value, registry, text)


class DefaultMap(dict[str, Any]):
    """A ``default_map`` for Click: plain values by option name.

    Parameters
    ----------
    found : mapping of str to ResolvedValue
        The values of this program.
    others : mapping of str to object
        The map of an embedding program, for the other commands and options of Click.

    Attributes
    ----------
    found
        The values of this program, with their origins.
    """

    def __init__(self, found: Mapping[str, ResolvedValue], others: Mapping[str, Any] | None = None) -> None:
        super().__init__(others or {})
        self.update((name, _uncalled(resolved.value)) for name, resolved in found.items())
        self.found = found


def of_root(values: Values, others: Mapping[str, Any]) -> DefaultMap:
    """Make the default map of the root, whose options are named by their keys."""
    return DefaultMap({key.text: found for layer in reversed(values.defaults) for key, found in layer.items()}, others)


def of_stage(values: Values, bound: Bound) -> DefaultMap:
    """Make the default map of a stage, by the names of its own parameters."""
    keys = map(bound.key, bound.options)
    found = {key.parameter: next((layer[key] for layer in values.defaults if key in layer), None) for key in keys}
    return DefaultMap({name: resolved for name, resolved in found.items() if resolved is not None})


def looked_up(ctx: click.Context, name: str) -> ResolvedValue:
    """Look up an option in a context's default map as Click does, and return it with its origin."""
    value = ctx.lookup_default(name)
    found = ctx.default_map.found.get(name) if isinstance(ctx.default_map, DefaultMap) else None
    if found is not None and found.value is value:  # nobody has replaced it
        return found
    return ResolvedValue(value, ParameterSource.DEFAULT_MAP, _ORIGIN)


def _uncalled(value: Any) -> Any:
    """Wrap a callable value, because Click calls callables that it finds in a default map."""
    return (lambda: value) if callable(value) else value
