"""Measure sweeps against loops in the shell, Hydra and argbind, and write their section of RESULTS.md.

Each figure is the processor time of a whole process tree, in seconds: the median over the rounds, in which everything
runs once, one after the other.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable

from environments import CHILD, make
from processes import median
from tables import section, table

HERE = os.path.dirname(os.path.abspath(__file__))
PROGRAMS = os.path.join(HERE, "programs")
LIBRARIES = {
    "clickbind": [],
    "hydra": ["hydra-core", "hydra-joblib-launcher", "setuptools"],
    "argbind": ["argbind"],
}
GRID = [(lr, batch) for lr in (1, 2, 3, 4) for batch in (16, 32, 64)]
TWELVE = [word for lr in "1234" for word in ("--lr", lr)]
TWELVE += [word for batch in ("16", "32", "64") for word in ("--batch", batch)]
CONFIG = "lr: 0.1\nbatch: 32\n"


def cpu(words: list[str] | str, **variables: str) -> float:
    """Run a command, and return the processor time of it and of all that it starts."""
    before = os.times()
    subprocess.run(
        words, check=True, shell=isinstance(words, str), env={**CHILD, **variables}, stdout=subprocess.DEVNULL
    )
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


class Sweeps:
    """The measured commands, in a folder of their own."""

    def __init__(self, pythons: dict[str, str]) -> None:
        self.ours = [pythons["clickbind"], os.path.join(PROGRAMS, "sweep_clickbind.py")]
        self.hydra = [pythons["hydra"], "sweep_hydra.py", "-m", "lr=1,2,3,4", "batch=16,32,64"]
        self.argbind = [pythons["argbind"], os.path.join(PROGRAMS, "sweep_argbind.py")]
        os.mkdir("conf")
        with open("conf/config.yaml", "w", encoding="utf-8") as file:
            file.write(CONFIG)
        shutil.copy(os.path.join(PROGRAMS, "sweep_hydra.py"), ".")

    def sweep(self, folder: str, *words: str, **variables: str) -> float:
        """Run a sweep into a new folder."""
        shutil.rmtree(folder, ignore_errors=True)
        return self.extend(folder, *words, **variables)

    def extend(self, folder: str, *words: str, **variables: str) -> float:
        """Run a sweep into a folder that is there."""
        return cpu([*self.ours, "--into", folder, "sweep", "-j", "2", "train", *words], **variables)

    def twelve(self) -> float:
        """Run 12 trivial jobs, with their records."""
        return self.sweep("twelve", *TWELVE)

    def again(self) -> float:
        """Run the same line again, which has nothing to do."""
        return self.extend("twelve", *TWELVE)

    def loop(self) -> float:
        """Run the 12 in a loop of the shell, without records."""
        return self._loop([f"train --lr {lr} --batch {batch}" for lr, batch in GRID])

    def _loop(self, lines: list[str], **variables: str) -> float:
        program = " ".join(self.ours)
        return cpu("\n".join(f"{program} {line}" for line in lines), **variables)

    def basic(self) -> float:
        """Run the 12 by Hydra's basic launcher."""
        return cpu(self.hydra)

    def joblib(self) -> float:
        """Run the 12 by Hydra's joblib launcher."""
        return cpu([*self.hydra, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"])

    def argbinds(self) -> float:
        """Run the 12 in a loop of argbind's program."""
        lines = (f"--train.lr {lr} --train.batch {batch}" for lr, batch in GRID)
        return cpu("\n".join(f"{' '.join(self.argbind)} {line}" for line in lines))

    def heavy(self) -> float:
        """Run 50 jobs of a program that imports for a second."""
        return self.sweep("heavy", *(word for lr in range(50) for word in ("--lr", str(lr))), SPIN="1")

    def heavy_loop(self) -> float:
        """Run 50 of the same in a loop of the shell: five are measured."""
        return 10 * self._loop([f"train --lr {lr}" for lr in range(5)], SPIN="1")

    def printed(self) -> float:
        """Print a grid of 100,000 jobs."""
        words = [word for lr in range(400) for word in ("--lr", str(lr))]
        words += [word for batch in range(250) for word in ("--batch", str(batch))]
        return cpu([*self.ours, "sweep", "--print-jobs", "train", *words])

    def listed(self) -> float:
        """List 10,000 records."""
        return cpu([*self.ours, "runs", self._many()])

    def resumed(self) -> float:
        """Look for what is left of 10,000 jobs, which are all done."""
        return cpu([*self.ours, "resume", self._many()])

    def _many(self) -> str:
        """Make the folder of a sweep with 10,000 jobs, which are copies of one but for a value; return its name."""
        if not os.path.isdir("many"):
            self.sweep("many", "--lr", "1")
            (first,) = (entry.name for entry in os.scandir("many") if entry.is_dir())
            with open(os.path.join("many", first, "run.yml"), encoding="utf-8") as file:
                text = file.read()
            assert "train.lr: 1" in text
            for number in range(2, 10_001):
                folder = os.path.join("many", f"{number:05}-lr={number}")
                shutil.copytree(os.path.join("many", first), folder)
                with open(os.path.join(folder, "run.yml"), "w", encoding="utf-8") as file:
                    file.write(text.replace("train.lr: 1", f"train.lr: {number}"))
        return "many"


def main() -> None:
    """Measure, and write the section."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each is run (default: %(default)s)")
    rounds = parser.parse_args().rounds
    build = os.path.join(HERE, "build", "sweeps")
    versions, pythons = {}, {}
    for name, needed in LIBRARIES.items():
        folder = os.path.join(build, name)
        versions[name] = make(folder, needed, package=name == "clickbind")
        pythons[name] = os.path.join(folder, "bin", "python")
    names = [name for name in vars(Sweeps) if name[0] != "_" and name not in {"sweep", "extend"}]
    times: dict[str, list[float]] = {name: [] for name in names}
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        sweeps = Sweeps(pythons)
        for _ in range(rounds):
            for name in names:
                run: Callable[[], float] = getattr(sweeps, name)
                times[name].append(run())
                print(f"{name}: {times[name][-1]:.2f}", file=sys.stderr, flush=True)
        os.chdir(HERE)
    write({name: median(found) for name, found in times.items()}, versions)


def write(found: dict[str, float], versions: dict[str, dict[str, str]]) -> None:
    """Write the section."""
    limits = {
        "12 jobs against Hydra's basic launcher": ("twelve", "basic", 0.5),
        "12 jobs against a loop in the shell": ("twelve", "loop", 2.0),
        "50 jobs that import for 1 s, against a loop in the shell": ("heavy", "heavy_loop", 0.15),
    }
    rows = []
    for title, (ours, theirs, limit) in limits.items():
        ratio = found[ours] / found[theirs]
        shown = f"{ratio:.2f}" if ratio <= limit else f"**{ratio:.2f}**"
        rows.append([title, f"{found[ours]:.2f} s", f"{found[theirs]:.2f} s", shown, f"{limit}"])
    others = [
        ["the 12 again: nothing to run", f"{found['again']:.2f} s"],
        ["the 12 by Hydra's joblib launcher", f"{found['joblib']:.2f} s"],
        ["the 12 in a loop of argbind's program", f"{found['argbinds']:.2f} s"],
        ["`--print-jobs` of 100,000 (at most 10 s)", f"{found['printed']:.2f} s"],
        ["`runs` on 10,000 records (at most 2 s)", f"{found['listed']:.2f} s"],
        ["`resume` when all 10,000 are done (at most 2 s)", f"{found['resumed']:.2f} s"],
    ]
    used = {name: versions[name].get({"hydra": "hydra-core"}.get(name, name), "") for name in LIBRARIES}
    text = "## Sweeps\n\nProcessor seconds of whole process trees, with "
    text += ", ".join(f"{name} {version}" for name, version in used.items()) + ".\n\n"
    text += table(["", "clickbind", "the other", "ratio", "at most"], rows) + "\n" + table(["", "takes"], others)
    path = os.path.join(HERE, "RESULTS.md")
    with open(path, encoding="utf-8") as file:
        before = file.read()
    old = section(before, "Sweeps")
    with open(path, "w", encoding="utf-8") as file:
        file.write(before.replace(old, text) if old else f"{before.rstrip()}\n\n{text}")
    print(text)


if __name__ == "__main__":
    main()
