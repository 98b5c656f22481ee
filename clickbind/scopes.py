"""What is in force now, per thread and task, and the bound call that reads it.

`_FRAME` is the package's one piece of module state. It holds a linked list of frames, the innermost first; a frame
belongs to one registry, so that programs can call one another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from . import later
from .filling import Filling, Report
from .keys import canonical
from .registry import Bound, Registry
from .resolve import Layer, Over, Values

__all__ = ["Frame", "Scope", "bound_call", "current_values", "nearest"]


class Frame:
    """Values and scopes in force for one registry.

    Attributes
    ----------
    registry : Registry
        Whose functions it is for.
    values : Values
        The values.
    names : tuple of str
        The scopes that were entered with it, the innermost first.
    scopes : tuple of str
        All scopes in force, the innermost first, each once: one that was entered again counts where it is innermost.
    outer : Frame or None
        The frame of the same registry around it.
    below : Frame or None
        The frame that holds again when this one ends.
    report : callable or None
        Told of each bound call.
    """

    __slots__ = ("_fillings", "below", "entry", "era", "names", "outer", "registry", "report", "scopes", "values")

    def __init__(
        self,
        registry: Registry,
        values: Values,
        names: tuple[str, ...] = (),
        *,
        outer: Frame | None = None,
        below: Frame | None = None,
        report: Report | None = None,
        entry: _Entry | None = None,
    ) -> None:
        self.registry = registry
        self.era = registry.era
        self.values = values
        self.names = names
        around: tuple[str, ...] = outer.scopes if outer else ()
        self.scopes: tuple[str, ...] = tuple(dict.fromkeys((*names, *around))) if names else around
        self.outer = outer
        self.below = below
        self.report = report
        self.entry = entry
        self._fillings: dict[Bound, Filling] = {}

    def filling(self, bound: Bound) -> Filling:
        """Give what a call of a function gets, resolved once per frame."""
        filling = self._fillings.get(bound)
        if filling is None:
            scopes = tuple(filter(bound.is_under, self.scopes))
            report = functools.partial(self.report, bound.name, self._entered()) if self.report else None
            filling = self._fillings[bound] = Filling(bound, self.values, scopes, report)
        return filling

    def _entered(self) -> tuple[str, ...]:
        """Return all scopes as often as they were entered, the innermost first."""
        found: list[str] = []
        frame: Frame | None = self
        while frame is not None:
            found += frame.names
            frame = frame.outer
        return tuple(found)


_FRAME: ContextVar[Frame | None] = ContextVar("clickbind", default=None)


def bound_call(function: Callable[..., Any], bound: Bound, registry: Registry) -> Callable[..., Any]:
    """Make what a program calls in a function's place: the function, with what was given filled in.

    Parameters
    ----------
    function : callable
        The function.
    bound : Bound
        What it is bound as.
    registry : Registry
        Where it is bound.
    """
    current = _FRAME.get
    runs = registry.runs

    def call(*args: Any, **kwargs: Any) -> Any:
        frame = current()
        if frame is None and not runs:
            return function(*args, **kwargs)
        if frame is None or frame.era is not registry.era:
            frame = _frame_of(registry)
            if frame is None:
                return function(*args, **kwargs)
        filling = frame.filling(bound)
        if filling.simple:
            given = filling.behind(len(args)) if args else filling.given
            if filling.copies:
                given = filling.fresh(given, kwargs)
            return function(*args, **{**given, **kwargs})
        args, kwargs = filling.arguments(args, kwargs)
        return function(*args, **kwargs)

    return call if isinstance(function, type) else functools.update_wrapper(call, function)


def _frame_of(registry: Registry) -> Frame | None:
    """Find a registry's innermost frame, or the run in progress; None outside of both."""
    frame = _own_frame(registry)
    return _running(registry) if frame is None else frame


def _own_frame(registry: Registry) -> Frame | None:
    """Find the innermost frame that this thread or task has entered for a registry."""
    top = _FRAME.get()
    frame = nearest(top, registry)
    if frame is None or frame.era is registry.era:
        return frame
    # A scope has ended in another thread or task, which cannot take it out of this one's.
    _FRAME.set(_without(top, lambda entry: entry.ended))
    return _own_frame(registry)


def nearest(frame: Frame | None, registry: Registry) -> Frame | None:
    """Find a registry's innermost frame, from one on."""
    while frame is not None and frame.registry is not registry:
        frame = frame.below
    return frame


def _without(top: Frame | None, drop: Callable[[_Entry], bool]) -> Frame | None:
    """Make the frames anew, but for some."""
    kept: list[_Entry] = []
    frame = top
    while frame is not None:
        assert frame.entry is not None  # a frame without one is never in the list
        if not drop(frame.entry):
            kept.append(frame.entry)
        frame = frame.below
    for entry in reversed(kept):
        frame = entry.scope.over(frame, entry)
    return frame


def _running(registry: Registry) -> Frame | None:
    """Give what a thread that has entered no scope sees: the one run in progress, without scope names."""
    runs = tuple(registry.runs)  # others come and go
    if len(runs) > 1:
        raise later.errors.BindError(
            "several runs are in progress, and this thread belongs to none of them: "
            "enter `with binder.scope(values):` first, with the `binder.values()` of its run."
        )
    frame: Frame | None = runs[0].frame if runs else None
    return frame


def current_values(registry: Registry) -> Values:
    """Give the values in force for a registry; empty outside of a run and of any scope."""
    frame = _frame_of(registry)
    return Values() if frame is None else frame.values


class _Entry:
    """One entering of a scope.

    Attributes
    ----------
    scope : Scope
        The scope.
    base : Frame or None
        The run in progress that it was entered in, by a thread that had entered nothing.
    token : contextvars.Token
        Of the thread or task that has entered it.
    ended : bool
        Whether it was left from another one.
    """

    __slots__ = ("base", "ended", "scope", "token")

    def __init__(self, scope: Scope, base: Frame | None) -> None:
        self.scope = scope
        self.base = base
        self.ended = False
        self.token: Any = None


class Scope:
    """A context manager that lays scope names and values over what is in force in its thread or task.

    It is restored whatever happens, and ends alone: scopes entered later and left earlier stay as they are.

    Parameters
    ----------
    registry : Registry
        Whose functions it is for.
    names : sequence of str
        Scopes to enter, the last the innermost.
    values : Values or Layer, optional
        A snapshot, which replaces the values in force, or a layer, which goes on top of them.
    report : callable, optional
        Told of each bound call.

    Raises
    ------
    BindError
        Where no function of the registry is bound under a name.
    """

    def __init__(
        self,
        registry: Registry,
        names: Sequence[str] = (),
        values: Values | Layer | None = None,
        *,
        report: Report | None = None,
    ) -> None:
        self._registry = registry
        self._names = tuple(map(canonical, names))
        self._values = values
        self._report = report
        self._entries: list[_Entry] = []
        for name in self._names:
            if name not in registry.scopes:
                known = ", ".join(sorted(registry.scopes)) or "none"
                near = later.errors.suggest(name, registry.scopes)
                raise later.errors.BindError(f"no function is bound under scope {name!r}; there is {known}.{near}")

    def __enter__(self) -> Frame:
        own = _own_frame(self._registry)
        entry = _Entry(self, _running(self._registry) if own is None and not self._replaces else None)
        frame = self.over(_FRAME.get(), entry)
        entry.token = _FRAME.set(frame)
        self._entries.append(entry)
        return frame

    def __exit__(self, *_: object) -> None:
        top = frame = _FRAME.get()
        while frame is not None and (frame.entry is None or frame.entry.scope is not self):
            frame = frame.below
        entry = frame.entry if frame is not None else next(reversed(self._entries), None)
        if entry is None:
            return  # it has been left already
        self._entries.remove(entry)
        try:
            _FRAME.reset(entry.token)
        except ValueError:  # another thread or task has entered it, and takes it out by itself
            entry.ended = True
            self._registry.era = object()
        if frame is not None:
            _FRAME.set(frame.below if frame is top else _without(top, lambda other: other is entry))

    @property
    def _replaces(self) -> bool:
        return isinstance(self._values, Values)

    def over(self, below: Frame | None, entry: _Entry) -> Frame:
        """Make the frame that this scope gives on top of another one."""
        frame = nearest(below, self._registry) or entry.base
        values = frame.values if frame else Values()
        if isinstance(self._values, Values):
            values = self._values
        elif self._values is not None:
            values = values.replace(over=Over(self._values, values.over))
        report = self._report or (frame.report if frame else None)
        names = self._names[::-1]
        return Frame(self._registry, values, names, outer=frame, below=below, report=report, entry=entry)
