"""Where a value comes from: each layer beats those below it, and every option knows its layer.

The layers, highest first: the caller, a turn's own option, the dotted option, a turn's values in a file, the files
(later ones win), the `default_map` of an embedding program, the signature.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from click.core import ParameterSource

import clickbind

DEFAULT = 50


class Layer(NamedTuple):
    """One way to give ``train.epochs``.

    Attributes
    ----------
    name : str
        What it is called in a test's name.
    value : int
        What it gives.
    source : ParameterSource
        What Click calls it.
    """

    name: str
    value: int
    source: ParameterSource


OWN = Layer("the turn's own option", 6, ParameterSource.COMMANDLINE)
DOTTED = Layer("the dotted option", 5, ParameterSource.COMMANDLINE)
TURN = Layer("the turn's values in a file", 4, ParameterSource.DEFAULT_MAP)
LATER = Layer("a later file", 3, ParameterSource.DEFAULT_MAP)
FILE = Layer("a file", 2, ParameterSource.DEFAULT_MAP)
EMBEDDING = Layer("the default map", 1, ParameterSource.DEFAULT_MAP)
SIGNATURE = Layer("the signature", DEFAULT, ParameterSource.DEFAULT)
LAYERS = (OWN, DOTTED, TURN, LATER, FILE, EMBEDDING, SIGNATURE)

# A turn that a file asks for is not on the line, and has no option of its own.
PAIRS = [
    pytest.param(upper, lower, id=f"{upper.name} beats {lower.name}")
    for place, upper in enumerate(LAYERS)
    for lower in LAYERS[place + 1 :]
    if {upper, lower} != {OWN, TURN}
]
GIVEN = [pytest.param(layer, id=layer.name) for layer in LAYERS]


def run(folder: Path, given: Mapping[Layer, int]) -> tuple[Any, ParameterSource | None]:
    """Run a stage with ``epochs`` given in some layers, and tell what it gets, and from which source."""
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(epochs: int = DEFAULT) -> tuple[int, ParameterSource | None]:
        return epochs, click.get_current_context().get_parameter_source("epochs")

    line: list[str] = []
    for layer, text in ((FILE, "train.epochs: {}"), (LATER, "train: {{epochs: {}}}")):
        if layer in given:
            line += ["--config", _write(folder, text.format(given[layer]))]
    if DOTTED in given:
        line += ["--train.epochs", str(given[DOTTED])]
    if TURN in given:
        line += ["--config", _write(folder, f"run.stages: [train: {{epochs: {given[TURN]}}}]")]
    else:
        line += ["run", "train"]
    if OWN in given:
        line += ["--epochs", str(given[OWN])]
    settings = {"default_map": {"train": {"epochs": given[EMBEDDING]}}} if EMBEDDING in given else {}
    (result,) = binder.command()(line, standalone_mode=False, **settings)
    value, source = result
    return value, source


def _write(folder: Path, text: str) -> str:
    path = folder / f"{len(list(folder.iterdir()))}.yml"
    path.write_text(text)
    return str(path)


@pytest.mark.parametrize(("upper", "lower"), PAIRS)
def test_between_two_layers(tmp_path: Path, upper: Layer, lower: Layer) -> None:
    value, source = run(tmp_path, {upper: upper.value, lower: lower.value})
    assert value == upper.value
    assert source is upper.source


@pytest.mark.parametrize(("upper", "lower"), [pair for pair in PAIRS if pair.values[1] is not SIGNATURE])
def test_between_two_layers_of_which_the_upper_equals_the_default(tmp_path: Path, upper: Layer, lower: Layer) -> None:
    value, source = run(tmp_path, {upper: DEFAULT, lower: lower.value})
    assert value == DEFAULT
    assert source is upper.source


@pytest.mark.parametrize("layer", GIVEN)
def test_a_value_is_given_by(tmp_path: Path, layer: Layer) -> None:
    assert run(tmp_path, {layer: layer.value}) == (layer.value, layer.source)


@pytest.mark.parametrize("layer", [item for item in GIVEN if item.values[0] is not OWN])
def test_the_caller_beats(tmp_path: Path, layer: Layer) -> None:
    assert speeds(tmp_path, lambda speed: speed(limit=7), {layer: layer.value}) == 7
    assert speeds(tmp_path, lambda speed: speed(7), {layer: layer.value}) == 7


@pytest.mark.parametrize("layer", [DOTTED, LATER, FILE, EMBEDDING])
def test_the_caller_beats_with_the_default_itself(tmp_path: Path, layer: Layer) -> None:
    assert speeds(tmp_path, lambda speed: speed(limit=DEFAULT), {layer: layer.value}) == DEFAULT


def speeds(folder: Path, call: Any, plain: Mapping[Layer, int], scoped: Mapping[Layer, int] | None = None) -> Any:
    """Call a bound function in a stage, its parameter given plain, and for scope ``fast``, in some layers."""
    binder = clickbind.Binder("prog")

    @binder.bind("fast", "slow")
    def speed(limit: int = DEFAULT) -> int:
        return limit

    def stage() -> Any:
        with binder.scope("fast"):
            return call(speed)

    binder.stage(stage)
    line: list[str] = []
    embedding: dict[str, int] = {}
    for given, key in ((plain, "speed.limit"), (scoped or {}, "fast/speed.limit")):
        if DOTTED in given:
            line += [f"--{key}", str(given[DOTTED])]
        if EMBEDDING in given:
            embedding[key] = given[EMBEDDING]
    for layer in (FILE, LATER):
        keys = [f"speed.limit: {plain[layer]}"] if layer in plain else []
        keys += [f"fast/speed.limit: {scoped[layer]}"] if scoped and layer in scoped else []
        line += ["--config", _write(folder, "\n".join(keys))]
    return binder.command()([*line, "stage"], standalone_mode=False, default_map=embedding)


@pytest.mark.parametrize("layer", [DOTTED, LATER, FILE, EMBEDDING], ids=lambda layer: str(layer.name))
def test_within_a_layer_the_scoped_value_beats_the_plain_one_in(tmp_path: Path, layer: Layer) -> None:
    assert speeds(tmp_path, lambda speed: speed(), {layer: 8}, {layer: 9}) == 9


@pytest.mark.parametrize(
    ("upper", "lower"),
    [(DOTTED, LATER), (DOTTED, FILE), (DOTTED, EMBEDDING), (LATER, EMBEDDING), (FILE, EMBEDDING)],
    ids=lambda layer: str(layer.name),
)
def test_between_layers_the_layer_decides_whatever_the_scope(tmp_path: Path, upper: Layer, lower: Layer) -> None:
    assert speeds(tmp_path, lambda speed: speed(), {upper: 8}, {lower: 9}) == 8
    assert speeds(tmp_path, lambda speed: speed(), {lower: 8}, {upper: 9}) == 9


def test_files_are_one_layer_in_which_the_scoped_value_wins(tmp_path: Path) -> None:
    assert speeds(tmp_path, lambda speed: speed(), {LATER: 8}, {FILE: 9}) == 9


def test_the_innermost_scope_that_has_a_value_wins_within_a_layer() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind("outer", "inner", "other")
    def speed(limit: int = DEFAULT) -> int:
        return limit

    def stage() -> tuple[int, int]:
        with binder.scope("outer", "inner"):
            first = speed()
        with binder.scope("inner"), binder.scope("outer"), binder.scope("other"):
            return first, speed()

    binder.stage(stage)
    line = ["stage", "--inner/speed.limit", "1", "--outer/speed.limit", "2"]
    assert binder.command()(line, standalone_mode=False) == (1, 2)


def test_a_value_laid_over_in_python_beats_the_line() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def speed(limit: int = DEFAULT) -> int:
        return limit

    def stage() -> int:
        with binder.scope({"speed.limit": 9}):
            return speed()

    binder.stage(stage)
    assert binder.command()(["stage", "--speed.limit", "1"], standalone_mode=False) == 9


def test_run_stages_follows_the_layers_too(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")
    for name in ("a", "b", "c", "d"):
        binder.stage(lambda name=name: name, name=name)
    main = binder.command()
    embedding = {"run": {"stages": ["b"]}}
    config = ["--config", _write(tmp_path, "run.stages: [c]")]
    assert main([], standalone_mode=False) == ["a", "b", "c", "d"]
    assert main([], standalone_mode=False, default_map=embedding) == ["b"]
    assert main(config, standalone_mode=False, default_map=embedding) == ["c"]
    assert main([*config, "--run.stages", "d"], standalone_mode=False, default_map=embedding) == ["d"]
    assert main([*config, "run", "a"], standalone_mode=False, default_map=embedding) == ["a"]


def test_a_repeated_option_replaces_the_list_of_a_file_whole(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(tags: list[str] = []) -> list[str]:  # noqa: B006 - handed back, never changed
        return tags

    main = binder.command()
    config = ["--config", _write(tmp_path, "train.tags: [a, b]")]
    assert main([*config, "train"], standalone_mode=False) == ["a", "b"]
    assert main([*config, "train", "--tags", "c"], standalone_mode=False) == ["c"]
    assert main([*config, "train", "--tags", ""], standalone_mode=False) == []


def test_the_two_spellings_of_a_stages_option_are_two_steps_of_the_line() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(epochs: int = DEFAULT) -> int:
        return epochs

    main = binder.command()
    assert main(["train", "--epochs", "1", "--train.epochs", "2"], standalone_mode=False) == 1
    assert main(["--train.epochs", "2", "train", "--epochs", "1"], standalone_mode=False) == 1


def test_the_roots_own_options_know_their_source(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda: click.get_current_context().find_root().get_parameter_source("config"), name="train")
    main = binder.command()
    assert main(["train", "--config", _write(tmp_path, "")], standalone_mode=False) is ParameterSource.COMMANDLINE
    assert main(["train"], standalone_mode=False) is ParameterSource.DEFAULT


def test_a_dotted_option_knows_its_source_at_the_root() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def speed(limit: int = DEFAULT) -> int:
        return limit

    binder.stage(lambda: click.get_current_context().find_root().get_parameter_source("speed.limit"), name="train")
    main = binder.command()
    assert main(["--speed.limit", "50", "train"], standalone_mode=False) is ParameterSource.COMMANDLINE
    assert main(["train", "--speed.limit", "50"], standalone_mode=False) is ParameterSource.COMMANDLINE
