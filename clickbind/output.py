"""What is printed on standard output: escaped where a terminal cannot show it, UTF-8 where a file or pipe takes it."""

from __future__ import annotations

import errno
import sys
from typing import Any

import click

from .errors import SaveError

__all__ = ["printable", "write"]


def printable(text: str) -> str:
    """Escape what the encoding of standard output does not have."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    return text.encode(encoding, "backslashreplace").decode(encoding)


def write(text: str, problem: str, *, escapes: bool = True) -> None:
    """Write what a program may read again: to a file or pipe as UTF-8, whatever the encoding of the terminal.

    Parameters
    ----------
    text : str
        What to write.
    problem : str
        What an error begins with: ``the run cannot be written``.
    escapes : bool
        Whether a terminal gets what it cannot show escaped, rather than UTF-8.

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
        sys.stdout.flush()  # what was printed before comes before
        binary.write(text.encode("utf-8", "backslashreplace"))
        binary.flush()
    except (OSError, ValueError) as error:
        if getattr(error, "errno", None) == errno.EPIPE:
            raise  # Click ends quietly
        raise SaveError(f"{problem}: {getattr(error, 'strerror', None) or error}.") from None
