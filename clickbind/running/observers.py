"""Observe the events of a run as they happen. ``--debug`` is an observer."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING, Any

from .. import layers, output

if TYPE_CHECKING:
    from ..declare.registry import Registry
    from ..layers.plan import Plan, PlannedTurn

__all__ = ["Debug", "Observer", "print_call"]


class Observer:
    """Observe the events of a run. The methods of this class do nothing; an observer overrides those that it needs."""

    def run_begins(self, plan: Any) -> None:
        """Observe the beginning: everything is checked, and no context has been entered.

        Parameters
        ----------
        plan : Plan
            The run; those of `clickbind.Observer` get a `clickbind.RunPlan`.
        """

    def run_entered(self) -> None:
        """Observe that all contexts are entered, before the first turn."""

    def turn_begins(self, turn: PlannedTurn) -> None:
        """Observe the beginning of a turn."""

    def call(self, name: str, scopes: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
        """Observe a bound call before it is made.

        Parameters
        ----------
        name : str
            The name of the function.
        scopes : sequence of str
            The scopes that are active, the innermost first.
        arguments : dict of str to object
            The arguments, with the defaults.
        given : collection of str
            The names of the arguments that are not defaults.
        """

    def turn_ends(self, turn: PlannedTurn, result: Any, error: BaseException | None, seconds: float) -> None:
        """Observe the end of a turn: with its result, or with the error that ended it."""

    def run_ends(self, error: BaseException | None) -> None:
        """Observe the end, after all contexts are left: with the error that ended the run, if there is one."""


class Debug(Observer):
    """Print each bound call, with the secrets of the run hidden.

    Parameters
    ----------
    registry : Registry
        The functions.
    plan : Plan
        The run.
    """

    def __init__(self, registry: Registry, plan: Plan) -> None:
        readable = (bound for bound in registry.bounds.values() if bound.is_readable)
        secret = any(spec.secret for bound in readable for spec in bound.options.values())
        self._scrub = layers.redaction.Net(registry, values=plan.every_layer).scrub if secret else str
        self._is_full = False

    def run_begins(self, plan: Plan) -> None:
        """Print the stages, if the plan has any."""
        if not plan.is_body:
            self.call("run", (), {"stages": [turn.stage for turn in plan.turns]}, ())

    def call(self, name: str, scopes: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
        """Print the call; warn once if that fails, since the run goes on."""
        if not print_call(name, scopes, arguments, scrub=self._scrub) and not self._is_full:
            self._is_full = True
            output.warn("the calls cannot be printed, since standard output cannot be written.")


def print_call(
    name: str, scopes: Sequence[str], arguments: dict[str, Any], *, scrub: Callable[[str], str] = str
) -> bool:
    """Print a bound call as ArgBind does, escaping what standard output cannot encode; return whether that worked."""
    lines = [f"{name}("]
    if scopes:
        lines.append(f"  # scope = {', '.join(reversed(scopes))}")
    lines += [f"  {argument} : {type(value).__name__} = {scrub(_text(value))}" for argument, value in arguments.items()]
    return output.say("\n".join((*lines, ")")))


def _text(value: Any) -> str:
    try:
        return str(value)
    except Exception:  # noqa: BLE001 - the str of a class may raise anything, which must not end the run
        return f"<unprintable {type(value).__name__}>"
