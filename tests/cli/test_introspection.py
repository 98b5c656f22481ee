"""Test what tools see that read a program: its commands, its parameters, and Click's own types."""

from __future__ import annotations

import copy
import enum
import json
import os
import pickle
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Literal, NamedTuple

import click
import pytest
from click.testing import CliRunner

import clickbind
from clickbind import BindError, Option


class Color(enum.Enum):
    RED = 1
    BLUE = 2


class Case(enum.Enum):
    a = 1
    A = 2


class Mode(enum.Flag):
    READ = 1
    WRITE = 2


class Limit(NamedTuple):
    """A limit as `annotated_types` has them."""

    gt: Any = None
    ge: Any = None
    lt: Any = None
    le: Any = None
    multiple_of: Any = None
    min_length: Any = None


class Even(click.ParamType):  # type: ignore[type-arg]  # generic from Click 8.5 on
    name = "even"


def option(annotation: Any, default: Any = None, *, dotted: bool = False, **settings: Any) -> Any:
    """Return the option of a parameter ``x``: the stage's own, or the root's."""
    binder = clickbind.Binder("prog", **settings)

    def train(x=default):  # type: ignore[no-untyped-def]
        pass

    train.__annotations__["x"] = annotation
    binder.stage(train)
    main = binder.command()
    params = main.params if dotted else main.commands["train"].params
    return next(param for param in params if param.name in {"x", "train.x"})


@pytest.mark.parametrize("dotted", [False, True])
@pytest.mark.parametrize(
    ("annotation", "kind"),
    [
        (int, click.INT),
        (float, click.FLOAT),
        (bool, click.BOOL),
        (str, click.STRING),
        (uuid.UUID, click.UUID),
        (int | None, click.INT),
        (bool | None, click.BOOL),
        (list[int], click.INT),
        (set[str], click.STRING),
        (tuple[float, ...], click.FLOAT),
        (list[bool], click.BOOL),
        (Annotated[str, Option(secret=True)], click.STRING),
        (Annotated[str, Limit(min_length=2)], click.STRING),
        (Annotated[int, Limit(multiple_of=3)], click.INT),
        (Annotated[int, Limit(ge=0.5)], click.INT),
    ],
)
def test_the_type_is_clicks_own(annotation: Any, kind: Any, dotted: bool) -> None:
    assert option(annotation, dotted=dotted).type is kind


@pytest.mark.parametrize(
    ("annotation", "choices", "case_sensitive"),
    [
        (Literal["conv", "mlp"], ["conv", "mlp"], True),
        (Literal["1", 1, "two"] | None, ["1", "two"], True),
        (Literal["conv", "mlp"] | None, ["conv", "mlp"], True),
        (list[Literal["conv", "mlp"]], ["conv", "mlp"], True),
        (Color, ["RED", "BLUE"], False),
        (Case, ["a", "A"], True),
    ],
)
def test_names_are_a_choice(annotation: Any, choices: list[str], case_sensitive: bool) -> None:
    kind = option(annotation).type
    assert isinstance(kind, click.Choice)
    assert (list(kind.choices), kind.case_sensitive) == (choices, case_sensitive)


@pytest.mark.parametrize(
    ("limits", "kind", "attributes"),
    [
        ([Limit(ge=1, le=5)], int, (1, False, 5, False)),
        ([Limit(gt=1), Limit(lt=5)], int, (1, True, 5, True)),
        ([Limit(ge=1), Limit(ge=3), Limit(ge=2), Limit(le=9), Limit(le=7), Limit(le=8)], int, (3, False, 7, False)),
        ([Limit(ge=0.5, multiple_of=0.5)], float, (0.5, False, None, None)),
    ],
)
def test_a_number_within_limits_has_clicks_range(limits: list[Limit], kind: type, attributes: tuple[Any, ...]) -> None:
    hint: Any = kind
    for limit in limits:
        hint = Annotated[hint, limit]
    found = option(hint).type
    assert isinstance(found, click.IntRange if kind is int else click.FloatRange)
    low, low_open, high, high_open = attributes
    assert (found.min, found.max) == (low, high)
    assert found.min_open is bool(low_open)
    assert found.max_open is bool(high_open)


@pytest.mark.parametrize(
    ("annotation", "made"),
    [(Path, Path), (PurePosixPath, PurePosixPath), ("os.PathLike[str]", Path), (list[Path], Path)],
)
def test_a_path_is_clicks_path(annotation: Any, made: type) -> None:
    kind = option(annotation).type
    assert isinstance(kind, click.Path)
    assert isinstance(kind.convert("a/b", None, None), made)


@dataclass
class Adam:
    lr: float = 0.5
    betas: list[float] = field(default_factory=lambda: [0.9, 0.99])


@dataclass
class SGD:
    momentum: float = 0.9


def test_the_class_of_a_parameter_is_a_choice() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(optim: Adam | SGD = SGD()) -> None:  # noqa: B008 - read, never changed
        pass

    chosen = next(param for param in binder.command().params if param.name == "train.optim")
    assert isinstance(chosen.type, click.Choice)
    assert (list(chosen.type.choices), chosen.default) == (["Adam", "SGD"], "SGD")


def test_a_type_of_click_in_an_annotation_is_the_type() -> None:
    limits, even = click.IntRange(1, 5), Even()
    assert option(Annotated[int, limits]).type is limits
    assert option(Annotated[Any, even]).type is even


@pytest.mark.parametrize(
    ("annotation", "name"),
    [
        (Decimal, "decimal"),
        (int | str, "integer or text"),
        (tuple[int, str], "integer text"),
        (list[list[int]], "integer......"),
        (Mode, "read or write"),
        (Annotated[int, Option(secret=True)], "integer"),
    ],
)
def test_other_types_have_a_name_without_signs_of_markup(annotation: Any, name: str) -> None:
    assert option(annotation).type.name == name


@pytest.mark.parametrize("text", ["1_000", "0x10", "none", " 7 "])
def test_values_convert_as_they_do_in_a_file_whatever_the_type_says(text: str) -> None:
    found = option(int | None)
    ctx = click.Context(click.Command("x"))
    assert found.type_cast_value(ctx, text) == {"1_000": 1000, "0x10": 16, "none": None, " 7 ": 7}[text]
    assert found.type is click.INT


@pytest.mark.parametrize(
    ("annotation", "default", "seen"),
    [
        (int, 5, 5),
        (int | None, None, None),
        (bool, True, True),
        (Color, Color.RED, "RED"),
        (Literal["a", 1], 1, "1"),
        (Path, Path("a"), "a"),
        (list[int], [1, 2], [1, 2]),
        (list[Color], [Color.RED], ["RED"]),
        (tuple[int, str], (1, "a"), "1 a"),
        (dict[str, int], {"a": 1}, "a=1"),
        (list[list[int]], [[1], [2]], ["1", "2"]),
        (Annotated[str, Option(secret=True)], "hunter2", None),
        (int, "wrong", "wrong"),
        (Color, "wrong", "wrong"),
    ],
)
def test_the_default_is_as_clicks_type_would_have_it(annotation: Any, default: Any, seen: Any) -> None:
    found = option(annotation, default)
    assert found.default == seen
    assert type(found.default) is type(seen)
    assert found.get_default(click.Context(click.Command("x"))) is (None if seen is None else default)


def test_a_default_that_another_sets_is_the_default() -> None:
    found = option(int, 5)
    found.default = 7
    assert found.default == 7
    assert found.get_default(click.Context(click.Command("x"))) == 7


def test_the_default_map_of_a_context_is_asked_before_the_default() -> None:
    found = option(int, 5)
    assert found.get_default(click.Context(click.Command("x"), default_map={"x": 9})) == 9


def test_the_default_is_shown_where_help_shows_it() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind("train")
    def dataset(folder: str = "x", secret: Annotated[str, Option(secret=True)] = "y", none: str | None = None) -> None:
        pass

    @binder.stage
    def train(data: int, optim: Adam = Adam(), hook: Any = lambda: 1) -> None:  # noqa: B008 - read, never changed
        pass

    found = {param.name: param for param in binder.command().params if isinstance(param, click.Option)}
    shown = {name: found[name].show_default for name in found if "." in str(name)}
    assert shown == {
        "dataset.folder": True,
        "dataset.secret": False,
        "dataset.none": False,
        "train/dataset.folder": False,
        "train/dataset.secret": False,
        "train/dataset.none": False,
        "train.data": False,
        "train.optim.lr": True,
        "train.optim.betas": True,
        "train.hook": False,
        "run.stages": True,
    }


def test_a_default_that_each_call_makes_is_shown_as_text() -> None:
    binder = clickbind.Binder("prog")
    binder.bind(Adam)
    param = next(param for param in binder.command().params if param.name == "Adam.betas")
    assert isinstance(param, click.Option)
    assert param.show_default == "0.9 0.99"
    assert param.to_info_dict()["default"] == "0.9 0.99"


def test_the_variables_are_those_that_are_read() -> None:
    assert option(int).envvar is None
    assert option(Annotated[int, Option(envvar="X")]).envvar == "X"
    assert option(int, envvar_prefix="PROG").envvar == ["PROG_TRAIN_X"]
    both = option(Annotated[int, Option(envvar="X")], dotted=True, envvar_prefix="PROG")
    assert both.envvar == ["X", "PROG_TRAIN_X"]


def test_the_variables_win_in_their_order(monkeypatch: pytest.MonkeyPatch) -> None:
    binder = clickbind.Binder("prog", envvar_prefix="PROG")

    @binder.stage
    def show(x: Annotated[int, Option(envvar="X")] = 1) -> int:
        return x

    monkeypatch.setenv("PROG_SHOW_X", "3")
    assert binder.command()(["show"], standalone_mode=False) == 3
    monkeypatch.setenv("X", "2")
    assert binder.command()(["show"], standalone_mode=False) == 2


def test_lists_and_flags_are_as_click_declares_them() -> None:
    assert option(list[int]).multiple
    assert option(list[int]).nargs == 1
    flag = option(bool, default=True, dotted=True)
    assert (flag.is_flag, flag.is_bool_flag, flag.secondary_opts) == (True, True, ["--no-train.x"])


def test_hidden_required_and_metavar_are_as_they_are_declared() -> None:
    hidden = option(Annotated[int, Option(hidden=True, metavar="N", help="How many.")], 1)
    assert (hidden.hidden, hidden.metavar, hidden.help, hidden.required) == (True, "N", "How many.", False)
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(data: str) -> None:
        pass

    (data,) = binder.command().commands["train"].params
    assert data.required


def test_the_metavar_of_a_list_says_how_it_is_typed() -> None:
    ctx = click.Context(click.Command("x"))
    assert option(list[int]).make_metavar(ctx) == '"INTEGER ..."'
    assert option(Annotated[int, Option(metavar="N")]).make_metavar(ctx) == "N"


def test_the_error_for_a_missing_choice_is_that_for_any_option() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def one(kind: Literal["conv", "mlp"]) -> None:
        pass

    @binder.stage
    def two(kind: Literal["conv", "mlp"], count: int) -> None:
        pass

    runner = CliRunner()
    assert runner.invoke(binder.command(), ["one"]).output.endswith("Error: Missing option '--kind'.\n")
    assert runner.invoke(binder.command(), ["two"]).output.endswith(
        "Error: Missing options '--kind [conv|mlp]' and '--count INTEGER'.\n"
    )


def test_the_prompt_of_a_choice_lists_the_choices() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(kind: Annotated[Literal["conv", "mlp"], Option(prompt=True)]) -> None:
        click.echo(kind)

    result = CliRunner().invoke(binder.command(), ["train"], input="mlp\n")
    assert result.output == "Kind (conv, mlp): mlp\nmlp\n"


@pytest.fixture
def binder() -> clickbind.Binder:
    made = clickbind.Binder("prog", version="1.0")

    @made.context
    def output(folder: str = ".") -> Iterator[None]:
        yield

    @made.stage
    def my_train(  # noqa: PLR0917 - one for each kind of type
        epochs: int = 50,
        color: Color = Color.RED,
        even: Annotated[Any, Even()] = None,
        function: Annotated[Any, click.types.FuncParamType(len)] = None,
        kind: Annotated[Color, click.Choice(Color)] = Color.RED,
        file: Path = Path("x"),
        factory: type = dict,
        limit: Annotated[int, click.IntRange(min=1)] = 1,
        ratio: float = float("inf"),
    ) -> int:
        return epochs

    @made.stage
    def evaluate(folder: Path = Path()) -> None:
        pass

    return made


def test_the_info_dict_of_a_whole_program_is_json(binder: clickbind.Binder) -> None:
    with click.Context(binder.command(), info_name="prog") as ctx:
        info = json.loads(json.dumps(ctx.to_info_dict()))["command"]
    params = {param["name"]: param for param in info["params"]}
    assert params["my_train.epochs"]["type"] == {"param_type": "Int", "name": "integer"}
    assert params["my_train.color"]["type"]["choices"] == ["RED", "BLUE"]
    assert params["my_train.kind"]["type"]["choices"] == ["RED", "BLUE"]
    assert params["my_train.kind"]["default"] == "RED"
    assert list(info["commands"]) == ["my-train", "evaluate", "run", "sweep", "resume", "runs", "help"]


def test_the_commands_are_those_that_help_lists(binder: clickbind.Binder) -> None:
    main = binder.command()
    assert list(main.commands) == ["my-train", "evaluate", "run", "sweep", "resume", "runs", "help"]
    assert len(main.commands) == 7
    assert main.commands["my_train"] is main.commands["my-train"]
    assert "my_train" in main.commands
    assert "other" not in main.commands
    assert dict(main.commands) == main.commands.copy() == {**main.commands}  # type: ignore[attr-defined]  # a dict's
    assert repr(main.commands) == repr(dict(main.commands))
    run = main.commands["run"]
    assert isinstance(run, click.Group)
    assert list(run.commands.values()) == [main.commands["my-train"], main.commands["evaluate"]]


def test_functions_that_are_bound_afterwards_are_commands_and_params_too(binder: clickbind.Binder) -> None:
    main = binder.command()
    commands, params = main.commands, main.params
    assert "late.x" not in {param.name for param in params}

    @binder.stage
    def late(x: int = 1) -> None:
        pass

    assert "late" in commands
    assert "late.x" in {param.name for param in params}


def test_commands_are_added_replaced_and_removed(binder: clickbind.Binder) -> None:
    main = binder.command(commands={"given": click.Command("given", callback=lambda: "given")})
    main.commands["tool"] = click.Command("tool", callback=lambda: "tool")
    main.add_command(click.Command("evaluate", callback=lambda: "mine"))
    assert list(main.commands) == ["my-train", "evaluate", "run", "given", "tool", "sweep", "resume", "runs", "help"]
    for name, result in {"given": "given", "tool": "tool", "evaluate": "mine"}.items():
        assert main([name], standalone_mode=False) == result
    del main.commands["evaluate"]
    assert main(["evaluate"], standalone_mode=False) is None
    assert main.commands.pop("tool").name == "tool"
    main.commands.clear()
    assert list(main.commands) == ["my-train", "evaluate", "run", "sweep", "resume", "runs", "help"]
    main.commands = {"other": click.Command("other", callback=lambda: "other")}
    assert main(["other"], standalone_mode=False) == "other"


def test_a_command_of_the_program_itself_cannot_be_removed(binder: clickbind.Binder) -> None:
    with pytest.raises(BindError, match="'my-train' cannot be removed: only commands that were added can"):
        del binder.command().commands["my-train"]
    with pytest.raises(KeyError):
        del binder.command().commands["other"]


def test_no_command_can_be_added_to_a_chain(binder: clickbind.Binder) -> None:
    run = binder.command().commands["run"]
    assert isinstance(run, click.Group)
    with pytest.raises(BindError, match="'tool' cannot be added to 'run', which chains stages"):
        run.add_command(click.Command("tool"))


def names(main: click.Group) -> list[str | None]:
    return [param.name for param in main.params]


def test_the_params_are_the_roots_own_and_then_the_dotted_ones(binder: clickbind.Binder) -> None:
    main = binder.command()
    found = names(main)
    assert found[:2] == ["config", "var"]
    assert found[found.index("version") + 1] == "output.folder"
    assert found[-1] == "run.stages"
    assert [param.name for param in main.get_params(click.Context(main))] == [
        *found,
        main.get_params(click.Context(main))[-1].name,
    ]


def test_an_option_that_is_appended_is_an_option_of_the_program(binder: clickbind.Binder) -> None:
    main = binder.command()
    main = click.option("--first", default="1")(main)
    main.params.append(click.Option(["--second"], default="2"))
    main.params += [click.Option(["--third"], default="3")]
    main.params.insert(0, click.Option(["--zeroth"], default="0"))
    assert names(main)[0] == "zeroth"
    assert names(main)[-1] == "run.stages"
    result = main.make_context("prog", ["--third", "4", "my-train"]).params
    assert {name: result[name] for name in ("zeroth", "first", "second", "third")} == {
        "zeroth": "0",
        "first": "1",
        "second": "2",
        "third": "4",
    }


def test_own_options_are_removed_in_place_and_by_a_new_list(binder: clickbind.Binder) -> None:
    main = binder.command()
    main.params.remove(main.params[0])
    main.params = [param for param in main.params if param.name != "save"]
    assert {"config", "save"} & set(names(main)) == set()
    result = CliRunner().invoke(main, ["--save", "x.yml"])
    assert (result.exit_code, "No such option '--save'." in result.output) == (2, True)
    assert main(["my-train", "--my_train.epochs", "3"], standalone_mode=False) == 3


def test_the_params_are_a_list(binder: clickbind.Binder) -> None:
    params = binder.command().params
    assert isinstance(params, list)
    count = len(params)
    assert [*params, 1] == params + [1] == list(params) + [1]  # noqa: RUF005 - as others do
    assert len([1] + params) == count + 1  # noqa: RUF005 - as others do
    assert params == list(params)
    assert params[-1] in params
    assert params.index(params[3]) == 3
    assert next(reversed(params)) is params[-1]
    assert type(copy.copy(params)) is list


def test_an_appended_option_reads_no_signature() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(x: NotDefinedYet = None) -> None:  # type: ignore[name-defined]  # noqa: F821 - it is, before it is read
        pass

    main = click.option("--verbose", is_flag=True)(binder.command())
    globals()["NotDefinedYet"] = int
    try:
        assert next(param for param in main.params if param.name == "train.x").type is click.INT
    finally:
        del globals()["NotDefinedYet"]


def test_a_program_that_was_read_runs_as_before(binder: clickbind.Binder) -> None:
    main = binder.command()
    json.dumps(main.to_info_dict(click.Context(main)))
    assert list(main.params)
    assert main(["my-train", "--epochs", "3"], standalone_mode=False) == 3
    assert main(["--my_train.epochs", "4"], standalone_mode=False) == [4, None]


def test_a_program_that_was_read_can_be_pickled() -> None:
    main = clickbind.Binder("prog", version="1.0").command()
    CliRunner().invoke(main, ["--help"])
    assert list(main.params)
    again = pickle.loads(pickle.dumps(main))
    assert names(again) == names(main)


def test_an_appended_option_is_pickled_with_its_program() -> None:
    try:
        pickle.loads(pickle.dumps(click.Option(["--mine"])))
    except ValueError:
        pytest.skip("this Click cannot pickle its options")
    main = clickbind.Binder("prog").command()
    main.params.append(click.Option(["--mine"]))
    again = pickle.loads(pickle.dumps(main))
    assert "mine" in names(again)
    assert names(pickle.loads(pickle.dumps(again))) == names(main)


def test_a_run_imports_nothing_for_tools(tmp_path: Path) -> None:
    lines = [["train"], ["run", "train"], ["--help"], ["train", "--help"], ["--train.x", "3"], ["--save", "-", "train"]]
    code = f"""
import sys, clickbind
binder = clickbind.Binder("prog", envvar_prefix="PROG")
@binder.stage
def train(x: int = 1): pass
for line in {lines!r}:
    try: binder.command()(line)
    except SystemExit: pass
print("LOADED", *sys.modules)
"""
    environment = {**os.environ, "PROG_TRAIN_X": "2", "PROG_OTHER": "3"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.rpartition("LOADED")[2].split()
    assert "clickbind.cli.root" in loaded
    assert not {"clickbind.cli.introspection", "clickbind.cli.listings"} & set(loaded)
