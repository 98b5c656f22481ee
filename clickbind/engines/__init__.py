"""Run the jobs of a sweep elsewhere: engines by their names, each of which makes an executor."""

from typing import TYPE_CHECKING

from .._lazy import attach

__all__ = [
    "catalog",
    "dask",
    "distributed",
    "futures",
    "metadata",
    "natives",
    "processes",
    "signal",
    "slurm",
    "submitit",
    "threading",
]

if TYPE_CHECKING:
    import signal
    import threading
    from concurrent import futures
    from importlib import metadata

    import distributed
    import submitit

    from . import catalog, dask, natives, processes, slurm
else:  # hidden from mypy, so that a misspelt module is a type error
    __getattr__ = attach(
        __name__,
        __all__,
        distributed="distributed",
        futures="concurrent.futures",
        metadata="importlib.metadata",
        signal="signal",
        submitit="submitit",
        threading="threading",
    )
