"""Let Optuna propose the points of a search, by its ask and tell.

The study is in the memory of this process only. Asking and telling again in the same order, with the same seed, brings
it into the state that it had.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import optuna

from .axes import Axis, Point

__all__ = ["Study"]

_SEEDS = 2**32  # that numpy takes
_FAILED = optuna.trial.TrialState.FAIL


class Study:
    """What Optuna knows of a search.

    Parameters
    ----------
    axes : sequence of Axis
        The axes.
    seed : int
        The seed of its sampler.
    maximize : bool
        Whether more is better.
    """

    def __init__(self, axes: Sequence[Axis], seed: int, *, maximize: bool) -> None:
        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._axes = axes
        self._kinds = {f"{number} {axis.name}": _distribution(axis) for number, axis in enumerate(axes)}
        sampler = optuna.samplers.TPESampler(seed=seed % _SEEDS)
        kinds = optuna.study.StudyDirection
        direction = kinds.MAXIMIZE if maximize else kinds.MINIMIZE
        self._study = optuna.create_study(sampler=sampler, direction=direction)
        self._open: dict[int, optuna.trial.Trial] = {}
        self._count = 0

    def ask(self, again: Sequence[str] | None = None) -> Point:
        """Return the next point.

        Parameters
        ----------
        again : sequence of str, optional
            The labels of the point that it has returned before. It is returned again, also if another version of Optuna
            would propose another one.
        """
        trial = self._study.ask(self._kinds)
        found = tuple(
            axis.choices[_place(axis, value)] if axis.span is None else axis.span.at(value)
            for axis, value in zip(self._axes, (trial.params[name] for name in self._kinds), strict=True)
        )
        if again is None or [choice.label for choice in found] == list(again):
            self._open[self._count] = trial
        else:
            self._study.tell(trial, state=_FAILED)
            found = point_of(self._axes, again)
        self._count += 1
        return found

    def tell(self, number: int, point: Point, value: float | None) -> None:
        """Note what came of a point; None if it has failed. What was told before stays known, too.

        Parameters
        ----------
        number : int
            The number of the point, in the order in which they were asked for.
        point : tuple of Choice
            The point.
        value : float or None
            The result.
        """
        trial = self._open.pop(number, None)
        if trial is not None:
            self._study.tell(trial, value, state=_FAILED if value is None else None)
        elif value is not None:
            params = {
                name: choice.label if axis.span is None else axis.span.number(choice)
                for name, axis, choice in zip(self._kinds, self._axes, point, strict=True)
            }
            self._study.add_trial(optuna.create_trial(params=params, distributions=self._kinds, value=value))


def point_of(axes: Sequence[Axis], labels: Sequence[str]) -> Point:
    """Return the point whose values have these labels."""
    return tuple(
        axis.choices[_place(axis, label)] if axis.span is None else axis.span.labelled(label)
        for axis, label in zip(axes, labels, strict=True)
    )


def _place(axis: Axis, label: Any) -> int:
    return [choice.label for choice in axis.choices].index(label)


def _distribution(axis: Axis) -> optuna.distributions.BaseDistribution:
    if axis.span is None:
        return optuna.distributions.CategoricalDistribution([choice.label for choice in axis.choices])
    found = axis.span.range
    if found.whole:
        return optuna.distributions.IntDistribution(int(found.low), int(found.high), log=found.log)
    return optuna.distributions.FloatDistribution(found.low, found.high, log=found.log)
