"""``--from`` and ``--until`` choose a part of a run, however its stages are given."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner, Result

import clickbind
from tests.conftest import completions


class Steps:
    """Four stages, one of which has a required option.

    Attributes
    ----------
    ran : list of str
        What ran.
    """

    def __init__(self) -> None:
        self.ran: list[str] = []
        self.binder = binder = clickbind.Binder("prog")

        @binder.stage
        def a(x: int = 1) -> str:
            return self.step(f"a{x}")

        @binder.stage
        def b_c() -> str:
            return self.step("b")

        @binder.stage(default=False)
        def needs(data: str) -> str:
            return self.step(f"needs {data}")

        @binder.stage
        def d(x: int = 1) -> str:
            return self.step("d")

        self.main = binder.command()

    def step(self, name: str) -> str:
        self.ran.append(name)
        return name

    def __call__(self, line: str, **settings: Any) -> Result:
        return CliRunner().invoke(self.main, line.split(), prog_name="prog", **settings)


@pytest.fixture
def steps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Steps:
    monkeypatch.chdir(tmp_path)
    return Steps()


@pytest.mark.parametrize(
    ("line", "ran"),
    [
        ("", "a1 b d"),
        ("--from b-c", "b d"),
        ("--from b_c", "b d"),
        ("--until b-c", "a1 b"),
        ("--from b-c --until b-c", "b"),
        ("run --from d", "d"),
        ("run a b-c d --from b-c", "b d"),
        ("--until b-c run a b-c d", "a1 b"),
        ("run a b-c a --x 3 d --from a --until a", "a1 b a3"),
        ("run a --x 2 b-c a --x 3 d --from b-c --until a", "b a3"),
        ("--run.stages 'a d' --from d".replace("'a d'", "[a,d]"), "d"),
        ("a --from a", "a1"),
        ("run needs d --from d", "d"),
    ],
)
def test_a_part_of_the_run_runs(steps: Steps, line: str, ran: str) -> None:
    result = steps(line)
    assert result.exit_code == 0, result.output
    assert " ".join(steps.ran) == ran


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--from x", "--from: no turn of this run is of a stage 'x'; its stages are a, b_c, d."),
        (
            "--until bc",
            "--until: no turn of this run is of a stage 'bc'; its stages are a, b_c, d. Did you mean 'b_c'?",
        ),
        ("run a d --from b-c", "--from: no turn of this run is of a stage 'b-c'; its stages are a, d."),
        ("--from d --until a", "--until a leaves nothing to run of a b_c d: --from d comes after it."),
        ("run a needs", "Missing option '--data'."),
    ],
)
def test_a_part_that_is_none_is_refused(steps: Steps, line: str, message: str) -> None:
    result = steps(line)
    assert (result.exit_code, steps.ran) == (2, [])
    assert message in result.stderr


def test_the_results_are_those_of_what_ran(steps: Steps) -> None:
    assert steps.main(["run", "a", "b-c", "d", "--from", "b-c"], standalone_mode=False) == ["b", "d"]
    assert steps.main(["--until", "a"], standalone_mode=False) == ["a1"]


def test_a_part_is_saved_as_what_it_is(steps: Steps) -> None:
    assert steps("--save s.yml run a --x 5 b-c d --from b-c").exit_code == 0
    text = Path("s.yml").read_text(encoding="utf-8")
    assert "run.stages:\n- b_c\n- d\n" in text
    assert "a.x: 5\n" in text


def test_a_stage_of_a_file_keeps_its_own_values(steps: Steps) -> None:
    Path("f.yml").write_text("run.stages: [{a: {x: 5}}, b_c, {a: {x: 6}}]\n", encoding="utf-8")
    assert steps("--config f.yml --until b-c").exit_code == 0
    assert steps.ran == ["a5", "b"]
    assert steps("--config f.yml --from b-c").exit_code == 0
    assert steps.ran[2:] == ["b", "a6"]


def test_a_value_is_asked_for_if_what_is_missing_is_left_out() -> None:
    binder = clickbind.Binder("prog")
    got: list[tuple[int, str]] = []

    @binder.stage
    def needs(data: str) -> None: ...

    @binder.stage
    def asks(data: str, count: Annotated[int, clickbind.Option(prompt=True)], more: str = "") -> None:
        got.append((count, data))

    line = ["run", "needs", "asks", "--data", "x", "--from", "asks"]
    assert CliRunner().invoke(binder.command(), line, input="7\n").exit_code == 0
    assert got == [(7, "x")]


def test_stages_are_offered(steps: Steps) -> None:
    assert completions(steps.main, "--from", "") == ["a", "b_c", "needs", "d"]
    assert completions(steps.main, "run --until", "b") == ["b_c"]
