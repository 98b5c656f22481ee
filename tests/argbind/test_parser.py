"""The command line of a program that is written for ArgBind."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import click
import pytest
import yaml

from clickbind import argbind
from clickbind.argbind.parser import Parser
from tests.conftest import completions

Parse = Callable[..., dict[str, Any]]


def dataset(
    folder: str = "default",
    size: int = 10,
    shuffle: bool = True,
    kind: Literal["wav", "mp3"] = "wav",
    tags: list[str] | None = None,
) -> str:
    """Read 100% of the data.

    Parameters
    ----------
    folder : str
        Where it is, 50% of it
    """
    return folder


def run(stage: str, count: int, seed: int = 0) -> tuple[str, int]:
    """Run a stage.

    Parameters
    ----------
    stage : str
        What to run
    """
    return stage, count


@pytest.fixture(autouse=True)
def _binder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(argbind, "_BINDER", argbind._ArgBinder())
    monkeypatch.setattr(sys, "argv", ["prog"])
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def parser() -> Parser:
    argbind.bind(dataset, "train", "val")
    return argbind.build_parser()


@pytest.fixture
def positional() -> Parser:
    argbind.bind(dataset)
    argbind.bind(run, without_prefix=True, positional=True)
    return argbind.build_parser()


def parse(parser: Parser, line: str) -> dict[str, Any]:
    sys.argv = ["prog", *line.split()]
    return argbind.parse_args(parser)


def refused(parser: Parser, line: str, capsys: pytest.CaptureFixture[str]) -> str:
    """Return the message of a line that is wrong."""
    with pytest.raises(SystemExit) as caught:
        parse(parser, line)
    assert caught.value.code == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    return captured.err


def test_a_line_without_words_gives_every_default(parser: Parser) -> None:
    args = parse(parser, "")
    names = [f"{scope}dataset.{name}" for scope in ("", "train/", "val/") for name in ("folder", "size", "shuffle")]
    assert [args[name] for name in names] == ["default", 10, True] * 3


def test_the_programs_own_settings_are_among_the_arguments(parser: Parser) -> None:
    args = parse(parser, "")
    own = {name: value for name, value in args.items() if name.startswith("args.")}
    assert own == {"args.unknown": [], "args.load": None, "args.save": None, "args.debug": 0}


@pytest.mark.parametrize(
    ("line", "key", "value"),
    [
        ("--dataset.folder x", "dataset.folder", "x"),
        ("--dataset.folder=x", "dataset.folder", "x"),
        ("--dataset.folder a --dataset.folder b", "dataset.folder", "b"),
        ("--dataset.size -3", "dataset.size", -3),
        ("--dataset.shuffle", "dataset.shuffle", True),
        ("--no-dataset.shuffle", "dataset.shuffle", False),
        ("--no-train/dataset.shuffle", "train/dataset.shuffle", False),
        ("--dataset.tags a --dataset.tags b", "dataset.tags", ["b"]),
        ("--dataset.tags none", "dataset.tags", None),
        ("--val/dataset.size 3", "val/dataset.size", 3),
    ],
)
def test_an_option_is_found_when_it_is_typed(parser: Parser, line: str, key: str, value: object) -> None:
    assert parse(parser, line)[key] == value


def test_only_the_options_of_functions_that_are_typed_are_made(parser: Parser) -> None:
    ctx = parser.make_context("prog", ["--dataset.size", "3"])
    names = [param.name for param in parser.get_params(ctx)]
    assert [name for name in names if name and "." in name] == ["dataset.size"]


def test_a_scoped_key_inherits_the_plain_one(parser: Parser) -> None:
    args = parse(parser, "--dataset.size 3 --val/dataset.size 4")
    assert [args[f"{scope}dataset.size"] for scope in ("", "train/", "val/")] == [3, 3, 4]


def test_the_line_wins_over_a_files_scoped_key(parser: Parser) -> None:
    Path("a.yml").write_text("dataset.size: 3\nval/dataset.size: 4\nval/dataset.folder: v\n")
    args = parse(parser, "--args.load a.yml --dataset.size 5")
    assert [args[f"{scope}dataset.size"] for scope in ("", "train/", "val/")] == [5, 5, 5]
    assert args["val/dataset.folder"] == "v"


def test_an_unknown_option_is_told_with_what_was_probably_meant(
    parser: Parser, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(parser, "--dataset.fodler x", capsys)
    assert message.startswith("Usage: prog [OPTIONS]\n")
    assert re.search("No such option:? '?--dataset.fodler'?", message)  # quoted from Click 8.4 on
    assert "--dataset.folder" in message


@pytest.mark.parametrize(
    ("option", "message"),
    [
        (
            "--test/dataset.size",
            ". 'dataset' is not bound under the scope 'test': bind it there, or set 'test/dataset.size' in a file.",
        ),
        (
            "--no-test/dataset.shuffle",
            "under the scope 'test': bind it there, or set 'test/dataset.shuffle' in a file.",
        ),
        ("--trian/dataset.size", "Did you mean '--train/dataset.size'"),
        ("--no-train/dataset.size", "Did you mean '--train/dataset.size'"),
        ("--train/dataset.sise", "Did you mean '--train/dataset.size'"),
    ],
)
def test_the_key_without_its_scope_is_not_suggested_for_one_that_nothing_is_bound_under(
    option: str, message: str, parser: Parser, capsys: pytest.CaptureFixture[str]
) -> None:
    shown = refused(parser, f"{option} 3", capsys)
    assert message in shown
    assert "'--dataset.size'" not in shown


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--dataset.size many", "Invalid value for '--dataset.size': 'many' is not a valid integer."),
        ("--dataset.kind ogg", "Invalid value for '--dataset.kind': 'ogg' is not one of 'wav', 'mp3'."),
        ("--dataset.shuffle false", "Use '--no-dataset.shuffle'."),
        ("--dataset.folder", "Option '--dataset.folder' requires an argument."),
        ("--args.debug much", "Invalid value for '--args.debug': 'much' is not a valid integer."),
        ("word", "Got unexpected extra argument (word)"),
        ("-x", "No such option"),
        ("-1 2", "Got unexpected extra arguments (-1 2)"),
    ],
)
def test_a_wrong_line_ends_the_program(
    parser: Parser, line: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert message in refused(parser, line, capsys)


@pytest.mark.parametrize(
    "line",
    ["train 3 --seed 1", "--seed 1 train 3", "train --seed 1 3", "--seed=1 -- train 3"],
)
def test_options_stand_before_behind_and_between_positional_arguments(positional: Parser, line: str) -> None:
    args = parse(positional, line)
    assert (args["stage"], args["count"], args["seed"]) == ("train", 3, 1)


def test_a_positional_argument_may_be_typed_as_an_option(positional: Parser) -> None:
    args = parse(positional, "--stage train --count 3")
    assert (args["stage"], args["count"]) == ("train", 3)


def test_a_negative_number_is_a_positional_argument(positional: Parser) -> None:
    assert parse(positional, "train -3")["count"] == -3


def test_a_positional_argument_of_a_function_with_a_prefix_has_a_dotted_key() -> None:
    argbind.bind(run, positional=True)
    args = parse(argbind.build_parser(), "train 3")
    assert (args["run.stage"], args["run.count"], args["run.seed"]) == ("train", 3, 0)


@pytest.mark.parametrize(("line", "missing"), [("", "stage"), ("train", "count")])
def test_a_missing_positional_argument_is_named(
    positional: Parser, line: str, missing: str, capsys: pytest.CaptureFixture[str]
) -> None:
    message = refused(positional, line, capsys)
    assert message.startswith("Usage: prog [OPTIONS] stage count\n")
    assert f"Missing argument '{missing}'." in message


def test_all_missing_arguments_are_named(positional: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    positional.add_argument("out")
    positional.add_argument("--name", required=True)
    assert refused(positional, "", capsys).endswith(
        "Missing argument 'stage'.\nMissing argument 'count'.\nMissing argument 'out'.\nMissing option '--name'.\n"
    )
    assert refused(positional, "train --name x", capsys).endswith(
        "Missing argument 'count'.\nMissing argument 'out'.\n"
    )


def test_a_file_may_give_a_positional_argument(positional: Parser) -> None:
    Path("a.yml").write_text("stage: evaluate\ncount: 4\n")
    args = parse(positional, "--args.load a.yml")
    assert (args["stage"], args["count"]) == ("evaluate", 4)
    assert parse(positional, "--args.load a.yml train")["stage"] == "train"


def test_a_wrong_positional_argument_is_told(positional: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    assert "Invalid value for 'count': 'many' is not a valid integer." in refused(positional, "train many", capsys)


def test_a_file_gives_defaults(parser: Parser) -> None:
    Path("a.yml").write_text("dataset.folder: x\ndataset.size: 3\n")
    args = parse(parser, "--args.load a.yml --dataset.size 4")
    assert (args["dataset.folder"], args["dataset.size"], args["args.load"]) == ("x", 4, "a.yml")


@pytest.mark.parametrize("name", ["a.yml", "missing.yml", "."])
def test_a_file_that_cannot_be_read_ends_the_program(
    parser: Parser, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("a.yml").write_text("dataset.size: many\ndataset.shuffel: 1\n")
    message = refused(parser, f"--args.load {name}", capsys)
    assert message.startswith("Error: ")
    assert name in message


def test_a_saved_file_gives_the_same_arguments(parser: Parser) -> None:
    args = parse(parser, "--dataset.size 3 --val/dataset.tags a --args.save deep/a.yml")
    again = parse(parser, "--args.load deep/a.yml")
    assert {**again, "args.load": None, "args.save": "deep/a.yml"} == args
    assert not any(key.startswith("args.") for key in yaml.safe_load(Path("deep/a.yml").read_text()))


def test_a_wrong_line_saves_nothing(parser: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    refused(parser, "--args.save a.yml --dataset.size many", capsys)
    assert not Path("a.yml").exists()


def test_a_value_that_cannot_be_saved_ends_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    argbind.bind(dataset)
    parser = argbind.build_parser()
    Path("a").write_text("")
    message = refused(parser, "--args.save a/b.yml", capsys)
    assert message.startswith("Error: a/b.yml: the run cannot be saved: ")


@pytest.mark.parametrize("option", ["--args.debug 1", "--args.debug=1"])
def test_calls_are_printed_where_that_is_asked_for(
    parser: Parser, option: str, capsys: pytest.CaptureFixture[str]
) -> None:
    args = parse(parser, option)
    assert args["args.debug"] == 1
    with argbind.scope(args, "train"):
        argbind._BINDER.registry.bounds["dataset"].call()
    expected = "dataset(\n  # scope = train\n  folder : str = default\n  size : int = 10\n"
    assert capsys.readouterr().out.startswith(expected)


def test_options_of_the_programs_own_stand_among_the_others(parser: Parser) -> None:
    group = parser.add_argument_group("more", description="what the program adds")
    group.add_argument("--gpus", type=int, default=1)
    group.add_argument("names", nargs="*")
    args = parse(parser, "a --gpus 2 --dataset.size 3 b")
    assert (args["gpus"], args["names"], args["dataset.size"]) == (2, ["a", "b"], 3)


def test_a_file_gives_what_the_program_adds_and_the_line_wins(parser: Parser) -> None:
    parser.add_argument("--gpus", type=int, default=1)
    parser.add_argument("--level", action="append", default=["a"])
    Path("a.yml").write_text("gpus: 4\nlevel: [x]\n")
    assert parse(parser, "--args.load a.yml")["gpus"] == 4
    args = parse(parser, "--args.load a.yml --gpus 2 --level b")
    assert (args["gpus"], args["level"]) == (2, ["a", "b"])


def test_an_argument_of_the_programs_own_stands_behind_those_of_functions(positional: Parser) -> None:
    positional.add_argument("extra")
    args = parse(positional, "train 3 more")
    assert (args["stage"], args["count"], args["extra"]) == ("train", 3, "more")


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_ends_the_program(parser: Parser, option: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parse(parser, f"--dataset.size 3 {option}")
    assert caught.value.code == 0
    assert capsys.readouterr().out == parser.format_help()


HELP = """\
Usage: prog [OPTIONS] stage count [names]...

  Tries models.

Arguments:
  stage       What to run
  count
  [names]...  for whom

Options:
  --args.save FILE      Path to save all arguments used to run script to.
  --args.load FILE      Path to load arguments from, stored as a .yml file.
  --args.debug INTEGER  Print arguments as they are passed to each function.
  --gpus INT            how many, 1
  -h, --help            Show this message and exit.

dataset:
  Read 100% of the data.
"""


def test_help_has_arguments_options_and_a_section_per_function(
    positional: Parser, capsys: pytest.CaptureFixture[str]
) -> None:
    positional.description = "Tries models."
    positional.add_argument("--gpus", type=int, default=1, help="how many, %(default)s")
    positional.add_argument("names", nargs="*", help="for whom")
    assert positional.description == "Tries models."
    positional.print_help()
    text = capsys.readouterr().out
    assert text.startswith(HELP)
    assert "--dataset.folder TEXT Where it is, 50% of it [default: default]" in " ".join(text.split())
    assert "\n\nrun:\n  Run a stage.\n" in text
    assert text == positional.format_help()


def test_a_program_without_positional_arguments_has_no_section_for_them(parser: Parser) -> None:
    assert "Arguments:" not in parser.format_help()
    assert "Scopes: train, val, as in --train/dataset.folder." in parser.format_help()


def test_the_parser_is_a_click_command(parser: Parser) -> None:
    assert "--dataset.folder" in parser.get_help(click.Context(parser, info_name="prog"))


def test_interrupting_ends_the_program_as_shells_expect(
    parser: Parser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(parser, "_read", interrupted)
    with pytest.raises(SystemExit) as caught:
        parse(parser, "--args.load a.yml")
    assert caught.value.code == 130
    assert capsys.readouterr().err.strip() == "Aborted!"


@pytest.mark.parametrize(
    ("line", "incomplete", "expected"),
    [
        ("", "--args", ["--args.save", "--args.load", "--args.debug"]),
        ("", "--dataset.s", ["--dataset.size", "--dataset.shuffle"]),
        ("", "--train/dataset.f", ["--train/dataset.folder"]),
        ("", "--no-t", ["--no-train/dataset.shuffle"]),
        ("--dataset.size 3", "--dataset.si", []),
        ("--dataset.kind", "", ["wav", "mp3"]),
        ("", "--g", ["--gpus"]),
        ("", "-h", ["-h"]),
        ("", "wo", []),
    ],
)
def test_a_shell_completes_flags_and_values(parser: Parser, line: str, incomplete: str, expected: list[str]) -> None:
    parser.add_argument("--gpus")
    assert completions(parser, line, incomplete) == expected


def test_parse_args_answers_a_shell_that_completes(
    parser: Parser, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("_PROG_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "prog --dataset.fo")
    monkeypatch.setenv("COMP_CWORD", "1")
    with pytest.raises(SystemExit) as caught:
        parse(parser, "")
    assert caught.value.code == 0
    assert capsys.readouterr().out == "plain,--dataset.folder\n"


def test_help_may_be_printed_before_the_line_is_parsed(parser: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    parser.print_help()
    text = capsys.readouterr().out
    assert "-h, --help" in text
    with pytest.raises(SystemExit):
        parse(parser, "-h")
    assert capsys.readouterr().out == text


def test_defaults_can_be_set_and_a_line_beats_them(parser: Parser) -> None:
    parser.add_argument("--seed", type=int, default=1)
    parser.set_defaults(seed=5, device="cpu")
    args = parse(parser, "")
    assert (args["seed"], args["device"]) == (5, "cpu")
    assert parse(parser, "--seed 7")["seed"] == 7


def test_a_program_can_tell_of_a_mistake_by_itself(parser: Parser, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        parser.error("too much at once")
    assert caught.value.code == 2
    assert "Usage: prog" in capsys.readouterr().err


def test_an_empty_file_name_is_none(parser: Parser) -> None:
    args = parse(parser, "--args.load= --args.save=")
    assert (args["args.load"], args["args.save"]) == (None, None)


def test_a_default_that_is_called_is_no_argument() -> None:
    def score(loss: Callable[[int], int] = abs, size: int = 1) -> int:
        return loss(size)

    bound = argbind.bind(score)
    args = parse(argbind.build_parser(), "")
    assert "score.loss" not in args
    with argbind.scope({**args, "score.size": -3}):
        assert bound() == 3


def test_a_positional_argument_is_listed_once(positional: Parser) -> None:
    listed = positional.format_help()
    assert "\n  stage  What to run" in listed
    assert "--stage" not in listed
    assert "--seed" in listed
