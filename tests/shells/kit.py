"""A program whose words are hard to complete: with colons, equals signs, commas, spaces, quotes and paths."""

from __future__ import annotations

import enum
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import clickbind

if os.environ.get("_KIT_COMPLETE", "").endswith("_complete"):
    print("an import prints")
    print("and complains", file=sys.stderr)

binder = clickbind.Binder("kit", help=__doc__)


class Colour(enum.Enum):
    """Colours."""

    RED = 1
    ROSE = 2
    BLUE = 3


@binder.context
def output(folder: Path = Path()) -> Iterator[None]:
    """Keep what is made."""
    yield


@binder.bind("train", "val")
def dataset(folder: Path = Path("data"), size: int = 10) -> None:
    """Read the data."""


@binder.stage
def train(  # noqa: PLR0917 - a value of each kind
    epochs: int = 50,
    lr: float = 1e-3,
    model_type: Literal["mlp", "mixer", "conv"] = "conv",
    place: Literal["gpu:0", "gpu:1", "cpu"] = "cpu",
    mix: Literal["a,b", "a,c"] = "a,b",
    title: Literal["two words", "two $more", "it's"] = "two words",
    colours: list[Colour] | None = None,
    key: Annotated[str, clickbind.Option(secret=True)] = "",
    data: Path = Path("data"),
    files: list[Path] | None = None,
    shuffle: bool = False,
) -> None:
    """Train a model.

    Parameters
    ----------
    lr : float
        Learning rate
    key : str
        Key of the server
    """


@binder.stage
def evaluate(metric: str = "f1") -> None:
    """Evaluate the model."""


@binder.stage
def my_train(rate: float = 1.0) -> None:
    """Train my way."""


main = binder.command()

if __name__ == "__main__":
    main(prog_name="kit")
