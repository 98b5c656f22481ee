"""Find the description of a setting: where it is declared, or in a docstring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..keys import field_of
from .docstrings import brief, parse, reduced, without_default
from .function import EMPTY

if TYPE_CHECKING:
    from .function import FunctionSpec, ParameterSpec

__all__ = ["brief_of", "text_of"]


def text_of(spec: FunctionSpec, setting: ParameterSpec) -> str:
    """Return the description of a setting of a function in Click's form, without its markup; see `markup`."""
    return _without_default(setting, reduced(_described(spec, setting)))


def brief_of(spec: FunctionSpec, setting: ParameterSpec) -> str:
    """Return the first paragraph of the description of a setting, as one line."""
    return _without_default(setting, brief(_described(spec, setting)))


def _described(spec: FunctionSpec, setting: ParameterSpec) -> str:
    """Return the description of a setting as written."""
    if setting.text or setting.source is None:
        return setting.text or spec.docstring.parameters.get(setting.name, "")
    known = spec.sources.get(id(setting.source))  # a setting keeps its class, so that no identity is reused
    if known is None:
        known = spec.sources[id(setting.source)] = parse(setting.source)
    return known.parameters.get(field_of(setting.name), "")


def _without_default(setting: ParameterSpec, text: str) -> str:
    """Remove the default from a text if help shows it."""
    shows_default = not (setting.shown_default is EMPTY or setting.shown_default is None or setting.secret)
    return without_default(text) if text and shows_default else text
