"""Whatever a config file contains, it is read or refused with exit code 2, and shows no secret."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from .damage import damaged, misspelt
from .effort import examples
from .kinds import Kind
from .programs import Function, Module, Parameter, Program, givens_of, programs
from .promise import in_folder
from .spelling import flat, nested, spread, turns

# Python's own about patterns.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")
SHOWS = [["--print-config"], ["--print-changed"], ["--debug"], ["--diff", "main.yml"], ["--save", "saved.yml"], []]


ANY = Module(Program((Function("f", "stage", (Parameter("x", Kind("Any", st.none()), None),)),)).source)


@st.composite
def files(draw: st.DrawFn, program: Program) -> dict[str, bytes]:
    """Draw the config files of a program; ``main.yml`` is the first."""
    givens = draw(givens_of(program))
    written = draw(
        st.sampled_from(
            [
                {"main.yml": flat(givens)},
                {"main.yml": nested(givens)},
                {"main.yml": turns(givens, program.names)},
                spread(givens),
            ]
        )
    )
    return {name: text.encode() for name, text in written.items()}


def write(written: dict[str, bytes]) -> None:
    Path("folder").mkdir(exist_ok=True)
    for name, data in written.items():
        Path(name).write_bytes(data)


@st.composite
def lines(draw: st.DrawFn, program: Program) -> list[str]:
    """Draw a line that reads the files."""
    stage = draw(st.sampled_from([*([name] for name in program.names), [], ["run"]]))
    return ["--config", "main.yml", *draw(st.sampled_from(SHOWS)), *stage]


@examples(60)
@given(st.data(), programs())
def test_a_damaged_file_is_read_or_refused(data: st.DataObject, program: Program) -> None:
    written = data.draw(files(program))
    name = data.draw(st.sampled_from(sorted(written)))
    written[name] = data.draw(damaged(written[name].decode()))
    with in_folder():
        write(written)
        Module(program.source).check(data.draw(lines(program)), secrets=())


@examples(60)
@given(st.data(), programs(has_secret=True))
def test_a_misspelt_file_shows_no_secret(data: st.DataObject, program: Program) -> None:
    written = data.draw(files(program))
    name = data.draw(st.sampled_from(sorted(written)))
    written[name] = data.draw(misspelt(written[name].decode()))
    with in_folder():
        write(written)
        Module(program.source).check(data.draw(lines(program)))


@examples(40)
@given(st.data(), programs())
def test_both_readers_of_yaml_read_a_damaged_file_alike_if_they_read_it(data: st.DataObject, program: Program) -> None:
    written = data.draw(files(program))
    written["main.yml"] = data.draw(damaged(written["main.yml"].decode()))
    module = Module(program.source)
    line = ["--config", "main.yml"]
    with in_folder():
        write(written)
        first = module.check(line, secrets=()).exit_code, module.taken()
        with pytest.MonkeyPatch.context() as patch:
            patch.delattr(yaml, "CSafeLoader", raising=False)
            second = module.check(line, secrets=()).exit_code, module.taken()
    assert first[0] or second[0] or first == second


@examples(40)
@given(st.binary(max_size=60))
def test_any_bytes_are_read_or_refused(text: bytes) -> None:
    with in_folder():
        write({"main.yml": text})
        ANY.check(["--config", "main.yml"])
        ANY.check(["--diff", "main.yml"])
