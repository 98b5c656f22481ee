"""Test classes with fields: each kind is inspected, built, read and written, and its fields are options."""

from __future__ import annotations

import collections
import dataclasses
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, ClassVar, Literal, NamedTuple, Optional, TypedDict

import attrs
import pydantic
import pytest
import typing_extensions
import yaml
from click.core import ParameterSource
from click.testing import CliRunner, Result

import clickbind
from clickbind import declare, nodes
from clickbind.errors import ConversionError
from clickbind.layers import ResolvedValue
from clickbind.types.models import EMPTY, Model, model_of
from tests.types.reading import converter, from_yaml


class Opaque:
    """Have a type that cannot be parsed from text."""


@dataclass(frozen=True)
class Schedule:
    warmup: int = 0
    kind: Literal["linear", "cosine"] = "linear"


@dataclass
class Optim:
    """An optimizer.

    Parameters
    ----------
    lr : float
        Learning rate.
    """

    count: ClassVar[int] = 0
    lr: float = 1e-3
    tag: str = None  # type: ignore[assignment]
    schedule: Schedule = field(default_factory=Schedule)
    extra: Opaque = field(default_factory=Opaque, repr=False, compare=False)
    steps: int = field(default=0, init=False)


@dataclass
class Adam(Optim):
    eps: float = field(default=1e-8, metadata={"help": "Against division by zero."})


@dataclass
class Tree:
    size: int = 0
    left: Optional[Tree] = None  # noqa: UP045 - programs still write it
    others: list[Tree] = field(default_factory=list)


@dataclass
class Sized:
    width: int
    height: int = 1


@dataclass
class Checked:
    low: int = 0
    high: int = 1
    offset: dataclasses.InitVar[int] = 0

    def __post_init__(self, offset: int) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


@dataclass
class Nullable:
    count: int = None  # type: ignore[assignment]
    name: str = None  # type: ignore[assignment]


@attrs.define
class Window:
    size: int = attrs.field(default=512, validator=attrs.validators.gt(0), metadata={"help": "Samples."})
    kind: str = "hann"
    hops: list[int] = attrs.Factory(list)
    half: int = attrs.field(init=False, default=1)
    twice: int = attrs.Factory(lambda self: 2 * self.size, takes_self=True)


@attrs.define
class Private:
    _size: int = 1
    needed: int = attrs.field(default=2, alias="wanted")


Made = attrs.make_class("Made", {"x": attrs.field(type=int)})


# PyYAML's two parsers have different messages.
UNCLOSED = (
    "did not find expected ',' or '}'" if yaml.__with_libyaml__ else "expected ',' or '}', but got '<stream end>'"
)


class Server(pydantic.BaseModel):
    host: str = "localhost"
    port: int = pydantic.Field(default=80, ge=1, description="Where it listens.")
    tags: list[str] = pydantic.Field(default_factory=list)
    token: pydantic.SecretStr | None = None


class Aliased(pydantic.BaseModel):
    a: int = pydantic.Field(default=1, alias="aa")
    b: int = pydantic.Field(default=2, validation_alias="bb")
    needed: int


class Derived(pydantic.BaseModel):
    a: int = 1
    b: int = pydantic.Field(default_factory=lambda known: known["a"] + 1)


@pydantic.dataclasses.dataclass
class Strict:
    x: int = 1


class Point(NamedTuple):
    x: int
    y: int = 0


Bare = collections.namedtuple("Bare", ["x", "y"], defaults=[0])  # noqa: PYI024 - programs still write it


class Crop(TypedDict, total=False):
    width: int
    height: int


class Region(Crop):
    name: str


class Later(TypedDict):
    a: int
    b: typing_extensions.NotRequired[int]


class Marked(typing_extensions.TypedDict):
    a: int
    b: typing_extensions.NotRequired[int]
    c: Annotated[int, "text"]


def model(kind: Any) -> Model:
    found = model_of(kind)
    assert found is not None
    return found


def build(kind: Any, given: dict[str, Any], base: Any) -> Any:
    """Make the value of a parameter from given fields."""

    def show(x: Any = base) -> None: ...

    def needs(x: Any) -> None: ...

    function = needs if base is EMPTY else show
    function.__annotations__["x"] = kind
    found = {f"x.{name}": (0, ResolvedValue(value, ParameterSource.COMMANDLINE, name)) for name, value in given.items()}
    return declare.function.read(function).groups["x"].build(found)


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        (Schedule, {"warmup": (int, False), "kind": (Literal["linear", "cosine"], False)}),
        (Sized, {"width": (int, True), "height": (int, False)}),
        (Checked, {"low": (int, False), "high": (int, False), "offset": (int, False)}),
        (Point, {"x": (int, True), "y": (int, False)}),
        (Bare, {"x": (Any, True), "y": (Any, False)}),
        (Crop, {"width": (int, False), "height": (int, False)}),
        (Region, {"width": (int, False), "height": (int, False), "name": (str, True)}),
        (Strict, {"x": (int, False)}),
        (Made, {"x": (int, True)}),
        (
            Window,
            {"size": (int, False), "kind": (str, False), "hops": (list[int], False), "twice": (int, False)},
        ),
    ],
)
def test_a_class_has_the_fields_that_its_constructor_takes(kind: Any, fields: dict[str, Any]) -> None:
    found = model(kind).fields
    assert {name: (known.annotation, known.required) for name, known in found.items()} == fields


def test_a_typed_dicts_qualifiers_decide_what_is_required() -> None:
    # With the future import, __required_keys__ does not reflect them.
    assert {name: known.required for name, known in model(Later).fields.items()} == {"a": True, "b": False}


def test_a_typed_dict_of_typing_extensions_is_one() -> None:
    assert {name: known.required for name, known in model(Marked).fields.items()} == {"a": True, "b": False, "c": True}


@pytest.mark.parametrize("kind", [int, Opaque, 5, "text", list[int], Point | None, Any])
def test_what_has_no_fields_is_no_model(kind: Any) -> None:
    assert model_of(kind) is None


@pytest.mark.parametrize(
    ("kind", "name", "default"),
    [
        (Optim, "lr", 1e-3),
        (Optim, "schedule", Schedule()),
        (Sized, "width", EMPTY),
        (Window, "hops", []),
        (Window, "twice", EMPTY),
        (Server, "tags", []),
        (Aliased, "needed", EMPTY),
        (Point, "y", 0),
        (Crop, "width", EMPTY),
    ],
)
def test_a_field_has_its_default(kind: Any, name: str, default: object) -> None:
    assert model(kind).fields[name].default == default


@pytest.mark.parametrize(
    ("kind", "name", "text"),
    [
        (Adam, "eps", "Against division by zero."),
        (Adam, "lr", ""),
        (Window, "size", "Samples."),
        (Server, "port", "Where it listens."),
    ],
)
def test_a_field_has_what_is_said_of_it_where_it_is_declared(kind: Any, name: str, text: str) -> None:
    assert model(kind).fields[name].text == text


def test_a_default_that_needs_the_other_fields_is_left_to_the_class() -> None:
    known = model(Derived).fields["b"]
    assert not known.required
    assert build(Derived, {"a": 5}, EMPTY) == Derived(a=5, b=6)


@pytest.mark.parametrize(
    ("kind", "given", "base", "value"),
    [
        (Optim, {}, EMPTY, Optim()),
        (Optim, {"lr": 0.5}, EMPTY, Optim(lr=0.5)),
        (Optim, {"lr": 0.5}, Optim(tag="a"), Optim(lr=0.5, tag="a")),
        (Optim, {"lr": 0.5}, None, Optim(lr=0.5)),
        (Optim, {"schedule.warmup": 3}, EMPTY, Optim(schedule=Schedule(3))),
        (
            Optim,
            {"schedule.warmup": 3},
            Optim(schedule=Schedule(kind="cosine")),
            Optim(schedule=Schedule(3, "cosine")),
        ),
        (Point, {"x": 1}, EMPTY, Point(1)),
        (Point, {"y": 1}, Point(5), Point(5, 1)),
        (Crop, {"width": 1}, EMPTY, {"width": 1}),
        (Crop, {"width": 1}, {"height": 2}, {"width": 1, "height": 2}),
        (Window, {"kind": "flat"}, EMPTY, Window(kind="flat")),
        (Private, {"size": 3}, EMPTY, Private(size=3)),
        (Private, {"wanted": 3}, Private(size=2), Private(size=2, wanted=3)),
        (Server, {"port": 8}, Server(host="here"), Server(host="here", port=8)),
        (Aliased, {"a": 3, "needed": 1}, EMPTY, Aliased(aa=3, needed=1)),
    ],
)
def test_an_instance_is_made_of_what_is_given_and_of_the_default(
    kind: Any, given: dict[str, Any], base: object, value: object
) -> None:
    assert build(kind, given, base) == value


def test_a_validation_alias_is_what_the_constructor_takes() -> None:
    assert build(Aliased, {"b": 3, "needed": 1}, EMPTY).b == 3


def test_an_instance_of_a_subclass_stays_one() -> None:
    assert build(Optim, {"lr": 0.5}, Adam(eps=3.0)) == Adam(lr=0.5, eps=3.0)


@pytest.mark.parametrize(
    ("kind", "given", "message"),
    [
        (Sized, {"height": 1}, "Sized also needs a value for width. Set it with 'x.width'."),
        (Region, {"width": 1}, "Region also needs a value for name. Set it with 'x.name'."),
        (Checked, {"low": 5}, "Checked cannot be made of this: low is above high"),
        (Window, {"size": 0}, "Window cannot be made of this: 'size' must be > 0: 0"),
        (Server, {"port": 0}, "Server cannot be made of this: port: Input should be greater than or equal to 1"),
    ],
)
def test_the_error_of_a_class_is_reported(kind: Any, given: dict[str, Any], message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        build(kind, given, EMPTY)
    assert str(caught.value) == f"x: {message}"


@pytest.mark.parametrize(
    ("kind", "value", "held"),
    [
        (Point, Point(1), True),
        (Point, (1, 0), False),
        (Optim, Adam(), True),
        (Crop, {"width": 1}, True),
        (Crop, {}, True),
        (Crop, {"depth": 1}, False),
        (Region, {"width": 1}, False),
        (Region, {"name": "a"}, True),
    ],
)
def test_a_model_knows_its_instances(kind: Any, value: object, held: bool) -> None:
    assert model(kind).holds(value) is held
    assert converter(kind).accepts(value) is held


@pytest.mark.parametrize(
    ("annotation", "text", "value"),
    [
        (Point, "{x: 1}", Point(1)),
        (Point, "{x: 1, y: 0x2}", Point(1, 2)),
        (Crop, "{}", {}),
        (Crop, "{width: 5}", {"width": 5}),
        (list[Point], "[{x: 1}, {x: 2}]", [Point(1), Point(2)]),
        (dict[str, Point], "{a: {x: 1}}", {"a": Point(1)}),
        (Point | None, "{x: 1}", Point(1)),
        (Optim, "{schedule: {warmup: 3}}", Optim(schedule=Schedule(3))),
        (Tree, "{size: 1, others: [{size: 2, left: {size: 3}}]}", Tree(1, None, [Tree(2, Tree(3))])),
        (Window, "{size: 5}", Window(5)),
        (Server, "{port: 5}", Server(port=5)),
    ],
)
def test_a_model_inside_is_a_mapping_of_its_fields(annotation: Any, text: str, value: object) -> None:
    assert converter(annotation).from_text(text) == value
    assert converter(annotation).from_line([text]) == value
    assert from_yaml(annotation, text) == value


def test_null_is_a_value_of_a_field_whose_default_is_none() -> None:
    assert from_yaml(list[Nullable], "[{count: null, name: null}]") == [Nullable()]
    assert converter(Nullable).to_plain(Nullable()) == {"count": None, "name": None}


@pytest.mark.parametrize(
    ("annotation", "text", "message"),
    [
        (Point, "{z: 1}", "Point has no field 'z'."),
        (Optim, "{tga: 1}", "Optim has no field 'tga'. Did you mean 'tag'?"),
        (Point, "{[x]: 1}", "Point has no field ''."),
        (Point, "{x: 1, x: 2}", "duplicate field 'x'."),
        (Point, "{x: a}", "'a' is not a valid integer."),
        (Point, "{}", "Point also needs a value for x."),
        (Point, "x", "'x' is not a mapping: {field: value, …}."),
        (Point, "[1]", "'[1]' is not a mapping: {field: value, …}."),
        (Point, "{x: 1", f"'{{x: 1': invalid YAML: while parsing a flow mapping {UNCLOSED}."),
    ],
)
def test_a_text_that_is_no_mapping_of_the_fields_is_refused(annotation: Any, text: str, message: str) -> None:
    with pytest.raises(ConversionError) as caught:
        converter(annotation).from_text(text)
    assert str(caught.value) == message


@pytest.mark.parametrize(
    ("text", "place"), [("{x: a}", (0, 4)), ("x: 1\nz: 1", (1, 0)), ("x: 1\nx: 2", (1, 0)), ("[1]", (0, 0))]
)
def test_what_is_wrong_inside_is_pointed_at(text: str, place: tuple[int, int]) -> None:
    with pytest.raises(ConversionError) as caught:
        from_yaml(list[Point], f"- {text}" if text[0] in "{[" else f"- {text}".replace("\n", "\n  "))
    node = caught.value.node
    assert isinstance(node, nodes.Node)
    assert (node.line, node.column - 2) == place


@pytest.mark.parametrize(
    ("annotation", "given_value", "value"),
    [
        (Point, {"x": "1"}, Point(1)),
        (Point, Point(1), Point(1)),
        (Crop, {"width": 1}, {"width": 1}),
        (list[Point], [{"x": 1}], [Point(1)]),
        (Point, "{x: 1}", Point(1)),
    ],
)
def test_a_python_mapping_of_fields_is_read(annotation: Any, given_value: object, value: object) -> None:
    assert converter(annotation).from_plain(given_value) == value


@pytest.mark.parametrize("given_value", [None, [1], {"z": 1}])
def test_a_python_value_that_is_no_mapping_of_fields_is_refused(given_value: object) -> None:
    with pytest.raises(ConversionError):
        converter(Point).from_plain(given_value)


@pytest.mark.parametrize(
    ("annotation", "value", "plain"),
    [
        (Point, Point(1), {"x": 1, "y": 0}),
        (Schedule, Schedule(1, "cosine"), {"warmup": 1, "kind": "cosine"}),
        (Crop, {"width": 1}, {"width": 1}),
        (list[Point], [Point(1)], [{"x": 1, "y": 0}]),
        (Checked, Checked(0, 1), {"low": 0, "high": 1}),
    ],
)
def test_an_instance_is_written_as_a_mapping(annotation: Any, value: object, plain: object) -> None:
    assert converter(annotation).to_plain(value) == plain


def test_what_is_no_instance_cannot_be_written() -> None:
    with pytest.raises(TypeError, match=r"\(1, 0\) is not a Point"):
        converter(Point).to_plain((1, 0))


def test_a_model_has_a_metavar() -> None:
    assert converter(list[Point]).metavar == "{POINT}..."


class Show:
    """Run a program whose stage has a parameter x of a type with fields."""

    def __init__(self, annotation: Any, default: Any = EMPTY) -> None:
        self.values: list[Any] = []

        def required(x: Any) -> None:
            self.values.append(x)

        def optional(x: Any = default) -> None:
            self.values.append(x)

        function = required if default is EMPTY else optional
        function.__annotations__["x"] = annotation
        binder = clickbind.Binder("prog")
        binder.stage(function, name="show")
        self.main = binder.command()

    def run(self, *line: str) -> Result:
        return CliRunner().invoke(self.main, line, prog_name="prog")

    def __call__(self, *line: str) -> Any:
        result = self.run(*line)
        assert result.exit_code == 0, f"{result.output}{result.exception!r}"
        return self.values.pop()


@pytest.fixture
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


CASES: list[Any] = [
    (Optim, EMPTY, ["--x.lr", ".5"], Optim(lr=0.5)),
    (Optim, Optim(tag="a"), ["--x.lr", ".5"], Optim(lr=0.5, tag="a")),
    (Optim, None, ["--x.lr", ".5"], Optim(lr=0.5)),
    (Optim | None, None, ["--x.schedule.warmup", "5"], Optim(schedule=Schedule(5))),
    (Optim, EMPTY, ["--x.schedule.kind", "cosine", "--x.tag", "none"], Optim(schedule=Schedule(kind="cosine"))),
    (Point, EMPTY, ["--x.x", "1"], Point(1)),
    (Point, Point(5, 6), ["--x.y", "1"], Point(5, 1)),
    (Crop, EMPTY, ["--x.width", "1"], {"width": 1}),
    (Crop, {"height": 2}, ["--x.width", "1"], {"width": 1, "height": 2}),
    (Window, EMPTY, ["--x.hops", "1 2"], Window(hops=[1, 2])),
    (Server, Server(), ["--x.port", "8"], Server(port=8)),
    (Tree, EMPTY, ["--x.left", "{size: 3}"], Tree(left=Tree(3))),
    (Annotated[Point, "text"], EMPTY, ["--x.x", "1"], Point(1)),
    (Strict, EMPTY, ["--x.x", "5"], Strict(5)),
]


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize(("annotation", "default", "line", "value"), CASES)
def test_fields_are_options_and_come_back_from_a_saved_run(
    annotation: Any, default: Any, line: list[str], value: Any
) -> None:
    show = Show(annotation, default)
    assert show("show", *line) == value
    dotted = [word.replace("--x.", "--show.x.") for word in line]
    assert show(*dotted, "--save", "run.yml", "show") == value
    found = show("--config", "run.yml")
    assert found == value
    assert type(found) is type(value)


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize(
    "text",
    [
        "show.x.lr: .5\nshow.x.schedule.warmup: 3",
        "show:\n  x.lr: .5\n  x.schedule.warmup: 3",
        "show:\n  x: {lr: .5, schedule: {warmup: 3}}",
        "show:\n  x: {lr: .5, schedule.warmup: 3}",
        "show.x: {lr: .5, schedule: {warmup: 3}}",
    ],
)
def test_a_file_has_fields_flat_or_nested(text: str) -> None:
    Path("run.yml").write_text(text, encoding="utf-8")
    assert Show(Optim, None)("--config", "run.yml", "show") == Optim(lr=0.5, schedule=Schedule(3))


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("show.x.lr: fast", "run.yml:1:12: show.x.lr: 'fast' is not a valid float."),
        ("show:\n  x: {lr: 1, lq: 2}", "run.yml:2:14: unknown key 'show.x.lq'. Did you mean 'show.x.lr'?"),
        ("show.x.lr: 1\nshow:\n  x: {lr: 2}", "run.yml:3:7: duplicate key show.x.lr, first set on line 1."),
    ],
)
def test_the_error_for_a_field_shows_its_place(text: str, message: str) -> None:
    Path("run.yml").write_text(text, encoding="utf-8")
    assert message in Show(Optim, None).run("--config", "run.yml", "show").output


@pytest.mark.usefixtures("_folder")
@pytest.mark.parametrize("default", [None, Optim()])
def test_null_in_a_file_sets_an_optional_model_to_none(default: Any) -> None:
    Path("run.yml").write_text("show.x: null", encoding="utf-8")
    assert Show(Optim | None, default)("--config", "run.yml", "show") is None


def test_without_a_field_the_default_is_the_signatures_own_object() -> None:
    default = Optim()
    assert Show(Optim, default)("show") is default
    assert Show(Optim | None, None)("show") is None


def test_a_required_model_is_made_of_its_defaults() -> None:
    assert Show(Optim)("show") == Optim()


def test_a_required_field_of_a_required_model_is_a_required_option() -> None:
    result = Show(Point).run("show")
    assert result.exit_code == 2
    assert "Missing option '--x.x'" in result.output


@pytest.mark.parametrize(
    ("annotation", "default", "line", "message"),
    [
        (Point | None, None, ["--x.y", "1"], "show.x: Point also needs a value for x."),
        (Window, Window(), ["--x.size", "0"], "show.x: Window cannot be made of this: 'size' must be > 0: 0"),
        (Checked, EMPTY, ["--x.low", "3"], "show.x: Checked cannot be made of this: low is above high"),
        (Server, Server(), ["--x.port", "0"], "'--x.port': 0 is out of range: x>=1."),
    ],
)
def test_what_a_class_refuses_is_an_error_of_the_line(
    annotation: Any, default: Any, line: list[str], message: str
) -> None:
    result = Show(annotation, default).run("show", *line)
    assert result.exit_code == 2
    assert message in result.output


def test_the_help_has_the_fields_with_their_texts_and_defaults() -> None:
    shown = " ".join(Show(Optim, Optim(lr=0.5)).run("show", "--help").output.split())
    assert "--x.lr FLOAT Learning rate. [default: 0.5]" in shown
    assert "--x.schedule.warmup INTEGER [default: 0]" in shown
    assert "extra" not in shown
    assert "steps" not in shown
    more = " ".join(Show(Adam, Adam()).run("show", "--help").output.split())
    assert "--x.eps FLOAT Against division by zero. [default: 1e-08]" in more


@pytest.mark.usefixtures("_folder")
def test_a_secret_field_is_not_saved() -> None:
    result = Show(Server, Server()).run("--save", "-", "show", "--x.token", "hush")
    assert "hush" not in result.output
    assert "# show.x.token: " in result.output


def test_a_private_field_is_named_as_the_constructor_names_it() -> None:
    assert Show(Private, Private())("show", "--x.size", "3") == Private(size=3)


def test_a_models_fields_in_a_default_map_are_read() -> None:
    show = Show(Optim, None)
    show.main(["show"], standalone_mode=False, default_map={"show": {"x": {"lr": 0.5}}})
    assert show.values.pop() == Optim(lr=0.5)


def test_a_model_that_is_null_twice_in_a_file_is_refused(tmp_path: Path) -> None:
    def fit(optim: Optim | None = None) -> None:
        pass

    binder = clickbind.Binder()
    binder.stage(fit)
    (tmp_path / "f.yml").write_text("fit.optim: null\nfit: {optim: null}\n", encoding="utf-8")
    with pytest.raises(clickbind.ConfigError, match=r"duplicate key fit\.optim, first set on line 1"):
        binder.load(tmp_path / "f.yml")
