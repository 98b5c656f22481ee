"""Variables: one set for all files of a run, expanded only in the values that win."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from tests.conftest import completions


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(**files: str) -> None:
    """Write files: ``base="..."`` is ``base.yml``."""
    for name, text in files.items():
        Path(f"{name}.yml").write_text(text, encoding="utf-8")


def make(**settings: Any) -> clickbind.Binder:
    binder = clickbind.Binder("exp", **settings)

    @binder.bind("train")
    def dataset(folder: str = "data", size: int = 1, tags: list[str] = []) -> str:  # noqa: B006 - a default to replace
        return f"{folder} {size} {tags}"

    @binder.stage
    def train(
        note: str | None = None, epochs: int = 5, env: Annotated[int, clickbind.Option(envvar="TRAIN_ENV")] = 0
    ) -> None:
        with binder.scope("train"):
            click.echo(f"{note} {epochs} {env} on {dataset()}")

    @binder.stage(default=False)
    def other(note: str = "") -> None:
        click.echo(f"other {note}")

    return binder


Run = Callable[..., Result]


@pytest.fixture
def run() -> Run:
    main = make(envvar_prefix="EXP", config="auto.yml").command()
    return lambda line, **variables: CliRunner().invoke(main, line, prog_name="exp", env=variables)


def printed(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return result.stdout.removesuffix("\n")


def refused(result: Result) -> str:
    assert (result.exit_code, result.stdout) == (2, ""), result.output
    return result.stderr.partition("Error: ")[2].strip()


def test_a_file_sets_what_its_base_leaves_open(run: Run) -> None:
    write(
        base="dataset.folder: ${root}/train\ntrain.note: $who\n", top="$include: base.yml\n$vars: {root: /a, who: me}\n"
    )
    assert printed(run("--config top.yml")) == "me 5 0 on /a/train 1 []"
    assert "base.yml:1:17: dataset.folder: undefined variable 'root'." in refused(run("--config base.yml"))


def test_an_outer_file_beats_what_it_includes_and_a_later_one_an_earlier_one(run: Run) -> None:
    write(
        inner="$vars: {a: inner, b: inner, c: inner, d: inner}\ntrain.note: $a $b $c $d ${a}-${b}-${c}-${d}\n",
        second="$vars: {a: second, b: second, c: second}\n",
        outer="$include: [inner.yml, second.yml]\n$vars: {a: outer, b: outer}\n",
        last="$vars: {a: last}\n",
    )
    assert "last-outer-second-inner" in printed(run("--config outer.yml --config last.yml"))
    assert "outer-outer-second-inner" in printed(run("--config last.yml --config outer.yml"))


def test_the_line_beats_the_files_and_these_the_environment(run: Run) -> None:
    write(f="$vars: {a: file, b: file}\ntrain.note: ${a} ${b} ${c}\n")
    told = run("--config f.yml --var a=line", a="no", b="no", c="environment")
    assert printed(told).startswith("line file environment")


@pytest.mark.parametrize(
    ("variables", "line", "warned"),
    [
        ("{tagg: v2}", "", True),
        ("{tagg: v2, tag: v3}", "", False),
        ("{tagg: v2}", "--var tag=v3", False),
        ("{root: v2}", "", False),  # not similar: it may be for files that include this one
        ("{note: v2}", "", False),  # used
    ],
)
def test_a_misspelt_variable_of_a_file_is_warned_of(run: Run, variables: str, line: str, warned: bool) -> None:
    write(base="dataset.folder: ${tag:-v1}\ntrain.note: ${note:-n}\n", top=f"$include: base.yml\n$vars: {variables}\n")
    result = run(f"--config top.yml {line} train")
    assert result.exit_code == 0
    warning = "Warning: top.yml:2: no config file uses the variable 'tagg'. Did you mean 'tag'?\n"
    assert result.stderr == (warning if warned else "")


def test_a_misspelt_variable_is_not_one_that_the_environment_sets(run: Run) -> None:
    write(f="$vars: {tagg: v2}\ndataset.folder: ${tag:-v1}\n")
    assert run("--config f.yml train", tag="v3").stderr == ""


def run_with_secret() -> Result:
    """Run the file with a program that has a secret."""
    binder = make()

    @binder.bind
    def login(key: Annotated[str, clickbind.Option(secret=True)] = "") -> None:
        pass

    return CliRunner().invoke(binder.command(), "--config f.yml train")


def test_a_misspelt_variable_is_not_suggested_where_a_name_may_be_a_secret() -> None:
    write(f="$vars: {tagg: v2}\ndataset.folder: ${tag:-v1}\n")
    result = run_with_secret()
    assert (result.exit_code, result.stderr) == (0, "")


def test_a_circle_is_told_in_a_program_with_secrets_too() -> None:
    write(f="$vars: {a: $b, b: $a}\ntrain.note: $a\n")
    assert "the variable 'a' refers to itself: 'a' uses 'b' uses 'a'." in refused(run_with_secret())


@pytest.mark.parametrize(
    "line",
    [
        "--var a=7 --config f.yml train",
        "--config f.yml train --var a=7",
        "--config f.yml run train --var=a=7",
        "--config f.yml run train --var a=7 other --var a=7",
    ],
)
def test_a_variable_is_set_anywhere_on_the_line(run: Run, line: str) -> None:
    write(f="train.epochs: $a\n")
    assert printed(run(line)).startswith("None 7 0")


def test_a_variable_that_follows_two_stages_with_two_values_is_refused(run: Run) -> None:
    write(f="train.epochs: $a\n")
    told = refused(run("--config f.yml run train --var a=7 other --var a=8"))
    assert "'--var a=7' and '--var a=8' follow different stages" in told


TEXTS: dict[str, dict[str, str | None]] = {
    "train.note: $a": {"": "None", "null": "None", "1.10": "1.10", "no": "no", "a=b": "a=b", "$x": "$x", "[1": "[1"},
    'train.note: "$a"': {"": "", "null": "null", "${x}": "${x}"},
    "train.note: x${a}x": {"": "xx", "null": "xnullx", "$$": "x$$x"},
    "train.epochs: $a": {"12": "12", " 12 ": "12", "": None, "null": None, "many": None},
    "dataset.tags: $a": {"a b": "['a', 'b']", "[a, b]": "['a', 'b']", "'a b' c": "['a b', 'c']"},
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("way", ["line", "environment", "python"])
def test_the_annotation_decides_how_a_variable_is_read(run: Run, text: str, way: str) -> None:
    write(f=text)
    for value, shown in TEXTS[text].items():
        if way == "python":
            binder = make()
            try:
                found = binder.load("f.yml", vars={"a": value})
            except clickbind.ConfigError:
                assert shown is None
            else:
                key = text.partition(":")[0].split(".")
                resolved = found.resolve(*key)
                assert resolved is not None
                assert str(resolved.value) == shown
            continue
        result = run(["--config", "f.yml", f"--var=a={value}"]) if way == "line" else run("--config f.yml", a=value)
        if shown is None:
            assert "f.yml:1:15: train.epochs: " in refused(result)
        else:
            assert f" {shown} " in f" {printed(result)} ".replace("\n", " ")


def test_python_objects_are_read_by_their_texts() -> None:
    write(f="train.epochs: $a\ntrain.note: ${b:-none given}\ndataset.folder: $c\n")
    values = make().load("f.yml", vars={"a": 7, "b": None, "c": Path("x/y")})
    found = [values.resolve("train", "epochs"), values.resolve("train", "note"), values.resolve("dataset", "folder")]
    assert [one.value for one in found if one] == [7, "none given", "x/y"]


DEFAULTS = {
    "train.note: ${a:-text}": ("text", "given"),
    "train.note: x${a:-text}x": ("xtextx", "xgivenx"),
    "train.note: x${a:-}x": ("xx", "xgivenx"),
    "train.note: ${a:-}": ("None", "given"),
    'train.note: "${a:-}"': ("", "given"),
    'train.note: "${a:-null}"': ("null", "given"),
    "train.note: ${a:-null}": ("None", "given"),
    'train.note: "${a:-two words: #x}"': ("two words: #x", "given"),
    "train.note: ${a:-costs $$5}": ("costs $5", "given"),
    "train.note: ${a:-b:-c}": ("b:-c", "given"),
    "train.note: ${a:-b}${a:-c}": ("bc", "givengiven"),
    "train.note: '${a:-b}'": ("${a:-b}", "${a:-b}"),
    "$vars: {b: '5'}\ntrain.note: ${a:-x} $b ${b:-no}": ("x $b 5", "given $b 5"),
    '$vars: {b: "${a:-inner}"}\ntrain.note: ${b}': ("inner", "given"),
}


@pytest.mark.parametrize("text", DEFAULTS)
def test_a_variable_may_have_a_default_text(run: Run, text: str) -> None:
    write(f=text)
    without, given = DEFAULTS[text]
    assert printed(run("--config f.yml", a="")).startswith(f"{without} 5")
    assert printed(run("--config f.yml", a="given")).startswith(f"{given} 5")
    if "${a" in text.replace("'${a", ""):
        assert printed(run("--config f.yml --var a=")).startswith(f"{without} 5")
        assert printed(run("--config f.yml --var a=given")).startswith(f"{given} 5")


WRONG = {
    "train.note: ${a:-$b}": "a default text cannot use variables. Write '$$'",
    "train.note: ${a:-x$$$b}": "a default text cannot use variables. Write '$$'",
    "train.note: ${a:-${b}}": "expected a name between '${' and '}', and no braces inside of them. Write '$$'",
    "train.note: ${a:-{}": "expected a name between '${' and '}', and no braces inside of them. Write '$$'",
    "train.note: x ${a": "expected a name between '${' and '}', and no braces inside of them. Write '$$'",
    "train.note: ${:-x}": "undefined variable ':-x'. Write '$$'",
    "train.note: ${a b:-x}": "undefined variable 'a b:-x'. Write '$$'",
    "train.note: ${a-x}": "undefined variable 'a-x'. Write '$$'",
    "train.note: $rot\n$vars: {root: x}": "undefined variable 'rot'. Set it in $vars or with --var, or write '$$'",
    "train.note: $HOMME": "for a dollar sign. Did you mean 'HOME'?",
    "train.note: $a\n$vars: {a: 'x', b: $c}\ndataset.folder: $b": "undefined variable 'c' in the variable 'b'. Set",
    "$vars:\n  a: $b\n  b: x${c}\n  c: $a\ntrain.note: $a": "refers to itself: 'a' uses 'b' uses 'c' uses 'a'.",
    "$vars: {a: $a}\ntrain.note: ${a:-x}": "the variable 'a' refers to itself: 'a' uses 'a'.",
}


@pytest.mark.parametrize("text", WRONG)
def test_what_cannot_be_expanded_is_told_with_the_cure(run: Run, text: str) -> None:
    write(f=text)
    assert WRONG[text] in refused(run("--config f.yml", HOME="/home/x"))


def test_a_circle_through_files_shows_the_variables(run: Run) -> None:
    write(base="$vars: {root: $out}\ntrain.note: $root\n", top="$include: base.yml\n$vars: {out: '${x}', x: 1}\n")
    assert printed(run("--config top.yml")).startswith("${x}")
    write(top='$include: base.yml\n$vars: {out: "${x}", x: "${root}"}\n')
    told = refused(run("--config top.yml"))
    assert (
        "base.yml:2:13: train.note: the variable 'root' refers to itself: 'root' uses 'out' uses 'x' uses 'root'."
        in told
    )


def test_an_empty_variable_has_its_default_text_too(run: Run) -> None:
    write(f="$vars: {a: , b: '', c: []}\ntrain.note: ${a:-x}${b:-y}\ndataset.tags: ${c:-z}\n")
    assert printed(run("--config f.yml")) == "xy 5 0 on data 1 []"


def test_nobody_needs_a_variable_that_nothing_uses(run: Run) -> None:
    write(f="$vars: {a: $nowhere, b: '${no}', c: $c}\ntrain.note: fine\n")
    assert printed(run("--config f.yml")).startswith("fine")


REPLACED: dict[str, tuple[str, dict[str, str]]] = {
    "--config top.yml": ("train.note: top\n", {}),
    "--config top.yml --config last.yml": ("", {}),
    "--config top.yml train --note line": ("", {}),
    "--config top.yml --train.note line": ("", {}),
    "--config top.yml run train --note line other": ("", {}),
    "run --config top.yml": ("", {"EXP_TRAIN_NOTE": "environment"}),
}


@pytest.mark.parametrize("line", REPLACED)
def test_a_value_that_something_above_replaces_needs_no_variables(run: Run, line: str) -> None:
    own, variables = REPLACED[line]
    write(base="train.note: x${nowhere}\n", top=f"$include: base.yml\n{own}", last="train.note: last\n")
    assert printed(run(line, **variables)).split()[0] in {"top", "last", "line", "environment"}
    if not own and "last" not in line:
        assert "undefined variable 'nowhere'" in refused(run("--config top.yml other"))


def test_each_turn_of_a_stage_may_replace_a_value_alone(run: Run) -> None:
    write(f="train.note: ${nowhere}\n")
    assert "undefined variable" in refused(run("--config f.yml run train --note a train --note b"))


def test_a_marked_variable_of_the_environment_replaces_too(run: Run) -> None:
    write(f="train.env: ${nowhere}\n")
    assert printed(run("--config f.yml", TRAIN_ENV="7")).startswith("None 5 7")
    assert "undefined variable" in refused(run("--config f.yml"))


@pytest.mark.parametrize(("key", "flag", "wrong"), [
    ("dataset.folder", "--dataset.folder x", False),
    ("train/dataset.folder", "--train/dataset.folder x", False),
    ("train/dataset.folder", "--dataset.folder x", False),
    ("dataset.folder", "--train/dataset.folder x", True),
])  # fmt: skip
def test_the_plain_key_of_the_line_replaces_the_scoped_one_of_a_file(
    run: Run, key: str, flag: str, wrong: bool
) -> None:
    write(f=f"{key}: ${{nowhere}}\n")
    result = run(f"--config f.yml {flag}")
    assert ("undefined variable" in refused(result)) if wrong else printed(result).startswith("None 5 0 on x")


def test_stages_on_the_line_replace_those_of_a_file(run: Run) -> None:
    write(f="run.stages: [$which]\n")
    assert printed(run("--config f.yml other")) == "other "
    assert printed(run("--config f.yml --run.stages other")) == "other "
    assert "undefined variable 'which'" in refused(run("--config f.yml"))


def test_a_value_that_loses_must_have_a_known_key_and_without_variables_be_right(run: Run) -> None:
    write(base="train.nte: $nowhere\ntrain.epochs: many\n", top="$include: base.yml\ntrain.nte: x\ntrain.epochs: 3\n")
    told = refused(run("--config top.yml"))
    assert told.count("unknown key 'train.nte'. Did you mean 'train.note'?") == 2
    assert "base.yml:2:15: train.epochs: 'many' is not a valid integer." in told


def test_help_and_printing_show_the_value_of_a_variable(run: Run) -> None:
    write(f="train.note: ${a}-x\n")
    assert "[default: 7-x]" in printed(run("--config f.yml --var a=7 train --help"))
    assert "train.note: '7-x'  # f.yml:1" in printed(run("--config f.yml --var a=7 --print-config"))
    Path("saved.yml").write_text(printed(run("--config f.yml --var a=$b --print-config")), encoding="utf-8")
    assert printed(run("--config saved.yml")).startswith("$b-x")


@pytest.mark.parametrize("text", ["train: $all\n", "train: ${all}\n"])
def test_a_variable_may_hold_the_parameters_of_a_function(run: Run, text: str) -> None:
    write(base=text, top="$include: base.yml\n$vars: {all: {note: x, epochs: $n}, n: 7}\n")
    assert printed(run("--config top.yml")).startswith("x 7")
    assert "base.yml:1:8: train: undefined variable 'all'." in refused(run("--config base.yml"))


def test_a_variable_may_hold_the_fields_of_a_model() -> None:
    from dataclasses import dataclass  # noqa: PLC0415 - for this program alone

    @dataclass
    class Optimizer:
        lr: float = 0.1
        name: str = "adam"

    binder = clickbind.Binder("exp")

    @binder.stage
    def fit(optim: Optimizer | None = None, fixed: Optimizer = Optimizer()) -> None:  # noqa: B008 - a default to replace
        click.echo(f"{optim} {fixed}")

    main = binder.command()
    write(base="fit.optim: $o\n", top="$include: base.yml\n$vars: {o: {lr: $lr}, lr: 3}\nfit.optim.name: sgd\n")
    assert "Optimizer(lr=3.0, name='sgd')" in CliRunner().invoke(main, "--config top.yml").output
    assert "Optimizer(lr=5.0, name='sgd')" in CliRunner().invoke(main, "--config top.yml --var lr=5").output
    assert "base.yml:1:12: fit.optim: undefined variable 'o'." in CliRunner().invoke(main, "--config base.yml").output
    write(top="$include: base.yml\nfit.optim: null\n")
    assert CliRunner().invoke(main, "--config top.yml").output.startswith("None ")
    assert CliRunner().invoke(main, "--config base.yml --fit.optim none").output.startswith("None ")
    assert CliRunner().invoke(main, "--config base.yml --var o=").output.startswith("None ")
    write(base="fit.fixed: $o\n")
    told = CliRunner().invoke(main, "--config base.yml").output
    assert told.count("undefined variable 'o'") == 1
    assert "unknown key" not in told


def test_an_include_uses_the_same_variables(run: Run) -> None:
    os.mkdir("conf")
    write(
        **{"conf/a": "train.note: a\n", "conf/b": "train.note: b\n"},
        base="$vars: {which: a}\n$include: conf/${which}.yml\n",
        top="$include: base.yml\n$vars: {which: b}\n",
        auto="$vars: {place: conf}\n",
        late="$include: ${place}/${which:-a}.yml\n",
    )
    assert printed(run("--config base.yml")).startswith("a ")
    assert printed(run("--config top.yml")).startswith("b ")
    assert printed(run("--config top.yml --var which=a")).startswith("a ")
    assert printed(run("--config late.yml")).startswith("a ")  # of a file before it on the line
    assert printed(run("--config late.yml", which="b")).startswith("b ")
    told = refused(run("--config late.yml --no-config"))
    assert "late.yml:1:11: undefined variable 'place'." in told


def test_a_file_between_is_found_by_the_variables_of_those_that_override_it(run: Run) -> None:
    write(
        first="$include: ${x}.yml\n",
        one="train.note: one\n",
        two="$vars: {x: one}\n",
        top="$include: [first.yml, two.yml]\n",
    )
    assert printed(run("--config top.yml")).startswith("one ")


def test_a_variable_that_no_file_uses_is_an_error_with_a_suggestion(run: Run) -> None:
    write(f="$vars: {set_only: 1}\ntrain.note: ${root} x ${other:-y}\n")
    assert refused(run("--config f.yml --var rot=x --var root=y")) == (
        "no config file uses the variable 'rot'. Did you mean 'root'?"
    )
    assert "no config file uses the variable 'vars'." in refused(run("--config f.yml --var vars=x --var root=1"))
    assert "uses the variable 'othr'. Did you mean 'other'?" in refused(run("--config f.yml --var othr=x", root="1"))
    assert printed(run("--config f.yml --var set_only=x", root="1")).startswith("1 x y")
    assert refused(run("train --var a=1")) == "no config file uses the variable 'a'."
    with pytest.raises(clickbind.ConfigError, match=r"uses the variable 'rot'\. Did you mean 'root'\?"):
        make().load("f.yml", vars={"rot": 1, "root": 2})
    write(f="train.note: [${root}\n")
    assert "no config file uses" not in refused(run("--config f.yml --var rot=x"))
    assert printed(run("train --var a=1 --help")).startswith("Usage")


@pytest.mark.parametrize("text", ["a", "=a", "="])
def test_a_variable_without_a_name_or_a_value_is_refused(run: Run, text: str) -> None:
    write(f="train.note: ${a:-x}\n")
    told = refused(run(["--config", "f.yml", f"--var={text}"]))
    assert told == f"Invalid value for '--var': expected NAME=VALUE, got '{text}'."


def test_a_variable_that_is_given_twice_has_its_last_value_with_a_warning(run: Run) -> None:
    write(f="train.note: ${a:-x}\n")
    result = run("--config f.yml --var a=1 --var a=2")
    assert printed(result).startswith("2 ")
    assert result.stderr == "Warning: --var a is given more than once; the last value counts.\n"
    assert run("--config f.yml --var a=1 --var a=1").stderr == ""


def test_only_the_first_problems_have_suggestions(run: Run) -> None:
    write(f="dataset.tags: [$root]\n" + "$vars:\n  roots: x\n" + "$include: [" + ", ".join(["$rot"] * 30) + "]\n")
    told = refused(run("--config f.yml"))
    assert told.count("undefined variable") == 31
    assert told.count("Did you mean") == 10
    told = refused(run(["--config", "f.yml", *(f"--var=root{number}=x" for number in range(30))]))
    assert told.count("no config file uses") == 30


def test_names_of_variables_complete() -> None:
    write(
        f="$vars: {root: x}\n$include: g.yml\n",
        g="dataset.folder: $who\ntrain.note: ${what:-x} $who $$no '$none'\ndataset.size: $$\n",
    )
    main = make().command()
    assert completions(main, "--config f.yml --var", "") == ["who=", "what=", "root="]
    assert completions(main, "--config f.yml train --var", "w") == ["who=", "what="]
    assert completions(main, "--config - --config f.yml --var", "ro") == ["root="]
    assert completions(main, "--var", "r") == []
    assert completions(main, "--config f.yml --var x --train.e", "--train.e") == ["--train.epochs", "--train.env"]


HIDING = [
    ("f.token: $t\nf.name: $t\n", ["--var", "t=hunter22"]),
    ("f.token: Bearer ${t}\nf.name: x-${t}\n", ["--var", "t=hunter22"]),
    ("f.token: ${t:-hunter22}\nf.name: hunter\n", []),
    ("f.token: $t\nf.name: $t\nf.n: $t\n", ["--var", "t=hunter22"]),
    ("f.token: $t\nf.name: $t\nf.n: many\n", ["--var", "t=hunter22"]),
    ("f.token: $t\n$include: ${t}.yml\n", ["--var", "t=hunter22"]),
    ("f.token: $t\nf.name: $t\n", ["--var", "t=hunter22", "--f.token", "else"]),
    ("f.token: $t\nf.name: $t\n", ["--var", "t=hunter22", "--config", "over.yml"]),
    ("f.name: x\n", ["--var", "hunter22"]),
    ("f.name: x\n", ["--var", "tokn=hunter22"]),
    ("f.token: $t\n", ["--var", "t=hunter22", "--n", "hunter22"]),
    ("f.token: $hunter22\n", ["--var", "hunter=1"]),
    ("f.token: $t\n", ["run", "f", "--var", "t=hunter22", "f", "--var", "t=hunter33"]),
]


@pytest.mark.parametrize(("text", "line"), HIDING)
@pytest.mark.parametrize("show", ["", "--print-config", "--debug", "--save -", "--diff f.yml", "--help"])
def test_a_variable_in_a_secret_is_a_secret_everywhere(text: str, line: list[str], show: str) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def f(token: Annotated[str, clickbind.Option(secret=True)] = "", name: str = "", n: int = 1) -> None: ...

    write(f=text, over="f.token: else\n")
    result = CliRunner().invoke(binder.command(), ["--config", "f.yml", *show.split(), *line], prog_name="prog")
    assert "hunter22" not in result.output
    assert "hunter33" not in result.output
    assert "Traceback" not in result.output
