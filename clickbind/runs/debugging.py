"""What ``--debug`` prints."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

import click

from .. import layers, output

if TYPE_CHECKING:
    from ..calls.filling import Report
    from ..declare.registry import Registry
    from ..layers import Values

__all__ = ["print_call", "reporter"]


def reporter(registry: Registry, values: Values) -> Report:
    """Return what prints each bound call of a run, without the texts of its secrets."""
    readable = (bound for bound in registry.bounds.values() if bound.is_readable)
    if not any(spec.secret for bound in readable for spec in bound.options.values()):
        return print_call
    return functools.partial(_print, layers.redaction.Net(registry, values=values).scrub)


def print_call(name: str, scopes: Sequence[str], arguments: dict[str, Any], _: Collection[str] = ()) -> None:
    """Print a bound call as ArgBind does, on standard output; what that cannot show is escaped."""
    _print(str, name, scopes, arguments)


def _print(
    scrub: Callable[[str], str], name: str, scopes: Sequence[str], arguments: dict[str, Any], _: Collection[str] = ()
) -> None:
    lines = [f"{name}("]
    if scopes:
        lines.append(f"  # scope = {', '.join(reversed(scopes))}")
    lines += [f"  {argument} : {type(value).__name__} = {scrub(_text(value))}" for argument, value in arguments.items()]
    text = "\n".join((*lines, ")"))
    click.echo(text if text.isascii() else output.printable(text))


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a class's own, and no reason for the run to end
        return f"<unprintable {type(value).__name__}>"
