"""Write to standard output, escaped for a terminal and as UTF-8 to a file or pipe; write notes to standard error."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from typing import Any

import click

from .errors import SaveError

__all__ = ["drop", "note", "open_closed", "printable", "quietly", "say", "warn", "write"]

_STDERR = 2


def printable(text: str) -> str:
    """Escape characters that the encoding of standard output does not have."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def write(text: str, problem: str, *, escapes: bool = True) -> None:
    """Write text that a program may read again: to a file or pipe as UTF-8, whatever the encoding of the terminal.

    Parameters
    ----------
    text : str
        The text.
    problem : str
        The beginning of an error message: ``the run cannot be written``.
    escapes : bool
        Whether to escape characters that a terminal cannot show. If False, a terminal gets UTF-8 too.

    Raises
    ------
    SaveError
        If standard output is closed, or its disk is full.
    """
    if sys.stdout is None:
        raise SaveError(f"{problem}: standard output is closed.")
    binary: Any = getattr(sys.stdout, "buffer", None)
    try:
        if binary is None or (escapes and sys.stdout.isatty()):
            click.echo(printable(text), nl=False)
            return
        sys.stdout.flush()  # keeps the order: what was printed before is still in the text layer's buffer
        binary.write(text.encode("utf-8", "backslashreplace"))
        binary.flush()
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.EPIPE:
            raise  # Click ends the program quietly
        drop(sys.stdout)
        raise SaveError(f"{problem}: {getattr(error, 'strerror', None) or error}.") from None


def open_closed() -> None:
    """Let the standard files that are closed lead nowhere, so that no file that is opened next gets their numbers."""
    while (handle := os.open(os.devnull, os.O_RDWR)) <= _STDERR:
        os.set_inheritable(handle, True)
    os.close(handle)


def say(text: str, *, newline: bool = True) -> bool:
    """Print what happens while something else goes on, which must not end where the disk of standard output is full.

    Returns
    -------
    bool
        Whether it was printed.

    Raises
    ------
    BrokenPipeError
        If nobody reads it any more. Click ends the program quietly.
    """
    try:
        click.echo(printable(text), nl=newline)
    except BrokenPipeError:
        raise
    except (OSError, ValueError):
        drop(sys.stdout)
        return False
    return True


def note(text: str) -> None:
    """Print a line on standard error, or nowhere if that cannot be written: a note must not end a run."""
    with quietly():
        click.echo(text, err=True)


@contextlib.contextmanager
def quietly() -> Iterator[None]:
    """Ignore that standard error cannot be written."""
    try:
        yield
    except (OSError, ValueError):
        drop(sys.stderr)


def drop(stream: Any) -> None:
    """Drop what is left in the buffers of a file after a write that failed.

    Python would write it at the end of the program, fail again, say so, and exit with 120.
    """
    with contextlib.suppress(AttributeError, OSError, ValueError), open(os.devnull, "wb") as nowhere:
        number = stream.fileno()
        kept = os.dup(number)
        os.dup2(nowhere.fileno(), number)
        try:
            stream.flush()
        finally:
            os.dup2(kept, number)
            os.close(kept)


def warn(message: str) -> None:
    """Print a warning on standard error, or nowhere if that cannot be written."""
    note(f"Warning: {message}")
