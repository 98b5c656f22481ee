"""The stage 'report' of the program 'lab'."""

from __future__ import annotations

__all__ = ["report"]


def report(results: str = "results.txt", *, last: int = 3) -> None:
    """Print the last results.

    Parameters
    ----------
    results : str
        File with the results, one epoch per line.
    last : int
        Number of epochs to print.
    """
    with open(results, encoding="utf-8") as file:
        for line in file.readlines()[-last:]:
            epoch, loss = line.split()
            print(f"epoch {epoch}: loss {loss}")
