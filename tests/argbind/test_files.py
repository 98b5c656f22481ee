"""Files of arguments: what does not fit is taken as it stands, with a warning."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pytest

from clickbind import argbind
from clickbind.errors import ConfigError, SaveError


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Return each test a binder and a folder of its own."""
    monkeypatch.setattr(argbind, "_BINDER", argbind._ArgBinder())
    monkeypatch.chdir(tmp_path)


class Quantizer:
    """A layer."""

    def __init__(self, dropout: bool = False, fmax: list[float] = [1.0], size: int = 1) -> None:  # noqa: B006
        self.given: Any = (dropout, fmax, size)


def load(text: str) -> dict[str, Any]:
    Path("a.yml").write_text(text, encoding="utf-8")
    return argbind.load_args("a.yml")


def test_a_value_of_another_type_is_taken_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    bound = argbind.bind(Quantizer, "train")
    args = load("Quantizer.dropout: 1.0\nQuantizer.fmax: [null, null]\ntrain/Quantizer.size: null\n")
    with argbind.scope(args, "train"):
        assert bound().given == (1.0, [None, None], None)
    assert capsys.readouterr().err == (
        "Warning: a.yml: the values do not fit their types and are used as written: "
        "'Quantizer.dropout', 'Quantizer.fmax', 'train/Quantizer.size'\n"
    )


def test_a_text_that_is_no_value_is_an_error_with_its_place() -> None:
    argbind.bind(Quantizer)
    with pytest.raises(ConfigError, match=r"a\.yml:1:17: Quantizer\.size: 'many' is not a valid integer"):
        load("Quantizer.size: many\n")


def test_a_parameter_that_a_function_does_not_have_is_kept_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    argbind.bind(Quantizer)
    assert load("Quantizer.sise: 5\n")["Quantizer.sise"] == 5
    assert "no bound function has a parameter for 'Quantizer.sise' (Did you mean 'Quantizer.size'?)" in (
        capsys.readouterr().err
    )


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("no", False),
        ("Yes", True),
        ("on", True),
        ("OFF", False),
        ("'no'", "no"),
        ("[no, {a: on}]", [False, {"a": True}]),
    ],
)
def test_words_that_yaml_1_1_takes_for_booleans_are_such_without_an_annotation(text: str, value: object) -> None:
    assert load(f"fine_tune: {text}\n")["fine_tune"] == value


def test_argbinds_own_settings_are_kept() -> None:
    assert load("args.debug: 1\nargs.unknown: []\n") == {"args.debug": 1, "args.unknown": []}


def test_a_bare_key_may_be_a_functions_name() -> None:
    @argbind.bind(without_prefix=True)
    def seed(seed: int = 0) -> int:
        return seed

    with argbind.scope(load("seed: 4\n")):
        assert seed() == 4


def test_a_file_that_is_open_in_binary_is_read() -> None:
    assert argbind.load_args(io.BytesIO(b"seed: 4\n"))["seed"] == 4


def test_a_file_that_is_not_there_is_pythons_error() -> None:
    with pytest.raises(FileNotFoundError):
        argbind.load_args("nothing.yml")


def test_a_value_of_another_type_is_written_as_what_it_is() -> None:
    bound = argbind.bind(Quantizer)
    argbind.dump_args({"Quantizer.dropout": 1.0, "Quantizer.size": 2.5, "Quantizer.fmax": None}, "a.yml")
    with argbind.scope(argbind.load_args("a.yml")):
        assert bound().given == (1.0, None, 2.5)


@pytest.mark.parametrize("wrong", ["many", object()])
def test_what_would_not_be_read_back_is_refused(wrong: object) -> None:
    argbind.bind(Quantizer)
    with pytest.raises(SaveError, match=r"Quantizer\.size"):
        argbind.dump_args({"Quantizer.size": wrong}, "a.yml")
    assert not Path("a.yml").exists()


def test_a_key_that_begins_with_a_dot_keeps_it() -> None:
    argbind.dump_args({".x": 6, "a.": 1, "b": 2}, "a.yml")
    assert argbind.load_args("a.yml") == {"args.debug": False, ".x": 6, "a.": 1, "b": 2}
