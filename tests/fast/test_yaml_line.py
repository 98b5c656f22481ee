"""Entries of a file that are written without PyYAML are what PyYAML writes."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clickbind.fast.yaml_line import write, write_nested
from clickbind.nodes import Bare, Quoted, writer
from tests.test_startup import with_shortcuts

TEXTS = st.text("abnoyNuleE1.-+/_ %@:#'\"$~[é\n", max_size=6) | st.sampled_from(
    ["null", "yes", "1e3", "/", "../x", "a" * 200]
)
SCALARS = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
KEYS = st.text("abny.E1_/-", min_size=1, max_size=4) | st.sampled_from(["train/dataset.folder", "on", "a" * 130])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS | SCALARS, inner, max_size=3),
    max_leaves=8,
)


@given(KEYS, VALUES)
def test_what_is_written_is_what_pyyaml_writes(key: str, value: Any) -> None:
    for shortcut in (write, write_nested):
        written = shortcut(key, value)
        assert written is None or written == writer.write(key, value)


@with_shortcuts
@pytest.mark.parametrize(
    ("value", "lines"),
    [
        (3, "f.x: 3"),
        (-0.5, "f.x: -0.5"),
        (1e-7, "f.x: 1.0e-07"),
        (None, "f.x: null"),
        (True, "f.x: true"),
        ("/data/x", "f.x: /data/x"),
        ("", "f.x: ''"),
        ([], "f.x: []"),
        ({}, "f.x: {}"),
    ],
)
def test_a_simple_value_is_written(value: Any, lines: str) -> None:
    assert write("f.x", value) == write_nested("f.x", value) == f"{lines}\n"


@with_shortcuts
def test_a_list_and_a_mapping_are_written() -> None:
    value = {"mel/loss": 1.5, "sizes": [1, [2, 3], {"a": None, "b": [True]}, []], "more": {"x": "z"}}
    assert write("f.x", value) is None
    assert write_nested("f.x", value) == writer.write("f.x", value)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("f.x", "yes"),
        ("f.x", "a b"),
        ("f.x", "1"),
        ("f.x", float("nan")),
        ("f.x", b"x"),
        ("f.x", Bare("x")),
        ("f.x", Quoted("x")),
        ("f.x", [Quoted("x")]),
        ("f.x", {1: 2}),
        ("on", 1),
        ("$vars", 1),
        ("a" * 101, 1),
    ],
)
def test_what_may_need_quotes_is_left_to_pyyaml(key: str, value: Any) -> None:
    assert write(key, value) is write_nested(key, value) is None


PROGRAM = """
import sys
from clickbind import argbind

@argbind.bind()
def run(stages: list = ["a"], lr: float = 0.1, weights: dict = {"mel/loss": 1.0}): ...

args = argbind.parse_args()
print(*(name for name in ("yaml", "docstring_parser", "argparse", "asyncio") if name in sys.modules))
"""


@with_shortcuts
def test_a_program_written_for_argbind_saves_without_pyyaml(tmp_path: Any) -> None:
    (tmp_path / "prog.py").write_text(PROGRAM, encoding="utf-8")
    line = [sys.executable, "prog.py", "--args.save", "a.yml"]
    done = subprocess.run(line, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "\n"
    assert (tmp_path / "a.yml").read_text(encoding="utf-8") == (
        "run.lr: 0.1\nrun.stages:\n- a\nrun.weights:\n  mel/loss: 1.0\n"
    )
