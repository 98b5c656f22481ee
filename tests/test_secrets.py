"""A secret never appears: in what is saved, printed or shown, and in no error.

A secret is a parameter with `Option(secret=True)`, or one of pydantic's secret types.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pydantic
import pytest
from click.testing import CliRunner, Result

import clickbind

Word = Annotated[str, clickbind.Option(secret=True)]
Number = Annotated[int, clickbind.Option(secret=True)]
SECRET = "hunter2"
DEFAULT = "hunter1"
DATA = pydantic.SecretBytes(b"hunter1")


@dataclass
class Server:
    host: str = "localhost"
    password: Word = DEFAULT


class Account(pydantic.BaseModel):
    name: str = "me"
    password: pydantic.SecretStr = pydantic.SecretStr(DEFAULT)


class Program:
    def __init__(self) -> None:
        self.got: list[Any] = []
        self.binder = binder = clickbind.Binder("prog", envvar_prefix="PROG")

        @binder.bind("train")
        def login(token: Word = DEFAULT, pin: Number = 12345) -> None:
            self.got.append((token, pin))

        @binder.stage
        def f(
            *,
            n: int = 1,
            token: Word = DEFAULT,
            pin: Number = 12345,
            pins: Annotated[list[int], clickbind.Option(secret=True)] = [12345],  # noqa: B006 - never changed
            maybe: pydantic.SecretStr | None = None,
            data: pydantic.SecretBytes = DATA,
            server: Server = Server(),  # noqa: B008 - never changed
            servers: list[Server] = [],  # noqa: B006 - never changed
            account: Account = Account(),  # noqa: B008 - never changed
            tokens: list[pydantic.SecretStr] = [],  # noqa: B006 - never changed
        ) -> None:
            """Log in."""
            self.got.append(token)
            login()
            with binder.scope("train"):
                login()

        self.main = binder.command()

    def __call__(self, *line: str, **settings: Any) -> Result:
        return CliRunner().invoke(self.main, line, prog_name="prog", **settings)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    return Program()


def shows_nothing(result: Result, exit_code: int = 0) -> None:
    assert result.exit_code == exit_code, result.output
    for secret in (SECRET, DEFAULT, "12345", "765432"):
        assert secret not in result.output


GIVEN = {
    "its own option": "f --token hunter2",
    "a number": "f --pin 765432",
    "numbers": "f --pins 765432",
    "a dotted option": "f --f.token hunter2",
    "a scoped option": "f --train/login.token hunter2",
    "pydantic's": "f --maybe hunter2",
    "pydantic's bytes": "f --data hunter2",
    "a field": "f --server.password hunter2",
    "a field of pydantic": "f --account.password hunter2",
    "a turn": "run f --token hunter2 f --token hunter2b f",
    "a field of a turn": "run f --server.password hunter2 f",
    "a file": "--config f.yml f",
    "a file's turns": "--config turns.yml",
    "a file's fields": "--config fields.yml f",
    "a file's list of models": "--config list.yml f",
    "a list of models": "f --servers [{host:\xa0x,password:\xa0hunter2}]",
    "the environment": "--config e.yml f",
}
FILES = {
    "f.yml": "f: {token: hunter2, pin: 765432}\ntrain/login.token: hunter2\n",
    "turns.yml": "run.stages: [f: {token: hunter2}, f: {pin: 765432}, f]\n",
    "fields.yml": "f.server: {password: hunter2}\nf.account.password: hunter2\n",
    "list.yml": "f.servers: [{password: hunter2}]\n",
    "e.yml": "f.token: $TOKEN\n",
}
SHOWS = [
    "--save f.txt",
    "--save -",
    "--print-config",
    "--print-changed",
    "--diff empty.yml",
    "--debug",
    "--debug --save -",
]


@pytest.mark.parametrize("show", SHOWS)
@pytest.mark.parametrize("way", GIVEN)
def test_a_secret_is_never_written_or_printed(
    program: Program, monkeypatch: pytest.MonkeyPatch, way: str, show: str
) -> None:
    monkeypatch.setenv("TOKEN", SECRET)
    monkeypatch.setenv("PROG_F_TOKEN" if way == "the environment" else "X", SECRET)
    for name, text in {**FILES, "empty.yml": ""}.items():
        Path(name).write_text(text, encoding="utf-8")
    result = program(*show.split(), *(word.replace("\xa0", " ") for word in GIVEN[way].split(" ")))
    shows_nothing(result, result.exit_code)
    assert result.exit_code == (1 if "diff" in show and result.output else 0)
    if os.path.exists("f.txt"):
        assert SECRET not in Path("f.txt").read_text(encoding="utf-8")
    assert ("--print" in show or "--diff" in show) == (program.got == [])


@pytest.mark.parametrize("way", GIVEN)
def test_a_saved_run_with_secrets_replays_with_the_default_in_their_places(
    program: Program, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setenv("TOKEN", SECRET)
    for name, text in FILES.items():
        Path(name).write_text(text, encoding="utf-8")
    words = (word.replace("\xa0", " ") for word in GIVEN[way].split(" "))
    assert program("--save", "saved.yml", *words).exit_code == 0
    program.got.clear()
    assert program("--config", "saved.yml").exit_code == 0
    assert program.got[0] == DEFAULT


def test_it_is_said_that_a_secret_is_left_out(program: Program) -> None:
    comment = "# f.token: secrets are not written\n"
    assert comment in program("--save", "-", "f").output
    assert comment in program("--print-config", "f").output
    assert comment in program("--print-changed", "f", "--token", SECRET).output
    assert comment not in program("--print-changed", "f").output


@pytest.mark.parametrize("line", ["--help", "f --help", "run --help", "--print-schema", "run f --help"])
@pytest.mark.parametrize("given", ["", "--config f.yml", "--f.token hunter2"])
def test_a_secret_is_not_shown_by(program: Program, line: str, given: str) -> None:
    Path("f.yml").write_text(FILES["f.yml"] + FILES["fields.yml"] + FILES["list.yml"], encoding="utf-8")
    shows_nothing(program(*given.split(), *line.split()))


def test_a_secret_of_the_environment_is_not_shown_as_a_default(
    program: Program, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROG_F_TOKEN", SECRET)
    shows_nothing(program("--help"))
    shows_nothing(program("f", "--help"))


LINES = {
    "a wrong value": "f --pin hunter2",
    "a wrong dotted value": "f --f.pin hunter2",
    "a wrong scoped value": "--train/login.pin hunter2 f",
    "a wrong list": "f --pins hunter2",
    "two turns with two values": "run f --login.token hunter2 f --login.token hunter2b",
    "two turns, one of them wrong": "run f --login.pin hunter2 f --login.pin 765432",
    "something else": "f --token hunter2 --n many",
    "no such option": "f --token hunter2 --tokn x",
}


@pytest.mark.parametrize("line", LINES.values(), ids=LINES)
def test_a_secret_is_in_no_error_of_the_line(program: Program, line: str) -> None:
    shows_nothing(program(*line.split()), 2)


@pytest.mark.parametrize("variable", ["PROG_F_PIN", "PROG_LOGIN_PIN", "PROG_TRAIN__LOGIN_PIN", "PROG_F_PINS"])
def test_a_secret_is_in_no_error_of_a_variable(
    program: Program, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, SECRET)
    shows_nothing(program("f"), 2)


def test_a_secret_is_in_no_error_of_a_variable_that_its_parameter_names(monkeypatch: pytest.MonkeyPatch) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def f(pin: Annotated[int, clickbind.Option(secret=True, envvar="PIN")] = 12345) -> None: ...

    monkeypatch.setenv("PIN", SECRET)
    shows_nothing(CliRunner().invoke(binder.command(), ["f"]), 2)


PROBLEMS = {
    "its value": "f.pin: hunter2",
    "its value, nested": "f: {pin: hunter2, n: 1}",
    "its value on a line of its own": "f.pin:\n  hunter2",
    "its value, nested, on a line of its own": "f:\n  pin:\n    hunter2",
    "its quoted value": "f.pin: 'hunter2'",
    "its quoted value over lines": "f.pin: 'x\n  hunter2'",
    "its block": "f.pin: |\n  hunter2",
    "its anchored value": "f.pin: &a hunter2",
    "its alias": "f.server: {host: &a hunter2}\nf.pin: *a",
    "an item of it": "f.pins: [1, hunter2]",
    "an item of it on a line of its own": "f.pins:\n- 1\n- hunter2",
    "an item of it among others' lines": "f.pins: [1,\n  hunter2\n  ]",
    "a list in its place": "f.token: [hunter2]",
    "a mapping in its place": "f.token:\n  hunter2: hunter2",
    "a scoped one": "train/login.pin: hunter2",
    "a field": "f.server: {password: [hunter2]}",
    "a field, flat": "f.server.password: [hunter2]",
    "a field of a list": "f.servers: [{password: [hunter2]}]",
    "its variable": "$vars: {t: hunter2}\nf.pin: $t",
    "its variable's list": "$vars:\n  t: [hunter2]\nf.pin: $t",
    "its second value": "f.token: a\nf.token: hunter2",
    "its second value, nested": "f:\n  token: a\n  token: hunter2",
    "its second value on its first one's line": "{f.token: hunter2, f.token: hunter2b}",
    "its second value on a line of its own": "f.token: hunter2\nf.token:\n  hunter2",
    "an explicit key": "? f.pin\n: hunter2",
    "another parameter of its line": "f: {token: hunter2, n: many}",
    "another parameter before it": "f: {n: many, token: hunter2}",
    "another key of its line": "{f.n: many, f.token: hunter2}",
    "another field of its line": "f.server: {password: hunter2, host: [x]}",
    "another field of an item": "f.servers: [{password: hunter2, host: [x]}]",
    "an unknown parameter of its line": "f: {token: hunter2, m: 1}",
    "an unknown field of its line": "f.server: {password: hunter2, hots: x}",
    "a turn": "run.stages: [f: {pin: hunter2}]",
    "a turn over lines": "run.stages:\n- f:\n    pin: hunter2",
    "another value of a turn": "run.stages:\n- f: {token: hunter2, n: many}",
    "a value in place of a turn's": "run.stages:\n- f: {token: [hunter2]}",
    "a tag": "f.token: !env hunter2",
    "a text that is no YAML": "f.token: hunter2: x",
    "a quote that nothing closes": 'f.token: "hunter2',
    "a variable that is nowhere": "f: {token: hunter2, n: $nowhere}",
}


@pytest.mark.parametrize("text", PROBLEMS.values(), ids=PROBLEMS)
def test_a_secret_is_in_no_error_of_a_file(program: Program, text: str) -> None:
    Path("f.yml").write_text(text + "\n", encoding="utf-8")
    shows_nothing(program("--config", "f.yml", "f"), 2)


@pytest.mark.parametrize("text", ["f.pin: hunter2", "f: {token: x, token: hunter2}"])
def test_the_line_of_a_secret_is_shown_with_its_value_starred(program: Program, text: str) -> None:
    Path("f.yml").write_text(text + "\n", encoding="utf-8")
    lines = program("--config", "f.yml", "f").stderr.splitlines()
    assert lines[1] == f"     1 | {text.partition(':')[0]}: ***"
    assert lines[2].strip("| ") == "^"


def test_a_wrong_secret_is_told_what_it_should_be(program: Program) -> None:
    Path("f.yml").write_text("f.pin: hunter2\n", encoding="utf-8")
    assert program("--config", "f.yml", "f").stderr == (
        "Error: f.yml:1:8: f.pin: expected INTEGER.\n     1 | f.pin: ***\n       |        ^\n"
    )
    assert program("f", "--pin", SECRET).stderr.endswith("Invalid value for '--pin': expected INTEGER.\n")


@pytest.mark.parametrize("given", [{"pin": SECRET}, {"token": [SECRET]}, {"pins": [SECRET]}])
def test_a_secret_is_in_no_error_of_a_default_map(program: Program, given: dict[str, Any]) -> None:
    shows_nothing(program("f", default_map={"f": given}), 2)


@pytest.mark.parametrize("show", ["--save f.yml", "--print-config"])
def test_a_secret_is_in_no_error_of_a_save(program: Program, show: str) -> None:
    result = program(*show.split(), "f", default_map={"f": {"tokens": [pydantic.SecretStr(SECRET)]}})
    shows_nothing(result, result.exit_code)
    result = program(*show.split(), "f", default_map={"f": {"servers": [Server(password=SECRET)]}})
    shows_nothing(result, result.exit_code)


def test_a_prompt_for_a_secret_does_not_show_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    binder = clickbind.Binder("prog")
    got = []

    @binder.stage
    def f(token: Annotated[str, clickbind.Option(secret=True, prompt=True)]) -> None:
        got.append(token)

    result = CliRunner().invoke(binder.command(), ["--debug", "--save", "-", "f"], input=f"{SECRET}\n")
    shows_nothing(result)
    assert got == [SECRET]
