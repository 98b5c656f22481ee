"""Plan a run: its stages, their order and their values. A plan is data, and can be pickled if its values can."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .. import layers
from ..declare.registry import RUN, Registry
from ..keys import Key
from . import Asked, Layer, ResolvedValue, Values

if TYPE_CHECKING:
    from ..declare.turns import Turn

__all__ = ["DEFAULT", "THE_LINE", "Plan", "PlannedTurn", "default_turns", "plan_of_files"]

DEFAULT = "default"
"""The origin of turns that nothing asks for."""

THE_LINE = "the command line"
"""The origin of turns on the command line."""


class PlannedTurn:
    """One turn of a plan.

    A small class with slots rather than a dataclass, which every run would import.

    Attributes
    ----------
    stage : str
        The name of the stage.
    line, files : Layer
        The values of this turn alone, from the command line and from `run.stages` of a file.
    origin : str
        The origin of the turn: the command line, a file, or `DEFAULT`.
    """

    __slots__ = ("files", "line", "origin", "stage")

    def __init__(self, stage: str, line: Layer, files: Layer, origin: str) -> None:
        self.stage = stage
        self.line = line
        self.files = files
        self.origin = origin


class Plan:
    """The turns of a run, and its values.

    The options of a stage with a single turn are moved from that turn to the values of the whole run, so that they also
    apply when another stage calls it.

    Parameters
    ----------
    values : Values
        The values of the whole run.
    turns : iterable of PlannedTurn
        The turns, in order.
    is_body : bool
        Whether the body of a Click command is run instead of turns. Such a plan has no `run.stages`.
    """

    __slots__ = ("is_body", "turns", "values")

    def __init__(self, values: Values, turns: Iterable[PlannedTurn], *, is_body: bool = False) -> None:
        self.is_body = is_body
        self.turns = tuple(turns)
        self.values = values
        single = {id(found[0]): found[0] for found in self.by_stage().values() if len(found) == 1 and found[0].line}
        if single:
            line = {key: value for turn in single.values() for key, value in turn.line.items()}
            self.values = values.replace(line={**values.line, **line})
            self.turns = tuple(
                PlannedTurn(turn.stage, {}, turn.files, turn.origin) if id(turn) in single else turn
                for turn in self.turns
            )

    def by_stage(self) -> dict[str, list[PlannedTurn]]:
        """Return the turns of each stage."""
        found: dict[str, list[PlannedTurn]] = {}
        for turn in self.turns:
            found.setdefault(turn.stage, []).append(turn)
        return found

    @property
    def origin(self) -> str:
        """The origin of the turns."""
        if self.turns:
            return self.turns[0].origin
        found = self.values.resolve(RUN, "stages")
        return DEFAULT if found is None else found.origin

    def values_of(self, turn: PlannedTurn) -> Values:
        """Return the values for a turn."""
        return self.values.for_turn(turn.line, turn.files)

    @property
    def every_layer(self) -> Values:
        """The layers of the run and of its turns, only for walking everything that was set, not for resolving it."""
        own = (layer for turn in self.turns for layer in (turn.line, turn.files) if layer)
        return self.values.replace(over=(*self.values.over, *own))


def default_turns(registry: Registry, values: Values) -> list[PlannedTurn]:
    """Plan the turns of `run.stages` or, if it is not set, of all default stages in registration order."""
    found = values.resolve(RUN, "stages")
    if found is None:
        return [PlannedTurn(stage.name, {}, {}, DEFAULT) for stage in registry.of_role("stage") if stage.default]
    return [PlannedTurn(turn.stage, {}, _own(turn, found), found.origin) for turn in found.value]


def _own(turn: Turn, found: ResolvedValue) -> Layer:
    """Return the values of a turn of `run.stages`, marking those as secret that a secret's variable made."""
    own: dict[Key, ResolvedValue] = {}
    for name, value in turn.values.items():
        resolved = own[Key(turn.stage, name)] = ResolvedValue(value, found.source, found.origin)
        resolved.secret = found.secret or name in turn.hidden
    return own


def plan_of_files(registry: Registry, asked: Asked, below: Layer, *, is_body: bool = False) -> Plan:
    """Plan what config files alone would run, with a layer below them and none above.

    Raises
    ------
    ConfigError
        If a file has problems. The message lists all of them.
    """
    values = Values(files=layers.files.read(registry, asked), default_map=below)
    return Plan(values, [] if is_body else default_turns(registry, values), is_body=is_body)
