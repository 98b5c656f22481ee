"""The workflow of the continuous integration is the matrix of nox, with actions that nobody can change."""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOW = ROOT / ".github" / "workflows" / "ci.yml"

if not WORKFLOW.exists():
    pytest.skip("a source distribution has no workflow", allow_module_level=True)

JOBS: dict[str, Any] = yaml.safe_load(WORKFLOW.read_text(encoding="utf-8"))["jobs"]


def test_actions_are_pinned_to_a_commit() -> None:
    used = [step["uses"] for job in JOBS.values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40}", action) for action in used)


def test_it_runs_the_matrix_of_nox() -> None:
    tree = ast.parse((ROOT / "noxfile.py").read_text(encoding="utf-8"))
    values = {node.targets[0].id: ast.literal_eval(node.value) for node in tree.body if isinstance(node, ast.Assign)}  # type: ignore[attr-defined]  # names
    matrix = JOBS["tests"]["strategy"]["matrix"]
    assert matrix["python"] == values["PYTHONS"]
    assert matrix["dependencies"] == list(values["DEPENDENCIES"])
    assert [system.partition("-")[0] for system in matrix["system"]] == ["ubuntu", "macos", "windows"]


def test_it_runs_what_a_developer_runs() -> None:
    assert any(step.get("run") == ".ci/run" for step in JOBS["complete"]["steps"])
