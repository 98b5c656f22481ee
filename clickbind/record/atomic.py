"""Write files without ever losing the old one.

On Windows, an open file cannot be renamed or replaced, a read-only file cannot be replaced or removed, and there is no
`fcntl`. That part of this module is simulated in `tests/test_windows.py`, but has not run on Windows yet.
"""

from __future__ import annotations

import contextlib
import os
import re
import stat
import time
from collections.abc import Iterator

from ..errors import SaveError
from ..output import write

__all__ = ["save"]

_IS_WINDOWS = os.name == "nt"

_TEMPORARY = r"\.clickbind-(\d+)-[0-9a-f]{8}"
_TRIES = 3
_WAITS = (0.05, 0.1, 0.2, 0.4)
"""The seconds to wait for another program, such as a virus scanner, to close a file on Windows."""
_writing: set[str] = set()
"""The temporary files that threads of this process are writing. Other threads must not remove them before they are
locked."""


def save(text: str, path: str, what: str = "run") -> None:
    """Write a file atomically: at every moment it is the old one or the new one.

    Parameters
    ----------
    text : str
        The text, which is written as UTF-8.
    path : str
        The file; ``-`` is standard output. Missing folders are made, and removed again if the file cannot be written.
        An existing path that is not a regular file, such as a pipe, is written to directly. For a symbolic link, its
        target is replaced. Temporary files of killed saves in the same folder are removed.
    what : str
        The thing that is saved, for the error: ``run``.

    Raises
    ------
    SaveError
        If the file cannot be written. The old file is unchanged.
    """
    if path == "-":
        write(text, f"-: the {what} cannot be saved", escapes=False)
        return
    try:
        data = text.encode("utf-8")
        named = os.path.expanduser(path)
        mode = os.stat(named).st_mode if os.path.exists(named) else None
        if mode is not None and not stat.S_ISREG(mode):
            with open(named, "wb") as file:
                file.write(data)
            return
        target = os.path.realpath(named)
        with _folder(os.path.dirname(target)):
            _replace(data, target, mode)
        _remove_left(os.path.dirname(target))
    except (OSError, ValueError) as error:  # a NUL or a surrogate in a name is a ValueError
        reason = getattr(error, "strerror", None) or error
        raise SaveError(f"{path or repr(path)}: the {what} cannot be saved: {reason}.") from None


@contextlib.contextmanager
def _folder(path: str) -> Iterator[None]:
    """Make a folder and its missing parents. After an exception, remove those that were made and are still empty."""
    missing = []
    while not os.path.isdir(path):
        missing.append(path)
        path = os.path.dirname(path)
    made: list[str] = []
    try:
        for folder in reversed(missing):
            with contextlib.suppress(FileExistsError):  # another process made it in the meantime
                os.makedirs(folder)
                made.append(folder)
        yield
    except BaseException:
        with contextlib.suppress(OSError):
            for folder in reversed(made):
                os.rmdir(folder)
        raise


def _replace(data: bytes, target: str, mode: int | None) -> None:
    """Write a temporary file beside the target, flush it to the disk, and rename it to the target."""
    tries_left = _TRIES
    while True:
        tries_left -= 1
        name = f".clickbind-{os.getpid()}-{os.urandom(4).hex()}"
        _writing.add(name)
        try:
            _write(data, os.path.join(os.path.dirname(target), name), target, mode)
        except FileNotFoundError:  # a process on another machine removed it before it was locked
            if not tries_left:
                raise
        else:
            return
        finally:
            _writing.remove(name)


def _write(data: bytes, temporary: str, target: str, mode: int | None) -> None:
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # the umask applies, as for any file
    try:
        with open(handle, "wb") as file:
            with contextlib.suppress(OSError):  # not every file system has locks
                _lock(handle)
            file.write(data)
            file.flush()
            os.fsync(handle)
            if _IS_WINDOWS:
                file.close()  # Windows does not rename an open file
            if mode is not None:
                os.chmod(temporary, stat.S_IMODE(mode))
            _rename(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            if _IS_WINDOWS:
                os.chmod(temporary, stat.S_IWRITE)  # Windows does not remove a read-only file
            os.unlink(temporary)
        raise


def _rename(temporary: str, target: str) -> None:
    """Rename a file to another, on Windows once nobody has that one open.

    Raises
    ------
    OSError
        If the target cannot be replaced.
    """
    for seconds in _WAITS if _IS_WINDOWS and os.access(target, os.W_OK) else ():
        with contextlib.suppress(PermissionError):
            os.replace(temporary, target)
            return
        time.sleep(seconds)
    try:
        os.replace(temporary, target)
    except PermissionError as error:
        if not _IS_WINDOWS:
            raise
        reason = f"{error.strerror}: it is read-only, or another program has it open"
        raise PermissionError(error.errno, reason) from None


def _lock(handle: int) -> None:
    """Lock a file until it is closed or the process ends. Raise an `OSError` if another process has locked it."""
    if not _IS_WINDOWS:
        import fcntl  # noqa: PLC0415 - Windows does not have it

        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def _remove_left(folder: str) -> None:
    """Remove the temporary files of killed saves: no process here has their number, and nobody has locked them.

    A process on another machine is not visible here, but its lock is. On a file system without locks, nothing is
    removed.
    """
    with contextlib.suppress(OSError):
        for name in os.listdir(folder):
            found = re.fullmatch(_TEMPORARY, name)
            if found and name not in _writing and not _is_alive(int(found[1])):
                with contextlib.suppress(OSError):
                    _remove_unlocked(os.path.join(folder, name))


def _is_alive(pid: int) -> bool:
    """Return whether another process on this machine has a process id."""
    if _IS_WINDOWS or pid == os.getpid():  # on Windows, `os.kill` would end the process
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:
        return True  # it belongs to another user
    return True


def _remove_unlocked(path: str) -> None:
    if _IS_WINDOWS:
        os.unlink(path)
        return
    handle = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    try:
        _lock(handle)
        os.unlink(path)
    finally:
        os.close(handle)
