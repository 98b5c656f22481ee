"""Read files of arguments as leniently as ArgBind does, and write them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import click
from click.core import ParameterSource

from .. import layers, nodes, record
from ..declare.function import ParameterSpec
from ..declare.option import Option
from ..declare.registry import Registry
from ..errors import SaveError, suggest
from ..keys import Key
from ..layers import Layer, ResolvedValue
from ..types import UNKNOWN
from ..types.table import converter_of

__all__ = ["OWN", "read", "write"]

OWN = "args."
"""The prefix of the keys of ArgBind's own settings: ``args.load``."""

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

    def keep(_: str, key: str, node: nodes.Node) -> None:
        spare[key] = _plain(node)

    name = str(source)
    if hasattr(source, "read"):
        name = str(getattr(source, "name", "<stream>"))
        text = source.read()
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        layer = layers.files.load_text(text, name, registry, keep)
    else:
        layer = layers.files.read(registry, layers.Asked([os.fspath(source)], spare=keep))
    known = {key.text for key in layer}
    misspelt = {key for key in spare if _looks_misspelt(key, known, registry)}
    _warn_of("no bound function has a parameter for", misspelt, name, registry)
    _warn_of("the values do not fit their types and are used as written:", known & spare.keys(), name, registry)
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


def _warn_of(what: str, keys: set[str], source: str, registry: Registry) -> None:
    known = [key.text for key, _, _ in registry.walk(broken=False)] if keys else []
    named = []
    for key in sorted(keys)[:_MOST_NAMED]:
        hint = "" if key in known else suggest(key, known).strip()
        named.append(f"{key!r} ({hint})" if hint else repr(key))
    if len(keys) > _MOST_NAMED:
        named.append(f"and {len(keys) - _MOST_NAMED} more")
    if named:
        click.echo(f"Warning: {source}: {what} {', '.join(named)}", err=True)


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
    found = registry.find(text)
    if found is None:  # the program's own key, which is left out if it cannot be written
        kind = UNKNOWN if value is None else type(value)
        spec = ParameterSpec(text, kind, value, converter_of(kind) or converter_of(UNKNOWN))
        owner, dot, name = text.rpartition(".")
        return record.entries.entry_of(Key(owner, name) if owner else Key("", dot + name), spec, None)
    key, _, spec = found
    if value is spec.default:
        return record.entries.entry_of(key, spec, None)
    given = ResolvedValue(value, ParameterSource.DEFAULT_MAP, "the program")
    try:
        return record.entries.entry_of(key, spec, given)
    except SaveError:
        if isinstance(value, str):  # it would not be read back
            raise
        mark = Option(secret=True) if spec.secret else None
        return record.entries.entry_of(
            key, ParameterSpec(text, UNKNOWN, value, converter_of(UNKNOWN), mark=mark), given
        )
