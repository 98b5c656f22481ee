"""Clean virtual environments, one per library: no pip in them, no editable installs, no .pth files."""

from __future__ import annotations

import compileall
import json
import os
import platform
import shutil
import subprocess
import sys
import venv

__all__ = ["CHILD", "ROOT", "make", "processor", "revision"]

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

# What programs are started with: nothing of Python's that was set for this process.
CHILD = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV_", "COVERAGE_"))}


def make(folder: str, requirements: list[str], *, package: bool, source: str = ROOT) -> dict[str, str]:
    """Make an environment, or take the one that is there.

    Parameters
    ----------
    folder : str
        Where it is; delete it for newer releases.
    requirements : list of str
        What pip installs.
    package : bool
        Whether clickbind is in it, copied afresh.
    source : str
        The tree that clickbind is copied from, the working tree unless said otherwise.

    Returns
    -------
    dict of str to str
        The version of each distribution in it.

    Raises
    ------
    subprocess.CalledProcessError
        Where pip cannot install something.
    """
    python = os.path.join(folder, "bin", "python")
    done = os.path.join(folder, "done")  # a half-made one is made again
    if not os.path.exists(done):
        venv.create(folder, clear=True, symlinks=True)
        _pip(python, "install", "--quiet", *requirements, *([ROOT] if package else []))
    [site] = _output(python, "-c", "import site; print(*site.getsitepackages())").split()
    if package:
        copy = os.path.join(site, "clickbind")
        shutil.rmtree(copy)
        shutil.copytree(os.path.join(source, "clickbind"), copy, ignore=shutil.ignore_patterns("__pycache__"))
    for name in os.listdir(site):
        if name.endswith(".pth"):
            os.remove(os.path.join(site, name))
    compileall.compile_dir(site, quiet=2)  # a package may hold files for other Pythons
    with open(done, "w", encoding="utf-8"):
        pass
    return {item["name"]: item["version"] for item in json.loads(_pip(python, "list", "--format=json"))}


def _pip(python: str, *words: str) -> str:
    return _output(sys.executable, "-m", "pip", "--disable-pip-version-check", "--python", python, *words)


def _output(*command: str) -> str:
    return subprocess.run(command, env=CHILD, check=True, capture_output=True, text=True).stdout


def revision() -> str:
    """Give the commit of the working tree."""
    words = ("git", "-C", ROOT, "describe", "--always", "--dirty=, with changes")
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def processor() -> str:
    """Give the name of the processor."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            return next(line.partition(":")[2].strip() for line in file if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or "unknown processor"
