"""Run jobs on a Dask cluster."""

from __future__ import annotations

import logging
import os
from typing import Any

from .. import engines, output
from ..errors import UserError
from .catalog import Sweep

__all__ = ["dask"]

_TIMEOUT = 10  # seconds to wait for a scheduler


def dask(sweep: Sweep, address: str | None = None) -> _Tasks:
    """Run the jobs on a Dask cluster.

    Parameters
    ----------
    address : str, optional
        The address of its scheduler: tcp://host:8786. Without it, a cluster of --jobs workers starts on this machine.
    """
    distributed = engines.distributed
    for name in list(logging.root.manager.loggerDict):
        if name.partition(".")[0] == distributed.__name__:
            logging.getLogger(name).setLevel(logging.CRITICAL)  # the driver says what happens to jobs
    if address is None:
        cluster = _local(sweep.jobs)
        return _Tasks(distributed.Client(cluster, set_as_default=False), cluster)
    try:
        distributed.comm.resolve_address(address)  # a client that fails by that complains once more
        client = distributed.Client(address, timeout=_TIMEOUT, set_as_default=False)
    except (OSError, ValueError) as error:
        raise UserError(f"--dask.address: no scheduler answers at {address!r}: {error}") from None
    if not client.scheduler_info()["workers"]:
        output.warn(f"the Dask scheduler at {address} has no workers yet; the jobs wait for them.")
    return _Tasks(client)


def _local(workers: int) -> Any:
    """Start a cluster on this machine, which ends with this process."""
    return engines.distributed.LocalCluster(
        n_workers=workers,
        threads_per_worker=1,
        host="127.0.0.1",
        dashboard_address="127.0.0.1:0",  # where there are other clusters, their ports are taken
        scheduler_kwargs={"dashboard": False, "allowed_failures": 0},
        silence_logs=logging.CRITICAL,
    )


class _Tasks:
    """An executor that submits each job as one task.

    Parameters
    ----------
    client : distributed.Client
        The client of a cluster.
    own : distributed.LocalCluster, optional
        The cluster, if it is this process's own.
    """

    def __init__(self, client: Any, own: Any = None) -> None:
        self._client = client
        self._own = own
        self._kept: set[Any] = set()  # a task is forgotten with its last future

    def submit(self, function: Any, *args: str) -> engines.futures.Future[Any]:
        """Submit a job, whose key its record gets as the id."""
        key = f"clickbind-{os.path.basename(args[1])}-{os.urandom(4).hex()}"
        found = self._client.submit(function, *args, key, key=key, pure=False, retries=0)
        future = engines.natives.Linked(found)
        self._kept.add(found)
        found.add_done_callback(lambda _: self._settle(future, found))
        return future

    def _settle(self, future: engines.futures.Future[Any], found: Any) -> None:
        self._kept.discard(found)
        if found.status == "finished":
            future.set_result(found.result())
        elif found.status == "error":
            future.set_exception(found.exception())
        else:
            future.set_exception(engines.futures.CancelledError("the Dask scheduler is gone, or has cancelled the job"))

    def shutdown(self) -> None:
        """Leave the cluster; end it if it is this process's own."""
        self._client.close(timeout=_TIMEOUT)
        if self._own is not None:
            self._own.close(timeout=_TIMEOUT)
