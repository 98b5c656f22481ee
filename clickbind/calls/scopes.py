"""Keep the active values of each thread and task, and apply them to bound calls.

`_FRAME` is the package's one piece of module state. It holds a linked list of frames, the innermost first. A frame
belongs to one registry, so that programs can call one another. `Progress` holds the runs of one registry, for threads
that have entered no scope themselves.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from .. import calls, declare
from ..declare.registry import Bound, Registry
from ..errors import BindError, suggest
from ..keys import canonical
from ..layers import Layer, Over, Values

if TYPE_CHECKING:
    from .filling import Filling, Report

__all__ = [
    "Frame",
    "Progress",
    "Scope",
    "bound_call",
    "current_run",
    "current_values",
    "is_active",
    "nearest",
    "progress_of",
]


class Progress:
    """The runs of one registry that are in progress. Unpickling returns those of the other process.

    Attributes
    ----------
    registry : Registry
        The registry of the runs.
    runs : list of object
        The runs, each with its ``frame``, which threads use that have entered no scope.
    era : object
        Replaced when a scope ends in another thread or task than entered it, so that cached frames are rebuilt.
    forks : int or None
        How often the process was forked; None if nobody has asked yet. See `calls.unused`.
    """

    __slots__ = ("__weakref__", "era", "forks", "registry", "runs")

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self.runs: list[Any] = []
        self.era = object()
        self.forks: int | None = None

    def __reduce__(self) -> Any:
        return progress_of, (self.registry,)

    def arguments(self, bound: Bound, values: Values, scopes: Sequence[str]) -> dict[str, Any]:
        """Return the arguments that a call of a function receives, for `layers.snapshots`."""
        filling = calls.filling.Filling(bound, values, scopes, None)
        return filling.fresh(filling.given, {})


def progress_of(registry: Registry) -> Progress:
    """Return the `Progress` of a registry, made on first use."""
    if registry.progress is None:
        registry.progress = Progress(registry)
    found: Progress = registry.progress
    return found


class Frame:
    """The active values and scopes for one registry.

    Attributes
    ----------
    registry : Registry
        The registry whose functions it applies to.
    values : Values
        The values.
    names : tuple of str
        The scopes that were entered with it, the innermost first.
    scopes : tuple of str
        All active scopes, the innermost first, each once. A scope that was entered twice counts where it is innermost.
    outer : Frame or None
        The frame of the same registry around it.
    below : Frame or None
        The frame that is active again when this one ends.
    report : callable or None
        Called with each bound call.
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
        self.era = progress_of(registry).era
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
        """Return the arguments for calls of a function, resolved once per frame."""
        filling = self._fillings.get(bound)
        if filling is None:
            scopes = tuple(filter(bound.is_under, self.scopes))
            report = functools.partial(self.report, bound.name, self._entered()) if self.report else None
            filling = self._fillings[bound] = calls.filling.Filling(bound, self.values, scopes, report)
        return filling

    def _entered(self) -> tuple[str, ...]:
        """Return all active scopes, as often as they were entered, the innermost first."""
        found: list[str] = []
        frame: Frame | None = self
        while frame is not None:
            found += frame.names
            frame = frame.outer
        return tuple(found)


_FRAME: ContextVar[Frame | None] = ContextVar("clickbind", default=None)


class _Now:
    """Access to the innermost frame of this thread or task. It is pickled by name; a `ContextVar` cannot be pickled."""

    __slots__ = ("get",)

    def __init__(self) -> None:
        self.get = _FRAME.get

    def __reduce__(self) -> str:
        return "_NOW"


_NOW = _Now()


def bound_call(function: Callable[..., Any], bound: Bound, registry: Registry) -> Callable[..., Any]:
    """Wrap a function, so that calls fill in the active values.

    Parameters
    ----------
    function : callable
        The function.
    bound : Bound
        Its binding.
    registry : Registry
        The registry that it is bound in.
    """
    # cloudpickle pickles everything that `call` uses. It cannot pickle the `ContextVar`, so `call` uses `_NOW`;
    # `declare.pickling` says how the rest is pickled.
    now = _NOW
    progress = progress_of(registry)

    def call(*args: Any, **kwargs: Any) -> Any:
        frame = now.get()
        if frame is None and not progress.runs:
            return function(*args, **kwargs)
        if frame is None or frame.era is not progress.era:
            frame = _frame_of(progress.registry)
            if frame is None:
                return function(*args, **kwargs)
        filling = frame.filling(bound)
        if filling.simple:
            given = filling.after(len(args)) if args else filling.given
            if filling.copies:
                given = filling.fresh(given, kwargs)
            return function(*args, **{**given, **kwargs})
        args, kwargs = filling.arguments(args, kwargs)
        return function(*args, **kwargs)

    return registry.around(call if isinstance(function, type) else functools.update_wrapper(call, function), bound)


def _frame_of(registry: Registry) -> Frame | None:
    """Find a registry's innermost frame, or that of the run in progress; None without either."""
    frame = _own_frame(registry)
    return _running(registry) if frame is None else frame


def _own_frame(registry: Registry) -> Frame | None:
    """Find the innermost frame that this thread or task has entered for a registry."""
    top = _FRAME.get()
    frame = nearest(top, registry)
    if frame is None or frame.era is progress_of(registry).era:
        return frame
    # A scope has ended in another thread or task, which cannot remove it from this one's list.
    _FRAME.set(_without(top, lambda entry: entry.ended))
    return _own_frame(registry)


def nearest(frame: Frame | None, registry: Registry) -> Frame | None:
    """Find a registry's innermost frame, starting from a given one."""
    while frame is not None and frame.registry is not registry:
        frame = frame.below
    return frame


def _without(top: Frame | None, drop: Callable[[_Entry], bool]) -> Frame | None:
    """Rebuild the list of frames without some of its entries."""
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
    """Return the frame for a thread that has entered no scope: that of the only run in progress."""
    runs = tuple(progress_of(registry).runs)  # other threads may start and end runs
    if len(runs) > 1:
        raise BindError(
            "several runs are in progress, and this thread belongs to none of them: "
            "enter `with binder.scope(values):` first, with the `binder.values()` of its run."
        )
    frame: Frame | None = runs[0].frame if runs else None
    return frame


def current_values(registry: Registry) -> Values:
    """Return the active values for a registry; empty outside of runs and scopes."""
    frame = _frame_of(registry)
    return Values() if frame is None else frame.values


def is_active(registry: Registry) -> bool:
    """Return whether bound calls of a registry take values: in a run or a scope."""
    return _frame_of(registry) is not None


def current_run(registry: Registry) -> Any:
    """Return the run whose values are active for a registry; None if there is none, or a snapshot replaces them."""
    runs = {id(run.frame): run for run in progress_of(registry).runs}
    frame = _frame_of(registry) if runs else None
    while frame is not None and id(frame) not in runs and not (frame.entry and frame.entry.scope.replaces):
        frame = frame.outer
    return None if frame is None else runs.get(id(frame))


class _Entry:
    """One entering of a scope.

    Attributes
    ----------
    scope : Scope
        The scope.
    base : Frame or None
        The frame of the run in progress, if the thread had entered no scope before.
    token : contextvars.Token
        The token of the thread or task that entered it.
    ended : bool
        Whether it was left in another thread or task.
    """

    __slots__ = ("base", "ended", "scope", "token")

    def __init__(self, scope: Scope, base: Frame | None) -> None:
        self.scope = scope
        self.base = base
        self.ended = False
        self.token: Any = None


class Scope:
    """A context manager that puts scopes and values on top of the active ones of its thread or task.

    Leaving it always restores the state before, also after an exception. Scopes that were entered after it stay active.

    Parameters
    ----------
    registry : Registry
        The registry whose functions it applies to.
    layers : sequence of str, Values or Layer
        Names of scopes, snapshots and layers, each on top of the one before. If the first of the values is a snapshot,
        it replaces the active values; all others go on top.
    report : callable, optional
        Called with each bound call.

    Attributes
    ----------
    mappings : list of Layer
        The layers that are not from a snapshot.

    Raises
    ------
    BindError
        If no function of the registry is bound under a name.
    """

    def __init__(
        self, registry: Registry, layers: Sequence[str | Values | Layer] = (), *, report: Report | None = None
    ) -> None:
        self._registry = registry
        self._names = tuple(canonical(layer) for layer in layers if isinstance(layer, str))
        values = [layer for layer in layers if not isinstance(layer, str)]
        self.mappings = [layer for layer in values if not isinstance(layer, Values)]
        first = values[0] if values else None
        self._snapshot = first if isinstance(first, Values) else None
        self._laid: tuple[Layer, ...] = ()
        for layer in values[1:] if self._snapshot else values:
            self._laid = (*(layer.layers if isinstance(layer, Values) else (layer,)), *self._laid)
        self._report = report
        self._entries: list[_Entry] = []
        for name in self._names:
            if name not in registry.scopes:
                known = ", ".join(sorted(registry.scopes)) or "none"
                near = suggest(name, registry.scopes)
                raise BindError(f"no function is bound with the scope {name!r}; the known ones are {known}.{near}")

    def __enter__(self) -> Frame:
        own = _own_frame(self._registry)
        if self.replaces:
            self._check_replaced(own)
        entry = _Entry(self, _running(self._registry) if own is None and not self.replaces else None)
        frame = self.over(_FRAME.get(), entry)
        entry.token = _FRAME.set(frame)
        self._entries.append(entry)
        return frame

    def __exit__(self, *_: object) -> None:
        """End one entry of the scope: the innermost of this thread or task or, if that has none, the latest.

        Scopes can be left by any thread or task and in any order. The garbage collector closes a generator that holds
        one in whatever thread it runs, the event loop closes an async generator in another task, and an `ExitStack` can
        be passed on. So this ends only one entry, and scopes that were entered after it stay active.

        Each thread or task has a list of its own, which no other can change. If another one leaves the scope, the entry
        is only marked as ended, and a new era makes all others look for such marks when they next need their frame.
        """
        top = _FRAME.get()
        frame = self._innermost(top)
        entry = frame.entry if frame is not None else next(reversed(self._entries), None)
        if entry is None:
            return  # it was left before
        self._entries.remove(entry)
        try:
            _FRAME.reset(entry.token)  # only to learn whose entry it is; the active frame is set below
        except ValueError:  # the entry is of another thread or task
            entry.ended = True
            progress_of(self._registry).era = object()
        if frame is not None:
            _FRAME.set(frame.below if frame is top else _without(top, lambda other: other is entry))

    def _innermost(self, frame: Frame | None) -> Frame | None:
        """Find the innermost frame that this scope made, starting from a given one."""
        while frame is not None and (frame.entry is None or frame.entry.scope is not self):
            frame = frame.below
        return frame

    @property
    def replaces(self) -> bool:
        """Whether a snapshot replaces the active values."""
        return self._snapshot is not None

    def over(self, below: Frame | None, entry: _Entry) -> Frame:
        """Make the frame of this scope on top of another frame."""
        frame = nearest(below, self._registry) or entry.base
        values = self._snapshot or (frame.values if frame else Values())
        for layer in reversed(self._laid):
            values = values.replace(over=Over(layer, values.over))
        report = self._report or (frame.report if frame else None)
        names = self._names[::-1]
        return Frame(self._registry, values, names, outer=frame, below=below, report=report, entry=entry)

    def _check_replaced(self, frame: Frame | None) -> None:
        """Warn about active mappings that the snapshot replaces, unless it was taken inside them."""
        kept = (*self._laid, *self._snapshot.over) if self._snapshot else ()
        lost: list[Layer] = []
        while frame is not None and frame.entry is not None:
            scope = frame.entry.scope
            lost += [layer for layer in scope.mappings if not any(layer is own for own in kept)]
            frame = None if scope.replaces else nearest(frame.below, self._registry)
        if lost:
            keys = ", ".join(sorted({key.text for layer in lost for key in layer}))
            declare.identity.warn(
                f"a snapshot or a run replaces the values of the scopes around it: {keys}. To keep "
                f"them, pass them after it: scope(snapshot, {{…}})."
            )
