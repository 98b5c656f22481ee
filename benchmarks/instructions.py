"""Count the processor instructions of section 9's lines with valgrind, and write them into RESULTS.md.

make bench-instructions                  # about six minutes on two cores
make bench-instructions AGAINST=HEAD~3   # with those of clickbind as it was in a commit, and the difference
"""

from __future__ import annotations

import argparse
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from environments import ROOT, make, revision
from lines import (
    BUILD,
    HERE,
    LIBRARIES,
    LIMITS,
    LINES,
    MANY_LIMITS,
    OTHERWISE,
    OURS,
    REFERENCE,
    SAME,
    TAB,
    command,
    completion,
    enter_scratch,
    write_programs,
)
from processes import Command
from tables import section, table

SHORTCUTS = (
    "yaml_subset",
    "yaml_line",
    "numpydoc",
    "wrapping",
    "rows",
    "completion",
    "signals",
    "collector",
    "leaving",
)
"""Those of `clickbind.fast`, each of which ``CLICKBIND_PLAIN`` can turn off alone."""

BEFORE = "before"
"""The environment of an earlier commit."""

MANY, SOME = 1000, 100
"""Stages of the programs that the limits are for, and of one that is small enough to count without each shortcut."""

SECTION = "Instructions"
_HOW_TO_GET = "Counting needs valgrind: apt-get install valgrind, dnf install valgrind, or https://valgrind.org."
_LEAST = 0.02  # what a shortcut has to save of some line
# Nothing that differs from one machine or shell to the next; names of sets are hashed alike in every run.
_VARIABLES = {"PATH": os.defpath, "HOME": os.sep, "LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "0"}


Counts = dict[tuple[str, str], int]
"""By the title of a line, and what is counted of it: '', Click's, the earlier one's, or without a shortcut."""


class Line(NamedTuple):
    """A line that is counted.

    Attributes
    ----------
    title : str
        What the table calls it.
    ours : Command
        It, typed at the program on clickbind.
    reference : Command or None
        The same, typed at the program on Click.
    limit : float or None
        The most that the first may take of the second.
    """

    title: str
    ours: Command
    reference: Command | None
    limit: float | None


def lines() -> Iterator[Line]:
    """Walk the lines of section 9 of the design, and two that show what shortcuts buy."""
    for title, words in LINES.items():
        if title == TAB:
            ours, reference = (completion(library, "multistage", "train --") for library in (OURS, REFERENCE))
        else:
            typed = OTHERWISE.get((OURS, title)) or words
            ours, reference = command(OURS, "multistage", *typed), command(REFERENCE, "multistage", *words)
        yield Line(title, ours, reference, LIMITS[title])
    program, middle = f"staged{MANY}", f"stage-{MANY // 2}"
    run = (middle, "--count", "3")
    yield Line(
        f"{MANY:,} stages: run one",
        command(OURS, program, *run),
        command(REFERENCE, program, *run),
        MANY_LIMITS["run one stage", MANY],
    )
    yield Line(
        f"{MANY:,} stages: TAB",
        *(completion(library, program, f"{middle} --") for library in (OURS, REFERENCE)),
        MANY_LIMITS["TAB", MANY],
    )
    yield Line(
        f"{MANY:,} stages: root help, to the same options",
        command(OURS, program, "--help"),
        command(SAME, program, "--help"),
        MANY_LIMITS["root help, to the same options", MANY],
    )
    for title, words in (
        ("root help", ("--help",)),
        (f"a config of {SOME}0 keys", ("--config", "some.yml", "stage-7")),
    ):
        yield Line(f"{SOME} stages: {title}", command(OURS, f"staged{SOME}", *words), None, None)


def count(line: Command, plain: str = "") -> int:
    """Count the instructions of a line, from the start of its process to the end.

    Parameters
    ----------
    line : Command
        The line.
    plain : str
        The shortcut that is turned off; '1' for all.

    Raises
    ------
    RuntimeError
        Where the line fails.
    """
    variables = {**_VARIABLES, **dict(line.variables), **({"CLICKBIND_PLAIN": plain} if plain else {})}
    subprocess.run(line.words, env=variables, capture_output=True, check=False)  # makes its folders
    with tempfile.NamedTemporaryFile("r") as log:
        valgrind = ("valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null")
        done = subprocess.run(
            (*valgrind, f"--log-file={log.name}", *line.words),
            env=variables,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        found = re.search(r"I +refs: +([\d,]+)", log.read())
    if done.returncode or found is None:
        raise RuntimeError(f"{' '.join(line.words)} failed: {done.stderr.decode()[-500:]}")
    return int(found[1].replace(",", ""))


def write_some() -> None:
    """Write a config file with every parameter of the program of many stages."""
    values = {"count": 3, "rate": 0.25, "name": "x", "shuffle": "false", "path": "data", "sizes": "[1, 2]"}
    values |= {"mode": "slow", "note": "well", "pair": "[1, a]", "colour": "blue"}
    with open("some.yml", "w", encoding="utf-8") as file:
        for number in range(SOME):
            file.write(f"stage_{number}:\n")
            file.writelines(f"  {name}: {value}\n" for name, value in values.items())


def build(against: str | None) -> None:
    """Make the environments and the programs, for an earlier commit a third one."""
    folders = os.path.join(BUILD, "environments")
    for library in (REFERENCE, OURS):
        make(os.path.join(folders, library), LIBRARIES[library], package=library == OURS)
        write_programs(library)
    write_programs(SAME)
    if against is not None:
        words = ("git", "-C", ROOT, "archive", against, "clickbind")
        archive = io.BytesIO(subprocess.run(words, capture_output=True, check=True).stdout)
        with tempfile.TemporaryDirectory() as source, tarfile.open(fileobj=archive) as tree:
            tree.extractall(source, filter="data")
            make(os.path.join(folders, BEFORE), [], package=True, source=source)


def before(line: Command) -> Command:
    """Make the line that runs the same program on the earlier clickbind."""
    python = os.path.join(BUILD, "environments", BEFORE, "bin", "python")
    return line._replace(words=(python, *line.words[1:]))


def measured(against: str | None) -> str:
    """Count all lines, and write the tables."""
    found = list(lines())
    jobs = {(line.title, ""): (line.ours, "") for line in found}
    jobs |= {(line.title, REFERENCE): (line.reference, "") for line in found if line.reference is not None}
    jobs |= {(line.title, BEFORE): (before(line.ours), "") for line in found if against}
    counted = [line for line in found if f"{MANY:,}" not in line.title]
    jobs |= {(line.title, off): (line.ours, off) for line in counted for off in (*SHORTCUTS, "1")}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        counts = dict(zip(jobs, pool.map(lambda key: say(*key) or count(*jobs[key]), jobs), strict=True))
    heads = ["line", "clickbind, millions", "Click, millions", "limit", "ratio"]
    text = table([*heads, *([f"since {against}"] if against else [])], [row(line, counts) for line in found])
    saved = [[line.title, *(saving(line, off, counts) for off in (*SHORTCUTS, "1"))] for line in counted]
    return (
        f"{text}\nHow much more a line takes without a shortcut of `clickbind.fast`; bold from {_LEAST:.0%} on:\n\n"
        f"{table(['line', *(f'`{name}`' for name in SHORTCUTS), 'all'], saved)}"
    )


def row(line: Line, counts: Counts) -> list[str]:
    """Write a line's counts, the ratio bold where it is above its limit."""
    ours, reference = counts[line.title, ""], counts.get((line.title, REFERENCE))
    cells = [line.title, f"{ours / 1e6:,.2f}"]
    if reference is not None and line.limit is not None:
        ratio = f"{ours / reference:.3f}"
        judged = f"**{ratio}**" if ours / reference > line.limit else ratio
        cells += [f"{reference / 1e6:,.2f}", f"{line.limit:.2f}", judged]
    else:
        cells += ["-"] * 3
    earlier = counts.get((line.title, BEFORE))
    return cells if earlier is None else [*cells, f"{ours / earlier - 1:+.2%}"]


def saving(line: Line, off: str, counts: Counts) -> str:
    """Write how much more a line takes with a shortcut turned off."""
    part = counts[line.title, off] / counts[line.title, ""] - 1
    return f"**{part:.1%}**" if part >= _LEAST else f"{part:.1%}"


def say(title: str, what: str) -> None:
    """Print how far it is."""
    print(f"{title} {what}", file=sys.stderr, flush=True)


def main() -> None:
    """Count everything, print the tables, and put them into RESULTS.md."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--against", help="a commit whose clickbind is counted too")
    against = parser.parse_args().against or None
    if shutil.which("valgrind") is None:
        sys.exit(_HOW_TO_GET)
    build(against)
    enter_scratch()
    write_some()
    words = ("valgrind", "--version")
    version = subprocess.run(words, capture_output=True, text=True, check=True).stdout.strip()
    text = (
        f"## {SECTION}\n\nCounted with `make bench-instructions`, source {revision()}, "
        f"CPython {sys.version.split()[0]}, {version}.\n\n{measured(against)}"
    )
    print(text)
    path = os.path.join(HERE, "RESULTS.md")
    with open(path, encoding="utf-8") as file:
        results = file.read()
    old = section(results, SECTION)
    results = results.replace(old, f"{text}\n") if old else f"{results}\n{text}"
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"{results.rstrip()}\n")


if __name__ == "__main__":
    main()
