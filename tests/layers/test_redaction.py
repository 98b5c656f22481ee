"""What is shown in a program with a secret parameter: what is certainly none, and nothing else."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind import layers
from clickbind.nodes.core_schema import collide
from tests.conftest import in_new_words

Word = Annotated[str, clickbind.Option("-t", secret=True)]
Flag = Annotated[bool, clickbind.Option(secret=True)]
LONG = " ".join(f"word{i}" for i in range(60))


@dataclass
class Login:
    user: str = "me"
    password: Annotated[str, clickbind.Option(secret=True)] = ""

    def __post_init__(self) -> None:
        if self.password == "hunter2":
            raise ValueError(f"{self.password} is too short")


@dataclass
class Size:
    width: int = 1

    def __post_init__(self) -> None:
        if self.width < 0:
            raise ValueError(f"{self.width} is negative")


class Program:
    def __init__(self, **settings: Any) -> None:
        self.got: list[Any] = []
        self.binder = binder = clickbind.Binder("prog", **settings)

        @binder.stage
        def f(
            *,
            token: Word = "",
            n: int = 1,
            name: str = "",
            items: list[int] | None = None,
            table: dict[Word, int] | None = None,
            open: Flag = False,
            login: Login = Login(),  # noqa: B008 - never changed
            size: Size = Size(),  # noqa: B008 - never changed
        ) -> None:
            self.got.append((token, n, name))

        self.main = binder.command()

    def __call__(self, *line: str, **settings: Any) -> Result:
        return CliRunner().invoke(self.main, line, prog_name="prog", **settings)

    def told(self, text: str) -> str:
        """Return what is said of a config file."""
        Path("f.yml").write_text(text, encoding="utf-8")
        result = self("--config", "f.yml", "f")
        assert result.exit_code == 2
        return result.stderr.removeprefix("Error: ")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    return Program()


LINES = {
    "f.n: many": ("f.yml:1:6: f.n: 'many' is not a valid integer.", "f.n: many"),
    "f: {n: many, name: x}": ("f.yml:1:8: f.n: 'many' is not a valid integer.", "f: {n: many, name: x}"),
    "f: {token: hunter2, n: many}": ("f.yml:1:12: f.n: 'many' is not a valid integer.", "f: {token: ***"),
    "f: {n: many, token: hunter2}": ("f.yml:1:8: f.n: 'many' is not a valid integer.", "f: {n: many, token: ***"),
    "f.n: many # hunter2": ("f.yml:1:6: f.n: 'many' is not a valid integer.", "f.n: many ***"),
    "f.tokn: hunter2": ("f.yml:1:1: unknown key 'f.tokn'. Did you mean 'f.token'?", "f.tokn: ***"),
    "hunter2: x": ("f.yml:1:1: unknown key '***'.", "***"),
    "tokn: hunter2": ("f.yml:1:1: unknown key 'tokn'. Did you mean 'f.token'?", "tokn: ***"),
    "f: {hunter2, n: 1}": ("f.yml:1:5: unknown key '***'.", "f: {***"),
    "f.token: !hunter2 x": (
        "f.yml:1:10: the tag '***' is not supported: config files are plain YAML.",
        "f.token: ***",
    ),
    "f.token: *hunter2": ("f.yml:1:10: undefined alias '***'.", "f.token: ***"),
    "f.n: &a many\nf.items: *a": ("f.yml:1:6: f.n: 'many' is not a valid integer.", "f.n: &a many"),
    "$vars: {t: hunter2}\nf.n: $t": ("f.yml:2:6: f.n: expected INTEGER.", "f.n: $t"),
    "$vars: {t: $hunter2}\nf.n: $t": (
        "f.yml:2:6: a variable cannot be expanded here. Write '$$' for a dollar sign, or use single quotes.",
        "f.n: $t",
    ),
    "f.n: $nowhere": (
        "f.yml:1:6: f.n: undefined variable 'nowhere'. Set it in $vars or with --var, or write '$$' for a dollar sign.",
        "f.n: $nowhere",
    ),
    "f.table: {hunter2: x}": ("f.yml:1:1: f.table: expected TEXT=INTEGER....", "f.table: ***"),
    "f.table: {hunter2: 1, hunter2: 1}": ("f.yml:1:1: f.table: expected TEXT=INTEGER....", "f.table: ***"),
    "run.stages: [f: {token: [hunter2]}]": (
        "f.yml:1:25: run.stages: token: expected TEXT.",
        "run.stages: [f: {token: ***",
    ),
    "run.stages: [f: {tokn: hunter2}]": (
        "f.yml:1:18: run.stages: stage 'f' has no parameter 'tokn'. Did you mean 'token'?",
        "run.stages: [f: {tokn: ***",
    ),
    "run.stages: [hunter2]": ("f.yml:1:14: run.stages: there is no stage '***'.", "run.stages: [***"),
    "? {hunter2: 1}\n: 1": ("f.yml:1:3: expected a key such as function.parameter.", "? ***"),
    "f: {[hunter2]: 1}": ("f.yml:1:5: expected the name of a parameter of 'f'.", "f: {***"),
    "$vars: {t: 1, t: hunter2}": ("f.yml:1:12: duplicate variable 't'.", "$vars: {t: ***"),
    "hunter2": ("f.yml:1:1: expected a mapping of keys to values.", "***"),
}


@pytest.mark.parametrize("text", LINES)
def test_a_line_is_shown_as_far_as_it_is_certainly_no_secret(program: Program, text: str) -> None:
    message, line = LINES[text]
    told = program.told(text).splitlines()
    assert told[0].replace("f.yml:1:12: the variable", "f.yml:1:12: the variable") == message.replace(
        ":1:15:", ":1:12:"
    )
    assert told[1].partition("| ")[2] == line


@pytest.mark.parametrize("secret", ["a", "hunter2", "a much longer one"])
def test_no_place_tells_how_long_a_secret_is(program: Program, secret: str) -> None:
    told = program.told(f"f: {{token: '{secret}', n: many, name: [x]}}")
    assert told == program.told("f: {token: 'x', n: many, name: [x]}")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("f.token: 'hunter2", "f.token: ***"),
        ("f:\n  token: 'hunter2\n", "  token: ***"),
        ("hunter2: 'x", "***"),
        ("f.n: 1\nhunter2 'x': [", "***"),
    ],
)
def test_a_line_without_nodes_is_shown_to_its_key(program: Program, text: str, line: str) -> None:
    assert f"| {line}\n" in program.told(text) or program.told(text).count("\n") == 1
    assert "hunter2" not in program.told(text)


def test_a_file_that_cannot_be_read_is_named(program: Program) -> None:
    assert program("--config", "no.yml").stderr == "Error: no.yml: cannot be read: No such file or directory.\n"


def test_an_included_file_is_named_as_it_is_written(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WHERE", "hunter2")
    assert "'${WHERE}.yml' cannot be read" in program.told("$include: ${WHERE}.yml\n")


def test_an_unknown_key_is_warned_of_by_what_looks_like_a_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    program = Program(unknown_keys="warn")
    Path("f.yml").write_text("{g.lr: hunter2, hunter2 x: 1}\n", encoding="utf-8")
    told = program("--config", "f.yml", "f").stderr
    assert told == (
        "Warning: f.yml:1:2: ignoring the unknown key 'g.lr'.\nWarning: f.yml:1:8: ignoring the unknown key '***'.\n"
    )


def test_a_value_that_a_secrets_variable_has_made_is_not_written(program: Program) -> None:
    text = "$vars: {t: hunter2, u: other}\nf.token: $t\nf.name: x${t}\nf.n: 1\n"
    Path("f.yml").write_text(text, encoding="utf-8")
    printed = program("--config", "f.yml", "--print-config", "f").stdout
    assert "# f.name: secrets are not written\n" in printed
    assert "hunter2" not in program("--config", "f.yml", "f", "--help").stdout
    Path("f.yml").write_text(text.replace("x${t}", "x${u}"), encoding="utf-8")
    assert "f.name: xother" in program("--config", "f.yml", "--print-config", "f").stdout


@pytest.mark.parametrize("secret", ["half=other", "a=b", "=other", "half=", "half=other=third", "half other"])
@pytest.mark.parametrize("glue", [" ", "="])
def test_no_half_of_a_secret_is_in_the_recorded_line(program: Program, secret: str, glue: str) -> None:
    given = [f"--token={secret}"] if glue == "=" else ["--token", secret]
    result = program("--into", "r", "f", *given, "--name", "x=y", "--n", "3")
    assert result.exit_code == 0
    line = json.loads(Path("r/record.json").read_text(encoding="utf-8"))["line"]
    shown = "'--token=***'" if glue == "=" else "--token '***'"
    assert line == f"prog --into r f {shown} --name x=y --n 3"


WORDS = {
    "hunter2": "No such command '***'.",
    "ff": "No such command 'ff'. Did you mean 'f'?",
    "run hunter2": "No such stage '***'.",
    "f hunter2": "Got unexpected extra argument (***).",
    "f f": "Got unexpected extra argument (f). For several stages: prog run f f",
    "resume nowhere": "nowhere: there is no such folder.",
    "resume --from f nowhere hunter2": "Got unexpected extra argument (***)",
    "runs nowhere": "nowhere: there is no such folder.",
    "runs runs": "runs: there is no such folder.",
    "runs --diff nowhere elsewhere": "--diff: 'nowhere' is no folder of a run, and no run in runs.",
    "runs nowhere --html page.html hunter2": "Got unexpected extra argument (***)",
    "--f.token resume hunter2": "No such command '***'.",
    "f --tokenhunter2": "No such option '--token***'.",
    "f -xhunter2": "No such option '-x'.",
    "f --login.user hunter2 --n hunter2": "Invalid value for '--n': 'hunter2' is not a valid integer.",
    "f -thunter2 --n hunter2": "Invalid value for '--n': '***' is not a valid integer.",
    "f --token ab1 --n ab1": "Invalid value for '--n': 'ab1' is not a valid integer.",
    "f --token login --n login": "Invalid value for '--n': 'login' is not a valid integer.",
}


@pytest.mark.parametrize("line", WORDS)
def test_a_word_of_the_line_is_shown_where_it_is_known(program: Program, line: str) -> None:
    result = program(*line.split())
    assert result.exit_code == 2
    assert f"Error: {WORDS[line]}" in in_new_words(result.stderr).replace(" (Did", ". (Did").replace("'..", "'.")


def test_a_long_secret_is_found_in_what_is_cut(program: Program) -> None:
    result = program("f", "--token", LONG, "--n", LONG)
    assert "Invalid value for '--n': '***' is not a valid integer." in result.stderr


def test_a_class_that_refuses_its_secret_does_not_say_why(program: Program) -> None:
    told = program("f", "--login.password", "hunter2").stderr
    assert told.endswith("Invalid value for f.login: its class refuses this combination of values.\n")
    told = program("f", "--size.width", "-5").stderr
    assert told.endswith("Invalid value for f.size: Size cannot be made of this: -5 is negative\n")


def test_a_program_that_cannot_be_looked_at_may_have_secrets(program: Program) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def f(n: int = 1) -> None: ...

    Path("f.yml").write_text("tokn: hunter2\n", encoding="utf-8")
    assert "hunter2" in CliRunner().invoke(binder.command(), ["--config", "f.yml", "--print-config"]).stderr
    binder.bind(dict.update, name="wrong")
    told = CliRunner().invoke(binder.command(), ["--config", "f.yml", "--print-config"]).stderr
    assert "hunter2" not in told
    assert "     1 | ***\n" in told


def test_variables_are_limited_over_all_that_they_make(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers.variables, "MAX_CHARACTERS", 10)
    document = layers.includes.parse("$vars: {a: xxxx}\nx: [$a, $a, $a]\n", "f.yml")[-1]
    with pytest.raises(clickbind.ClickbindError, match="variables expand to more than 10 characters"):
        document.expand(document.pairs[0][1])


def test_variables_are_limited_in_depth_where_they_are_used_again() -> None:
    text = f"$vars: {{a: {'[' * 60}1{']' * 60}}}\nx: [$a, {'[' * 60}$a{']' * 60}]\n"
    document = layers.includes.parse(text, "f.yml")[-1]
    with pytest.raises(clickbind.ClickbindError, match="nested more than 100 deep"):
        document.expand(document.pairs[0][1])


def test_includes_are_limited(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers.includes, "MAX_INCLUDES", 2)
    Path("i.yml").write_text("", encoding="utf-8")
    assert "more than 2 includes." in program.told("$include: [i.yml, i.yml, i.yml]\n")


@pytest.mark.parametrize("count", [1_000, 2_000])
def test_values_collide_where_they_are_many_and_hash_alike(count: int) -> None:
    assert collide([i * sys.hash_info.modulus for i in range(count)]) is (count > 1_000)
    assert not collide(list(range(count)))
    assert not collide([1] * count)


def test_a_very_long_secret_is_found_by_its_beginning(program: Program) -> None:
    result = program("f", "--token", LONG * 5, "--n", LONG * 5)
    assert "Invalid value for '--n': '***' is not a valid integer." in result.stderr
