"""Keep in ``sweep.yml`` what a sweep is: the line and the axes of each call that made or extended it."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from .. import journal, nodes, record
from ..errors import ClickbindError

__all__ = ["SHEET", "facts_of", "read", "resumed", "write"]

SHEET = "sweep.yml"


def read(folder: str) -> list[dict[str, Any]]:
    """Read the calls that made a sweep; none if there is no sheet, or it was damaged."""
    with contextlib.suppress(OSError, ValueError, ClickbindError, RecursionError):
        with open(os.path.join(folder, SHEET), encoding="utf-8") as file:
            node = nodes.reader.read(file.read())
        content = None if node is None else nodes.core_schema.core(node)
        calls = content.get("sweeps") if isinstance(content, dict) else None
        return [call for call in calls if isinstance(call, dict)] if isinstance(calls, list) else []
    return []


def write(folder: str, call: dict[str, Any]) -> None:
    """Add a call to the sheet of a sweep.

    Raises
    ------
    SaveError
        If it cannot be written.
    """
    text = nodes.writer.write("sweeps", [*read(folder), call])
    record.atomic.save(text, os.path.join(folder, SHEET))


def resumed(folder: str, before: journal.records.Record) -> list[str] | None:
    """Return the stage from which a job goes on, as words; None if the latest call runs its jobs for the first time.

    Parameters
    ----------
    folder : str
        The folder of the sweep.
    before : Record
        The record of the job.
    """
    calls = read(folder)
    if not calls or calls[-1].get("resumed") is not True:
        return None
    first = calls[-1].get("from")
    if first is None and calls[-1].get("again") and before.status == "done" and before.turns:
        first = before.turns[0].get("stage")
    return [] if first is None else ["--from", str(first)]


def facts_of(folder: str) -> dict[str, Any]:
    """Return the attributes of a job's record that are the same for all jobs of the latest call."""
    calls = read(folder)
    call = calls[-1] if calls else {}
    found = {name: call.get(name) for name in ("program", "line", "commit")}
    facts = {name: text for name, text in found.items() if isinstance(text, str)}
    engine = {"name": str(call.get("engine")), "id": str(os.getpid())}
    return {**facts, "dirty": call.get("dirty") if facts.get("commit") else None, "engine": engine}
