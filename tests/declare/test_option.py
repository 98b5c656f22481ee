"""`Option`: what a signature cannot say, and where it shows."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import pytest
from click.testing import CliRunner

import clickbind
from clickbind import BindError, Option

Token = Annotated[str, Option(secret=True)]


def program(annotation: Any, default: Any = ...) -> Any:
    """Make a program of one stage, whose x has an annotation and perhaps a default."""

    def required(x: Any) -> Any:
        return x

    def optional(x: Any = default) -> Any:
        return x

    function = required if default is ... else optional
    function.__annotations__["x"] = annotation
    binder = clickbind.Binder("prog")
    binder.stage(function, name="stage")
    return binder.command()


def typed(annotation: Any, *line: str, default: Any = ...) -> Any:
    return program(annotation, default)(["stage", *line], standalone_mode=False)


def output(annotation: Any, *line: str, default: Any = None, **invoke: Any) -> str:
    return CliRunner().invoke(program(annotation, default=default), line, prog_name="prog", **invoke).output


@pytest.mark.parametrize("flag", ["-e", "--rounds", "--x", "--stage.x"])
def test_more_flags_name_the_stages_own_option(flag: str) -> None:
    assert typed(Annotated[int, Option("-e", "--rounds")], flag, "7", default=1) == 7


@pytest.mark.parametrize("flag", ["e", "", "-", "--", "epochs"])
def test_a_flag_begins_with_a_dash(flag: str) -> None:
    with pytest.raises(BindError) as caught:
        Option(flag)
    assert str(caught.value) == f"{flag!r} is not a flag: flags begin with a dash, such as '-e' and '--epochs'."


def test_help_and_metavar_are_shown() -> None:
    shown = output(Annotated[int, Option("-e", help="How often.", metavar="N")], "stage", "--help", default=1)
    assert "-e, --x N   How often.  [default: 1]" in shown


def test_a_hidden_option_is_left_out_of_help_and_can_be_given() -> None:
    hidden = Annotated[int, Option(hidden=True)]
    assert "--x" not in output(hidden, "stage", "--help", default=1)
    assert "stage.x" not in output(hidden, "--help", default=1)
    assert typed(hidden, "--x", "7", default=1) == 7


def test_a_variable_gives_a_value() -> None:
    main = program(Annotated[list[int], Option(envvar="PROG_X")], default=[])
    runner = CliRunner(env={"PROG_X": "1 2"})
    assert runner.invoke(main, ["stage"], standalone_mode=False).return_value == [1, 2]
    assert runner.invoke(main, ["stage", "--x", "3"], standalone_mode=False).return_value == [3]


def test_a_deprecated_option_warns_where_it_is_used() -> None:
    deprecated = Annotated[int, Option(deprecated="Say --y.")]
    assert "Say --y." in output(deprecated, "stage", "--x", "7", default=1)
    assert output(deprecated, "stage", default=1) == ""


@pytest.mark.parametrize(("prompt", "question"), [(True, "X: "), ("How many", "How many: ")])
def test_a_missing_value_is_asked_for(prompt: Any, question: str) -> None:
    main = program(Annotated[int, Option(prompt=prompt)])
    result = CliRunner().invoke(main, ["stage"], input="7\n", standalone_mode=False)
    assert result.return_value == 7
    assert result.output.startswith(question)


def test_a_value_with_a_default_is_not_asked_for() -> None:
    assert typed(Annotated[int, Option(prompt=True)], default=7) == 7


@pytest.mark.parametrize(
    "annotation",
    [
        Token,
        Annotated[str | None, Option(secret=True)],
        Token | None,
        Optional[Token],  # noqa: UP045 - programs still write it
        list[Token],
        dict[str, Token],
    ],
)
def test_a_secret_is_neither_saved_nor_printed(annotation: Any) -> None:
    text = "k=hush" if "dict" in str(annotation) else "hush"
    shown = output(annotation, "--save", "-", "--debug", "stage", "--x", text)
    assert "hush" not in shown
    assert "stage.x" in shown


def test_a_secret_default_is_not_shown() -> None:
    assert "hush" not in output(Token, "stage", "--help", default="hush")


def test_a_wrong_secret_is_not_told() -> None:
    shown = output(Annotated[int, Option(secret=True)], "stage", "--x", "hush", default=1)
    assert "hush" not in shown
    assert "expected INTEGER." in shown


def test_of_several_marks_the_last_counts() -> None:
    annotation = Annotated[int, Option("-a"), Option("-b")]
    assert typed(annotation, "-b", "7", default=1) == 7
    with pytest.raises(Exception, match="No such option"):
        typed(annotation, "-a", "7", default=1)


def test_a_mark_shows_what_it_was_given() -> None:
    assert repr(Option()) == "Option()"
    shown = repr(Option("-e", help="How.", secret=True))
    assert sorted(shown[len("Option(") : -1].split(", ")) == ["flags=('-e',)", "help='How.'", "secret=True"]
