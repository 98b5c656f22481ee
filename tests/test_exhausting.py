"""Input made to exhaust its reader is refused before it does: counted in processor time and memory, never by the clock.

Each file is given to a process of its own, which may take `CPU` seconds of the processor and `MEMORY` bytes.
"""

from __future__ import annotations

import importlib
import os
import re
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

import pytest
import yaml

from clickbind import layers
from clickbind.declare.registry import Registry
from clickbind.errors import ConversionError
from clickbind.nodes import NodeError
from clickbind.nodes.reader import read
from clickbind.types.table import converter_of
from tests.test_hostile import PROGRAM

CPU = 10 if yaml.__with_libyaml__ else 100  # the reader in Python is that much slower
MEMORY = 1 << 30
MODULUS = sys.hash_info.modulus  # of Python's hashes of numbers: its multiples all hash to 0


def run(folder: Path, *line: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run the program of `test_hostile` within the limits."""
    text = PROGRAM.replace("(2 << 30, 2 << 30)", f"({MEMORY}, {MEMORY})").replace("(20, 20)", f"({CPU}, {CPU})")
    assert f"({MEMORY}, {MEMORY})" in text
    assert f"({CPU}, {CPU})" in text
    text = text.replace('Binder("prog")', 'Binder("prog", envvar_prefix="PROG")')
    (folder / "prog.py").write_text(text, encoding="utf-8")
    return subprocess.run(
        [sys.executable, "prog.py", *line],
        cwd=folder,
        env={**os.environ, **variables},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        text=True,
        errors="replace",
    )


def refusal(folder: Path, text: str) -> str:
    """Return how a file is refused."""
    (folder / "f.yml").write_text(text, encoding="utf-8")
    done = run(folder, "--config", "f.yml")
    assert (done.returncode, done.stdout) == (2, ""), done.stderr[-2000:]
    assert "Traceback" not in done.stderr
    return done.stderr


def numbered(count: int, form: str) -> str:
    return "".join(form.format(i) for i in range(count))


LONG = f"$vars: {{a: {'x' * 99_000}}}\n"
KEYS = ", ".join(f"k{i}: 1" for i in range(100))
FILES: dict[str, Callable[[], str]] = {
    "merges that add nothing": lambda: f"f.a:\n- &a {{{KEYS}}}\n" + f"- {{<<: [{', '.join(['*a'] * 200)}]}}\n" * 500,
    "a list of merges": lambda: f"f.a:\n- &a {{{KEYS}}}\n- &l [{', '.join(['*a'] * 500)}]\n" + "- {<<: *l}\n" * 2000,
    "one mapping that merges": lambda: f"f.a:\n- &a {{{KEYS}}}\n- {{{', '.join(['<<: *a'] * 20_000)}}}\n",
    "a list that does not end": lambda: "f.a: [" + "1," * 20_000_000,
    "a list of lines": lambda: "f.a:\n" + "- 1\n" * 10_000_000,
    "a list of aliases that does not end": lambda: f"f.a: [&a [{'1,' * 1000}], {'*a,' * 1_000_000}",
    "a text of many variables": lambda: f"{LONG}f.s: {'${a}' * 3000}\n",
    "many texts of a variable": lambda: LONG + "f.texts:\n" + "- x${a}\n" * 4000,
    "many uses of a variable": lambda: LONG + "f.texts:\n" + "- $a\n" * 4000,
    "variables that nest": lambda: (
        "$vars:\n" + "".join(f"  v{i}: {'[' * 90}$v{i + 1}{']' * 90}\n" for i in range(12)) + "  v12: 1\nf.a: $v0\n"
    ),
    "variables that nest in mappings": lambda: (
        "$vars:\n" + "".join(f"  v{i}: {'{a: ' * 90}$v{i + 1}{'}' * 90}\n" for i in range(12)) + "  v12: 1\nf.a: $v0\n"
    ),
    "a fraction's power with underscores": lambda: "f.frac: 1e9_999_999\n",
    "a fraction's power in other digits": lambda: "f.frac: 1e٩٩٩٩٩٩٩\n",
    "a decimal's power": lambda: "f.dec: 1e999999999\n",
    "a float of many digits": lambda: f"f.x: {'9' * 10_000_000}\n",
    "a duration of many parts": lambda: f"f.delta: '{'1d' * 5_000_000}x'\n",
    "a pattern of large classes": lambda: f"f.pattern: '(?i){'[ -中]' * 1900}'\n",
    "a list in one text": lambda: f"f.items: '{'1 ' * 10_000_000}'\n",
    "keys that hash alike": lambda: "f.keyed:\n" + "".join(f"  {i * MODULUS}: 1\n" for i in range(60_000)),
    "keys of anything that hash alike": lambda: "f.a:\n" + "".join(f"  {i * MODULUS}: 1\n" for i in range(60_000)),
    "items that hash alike": lambda: f"f.anyset: [{', '.join(str(i * MODULUS) for i in range(60_000))}]\n",
    "a key of a million dots": lambda: f"? {'f.' * 1_000_000}\n: 1\n",
    "keys of many dots": lambda: numbered(2000, "f.{{}}{}: 1\n").replace("{}", "a." * 400),
    "a key of a million dashes": lambda: f"? f.{'-' * 1_000_000}\n: 1\n",
    "an import path of a million letters": lambda: f"f.call: {'a' * 10_000_000}:x\n",
}


@pytest.mark.parametrize("name", FILES)
def test_a_file_is_refused_within_the_limits(tmp_path: Path, name: str) -> None:
    assert len(refusal(tmp_path, FILES[name]())) < 100_000


READ: dict[str, Callable[[], str]] = {
    "a pattern that nests": lambda: "f.pattern: '((a{1000}){1000}){1000}'\n",
    "a number of many digits without an annotation": lambda: f"f.a: {'9' * 20_000_000}\n",
    "a hexadecimal of many digits without an annotation": lambda: f"f.a: 0x{'f' * 20_000_000}\n",
    "100,000 variables that nothing uses, in a chain": lambda: (
        "$vars:\n" + numbered(100_000, "  v{0}: ${{w{0}}}${{v{0}}}\n") + "f.a: 1\n"
    ),
    "100,000 variables": lambda: "$vars:\n" + numbered(100_000, "  v{0}: {0}\n") + "f.a: [$v1, $v99999]\n",
    "many keys that do not hash alike": lambda: "f.keyed:\n" + numbered(50_000, "  {}: 1\n"),
}


@pytest.mark.parametrize("name", READ)
def test_what_is_only_large_is_read_within_the_limits(tmp_path: Path, name: str) -> None:
    (tmp_path / "f.yml").write_text(READ[name](), encoding="utf-8")
    done = run(tmp_path, "--config", "f.yml")
    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr[-2000:]


@pytest.mark.parametrize(
    "variable",
    [
        {"PROG_F_ITEMS": "[" * 100_000},
        {"PROG_F_KEYED": '{"a":' * 20_000},
        {"PROG_F_FRAC": "1e9_999_999"},
        {"PROG_F_KEYED": " ".join(f"{i * MODULUS}=1" for i in range(4000))},
    ],
)
def test_a_variable_of_the_environment_is_refused_within_the_limits(tmp_path: Path, variable: dict[str, str]) -> None:
    done = run(tmp_path, "f", **variable)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("word", ["--" + "a." * 50_000, "--f." + "-" * 100_000, "x" * 100_000])
def test_a_long_word_of_the_line_is_refused_within_the_limits(tmp_path: Path, word: str) -> None:
    done = run(tmp_path, word)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Traceback" not in done.stderr


def test_what_variables_make_is_limited_for_all_files_together(tmp_path: Path) -> None:
    names = "a.yml, texts.yml, table.yml"  # one key each, since only values that win are expanded
    for name in names.split(", "):
        text = f"{LONG}f.{name[:-4]}:\n" + (
            "- x${a}\n" * 100 if name != "table.yml" else numbered(100, "  k{0}: x${{a}}\n")
        )
        (tmp_path / name).write_text(text, encoding="utf-8")
    assert "variables expand to more than 20,000,000 characters." in refusal(tmp_path, f"$include: [{names}]\n")


def test_variables_through_includes_may_stand_in_a_circle(tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text("$vars: {x: $y}\n", encoding="utf-8")
    told = refusal(tmp_path, "$include: a.yml\n$vars: {y: '1', z: $x, y: $x}\nf.s: $x\n")
    assert "duplicate variable 'y'." in told
    assert "refers to itself: 'x' uses 'y' uses 'x'." in refusal(tmp_path, "$include: a.yml\n$vars: {y: $x}\nf.s: $x\n")


def test_files_that_share_variables_share_them(tmp_path: Path) -> None:
    (tmp_path / "base.yml").write_text("$vars:\n" + numbered(50_000, "  v{0}: {0}\n"), encoding="utf-8")
    for number in range(1000):
        (tmp_path / f"{number}.yml").write_text("$include: base.yml\n$vars: {v0: 1}\n", encoding="utf-8")
    names = ", ".join(f"{number}.yml" for number in range(1000))
    (tmp_path / "f.yml").write_text(f"$include: [{names}]\nf.i: $v49999\n", encoding="utf-8")
    done = run(tmp_path, "--config", "f.yml")
    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr[-2000:]


def test_variables_of_the_line_are_limited_too(tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_text("f.texts:\n" + "- x${a}\n" * 4_000, encoding="utf-8")
    done = run(tmp_path, "--config", "f.yml", "--var", f"a={'x' * 99_000}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "variables expand to more than 20,000,000 characters." in done.stderr
    (tmp_path / "f.yml").write_text("f.s: ${" + "a" * 1_000_000 + ":-" + "$$" * 1_000_000 + "}\n", encoding="utf-8")
    assert run(tmp_path, "--config", "f.yml").returncode == 0


def test_names_of_included_files_expand_within_the_limits(tmp_path: Path) -> None:
    chain = "$vars:\n" + "".join(f"  v{i}: $v{i + 1}\n" for i in range(45)) + "  v45: i\n"
    (tmp_path / "i.yml").write_text("$vars: {u: 1}\n", encoding="utf-8")
    told = refusal(tmp_path, f"{chain}$include: [{', '.join(['$v0.yml', '${v0}.yml', '${n}.yml'] * 3_000)}]\n")
    assert len(told) < 100_000


def test_a_small_file_takes_little_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("f.yml").write_text("f.i: 1\n", encoding="utf-8")
    layers.includes.collect(["f.yml"])  # what is loaded once is none of the file's
    tracemalloc.start()
    try:
        layers.includes.collect(["f.yml"])
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


def test_a_file_of_more_bytes_than_are_read_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(layers.includes, "MAX_BYTES", 200_000)
    Path("f.yml").write_text("#" * 200_001, encoding="utf-8")
    (document,) = layers.includes.collect(["f.yml"])
    assert document.problems == ["f.yml: cannot be read: it has more than 200,000 bytes."]


def test_a_container_is_refused_where_it_is_open() -> None:
    with pytest.raises(NodeError, match=r"more than 1,000,000 values") as caught:
        read("a: 1\nb: [" + "1," * 1_000_001 + "\n] ]")  # what follows is no YAML, and is not read
    assert (caught.value.line, caught.value.column) == (1, 3)


def test_a_long_key_is_no_parameter_of_anything() -> None:
    assert Registry().split("a." * 1_000) == (None, None, "")


REFUSED: list[tuple[Any, str]] = [
    (Fraction, "1e9_999_999"),
    (Fraction, "1/3e5"),
    (Fraction, f"0.{'1' * 3_000}e600"),
    (Decimal, "1e999999999"),
    (Decimal, "1e-999999999"),
    (int, "1" * 4_000),
    (float, "1" * 4_000),
    (re.Pattern, "a" * 1_001),
    (list[str], "a " * 500_001),
    (set[int], str([i * MODULUS for i in range(1_001)])),
    (dict[int, int], " ".join(f"{i * MODULUS}=1" for i in range(1_001))),
    (Any, "{" + ", ".join(f"{i * MODULUS}: 1" for i in range(1_001)) + "}"),
    (Literal["a"], "a" * 201),
]


@pytest.mark.parametrize(("annotation", "text"), REFUSED, ids=lambda value: str(value)[:20])
def test_a_text_that_would_take_too_much_is_none_of_its_type(annotation: Any, text: str) -> None:
    converter = converter_of(annotation)
    assert converter is not None
    with pytest.raises(ConversionError):
        converter.from_text(text)


TAKEN: list[tuple[Any, str]] = [
    (Fraction, "1e3_0" if sys.version_info >= (3, 11) else "1e30"),  # with underscores since Python 3.11
    (Fraction, "-2/3"),
    (Decimal, "1e3000"),
    (Decimal, "-Infinity"),
    (Decimal, "0e9999"),
    (re.Pattern, "a" * 1_000),
    (set[int], "[" + "1, " * 5_000 + "2]"),
]


@pytest.mark.parametrize(("annotation", "text"), TAKEN, ids=lambda value: str(value)[:20])
def test_a_text_within_the_limits_is_taken(annotation: Any, text: str) -> None:
    converter = converter_of(annotation)
    assert converter is not None
    converter.to_plain(converter.from_text(text))


RUNS: dict[str, Any] = {
    "a property": "Lazy.eager",
    "a property of an instance": "lazy.eager",
    "a descriptor": "Lazy.computed",
    "a class method of a property": "Lazy.both",
    "a metaclass's attribute": "Lazy.missing",
    "a module's": "missing",
    "the class of an instance": "lazy.__class__",
    "a metaclass's property": "Lazy.of_meta",
    "what every class has": "Lazy.__subclasses__",
}
HOSTILE = """
ran = []


class Computed:
    def __get__(self, instance, owner):
        ran.append("descriptor")
        return print


class Meta(type):
    def __getattr__(cls, name):
        ran.append("metaclass")
        return print

    def __dir__(cls):
        ran.append("dir")
        return ["missin"]

    @property
    def of_meta(cls):
        ran.append("metaclass's property")
        return print


class Lazy(metaclass=Meta):
    computed = Computed()

    @property
    def __class__(self):
        ran.append("class")
        return type

    def __getattr__(self, name):
        ran.append("instance")
        return print

    both = classmethod(property(lambda cls: ran.append("both")))

    @staticmethod
    def static():
        pass

    @classmethod
    def of_class(cls):
        pass

    def method(self):
        pass

    class Inner:
        pass


Lazy.eager = property(lambda self: ran.append("property"))
lazy = Lazy()


def __getattr__(name):
    ran.append("module")
    return print
"""


@pytest.fixture
def lazy(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Return a module whose names run code when they are asked for."""
    (tmp_path / "lazily_hostile.py").write_text(HOSTILE, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "lazily_hostile", raising=False)
    return importlib.import_module("lazily_hostile")


@pytest.mark.parametrize("path", RUNS.values(), ids=RUNS)
def test_a_path_in_a_file_runs_nothing(lazy: Any, path: str) -> None:
    converter = converter_of(Callable)
    assert converter is not None
    with pytest.raises(ConversionError):
        converter.from_text(f"lazily_hostile:{path}")
    assert lazy.ran == []


@pytest.mark.parametrize("path", [path for path in RUNS.values() if path != "missing"])
def test_a_path_on_the_line_runs_nothing_but_a_module(lazy: Any, path: str) -> None:
    converter = converter_of(Callable)
    assert converter is not None
    with pytest.raises(ConversionError):
        converter.from_typed(f"lazily_hostile:{path}")
    assert lazy.ran == []


def test_a_module_that_imports_as_it_is_asked_is_asked_by_the_line_alone(lazy: Any) -> None:
    converter = converter_of(Callable)
    assert converter is not None
    assert converter.from_typed("lazily_hostile:missing") is print
    assert lazy.ran == ["module", "module"]


@pytest.mark.parametrize("name", ["static", "of_class", "method", "Inner"])
def test_what_a_class_has_is_found_and_written_as_it_is_read(lazy: Any, name: str) -> None:
    converter = converter_of(Callable)
    assert converter is not None
    found = converter.from_text(f"lazily_hostile:Lazy.{name}")
    assert found == getattr(lazy.Lazy, name)
    assert converter.to_plain(found) == f"lazily_hostile:Lazy.{name}"


@pytest.mark.parametrize("path", ["builtins:dict.fromkeys", "builtins:str.join", "builtins:str.maketrans"])
def test_what_a_builtin_class_has_is_found(path: str) -> None:
    converter = converter_of(Callable)
    assert converter is not None
    module, _, names = path.partition(":")
    kind, _, name = names.partition(".")
    assert converter.from_text(path) == getattr(vars(sys.modules[module])[kind], name)


def test_a_path_in_a_file_imports_no_submodule(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "lazy_package").mkdir()
    text = "import importlib\n\ndef __getattr__(name):\n    return importlib.import_module(f'{__name__}.{name}')\n"
    (tmp_path / "lazy_package" / "__init__.py").write_text(text, encoding="utf-8")
    (tmp_path / "lazy_package" / "inner.py").write_text("def call():\n    pass\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    importlib.import_module("lazy_package")
    converter = converter_of(Callable)
    assert converter is not None
    for path in ("lazy_package:inner.call", "lazy_package.inner:call"):
        with pytest.raises(ConversionError):
            converter.from_text(path)
    assert "lazy_package.inner" not in sys.modules
    assert converter.from_typed("lazy_package.inner:call") is sys.modules["lazy_package.inner"].call
    assert converter.from_text("lazy_package:inner.call") is sys.modules["lazy_package.inner"].call


def test_a_module_that_ends_the_program_as_it_is_imported_is_a_mistake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "ends_at_once.py").write_text("raise SystemExit(7)\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    converter = converter_of(Callable)
    assert converter is not None
    with pytest.raises(ConversionError, match="cannot be imported: 7"):
        converter.from_typed("ends_at_once:main")
