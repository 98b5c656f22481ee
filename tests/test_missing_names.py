"""Names that only type checkers see, in whatever has a signature or fields, on every Python alike."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from click.testing import CliRunner

import clickbind
from clickbind import declare, types
from clickbind.errors import BindError
from clickbind.types import UNKNOWN, annotations_of
from clickbind.types.hints import Unresolved

STYLES = {"future": "from __future__ import annotations\n"}
if sys.version_info >= (3, 14):
    STYLES["deferred"] = ""

TOP = """
import functools
from dataclasses import InitVar, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Generic, NamedTuple, Optional, TypedDict, TypeVar
import attrs
import pydantic
import clickbind
from clickbind import Option
if TYPE_CHECKING:
    from nowhere import Missing, SecretStr, Token
T = TypeVar("T")
"""


@pytest.fixture(params=STYLES)
def program(request: pytest.FixtureRequest) -> Callable[[str], Any]:
    """Run a module's source, whose annotations are deferred in one of the ways that there are, and return it."""

    def run(source: str) -> Any:
        module = ModuleType("program")
        sys.modules["program"] = module
        request.addfinalizer(lambda: sys.modules.pop("program", None))
        exec(compile(STYLES[request.param] + TOP + source, "program.py", "exec", dont_inherit=True), vars(module))
        return module

    return run


PARAMETERS = "a: Missing = 3, b: int = 1, c: list[Path] = (), d: Missing = None, e: Missing.of[int] | None = None"
SIGNATURES = {
    "function": f"def it({PARAMETERS}): ...",
    "coroutine": f"async def it({PARAMETERS}): ...",
    "keywords": f"def it(*, {PARAMETERS}): ...",
    "class": f"class it:\n    def __init__(self, {PARAMETERS}): ...",
    "derived class": f"class base:\n    def __init__(self, {PARAMETERS}): ...\nclass it(base): ...",
    "new": f"class it:\n    def __new__(cls, {PARAMETERS}): ...",
    "partial": f"def f(x, {PARAMETERS}): ...\nit = functools.partial(f, 1)",
    "partial of a class": f"class f:\n    def __init__(self, x, {PARAMETERS}): ...\nit = functools.partial(f, 1)",
    "object": f"class f:\n    def __call__(self, {PARAMETERS}): ...\nit = f()",
    "method": f"class f:\n    def m(self, {PARAMETERS}): ...\nit = f().m",
    "wrapper": f"def f({PARAMETERS}): ...\n@functools.wraps(f)\ndef it(*a, **k): ...",
}


@pytest.mark.parametrize("kind", SIGNATURES)
def test_a_missing_name_costs_no_signature_its_other_parameters(program: Callable[[str], Any], kind: str) -> None:
    spec = declare.function.read(program(SIGNATURES[kind]).it)
    found = {name: parameter.annotation for name, parameter in spec.parameters.items()}
    assert (found["a"], found["b"], found["d"], found["e"]) == (int, int, Unresolved, Unresolved | None)
    assert found["c"] == list[Path]
    assert spec.parameters["d"].converter is None


FIELDS = (
    "a: Missing = 3\n    b: int = 1\n    c: Optional[Path] = None\n    d: Missing = None\n    e: list[Missing] = ()"
)
CLASSES = {
    "dataclass": f"@dataclass\nclass it:\n    {FIELDS}",
    "frozen dataclass": f"@dataclass(frozen=True, slots=True)\nclass it:\n    {FIELDS}",
    "keyword-only dataclass": f"@dataclass(kw_only=True)\nclass it:\n    {FIELDS}",
    "derived dataclass": f"@dataclass\nclass base:\n    {FIELDS}\n@dataclass\nclass it(base):\n    f: int = 2",
    "attrs class": f"@attrs.define\nclass it:\n    {FIELDS}",
    "frozen attrs class": f"@attrs.frozen\nclass it:\n    {FIELDS}",
    "named tuple": f"class it(NamedTuple):\n    {FIELDS}",
}


@pytest.mark.parametrize("kind", CLASSES)
def test_a_missing_name_costs_no_class_its_other_fields(program: Callable[[str], Any], kind: str) -> None:
    model = types.models.model_of(program(CLASSES[kind]).it)
    assert model is not None
    found = {name: field.annotation for name, field in model.fields.items()}
    assert (found["a"], found["b"], found["d"], found["e"]) == (int, int, Unresolved, list[Unresolved])
    assert found["c"] == Path | None


def test_a_missing_name_costs_no_typed_dict_its_other_keys(program: Callable[[str], Any]) -> None:
    model = types.models.model_of(program("class it(TypedDict, total=False):\n    a: Missing\n    b: int").it)
    assert model is not None
    assert {name: field.annotation for name, field in model.fields.items()} == {"a": Unresolved, "b": int}


def test_a_missing_name_costs_no_pydantic_model_its_other_fields(program: Callable[[str], Any]) -> None:
    model = types.models.model_of(program("class it(pydantic.BaseModel):\n    a: Missing = 3\n    b: int = 1").it)
    assert model is not None
    assert {name: field.annotation for name, field in model.fields.items()} == {"a": int, "b": int}


@pytest.mark.parametrize("kind", ["dataclass", "attrs class", "named tuple"])
def test_a_field_under_a_missing_name_has_an_option_as_a_parameter_has(
    program: Callable[[str], Any], kind: str
) -> None:
    module = program(f"{CLASSES[kind]}\ndef train(one: it = it(), a: Missing = 3): return one.a, a")
    binder = clickbind.Binder("prog")
    binder.stage(module.train)
    main = binder.command()
    assert main(["train", "--one.a", "4", "--a", "5"], standalone_mode=False) == (4, 5)
    assert "--one.a INTEGER" in CliRunner().invoke(main, ["train", "--help"]).output


BOUND = {
    "stage": "@binder.stage\ndef train(a: Missing = 3, b: int = 1): return a, b",
    "class": "@binder.bind\nclass Net:\n    def __init__(self, a: Missing = 3, b: int = 1): self.it = a, b\n"
    "@binder.stage\ndef train(): return Net().it",
    "class of someone else's": "class Net:\n    def __init__(self, a: Missing = 3, b: int = 1): self.it = a, b\n"
    "Net = (lambda: binder.bind(Net))()\n@binder.stage\ndef train(): return Net().it",
    "dataclass": "@binder.bind\n@dataclass\nclass Net:\n    a: Missing = 3\n    b: int = 1\n"
    "@binder.stage\ndef train(): n = Net(); return n.a, n.b",
    "class with __new__": "class Net:\n    def __new__(cls, a: Missing = 3, b: int = 1): return a, b\n"
    "Net = binder.bind(Net)\n@binder.stage\ndef train(): return Net()",
    "derived class": "class Net:\n    def __init__(self, a: Missing = 3, b: int = 1): self.it = a, b\n"
    "Net = binder.bind(Net)\nclass Own(Net): ...\n@binder.stage\ndef train(): return Own().it",
    "local function": "def make():\n    class Local: ...\n    @binder.stage\n"
    "    def train(a: Missing = 3, b: int = 1, c: Local = None, d: 'Missing' = 2): return a, b\nmake()",
    "method": "class Net:\n    @binder.bind\n    def fit(self, a: Missing = 3, b: int = 1): return a, b\n"
    "@binder.stage\ndef train(): return Net().fit()",
    "module": "import types\nother = types.ModuleType('program')\n"
    "def fit(a: Missing = 3, b: int = 1): return a, b\nother.fit = fit\n"
    "other = binder.bind_module(other)\n@binder.stage\ndef train(): return other.fit()",
}


@pytest.mark.parametrize("kind", BOUND)
def test_what_has_a_missing_name_is_bound_and_set(program: Callable[[str], Any], kind: str) -> None:
    binder = program(f"binder = clickbind.Binder('prog')\n{BOUND[kind]}").binder
    names = {"class": "Net", "method": "Net.fit", "module": "fit"}
    name = next((found for word, found in names.items() if word in kind), "train")
    name = {"dataclass": "Net", "local function": "train", "stage": "train"}.get(kind, name)
    assert binder.command()([f"--{name}.a", "4", f"--{name}.b", "5", "train"], standalone_mode=False) == (4, 5)


LOCAL = """
def make():
    from decimal import Decimal as Local
    def it(
        a: Local = None, b: "Local" = None, c: list["Local"] = None, d: Missing = 3, e: dict[str, "Local"] = None
    ): ...
    return clickbind.Binder().bind(it)
it = make()
"""


def test_a_local_name_is_known_however_deep_it_is_quoted(program: Callable[[str], Any]) -> None:
    spec = program(LOCAL).it.__clickbind__[1].spec
    found = {
        name: str(parameter.annotation).replace("<class 'decimal.Decimal'>", "decimal.Decimal")
        for name, parameter in spec.parameters.items()
    }
    decimal = "decimal.Decimal"
    assert found == {"a": decimal, "b": decimal, "c": f"list[{decimal}]", "d": str(int), "e": f"dict[str, {decimal}]"}


def test_a_name_that_comes_later_is_known(program: Callable[[str], Any]) -> None:
    module = program("def it(a: Later = None, b: Later | None = None): ...\nclass Later: ...")
    spec = declare.function.read(module.it)
    assert [parameter.annotation for parameter in spec.parameters.values()] == [module.Later, module.Later | None]


def test_a_name_in_a_class_is_known_to_its_fields(program: Callable[[str], Any]) -> None:
    kind = "import enum\n    class Kind(enum.Enum):\n        A = 1\n"
    module = program(f"@dataclass\nclass it:\n    {kind}    kind: Kind = None\n    x: Missing = 1")
    model = types.models.model_of(module.it)
    assert model is not None
    assert model.fields["kind"].annotation is module.it.Kind


SECRETS = [
    "Annotated[str, Opt(secret=True)]",
    "Annotated[Missing, Option(secret=True)]",
    "Annotated['Missing', Option(secret=True)]",
    "'Annotated[Missing, Option(secret=True)]'",
    "list[Annotated[Missing, Option('-x', secret=True)]]",
    "Annotated[list['Missing'], Option(secret=True)]",
    "Annotated[str, nowhere.Option(help='x', secret=True)]",
    "SecretStr",
    "'SecretStr'",
    "SecretStr | None",
    "Optional['SecretStr']",
    "list[SecretStr]",
    "list['SecretStr']",
    "dict[str, 'SecretStr']",
    "pydantic_.SecretBytes",
    "Missing[SecretWord]",
    "Missing[Known]",
    "Annotated[Missing, Known]",
    "Missing | Known",
]
KNOWN = "Known = Annotated[str, Option(secret=True)]\n"
HOLDERS = {
    "parameter": "def it(b: int = 1, token: {} = 'hunter2'): ...",
    "required parameter": "def it(token: {}, b: int = 1): ...",
    "parameter of a class": "class it:\n    def __init__(self, token: {} = 'hunter2'): ...",
    "field of a dataclass": "@dataclass\nclass one:\n    token: {} = 'hunter2'\ndef it(x: one = one()): ...",
    "field of an attrs class": "@attrs.define\nclass one:\n    token: {} = 'hunter2'\ndef it(x: one = one()): ...",
    "field of a named tuple": "class one(NamedTuple):\n    token: {} = 'hunter2'\ndef it(x: one = one()): ...",
    "field of a typed dict": "class one(TypedDict):\n    token: {}\ndef it(x: one = None): ...",
    "field of a field": "@dataclass\nclass inner:\n    token: {} = 'hunter2'\n@dataclass\nclass one:\n"
    "    x: inner = field(default_factory=inner)\ndef it(x: one = one()): ...",
    "field in a list": "@dataclass\nclass one:\n    token: {} = 'hunter2'\ndef it(x: list[one] = ()): ...",
}


@pytest.mark.parametrize("annotation", SECRETS)
@pytest.mark.parametrize("holder", HOLDERS)
def test_a_secret_that_cannot_be_evaluated_is_refused(
    program: Callable[[str], Any], holder: str, annotation: str
) -> None:
    it = program(KNOWN + HOLDERS[holder].format(annotation)).it
    with pytest.raises(BindError) as caught:
        declare.function.read(it)
    message = str(caught.value)
    assert "the annotation of 'token' mentions a secret and cannot be evaluated: " in message
    assert "hunter2" not in message
    assert message.endswith("Import every name in the annotation at run time, not only under TYPE_CHECKING.")


def test_a_secret_that_is_lost_is_named_with_its_place_and_what_is_missing(program: Callable[[str], Any]) -> None:
    with pytest.raises(BindError) as caught:
        declare.function.read(program("def train(b: int = 1, token: SecretStr | Token = ''): ...").train)
    assert str(caught.value) == (
        "train: the annotation of 'token' mentions a secret and cannot be evaluated: SecretStr, Token is not defined. "
        "Its value could be shown and saved. Import every name in the annotation at run time, not only under "
        "TYPE_CHECKING."
    )


def test_a_pydantic_field_that_mentions_a_secret_is_refused(program: Callable[[str], Any]) -> None:
    it = program("class it(pydantic.BaseModel):\n    token: Annotated[Missing, Option(secret=True)] = 'x'").it
    found = types.models.model_of(it)
    assert found is not None
    with pytest.raises(BindError, match="it: the annotation of 'token' mentions a secret"):
        found.fields  # noqa: B018 - they are read when first asked for


@pytest.mark.parametrize(
    "annotation",
    ["Annotated[str, Option(secret=True)]", "Known", "'Known'", "Optional['Known']", "list['Known']", "Known | None"],
)
def test_a_secret_that_can_be_evaluated_is_one(program: Callable[[str], Any], annotation: str) -> None:
    it = program(f"{KNOWN}def it(token: {annotation} = None, b: Missing = 3): ...").it
    spec = declare.function.read(it)
    assert spec.parameters["token"].secret
    assert spec.parameters["b"].annotation is int


@pytest.mark.parametrize("annotation", ["Literal['secret'] | Missing", "Missing", "Annotated[Missing, Option('-t')]"])
def test_what_mentions_no_secret_is_no_reason_to_refuse(program: Callable[[str], Any], annotation: str) -> None:
    it = program(f"from typing import Literal\ndef it(token: {annotation} = None): ...").it
    assert list(declare.function.read(it).parameters) == ["token"]


def test_a_mark_that_only_type_checkers_can_make_costs_nothing_else(program: Callable[[str], Any]) -> None:
    spec = declare.function.read(program("def it(a: Annotated[int, Missing(3)] = None, b: Missing(3) = 2): ...").it)
    assert spec.parameters["a"].converter is not None
    assert spec.parameters["a"].converter.from_text("5") == 5
    assert spec.parameters["b"].annotation is int


RAISING = ["Path.nothing", "list[int][str]", "Missing.of.that()", "Path()[3]", "int | 3.5", "Missing + 1"]


@pytest.mark.parametrize("annotation", RAISING)
def test_an_annotation_that_raises_costs_no_other(program: Callable[[str], Any], annotation: str) -> None:
    spec = declare.function.read(program(f"def it(a: {annotation} = 'x', b: int = 1, c: list[Path] = ()): ...").it)
    assert (spec.parameters["a"].annotation, spec.parameters["b"].annotation) == (str, int)
    assert spec.parameters["c"].converter is not None


@pytest.mark.skipif(sys.version_info < (3, 14), reason="where it is defined, it raises")
def test_an_annotation_without_names_that_raises_is_told_when_it_is_looked_at() -> None:
    module = ModuleType("program")
    source = "import clickbind\nbinder = clickbind.Binder('prog')\n@binder.stage\ndef it(a: 1 / 0 = 3): ...\n"
    exec(compile(source, "program.py", "exec", dont_inherit=True), vars(module))
    with pytest.raises(BindError, match=r"cannot be read: ZeroDivisionError: division by zero\.$"):
        module.binder.command()(["it"], standalone_mode=False)


def test_annotations_that_cannot_be_read_at_all_are_refused_with_the_reason() -> None:
    class Broken:
        @property
        def __signature__(self) -> Any:
            raise ZeroDivisionError("division by zero")

        def __call__(self) -> None: ...

    with pytest.raises(BindError, match=r"cannot be read: ZeroDivisionError: division by zero\.$"):
        declare.function.read(Broken())


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is new")
@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("type A = Missing\ndef it(a: A = 3): ...", int),
        ("type A = list['Path']\ndef it(a: A = 3): ...", list[Path]),
        ("type A[T] = dict[T, 'Path']\ndef it(a: A[str] = 3): ...", dict[str, Path]),
        ("type A[T] = Missing[T]\ndef it(a: A[str] = 3): ...", int),
        ("type A = list[A]\ndef it(a: A = 3): ...", "A"),
        ("def it[T: Missing](a: T = 3): ...", int),
        ("def it[T: 'Path'](a: T = 3): ...", Path),
        ("def it[T](a: T = 3): ...", "T"),
    ],
)
def test_what_is_evaluated_late_costs_nothing_either(
    program: Callable[[str], Any], source: str, expected: object
) -> None:
    parameter = declare.function.read(program(source).it).parameters["a"]
    assert expected in (parameter.annotation, str(parameter.annotation))


@pytest.mark.skipif(sys.version_info < (3, 12), reason="the syntax is new")
@pytest.mark.parametrize("value", ["Annotated[Missing, Option(secret=True)]", "SecretStr", "list[SecretStr]"])
def test_an_alias_that_hides_a_secret_is_refused(program: Callable[[str], Any], value: str) -> None:
    it = program(f"type A = {value}\ndef it(a: A = 'x'): ...").it
    with pytest.raises(BindError, match="the annotation of 'a' mentions a secret"):
        declare.function.read(it)


def test_what_only_names_something_may_have_strings_in_it(program: Callable[[str], Any]) -> None:
    source = (
        "from typing import NewType\nB = TypeVar('B', bound='Path')\nN = NewType('N', 'Path')\nP = list['Path']\n"
        "S = 'Path'\nloop = 'loop'\n"
        "def it(a: B = 3, b: N = 3, c: P = (), d: S = 3, e: loop = 3): ..."
    )
    spec = declare.function.read(program(source).it)
    found = [parameter.annotation for parameter in spec.parameters.values()]
    assert found == [Path, Path, list[Path], Path, int]


def test_annotations_are_those_of_the_class_alone(program: Callable[[str], Any]) -> None:
    module = program("class base:\n    a: int\nclass it(base):\n    b: Missing")
    assert list(annotations_of(module.it)) == ["b"]
    assert list(annotations_of(module.base)) == ["a"]


def test_nothing_is_known_of_what_has_neither_annotation_nor_default(program: Callable[[str], Any]) -> None:
    module = program(
        "@attrs.define\nclass it:\n    a = attrs.field()\n    b = attrs.field(default=3)\n    c: Missing = 4"
    )
    model = types.models.model_of(attrs_class(module))
    assert model is not None
    assert [field.annotation for field in model.fields.values()] == [UNKNOWN, int]


def attrs_class(module: Any) -> Any:
    """Return a class of attrs without annotations: `attrs.define` takes all fields or only those that have one."""
    return module.attrs.define(type("it", (), {"a": module.attrs.field(), "b": module.attrs.field(default=3)}))
