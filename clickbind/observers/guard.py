"""Keep a run safe from its observers: what goes wrong in one is a warning."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Collection, Iterator, Sequence
from typing import Any

import click

from .. import output
from ..layers.plan import Plan, PlannedTurn
from ..running.observers import Observer
from .base import RunPlan

__all__ = ["Guard"]


class Guard(Observer):
    """Hand the events of a run to an observer of somebody's.

    Parameters
    ----------
    name : str
        Its name, for warnings.
    observer : Observer
        The observer.
    plan : RunPlan
        What it gets to know about the run.
    """

    def __init__(self, name: str, observer: Observer, plan: RunPlan) -> None:
        self._name = name
        self._observer = observer
        self._plan = plan
        self._process = os.getpid()
        self._has_begun = False
        self._has_failed = False

    def run_begins(self, plan: Plan) -> None:
        """Hand on the beginning.

        Raises
        ------
        click.ClickException
            If the observer refuses the run.
        """
        with self._warning():
            try:
                self._observer.run_begins(self._plan)
            except click.ClickException as error:
                raise _Refused(error) from None
            self._has_begun = True

    def run_entered(self) -> None:
        """Hand on that all contexts are entered."""
        with self._warning():
            if self._is_on:
                self._observer.run_entered()

    def turn_begins(self, turn: PlannedTurn) -> None:
        """Hand on the beginning of a turn."""
        with self._warning():
            if self._is_on:
                self._observer.turn_begins(turn)

    def call(self, name: str, scopes: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
        """Hand on a call."""
        with self._warning():
            if self._is_on:
                self._observer.call(name, scopes, arguments, given)

    def turn_ends(self, turn: PlannedTurn, result: Any, error: BaseException | None, seconds: float) -> None:
        """Hand on the end of a turn."""
        with self._warning():
            if self._is_on:
                self._observer.turn_ends(turn, result, error, seconds)

    def run_ends(self, error: BaseException | None) -> None:
        """Hand on the end, also to an observer that has failed, so that it can close what it has opened."""
        with self._warning():
            if self._has_begun and self._process == os.getpid():
                self._observer.run_ends(error)

    @property
    def _is_on(self) -> bool:
        """Whether the observer follows the run, and this process is not a fork that has returned into it."""
        return self._has_begun and not self._has_failed and self._process == os.getpid()

    @contextlib.contextmanager
    def _warning(self) -> Iterator[None]:
        """Warn of an error, once: whatever an observer does, the run goes on."""
        try:
            yield
        except _Refused as refused:
            raise refused.error from None
        except Exception as error:  # noqa: BLE001 - see above
            if not self._has_failed:
                self._has_failed = True
                text = self._plan.hide(f"{type(error).__name__}: {_message(error)}")
                output.warn(f"the observer {self._name!r} does not follow this run any more: {text}")


class _Refused(Exception):  # noqa: N818 - not an error of the observer
    """Carries the error by which an observer refuses a run."""

    def __init__(self, error: click.ClickException) -> None:
        super().__init__()
        self.error = error


def _message(error: Exception) -> str:
    """Return the first line of the message of an error."""
    try:
        text = error.format_message() if isinstance(error, click.ClickException) else str(error)
    except Exception:  # noqa: BLE001 - an exception may fail to show itself
        text = ""
    lines = text.strip().splitlines()
    return lines[0][:1_000] if lines else ""
