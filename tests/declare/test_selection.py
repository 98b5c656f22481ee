"""Parameters that become options, and parameters that do not: ``include`` and ``exclude``."""

from __future__ import annotations

import contextlib
import json
import pickle
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind import declare


@dataclass
class Schedule:
    start: float = 0.1
    end: float = 0.01


class Sgd:
    """Descend."""

    def __init__(
        self,
        params: Any,
        lr: float = 0.1,
        momentum: float = 0.5,
        *,
        nesterov: bool = False,
        schedule: Schedule = Schedule(),  # noqa: B008 - as people write it
        key: Annotated[str, clickbind.Option(secret=True)] = "hunter2",
    ) -> None:
        self.values = (lr, momentum, nesterov, schedule, key)


PARAMETERS = ["lr", "momentum", "nesterov", "schedule", "key"]
CALLED: list[Any] = []


def program(**selection: Any) -> tuple[clickbind.Binder, Any]:
    """Make a program that binds the class with a selection, and makes one of it in its stage."""
    binder = clickbind.Binder("prog")
    sgd = binder.bind(Sgd, **selection)

    @binder.stage
    def train(epochs: int = 1) -> Any:
        return sgd([]).values

    return binder, binder.command()


def typed(main: Any, *line: str) -> Result:
    return CliRunner().invoke(main, line, standalone_mode=False)


SELECTIONS = [{"include": ["momentum", "lr"]}, {"exclude": {"nesterov", "schedule", "key"}}]


@pytest.mark.parametrize("selection", SELECTIONS, ids=["include", "exclude"])
def test_only_the_selected_parameters_have_options_and_keys(selection: Any, tmp_path: Path) -> None:
    _, main = program(**selection)
    listed = CliRunner().invoke(main, ["--help"]).output
    assert [name for name in PARAMETERS if f"--Sgd.{name}" in listed] == ["lr", "momentum"]
    path = tmp_path / "run.yml"
    typed(main, "--save", str(path), "train")
    assert [line for line in path.read_text().splitlines() if "Sgd" in line] == ["Sgd.lr: 0.1", "Sgd.momentum: 0.5"]
    schema = json.loads(CliRunner().invoke(main, ["--print-schema"]).output)
    assert "nesterov" not in json.dumps(schema)


@pytest.mark.parametrize("selection", SELECTIONS, ids=["include", "exclude"])
def test_the_others_keep_their_defaults(selection: Any) -> None:
    assert typed(program(**selection)[1], "--Sgd.lr", "3", "train").return_value == (
        3,
        0.5,
        False,
        Schedule(),
        "hunter2",
    )


@pytest.mark.parametrize("path", ["nesterov", "schedule", "schedule.start", "key"])
def test_a_key_of_an_excluded_parameter_is_said_to_be_left_out(path: str, tmp_path: Path) -> None:
    binder, main = program(include=["lr"])
    file = tmp_path / "run.yml"
    file.write_text(f"Sgd.{path}: hunter2")
    refused = CliRunner().invoke(main, ["--config", str(file)])
    assert refused.exit_code == 2
    assert f"1:1: Sgd.{path}: the program leaves this parameter out, so that it keeps its default." in refused.output
    assert "hunter2" not in refused.output
    with (
        pytest.raises(clickbind.BindError, match=f"'Sgd.{path}' cannot be set: the program leaves"),
        binder.scope({f"Sgd.{path}": 3}),
    ):
        pass


@pytest.mark.parametrize("flag", ["--Sgd.nesterov", "--no-Sgd.nesterov", "--Sgd.schedule.start"])
def test_an_option_of_an_excluded_parameter_is_said_to_be_left_out(flag: str) -> None:
    for line in ([flag], ["train", flag]):
        output = CliRunner().invoke(program(include=["lr"])[1], line).output
        assert f"No such option '{flag}': the program leaves this parameter out" in output


def test_a_stages_own_option_and_a_turns_value_are_said_to_be_left_out(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage(exclude=["epochs"])
    def train(epochs: int = 1, lr: float = 0.1) -> None: ...

    main = binder.command()
    assert "'--epochs': the program leaves" in CliRunner().invoke(main, ["train", "--epochs", "3"]).output
    (tmp_path / "run.yml").write_text("run.stages: [train: {epochs: 3}]")
    assert "epochs: the program leaves" in CliRunner().invoke(main, ["--config", str(tmp_path / "run.yml")]).output


def test_debugging_hides_an_excluded_secret() -> None:
    output = CliRunner().invoke(program(include=["lr"])[1], ["--debug", "train"]).output
    assert "key : str = ***" in output
    assert "momentum : float = 0.5" in output


def test_a_context_may_leave_parameters_out() -> None:
    binder = clickbind.Binder("prog")

    @binder.context(exclude=["mode"])
    @contextlib.contextmanager
    def output(folder: str = ".", mode: str = "w") -> Iterator[None]:
        CALLED.append((folder, mode))
        yield

    @binder.stage
    def train() -> None: ...

    typed(binder.command(), "--output.folder", "x", "train")
    assert CALLED.pop() == ("x", "w")


def test_nothing_may_be_included() -> None:
    assert "Sgd" not in CliRunner().invoke(program(include=[])[1], ["--help"]).output


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"include": ["lr"], "exclude": ["lr"]}, r"include= and exclude= cannot be used together"),
        ({"include": "lr"}, r"include='lr' is not a list of parameters: pass include=\['lr'\]\."),
        ({"exclude": [1]}, r"exclude=: 1 is not the name of a parameter\."),
    ],
)
def test_a_selection_that_is_none_is_refused_at_once(selection: Any, message: str) -> None:
    with pytest.raises(clickbind.BindError, match=message):
        program(**selection)


@pytest.mark.parametrize(
    ("selection", "message"),
    [
        ({"include": ["lrr"]}, r"include=\['lrr'\]: 'Sgd' has no parameter 'lrr'\. Did you mean 'lr'\?"),
        ({"exclude": ["schedule.end"]}, r"exclude=\['schedule.end'\]: 'Sgd' has no parameter 'schedule.end'\."),
        ({"include": ["params"]}, r"parameter 'params' of 'Sgd' has no default, so the caller passes it"),
    ],
)
def test_a_selection_that_does_not_fit_is_refused_at_the_first_look(selection: Any, message: str) -> None:
    binder, main = program(**selection)
    with pytest.raises(clickbind.BindError, match=message), binder.scope({"Sgd.lr": 3}):
        pass
    assert isinstance(CliRunner().invoke(main, ["--help"]).exception, clickbind.BindError)


def test_what_cannot_be_parsed_cannot_be_included() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda f=print: None, name="train", include=["f"])
    error = typed(binder.command(), "train").exception
    assert isinstance(error, clickbind.BindError)
    assert str(error) == "include=['f']: parameter 'f' of 'train' cannot be parsed from text."


@pytest.mark.parametrize("selection", [{"exclude": ["data"]}, {"include": ["epochs"]}])
def test_a_stage_keeps_the_options_that_it_needs(selection: Any) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage(**selection)
    def train(data: str, epochs: int = 1) -> None: ...

    error = typed(binder.command(), "train").exception
    assert isinstance(error, clickbind.BindError)
    assert str(error).endswith("parameter 'data' of stage 'train' has no default, so it must have an option.")


def test_binding_again_keeps_the_selection_unless_it_brings_one() -> None:
    binder = clickbind.Binder("prog")
    binder.bind(Sgd, include=["lr"])
    binder.bind("train")(Sgd)
    [bound] = [bound for bound in binder._registry if bound.name == "Sgd"]
    assert (list(bound.options), bound.scopes) == (["lr"], ("train",))
    binder.bind(Sgd, include=["momentum"])
    [bound] = [bound for bound in binder._registry if bound.name == "Sgd"]
    assert list(bound.options) == ["momentum"]


def test_a_selection_is_pickled() -> None:
    selection = pickle.loads(pickle.dumps(declare.selection.select(None, ["lr"])))
    assert repr(selection) == "exclude=['lr']"
