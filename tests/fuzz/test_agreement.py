"""The same values reach a stage identically, whatever gives them: properties over generated programs."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from .effort import examples
from .programs import Built, Program, givens_of, programs
from .promise import check, in_folder
from .spelling import Given, flat, nested, options, turns, variables

# Python's own about patterns.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


class Run:
    """Run a program in an empty folder."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.built = Built(program)

    def line(self, line: Iterable[str], **more: Any) -> Result:
        """Run a line that is right."""
        self.built.calls.clear()
        ran = functools.partial(len, self.built.calls)
        result = check(self.built.main, [*line], ran=ran, secrets=self.program.secrets, **more)
        assert result.exit_code == 0, (line, more, result.output)
        return result

    def __call__(self, line: Iterable[str], **more: Any) -> list[str]:
        """Run a line that is right, and return its calls."""
        self.line(line, **more)
        return self.built.taken()


def stage_options(program: Program, givens: list[Given]) -> list[str]:
    """Write values as options of the stages that they belong to, and those of other functions as dotted ones."""
    words = ["run"]
    for stage in program.stages:
        words += [stage.name]
        for one in givens:
            if one.function == stage.name:
                words += options(one, is_dotted=False)
    return [*words, *(word for one in givens if one.function not in program.names for word in options(one))]


def in_environment(givens: list[Given]) -> tuple[list[str], dict[str, str]]:
    """Write values as variables, and those of parameters of which one is no variable as options, which beat these."""
    typed = {(one.base, one.name) for one in givens if variables(one) is None}
    words = [word for one in givens if (one.base, one.name) in typed for word in options(one)]
    env: dict[str, str] = {}
    for one in givens:
        env.update((variables(one) or {}) if (one.base, one.name) not in typed else {})
    return words, env


@examples(25)
@given(st.data(), programs())
def test_every_source_gives_the_same_values(data: st.DataObject, program: Program) -> None:
    givens = data.draw(givens_of(program))
    run = Run(program)
    with in_folder():
        expected = run([word for one in givens for word in options(one)])
        assert run(stage_options(program, givens)) == expected
        Path("flat.yml").write_text(flat(givens), encoding="utf-8")
        assert run(["--config", "flat.yml"]) == expected
        Path("nested.yml").write_text(nested(givens), encoding="utf-8")
        assert run(["--config", "nested.yml"]) == expected
        Path("turns.yml").write_text(turns(givens, program.names), encoding="utf-8")
        assert run(["--config", "turns.yml"]) == expected
        line, env = in_environment(givens)
        assert run(line, env=env) == expected
