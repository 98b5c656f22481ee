"""Optimizers: how a step follows from gradients. The class is chosen on the line, and its fields are options."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, TypeAlias

import click
import numpy as np

from digits.model import Array

__all__ = ["SGD", "Adam", "Step"]

Step: TypeAlias = Callable[[Sequence[Array]], None]
"""Takes gradients, and changes the parameters in place."""

Positive = Annotated[float, click.FloatRange(min=0, min_open=True)]
Fraction = Annotated[float, click.FloatRange(min=0, max=1, max_open=True)]


@dataclass(frozen=True)
class SGD:
    """Stochastic gradient descent with momentum.

    Parameters
    ----------
    lr : float
        Learning rate.
    momentum : float
        Part of the last step that is added to the next one.
    """

    lr: Positive = 0.1
    momentum: Fraction = 0.9

    def start(self, parameters: Sequence[Array]) -> Step:
        """Return a function that makes the steps for these parameters."""
        velocities = [np.zeros_like(parameter) for parameter in parameters]

        def step(gradients: Sequence[Array]) -> None:
            for parameter, velocity, gradient in zip(parameters, velocities, gradients, strict=True):
                velocity *= self.momentum
                velocity -= self.lr * gradient
                parameter += velocity

        return step


@dataclass(frozen=True)
class Adam:
    """Adam, by Kingma and Ba (2015).

    Parameters
    ----------
    lr : float
        Learning rate.
    beta1 : float
        Decay of the running mean of the gradients.
    beta2 : float
        Decay of the running mean of their squares.
    """

    lr: Positive = 0.003
    beta1: Fraction = 0.9
    beta2: Fraction = 0.999

    def start(self, parameters: Sequence[Array]) -> Step:
        """Return a function that makes the steps for these parameters."""
        means = [np.zeros_like(parameter) for parameter in parameters]
        squares = [np.zeros_like(parameter) for parameter in parameters]
        count = 0

        def step(gradients: Sequence[Array]) -> None:
            nonlocal count
            count += 1
            rate = self.lr * np.sqrt(1 - self.beta2**count) / (1 - self.beta1**count)
            for parameter, mean, square, gradient in zip(parameters, means, squares, gradients, strict=True):
                mean += (1 - self.beta1) * (gradient - mean)
                square += (1 - self.beta2) * (gradient**2 - square)
                parameter -= rate * mean / (np.sqrt(square) + 1e-8)

        return step
