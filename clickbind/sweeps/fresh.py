"""Run one job in a new interpreter, which `local` starts with the request on its standard input."""

from __future__ import annotations

import os
import sys

from .. import sweeps

__all__ = ["main"]


def main() -> int:
    """Run the job that the standard input asks for, and return its exit code."""
    request = sweeps.json.loads(sys.stdin.read())
    null = os.open(os.devnull, os.O_RDONLY)
    os.dup2(null, 0)
    os.close(null)
    return sweeps.worker.main(request["program"], request["folder"], request["slot"], tuple(request["words"]))
