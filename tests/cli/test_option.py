"""Options: what their texts become, what help says of them, and where their values come from."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Optional

import click
import pytest
from click.core import ParameterSource
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import clickbind
from clickbind import types
from clickbind.cli.help_extra import as_typed
from tests.conftest import Program


def typed(annotation: Any, *words: str, default: Any = None) -> Any:
    """Type words behind a stage's name, and give the value that its parameter x gets."""

    def stage(x: Any = default) -> Any:
        return x

    stage.__annotations__["x"] = annotation
    binder = clickbind.Binder("prog")
    binder.stage(stage)
    return binder.command()(["stage", *words], standalone_mode=False)


@pytest.mark.parametrize(
    ("words", "value"),
    [
        (["--x", "a b c"], ["a", "b", "c"]),
        (["--x", "a 'b c'"], ["a", "b c"]),
        (["--x", 'a "b c"'], ["a", "b c"]),
        (["--x", r"C:\a D:\b"], [r"C:\a", r"D:\b"]),
        (["--x", "a", "--x", "b c"], ["a", "b", "c"]),
        (["--x", "[a, b c]"], ["a", "b c"]),
        (["--x", "[a, b]", "--x", "c"], ["a", "b", "c"]),
        (["--x", ""], []),
        (["--stage.x", "a", "--stage.x", "b"], ["a", "b"]),
    ],
)
def test_a_list_is_split_at_white_space_repeated_or_flow(words: list[str], value: list[str]) -> None:
    assert typed(list[str], *words) == value


def test_the_items_of_a_list_are_converted() -> None:
    assert typed(list[int], "--x", "1 2", "--x", "[3, 0x4]") == [1, 2, 3, 4]


def test_a_list_in_a_list_is_typed_as_flow() -> None:
    assert typed(list[list[int]], "--x", "[[1, 2], [3]]") == [[1, 2], [3]]


def test_an_unclosed_quote_is_refused(program: Program) -> None:
    result = program("train", "--tags", "a 'b")
    assert result.exit_code == 2
    assert "Invalid value for '--tags': \"a 'b\" has an unclosed quote." in result.output


@pytest.mark.parametrize("word", ["none", "None", "null", "NULL"])
@pytest.mark.parametrize("annotation", [Optional[int], int | None, Optional[list[int]], Optional[str]])  # noqa: UP045
def test_none_and_null_set_an_optional_parameter_to_none(annotation: Any, word: str) -> None:
    assert typed(annotation, "--x", word, default=3) is None
    assert typed(annotation, "--stage.x", word, default=3) is None


@pytest.mark.parametrize("word", ["none", "null"])
def test_none_is_a_text_where_none_is_no_value(word: str) -> None:
    assert typed(str, "--x", word, default="a") == word


def test_none_in_a_file_is_a_text(program: Program) -> None:
    Path("run.yml").write_text("train.tags: [none]\ntrain.model_type: none")
    program("--config", "run.yml", "train")
    assert program.got("train.tags") == [["none"]]
    assert program.got("train.model_type") == ["none"]


@pytest.mark.parametrize(
    ("annotation", "word", "message"),
    [
        (int, "many", "'many' is not a valid integer."),
        (float, "fast", "'fast' is not a valid float."),
        (list[int], "1 x", "'x' is not a valid integer."),
        (Optional[int], "x", "'x' is not a valid integer."),  # noqa: UP045
    ],
)
@pytest.mark.parametrize("flag", ["--x", "--stage.x"])
def test_a_wrong_value_is_refused(annotation: Any, word: str, message: str, flag: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        typed(annotation, flag, word)
    assert caught.value.format_message() == f"Invalid value for '{flag}': {message}"


def test_a_default_is_the_signatures_own_object() -> None:
    default = [1, 2]
    assert typed(list[int], default=default) is default


def test_a_default_of_another_type_is_not_converted() -> None:
    assert typed(int, default="auto") == "auto"


def test_a_default_that_is_callable_is_not_called() -> None:
    assert typed(None, default=print) is print
    assert typed(Any, default=print) is print


def test_a_given_list_is_fresh_for_each_call() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def tags(names: list[str] | None = None) -> list[str] | None:
        return names

    binder.stage(lambda: (tags(), tags()), name="train")
    first, second = binder.command()(["train", "--tags.names", "a b"], standalone_mode=False)
    assert first == second == ["a", "b"]
    assert first is not second


def _sources(*names: str) -> Callable[[], dict[str, Any]]:
    def sources() -> dict[str, Any]:
        ctx = click.get_current_context()
        return {name: ctx.get_parameter_source(name) for name in names}

    return sources


def test_each_option_of_a_stage_knows_its_source(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")
    find = _sources("a", "b", "c", "d", "e")
    binder.stage(lambda a=1, b=1, c=1, d=1, e=1: find(), name="train")
    (tmp_path / "run.yml").write_text("train.a: 2\ntrain.b: 2\ntrain.c: 2")
    line = ["--config", str(tmp_path / "run.yml"), "train", "--a", "1", "--train.b", "1"]
    assert binder.command()(line, standalone_mode=False, default_map={"train": {"d": 2}}) == {
        "a": ParameterSource.COMMANDLINE,
        "b": ParameterSource.COMMANDLINE,
        "c": ParameterSource.DEFAULT_MAP,
        "d": ParameterSource.DEFAULT_MAP,
        "e": ParameterSource.DEFAULT,
    }


def test_the_values_of_a_stage_are_in_its_click_context() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda a=1, b=1, c=1: click.get_current_context().params, name="train")
    line = ["--train.b", "2", "train", "--a", "3"]
    assert binder.command()(line, standalone_mode=False) == {"a": 3, "b": 2, "c": 1}


def help_of(annotation: Any, default: Any) -> str:
    """Return the line of a parameter's help behind its flag."""

    def stage(value: Any = default) -> None: ...

    stage.__annotations__["value"] = annotation
    binder = clickbind.Binder("prog")
    binder.stage(stage)
    output = CliRunner().invoke(binder.command(), ["stage", "--help"]).output
    start = output.index("--value")
    return " ".join(output[start : output.index("-h, --help")].split())


@pytest.mark.parametrize(
    ("annotation", "default", "shown"),
    [
        (int, 50, "--value INTEGER [default: 50]"),
        (float, 1e-3, "--value FLOAT [default: 0.001]"),
        (str, "conv", "--value TEXT [default: conv]"),
        (str, "", '--value TEXT [default: ""]'),
        (Path, Path("a/b"), "--value PATH [default: a/b]"),
        (bool, True, "--value / --no-value [default: true]"),
        (bool, False, "--value / --no-value [default: false]"),
        (list[str], ["a", "b"], '--value "TEXT ..." [default: a b]'),
        (list[str], ["", "a b", "it's", 'say "hi"'], """--value "TEXT ..." [default: "" "a b" "it's" 'say "hi"']"""),
        (list[str], ["[a]", "{b"], '--value "TEXT ..." [default: "[a]" "{b"]'),
        (list[str], ["a\nb"], '--value "TEXT ..." [default: ["a\\nb"]]'),
        (list[Optional[int]], [1, None], '--value "INTEGER ..." [default: 1 none]'),  # noqa: UP045
        (dict[str, str], {"k": "a b", "e": ""}, '--value "TEXT=TEXT ..." [default: k="a b" e=""]'),
        (dict[str, list[int]], {"x": [1, 2]}, '--value "{TEXT: [INTEGER, ...], ...}" [default: {x: [1, 2]}]'),
        (dict[str, int], {"c=d": 2}, '--value "TEXT=INTEGER ..." [default: {"c=d": 2}]'),
        (Optional[int], None, "--value INTEGER"),  # noqa: UP045
        (int, "auto", "--value INTEGER [default: auto]"),
        (float, "auto", "--value FLOAT [default: auto]"),
        (list[float], 3, '--value "FLOAT ..." [default: 3]'),
        (str, "x" * 70, f"--value TEXT [default: {'x' * 57}...]"),
        (Any, 3, "--value VALUE [default: 3]"),
        (bool, "auto", "--value / --no-value [default: auto]"),
        (str, "\n", "--value TEXT [default: '\\n']"),
        (str, " ", '--value TEXT [default: " "]'),
        (list[bool], [True, False], '--value "BOOLEAN ..." [default: true false]'),
        (Any, object(), "--value VALUE [default: <object object>]"),
        (Any, clickbind.runs, "--value VALUE [default: runs]"),
        (Any, Path, "--value VALUE [default: Path]"),
        (list[Any], [len, [].append], '--value "VALUE ..." [default: len append]'),
        (Any, lambda: 1, "--value VALUE"),
        (int, lambda: 1, "--value INTEGER"),
    ],
)
def test_the_help_shows_a_default_as_files_have_it(annotation: Any, default: Any, shown: str) -> None:
    assert help_of(annotation, default) == shown


TEXTS = st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t"))


@given(st.data())
@settings(max_examples=200)
def test_a_default_is_shown_so_that_it_can_be_typed(data: Any) -> None:
    annotation, values = data.draw(
        st.sampled_from(
            [
                (list[str], st.lists(TEXTS)),
                (tuple[str, ...], st.lists(TEXTS).map(tuple)),
                (dict[str, str], st.dictionaries(TEXTS, TEXTS)),
                (list[list[str]], st.lists(st.lists(TEXTS))),
                (dict[str, list[int]], st.dictionaries(TEXTS, st.lists(st.integers()))),
                (list[Optional[int]], st.lists(st.none() | st.integers())),  # noqa: UP045
                (dict[str, bool], st.dictionaries(TEXTS, st.booleans())),
            ]
        )
    )
    value = data.draw(values)
    converter = types.table.converter_of(annotation)
    assert converter is not None
    assert converter.from_typed(as_typed(converter.to_plain(value))) == value


@pytest.mark.parametrize(("default", "shown"), [(True, "true"), (False, "false")])
def test_the_help_shows_the_default_of_a_boolean_without_a_negation(default: bool, shown: str) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda cache=default, no_cache=None: None, name="train")
    output = CliRunner().invoke(binder.command(), ["train", "--help"]).output
    assert f"--cache [default: {shown}] --no-cache" in " ".join(output.split())


def test_the_help_shows_no_typed_value_as_a_default(program: Program) -> None:
    assert "[default: 50]" in program("train", "--epochs", "7", "--help").output


def test_the_help_marks_what_is_required() -> None:
    binder = clickbind.Binder("prog")

    def needy(folder: str) -> Any:
        return folder

    binder.context(needy, name="output")
    binder.stage(needy, name="train")
    runner, main = CliRunner(), binder.command()
    assert "--folder TEXT  [required]" in runner.invoke(main, ["train", "--help"]).output
    assert "--output.folder TEXT  [required]" in runner.invoke(main, ["--help"]).output


def test_the_root_marks_what_a_turn_needs() -> None:
    binder = clickbind.Binder("prog")

    def train(folder: str) -> str:
        return folder

    binder.stage(train)
    output = CliRunner().invoke(binder.command(), ["--help"]).output
    assert "--train.folder TEXT  [required]\n" in output


def test_a_deprecated_function_warns_where_its_option_is_used() -> None:
    binder = clickbind.Binder("prog")
    binder.bind(lambda speed=1: speed, name="old", deprecated="Say new.")
    binder.stage(lambda: None, name="train")
    result = CliRunner().invoke(binder.command(), ["train", "--old.speed", "3"])
    assert "DeprecationWarning" in result.stderr
    assert "old.speed" in result.stderr
    assert "Say new." in result.stderr
    assert CliRunner().invoke(binder.command(), ["train"]).stderr == ""


def test_a_default_of_a_file_that_is_callable_is_not_called(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda x=None: x, name="train")
    assert binder.command()(["train"], standalone_mode=False, default_map={"train": {"x": print}}) is print


@pytest.mark.parametrize("word", ["none", "None", "null", "NULL"])
@pytest.mark.parametrize("flag", ["--x", "--stage.x"])
def test_none_sets_an_optional_boolean_to_none(flag: str, word: str) -> None:
    assert typed(bool | None, flag, word, default=True) is None
    assert typed(bool | None, f"{flag}={word}", default=True) is None
    assert typed(bool | None, flag, word, flag, default=False) is True
    assert typed(bool | None, flag, flag, word, default=False) is None


@pytest.mark.parametrize("line", ["--train.x none train", "--train.x=null train", "run train --train.x NONE train"])
def test_none_sets_an_optional_boolean_to_none_wherever_it_stands(line: str) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(x: bool | None = True) -> bool | None:
        return x

    assert binder.command()(line.split(), standalone_mode=False) in (None, [None, None])


def test_none_behind_a_boolean_that_cannot_be_none_is_no_value_of_it() -> None:
    with pytest.raises(click.UsageError):
        typed(bool, "--x", "none", default=True)


@pytest.mark.parametrize("flag", ["--x", "--stage.x"])
@pytest.mark.parametrize(
    ("words", "value"),
    [(["none", "a"], ["a"]), (["a", "none"], None), (["a", "none", "b"], ["b"]), (["none"], None), (["none", ""], [])],
)
def test_none_among_the_occurrences_of_a_list_starts_anew(flag: str, words: list[str], value: Any) -> None:
    assert typed(list[str] | None, *(part for word in words for part in (flag, word)), default=["z"]) == value


@pytest.mark.parametrize("line", ["train --epochs {}", "--train.epochs {} train", "run train --epochs {}"])
@pytest.mark.parametrize("digits", ["0x" + "f" * 5000, "0o" + "7" * 5000, "0b" + "1" * 20_000, "9" * 5000])
def test_an_int_that_could_not_be_written_is_refused(program: Program, line: str, digits: str) -> None:
    result = program(*line.format(digits).split(), "--save", "run.yml")
    assert result.exit_code == 2
    assert "is not a valid integer." in result.output
    assert program.ran == []


def _needs(flag: str) -> str:
    return flag


@pytest.mark.parametrize(
    "line", ["--run.stages req", "--config run.yml", "run --run.stages req", "run --config run.yml"]
)
def test_a_missing_option_of_a_stage_that_only_run_stages_names_is_told_dotted(program: Program, line: str) -> None:
    program.binder.stage(_needs, name="req", default=False)
    Path("run.yml").write_text("run.stages: [req]")
    result = program(*line.split())
    assert result.exit_code == 2
    assert "Missing option '--req.flag'" in result.output
    assert program.ran == []


@pytest.mark.parametrize("line", ["req", "run req", "run peek req"])
def test_a_missing_option_of_a_stage_on_the_line_is_told_as_it_is_typed(program: Program, line: str) -> None:
    program.binder.stage(_needs, name="req", default=False)
    result = program(*line.split())
    assert result.exit_code == 2
    assert "Missing option '--flag'" in result.output
    assert program.ran == []


def test_the_default_of_a_mapping_is_shown_as_it_is_typed() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def fit(weights: dict[str, int] = {"a": 1, "b": 2}, none: dict[str, int] = {}) -> None:  # noqa: B006
        pass

    shown = CliRunner().invoke(binder.command(), ["fit", "--help"]).stdout
    assert "[default: a=1 b=2]" in shown
    assert "[default: {}]" in shown


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("train --epochs --lr .1", "'--epochs' has no value, since '--lr' is an option."),
        ("train --epochs --dataset.size 3", "'--epochs' has no value, since '--dataset.size' is an option."),
        ("train --epochs --model-type", "'--epochs' has no value, since '--model-type' is an option."),
        ("--train.epochs --train.lr .1", "'--train.epochs' has no value, since '--train.lr' is an option."),
        ("train --epochs --nothing", ""),
        ("train --epochs -x", ""),
    ],
)
def test_an_option_that_is_taken_for_a_value_is_recognized(program: Program, line: str, hint: str) -> None:
    result = program(*line.split())
    assert result.exit_code == 2
    assert "Invalid value for " in result.stderr
    assert ("has no value" in result.stderr, hint in result.stderr) == (bool(hint), True), result.stderr


def test_an_option_that_is_taken_for_an_item_of_a_list_is_recognized() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(layers: list[int] | None = None, lr: float = 0.1) -> None: ...

    result = CliRunner().invoke(binder.command(), ["train", "--layers", "1", "--layers", "--lr", ".1"])
    assert "'--layers' has no value, since '--lr' is an option." in result.stderr
