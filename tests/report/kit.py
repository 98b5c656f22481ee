"""Folders of runs, written without running anything."""

from __future__ import annotations

import json
import struct
import zlib
from pathlib import Path
from typing import Any

__all__ = ["HOSTILE", "fill", "png", "sweep"]

HOSTILE = (
    """</script><script>window.hit = 1</script><img src=x onerror="window.hit = 1">{{data}}\u2028&lt;b&gt;'"`${hit}"""
)
"""A text that would run a script, if any markup got through."""


def png(side: int = 4) -> bytes:
    """Return a picture."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\0" + bytes(range(side)) for _ in range(side)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def fill(folder: Path, values: dict[str, str], **content: Any) -> Path:
    """Write a run into a folder: its values as texts of YAML, and its record, unless it waits."""
    folder.mkdir(parents=True)
    (folder / "run.yml").write_text("".join(f"{key}: {text}\n" for key, text in values.items()), encoding="utf-8")
    if content.get("status") != "waiting":
        found = {"version": 1, "program": "fit", "line": "fit train", "status": "done", "exit": 0, **content}
        (folder / "record.json").write_text(json.dumps(found), encoding="utf-8")
    return folder


def sweep(folder: Path, count: int) -> Path:
    """Write a sweep: jobs with four keys that differ; every tenth has failed, and the last one waits."""
    folder.mkdir()
    (folder / "sweep.yml").write_text("sweeps: []\n", encoding="utf-8")
    for number in range(1, count + 1):
        values = {
            "train.lr": f"{10.0 ** -(number % 5):.4f}  # --lr",
            "train.batch": str(2 ** (number % 6)),
            "train.model": ("mlp", "cnn", "'a b'")[number % 3],
            "train.seed": str(number),
            "train.steps": "5  # default",
        }
        job = folder / f"{number:02}-seed={number}"
        if number == count:
            fill(job, values, status="waiting")
        elif number % 10 == 0:
            error = {"type": "ValueError", "message": f"diverged at {number}", "where": "/home/ada/fit.py:3"}
            turns = [{"stage": "train", "status": "failed", "seconds": 1.5, "returned": None}]
            fill(job, values, status="failed", exit=1, error=error, turns=turns, seconds=1.5)
        else:
            turns = [{"stage": "train", "status": "done", "seconds": 2.0, "returned": {"loss": 1 / number}}]
            fill(job, values, results={"train.loss": 1 / number}, turns=turns, seconds=2.0 * number)
            (job / "log.txt").write_text(f"step {number}\n", encoding="utf-8")
    return folder
