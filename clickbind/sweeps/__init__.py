"""Run many jobs: a line with several values for some of its options, each combination in a process of its own."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = [
    "axes",
    "child",
    "driver",
    "fresh",
    "futures",
    "history",
    "jobs",
    "json",
    "local",
    "names",
    "programs",
    "resuming",
    "runpy",
    "search",
    "secrets",
    "server",
    "sheet",
    "shutil",
    "signal",
    "socket",
    "sources",
    "space",
    "spans",
    "study",
    "subprocess",
    "threading",
    "worker",
]

if TYPE_CHECKING:
    import json
    import runpy
    import secrets
    import shutil
    import signal
    import socket
    import subprocess
    import threading
    from concurrent import futures

    from . import (
        axes,
        child,
        driver,
        fresh,
        history,
        jobs,
        local,
        names,
        programs,
        resuming,
        search,
        server,
        sheet,
        sources,
        space,
        study,
        worker,
    )
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(
        __name__,
        __all__,
        futures="concurrent.futures",
        json="json",
        runpy="runpy",
        secrets="secrets",
        shutil="shutil",
        signal="signal",
        socket="socket",
        subprocess="subprocess",
        threading="threading",
    )
