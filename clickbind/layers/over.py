"""Read a mapping of values in Python into a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from .. import declare
from ..declare.function import EXCLUDED
from ..declare.registry import Registry
from ..errors import BindError, ConversionError, suggest
from ..keys import Key
from . import Layer, ResolvedValue

if TYPE_CHECKING:
    from ..declare.settings import Group

__all__ = ["read", "unknown"]


def read(registry: Registry, values: Mapping[str, Any]) -> Layer:
    """Read the mapping of a scope; its values are not converted.

    Raises
    ------
    BindError
        If a key is unknown or left out of the options, or is a field of another key in the mapping.
    """
    layer: dict[Key, ResolvedValue] = {}
    named = set()  # the keys that choose a class, beside which fields may be
    for text, value in values.items():
        bound, scope, name = registry.split(str(text))
        if bound is None and registry.absent and declare.pickling.is_absent(registry, str(text)):
            continue
        name = name if bound is None or name in bound.options else bound.setting_name(name)
        if bound is None or not (name in bound.options or name in bound.unsettable or name in bound.spec.groups):
            if registry.excludes(str(text)):
                raise BindError(f"{text!r} cannot be set: {EXCLUDED}")
            raise BindError(unknown(registry, text))
        key, group = bound.key(name, scope), bound.spec.groups.get(name)
        if key in layer:
            raise BindError(f"{text!r} sets {key.text!r}, which is given already.")
        chosen = value
        if group is not None and group.several and isinstance(value, (str, type)):
            chosen = _name_of(group, text, value)
            named.add(key)
        layer[key] = ResolvedValue(chosen, ParameterSource.DEFAULT_MAP, "scope")
    for key in layer:
        whole = next((above for above in key.above if above in layer and above not in named), None)
        if whole is not None:
            raise BindError(
                f"{key.text!r} is part of {whole.text!r}, and both are given: pass them in two mappings, the second "
                f"one wins."
            )
    return layer


def unknown(registry: Registry, written: object) -> str:
    """Describe a key that no function has: a misspelt one, or the name of a function, as a nested mapping has it."""
    text, known = str(written), [key.text for key, _, _ in registry.walk(broken=False)]
    own = next((key for key in known if key.startswith(f"{text}.")), None)
    if own is not None and text in registry.bounds:
        return f"unknown key {text!r}: a key has the names of a function and a parameter, as {own!r}."
    return f"unknown key {written!r}.{suggest(text, known)}"


def _name_of(group: Group, text: str, value: Any) -> Any:
    """Return the name of a class that a parameter can be made of."""
    assert group.whole is not None  # it chooses the class
    assert group.whole.converter is not None  # likewise
    try:
        return group.whole.converter.from_plain(value)
    except ConversionError as error:
        raise BindError(f"{text!r}: {error}") from None
