"""Say where a program is, so that another process finds it, and find it there."""

from __future__ import annotations

import importlib
import os
import sys
import types
from typing import Any

from .. import declare, sweeps
from ..errors import UserError

__all__ = ["address_of", "load", "started"]

# The path of this package is added for the import alone: in PYTHONPATH, it would change what jobs start.
_START = (
    "import sys; sys.path[:] = filter(None, sys.path); sys.path.append(sys.argv.pop()); "
    "from clickbind.sweeps.{} import main; sys.exit(main(*sys.argv[1:]))"
)
_HERE = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

_MAIN = ("__main__", "__mp_main__")
_AGAIN = "__mp_main__"
"""The name of a script that is run again, as in `multiprocessing`: its ``if __name__ == "__main__"`` does nothing."""


def address_of(registry: Any, name: str, **more: Any) -> str:
    """Return the address of a program: text that another process, which has the same files, finds the program by.

    Parameters
    ----------
    registry : Registry
        The functions of the program.
    name : str
        The name by which the program was started, for its messages.
    **more
        What its jobs have to know besides, as JSON has it.

    Raises
    ------
    UserError
        If the binder is not a global variable of a module or of a script.
    """
    home = declare.pickling.home_of(registry)
    if home is None:
        raise UserError(
            "other processes cannot find this program: assign its Binder to a global variable of a module or a script."
        )
    module, variable = home
    file = None
    if module in _MAIN:
        main = sys.modules[module]
        spec = getattr(main, "__spec__", None)
        file = None if spec is not None else getattr(main, "__file__", None)
        module = module if spec is None else spec.name
        if spec is None and (file is None or not os.path.isfile(file)):
            raise UserError("other processes cannot find this program: put its functions into a file, and import them.")
    path = [os.path.abspath(folder) for folder in sys.path]
    found = {"file": file and os.path.abspath(file), "module": module, "name": variable, "path": path, "prog": name}
    return sweeps.json.dumps({**found, **more})


def started(module: str, *arguments: str) -> list[str]:
    """Return the words that run `main` of a module of this package in a new interpreter, with these arguments.

    With ``-c``, Python would look for each module in the working directory first: a `socket.py` there would be run.
    """
    safe = ["-P"] if sys.version_info >= (3, 11) else []  # before, the directory is removed from the path
    return [sys.executable, *safe, "-c", _START.format(module), *arguments, _HERE]


def load(address: str) -> tuple[Any, str]:
    """Import a program by its address.

    Returns
    -------
    command : click.Group
        The command: the global variable that holds it, else a new one of the binder.
    prog : str
        The name of the program.

    Raises
    ------
    UserError
        If the binder is not where it was.
    """
    found = sweeps.json.loads(address)
    sys.path[:] = found["path"]
    module = _run_again(found["file"]) if found["file"] else importlib.import_module(found["module"])
    registry = declare.pickling.registry_at(module.__name__, found["name"])
    if registry is None:
        where = found["file"] or found["module"]
        raise UserError(f"{where} has no global variable {found['name']!r} in this process, which was the Binder.")
    for value in list(vars(module).values()):
        if getattr(value, "registry", None) is registry and hasattr(value, "make_context"):
            return value, found["prog"]
    return registry.binder.command(), found["prog"]


def _run_again(file: str) -> types.ModuleType:
    """Run a script as a module that is not the main one, and make it the main module, where pickles look for it."""
    module = types.ModuleType(_AGAIN)
    module.__file__ = file
    vars(module).update(sweeps.runpy.run_path(file, run_name=_AGAIN))
    sys.modules["__main__"] = sys.modules[_AGAIN] = module
    return module
