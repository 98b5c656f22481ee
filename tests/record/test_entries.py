"""Test writing a plan as YAML text that reads back as the same plan."""

from __future__ import annotations

import contextlib
import dataclasses
import errno
import inspect
import io
import os
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.core import ParameterSource
from hypothesis import example, given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

import clickbind
from clickbind import layers, record
from clickbind.declare.registry import Bound, Registry
from clickbind.declare.turns import Turn
from clickbind.errors import SaveError
from clickbind.keys import Key
from clickbind.layers import ResolvedValue, Values
from clickbind.layers.plan import Plan, PlannedTurn

SHORT = settings(max_examples=50)


class Plain:
    def __repr__(self) -> str:
        return "<an object, é>"


PLAIN = Plain()


def train(
    epochs: int = 50,
    lr: float = 1e-3,
    tag: str = "é",
    folder: Path = Path("out"),
    sizes: list[int] | None = None,
    *,
    shuffle: bool = True,
    anything: Any = None,
) -> None: ...


def dataset(folder: str = "default", size: int = 10) -> None: ...


def need(size: int, names: list[str] = []) -> None: ...  # noqa: B006 - a default to write


def registry_of(*functions: Bound) -> Registry:
    registry = Registry()
    for bound in functions:
        registry.add(bound)
    return registry


@pytest.fixture
def registry() -> Registry:
    return registry_of(
        Bound(train, name="train", role="stage"),
        Bound(dataset, name="dataset", role="bind", scopes=("train", "val")),
        Bound(need, name="need", role="stage", default=False),
    )


def compose(registry: Registry, values: Values, turns: Sequence[Turn]) -> str:
    """Write a run. The values of its turns have no origin."""
    planned = [
        PlannedTurn(
            turn.stage,
            {},
            {
                Key(turn.stage, name): ResolvedValue(value, ParameterSource.COMMANDLINE, "")
                for name, value in turn.values.items()
            },
            "the line",
        )
        for turn in turns
    ]
    return record.entries.compose(record.entries.entries(registry, Plan(values, planned)))


def given_values(**values: object) -> Values:
    """Return values of the line: ``train__lr`` is ``train.lr``, ``val__dataset__size`` is ``val/dataset.size``."""
    line = {}
    for name, value in values.items():
        *scope, function, parameter = name.split("__")
        key = Key(function, parameter, scope[0] if scope else None)
        line[key] = ResolvedValue(value, ParameterSource.COMMANDLINE, "line")
    return Values(line=line)


DEFAULTS = """\
dataset.folder: default
dataset.size: 10

need.names: []

run.stages: []

train.anything: null
train.epochs: 50
train.folder: out
train.lr: 0.001
train.shuffle: true
train.sizes: null
train.tag: 'é'
"""


def test_a_run_is_written_flat_and_sorted_an_empty_line_between_functions(registry: Registry) -> None:
    assert compose(registry, Values(), []) == DEFAULTS


def test_given_values_take_the_place_of_defaults(registry: Registry) -> None:
    values = given_values(train__lr=0.5, train__folder=Path("a/b"), train__sizes=[1, 2], need__size=3)
    text = compose(registry, values, [])
    assert "train.lr: 0.5\n" in text
    assert "train.folder: a/b\n" in text
    assert "train.sizes:\n- 1\n- 2\n" in text
    assert "need.names: []\nneed.size: 3\n" in text


def test_a_required_parameter_that_was_not_given_is_left_out(registry: Registry) -> None:
    assert "need.size" not in compose(registry, Values(), [])


def test_a_scoped_value_is_written_where_it_was_given(registry: Registry) -> None:
    text = compose(registry, given_values(dataset__folder="x", val__dataset__folder="z"), [])
    assert "dataset.folder: x\n" in text
    assert "val/dataset.folder: z\n" in text
    assert "train/dataset" not in text
    assert "val/dataset.size" not in text


def test_the_stages_are_what_the_run_did_whoever_asked_for_it(registry: Registry) -> None:
    turns = [Turn("train", {"epochs": 5, "lr": 0.5}), Turn("need"), Turn("train")]
    text = compose(registry, given_values(run__stages=[Turn("need")]), turns)
    expected = "run.stages:\n- train:\n    epochs: 5\n    lr: 0.5\n- need\n- train\n"
    assert expected in text
    assert layers.files.load_text(text, "f.yml", registry)[Key("run", "stages")].value == turns


def test_the_values_of_a_turn_may_be_in_any_order(registry: Registry) -> None:
    values = {"tag": "x", "lr": 0.5, "folder": Path("a"), "anything": {"z": 1, "a": [1]}, "epochs": 5}
    turns = [Turn("train", values), Turn("train", dict(reversed(values.items())))]
    text = compose(registry, Values(), turns)
    assert layers.files.load_text(text, "f.yml", registry)[Key("run", "stages")].value == turns


def test_a_run_comes_back_as_it_was(registry: Registry) -> None:
    values = given_values(
        train__lr=float("inf"),
        train__tag="null",
        train__folder=Path("no"),
        train__sizes=[],
        train__shuffle=False,
        train__anything={"a": ["1", 1, 1.0, None, "yes", True]},
        val__dataset__folder=" x ",
        need__size=-1,
        need__names=["a b", "", "#", "1.10"],
    )
    layer = layers.files.load_text(compose(registry, values, [Turn("train")]), "f.yml", registry)
    found = {key: resolved.value for key, resolved in layer.items()}
    assert values.line.keys() - found.keys() == set()
    assert {key: found[key] for key in values.line} == {key: item.value for key, item in values.line.items()}


def compose_default(default: Any, annotation: Any = Any) -> str:
    """Return the text of a run with one parameter that has a default."""

    def function(x: Any = default) -> None: ...

    function.__annotations__["x"] = annotation
    return compose(registry_of(Bound(function, name="f", role="bind")), Values(), []).partition("\n\n")[0]


@pytest.mark.parametrize(
    ("default", "annotation", "line"),
    [
        (PLAIN, Any, r"# f.x: its default <an object, \xe9> cannot be written"),
        ("text", int, "# f.x: its default 'text' cannot be written"),
        ((1, 2), list, "# f.x: its default (1, 2) cannot be written"),
        (5, str, "# f.x: its default 5 cannot be written"),
        (True, int, "# f.x: its default True cannot be written"),
        ({1, 2}, Any, "# f.x: its default {1, 2} cannot be written"),
        (b"x", Any, "# f.x: its default b'x' cannot be written"),
        ("\ud800", str, r"# f.x: its default '\ud800' cannot be written"),
        (["x" * 80], Path, f"# f.x: its default ['{'x' * 55}... cannot be written"),
    ],
)
def test_a_default_that_would_not_come_back_is_left_out_with_a_comment(
    default: Any, annotation: Any, line: str
) -> None:
    assert compose_default(default, annotation) == line


def test_an_int_serves_where_a_float_is_expected() -> None:
    assert compose_default(5, float) == "f.x: 5.0"


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("train__anything", (1, 2), "train.anything: (1, 2) would be read back as [1, 2]"),
        ("train__tag", 5, "train.tag: 5 cannot be written (5 is not a str)"),
        ("val__dataset__size", "x", "val/dataset.size: 'x' cannot be written"),
    ],
)
def test_a_given_value_that_would_not_come_back_is_an_error(
    registry: Registry, key: str, value: object, problem: str
) -> None:
    with pytest.raises(SaveError) as caught:
        compose(registry, given_values(**{key: value}), [])
    message = caught.value.message
    assert message.startswith(problem)
    assert message.endswith(", so the run is not saved.")
    assert "\n" not in message


def test_a_given_object_is_an_error_that_says_what_it_is(registry: Registry) -> None:
    with pytest.raises(SaveError) as caught:
        compose(registry, given_values(train__anything=PLAIN), [])
    assert caught.value.message.startswith(r"train.anything: <an object, \xe9> cannot be written (")


NASTY = [
    "",
    " ",
    " leading",
    "trailing ",
    "two  blanks",
    "\ttab",
    "line\nbreak",
    "\n",
    "a\n\nb\n",
    "\r\n",
    "a\rb",
    "\x00",
    "\x07bell",
    "\x1b[0m",
    "\x7f",
    "\x85",
    "a\x85b",
    "\x9f",
    "\xa0",
    "\u2028",
    "\u2029",
    "\ufeff",
    "a\ufeffb",
    "\ufffe",
    "\uffff",
    "\U0010ffff",
    "é",
    "日本",
    "🙂",
    "a 🙂 b",
    "~",
    "null",
    "Null",
    "NULL",
    "nULL",
    "none",
    "y",
    "Y",
    "yes",
    "No",
    "on",
    "OFF",
    "true",
    "False",
    "tRuE",
    "0",
    "-1",
    "+1",
    "007",
    "0o17",
    "0x1F",
    "0b101",
    "1_000",
    "1:30",
    "190:20:30.15",
    "1.10",
    "1.",
    ".5",
    "1e3",
    "1E+3",
    "1.5e-3",
    ".inf",
    "-.INF",
    ".nan",
    "inf",
    "nan",
    "2020-01-01",
    "2001-12-14t21:59:43.10-05:00",
    "=",
    "<<",
    "$HOME",
    "${x}",
    "$$",
    "#",
    "a #b",
    "a#b",
    "a: b",
    "a:b",
    "a:",
    ":",
    "-",
    "- a",
    "--- a",
    "---",
    "...",
    "?",
    "? a",
    "!",
    "!!str x",
    "&a",
    "*a",
    "%TAG",
    "@a",
    "`a`",
    "|",
    ">",
    "[a]",
    "[",
    "{a: b}",
    "}",
    ",",
    "'",
    "it's",
    '"',
    "\\",
    "\\n",
    "'quoted'",
    '"quoted"',
    "/usr/bin",
    "./here",
    "../there",
    "~/home",
    "C:\\new",
    "x" * 5000,
    "word " * 1000,
    "word " * 1000 + "end",
]

PIECES = st.sampled_from([*NASTY[:-3], *"abc019 .:#-'\"\\\n$"])
TEXTS = st.text(max_size=20) | st.lists(PIECES, max_size=5).map("".join) | st.sampled_from(NASTY)


def saved(**parameters: Any) -> tuple[str, Registry]:
    """Save a run of one function. Its parameters are given as (annotation, value)."""

    def function(**values: Any) -> None: ...

    function.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [
            inspect.Parameter(name, inspect.Parameter.KEYWORD_ONLY, annotation=kind, default=0)
            for name, (kind, _) in parameters.items()
        ]
    )
    registry = registry_of(Bound(function, name="f", role="bind"))
    values = given_values(**{f"f__{name}": value for name, (_, value) in parameters.items()})
    return compose(registry, values, []), registry


def check_every_reader(text: str, registry: Registry, expected: dict[str, Any]) -> None:
    """Read a saved run as clickbind does, as YAML 1.1 (PyYAML, both parsers) and as YAML 1.2 (ruamel)."""
    ours = {key.text: found.value for key, found in layers.files.load_text(text, "f.yml", registry).items()}
    readers: list[Callable[[str], Any]] = [
        yaml.safe_load,
        lambda text: yaml.load(text, getattr(yaml, "CSafeLoader", yaml.SafeLoader)),
        YAML(typ="safe", pure=True).load,
    ]
    assert repr(ours) == repr({**expected, "run.stages": []})
    for read in readers:
        assert repr(read(text)) == repr({**expected, "run.stages": []})


@pytest.mark.parametrize("text", NASTY)
def test_a_nasty_text_is_the_same_text_to_every_reader(text: str) -> None:
    check_every_reader(*saved(x=(str, text)), {"f.x": text})


@SHORT
@given(TEXTS)
def test_any_text_is_the_same_text_to_every_reader(text: str) -> None:
    file, registry = saved(a=(str, text), b=(str | None, text), c=(Any, text), d=(list[str], [text, text]))
    check_every_reader(file, registry, {"f.a": text, "f.b": text, "f.c": text, "f.d": [text, text]})


@SHORT
@given(st.integers(), st.booleans(), st.none() | st.integers())
def test_numbers_and_booleans_and_null_are_the_same_to_every_reader(
    number: int, boolean: bool, optional: int | None
) -> None:
    file, registry = saved(
        a=(int, number), b=(bool, boolean), c=(int | None, optional), d=(Any, optional), e=(list[int], [number])
    )
    expected = {"f.a": number, "f.b": boolean, "f.c": optional, "f.d": optional, "f.e": [number]}
    check_every_reader(file, registry, expected)


@SHORT
@given(st.floats())
@example(1e16)
@example(1e-5)
@example(-0.0)
@example(float("nan"))
@example(float("inf"))
@example(float("-inf"))
def test_any_float_is_the_same_float_to_every_reader(value: float) -> None:
    check_every_reader(*saved(x=(float, value), y=(Any, value)), {"f.x": value, "f.y": value})


@SHORT
@given(st.recursive(st.none() | st.booleans() | st.integers() | TEXTS, lambda inner: st.lists(inner, max_size=3)))
def test_lists_of_anything_are_the_same_to_every_reader(value: object) -> None:
    check_every_reader(*saved(x=(Any, value)), {"f.x": value})


@SHORT
@given(TEXTS)
def test_any_text_may_be_a_key_of_a_mapping(text: str) -> None:
    check_every_reader(*saved(x=(Any, {text: text})), {"f.x": {text: text}})


@pytest.mark.parametrize("text", ["out", "a/b.c", "/usr/x-y_z", "./here", "../there", "two words", "the-100%", "a@b+c"])
def test_a_harmless_text_stands_unquoted(text: str) -> None:
    assert saved(x=(str, text))[0].startswith(f"f.x: {text}\n")


@pytest.mark.parametrize(
    ("text", "written"),
    [("no", "'no'"), ("1.10", "'1.10'"), ("it's #1", "'it''s #1'"), ("é", "'é'"), ("a\tb", r'"a\tb"'), ("", "''")],
)
def test_a_text_that_could_mean_more_is_quoted(text: str, written: str) -> None:
    assert saved(x=(str, text))[0].startswith(f"f.x: {written}\n")


def test_a_value_that_stands_twice_is_written_twice() -> None:
    twice = ["a"]
    assert saved(x=(Any, [twice, twice]))[0].startswith("f.x:\n- - a\n- - a\n")


def test_a_long_text_stays_on_one_line() -> None:
    text = "word " * 1000
    assert saved(x=(str, text))[0].splitlines()[0] == f"f.x: '{text}'"


def test_a_file_is_written_as_utf_8(tmp_path: Path) -> None:
    record.atomic.save("tag: 'é'\n", str(tmp_path / "f.yml"))
    assert (tmp_path / "f.yml").read_bytes() == b"tag: '\xc3\xa9'\n"


def test_nothing_else_is_left_beside_it(tmp_path: Path) -> None:
    record.atomic.save("a: 1\n", str(tmp_path / "f.yml"))
    assert os.listdir(tmp_path) == ["f.yml"]


def test_an_old_file_is_replaced_and_its_readers_keep_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.write_text("old\n", encoding="utf-8")
    with path.open(encoding="utf-8") as reader:
        record.atomic.save("new\n", str(path))
        assert reader.read() == "old\n"
    assert path.read_text(encoding="utf-8") == "new\n"


def test_folders_are_made(tmp_path: Path) -> None:
    record.atomic.save("a: 1\n", str(tmp_path / "a" / "b" / "f.yml"))
    assert (tmp_path / "a" / "b" / "f.yml").read_text(encoding="utf-8") == "a: 1\n"


def test_a_name_alone_is_a_file_of_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    record.atomic.save("a: 1\n", "f.yml")
    assert (tmp_path / "f.yml").read_text(encoding="utf-8") == "a: 1\n"


def test_a_tilde_is_the_home_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    record.atomic.save("a: 1\n", "~/f.yml")
    assert (tmp_path / "f.yml").exists()


def test_a_replaced_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "f.yml"
    path.touch()
    path.chmod(0o640)
    record.atomic.save("a: 1\n", str(path))
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


@pytest.mark.skipif(sys.platform == "emscripten", reason="WebAssembly: no umask")
def test_the_umask_decides_the_mode_of_a_new_file(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        record.atomic.save("a: 1\n", str(tmp_path / "f.yml"))
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "f.yml").stat().st_mode) == 0o640


def test_of_a_symbolic_link_the_target_is_replaced(tmp_path: Path) -> None:
    target, link = tmp_path / "target.yml", tmp_path / "link.yml"
    target.write_text("old\n", encoding="utf-8")
    link.symlink_to(target)
    record.atomic.save("new\n", str(link))
    assert link.is_symlink()
    assert target.read_text(encoding="utf-8") == "new\n"


def test_what_is_no_regular_file_is_written_to_directly(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        record.atomic.save("a: 1\n", str(pipe))
        assert os.read(reader, 100) == b"a: 1\n"
    finally:
        os.close(reader)
    assert stat.S_ISFIFO(pipe.stat().st_mode)


def test_a_dash_is_standard_output(capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    record.atomic.save("tag: 'é'\n", "-")
    assert capfdbinary.readouterr().out == b"tag: '\xc3\xa9'\n"


def test_a_dash_is_the_standard_output_of_the_moment() -> None:
    with contextlib.redirect_stdout(io.StringIO()) as output:
        output.write("before\n")
        record.atomic.save("tag: 'é'\n", "-")
        output.write("behind\n")
    assert output.getvalue() == "before\ntag: 'é'\nbehind\n"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SaveError) as caught:
        record.atomic.save("a: 1\n", str(tmp_path))
    assert caught.value.message == f"{tmp_path}: the run cannot be saved: Is a directory."


def test_a_file_in_the_place_of_a_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f").touch()
    path = tmp_path / "f" / "g.yml"
    with pytest.raises(SaveError) as caught:
        record.atomic.save("a: 1\n", str(path))
    assert caught.value.message in {
        f"{path}: the run cannot be saved: File exists.",
        f"{path}: the run cannot be saved: Not a directory.",
    }


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no device that is always full")
def test_a_full_device_is_refused() -> None:
    with pytest.raises(SaveError) as caught:
        record.atomic.save("a: 1\n", "/dev/full")
    assert caught.value.message == "/dev/full: the run cannot be saved: No space left on device."


def test_on_a_full_disk_the_old_file_stays_and_nothing_is_left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    path = tmp_path / "f.yml"
    path.write_text("old\n", encoding="utf-8")
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SaveError) as caught:
        record.atomic.save("new\n", str(path))
    assert caught.value.message == f"{path}: the run cannot be saved: No space left on device."
    assert path.read_text(encoding="utf-8") == "old\n"
    assert os.listdir(tmp_path) == ["f.yml"]


def test_an_interrupted_write_leaves_the_old_file_and_nothing_else(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    path = tmp_path / "f.yml"
    path.write_text("old\n", encoding="utf-8")
    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        record.atomic.save("new\n", str(path))
    assert path.read_text(encoding="utf-8") == "old\n"
    assert os.listdir(tmp_path) == ["f.yml"]


def test_standard_output_that_is_full_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    class Full(io.RawIOBase):
        def writable(self) -> bool:
            return True

        def write(self, _: Any) -> int:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    raw = Full()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BufferedWriter(raw, 1)))
    with pytest.raises(SaveError) as caught:
        record.atomic.save("a: 1\n", "-")
    assert caught.value.message == "-: the run cannot be saved: No space left on device."


@dataclasses.dataclass
class Optim:
    lr: float = 0.1


class Unshowable:
    def __repr__(self) -> str:
        raise RuntimeError("no")


def test_a_default_that_cannot_even_be_shown_is_left_out_by_its_type() -> None:
    def f(x: Any = Unshowable()) -> None:  # noqa: B008
        pass

    registry = registry_of(Bound(f, name="f", role="bind"))
    assert compose(registry, Values(), []).startswith("# f.x: its default of type Unshowable cannot be written\n")


def test_a_parameter_with_fields_that_is_none_as_a_whole_is_saved_as_null(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    binder = clickbind.Binder("prog")
    seen = []

    @binder.stage
    def fit(optim: Optim | None = Optim()) -> None:  # noqa: B008
        seen.append(optim)

    Path("a.yml").write_text("fit.optim: null\n", encoding="utf-8")
    main = binder.command()
    main(["--config", "a.yml", "--save", "b.yml"], standalone_mode=False)
    assert Path("b.yml").read_text(encoding="utf-8").startswith("fit.optim: null\n\nrun.stages:")
    main(["--config", "b.yml"], standalone_mode=False)
    main(["--config", "b.yml", "--fit.optim.lr", "2"], standalone_mode=False)
    assert seen == [None, None, Optim(2.0)]


@pytest.mark.parametrize("value", ["\udcff", "\\\\\udcff", ["x", "\udcff"]])
def test_bytes_that_are_not_utf_8_are_refused_in_plain_words(value: Any) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(value: Any = None) -> None: ...

    with pytest.raises(
        clickbind.SaveError, match=r"it has bytes that are not UTF-8, which a YAML file cannot hold\), so"
    ):
        binder.command()(["--save", "f.yml", "train"], default_map={"train": {"value": value}}, standalone_mode=False)
