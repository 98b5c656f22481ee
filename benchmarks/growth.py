"""Measure how costs grow: each dimension at three sizes, the exponent between them, as a table in Markdown.

python benchmarks/growth.py               # all, about six minutes
python benchmarks/growth.py stages turns  # the dimensions or cases whose names begin so
"""

from __future__ import annotations

import argparse
import itertools
import math
import os
import subprocess
import sys

from environments import CHILD
from growing import CASES, Case
from tables import table

__all__ = ["LIMIT", "grow", "measure"]

HERE = os.path.dirname(os.path.abspath(__file__))
STEP = 4
SIZES = 3
# n log n is 1.1 at these sizes; what is quadratic is 1.3 and more as soon as it shows.
LIMIT = 1.15
MOST = 30.0  # seconds of the processor; what takes longer has shown how it grows


def seconds(python: str, name: str, size: int, rounds: int) -> float:
    """Return the processor time of a case at one size: the minimum of some fresh processes."""
    words = (python, os.path.join(HERE, "growing.py"), name, str(size))
    times = []
    for _ in range(rounds):
        done = subprocess.run(words, env=CHILD, capture_output=True, text=True, check=True, timeout=600)
        times.append(float(done.stdout.split()[0]))
        if times[-1] > MOST / rounds:
            break
    return min(times)


def measure(python: str, name: str, rounds: int) -> tuple[list[int], list[float]]:
    """Measure a case at its sizes, the cost at size 2 subtracted, which does not grow."""
    sizes = [CASES[name].size * STEP**power for power in range(SIZES)]
    fixed = seconds(python, name, 2, rounds)
    times = []
    for size in sizes:
        times.append(max(seconds(python, name, size, rounds) - fixed, 1e-6))
        if times[-1] > MOST:
            break
    return sizes[: len(times)], times


def exponents(times: list[float]) -> list[float]:
    """Return the slope between each two sizes, both axes logarithmic."""
    return [math.log(two / one) / math.log(STEP) for one, two in itertools.pairwise(times)]


def row(case: Case, sizes: list[int], times: list[float]) -> tuple[list[str], bool]:
    """Write a row; whether its cost grows too fast, both from end to end and between the last two sizes."""
    slopes = exponents(times) or [math.inf]
    # A small first size has noise in it, and so has one step alone: what is quadratic shows in both.
    found = min(sum(slopes) / len(slopes), slopes[-1])
    shown = f"{found:.2f}"
    bad = found > LIMIT
    cells = [f"{time * 1e3:,.1f} ms" for time in times] + ["-"] * (SIZES - len(times))
    return [case.dimension, case.line, f"{sizes[0]:,}", *cells, f"**{shown}**" if bad else shown], bad


def chosen(words: list[str]) -> list[str]:
    """Return the cases whose dimension or name begins with one of some words."""
    return [
        name
        for name, case in CASES.items()
        if not words or any(name.startswith(word) or case.dimension.startswith(word) for word in words)
    ]


def grow(python: str, rounds: int, words: list[str] | None = None) -> tuple[str, list[str]]:
    """Measure cases, and return the table and the names of those that grow too fast."""
    rows, bad = [], []
    for name in chosen(words or []):
        sizes, times = measure(python, name, rounds)
        cells, is_bad = row(CASES[name], sizes, times)
        if is_bad:
            bad.append(name)
        rows.append(cells)
        print(f"{name:24}", *cells[2:], file=sys.stderr, flush=True)
    head = ["what grows", "", "from", "takes", f"{STEP} times", f"{STEP * STEP} times", "exponent"]
    return table(head, rows), bad


def main() -> None:
    """Measure, print the table, and exit with 1 where a cost grows too fast."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help="beginnings of dimensions or cases (default: all)")
    parser.add_argument("--rounds", type=int, default=3, help="fresh processes per size (default: %(default)s)")
    given = parser.parse_args()
    text, bad = grow(sys.executable, given.rounds, given.cases)
    print(text)
    sys.exit(f"Above {LIMIT}: {', '.join(bad)}" if bad else 0)


if __name__ == "__main__":
    main()
