"""What a snapshot of values shows: its text, its keys and values, and the file that it is saved to."""

from __future__ import annotations

import dataclasses
import pickle
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, TypedDict

import pytest
from click.testing import CliRunner

import clickbind
from clickbind import BindError, SaveError, Values, declare
from clickbind.keys import Key
from clickbind.layers import ResolvedValue

BINDER = clickbind.Binder("found")


@dataclasses.dataclass
class Optim:
    lr: float = 0.1
    name: str = "sgd"


class Shape(TypedDict, total=False):
    width: int


class Program:
    """A program whose stage keeps a snapshot."""

    def __init__(self) -> None:
        self.binder = binder = clickbind.Binder("prog")
        self.snapshots: list[Values] = []

        @binder.context
        @contextmanager
        def output(folder: str = ".") -> Iterator[None]:
            yield

        @binder.bind("train", "val")
        def dataset(folder: str = "default", size: int = 10, *, net: Any = print) -> str:
            return folder

        @binder.stage
        def train(
            epochs: int = 50,
            optim: Optim = Optim(),  # noqa: B008 - as a user writes it
            tags: list[str] = ["a"],  # noqa: B006 - as a user writes it
            token: Annotated[str, clickbind.Option(secret=True)] = "",
            shape: Shape | None = None,
        ) -> None:
            self.snapshots.append(binder.values())

        @binder.stage
        def evaluate(data: str) -> None: ...

        self.main = binder.command()

    def run(self, *line: str) -> Values:
        """Type a line, and return the last snapshot."""
        result = CliRunner().invoke(self.main, line, prog_name="prog", catch_exceptions=False)
        assert result.exit_code == 0, result.output
        return self.snapshots[-1]

    def load(self, text: str) -> Values:
        Path("f.yml").write_text(text, encoding="utf-8")
        return self.binder.load("f.yml")


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Program:
    monkeypatch.chdir(tmp_path)
    return Program()


# Its text


def test_its_text_lists_keys_values_and_origins(program: Program) -> None:
    Path("f.yml").write_text("train.epochs: 3\ntrain/dataset.folder: x\ntrain.tags: [a, b]\n", encoding="utf-8")
    values = program.run("--config", "f.yml", "train", "--epochs", "9", "--optim.lr", ".5")
    assert repr(values) == textwrap.dedent(
        """\
        <Values: 5 set, 7 defaults
          run.stages = ['train']  # the command line
          train.epochs = 9  # --epochs
          train.optim.lr = 0.5  # --optim.lr
          train.tags = ['a', 'b']  # f.yml:3
          train/dataset.folder = 'x'  # f.yml:2>"""
    )


def test_without_any_value_its_text_counts_defaults(program: Program) -> None:
    assert repr(program.binder.values()) == "<Values: 0 set, 11 defaults>"


def test_a_secret_is_starred_wherever_it_is(program: Program) -> None:
    values = program.run("train", "--token", "hunter22", "--dataset.folder", "/data/hunter22/x")
    assert "train.token = ***" in repr(values)
    assert "dataset.folder = '/data/***/x'" in repr(values)
    assert values["train.token"] == "hunter22"


def test_a_model_with_a_secret_field_is_starred() -> None:
    @dataclasses.dataclass
    class Api:
        url: str = "u"
        token: Annotated[str, clickbind.Option(secret=True)] = ""

    binder = clickbind.Binder("prog")

    @binder.bind
    def call(api: Api = Api()) -> None: ...  # noqa: B008 - as a user writes it

    with binder.scope({"call.api": Api("u", "hunter22")}):
        assert "call.api = ***" in repr(binder.values())
        assert "hunter" not in repr(binder.values())


def test_a_value_that_cannot_be_shown_is_named_by_its_type(program: Program) -> None:
    class Broken:
        def __repr__(self) -> str:
            raise RuntimeError

    with program.binder.scope({"dataset.net": Broken(), "dataset.folder": "x" * 500}):
        lines = repr(program.binder.values()).splitlines()
    assert lines[1].startswith("  dataset.folder = 'xxxx")
    assert len(lines[1]) < 150
    assert lines[2] == "  dataset.net = an object of type Broken  # scope>"


def test_a_function_that_cannot_be_read_does_not_spoil_the_text() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def broken(x: "Annotated[missing, Option(secret=True)]" = 1) -> None: ...  # type: ignore[name-defined]  # noqa: F821, UP037 - as it may be

    @binder.bind
    def sound(x: int = 1) -> None: ...

    values = Values(line={Key("broken", "x"): resolved(3)}).replace(home=binder.values().home)
    assert repr(values) == "<Values: 1 set, 2 defaults\n  broken.x = ***  # here>"


def resolved(value: object) -> ResolvedValue:
    from click.core import ParameterSource  # noqa: PLC0415 - for this alone

    return ResolvedValue(value, ParameterSource.COMMANDLINE, "here")


def test_the_text_of_hundreds_of_keys_is_short() -> None:
    binder = clickbind.Binder("prog")
    for number in range(300):

        def stage(x: int = 1) -> None: ...

        binder.bind(stage, name=f"stage_{number:03}")
    with binder.scope({f"stage_{number:03}.x": 2 for number in range(300)}):
        lines = repr(binder.values()).splitlines()
    assert lines[0] == "<Values: 300 set, 1 defaults"
    assert lines[50:] == ["  stage_049.x = 2  # scope", "  and 250 more>"]


# Its keys


def test_it_is_like_a_mapping_of_what_was_set(program: Program) -> None:
    values = program.load("train.epochs: 3\ndataset.size: 4\ntrain/dataset.size: 5\n")
    assert list(values) == values.keys() == ["dataset.size", "train.epochs", "train/dataset.size"]
    assert dict(values) == dict(values.items()) == {"dataset.size": 4, "train.epochs": 3, "train/dataset.size": 5}
    assert values.values() == [4, 3, 5]
    assert len(values) == 3
    assert "train.epochs" in values
    assert "train.tags" not in values
    assert "nothing" not in values
    assert 3 not in values
    assert bool(program.binder.values()) is True
    assert list(program.binder.values()) == []


def test_get_returns_a_default_where_indexing_is_an_error(program: Program) -> None:
    values = program.load("train.epochs: 3\n")
    assert (values.get("train.epochs"), values.get("train.epochs", 5)) == (3, 3)
    assert values.get("dataset.size", 5) == 10  # as indexing
    assert values.get("nothing") is None
    assert values.get("evaluate.data", 5) == 5


def test_with_defaults_it_has_every_parameter(program: Program) -> None:
    values = program.load("train.epochs: 3\ntrain/dataset.size: 5\n")
    found = dict(values.items(defaults=True))
    assert found == {
        "dataset.folder": "default",
        "dataset.net": print,
        "dataset.size": 10,
        "output.folder": ".",
        "run.stages": ["train", "evaluate"],
        "train.epochs": 3,
        "train.optim.lr": 0.1,
        "train.optim.name": "sgd",
        "train.shape": None,
        "train.tags": ["a"],
        "train.token": "",
        "train/dataset.size": 5,
    }
    assert values.keys(defaults=True) == list(found)
    assert values.values(defaults=True) == list(found.values())


def test_indexing_returns_the_value_of_a_call(program: Program) -> None:
    values = program.load("dataset.size: 4\ntrain/dataset.folder: x\ntrain.optim.lr: .5\n")
    assert (values["dataset.size"], values["train/dataset.size"]) == (4, 4)
    assert (values["dataset.folder"], values["train/dataset.folder"], values["val/dataset.folder"]) == (
        "default",
        "x",
        "default",
    )
    assert values["dataset.net"] is print
    assert values["train.optim"] == Optim(0.5, "sgd")
    assert (values["train.optim.lr"], values["train.optim.name"]) == (0.5, "sgd")
    assert values["train.shape"] is None
    assert program.binder.values()["train.optim"] == Optim()


def test_a_model_set_as_a_whole_has_its_fields(program: Program) -> None:
    fields = program.load("train.optim.lr: .5\n")
    with program.binder.scope(fields, {"train.optim": Optim(0.25, "adam"), "train.shape": {"width": 3}}):
        values = program.binder.values()
    assert values["train.optim"] == Optim(0.25, "adam")
    assert (values["train.optim.lr"], values["train.optim.name"], values["train.shape.width"]) == (0.25, "adam", 3)
    assert list(values) == ["train.optim", "train.shape"]
    with program.binder.scope({"train.optim": Optim(0.25, "adam")}, fields):
        values = program.binder.values()
    assert values["train.optim"] == Optim(0.5, "adam")
    assert list(values) == ["train.optim", "train.optim.lr"]


def test_a_list_is_a_copy(program: Program) -> None:
    values = program.load("train.tags: [b]\n")
    values["train.tags"].append("c")
    assert values["train.tags"] == ["b"]


@pytest.mark.parametrize(
    ("key", "message"),
    [
        ("train.epohcs", "unknown key 'train.epohcs'. Did you mean 'train.epochs'?"),
        ("test/dataset.size", "unknown key 'test/dataset.size'. Did you mean 'dataset.size'?"),
        ("train", "unknown key 'train': a key has the names of a function and a parameter, as 'train.epochs'."),
        ("train.", "unknown key 'train.'."),
        ("evaluate.data", "'evaluate.data' has no value: it was not set, and has no default."),
    ],
)
def test_a_key_without_a_value_is_an_error(program: Program, key: str, message: str) -> None:
    with pytest.raises(KeyError) as caught:
        program.binder.values()[key]
    assert caught.value.args[0].partition(" Did")[0] == message.partition(" Did")[0]
    if "Did" in message:
        assert caught.value.args == (message,)


def test_the_stages_are_those_of_the_run(program: Program) -> None:
    assert program.load("run.stages: [{train: {epochs: 3}}, train]\n")["run.stages"] == [
        {"train": {"epochs": 3}},
        "train",
    ]
    values = program.run("run", "train", "--epochs", "2", "train")
    assert values["run.stages"] == [{"train": {"epochs": 2}}, "train"]
    assert program.binder.values()["run.stages"] == ["train", "evaluate"]


def test_a_snapshot_from_another_file_has_its_own_stages(program: Program) -> None:
    def peek() -> Values:
        with program.binder.scope(program.load("run.stages: [evaluate]\n")):
            return program.binder.values()

    peeked = program.binder.stage(peek)
    assert peeked is not None
    found = program.main(["peek"], standalone_mode=False)
    assert found["run.stages"] == ["evaluate"]


# Its file


@pytest.mark.parametrize(
    "line",
    [
        ["train"],
        ["train", "--epochs", "9", "--optim.lr", ".5", "--token", "hunter22"],
        ["--train/dataset.folder", "x", "run", "train", "--epochs", "9", "train"],
        ["run", "train", "--epochs", "9", "evaluate", "--data", "d"],
        ["--run.stages", "train"],
        ["--config", "f.yml"],
    ],
)
def test_it_is_saved_as_a_run_is(program: Program, line: list[str]) -> None:
    Path("f.yml").write_text("train.epochs: 3\nrun.stages: [{train: {epochs: 2}}, train]\n", encoding="utf-8")
    values = program.run("--save", "run.yml", *line)
    program.snapshots[0].save("early.yml")
    values.save(Path("deep") / "late.yml")
    expected = Path("run.yml").read_text(encoding="utf-8")
    if line[-1] == "--config" or line.count("train") < 2:
        assert Path("deep/late.yml").read_text(encoding="utf-8") == expected
    program.binder.load("deep/late.yml")


def test_values_of_files_are_saved_as_the_program_saves_them(program: Program) -> None:
    values = program.load("train.epochs: 3\nrun.stages: [train]\n")
    values.save("a.yml")
    program.run("--config", "f.yml", "--save", "b.yml")
    assert Path("a.yml").read_text(encoding="utf-8") == Path("b.yml").read_text(encoding="utf-8")


def test_a_value_that_cannot_be_read_back_is_not_saved(program: Program) -> None:
    with program.binder.scope({"train.tags": object()}), pytest.raises(SaveError, match=r"train\.tags"):
        program.binder.values().save("a.yml")
    assert not Path("a.yml").exists()


# In another process


PROGRAM = """
import sys
import clickbind

binder = clickbind.Binder("program")

@binder.stage
def train(epochs: int = 5, tags: list = ["a"]):
    import pickle
    with open("values.pkl", "wb") as file:
        pickle.dump(binder.values(), file)

main = binder.command()
if __name__ == "__main__":
    main()
"""


def test_a_pickled_snapshot_shows_itself_where_its_program_can_be_imported(tmp_path: Path) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    code = "import program; program.main(['train', '--epochs', '9'], standalone_mode=False)"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)
    shown = (
        "import pickle; values = pickle.load(open('values.pkl', 'rb'))\n"
        "print(repr(values)); print(list(values), values['train.epochs'])\n"
        "print(values['train.tags'] if 'program' in __import__('sys').modules else '')\n"
        "values.save('saved.yml')"
    )
    done = subprocess.run([sys.executable, "-c", shown], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == (
        "<Values: 2 set, 1 defaults\n  run.stages = ['train']  # the command line\n"
        "  train.epochs = 9  # --epochs>\n['run.stages', 'train.epochs'] 9\n['a']\n"
    )
    assert (tmp_path / "saved.yml").read_text(encoding="utf-8") == (
        "run.stages:\n- train\n\ntrain.epochs: 9\ntrain.tags:\n- a\n"
    )


def test_a_snapshot_of_an_unknown_program_shows_no_values_and_is_not_saved(program: Program) -> None:
    values = pickle.loads(pickle.dumps(program.load("train.epochs: 3\n")))
    assert repr(values) == "<Values: 1 set\n  train.epochs = ***  # f.yml:1>"
    assert (list(values), values["train.epochs"], len(values), "train.epochs" in values) == (
        ["train.epochs"],
        3,
        1,
        True,
    )
    with pytest.raises(KeyError, match=r"unknown key 'train\.epohcs'\. Did you mean 'train\.epochs'\?"):
        values["train.epohcs"]
    with pytest.raises(BindError, match="these values belong to no program of this process"):
        values.save("a.yml")
    again = pickle.loads(pickle.dumps(values))
    assert again["train.epochs"] == 3
    with program.binder.scope(again):
        assert program.binder.values()["train.epochs"] == 3


def test_values_of_no_program_show_their_keys() -> None:
    values = Values(line={Key("f", "x"): resolved([1])})
    assert repr(values) == "<Values: 1 set\n  f.x = ***  # here>"
    assert dict(values) == {"f.x": [1]}
    assert pickle.loads(pickle.dumps(values))["f.x"] == [1]


def test_a_binder_in_a_module_that_cannot_be_imported_is_not_found() -> None:
    assert declare.pickling.registry_at("no_such_module_at_all", "binder") is None
    assert declare.pickling.registry_at(__name__, "BINDER") is BINDER._registry


def test_inside_a_scope_the_run_is_still_known(program: Program) -> None:
    saved = []

    @program.binder.stage(default=False)
    def inner() -> None:
        with program.binder.scope({"train.epochs": 3}):
            saved.append(program.binder.values()["run.stages"])

    program.binder.command()(["inner"], standalone_mode=False)
    assert saved == [["inner"]]


def test_a_home_that_cannot_be_imported_is_no_error() -> None:
    values = Values(line={Key("f", "x"): resolved(1)}, home=("no_such_module_at_all", "binder"))
    assert repr(values).startswith("<Values: 1 set\n")
    assert pickle.loads(pickle.dumps(values)).home == values.home


def test_a_key_of_a_function_of_another_program_keeps_its_value(program: Program) -> None:
    values = Values(line={Key("other", "x"): resolved(1)}, home=program.binder.values().home)
    assert values["other.x"] == 1
    assert "other.x = ***" in repr(values)
