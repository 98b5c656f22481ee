"""The root's own options, beside those of the bound functions."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import click
import pytest
from click.testing import CliRunner

import clickbind
from clickbind import cli
from clickbind.declare.registry import Registry, Settings
from clickbind.errors import BindError
from tests.conftest import Program

ENDS = {
    "--print-config": "--print-config",
    "--print-changed": "--print-changed",
    "--print-schema": "--print-schema",
    "--diff": "--diff f.yml",
    "--save": "--save s.yml",
}


def test_the_options_are_those_of_the_contract() -> None:
    names = [option.name for option in cli.root_options.make(Registry(), None)]
    assert names == [
        "config",
        "var",
        "no_config",
        "save",
        "print_config",
        "print_changed",
        "diff",
        "print_schema",
        "into",
        "no_record",
        "from",
        "until",
        "debug",
    ]


def test_a_program_with_a_version_shows_it() -> None:
    assert cli.root_options.make(Registry(), "1.2")[-1].name == "version"


def test_no_config_is_shown_where_there_is_a_file_to_leave_out() -> None:
    def shown(settings: Settings) -> str:
        registry = Registry(settings)
        (option,) = (item for item in cli.root_options.make(registry, None) if item.name == "no_config")
        assert isinstance(option, click.Option)
        return "" if option.hidden else option.help or ""

    assert shown(Settings()) == ""
    assert shown(Settings(config=("a.yml", "b.yml"))) == "Ignore the default config file (a.yml, b.yml)."


@pytest.mark.parametrize(("one", "two"), [*itertools.combinations(ENDS, 2)])
def test_two_options_that_end_the_program_exclude_each_other(program: Program, one: str, two: str) -> None:
    Path("f.yml").write_text("", encoding="utf-8")
    for line in (f"{ENDS[one]} {ENDS[two]} train", f"{ENDS[two]} train {ENDS[one]}"):
        result = program(*line.split())
        assert result.exit_code == 2
        assert f"{one!r} and {two!r} cannot be used together." in result.stderr
    assert program.calls == []
    assert os.listdir() == ["f.yml"]


@pytest.mark.parametrize("option", ["--print-config", "--print-changed", "--print-schema", "--diff f.yml"])
@pytest.mark.parametrize("line", ["", "train", "run train prepare", "run"])
def test_what_prints_runs_nothing(program: Program, option: str, line: str) -> None:
    Path("f.yml").write_text("", encoding="utf-8")
    for typed in (f"{option} {line}", f"{line} {option}"):
        result = program(*typed.split())
        assert result.exit_code in ({1, 0} if "diff" in option else {0}), result.output
        assert program.calls == []
    assert os.listdir() == ["f.yml"]


def test_completion_does_not_mind_options_that_exclude_each_other(program: Program) -> None:
    assert program.complete("--print-config --save f.yml --train.e", "--train.e") == ["--train.epochs"]


@pytest.fixture
def main(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> click.Group:
    monkeypatch.chdir(tmp_path)
    binder = clickbind.Binder("exp", config=["exp.yml", Path("~/home.yml")])
    monkeypatch.setenv("HOME", str(tmp_path))

    @binder.stage
    def train(epochs: int = 50, lr: float = 0.5) -> None:
        click.echo(f"{epochs} {lr}")

    return binder.command()


def output(main: click.Group, *line: str) -> str:
    result = CliRunner().invoke(main, line, prog_name="exp")
    assert result.exit_code == 0, result.output
    return result.output


def test_a_program_reads_its_files_by_itself_where_they_are_there(main: click.Group) -> None:
    assert output(main) == "50 0.5\n"
    Path("exp.yml").write_text("train: {epochs: 1, lr: 1}\n", encoding="utf-8")
    assert output(main) == "1 1.0\n"
    Path("home.yml").write_text("train.lr: 2\n", encoding="utf-8")
    assert output(main) == "1 2.0\n"
    Path("f.yml").write_text("train.lr: 3\n", encoding="utf-8")
    assert output(main, "--config", "f.yml") == "1 3.0\n"


@pytest.mark.parametrize("line", ["--no-config", "train --no-config", "run train --no-config", "run --no-config"])
def test_no_config_leaves_those_out(main: click.Group, line: str) -> None:
    Path("exp.yml").write_text("train: {epochs: 1, lr: 1}\n", encoding="utf-8")
    Path("f.yml").write_text("train.lr: 3\n", encoding="utf-8")
    assert output(main, *line.split()) == "50 0.5\n"
    assert output(main, *line.split(), "--config", "f.yml") == "50 3.0\n"


@pytest.mark.parametrize("text", ["train.epochs: many\n", "[", "zzz: 1\n"])
def test_no_config_leaves_out_a_broken_one(main: click.Group, text: str) -> None:
    Path("exp.yml").write_text(text, encoding="utf-8")
    result = CliRunner().invoke(main, [], prog_name="exp")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: exp.yml:")
    assert output(main, "--no-config") == "50 0.5\n"


@pytest.mark.parametrize("config", ["exp.yml", Path("exp.yml"), ["exp.yml"], (Path("exp.yml"),)])
def test_a_program_may_name_one_file_or_several(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config: object
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("exp.yml").write_text("train.epochs: 7\n", encoding="utf-8")
    binder = clickbind.Binder("exp", config=config)  # type: ignore[arg-type]
    binder.stage(lambda epochs=1: epochs, name="train")
    assert binder.command()(["train"], standalone_mode=False) == 7


def test_a_folder_in_the_place_of_its_file_is_told(main: click.Group) -> None:
    os.mkdir("exp.yml")
    result = CliRunner().invoke(main, [], prog_name="exp")
    assert (result.exit_code, result.stderr) == (2, "Error: exp.yml: cannot be read: Is a directory.\n")


def test_what_to_do_with_unknown_keys_is_one_of_three() -> None:
    with pytest.raises(BindError) as caught:
        clickbind.Binder(unknown_keys="no")  # type: ignore[arg-type]
    assert str(caught.value) == "unknown_keys='no' is not one of 'error', 'warn', 'ignore'."


def asking() -> clickbind.Binder:
    binder = clickbind.Binder("prog")

    @binder.context
    @contextmanager
    def around(key: Annotated[str, clickbind.Option(prompt=True)]) -> Iterator[None]:
        yield

    @binder.stage
    def train(
        token: Annotated[str, clickbind.Option(prompt=True, secret=True)],
        size: Annotated[int, clickbind.Option(prompt="How many?")],
        rate: int = 1,
    ) -> None: ...

    @binder.stage
    def other(data: str) -> None: ...

    return binder


PRINTED = """\
# around.key: (required)

# other.data: (required)

run.stages:  # {}
- train

# train.token: (required)
# train.size: (required)
train.rate: 1  # default
"""


@pytest.mark.parametrize("line", ["--print-config train", "train --print-config", "run train --print-config"])
def test_printing_asks_for_nothing(line: str) -> None:
    result = CliRunner().invoke(asking().command(), line.split(), input="asked\n2\n3\n")
    assert (result.exit_code, sorted(result.output.split("\n"))) == (
        0,
        sorted(PRINTED.format("the command line").split("\n")),
    )


def test_nor_do_the_others(tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_text("run.stages: [train]\ntrain.rate: 2\n", encoding="utf-8")
    command = asking().command()
    for line in (["--print-changed", "train"], ["--diff", str(tmp_path / "f.yml"), "train"], ["--print-schema"]):
        result = CliRunner().invoke(command, line, input="asked\n2\n3\n")
        assert "asked" not in result.output
        assert result.exit_code == (1 if "--diff" in line else 0)
    assert "around" not in CliRunner().invoke(command, ["--diff", str(tmp_path / "f.yml"), "train"]).output


def test_a_run_asks_still() -> None:
    result = CliRunner().invoke(asking().command(), ["train"], input="token\n3\nkey\n")
    assert result.exit_code == 0
    assert "How many?" in result.output


def test_a_missing_value_that_is_not_asked_for_is_printed_too() -> None:
    result = CliRunner().invoke(asking().command(), ["--print-config", "other"])
    assert result.exit_code == 0
    assert "# other.data: (required)\n" in result.output
    result = CliRunner().invoke(asking().command(), ["other"], input="key\n")
    assert (result.exit_code, "Missing option '--data'" in result.output) == (2, True)
