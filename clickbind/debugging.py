"""What ``--debug`` prints."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import click

from . import later

__all__ = ["print_call"]


def print_call(name: str, scopes: Sequence[str], arguments: dict[str, Any], _: Collection[str] = ()) -> None:
    """Print a bound call as ArgBind does, on standard output; what that cannot show is escaped."""
    lines = [f"{name}("]
    if scopes:
        lines.append(f"  # scope = {', '.join(reversed(scopes))}")
    lines += [f"  {argument} : {type(value).__name__} = {_text(value)}" for argument, value in arguments.items()]
    text = "\n".join((*lines, ")"))
    click.echo(text if text.isascii() else later.output.printable(text))


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - a class's own, and no reason for the run to end
        return f"<unprintable {type(value).__name__}>"
