"""Read files of arguments as leniently as ArgBind does, and write them."""

from __future__ import annotations

import functools
import inspect
import os
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from click.core import ParameterSource

from .. import fast, layers, nodes, output, record
from ..declare.function import ParameterSpec
from ..declare.option import Option
from ..declare.registry import Registry
from ..errors import SaveError, suggest
from ..keys import Key, without_scope
from ..layers import Layer, ResolvedValue
from ..types import HIDDEN, UNKNOWN, cut
from ..types.table import converter_of
from ..types.words import CoreConverter
from .repeated import Settler

__all__ = ["FILLED", "OWN", "read", "write"]

OWN = "args."
"""The prefix of the keys of ArgBind's own settings: ``args.load``."""

FILLED = f"{OWN}filled"
"""The key of the defaults that nothing set, of classes that keys with the name of their base set too."""

_MOST_NAMED = 5


def read(source: Any, registry: Registry) -> tuple[Layer, dict[str, Any]]:
    """Read a file of arguments. A value that does not fit its annotation is kept unconverted, with a warning.

    Parameters
    ----------
    source : str, path or file
        The path of the file, or an open file.
    registry : Registry
        The functions.

    Returns
    -------
    layer : Layer
        The values of functions' parameters.
    spare : dict of str to object
        The other values in the file, by key.

    Raises
    ------
    ConfigError
        With all errors in the file.
    """
    spare: dict[str, Any] = {}
    places: dict[str, str] = {}
    misfits: dict[str, str] = {}

    def keep(place: str, key: str, node: nodes.Node) -> None:
        CoreConverter().from_node(node)  # raises if it is no value
        spare[key], places[key] = _plain(node), place
        found = registry.find(key)
        if found is not None:
            misfits[key] = f"{place}: {_misfit(key, spare[key], found[2])}"

    settler = Settler(registry)
    asked = layers.Asked(spare=keep, variables=None, prepare=settler.settle)
    name = str(source)
    if hasattr(source, "read"):
        name = str(getattr(source, "name", "<stream>"))
        text = source.read()
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        layer = layers.files.load_text(text, name, registry, asked)
    else:
        asked.paths = [os.fspath(source)]
        layer = layers.files.read(registry, asked)
    known = {key.text for key in layer}
    misspelt = {key: place for key, place in places.items() if _looks_misspelt(key, known, registry)}
    _warn_of(_unknown(misspelt, registry), f"{name}: no bound function has a parameter for %s more keys.")
    _warn_of(settler.warnings, f"{name}: %s more keys are repeated.")
    _warn_of([text for key, text in misfits.items() if key in known], f"{name}: %s more values do not fit their types.")
    return layer, {key: value for key, value in spare.items() if key not in known}


def _plain(node: nodes.Node) -> Any:
    """Convert a node without an annotation as ArgBind does: YAML 1.1's words for booleans are booleans."""
    if isinstance(node, nodes.ListNode):
        return [_plain(item) for item in node.items]
    if isinstance(node, nodes.MapNode):
        return {_plain(key): _plain(value) for key, value in node.pairs}
    value = nodes.core_schema.core(node)
    word = str(value).lower() if isinstance(node, nodes.Scalar) and node.plain else ""
    return word in {"yes", "on"} if word in {"yes", "on", "no", "off"} else value


def _looks_misspelt(key: str, known: set[str], registry: Registry) -> bool:
    """Return whether a key looks like a parameter of a function but is none: misspelt, or of another program."""
    if key in known or key.startswith(OWN) or "." not in key:
        return False
    bound, _, name = registry.split(key)
    return bound is None or name not in bound.spec.parameters


def _warn_of(warnings: Sequence[str], rest: str) -> None:
    """Print the first warnings, and how many there are more."""
    for warning in warnings[:_MOST_NAMED]:
        output.warn(warning)
    if len(warnings) > _MOST_NAMED:
        output.warn(rest % (len(warnings) - _MOST_NAMED))


def _misfit(key: str, value: Any, spec: ParameterSpec) -> str:
    """Say that a value does not fit the type of its parameter."""
    shown = HIDDEN if spec.secret else cut(repr(value))
    kind = "its type" if spec.annotation is UNKNOWN else inspect.formatannotation(spec.annotation)
    return f"{key}: {shown} does not fit {kind} and is used as written."


def _unknown(misspelt: Mapping[str, str], registry: Registry) -> list[str]:
    """Return a warning for each misspelt key, given with its place; those that are shown have a suggestion."""
    known = [key.text for key, _, _ in registry.walk(broken=False)] if misspelt else []
    found: list[str] = []
    for key, place in misspelt.items():
        hint = suggest(key, [*known, *_under(key, known)]) if len(found) < _MOST_NAMED else ""
        found.append(f"{place}: no bound function has a parameter for {key!r}.{hint}")
    return found


def _under(key: str, known: Iterable[str]) -> list[str]:
    """List keys under the scope of a key, which may be one that no function is bound under."""
    scope, _ = without_scope(key)
    return [f"{scope}/{name}" for name in known if "/" not in name] if scope else []


def write(values: Mapping[str, Any], path: str, registry: Registry) -> None:
    """Write values as YAML.

    Parameters
    ----------
    values : mapping of str to object
        Values by key.
    path : str
        The file.
    registry : Registry
        The functions.

    Raises
    ------
    SaveError
        If a value would be read back as a different one, or the file cannot be written.
    """
    entries = [_entry(text, value, registry) for text, value in values.items()]
    record.atomic.save(
        record.entries.compose(sorted(entries, key=lambda entry: (entry.key.owner, entry.key.text))), path
    )


def _entry(text: str, value: Any, registry: Registry) -> record.entries.Entry:
    entry_of = functools.partial(record.entries.entry_of, shortcut=fast.yaml_line.write_nested)
    found = registry.find(text)
    if found is None:  # the program's own key, which is left out if it cannot be written
        kind = UNKNOWN if value is None else type(value)
        spec = ParameterSpec(text, kind, value, converter_of(kind) or converter_of(UNKNOWN))
        owner, dot, name = text.rpartition(".")
        return entry_of(Key(owner, name) if owner else Key("", dot + name), spec, None)
    key, _, spec = found
    if value is spec.default:
        return entry_of(key, spec, None)
    given = ResolvedValue(value, ParameterSource.DEFAULT_MAP, "the program")
    try:
        return entry_of(key, spec, given)
    except SaveError:
        if isinstance(value, str):  # it would not be read back
            raise
        mark = Option(secret=True) if spec.secret else None
        return entry_of(key, ParameterSpec(text, UNKNOWN, value, converter_of(UNKNOWN), mark=mark), given)
