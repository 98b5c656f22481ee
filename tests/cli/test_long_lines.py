"""Lines of more words than the parser hands to Click at once, and mistakes in long lists of what there is."""

from __future__ import annotations

import enum
from pathlib import Path
from typing import Any, Literal

import click
import pytest

import clickbind
from clickbind.cli.parts import Line, Rest
from clickbind.errors import ConversionError, suggest
from clickbind.types.table import converter_of
from tests.conftest import Program

MANY = 130


def test_a_long_line_is_parsed_as_a_short_one(program: Program) -> None:
    words = [word for number in range(MANY) for word in ("--tags", str(number), "--epochs=3")]
    program("train", *words)
    assert program.got("train.tags") == [[str(number) for number in range(MANY)]]
    assert program.got("train.epochs") == [3]


def test_a_long_line_may_hold_many_turns(program: Program) -> None:
    result = program("run", *(word for number in range(MANY) for word in ("peek", "--count", str(number))))
    assert result.exit_code == 0
    assert program.got("peek.count") == list(range(MANY))


@pytest.mark.parametrize("place", [1, 50, MANY])
def test_a_mistake_in_a_long_chain_is_found(program: Program, place: int) -> None:
    line = ["peek --count 1"] * MANY
    line[place - 1] = "peeek --count 1"
    result = program("run", *" ".join(line).split())
    assert (result.exit_code, program.calls) == (2, [])
    assert "No such stage 'peeek'. Did you mean 'peek'?" in result.output


def test_the_last_option_of_a_long_line_may_lack_its_value(program: Program) -> None:
    result = program("run", *["peek", "--count", "1"] * MANY, "peek", "--count")
    assert "Option '--count' requires an argument." in result.output


def test_what_stands_behind_two_dashes_is_left_in_a_long_line(program: Program) -> None:
    result = program("train", *["--epochs", "1"] * MANY, "--", "--epochs", *"x" * MANY)
    assert f"Got unexpected extra arguments (--epochs {' '.join('x' * MANY)})." in result.output


def test_a_word_too_many_in_a_long_line_is_told(program: Program) -> None:
    result = program("train", "stray", *["--epochs", "1"] * MANY)
    assert "Got unexpected extra argument (stray)." in result.output


@pytest.mark.parametrize("before", [98, 99, 100, 101])
def test_an_option_of_several_values_takes_them_across_the_border(program: Program, before: int) -> None:
    found: list[Any] = []
    show = click.Option(["--many"], nargs=150, callback=lambda _, __, value: found.append(value), expose_value=False)
    program.main.params.append(show)
    flags = ["--debug"] * before
    program(*flags, "--many", *map(str, range(150)), "peek")
    assert found == [tuple(map(str, range(150)))]
    assert program.got("peek.count") == [1]


def test_the_order_of_a_long_line_is_the_order_of_processing(program: Program) -> None:
    seen: list[str] = []
    for name in ("one", "two", "three"):
        program.main.params.append(
            click.Option([f"--{name}"], callback=lambda _, param, __: seen.append(param.name), expose_value=False)
        )
    program(*["--two", "x", "--one", "x"] * MANY, "peek")
    assert seen == ["two", "one", "three"]


def test_an_option_that_is_added_between_two_lines_is_found(program: Program) -> None:
    program("train", "--debug")
    program.main.params.append(click.Option(["--extra_one"]))
    assert program("train", "--extra-one", "x").exit_code == 0


def test_the_rest_of_a_line_is_cut_without_a_copy() -> None:
    line = Line(list("abcd"))
    rest = line.rest(list("bcd"))
    assert rest is not None
    assert (list(rest), len(rest), rest[0], bool(rest[3:])) == (list("bcd"), 3, "b", False)
    assert list(rest[2:]) == ["d"]
    assert line.rest(rest) is rest
    assert line.rest(Rest(Line(["d"]), 0)) is line.rest(["a"]) is line.rest(list("xabcd")) is None


Many = Literal[tuple(f"member{number}" for number in range(1000))]  # type: ignore[valid-type]


@pytest.mark.parametrize("kind", [Many, enum.Enum("Names", [f"member{number}" for number in range(1000)])])
def test_an_error_lists_as_many_members_as_one_can_read(kind: Any) -> None:
    converter = converter_of(kind)
    assert converter is not None
    with pytest.raises(ConversionError) as error:
        converter.from_text("membre7")
    text = str(error.value)
    assert text.endswith("'member29', and 970 more. Did you mean 'member7'?")
    assert len(text) < 500


def test_of_a_text_that_nobody_misspells_nothing_is_suggested() -> None:
    assert suggest("train" * 100, ["train" * 100]) == ""
    assert suggest("train" * 20, ["x" * 10_000, "train" * 19]) == f" Did you mean {'train' * 19!r}?"


def test_the_first_mistakes_of_all_files_get_suggestions(tmp_path: Path) -> None:
    binder = clickbind.Binder()

    @binder.bind
    def data(kind: list[Literal["small", "large"]] | None = None, size: int = 1) -> None: ...

    for name in "ab":
        (tmp_path / name).write_text(
            f"data.kind: [{', '.join(['smal'] * 4)}]\n" + "".join(f"data.siz{number}: 1\n" for number in range(4))
        )
    with pytest.raises(clickbind.UserError) as error:
        binder.load(tmp_path / "a", tmp_path / "b")
    message = error.value.message
    assert message.count("\n" + str(tmp_path)) + 1 == 16
    assert message.count("Did you mean") == 10


def test_the_errors_of_a_turns_values_point_at_their_places(tmp_path: Path) -> None:
    binder = clickbind.Binder()

    @binder.stage
    def train(kind: Literal["small", "large"] = "small", sizes: list[int] = []) -> None: ...  # noqa: B006

    (tmp_path / "f.yml").write_text("run.stages:\n- train:\n    kind: smal\n    sizes: [a, 2, b]\n    lr: 1\n")
    with pytest.raises(clickbind.UserError) as error:
        binder.load(tmp_path / "f.yml")
    places = [line.split("f.yml:")[1] for line in error.value.message.splitlines() if "f.yml:" in line]
    assert places == [
        "3:11: run.stages: kind: 'smal' is not one of 'small', 'large'. Did you mean 'small'?",
        "4:13: run.stages: sizes: 'a' is not a valid integer.",
        "4:19: run.stages: sizes: 'b' is not a valid integer.",
        "5:5: run.stages: stage 'train' has no parameter 'lr'. Remove it from the turn.",
    ]
