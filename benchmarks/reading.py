# ruff: noqa: PLR0917 - a script; a stage has the parameters that it has
"""Reading config files, in one process: prints the seconds and the peak of memory of each reader as JSON."""

from __future__ import annotations

import enum
import json
import sys
import time
import tracemalloc
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal, Optional

import click
import yaml

import clickbind
from clickbind.layers.files import load_text

PER_STAGE = 10


class Colour(enum.Enum):
    """A colour."""

    RED = "red"
    BLUE = "blue"


def stage(
    count: int = 1,
    rate: float = 0.5,
    name: str = "first",
    shuffle: bool = True,
    path: Path = Path("data"),
    sizes: list[int] = [1, 2],  # noqa: B006 - as people write it
    mode: Literal["fast", "slow"] = "fast",
    note: Optional[str] = None,  # noqa: UP045 - as people write it
    pair: tuple[int, str] = (1, "a"),
    colour: Colour = Colour.RED,
) -> None:
    """Stand for every stage."""


TEXT = """\
stage_{0}.count: {0}
stage_{0}.rate: 1e-3
stage_{0}.name: second
stage_{0}.shuffle: false
stage_{0}.path: /data/stage/{0}
stage_{0}.sizes: [3, 4, 5]
stage_{0}.mode: slow
stage_{0}.note: "a note"
stage_{0}.pair: [2, b]
stage_{0}.colour: BLUE

"""


def program(stages: int) -> Any:
    """Bind many stages, none of them looked at, and give what their keys are looked up in."""
    binder = clickbind.Binder()
    for number in range(stages):
        copy = types.FunctionType(stage.__code__, globals(), f"stage_{number}", stage.__defaults__)
        copy.__annotations__ = stage.__annotations__
        binder.stage(copy, name=copy.__name__)
    command: Any = binder.command()
    assert isinstance(command, click.Group)
    return command.registry


def seconds(read: Callable[[], object]) -> float:
    """Time one reading."""
    start = time.perf_counter()
    read()
    return time.perf_counter() - start


def peak(read: Callable[[], object]) -> float:
    """Give the peak of what Python allocates in one reading, in MiB."""
    tracemalloc.start()
    read()
    found = tracemalloc.get_traced_memory()[1] / 2**20
    tracemalloc.stop()
    return found


def measure(keys: int, rounds: int) -> dict[str, Any]:
    """Read a file of so many keys with each of the readers, in turns."""
    text = "".join(TEXT.format(number) for number in range(keys // PER_STAGE))
    known = program(keys // PER_STAGE)
    readers: dict[str, Callable[[], object]] = {
        "yaml": lambda: yaml.load(text, Loader=yaml.CSafeLoader),
        "clickbind": lambda: load_text(text, "f.yml", known),
    }
    for read in readers.values():
        read()
    times: dict[str, list[float]] = {name: [] for name in (*readers, "first")}
    for number in range(rounds):
        for name, read in readers.items():
            times[name].append(seconds(read))
        if number < 2:  # noqa: PLR2004 - a slow one
            fresh = program(keys // PER_STAGE)
            times["first"].append(seconds(lambda fresh=fresh: load_text(text, "f.yml", fresh)))
            del fresh
    return {"times": times, "peaks": {name: peak(read) for name, read in readers.items()}}


def main() -> None:
    """Measure files of three sizes."""
    rounds = int(sys.argv[1])
    json.dump({keys: measure(keys, min(rounds, 500_000 // keys)) for keys in (10, 1_000, 100_000)}, sys.stdout)


main()
