"""Completion, through Click's own classes: what a press of TAB offers, and that it does nothing else."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from typing import Annotated, Literal, NoReturn

import click
import pytest
from click.shell_completion import CompletionItem, get_completion_class

import clickbind
from tests.conftest import Program, completions

SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Return each shell's name in turn."""
    return str(request.param)


@pytest.mark.parametrize(
    ("line", "incomplete", "offered"),
    [
        ("", "", ["prepare", "train", "peek", "run", "sweep", "resume", "runs", "help"]),
        ("", "p", ["prepare", "peek"]),
        ("", "r", ["run", "resume", "runs"]),
        ("", "x", []),
        ("--debug", "t", ["train"]),
        ("--output.folder x", "t", ["train"]),
        ("run", "", ["prepare", "train", "peek"]),
        ("run train", "pe", ["peek"]),
        ("run train --epochs 3", "pe", ["peek"]),
        ("--debug run train --dataset.size 3", "pe", ["peek"]),
        ("train", "", []),
    ],
)
def test_stages_are_offered(program: Program, shell: str, line: str, incomplete: str, offered: list[str]) -> None:
    assert completions(program.main, line, incomplete, shell) == offered


@pytest.mark.parametrize(
    ("line", "incomplete", "offered"),
    [
        ("", "--co", ["--config"]),
        ("", "--pe", ["--peek.count"]),
        ("", "--train.e", ["--train.epochs"]),
        ("", "--train.", ["--train.epochs", "--train.lr", "--train.model_type", "--train.tags"]),
        ("", "--dataset.", ["--dataset.folder", "--dataset.size"]),
        ("", "--train/", ["--train/dataset.folder", "--train/dataset.size"]),
        ("", "--val/dataset.f", ["--val/dataset.folder"]),
        ("", "--run", ["--run.stages"]),
        ("train", "--e", ["--epochs"]),
        ("train", "--m", ["--model-type"]),
        ("train", "--pe", ["--peek.count"]),
        ("train", "--val/dataset.f", ["--val/dataset.folder"]),
        ("train", "--co", ["--config"]),
        ("train --epochs 3", "--l", ["--lr"]),
        ("run", "--pe", ["--peek.count"]),
        ("run train", "--e", ["--epochs"]),
        ("run train --epochs 3 peek", "--c", ["--count", "--config"]),
        ("run train peek", "--val/dataset.f", ["--val/dataset.folder"]),
        ("prepare", "--no-s", ["--no-shuffle"]),
        ("prepare", "--no-p", ["--no-prepare.shuffle"]),
        ("peek", "--nope", []),
    ],
)
def test_options_are_offered(program: Program, shell: str, line: str, incomplete: str, offered: list[str]) -> None:
    assert completions(program.main, line, incomplete, shell) == offered


def test_no_option_is_offered_twice(program: Program, shell: str) -> None:
    for line in ("", "run", "train", "run train", "--train.epochs 3", "train --dataset.size 3"):
        offered = completions(program.main, line, "--", shell)
        assert len(offered) == len(set(offered))


def test_the_root_offers_every_dotted_option(program: Program, shell: str) -> None:
    offered = set(completions(program.main, "", "--", shell))
    assert offered >= {"--config", "--help", "--output.folder", "--val/dataset.size", "--train.lr", "--run.stages"}


def items(program: Program, line: str, incomplete: str, shell: str) -> list[CompletionItem]:
    """Return what a shell is offered, with Click's kinds."""
    shell_class = get_completion_class(shell)
    assert shell_class is not None
    return shell_class(program.main, {}, "prog", "_PROG_COMPLETE").get_completions(line.split(), incomplete)


@pytest.mark.parametrize("line", ["prepare --source", "prepare --prepare.source", "run prepare --source", "--config"])
def test_a_path_is_left_to_the_shell(program: Program, shell: str, line: str) -> None:
    assert [(item.value, item.type) for item in items(program, line, "a", shell)] == [("a", "file")]


@pytest.mark.parametrize("line", ["run --run.stages", "train --run.stages", "run peek --run.stages"])
def test_the_values_of_run_stages_are_stages(program: Program, shell: str, line: str) -> None:
    assert completions(program.main, line, "p", shell) == ["prepare", "peek"]
    assert completions(program.main, line, "", shell) == ["prepare", "train", "peek"]


def test_the_values_of_an_optional_list_of_booleans_are_its_words(program: Program, shell: str) -> None:
    def switch(states: list[bool] | None = None) -> None: ...

    program.binder.stage(switch)
    assert completions(program.main, "switch --states", "", shell) == ["true", "false"]
    assert completions(program.main, "run switch --states", "f", shell) == ["false"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("--train.epochs", []),
        ("--train.model_type", []),
        ("--train/dataset.folder", []),
        ("--prepare.source", [""]),
        ("--run.stages", ["prepare", "train", "peek"]),
        ("--debug --train.lr 1 --train.epochs", []),
        ("--config a.yml --run.stages", ["prepare", "train", "peek"]),
    ],
)
def test_the_value_of_a_dotted_option_of_the_root_is_offered(
    program: Program, shell: str, line: str, offered: list[str]
) -> None:
    assert completions(program.main, line, "", shell) == offered


def test_the_values_of_a_dotted_literal_are_its_members(program: Program, shell: str) -> None:
    def tune(mode: Literal["fast", "fine"] = "fast") -> None: ...

    program.binder.stage(tune)
    for line in ("--tune.mode", "tune --mode", "tune --tune.mode", "train --tune.mode", "run train --tune.mode"):
        assert completions(program.main, line, "fi", shell) == ["fine"]


@pytest.mark.parametrize(
    ("line", "incomplete", "offered"),
    [
        ("", "--no", ["--no-prepare.shuffle"]),
        ("", "--n", ["--no-prepare.shuffle"]),
        ("prepare", "--no", ["--no-shuffle", "--no-prepare.shuffle"]),
        ("train", "--no", ["--no-prepare.shuffle"]),
        ("run", "--no", ["--no-prepare.shuffle"]),
        ("run prepare", "--no", ["--no-shuffle", "--no-prepare.shuffle"]),
    ],
)
def test_negations_are_offered_before_their_dash(
    program: Program, shell: str, line: str, incomplete: str, offered: list[str]
) -> None:
    assert completions(program.main, line, incomplete, shell) == offered


@pytest.mark.parametrize("role", ["stage", "context", "bind"])
def test_a_function_that_cannot_be_looked_at_does_not_disturb_completion(
    program: Program, shell: str, role: str
) -> None:
    getattr(program.binder, role)(dict.update, name="broken")
    assert completions(program.main, "", "", shell)[:3] == ["prepare", "train", "peek"]
    assert "--train.epochs" in completions(program.main, "", "--", shell)
    assert "--epochs" in completions(program.main, "train", "--", shell)
    assert completions(program.main, "run train", "pe", shell) == ["peek"]
    assert completions(program.main, "--train.epochs", "", shell) == []
    assert completions(program.main, "", "--broken.", shell) == []


def test_a_number_has_no_completions(program: Program, shell: str) -> None:
    assert completions(program.main, "train --epochs", "", shell) == []
    assert completions(program.main, "train --train.epochs", "3", shell) == []


def test_a_stage_with_an_underscore_is_offered_with_a_dash(program: Program, shell: str) -> None:
    program.binder.stage(lambda: None, name="fine_tune")
    assert completions(program.main, "", "fi", shell) == ["fine-tune"]
    assert completions(program.main, "fine_tune", "--conf", shell) == ["--config"]


def test_a_hidden_stage_is_not_offered(program: Program, shell: str) -> None:
    program.binder.stage(lambda: None, name="tuned", hidden=True)
    assert completions(program.main, "", "t", shell) == ["train"]
    assert completions(program.main, "run", "t", shell) == ["train"]


LINES = [
    "trian",
    "run trian",
    "run train trian",
    "train extra",
    "train --nope x",
    "--nope",
    "--train.epochs many",
    "train --epochs many",
    "train --train.epochs many",
    "run train --epochs many peek",
    "run train --dataset.size 1 peek --dataset.size 2",
    "--prepare.shuffle maybe",
    "prepare --shuffle false",
    "--config missing.yml",
    "--config broken.yml train",
    "train --config broken.yml",
    "--config wrong.yml run",
    "--config - train",
    "run train --config -",
    "--save out.yml train",
    "--save missing/out.yml",
    "--args.load broken.yml",
    "--run.stages trian",
    "--run.stages train peek",
    "--version",
    "train --help",
    "--debug",
    "--",
    "train --",
    "run --",
    "-x",
    "-h",
    "train --dataset.folder",
    "run train --output.folder",
    "needy",
    "run needy",
]


@pytest.mark.parametrize("incomplete", ["", "-", "--", "--t", "--no-", "t", "=", "--config=", "--train.epochs=", "a:b"])
@pytest.mark.parametrize("line", LINES)
def test_completion_does_nothing_but_offer(
    program: Program,
    line: str,
    incomplete: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def needy(folder: str, *, pace: int) -> None: ...

    program.binder.stage(needy)
    monkeypatch.setattr(sys, "stdin", _Unreadable())
    Path("broken.yml").write_text("a: [")
    Path("wrong.yml").write_text("train.epochs: many")
    before = sorted(Path().iterdir())
    for shell in SHELLS:
        assert isinstance(completions(program.main, line, incomplete, shell), list)
    assert capfd.readouterr() == ("", "")
    assert program.calls == []
    assert sorted(Path().iterdir()) == before


class _Unreadable(io.TextIOBase):
    """A standard input that no one may read."""

    @property
    def buffer(self) -> NoReturn:
        raise AssertionError

    def read(self, size: int | None = -1, /) -> NoReturn:
        raise AssertionError


def test_a_config_on_the_line_does_not_disturb_completion(program: Program, shell: str) -> None:
    Path("run.yml").write_text("train.epochs: 3")
    assert completions(program.main, "--config run.yml train", "--e", shell) == ["--epochs"]


def test_completion_of_a_nested_program_is_that_of_the_program(program: Program, shell: str) -> None:
    outer = click.Group("outer")
    outer.add_command(program.main)
    assert completions(outer, "prog", "t", shell) == ["train"]
    assert completions(outer, "prog", "--train.e", shell) == ["--train.epochs"]
    assert completions(outer, "prog train", "--e", shell) == ["--epochs"]
    assert completions(outer, "prog run train", "pe", shell) == ["peek"]


@pytest.mark.parametrize(
    ("shell", "words", "word", "offered"),
    [
        ("bash", "prog tr", "1", "plain,train\n"),
        ("bash", "prog train --ep", "2", "plain,--epochs\n"),
        ("zsh", "prog tr", "1", "plain\ntrain\nTrain the model.\n"),
        ("zsh", "prog train --ep", "2", "plain\n--epochs\nHow often each item is seen\n"),
    ],
)
def test_a_shell_gets_its_answer_from_the_program_itself(
    program: Program, shell: str, words: str, word: str, offered: str
) -> None:
    environment = {"_PROG_COMPLETE": f"{shell}_complete", "COMP_WORDS": words, "COMP_CWORD": word}
    result = program(env=environment)
    assert result.output == offered
    assert program.calls == []


def test_a_program_without_functions_offers_its_own_options(shell: str) -> None:
    main = clickbind.Binder("prog").command()
    assert completions(main, "", "--", shell) == [
        *("--config", "--var", "--save", "--print-config", "--print-changed", "--diff", "--print-schema"),
        *("--into", "--from", "--until", "--debug", "--help", "--run.stages"),
    ]


def test_help_is_offered_behind_a_short_flag() -> None:
    binder = clickbind.Binder("prog")

    def train(size: int = 1) -> None: ...

    train.__annotations__["size"] = Annotated[int, clickbind.Option("-s")]
    binder.stage(train)
    for line in ("train", "train -s 3", "train -s3"):
        assert {"-h", "--help"} <= {*completions(binder.command(), line, "-")}
    assert "--help" not in completions(binder.command(), "train --help", "-")


def test_a_shell_shows_the_first_paragraph_of_a_help_text() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(epochs: int = 1) -> None:
        """Train.

        Parameters
        ----------
        epochs : int
            How ``often``
            it trains.

            It takes a while.
        """

    zsh = get_completion_class("zsh")
    assert zsh is not None
    items = zsh(binder.command(), {}, "prog", "_PROG_COMPLETE").get_completions(["train"], "--")
    assert [(item.value, item.help) for item in items if item.value == "--epochs"] == [
        ("--epochs", "How often it trains.")
    ]
