"""Measure clickbind against what else there is, and write RESULTS.md. `README.md` tells how."""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import platform
import subprocess
import sys
from typing import Any

from environments import CHILD, ROOT, make, processor, revision
from growth import LIMIT, grow
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
    STAGES,
    TAB,
    WITH_CLICKBIND,
    command,
    completion,
    enter_scratch,
    python,
    write_programs,
)
from processes import Command, Times, median, memory, problem, rounds
from tables import judged, ratio, section, table

AGAIN = "click again"

_TO_SAME = "to the same options"

# Section 9 of the design.
CALL_LIMITS = {"clickbind, outside": 150, "clickbind, inside": 400}
READING_LIMITS = {100_000: 0.85}


class Bench:
    """One measuring: environments, programs, and what is to be said of them.

    Attributes
    ----------
    versions : dict of str to dict
        Per library, the versions of what is in its environment.
    notes : list of str
        What could not be measured, and why.
    steep : list of str
        The cases whose cost grows too fast.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self.versions: dict[str, dict[str, str]] = {}
        self.notes: list[str] = []
        self.steep: list[str] = []

    def build(self) -> None:
        """Make the environments, and the programs, byte-compiled."""
        for library, requirements in LIBRARIES.items():
            say(f"environment of {library}")
            folder = os.path.join(BUILD, "environments", library)
            try:
                self.versions[library] = make(folder, requirements, package=library in WITH_CLICKBIND)
            except subprocess.CalledProcessError as error:
                self.notes.append(f"{library} cannot be installed: {(error.stderr or '').strip()[-200:]}")
        self.versions[SAME] = self.versions[REFERENCE]
        for library in self.versions:
            if library != "in-process":
                write_programs(library)

    def measure(self, title: str, commands: dict[str, Command]) -> tuple[Times, Times]:
        """Time the commands that work, the hand-written Click program among them twice."""
        say(title)
        working = {}
        for name, line in commands.items():
            wrong = problem(line)
            if wrong is None:
                working[name] = line
            else:
                self.notes.append(f"{name}, {title}: failed with {wrong!r}")
        return rounds({**working, AGAIN: commands[REFERENCE]}, self.number)

    def multistage(self) -> str:
        """Measure the multistage program on every library."""
        libraries = [library for library in self.versions if library != "in-process"]
        rows = []
        for title, words in LINES.items():
            commands = {}
            for library in libraries:
                typed = OTHERWISE.get((library, title), words)
                if typed is not None and title == TAB:
                    commands[library] = completion(library, "multistage", "train --")
                elif typed is not None:
                    commands[library] = command(library, "multistage", *typed)
            times, worked = self.measure(title, commands)
            reference, limit = times[REFERENCE], LIMITS[title]
            cells = [
                title,
                f"{median(reference) * 1e3:.1f} ms",
                f"{ratio(times[AGAIN], reference):.2f}",
                f"{limit:.2f}",
            ]
            cells.append(judged(times[OURS], reference, limit) if OURS in times else "failed")
            cells.append(f"{ratio(worked[OURS], worked[REFERENCE]):.2f}" if OURS in times else "-")
            cells.append(f"{ratio(times[OURS], times[SAME]):.2f}" if {OURS, SAME} <= times.keys() else "-")
            others = [library for library in libraries if library not in {REFERENCE, SAME, OURS}]
            cells += [f"{ratio(times[name], reference):.2f}" if name in times else "-" for name in others]
            rows.append(cells)
        return table(["line", "Click", "Click again", "limit", "clickbind", "its CPU", _TO_SAME, *others], rows)

    def staged(self) -> str:
        """Measure programs of more and more stages."""
        rows, growth = [], {}
        for stages in STAGES:
            program, middle = f"staged{stages}", f"stage-{stages // 2}"
            for title in ("run one stage", "root help", "TAB"):
                typed = (middle, "--count", "3") if title == "run one stage" else ("--help",)
                make_one = {
                    library: completion(library, program, f"{middle} --")
                    if title == "TAB"
                    else command(library, program, *typed)
                    for library in (REFERENCE, OURS, *([SAME] if title == "root help" else []))
                }
                times, worked = self.measure(f"{title}, {stages} stages", make_one)
                growth[title, stages] = {name: median(values) * 1e6 for name, values in worked.items()}
                limit = MANY_LIMITS.get((title, stages))
                reference = times[REFERENCE]
                rows.append(
                    [
                        f"{stages:,}: {title}",
                        f"{median(reference) * 1e3:.1f} ms",
                        f"{ratio(times[AGAIN], reference):.2f}",
                        "-" if limit is None else f"{limit:.2f}",
                        judged(times[OURS], reference, limit) if OURS in times else "failed",
                        f"{ratio(worked[OURS], worked[REFERENCE]):.2f}" if OURS in times else "-",
                        f"{ratio(times[OURS], times[SAME]):.2f}" if {OURS, SAME} <= times.keys() else "-",
                        f"{median(times[OURS]) * 1e3:.1f} ms" if OURS in times else "-",
                    ]
                )
                if title == "run one stage" and OURS in times:
                    peaks = {name: memory(command) for name, command in make_one.items()}
                    growth["memory of it", stages] = {name: value * 1024 for name, value in peaks.items()}
                    part = peaks[OURS] / peaks[REFERENCE]
                    cells = [
                        f"{stages:,}: peak memory of it",
                        f"{peaks[REFERENCE]:.1f} MiB",
                        "-",
                        "-",
                        f"{part:.2f}",
                        "-",
                        "-",
                    ]
                    rows.append([*cells, f"{peaks[OURS]:.1f} MiB"])
        head = [
            "stages: line",
            "Click",
            "Click again",
            "limit",
            "clickbind",
            "its CPU",
            _TO_SAME,
            "clickbind itself",
        ]
        return (
            table(head, rows)
            + "\nEach further stage, between 100 and 1,000 of them, costs, in processor time and memory:\n\n"
            + _growth(growth)
        )

    def calls(self) -> str:
        """Measure bound calls in one process."""
        found = self.script("calls.py")
        if found is None:
            return "Failed.\n"
        self.notes += found["missing"]
        times: dict[str, list[float]] = found["times"]
        plain = times.pop("the plain call")
        rows = [["the plain call", f"{median(plain):.0f} ns", "-", "-"]]
        for name, values in times.items():
            more = median([one - other for one, other in zip(values, plain, strict=True)])
            limit = CALL_LIMITS.get(name)
            shown = f"**{more:.0f} ns**" if limit is not None and more > limit else f"{more:.0f} ns"
            rows.append([name, f"{median(values):.0f} ns", shown, "-" if limit is None else f"{limit} ns"])
        return table(["", "takes", "more than the plain call", "limit"], rows)

    def reading(self) -> str:
        """Measure the reading of config files in one process."""
        rows = []
        for keys, found in (self.script("reading.py") or {}).items():
            times, peaks = found["times"], found["peaks"]
            reference, limit = times["yaml"], READING_LIMITS.get(int(keys))
            rows.append(
                [
                    f"{int(keys):,}",
                    f"{median(reference) * 1e3:.2f} ms",
                    "-" if limit is None else f"{limit:.2f}",
                    judged(times["clickbind"], reference, limit),
                    f"{median(times['clickbind']) * 1e3:.2f} ms",
                    f"{median(times['first']) * 1e3:.2f} ms",
                    f"{peaks['yaml']:.2f} MiB",
                    f"{peaks['clickbind']:.2f} MiB",
                ]
            )
        head = ["keys", "CSafeLoader", "limit", "clickbind", "clickbind itself", "its first time"]
        return table([*head, "peak of CSafeLoader", "peak of clickbind"], rows)

    def growth(self) -> str:
        """Measure how costs grow."""
        say("growth")
        text, steep = grow(python("in-process"), min(self.number, 3))
        self.steep = steep
        return f"Bold where the exponent is above {LIMIT}; README.md says how.\n\n{text}"

    def script(self, name: str) -> Any:
        """Run a script that measures in one process."""
        say(name)
        words = (python("in-process"), os.path.join(HERE, name), str(self.number))
        done = subprocess.run(words, env=CHILD, capture_output=True, text=True, check=False)
        if done.returncode:
            self.notes.append(f"{name} failed with {done.stderr.strip().splitlines()[-1]!r}")
            return None
        return json.loads(done.stdout)

    def head(self) -> str:
        """Say what was measured, on what, and when."""
        shown = {"pyyaml": "PyYAML", "docstring_parser": "docstring_parser", "gin-config": "gin-config"}
        versions: dict[str, str] = {}
        for found in self.versions.values():
            names = {*LIBRARIES, *shown} & {name.lower() for name in found}
            versions |= {name: version for name, version in found.items() if name.lower() in names}
        listed = ", ".join(f"{name} {versions[name]}" for name in sorted(versions, key=str.lower))
        return (
            f"Measured on {dt.datetime.now(dt.timezone.utc):%Y-%m-%d %H:%M} UTC with `make bench "
            f"ROUNDS={self.number}`, source {revision()}.\n"
            f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} "
            f"{platform.machine()}, {os.cpu_count()} cores of {processor()}. {listed}.\n"
        )


def _growth(growth: dict[tuple[str, int], dict[str, float]]) -> str:
    """Write what each further stage costs."""
    rows = []
    for title in ("run one stage", "memory of it", "root help", "TAB"):
        few, many = growth.get((title, STAGES[-2])), growth.get((title, STAGES[-1]))
        if few and many and OURS in few and OURS in many:
            each = {name: (many[name] - few[name]) / (STAGES[-1] - STAGES[-2]) for name in (REFERENCE, OURS)}
            unit = "KiB" if title == "memory of it" else "µs"
            rows.append([title, *(f"{each[name]:.1f} {unit}" for name in (REFERENCE, OURS))])
    return table(["", "Click", "clickbind"], rows)


def say(what: str) -> None:
    """Tell how far it is."""
    print(f"{dt.datetime.now().astimezone():%H:%M:%S} {what}", file=sys.stderr, flush=True)


def main() -> None:
    """Measure everything, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=25, help="how often each is run (default: %(default)s)")
    number = parser.parse_args().rounds
    bench = Bench(number)
    bench.build()
    enter_scratch()
    parts = [
        ("The multistage program", bench.multistage()),
        ("Programs of many stages", bench.staged()),
        ("Bound calls, in one process", bench.calls()),
        ("Reading a config file, in one process", bench.reading()),
        ("Growth", bench.growth()),
    ]
    text = "# Results\n\n" + bench.head()
    text += "Ratios to the hand-written Click program; bold where above the limit; README.md says how.\n"
    text += "".join(f"\n## {title}\n\n{part}" for title, part in parts)
    if bench.notes:
        text += "\n## Left out\n\n" + "".join(f"* {note}\n" for note in bench.notes)
    path = os.path.join(HERE, "RESULTS.md")
    with open(path, encoding="utf-8") as file:
        before = file.read()
    counted = "\n".join(
        filter(None, (section(before, title) for title in ("Instructions", "Sweeps", "Engines")))
    )  # of others
    with open(path, "w", encoding="utf-8") as file:
        file.write(text.replace(f"{ROOT}/", "") + (f"\n{counted}" if counted else ""))
    print(text)
    sys.exit(f"These costs grow too fast: {', '.join(bench.steep)}" if bench.steep else 0)


if __name__ == "__main__":
    main()
