"""A program that other distributions add stages to."""

from __future__ import annotations

import clickbind

binder = clickbind.Binder("lab", help=__doc__, plugins="lab.stages")


@binder.stage
def train(epochs: int = 50, results: str = "results.txt") -> None:
    """Train a model.

    Parameters
    ----------
    epochs : int
        Number of epochs.
    results : str
        File to write the results to.
    """
    with open(results, "w", encoding="utf-8") as file:
        file.writelines(f"{epoch} {1 / epoch:.3f}\n" for epoch in range(1, epochs + 1))


main = binder.command()

if __name__ == "__main__":
    main()
