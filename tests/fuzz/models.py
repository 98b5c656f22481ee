"""Classes that the parameters of generated programs are annotated with. Each has a ``repr`` that is its source."""

from __future__ import annotations

import enum
import os
from dataclasses import dataclass, field
from typing import Annotated, Literal, NamedTuple, TypedDict

import attrs

import clickbind

__all__ = ["Access", "Account", "Color", "Crop", "Folder", "Level", "Optim", "Point", "Schedule", "Window", "swish"]


class Color(enum.Enum):
    RED = "#f00"
    GREEN = "#0f0"

    def __repr__(self) -> str:
        return f"Color.{self.name}"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 9

    def __repr__(self) -> str:
        return f"Level.{self.name}"


class Access(enum.Flag):
    READ = 1
    WRITE = 2
    RUN = 4

    def __repr__(self) -> str:
        return f"Access({self.value})"


@dataclass(frozen=True)
class Schedule:
    warmup: int = 0
    kind: Literal["linear", "cosine"] = "linear"


@dataclass
class Optim:
    """An optimizer.

    Parameters
    ----------
    lr : float
        Learning rate.
    """

    lr: float = 1e-3
    betas: tuple[float, float] = (0.9, 0.99)
    schedule: Schedule = field(default_factory=Schedule)


class Point(NamedTuple):
    x: int
    y: int = 0


class Crop(TypedDict, total=False):
    width: int
    height: int


@attrs.frozen
class Window:
    size: int = attrs.field(default=512, validator=attrs.validators.gt(0))
    kind: str = "hann"


@dataclass(frozen=True)
class Account:
    token: Annotated[str, clickbind.Option(secret=True)] = ""
    user: str = "ada"


class Folder(os.PathLike[str]):
    def __init__(self, name: str) -> None:
        self.name = name

    def __fspath__(self) -> str:
        return self.name

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Folder) and other.name == self.name

    def __hash__(self) -> int:
        return hash(self.name)

    def __repr__(self) -> str:
        return f"Folder({self.name!r})"


def swish(x: float) -> float:
    return x
