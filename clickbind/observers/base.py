"""Define what an observer is for users: the class that they derive from, and what it gets."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from .. import layers, running
from ..declare.registry import Registry
from ..layers.plan import Plan

if TYPE_CHECKING:
    from ..journal.records import Record

__all__ = ["Observer", "RunPlan"]


class RunPlan(Plan):
    """What an observer gets to know about a run.

    Attributes
    ----------
    turns : tuple
        The turns. Each has the name of its ``stage``.
    values : Values
        The values of the run, with its secrets, for code: ``values["train.lr"]``. To show or to write values, use
        those of the record.
    record : Record
        The record of the run, as `clickbind.runs` returns it, but kept up to date while the run is in progress: without
        secrets, and also of a run that is not recorded. Its ``folder`` is empty then.
    text : str
        The saved run, as ``--save`` writes it, with the origins of its values. Empty if it cannot be saved.
    hide : callable
        Replaces the secrets of the run in a text by ``***``.
    """

    __module__ = "clickbind"  # where users import it from

    __slots__ = ("hide", "record", "text")

    def __init__(
        self, registry: Registry, plan: Plan, record: Record, text: str = "", hide: Callable[[str], str] = str
    ) -> None:
        super().__init__(plan.values, plan.turns, is_body=plan.is_body)
        self.values = self.values.replace(home=layers.snapshots.Home(registry, plan))
        self.record = record
        self.text = text
        self.hide = hide


class Observer(running.observers.Observer):
    """Base class of observers, which follow the runs of a program: ``Binder(observers=[…])``.

    Its methods do nothing: override those that you need. An exception that one raises does not end the run. It is shown
    as a warning, and the observer gets only the end of the run from then on. `run_begins` can refuse a run by a
    `click.ClickException`.

    Examples
    --------
    >>> import clickbind
    >>> class Ends(clickbind.Observer):
    ...     def run_begins(self, plan):
    ...         self.record = plan.record
    ...
    ...     def run_ends(self, error):
    ...         print(self.record.status, self.record.results)
    >>> binder = clickbind.Binder("fit", observers=[Ends])
    >>> @binder.stage
    ... def train(lr: float = 0.5):
    ...     return {"loss": lr / 10}
    >>> binder.command()(["train"], standalone_mode=False)
    done {'train.loss': 0.05}
    {'loss': 0.05}
    """

    __module__ = "clickbind"  # where users import it from

    def run_begins(self, plan: RunPlan) -> None:
        """Observe the beginning: everything is checked, and no context has been entered."""
