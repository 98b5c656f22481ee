"""Measure what a job of a sweep costs on each engine, against the engine alone, and write their section of RESULTS.md.

What a job costs is the difference between many and few jobs, divided by their number: in processor time of the whole
process tree, and by the clock, with two jobs at a time. Each figure is the median over the rounds, in which everything
runs once, one after the other.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
import time

from environments import CHILD, make
from processes import median
from tables import section, table

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "programs")
LIBRARIES = {"processes": "", "dask": "distributed", "slurm": "submitit"}
FEW, MANY = 2, 22
KINDS = ("nothing", "command", "sweep")


def measured(words: list[str]) -> tuple[float, float]:
    """Run a command, and return its seconds of processor time and by the clock."""
    before, began = os.times(), time.perf_counter()
    subprocess.run(words, check=True, env=CHILD, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = os.times()
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return cpu, time.perf_counter() - began


def line(python: str, engine: str, kind: str, jobs: int) -> list[str]:
    """Return the command that runs some jobs on an engine, into a new folder."""
    folder = os.path.abspath("jobs")
    shutil.rmtree(folder, ignore_errors=True)
    if kind != "sweep":
        return [python, os.path.join(PROGRAMS, "bare_engine.py"), engine, str(jobs), "2", kind, folder]
    words = ["--engine", engine, *(["--slurm.local"] if engine == "slurm" else [])]
    rates = [word for number in range(jobs) for word in ("--lr", str(number))]
    return [
        python,
        os.path.join(PROGRAMS, "sweep_clickbind.py"),
        "--into",
        folder,
        "sweep",
        "-j",
        "2",
        *words,
        "train",
        *rates,
    ]


def main() -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run (default: %(default)s)")
    rounds = parser.parse_args().rounds
    needed = [name for name in LIBRARIES.values() if name]
    build = os.path.join(HERE, "build", "engines")
    try:
        versions = make(build, needed, package=True)
    except subprocess.CalledProcessError as error:
        sys.exit(f"The engines are not measured: {', '.join(needed)} cannot be installed: {error.stderr}")
    python = os.path.join(build, "bin", "python")
    costs: dict[tuple[str, str], list[tuple[float, float]]] = {}
    starts: dict[tuple[str, str], list[float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        for _ in range(rounds):
            for engine in LIBRARIES:
                for kind in KINDS:
                    few, many = (measured(line(python, engine, kind, jobs)) for jobs in (FEW, MANY))
                    each = [(two - one) / (MANY - FEW) for one, two in zip(few, many, strict=True)]
                    costs.setdefault((engine, kind), []).append((each[0], each[1]))
                    starts.setdefault((engine, kind), []).append(few[1] - FEW * each[1])
                    print(
                        f"{engine} {kind}: {each[0]:.3f} s, {each[1]:.3f} s by the clock", file=sys.stderr, flush=True
                    )
        os.chdir(HERE)
    write(costs, starts, versions)


def write(
    costs: dict[tuple[str, str], list[tuple[float, float]]],
    starts: dict[tuple[str, str], list[float]],
    versions: dict[str, str],
) -> None:
    """Write the section."""
    rows = []
    for engine, library in LIBRARIES.items():
        cells = [f"{engine} ({library} {versions[library]})" if library else engine]
        for kind in KINDS:
            cpu, clock = (max(0, median([one[place] for one in costs[engine, kind]]) * 1e3) for place in (0, 1))
            cells.append(f"{cpu:.0f} ms, {clock:.0f} ms")
        cells.append(f"{median(starts[engine, 'sweep']):.1f} s")
        rows.append(cells)
    text = "## Engines\n\nWhat one more job costs, two at a time: processor time of all processes, and by the clock. "
    text += "`slurm` is submitit's\nexecutor for one machine. A job of a sweep is recorded in a folder of its own.\n\n"
    head = ["", "the engine alone, an empty function", "alone, the program as a command", "a job of a sweep", "start"]
    text += table(head, rows)
    path = os.path.join(HERE, "RESULTS.md")
    with open(path, encoding="utf-8") as file:
        before = file.read()
    old = section(before, "Engines")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before.replace(old, text) if old else f"{before.rstrip()}\n\n{text}")
    print(text)


if __name__ == "__main__":
    main()
