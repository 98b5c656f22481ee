"""Whatever is on the line, in a file, a variable or a default map is a run or an error, as `promise` says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from hypothesis import given
from hypothesis import strategies as st

from . import promise
from .broad import NAMES, RAN, main
from .effort import examples
from .programs import Module, Program, givens_of, programs
from .spelling import flat, options

ODD = """
nan sNaN -inf inf 0 -0 1 3 1e50 1e400 1e-400 0x10 1_000 1/0 1/3 1e999999999 none null ~ true yes RED READ|WRITE x=1 x=
= sNaN=1 [ ] { } [] {} [1,2] [[1],[sNaN]] {a:1} {a: 1} {? {items: [1]} : 1} {[1]: 2} {items: [1]} [{items: [1]}]
[{name: x, inner: [{}]}] "a 'a' "'" ( [a-z !!binary !!str !x &a *a <<: ${x} $x $$ ${ # - ? | > % @ ` os:path os:getcwd
a:b:c : :: fe80:: 1.2.3.4/33 2020-02-30 2020-01-01 25:61 1d 1w2 \\u0000 \\ud800
"""
TEXTS = st.one_of(
    st.sampled_from(
        [*ODD.split(), "", " ", "\0", "\ud800", "\x7f", "\u2028", "9" * 5000, "[" * 200, "a b", "\n", "😀"]
    ),
    st.text(max_size=6),
    st.lists(st.sampled_from(ODD.split()), max_size=4).map(" ".join),
)
KEYS = st.sampled_from(
    [
        *NAMES,
        "f",
        "run",
        "run.stages",
        "f.tree",
        "f.typed",
        "helper",
        "inner/helper.rate",
        "$vars",
        "$include",
        "args.x",
        "<<",
        "f.",
    ]
)
PLAIN = st.recursive(
    st.one_of(TEXTS, st.none(), st.booleans(), st.integers(), st.floats(), st.just(10**4000), st.binary(max_size=3)),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(TEXTS, inner, max_size=3)),
    max_leaves=6,
)
BOUNDED = examples(100)


# Python's own about patterns, as ever.
pytestmark = pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::DeprecationWarning")


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def check(line: list[str], **more: Any) -> Result:
    """Run a line, that may be wrong: then it says so."""
    return promise.check(main, line, ran=lambda: len(RAN), **more)


FLAGS = st.one_of(
    KEYS.map(lambda key: f"--{key}"),
    st.sampled_from(
        [
            "--config",
            "--save",
            "--diff",
            "--print-config",
            "--print-changed",
            "--debug",
            "--no-config",
            "f",
            "run",
            "--help",
            "--",
            "-",
            "-x",
        ]
    ),
    TEXTS.map(lambda text: f"--{text}"),
)
WORDS = st.one_of(FLAGS, TEXTS, st.tuples(FLAGS, TEXTS).map("=".join))


@BOUNDED
@given(st.lists(WORDS, max_size=6))
def test_any_line_is_a_run_or_an_error(line: list[str]) -> None:
    check(line)


COMMANDS = ["run", "resume", "runs", "help", "args", "--", "-", "-x", "--help", "-h", "--version", "--nothing"]
ROOT = [
    *("--config", "--save", "--diff", "--print-config", "--print-changed", "--print-schema", "--no-config", "--debug"),
    *("--var", "--from", "--until", "--into", "--no-record", "--args.load", "--args.save", "--args.debug"),
    *("--zip", "--trials", "--seed", "--over", "--log", "--minimize", "--engine", "--job", "--jobs", "-j", "--json"),
    *("--config=f.yml", "--diff=f.yml", "--save=s.yml", "--var=x=1", "--into=r", "f.yml", "r", "1..9", "--run.stages"),
]


@st.composite
def lines_of(draw: st.DrawFn, program: Program) -> list[str]:
    """Draw a line of a program: options with their values, stages, the root's options, and other words."""
    givens = draw(givens_of(program))
    known = [options(one, is_dotted=dotted) for one in givens for dotted in (True, False)]
    known += [[word] for word in (*program.names, *COMMANDS, *ROOT)]
    known.append(["sweep", "--print-jobs"])  # no other process finds the program
    some = st.sampled_from(known) | st.tuples(WORDS).map(list)
    typed = [word for part in draw(st.lists(some, max_size=6)) for word in part]
    if draw(st.booleans()):  # with what is required, it gets further
        typed += [word for one in givens for word in options(one)]
    return typed


@examples(80)
@given(st.data(), programs())
def test_any_line_of_any_program_is_a_run_or_an_error(data: st.DataObject, program: Program) -> None:
    module = Module(program.source)
    line = data.draw(lines_of(program))
    with promise.in_folder():
        Path("f.yml").write_text(flat(data.draw(givens_of(program))), encoding="utf-8")
        module.check(line, secrets=())
        module.check(["--print-config", *line], secrets=())


@BOUNDED
@given(KEYS, TEXTS)
def test_any_text_for_any_option_is_a_value_or_an_error_and_a_value_is_printed(key: str, text: str) -> None:
    if check([f"--{key}", text, "f"]).exit_code == 0:
        check([f"--{key}", text, "--print-config", "f"])
        if check([f"--{key}", text, "--save", "s.yml", "f"]).exit_code == 0:
            assert check(["--config", "s.yml", "--diff", "s.yml", "f"]).exit_code == 0


@BOUNDED
@given(st.dictionaries(KEYS, TEXTS, max_size=3))
def test_any_file_is_read_or_an_error(entries: dict[str, str]) -> None:
    text = "".join(f"{key}: {value}\n" for key, value in entries.items())
    Path("f.yml").write_bytes(text.encode("utf-8", "surrogatepass"))
    check(["--config", "f.yml", "f"])
    check(["--diff", "f.yml", "f"])


@BOUNDED
@given(st.dictionaries(KEYS, PLAIN.filter(lambda value: "b'" not in repr(value)[:20000]), max_size=3))
def test_any_json_is_read_or_an_error(entries: dict[str, Any]) -> None:
    try:
        text = json.dumps(entries)
    except (TypeError, ValueError):
        return
    check(["--config", "-", "--print-config"], input=text)


@BOUNDED
@given(st.dictionaries(KEYS, PLAIN, max_size=3))
def test_any_default_map_is_taken_or_an_error(entries: dict[str, Any]) -> None:
    check(["f"], default_map=entries)
    check(["--print-config"], default_map={"f": entries})
    check(["f", "--help"], default_map=entries)


@BOUNDED
@given(KEYS, TEXTS.filter(lambda text: "\0" not in text and not any("\ud800" <= one <= "\udfff" for one in text)))
def test_any_variable_is_taken_or_an_error(key: str, text: str) -> None:
    name = f"FUZZ_{key.replace('/', '__').replace('.', '_').upper()}"
    check(["f"], env={name: text})
    check(["--print-config"], env={name: text})


@BOUNDED
@given(TEXTS)
def test_any_name_of_a_file_is_one_or_an_error(name: str) -> None:
    for option in ("--config", "--diff", "--save"):
        check([option, name, "f"], input="")
