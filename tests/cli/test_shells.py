"""The completion classes: what a shell gets for the line that is typed, and that only programs of ours have them."""

from __future__ import annotations

import enum
import shlex
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

import click
import pytest
from click.shell_completion import BashComplete, CompletionItem, add_completion_class, get_completion_class
from hypothesis import given
from hypothesis import strategies as st

import clickbind
from clickbind.cli import shells
from tests.conftest import Program

SHELLS = ["bash", "zsh", "fish"]


@pytest.fixture(params=SHELLS)
def shell(request: pytest.FixtureRequest) -> str:
    """Return each shell's name in turn."""
    return str(request.param)


@pytest.fixture(autouse=True)
def _in_a_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def answer(program: Program, shell: str, line: str, replaced: str | None = None) -> list[str]:
    """Return the lines that a script gets for a line; bash replaces its last word, or another part that is given."""
    replaced = line.rpartition(" ")[2] if replaced is None else replaced
    environment = {"_PROG_COMPLETE": f"{shell}_complete", "COMP_LINE": line, "COMP_CWORD": replaced}
    result = program(env=environment)
    assert (result.exit_code, result.stderr) == (0, "")
    return result.output.splitlines()


def words(program: Program, shell: str, line: str, replaced: str | None = None) -> list[str]:
    """Return the words that a shell is offered."""
    lines = answer(program, shell, line, replaced)[1:]
    if shell == "zsh":
        return [word.partition(":")[2].replace("\\:", ":") for word in lines[::2]]
    return [word.partition("\t")[0] for word in lines]


def tune(  # noqa: PLR0917 - a value of each kind
    place: Literal["gpu:0", "cpu"] = "cpu",
    title: Literal["two words", "it's", 'a"$\\`'] = "two words",
    odd: Literal["a\nb", "a\x07", "ab"] = "ab",
    data: Path | None = None,
    either: Literal["auto"] | Path = "auto",
    files: list[Path] | None = None,
    folder: Annotated[str, click.Path(file_okay=False)] = ".",
    key: Annotated[str, clickbind.Option(secret=True)] = "",
) -> None:
    """Tune it.

    Parameters
    ----------
    place : str
        Where it
        runs.

        Another paragraph.
    key : str
        The key
    """


@pytest.fixture
def program(program: Program) -> Program:
    """Add a stage whose values are hard to complete."""
    program.binder.stage(tune)
    return program


@pytest.mark.parametrize(
    ("line", "args", "word", "quote"),
    [
        ("", [], "", ""),
        ("prog", [], "prog", ""),
        ("prog ", [], "", ""),
        ("prog  a b", ["a"], "b", ""),
        ("prog a\tb ", ["a", "b"], "", ""),
        ("prog a\\ b c\\", ["a b"], "c", ""),
        ("prog 'a b' \"c d", ["a b"], "c d", '"'),
        ("prog '' 'c \\d", [""], "c \\d", "'"),
        ('prog "a \\" \\$ \\x" b"c"d', ['a " $ \\x'], "bcd", ""),
    ],
)
def test_a_line_is_split_as_shells_do(line: str, args: list[str], word: str, quote: str) -> None:
    typed = shells.Typed(line)
    assert (typed.args, typed.word, typed.quote) == (args, word, quote)


@given(st.lists(st.text(st.sampled_from("ab '\"\\$;\t"), max_size=5), max_size=5))
def test_a_quoted_line_is_split_into_its_words(args: list[str]) -> None:
    assert shells.Typed(f"prog {shlex.join(args)} ").args == args


@given(st.text(st.sampled_from("ab '\"\\`$;#~!*[\t"), max_size=8), st.sampled_from(["", "'", '"']))
def test_a_text_is_quoted_for_bash_so_that_it_reads_back(text: str, quote: str) -> None:
    assert shells.Typed(f"{quote}{shells._quoted(text, quote)}{quote}").word == text


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("prog tr", ["train"]),
        ("prog run train --epochs 5 pe", ["peek"]),
        ("prog tune --place c", ["cpu"]),
        ("prog --tune.place c", ["cpu"]),
        ("prog tune --title two\\ w", ["two words"]),
        ("prog --run.stages 'train pe", ["train peek"]),
        ("prog --run.stages '[train, pe", ["[train, peek"]),
        ("prog tune --odd a", ["ab"]),
        ("prog tune -- --place=", []),
        ("prog tune -x=1", []),
        ("prog --nope=1", []),
        ("prog tune --nope --place=", []),
        ("prog --debug=", []),
        ("prog tune extra --place c", ["cpu"]),
    ],
)
def test_zsh_and_fish_are_offered_whole_words(program: Program, line: str, offered: list[str]) -> None:
    for shell in ("zsh", "fish"):
        assert words(program, shell, line) == offered


@pytest.mark.parametrize("flag", ["--place", "--tune.place"])
@pytest.mark.parametrize("before", ["tune", "run tune", "run train --epochs 3 tune"])
def test_a_value_after_an_equals_sign_is_offered_with_its_option(program: Program, before: str, flag: str) -> None:
    for shell in ("zsh", "fish"):
        assert words(program, shell, f"prog {before} {flag}=g") == [f"{flag}=gpu:0"]
    assert words(program, "bash", f"prog {before} {flag}=g", "g") == ["gpu:0"]


@pytest.mark.parametrize("flag", ["--model_type", "--model-type", "--train.model-type", "--train.model_type"])
@pytest.mark.parametrize("joint", [" ", "="])
def test_a_value_is_offered_behind_either_spelling_of_its_option(flag: str, joint: str) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(model_type: Literal["mlp", "conv"] = "mlp") -> None: ...

    environment = {"_PROG_COMPLETE": "bash_complete", "COMP_LINE": f"prog train {flag}{joint}m", "COMP_CWORD": "m"}
    result = click.testing.CliRunner().invoke(binder.command(), [], prog_name="prog", env=environment)
    assert result.output == "#clickbind\nmlp\n"


@pytest.mark.parametrize(
    ("line", "replaced", "offered"),
    [
        ("prog tune --place gpu:", "", ["0"]),
        ("prog tune --place gpu:", ":", ["0"]),  # as the wrappers of bash-completion call it
        ("prog tune --place=", "=", ["gpu:0", "cpu"]),
        ("prog tune --place 'gp", "gp", ["gpu:0"]),
        ("prog tune --place 'gp", "'gp", ["gpu:0"]),
        ("prog tune --place gp", "another", ["gpu:0"]),
        ("prog tune --title t", "t", ["two\\ words"]),
        ("prog tune --title two\\ w", "two\\ w", ["two\\ words"]),
        ('prog tune --title "two w', "two w", ["two words"]),
        ("prog tune --title i", "i", ["it\\'s"]),
        ("prog tune --title 'i", "i", ["it'\\''s"]),
        ("prog tune --title a", "a", ['a\\"\\$\\\\\\`']),
        ('prog tune --title "a', "a", ['a\\"\\$\\\\\\`']),
        ("prog --run.stages 'train pe", "train pe", ["train peek"]),
        ("prog fine_", "fine_", ["fine-tune"]),
    ],
)
def test_bash_gets_the_part_that_it_replaces_quoted_as_it_is(
    program: Program, line: str, replaced: str, offered: list[str]
) -> None:
    program.binder.stage(lambda: None, name="fine_tune")
    assert words(program, "bash", line, replaced) == offered


def test_bash_keeps_the_case_of_the_part_that_it_does_not_replace(program: Program) -> None:
    class Place(enum.Enum):
        A_B = 1

    Place._member_map_["a:b"] = Place.A_B

    def put(place: Place = Place.A_B) -> None: ...

    program.binder.stage(put)
    assert words(program, "bash", "prog put --place A:", "") == ["b"]
    assert words(program, "bash", "prog put --place A_", "A_") == ["A_B"]


def test_fish_is_offered_only_words_that_begin_as_typed(program: Program) -> None:
    program.binder.stage(lambda: None, name="fine_tune")
    assert words(program, "fish", "prog fine_") == ["fine_tune"]
    assert words(program, "fish", "prog fine-") == ["fine-tune"]
    assert words(program, "fish", "prog train --model_") == ["--model_type"]
    assert words(program, "fish", "prog --train.model-") == ["--train.model-type"]
    assert words(program, "zsh", "prog --train.model-") == ["--train.model_type"]


def test_zsh_gets_colons_escaped_and_a_short_text_for_its_list(program: Program) -> None:
    assert answer(program, "zsh", "prog tune --place=g")[1:] == ["closed:--place=gpu\\:0", "gpu\\:0"]
    assert answer(program, "zsh", "prog --run.stages 'train pe")[1:] == ["closed:train peek", "peek"]
    assert answer(program, "zsh", "prog tune --pl")[1:] == ["closed:--place", "--place:Where it runs."]


def test_fish_gets_the_help_behind_a_tab(program: Program) -> None:
    assert answer(program, "fish", "prog tune --pl")[1:] == ["--place\tWhere it runs."]
    assert answer(program, "fish", "prog tune --place g")[1:] == ["gpu:0"]


def make_files(*names: str) -> None:
    for name in names:
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).touch()


@pytest.mark.parametrize(
    ("line", "directives"),
    [
        ("prog tune --data x", "file"),
        ("prog prepare --source ", "file"),
        ("prog tune --folder x", "dir"),
        ("prog tune --files x", "file"),
    ],
)
def test_a_path_that_is_a_whole_word_is_left_to_the_shell(
    program: Program, shell: str, line: str, directives: str
) -> None:
    assert answer(program, shell, line) == [f"#clickbind {directives}"]


def test_a_path_in_bash_is_left_to_bash_where_that_replaces_it_whole(program: Program) -> None:
    make_files("a:b.txt", "ab.txt")
    assert answer(program, "bash", "prog tune --data=x", "x") == ["#clickbind file"]
    assert answer(program, "bash", "prog tune --data=a:", "") == ["#clickbind", "b.txt"]


def test_a_path_after_an_option_or_in_a_list_is_offered(program: Program) -> None:
    make_files("data.csv", "data/x.csv", ".hidden", "data/bad\nname")
    for shell in ("zsh", "fish"):
        assert words(program, shell, "prog tune --data=da") == ["--data=data.csv", "--data=data/"]
        assert words(program, shell, "prog tune --data=data/") == ["--data=data/x.csv"]
        assert words(program, shell, "prog tune --data=.h") == ["--data=.hidden"]
        assert words(program, shell, "prog tune --data=") == ["--data=data.csv", "--data=data/"]
        assert words(program, shell, "prog tune --data=none/x") == []
        assert words(program, shell, "prog tune --folder=da") == ["--folder=data/"]
    assert words(program, "bash", "prog tune --files 'a data.", "a data.") == ["a data.csv"]
    assert answer(program, "bash", "prog tune --files 'a data/", "a data/") == ["#clickbind", "a data/x.csv"]
    assert answer(program, "zsh", "prog tune --folder=da") == ["#clickbind open", "open:--folder=data/", "data/"]


def test_a_path_in_quotes_is_offered_in_fish(program: Program) -> None:
    make_files("a b.txt")
    assert words(program, "fish", "prog tune --data 'a ") == ["a b.txt"]


def test_a_path_beside_other_values(program: Program) -> None:
    make_files("aunt.txt")
    assert answer(program, "bash", "prog tune --either au", "au") == ["#clickbind", "auto", "aunt.txt"]
    assert answer(program, "zsh", "prog tune --either au") == ["#clickbind file", "closed:auto", "auto"]


def test_config_files_are_those_in_yaml_while_there_are_some(program: Program) -> None:
    make_files("a.yml", "b.yaml", "c.txt", "folder/d.txt")
    assert words(program, "bash", "prog --config ") == ["a.yml", "b.yaml", "folder/"]
    assert words(program, "bash", "prog train --config c") == ["c.txt"]
    assert answer(program, "zsh", "prog --config ") == ["#clickbind yaml"]
    assert words(program, "fish", "prog --config=a") == ["--config=a.yml"]


def test_a_word_that_may_go_on_gets_no_space() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(sizes: dict[Literal["a", "b"], bool] | None = None) -> None: ...

    environment = {"_PROG_COMPLETE": "bash_complete", "COMP_LINE": "prog train --sizes a", "COMP_CWORD": "a"}
    result = click.testing.CliRunner().invoke(binder.command(), [], prog_name="prog", env=environment)
    assert result.output == "#clickbind open\na=\n"


def test_help_shows_the_value_that_a_config_file_sets(program: Program, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("f.yml").write_text("tune.place: gpu:0\ntune.key: hush\ntune.data: null\ntrain/dataset.size: 3\n")
    monkeypatch.setenv("CONFIG", "f")
    for config in ("f.yml", "${CONFIG}.yml", "~/f.yml"):
        monkeypatch.setenv("HOME", str(Path.cwd()))
        line = f"prog --config {config} tune --place"
        assert "Where it runs. [now gpu:0 from " in answer(program, "fish", line)[1]
    line = "prog --config f.yml tune --"
    assert answer(program, "fish", f"{line}pl")[1:] == ["--place\tWhere it runs. [now gpu:0 from f.yml:1]"]
    assert answer(program, "fish", f"{line}data")[1] == "--data\t[now none from f.yml:3]"
    assert answer(program, "fish", f"{line}key")[1:] == ["--key\tThe key"]
    assert answer(program, "fish", f"{line}train/dataset.s")[1:] == ["--train/dataset.size\t[now 3 from f.yml:4]"]
    line = "prog --tune.place cpu --config f.yml --tune."
    assert "hush" not in "".join(answer(program, "zsh", line))
    (_, found) = answer(program, "fish", "prog --dataset.size 3 --train/dataset.s")
    assert found == "--train/dataset.size\t[now 3 from --dataset.size]"
    assert "--config\tRead values from" in answer(program, "fish", "prog --conf")[1]


def test_help_shows_the_value_of_an_outer_program(program: Program) -> None:
    outer = click.Group("outer", context_settings={"default_map": {"prog": {"tune.place": "gpu:0"}}})
    outer.add_command(program.main)
    complete = shells.Fish(outer, {}, "outer", "_OUTER_COMPLETE")
    assert [item.help for item in complete.get_completions(["prog"], "--tune.pl")] == [
        "Where it runs.  [now gpu:0 from default_map]"
    ]


class _Own(click.ParamType):  # type: ignore[type-arg]  # it is not generic before Click 8.5
    name = "own"

    def shell_complete(self, *_: Any) -> list[CompletionItem]:
        return [CompletionItem("zebra")]


def test_a_type_may_offer_what_does_not_begin_as_typed(program: Program) -> None:
    program.main.params.append(click.Option(["--own"], type=_Own()))
    assert words(program, "bash", "prog --own a", "a") == ["zebra"]
    assert words(program, "bash", "prog --own a:b", "b") == []  # bash keeps `a:`
    assert words(program, "fish", "prog --own a") == ["zebra"]


class _Raising(click.ParamType):  # type: ignore[type-arg]  # it is not generic before Click 8.5
    name = "raising"

    def __init__(self, error: BaseException) -> None:
        self._error = error

    def shell_complete(self, *_: Any) -> NoReturn:
        raise self._error

    def convert(self, value: Any, *_: Any) -> Any:
        return value


@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3)])
def test_a_type_that_raises_offers_nothing(program: Program, shell: str, error: BaseException) -> None:
    program.main.params.append(click.Option(["--bad"], type=_Raising(error)))
    assert answer(program, shell, "prog --bad x") == [""]


def test_the_values_of_a_command_that_was_added_are_offered(program: Program) -> None:
    command = click.Command("own", params=[click.Option(["--mode"], type=click.Choice(["fast", "fine"]))])
    program.main.add_command(command)
    assert words(program, "zsh", "prog own --mode=fi") == ["--mode=fine"]
    assert words(program, "bash", "prog own --mode fa") == ["fast"]


def test_the_values_of_an_option_that_may_stand_alone_are_offered(program: Program) -> None:
    kind = click.Choice(["fast", "fine"])
    program.main.params.append(click.Option(["--mode"], type=kind, is_flag=False, flag_value="fast"))
    assert words(program, "zsh", "prog --mode=fi") == ["--mode=fine"]
    assert words(program, "zsh", "prog --mode fi") == ["fine"]


def test_scripts_that_click_made_get_what_they_got(program: Program) -> None:
    environment = {"_PROG_COMPLETE": "bash_complete", "COMP_WORDS": "prog tr", "COMP_CWORD": "1"}
    assert program(env=environment).output == "plain,train\n"


def test_each_shell_gets_its_own_script(program: Program, shell: str) -> None:
    script = program(env={"_PROG_COMPLETE": f"{shell}_source"}).stdout
    assert f"_PROG_COMPLETE={shell}_complete" in script
    assert "COMP_LINE" in script


def test_powershell_has_click_s_script(program: Program) -> None:
    result = program(env={"_PROG_COMPLETE": "powershell_source"})
    has_class = get_completion_class("powershell") is not None
    assert ("Register-ArgumentCompleter" in result.stdout, result.exit_code) == (has_class, 0 if has_class else 1)


def test_a_variable_of_another_name_asks_for_completion_too(program: Program) -> None:
    environment = {"ASK": "zsh_complete", "COMP_LINE": "prog tr"}
    result = program(env=environment, complete_var="ASK")
    assert result.output == "#clickbind\nclosed:train\ntrain:Train the model.\n"


def test_other_programs_of_the_process_keep_click_s_classes(program: Program) -> None:
    before = {name: get_completion_class(name) for name in SHELLS}
    seen: list[Any] = []

    def look(*_: Any) -> list[Any]:
        seen.append(get_completion_class("bash"))
        return []

    program.main.params.append(click.Option(["--look"], shell_complete=look))
    assert words(program, "bash", "prog --look x") == []
    assert seen == [shells.Bash]
    assert {name: get_completion_class(name) for name in SHELLS} == before
    program("train")
    assert {name: get_completion_class(name) for name in SHELLS} == before


def test_a_class_that_the_program_has_registered_stays(program: Program) -> None:
    class Own(BashComplete):
        def complete(self) -> str:
            return "own"

    before = get_completion_class("bash")
    add_completion_class(Own)
    try:
        assert answer(program, "bash", "prog tr") == ["own"]
        assert get_completion_class("bash") is Own
    finally:
        add_completion_class(before)


def test_a_program_that_is_started_without_words_completes(
    program: Program, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["bin/prog"])
    monkeypatch.setenv("_PROG_COMPLETE", "fish_complete")
    monkeypatch.setenv("COMP_LINE", "prog tr")
    with pytest.raises(SystemExit) as ended:
        program.main()
    assert not ended.value.code
    assert capsys.readouterr().out == "#clickbind\ntrain\tTrain the model.\n"


def test_a_shell_that_click_does_not_know_is_an_error(program: Program) -> None:
    assert program(env={"_PROG_COMPLETE": "tcsh_complete"}).exit_code == 1
