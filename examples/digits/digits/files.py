"""Files that are either complete or not there."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import numpy as np

from digits.model import Array

__all__ = ["checksum", "read_arrays", "read_json", "replacing", "write_arrays", "write_text"]


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Replace a file, and make its folder: write to the path that this yields.

    If the writing fails, the old file stays. Two processes may write the same file at once: the last one counts.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    new = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        yield new
        os.replace(new, path)
    finally:
        new.unlink(missing_ok=True)


def write_arrays(path: Path, **arrays: Array) -> None:
    """Write arrays to an .npz file. An interrupted write leaves the old file."""
    with replacing(path) as new, new.open("wb") as file:
        np.savez_compressed(file, allow_pickle=False, **arrays)


def write_text(path: Path, text: str) -> None:
    """Write a text to a file. An interrupted write leaves the old file."""
    with replacing(path) as new:
        new.write_text(text, encoding="utf-8")


def read_arrays(path: Path, stage: str) -> dict[str, Array]:
    """Read an .npz file that a stage makes.

    Raises
    ------
    click.ClickException
        If the stage has not run.
    """
    with np.load(existing(path, stage), allow_pickle=False) as arrays:
        return dict(arrays)


def read_json(path: Path, stage: str) -> Any:
    """Read a JSON file that a stage makes; otherwise as `read_arrays`."""
    return json.loads(existing(path, stage).read_text(encoding="utf-8"))


def existing(path: Path, stage: str) -> Path:
    """Return the path if there is such a file."""
    if not path.exists():
        raise click.ClickException(f"{path} does not exist. Run the stage '{stage}' first.")
    return path


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
