"""Values with fields: what a constructor changes, counts or keeps, and what comes back from a saved run."""

from __future__ import annotations

import dataclasses
import itertools
import threading
from collections.abc import Callable
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import Annotated, Any, Final, Generic, NamedTuple, NewType, Optional, TypedDict, TypeVar

import attrs
import pydantic
import pytest
import typing_extensions
from click.testing import CliRunner, Result
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import clickbind
from clickbind.declare.expansion import MOST_LEVELS, MOST_SETTINGS
from clickbind.types.models import Model, same
from tests.conftest import completions, in_new_words

NO_DEFAULT = dataclasses.MISSING


class Show:
    """A program whose stage has a parameter x."""

    def __init__(self, annotation: Any, default: Any = NO_DEFAULT) -> None:
        self.values: list[Any] = []

        def required(x: Any) -> None:
            self.values.append(x)

        def optional(x: Any = default) -> None:
            self.values.append(x)

        function = required if default is NO_DEFAULT else optional
        function.__annotations__["x"] = annotation
        self.binder = clickbind.Binder("prog")
        self.binder.stage(function, name="show")

    def type(self, *line: str) -> Result:
        return CliRunner().invoke(self.binder.command(), line, prog_name="prog")

    def __call__(self, *line: str) -> Any:
        result = self.type(*line)
        assert result.exit_code == 0, f"{result.output}{result.exception!r}"
        return self.values.pop()


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@dataclass
class Sched:
    gamma: float = 0.5
    step: int = 1


@dataclass
class Bang:
    n: int = 1
    name: str = "a"

    def __post_init__(self) -> None:
        self.name += "!"


class Doubles(pydantic.BaseModel):
    n: int = 1
    k: int = 0

    @pydantic.field_validator("n")
    @classmethod
    def double(cls, n: int) -> int:
        return 2 * n


class Before(pydantic.BaseModel):
    n: int
    tags: list[str] = []

    @pydantic.field_validator("n", mode="before")
    @classmethod
    def double(cls, n: int) -> int:
        return 2 * n


class Whole(pydantic.BaseModel):
    n: int = 1
    total: int = 0

    @pydantic.model_validator(mode="after")
    def add(self) -> Whole:
        self.total += self.n
        return self


def one_more(value: int) -> int:
    return value + 1


@attrs.define
class Converted:
    n: int = attrs.field(default=1, converter=one_more)
    k: int = 0


@attrs.define
class Hooked:
    n: int = 1

    def __attrs_post_init__(self) -> None:
        self.n += 1


class Tripled(NamedTuple):
    n: int = 1


class Triple(Tripled):
    def __new__(cls, n: int = 1) -> typing_extensions.Self:
        return super().__new__(cls, 3 * n)


@dataclass(frozen=True)
class Named:
    n: int = 0
    name: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "name", self.name or f"run-{self.n}")


@dataclass(eq=False)
class Unequal:
    n: int = 1
    of: Sched = field(default_factory=Sched)


class Box(pydantic.BaseModel):
    made: Bang = Bang()


CHANGING: list[Any] = [
    (Bang, Bang(), ["--show.x.n", "2"], Bang(2)),
    (Bang, Bang(), ["--show.x.name", "b"], Bang(name="b")),
    (Bang, Bang(n=5), ["--show.x.name", "b"], Bang(5, "b")),
    (Bang, NO_DEFAULT, ["--show.x.n", "2"], Bang(2)),
    (Bang, None, ["--show.x.n", "2"], Bang(2)),
    (Bang, Bang(), [], Bang()),
    (Bang, NO_DEFAULT, [], Bang()),
    (Bang, Bang(name="z"), [], Bang(name="z")),
    (Bang, Bang(name="z"), ["--show.x", "{n: 3}"], Bang(3)),
    (Doubles, Doubles(), [], Doubles()),
    (Doubles, NO_DEFAULT, [], Doubles()),
    (Doubles, NO_DEFAULT, ["--show.x.n", "3"], Doubles(n=3)),
    (Doubles, Doubles(), ["--show.x.k", "3"], Doubles(k=3)),
    (Before, NO_DEFAULT, ["--show.x.n", "3"], Before(n=3)),
    (Before, Before(n=3), [], Before(n=3)),
    (Whole, Whole(), ["--show.x.n", "4"], Whole(n=4)),
    (Whole, Whole(n=4), [], Whole(n=4)),
    (Converted, Converted(), [], Converted()),
    (Converted, Converted(), ["--show.x.k", "3"], Converted(k=3)),
    (Converted, Converted(7), [], Converted(7)),
    (Hooked, Hooked(), [], Hooked()),
    (Hooked, NO_DEFAULT, ["--show.x.n", "3"], Hooked(3)),
    (Triple, Triple(), [], Triple()),
    (Triple, NO_DEFAULT, ["--show.x.n", "2"], Triple(2)),
    (Named, Named(), ["--show.x.n", "2"], Named(2)),
    (Named, Named(name="mine"), ["--show.x.n", "2"], Named(2, "mine")),
    (Unequal, Unequal(4), ["--show.x.of.step", "9"], Unequal(4, Sched(step=9))),
    (Box, Box(), ["--show.x.made.n", "3"], Box(made=Bang(3))),
    (Sched | None, Sched(), ["--show.x", "none"], None),
]


@pytest.mark.parametrize(("annotation", "default", "line", "value"), CHANGING)
def test_a_constructor_is_applied_once_to_what_is_given_and_the_run_comes_back(
    annotation: Any, default: Any, line: list[str], value: Any
) -> None:
    assert same(Show(annotation, default)("--save", "run.yml", *line, "show"), value)
    again = Show(annotation, default)
    assert same(again("--config", "run.yml"), value)
    assert again.type("--config", "run.yml", "--diff", "run.yml", "show").exit_code == 0
    assert again.type(*line, "--diff", "run.yml", "show").exit_code == 0


CLASSES = st.sampled_from([Sched, Bang, Doubles, Whole, Converted, Hooked, Named, Unequal])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=150)
@given(st.data())
def test_a_saved_run_comes_back_equal_or_is_refused(data: st.DataObject) -> None:
    cls: Any = data.draw(CLASSES)
    numbers = st.integers(-3, 3)
    texts = {"name": st.sampled_from(["a", "b!"]), "gamma": st.floats(0, 1), "of": st.builds(Sched, step=numbers)}

    def draw(names: list[str]) -> dict[str, Any]:
        return {name: data.draw(texts.get(name, numbers), name) for name in names if data.draw(st.booleans())}

    names = list(getattr(cls, "model_fields", None) or [item.name for item in attrs_or_dataclass(cls)])
    kind = data.draw(st.sampled_from(["instance", "none", "required"]))
    default = {"instance": cls(**draw(names)), "none": None, "required": NO_DEFAULT}[kind]
    typed = draw([name for name in names if name != "of"])
    line = [word for name, value in typed.items() for word in (f"--show.x.{name}={value}",)]
    Path("run.yml").unlink(missing_ok=True)
    show = Show(cls | None, default)
    result = show.type("--save", "run.yml", *line, "show")
    if result.exit_code:  # what is set as a whole only has no options for its fields
        assert result.exit_code == 2
        assert not Path("run.yml").exists()
        return
    assert same(Show(cls | None, default)("--config", "run.yml"), show.values.pop())


def attrs_or_dataclass(cls: Any) -> Any:
    return attrs.fields(cls) if attrs.has(cls) else dataclasses.fields(cls)


def counting() -> tuple[type, Callable[[], int]]:
    """Return a class whose factory counts, and how often it was called."""
    numbers = itertools.count(1)

    @dataclass
    class Counted:
        id: int = field(default_factory=lambda: next(numbers))
        n: int = 0

    return Counted, lambda: next(numbers) - 1


@pytest.mark.parametrize("default", [NO_DEFAULT, None])
@pytest.mark.parametrize("line", [["--show.x.n", "3"], []])
def test_a_factory_is_called_once_for_a_run_and_what_is_saved_is_what_the_stage_got(
    default: Any, line: list[str]
) -> None:
    counted, calls = counting()
    if default is None and not line:
        return  # nothing is made
    found = Show(counted, default)("show", *line)
    assert (found.id, calls()) == (1, 1)
    counted, _ = counting()
    found = Show(counted, default)("--save", "run.yml", *[word.replace("--x", "--show.x") for word in line], "show")
    counted.__init__.__defaults__ = ()  # type: ignore[misc]  # the same class, some runs later
    assert Show(counted, default)("--config", "run.yml").id == found.id


def test_what_a_constructor_makes_of_the_clock_is_saved_as_it_was() -> None:
    numbers = itertools.count(1)

    @dataclass
    class Stamped:
        n: int = 0
        name: str = ""

        def __post_init__(self) -> None:
            self.name = self.name or f"run{next(numbers)}"

    found = Show(Stamped)("--save", "run.yml", "--show.x.n", "3", "show")
    assert Path("run.yml").read_text(encoding="utf-8").endswith(f"show.x.n: 3\nshow.x.name: {found.name}\n")
    assert Show(Stamped)("--config", "run.yml") == found


def test_a_class_that_never_makes_the_same_is_not_saved() -> None:
    numbers = itertools.count(1)

    @dataclass
    class Never:
        n: int = 0

        def __post_init__(self) -> None:
            self.n += next(numbers)

    result = Show(Never).type("--save", "run.yml", "show")
    assert result.exit_code == 2
    assert "show.x: its class Never makes another value each time" in result.output
    assert not Path("run.yml").exists()
    assert Show(Never)("show").n > 0


def test_what_the_constructor_does_not_take_keeps_what_the_default_has() -> None:
    @dataclass
    class State:
        n: int = 1
        seen: int = field(default=0, init=False)
        total: int = field(default=0, init=False)

        def __post_init__(self) -> None:
            self.total = 2 * self.n

    default = State()
    default.seen = 7
    found = Show(State, default)("show", "--x.n", "4")
    assert (found.n, found.seen, found.total) == (4, 7, 8)


def test_private_attributes_of_a_pydantic_default_are_kept() -> None:
    class Model(pydantic.BaseModel):
        n: int = 1
        _seen: int = pydantic.PrivateAttr(default=0)

    default = Model()
    default._seen = 7
    found = Show(Model, default)("show", "--x.n", "4")
    assert (found.n, found._seen) == (4, 7)


def test_an_init_var_is_an_option_like_a_field() -> None:
    @dataclass
    class Scaled:
        n: int = 1
        scale: InitVar[int] = 2

        def __post_init__(self, scale: int) -> None:
            self.n *= scale

    show = Show(Scaled, Scaled())
    assert show("show", "--x.scale", "5").n == 5
    assert show("--save", "run.yml", "show", "--x.scale", "5", "--x.n", "3").n == 15
    assert show("--config", "run.yml").n == 15
    assert "--x.scale INTEGER  [default: 2]" in show.type("show", "--help").output


def test_a_default_that_no_arguments_make_again_is_set_as_a_whole_only() -> None:
    show = Show(Bang, Bang(name="z"))
    assert "--x {BANG}" in show.type("show", "--help").output
    assert "No such option '--x.n'" in in_new_words(show.type("show", "--x.n", "3").output)
    show("--save", "run.yml", "show")
    assert "# show.x: its default Bang(n=1, name='z!') cannot be written\n" in Path("run.yml").read_text("utf-8")


def test_a_list_of_what_nothing_makes_again_is_not_saved() -> None:
    result = Show(list[Bang], []).type("--save", "run.yml", "--show.x", "[{name: z}]", "show")
    assert result.exit_code == 2
    assert "no arguments of Bang make an equal one" in result.output
    assert Show(list[Bang], [])("show", "--x", "[{name: z}]") == [Bang(name="z")]


SchedName = NewType("SchedName", Sched)


@dataclass
class Outer:
    plain: Sched | None = None
    text: Optional[Sched] = None  # noqa: UP045 - programs still write it
    noted: Annotated[Sched | None, "a note"] = None
    within: Optional[Annotated[Sched, "a note"]] = None  # noqa: UP045 - as above
    named: Optional[SchedName] = None  # noqa: UP045 - as above
    final: Final[Optional[Sched]] = None  # noqa: UP045 - as above
    always: Sched = field(default_factory=Sched)


class Keyed(TypedDict, total=False):
    maybe: typing_extensions.NotRequired[Sched | None]


HINTS = ["plain", "text", "noted", "within", "named", "final", "always"]


@pytest.mark.parametrize("default", [Outer(), None, NO_DEFAULT], ids=["instance", "none", "required"])
@pytest.mark.parametrize("name", HINTS)
def test_a_model_nests_behind_any_hint(name: str, default: Any) -> None:
    show = Show(Outer, default)
    values: dict[str, Any] = {name: Sched(gamma=4)}
    expected = Outer(**values)
    assert show("--save", "run.yml", "show", f"--x.{name}.gamma", "4") == expected
    assert show("--config", "run.yml") == expected


def test_a_key_that_is_not_required_may_be_a_model() -> None:
    assert Show(Keyed, {})("show", "--x.maybe.gamma", "4") == {"maybe": Sched(gamma=4)}
    assert Show(Keyed, {})("show", "--x.maybe", "none") == {"maybe": None}


@pytest.mark.parametrize("name", [name for name in HINTS if name != "always"])
def test_a_model_inside_is_set_to_none_as_a_whole(name: str) -> None:
    values: dict[str, Any] = {name: Sched()}
    show = Show(Outer, Outer(**values))
    assert getattr(show("show"), name) == Sched()
    assert getattr(show("show", f"--x.{name}", "none"), name) is None
    Path("f.yml").write_text(f"show.x.{name}: null\n", encoding="utf-8")
    assert getattr(show("--config", "f.yml", "--save", "run.yml", "show"), name) is None
    assert getattr(show("--config", "run.yml"), name) is None


@pytest.mark.parametrize(
    ("files", "line", "value"),
    [
        (["show.x: null"], [], None),
        (["show.x.step: 3"], ["--x", "none"], None),
        (["show.x: null"], ["--x.step", "3"], Sched(step=3)),
        (["show.x: null", "show.x.step: 3"], [], Sched(step=3)),
        (["show.x.step: 3", "show.x: null"], [], None),
        (["show.x.step: 3", "show.x: null", "show.x.gamma: 1"], [], Sched(gamma=1.0)),
        (["run.stages: [{show: {x: null}}]", "show.x.step: 3"], [], None),
        (["run.stages: [{show: {x: {step: 4}}}]", "show.x: null"], [], Sched(step=4)),
    ],
)
def test_a_model_is_none_or_has_fields_as_the_highest_layer_says(files: list[str], line: list[str], value: Any) -> None:
    names = [f"{number}.yml" for number, _ in enumerate(files)]
    for name, text in zip(names, files, strict=True):
        Path(name).write_text(text, encoding="utf-8")
    options = [word for name in names for word in ("--config", name)]
    command = [] if any("stages" in text for text in files) else ["show"]
    show = Show(Sched | None, Sched(gamma=9.0))
    assert show(*options, "--save", "run.yml", *command, *line) == value
    assert show("--config", "run.yml") == value


def test_fields_over_null_begin_from_the_class_and_not_from_the_default() -> None:
    Path("f.yml").write_text("show.x: null\n", encoding="utf-8")
    assert Show(Sched | None, Sched(gamma=9.0))("--config", "f.yml", "show", "--x.step", "3") == Sched(step=3)


def test_none_and_a_field_on_one_line_are_refused() -> None:
    result = Show(Sched | None, None).type("show", "--x", "none", "--x.step", "3")
    assert result.exit_code == 2
    assert "show.x: '--x' sets it to none, and '--x.step' sets a field of it: use one of the two." in result.output


@pytest.mark.parametrize("text", ["show.x: null\nshow.x.step: 3\n", "show.x.step: 3\nshow.x: null\n"])
def test_null_and_a_field_in_one_file_are_refused(text: str) -> None:
    Path("f.yml").write_text(text, encoding="utf-8")
    result = Show(Sched | None, None).type("--config", "f.yml", "show")
    assert result.exit_code == 2
    assert " on line 1 cannot be used together: a model is null, or has fields." in result.output


@pytest.mark.parametrize("word", ["adam", "{step: 3}"])
def test_a_word_for_a_model_is_told_of_none_and_the_fields(word: str) -> None:
    result = Show(Sched | None, None).type("show", "--x", word)
    assert result.exit_code == 2
    assert f"expected none or the fields of Sched, such as .gamma, got {word!r}.\n" in result.output


def test_none_is_offered_for_a_model() -> None:
    show = Show(Sched | None, None)
    assert completions(show.binder.command(), "show --x", "n") == ["none"]
    assert completions(show.binder.command(), "show --x", "s") == []


def test_a_default_map_sets_a_model_as_a_whole() -> None:
    show = Show(Sched | None, Sched())
    for given_value, value in ((None, None), (Sched(step=3), Sched(step=3)), ({"step": 3}, Sched(step=3))):
        show.binder.command()(["show"], standalone_mode=False, default_map={"show": {"x": given_value}})
        assert show.values.pop() == value
    for word, cure in ("adam", ""), ("none", " For no value, pass None."):
        with pytest.raises(clickbind.ConfigError) as caught:
            show.binder.command()(["show"], standalone_mode=False, default_map={"show": {"x": word}})
        assert caught.value.message == (
            f"default_map: show.x: expected None or the fields of Sched, such as .gamma, got {word!r}.{cure}"
        )


class WordlessError(ValueError):
    """An error that cannot be written, with a list of errors that is not pydantic's."""

    def errors(self) -> Any:
        raise RuntimeError

    def __str__(self) -> str:
        raise RuntimeError


T = TypeVar("T")
S = TypeVar("S", bound=float)


@dataclass
class Crate(Generic[T]):
    item: T
    others: list[T] = field(default_factory=list)


@dataclass
class NameCrate(Crate[str]):
    k: int = 0


@dataclass
class Pair(Crate[int], Generic[S]):
    weight: S = 0  # type: ignore[assignment]


class Labeled(pydantic.BaseModel, Generic[T]):
    item: T


@pytest.mark.parametrize(
    ("annotation", "line", "value"),
    [
        (Crate[int], ["--x.item", "4", "--x.others", "1 2"], Crate(4, [1, 2])),
        (Crate[str], ["--x.item", "4"], Crate("4")),
        (Crate[Sched], ["--x.item.step", "4"], Crate(Sched(step=4))),
        (NameCrate, ["--x.item", "4", "--x.others", "5"], NameCrate("4", ["5"])),
        (Pair[float], ["--x.item", "4", "--x.weight", "5"], Pair(4, weight=5.0)),
        (Crate[Crate[int]], ["--x.item.item", "4"], Crate(Crate(4))),
        (Labeled[int], ["--x.item", "4"], Labeled[int](item=4)),
        (list[Crate[int]], ["--x", "[{item: 4}]"], [Crate(4)]),
        (Crate[int] | None, ["--x.item", "4"], Crate(4)),
    ],
)
def test_a_generic_class_reads_what_its_arguments_say(annotation: Any, line: list[str], value: Any) -> None:
    show = Show(annotation)
    found = show("--save", "run.yml", *[word.replace("--x", "--show.x") for word in line], "show")
    assert found == value
    assert type(getattr(found, "item", 0)) is type(getattr(value, "item", 0))
    assert show("--config", "run.yml") == value


@pytest.mark.parametrize(
    ("raised", "message"),
    [
        (ValueError("n is odd"), "n is odd"),
        (ValueError("'n' must match 'a' ('b' does not)", "n", "a", "b"), "'n' must match 'a' ('b' does not)"),
        (AssertionError("n is odd"), "n is odd"),
        (AssertionError(), "an assertion in its constructor failed."),
        (KeyError("n"), "KeyError: 'n'"),
        (RuntimeError("no n"), "RuntimeError: no n"),
        (ZeroDivisionError(), "ZeroDivisionError"),
        (UnicodeDecodeError("utf-8", b"a", 0, 1, "odd"), "'utf-8' codec can't decode byte 0x61 in position 0: odd"),
        (WordlessError("n is odd"), "WordlessError"),
    ],
)
def test_whatever_a_constructor_raises_is_an_error_of_the_line(raised: Exception, message: str) -> None:
    @dataclass
    class Refusing:
        n: int = 0

        def __post_init__(self) -> None:
            if self.n:
                raise raised

    result = Show(Refusing, Refusing()).type("show", "--x.n", "1")
    assert result.exit_code == 2
    assert f"Error: Invalid value for show.x: Refusing cannot be made of this: {message}\n" in result.output


def test_pydantics_errors_are_told_field_by_field() -> None:
    class Checked(pydantic.BaseModel):
        low: int = 0
        high: int = 1
        even: int = 0

        @pydantic.field_validator("even")
        @classmethod
        def check(cls, even: int) -> int:
            if even % 2:
                raise AssertionError  # `assert` gets a text from pytest
            return even

        @pydantic.field_validator("low", "high")
        @classmethod
        def positive(cls, value: int) -> int:
            if value < 0:
                raise ValueError("must not be negative")
            return value

    output = Show(Checked, Checked()).type("show", "--x.low=-1", "--x.high=-2", "--x.even=3").output
    assert (
        "Checked cannot be made of this: low: must not be negative; high: must not be negative; "
        "even: an assertion in its constructor failed.\n" in output
    )


Token = Annotated[str, clickbind.Option(secret=True)]


class Vault(pydantic.BaseModel):
    token: Token = "none yet"
    port: int = pydantic.Field(default=1)

    @pydantic.field_validator("token", "port")
    @classmethod
    def check(cls, value: Any) -> Any:
        if value in {"hunter2", 7}:
            raise ValueError(f"{value} is known to everybody")
        return value


@attrs.define
class Safe:
    token: Token = attrs.field(default="a", validator=attrs.validators.matches_re("a+"))
    n: int = 0


@dataclass
class Chest:
    token: Token = "a"
    n: int = 0

    def __post_init__(self) -> None:
        if self.n:
            raise ValueError(f"not with {self.token}")


@pytest.mark.parametrize(
    ("annotation", "line"),
    [
        (Vault, ["--x.token", "hunter2"]),
        (Safe, ["--x.token", "hunter2"]),
        (Chest, ["--x.token", "hunter2", "--x.n", "1"]),
        (Vault | None, ["--x.token", "hunter2"]),
        (list[Chest], ["--x", "[{token: hunter2, n: 1}]"]),
        (Annotated[Bang, clickbind.Option(secret=True)], ["--x.name", "hunter2", "--x.n", "hunter2"]),
    ],
)
def test_what_a_class_says_of_a_secret_is_not_shown(annotation: Any, line: list[str]) -> None:
    result = Show(annotation).type("show", *line)
    assert result.exit_code == 2
    assert "hunter2" not in result.output
    assert "hunter2" not in repr(result.exception)


def test_pydantics_own_words_about_another_field_are_shown_beside_a_secret() -> None:
    class Mixed(pydantic.BaseModel):
        token: Token = "a"
        port: Annotated[int, pydantic.AfterValidator(lambda port: port)] = pydantic.Field(default=1, lt=9)

    show = Show(list[Mixed])
    shown = show.type("show", "--x", "[{port: 10}]").output
    assert "hunter2" not in shown


SECRETS = [
    Annotated[str, clickbind.Option(secret=True)],
    int | Annotated[str, clickbind.Option(secret=True)],
    Annotated[str, clickbind.Option(secret=True)] | None,
    Annotated[Annotated[str, clickbind.Option(secret=True)], clickbind.Option("-t")],
    list[Annotated[str, clickbind.Option(secret=True)]],
    dict[str, list[Vault]],
    pydantic.SecretStr | int,
    Crate[Token],
]


@pytest.mark.parametrize("annotation", SECRETS, ids=str)
def test_a_mark_makes_a_secret_wherever_it_is(annotation: Any) -> None:
    options = Show(annotation, None).binder._registry.bounds["show"].options
    assert options[next(reversed(options))].secret


def test_a_mark_of_a_model_holds_for_its_fields() -> None:
    marked = Annotated[Outer, clickbind.Option(secret=True, hidden=True)]
    options = Show(marked, Outer()).binder._registry.bounds["show"].options
    assert all(option.secret and option.hidden for option in options.values())
    plain = Show(Outer, Outer()).binder._registry.bounds["show"].options
    assert not any(option.secret or option.hidden for option in plain.values())


def mutual(count: int) -> Any:
    """Make classes each of which has every other one in it, and give the first."""
    made: list[Any] = []
    for number in range(count):
        cls: Any = dataclasses.make_dataclass(f"Mutual{number}", [("v", int, 0)])
        made.append(cls)
    for cls in made:
        rebuilt = [
            ("v", int, 0),
            *((f"f{n}", other | None, None) for n, other in enumerate(made) if other is not cls),
        ]
        dataclasses.dataclass(cls)
        for name, annotation, default in rebuilt:
            cls.__annotations__[name] = annotation
            setattr(cls, name, default)
        dataclasses.dataclass(cls)
    return made[0]


def diamond(depth: int) -> Any:
    cls: Any = Sched
    for number in range(depth):
        parts = [(name, cls, field(default_factory=cls)) for name in ("a", "b")]
        cls = dataclasses.make_dataclass(f"Diamond{number}", parts)
    return cls


def chain(depth: int) -> Any:
    cls: Any = Sched
    for number in range(depth):
        cls = dataclasses.make_dataclass(f"Chain{number}", [("n", cls | None, None)])
    return cls


@pytest.mark.parametrize(
    ("cls", "count"),
    [(mutual(4), 64), (mutual(8), 64), (mutual(30), 30), (diamond(3), 16), (diamond(40), 128), (chain(500), 20)],
)
def test_fields_of_fields_become_options_as_long_as_they_are_few(cls: Any, count: int) -> None:
    options = Show(cls).binder._registry.bounds["show"].options
    assert len(options) == count <= MOST_SETTINGS
    assert max(name.count(".") for name in options) <= MOST_LEVELS


def test_what_lies_deeper_is_set_as_one_mapping() -> None:
    found = Show(chain(25))("show", "--x" + ".n" * MOST_LEVELS, "{n: {n: {n: {n: {n: {step: 3}}}}}}")
    for _ in range(25):
        found = found.n
    assert found == Sched(step=3)


def test_a_wide_class_has_an_option_per_field() -> None:
    wide = dataclasses.make_dataclass("Wide", [(f"v{number}", int, 0) for number in range(400)])
    assert len(Show(wide).binder._registry.bounds["show"].options) == 400


def test_a_scope_and_a_turn_have_values_of_their_own_that_come_back(tmp_path: Path) -> None:
    got: list[Any] = []
    binder = clickbind.Binder("prog")

    @binder.bind("train", "val")
    def data(x: Named = Named(), y: Sched | None = None) -> Any:
        return x, y

    @binder.stage
    def fit(x: Named = Named()) -> None:
        with binder.scope("train"):
            got.append((x, data()))
        with binder.scope("val"):
            got.append((x, data()))

    line = ["--data.x.n=2", "--data.y.step=4", "--train/data.x.name=t", "--val/data.y=none"]
    main = binder.command()
    stages = ["run", "fit", "--x.n", "5", "fit", "--x.name", "b"]
    main(["--save", "run.yml", *line, *stages], standalone_mode=False)
    first = list(got)
    assert first[0] == (Named(5), (Named(2, "t"), Sched(step=4)))
    assert first[3] == (Named(name="b"), (Named(2), None))
    got.clear()
    main(["--config", "run.yml"], standalone_mode=False)
    assert got == first


def test_a_required_model_in_a_required_one_is_made_of_its_defaults() -> None:
    outer = dataclasses.make_dataclass("Holding", [("inner", Sched), ("k", int, 0)])
    assert Show(outer)("show", "--x.k", "3") == outer(Sched(), 3)
    needy = dataclasses.make_dataclass("Needy", [("n", int)])
    outer = dataclasses.make_dataclass("Holding", [("inner", needy), ("k", int, 0)])
    assert "Missing option '--x.inner.n'" in Show(outer).type("show", "--x.k", "3").output
    output = Show(outer | None, None).type("show", "--x.k", "3").output
    assert "show.x.inner: Needy also needs a value for n. Set it with '--x.inner.n'.\n" in output


def test_a_factory_that_is_no_class_tells_what_the_fields_inside_are() -> None:
    outer = dataclasses.make_dataclass("Holding", [("inner", Sched, field(default_factory=lambda: Sched(step=7)))])
    show = Show(outer)
    assert "--x.inner.step INTEGER [default: 7]" in " ".join(show.type("show", "--help").output.split())
    assert show("show", "--x.inner.gamma", "2") == outer(Sched(2.0, 7))


def test_an_instance_of_a_subclass_with_another_constructor_says_which_field_it_lacks() -> None:
    class Fixed(pydantic.BaseModel):
        n: int = 1
        k: int = 2

    class Half(Fixed):
        pass

    del Half.__pydantic_fields__["k"]
    result = Show(Fixed, Half()).type("show", "--x.k", "3")
    assert result.exit_code == 2
    assert "show.x: Half has no field 'k'." in result.output


def test_an_instance_that_has_lost_an_attribute_is_set_as_a_whole_only() -> None:
    broken = Bang()
    del broken.name
    assert Show(Bang, broken).binder._registry.bounds["show"].options.keys() == {"x"}


def test_a_default_that_cannot_be_made_again_is_no_obstacle_to_the_run() -> None:
    made: list[int] = []

    @dataclass
    class Once:
        n: int = 0

        def __post_init__(self) -> None:
            if made:
                raise RuntimeError("there is one already")
            made.append(self.n)

    default = Once()
    assert Show(Once, default)("show") is default


def test_values_that_do_not_compare_are_not_the_same() -> None:
    class Odd:
        def __eq__(self, other: object) -> bool:
            raise RuntimeError

        __hash__ = None  # type: ignore[assignment]

    class Rows(list[int]):
        def __eq__(self, other: object) -> Any:
            return Rows(map(int.__eq__, self, other))  # type: ignore[call-overload]

        __hash__ = None

        def all(self) -> bool:
            return all(self)

    class Array:
        def __init__(self, *items: int) -> None:
            self.items = Rows(items)

        def __eq__(self, other: object) -> Any:
            return Rows(map(int.__eq__, self.items, other.items))  # type: ignore[attr-defined]

        __hash__ = None  # type: ignore[assignment]

    assert not same(Odd(), Odd())
    assert same(Array(1, 2), Array(1, 2))
    assert not same(Array(1, 2), Array(1, 3))
    assert same(float("nan"), float("nan"))
    assert same({"a": [Sched()]}, {"a": [Sched()]})
    assert not same({"a": 1}, {"b": 1})
    loop: list[Any] = []
    loop.append(loop)
    other: list[Any] = []
    other.append(other)
    assert not same(loop, other)


def test_a_field_under_a_name_for_type_checkers_has_an_option() -> None:
    @dataclass
    class Hidden:
        size: Missing = 3  # type: ignore[name-defined]  # noqa: F821 - it is nowhere

    assert Show(Hidden, Hidden())("show", "--x.size", "4") == Hidden(4)


def test_a_list_for_a_model_as_a_whole_is_refused_with_its_place() -> None:
    Path("f.yml").write_text("show.x: [1]\n", encoding="utf-8")
    result = Show(Sched | None, None).type("--config", "f.yml", "show")
    assert "f.yml:1:9: show.x: expected null or the fields of Sched, such as .gamma, got a list.\n" in result.output


def test_a_model_as_a_whole_writes_nothing_but_null() -> None:
    converter = Show(Sched | None, None).binder._registry.bounds["show"].options["x"].converter
    assert converter is not None
    assert converter.to_plain(None) is None
    with pytest.raises(TypeError, match="is written field by field"):
        converter.to_plain(Sched())


def test_a_scope_whose_value_never_comes_back_is_not_saved() -> None:
    numbers = itertools.count(1)

    @dataclass
    class Never:
        n: int = 0
        k: int = 0

        def __post_init__(self) -> None:
            self.n += next(numbers) if self.k else 0

    binder = clickbind.Binder("prog")

    @binder.bind("train")
    def data(x: Never = Never()) -> None: ...  # noqa: B008 - what is tried

    @binder.stage
    def fit() -> None: ...

    result = CliRunner().invoke(binder.command(), ["--save", "run.yml", "--train/data.x.k", "2", "fit"])
    assert result.exit_code == 2
    assert "train/data.x would not be read back equal, so the run is not saved." in result.output


def test_a_required_model_of_a_function_that_others_call_is_its_callers_business() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def data(x: Sched, y: int = 1) -> Any:
        return x, y

    @binder.stage
    def fit() -> Any:
        return data(Sched(step=2))

    main = binder.command()
    assert main(["--save", "run.yml", "--data.y", "5", "fit"], standalone_mode=False) == (Sched(step=2), 5)
    assert "data.x" not in Path("run.yml").read_text(encoding="utf-8")


def test_an_alias_is_looked_through_for_secrets() -> None:
    plain = typing_extensions.TypeAliasType("plain", list[int])
    secret = typing_extensions.TypeAliasType("secret", list[Token])
    for alias, expected in ((plain, False), (secret, True), (tuple[plain, plain], False)):
        assert Show(alias, None).binder._registry.bounds["show"].options["x"].secret is expected


class Stored:
    """A descriptor that doubles what is stored."""

    def __set_name__(self, owner: type, name: str) -> None:
        self.name = f"_{name}"

    def __get__(self, instance: Any, owner: type) -> Any:
        return 1 if instance is None else getattr(instance, self.name)

    def __set__(self, instance: Any, value: int) -> None:
        setattr(instance, self.name, 2 * value)


@dataclass
class Described:
    n: int = Stored()  # type: ignore[assignment]
    k: int = 0


@dataclass
class Setting:
    n: int = 1
    k: int = 0

    def __setattr__(self, name: str, value: int) -> None:
        object.__setattr__(self, name, 2 * value)


@dataclass
class Getting:
    n: int = 1
    k: int = 0

    def __getattribute__(self, name: str) -> Any:
        value = object.__getattribute__(self, name)
        return 2 * value if name == "n" else value


class Calls(type):
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__call__(*args, **kwargs)
        made.n *= 2
        return made


@dataclass
class Called(metaclass=Calls):
    n: int = 1
    k: int = 0


@attrs.define(slots=False)
class News:
    n: int = 1
    k: int = 0

    def __new__(cls, *args: Any, **kwargs: Any) -> typing_extensions.Self:
        return object.__new__(cls)


class Read(Tripled):
    @property
    def n(self) -> int:
        return 2 * self[0]


@pytest.mark.parametrize("cls", [Described, Setting, Getting, Called, News, Read])
def test_a_class_that_changes_attributes_by_any_way_is_not_given_its_own_results(cls: Any) -> None:
    assert not Model(cls).takes_as_is
    default = cls(n=5)
    assert same(Show(cls, default)("--save", "run.yml", "show"), default)
    assert same(Show(cls, default)("--config", "run.yml"), default)
    show = Show(cls, default)
    if show.type("show", "--x.k", "3").exit_code == 0:  # else it is set as a whole only
        assert show.values.pop().n == default.n


@pytest.mark.parametrize("cls", [Sched, Outer, attrs.make_class("Made", {"n": attrs.field(default=1)}), Tripled])
def test_a_class_that_nobody_changed_is_not_called_to_take_it_apart(cls: Any) -> None:
    assert Model(cls).takes_as_is


@dataclass
class Holder:
    inner: Sched = field(default_factory=Sched)
    more: list[Sched] = field(default_factory=list)
    k: int = 0

    def __post_init__(self) -> None:
        for part in (self.inner, *self.more):
            part.step *= 2


def test_a_constructor_that_changes_what_it_holds_changes_no_default_and_no_given_value() -> None:
    default = Holder(Sched(step=5))
    show = Show(Holder, default)
    show.type("show", "--help")
    show("--save", "run.yml", "show")
    assert default.inner.step == 10
    found = Show(Holder)("--save", "run.yml", "show", "--x.more", "[{step: 3}]", "--x.inner.step", "4")
    assert found == Holder(Sched(step=4), [Sched(step=3)])
    assert Show(Holder)("--config", "run.yml") == found


class TripledList(NamedTuple):
    n: int = 1
    items: list[int] = []  # noqa: RUF012 - a named tuple's default


class TripleList(TripledList):
    def __new__(cls, n: int = 1, items: Any = ()) -> typing_extensions.Self:
        return super().__new__(cls, 3 * n, list(items))


@dataclass
class Locked:
    n: int = 1

    def __post_init__(self) -> None:
        self.lock = threading.Lock()


@attrs.define
class Unset:
    n: int = 1
    later: int = attrs.field(init=False)


@pytest.mark.parametrize("cls", [TripleList, Locked, Unset])
@pytest.mark.parametrize("required", [False, True])
def test_a_value_that_has_no_equal_copy_is_passed_itself(cls: Any, *, required: bool) -> None:
    show = Show(cls, NO_DEFAULT if required else cls())
    assert same(show("--save", "run.yml", "show", "--x.n", "2"), cls(2))
    assert same(show("--config", "run.yml"), cls(2))


def test_what_a_factory_makes_anew_and_cannot_be_written_is_not_saved() -> None:
    numbers = itertools.count(1)

    @dataclass
    class Fresh:
        n: int = 0
        id: Any = field(default_factory=lambda: (next(numbers),))

    result = Show(Fresh).type("--save", "run.yml", "show")
    assert result.exit_code == 2
    assert "show.x.id: a factory makes another value each time, which cannot be written: set it." in result.output
    assert not Path("run.yml").exists()
    assert Show(Fresh)("--save", "run.yml", "show", "--x.id", "7") == Fresh(id=7)


def test_what_compares_with_nothing_is_no_obstacle_to_a_save() -> None:
    @dataclass
    class Guarded:
        n: int = 0
        lock: Any = field(default_factory=threading.Lock)

    assert Show(Guarded)("--save", "run.yml", "show", "--x.n", "2").n == 2
    assert Show(Guarded)("--config", "run.yml").n == 2


class ByName(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(validate_by_name=True, validate_by_alias=False)
    n: int = pydantic.Field(1, alias="nn")


class Either(pydantic.BaseModel):
    n: int = pydantic.Field(1, validation_alias=pydantic.AliasChoices(pydantic.AliasPath("a", 0), "nn"))


class PathByName(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(populate_by_name=True)
    n: int = pydantic.Field(1, validation_alias=pydantic.AliasPath("a", 0))


@pydantic.dataclasses.dataclass
class Aliased:
    n: int = pydantic.Field(1, alias="nn")
    scale: InitVar[int] = 1


@pytest.mark.parametrize("cls", [ByName, Either, PathByName, Aliased])
def test_pydantics_constructor_is_given_the_keyword_that_it_takes(cls: Any) -> None:
    assert Show(cls, cls())("--save", "run.yml", "show", "--x.n", "3").n == 3
    assert Show(cls, cls())("--config", "run.yml").n == 3


def test_a_field_that_lies_in_another_argument_keeps_what_the_default_has() -> None:
    class Inside(pydantic.BaseModel):
        n: int = pydantic.Field(1, validation_alias=pydantic.AliasPath("a", 0))
        k: int = 0

    show = Show(Inside, Inside.model_validate({"a": [5]}))
    assert show("show", "--x.k", "3").n == 5
    assert "No such option '--x.n'" in in_new_words(show.type("show", "--x.n", "3").output)


@pytest.mark.parametrize("default", [Sched(), None])
def test_a_default_map_gives_an_instance_whatever_the_default_is(default: Any) -> None:
    show = Show(Sched if default else Sched | None, default)
    for line, value in (([], Sched(step=3)), (["--x.gamma", "2"], Sched(2.0, 3))):
        show.binder.command()(["show", *line], standalone_mode=False, default_map={"show": {"x": Sched(step=3)}})
        assert show.values.pop() == value


def test_a_default_map_gives_an_instance_for_a_field() -> None:
    show = Show(Outer, Outer())
    for line, value in (([], Sched(step=3)), (["--x.always.gamma", "2"], Sched(2.0, 3))):
        layer = {"show": {"x": {"always": Sched(step=3)}}}
        show.binder.command()(["show", *line], standalone_mode=False, default_map=layer)
        assert show.values.pop() == Outer(always=value)


@pytest.mark.parametrize("value", [None, 3, "hunter2"])
def test_a_default_map_gives_nothing_but_a_model_for_a_model(value: Any) -> None:
    main = Show(Sched, Sched()).binder.command()
    with pytest.raises(clickbind.ConfigError, match=r"show\.x: expected Sched or a mapping of its fields") as caught:
        main(["show"], standalone_mode=False, default_map={"show": {"x": value}})
    assert "hunter2" not in str(caught.value)


def test_a_scope_lays_an_instance_over_a_field() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def data(x: Outer = Outer()) -> Outer:  # noqa: B008 - what is tried
        return x

    @binder.stage
    def fit() -> list[Outer]:
        with binder.scope({"data.x.always": Sched(step=3)}):
            first = data()
            with binder.scope({"data.x.always.gamma": 2.0}):
                return [first, data()]

    main = binder.command()
    assert main(["fit"], standalone_mode=False) == [Outer(always=Sched(step=3)), Outer(always=Sched(2.0, 3))]

    @binder.stage
    def twice() -> None:
        with binder.scope({"data.x.always": Sched(), "data.x.always.gamma": 2.0}):
            pass

    with pytest.raises(clickbind.BindError, match=r"'data.x.always.gamma' is part of 'data.x.always'"):
        main(["twice"], standalone_mode=False)


@dataclass
class MadeByDataclass:
    sched: Sched = field(default_factory=lambda: Sched(gamma=9.0))
    items: list[int] = field(default_factory=lambda: [1])
    plain: Sched = field(default_factory=Sched)
    n: int = 0


@attrs.define
class MadeByAttrs:
    sched: Sched = attrs.field(factory=lambda: Sched(gamma=9.0))
    items: list[int] = attrs.field(factory=lambda: [1])
    plain: Sched = attrs.field(factory=Sched)
    n: int = 0
    twice: int = attrs.field(default=attrs.Factory(lambda self: 2 * self.n, takes_self=True))


class MadeByPydantic(pydantic.BaseModel):
    sched: Sched = pydantic.Field(default_factory=lambda: Sched(gamma=9.0))
    items: list[int] = pydantic.Field(default_factory=lambda: [1])
    plain: Sched = pydantic.Field(default_factory=Sched)
    n: int = 0


@pytest.mark.parametrize("cls", [MadeByDataclass, MadeByAttrs, MadeByPydantic])
def test_a_bound_class_keeps_what_its_factories_make(cls: Any) -> None:
    binder = clickbind.Binder("prog")
    made = binder.bind(cls, name="made")

    @binder.stage
    def fit() -> Any:
        return made()

    found = binder.command()(["fit", "--made.sched.step", "3", "--made.plain.step", "4"], standalone_mode=False)
    assert (found.sched, found.items, found.plain) == (Sched(9.0, 3), [1], Sched(step=4))
    assert binder.command()(["fit", "--made.items", "4"], standalone_mode=False).items == [4]
    result = CliRunner().invoke(binder.command(), ["--save", "-", "fit"])
    assert "# made.items: its class makes a new default for each call\n" in result.output
    assert "made.sched.gamma: 9.0\n" in result.output
    output = CliRunner().invoke(binder.command(), ["--help"]).output
    assert "[default: <factory>]" not in output
    assert "[default: _Nothing" not in output
    assert "[default: 1]" in output


@dataclass
class Level:
    sched: Sched | None = None
    bang: Bang = field(default_factory=Bang)
    k: int = 0


@pytest.mark.parametrize("default", [Level(), Level(Sched(2.0), k=4), Level(Sched(), Bang(4), 5)])
@pytest.mark.parametrize(
    ("line", "value"),
    [
        (["--show.x.k", "3"], Level(k=3)),
        (["--show.x.sched.step", "3"], Level(Sched(step=3))),
        (["--show.x.bang.n", "3"], Level(bang=Bang(3))),
    ],
)
def test_a_field_over_null_comes_back_whatever_the_default_has(default: Any, line: list[str], value: Any) -> None:
    Path("f.yml").write_text("show.x: null\n", encoding="utf-8")
    assert Show(Level | None, default)("--config", "f.yml", "--save", "run.yml", *line, "show") == value
    assert Show(Level | None, default)("--config", "run.yml") == value


Dashed = TypedDict("Dashed", {"a-b": int, "a_b": int}, total=False)


def test_a_typed_dict_with_keys_that_are_no_names_is_set_as_a_whole() -> None:
    show = Show(Dashed, {"a-b": 1})
    assert show("--save", "run.yml", "show", "--x", "{a-b: 2, a_b: 3}") == {"a-b": 2, "a_b": 3}
    assert show("--config", "run.yml") == {"a-b": 2, "a_b": 3}


@dataclass
class Looping:
    v: int = 0
    again: Optional[Looping] = None  # noqa: UP045 - a string within a union is no hint before Python 3.14


@dataclass
class Secretive:
    n: int = 0

    def __post_init__(self) -> None:
        self.n += 1

    def __repr__(self) -> str:
        raise RuntimeError


class Failing:
    """A descriptor that cannot be read."""

    def __get__(self, instance: Any, owner: type) -> int:
        if instance is None:
            return 1
        raise RuntimeError

    def __set__(self, instance: Any, value: int) -> None: ...


@dataclass
class Unreadable:
    n: int = Failing()  # type: ignore[assignment]


def looping() -> Looping:
    made = Looping()
    made.again = made
    return made


@pytest.mark.parametrize(
    ("annotation", "default", "text"),
    [
        (Looping, looping(), "Looping(v=0, again=...)"),
        (Secretive, Secretive(5), "[default: <Secretive>]"),
        (Unreadable, Unreadable(), "--x {UNREADABLE}"),
    ],
)
def test_a_default_that_cannot_be_written_or_read_is_no_obstacle(annotation: Any, default: Any, text: str) -> None:
    show = Show(annotation, default)
    assert text in " ".join(show.type("show", "--help").output.split())
    assert show("show") is default
    show("--save", "run.yml", "show")


def missing() -> Any:
    raise KeyError("RANK")


@dataclass
class Ranked:
    rank: int = field(default_factory=missing)
    inner: Sched = field(default_factory=missing)
    n: int = 0


def test_a_factory_that_fails_is_an_error_of_the_run_alone() -> None:
    show = Show(Ranked)
    assert show.type("show", "--help").exit_code == 0
    assert "Ranked cannot be made of this: KeyError: 'RANK'" in show.type("show", "--x.n", "3").output
    assert show("show", "--x.rank", "3", "--x.inner.step", "4") == Ranked(3, Sched(step=4))


@dataclass
class Flagged:
    """A class that takes no value for what it sets itself."""

    flag: int | None = field(default_factory=lambda: None)
    n: int = 0

    def __post_init__(self) -> None:
        if self.flag is not None:
            raise ValueError("flag is not for you")
        self.flag = 7


@pytest.mark.parametrize(
    ("annotation", "line"), [(Flagged, ["--x.n", "3"]), (list[Flagged], ["--x", "[{n: 3}, {}]"]), (Flagged, [])]
)
def test_what_a_class_refuses_to_be_given_is_left_to_it(annotation: Any, line: list[str]) -> None:
    found = Show(annotation)("--save", "run.yml", "show", *line)
    assert Show(annotation)("--config", "run.yml") == found


def test_an_instance_laid_over_that_nothing_makes_again_has_no_field_changed() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def data(x: Bang = Bang()) -> Bang:  # noqa: B008 - what is tried
        return x

    @binder.stage
    def fit() -> Bang:
        with binder.scope({"data.x": Bang(name="z")}, {"data.x.n": 3}):
            return data()

    result = CliRunner().invoke(binder.command(), ["fit"])
    assert "its default cannot be made again from arguments of Bang" in f"{result.output}{result.exception}"


def test_a_default_of_another_type_is_handed_out_as_it_is() -> None:
    show = Show(Sched, "adam")
    assert show("--save", "run.yml", "show") == "adam"
    assert show("--config", "run.yml") == "adam"
    assert show("--save", "run.yml", "show", "--x.step", "3") == Sched(step=3)
    assert show("--config", "run.yml") == Sched(step=3)


def test_a_function_may_have_the_default_that_stands_for_a_factory() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def fit(x: int = attrs.NOTHING) -> Any:  # type: ignore[assignment]
        return x

    assert binder.command()(["fit"], standalone_mode=False) is attrs.NOTHING
    assert binder.command()(["fit", "--x", "3"], standalone_mode=False) == 3


Alias = typing_extensions.TypeAliasType("Alias", Sched | int)


def test_an_alias_is_looked_at_for_secrets_too() -> None:
    options = Show(list[Alias], []).binder._registry.bounds["show"].options
    assert not options["x"].secret
