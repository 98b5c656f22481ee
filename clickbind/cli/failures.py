"""Report what the system refuses to clickbind itself, such as a folder that cannot be read, without a traceback.

Only such errors import this module. What the system refuses to the code of the program keeps its traceback.
"""

from __future__ import annotations

import errno
import sys
import traceback
from typing import Any

from .. import output
from ..errors import ConfigError

__all__ = ["refusal_of"]

_CALLING = ("clickbind.calls.", "clickbind.declare.", "clickbind.running.", "clickbind.types.")
"""The packages that call functions of the program. A function that is written in C has no frame of its own."""


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
