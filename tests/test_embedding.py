"""The program as a part of other Click programs: it is a `click.Group`, and does what those do."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind.layers import Values
from clickbind.layers.plan import Plan
from clickbind.running.run import Run
from tests.conftest import Program, in_new_words


@dataclasses.dataclass(frozen=True)
class Optimizer:
    """A class with fields."""

    lr: float = 0.1


def invoke(command: click.Command, line: str, **settings: Any) -> Result:
    """Type a line of another program."""
    return CliRunner().invoke(command, line.split(), prog_name="outer", **settings)


@pytest.fixture
def outer(program: Program) -> click.Group:
    """Return a Click program that the program is a subcommand of."""
    group = click.Group("outer")
    group.add_command(program.main)
    return group


def test_a_program_is_a_click_group(program: Program) -> None:
    assert isinstance(program.main, click.Group)
    assert program.main.name == "prog"


@pytest.mark.parametrize(
    ("line", "ran"),
    [
        ("prog", ["output", "prepare", "train", "left"]),
        ("prog train", ["output", "train", "left"]),
        ("prog run train peek", ["output", "train", "peek", "left"]),
        ("prog --run.stages peek", ["output", "peek", "left"]),
    ],
)
def test_a_program_runs_as_a_subcommand(program: Program, outer: click.Group, line: str, ran: list[str]) -> None:
    assert invoke(outer, line).exit_code == 0
    assert program.ran == ran


def test_a_program_may_be_added_under_another_name(program: Program) -> None:
    group = click.Group("outer")
    group.add_command(program.main, "models")
    result = invoke(group, "models train peek")
    assert result.exit_code == 2
    assert "For several stages: outer models run train peek" in result.output
    invoke(group, "models train --epochs 3")
    assert program.got("train.epochs") == [3]


def test_the_usage_names_the_whole_path(outer: click.Group) -> None:
    assert invoke(outer, "prog train --help").output.startswith("Usage: outer prog train [OPTIONS]\n")
    assert invoke(outer, "prog run train --help").output.startswith("Usage: outer prog run train [OPTIONS]\n")
    assert invoke(outer, "prog --help").output.startswith("Usage: outer prog [OPTIONS]")


def test_nothing_runs_on_a_wrong_line(program: Program, outer: click.Group) -> None:
    assert invoke(outer, "prog run train trian").exit_code == 2
    assert program.ran == []


def test_ctrl_c_is_the_outer_programs_business(program: Program, outer: click.Group) -> None:
    def interrupted() -> None:
        raise KeyboardInterrupt

    program.binder.stage(interrupted)
    result = invoke(outer, "prog interrupted")
    assert result.exit_code == 1
    assert "Aborted!" in result.output


MAPS = [
    {"prog": {"train.epochs": 3}},
    {"prog": {"train": {"epochs": 3}}},
    {"prog": {"train": {"epochs": "3"}}},
]


@pytest.mark.parametrize("line", ["prog train", "prog run train", "prog", "prog --run.stages train"])
@pytest.mark.parametrize("given", MAPS)
def test_the_default_map_gives_values_flat_or_nested(
    program: Program, outer: click.Group, given: dict[str, Any], line: str
) -> None:
    assert invoke(outer, line, default_map=given).exit_code == 0
    assert program.got("train.epochs") == [3]


def test_the_default_map_gives_scoped_values(program: Program, outer: click.Group) -> None:
    given = {"prog": {"train/dataset": {"folder": "x"}, "val/dataset.size": 3}}
    invoke(outer, "prog train", default_map=given)
    assert program.got("dataset") == [{"folder": "x", "size": 10}, {"folder": "default", "size": 3}]


def test_the_default_map_gives_lists_and_stages(program: Program, outer: click.Group) -> None:
    given = {"prog": {"run.stages": ["train"], "train": {"tags": ["a", "b c"]}, "output.folder": "x"}}
    invoke(outer, "prog", default_map=given)
    assert program.ran == ["output", "train", "left"]
    assert program.got("train.tags") == [["a", "b c"]]
    assert program.got("output.folder") == ["x"]


def test_the_default_map_may_spell_a_stage_with_dashes() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def fine_tune(warm_up: int = 1) -> int:
        return warm_up

    main = binder.command()
    assert main(["fine_tune"], standalone_mode=False, default_map={"fine-tune": {"warm_up": 3}}) == 3
    assert main(["fine-tune"], standalone_mode=False, default_map={"fine_tune": {"warm_up": 3}}) == 3


@pytest.mark.parametrize("value", [5.7, "many", None, [1], {"a": 1}])
def test_a_value_of_the_default_map_is_checked_as_text_is(program: Program, outer: click.Group, value: Any) -> None:
    result = invoke(outer, "prog peek", default_map={"prog": {"train.epochs": value}})
    assert result.exit_code == 2
    assert "default_map: train.epochs: " in result.output
    assert program.ran == []


def test_none_in_the_default_map_is_none_where_that_is_a_value() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(epochs: int | None = 50) -> int | None:
        return epochs

    assert binder.command()(["train"], standalone_mode=False, default_map={"train.epochs": None}) is None


def test_the_default_map_may_hold_what_is_for_others(program: Program, outer: click.Group) -> None:
    given = {"prog": {"tool": {"speed": 3}, "whatever": 1, "train": {"nothing": 1}}, "other": 2}
    assert invoke(outer, "prog train", default_map=given).exit_code == 0


@pytest.mark.parametrize("line", ["prog run train", "prog run peek train", "prog run --run.stages train"])
def test_the_default_map_may_be_nested_as_click_nests_it_for_a_chain(
    program: Program, outer: click.Group, line: str
) -> None:
    given = {"prog": {"run": {"train": {"epochs": 9}}}}
    assert invoke(outer, line, default_map=given).exit_code == 0
    assert program.got("train.epochs") == [9]


@pytest.mark.parametrize(
    "line", ["prog run train", "prog train", "prog --run.stages train", "prog run --run.stages train"]
)
@pytest.mark.parametrize(
    "given",
    [
        {"prog": 5},
        {"prog": None},
        {"prog": {"run": 5}},
        {"prog": {"run": None, "train": 7}},
        {"prog": {"run": {"train": 5}}},
        {"prog": {"run": {5: {"epochs": 9}, None: 3}}},
        {"prog": {5: 6, ("a",): {"epochs": 9}, None: None}},
        {"prog": {"train": {5: 6, None: 7}}},
        {5: 6},
    ],
    ids=str,
)
def test_what_is_no_setting_in_the_default_map_does_no_harm(
    program: Program, outer: click.Group, given: dict[Any, Any], line: str
) -> None:
    result = invoke(outer, line, default_map=given)
    assert result.exit_code == 0
    assert program.ran == ["output", "train", "left"]
    assert program.got("train.epochs") == [50]


@pytest.mark.parametrize(
    "given", [{"prog": {"fit.weights": {"a": "1"}}}, {"prog": {"fit": {"weights": {"a": 1}}}}], ids=str
)
def test_the_default_map_gives_mappings(program: Program, outer: click.Group, given: dict[str, Any]) -> None:
    def fit(weights: dict[str, int] = {}) -> None:  # noqa: B006 - never changed
        program.calls.append(("fit", weights))

    program.binder.stage(fit)
    assert invoke(outer, "prog fit", default_map=given).exit_code == 0
    assert program.got("fit") == [{"a": 1}]


@pytest.mark.parametrize(
    "given",
    [
        {"fit.optim.lr": 2},
        {"fit": {"optim.lr": 2}},
        {"fit": {"optim": {"lr": 2}}},
        {"fit.optim": {"lr": 2}},
    ],
    ids=str,
)
def test_the_default_map_gives_fields(program: Program, outer: click.Group, given: dict[str, Any]) -> None:
    def fit(optim: Optimizer = Optimizer()) -> None:
        program.calls.append(("fit", {"lr": optim.lr}))

    program.binder.stage(fit)
    assert invoke(outer, "prog fit", default_map={"prog": given}).exit_code == 0
    assert program.got("fit.lr") == [2.0]


def test_the_default_map_reaches_commands_that_were_added(program: Program, outer: click.Group) -> None:
    @program.main.command()
    @click.option("--speed", type=int)
    def tool(speed: int) -> None:
        click.echo(speed)

    assert invoke(outer, "prog tool", default_map={"prog": {"tool": {"speed": 3}}}).output == "3\n"
    Path("run.yml").write_text("train.epochs: 7")
    line = "prog --config run.yml tool"
    assert invoke(outer, line, default_map={"prog": {"tool": {"speed": 3}}}).output == "3\n"


def test_the_default_map_gives_the_roots_own_options(program: Program, outer: click.Group) -> None:
    invoke(outer, "prog train", default_map={"prog": {"save": "run.yml"}})
    assert Path("run.yml").exists()
    assert invoke(outer, "prog peek", default_map={"prog": {"debug": True}}).output.startswith("run(\n")


def test_the_default_map_of_the_embedding_program_is_left_as_it_was(program: Program, outer: click.Group) -> None:
    given = {"prog": {"train": {"epochs": 3}}}
    invoke(outer, "prog train --epochs 4", default_map=given)
    assert given == {"prog": {"train": {"epochs": 3}}}
    assert program.got("train.epochs") == [4]


def test_the_help_shows_what_the_default_map_gives(outer: click.Group) -> None:
    given = {"prog": {"train": {"epochs": 3}}}
    assert "--epochs INTEGER   How often each item is seen  [default: 3]" in (
        invoke(outer, "prog train --help", default_map=given).output
    )


@pytest.mark.parametrize(
    "line", ["train --epochs 3", "train --train.epochs 3", "train --config run.yml --output.folder x"]
)
def test_a_stage_runs_in_a_command_collection(program: Program, line: str) -> None:
    Path("run.yml").write_text("train.epochs: 3")
    collection = click.CommandCollection(sources=[program.main])
    assert invoke(collection, line).exit_code == 0
    assert program.ran == ["output", "train", "left"]
    assert program.got("train.epochs") == [3]


def test_a_command_collection_lists_and_completes_the_stages(program: Program) -> None:
    collection = click.CommandCollection(sources=[program.main])
    assert "prepare  Prepare the data." in invoke(collection, "--help").output
    assert collection.list_commands(click.Context(collection)) == [
        "help",
        "peek",
        "prepare",
        "resume",
        "run",
        "runs",
        "sweep",
        "train",
    ]


def test_a_chain_in_a_command_collection_is_one_run(program: Program) -> None:
    collection = click.CommandCollection(sources=[program.main])
    line = "run train --epochs 3 --debug peek --count 4 --output.folder x"
    result = invoke(collection, line)
    assert result.exit_code == 0
    assert program.ran == ["output", "train", "peek", "left"]
    assert program.got("train.epochs") == [3]
    assert program.got("peek.count") == [4]
    assert program.got("output.folder") == ["x"]
    assert result.output.startswith("run(\n  stages : list = ['train', 'peek']\n")


def test_run_in_a_command_collection_runs_the_default_stages(program: Program) -> None:
    collection = click.CommandCollection(sources=[program.main])
    assert invoke(collection, "run").exit_code == 0
    assert program.ran == ["output", "prepare", "train", "left"]
    program.calls.clear()
    assert invoke(collection, "run --run.stages peek --peek.count 4").exit_code == 0
    assert program.ran == ["output", "peek", "left"]
    assert program.got("peek.count") == [4]


def test_a_chain_in_a_command_collection_is_checked_before_anything_happens(program: Program) -> None:
    collection = click.CommandCollection(sources=[program.main])
    for line in ("run train trian", "run train peek --count many", "run train --config missing.yml", "train peek"):
        assert invoke(collection, line).exit_code == 2
    assert program.ran == []


def test_a_chain_in_a_command_collection_is_saved(program: Program) -> None:
    collection = click.CommandCollection(sources=[program.main])
    assert invoke(collection, "run train --epochs 3 peek --save run.yml").exit_code == 0
    assert "run.stages:\n- train\n- peek\n\ntrain.epochs: 3\n" in Path("run.yml").read_text()


@pytest.mark.parametrize("line", ["train", "run train", "run --run.stages train"])
@pytest.mark.parametrize("given", [{"train.epochs": 3}, {"train": {"epochs": 3}}, {"run": {"train": {"epochs": 3}}}])
def test_the_default_map_of_a_command_collection_counts(program: Program, line: str, given: dict[str, Any]) -> None:
    collection = click.CommandCollection(sources=[program.main])
    assert invoke(collection, line, default_map=given).exit_code == 0
    assert program.ran == ["output", "train", "left"]
    assert program.got("train.epochs") == [3]


def commands(group: click.Group) -> dict[str, click.Command]:
    """Return the commands of a group, as Click finds them."""
    ctx = click.Context(group)
    found = {name: group.get_command(ctx, name) for name in group.list_commands(ctx)}
    return {name: command for name, command in found.items() if command is not None}


@pytest.mark.parametrize("line", ["train --epochs 3", "train --train.epochs 3", "train --epochs 3 --output.folder x"])
def test_a_stage_runs_as_a_command_of_another_group(program: Program, line: str) -> None:
    group = click.Group("outer", commands=commands(program.main))
    assert invoke(group, line).exit_code == 0
    assert program.ran == ["output", "train", "left"]
    assert program.got("train.epochs") == [3]


def test_a_stage_of_another_group_checks_its_line_before_anything_happens(program: Program) -> None:
    group = click.Group("outer", commands=commands(program.main))
    assert invoke(group, "train --peek.count many").exit_code == 2
    assert invoke(group, "train --config missing.yml").exit_code == 2
    assert invoke(group, "train --epochs 3 peek").exit_code == 2
    assert invoke(group, "run train trian").exit_code == 2
    assert program.ran == []


def test_a_stage_runs_by_itself(program: Program) -> None:
    assert commands(program.main)["train"](["--epochs", "3"], standalone_mode=False) == ("default", "default")
    assert program.ran == ["output", "train", "left"]
    assert program.got("train.epochs") == [3]


@pytest.mark.parametrize("name", ["-c", "train", "prog.py", "--help"])
def test_a_stage_runs_by_itself_whatever_it_is_called(program: Program, name: str) -> None:
    line = ["--epochs", "3", "--output.folder", "here"]
    assert commands(program.main)["train"](line, name, standalone_mode=False) == ("default", "default")
    assert (program.got("train.epochs"), program.got("output.folder")) == ([3], ["here"])


def test_a_stage_runs_in_a_chain_of_another_program(program: Program) -> None:
    group = click.Group("outer", chain=True, commands=commands(program.main))
    group.add_command(click.Command("tool", callback=lambda: program.calls.append(("tool", {}))))
    del group.commands["run"]
    assert invoke(group, "train --epochs 3 tool peek").exit_code == 0
    assert program.ran == ["output", "train", "left", "tool", "output", "peek", "left"]


def test_the_context_of_a_program_is_made_and_invoked_as_clicks_are(program: Program) -> None:
    with program.main.make_context("prog", ["train", "--train.epochs", "3"]) as ctx:
        assert program.main.invoke(ctx) == ("default", "default")
    assert program.ran == ["output", "train", "left"]


def test_a_click_context_can_be_made_of_the_program_and_of_its_commands(program: Program) -> None:
    ctx = click.Context(program.main, info_name="prog")
    assert program.main.get_usage(ctx).startswith("Usage: prog ")
    assert "Train the model." in program.main.get_help(ctx)
    for name, command in commands(program.main).items():
        sub = click.Context(command, info_name=name, parent=ctx)
        assert command.get_help(sub).startswith(f"Usage: prog {name} ")


def test_a_click_context_finds_stages_with_dashes_and_with_underscores(program: Program) -> None:
    program.binder.stage(lambda: None, name="fine_tune")
    ctx = click.Context(program.main)
    assert program.main.get_command(ctx, "fine-tune") is program.main.get_command(ctx, "fine_tune")
    assert program.main.get_command(ctx, "trian") is None


def test_a_stage_is_one_command_however_often_it_is_looked_for(program: Program) -> None:
    assert commands(program.main) == commands(program.main)


def test_the_info_dict_has_every_command_and_option(program: Program) -> None:
    info = program.main.to_info_dict(click.Context(program.main, info_name="prog"))
    assert list(info["commands"]) == ["prepare", "train", "peek", "run", "sweep", "resume", "runs", "help"]
    assert list(info["commands"]["run"]["commands"]) == ["prepare", "train", "peek"]
    names = [param["name"] for param in info["params"]]
    assert {"config", "save", "debug", "version"} <= set(names[: names.index("output.folder")])
    assert {"output.folder", "train/dataset.folder", "val/dataset.size", "train.epochs", "run.stages"} < set(names)
    assert [param["name"] for param in info["commands"]["train"]["params"]][:2] == ["epochs", "lr"]


def test_the_options_in_the_info_dict_are_spelled_as_they_are_typed(program: Program) -> None:
    info = program.main.to_info_dict(click.Context(program.main, info_name="prog"))
    params = {param["name"]: param for param in info["params"]}
    assert params["train.epochs"]["opts"] == ["--train.epochs"]
    assert params["train.epochs"]["help"] == "How often each item is seen"
    assert params["train.epochs"]["default"] == 50
    assert params["prepare.shuffle"]["secondary_opts"] == ["--no-prepare.shuffle"]
    assert json.dumps(params["train.tags"]["type"])


def test_a_result_callback_gets_the_value_of_a_stage(program: Program) -> None:
    @program.main.result_callback()
    def double(value: int, **_: Any) -> int:
        return value * 2

    assert program.main(["peek", "--count", "3"], standalone_mode=False) == 6


def test_a_stage_may_use_the_object_of_the_embedding_program(program: Program) -> None:
    program.binder.stage(lambda: click.get_current_context().obj, name="show")
    assert program.main(["show"], standalone_mode=False, obj="ab") == "ab"


def test_two_programs_live_in_one_group() -> None:
    group = click.Group("outer")
    for name in ("a", "b"):
        binder = clickbind.Binder(name)
        binder.stage(lambda name=name: click.echo(name), name="train")
        group.add_command(binder.command())
    assert invoke(group, "a train").output == "a\n"
    assert invoke(group, "b train").output == "b\n"


def test_a_program_is_a_command_of_another_program(program: Program) -> None:
    outer = clickbind.Binder("outer")

    @outer.stage
    def train(epochs: int = 1) -> None:
        raise AssertionError(epochs)

    main = outer.command()
    main.add_command(program.main)
    assert invoke(main, "prog train --epochs 3").exit_code == 0
    assert program.ran == ["output", "train", "left"]
    assert program.got("train.epochs") == [3]


def test_click_variables_and_the_default_map_choose_files_and_variables(
    program: Program, outer: click.Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.yml").write_text("train.epochs: ${n}")
    Path("b.yml").write_text("train.epochs: 7")
    given = {"prog": {"config": ["a.yml"], "var": ["n=3"]}}
    assert invoke(outer, "prog train", default_map=given).exit_code == 0
    monkeypatch.setenv("X_PROG_VAR", "n=4")
    assert invoke(outer, "prog train", default_map=given, auto_envvar_prefix="X").exit_code == 0
    assert invoke(outer, "prog --var n=5 train", default_map=given, auto_envvar_prefix="X").exit_code == 0
    monkeypatch.setenv("X_PROG_CONFIG", "a.yml b.yml")
    monkeypatch.setenv("X_PROG_VAR", "n=4")
    assert invoke(outer, "prog train", auto_envvar_prefix="X").exit_code == 0
    monkeypatch.delenv("X_PROG_VAR")
    assert invoke(outer, "prog train --config b.yml", default_map=given, auto_envvar_prefix="X").exit_code == 2
    given["prog"]["var"] = []
    assert invoke(outer, "prog train --config b.yml", default_map=given, auto_envvar_prefix="X").exit_code == 0
    assert program.got("train.epochs") == [3, 4, 5, 7, 7]


def test_a_click_variable_ignores_the_default_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("prog.yml").write_text("train.epochs: 7")
    binder = clickbind.Binder("prog", config="prog.yml")

    @binder.stage
    def train(epochs: int = 50) -> None:
        click.echo(epochs)

    for value, expected in (("1", "50\n"), ("0", "7\n")):
        monkeypatch.setenv("X_NO_CONFIG", value)
        assert invoke(binder.command(), "train", auto_envvar_prefix="X").output == expected
    monkeypatch.setenv("X_DIFF", "prog.yml")
    assert invoke(binder.command(), "train --no-config", auto_envvar_prefix="X").exit_code == 1


@pytest.mark.parametrize("given", [{"config": "a.yml"}, {"config": ["no.yml"]}, {"var": ["n"]}, {"var": ["n=1"]}])
def test_a_wrong_root_option_of_the_default_map_is_an_error(
    program: Program, outer: click.Group, given: dict[str, Any]
) -> None:
    assert invoke(outer, "prog train", default_map={"prog": given}).exit_code == 2
    assert program.ran == []


def usages(command: click.Command, line: str, **settings: Any) -> list[str]:
    """Return the lines of an output that mention how the program is called."""
    return [text for text in in_new_words(invoke(command, line, **settings).output).splitlines() if "outer" in text]


def test_usages_of_a_collection_do_not_mention_the_sources(program: Program) -> None:
    second = clickbind.Binder("second")
    second.stage(lambda: None, name="fit")
    collection = click.CommandCollection(name="outer", sources=[program.main, second.command()])
    pointer = "All options: outer help. One function: outer help NAME."
    assert usages(collection, "train --help") == ["Usage: outer train [OPTIONS]", pointer]
    assert usages(collection, "run train --help") == ["Usage: outer run train [OPTIONS]", pointer]
    known = ["Usage: outer fit [OPTIONS]", "Try 'outer fit --help' for help."]
    assert usages(collection, "fit --cuont 3") == known
    assert usages(collection, "fit --help") == known[:1]
    assert "For several stages: outer run train peek" in invoke(collection, "train peek").output


def test_the_help_of_a_stage_in_a_group_without_help_mentions_the_options_of_its_program(program: Program) -> None:
    group = click.Group("outer", commands=commands(program.main))
    del group.commands["help"]
    expected = "The options of its program, such as --config, work too.\n"
    assert invoke(group, "train --help").output.endswith(expected)
    command = commands(program.main)["train"]
    assert CliRunner().invoke(command, ["--help"]).output.endswith(expected)
    assert CliRunner().invoke(command, ["--help"], prog_name="x").output.startswith("Usage: x [OPTIONS]\n")


def test_each_command_of_a_foreign_chain_has_the_options_up_to_the_next(program: Program) -> None:
    group = click.Group("outer", chain=True, commands=commands(program.main))
    tool = click.Command("tool", params=[click.Option(["--speed"])], callback=lambda speed: None)
    group.add_command(tool)
    del group.commands["run"]
    line = "train --epochs 3 tool --speed 4 peek --count 2 --output.folder a train --train.lr 5 --debug"
    result = invoke(group, line)
    assert result.exit_code == 0
    assert program.got("output.folder") == ["out", "a", "out"]
    assert program.got("train.lr") == [1e-3, 5.0]
    assert result.output.count("run(\n") == 1
    program.calls.clear()
    assert invoke(group, "train --epochs 3 peek --cuont 3").exit_code == 2
    assert program.calls == []


def test_a_program_is_mounted_twice_and_in_groups_of_groups(program: Program) -> None:
    group = click.Group("outer")
    inner = click.Group("inner")
    group.add_command(inner)
    group.add_command(program.main, "a")
    inner.add_command(program.main, "b")
    given = {"a": {"train.epochs": 3}, "inner": {"b": {"train": {"epochs": 4}}}}
    for line in ("a train", "inner b train", "a --config a.yml", "a train --epochs 9", "inner b train", "a train"):
        Path("a.yml").write_text("run.stages: [train]\ntrain.epochs: 5")
        assert invoke(group, line, default_map=given).exit_code == 0
    assert program.got("train.epochs") == [3, 4, 5, 9, 4, 3]
    assert invoke(group, "inner b train --help").output.startswith("Usage: outer inner b train [OPTIONS]\n")


def test_two_programs_in_one_root_do_not_share_values(program: Program) -> None:
    second = clickbind.Binder("second")

    @second.stage
    def train(epochs: int = 1) -> int:
        program.calls.append(("second", {"epochs": epochs}))
        return program.train(epochs=2)  # type: ignore[return-value]  # outside of a run, it is just the function

    program.main.add_command(second.command())
    program.main.add_command(commands(second.command())["train"], "train2")
    for line in ("second train --epochs 3", "--train.epochs 7 train2 --epochs 4", "train2 --train.epochs 5"):
        assert invoke(program.main, line).exit_code == 0
    assert program.got("second.epochs") == [3, 4, 5]
    assert program.got("train.epochs") == [2, 2, 2]
    assert "output" not in program.ran


def test_the_outer_groups_result_callback_and_object_work(program: Program) -> None:
    program.binder.stage(lambda: click.get_current_context().obj, name="show")
    group = click.Group("outer", commands=[program.main, commands(program.main)["show"]], callback=set_object)

    @group.result_callback()
    def wrap(value: Any) -> tuple[str, Any]:
        return "wrapped", value

    for line in ("prog show", "show"):
        assert group(line.split(), standalone_mode=False) == ("wrapped", "thing")
    assert group(["prog", "run", "show", "peek"], standalone_mode=False) == ("wrapped", ["thing", 1])
    assert commands(program.main)["show"]([], standalone_mode=False, obj=3) == 3


@click.pass_context
def set_object(ctx: click.Context) -> None:
    """Set the object of a program."""
    ctx.obj = "thing"


def resources(program: Program) -> None:
    """Add a context and a stage that leave work to the end of their Click contexts."""

    @contextmanager
    def resource(name: str) -> Iterator[None]:
        try:
            yield
        except ZeroDivisionError:
            program.calls.append((f"{name} saw it", {}))
            raise
        finally:
            program.calls.append((f"{name} closed", {}))

    @program.binder.context
    def later() -> Iterator[None]:
        ctx = click.get_current_context()
        ctx.with_resource(resource("context"))
        ctx.call_on_close(lambda: program.calls.append((f"{ctx.command_path} ends", {})))
        yield
        program.calls.append(("later left", {}))

    @program.binder.stage(default=False)
    def work(divisor: int = 1) -> float:
        click.get_current_context().with_resource(resource("stage"))
        return 1 / divisor


TURN = ["stage closed"]
END = ["later left", "outer prog ends", "context closed", "left"]


def test_resources_end_with_the_turn_or_the_context_that_opened_them(program: Program, outer: click.Group) -> None:
    resources(program)
    invoke(outer, "prog work")
    assert program.ran == ["output", *TURN, *END]
    program.calls.clear()
    invoke(outer, "prog run work work peek")
    assert program.ran == ["output", *TURN, *TURN, "peek", *END]
    program.calls.clear()
    group = click.Group("outer", commands=commands(program.main))
    invoke(group, "work")
    assert program.ran == ["output", *TURN, "later left", "outer ends", "context closed", "left"]
    program.calls.clear()
    command = commands(program.main)["work"]
    ctx = command.make_context("work", [])
    command.invoke(ctx)
    assert program.ran[:2] == ["output", *TURN]
    assert program.ran[-1] == "left"


def test_resources_see_the_exception_of_a_stage(program: Program, outer: click.Group) -> None:
    resources(program)
    assert isinstance(invoke(outer, "prog work --divisor 0").exception, ZeroDivisionError)
    expected = ["stage saw it", "stage closed", "outer prog ends", "context saw it", "context closed"]
    assert program.ran == ["output", *expected]


def test_resources_of_a_context_that_is_entered_in_python_end_with_its_scope(program: Program) -> None:
    entered = []

    @program.binder.context
    def watching() -> Iterator[None]:
        entered.append(click.get_current_context(silent=True))
        yield

    run = Run(program.binder._registry, Plan(Values(), []))
    with run:
        pass
    assert entered == [None]
