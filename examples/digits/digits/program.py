"""Learn to read handwritten digits: download, preprocess, train, evaluate, analyze.

The data are 1797 images of 8 by 8 pixels, which scikit-learn brings along, so that nothing needs the network.
"""

from __future__ import annotations

import json
import math
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import click
import numpy as np

import clickbind
from digits import files
from digits.model import Array, cross_entropy, gradients, initialize, logits, probabilities
from digits.optimizers import SGD, Adam

binder = clickbind.Binder("digits", help=__doc__)

SPLITS = ("train", "val", "test")
CLASSES = 10
HOPELESS = 100.0
"""Loss in nats from which training is given up. Guessing costs 2.3."""

_folder: ContextVar[Path] = ContextVar("_folder")

Count = Annotated[int, click.IntRange(min=1)]
Part = Annotated[float, click.FloatRange(min=0, max=0.5, min_open=True, max_open=True)]


@binder.context
@contextmanager
def output(folder: Annotated[Path, clickbind.Option(run_folder=True)] = Path("output")) -> Iterator[Path]:
    """Keep what a run makes in one folder.

    Parameters
    ----------
    folder : Path
        Folder for the model, the figures and the numbers of a run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    token = _folder.set(folder)
    try:
        yield folder
    finally:
        _folder.reset(token)


def made(name: str) -> Path:
    """Return the path of a file that a run makes, in the working directory outside of `output`."""
    return _folder.get(Path()) / name


@binder.stage
def download(folder: Path = Path("data")) -> None:
    """Get the images and their labels.

    Parameters
    ----------
    folder : Path
        Folder for the data, which all runs can share.
    """
    from sklearn.datasets import load_digits

    found = load_digits()
    raw = folder / "raw.npz"
    files.write_arrays(raw, images=found.images.astype(np.uint8), labels=found.target.astype(np.uint8))
    files.write_text(raw.with_suffix(".sha256"), f"{files.checksum(raw)}  {raw.name}\n")
    print(f"downloaded {len(found.images)} images to {raw}")


@dataclass(frozen=True)
class Split:
    """How the images are split and scaled.

    Parameters
    ----------
    seed : int
        Seed of the shuffle.
    val : float
        Part of all images that is for validation.
    test : float
        Part of all images that is for the test.
    scale : {"unit", "standard"}
        Divide grey values by 16, their maximum, or give each pixel mean 0 and variance 1 over the training images.
    """

    seed: int = 0
    val: Part = 0.2
    test: Part = 0.2
    scale: Literal["unit", "standard"] = "unit"


@binder.stage
def preprocess(folder: Path = Path("data"), split: Split = Split()) -> None:
    """Split the images for training and test, and scale them.

    The classifier learns from the part ``train``. The part ``val``, for validation, says when to stop, and the part
    ``test`` how well it reads what it has never seen.

    Parameters
    ----------
    folder : Path
        Folder of the data.
    split : Split
        How to split and to scale.
    """
    raw = folder / "raw.npz"
    arrays = files.read_arrays(raw, "download")
    checksum = files.existing(raw.with_suffix(".sha256"), "download").read_text(encoding="utf-8").partition(" ")[0]
    if checksum != files.checksum(raw):
        raise click.ClickException(f"{raw} is damaged: its checksum differs. Run the stage 'download' again.")
    x = arrays["images"].reshape(len(arrays["images"]), -1) / 16
    order = np.random.default_rng(split.seed).permutation(len(x))
    test, val = round(split.test * len(x)), round(split.val * len(x))
    parts = dict(zip(SPLITS, np.split(order, [len(x) - val - test, len(x) - test]), strict=True))
    for name, rows in parts.items():
        if not len(rows):
            raise click.ClickException(
                f"no image is left for {name}: change --preprocess.split.val or --preprocess.split.test."
            )
    if split.scale == "standard":
        mean, deviation = x[parts["train"]].mean(axis=0), x[parts["train"]].std(axis=0)
        x = (x - mean) / np.where(deviation > 0, deviation, 1)  # the corners are always white
    for name, rows in parts.items():
        images = arrays["images"][rows]
        files.write_arrays(folder / f"{name}.npz", x=x[rows], y=arrays["labels"][rows].astype(int), images=images)
    print("split into", ", ".join(f"{len(rows)} for {name}" for name, rows in parts.items()))


@binder.bind(*SPLITS, exclude=["split"])
def dataset(split: str, folder: Path = Path("data"), limit: Count | None = None) -> tuple[Array, Array, Array]:
    """Read the images of a split.

    Parameters
    ----------
    split : str
        One of `SPLITS`.
    folder : Path
        Folder of the data.
    limit : int, optional
        Read only so many images, the first ones.

    Returns
    -------
    x : array, (n, 64)
        Scaled grey values.
    y : array of int, (n,)
        The digits.
    images : array of int, (n, 8, 8)
        Grey values from 0 to 16.
    """
    arrays = files.read_arrays(folder / f"{split}.npz", "preprocess")
    return arrays["x"][:limit], arrays["y"][:limit], arrays["images"][:limit]


def read(split: str) -> tuple[Array, Array, Array]:
    """Read a split with the values of its scope: `--train/dataset.limit 100`."""
    with binder.scope(split):
        return dataset(split)


# Somebody else's function and class. Of their many parameters, these become options: `--json.indent 2`.
progressbar = binder.bind(click.progressbar, include=["hidden"])
JSONEncoder = binder.bind(json.JSONEncoder, name="json", include=["indent", "sort_keys"])


def write_json(name: str, value: object) -> None:
    """Write a file that a run makes, as the options of `json` say."""
    files.write_text(made(name), JSONEncoder().encode(value) + "\n")


@binder.stage
def train(
    model: Literal["mlp", "softmax"] = "mlp",
    *,
    hidden: Count = 64,
    optim: SGD | Adam = SGD(),
    epochs: Count = 60,
    batch: Count = 32,
    patience: Count | None = 10,
    seed: int = 0,
) -> dict[str, float]:
    """Train a classifier, and keep the best one.

    The best one has the least loss on the images for validation. Ctrl-C leaves the best one so far.

    Parameters
    ----------
    model : {"mlp", "softmax"}
        A perceptron with one hidden layer, or softmax regression.
    hidden : int
        Units of the hidden layer.
    optim : SGD or Adam
        The optimizer.
    epochs : int
        Largest number of epochs.
    batch : int
        Images per step.
    patience : int, optional
        Stop after so many epochs without a smaller validation loss; none never stops early.
    seed : int
        Seed of the initial weights and of the order of the images.

    Returns
    -------
    dict
        ``loss`` and ``val_loss`` in nats, of the epoch that is kept.

    Raises
    ------
    FloatingPointError
        If the training diverges.
    """
    (x, y, _), (val_x, val_y, _) = read("train"), read("val")
    rng = np.random.default_rng(seed)
    parameters = initialize([x.shape[1], *([hidden] if model == "mlp" else []), CLASSES], rng)
    step = optim.start(parameters)
    history: list[dict[str, float]] = []
    best = {"epoch": 0, "loss": math.inf, "val_loss": math.inf, "val_accuracy": 0.0}
    with progressbar(length=epochs, label="training", width=0, file=sys.stderr, item_show_func=status) as bar:
        for epoch in range(1, epochs + 1):
            loss = 0.0
            for rows in np.array_split(rng.permutation(len(x)), math.ceil(len(x) / batch)):
                batch_loss, found = gradients(parameters, x[rows], y[rows])
                if not batch_loss < HOPELESS:
                    raise FloatingPointError(
                        f"diverged in epoch {epoch}, loss {batch_loss:.3g}: try a smaller optim.lr"
                    )
                step(found)
                loss += batch_loss * len(rows) / len(x)
            z = logits(parameters, val_x)
            accuracy = float((z.argmax(axis=1) == val_y).mean())
            history.append(
                {"epoch": epoch, "loss": loss, "val_loss": cross_entropy(z, val_y), "val_accuracy": accuracy}
            )
            if history[-1]["val_loss"] < best["val_loss"]:
                best = history[-1]
                files.write_arrays(made("model.npz"), **{f"p{i}": array for i, array in enumerate(parameters)})
            write_json("history.json", history)
            stops = patience is not None and epoch - best["epoch"] >= patience
            bar.update(epochs - epoch + 1 if stops else 1, history[-1])
            if stops:
                break
    print(f"trained {model} for {len(history)} epochs, best: epoch {best['epoch']}, {status(best)}")
    return {name: best[name] for name in ("loss", "val_loss")}


def status(epoch: dict[str, float] | None) -> str:
    """Return the numbers of an epoch, for people."""
    return f"loss {epoch['val_loss']:.3f}, accuracy {epoch['val_accuracy']:.1%}" if epoch else ""


@binder.stage
def evaluate(split: Literal["val", "test"] = "test") -> dict[str, float]:
    """Measure how well the trained classifier reads.

    Parameters
    ----------
    split : {"val", "test"}
        The images to read.

    Returns
    -------
    dict
        ``accuracy``, from 0 to 1, and ``loss`` in nats.
    """
    arrays = files.read_arrays(made("model.npz"), "train")
    x, y, images = read(split)
    z = logits([arrays[f"p{i}"] for i in range(len(arrays))], x)
    confusion = np.zeros((CLASSES, CLASSES), int)
    np.add.at(confusion, (y, z.argmax(axis=1)), 1)
    hits = confusion.diagonal()
    results = {"accuracy": float(hits.sum() / len(y)), "loss": cross_entropy(z, y)}
    classes = [
        {
            "digit": digit,
            "images": int(images),
            "recall": int(hit) / max(int(images), 1),
            "precision": int(hit) / max(int(said), 1),
        }
        for digit, (images, said, hit) in enumerate(
            zip(confusion.sum(axis=1), confusion.sum(axis=0), hits, strict=True)
        )
    ]
    write_json("evaluation.json", {**results, "split": split, "classes": classes, "confusion": confusion.tolist()})
    files.write_arrays(made("predictions.npz"), images=images, y=y, probabilities=probabilities(z))
    print(f"read {hits.sum()} of {len(y)} images: accuracy {results['accuracy']:.1%}, loss {results['loss']:.3f}")
    return results


@binder.stage
def analyze(mistakes: Count = 12, dpi: Count = 150) -> None:
    """Draw the losses, the confusion matrix and the worst mistakes.

    Parameters
    ----------
    mistakes : int
        How many mistakes to show.
    dpi : int
        Dots per inch of the figures.
    """
    from digits import figures

    history = files.read_json(made("history.json"), "train")
    evaluation = files.read_json(made("evaluation.json"), "evaluate")
    predictions = files.read_arrays(made("predictions.npz"), "evaluate")
    drawn = {
        "losses.png": figures.losses(history),
        "confusion.png": figures.confusion(np.array(evaluation["confusion"])),
        "mistakes.png": figures.mistakes(**predictions, most=mistakes),
    }
    for name, figure in drawn.items():
        figures.save(figure, made(name), dpi)
    print("figures:", ", ".join(str(made(name)) for name in drawn))


main = binder.command()

if __name__ == "__main__":
    main()
