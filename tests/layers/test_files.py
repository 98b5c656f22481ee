"""Config files to the layer that they make."""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.core import ParameterSource

import clickbind
from clickbind import layers
from clickbind.declare.registry import Bound, Registry, Settings
from clickbind.declare.turns import Turn
from clickbind.errors import ConfigError
from clickbind.keys import Key
from clickbind.layers import Asked
from clickbind.nodes.core_schema import core


def train(epochs: int = 50, lr: float = 1e-3, tag: str | None = None, sizes: list[int] = [1]) -> None: ...  # noqa: B006 - a default to replace


class Opaque: ...


def dataset(folder: str = "default", model_type: str = "conv", network: Opaque | None = None) -> None: ...


def fit(epochs: int = 5) -> None: ...


@pytest.fixture
def registry() -> Registry:
    registry = Registry()
    registry.add(Bound(dataset, name="dataset", role="bind", scopes=("train", "val")))
    registry.add(Bound(train, name="train", role="stage"))
    registry.add(Bound(fit, name="Model.fit", role="bind"))
    return registry


def values(registry: Registry, text: str) -> dict[str, Any]:
    return {key.text: found.value for key, found in layers.files.load_text(text, "f.yml", registry).items()}


def refusal(registry: Registry, text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        layers.files.load_text(text, "f.yml", registry)
    return caught.value.message


@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n", "~\n", "{}\n"])
def test_an_empty_file_is_an_empty_layer(registry: Registry, text: str) -> None:
    assert layers.files.load_text(text, "f.yml", registry) == {}


def test_flat_and_nested_keys_mean_the_same(registry: Registry) -> None:
    flat = "train.epochs: 5\ntrain/dataset.folder: x\nModel.fit.epochs: 7\nrun.stages: [train]\n"
    nested = "train: {epochs: 5}\ntrain/dataset:\n  folder: x\nModel.fit: {epochs: 7}\nrun:\n  stages: [train]\n"
    expected = {
        "train.epochs": 5,
        "train/dataset.folder": "x",
        "Model.fit.epochs": 7,
        "run.stages": [Turn("train")],
    }
    assert values(registry, flat) == expected
    assert values(registry, nested) == expected


def test_the_annotation_decides_and_not_yamls_guess(registry: Registry) -> None:
    text = "train.lr: 1e-3\ntrain.tag: 1.10\ndataset.folder: no\ntrain.sizes: 1 2\n"
    assert values(registry, text) == {
        "train.lr": 0.001,
        "train.tag": "1.10",
        "dataset.folder": "no",
        "train.sizes": [1, 2],
    }


def test_null_sets_to_none_and_quoted_it_is_text(registry: Registry) -> None:
    assert values(registry, "train.tag: null\n") == {"train.tag": None}
    assert values(registry, "train.tag: 'null'\n") == {"train.tag": "null"}


def test_a_value_knows_its_source_and_its_line(registry: Registry) -> None:
    layer = layers.files.load_text("\ntrain:\n  epochs: 5\n", "conf/f.yml", registry)
    found = layer[Key("train", "epochs")]
    assert (found.source, found.origin) == (ParameterSource.DEFAULT_MAP, "conf/f.yml:3")


def test_aliases_and_merges_work(registry: Registry) -> None:
    text = "train/dataset: &base {folder: x, model_type: y}\nval/dataset: {<<: *base, folder: z}\n"
    assert values(registry, text) == {
        "train/dataset.folder": "x",
        "train/dataset.model_type": "y",
        "val/dataset.folder": "z",
        "val/dataset.model_type": "y",
    }


@pytest.mark.parametrize("text", ["args.load: x.yml\nargs.debug: 1\n", "args: {save: [1, 2]}\n", "args:\n"])
def test_argbinds_own_settings_are_left_out(registry: Registry, text: str) -> None:
    assert values(registry, text) == {}


@pytest.mark.parametrize("text", ["train:\n", "train: ~\n", "train: {}\n"])
def test_a_function_without_values_is_fine(registry: Registry, text: str) -> None:
    assert values(registry, text) == {}


PROBLEMS = {
    "a wrong value": (
        "train.epochs: many\n",
        (
            "f.yml:1:15: train.epochs: 'many' is not a valid integer.\n"
            "     1 | train.epochs: many\n"
            "       |               ^^^^"
        ),
    ),
    "a wrong item": (
        "train:\n  sizes:\n  - 1\n  - 'two'\n",
        "f.yml:4:5: train.sizes: 'two' is not a valid integer.\n     4 |   - 'two'\n       |     ^^^^^",
    ),
    "null for what cannot be": (
        "train.epochs:\n",
        ("f.yml:1:14: train.epochs: expected INTEGER, got null.\n     1 | train.epochs:\n       |              ^"),
    ),
    "a list for one value": (
        "train.epochs: [1, 2]\n",
        (
            "f.yml:1:15: train.epochs: expected INTEGER, got a list.\n"
            "     1 | train.epochs: [1, 2]\n"
            "       |               ^"
        ),
    ),
    "an unknown function": (
        "trian.epochs: 5\n",
        (
            "f.yml:1:1: unknown key 'trian.epochs'. Did you mean 'train.epochs'?\n"
            "     1 | trian.epochs: 5\n"
            "       | ^^^^^^^^^^^^"
        ),
    ),
    "an unknown function's mapping": (
        "datset: {folder: x}\n",
        "f.yml:1:1: unknown key 'datset'. Did you mean 'dataset'?\n     1 | datset: {folder: x}\n       | ^^^^^^",
    ),
    "a key like none": ("zzz: 5\n", "f.yml:1:1: unknown key 'zzz'.\n     1 | zzz: 5\n       | ^^^"),
    "an unknown parameter": (
        "train.epohcs: 5\n",
        (
            "f.yml:1:1: unknown key 'train.epohcs'. Did you mean 'train.epochs'?\n"
            "     1 | train.epohcs: 5\n"
            "       | ^^^^^^^^^^^^"
        ),
    ),
    "an unknown parameter below its function": (
        "train/dataset:\n  foldr: x\n",
        (
            "f.yml:2:3: unknown key 'train/dataset.foldr'. Did you mean 'train/dataset.folder'?\n"
            "     2 |   foldr: x\n"
            "       |   ^^^^^"
        ),
    ),
    "a parameter that no text can make": (
        "dataset.network: x\n",
        (
            "f.yml:1:1: unknown key 'dataset.network': it is a parameter of 'dataset' that files cannot set.\n"
            "     1 | dataset.network: x\n"
            "       | ^^^^^^^^^^^^^^^"
        ),
    ),
    "an unknown scope": (
        "test/dataset.folder: x\n",
        (
            "f.yml:1:1: unknown key 'test/dataset.folder'. Did you mean 'dataset.folder'?\n"
            "     1 | test/dataset.folder: x\n"
            "       | ^^^^^^^^^^^^^^^^^^^"
        ),
    ),
    "a dash": (
        "dataset.model-type: x\n",
        (
            "f.yml:1:1: unknown key 'dataset.model-type'. Did you mean 'dataset.model_type'?\n"
            "     1 | dataset.model-type: x\n"
            "       | ^^^^^^^^^^^^^^^^^^"
        ),
    ),
    "a key twice": (
        "train.epochs: 5\ntrain.epochs: 6\n",
        (
            "f.yml:2:1: duplicate key train.epochs, first set on line 1.\n"
            "     2 | train.epochs: 6\n"
            "       | ^^^^^^^^^^^^"
        ),
    ),
    "a key in either form": (
        "train.epochs: 5\ntrain:\n  epochs: 5\n",
        "f.yml:3:3: duplicate key train.epochs, first set on line 1.\n     3 |   epochs: 5\n       |   ^^^^^^",
    ),
    "a value for a function": (
        "train: 5\n",
        "f.yml:1:8: train: expected a mapping of its parameters.\n     1 | train: 5\n       |        ^",
    ),
    "a list for a function": (
        "train: [5]\n",
        "f.yml:1:8: train: expected a mapping of its parameters.\n     1 | train: [5]\n       |        ^",
    ),
    "a key that is a list": (
        "? [train]\n: 5\n",
        "f.yml:1:3: expected a key such as function.parameter.\n     1 | ? [train]\n       |   ^",
    ),
    "a parameter that is a list": (
        "train: {[epochs]: 5}\n",
        "f.yml:1:9: expected the name of a parameter of 'train'.\n     1 | train: {[epochs]: 5}\n       |         ^",
    ),
    "a list": (
        "- train\n",
        "f.yml:1:1: expected a mapping of keys to values.\n     1 | - train\n       | ^",
    ),
    "a text": (
        "train\n",
        "f.yml:1:1: expected a mapping of keys to values.\n     1 | train\n       | ^^^^^",
    ),
    "a tag": (
        "train.tag: !env HOME\n",
        (
            "f.yml:1:12: the tag '!env' is not supported: config files are plain YAML.\n"
            "     1 | train.tag: !env HOME\n"
            "       |            ^"
        ),
    ),
    "a wrong turn": (
        "run.stages:\n- train: {epoch: 5}\n",
        (
            "f.yml:2:11: run.stages: stage 'train' has no parameter 'epoch'. Did you mean 'epochs'?\n"
            "     2 | - train: {epoch: 5}\n"
            "       |           ^^^^^"
        ),
    ),
}


@pytest.mark.parametrize(("text", "message"), PROBLEMS.values(), ids=PROBLEMS)
def test_a_problem_has_its_place_its_line_and_its_cure(registry: Registry, text: str, message: str) -> None:
    assert refusal(registry, text) == message


def test_a_problem_behind_the_last_line_has_no_line_to_show(registry: Registry) -> None:
    message = refusal(registry, "train.sizes: [1,\n")
    assert message.startswith("f.yml:2:1: invalid YAML: while parsing a flow ")
    assert "\n" not in message


def test_all_problems_of_a_file_are_told_together(registry: Registry) -> None:
    lines = refusal(registry, "train.epochs: many\ntrain.lr: .5\nx: 1\n").splitlines()
    assert [line for line in lines if line.startswith("f.yml")] == [
        "f.yml:1:15: train.epochs: 'many' is not a valid integer.",
        "f.yml:3:1: unknown key 'x'.",
    ]


def test_later_files_win_key_by_key(registry: Registry, tmp_path: Path) -> None:
    paths = [str(tmp_path / name) for name in ("a.yml", "b.yml")]
    Path(paths[0]).write_text("train: {epochs: 1, lr: .5}\n", encoding="utf-8")
    Path(paths[1]).write_text("train.epochs: 2\n", encoding="utf-8")
    layer = layers.files.read(registry, Asked(paths))
    assert [(key.text, found.value, found.origin) for key, found in layer.items()] == [
        ("train.epochs", 2, f"{paths[1]}:1"),
        ("train.lr", 0.5, f"{paths[0]}:1"),
    ]


def test_no_files_are_an_empty_layer(registry: Registry) -> None:
    assert layers.files.read(registry, Asked([])) == {}


def test_all_problems_of_all_files_are_told_together(registry: Registry, tmp_path: Path) -> None:
    wrong, missing = tmp_path / "wrong.yml", tmp_path / "missing.yml"
    wrong.write_text("zzz: 5\n", encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        layers.files.read(registry, Asked([str(wrong), str(missing)]))
    assert caught.value.message == (
        f"{wrong}:1:1: unknown key 'zzz'.\n     1 | zzz: 5\n       | ^^^\n"
        f"{missing}: cannot be read: No such file or directory."
    )


def test_a_folder_is_no_file(registry: Registry, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        layers.files.read(registry, Asked([str(tmp_path)]))
    assert caught.value.message == f"{tmp_path}: cannot be read: Is a directory."


def test_what_is_no_utf_8_is_refused_with_its_line(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_bytes(b"train.epochs: 5\ntrain.tag: caf\xe9\n")
    with pytest.raises(ConfigError) as caught:
        layers.files.read(registry, Asked([str(path)]))
    assert caught.value.message == f"{path}: cannot be read: line 2 is not UTF-8 text: byte 0xe9."


def test_a_byte_order_mark_is_no_part_of_a_file(registry: Registry, tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_bytes(b"\xef\xbb\xbftrain.epochs: 5\r\n")
    layer = layers.files.read(registry, Asked([str(tmp_path / "f.yml")]))
    assert layer[Key("train", "epochs")].value == 5


def test_a_byte_order_mark_shifts_no_caret(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_bytes(b"\xef\xbb\xbfzzz: 5\n")
    with pytest.raises(ConfigError) as caught:
        layers.files.read(registry, Asked([str(path)]))
    assert caught.value.message == f"{path}:1:1: unknown key 'zzz'.\n     1 | zzz: 5\n       | ^^^"


def test_a_tilde_is_the_home_folder(registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "f.yml").write_text("train.epochs: 5\n", encoding="utf-8")
    monkeypatch.setenv("HOME", str(tmp_path))
    found = layers.files.read(registry, Asked([os.path.join("~", "f.yml")]))[Key("train", "epochs")]
    assert (found.value, found.origin) == (5, "~/f.yml:1")


def test_a_dash_is_standard_input(registry: Registry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"train.tag: \xc3\xa9t\xc3\xa9\n"), "ascii"))
    found = layers.files.read(registry, Asked(["-"]))[Key("train", "tag")]
    assert (found.value, found.origin) == ("été", "<stdin>:1")


def test_an_import_path_in_a_file_leads_into_what_the_program_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "losses_of_mine.py").write_text("def hinge(): pass\n", encoding="utf-8")
    (tmp_path / "f.yml").write_text("fit.loss: losses_of_mine:hinge\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "losses_of_mine", raising=False)

    def fit(loss: Callable[[], None] = print) -> None:
        pass

    unnamed, named = clickbind.Binder(), clickbind.Binder(import_from=["losses_of_mine"])
    unnamed.stage(fit)
    named.stage(fit)
    with pytest.raises(clickbind.ConfigError, match="only the command line can import"):
        unnamed.load(tmp_path / "f.yml")
    (found,) = named.load(tmp_path / "f.yml").files.values()
    assert found.value.__name__ == "hinge"


def test_what_no_text_can_make_is_kept_for_a_program_that_wants_it(tmp_path: Path) -> None:
    def use(value: Opaque | None = None, size: int = 1) -> None: ...

    registry = Registry(Settings(unknown_keys="keep"))
    registry.add(Bound(use, name="use", role="bind", names={"Opaque": Opaque}))
    kept: list[Any] = []
    path = tmp_path / "f.yml"
    path.write_text("use.value: {a: 1}\nother.x: 5\nuse.size: 2\nuse:\n  value: 3\n", encoding="utf-8")
    layer = layers.files.read(
        registry, Asked([str(path)], spare=lambda place, key, node: kept.append((place, key, core(node))))
    )
    assert {key.text: found.value for key, found in layer.items()} == {"use.size": 2}
    assert kept == [
        (f"{path}:1:1", "use.value", {"a": 1}),
        (f"{path}:2:1", "other.x", 5),
        (f"{path}:5:3", "use.value", 3),
    ]
