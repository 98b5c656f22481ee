"""Run jobs on a Slurm cluster, by submitit."""

from __future__ import annotations

import os
from typing import Annotated, Any

import click

from .. import engines
from ..errors import UserError
from .catalog import Sweep

__all__ = ["FOLDER", "slurm"]

_NOTICE = 90  # seconds before the end of its time at which a job is told to leave its contexts

FOLDER = "slurm"
"""The folder inside that of the sweep with the scripts and logs of submitit."""


def slurm(
    sweep: Sweep,
    *,
    partition: str | None = None,
    minutes: Annotated[int, click.IntRange(1)] = 60,
    gpus: Annotated[int, click.IntRange(0)] = 0,
    cpus: Annotated[int, click.IntRange(1)] = 1,
    memory_gb: float | None = None,
    account: str | None = None,
    local: bool = False,
) -> Any:
    """Submit each job to Slurm.

    Parameters
    ----------
    partition : str, optional
        The partition, by default that of the cluster.
    minutes : int
        The time limit of a job.
    gpus : int
        The GPUs of a job.
    cpus : int
        The processor cores of a job.
    memory_gb : float, optional
        The memory of a job, by default that of the cluster.
    account : str, optional
        The account to charge.
    local : bool
        Run the jobs on this machine, without a Slurm, to try it.
    """
    folder = os.path.join(sweep.folder, FOLDER)
    try:
        executor = engines.submitit.AutoExecutor(folder, cluster="local" if local else "slurm")
    except RuntimeError as error:
        raise UserError(
            f"--engine slurm: {error} Call it where 'sbatch' works, such as a login node of the cluster; with "
            "--slurm.local the jobs run on this machine."
        ) from None
    values = {
        "timeout_min": minutes,
        "gpus_per_node": gpus or None,
        "cpus_per_task": cpus,
        "mem_gb": memory_gb,
        "slurm_partition": partition,
        "slurm_account": account,
        "slurm_signal_delay_s": min(_NOTICE, 15 * minutes),
    }
    executor.update_parameters(name="clickbind", **{name: value for name, value in values.items() if value is not None})
    return _Jobs(executor)


class SlurmError(Exception):
    """Report a job that ended without a result: it was cancelled, or had no more time or memory."""


class _Jobs:
    """An executor whose errors are short.

    Parameters
    ----------
    executor : submitit.Executor
        The executor.
    """

    def __init__(self, executor: Any) -> None:
        self._executor = executor

    def submit(self, function: Any, *args: str) -> _Job:
        """Submit a job."""
        return _Job(self._executor.submit(function, *args))


class _Job:
    """A job of submitit, as a future.

    Parameters
    ----------
    job : submitit.Job
        The job.
    """

    def __init__(self, job: Any) -> None:
        self._job = job
        self.done = job.done

    def cancel(self) -> None:
        """Take the job off the queue, or end it."""
        self._job.cancel(check=False)

    def result(self) -> Any:
        """Return the exit code of the job.

        Raises
        ------
        SlurmError
            If it has none, since it was ended from outside.
        """
        try:
            return self._job.result()
        except (engines.submitit.core.utils.UncompletedJobError, engines.submitit.core.utils.FailedJobError) as error:
            info = self._job.get_info()
            reason = f"its state is {info.get('State') or info.get('jobState') or 'unknown'}"
            if "timed-out" in str(error):
                reason = "its time was up, see --slurm.minutes"
            name = f"{FOLDER}/{os.path.basename(self._job.paths.stderr)}"
            raise SlurmError(f"job {self._job.job_id} has no result: {reason}, and {name}") from None
