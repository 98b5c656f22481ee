"""Report the error that ends a program: without secrets, and without a traceback for a mistake of the user.

Only errors import this module. What the system refuses to clickbind itself, such as a folder that cannot be read, is
reported without a traceback too. What it refuses to the code of the program keeps its traceback.
"""

from __future__ import annotations

import errno
import functools
import sys
import traceback
from collections.abc import Callable, Sequence
from typing import IO, Any, NoReturn

import click

from .. import cli, layers, output
from ..declare.registry import Registry
from ..errors import ConfigError
from .option import values_of

__all__ = ["end_on_interrupt", "redacted", "refusal_of"]

_CALLING = ("clickbind.calls.", "clickbind.declare.", "clickbind.running.", "clickbind.types.")
"""The packages that call functions of the program. A function that is written in C has no frame of its own."""


def end_on_interrupt(error: BaseException, *, standalone: bool) -> NoReturn:
    """End a program with 130 on Ctrl-C, as shells expect. At a question, Click raises an `Abort` for it.

    Called while the error is handled, which is raised again for everybody else.
    """
    if standalone and isinstance(error.__context__ if isinstance(error, click.Abort) else error, KeyboardInterrupt):
        output.note("Aborted!")
        raise click.exceptions.Exit(130) from None
    raise error


def redacted(
    raised: click.ClickException | OSError, registry: Registry, words: Sequence[str], ctx: click.Context | None
) -> Exception:
    """Return the error that the user sees, without secrets: the one that was raised, or another in its place.

    Parameters
    ----------
    raised : click.ClickException or OSError
        The error that was raised. An error of the system is replaced, unless the program's own code has raised it.
    registry, words, ctx
        As for `context.redacted_errors`.
    """
    error = refusal_of(raised) if isinstance(raised, OSError) else raised
    if error is None:
        return raised
    values = values_of(getattr(error, "ctx", None) if ctx is None else ctx)
    own = cli.root_options.NAMES if registry.engines is None else cli.engines.names(registry)
    layers.redaction.redact(error, registry, words, values, own)
    cli.help.decorate(error, getattr(error, "ctx", None) or ctx)
    error.show = functools.partial(_show_quietly, error.show)  # type: ignore[method-assign]
    return error


def _show_quietly(show: Callable[[IO[Any] | None], None], file: IO[Any] | None = None) -> None:
    """Show an error, if it can be printed: the exit code must not depend on that."""
    with output.quietly():
        show(file)


def refusal_of(error: OSError) -> ConfigError | None:
    """Return the error that the user sees for one of the system.

    Returns
    -------
    ConfigError or None
        None if the program's own code has raised it, or nobody reads a pipe any more, which Click takes care of.
    """
    names = [str(frame.f_globals.get("__name__")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    while names and names[-1].partition(".")[0] in sys.stdlib_module_names:
        names.pop()
    prints = names[-1:] == ["click.utils"]
    caller = names[-2] if prints else names[-1]
    is_ours = caller.startswith("clickbind.") and not caller.startswith(_CALLING)
    if error.errno == errno.EPIPE or not (is_ours or (prints and caller.startswith("click."))):
        return None
    what: Any = error.filename
    if prints:
        output.drop(sys.stdout)
        what = "standard output cannot be written"
    elif what is None and isinstance(error, FileNotFoundError):  # only this one has no path
        what = "the working directory cannot be used"
    return ConfigError(f"{what}: {error.strerror}." if what is not None else f"{error}.")
