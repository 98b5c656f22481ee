"""Config files: section 5 of the contract, sentence by sentence.

Values by annotation, single problems and encodings are in `test_config`, includes and variables in `test_sources`.
"""

from __future__ import annotations

import errno
import gc
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import clickbind
from clickbind.errors import ConfigError
from tests.conftest import Program


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(text: str, name: str = "f.yml") -> str:
    Path(name).parent.mkdir(parents=True, exist_ok=True)
    Path(name).write_text(text, encoding="utf-8")
    return name


def binder_of(annotation: Any, default: Any = None, **settings: Any) -> clickbind.Binder:
    """Return a binder of one stage, `train`, with a parameter `x` of some type."""

    def train(x: Any = default, epochs: int = 1, sizes: list[int] = []) -> Any:  # noqa: B006 - never changed
        return x

    train.__annotations__["x"] = annotation
    binder = clickbind.Binder("prog", **settings)
    binder.stage(train)
    return binder


def value(annotation: Any, text: str, default: Any = None) -> Any:
    main = binder_of(annotation, default).command()
    return main(["--config", write(text), "train"], standalone_mode=False)


def refusal(program: Program, text: str) -> list[str]:
    """Return what is wrong with a file, a line each, without the program's first word."""
    result = program("--config", write(text))
    assert result.exit_code == 2
    assert program.calls == []
    return result.stderr.removeprefix("Error: ").splitlines()


def test_the_document_of_the_contract_is_read() -> None:
    binder = clickbind.Binder("multistage")
    calls = []

    @binder.bind("train")
    def dataset(folder: str = "default") -> None:
        calls.append(folder)

    @binder.stage
    def train(epochs: int = 50, lr: float = 1e-1) -> None:
        calls.append(f"{epochs} {lr}")
        with binder.scope("train"):
            dataset()

    @binder.stage
    def evaluate(results_folder: str = "x", tag: str = "") -> None:
        calls.append(f"{results_folder} {tag}")

    write("evaluate.tag: base\nevaluate.results_folder: base\n", "conf/base.yml")
    name = write(
        "$include: [base.yml]\n"
        "$vars: {root: /data}\n"
        "\n"
        "train.epochs: 100\n"
        "train.lr: 1e-3\n"
        "train/dataset.folder: ${root}/train\n"
        "evaluate:                       # the nested form means the same\n"
        "  results_folder: ./results\n"
        "run.stages: [train, evaluate]\n",
        "conf/exp.yml",
    )
    binder.command()(["--config", name], standalone_mode=False)
    assert calls == ["100 0.001", "/data/train", "./results base"]


@pytest.mark.parametrize(
    ("annotation", "text", "expected"),
    [
        (float, "1e-3", 0.001),
        (str, "1.10", "1.10"),
        (str, "no", "no"),
        (bool, "no", False),
        (str, "2020-01-01", "2020-01-01"),
        (str, "0x10", "0x10"),
        (list[str], "[1.10, no, 'null']", ["1.10", "no", "null"]),
        (dict[str, str], "{on: off}", {"on": "off"}),
        (list[str], "a 'b c'", ["a", "b c"]),
    ],
)
def test_a_plain_scalar_is_read_as_the_text_after_an_option(annotation: Any, text: str, expected: object) -> None:
    found = value(annotation, f"train.x: {text}\n")
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["null", "Null", "NULL", "~", ""])
def test_a_plain_null_is_none(text: str) -> None:
    assert value(str | None, f"train.x: {text}\n", "given") is None
    assert value(str, f"train.x: {text}\n", None) is None  # a default of None makes it optional


@pytest.mark.parametrize("text", ["none", "None", "nULL"])
def test_the_words_of_the_line_are_no_null_in_a_file(text: str) -> None:
    assert value(str | None, f"train.x: {text}\n", "given") == text


@pytest.mark.parametrize("text", ["'null'", '"~"', "''", "|\n  null", ">\n  null", "!!str null"])
def test_a_quoted_or_block_scalar_is_never_none(text: str) -> None:
    assert isinstance(value(str | None, f"train.x: {text}\n", "given"), str)


@pytest.mark.parametrize("text", ["'5'", '"5"', "|-\n  5", ">\n  5", "!!str 5"])
def test_a_quoted_scalar_converts_as_text_where_the_annotation_admits_no_str(text: str) -> None:
    assert value(int, f"train.x: {text}\n", 1) == 5


@pytest.mark.parametrize(
    ("text", "expected"),
    [("5", 5), ("1e3", 1000.0), ("no", "no"), ("true", True), ("'5'", "5"), ("[1, {a: null}]", [1, {"a": None}])],
)
def test_without_an_annotation_the_core_schema_decides(text: str, expected: object) -> None:
    found = value(Any, f"train.x: {text}\n")
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("text", ["null", "~", ""])
def test_null_is_an_error_for_a_parameter_that_cannot_be_none(program: Program, text: str) -> None:
    assert refusal(program, f"train.epochs: {text}")[0] == (
        f"f.yml:1:{15 if text else 14}: train.epochs: expected INTEGER, got null."
    )


def test_the_same_parameter_twice_in_one_file_is_an_error_that_gives_both_lines(program: Program) -> None:
    assert refusal(program, "train.epochs: 1\n\ntrain: {epochs: 1}\n") == [
        "f.yml:3:9: duplicate key train.epochs, first set on line 1.",
        "     3 | train: {epochs: 1}",
        "       |         ^^^^^^",
    ]


def test_a_section_may_stand_twice_with_other_parameters(program: Program) -> None:
    program("--config", write("train: {epochs: 1}\ntrain: {lr: .5}\n"), "train")
    (got,) = program.got("train")
    assert (got["epochs"], got["lr"]) == (1, 0.5)


def test_the_same_parameter_in_a_file_and_in_what_it_includes_is_none(program: Program) -> None:
    write("train.epochs: 1\n", "base.yml")
    program("--config", write("$include: base.yml\ntrain.epochs: 2\n"), "train")
    assert program.got("train.epochs") == [2]


def test_an_include_may_have_variables(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NUMBER", "1")
    write("train.epochs: 7\n", "base1.yml")
    program("--config", write('$vars: {name: base}\n$include: ["${name}${NUMBER}.yml"]\n'), "train")
    assert program.got("train.epochs") == [7]


def test_a_variable_is_put_in_before_its_text_is_read(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MANY", "300")
    program("--config", write("$vars: {tags: [a, $MANY]}\ntrain: {epochs: $MANY, tags: $tags}\n"), "train")
    (got,) = program.got("train")
    assert (got["epochs"], got["tags"]) == (300, ["a", "300"])


def test_a_variable_in_a_turn_is_put_in(program: Program) -> None:
    program("--config", write("$vars: {n: 3, who: train}\nrun.stages: [$who: {epochs: 1}]\n"))
    program("--config", write("$vars: {n: 3, who: train}\nrun.stages: [train: {epochs: $n}, $who]\n"))
    assert program.got("train.epochs") == [3, 50]


def test_a_value_that_a_variable_makes_wrong_is_pointed_at(program: Program) -> None:
    assert refusal(program, "$vars: {n: many}\ntrain.epochs: $n\n") == [
        "f.yml:2:15: train.epochs: 'many' is not a valid integer.",
        "     2 | train.epochs: $n",
        "       |               ^^",
    ]


def test_what_is_wrong_inside_of_a_variable_of_another_file_is_told_where_it_is_used(program: Program) -> None:
    write("\n\n\n$vars:\n  tags: [a, [b]]\n", "base.yml")
    assert refusal(program, "$include: base.yml\ntrain.tags: $tags\n") == [
        "f.yml:2:13: train.tags: expected TEXT, got a list.",
        "     2 | train.tags: $tags",
        "       |             ^^^^^",
    ]


def test_the_schema_is_left_to_editors(program: Program) -> None:
    assert program("--config", write("$schema: [anything, {at: all}]\n"), "train").exit_code == 0


def test_a_value_replaces_another_files_value_whole() -> None:
    binder = binder_of(dict[str, int])
    write("train.x: {a: 1}\ntrain.sizes: [1, 2]\n", "a.yml")
    write("train.x: {b: 2}\ntrain.sizes: [3]\n", "b.yml")
    values = binder.load("a.yml", "b.yml")
    assert {key.text: found.value for key, found in values.files.items()} == {"train.x": {"b": 2}, "train.sizes": [3]}


def test_stages_are_names_or_mappings_of_one_key(program: Program) -> None:
    program("--config", write("run:\n  stages:\n  - train: {epochs: 5}\n  - prepare\n  - train:\n"))
    assert program.got("train.epochs") == [5, 50]


@pytest.mark.parametrize("keys", ["other.key: 1\nother: {a: {b: 2}}\nzzz: 1\n", "test/other.key: 1\n"])
def test_unknown_keys_may_be_warned_of_or_ignored(keys: str) -> None:
    write(keys)
    for policy in ("warn", "ignore"):
        binder = binder_of(int, 1, unknown_keys=policy)
        binder.command()(["--config", "f.yml", "train"], standalone_mode=False)
        assert binder.load("f.yml").files == {}
    with pytest.raises(ConfigError):
        binder_of(int, 1).load("f.yml")


def test_a_warning_of_an_unknown_key_has_its_place(capsys: pytest.CaptureFixture[str]) -> None:
    main = binder_of(int, 1, unknown_keys="warn").command()
    main(["--config", write("train.x: 2\n\nother.key: 1\n"), "train"], standalone_mode=False)
    assert capsys.readouterr() == ("", "Warning: f.yml:3:1: ignoring the unknown key 'other.key'.\n")


@pytest.mark.parametrize("policy", ["warn", "ignore"])
@pytest.mark.parametrize("text", ["train.y: 1\n", "train: {y: 1}\n"])
def test_a_wrong_parameter_of_a_bound_function_stays_an_error(policy: str, text: str) -> None:
    with pytest.raises(ConfigError, match=r"unknown key 'train\.y'"):
        binder_of(int, 1, unknown_keys=policy).load(write(text))


SUGGESTIONS = {
    "train.epohcs: 1": ("train.epohcs", "train.epochs"),
    "train: {epohcs: 1}": ("train.epohcs", "train.epochs"),
    "trian.epochs: 1": ("trian.epochs", "train.epochs"),
    "trian: {epochs: 1}": ("trian", "train"),
    "trian/dataset.folder: x": ("trian/dataset.folder", "train/dataset.folder"),
    "train/datset.folder: x": ("train/datset.folder", "train/dataset.folder"),
    "train/datset: {folder: x}": ("train/datset", "train/dataset"),
    "run.stags: [train]": ("run.stags", "run.stages"),
    "run: {stags: [train]}": ("run.stags", "run.stages"),
    "$inclde: base.yml": ("$inclde", "$include"),
    "$vrs: {a: 1}": ("$vrs", "$vars"),
}


@pytest.mark.parametrize(("text", "names"), SUGGESTIONS.items())
def test_an_unknown_key_is_an_error_with_a_suggestion(program: Program, text: str, names: tuple[str, str]) -> None:
    wrong, right = names
    assert refusal(program, text)[0].endswith(f"unknown key {wrong!r}. Did you mean {right!r}?")


@pytest.mark.parametrize("text", ["run.stages: [trian]", "run.stages: trian", "run.stages: [trian: {epochs: 1}]"])
def test_an_unknown_stage_is_an_error_with_a_suggestion(program: Program, text: str) -> None:
    assert refusal(program, text)[0].endswith("run.stages: there is no stage 'trian'. Did you mean 'train'?")


def test_an_error_has_the_form_of_the_contract(program: Program) -> None:
    text = "\n" * 11 + "train.epochs: many\n\ntrain.epohcs: 5\n"
    result = program("--config", write(text, "conf/exp.yml"))
    assert result.stderr == (
        "Error: conf/exp.yml:12:15: train.epochs: 'many' is not a valid integer.\n"
        "    12 | train.epochs: many\n"
        "       |               ^^^^\n"
        "conf/exp.yml:14:1: unknown key 'train.epohcs'. Did you mean 'train.epochs'?\n"
        "    14 | train.epohcs: 5\n"
        "       | ^^^^^^^^^^^^\n"
    )
    assert result.exit_code == 2


def test_all_that_is_wrong_with_all_files_is_told_together(program: Program) -> None:
    write("zzz: 1\n", "base.yml")
    write("$include: base.yml\n$vars: []\ntrain: {epochs: many, lr: [1]}\nrun.stages: [x]\n", "a.yml")
    write("a: [\n", "b.yml")
    Path("c.yml").write_bytes(b"\xff")
    line = "--config a.yml --config b.yml --config c.yml --config nope.yml --config ."
    result = program(*line.split())
    starts = [line.partition(": ")[0] for line in result.stderr.removeprefix("Error: ").splitlines() if "yml" in line]
    assert starts == [
        "base.yml:1:1",
        "a.yml:2:8",
        "a.yml:3:17",
        "a.yml:3:27",
        "a.yml:4:14",
        "b.yml:2:1",
        "c.yml",
        "nope.yml",
    ]
    assert result.stderr.endswith(
        "c.yml: cannot be read: line 1 is not UTF-8 text: byte 0xff.\n"
        "nope.yml: cannot be read: No such file or directory.\n"
        ".: cannot be read: Is a directory.\n"
    )


SEVERAL = {
    "the items of a list": (list[int], "[a, 1, b]", ["'a' is not a valid integer.", "'b' is not a valid integer."]),
    "the values of a mapping": (
        dict[str, int],
        "{x: a, y: 1, z: b}",
        ["'a' is not a valid integer.", "'b' is not a valid integer."],
    ),
    "a tuple": (tuple[int, int], "[a, b]", ["'a' is not a valid integer.", "'b' is not a valid integer."]),
    "lists in lists": (
        list[list[int]],
        "[[a, 1], [2], [b]]",
        ["'a' is not a valid integer.", "'b' is not a valid integer."],
    ),
}


@pytest.mark.parametrize("what", SEVERAL)
def test_all_that_is_wrong_inside_of_one_value_is_told_together(what: str) -> None:
    annotation, text, messages = SEVERAL[what]
    with pytest.raises(ConfigError) as caught:
        binder_of(annotation, None).load(write(f"train.x: {text}\n"))
    told = [line.partition("train.x: ")[2] for line in caught.value.message.splitlines() if "f.yml" in line]
    assert told == messages
    carets = [line.index("^") - 9 for line in caught.value.message.splitlines() if line.startswith("       | ")]
    assert [f"train.x: {text}"[place] for place in carets] == ["a", "b"]


def test_all_that_is_wrong_with_the_turns_is_told_together(program: Program) -> None:
    found = refusal(program, "run.stages:\n- x\n- train: {epochs: a}\n- prepare: {sourc: b}\n")
    assert [line for line in found if line.startswith("f.yml")] == [
        "f.yml:2:3: run.stages: there is no stage 'x'.",
        "f.yml:3:19: run.stages: epochs: 'a' is not a valid integer.",
        "f.yml:4:13: run.stages: stage 'prepare' has no parameter 'sourc'. Did you mean 'source'?",
    ]


def test_all_that_is_wrong_inside_of_one_turn_is_told_together(program: Program) -> None:
    found = refusal(program, "run.stages:\n- train: {epochs: a, lr: b, x: 1}\n")
    assert [line for line in found if line.startswith("f.yml")] == [
        "f.yml:2:19: run.stages: epochs: 'a' is not a valid integer.",
        "f.yml:2:26: run.stages: lr: 'b' is not a valid float.",
        "f.yml:2:29: run.stages: stage 'train' has no parameter 'x'. Remove it from the turn.",
    ]


def test_problems_are_told_in_the_order_of_the_file(program: Program) -> None:
    found = refusal(program, "zzz: 1\ntrain.epochs: a\n$vars: []\ntrain.lr: b\n")
    assert [line[:7] for line in found if line.startswith("f.yml")] == ["f.yml:1", "f.yml:2", "f.yml:3", "f.yml:4"]


def test_of_very_many_problems_the_rest_is_counted(program: Program) -> None:
    found = refusal(program, "".join(f"zzz{number}: 1\n" for number in range(2000)))
    told = sum(line.startswith("f.yml") for line in found)
    assert 10 <= told < 2000
    assert found[-1] == f"and {2000 - told:,} more."


def test_reading_leaves_the_garbage_collector_as_it_was(program: Program) -> None:
    name = write("train.epochs: 1\n")
    assert gc.isenabled()
    program.binder.load(name)
    assert gc.isenabled()
    gc.disable()
    try:
        program.binder.load(name)
        assert not gc.isenabled()
    finally:
        gc.enable()


def test_a_syntax_error_has_the_form_too(program: Program) -> None:
    first, *rest = refusal(program, "train.epochs: 5\ntrain.lr: a: b\n")
    assert first.startswith("f.yml:2:12: invalid YAML: mapping values are not allowed ")  # PyYAML's two parsers word it
    assert rest == ["     2 | train.lr: a: b", "       |            ^"]


def test_a_tab_is_shown_where_the_line_begins(program: Program) -> None:
    first, line, caret = refusal(program, "train:\n\tepochs: 5\n")
    assert first.startswith("f.yml:2:1: invalid YAML: ")
    assert (line, caret) == ("     2 | \tepochs: 5", "       | ^")


@pytest.mark.parametrize("encoding", ["utf-16-be", "utf-16-le", "utf-32-le", "latin-1"])
def test_a_file_of_another_encoding_without_a_mark_is_refused_with_its_place(program: Program, encoding: str) -> None:
    Path("f.yml").write_bytes("train.model_type: é\n".encode(encoding))
    result = program("--config", "f.yml")
    assert result.exit_code == 2
    assert result.stderr.startswith("Error: f.yml")
    assert len(result.stderr.splitlines()) <= 3


def test_an_unreadable_file_is_told(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any, **__: Any) -> Any:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr("clickbind.layers.includes._text", denied)
    result = program("--config", write(""))
    assert (result.exit_code, result.stderr) == (2, "Error: f.yml: cannot be read: Permission denied.\n")


def test_anchors_aliases_and_merges_work(program: Program) -> None:
    text = "train: &t {epochs: 7, model_type: &m x}\nprepare.source: *m\nval/dataset: {<<: &d {folder: f}, size: 3}\n"
    program("--config", write(text + "dataset: {<<: *d, size: 2}\n"), "run", "train", "prepare")
    assert program.got("train.epochs") == [7]
    assert program.got("prepare.source") == [Path("x")]
    assert program.got("dataset") == [{"folder": "f", "size": 2}, {"folder": "f", "size": 3}]


def test_a_merge_of_functions_is_read(program: Program) -> None:
    program("--config", write("<<: {train.epochs: 3, train.lr: .5}\ntrain.epochs: 2\n"), "train")
    (got,) = program.got("train")
    assert (got["epochs"], got["lr"]) == (2, 0.5)


def test_what_argbind_wrote_for_itself_is_ignored(program: Program) -> None:
    text = "args.save: x.yml\nargs.debug: 1\nargs: {load: y}\ntrain.tags: !!python/tuple [a]\n"
    assert program("--config", write(text), "train").exit_code == 0
    assert program.got("train.tags") == [["a"]]
    assert sorted(os.listdir()) == ["f.yml", "out"]


def test_a_file_imports_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "this", raising=False)
    binder = binder_of(Callable[..., Any] | None)
    with pytest.raises(ConfigError, match=r"f\.yml:1:10: train\.x: "):
        binder.load(write("train.x: this:s\n"))
    assert "this" not in sys.modules
    assert next(iter(binder.load(write("train.x: os.path:join\n")).files.values())).value is os.path.join
