"""The same values reach a stage identically, whatever gives them: properties over generated programs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from .effort import examples
from .programs import Module, Program, givens_of, programs
from .promise import in_folder
from .spelling import Given, flat, nested, options, python, spread, turns, variables
from .twin import Twin, answers

# Python's own about patterns.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning")


def dotted(givens: list[Given]) -> list[str]:
    """Write values as dotted options."""
    return [word for one in givens for word in options(one)]


def own(program: Program, givens: list[Given]) -> list[str]:
    """Write values as options of the stages that they belong to, and those of other functions as dotted ones."""
    words = ["run"]
    for stage in program.names:
        words += [stage, *(word for one in givens if one.function == stage for word in options(one, is_dotted=False))]
    return [*words, *dotted([one for one in givens if one.function not in program.names])]


def in_environment(givens: list[Given]) -> tuple[list[str], dict[str, str]]:
    """Write values as variables, and those of parameters of which one is no variable as options, which beat these."""
    typed = {(one.base, one.name) for one in givens if variables(one) is None}
    words = dotted([one for one in givens if (one.base, one.name) in typed])
    env: dict[str, str] = {}
    for one in givens:
        env.update((variables(one) or {}) if (one.base, one.name) not in typed else {})
    return words, env


def write(files: dict[str, str]) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def forms(program: Program, givens: list[Given]) -> dict[str, str]:
    """Write values in all forms of config files."""
    return {
        "flat.yml": flat(givens),
        "nested.yml": nested(givens),
        "turns.yml": turns(givens, program.names),
        **spread(givens),
    }


FORMS = ["flat.yml", "nested.yml", "turns.yml", "main.yml"]


@examples(50)
@given(st.data(), programs())
def test_every_source_gives_the_same_values(data: st.DataObject, program: Program) -> None:
    givens = data.draw(givens_of(program))
    module = Module(program.source)
    with in_folder():
        write(forms(program, givens))
        expected = module.run(dotted(givens))
        assert module.run(own(program, givens)) == expected
        for name in FORMS:
            assert module.run(["--config", name]) == expected
        line, env = in_environment(givens)
        assert module.run(line, env=env) == expected
        assert in_python(program, module, givens) == [call for call in expected if not call.startswith("output(")]


def in_python(program: Program, module: Module, givens: list[Given]) -> list[str]:
    """Call the stages inside of values, and pass those that have no default."""
    given = {one.key: one.value for one in givens}
    with module.binder.scope(python(givens)):
        for stage in program.stages:
            passed = {one.name: given[f"{stage.name}.{one.name}"] for one in stage.required}
            module.module.__dict__[stage.name](**passed)
    return module.taken()


@examples(25)
@given(st.data(), programs())
def test_a_run_that_is_saved_or_printed_makes_the_same_calls_again(data: st.DataObject, program: Program) -> None:
    givens = data.draw(givens_of(program))
    secrets = dotted([one for one in givens if one.kind.is_secret])  # which no file has
    module = Module(program.source)
    with in_folder():
        expected = module.run(["--save", "saved.yml", *dotted(givens)])
        assert module.run([*secrets, "--config", "saved.yml"]) == expected
        for option in ("--print-config", "--print-changed"):
            write({"printed.yml": module.check([option, *dotted(givens)]).stdout})
            assert module.run([*secrets, "--config", "printed.yml"]) == expected
            assert module.check([*secrets, "--config", "printed.yml", "--diff", "saved.yml"]).exit_code == 0
        assert module.run([*secrets, "--config", "saved.yml", "--save", "again.yml"]) == expected
        assert Path("again.yml").read_bytes() == Path("saved.yml").read_bytes()


@examples(20)
@given(st.data(), programs())
def test_both_readers_of_yaml_give_the_same_values(data: st.DataObject, program: Program) -> None:
    givens = data.draw(givens_of(program))
    module = Module(program.source)
    with in_folder():
        write(forms(program, givens))
        for name in FORMS:
            line = ["--config", name]
            expected = module.run(line), module.check([*line, "--print-config"]).output
            with pytest.MonkeyPatch.context() as patch:
                patch.delattr(yaml, "CSafeLoader", raising=False)
                assert (module.run(line), module.check([*line, "--print-config"]).output) == expected


@pytest.fixture(scope="module")
def twin() -> Iterator[Twin]:
    with Twin.started() as started:
        yield started


@examples(20)
@given(data=st.data(), program=programs())
def test_shortcuts_change_nothing(twin: Twin, data: st.DataObject, program: Program) -> None:
    givens = data.draw(givens_of(program))
    stage = data.draw(st.sampled_from(program.names))
    typed = dotted(givens)
    lines = [
        ["--help"],
        [stage, "--help"],
        ["--save", "saved.yml", *typed],
        ["--config", "flat.yml", "--print-config"],
        ["--config", "nested.yml", "--print-changed", stage],
        ["--config", "flat.yml", f"--{stage}.nothing"],
    ]
    case: dict[str, Any] = {
        "source": program.source,
        "files": {"flat.yml": flat(givens), "nested.yml": nested(givens)},
        "env": {"COLUMNS": str(data.draw(st.integers(40, 120)))},
        "lines": lines,
        "tabs": [["", ""], [stage, "--"], ["--config flat.yml", f"--{stage}."], [f"run {stage}", ""]],
    }
    assert answers(case) == twin.answers(case)
