"""Classifiers in NumPy: softmax regression, and a perceptron with one hidden layer.

The parameters of a classifier are a list of arrays, a weight matrix and a bias per layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["Array", "cross_entropy", "gradients", "initialize", "logits", "probabilities"]

Array: TypeAlias = NDArray[Any]


def initialize(sizes: Sequence[int], rng: np.random.Generator) -> list[Array]:
    """Draw the parameters of a classifier.

    Parameters
    ----------
    sizes : sequence of int
        Number of inputs, of units in each hidden layer, and of classes.
    rng : Generator
        Source of randomness.

    Returns
    -------
    list of array
        A weight matrix, (inputs, outputs), and a bias, (outputs,), per layer. The weights have He's variance.
    """
    parameters = []
    for inputs, outputs in pairwise(sizes):
        parameters.append(rng.normal(0, np.sqrt(2 / inputs), (inputs, outputs)))
        parameters.append(np.zeros(outputs))
    return parameters


def activations(parameters: Sequence[Array], x: Array) -> list[Array]:
    """Return the inputs of each layer, and the logits at the end."""
    values = [x]
    last = len(parameters) - 2
    for layer in range(0, len(parameters), 2):
        value = values[-1] @ parameters[layer] + parameters[layer + 1]
        values.append(value if layer == last else np.maximum(value, 0))
    return values


def logits(parameters: Sequence[Array], x: Array) -> Array:
    """Return the logits, (n, classes), of images, (n, pixels)."""
    return activations(parameters, x)[-1]


def probabilities(z: Array) -> Array:
    """Return the softmax of logits, (n, classes)."""
    powers = np.exp(z - z.max(axis=1, keepdims=True))  # the largest one is 0, so that nothing overflows
    return np.asarray(powers / powers.sum(axis=1, keepdims=True))


def cross_entropy(z: Array, y: Array) -> float:
    """Return the mean cross-entropy, in nats, of logits, (n, classes), against labels, (n,)."""
    shifted = z - z.max(axis=1, keepdims=True)
    return float(np.mean(np.log(np.exp(shifted).sum(axis=1)) - shifted[np.arange(len(y)), y]))


def gradients(parameters: Sequence[Array], x: Array, y: Array) -> tuple[float, list[Array]]:
    """Return the loss of a batch and its gradients, by backpropagation.

    Parameters
    ----------
    parameters : sequence of array
        Those of the classifier.
    x : array, (n, pixels)
        Images.
    y : array of int, (n,)
        Labels.

    Returns
    -------
    loss : float
        Mean cross-entropy in nats.
    gradients : list of array
        One for each of the parameters, of its shape.
    """
    *inputs, z = activations(parameters, x)
    error = probabilities(z)
    error[np.arange(len(y)), y] -= 1
    error /= len(y)
    found: list[Array] = []
    for layer in reversed(range(len(inputs))):
        found[:0] = [inputs[layer].T @ error, error.sum(axis=0)]
        error = (error @ parameters[2 * layer].T) * (inputs[layer] > 0)
    return cross_entropy(z, y), found
