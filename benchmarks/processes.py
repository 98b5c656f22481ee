"""Whole processes, one round after the other, each round all of them."""

from __future__ import annotations

import os
import subprocess
import time
from typing import NamedTuple

from environments import CHILD

__all__ = ["Command", "Times", "median", "memory", "problem", "rounds", "spread"]

# A process is born with the peak of the one that starts it, so a small one starts it: Python without site.
_PEAK = """
import os, resource, sys
null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_RDWR, 0) for number in (1, 2)]
os.waitpid(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ, file_actions=null), 0)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""

Times = dict[str, list[float]]


class Command(NamedTuple):
    """A line to run.

    Attributes
    ----------
    words : tuple of str
        The interpreter, the launcher, and what is typed.
    variables : tuple of (str, str)
        What completion is told.
    """

    words: tuple[str, ...]
    variables: tuple[tuple[str, str], ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """All variables that it gets."""
        return {**CHILD, **dict(self.variables)}


def problem(command: Command) -> str | None:
    """Run a line for the first time, unmeasured; tell what is wrong with it."""
    done = subprocess.run(command.words, env=command.environment, capture_output=True, text=True, check=False)
    if done.returncode == 0 and done.stdout.strip():
        return None
    return (done.stderr.strip().splitlines() or ["no output"])[-1]


def seconds(command: Command) -> tuple[float, float]:
    """Time a line from its start to its end, output thrown away: by the clock, and what the processor worked."""
    null = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    environment = command.environment
    start = time.perf_counter()
    child = os.posix_spawn(command.words[0], command.words, environment, file_actions=null)
    _, _, usage = os.wait4(child, 0)
    return time.perf_counter() - start, usage.ru_utime + usage.ru_stime


def rounds(commands: dict[str, Command], number: int) -> tuple[Times, Times]:
    """Time commands in turns, so that a slow moment of the machine meets all of them.

    Returns
    -------
    (dict of str to list of float, the same)
        Seconds per round for each command: by the clock, and of the processor.
    """
    clock: Times = {name: [] for name in commands}
    worked: Times = {name: [] for name in commands}
    for _ in range(number):
        for name, command in commands.items():
            passed, used = seconds(command)
            clock[name].append(passed)
            worked[name].append(used)
    return clock, worked


def memory(command: Command) -> float:
    """Give the peak of a line's resident memory, in MiB; the median of three."""
    words = (command.words[0], "-ISc", _PEAK, *command.words)
    runs = [subprocess.run(words, env=command.environment, capture_output=True, check=True) for _ in range(3)]
    return median([int(run.stdout) / 1024 for run in runs])


def median(values: list[float]) -> float:
    """Give the middle of some numbers."""
    ordered = sorted(values)
    half = len(ordered) // 2
    return ordered[half] if len(ordered) % 2 else (ordered[half - 1] + ordered[half]) / 2


def spread(values: list[float]) -> tuple[float, float]:
    """Give the first and the third quartile of some numbers."""
    ordered = sorted(values)
    return ordered[len(ordered) // 4], ordered[(3 * len(ordered)) // 4]
