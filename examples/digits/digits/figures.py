"""Figures of a run, drawn without a display."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from digits.files import replacing
from digits.model import Array

__all__ = ["confusion", "losses", "mistakes", "save"]

BLUE, ORANGE, GREY = "#0b5394", "#d95f02", "#666666"
DARK = 0.4
"""Rate from which the numbers of the confusion matrix are white."""


def new_figure(width: float, height: float) -> Figure:
    """Return an empty figure of a size in inches."""
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def save(figure: Figure, path: Path, dpi: int) -> None:
    """Write a figure as PNG. An interrupted write leaves the old file."""
    with replacing(path) as new:
        figure.savefig(new, format="png", dpi=dpi)


def losses(history: Sequence[dict[str, float]]) -> Figure:
    """Draw the losses in nats, and the accuracy, of each epoch."""
    figure = new_figure(8, 3.8)
    left, right = figure.subplots(1, 2, gridspec_kw={"wspace": 0.08})
    epochs = [epoch["epoch"] for epoch in history]
    best = min(history, key=lambda epoch: epoch["val_loss"])
    for key, label, color in (("loss", "training", BLUE), ("val_loss", "validation", ORANGE)):
        left.plot(epochs, [epoch[key] for epoch in history], color=color, label=label, marker=".", markersize=4)
    right.plot(epochs, [100 * epoch["val_accuracy"] for epoch in history], color=ORANGE, marker=".", markersize=4)
    left.set(title="Loss", ylabel="cross-entropy (nats)", yscale="log")
    right.set(title="Validation accuracy", ylabel="images read right (%)")
    for axes in (left, right):
        axes.axvline(best["epoch"], color=GREY, linewidth=1, linestyle=":", label=f"kept: epoch {best['epoch']:.0f}")
        axes.set(xlabel="epoch", xlim=(0.5, len(history) + 0.5))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, min_n_ticks=1))
        axes.spines[["top", "right"]].set_visible(False)
        axes.grid(axis="y", color="#dddddd", linewidth=0.6)
    left.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    left.yaxis.set_minor_locator(NullLocator())
    left.yaxis.set_major_formatter("{x:g}")
    figure.legend(*left.get_legend_handles_labels(), loc="outside lower center", ncols=3, frameon=False)
    return figure


def confusion(counts: Array) -> Figure:
    """Draw the confusion matrix, (classes, classes): a row per digit, a column per answer."""
    figure = new_figure(5.6, 5.2)
    axes = figure.subplots()
    rates = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    axes.imshow(rates**0.5, cmap="Blues", vmin=0, vmax=1)  # the root, so that one mistake in 40 can be seen
    for (row, column), count in np.ndenumerate(counts):
        if count:
            color = "white" if rates[row, column] > DARK else "black"
            axes.text(column, row, str(count), ha="center", va="center", color=color, fontsize=9)
    digits = range(len(counts))
    accuracy = counts.trace() / max(counts.sum(), 1)
    axes.set(xticks=digits, yticks=digits, xlabel="read as", ylabel="digit")
    axes.set_title(f"{counts.trace()} of {counts.sum()} images read right ({accuracy:.1%})", fontsize=11)
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return figure


def mistakes(images: Array, y: Array, probabilities: Array, most: int) -> Figure:
    """Draw the images that were read wrong, the most confident answers first.

    Parameters
    ----------
    images : array of int, (n, 8, 8)
        Grey values from 0 to 16.
    y : array of int, (n,)
        The digits.
    probabilities : array, (n, classes)
        What the classifier answers.
    most : int
        How many to draw.
    """
    answers = probabilities.argmax(axis=1)
    wrong = np.flatnonzero(answers != y)
    sure = probabilities[wrong, answers[wrong]]
    shown = wrong[(-sure).argsort(kind="stable")][:most]
    rows = max(math.ceil(len(shown) / 6), 1)
    columns = max(math.ceil(len(shown) / rows), 2)
    figure = new_figure(1.5 * columns, 1.85 * rows + 0.4)
    grid: Any = figure.subplots(rows, columns, squeeze=False)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set(visible=False, color="#cccccc")
    for axes, index in zip(grid.flat, shown, strict=False):
        axes.imshow(images[index], cmap="gray_r", vmin=0, vmax=16)
        axes.spines[:].set_visible(True)
        answer = answers[index]
        axes.set_title(f"{y[index]}, read as {answer}\n{probabilities[index, answer]:.0%} sure", fontsize=9)
    title = f"{len(shown)} of {len(wrong)} mistakes, the most confident first"
    if len(shown) == len(wrong):
        title = f"All {len(wrong)} mistakes, the most confident first" if len(wrong) else "No mistakes"
    figure.suptitle(title, fontsize=11)
    return figure
