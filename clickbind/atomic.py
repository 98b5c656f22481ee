"""The write that never loses the old file."""

from __future__ import annotations

import contextlib
import os
import stat
import sys

from .errors import SaveError

__all__ = ["save"]


def save(text: str, path: str) -> None:
    """Write a file so that at every moment it is the old one or the new one.

    Parameters
    ----------
    text : str
        What to write, as UTF-8.
    path : str
        The file; ``-`` is standard output. Folders are made. What exists and is no regular file is written to
        directly; of a symbolic link, the target is replaced.

    Raises
    ------
    SaveError
        Where it cannot be written. The old file is as it was.
    """
    data = text.encode("utf-8")
    try:
        if path == "-":
            sys.stdout.flush()  # what was printed before comes before
            binary = getattr(sys.stdout, "buffer", None)
            if binary is None:
                sys.stdout.write(text)
            else:
                binary.write(data)
            sys.stdout.flush()
            return
        named = os.path.expanduser(path)
        mode = os.stat(named).st_mode if os.path.exists(named) else None
        if mode is not None and not stat.S_ISREG(mode):
            with open(named, "wb") as file:
                file.write(data)
            return
        target = os.path.realpath(named)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        _replace(data, target, mode)
    except OSError as error:
        raise SaveError(f"{path}: the run cannot be saved: {error.strerror or error}.") from None


def _replace(data: bytes, target: str, mode: int | None) -> None:
    """Write beside the target, flush to the disk, and rename over it."""
    temporary = os.path.join(os.path.dirname(target), f".clickbind-{os.getpid()}-{os.urandom(4).hex()}")
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)  # the umask decides, as for any file
    try:
        with open(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if mode is not None:
            os.chmod(temporary, stat.S_IMODE(mode))
        os.replace(temporary, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
