"""Find the values that a user gave for bound functions and that no call took.

Only a run that was given such values imports this module.
"""

from __future__ import annotations

import functools
import os
import weakref
from collections.abc import Container, Iterable, Sequence
from typing import TYPE_CHECKING, Any

from .filling import given_for
from .scopes import Progress, progress_of

if TYPE_CHECKING:
    from ..declare.registry import Bound, Registry
    from ..keys import Key
    from ..layers import ResolvedValue, Values

__all__ = ["Watch", "watched"]


def watched(registry: Registry, values: Values, ran: Container[str]) -> Values:
    """Return values that note which of those are taken that a user gave for functions that only the program calls.

    Values that are watched already are those of the line from which the run is called, for all runs that it calls. The
    run's own calls of its stages and contexts take some of them.

    A variable for a stage that does not run is not among them: it may be there for other lines, which run the stage.

    Parameters
    ----------
    registry : Registry
        The functions.
    values : Values
        The values of a run.
    ran : container of str
        The stages that the run itself calls with these values.
    """
    given: dict[Key, ResolvedValue] = {}
    outer: Watch | None = values.watch
    for key, resolved in (*values.line.items(), *values.environment.items()):
        bound = registry.bounds.get(key.function)
        if outer is not None and id(resolved) in outer.known:
            if bound is None or bound.role == "context" or bound.name in ran:
                outer.take([id(resolved)])
            continue
        if bound is None or bound.role == "context" or bound.name in ran:
            continue
        if key in values.line or bound.role == "bind":
            given.setdefault(key, resolved)
    return values.replace(watch=Watch(registry, given.values(), outer)) if given else values


class Watch:
    """Notes which of a run's values were taken by calls. All threads of the run share it.

    Parameters
    ----------
    registry : Registry
        The functions.
    given : iterable of ResolvedValue
        The values to watch.
    outer : Watch, optional
        The one of the line from which the run is called.

    Attributes
    ----------
    known : frozenset of int
        The identities of the values, and of those that `outer` watches.
    """

    def __init__(self, registry: Registry, given: Iterable[ResolvedValue], outer: Watch | None = None) -> None:
        # The values that no call has taken yet, by identity. Removing an item is atomic, so threads need no lock.
        self._pending = {id(resolved): resolved for resolved in given}
        self.known: frozenset[int] = frozenset(self._pending) | (outer.known if outer is not None else frozenset())
        self._outer = outer
        self._progress = progress_of(registry)
        self._forks = _forks(self._progress)
        self._lost = False

    def behind(self, bound: Bound, values: Values, scopes: Sequence[str], given: Iterable[str]) -> dict[str, list[int]]:
        """Return the pending values that make the arguments of a function, by parameter."""
        found: dict[str, list[int]] = {}
        for name in given:
            group = getattr(bound.spec.parameters.get(name), "group", None)
            if group is None:
                parts = [values.resolve(bound.prefix, name, scopes)]
            else:
                parts = [resolved for _, resolved in group.counted(given_for(bound, group, values, scopes)).values()]
            pending = [id(resolved) for resolved in parts if self._awaits(id(resolved))]
            if pending:
                found[name] = pending
        return found

    def _awaits(self, part: int) -> bool:
        return part in self._pending or (self._outer is not None and self._outer._awaits(part))  # noqa: SLF001 - a Watch

    @property
    def pending(self) -> bool:
        """Whether a value has not been taken yet."""
        return bool(self._pending) or (self._outer is not None and self._outer.pending)

    def take(self, parts: Iterable[int]) -> None:
        """Note that a call takes some values."""
        parts = list(parts)
        for part in parts:
            self._pending.pop(part, None)
        if self._outer is not None:
            self._outer.take(parts)

    def lose(self) -> None:
        """Note that the values go to another process, whose calls cannot be seen."""
        self._lost = True
        if self._outer is not None:
            self._outer.lose()

    @property
    def unused(self) -> list[str]:
        """The origins of the values that no call took; empty if calls cannot all be seen."""
        if self._lost or self._progress.forks != self._forks:
            return []
        return [resolved.origin for resolved in list(self._pending.values())]  # other threads may change it


def _forks(progress: Progress) -> int:
    """Return how often this process was forked since this was first asked for a registry."""
    if progress.forks is None:
        progress.forks = 0
        register: Any = getattr(os, "register_at_fork", None)
        if register is not None:  # Windows cannot fork
            # Before the fork, so that the child knows too: it does not see the calls of its parent.
            register(before=functools.partial(_forked, weakref.ref(progress)))
    return progress.forks


def _forked(reference: weakref.ref[Progress]) -> None:
    progress = reference()
    if progress is not None and progress.forks is not None:
        progress.forks += 1
