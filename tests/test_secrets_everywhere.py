"""A random secret, put in by any way, is in no output of any kind.

Each example is a program, a way in and a way out. What is looked for are both ends of the secret, so that half of it
is found too.
"""

from __future__ import annotations

import contextlib
import io
import json
import os
import tempfile
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, NewType

import click
import pydantic
import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

import clickbind
from tests.conftest import completions

# mypy: disable-error-code="assignment"

Word = Annotated[str, clickbind.Option("-t", secret=True)]
Named = NewType("Named", Word)
BEGINS, ENDS, DEFAULT = "k3yQ", "Qtr0v3", "d3faultS"
Items = list[int]
Pin = Annotated[int, clickbind.Option("-t", secret=True)]


@dataclass
class Inner:
    token: Annotated[str, clickbind.Option(secret=True)] = DEFAULT
    n: int = 1


@dataclass
class Server:
    inner: Inner | None = None
    token: Word = DEFAULT
    n: int = 1


class Account(pydantic.BaseModel):
    token: pydantic.SecretStr = pydantic.SecretStr(DEFAULT)
    n: int = 1


class Strict(pydantic.BaseModel):
    token: Annotated[str, pydantic.Field(min_length=100), clickbind.Option(secret=True)] = "x" * 100
    n: int = 1


@dataclass
class Kind:
    """How a program takes its secret.

    Attributes
    ----------
    stage : callable
        Makes the stage, given what its body does with the secret.
    key : str
        The key in a file, without the stage's name.
    value : str
        How the value is written there, around the secret's own scalar.
    """

    stage: Callable[[Callable[[Any], None]], Any]
    key: str = "token"
    value: str = "{}"


def plain(use: Callable[[Any], None]) -> Any:
    def f(token: Word = DEFAULT, n: int = 1, name: str = "", items: Items | None = None) -> None:
        use(token)

    return f


def of_a_member(use: Callable[[Any], None]) -> Any:
    def f(token: int | Word | None = None, n: int = 1, name: str = "", items: Items | None = None) -> None:
        use(token)

    return f


def named(use: Callable[[Any], None]) -> Any:
    def f(token: Named = DEFAULT, n: int = 1, name: str = "", items: Items | None = None) -> None:
        use(token)

    return f


def numbered(use: Callable[[Any], None]) -> Any:
    def f(token: Pin = 1, n: int = 1, name: str = "", items: Items | None = None) -> None:
        use(token)

    return f


def pydantics(use: Callable[[Any], None]) -> Any:
    def f(token: pydantic.SecretStr | None = None, n: int = 1, name: str = "", items: Items | None = None) -> None:
        use(token)

    return f


def of_a_field(use: Callable[[Any], None]) -> Any:
    def f(server: Server = Server(), n: int = 1, name: str = "", items: Items | None = None) -> None:  # noqa: B008
        use(server.token)

    return f


def of_an_account(use: Callable[[Any], None]) -> Any:
    def f(account: Account = Account(), n: int = 1, name: str = "", items: Items | None = None) -> None:  # noqa: B008
        use(account.token)

    return f


def of_a_strict(use: Callable[[Any], None]) -> Any:
    def f(account: Strict = Strict(), n: int = 1, name: str = "", items: Items | None = None) -> None:  # noqa: B008
        use(account.token)

    return f


def of_items(use: Callable[[Any], None]) -> Any:
    def f(servers: list[Server] | None = None, n: int = 1, name: str = "", items: Items | None = None) -> None:
        use(servers[0].token if servers else "")

    return f


KINDS = {
    "a parameter": Kind(plain),
    "a member of a union": Kind(of_a_member),
    "a named type": Kind(named),
    "a number": Kind(numbered),
    "pydantic's secret": Kind(pydantics),
    "a field": Kind(of_a_field, "server.token"),
    "a field of a field": Kind(of_a_field, "server", "{{inner: {{token: {}}}}}"),
    "a field of pydantic's": Kind(of_an_account, "account.token"),
    "a field that is refused": Kind(of_a_strict, "account.token"),
    "a field of an item": Kind(of_items, "servers", "[{{token: {}}}]"),
    "a field of an item, and another is wrong": Kind(of_items, "servers", "[{{token: {}, n: many}}]"),
}

# KEY is the secret's parameter, V its value. A second text is a file that is included.
FILES: list[str | tuple[str, str]] = [
    "f.KEY: V",
    "f.KEY:\n  V",
    "f: {KEY: V, n: 1}",
    "f: {KEY: V, n: many}",
    "f: {n: many, KEY: V}",
    "f:\n  KEY: V\n  n: many",
    "f:\n  n: many\n  KEY: V",
    "{f.n: many, f.KEY: V}",
    "f.KEY: V\nf.n: many",
    "f.KEY: V\nf.KEY: V",
    "f: {KEY: V, KEY: V}",
    "f.KEY: [V]",
    "f.KEY: {x: V}",
    "f.KEY: {V: x}",
    "f.KEY:\n- V\n- V",
    "f.KEY:\n  x: V\n  n: V",
    "f.KEY: V # V\nf.n: many # V",
    "? f.KEY\n: V",
    "'f.KEY': V",
    "f.KEY: &a V\nf.n: *a",
    "tokn: &a V\nf.n: *a",
    "tokn: &a {KEY: V, n: many}\nf: *a",
    "tokn: &a {KEY: V, n: many}\nf: {<<: *a}",
    "f.tokn: V",
    "tokn: V",
    "g.KEY: V",
    "f: {tokn: V}",
    "f: {tokn: V, n: many}",
    "f:\n  tokn: V",
    "f-x.KEY: V\nf.n: many",
    "f: V",
    "f:\n- V",
    "V",
    "- V",
    "[V, V]",
    "f.KEY: !env V",
    "f.KEY: !V",
    "f.KEY: !!python/name:V x",
    "f.KEY: *V",
    "f.KEY: &V x: y",
    "f.KEY: V\nf.n: [1",
    "f.n: ]\nf.KEY: V",
    "f.KEY: V: x",
    'f.KEY: "V',
    "f.KEY: 'V",
    "f.KEY: {V",
    "f.KEY: [V\nf.n: 1",
    "f:\n  KEY: V\n n: 1",
    "f.KEY: %V",
    "f.KEY: @V",
    "f.KEY: |V\n  V",
    'f.KEY: "\\V"',
    "%V\n---\nf.n: 1",
    "---\nf.KEY: V\n---\nf.n: V",
    "\tf.KEY: V",
    "$vars: {t: V}\nf.KEY: $t",
    "$vars: {t: V}\nf.KEY: $t\nf.name: $t",
    "$vars: {t: V}\nf.KEY: $t\nf.name: x${t}x",
    "$vars: {t: V, u: $t}\nf.KEY: $u\nf.name: $t\nf.n: many",
    "$vars: {t: V}\nf.n: $t",
    "$vars: {t: V}\nf.n: 1${t}",
    "$vars: {t: V, u: 1$, w: $u}\nf.items: [1, $t]",
    "$vars: {t: V, t: V}",
    "$vars: V",
    "$vars:\n- V",
    "$vars: {t: {x: V}}\nf: {n: $t}",
    "$vars: {t: [V]}\nf.items: $t",
    '$vars: {t: "$V"}\nf.n: $t',
    "$vars: {t: [V]}\nf.name: x${t}",
    "$var: {t: V}\nf.n: $t",
    "f.KEY: $V",
    "f.KEY: ${V}",
    "f.KEY: $SECRET_V",
    "f.KEY: $SECRET_V\nf.name: $SECRET_V",
    "f.KEY: $SECRET_V\nf.n: ${SECRET_V}",
    "f.n: $SECRET_V",
    "$include: ${SECRET_V}.yml",
    "$include: i.yml\nf.KEY: $t\nf.n: many",
    ("$include: i.yml\nf.KEY: $t\nf.n: $t", "$vars: {t: V}"),
    ("$include: i.yml", "f.KEY: V\nf.n: many"),
    ("$include: i.yml", "f.tokn: V"),
    ("$include: i.yml", "f.KEY: 'V"),
    ("$vars: {t: i}\n$include: $t.yml", "f.KEY: 'V"),
    ("$vars: {t: i}\n$include: ${t}.yml", "f.tokn: V\nf.n: many"),
    "run.stages: [f: {KEY: V}]",
    "run.stages: [f: {KEY: V, n: many}, f]",
    "run.stages: [f: {KEY: [V]}]",
    "run.stages: [f: {tokn: V}]",
    "run.stages: [f: V]",
    "run.stages: [V]",
    "run.stages: V",
    "run.stages: [{f: {n: 1}, KEY: V}]",
    "run.stages:\n- f:\n    KEY: V\n    n: many",
    "run.stages: '[{f: {KEY: V'",
    "$vars: {t: V}\nrun.stages: [f: {KEY: $t, n: $t}]",
    "$vars: {t: V}\nrun.stages: [f: {KEY: $t, name: x}, f: {name: $t}]",
]

LINES: list[list[str]] = [
    ["f", "--KEY", "S"],
    ["f", "--KEY=S"],
    ["f", "--f.KEY", "S"],
    ["--f.KEY", "S", "f"],
    ["f", "-t", "S"],
    ["f", "-tS"],
    ["f", "--KEYS"],
    ["f", "--KEY", "S", "--n", "many"],
    ["f", "--KEY", "S", "--nn", "1"],
    ["f", "--KEY", "S", "S"],
    ["f", "--tokn", "S"],
    ["f", "--tokn=S"],
    ["f", "--f.tokn", "S"],
    ["--tokn", "S", "f"],
    ["--KEY", "S", "f"],
    ["f", "S"],
    ["f", "KEY=S"],
    ["f", "--", "S"],
    ["S"],
    ["S", "f"],
    ["run", "S"],
    ["run", "f", "S"],
    ["run", "f", "--KEY", "S", "f", "--KEY", "S2", "f"],
    ["run", "f", "--f.KEY", "S", "f", "--f.KEY", "S2"],
    ["run", "f", "--KEY", "S", "ff"],
    ["--run.stages", "[{f: {KEY: S}}]"],
    ["--run.stages", "[{f: {KEY: S, n: many}}]"],
    ["--run.stages=[{f: {KEY: S"],
    ["f", "--KEY", "S", "--KEY", "S"],
    ["f", "--no-KEY", "S"],
    ["f", "--n", "--KEY", "S"],
]

WAYS = [
    *(("file", form) for form in FILES),
    *(("line", form) for form in LINES),
    *(("variable", name) for name in ("PROG_F_KEY", "PROG_F_TOKN", "PROG_G_KEY", "PROG_RUN_STAGES")),
    *(("map", value) for value in ("S", ["S"], {"x": "S"}, {"S": 1}, 5.7)),
    ("misspelt map", "S"),
]  # fmt: skip
OUT = [
    [], ["--print-config"], ["--print-changed"], ["--diff", "empty.yml"], ["--debug"], ["--save", "-"],
    ["--debug", "--save", "saved.yml"], ["--print-schema"], ["--help"], ["--n", "many"], ["--diff", "f.yml"],
]  # fmt: skip


def scalar(secret: str, style: str) -> str:
    """Write a text as a scalar of YAML, or as it stands."""
    if style == "double":
        return json.dumps(secret).replace("$", "$$")
    if style == "single":
        return "'" + secret.replace("'", "''") + "'"
    return secret


@contextlib.contextmanager
def put_in(kind: Kind, way: tuple[str, Any], secret: str, style: str) -> Iterator[tuple[list[str], dict[str, Any]]]:
    """Put a secret where a program finds it, and give the line and Click's settings."""
    what, form = way

    def filled(text: str, value: str) -> str:
        return text.replace("KEY", kind.key).replace("SECRET_V", "SECRET_W").replace("V", value).replace(
            "SECRET_W", "SECRET_V"
        )  # fmt: skip

    value = kind.value.format(scalar(secret, style))
    typed = kind.value.format(secret) if kind.value != "{}" else secret
    variables = {"SECRET_V": secret}
    line: list[str] = ["--config", "f.yml"] if what == "file" else []
    given: dict[str, Any] = {}
    files = {"f.yml": "", "empty.yml": "", "i.yml": ""}
    if what == "file":
        main, included = form if isinstance(form, tuple) else (form, "")
        files.update({"f.yml": filled(main, value), "i.yml": filled(included, value)})
    elif what == "line":
        flag = kind.key.replace("_", "-")
        line += [part.replace("KEY", flag).replace("S", typed) for part in form]
    elif what == "variable":
        name = form.replace("KEY", kind.key.replace(".", "_").upper())
        variables[name] = f"[{{f: {{{kind.key}: {secret}}}}}]" if name.endswith("STAGES") else typed
    else:
        name = "tokn" if what == "misspelt map" else kind.key
        inner = json.loads(json.dumps(form).replace('"S"', json.dumps(secret)))
        given = {"default_map": {"f": {name: inner, "n": "many" if what == "misspelt map" else 1}}}
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        for name, text in files.items():
            Path(name).write_text(text, encoding="utf-8")
        for name, text in variables.items():
            patch.setenv(name, text)
        yield line, given


def outputs(main: click.Group, line: list[str], out: list[str], settings: dict[str, Any]) -> Iterator[str]:
    """Walk what a line shows, with its tracebacks."""
    runner = CliRunner()
    stage = [] if any(word in {"f", "run"} or "stages" in word for word in line) else ["f"]
    for words in ([*out, *line, *stage], [*line, *stage, *out]):
        result = runner.invoke(main, words, prog_name="prog", **settings)
        yield result.output + result.stderr
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            yield "".join(traceback.format_exception(result.exception))
        with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.redirect_stderr(shown):
            try:
                main([*words], "prog", standalone_mode=False, **settings)
            except Exception as error:  # noqa: BLE001 - what it says is what is looked at
                click.echo("".join(traceback.format_exception(error)) + repr(error))
        yield shown.getvalue()
    for path in ("saved.yml",):
        if os.path.exists(path):
            yield Path(path).read_text(encoding="utf-8")


def loaded(binder: clickbind.Binder) -> Iterator[str]:
    """Walk what a program in Python sees of its files."""
    try:
        values = binder.load("f.yml")
        yield repr(values) + str(values)
        layer: Any = values.files
        yield "".join(repr(found) for found in layer.values())
        with binder.scope(values):
            yield repr(binder.values())
    except clickbind.ClickbindError as error:
        yield "".join(traceback.format_exception(error)) + repr(error) + str(error)


secrets = st.builds(
    lambda body: f"{BEGINS}{body}{ENDS}",
    st.text(alphabet="abX01 '\"\n:#{}[]&*!|>%@`\\,-?=$\t~é", max_size=12)
    | st.sampled_from(["", " ", ": ", ", ", "\n"]),
)


@given(
    kind=st.sampled_from(sorted(KINDS)),
    way=st.sampled_from(range(len(WAYS))),
    out=st.sampled_from(range(len(OUT))),
    secret=secrets,
    style=st.sampled_from(["raw", "double", "single"]),
)
@settings(max_examples=300, deadline=None)
def test_a_secret_is_in_no_output(kind: str, way: int, out: int, secret: str, style: str) -> None:
    check(kind, WAYS[way], out, secret, style)


def check(kind: str, way: tuple[str, Any], out: int, secret: str, style: str) -> None:
    binder = clickbind.Binder("prog", envvar_prefix="PROG")

    @binder.bind
    def connect(url: str = "") -> None:
        """Get the secret in a parameter of another name."""

    binder.stage(KINDS[kind].stage(lambda token: connect(f"x{token}" if isinstance(token, str) else "")))

    @binder.stage(name="ff")
    def other(x: int = 1) -> None: ...

    main = binder.command()
    with put_in(KINDS[kind], way, secret, style) as (line, given):
        shown = [*outputs(main, line, OUT[out], given), *loaded(binder)]
        for shell in ("bash", "zsh", "fish"):
            shown += completions(main, " ".join(line), "--f.", shell)
    found = [text for text in shown if any(end in text for end in (BEGINS, ENDS, DEFAULT))]
    assert not found, found[0]


@pytest.mark.parametrize("form", ["run.stages: [V]", "run.stages: [f, V]", "V"])
def test_no_key_that_is_half_a_secret_is_shown(form: str) -> None:
    for kind in sorted(KINDS):
        check(kind, ("file", form), 0, f"{BEGINS}: {ENDS}", "raw")


@pytest.mark.parametrize("cut", [",?", ", ", " ", ": "])
def test_no_half_of_a_secret_in_typed_stages_is_shown(cut: str) -> None:
    for kind in sorted(KINDS):
        for way in (("variable", "PROG_RUN_STAGES"), ("line", ["--run.stages", "S"])):
            check(kind, way, 0, f"{BEGINS}{cut}{ENDS}", "raw")


@pytest.mark.parametrize("style", ["raw", "double"])
@pytest.mark.parametrize("way", range(len(WAYS)), ids=[str(form) for _, form in WAYS])
def test_no_way_in_shows_a_secret(way: int, style: str) -> None:
    kinds = sorted(KINDS)
    check(kinds[way % len(kinds)], WAYS[way], 0, f"{BEGINS}-{ENDS}", style)
    check(kinds[way * 3 % len(kinds)], WAYS[way], way % len(OUT), f"{BEGINS}-{ENDS}", style)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("what", ["words", "a list"])
def test_debug_shows_the_secret_of_no_turn(what: str, kind: str) -> None:
    other = KINDS[kind].value.format("other")
    line = {
        "words": ["run", "f", "--KEY", "S", "f", "--KEY", "S2", "f"],
        "a list": ["--run.stages", f"[f: {{KEY: S}}, f: {{KEY: {other}}}, f]"],
    }[what]
    check(kind, ("line", line), OUT.index(["--debug"]), f"{BEGINS}-{ENDS}", "raw")


@pytest.mark.parametrize("out", range(len(OUT)))
@pytest.mark.parametrize(
    "turns",
    [
        "[f: {KEY: $s, name: x}, f: {name: $s}]",
        "[f, f: {name: $s, n: 2}]",
        '"[f: {n: 2}, f: {name: $s}]"',
        "[f: {name: x$s}]",
        "[f: {server: {token: $s}}, f: {name: $s}]",
    ],
)
def test_no_value_of_a_turn_that_a_variable_of_a_secret_has_made_is_shown(turns: str, out: int) -> None:
    for kind in ("a parameter", "a field", "a field of a field"):
        check(kind, ("file", f"$vars: {{s: V}}\nf.KEY: $s\nrun.stages: {turns}"), out, f"{BEGINS}{ENDS}", "raw")


def test_what_else_a_turn_has_is_shown_and_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def f(token: Annotated[str, clickbind.Option(secret=True)] = "", name: str = "", n: int = 1) -> None: ...

    monkeypatch.chdir(tmp_path)
    Path("f.yml").write_text(
        "$vars: {s: hunter22}\nrun.stages: [f: {token: $s, name: x}, f: {name: $s, n: 7}]\n", encoding="utf-8"
    )
    printed = CliRunner().invoke(binder.command(), ["--config", "f.yml", "--print-config"]).output
    assert "    name: x" in printed
    assert "    'n': 7" in printed
    assert "hunter22" not in printed
