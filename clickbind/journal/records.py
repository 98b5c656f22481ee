"""Read and write the record of a run, ``record.json``."""

from __future__ import annotations

import contextlib
import itertools
import os
from collections.abc import Iterator, Mapping
from functools import cached_property
from typing import Any

from .. import journal, record
from ..errors import ClickbindError

__all__ = [
    "INTERRUPTED",
    "LOG",
    "RECORD",
    "RUN_FILE",
    "STATUSES",
    "Record",
    "find",
    "is_job",
    "is_locked",
    "is_record",
    "read",
    "stamp",
    "walk",
]

RECORD, RUN_FILE, LOG = "record.json", "run.yml", "log.txt"
"""The record of a run, the run itself as ``--save`` writes it, and what it printed."""

STATUSES = ("waiting", "running", "done", "failed", "killed")
INTERRUPTED = (130, 143, 149)  # exit codes after Ctrl-C, SIGTERM, and Ctrl-Break on Windows
_VERSION = 1

_EMPTY: dict[str, Any] = {
    "version": _VERSION,
    "program": None,
    "line": None,
    "status": "waiting",
    "exit": None,
    "error": None,
    "started": None,
    "seconds": None,
    "host": None,
    "pid": None,
    "engine": None,
    "python": None,
    "commit": None,
    "dirty": None,
    "turns": [],
    "results": {},
}

_KINDS: dict[str, tuple[type, ...]] = {
    "version": (int,),
    "program": (str,),
    "line": (str,),
    "status": (str,),
    "exit": (int,),
    "error": (dict,),
    "started": (str,),
    "seconds": (int, float),
    "host": (str,),
    "pid": (int,),
    "engine": (dict,),
    "python": (str,),
    "commit": (str,),
    "dirty": (bool,),
    "turns": (list,),
    "results": (dict,),
}


class Record:
    """The record of a run.

    Attributes
    ----------
    folder, name : str
        The folder of the run, and the name of that.
    version : int
        The version of the format, 1.
    program, line : str or None
        The program, and the command line.
    status : {'waiting', 'running', 'done', 'failed', 'killed'}
        The state of the run. A run that was recorded as running, and whose process has ended, is 'killed'.
    exit : int or None
        The exit code, once the run has ended.
    error : dict or None
        The exception that ended it: its ``type``, its ``message``, and the file and line in ``where``.
    started : str or None
        The time at which it began, in ISO 8601 with the time zone.
    seconds : float or None
        How long it ran, up to the last change of the record.
    host, pid, python
        Where it ran.
    engine : dict or None
        What ran it as a job: the ``name`` of the engine, and the ``id`` that it gave to the job.
    commit, dirty
        The commit of the code, and whether anything differed from it; None outside of git.
    values : dict of str to object
        The values of the run by key, ``values["train.lr"]``, without secrets. Lists, numbers, texts and so on, as YAML
        has them.
    turns : list of dict
        The turns: ``stage``, ``status``, ``seconds``, and in ``returned`` what the stage returned, as JSON can hold it.
    results : dict of str to (int, float or str)
        The numbers that the stages returned.
    failure : str or None
        The stage and the error that ended the run, ``train: ValueError: diverged``; None if it did not fail.
    """

    __module__ = "clickbind"  # where users import it from

    def __init__(self, folder: str, content: Mapping[str, Any] | None = None) -> None:
        """Make the record of a run.

        Parameters
        ----------
        folder : str
            Its folder.
        content : mapping of str to object
            The content of ``record.json``.
        """
        self.folder = folder
        self.is_job = self.goes_on = False  # a job's sweep has recorded the code
        self.runs_again = False  # whether it is done, and a part of it is to run again
        self.lines: journal.saved.Lines = {}  # of saved runs that were split; records that are read together share it
        own = {name: value for name, value in (content or {}).items() if name in _EMPTY}
        vars(self).update({**_EMPTY, "turns": [], "results": {}, **own})

    version: int
    program: str | None
    line: str | None
    status: str
    exit: int | None
    error: dict[str, Any] | None
    started: str | None
    seconds: float | None
    host: str | None
    pid: int | None
    engine: dict[str, Any] | None
    python: str | None
    commit: str | None
    dirty: bool | None
    turns: list[dict[str, Any]]
    results: dict[str, Any]

    def take(self, facts: Mapping[str, Any]) -> None:
        """Prepare it for a job of a sweep, of which these attributes are known."""
        vars(self).update(facts)
        self.is_job = True

    @property
    def name(self) -> str:
        """The name of the folder."""
        return os.path.basename(os.path.abspath(self.folder))

    @cached_property
    def saved(self) -> dict[str, journal.saved.Saved]:
        """The texts of the values in the saved run, by key; empty if it cannot be read."""
        with (
            contextlib.suppress(OSError, ValueError),
            open(os.path.join(self.folder, RUN_FILE), encoding="utf-8") as file,
        ):
            return journal.saved.split(file.read(), self.lines)
        return {}

    @cached_property
    def values(self) -> dict[str, Any]:
        """The values of the run, by key. Secrets are not recorded."""
        return {key: journal.saved.value_of(one.text) for key, one in self.saved.items()}

    def __getitem__(self, name: str) -> Any:
        """Return a value by its key, or a result by its name."""
        return self.values[name] if name in self.values else self.results[name]

    @property
    def failure(self) -> str | None:
        """The stage and the error that ended the run: ``train: ValueError: diverged``; None if it did not fail."""
        if self.error is None:
            return None
        stage = next((turn.get("stage") for turn in self.turns if turn.get("status") in {"failed", "killed"}), None)
        parts = [stage, self.error.get("type"), self.error.get("message")]
        return ": ".join(str(part) for part in parts if part)

    def __repr__(self) -> str:
        return f"<Record {self.folder!r} {self.status}>"

    def done_turns(self) -> list[dict[str, Any]]:
        """Return the turns that are done, up to the first that is not."""
        return list(itertools.takewhile(lambda turn: turn.get("status") == "done", self.turns))

    def content(self) -> dict[str, Any]:
        """Return the content of ``record.json``."""
        return {name: getattr(self, name) for name in _EMPTY}

    def text(self) -> str:
        """Return the text of ``record.json``. Bytes of names that are not UTF-8 are escaped as JSON escapes them."""
        text = journal.json.dumps(self.content(), indent=1, ensure_ascii=False, allow_nan=False) + "\n"
        return text.encode("utf-8", "backslashreplace").decode()

    def write(self) -> None:
        """Write ``record.json``, which is at every moment the old or the new one.

        Raises
        ------
        SaveError
            If it cannot be written.
        """
        record.atomic.save(self.text(), os.path.join(self.folder, RECORD))


def read(folder: str) -> Record:
    """Read the record of the run in a folder, with the status that it has now.

    A folder without a record is that of a waiting job. A record that was damaged counts as that of a killed run, unless
    the run has ended well, which a second file keeps.
    """
    return _read(folder, _text(folder, RECORD))


def _read(folder: str, text: str | None) -> Record:
    found = _parsed(text)
    if found is None or found["status"] not in {"waiting", "done"}:
        kept = _parsed(journal.claims.committed(folder))
        if kept is not None:
            return Record(folder, kept)
    if found is None:
        return _without(folder)
    result = Record(folder, found)
    if result.status == "running" and journal.claims.state_of(folder)[0] != journal.claims.ALIVE:
        result.status = "killed"
    return result


def stamp(folder: str) -> tuple[int, int] | None:
    """Return what changes whenever the record of a folder is written; None if there is none."""
    try:
        found = os.stat(os.path.join(folder, RECORD))
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def closed(folder: str, code: int | None, before: tuple[int, int] | None = None, *, reason: str = "") -> Record:
    """Return the record of a job whose process has ended, and complete it if the process could not.

    Parameters
    ----------
    folder : str
        The folder of the job.
    code : int or None
        The exit code of the process, minus a signal's number if that ended it; None if nobody knows.
    before : tuple of int or None
        The `stamp` of the folder before the process started.
    reason : str
        Why there was no process, or why nobody knows.
    """
    found = read(folder)
    is_well = found.status == "done" and not reason and code == 0  # an engine may ask again for what is done
    if (code is not None or reason) and not is_well and stamp(folder) == before:  # it ended before it wrote one
        error = {"type": None, "message": reason or f"ended before its run began, see {LOG}", "where": None}
        status = "killed" if code is not None and code < 0 else "failed"
        if before is not None:  # the record is of an earlier time, and stays
            return Record(folder, {"status": status, "exit": code, "error": error})
        found.status, found.error = status, error
    elif found.status == "killed" and found.exit is None and found.error is None:
        if (code or -1) > 0 and code not in INTERRUPTED:  # it ended by itself, but could not write that: a full disk
            found.status, reason = "failed", reason or f"ended without completing its record, see {LOG}"
        found.error = {"type": None, "message": reason, "where": None} if reason else None
    if found.status in {"failed", "killed"} and found.exit is None:
        found.exit = code
        with contextlib.suppress(OSError, ClickbindError):  # the run goes on elsewhere, or the folder is gone
            claim = journal.claims.take(folder)
            try:
                found.write()
            finally:
                claim.release()
    return found


def find(folder: str, *, waits: bool) -> Record | None:
    """Return the record of the run in a folder, as `read` does; None if there is none.

    Parameters
    ----------
    folder : str
        The folder.
    waits : bool
        Whether it is the folder of a job, where a saved run without a record waits, as in a sweep.
    """
    text = _text(folder, RECORD)
    if text is None and not is_record(folder) and not (waits and is_job(folder)):
        return None
    return _read(folder, text)


def _text(folder: str, name: str) -> str | None:
    """Read a file of a record; None if it cannot be read."""
    with contextlib.suppress(OSError, ValueError), open(os.path.join(folder, name), "rb", buffering=0) as file:
        return file.read().decode()
    return None


def _without(folder: str) -> Record:
    """Return the record of a folder that has none, or one that cannot be read."""
    if os.path.lexists(os.path.join(folder, RECORD)) or is_locked(folder):
        error = {"type": "DamagedRecord", "message": f"{RECORD} cannot be read", "where": None}
        return Record(folder, {"status": "killed", "error": error})
    state = journal.claims.state_of(folder)[0]
    status = {journal.claims.ALIVE: "running", journal.claims.DEAD: "killed"}.get(state, "waiting")
    return Record(folder, {"status": status})


def _parsed(text: str | None) -> dict[str, Any] | None:
    """Parse the text of a record; None if it is none, or was damaged."""
    if text is None:
        return None
    try:
        content = journal.json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(content, dict) or content.get("status") not in STATUSES:
        return None
    content = {**_EMPTY, "turns": [], "results": {}, **content}
    fits = all(content[name] is None or isinstance(content[name], kinds) for name, kinds in _KINDS.items())
    fits = fits and isinstance(content["turns"], list) and isinstance(content["results"], dict)
    return content if fits and all(isinstance(turn, dict) for turn in content["turns"]) else None


def is_job(folder: str) -> bool:
    """Return whether a folder with the name of a job is one: it has a saved run, or is locked."""
    return os.path.lexists(os.path.join(folder, RUN_FILE)) or is_locked(folder)


def is_locked(folder: str) -> bool:
    """Return whether the user may not look into a folder, such as that of a colleague."""
    return os.path.isdir(folder) and not os.access(folder, os.X_OK)


def is_record(folder: str) -> bool:
    """Return whether a folder is that of a recorded run or of a job."""
    return any(os.path.lexists(os.path.join(folder, name)) for name in (RECORD, journal.claims.COMMIT))


def walk(folder: str) -> Iterator[str]:
    """Walk the folders of runs directly below a folder, in the order of their names."""
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        names = sorted(entry.name for entry in found if entry.is_dir())
        yield from (os.path.join(folder, name) for name in names if is_record(os.path.join(folder, name)))
