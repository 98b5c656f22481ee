"""Claim the folder of a run for one process, and see whether the process that has claimed it still runs.

A claim is a file that is locked from the moment at which it has its name, until its process and all forked children of
that have ended. So a lock that is free says that the run is over, however it ended; no process id is trusted. A claim
is made as a temporary file and gets its name by a link, which fails if there is one already, so that one process of
several wins, also on network file systems.

A lock that is held says that a run is alive, whichever host it is on. One that is free says nothing on a system without
locks (Windows), nor about a process on another host, since some network file systems do not share locks: then the time
of the last write to the folder decides, see `WRITES`.
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

__all__ = ["ALIVE", "COMMIT", "DEAD", "FREE", "WRITES", "Claim", "ClaimedError", "committed", "state_of", "take"]

NAME = ".claim"
COMMIT = ".done"
_TEMPORARY = ".clickbind-"

FREE, ALIVE, DEAD = "free", "alive", "dead"
"""No process has claimed a folder; its process runs; its process has ended without giving the folder back."""

WRITES = 300.0
"""Seconds since the last write to a folder after which a process on another host, or without locks, counts as dead."""

_IS_WINDOWS = os.name == "nt"
_TRIES = 20
_PAUSE = 0.01  # seconds; whoever only looks at a lock holds it for microseconds


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
        """Whether this process, and not a forked child, still has the claim: nobody has taken it for dead."""
        if self._process != os.getpid():
            return False
        try:
            return os.path.samestat(os.fstat(self._handle), os.stat(os.path.join(self.folder, NAME)))
        except OSError:
            return False

    @property
    def is_gone(self) -> bool:
        """Whether the folder has no claim any more, as when the program has removed it and made a new one."""
        return not os.path.lexists(os.path.join(self.folder, NAME))

    def beat(self) -> None:
        """Let other hosts see that the process runs."""
        with contextlib.suppress(OSError):
            os.utime(os.path.join(self.folder, NAME))

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
            _remove(temporary)

    def reopen(self) -> None:
        """Forget that a run has ended well, since a part of it runs again."""
        _remove(os.path.join(self.folder, COMMIT))

    def release(self) -> None:
        """Give the folder back; a second time, do nothing."""
        if self._handle < 0:
            return
        is_ours, handle = self.is_ours, self._handle
        self._handle = -1
        if _IS_WINDOWS:
            os.close(handle)  # Windows does not remove an open file
        if is_ours:
            _remove(os.path.join(self.folder, NAME))
        if not _IS_WINDOWS:
            os.close(handle)  # the file is locked until it has lost its name


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
    try:
        # Another save may look at the file: it locks old temporary files to remove them.
        with contextlib.suppress(BlockingIOError):
            _lock(handle)
        content = {"host": platform.node(), "pid": os.getpid()}
        os.write(handle, journal.json.dumps(content).encode())
        _name(folder, temporary, os.fstat(handle).st_mtime)
        return Claim(folder, handle)
    except BaseException:
        os.close(handle)
        raise
    finally:
        _remove(temporary)


def _name(folder: str, temporary: str, now: float) -> None:
    """Make a temporary file the claim of its folder.

    Parameters
    ----------
    folder : str
        The folder.
    temporary : str
        The file.
    now : float
        The time by the clock of the file system, which other hosts write to too.

    Raises
    ------
    ClaimedError
        If there is another claim, whose process runs.
    """
    path = os.path.join(folder, NAME)
    for _ in range(_TRIES):
        if _link(temporary, path):
            return
        with _dead(folder, path, now) as is_dead:
            if is_dead:
                os.replace(temporary, path)
                return
        time.sleep(_PAUSE)
    raise ClaimedError(f"{folder}: another process has claimed this run at the same time.")


@contextlib.contextmanager
def _dead(folder: str, path: str, now: float) -> Iterator[bool]:
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
        state, who = _state(folder, old, now, tries=_TRIES)
        if state == ALIVE:
            raise ClaimedError(f"{folder}: {who}; wait until it has ended.")
        try:
            # Another process may have taken the place of the dead one before this one had the lock.
            is_same = os.path.samestat(os.fstat(old), os.stat(path))
        except FileNotFoundError:
            is_same = False
        if is_same and _IS_WINDOWS:
            os.unlink(path)  # Windows does not replace an open file, but may remove it
        yield is_same
    finally:
        os.close(old)


def state_of(folder: str) -> tuple[str, str]:
    """Return whether a process has claimed a folder and runs, and who that is: a sentence, empty without a claim."""
    path = os.path.join(folder, NAME)
    try:
        handle = os.open(path, os.O_RDONLY)
    except OSError:
        if not os.path.lexists(path):
            return FREE, ""
        return _by_time(
            folder, time.time()
        ), "another user's process runs it, as far as the files that it last wrote show"
    try:
        return _state(folder, handle, time.time(), tries=1)
    finally:
        os.close(handle)


def committed(folder: str) -> str | None:
    """Return the record of the run that ended well in a folder; None if none has."""
    with contextlib.suppress(OSError, ValueError), open(os.path.join(folder, COMMIT), encoding="utf-8") as file:
        return file.read()
    return None


def _state(folder: str, handle: int, now: float, *, tries: int) -> tuple[str, str]:
    """Return the state of a claim, and a sentence on its process. If that is dead, hold its lock.

    With one try, another process that looks at the lock at the same time is taken for the one that holds it. So this is
    for readers, which lock it together.
    """
    content = _content(handle)
    host = content.get("host", platform.node())
    who = f"process {content.get('pid', '?')} on {host} runs it"
    locked = _locked(handle, tries)
    if locked is None:
        return ALIVE, who
    if locked and host == platform.node():
        return DEAD, who
    return _by_time(folder, now), f"{who}, as far as the files that it last wrote show"


def _locked(handle: int, tries: int) -> bool | None:
    """Lock a claim; return None if its process runs, and False if there are no locks."""
    for left in reversed(range(tries)):
        try:
            return _lock(handle, shared=tries == 1)
        except BlockingIOError:  # noqa: PERF203 - each try may fail
            time.sleep(_PAUSE if left else 0)
    return None


def _by_time(folder: str, now: float) -> str:
    """Return the state of a claim by the last write to its folder. One that is in the future says nothing."""
    latest = 0.0
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        for entry in found:
            if not entry.name.startswith(_TEMPORARY):  # made by whoever asks, maybe
                with contextlib.suppress(OSError):
                    latest = max(latest, entry.stat().st_mtime)
    return ALIVE if abs(now - latest) < WRITES else DEAD


def _content(handle: int) -> dict[str, object]:
    """Read a claim; empty if it was damaged."""
    with contextlib.suppress(OSError, ValueError):
        os.lseek(handle, 0, os.SEEK_SET)
        content = journal.json.loads(os.read(handle, 4096))
        return content if isinstance(content, dict) else {}
    return {}


def _temporary(folder: str) -> tuple[str, int]:
    """Make a temporary file in a folder; return its path and its handle."""
    path = os.path.join(folder, f"{_TEMPORARY}{os.getpid()}-{os.urandom(4).hex()}")
    return path, os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o666)


def _remove(path: str) -> None:
    with contextlib.suppress(OSError):
        os.unlink(path)


def _link(path: str, new: str) -> bool:
    """Give a file another name; return whether nobody has that name yet. It may keep the old one."""
    try:
        os.link(path, new)
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in {errno.EPERM, errno.ENOTSUP, errno.ENOSYS, errno.EMLINK}:
            raise
        # A file system without links, as on memory cards: whoever makes an empty file first wins.
        try:
            os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        except FileExistsError:
            return False
        os.replace(path, new)
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
