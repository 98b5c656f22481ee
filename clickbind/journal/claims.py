"""Claim the folder of a run for one process, and see whether the process that has claimed it still runs.

A claim is a file that is locked from the moment at which it has its name, until its process and all forked children of
that have ended. So a lock that is free says that the run is over, however it ended; no process id is trusted. A claim is
made as a temporary file and gets its name by a link, which fails if there is one already, so that one process of several
wins, also on network file systems.

Where the system has no such locks (Windows), and for a claim from another host, the time of the last write to the folder
is all that is known: see `WRITES`.
"""

from __future__ import annotations

import contextlib
import errno
import os
import platform
import time
from collections.abc import Iterator

from .. import journal
from ..errors import UserError

__all__ = ["ALIVE", "DEAD", "FREE", "WRITES", "Claim", "ClaimedError", "committed", "state_of", "take"]

NAME = ".claim"
COMMIT = ".done"

FREE, ALIVE, DEAD = "free", "alive", "dead"
"""No process has claimed a folder; its process runs; its process has ended without giving the folder back."""

WRITES = 300.0
"""Seconds since the last write to a folder after which a process on another host, or without locks, counts as dead."""

_IS_WINDOWS = os.name == "nt"
_TRIES = 20
_PAUSE = 0.01  # seconds; whoever looks at a lock holds it for microseconds


class ClaimedError(UserError):
    """Report a folder that another process has claimed."""


class Claim:
    """A folder that this process has claimed.

    Parameters
    ----------
    folder : str
        The folder.
    handle : int
        The locked file.
    """

    __slots__ = ("_handle", "_process", "folder")

    def __init__(self, folder: str, handle: int) -> None:
        self.folder = folder
        self._handle = handle
        self._process = os.getpid()

    @property
    def is_ours(self) -> bool:
        """Whether this process, not a forked child, still has the claim: nobody believed it dead and took the folder."""
        if self._process != os.getpid():
            return False
        try:
            return os.path.samestat(os.fstat(self._handle), os.stat(os.path.join(self.folder, NAME)))
        except OSError:
            return False

    def move(self, folder: str) -> None:
        """Move the claim to another folder of the same file system."""
        os.rename(os.path.join(self.folder, NAME), os.path.join(folder, NAME))
        self.folder = folder

    def beat(self) -> None:
        """Let other hosts see that the process runs."""
        with contextlib.suppress(OSError):
            os.utime(self._handle)

    def commit(self, text: str) -> bool:
        """Keep the record of a run that has ended well, once and for all.

        Returns
        -------
        bool
            Whether this process was the first.
        """
        temporary, handle = _temporary(self.folder)
        try:
            with open(handle, "wb") as file:
                file.write(text.encode("utf-8"))
                file.flush()
                os.fsync(handle)
            return _link(temporary, os.path.join(self.folder, COMMIT))
        finally:
            os.unlink(temporary)

    def release(self) -> None:
        """Give the folder back."""
        if self.is_ours:
            with contextlib.suppress(OSError):
                os.unlink(os.path.join(self.folder, NAME))
        os.close(self._handle)


def take(folder: str) -> Claim:
    """Claim a folder, which must exist.

    Raises
    ------
    ClaimedError
        If another process has claimed it, and runs.
    OSError
        If the folder cannot be written.
    """
    temporary, handle = _temporary(folder)
    path = os.path.join(folder, NAME)
    try:
        _lock(handle)
        content = {"host": platform.node(), "pid": os.getpid()}
        os.write(handle, journal.json.dumps(content).encode())
        for _ in range(_TRIES):
            if _link(temporary, path):
                os.unlink(temporary)
                return Claim(folder, handle)
            with _dead(folder, path) as is_dead:
                if is_dead:
                    os.replace(temporary, path)
                    return Claim(folder, handle)
            time.sleep(_PAUSE)
        raise ClaimedError(f"{folder}: another process has claimed this run at the same time.")
    except BaseException:
        os.close(handle)
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise


@contextlib.contextmanager
def _dead(folder: str, path: str) -> Iterator[bool]:
    """Hold the lock of a claim whose process has ended; yield False if the claim has changed in the meantime.

    Raises
    ------
    ClaimedError
        If its process runs.
    """
    try:
        old = os.open(path, os.O_RDWR)
    except FileNotFoundError:  # it was given back just now
        yield False
        return
    try:
        if _is_alive(folder, old):
            raise ClaimedError(f"{folder}: {_who(old)}; wait until it has ended.")
        with contextlib.suppress(FileNotFoundError):
            # Another process may have taken the place of the dead one before this one had the lock.
            yield os.path.samestat(os.fstat(old), os.stat(path))
            return
        yield False
    finally:
        os.close(old)


def state_of(folder: str) -> tuple[str, str]:
    """Return whether a process has claimed a folder and runs, and who that is: a sentence, empty without a claim."""
    try:
        handle = os.open(os.path.join(folder, NAME), os.O_RDWR)
    except OSError:
        return FREE, ""
    try:
        return (ALIVE if _is_alive(folder, handle, shared=True) else DEAD), _who(handle)
    finally:
        os.close(handle)


def committed(folder: str) -> str | None:
    """Return the record of the run that ended well in a folder; None if none has."""
    with contextlib.suppress(OSError, ValueError), open(os.path.join(folder, COMMIT), encoding="utf-8") as file:
        return file.read()
    return None


def _is_alive(folder: str, handle: int, *, shared: bool = False) -> bool:
    """Return whether the process of a claim runs; if not, hold its lock."""
    if _content(handle).get("host", platform.node()) == platform.node():
        for _ in range(_TRIES // 2):
            try:
                if _lock(handle, shared=shared):
                    return False
            except BlockingIOError:
                time.sleep(_PAUSE)
            else:
                break
        else:
            return True
    return time.time() - _last_write(folder) < WRITES


def _last_write(folder: str) -> float:
    """Return the time at which a file of a folder was last written."""
    latest = 0.0
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            with contextlib.suppress(OSError):
                latest = max(latest, entry.stat().st_mtime)
    return latest


def _content(handle: int) -> dict[str, object]:
    """Read a claim; empty if it was damaged."""
    with contextlib.suppress(OSError, ValueError):
        os.lseek(handle, 0, os.SEEK_SET)
        content = journal.json.loads(os.read(handle, 4096))
        return content if isinstance(content, dict) else {}
    return {}


def _who(handle: int) -> str:
    content = _content(handle)
    who = f"process {content.get('pid', '?')} on {content.get('host', '?')} runs it"
    if content.get("host") == platform.node():
        return who
    return f"{who}, as far as the files that it last wrote can show"


def _temporary(folder: str) -> tuple[str, int]:
    """Make a temporary file in a folder; return its path and its handle."""
    path = os.path.join(folder, f".clickbind-{os.getpid()}-{os.urandom(4).hex()}")
    return path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)


def _link(path: str, new: str) -> bool:
    """Give a file one more name; return whether nobody has that name yet."""
    try:
        os.link(path, new)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}:
            raise
        # A file system without links, as on memory cards: two processes that do this at once are not kept apart.
        if os.path.exists(new):
            return False
        os.rename(path, new)
        os.close(os.open(path, os.O_WRONLY | os.O_CREAT, 0o666))  # the caller removes it
    return True


def _lock(handle: int, *, shared: bool = False) -> bool:
    """Lock a file until it is closed, or its process and its forked children end; return whether there are locks.

    Raises
    ------
    BlockingIOError
        If another process has locked it.
    """
    if _IS_WINDOWS:
        return False
    import fcntl  # noqa: PLC0415 - Windows does not have it

    try:
        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:  # a file system without locks
        return False
    return True
