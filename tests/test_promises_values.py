"""Where a value comes from: section 4 of the contract, sentence by sentence.

`test_precedence` has every pair of layers but those with the environment.
"""

from __future__ import annotations

import itertools
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.core import ParameterSource
from click.testing import CliRunner, Result

import clickbind

LAYERS = {
    "own": 6,
    "dotted": 5,
    "environment": 4,
    "turn": 3,
    "file": 2,
    "embedding": 1,
    "signature": 50,
}
SOURCES = {
    "own": ParameterSource.COMMANDLINE,
    "dotted": ParameterSource.COMMANDLINE,
    "environment": ParameterSource.ENVIRONMENT,
    "turn": ParameterSource.DEFAULT_MAP,
    "file": ParameterSource.DEFAULT_MAP,
    "embedding": ParameterSource.DEFAULT_MAP,
    "signature": ParameterSource.DEFAULT,
}
PAIRS = [pair for pair in itertools.combinations(LAYERS, 2) if "environment" in pair]


class Multistage:
    """The program of the contract's names; `got` is what its functions were called with."""

    def __init__(self, **settings: Any) -> None:
        self.got: list[tuple[Any, ...]] = []
        self.sources: list[ParameterSource | None] = []
        self.binder = binder = clickbind.Binder("multistage", envvar_prefix="MULTISTAGE", **settings)

        @binder.bind("train", "val")
        def dataset(folder: str = "default") -> str:
            self.got.append(("dataset", folder))
            return folder

        @binder.stage
        def train(epochs: int = 50, tags: list[str] = []) -> None:  # noqa: B006 - never changed
            self.got.append(("train", epochs, *tags))
            self.sources.append(click.get_current_context().get_parameter_source("epochs"))
            with binder.scope("train"):
                dataset()

        @binder.stage
        def evaluate(threshold: float = 0.5) -> None:
            self.got.append(("evaluate", threshold))
            train(threshold)  # type: ignore[arg-type]

        self.dataset = dataset
        self.main = binder.command()

    def __call__(self, line: str, **settings: Any) -> Result:
        return CliRunner().invoke(self.main, line, prog_name="multistage", **settings)


@pytest.fixture
def multistage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Multistage:
    monkeypatch.chdir(tmp_path)
    return Multistage()


def write(text: str, name: str = "f.yml") -> str:
    Path(name).write_text(text, encoding="utf-8")
    return f"--config {name}"


def refused(result: Result) -> str:
    assert result.exit_code == 2, result.output
    return result.stderr


def run(program: Multistage, monkeypatch: pytest.MonkeyPatch, given: dict[str, int]) -> None:
    """Run `train`, its epochs given in some layers."""
    line = write(f"train.epochs: {given['file']}") if "file" in given else ""
    if "environment" in given:
        monkeypatch.setenv("MULTISTAGE_TRAIN_EPOCHS", str(given["environment"]))
    if "turn" in given:
        line += " " + write(f"run.stages: [train: {{epochs: {given['turn']}}}]", "turn.yml")
    if "dotted" in given:
        line += f" --train.epochs {given['dotted']}"
    if "turn" not in given:
        line += " run train" + (f" --epochs {given['own']}" if "own" in given else "")
    embedding = {"train": {"epochs": given["embedding"]}} if "embedding" in given else {}
    result = program(line, default_map=embedding)
    assert result.exit_code == 0, result.output


@pytest.mark.parametrize(("upper", "lower"), PAIRS)
def test_the_first_layer_that_has_it_wins(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch, upper: str, lower: str
) -> None:
    run(multistage, monkeypatch, {upper: LAYERS[upper], lower: LAYERS[lower]})
    assert multistage.got[0] == ("train", LAYERS[upper])
    assert multistage.sources == [SOURCES[upper]]


@pytest.mark.parametrize(("upper", "lower"), [pair for pair in PAIRS if "signature" not in pair])
def test_a_given_value_wins_over_the_layers_below_even_where_it_equals_the_default(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch, upper: str, lower: str
) -> None:
    run(multistage, monkeypatch, {upper: 50, lower: LAYERS[lower]})
    assert multistage.got[0] == ("train", 50)
    assert multistage.sources == [SOURCES[upper]]


def test_the_caller_beats_the_environment(multistage: Multistage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTISTAGE_TRAIN_EPOCHS", "7")
    assert multistage("evaluate").exit_code == 0
    assert multistage.got[:2] == [("evaluate", 0.5), ("train", 0.5)]


NAMES = {
    "MULTISTAGE_TRAIN_EPOCHS": ("7", "train", [("train", 7), ("dataset", "default")]),
    "MULTISTAGE_TRAIN_TAGS": ("a 'b c'", "train", [("train", 50, "a", "b c"), ("dataset", "default")]),
    "MULTISTAGE_DATASET_FOLDER": ("x", "train", [("train", 50), ("dataset", "x")]),
    "MULTISTAGE_TRAIN__DATASET_FOLDER": ("x", "train", [("train", 50), ("dataset", "x")]),
    "MULTISTAGE_VAL__DATASET_FOLDER": ("x", "train", [("train", 50), ("dataset", "default")]),
    "MULTISTAGE_RUN_STAGES": ("train", "", [("train", 50), ("dataset", "default")]),
}


@pytest.mark.parametrize("variable", NAMES)
def test_the_environment_gives_a_parameter_by_its_name(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    text, line, expected = NAMES[variable]
    monkeypatch.setenv(variable, text)
    assert multistage(line).exit_code == 0
    assert multistage.got == expected


@pytest.mark.parametrize("line", ["train", "run train", "", "--run.stages train", "run", "run train train"])
def test_a_parameter_has_one_name_however_it_is_reached(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    monkeypatch.setenv("MULTISTAGE_TRAIN_EPOCHS", "7")
    for other in ("EPOCHS", "TRAIN_EPOCHS", "MULTISTAGE_EPOCHS", "MULTISTAGE_RUN_TRAIN_EPOCHS"):
        monkeypatch.setenv(other, "9")
    assert multistage(line).exit_code == 0
    assert ("train", 7) in multistage.got
    assert 9 not in [part for call in multistage.got for part in call]


def test_the_roots_own_options_have_no_variables(multistage: Multistage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTISTAGE_SAVE", "saved.yml")
    monkeypatch.setenv("MULTISTAGE_DEBUG", "1")
    assert multistage("train").output == (
        "Warning: the environment variable 'MULTISTAGE_DEBUG' sets no parameter.\n"
        "Warning: the environment variable 'MULTISTAGE_SAVE' sets no parameter.\n"
    )
    assert not Path("saved.yml").exists()


@pytest.mark.parametrize("variable", NAMES)
def test_an_empty_variable_is_unset(multistage: Multistage, monkeypatch: pytest.MonkeyPatch, variable: str) -> None:
    monkeypatch.setenv(variable, "")
    assert multistage("run train").exit_code == 0
    assert multistage.got == [("train", 50), ("dataset", "default")]


def test_a_name_that_two_parameters_share_is_an_error_when_it_is_set(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch
) -> None:
    multistage.binder.bind(lambda set_folder="x": None, name="data")
    multistage.binder.bind(lambda folder="x": None, name="data_set")
    assert multistage("train").exit_code == 0
    monkeypatch.setenv("MULTISTAGE_DATA_SET_FOLDER", "x")
    multistage.got.clear()
    assert "the variable 'MULTISTAGE_DATA_SET_FOLDER' belongs to data.set_folder and data_set.folder: " in refused(
        multistage("train")
    )
    assert multistage.got == []


def test_a_scoped_and_a_plain_parameter_may_not_share_a_name_either(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch
) -> None:
    multistage.binder.bind(lambda folder=1: None, name="train__dataset")
    monkeypatch.setenv("MULTISTAGE_TRAIN__DATASET_FOLDER", "3")
    assert "belongs to train/dataset.folder and train__dataset.folder" in refused(multistage("train"))


@pytest.mark.parametrize(
    ("files", "line", "epochs"),
    [
        ({"a.yml": "train.epochs: 1", "b.yml": "train.epochs: 2"}, "--config a.yml --config b.yml", 2),
        ({"a.yml": "train.epochs: 1", "b.yml": "train.tags: []"}, "--config a.yml --config b.yml", 1),
        ({"a.yml": "$include: b.yml\ntrain.epochs: 1", "b.yml": "train.epochs: 2"}, "--config a.yml", 1),
        ({"a.yml": "$include: b.yml", "b.yml": "train.epochs: 2"}, "--config a.yml", 2),
        (
            {"a.yml": "$include: [b.yml, c.yml]", "b.yml": "train.epochs: 2", "c.yml": "train.epochs: 3"},
            "--config a.yml",
            3,
        ),
        (
            {"a.yml": "train.epochs: 1", "b.yml": "$include: c.yml", "c.yml": "train.epochs: 3"},
            "--config a.yml --config b.yml",
            3,
        ),
        ({"a.yml": "train.epochs: 1\nrun.stages: [train: {epochs: 9}]"}, "--config a.yml", 9),
        (
            {"a.yml": "run.stages: [train: {epochs: 9}]", "b.yml": "train.epochs: 1"},
            "--config a.yml --config b.yml",
            9,
        ),
    ],
)
def test_the_files_are_merged_key_by_key_into_one_layer(
    multistage: Multistage, files: dict[str, str], line: str, epochs: int
) -> None:
    for name, text in files.items():
        write(text, name)
    assert multistage(f"{line} run" if "stages" in str(files) else f"{line} train").exit_code == 0
    assert multistage.got[0] == ("train", epochs)


def test_within_one_layer_the_scoped_key_beats_the_plain_one_and_between_layers_the_layer_decides(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTISTAGE_DATASET_FOLDER", "plain")
    config = write("train/dataset.folder: scoped in a file\n")
    assert multistage(f"{config} train").exit_code == 0
    assert multistage.got[-1] == ("dataset", "plain")
    monkeypatch.setenv("MULTISTAGE_TRAIN__DATASET_FOLDER", "scoped")
    assert multistage("train").exit_code == 0
    assert multistage.got[-1] == ("dataset", "scoped")
    assert multistage("--dataset.folder line train").exit_code == 0
    assert multistage.got[-1] == ("dataset", "line")


@pytest.mark.parametrize("line", ["train", "run train", "--run.stages train", "--print-config train"])
@pytest.mark.parametrize("variable", ["MULTISTAGE_EVALUATE_THRESHOLD", "MULTISTAGE_RUN_STAGES"])
def test_every_variable_is_checked_whether_the_stage_runs_or_not(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch, line: str, variable: str
) -> None:
    monkeypatch.setenv(variable, "wrong")
    assert f"Invalid value for the variable '{variable}'" in refused(multistage(line))
    assert multistage.got == []


@pytest.mark.parametrize("line", ["train", "run train", "--run.stages train", "--print-config train"])
@pytest.mark.parametrize("text", ["evaluate.threshold: wrong", "run.stages: wrong", "val/dataset.folder: [x]"])
def test_every_key_is_checked_whether_the_stage_runs_or_not(multistage: Multistage, line: str, text: str) -> None:
    assert f"f.yml:1:{text.index(' ') + 2}: " in refused(multistage(f"{write(text)} {line}"))
    assert multistage.got == []


def test_a_variable_is_checked_also_where_the_line_beats_it(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTISTAGE_TRAIN_EPOCHS", "many")
    assert "MULTISTAGE_TRAIN_EPOCHS" in refused(multistage("train --epochs 5"))


def test_help_is_shown_although_a_variable_is_wrong(multistage: Multistage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MULTISTAGE_TRAIN_EPOCHS", "many")
    assert multistage("--help").exit_code == 0
    assert multistage("train --help").exit_code == 0


def test_help_shows_as_default_what_the_environment_gives(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MULTISTAGE_TRAIN_EPOCHS", "77")
    assert "[default: 77]" in multistage("--help").output
    assert "[default: 77]" in multistage("train --help").output


ORIGINS = {
    "own": ("run train --epochs 7", "--epochs"),
    "dotted": ("train --train.epochs 7", "--train.epochs"),
    "dotted, with dashes": ("train --train.epochs=7", "--train.epochs"),
    "environment": ("train", "MULTISTAGE_TRAIN_EPOCHS"),
    "file": ("--config f.yml train", "f.yml:2"),
    "include": ("--config g.yml train", "f.yml:2"),
    "embedding": ("train", "default_map"),
    "signature": ("train", "default"),
}


@pytest.mark.parametrize("layer", ORIGINS)
def test_every_resolved_value_knows_its_origin(
    multistage: Multistage, monkeypatch: pytest.MonkeyPatch, layer: str
) -> None:
    line, origin = ORIGINS[layer]
    write("\ntrain: {epochs: 7}\n")
    write("$include: f.yml", "g.yml")
    if layer == "environment":
        monkeypatch.setenv("MULTISTAGE_TRAIN_EPOCHS", "7")
    embedding = {"train": {"epochs": 7}} if layer == "embedding" else {}
    result = multistage(f"--print-config {line}", default_map=embedding)
    value = 50 if layer == "signature" else 7
    assert f"\ntrain.epochs: {value}  # {origin}\n" in result.output
    assert multistage.got == []


@pytest.mark.parametrize(
    ("line", "origin"),
    [
        ("train", "the command line"),
        ("run train", "the command line"),
        ("--run.stages train", "--run.stages"),
        ("--config f.yml", "f.yml:1"),
        ("", "default"),
    ],
)
def test_the_stages_know_who_asked_for_them(multistage: Multistage, line: str, origin: str) -> None:
    write("run.stages: [train]")
    assert f"\nrun.stages:  # {origin}\n- train\n" in multistage(f"--print-config {line}").output


def test_the_values_of_a_turn_know_their_origins(multistage: Multistage) -> None:
    config = write("run.stages:\n- train: {epochs: 1, tags: [a, b]}\n- train\n- evaluate: {threshold: .1}\n")
    assert multistage(f"--print-config {config}").output.partition("run.stages")[2] == (
        ":  # f.yml:1\n"
        "- train:\n    epochs: 1  # f.yml:1\n    tags:  # f.yml:1\n    - a\n    - b\n"
        "- train\n- evaluate:\n    threshold: 0.1  # f.yml:1\n"
        "\ntrain.epochs: 50  # default\ntrain.tags: []  # default\n"
    )


def test_a_variable_that_a_parameter_names_itself_is_in_the_environments_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(epochs: Annotated[int, clickbind.Option(envvar="EPOCHS")] = 50) -> int:
        return epochs

    main = binder.command()
    monkeypatch.setenv("EPOCHS", "7")
    write("train.epochs: 3")
    assert main(["--config", "f.yml", "train"], standalone_mode=False) == 7
    assert main(["train", "--epochs", "8"], standalone_mode=False) == 8
    assert main(["train", "--train.epochs", "8"], standalone_mode=False) == 8
    assert "train.epochs: 7  # EPOCHS\n" in CliRunner().invoke(main, "--print-config train").output
