"""Run a plan: enter the contexts, run the turns, and report to observers."""

from __future__ import annotations

import inspect
import os
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from time import perf_counter
from typing import TYPE_CHECKING, Any

import click

from .. import calls, fast, layers, running
from ..calls.filling import Report, made_of
from ..calls.scopes import Frame, Scope, current_values, progress_of
from ..declare.registry import Bound, Registry
from ..errors import ConversionError, exit_code
from ..layers import Values
from ..layers.plan import Plan, PlannedTurn

if TYPE_CHECKING:
    from .observers import Observer

    Passed = tuple[Sequence[Any], Mapping[str, Any]]

__all__ = ["Run", "left_on_sigterm"]

NO_ARGUMENTS: Mapping[str, Any] = {}
NOTHING: Passed = ((), {})


class Run:
    """Run a plan. Nothing happens before the run is entered.

    Parameters
    ----------
    registry : Registry
        The functions.
    plan : Plan
        The plan.
    observers : sequence of Observer
        The observers of its events.

    Attributes
    ----------
    registry, plan
        As given.
    frame : Frame
        The frame of threads that have entered no scope: the values of the current turn.
    """

    def __init__(self, registry: Registry, plan: Plan, observers: Sequence[Observer] = ()) -> None:
        self.registry = registry
        self.plan = plan
        # A turn's own values may override those of the run. If it is the only one, they are values of the run.
        ran, around = {stage for stage, turns in plan.by_stage().items() if len(turns) == 1}, plan.values.watch
        others = (registry.bounds.get(key.function) for layer in plan.values.above_defaults for key in layer)
        if around is not None or any(
            bound is not None and bound.role != "context" and bound.name not in ran for bound in others
        ):
            plan.values = calls.unused.watched(registry, plan.values, ran)
        self._watch = plan.values.watch if plan.values.watch is not around else None
        self._observers = observers
        self._begun: list[Observer] = []
        self._stack = ExitStack()
        self.frame = Frame(registry, plan.values)

    def check(self) -> None:
        """Check that a value can be made of the given fields, for every parameter with fields.

        Raises
        ------
        click.UsageError
            If some cannot.
        """
        problems: list[str] = []
        given, turns = self.plan.values.functions(), self.plan.by_stage()
        for bound in self.registry.bounds.values():
            own = turns.get(bound.name, ()) if bound.role == "stage" else ()
            if (own or bound.prefix in given) and bound.spec.groups:
                may_lack = bound.role == "stage" and not (own or self.plan.is_body)
                # Turns may complete a value that the run has only a part of.
                for values in [self.plan.values_of(turn) for turn in own] or [self.plan.values]:
                    for scope in bound.places:
                        problems += _problems(bound, values, scope, may_lack=may_lack)
        if problems:
            raise click.UsageError("\n".join(dict.fromkeys(problems)))

    def __enter__(self) -> Run:  # noqa: PYI034 - nobody subclasses it
        """Enter the contexts, in registration order."""
        # If an observer or a context fails, this stack ends those before it. Observers are pushed first, so that they
        # see the end of the run after all contexts are left.
        with ExitStack() as stack:
            stack.push(self._ended)
            for observer in self._observers:
                observer.run_begins(self.plan)
                self._begun.append(observer)
            in_progress = progress_of(self.registry).runs
            in_progress.append(self)
            stack.callback(in_progress.remove, self)
            self.frame = stack.enter_context(Scope(self.registry, [self.plan.values], report=self._report))
            for context in self.registry.of_role("context"):
                _enter(stack, context)
            for observer in self._observers:
                observer.run_entered()
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: Any) -> bool | None:  # noqa: PYI036 - passed on as they come
        """Leave the contexts in reverse order; each sees the exception."""
        return self._stack.__exit__(*exception)

    def turn(self, planned: PlannedTurn, passed: Passed = NOTHING, arguments: Mapping[str, Any] = NO_ARGUMENTS) -> Any:
        """Run one turn, with a coroutine on a new event loop, and return the result of the stage.

        Parameters
        ----------
        planned : PlannedTurn
            The turn.
        passed : (sequence, mapping) of object
            The arguments that the caller passes, which take precedence over everything else.
        arguments : mapping of str to object
            Further keyword arguments, unless a context has set them; the values of the run are filled in.
        """
        over = current_values(self.registry).over  # values that a context has laid over the run's
        values = self.plan.values_of(planned).replace(over=over)
        if over and arguments:
            prefix = self.registry.bounds[planned.stage].prefix
            arguments = {name: given for name, given in arguments.items() if over.get(prefix, name, ()) is None}
        before = self.frame
        with Scope(self.registry, [values], report=self._report) as frame:
            self.frame = frame
            try:
                call = self._observed if self._observers else self._call
                return call(planned, passed[0], {**arguments, **passed[1]})
            finally:
                self.frame = before

    def _call(self, planned: PlannedTurn, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        result = self.registry.bounds[planned.stage].call(*args, **kwargs)
        return running.coroutines.finish(result) if inspect.iscoroutine(result) else result

    def _observed(self, planned: PlannedTurn, args: Sequence[Any], kwargs: Mapping[str, Any]) -> Any:
        for observer in self._observers:
            observer.turn_begins(planned)
        start = perf_counter()
        result, error = None, None
        try:
            result = self._call(planned, args, kwargs)
        except BaseException as raised:
            error = raised
            raise
        finally:
            for observer in self._observers:
                observer.turn_ends(planned, result, error, perf_counter() - start)
        return result

    @property
    def _report(self) -> Report | None:
        """The callback for bound calls; None without observers, since calls are faster without one."""
        return self._tell if self._observers else None

    def _tell(self, name: str, scopes: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
        for observer in self._observers:
            observer.call(name, scopes, arguments, given)

    def _ended(self, _: object, error: BaseException | None, __: object) -> None:
        for observer in self._begun:
            observer.run_ends(error)
        if self._watch is not None and not exit_code(error):
            running.unused.warn(self._watch.unused)


class _OfContext(click.Context):
    """The Click context in which a bound context is entered, and which is left after it."""

    @property
    def command_path(self) -> str:
        """The names of the commands, as the user typed them."""
        assert self.parent is not None  # `_enter` gives it one
        return self.parent.command_path

    def left(self, *exception: Any) -> bool | None:
        """Leave the resources that were opened in it, which see the exception."""
        self.__enter__()
        return self.__exit__(*exception)


def _enter(stack: ExitStack, context: Bound) -> None:
    """Enter a bound context, with a Click context of its own for its resources.

    What it opens by Click's `with_resource`, or adds by `call_on_close`, ends right after it, before the contexts that
    were entered earlier: those may be needed for it.
    """
    parent = click.get_current_context(silent=True)
    if parent is None:
        stack.enter_context(context.call())
        return
    own = _OfContext(parent.command, parent=parent, info_name=parent.info_name)
    own.params = parent.params
    stack.push(own.left)
    with own.scope(cleanup=False):
        stack.enter_context(context.call())


def _problems(bound: Bound, values: Values, scope: str | None, *, may_lack: bool) -> Iterator[str]:
    """Make the values of all parameters with fields, as a call would, and report those that cannot be made.

    A stage that does not run may lack fields.
    """
    scopes = bound.key("", scope).scopes
    for parameter in bound.spec.parameters.values():
        try:
            if parameter.group is not None:
                made_of(bound, parameter.group, values, scopes)
        except ConversionError as error:  # noqa: PERF203 - each parameter may lack fields
            if may_lack and error.lacks:
                continue
            message = error.hidden or layers.redaction.refusal_of(bound, str(error))
            yield f"Invalid value for {bound.key(message, scope).text}"


@contextmanager
def left_on_sigterm() -> Iterator[None]:
    """End the program with exit code 143 on SIGTERM, by an exception, so that the contexts are left and see it.

    On Windows, SIGBREAK does the same, with exit code 149; that is simulated in `tests/test_windows.py` only.

    This works in the main thread, and only if nobody else has set a handler. After the first signal, further ones are
    ignored, since ``timeout`` and schedulers send several; SIGKILL ends a program that does not end. SIGHUP is left
    alone: it ends the process at once, or not at all under ``nohup``.
    """
    signals = fast.signals() or running.signal
    process = os.getpid()

    def leave(number: int, _: object) -> None:
        if os.getpid() != process:  # a forked child has no contexts to leave
            signals.signal(number, signals.SIG_DFL)
            os.kill(os.getpid(), number)
        signals.signal(number, ignore)
        sys.exit(128 + number)

    def ignore(*_: object) -> None:
        pass

    # On Windows, no process can send SIGTERM; Ctrl-Break, closing the console and logging off send SIGBREAK.
    number = getattr(signals, "SIGBREAK", signals.SIGTERM)
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
