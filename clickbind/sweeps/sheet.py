"""Keep in ``sweep.yml`` what a sweep is: the line and the axes of each call that made or extended it."""

from __future__ import annotations

import contextlib
import os
from typing import Any

from .. import journal, nodes, record
from ..errors import ClickbindError, SaveError
from ..journal.listing import SWEEP
from ..keys import canonical

__all__ = ["ENGINE", "check", "facts_of", "latest", "read", "resumed", "write"]

ENGINE = "CLICKBIND_ENGINE"
"""The variable with the name of the engine that runs a job, and its id of the job, for the record."""


def read(folder: str) -> list[dict[str, Any]]:
    """Read the calls that made a sweep; none if there is no sheet, or it was damaged."""
    with contextlib.suppress(OSError, ValueError, ClickbindError, RecursionError):
        return _read(folder)
    return []


def _read(folder: str) -> list[dict[str, Any]]:
    """Read the calls that made a sweep; none if there is no sheet.

    Raises
    ------
    OSError, ValueError, ClickbindError, RecursionError
        If it cannot be read.
    """
    try:
        with open(os.path.join(folder, SWEEP), encoding="utf-8") as file:
            node = nodes.reader.read(file.read())
    except (FileNotFoundError, NotADirectoryError):
        return []
    content = None if node is None else nodes.core_schema.core(node)
    calls = content.get("sweeps") if isinstance(content, dict) else None
    if not isinstance(calls, list):
        raise ClickbindError("it has no list of sweeps")
    return [call for call in calls if isinstance(call, dict)]


def check(folder: str) -> list[dict[str, Any]]:
    """Read the calls that made a sweep, to add one. If the sheet cannot be read, it is left alone: they would be lost.

    Raises
    ------
    SaveError
        If it cannot be read.
    """
    try:
        return _read(folder)
    except (OSError, ValueError, ClickbindError, RecursionError) as error:
        path, reason = os.path.join(folder, SWEEP), getattr(error, "strerror", None) or error
        raise SaveError(f"{path}: the sweep cannot be continued, since this file cannot be read: {reason}.") from None


def write(folder: str, call: dict[str, Any]) -> None:
    """Add a call to the sheet of a sweep.

    Raises
    ------
    SaveError
        If it cannot be read or written.
    """
    text = nodes.writer.write("sweeps", [*check(folder), _escaped(call)])
    record.atomic.save(text, os.path.join(folder, SWEEP))


def _escaped(value: Any) -> Any:
    """Escape bytes of a line that are not UTF-8, which YAML cannot hold."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode()
    if isinstance(value, dict):
        return {_escaped(key): _escaped(item) for key, item in value.items()}
    return [_escaped(item) for item in value] if isinstance(value, list) else value


def latest(folder: str) -> dict[str, Any]:
    """Read the latest call; empty if there is none."""
    calls = read(folder)
    return calls[-1] if calls else {}


def resumed(call: dict[str, Any], before: journal.records.Record) -> list[str] | None:
    """Return the stage from which a job goes on, as words; None if a call runs its jobs for the first time.

    Parameters
    ----------
    call : dict of str to object
        The call.
    before : Record
        The record of the job.
    """
    if call.get("resumed") is not True:
        return None
    first = call.get("from")
    if first is None and call.get("again") and before.status == "done" and before.turns:
        first = before.turns[0].get("stage")
    # A job that has not come to that stage goes on where it ended, like the others that are not done.
    begun = {turn.get("stage") for turn in before.turns}
    return ["--from", str(first)] if first is not None and canonical(str(first)) in begun else []


def facts_of(call: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of a job's record that are the same for all jobs of a call."""
    found = {name: call.get(name) for name in ("program", "line", "commit")}
    facts = {name: text for name, text in found.items() if isinstance(text, str)}
    name, _, job = os.environ.get(ENGINE, "").partition(" ")
    engine = {"name": name, "id": job or None} if name else {"name": str(call.get("engine")), "id": str(os.getpid())}
    return {**facts, "dirty": call.get("dirty") if facts.get("commit") else None, "engine": engine}
