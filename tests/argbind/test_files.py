"""Files of arguments: what does not fit is taken as it stands, with a warning."""

from __future__ import annotations

import dataclasses
import io
import pickle
from pathlib import Path
from typing import Annotated, Any

import cloudpickle  # type: ignore[import-untyped]  # it has no stubs
import pytest

from clickbind import Option, argbind
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


def test_an_undefined_variable_in_a_value_for_no_function_is_an_error() -> None:
    with pytest.raises(ConfigError, match=r"a.yml:1:8: other: undefined variable 'nowhere'"):
        load("other: $nowhere\n")


@pytest.mark.parametrize("text", ["other: $nowhere\n", "$include: $nowhere\n", "Quantizer.size: ${nowhere}/x\n"])
def test_the_advice_for_an_undefined_variable_is_for_places_that_work(
    text: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    argbind.bind(Quantizer)
    for read in (load, lambda text: argbind.load_args(io.StringIO(text))):
        with pytest.raises(ConfigError) as caught:
            read(text)
        assert "Set it in $vars or in the environment, or write '$$' for a dollar sign." in str(caught.value)
    Path("found.yml").write_text("x: 1\n", encoding="utf-8")
    monkeypatch.setenv("nowhere", "found.yml")
    assert "$nowhere" not in str(load(text.replace("${nowhere}/x", "3")))


def test_a_value_of_another_type_is_taken_as_it_stands(capsys: pytest.CaptureFixture[str]) -> None:
    bound = argbind.bind(Quantizer, "train")
    args = load("Quantizer.dropout: 1.0\nQuantizer.fmax: [null, null]\ntrain/Quantizer.size: null\n")
    with argbind.scope(args, "train"):
        assert bound().given == (1.0, [None, None], None)
    assert capsys.readouterr().err.splitlines() == [
        "Warning: a.yml:1:1: Quantizer.dropout: 1.0 does not fit bool and is used as written.",
        "Warning: a.yml:2:1: Quantizer.fmax: [None, None] does not fit list[float] and is used as written.",
        "Warning: a.yml:3:1: train/Quantizer.size: None does not fit int and is used as written.",
    ]


def test_a_text_that_is_no_value_is_an_error_with_its_place() -> None:
    argbind.bind(Quantizer)
    with pytest.raises(ConfigError, match=r"a\.yml:1:17: Quantizer\.size: 'many' is not a valid integer"):
        load("Quantizer.size: many\n")


def test_a_parameter_that_a_function_does_not_have_is_kept_with_a_warning(capsys: pytest.CaptureFixture[str]) -> None:
    argbind.bind(Quantizer)
    assert load("Quantizer.sise: 5\n")["Quantizer.sise"] == 5
    assert capsys.readouterr().err == (
        "Warning: a.yml:1:1: no bound function has a parameter for 'Quantizer.sise'. Did you mean 'Quantizer.size'?\n"
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


# Keys that are repeated


@dataclasses.dataclass
class Shape:
    width: int = 1
    height: int = 1


def noted(text: str = "", when: float = 0, shape: Shape = Shape(), either: str | float = 0, net: object = None) -> None:  # noqa: B008 - as a user writes it
    """Take values of several kinds."""


@pytest.mark.parametrize(
    "text",
    [
        "Quantizer.size: 3\nQuantizer.size: 3\n",
        "Quantizer.size: 3\n'Quantizer.size': 0x3\n",
        "a: [1, {b: 2}]\na: [1, {b: 2}]\n",
        "a: {b: 2, b: 2}\n",
        "a: [{b: 2, b: 2}]\n",
        "Quantizer: {size: 3, size: 3}\n",
        "Quantizer.fmax: [.5]\nQuantizer.fmax: [0.5]\n",
        "Quantizer.fmax: [1]\nQuantizer.fmax: [1.0]\n",
        "Quantizer.fmax: [1, 2]\nQuantizer.fmax: 1 2\n",
        "Quantizer.dropout: yes\nQuantizer.dropout: true\n",
        "Quantizer.size: 3\nQuantizer: {size: 3}\n",
        "Quantizer: {size: 3}\nQuantizer: {size: 0x3}\n",
        "train/Quantizer: {size: 3}\ntrain/Quantizer.size: 3\n",
        "any.1/Quantizer: {size: 3}\nany.1/Quantizer.size: 3\n",
        "noted.text: 1\nnoted.text: '1'\n",
        "noted.when: 1\nnoted: {when: 1.0}\n",
        "noted.shape.width: 2\nnoted: {shape: {width: 2}}\n",
        "noted.shape: {width: 2}\nnoted.shape: {width: 0x2}\n",
        "noted: {text: $home, text: $home, when: 1}\n$vars: {home: x}\n",
        "$vars: {x: 1, x: 1}\n",
        "$vars: {x: 1}\n$vars: {x: 1}\n",
        "$include: empty.yml\n$include: empty.yml\n",
        "$include: [empty.yml]\n$include: [empty.yml]\n",
    ],
)
def test_a_key_repeated_with_the_same_value_is_warned_of(text: str, capsys: pytest.CaptureFixture[str]) -> None:
    argbind.bind(Quantizer, "train")
    argbind.bind(noted)
    Path("empty.yml").touch()
    args = load(text)
    assert args.get("a", {"b": 2}) in ({"b": 2}, [{"b": 2}], [1, {"b": 2}])
    (warning,) = capsys.readouterr().err.splitlines()
    assert warning.startswith("Warning: a.yml:")
    assert warning.endswith("is repeated with the same value, first set on line 1.")


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("Quantizer.size: 3\nQuantizer.size: 4\n", "a.yml:2:1: duplicate key Quantizer.size, first set on line 1."),
        ("a: 1\na: '1'\n", "a.yml:2:1: duplicate key a, first set on line 1."),
        ("a: 1\na: true\n", "a.yml:2:1: duplicate key a, first set on line 1."),
        ("a: 1\na: [1]\n", "a.yml:2:1: duplicate key a, first set on line 1."),
        ("a: [1]\na: [1, 2]\n", "a.yml:2:1: duplicate key a, first set on line 1."),
        ("a: {x: 1}\na: {x: 2}\n", "a.yml:2:1: duplicate key a, first set on line 1."),
        ("a: {b: 1, b: 2}\n", "a.yml:1:11: a: duplicate key b, first set on line 1."),
        ("Quantizer: {size: 3, size: 4}\n", "a.yml:1:22: duplicate key Quantizer.size, first set on line 1."),
        (
            "Quantizer: {size: 3}\nQuantizer: {size: 4}\n",
            "a.yml:2:13: duplicate key Quantizer.size, first set on line 1.",
        ),
        ("Quantizer.size: 3\nQuantizer: {size: 4}\n", "a.yml:2:13: duplicate key Quantizer.size, first set on line 1."),
        ("Quantizer.size: 3\nQuantizer.size: x\n", "a.yml:2:1: duplicate key Quantizer.size, first set on line 1."),
        ("noted.either: 1\nnoted.either: '1'\n", "a.yml:2:1: duplicate key noted.either, first set on line 1."),
        ("noted.net: 1\nnoted.net: 1.0\n", "a.yml:2:1: duplicate key noted.net, first set on line 1."),
        ("noted.no: 1\nnoted: {no: 1.0}\n", "a.yml:2:9: duplicate key noted.no, first set on line 1."),
        ("noted.text: $a\nnoted.text: x\n$vars: {a: x}\n", "a.yml:2:1: duplicate key noted.text, first set on line 1."),
        (
            "noted.shape: {width: 2}\nnoted: {shape: {width: 3}}\n",
            "a.yml:2:17: duplicate key noted.shape.width, first set on line 1.",
        ),
        ("$vars: {x: 1, x: '1'}\n", "a.yml:1:15: duplicate variable 'x'."),
        ("$vars: {x: 1}\n$vars: {x: 2}\n", "a.yml:2:1: duplicate key $vars."),
        ("$include: empty.yml\n$include: [empty.yml]\n", "a.yml:2:1: duplicate key $include."),
    ],
)
def test_a_key_repeated_with_another_value_is_an_error(text: str, problem: str) -> None:
    argbind.bind(Quantizer)
    argbind.bind(noted)
    Path("empty.yml").touch()
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert str(caught.value).startswith(f"{problem}\n")
    assert str(caught.value).count("duplicate") == 1


def test_mappings_of_one_function_add_up() -> None:
    argbind.bind(Quantizer)
    args = load("Quantizer: {size: 3}\nQuantizer: {dropout: true}\n")
    assert (args["Quantizer.size"], args["Quantizer.dropout"]) == (3, True)


def test_a_later_file_still_overrides_an_included_one(capsys: pytest.CaptureFixture[str]) -> None:
    Path("base.yml").write_text("x: 1\n", encoding="utf-8")
    assert load("$include: base.yml\nx: 2\n")["x"] == 2
    assert capsys.readouterr().err == ""


def secretive(token: Annotated[str, Option(secret=True)] = "", size: int = 1) -> None: ...


def test_a_repeated_secret_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    argbind.bind(secretive)
    load("secretive.token: hunter22\nsecretive.token: hunter22\n")
    with pytest.raises(ConfigError) as caught:
        load("secretive.token: hunter22\nsecretive.token: hunter23\nsecretive.size: hunter22\n")
    assert "hunter" not in str(caught.value) + capsys.readouterr().err
    assert "duplicate key" in str(caught.value)


def test_a_secret_of_another_type_is_not_shown(capsys: pytest.CaptureFixture[str]) -> None:
    argbind.bind(secretive)
    load("secretive.token: [hunter22]\n")
    assert "secretive.token: *** does not fit " in capsys.readouterr().err


def test_of_many_warnings_the_first_are_shown(capsys: pytest.CaptureFixture[str]) -> None:
    def many(*, a: int = 1, b: int = 1, c: int = 1, d: int = 1, e: int = 1, f: int = 1, g: int = 1) -> None: ...

    argbind.bind(many)
    load("".join(f"many.{name}: null\n" * 2 for name in "abcdefg"))
    shown = capsys.readouterr().err.splitlines()
    assert len(shown) == 12
    assert shown[5] == "Warning: a.yml: 2 more keys are repeated."
    assert shown[11] == "Warning: a.yml: 2 more values do not fit their types."


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("other: {[a]: 1}\n", "a.yml:1:8: other: expected a single value as key."),
        ("plain.x: {[a]: 1}\n", "a.yml:1:10: plain.x: expected a single value as key."),
        ("? [a]\n: {b: 1, b: 2}\n", "a.yml:1:3: expected a key such as function.parameter."),
        ("Quantizer: {[a]: 1}\n", "a.yml:1:13: expected the name of a parameter of 'Quantizer'."),
        ("Quantizer.size: {[a]: 1}\n", "a.yml:1:17: Quantizer.size: expected a single value as key."),
    ],
)
def test_a_mapping_that_no_dict_can_hold_is_an_error_with_its_place(text: str, problem: str) -> None:
    def plain(x=None) -> None: ...  # type: ignore[no-untyped-def]  # as ArgBind's programs write it

    argbind.bind(plain)
    argbind.bind(Quantizer)
    with pytest.raises(ConfigError) as caught:
        load(text)
    assert str(caught.value).startswith(problem)


# Scopes that no function is bound under


def test_a_key_of_an_undeclared_scope_holds_in_it_and_nothing_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    def loader(sources: list[str] = [], lr: float = 0.1, where: Path = Path()) -> tuple[list[str], float, Path]:  # noqa: B006 - as ArgBind's programs write it
        return sources, lr, where

    bound = argbind.bind(loader)
    args = load("train/loader.sources: [a]\ntrain/loader: {lr: 1e-3}\nval/loader.where: b\nmy-own/loader.lr: 2\n")
    for scope, expected in {
        "train": (["a"], 0.001, Path()),
        "val": ([], 0.1, Path("b")),
        "my-own": ([], 2, Path()),
        "": ([], 0.1, Path()),
    }.items():
        with argbind.scope(args, scope):
            assert bound() == expected
    assert capsys.readouterr().err == ""


SCOPES = ["44khz", "my-own", "stage.1", "train.1", "a.b", "a/b", "my-declared"]


@pytest.mark.parametrize("scope", SCOPES)
def test_the_name_of_an_undeclared_scope_may_be_any(scope: str, capsys: pytest.CaptureFixture[str]) -> None:
    @argbind.bind()
    def train(lr: float = 0.1) -> None: ...

    @argbind.bind(without_prefix=True)
    def build(size: int = 1) -> int:
        return size

    @argbind.bind("my-declared")
    def loader(lr: float = 0.1, count: int = 1, where: Path = Path()) -> tuple[float, int, Path]:
        return lr, count, where

    args = load(f"{scope}/loader.lr: 1e-3\n{scope}/loader: {{count: 3}}\n{scope}/size: 4\n{scope}/loader.where: x\n")
    with argbind.scope(args, scope):
        assert (build(), loader()) == (4, (0.001, 3, Path("x")))
    assert (build(), loader()) == (1, (0.1, 1, Path()))
    assert capsys.readouterr().err == ""
    argbind.dump_args(args, "b.yml")
    assert argbind.load_args("b.yml") == args
    assert capsys.readouterr().err == ""


def test_a_key_with_an_empty_scope_is_warned_of_without_itself_as_suggestion(
    capsys: pytest.CaptureFixture[str],
) -> None:
    argbind.bind(Quantizer)
    load("/Quantizer.size: 3\n")
    assert "for '/Quantizer.size'. Did you mean 'Quantizer.size'?" in capsys.readouterr().err


def test_a_key_of_a_function_with_a_slash_in_it_is_no_scope(capsys: pytest.CaptureFixture[str]) -> None:
    argbind.bind(Quantizer)
    assert load("Quantizer.a/other.size: 3\n")["Quantizer.a/other.size"] == 3
    assert "no bound function has a parameter for 'Quantizer.a/other.size'" in capsys.readouterr().err


def test_a_misspelt_parameter_of_an_undeclared_scope_is_suggested_in_that_scope(
    capsys: pytest.CaptureFixture[str],
) -> None:
    argbind.bind(Quantizer)
    load("train/Quantizer.sise: 3\n")
    assert "'train/Quantizer.sise'. Did you mean 'train/Quantizer.size'?" in capsys.readouterr().err


def test_an_undeclared_scope_of_a_bare_key_holds() -> None:
    @argbind.bind("train", without_prefix=True)
    def build(size: int = 1) -> int:
        return size

    args = load("test/size: 4\ntrain/size: 3\n")
    with argbind.scope(args, "test"):
        assert build() == 4
    with argbind.scope(args, "train"):
        assert build() == 3


# Classes that inherit their constructor


class Base:
    """A transform."""

    def __init__(self, prob: float = 1.0, name: str = "n") -> None:
        self.given = (prob, name)


class One(Base):
    """It inherits."""


class Two(Base):
    """It inherits too."""


def test_keys_of_a_base_set_the_classes_that_inherit_from_it() -> None:
    one, two = argbind.bind(One), argbind.bind(Two, "train")
    args = load("Base.prob: .5\nTwo.name: own\nBase.name: base\ntrain/Base.prob: .25\n")
    with argbind.scope(args):
        assert (one().given, two().given) == ((0.5, "base"), (0.5, "own"))
    with argbind.scope(args, "train"):
        assert (one().given, two().given) == ((0.25, "base"), (0.25, "own"))
    with argbind.scope({"One.prob": 0.75, "Base.prob": 0.5}):
        assert (one().given, two().given) == ((0.75, "n"), (0.5, "n"))


class Flags:
    """A transform with defaults that files may repeat."""

    def __init__(self, n: int = 1, b: bool = False, s: str | None = None) -> None:
        self.given = (n, b, s)


class Heir(Flags):
    """It inherits."""


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "Flags.n: 5\nHeir.n: 1\nFlags.b: true\nHeir.b: false\nFlags.s: abc\nHeir.s: null\n",
            [(1, False, None), (1, False, None)],
        ),
        ("Heir.n: 9\ntrain/Flags.n: 4\n", [(9, False, None), (4, False, None)]),
        ("Flags.n: 4\ntrain/Heir.n: 1\n", [(4, False, None), (1, False, None)]),
        ("train/Flags.n: 4\ntrain/Heir.n: 1\nFlags.s: a\n", [(1, False, "a"), (1, False, "a")]),
        ("other/Flags.n: 4\n/Flags.s: b\n", [(1, False, None), (1, False, None)]),
    ],
)
def test_a_key_of_a_class_wins_over_that_of_its_base_however_arguments_are_read(
    text: str, expected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.argv", ["prog", "--args.load", "a.yml"])
    heir = argbind.bind(Heir, "train")
    loaded, parsed = load(text), argbind.parse_args()
    argbind.dump_args(parsed, "b.yml")
    for args in (loaded, parsed, argbind.load_args("b.yml")):
        found = []
        for scope in ("", "train"):
            with argbind.scope(args, scope):
                found.append(heir().given)
        assert found == expected


def test_a_program_may_set_a_key_of_a_class_in_parsed_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["prog"])
    heir = argbind.bind(Heir, "train")
    args = {**argbind.parse_args(), "Heir.n": 6, "Flags.n": 5, "Flags.s": "a"}
    with argbind.scope(args):
        assert heir().given == (6, False, "a")
    args = argbind.parse_args()
    args["train/Flags.s"] = "b"
    with argbind.scope(args, "train"):
        assert heir().given == (1, False, "b")


def test_a_program_may_set_a_key_of_a_base_in_parsed_arguments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["prog", "--One.name", "typed"])
    one = argbind.bind(One)
    args = {**argbind.parse_args(), "Base.prob": 0.5, "Base.name": "base"}
    with argbind.scope(args):
        assert one().given == (0.5, "typed")


def test_keys_of_a_base_that_is_bound_itself_are_its_own() -> None:
    one, base = argbind.bind(One), argbind.bind(Base)
    with argbind.scope(load("Base.prob: .5\n")):
        assert (one().given, base().given) == ((1.0, "n"), (0.5, "n"))


def test_a_group_of_functions_keeps_the_names_of_bases(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.argv", ["prog", "--Base.prob", ".5"])
    argbind.bind(One, group="first")
    assert argbind.parse_args(group="first")["One.prob"] == 0.5


@pytest.mark.parametrize("kind", [type("Plain", (), {}), type("Error", (Exception,), {}), type("Dict", (dict,), {})])
def test_a_class_without_a_constructor_in_python_is_bound(kind: type) -> None:
    assert issubclass(argbind.bind(kind), kind)


# Arguments that a function does not take


def test_an_argument_that_a_function_does_not_take_is_dropped_with_one_warning(
    capsys: pytest.CaptureFixture[str],
) -> None:
    @argbind.bind()
    def step(loss: float, scale: float = 1.0) -> tuple[float, float]:
        return loss, scale

    for _ in range(3):
        assert step(1.0, sclae=2.0) == (1.0, 1.0)  # type: ignore[call-arg]
    with argbind.scope({"step.scale": 3.0, "args.debug": 1}):
        assert step(loss=1.0, sclae=2.0) == (1.0, 3.0)  # type: ignore[call-arg]
    captured = capsys.readouterr()
    assert captured.err.startswith(f"Warning: {__file__}:")
    assert captured.err.endswith(": step has no parameter 'sclae', so the argument is dropped. Did you mean 'scale'?\n")
    assert captured.out == "step(\n  loss : float = 1.0\n  scale : float = 3.0\n)\n"


def test_a_function_with_any_keywords_gets_them_all(capsys: pytest.CaptureFixture[str]) -> None:
    @argbind.bind()
    def step(scale: float = 1.0, **rest: int) -> tuple[float, dict[str, int]]:
        return scale, rest

    assert step(more=1) == (1.0, {"more": 1})
    assert capsys.readouterr().err == ""


def test_classes_and_those_derived_from_them_drop_arguments_too() -> None:
    bound: Any = argbind.bind(Base)

    class Own(bound):  # type: ignore[misc]
        def __init__(self, **settings: Any) -> None:
            super().__init__(**settings, zero=True)

    @argbind.bind()
    class Decorated:
        def __init__(self, x: int = 1) -> None:
            self.x = x

    assert bound(0.5, zero=True).given == (0.5, "n")
    assert Own(prob=0.5).given == (0.5, "n")
    assert Decorated(zero=1).x == 1  # type: ignore[call-arg]


def test_a_function_without_a_signature_gets_what_is_passed() -> None:
    def call(*args: Any, **kwargs: Any) -> dict[str, Any]:
        return kwargs

    call.__signature__ = "none"  # type: ignore[attr-defined]
    assert argbind.bind(call)(x=1) == {"x": 1}


def test_a_bound_function_is_sent_to_another_process() -> None:
    @argbind.bind("train")
    def step(scale: float = 1.0) -> float:
        return scale

    again = pickle.loads(cloudpickle.dumps(step))
    assert again(zero=1) == 1.0
