"""The schema of what a file sweeps agrees with `sweep`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import annotated_types as at
import jsonschema
import pytest
import ruamel.yaml
from click.testing import CliRunner

import clickbind
from clickbind.record.json_schema import schema


def program(**settings: Any) -> clickbind.Binder:
    """Make a program with a stage and a context."""
    binder = clickbind.Binder("fit", **settings)

    @binder.stage(name="train")
    def train(
        lr: Annotated[float, at.Interval(gt=0, le=1)] = 0.1,
        batch: int | None = 3,
        kind: Literal["a", "b"] = "a",
        layers: list[int] = [1],  # noqa: B006 - a default of a list
        sizes: dict[str, int] = {},  # noqa: B006 - likewise
    ) -> None:
        """Train."""

    return binder


TAKEN = [
    "{train.lr: [.1, .2]}",
    "{train.lr: .1}",
    "{train.lr: {from: .1, to: .2}}",
    "{train.lr: {from: 1e-4, to: $x, log: true}, train.batch: {from: 1_0, to: 20}}",
    "{train.layers: [[1, 2], 3], train.kind: [a, b]}",
    "{train: {lr: .1}}",
    "{train: [{lr: .1}, {lr: .2, batch: 3}]}",
    "[{train.lr: {from: .1, to: .2}}]",
    "{train.sizes: [{a: 1}, {b: 2}]}",
    "{}",
]
REFUSED = [
    "3",
    "[3]",
    "{train.lr: []}",
    "{train.lr: [x]}",
    "{train.lr: {from: .1}}",
    "{train.lr: {from: .1, to: .2, step: 3}}",
    "{train.kind: {from: 1, to: 2}}",
    "{train.kind: [a, c]}",
    "{train.no: [1]}",
]


def is_valid(text: str, **settings: Any) -> bool:
    """Return whether the schema takes a file that an editor parses."""
    found = schema(program(**settings)._registry)
    jsonschema.Draft202012Validator.check_schema(found)
    content = ruamel.yaml.YAML(typ="safe", pure=True).load(text)
    return jsonschema.Draft202012Validator(found).is_valid(content)


def is_read(text: str, folder: Path) -> bool:
    """Return whether `sweep` takes it."""
    path = folder / "c.yml"
    path.write_text(text, encoding="utf-8")
    varying = "train --layers 1 --layers 2" if "layers" not in text else "train"
    line = f"--config {path} sweep --trials 2 --print-jobs {varying}"
    result = CliRunner().invoke(program().command(), line)
    assert result.exit_code in {0, 2}, result.output
    return result.exit_code == 0


@pytest.mark.parametrize("text", TAKEN)
def test_the_schema_takes_what_sweep_takes(text: str, tmp_path: Path) -> None:
    text = f"$vars: {{x: .5}}\n$sweep: {text}\n"
    assert (is_read(text, tmp_path), is_valid(text)) == (True, True)


@pytest.mark.parametrize("text", REFUSED)
def test_the_schema_refuses_what_sweep_refuses(text: str, tmp_path: Path) -> None:
    text = f"$sweep: {text}\n"
    assert (is_read(text, tmp_path), is_valid(text)) == (False, False)


def test_a_program_that_lets_unknown_keys_pass_lets_them_pass_there() -> None:
    assert is_valid("$sweep: {other: [1]}", unknown_keys="ignore")
    assert not is_valid("$sweep: {other: [1]}")
