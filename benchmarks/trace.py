"""Print the packages that a typed value visits on its way from the line to the stage: ``train --epochs 137``.

A function handles the value where an argument, a local name or its result is the text or the number itself; what holds
the value without looking at it, a list or a layer, is not followed.
Functions are listed in the order of their calls, until the stage is called. The exit code is 1 for more than five
packages, and for a way that comes back to a package that it has left.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import itertools
import os
import sys
import tempfile
from types import FrameType
from typing import Any

from environments import ROOT

LINE = ("train", "--epochs", "137")
MOST = 5


def is_value(found: object) -> bool:
    """Return whether an object is the typed text, or the number that it means."""
    return found in ("137", 137) and type(found) in {str, int}


class Tracer:
    """Notes the functions of clickbind that handle the value; set as `sys.setprofile`'s function.

    Attributes
    ----------
    calls : list of (str, bool)
        Every call in its order: the name of the function, and whether it handles the value.
    """

    def __init__(self) -> None:
        self.calls: list[tuple[str, bool]] = []
        self._numbers: dict[FrameType, int] = {}
        self._on = True

    def __call__(self, frame: FrameType, event: str, arg: Any) -> None:
        """Note a call or a return."""
        name = frame.f_globals.get("__name__", "")
        self._on = self._on and (name, frame.f_code.co_name) != ("multistage", LINE[0])
        if not self._on or not name.startswith("clickbind.") or event not in {"call", "return"}:
            return
        if frame not in self._numbers:
            self._numbers[frame] = len(self.calls)
            self.calls.append((f"{name}.{getattr(frame.f_code, 'co_qualname', frame.f_code.co_name)}", False))
        number = self._numbers[frame]
        if any(map(is_value, frame.f_locals.values())) or (event == "return" and is_value(arg)):
            self.calls[number] = (self.calls[number][0], True)
        if event == "return":
            del self._numbers[frame]


def main() -> None:
    """Run the example program, and print the way of the value through it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--functions", action="store_true", help="print each function as well")
    functions = parser.parse_args().functions
    sys.path[:0] = [ROOT, os.path.join(ROOT, "examples", "multistage")]
    from multistage import main as program

    tracer = Tracer()
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        os.chdir(folder)
        sys.setprofile(tracer)
        try:
            program(LINE, prog_name="multistage", standalone_mode=False)
        finally:
            sys.setprofile(None)
            os.chdir(ROOT)
    names = [name for name, handles in tracer.calls if handles]
    if functions:
        print(*names, "", sep="\n")
    way = [package for package, _ in itertools.groupby(name.split(".")[1] for name in names)]
    packages = set(way)
    print(f"{' '.join(LINE)} visits {len(packages)} packages in {len(names)} functions: {' → '.join(way)}")
    back = len(way) - len(packages)
    if back:
        print(f"It comes back {back} times to a package that it has left.")
    sys.exit(len(packages) > MOST or back > 0)


if __name__ == "__main__":
    main()
