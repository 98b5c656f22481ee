"""The parser of a line: where options may stand, and what is said of those that are wrong."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner

import clickbind
from tests.conftest import Program

ANYWHERE = [
    "{} run train peek",
    "run {} train peek",
    "run train {} peek",
    "run train peek {}",
    "run train --epochs 1 {} --lr 2 peek",
]


@pytest.mark.parametrize("line", ANYWHERE)
def test_a_dotted_option_holds_for_the_whole_run_wherever_it_stands(program: Program, line: str) -> None:
    program(*line.format("--output.folder x --peek.count 4 --dataset.folder y").split())
    assert program.got("output.folder") == ["x"]
    assert program.got("peek.count") == [4]
    assert program.got("dataset.folder") == ["y", "y"]


@pytest.mark.parametrize("line", [*ANYWHERE, "{}"])
def test_a_root_option_may_stand_anywhere(program: Program, line: str) -> None:
    assert program(*line.format("--debug").split()).stdout.startswith("run(\n")


@pytest.mark.parametrize("line", ["{} train", "train {}"])
def test_a_scoped_option_is_read_wherever_it_stands(program: Program, line: str) -> None:
    program(*line.format("--val/dataset.folder x").split())
    assert program.got("dataset.folder") == ["default", "x"]


@pytest.mark.parametrize("option", ["--epochs=3", "--train.epochs=3", "--dataset.size=3"])
def test_a_value_may_follow_an_equals_sign(program: Program, option: str) -> None:
    assert program("train", option).exit_code == 0
    assert 3 in [*program.got("train.epochs"), *program.got("dataset.size")]


def test_of_one_option_given_twice_the_last_counts(program: Program) -> None:
    program("--dataset.size", "1", "train", "--dataset.size", "2", "--epochs", "1", "--epochs", "2")
    assert program.got("dataset.size") == [2, 2]
    assert program.got("train.epochs") == [2]


def test_one_option_behind_two_turns_with_two_values_is_refused(program: Program) -> None:
    result = program("run", "train", "--dataset.size", "1", "peek", "--dataset.size", "2")
    assert result.exit_code == 2
    assert (
        "'--dataset.size 1' and '--dataset.size 2' follow different stages but apply to the whole run: "
        "give the option once."
    ) in " ".join(result.output.split())


@pytest.mark.parametrize(
    ("one", "two"),
    [
        ("--train.model_type x", "--train.model-type x"),
        ("--train.model_type=x", "--train.model-type x"),
        ("--debug", "--debug"),
        ("--no-prepare.shuffle", "--no_prepare.shuffle"),
        ("--args.save run.yml", "--save run.yml"),
        ("--val/dataset.folder x", "--val/dataset.folder=x"),
        ("--train.tags x", "--train.tags=x"),
    ],
)
def test_one_value_in_two_spellings_behind_two_turns_is_fine(program: Program, one: str, two: str) -> None:
    assert program(*f"run train {one} peek {two}".split()).exit_code == 0
    assert program.ran == ["output", "train", "peek", "left"]


@pytest.mark.parametrize("other", ["x", "y"])
def test_a_wrong_value_behind_two_turns_is_refused(program: Program, other: str) -> None:
    result = program("run", "train", "--dataset.size", "x", "peek", "--dataset.size", other)
    assert result.exit_code == 2
    assert ("Invalid value for '--dataset.size': 'x'" in result.output) is (other == "x")
    assert ("follow different stages" in result.output) is (other == "y")


def test_a_list_that_stands_behind_two_turns_counts_once(program: Program) -> None:
    twice = ["--train.tags", "a", "--train.tags", "b"]
    program("run", "peek", *twice, "train", *twice)
    assert program.got("train.tags") == [["a", "b"]]


def test_two_lists_behind_two_turns_are_refused(program: Program) -> None:
    result = program(*["run", "peek", "--train.tags", "a", "train", "--train.tags", "b"])
    assert result.exit_code == 2
    assert "'--train.tags a' and '--train.tags b' follow different stages" in " ".join(result.output.split())
    assert program.ran == []


def test_a_config_that_stands_behind_two_turns_counts_once(program: Program) -> None:
    Path("run.yml").write_text("train.epochs: 3")
    assert program(*["run", "peek", "--config", "run.yml", "train", "--config", "run.yml"]).exit_code == 0
    assert program.got("train.epochs") == [3]


@pytest.mark.parametrize("option", ["--dataset.size 1", "--dataset.size=1", "--debug", "--no-prepare.shuffle"])
def test_one_option_behind_two_turns_with_one_value_is_fine(program: Program, option: str) -> None:
    assert program(*f"run train {option} peek {option}".split()).exit_code == 0


def test_a_flag_and_its_negation_behind_two_turns_are_refused(program: Program) -> None:
    result = program("run", "train", "--prepare.shuffle", "peek", "--no-prepare.shuffle")
    assert result.exit_code == 2
    assert "'--prepare.shuffle' and '--no-prepare.shuffle' follow different stages" in result.output


def test_a_parameter_of_the_stage_wins_over_an_option_of_the_root() -> None:
    binder = clickbind.Binder("prog")

    def train(debug: str = "", config: str = "") -> str:
        return debug + config

    binder.stage(train)
    binder.stage(lambda: "peeked", name="peek")
    result = binder.command()(["run", "train", "--debug", "a", "--config", "b", "peek"], standalone_mode=False)
    assert result == ["ab", "peeked"]


def test_an_option_is_not_abbreviated(program: Program) -> None:
    assert program("train", "--epoch", "3").exit_code == 2
    assert program("train", "--train.epoch", "3").exit_code == 2


def test_a_flag_is_taken_as_the_value_of_the_option_before_it(program: Program) -> None:
    program("train", "--model-type", "--lr")
    assert program.got("train.model_type") == ["--lr"]


def test_a_negative_number_is_a_value(program: Program) -> None:
    program("train", "--epochs", "-3", "--dataset.size", "-4")
    assert program.got("train.epochs") == [-3]
    assert program.got("dataset.size") == [-4, -4]


@pytest.mark.parametrize("line", ["-- train", "--output.folder x -- train", "run -- train", "-- run train"])
def test_two_dashes_end_the_options_of_a_command(program: Program, line: str) -> None:
    assert program(*line.split()).exit_code == 0
    assert program.ran == ["output", "train", "left"]


@pytest.mark.parametrize(
    "line",
    [
        "--train.model_type -- train --debug",
        "--train.model_type -- run train --dataset.size 3",
        "--train.model_type -- train --dataset.size 3 --debug",
        "run --train.model_type -- train --debug",
        "train --debug --train.model_type --",
        "train --model-type -- --debug",
        "--train.model_type -- --run.stages train --debug",
    ],
)
def test_two_dashes_may_be_the_value_of_an_option(program: Program, line: str) -> None:
    assert program(*line.split()).exit_code == 0
    assert program.ran == ["output", "train", "left"]
    assert program.got("train.model_type") == ["--"]


def test_options_behind_two_dashes_of_the_root_still_belong_to_the_stage(program: Program) -> None:
    program("--output.folder", "x", "--", "train", "--dataset.folder", "y", "--epochs", "3")
    assert program.got("output.folder") == ["x"]
    assert program.got("dataset.folder") == ["y", "y"]
    assert program.got("train.epochs") == [3]


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("--train.epohcs 3", "--train.epochs"),
        ("train --epohcs 3", "--epochs"),
        ("train --train.epohcs 3", "--train.epochs"),
        ("run train --epohcs 3", "--epochs"),
        ("run --peek.cuont 3 train", "--peek.count"),
        ("train --vall/dataset.folder 3", "--val/dataset.folder"),
        ("--deubg train", "--debug"),
        ("train --deubg", "--debug"),
        ("--run.stage train", "--run.stages"),
    ],
)
def test_a_misspelt_option_is_told_the_nearest(program: Program, line: str, near: str) -> None:
    result = program(*line.split())
    assert result.exit_code == 2
    assert "No such option" in result.output
    told = result.output.partition("No such option")[2]
    assert near in told
    assert "--print-schema" not in told  # not every option there is


def test_a_hidden_function_is_not_suggested(program: Program) -> None:
    program.binder.bind(_hidden, hidden=True)
    assert "hidden.speed" not in program("--_hidden.spede", "3").output


def _hidden(speed: int = 1) -> None: ...


@pytest.mark.parametrize("line", ["-x", "train -x", "train -epochs 3", "run -x train"])
def test_there_are_no_short_options_but_that_of_the_help(program: Program, line: str) -> None:
    result = program(*line.split())
    assert result.exit_code == 2
    assert "No such option" in result.output


@pytest.mark.parametrize("line", ["train --epochs", "--train.epochs", "run train --dataset.size", "run --config"])
def test_an_option_without_its_value_is_refused(program: Program, line: str) -> None:
    result = program(*line.split())
    assert result.exit_code == 2
    assert "requires an argument" in result.output


@pytest.mark.parametrize(
    ("line", "cure"),
    [
        ("prepare --shuffle false", "--no-shuffle"),
        ("prepare --shuffle=no", "--no-shuffle"),
        ("prepare --shuffle 0", "--no-shuffle"),
        ("prepare --shuffle TRUE", "--shuffle"),
        ("--prepare.shuffle false", "--no-prepare.shuffle"),
        ("--prepare.shuffle=Off train", "--no-prepare.shuffle"),
        ("run train --prepare.shuffle false", "--no-prepare.shuffle"),
    ],
)
def test_a_boolean_with_a_value_is_told_how_that_is_said(program: Program, line: str, cure: str) -> None:
    result = program(*line.split())
    assert result.exit_code == 2
    assert f"Use '{cure}'." in " ".join(result.output.split())
    assert program.ran == []


def test_a_boolean_may_be_followed_by_a_stage(program: Program) -> None:
    assert program("--prepare.shuffle", "train").exit_code == 0
    assert program("run", "prepare", "--shuffle", "train").exit_code == 0


@pytest.mark.parametrize("line", ["--on.x {}", "--no-on.x {}", "run --on.x {}", "run on --x {}", "run on --no-on.x {}"])
@pytest.mark.parametrize("name", ["on", "f", "none", "true"])
def test_a_stage_that_is_called_like_a_value_may_follow_a_boolean(name: str, line: str) -> None:
    ran: list[str] = []
    binder = clickbind.Binder("prog")
    stages = {"on": lambda x=False: None, name: lambda x=False: ran.append(name)}
    for stage, function in stages.items():
        binder.stage(function, name=stage)
    binder.command()(line.format(name).split(), standalone_mode=False)
    assert ran[-1:] == [name]


def test_an_optional_boolean_is_none_where_no_stage_is_called_so(program: Program) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda: None, name="other")
    binder.stage(_maybe, name="maybe")
    main = binder.command()
    assert main(["run", "maybe", "--x", "none"], standalone_mode=False) == [None]
    binder.stage(lambda: "a stage", name="none")
    assert main(["run", "maybe", "--x", "none"], standalone_mode=False) == [True, "a stage"]


def _maybe(x: bool | None = False) -> bool | None:
    return x


@pytest.mark.parametrize("typed", ["--train.epochs", "--train/dataset.size", "--dataset.size", "--run.stages"])
def test_an_error_names_the_option_as_it_was_typed(program: Program, typed: str) -> None:
    assert f"Invalid value for '{typed}'" in program(typed, "x", "train").output
    assert f"Invalid value for '{typed}'" in program("train", typed, "x").output


def test_an_added_command_parses_its_line_itself(program: Program) -> None:
    @program.main.command()
    @click.option("--train.epochs", "epochs")
    @click.argument("rest", nargs=-1)
    def tool(**values: Any) -> None:
        click.echo(values)

    assert program("tool", "--train.epochs", "x", "a").output == "{'epochs': 'x', 'rest': ('a',)}\n"


@pytest.mark.parametrize("line", ["-m good train", "-mgood train", "train --mood good"])
def test_a_short_option_that_the_root_is_given_is_read(line: str) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda: click.get_current_context().find_root().params["mood"], name="train")
    main = binder.command(params=[click.Option(["--mood", "-m"])])
    assert main(line.split(), standalone_mode=False) == "good"


@pytest.fixture
def settings() -> click.Group:
    """Return a program whose author gives the root options of several kinds; its stages return what they are set to."""
    binder = clickbind.Binder("prog")
    binder.stage(lambda: dict(click.get_current_context().find_root().params), name="train")
    binder.stage(lambda: None, name="peek")
    return binder.command(
        params=[
            click.Option(["--pair"], nargs=2, type=int),
            click.Option(["-v", "--verbose"], count=True),
            click.Option(["-q", "--quiet"], is_flag=True),
            click.Option(["-m", "--mood"]),
            click.Option(["--tag", "-t"], multiple=True),
            click.Option(["--loud/--soft", "-l/-s"], default=False),
        ]
    )


@pytest.mark.parametrize("line", ["{} train", "train {}", "run {} train", "run train {}"])
@pytest.mark.parametrize(
    ("typed", "name", "value"),
    [
        ("--pair 1 2", "pair", (1, 2)),
        ("-v", "verbose", 1),
        ("-vv", "verbose", 2),
        ("-v --verbose -v", "verbose", 3),
        ("-q", "quiet", True),
        ("-qvv", "verbose", 2),
        ("-m good", "mood", "good"),
        ("-mgood", "mood", "good"),
        ("-qmgood", "mood", "good"),
        ("-t a -tb --tag c", "tag", ("a", "b", "c")),
        ("-l", "loud", True),
        ("-l -s", "loud", False),
        ("--loud --soft", "loud", False),
    ],
)
def test_an_option_of_any_kind_that_the_root_is_given_may_stand_anywhere(
    settings: click.Group, line: str, typed: str, name: str, value: object
) -> None:
    result = settings(line.format(typed).split(), standalone_mode=False)
    found = result[0] if isinstance(result, list) else result
    assert found[name] == value


def test_a_counted_option_before_and_behind_a_stage_adds_up(settings: click.Group) -> None:
    assert settings(["-v", "train", "-vv"], standalone_mode=False)["verbose"] == 3


def test_a_counted_option_behind_two_turns_counts_once(settings: click.Group) -> None:
    assert settings(["run", "train", "-v", "peek", "-v"], standalone_mode=False)[0]["verbose"] == 1


@pytest.mark.parametrize(
    "line",
    ["run train --pair 1 2 peek --pair 1 3", "run train -v peek -vv", "run train -l peek -s", "run train -ma peek -mb"],
)
def test_options_of_any_kind_behind_two_turns_with_two_values_are_refused(settings: click.Group, line: str) -> None:
    with pytest.raises(click.UsageError, match="follow different stages"):
        settings(line.split(), standalone_mode=False)


@pytest.mark.parametrize("flag", ["-h", "--help", "/?", "-help"])
def test_help_may_be_asked_for_in_any_way(flag: str) -> None:
    binder = clickbind.Binder()
    binder.stage(lambda epochs=5: epochs, name="train")
    main = binder.command(context_settings={"help_option_names": [flag]})
    for line in ([flag], ["train", flag], ["run", flag], ["run", "train", flag]):
        assert CliRunner().invoke(main, line).output.startswith("Usage:")


def test_help_may_be_left_out() -> None:
    binder = clickbind.Binder()
    binder.stage(lambda epochs=5: epochs, name="train")
    main = binder.command(add_help_option=False)
    result = CliRunner().invoke(main, ["--help"])
    assert (result.exit_code, "No such option" in result.output) == (2, True)
    assert CliRunner().invoke(main, ["-h"]).exit_code == 2


def test_flags_may_be_normalized() -> None:
    binder = clickbind.Binder()
    binder.stage(lambda epochs=5: epochs, name="train")
    main = binder.command(context_settings={"token_normalize_func": str.lower})
    assert main(["train", "--EPOCHS", "7"], standalone_mode=False) == 7
    for line in (["--HELP"], ["train", "--Help"], ["--CONFIG", "f.yml", "-H"]):
        assert CliRunner().invoke(main, line).output.startswith("Usage:")


def test_a_short_flag_of_a_stage_wins_over_the_roots() -> None:
    binder = clickbind.Binder("prog")

    def train(quick: Annotated[bool, clickbind.Option("-q")] = False) -> bool:
        return quick

    binder.stage(train)
    main = binder.command(params=[click.Option(["-q", "--quiet"], is_flag=True)])
    assert main(["train", "-q"], standalone_mode=False) is True


@pytest.mark.parametrize("line", ["{} train", "train {}", "run {} train", "run train {}"])
@pytest.mark.parametrize(
    ("typed", "level"), [("--level", "5"), ("--level 3", "3"), ("--level=3", "3"), ("--level --debug", "5"), ("", "1")]
)
def test_a_value_that_may_be_left_out_may_be_so_anywhere(line: str, typed: str, level: str) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda: click.get_current_context().find_root().params["level"], name="train")
    main = binder.command(params=[click.Option(["--level"], is_flag=False, flag_value="5", default="1")])
    words = line.format(typed).split()
    if typed == "--level" and "--level train" in " ".join(words):
        words.insert(words.index("train"), "--")
    result = main(words, standalone_mode=False)
    assert result in (level, [level])


def test_whether_a_value_may_be_left_out_is_asked_without_a_callback() -> None:
    asked: list[Any] = []
    binder = clickbind.Binder("prog")
    binder.stage(lambda: None, name="train")
    level = click.Option(["--level"], callback=lambda _, __, value: asked.append(value), expose_value=False)
    binder.command(params=[level])(["train", "--level", "--debug"], standalone_mode=False)
    assert asked == ["--debug"]


def test_an_argument_that_an_author_gives_a_stage_is_taken_in_a_chain(program: Program) -> None:
    command = program.main.get_command(click.Context(program.main), "peek")
    assert command is not None
    seen: list[str] = []
    place = click.Argument(["place"], callback=lambda _, __, value: seen.append(value), expose_value=False)
    command.params.append(place)
    assert program("run", "peek", "--count", "2", "here", "train", "--debug").exit_code == 0
    assert (seen, program.got("peek.count"), program.got("train.epochs")) == (["here"], [2], [50])


@pytest.mark.parametrize(("line", "helps"), [("", True), ("--train.epochs 3", False), ("train", False)])
def test_a_line_of_dotted_options_only_is_not_an_empty_one(line: str, helps: bool) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda epochs=5: click.echo(epochs), name="train")
    main = binder.command(no_args_is_help=True)
    assert CliRunner().invoke(main, line.split()).output.startswith("Usage:") is helps


def test_an_options_last_spelling_is_named(program: Program) -> None:
    result = program("--print-changed", "train", "--model-type", "a", "--model_type", "c")
    assert "train.model_type: c  # --model_type" in result.output


@pytest.mark.parametrize("path", sorted(Path(clickbind.__file__).parent.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_of_click_is_used_that_it_removes(path: Path) -> None:
    text = path.read_text(encoding="utf-8")
    for name in ("click.parser", "OptionParser", "add_to_parser", "make_parser", "_main_shell_completion"):
        assert name not in text
    assert not re.search(r"\b(ctx|option|param|command|click|parent)\._(?!clickbind)[a-z]", text)
