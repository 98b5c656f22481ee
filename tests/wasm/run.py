"""Run the tests on the Pythons that are newer than the one at hand: CPython compiled to WebAssembly, in Node.

Needs node, npm, and the network the first time. What it installs goes to ``.wasm``, which git ignores.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import yaml

REPOSITORY = Path(__file__).parent.parent.parent
FOLDER = REPOSITORY / ".wasm"
# The npm package by Python, and the wheels' platform where there are compiled ones for it (pydantic's).
PYODIDES = {"3.14": ("314.0.7", "pyemscripten_2026_0_wasm32"), "3.15": ("315.0.0-alpha.2", None)}
# Kilobytes: enough for as many calls as Python allows, which the one megabyte of Node is not; Linux has eight.
STACK = "--stack-size=4000"
PACKAGES = [
    "annotated-types",
    "attrs",
    "cloudpickle",
    "click>=8.3.3,!=8.4.0",
    "docstring-parser",
    "hypothesis==6.140.0",  # the last one without compiled parts
    "jsonschema<4.18",  # likewise
    "pytest",
    "ruamel.yaml",
    "sortedcontainers",
    "typing_extensions",
]


def install(python: str) -> tuple[Path, Path]:
    """Install Pyodide and the packages, unless they are there, and return their folders."""
    version, platform = PYODIDES[python]
    folder = FOLDER / version
    pyodide, site = folder / "node_modules" / "pyodide", folder / "site"
    stamp = folder / ".installed"
    if not stamp.exists() or stamp.stat().st_mtime < Path(__file__).stat().st_mtime:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        npm = ["npm", "install", "--silent", "--no-save", "--prefix", str(folder), f"pyodide@{version}"]
        subprocess.run(npm, check=True)
        abi = f"cp{python.replace('.', '')}"
        wheels = ["--platform", platform, "--implementation", "cp", "--abi", abi] if platform else ["--platform", "any"]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--target", str(site), "--only-binary", ":all:"]
        extra = ["pydantic"] if platform else []
        subprocess.run([*pip, "--python-version", python, *wheels, *PACKAGES, *extra], check=True)
        # PyYAML has no wheel without compiled parts, but does without them.
        shutil.copytree(Path(yaml.__file__).parent, site / "yaml", ignore=shutil.ignore_patterns("*.so", "__pycache__"))
        stamp.touch()
    return pyodide, site


def main(pythons: list[str], options: list[str]) -> int:
    """Run the tests on each Python at once, print what each has printed, and return the worst exit code."""
    script, running = Path(__file__).with_suffix(".mjs"), []
    for python in pythons:
        pyodide, site = install(python)
        log = FOLDER / f"{python}.log"
        with log.open("wb") as stream:
            line = ["node", STACK, str(script), str(pyodide), str(site), str(REPOSITORY), *options]
            running.append((python, log, subprocess.Popen(line, stdout=stream, stderr=subprocess.STDOUT)))
    print(f"The tests run on Python {' and '.join(pythons)}, some ten minutes; see {FOLDER}/*.log.", flush=True)
    worst = 0
    for python, log, process in running:
        code = process.wait()
        worst = worst or code
        print(f"\n=== Python {python}, exit code {code}", log.read_text(encoding="utf-8"), sep="\n", flush=True)
    return worst


if __name__ == "__main__":
    chosen = [argument for argument in sys.argv[1:] if argument in PYODIDES]
    sys.exit(main(chosen or list(PYODIDES), [argument for argument in sys.argv[1:] if argument not in PYODIDES]))
