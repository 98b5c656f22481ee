"""A small program for the tools: a list, a literal, an enum, paths, a boolean, a secret, classes, scopes."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import clickbind

SECRET = "hunter2"


class Mode(enum.Enum):
    """How fast the training is."""

    FAST = 1
    SLOW = 2


@dataclass
class Adam:
    """Adam, with moments."""

    lr: float = 0.1


@dataclass
class SGD:
    """Plain descent."""

    momentum: float = 0.9


def make(**settings: Any) -> clickbind.Binder:
    """Make the program anew, so that no test sees what another has done to it."""
    binder = clickbind.Binder("kit", help="Tries models.", version="1.2", **settings)

    @binder.bind("train", "val")
    def dataset(folder: Path = Path("data"), size: int = 10) -> int:
        """Reads data.

        Parameters
        ----------
        folder : Path
            Where the data is.
        size : int
            Raw | clean.
        """
        return size

    @binder.stage
    def train(
        name: str,
        epochs: int = 50,
        kind: Literal["conv", "mlp"] = "conv",
        mode: Mode = Mode.FAST,
        layers: list[int] = [8, 4],  # noqa: B006 - a default of a list is what is tried
        shuffle: bool = True,
        token: Annotated[str, clickbind.Option(secret=True)] = SECRET,
        optim: Adam | SGD = Adam(),  # noqa: B008 - likewise of a class
    ) -> None:
        """Train the model.

        It takes a while:

        * first one epoch
        * then the others

        Parameters
        ----------
        name : str
            The name of the run.
        epochs : int
            How often each item is seen.

            It is seen in a new order each time.
        """
        with binder.scope("train"):
            size = dataset()
        print(f"trained {name}: {epochs} {kind} {mode.name} {layers} {shuffle} {optim} on {size}, {len(token)}")

    @binder.stage(deprecated=True)
    def evaluate(folder: Path = Path("results")) -> None:
        """Evaluate the model."""
        print(f"evaluated into {folder}")

    return binder


main = make().command()

if __name__ == "__main__":
    main()
