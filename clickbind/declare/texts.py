"""Find the description of a setting: where it is declared, or in a docstring."""

from __future__ import annotations

from types import FunctionType
from typing import TYPE_CHECKING, Any

from ..keys import field_of
from .docstrings import brief, parse, reduced, without_default
from .function import EMPTY

if TYPE_CHECKING:
    from .function import FunctionSpec, ParameterSpec

__all__ = ["brief_of", "is_nameless", "text_of"]


def text_of(spec: FunctionSpec, setting: ParameterSpec, *, defaulted: bool = False) -> str:
    """Return the description of a setting of a function in Click's form, without its markup; see `markup`.

    Parameters
    ----------
    spec : FunctionSpec
        The function.
    setting : ParameterSpec
        The setting.
    defaulted : bool
        Whether help shows a default, which may be another than the signature's: the description leaves its own out.
    """
    return _without_default(setting, reduced(_described(spec, setting)), defaulted=defaulted)


def brief_of(spec: FunctionSpec, setting: ParameterSpec, *, defaulted: bool = False) -> str:
    """Return the first paragraph of the description of a setting, as one line; see `text_of`."""
    return _without_default(setting, brief(_described(spec, setting)), defaulted=defaulted)


def is_nameless(default: Any) -> bool:
    """Return whether a default is a lambda, of which help shows nothing: its text would say nothing."""
    return isinstance(default, FunctionType) and default.__name__ == "<lambda>"


def _described(spec: FunctionSpec, setting: ParameterSpec) -> str:
    """Return the description of a setting as written."""
    if setting.text or setting.source is None:
        return setting.text or spec.docstring.parameters.get(setting.name, "")
    known = spec.sources.get(id(setting.source))  # a setting keeps its class, so that no identity is reused
    if known is None:
        known = spec.sources[id(setting.source)] = parse(setting.source)
    return known.parameters.get(field_of(setting.name), "")


def _without_default(setting: ParameterSpec, text: str, *, defaulted: bool) -> str:
    """Remove the default from a text if help shows it."""
    default = setting.shown_default
    is_shown = not (default is EMPTY or default is None or setting.secret or is_nameless(default))
    return without_default(text) if text and (defaulted or is_shown) else text
