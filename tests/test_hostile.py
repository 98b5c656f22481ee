"""Nothing in a file runs code, hangs or crashes the process: it is refused, and the process ends.

Each file is given to a process of its own, which may take 20 seconds of processor time and 2 GB.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from clickbind.nodes import NodeError
from clickbind.nodes.reader import read
from tests.conftest import HANG

pytest.importorskip("resource", reason="Windows has no such limits")

PROGRAM = """
import datetime as dt
import os
import re
import resource
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import yaml

import clickbind

resource.setrlimit(resource.RLIMIT_AS, (2 << 30, 2 << 30))
resource.setrlimit(resource.RLIMIT_CPU, (20, 20))
if os.environ.get("PURE"):
    vars(yaml).pop("CSafeLoader", None)


@dataclass
class Tree:
    name: str = ""
    inner: "list[Tree]" = field(default_factory=list)


binder = clickbind.Binder("prog")


@binder.stage
def f(
    a: Any = None,
    i: int = 1,
    x: float = 1.0,
    s: str = "",
    b: bool = False,
    d: dt.date = dt.date(2020, 1, 1),
    t: dt.time = dt.time(),
    dtm: dt.datetime = dt.datetime(2020, 1, 1),
    delta: dt.timedelta = dt.timedelta(),
    u: uuid.UUID = uuid.UUID(int=0),
    dec: Decimal = Decimal(0),
    frac: Fraction = Fraction(0),
    pattern: re.Pattern = re.compile(""),
    path: Path = Path("."),
    items: list[int] = [],
    texts: list[str] = [],
    table: dict[str, int] = {},
    keyed: dict[Any, Any] = {},
    anyset: set[Any] = set(),
    union: int | float | dt.date | Fraction | list[int] | str = 1,
    tree: Tree = Tree(),
    trees: list[Tree] = [],
    call: Callable | None = None,
    raw: bytes = b"",
) -> None:
    print("ran")


binder.command()()
"""

Run = Callable[..., str]
LOADERS = ["libyaml", "pure"]


def run(folder: Path, *line: str, pure: bool = False) -> subprocess.CompletedProcess[str]:
    (folder / "prog.py").write_text(PROGRAM, encoding="utf-8")
    environment = {name: value for name, value in os.environ.items() if name != "PURE"}
    return subprocess.run(
        [sys.executable, "prog.py", *line],
        cwd=folder,
        env={**environment, "PURE": "1"} if pure else environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=HANG,
        check=False,
        text=True,
        errors="replace",
    )


def refusal(folder: Path, text: str | bytes, *, loader: str = "libyaml") -> str:
    """Return how a process refuses a file: with a `ConfigError`, having run nothing."""
    data = text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")
    (folder / "f.yml").write_bytes(data)
    done = run(folder, "--config", "f.yml", pure=loader == "pure")
    assert done.returncode == 2, done.stderr[-2000:]
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ")
    assert "Traceback" not in done.stderr
    return done.stderr.removeprefix("Error: ")


TAGS = {
    "an object": "f.a: !!python/object/apply:os.system ['touch pwned']",
    "a verbatim tag": "f.a: !<tag:yaml.org,2002:python/object/apply:os.system> ['touch pwned']",
    "a named handle": "%TAG !e! tag:yaml.org,2002:python/object/apply:\n---\nf.a: !e!os.system ['touch pwned']",
    "a handle in place of another": (
        "%TAG ! tag:yaml.org,2002:python/object/apply:\n---\nf.a: !os.system ['touch pwned']"
    ),
    "a new object": "f.a: !!python/object/new:os.system ['touch pwned']",
    "a state": "f.a: !!python/object/new:type {args: [x, [], {}], listitems: [1], state: {x: 1}}",
    "a name": "f.a: !!python/name:os.system",
    "a module": "f.a: !!python/module:this",
    "a quoted name": "f.a: !!python/name:os.system ''",
    "a key": "? !!python/object/apply:os.system ['touch pwned']\n: 1",
    "below a directive": "$vars: {x: !!python/object/apply:os.system ['touch pwned']}",
    "an unused anchor": "f.a: [&x !!python/object/apply:os.system ['touch pwned'], *x]",
    "a set": "f.a: !!set {a, b}",
    "an ordered map": "f.a: !!omap [a: 1]",
    "pairs": "f.a: !!pairs [a: 1]",
    "a timestamp": "f.a: !!timestamp 2001-12-14",
    "a merge": "f.a: !!merge <<",
    "a value": "f.a: !!value =",
    "python's str": "f.a: !!python/str x",
    "python's list": "f.a: !!python/list [x]",
    "one of its own": "f.a: !mine x",
    "an unknown handle": "f.a: !e!x y",
    "the environment": "f.a: !ENV ${HOME}",
}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", TAGS.values(), ids=TAGS)
def test_a_tag_runs_nothing(tmp_path: Path, text: str, loader: str) -> None:
    assert "f.yml:" in refusal(tmp_path, text, loader=loader)
    assert sorted(os.listdir(tmp_path)) == ["f.yml", "prog.py"]


def aliases(opening: str, item: str, closing: str, *, levels: int = 40) -> str:
    lines = [f"f.a:\n- &a0 {opening}{item.format('x', 'y')}{closing}"]
    lines += [f"- &a{i} {opening}{item.format(f'*a{i - 1}', f'*a{i - 1}')}{closing}" for i in range(1, levels)]
    return "\n".join(lines)


def merges(levels: int = 40, width: int = 300) -> str:
    keys = ", ".join(f"k{i}: 1" for i in range(width))
    lines = [f"f.a:\n- &a0 {{{keys}}}"]
    lines += [f"- &a{i} {{<<: *a{i - 1}, x{i}: 1, y{i}: {{<<: *a{i - 1}}}}}" for i in range(1, levels)]
    return "\n".join(lines)


def brackets(opening: str) -> str:
    return f"f.a: {opening * 1_000_000}"


DOCUMENTS: dict[str, Callable[[], str | bytes]] = {
    "a list of aliases": lambda: aliases("[", "{}, {}", "]"),
    "a mapping of aliases": lambda: aliases("{", "a: {}, b: {}", "}"),
    "aliases as keys": lambda: aliases("{", "? {} : 1, ? {} : 2", "}"),
    "merges of merges": merges,
    "merges many times": lambda: (
        "f.a:\n- &a {" + ", ".join(f"k{i}: 1" for i in range(300)) + "}\n" + "- {<<: *a}\n" * 5000
    ),
    "one mapping merged often": lambda: "f.a:\n- &a {k: 1}\n- {<<: [" + ", ".join(["*a"] * 350_000) + "]}\n",
    "a list in itself": lambda: "f.a: &a [1, *a]\n",
    "a mapping in itself": lambda: "f.a: &a {b: *a}\n",
    "a key in itself": lambda: "f.a: &a {? *a : 1}\n",
    "a merge of itself": lambda: "f.a: &a {<<: *a}\n",
    "the document in itself": lambda: "&a\nf.a: *a\n",
    "brackets": lambda: brackets("["),
    "braces": lambda: brackets("{"),
    "braces of keys": lambda: brackets("{a: "),
    "braces of open keys": lambda: brackets("{? "),
    "dashes": lambda: "f.a:\n" + "- " * 1_000_000,
    "question marks": lambda: "? " * 1_000_000,
    "indentation": lambda: "".join(" " * i + "a:\n" for i in range(2000)),
    "closing brackets": lambda: "f.a: " + "]" * 1_000_000,
    "anchors": lambda: "f.a: " + "&a " * 100_000,
    "tags": lambda: "f.a: " + "! " * 100_000,
    "an open quote": lambda: 'f.a: "' + "x" * 5_000_000,
    "an open quote of lines": lambda: 'f.a: "' + "x\n" * 500_000,
    "documents": lambda: "---\n" * 1_000_000,
    "directives": lambda: "%X y\n" * 100_000,
    "a directive of another version": lambda: "%YAML 9.9\n---\nf.a: 1\n---\n",
    "a NUL": lambda: b"f.a: \x00\n",
    "a NUL at the end": lambda: b"f.i: 1\n\x00zzz",
    "a bell": lambda: b"f.a: \x07\n",
    "an escape": lambda: b"f.a: \x1b[31m\n",
    "a raw surrogate": lambda: "f.a: \ud800\n",
    "an escaped surrogate": lambda: 'f.s: "\\ud800"\n',
    "half of a pair of surrogates": lambda: 'f.s: "\\udc00\\ud800"\n',
    "an escape beyond Unicode": lambda: 'f.s: "\\UFFFFFFFF"\n',
    "no character": lambda: b"f.a: \xef\xbf\xbf\n",
    "random bytes": lambda: bytes(range(256)) * 100,
    "a gzip file": lambda: b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    "UTF-16 without a mark": lambda: "f.a: 1\n".encode("utf-16-le"),
    "half a character of UTF-16": lambda: "f.a: 1\n".encode("utf-16")[:-1],
    "a million unknown letters": lambda: "f." + "x" * 1_000_000 + ": 1\n",
    "a key of a million letters": lambda: "? " + "x" * 1_000_000 + "\n: 1\n",
    "a wrong value of a million letters": lambda: "f.i: " + "x" * 1_000_000 + "\n",
}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_that_is_made_to_exhaust_its_reader_is_refused(tmp_path: Path, name: str, loader: str) -> None:
    refusal(tmp_path, DOCUMENTS[name](), loader=loader)


MANY = {
    "a line each": "".join(f"f.wrong{i}: 1\n" for i in range(50_000)),
    "on one line": "{" + ", ".join(f"f.wrong{i}: 1" for i in range(50_000)) + "}\n",
    "in one function": "f: {" + ", ".join(f"wrong{i}: 1" for i in range(50_000)) + "}\n",
    "of no function": "".join(f"g{i}: 1\n" for i in range(50_000)),
    "values on one line": "f.items: [" + ", ".join("x" for _ in range(50_000)) + "]\n",
    "variables on one line": "f.texts: [" + ", ".join(f"$v{i}_" for i in range(50_000)) + "]\n",
    "keys that stand there twice": "{" + ", ".join("f.i: 1" for _ in range(50_000)) + "}\n",
    "stages": "run.stages: [" + ", ".join("x" for _ in range(50_000)) + "]\n",
    "includes": "$include: [" + ", ".join(f"no{i}" for i in range(20_000)) + "]\n",
}


@pytest.mark.parametrize("what", MANY)
def test_any_number_of_mistakes_is_told_at_once_and_briefly(tmp_path: Path, what: str) -> None:
    told = refusal(tmp_path, MANY[what])
    assert len(told) < 20 * len(MANY[what]) + 100_000


def variables(*lines: str) -> str:
    return "$vars:\n" + "\n".join(f"  {line}" for line in lines) + "\nf.a: $v0\n"


VARIABLES = {
    "doubling text": lambda: variables(*(f"v{i}: ${{v{i + 1}}}${{v{i + 1}}}" for i in range(40)), "v40: xxxxxxxxxx"),
    "doubling lists": lambda: variables(*(f"v{i}: [$v{i + 1}, $v{i + 1}]" for i in range(40)), "v40: x"),
    "doubling mappings": lambda: variables(*(f"v{i}: {{a: $v{i + 1}, b: $v{i + 1}}}" for i in range(40)), "v40: x"),
    "doubling twice": lambda: variables(
        *(f"v{i}: ['${{t{i}}}', $v{i + 1}, $v{i + 1}]" for i in range(40)),
        *(f"t{i}: ${{t{i + 1}}}${{t{i + 1}}}" for i in range(40)),
        "v40: x",
        "t40: x",
    ),
    "text and lists": lambda: variables(
        *(f"v{i}: [{', '.join([f'$v{i + 1}'] * 10)}]" for i in range(20)), f"v20: {'x' * 90_000}"
    ),
    "itself": lambda: variables("v0: $v0"),
    "a circle": lambda: variables(*(f"v{i}: $v{(i + 1) % 100}" for i in range(100))),
    "a circle of lists": lambda: variables(*(f"v{i}: [$v{(i + 1) % 100}]" for i in range(100))),
    "a long chain": lambda: variables(*(f"v{i}: $v{i + 1}" for i in range(20_000)), "v20000: $nowhere"),
    "a deep chain": lambda: variables(*(f"v{i}: [$v{i + 1}]" for i in range(400)), "v400: 1"),
    "a chain of texts": lambda: variables(*(f"v{i}: x${{v{i + 1}}}" for i in range(5000)), "v5000: $nowhere"),
    "a variable of a million letters": lambda: f"f.a: ${{{'x' * 1_000_000}}}\n",
    "dollar signs": lambda: f"f.i: {'$' * 1_000_000}\n",
    "open braces": lambda: f"f.i: {'${' * 500_000}\n",
}


@pytest.mark.parametrize("name", VARIABLES)
def test_variables_that_are_made_to_exhaust_their_reader_are_refused(tmp_path: Path, name: str) -> None:
    refusal(tmp_path, VARIABLES[name]())


def test_a_chain_of_variables_nests_no_deeper_than_a_file_may(tmp_path: Path) -> None:
    text = variables(*(f"v{i}: [[[$v{i + 1}]]]" for i in range(40)), "v40: 1")
    assert "nested more than 100 deep" in refusal(tmp_path, text)


def test_a_diamond_of_includes_is_read_once_each(tmp_path: Path) -> None:
    for level in range(30):
        for side in "ab":
            text = f"$include: [a{level + 1}.yml, b{level + 1}.yml]\n$vars: {{v{level}{side}: 1}}\n"
            (tmp_path / f"{side}{level}.yml").write_text(text, encoding="utf-8")
    (tmp_path / "a30.yml").write_text("f.i: 1\n", encoding="utf-8")
    (tmp_path / "b30.yml").write_text("f.i: many\n", encoding="utf-8")
    told = refusal(tmp_path, "$include: [a0.yml, b0.yml]\n")
    assert told.startswith("b30.yml:1:6: f.i: 'many' is not a valid integer.\n")
    assert told.count("many' is") == 1


def test_a_long_chain_of_includes_is_refused(tmp_path: Path) -> None:
    for number in range(2000):
        (tmp_path / f"{number}.yml").write_text(f"$include: {number + 1}.yml\n", encoding="utf-8")
    refusal(tmp_path, "$include: 0.yml\n")


INCLUDES = {
    "an endless device": "$include: /dev/zero\n",
    "a random device": "$include: /dev/urandom\n",
    "a NUL": '$include: "a\\0b"\n',
    "a surrogate": '$include: "\\ud800"\n',
    "a long name": f"$include: {'x' * 100_000}\n",
    "a deep name": f"$include: {'x/' * 100_000}\n",
    "a pipe": "$include: pipe\n",
    "itself by another name": "$include: ././f.yml\n",
    "a link in a circle": "$include: link.yml\n",
    "standard input": "$include: '-'\n",
}


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("name", INCLUDES)
def test_an_include_that_cannot_be_read_is_refused(tmp_path: Path, name: str, loader: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link.yml").symlink_to("link.yml")
    refusal(tmp_path, INCLUDES[name], loader=loader)


NINES = "9" * 5000
VALUES = {
    "an int of 5,000 digits": f"f.i: {NINES}",
    "a negative one": f"f.i: -{NINES}",
    "a hexadecimal one": f"f.i: 0x{NINES}",
    "ints of 5,000 digits": f"f.items: [{NINES}]",
    "a bool of 5,000 digits": f"f.b: {NINES}",
    "a date that does not exist": "f.d: 2023-02-30",
    "a date of the year 0": "f.d: 0000-01-01",
    "a date of 5,000 digits": f"f.d: {NINES}-01-01",
    "a time that does not exist": "f.t: 25:61",
    "a moment that does not exist": "f.dtm: 2023-02-30T00:00:00",
    "a zone that does not exist": "f.dtm: 2023-02-20T00:00:00+99:99",
    "a duration without end": f"f.delta: {NINES}w",
    "a clock without end": f"f.delta: {NINES}:00",
    "a UUID of 5,000 digits": f"f.u: {NINES}",
    "a fraction of 5,000 digits": f"f.frac: 1/{NINES}",
    "a fraction by zero": "f.frac: 1/0",
    "a fraction of a great power": "f.frac: 1e999999999",
    "a fraction of a small power": "f.frac: 1e-999999999",
    "a fraction's long power": f"f.frac: 1e{NINES}",
    "a decimal's long power": f"f.dec: 1e{NINES}x",
    "a pattern of brackets": f"f.pattern: '{'(' * 5000}{')' * 5000}'",
    "a pattern that repeats": "f.pattern: '" + "(" * 90 + "a" + "{65535})" * 90 + "(",
    "a pattern without end": "f.pattern: '('",
    "a quote that nothing closes": "f.items: '\"" + "1 " * 100_000 + "'",
    "flow in a text": "f.items: '" + "[" * 1_000_000 + "'",
    "a bomb in a text": "f.items: '[&a [1], " + "&b [*a, *a], " * 50_000 + "'",
    "a list as a key": "f.keyed: {[1]: 2}",
    "a mapping as a key": "f.keyed: {{a: 1}: 2}",
    "a list in a set": "f.anyset: [[1]]",
    "a mapping in a set": "f.anyset: [{a: 1}]",
    "a list in place of everything": "[f.i]",
    "a tree without fields": "f.trees: [{inner: [{inner: [{nam: x}]}]}]",
    "a deep tree": "f.trees: " + "[{inner: " * 60 + "[]" + "}]" * 60,
    "a module that is not imported": "f.call: antigravity:fly",
    "a dotted module that is not imported": "f.call: xml.dom.minidom:parse",
    "an import path of a million dots": f"f.call: os:{'.' * 1_000_000}",
    "no base64": "f.raw: !!binary '*'",
}


@pytest.mark.parametrize("name", VALUES)
def test_a_value_that_is_none_is_refused(tmp_path: Path, name: str) -> None:
    refusal(tmp_path, VALUES[name])


@pytest.mark.parametrize("name", ["a fraction of a great power", "a pattern of brackets", "an int of 5,000 digits"])
def test_a_union_refuses_such_a_value_of_its_members_too(tmp_path: Path, name: str) -> None:
    value = VALUES[name].partition(": ")[2]
    (tmp_path / "f.yml").write_text(f"f.union: {value}\n", encoding="utf-8")
    done = run(tmp_path, "--config", "f.yml")
    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr[-2000:]


@pytest.mark.parametrize("loader", LOADERS)
@pytest.mark.parametrize("text", [f"f.a: {NINES}", "f.a: 2023-02-30", 'f.s: "\\0"', "f.s: |\n" + "  x\n" * 100_000])
def test_what_is_only_strange_is_read(tmp_path: Path, text: str, loader: str) -> None:
    (tmp_path / "f.yml").write_text(text, encoding="utf-8")
    done = run(tmp_path, "--config", "f.yml", pure=loader == "pure")
    assert (done.returncode, done.stdout) == (0, "ran\n"), done.stderr[-2000:]


@pytest.mark.parametrize("loader", LOADERS)
def test_more_than_100_000_merged_values_are_refused(monkeypatch: pytest.MonkeyPatch, loader: str) -> None:
    if loader == "pure":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    keys = ", ".join(f"k{i}: 1" for i in range(300))
    with pytest.raises(NodeError, match=r"more than 100,000 merged values\.") as caught:
        read(f"- &a {{{keys}}}\n" + "- {<<: *a}\n" * 400)
    assert (caught.value.line, caught.value.column) == (334, 2)


@pytest.mark.parametrize("option", ["--config", "--diff"])
def test_a_saved_file_of_someone_elses_is_read_as_carefully_by_every_option(tmp_path: Path, option: str) -> None:
    (tmp_path / "f.yml").write_text("f.a: !!python/object/apply:os.system ['touch pwned']\n", encoding="utf-8")
    done = run(tmp_path, option, "f.yml")
    assert (done.returncode, done.stdout) == (2, "")
    assert not (tmp_path / "pwned").exists()


@pytest.mark.parametrize("line", ["--f.a", "f --a"])
def test_flow_on_the_line_runs_nothing_either(tmp_path: Path, line: str) -> None:
    for text in ("[!!python/object/apply:os.system ['touch pwned']]", "[" * 100_000, "{a: &a [*a]}"):
        done = run(tmp_path, *line.split(), text)
        assert (done.returncode, done.stdout) == (2, "")
        assert "Traceback" not in done.stderr
    assert not (tmp_path / "pwned").exists()
