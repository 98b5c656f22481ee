"""Run generated programs in another process, in which the shortcuts of `clickbind.fast` are off.

Shortcuts are turned off when clickbind is imported, so that takes a process of its own. It reads one case per line.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tests.conftest import completions

from .programs import Module
from .promise import in_folder, within

__all__ = ["Twin", "answers"]

ROOT = Path(__file__).parents[2]


def answers(case: dict[str, Any]) -> list[Any]:
    """Run the lines of a case with its program and its files, and return what each shows and calls."""
    module = Module(case["source"])
    found: list[Any] = []
    with in_folder(), within():
        for name, text in case["files"].items():
            Path(name).write_text(text, encoding="utf-8")
        for line in case["lines"]:
            result = CliRunner().invoke(module.main, line, prog_name="prog", env=case["env"])
            found.append([result.exit_code, result.output, repr(result.exception), module.taken()])
        for line, incomplete in case["tabs"]:
            found.append(completions(module.main, line, incomplete))
        found.append({path.name: path.read_text(encoding="utf-8") for path in sorted(Path().iterdir())})
    return found


class Twin:
    """The process without shortcuts."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process

    @classmethod
    @contextlib.contextmanager
    def started(cls) -> Iterator[Twin]:
        """Start it, and end it."""
        pipe = subprocess.PIPE
        line = [sys.executable, "-m", "tests.fuzz.twin"]
        env = {**os.environ, "CLICKBIND_PLAIN": "1"}
        with subprocess.Popen(line, stdin=pipe, stdout=pipe, text=True, encoding="utf-8", env=env, cwd=ROOT) as process:
            yield cls(process)
            assert process.stdin is not None
            process.stdin.close()

    def answers(self, case: dict[str, Any]) -> list[Any]:
        """Run a case there."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        print(json.dumps(case), file=self._process.stdin, flush=True)
        with within():
            found: list[Any] = json.loads(self._process.stdout.readline())
        return found


def main() -> None:
    """Answer until the input ends."""
    out, sys.stdout = sys.stdout, sys.stderr
    for line in sys.stdin:
        print(json.dumps(answers(json.loads(line))), file=out, flush=True)


if __name__ == "__main__":
    main()
