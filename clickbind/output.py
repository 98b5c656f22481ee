"""Write to standard output, escaped for a terminal and as UTF-8 to a file or pipe; write warnings to standard error."""

from __future__ import annotations

import contextlib
import errno
import sys
from typing import Any

import click

from .errors import SaveError

__all__ = ["printable", "warn", "write"]


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
        raise SaveError(f"{problem}: {getattr(error, 'strerror', None) or error}.") from None


def warn(message: str) -> None:
    """Print a warning on standard error, or nowhere if that is closed: a warning must not end a run."""
    with contextlib.suppress(OSError, ValueError):
        click.echo(f"Warning: {message}", err=True)
