"""A small program whose runs are recorded, and what its records have."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

from click.testing import CliRunner, Result

import clickbind

__all__ = ["Fit", "record_of", "turns_of"]


class Fit:
    """A context that makes the folder of the run and works in it, a bound function, and two stages.

    Attributes
    ----------
    returns : object
        The value that `train` returns.
    within, before : callable
        Called by `evaluate`, and when the context is entered, before it makes the folder.
    ran : list of str
        What ran.
    """

    def __init__(self, *, insists: bool = True, **settings: Any) -> None:
        self.returns: Any = {"loss": 0.5}
        self.within: Callable[[], Any] = lambda: 2
        self.before: Callable[[], Any] = lambda: None
        self.ran: list[str] = []
        self.binder = binder = clickbind.Binder("fit", **settings)

        @binder.context
        @contextmanager
        def output(folder: Annotated[str, clickbind.Option(run_folder=True)] = ".") -> Iterator[None]:
            self.before()
            old = os.getcwd()
            if folder != ".":
                os.makedirs(folder, exist_ok=not insists)
            os.chdir(folder)
            try:
                yield
            finally:
                os.chdir(old)

        @binder.bind("val")
        def dataset(size: int = 10) -> int:
            return size

        @binder.stage
        def train(epochs: int = 1, token: Annotated[str, clickbind.Option(secret=True)] = "") -> Any:
            self.ran.append(f"train {epochs}")
            dataset()
            Path("model").touch()
            return self.returns

        @binder.stage
        def evaluate(folder: str = "test") -> Any:
            self.ran.append(f"evaluate {folder}")
            return self.within()

        self.main = binder.command()

    def __call__(self, *line: str, **settings: Any) -> Result:
        """Type a line."""
        words = line[0].split() if len(line) == 1 else line
        return CliRunner().invoke(self.main, words, prog_name="fit", **settings)

    def fails(self, error: BaseException | None = None) -> None:
        """Let `evaluate` fail."""

        def fail() -> None:
            raise error or ValueError("diverged")

        self.within = fail


def record_of(folder: str | Path) -> dict[str, Any]:
    """Return what a record has."""
    found: dict[str, Any] = json.loads((Path(folder) / "record.json").read_text(encoding="utf-8"))
    return found


def turns_of(folder: str | Path) -> list[tuple[str, str]]:
    """Return the turns of a record, with their statuses."""
    return [(turn["stage"], turn["status"]) for turn in record_of(folder)["turns"]]
