"""A run: its turns, the contexts around them, and what is in force while they run."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Coroutine, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import click

from . import later
from .errors import ConversionError
from .filling import Report, given_values
from .keys import Key
from .registry import RUN, Bound, Registry
from .resolve import Layer, ResolvedValue, Values
from .scopes import Frame, Scope

if TYPE_CHECKING:
    from . import record
    from .turns import Turn

__all__ = ["PlannedTurn", "Run", "default_turns", "file_run", "print_call"]


DEFAULT = "default"
"""The origin of what nothing asks for."""


class PlannedTurn:
    """A turn that was asked for.

    Attributes
    ----------
    bound : Bound
        The stage.
    line, files : Layer
        The values of this turn alone, from the command line and from `run.stages` of a file.
    origin : str
        What asks for it: the command line, a file, or the default.
    """

    __slots__ = ("bound", "files", "line", "origin")

    def __init__(self, bound: Bound, line: Layer, files: Layer, origin: str) -> None:
        self.bound = bound
        self.line = line
        self.files = files
        self.origin = origin


class Run:
    """Turns to be run, all checked. Nothing has happened before it is entered.

    Parameters
    ----------
    registry : Registry
        The functions.
    values : Values
        What was given.
    turns : sequence of PlannedTurn
        What is run.
    debug : bool
        Whether each bound call is printed.

    Attributes
    ----------
    frame : Frame
        What a thread sees that has entered no scope: the values of the current turn.
    """

    def __init__(
        self, registry: Registry, values: Values, turns: Sequence[PlannedTurn], *, debug: bool = False
    ) -> None:
        self._registry = registry
        self._report: Report | None = print_call if debug else None
        self._turns, self._values = turns, values
        self._merge_single_turns()
        self._stack = ExitStack()
        self.frame = Frame(registry, self._values)

    def _merge_single_turns(self) -> None:
        """Where a stage has one turn, its own options are the dotted values for the whole run."""
        names = [turn.bound.name for turn in self._turns]
        line: dict[Key, ResolvedValue] = {}
        for turn in self._turns:
            if names.count(turn.bound.name) == 1:
                line.update(turn.line)
                turn.line = {}
        self._values = self._values.for_turn(line, {})

    def check(self) -> None:
        """See that every parameter with fields can be made of what was given for them.

        Raises
        ------
        click.UsageError
            Where one cannot.
        """
        names = {turn.bound.name for turn in self._turns}
        for bound in self._registry.bounds.values():
            if bound.name in names or (bound.role != "stage" and self._values.has_fields(bound.prefix)):
                turns = [self._values.for_turn(turn.line, turn.files) for turn in self._turns if turn.bound is bound]
                for values in (self._values, *turns):
                    for scope in (None, *bound.scopes):
                        _try(bound, values, scope)

    def entries(self) -> list[record.Entry]:
        """Give every value of the run, as it is saved and printed.

        Raises
        ------
        SaveError
            Where a given value would not come back the same.
        """
        origins = {turn.origin for turn in self._turns}
        found = self._values.get(RUN, "stages")
        origin = origins.pop() if origins else found.origin if found else DEFAULT
        turns = [self._effective(turn) for turn in self._turns]
        return later.record.entries(self._registry, self._values, turns, origin)

    def _effective(self, planned: PlannedTurn) -> tuple[Turn, dict[str, str]]:
        """Give a turn with the values in which it differs from the rest of the run, and their origins."""
        values = self._values.for_turn(planned.line, planned.files)
        name = planned.bound.name
        own: dict[str, ResolvedValue] = {}
        for option, spec in planned.bound.options.items() if values is not self._values else ():
            found = None if spec.secret else values.get(name, option)
            if found is not None and found is not self._values.get(name, option):
                own[option] = found
        return later.turns.Turn(name, {option: found.value for option, found in own.items()}), {
            option: found.origin for option, found in own.items()
        }

    def __enter__(self) -> Run:  # noqa: PYI034 - nobody subclasses it
        """Enter the contexts, in registration order."""
        if self._report is not None:
            self._report("run", (), {"stages": [turn.bound.name for turn in self._turns]})
        with ExitStack() as stack:
            self._registry.runs.append(self)
            stack.callback(self._registry.runs.remove, self)
            self.frame = stack.enter_context(Scope(self._registry, values=self._values, report=self._report))
            for context in self._registry.of_role("context"):
                stack.enter_context(context.call())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: Any) -> bool | None:  # noqa: PYI036 - passed on as they come
        """Leave the contexts in reverse order; each sees the exception."""
        return self._stack.__exit__(*exception)

    def turn(self, planned: PlannedTurn) -> Any:
        """Run one turn, a coroutine on an event loop of its own, and give what the stage returns."""
        values = self._values.for_turn(planned.line, planned.files)
        before = self.frame
        with Scope(self._registry, values=values, report=self._report) as frame:
            self.frame = frame
            try:
                result = planned.bound.call()
                return _finish(result) if inspect.iscoroutine(result) else result
            finally:
                self.frame = before


def _try(bound: Bound, values: Values, scope: str | None) -> None:
    try:
        given_values(bound, values, () if scope is None else (scope,))
    except ConversionError as error:
        raise click.UsageError(f"Invalid value for {bound.key(str(error), scope).text}") from None


def _finish(coroutine: Coroutine[Any, Any, Any]) -> Any:
    """Run a coroutine on an event loop of its own; in a thread of its own, where one runs in this already."""
    try:
        later.asyncio.get_running_loop()
    except RuntimeError:
        return later.asyncio.run(coroutine)
    with later.futures.ThreadPoolExecutor(1) as executor:
        return executor.submit(later.contextvars.copy_context().run, later.asyncio.run, coroutine).result()


def default_turns(registry: Registry, values: Values) -> list[PlannedTurn]:
    """Plan the turns of `run.stages`: those that were given, or all stages in registration order."""
    found = values.get(RUN, "stages")
    if found is None:
        return [PlannedTurn(stage, {}, {}, DEFAULT) for stage in registry.of_role("stage") if stage.default]
    return [
        PlannedTurn(
            registry.bounds[turn.stage],
            {},
            {
                Key(turn.stage, name): ResolvedValue(value, found.source, found.origin)
                for name, value in turn.values.items()
            },
            found.origin,
        )
        for turn in found.value
    ]


def file_run(registry: Registry, path: str) -> Run:
    """Give the run that a config file alone would be.

    Parameters
    ----------
    registry : Registry
        The functions.
    path : str
        The file.

    Raises
    ------
    ConfigError
        With all that is wrong with it.
    """
    values = Values(files=later.config.load([path], registry))
    return Run(registry, values, default_turns(registry, values))


def print_call(name: str, scopes: Sequence[str], arguments: dict[str, Any]) -> None:
    """Print a bound call as ArgBind does, on standard output; what that cannot show is escaped."""
    lines = [f"{name}("]
    if scopes:
        lines.append(f"  # scope = {', '.join(reversed(scopes))}")
    lines += [f"  {argument} : {type(value).__name__} = {value}" for argument, value in arguments.items()]
    text = "\n".join((*lines, ")"))
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    click.echo(text.encode(encoding, "backslashreplace").decode(encoding))
