"""A run: its turns, the contexts around them, and what is in force while they run."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from .. import fast, layers, runs
from ..calls.filling import Report, given_values
from ..calls.scopes import Frame, Scope, current_values
from ..declare.registry import Bound, Registry
from ..errors import ConversionError
from ..keys import Key
from ..layers import Layer, ResolvedValue, Values

__all__ = ["PlannedTurn", "Run", "left_on_sigterm"]


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
    registry, values, turns
        As given; the values with those of stages that have one turn.
    frame : Frame
        What a thread sees that has entered no scope: the values of the current turn.
    """

    def __init__(
        self, registry: Registry, values: Values, turns: Sequence[PlannedTurn], *, debug: bool = False
    ) -> None:
        self.registry = registry
        self.turns, self.values = turns, values
        self._turns: dict[Bound, list[PlannedTurn]] = {}
        for turn in turns:
            self._turns.setdefault(turn.bound, []).append(turn)
        self._merge_single_turns()
        self._report: Report | None = runs.debugging.reporter(registry, self._all_values()) if debug else None
        self._stack = ExitStack()
        self.frame = Frame(registry, self.values)

    def _merge_single_turns(self) -> None:
        """Where a stage has one turn, its own options are the dotted values for the whole run."""
        line: dict[Key, ResolvedValue] = {}
        for turns in self._turns.values():
            if len(turns) == 1:
                line.update(turns[0].line)
                turns[0].line = {}
        if line:
            self.values = self.values.replace(line={**self.values.line, **line})

    def _all_values(self) -> Values:
        """Return the values of the run and, below them, those of every turn, none for that of another."""
        layers = (layer for turn in self.turns for layer in (turn.line, turn.files) if layer)
        return self.values.replace(over=(*self.values.over, *layers))

    def check(self) -> None:
        """See that every parameter with fields can be made of what was given for them.

        Raises
        ------
        click.UsageError
            Where one cannot.
        """
        given = self.values.with_fields()
        for bound in self.registry.bounds.values():
            own = self._turns.get(bound, ())
            asked = own or (bound.role != "stage" and bound.prefix in given)
            if asked and bound.spec.groups:
                turns = [self.values.for_turn(turn.line, turn.files) for turn in own]
                for values in (self.values, *turns):
                    for scope in (None, *bound.scopes):
                        _try(bound, values, scope)

    def __enter__(self) -> Run:  # noqa: PYI034 - nobody subclasses it
        """Enter the contexts, in registration order."""
        if self._report is not None:
            self._report("run", (), {"stages": [turn.bound.name for turn in self.turns]}, ())
        with ExitStack() as stack:
            self.registry.runs.append(self)
            stack.callback(self.registry.runs.remove, self)
            self.frame = stack.enter_context(Scope(self.registry, [self.values], report=self._report))
            for context in self.registry.of_role("context"):
                stack.enter_context(context.call())
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: Any) -> bool | None:  # noqa: PYI036 - passed on as they come
        """Leave the contexts in reverse order; each sees the exception."""
        return self._stack.__exit__(*exception)

    def turn(self, planned: PlannedTurn) -> Any:
        """Run one turn, a coroutine on an event loop of its own, and give what the stage returns."""
        over = current_values(self.registry).over  # what the contexts lay over
        values = self.values.for_turn(planned.line, planned.files).replace(over=over)
        before = self.frame
        with Scope(self.registry, [values], report=self._report) as frame:
            self.frame = frame
            try:
                result = planned.bound.call()
                return runs.coroutines.finish(result) if inspect.iscoroutine(result) else result
            finally:
                self.frame = before


def _try(bound: Bound, values: Values, scope: str | None) -> None:
    try:
        given_values(bound, values, () if scope is None else (scope,))
    except ConversionError as error:
        message = layers.redaction.refusal_of(bound, str(error))
        raise click.UsageError(f"Invalid value for {bound.key(message, scope).text}") from None


@contextmanager
def left_on_sigterm() -> Iterator[None]:
    """Have SIGTERM end the program with 143 by way of an exception, so that contexts are left and see it.

    Only in the main thread, and only if nobody else has set a handler. Once the signal has come, more of them are
    ignored, since ``timeout`` and schedulers send several; SIGKILL ends what does not end. SIGHUP is left alone: it
    ends the process at once, or not at all under ``nohup``.
    """
    signals = fast.signals() or runs.signal
    process = os.getpid()

    def leave(number: int, _: object) -> None:
        if os.getpid() != process:  # a forked child has no contexts to leave
            signals.signal(number, signals.SIG_DFL)
            os.kill(os.getpid(), number)
        signals.signal(number, ignore)
        sys.exit(128 + number)

    def ignore(*_: object) -> None:
        pass

    number = signals.SIGTERM
    if signals.getsignal(number) is not signals.SIG_DFL:
        yield
        return
    try:
        signals.signal(number, leave)
    except ValueError:  # in another thread
        yield
        return
    try:
        yield
    finally:
        if signals.getsignal(number) in {leave, ignore}:
            signals.signal(number, signals.SIG_DFL)
