"""Costs grow straight: each case of the benchmark at three sizes, calls counted, so that no clock is asked.

Calls do not show everything, a search in a long tuple for one; `make bench` measures the processor's time.
"""

from __future__ import annotations

import gc
import importlib.util
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest


def _growing() -> ModuleType:
    path = Path(__file__).parent.parent / "benchmarks" / "growing.py"
    spec = importlib.util.spec_from_file_location("growing", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["growing"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GROWING = _growing()
CASES: dict[str, Any] = GROWING.CASES
SMALLEST = 16
# Of what is linear, the second step takes twice the first; of what is quadratic, four times.
MOST = 2.5
# What nests less deep; and what is done in another way from twenty functions, or a hundred words, on.
APART = {"fields_deep": 4, "members_optional": 4, "members_nested": 4, "includes_deep": 2}
APART |= {name: 64 for name in CASES if name.startswith(("occurrences", "unknown"))}


def calls(thunk: Any) -> int:
    """Count the calls of functions that something makes."""
    number = 0

    def count(_: Any, event: str, __: Any) -> None:
        nonlocal number
        number += event in {"call", "c_call"}

    before, collects = sys.getprofile(), gc.isenabled()
    gc.disable()  # what it calls, finalizers for one, is of other tests
    sys.setprofile(count)
    try:
        thunk()
    finally:
        sys.setprofile(before)
        if collects:
            gc.enable()
    return number


@pytest.mark.parametrize("name", CASES)
def test_a_cost_grows_straight(name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(GROWING, "OFTEN", 1)
    make, size = CASES[name].make, APART.get(name, SMALLEST)
    make(size)()  # loads what the case needs
    few, more, many = (calls(make(size * times)) for times in (1, 2, 4))
    assert many - more <= MOST * max(more - few, 50 * size)
