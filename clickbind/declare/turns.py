"""Read `run.stages`: the turns of a run, in their order, with the values of each."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import declare, nodes, types
from ..errors import ConversionError, suggest
from ..keys import canonical, joined, parameter_of
from ..types import HIDDEN, Converter, refused
from .function import EXCLUDED, FunctionSpec, ParameterSpec

if TYPE_CHECKING:
    from typing import Protocol

    from ..nodes import MapNode, Node

    class _Stage(Protocol):
        @property
        def options(self) -> Mapping[str, ParameterSpec]: ...
        @property
        def spec(self) -> FunctionSpec: ...
        def setting_name(self, path: str) -> str: ...
        def has_fields(self, path: str) -> bool: ...
        def chooses(self, path: str) -> bool: ...


__all__ = ["StagesConverter", "Turn", "run", "run_spec"]


class Turn:
    """One execution of a stage in a run.

    Attributes
    ----------
    stage : str
        The stage's name.
    values : dict of str to object
        Values of this turn alone, by parameter.
    hidden : set of str
        The parameters that are not secret, but whose values are never shown because a secret's variable made them.
    """

    __slots__ = ("hidden", "stage", "values")

    def __init__(self, stage: str, values: Mapping[str, Any] | None = None) -> None:
        self.stage = stage
        self.values = values or {}
        self.hidden: set[str] = set()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Turn) and (self.stage, self.values) == (other.stage, other.values)

    __hash__ = None  # type: ignore[assignment]  # its values may be anything


class StagesConverter(Converter):
    """The converter of names of stages, in files also of one-key mappings with the values of a turn.

    Parameters
    ----------
    stages : mapping of str to object
        The stages by name, each with its ``options``, which are read only if a turn has values.
    """

    metavar = "STAGE..."
    typed = '"STAGE ..."'
    repeated = True
    structured = True
    mutable = True

    def __init__(self, stages: Mapping[str, _Stage]) -> None:
        self._stages = stages

    def from_text(self, text: str) -> list[Turn]:
        """Read names separated by white space, or YAML flow."""
        try:
            if text[:1] == "[":
                turns: list[Turn] = types.words.from_flow(self.from_node, text)
                return turns
            return [self._turn(word) for word in types.words.split(text)]
        except ConversionError as error:
            # The bad word may be half of a secret that contains a comma or a space.
            if error.hidden is None or (error.near and suggest(*error.near)) or not self._has_secrets:
                raise
            raise ConversionError(error.hidden) from None

    @property
    def _has_secrets(self) -> bool:
        return any(spec.secret for stage in self._stages.values() for spec in stage.options.values())

    def from_line(self, texts: Sequence[str]) -> list[Turn]:
        """Read the occurrences of ``--run.stages`` one after the other."""
        return [turn for text in texts for turn in self.from_text(text)]

    def from_node(self, node: Node) -> list[Turn]:
        """Read a list of turns, or one text of names."""
        if isinstance(node, nodes.ListNode):
            return types.words.each((self._item, item) for item in node.items)
        turns: list[Turn] = super().from_node(node)
        return turns

    def from_plain(self, value: Any) -> list[Turn]:
        """Read a list of names."""
        if isinstance(value, (list, tuple)):
            return [self._turn(str(item)) for item in value]
        turns: list[Turn] = super().from_plain(value)
        return turns

    def to_plain(self, value: Sequence[Turn | str]) -> list[Any]:
        """Write each turn as its name, or as a mapping if it has values."""
        return [self._plain(Turn(turn) if isinstance(turn, str) else turn) for turn in value]

    def accepts(self, value: Any) -> bool:
        """Take lists of turns."""
        return isinstance(value, list) and all(isinstance(item, Turn) for item in value)

    def complete(self, incomplete: str) -> list[tuple[str, str]]:
        """Complete the last stage."""
        return types.words.complete_last(
            incomplete,
            lambda _, word: [(name, "plain") for name in self._stages if name.startswith(canonical(word))],
        )

    def _turn(self, name: str, node: Node | None = None) -> Turn:
        stage = canonical(name)
        if stage not in self._stages:
            hidden = f"there is no stage '{HIDDEN}'."
            raise ConversionError(f"there is no stage {name!r}.", node, hidden=hidden, near=(name, self._stages))
        return Turn(stage)

    def _item(self, node: Node) -> Turn:
        if isinstance(node, nodes.Scalar) and not node.is_null:
            return self._turn(node.text, node)
        if (
            not isinstance(node, nodes.MapNode)
            or len(node.pairs) != 1
            or not isinstance(node.pairs[0][0], nodes.Scalar)
        ):
            raise ConversionError("expected a stage, or a mapping of a stage to its values.", node)
        name, values = node.pairs[0]
        turn = self._turn(getattr(name, "text", ""), name)
        if isinstance(values, nodes.Scalar) and values.is_null:
            return turn
        if not isinstance(values, nodes.MapNode):
            raise ConversionError(f"expected a mapping of values for a turn of {turn.stage!r}.", values)
        found: dict[str, Any] = {}
        self._read(turn.stage, "", values, found)
        return Turn(turn.stage, found)

    def _read(self, stage: str, outer: str, values: MapNode, found: dict[str, Any]) -> None:
        """Read the values of a turn, with fields flat or nested."""
        bound = self._stages[stage]
        options = bound.options

        def read(key: Node, value: Node, _: Node) -> None:
            written = joined(outer, key.text if isinstance(key, nodes.Scalar) else "")
            name = written if written in options else bound.setting_name(written)
            nested = value if isinstance(value, nodes.MapNode) else None
            if nested and bound.has_fields(name):
                self._read(stage, name, nested, found)
            elif name in options:
                converter = options[name].converter
                assert converter is not None  # an option has one
                if name in found:
                    raise ConversionError(f"duplicate key {written} in this turn.", key)
                try:
                    found[name] = converter.from_node(value)
                except ConversionError as error:
                    raise refused(written, options[name], error, value) from None
            elif parameter_of(name) in bound.spec.left_out:
                message = f"{name}: {EXCLUDED}"
                raise ConversionError(message, key, hidden=message)
            else:
                raise _unknown(stage, bound, name, key)

        types.words.each((functools.partial(read, key, value), key) for key, value in values.pairs)

    def _plain(self, turn: Turn) -> Any:
        options = self._stages[turn.stage].options if turn.values else {}
        plain = {}
        for name, value in turn.values.items():
            converter = options[name].converter
            written = declare.settings.name_written(options[name], name, value)
            plain[written] = value if converter is None else converter.to_plain(value)
        return {turn.stage: plain} if plain else turn.stage


def _unknown(stage: str, bound: _Stage, name: str, key: Node) -> ConversionError:
    """Return the error for a parameter that a stage does not have."""
    hidden, message = (f"stage {stage!r} has no parameter {shown}" for shown in (f"'{HIDDEN}'", repr(name)))
    chosen, why = declare.choices.class_in(bound, name), ""
    if chosen is not None:
        why = f": {declare.choices.as_class(*chosen)}"
    elif bound.has_fields(name):
        why = " itself: it is set by its fields."
    elif name in bound.spec.parameters:
        why = " that files can set."
    if why:
        return ConversionError(f"{message}{why}", key, hidden=f"{hidden}.")
    near = (name, declare.choices.spellings(bound, name))
    return ConversionError(f"{message}.", key, hidden=f"{hidden}.", near=near, otherwise=" Remove it from the turn.")


def run(stages: list[str] = []) -> None:  # noqa: B006 - only its docstring and signature are used
    """Run stages.

    Parameters
    ----------
    stages : list of str
        Stages to run, in this order.
    """


def run_spec(stages: Mapping[str, _Stage], default: list[str]) -> FunctionSpec:
    """Make the spec of `run`, whose parameter depends on the stages of the program.

    Parameters
    ----------
    stages : mapping of str to object
        The stages by name, each with its ``options``.
    default : list of str
        The stages to run if none is named.
    """
    parameter = ParameterSpec("stages", list, default, StagesConverter(stages))
    return FunctionSpec(run, inspect.signature(run), {"stages": parameter})
