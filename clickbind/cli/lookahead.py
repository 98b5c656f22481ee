"""Looking over the whole line for options of the root, before anything of it is processed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from .. import cli, layers
from ..types import HIDDEN
from .chain import ChainCommand
from .line import FEW, LineParser
from .option import ParameterOption
from .stage import StageCommand

if TYPE_CHECKING:
    from .moved import Moved

__all__ = ["gather"]


def gather(root: click.Group, ctx: click.Context, rest: list[str]) -> list[Moved]:
    """Walk the line behind the root's part for options of the root, which hold for the whole run.

    Parameters
    ----------
    root : click.Group
        The program.
    ctx : click.Context
        Its context.
    rest : list of str
        The line behind its own part.

    Raises
    ------
    click.UsageError
        Where one stands behind two turns with two different values.
    """
    by_option: dict[str, dict[int, list[Moved]]] = {}
    for turn, parser in _walk(root, ctx, rest):
        for item in parser.moved:
            by_option.setdefault(item.parsed.obj.name, {}).setdefault(turn, []).append(item)
    moved = []
    for turns in by_option.values():
        first, *others = turns.values()
        if not ctx.resilient_parsing:
            _refuse_conflicts(ctx, first, others)
        moved += first
    return moved


def _walk(root: click.Group, ctx: click.Context, line: list[str]) -> Iterator[tuple[int, LineParser]]:
    """Parse the line command by command, doing nothing; stop where Click will find a mistake by itself."""
    group = root
    turn = 0
    rest: Any = cli.words.cut(line) if len(line) > FEW else line
    while rest:
        command = group.get_command(ctx, rest[0])
        if not isinstance(command, (StageCommand, ChainCommand)):
            return
        in_chain = isinstance(group, ChainCommand)
        sub = command.context_class(
            command,
            parent=ctx,
            info_name=rest[0],
            resilient_parsing=ctx.resilient_parsing,
            **{**command.context_settings, **({"allow_interspersed_args": False} if in_chain else {})},
        )
        parser = command.make_parser(sub)
        try:
            _, rest, _ = parser.parse_args(rest[1:])
        except click.UsageError:
            return
        yield turn, parser
        turn += 1
        if isinstance(command, ChainCommand):
            group = command
        elif not in_chain:
            return


def _refuse_conflicts(ctx: click.Context, first: list[Moved], others: list[list[Moved]]) -> None:
    """Refuse an option that stands behind two turns with two different values.

    Raises
    ------
    click.UsageError
        Where it does.
    """
    meaning = _meaning(ctx, first) if others else None
    for other in others:
        if meaning != _meaning(ctx, other):
            one, two = (" ".join(word for item in items for word in _words(item)) for items in (first, other))
            raise click.UsageError(
                f"{one!r} and {two!r} stand behind different stages, but hold for the whole run: give the option once.",
                ctx,
            )


def _meaning(ctx: click.Context, items: list[Moved]) -> Any:
    """Give what the occurrences behind one turn set an option to, however that is spelled."""
    meanings = [item.meaning for item in items]
    value = meanings[-1] if items[0].parsed.action in {"store", "store_const"} else meanings
    option = items[0].parsed.obj
    if not isinstance(option, ParameterOption) and not option.is_flag:
        return value
    try:
        return option.type_cast_value(ctx, value)
    except click.UsageError:  # told when the root processes it
        return value


def _words(item: Moved) -> list[str]:
    if not item.parsed.takes_value:
        return [item.flag]
    option = item.parsed.obj
    hides = isinstance(option, ParameterOption) and layers.redaction.is_secret(option.spec)
    return [item.flag, HIDDEN if hides else str(item.value)]
