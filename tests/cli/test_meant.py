"""Errors that know what was meant by a word of the line."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner

import clickbind


@dataclass
class Optim:
    """An optimizer."""

    lr: float = 0.1
    name: str = "adam"


@pytest.fixture
def main() -> click.Group:
    """Make a program with a parameter of each kind, and names that several functions share."""
    binder = clickbind.Binder("prog", version="1")

    @binder.context
    @contextmanager
    def output(folder: str = ".") -> Iterator[None]:
        yield

    @binder.bind("train", "val")
    def dataset(folder: str = "d", *, cached: bool = True) -> None: ...

    @binder.bind(hidden=True)
    def internal(speed: int = 1) -> None: ...

    @binder.stage
    def train(  # noqa: PLR0917 - one parameter of each kind
        epochs: int = 5,
        lr: float = 0.1,
        layers: list[int] = [1],  # noqa: B006 - copied for each call
        size: tuple[int, int] = (1, 2),
        opts: dict[str, int] = {},  # noqa: B006 - copied for each call
        optim: Optim = Optim(),  # noqa: B008 - only read
        rows: dict[str, list[int]] | None = None,
        *,
        shuffle: bool = False,
        many: int | None = None,
    ) -> None: ...

    @binder.stage
    def evaluate(
        results: str = "r", folder: str = "f", *, many: Annotated[int, clickbind.Option("-m")] = 1
    ) -> None: ...

    @binder.stage
    def my_stage(word: str = "", wordy: Annotated[str, clickbind.Option(hidden=True)] = "") -> None: ...

    made = binder.command()
    made.add_command(click.Command("tool"))
    return made


def error_of(main: click.Group, line: str | list[str]) -> str:
    """Return the error that a line causes, without the usage."""
    result = CliRunner().invoke(main, line, prog_name="prog")
    assert result.exit_code == 2
    return result.output.partition("Error: ")[2].strip()


HYDRA = [
    ("train.lr=3", "No such command 'train.lr=3'. Did you mean '--train.lr=3'?"),
    ("lr=3", "No such command 'lr=3'. Did you mean '--train.lr=3' or '--train.optim.lr=3'?"),
    ("epochs=3 train", "No such command 'epochs=3'. Did you mean '--train.epochs=3'?"),
    ("train.optim.lr=3", "No such command 'train.optim.lr=3'. Did you mean '--train.optim.lr=3'?"),
    ("optim.lr=3", "No such command 'optim.lr=3'. Did you mean '--train.optim.lr=3'?"),
    ("+train.lr=3", "No such command '+train.lr=3'. Did you mean '--train.lr=3'?"),
    ("++train.lr=3", "No such command '++train.lr=3'. Did you mean '--train.lr=3'?"),
    ("~train.lr", "No such command '~train.lr'. Did you mean '--train.lr'?"),
    ("train.lr:=3", "No such command 'train.lr:=3'. Did you mean '--train.lr=3'?"),
    ("Train.Epochs=3", "No such command 'Train.Epochs=3'. Did you mean '--train.epochs=3'?"),
    ("train.lr 3", "No such command 'train.lr'. Did you mean '--train.lr'?"),
    ("train.epohcs=3", "No such command 'train.epohcs=3'. Did you mean '--train.epochs=3'?"),
    ("config=a.yml", "No such command 'config=a.yml'. Did you mean '--config=a.yml'?"),
    ("debug=1", "No such command 'debug=1'. Did you mean '--debug'?"),
    ("shuffle=true", "No such command 'shuffle=true'. Did you mean '--train.shuffle'?"),
    ("shuffle=False", "No such command 'shuffle=False'. Did you mean '--no-train.shuffle'?"),
    ("no-shuffle=1", "No such command 'no-shuffle=1'. Did you mean '--no-train.shuffle'?"),
    ("run.stages=train", "No such command 'run.stages=train'. Did you mean '--run.stages=train'?"),
    ("val/dataset.folder=x", "No such command 'val/dataset.folder=x'. Did you mean '--val/dataset.folder=x'?"),
    ("train lr=3", "Got unexpected extra argument (lr=3). Did you mean '--lr=3'?"),
    ("train train.lr=3", "Got unexpected extra argument (train.lr=3). Did you mean '--train.lr=3'?"),
    ("train epochs 3", "Got unexpected extra arguments (epochs 3). Did you mean '--epochs'?"),
    ("train optim.lr=3", "Got unexpected extra argument (optim.lr=3). Did you mean '--optim.lr=3'?"),
    ("train shuffle=no", "Got unexpected extra argument (shuffle=no). Did you mean '--no-shuffle'?"),
    ("train dataset.folder=x", "Got unexpected extra argument (dataset.folder=x). Did you mean '--dataset.folder=x'?"),
    ("run lr=3", "No such stage 'lr=3'. It is an option of the stage 'train', and options of a stage follow its name."),
    ("run train lr=3", "No such stage 'lr=3'. Did you mean '--lr=3'?"),
    ("run evaluate train --lr 1 epochs=3", "No such stage 'epochs=3'. Did you mean '--epochs=3'?"),
    ("sweep run train", "No such stage 'run'. 'sweep' is followed by stages: leave 'run' out."),
    ("run sweep train", "No such stage 'sweep'. 'run' is followed by stages: leave 'sweep' out."),
    ("train nothing=3", "Got unexpected extra argument (nothing=3)."),
    ("nothing", "No such command 'nothing'."),
    ("=3", "No such command '=3'."),
    ("x" * 300 + "=3", f"No such command '{'x' * 300}=3'."),
    ("train -- lr=3", "Got unexpected extra argument (lr=3)."),
    ("-- lr=3", "No such command 'lr=3'."),
    ("run -- train.lr=3", "No such stage 'train.lr=3'."),
]


@pytest.mark.parametrize(("line", "expected"), HYDRA)
def test_an_assignment_is_told_the_option_with_its_value(main: click.Group, line: str, expected: str) -> None:
    found = error_of(main, line)
    assert found == expected or (expected.endswith("name.") and found.startswith(expected))


def test_a_value_that_a_shell_would_split_is_left_out(main: click.Group) -> None:
    assert error_of(main, ["train", "folder=a b"]) == (
        "Got unexpected extra argument (folder=a b). It is an option of the stage 'evaluate', and options of a stage "
        "follow its name. Did you mean '--output.folder', '--dataset.folder', '--train/dataset.folder', "
        "'--val/dataset.folder' or '--evaluate.folder'?"
    )


OPTIONS = [
    ("--lr=3", "No such option '--lr'. Did you mean '--train.lr=3' or '--train.optim.lr=3'?"),
    ("--lr 3", "No such option '--lr'. Did you mean '--train.lr' or '--train.optim.lr'?"),
    ("--train.epochs:5", "No such option '--train.epochs:5'. Did you mean '--train.epochs=5'?"),
    ("-lr 3", "No such option '-lr'. Did you mean '--train.lr' or '--train.optim.lr'?"),
    ("-lr=3", "No such option '-lr'. Did you mean '--train.lr=3' or '--train.optim.lr=3'?"),
    ("-epochs 3", "No such option '-epochs'. Did you mean '--train.epochs'?"),
    ("-x", "No such option '-x'."),
    ("-help", "No such option '-help'. Did you mean '--help'?"),
    ("--train-lr 3", "No such option '--train-lr'. Did you mean '--train.lr'?"),
    ("--train:lr 3", "No such option '--train:lr'. Did you mean '--train.lr'?"),
    ("--Train.LR 3", "No such option '--Train.LR'. Did you mean '--train.lr'?"),
    ("--EPOCHS 3", "No such option '--EPOCHS'. Did you mean '--train.epochs'?"),
    ("--epohcs 3", "No such option '--epohcs'. Did you mean '--train.epochs'?"),
    ("--optim.lr 3", "No such option '--optim.lr'. Did you mean '--train.optim.lr'?"),
    ("--optm.lr 3", "No such option '--optm.lr'. Did you mean '--train.optim.lr'?"),
    ("--no-shuffle", "No such option '--no-shuffle'. Did you mean '--no-train.shuffle'?"),
    ("--no-cached", "No such option '--no-cached'. Did you mean "),
    ("--no-epochs", "No such option '--no-epochs'. Did you mean '--train.epochs'?"),
    ("--trian/dataset.folder x", "No such option '--trian/dataset.folder'. Did you mean '--train/dataset.folder'?"),
    ("--train.dataset.cached", "No such option '--train.dataset.cached'. Did you mean '--train/dataset.cached'?"),
    (
        "--train.optim adam",
        "No such option '--train.optim'. It is set by its fields. Did you mean '--train.optim.lr' or",
    ),
    ("train --optim adam", "No such option '--optim'. It is set by its fields. Did you mean '--optim.lr' or"),
    ("train --opt.lr 1", "No such option '--opt.lr'. Did you mean '--optim.lr'?"),
    ("--val/dataset x", "No such option '--val/dataset'. Did you mean '--val/dataset.folder' or"),
    ("--train", "No such option '--train'. 'train' is a stage: write it without dashes."),
    ("--my_stage", "No such option '--my_stage'. 'my-stage' is a stage: write it without dashes."),
    ("run --train", "No such option '--train'. 'train' is a stage: write it without dashes."),
    ("train --evaluate", "No such option '--evaluate'. 'evaluate' is a stage: write it without dashes."),
    ("--run", "No such option '--run'. 'run' is a command: write it without dashes."),
    ("--tool", "No such option '--tool'. 'tool' is a command: write it without dashes."),
    ("train -lr 3", "No such option '-lr'. Did you mean '--lr'?"),
    ("train --LR 3", "No such option '--LR'. Did you mean '--lr'?"),
    ("train --train.epohcs 3", "No such option '--train.epohcs'. Did you mean '--train.epochs'?"),
    ("train --epohcs 3", "No such option '--epohcs'. Did you mean '--epochs'?"),
    ("run train --epohcs 3", "No such option '--epohcs'. Did you mean '--epochs'?"),
    ("train --print-confg", "No such option '--print-confg'. Did you mean '--print-config'?"),
    ("evaluate -mx", "Invalid value for '-m': 'x' is not a valid integer."),
    ("my-stage --worrdy 3", "No such option '--worrdy'. Did you mean '--word'?"),
    ("--speed 3", "No such option '--speed'."),
    ("--nothing-like-it 3", "No such option '--nothing-like-it'."),
    ("--" + "x" * 300, f"No such option '--{'x' * 300}'."),
]


@pytest.mark.parametrize(("line", "expected"), OPTIONS)
def test_an_unknown_option_is_told_the_one_that_was_meant(main: click.Group, line: str, expected: str) -> None:
    assert error_of(main, line).startswith(expected)


ENTRIES = [
    ("train.opts.a=3", "No such command 'train.opts.a=3'. Did you mean '--train.opts a=3'?"),
    ("opts.a=3", "No such command 'opts.a=3'. Did you mean '--train.opts a=3'?"),
    ("train opts.a=3", "Got unexpected extra argument (opts.a=3). Did you mean '--opts a=3'?"),
    ("train --opts.a=3", "No such option '--opts.a'. Did you mean '--opts a=3'?"),
    ("train --opts.a.b=3", "No such option '--opts.a.b'. Did you mean '--opts a.b=3'?"),
    ("train --opts.a 3", "No such option '--opts.a'. Did you mean '--opts a=VALUE'?"),
    ("--train.opts.a 3", "No such option '--train.opts.a'. Did you mean '--train.opts a=VALUE'?"),
    ("train --rows.a=3", "No such option '--rows.a'. Did you mean '--rows'?"),
    ("train --Opts.a=3", "No such option '--Opts.a'. Did you mean '--opts a=3'?"),
]


@pytest.mark.parametrize(("line", "expected"), ENTRIES)
def test_an_entry_of_a_mapping_that_was_written_as_a_field_is_told_how_to_type_it(
    main: click.Group, line: str, expected: str
) -> None:
    assert error_of(main, line) == expected


def test_an_entry_that_a_shell_would_split_is_left_out(main: click.Group) -> None:
    assert error_of(main, ["train", "--opts.a=3 4"]).endswith("Did you mean '--opts KEY=VALUE'?")


@pytest.mark.parametrize("line", ["run evaluate --epochs 3 train", "evaluate --epochs 3", "run --epochs 3 train"])
def test_an_option_after_the_wrong_stage_is_told_which_stage_has_it(main: click.Group, line: str) -> None:
    assert error_of(main, line) == (
        "No such option '--epochs'. It is an option of the stage 'train', and options of a stage follow its name. Did "
        "you mean '--train.epochs'?"
    )


def test_an_option_of_two_stages_is_told_both(main: click.Group) -> None:
    assert error_of(main, "run my-stage --many 3") == (
        "No such option '--many'. It is an option of the stages 'train' and 'evaluate', and options of a stage follow "
        "its name. Did you mean '--train.many' or '--evaluate.many'?"
    )


def test_no_more_than_ten_options_of_a_name_are_listed() -> None:
    binder = clickbind.Binder("prog")
    for number in range(12):
        binder.stage(lambda lr=1: None, name=f"stage_{number}")
    assert error_of(binder.command(), "--lr 3").count("--stage") == 10


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Train", "No such command 'Train'. Did you mean 'train'?"),
        ("TRIAN", "No such command 'TRIAN'. Did you mean 'train'?"),
        ("run EVALUATE", "No such stage 'EVALUATE'. Did you mean 'evaluate'?"),
        ("--run.stages Train", "Invalid value for '--run.stages': there is no stage 'Train'. Did you mean 'train'?"),
    ],
)
def test_the_case_of_a_stage_does_not_hide_it(main: click.Group, line: str, expected: str) -> None:
    assert error_of(main, line) == expected


LISTS = [
    ("--train.lr 1 train --layers 1 2", '--layers "1 2"', "--layers 1 --layers 2"),
    ("train --layers 1 2", '--layers "1 2"', "--layers 1 --layers 2"),
    ("train --layers=1 2 3 --lr 1", '--layers "1 2 3"', "--layers 1 --layers 2 --layers 3"),
    ("train --train.layers 1 2", '--train.layers "1 2"', "--train.layers 1 --train.layers 2"),
    ("--train.layers 1 2 train", '--train.layers "1 2"', "--train.layers 1 --train.layers 2"),
    ("run train --layers 1 2 evaluate", '--layers "1 2"', "--layers 1 --layers 2"),
    ("run --train.layers 1 2 train", '--train.layers "1 2"', "--train.layers 1 --train.layers 2"),
    ("train --opts x=1 y=2", '--opts "x=1 y=2"', "--opts x=1 --opts y=2"),
    (
        "--run.stages train evaluate --results 1",
        '--run.stages "train evaluate"',
        "--run.stages train --run.stages evaluate",
    ),
    ("--run.stages train nothing", '--run.stages "train nothing"', "--run.stages train --run.stages nothing"),
]


@pytest.mark.parametrize(("line", "quoted", "repeated"), LISTS)
def test_a_list_of_several_words_is_told_how_to_type_it(
    main: click.Group, line: str, quoted: str, repeated: str
) -> None:
    hint = f"For several values, quote them ({quoted}) or repeat the option ({repeated})."
    assert error_of(main, line).endswith(hint)


COMMAS = [
    ("train --layers 1, 2", '--layers "1 2"', "--layers 1 --layers 2"),
    ("train --layers 1,2", '--layers "1 2"', "--layers 1 --layers 2"),
    ("train --layers [1,2", '--layers "1 2"', "--layers 1 --layers 2"),
    ("train --layers (1,2)", '--layers "1 2"', "--layers 1 --layers 2"),
    ("train --layers=1, 2, 3 --lr 1", '--layers "1 2 3"', "--layers 1 --layers 2 --layers 3"),
    ("--train.layers 1,2 train", '--train.layers "1 2"', "--train.layers 1 --train.layers 2"),
    ("train --layers 1 --layers 2,3", '--layers "1 2 3"', "--layers 1 --layers 2 --layers 3"),
    ("train --opts x=1, y=2", '--opts "x=1 y=2"', "--opts x=1 --opts y=2"),
    ("train --opts x=1,y=2", '--opts "x=1 y=2"', "--opts x=1 --opts y=2"),
]


@pytest.mark.parametrize(("line", "quoted", "repeated"), COMMAS)
def test_a_list_with_commas_is_told_how_to_type_it(main: click.Group, line: str, quoted: str, repeated: str) -> None:
    hint = f"For several values, quote them ({quoted}) or repeat the option ({repeated})."
    assert error_of(main, line).endswith(hint)


def test_commas_between_other_values_than_those_of_the_option_have_no_hint(main: click.Group) -> None:
    assert error_of(main, "train --layers 1,x") == "Invalid value for '--layers': '1,x' is not a valid integer."
    assert error_of(main, "train --size 1,2").endswith('. Quote the values: --size "1 2"')


@pytest.mark.parametrize("line", ["--run.stages train run evaluate", "evaluate --run.stages train"])
def test_a_command_after_a_list_is_no_value_of_it(main: click.Group, line: str) -> None:
    assert error_of(main, line) == "Stages are given as arguments and by '--run.stages': use one of the two."


def test_values_that_need_quotes_themselves_are_not_repeated(main: click.Group) -> None:
    assert '(--layers "A B")' in error_of(main, ["train", "--layers", "1 2", "3"])


def test_a_tuple_of_several_words_is_told_to_quote_it(main: click.Group) -> None:
    expected = "expected 2 values ('INTEGER INTEGER'), got 1. Quote the values: --size \"1 2\""
    assert error_of(main, "train --size 1 2").endswith(expected)
    assert error_of(main, "--train.size 1 2 train").endswith(expected.replace("--size", "--train.size"))
    assert error_of(main, "train --size 1").endswith("got 1.")
    assert error_of(main, "train --size 1 --lr 2").endswith("got 1.")


def test_a_tuple_without_a_line_is_told_the_number_of_values(main: click.Group) -> None:
    command = main.get_command(click.Context(main), "train")
    assert command is not None
    size = next(param for param in command.params if param.name == "size")
    with pytest.raises(click.BadParameter, match=r"expected 2 values \('INTEGER INTEGER'\), got 1\.$"):
        size.type_cast_value(click.Context(click.Command("other")), "1")


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("--shuffle false", "--no-shuffle"),
        ("--shuffle=false", "--no-shuffle"),
        ("--shuffle=1", "--shuffle"),
        ("--no-shuffle=1", "--no-shuffle"),
        ("--no-shuffle=true", "--no-shuffle"),
        ("--no-shuffle false", "--shuffle"),
        ("--no-shuffle=0", "--shuffle"),
        ("--no-shuffle=maybe", "--no-shuffle"),
    ],
)
def test_a_boolean_with_a_value_is_told_the_flag_that_means_it(main: click.Group, line: str, cure: str) -> None:
    assert error_of(main, f"train {line}").endswith(f"Use '{cure}'.")


@pytest.fixture
def secretive() -> click.Group:
    """Make a program with a secret."""
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(
        token: Annotated[str, clickbind.Option(secret=True)] = "",
        keys: Annotated[list[str], clickbind.Option(secret=True)] = [],  # noqa: B006 - copied for each call
        users: Annotated[dict[str, str], clickbind.Option(secret=True)] = {},  # noqa: B006 - copied for each call
        lr: float = 0.1,
    ) -> None: ...

    return binder.command()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("train.token=hunter22", "No such command '***'. Did you mean '--train.token'?"),
        ("token=hunter22", "No such command '***'. Did you mean '--train.token'?"),
        ("tokne=hunter22", "No such command '***'. Did you mean '--train.token'?"),
        ("--train.token:hunter22", "No such option '--train.token:***'. Did you mean '--train.token'?"),
        ("--token=hunter22", "No such option '--token'. Did you mean '--train.token'?"),
        ("train token=hunter22", "Got unexpected extra argument (***). Did you mean '--token'?"),
        ("run train token=hunter22", "No such stage '***'. Did you mean '--token'?"),
        ("-token=hunter22", "No such option '-token'. Did you mean '--train.token'?"),
        ("lr=0.12345", "No such command '***'. Did you mean '--train.lr'?"),
        ("train.users.ann=hunter22", "No such command '***'. Did you mean '--train.users KEY=VALUE'?"),
    ],
)
def test_no_suggestion_shows_a_secret(secretive: click.Group, line: str, expected: str) -> None:
    assert error_of(secretive, line) == expected


def test_no_hint_about_lists_shows_a_secret(secretive: click.Group) -> None:
    found = error_of(secretive, "train --keys hunter22 hunter33")
    assert "hunter" not in found
    assert '(--keys "A B")' in found


def test_a_word_that_is_near_a_secret_option_is_not_taken_for_a_misspelt_name(secretive: click.Group) -> None:
    """``train.token=abcd`` is as near to ``train.token`` as a typing error."""
    for line in ("train.token=abcd", "train train.token=abcd", "run train.token=abcd"):
        assert "abcd" not in error_of(secretive, line)


def test_click_finds_nothing_more_to_suggest(main: click.Group) -> None:
    """Click would filter the options again, and before 8.4 words the question in another way."""
    with pytest.raises(click.NoSuchOption) as caught:
        main(["--lr", "3"], standalone_mode=False)
    assert caught.value.option_name == "--lr"
    assert re.search("Did you mean '--train.lr'", caught.value.message)


def test_a_command_that_is_looked_up_outside_of_a_line_is_refused_too(main: click.Group) -> None:
    with pytest.raises(click.UsageError, match=r"No such command 'train.lr=3'\. Did you mean '--train.lr=3'\?"):
        main.resolve_command(click.Context(main), ["train.lr=3"])


def test_a_stage_with_other_words_than_the_line_is_refused_too(main: click.Group) -> None:
    ctx = main.make_context("prog", ["train"])
    command: Any = main.get_command(ctx, "train")
    with pytest.raises(click.UsageError, match=r"argument \(lr=3\)\. Did you mean '--lr=3'\?"):
        command.make_context("train", ["lr=3"], parent=ctx)
