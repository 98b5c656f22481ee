"""Read a mapping of values in Python into a layer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from click.core import ParameterSource

from .. import declare
from ..declare.function import EXCLUDED
from ..declare.registry import Registry
from ..errors import BindError, suggest
from . import Layer, ResolvedValue

__all__ = ["read"]


def read(registry: Registry, values: Mapping[str, Any]) -> Layer:
    """Read the mapping of a scope; its values are not converted.

    Raises
    ------
    BindError
        If a key is unknown or left out of the options, or is a field of another key in the mapping.
    """
    layer = {}
    for text, value in values.items():
        bound, scope, name = registry.split(str(text))
        if bound is None and registry.absent and declare.pickling.is_absent(registry, str(text)):
            continue
        if bound is None or not (name in bound.options or name in bound.unsettable or name in bound.spec.groups):
            if registry.excludes(str(text)):
                raise BindError(f"{text!r} cannot be set: {EXCLUDED}")
            known = [key.text for key, _, _ in registry.walk()]
            raise BindError(f"unknown key {text!r}.{suggest(str(text), known)}")
        layer[bound.key(name, scope)] = ResolvedValue(value, ParameterSource.DEFAULT_MAP, "scope")
    for key in layer:
        whole = next((above for above in key.above if above in layer), None)
        if whole is not None:
            raise BindError(
                f"{key.text!r} is part of {whole.text!r}, and both are given: pass them in two mappings, the second "
                f"one wins."
            )
    return layer
