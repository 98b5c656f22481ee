"""A sweep leaves the same records on every engine."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from .conftest import Fit

LINES = {"processes": [], "dask": ["--engine", "dask"], "slurm": ["--engine", "slurm", "--slurm.local"]}
LIBRARIES = {"dask": "distributed", "slurm": "submitit"}
LOG = " token 6\nby a child \n"
VARYING = ("line", "started", "seconds", "pid", "engine")


def records(fit: Fit, name: str) -> dict[str, dict[str, Any]]:
    """Run a sweep on an engine, and return its records without what must differ."""
    words = ["train", "--lr", ".1", "--lr", "2", "--batch", "16", "--batch", "32", "evaluate"]
    done = fit.run("--into", name, "sweep", "-j", "2", *LINES[name], *words)
    assert done.returncode == 1, done.stdout + done.stderr
    found = fit.records(name)
    for record in found.values():
        assert record["engine"]["name"] == name
        assert record["engine"]["id"]
        for key in VARYING:
            record.pop(key)
        for turn in record["turns"]:
            turn.pop("seconds")
    return found


@pytest.mark.parametrize("name", LIBRARIES)
def test_an_engine_leaves_the_same_records_as_processes(fit: Fit, name: str) -> None:
    pytest.importorskip(LIBRARIES[name])
    expected = records(fit, "processes")
    assert records(fit, name) == expected
    assert len(expected) == 4
    for job in expected:
        texts = [Path(engine, job, "run.yml").read_text(encoding="utf-8") for engine in ("processes", name)]
        assert texts[0] == texts[1]
        logs = [Path(engine, job, "log.txt").read_text(encoding="utf-8") for engine in ("processes", name)]
        assert {re.sub("(slot|in) [01]", "", log).partition("Traceback")[0] for log in logs} == {LOG}
