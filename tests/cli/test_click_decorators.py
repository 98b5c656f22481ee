"""Test Click's own decorators and objects on bound functions: contexts, options, arguments."""

from __future__ import annotations

import asyncio
import contextlib
import enum
import functools
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any, Optional

import click
import pytest
from click.core import ParameterSource
from click.shell_completion import BashComplete
from click.testing import CliRunner, Result

import clickbind
from clickbind import BindError


class Repo:
    """An object of a program, as in Click's documentation."""

    def __init__(self, home: str = "home") -> None:
        self.home = home


pass_repo = click.make_pass_decorator(Repo)
ensure_repo = click.make_pass_decorator(Repo, ensure=True)


@pytest.fixture
def binder() -> clickbind.Binder:
    return clickbind.Binder("prog")


def call(binder: clickbind.Binder, line: str, **more: Any) -> Any:
    return binder.command()(line.split(), standalone_mode=False, **more)


def invoke(binder: clickbind.Binder, line: str, **more: Any) -> Result:
    return CliRunner().invoke(binder.command(), line.split(), **more)


def error(binder: clickbind.Binder, line: str, **more: Any) -> str:
    result = invoke(binder, line, **more)
    assert result.exit_code == 2, result.output
    return result.output.rpartition("Error: ")[2].strip()


def saved(binder: clickbind.Binder, line: str, **more: Any) -> dict[str, str]:
    """Return what ``--print-config`` prints, with the origins."""
    result = invoke(binder, f"--print-config {line}", **more)
    assert result.exit_code == 0, result.output
    pairs = (text.lstrip("# ").partition(": ") for text in result.output.splitlines() if ": " in text)
    return {key: value for key, _, value in pairs if key != "run.stages"}


# --- contexts


def with_context(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.pass_context
    def show(ctx: click.Context, n: int = 1) -> Any:
        return ctx, n


def annotated(binder: clickbind.Binder) -> None:
    @binder.stage
    def show(n: int = 1, *, ctx: click.Context) -> Any:
        return ctx, n


def optional(binder: clickbind.Binder) -> None:
    @binder.stage
    def show(n: int = 1, ctx: Optional[click.Context] = None) -> Any:  # noqa: UP045 - as others write it
        return ctx, n


def positional(binder: clickbind.Binder) -> None:
    @binder.stage
    def show(ctx: Annotated[click.Context, "the context"], /, n: int = 1) -> Any:
        return ctx, n


CONTEXTS = [with_context, annotated, optional, positional]


@pytest.mark.parametrize("bind", CONTEXTS)
@pytest.mark.parametrize("line", ["show --n 3", "--show.n 3 show", "--show.n 3", "run show --n 3"])
def test_a_stage_gets_the_context_of_its_turn(bind: Callable[..., None], line: str, binder: clickbind.Binder) -> None:
    bind(binder)
    found = call(binder, line, obj="object")
    ctx, n = found[0] if isinstance(found, list) else found
    assert type(ctx).__name__ == "StageContext"
    assert (ctx.command.name, ctx.obj, ctx.params, n) == ("show", "object", {"n": 3}, 3)


@pytest.mark.parametrize("bind", CONTEXTS)
def test_a_context_is_no_option_and_is_not_saved(bind: Callable[..., None], binder: clickbind.Binder) -> None:
    bind(binder)
    for line in ("--help", "show --help", "help show", "--print-schema"):
        result = invoke(binder, line)
        assert result.exit_code == 0
        assert "ctx" not in result.output
    assert saved(binder, "show").keys() == {"show.n"}
    assert error(binder, "show --ctx 3") == "No such option '--ctx'."
    assert invoke(binder, "--debug show").output == "run(\n  stages : list = ['show']\n)\nshow(\n  n : int = 1\n)\n"


def test_the_current_context_in_a_stage_is_that_of_its_turn(binder: clickbind.Binder) -> None:
    found = []

    @binder.stage
    @click.pass_context
    def show(ctx: click.Context, n: int = 1) -> None:
        found.append((ctx is click.get_current_context(), ctx.params["n"], ctx.find_root().command.name))

    call(binder, "run show --n 3 show --n 4")
    call(binder, "")
    assert found == [(True, 3, "prog"), (True, 4, "prog"), (True, 1, "prog")]


@pytest.mark.parametrize("line", ["run one two three", "", "--run.stages 'one two three'"])
def test_every_stage_of_a_chain_gets_the_object(line: str, binder: clickbind.Binder) -> None:
    @binder.stage
    @click.pass_obj
    def one(obj: Any) -> Any:
        return obj

    @binder.stage
    @pass_repo
    def two(repo: Repo) -> Any:
        return repo

    @binder.stage
    def three(ctx: click.Context) -> Any:
        return ctx.obj

    repo = Repo()
    main = binder.command()
    words = ["--run.stages", "one two three"] if "'" in line else line.split()
    assert main(words, standalone_mode=False, obj=repo) == [repo] * 3


def test_the_object_is_what_an_outer_group_or_an_option_of_the_root_sets(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.pass_obj
    def show(obj: Any) -> Any:
        return obj

    @click.group()
    @click.pass_context
    def outer(ctx: click.Context) -> None:
        ctx.obj = "outer"

    main = binder.command()
    outer.add_command(main)
    assert outer(["prog", "run", "show", "show"], standalone_mode=False) == ["outer", "outer"]

    @click.pass_context
    def kept(ctx: click.Context, _: click.Parameter, value: str) -> None:
        ctx.obj = value

    main.params.append(click.Option(["--who"], callback=lambda *given: kept(*given[1:]), expose_value=False))
    assert main(["--who", "me", "run", "show", "show"], standalone_mode=False) == ["me", "me"]


def test_a_pass_decorator_makes_the_object_if_it_is_asked_to(binder: clickbind.Binder) -> None:
    @binder.stage
    @ensure_repo
    def show(repo: Repo, n: int = 1) -> Any:
        return repo.home, n

    assert call(binder, "show --n 2") == ("home", 2)


def test_several_pass_decorators_pass_several_arguments(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.pass_context
    @click.pass_obj
    @click.decorators.pass_meta_key("key")
    def show(key: Any, obj: Any, ctx: click.Context, n: int = 1) -> Any:
        return key, obj, ctx.obj, n

    main = binder.command()
    ctx = main.make_context("prog", ["show", "--n", "2"], obj="object")
    ctx.meta["key"] = "meta"
    with ctx:
        assert main.invoke(ctx) == ("meta", "object", "object", 2)


def pass_home(function: Callable[..., Any]) -> Any:
    """Pass the home of the repository, written as in Click's documentation."""

    @click.pass_context
    def new(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        return ctx.invoke(function, ctx.obj.home, *args, **kwargs)

    return functools.update_wrapper(new, function)


def logged(function: Callable[..., Any]) -> Any:
    """Use the context, and keep it."""

    @click.pass_context
    def new(ctx: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        return ctx.info_name, ctx.invoke(function, *args, **kwargs)

    return functools.update_wrapper(new, function)


def test_a_decorator_that_is_made_of_clicks_passes_what_it_likes(binder: clickbind.Binder) -> None:
    @binder.stage
    @pass_home
    def homely(home, n: int = 1) -> Any:  # type: ignore[no-untyped-def]
        return home, n

    @binder.stage
    @logged
    def plain(n: int, name: str = "x") -> Any:
        return n, name

    assert call(binder, "homely --n 3", obj=Repo("there")) == ("there", 3)
    assert call(binder, "plain --n 3") == ("plain", (3, "x"))


def test_a_decorator_between_is_no_obstacle(binder: clickbind.Binder) -> None:
    def doubled(function: Callable[..., int]) -> Callable[..., int]:
        @functools.wraps(function)
        def double(*args: Any, **kwargs: Any) -> int:
            return 2 * function(*args, **kwargs)

        return double

    @binder.stage
    @doubled
    @click.pass_context
    @doubled
    def show(ctx: click.Context, n: int = 1) -> int:
        return n if ctx else 0

    assert call(binder, "show --n 3") == 12


def test_a_function_that_takes_any_arguments_gets_the_context(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.pass_context
    def show(*args: Any, n: int = 1) -> Any:
        return [type(item).__name__ for item in args], n

    assert call(binder, "show --n 3") == (["StageContext"], 3)


def test_bound_functions_get_the_context_of_the_turn_and_contexts_that_of_the_program(binder: clickbind.Binder) -> None:
    seen: list[Any] = []

    @binder.context
    @click.pass_context
    def around(ctx: click.Context, folder: str = ".") -> Iterator[None]:
        seen.append((ctx.command.name, folder))
        yield

    @binder.context
    def within(ctx: click.Context) -> Iterator[None]:
        seen.append(ctx.command.name)
        yield

    @binder.bind
    @click.pass_obj
    def data(obj: Any, size: int = 1) -> Any:
        return obj, size

    @binder.bind
    def model(ctx: click.Context, size: int = 1) -> Any:
        return ctx.info_name, size

    @binder.bind
    class Optim:
        def __init__(self, ctx: click.Context, lr: float = 0.5) -> None:
            self.found = (ctx.info_name, lr)

    @binder.stage
    def show() -> Any:
        return data(), data(7), model(), model(size=8), Optim().found  # type: ignore[call-arg]  # they are passed

    found = call(binder, "show --data.size 3 --model.size 4 --Optim.lr 2 --around.folder x", obj="object")
    assert found == (("object", 3), ("object", 7), ("show", 4), ("show", 8), ("show", 2.0))
    assert seen == [("prog", "x"), "prog"]


def test_outside_of_a_run_a_function_is_as_click_decorated_it(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.option("--n", default=3)
    @click.pass_context
    def show(ctx: click.Context, n: int) -> Any:
        return ctx.info_name, n

    @binder.bind
    def model(ctx: Optional[click.Context] = None, size: int = 1) -> Any:  # noqa: UP045 - as others write it
        return ctx, size

    @binder.bind
    def needy(ctx: click.Context, size: int = 1) -> Any:
        return ctx, size

    with pytest.raises(RuntimeError, match="There is no active click context"):
        show(n=3)
    with click.Context(click.Command("other"), info_name="other"):
        assert show(n=3) == ("other", 3)
    assert model() == (None, 1)
    assert needy("mine") == ("mine", 1)  # type: ignore[arg-type]  # any object will do
    with binder.scope({"model.size": 4, "needy.size": 4}):
        assert model() == (None, 4)
        assert needy("mine") == ("mine", 4)  # type: ignore[arg-type]  # any object will do
        with pytest.raises(RuntimeError, match="There is no active click context"):
            needy()  # type: ignore[call-arg]  # the context is passed


def test_an_async_stage_gets_the_context(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.pass_context
    async def show(ctx: click.Context, n: int = 1) -> Any:
        await asyncio.sleep(0)
        return ctx.info_name, click.get_current_context() is ctx, n

    assert call(binder, "show --n 2") == ("show", True, 2)


def test_a_stage_may_end_by_the_context(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.pass_context
    def fails(ctx: click.Context) -> None:
        ctx.fail("no")

    @binder.stage
    @click.pass_context
    def exits(ctx: click.Context) -> None:
        ctx.exit(3)

    assert error(binder, "fails") == "no"
    assert invoke(binder, "run exits fails").exit_code == 3


def test_a_generator_behind_a_pass_decorator_is_no_stage(binder: clickbind.Binder) -> None:
    with pytest.raises(BindError, match="generator function"):

        @binder.stage
        @click.pass_context
        def show(ctx: click.Context) -> Iterator[None]:
            yield


def test_a_stage_with_a_context_may_be_defined_again(binder: clickbind.Binder) -> None:
    with_context(binder)
    with_context(binder)
    assert call(binder, "show")[1] == 1


# --- options


class Color(enum.Enum):
    RED = 1
    BLUE = 2


@pytest.fixture
def shop(binder: clickbind.Binder) -> clickbind.Binder:
    """Return a program with a stage that has options of many kinds."""

    @binder.stage
    @click.option("--count", "-c", type=int, default="5", show_default=True, help="How many.")
    @click.option("--name", default="bob", callback=lambda ctx, param, value: value.upper())
    @click.option("--color", type=click.Choice(Color), default="RED")
    @click.option("-v", "verbose", count=True)
    @click.option("--fast/--slow", default=None)
    @click.option("--upper", "case", flag_value="upper")
    @click.option("--lower", "case", flag_value="lower")
    @click.option("--point", type=(int, float), default=(1, 2.5))
    @click.option("--pair", nargs=2, type=int)
    @click.option("--tag", multiple=True)
    @click.option("--out", type=click.Path(path_type=Path))
    @click.option("--when", type=click.DateTime(["%d.%m.%Y", "%d.%m.%Y %H:%M"]))
    def buy(lr: float = 0.5, **given: Any) -> Any:
        """Buy.

        Parameters
        ----------
        lr : float
            The rate.
        name : str
            Who buys.
        """
        return {"lr": lr, **given}

    @binder.stage
    def look(at: str = "it") -> str:
        return at

    return binder


DEFAULTS = {
    "lr": 0.5,
    "count": 5,
    "name": "BOB",
    "color": Color.RED,
    "verbose": 0,
    "fast": None,
    "case": None,
    "point": (1, 2.5),
    "pair": None,
    "tag": (),
    "out": None,
    "when": None,
}


@pytest.mark.parametrize("line", ["buy", "", "run buy look"])
def test_options_have_their_defaults(line: str, shop: clickbind.Binder) -> None:
    found = call(shop, line)
    assert (found[0] if isinstance(found, list) else found) == DEFAULTS


GIVEN = [
    ("--count 7", "--buy.count 7", "count", 7, "7"),
    ("-c 7", "--buy.count 7", "count", 7, "7"),
    ("--name ann", "--buy.name ann", "name", "ANN", "ann"),
    ("--color BLUE", "--buy.color BLUE", "color", Color.BLUE, "BLUE"),
    ("-vvv", "--buy.verbose 3", "verbose", 3, "3"),
    ("--fast", "--buy.fast", "fast", True, "true"),
    ("--slow", "--no-buy.fast", "fast", False, "false"),
    ("--lower", "--buy.case lower", "case", "lower", "lower"),
    ("--point 3 4", "--buy.point=3\x204", "point", (3, 4.0), None),
    ("--pair 3 4", "--buy.pair=3\x204", "pair", (3, 4), None),
    ("--tag a --tag b", "--buy.tag=a\x20b", "tag", ("a", "b"), None),
    ("--out x/y", "--buy.out x/y", "out", Path("x/y"), "x/y"),
]


@pytest.mark.parametrize(("own", "dotted", "name", "value", "text"), GIVEN)
def test_options_are_clicks_after_the_stage_and_have_a_key(  # noqa: PLR0917 - the table's columns and two fixtures
    own: str, dotted: str, name: str, value: Any, text: str | None, shop: clickbind.Binder, tmp_path: Path
) -> None:
    expected = {**DEFAULTS, name: value}
    words = dotted.split(" ", 1) if "=" not in dotted else [dotted]
    main = shop.command()
    assert main(["buy", *own.split()], standalone_mode=False) == expected
    assert main([*words, "buy"], standalone_mode=False) == expected
    assert main(["run", "buy", *own.split(), "look"], standalone_mode=False) == [expected, "it"]
    assert main(words, standalone_mode=False) == [expected, "it"]
    file = tmp_path / "run.yml"
    assert main(["--save", str(file), "buy", *own.split()], standalone_mode=False) == expected
    assert main(["--config", str(file)], standalone_mode=False) == [expected]
    assert text is None or f"buy.{name}: {text}\n" in file.read_text()
    again = tmp_path / "again.yml"
    main(["--config", str(file), "--save", str(again)], standalone_mode=False)
    assert again.read_text() == file.read_text()


def test_a_date_is_saved_in_a_format_of_its_type(shop: clickbind.Binder, tmp_path: Path) -> None:
    main = shop.command()
    for text in ("01.02.2024", "01.02.2024 10:30"):
        found = main(["--save", str(tmp_path / "x.yml"), "buy", "--when", text], standalone_mode=False)
        assert f"buy.when: '{text}'\n" in (tmp_path / "x.yml").read_text().replace(f": {text}", f": '{text}'")
        assert main(["--config", str(tmp_path / "x.yml")], standalone_mode=False) == [found]


def test_values_of_two_turns_are_saved_with_their_turns(shop: clickbind.Binder, tmp_path: Path) -> None:
    main = shop.command()
    line = ["--save", str(tmp_path / "x.yml"), "run", "buy", "-c", "3", "buy", "--name", "ann"]
    found = main(line, standalone_mode=False)
    assert [(one["count"], one["name"]) for one in found] == [(3, "BOB"), (5, "ANN")]
    assert "- buy:\n    count: 3\n- buy:\n    name: ann\n" in (tmp_path / "x.yml").read_text()
    assert main(["--config", str(tmp_path / "x.yml")], standalone_mode=False) == found


def test_the_help_of_a_stage_has_its_options_as_click_writes_them(shop: clickbind.Binder) -> None:
    text = invoke(shop, "buy --help").output
    assert "-c, --count INTEGER" in text
    assert "How many.  [default: 5]" in text
    assert "--fast / --slow" in text
    assert "Who buys." in text
    assert "--lr FLOAT" in text
    root = invoke(shop, "--help").output
    assert "--buy.count INTEGER" in root
    assert "--buy.fast / --no-buy.fast" in root


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("buy --count x", "Invalid value for '--count' / '-c': 'x' is not a valid integer."),
        ("--buy.count x buy", "Invalid value for '--buy.count': 'x' is not a valid integer."),
        ("buy --color green", "Invalid value for '--color': 'green' is not one of 'RED', 'BLUE'."),
        ("buy --pair 3", "Option '--pair' requires 2 arguments."),
        ("buy --cuont 3", "No such option '--cuont'. Did you mean '--count'?"),
    ],
)
def test_errors_are_clicks(line: str, message: str, shop: clickbind.Binder) -> None:
    assert error(shop, line) == message


def test_a_value_in_a_file_is_checked_by_clicks_type(shop: clickbind.Binder, tmp_path: Path) -> None:
    file = tmp_path / "f.yml"
    file.write_text("buy.count: x\nbuy.color: green\nbuy.tag: [1, b]\n", encoding="utf-8")
    message = error(shop, f"--config {file} look")
    assert f"{file}:1:12: buy.count: 'x' is not a valid integer." in message
    assert f"{file}:2:12: buy.color: 'green' is not one of 'RED', 'BLUE'." in message


def test_values_of_files_go_through_callbacks_too(shop: clickbind.Binder, tmp_path: Path) -> None:
    file = tmp_path / "f.yml"
    file.write_text("buy.name: eve\nbuy.tag: [x, y]\nbuy.verbose: 2\n", encoding="utf-8")
    found = call(shop, f"--config {file} buy")
    assert found == {**DEFAULTS, "name": "EVE", "tag": ("x", "y"), "verbose": 2}
    assert call(shop, f"--config {file} buy --name joe")["name"] == "JOE"
    assert call(shop, f"--config {file} --buy.name zoe buy")["name"] == "ZOE"


def test_the_own_option_wins_over_the_dotted_one(shop: clickbind.Binder) -> None:
    result = invoke(shop, "--buy.count 3 buy --count 4")
    assert "Warning: '--buy.count 3' has no effect, since '--count 4' is given too." in result.output
    assert call(shop, "--buy.count 3 buy --count 4")["count"] == 4


def test_variables_of_an_option_and_of_the_prefix(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    binder = clickbind.Binder("prog", envvar_prefix="PROG")

    @binder.stage
    @click.option("--level", type=int, envvar="LEVEL", default=1)
    @click.option("--paths", type=click.Path(), multiple=True, envvar=["PATHS", "OTHERS"])
    def show(level: int, paths: tuple[str, ...]) -> Any:
        return level, paths

    main = binder.command()
    monkeypatch.setenv("PROG_SHOW_LEVEL", "2")
    assert main(["show"], standalone_mode=False) == (2, ())
    monkeypatch.setenv("LEVEL", "3")
    monkeypatch.setenv("OTHERS", "a")
    file = tmp_path / "x.yml"
    assert main(["--save", str(file), "show"], standalone_mode=False) == (3, ("a",))
    assert main(["--show.level", "4", "show"], standalone_mode=False) == (4, ("a",))
    assert main(["show", "--level", "5"], standalone_mode=False) == (5, ("a",))
    for name in ("LEVEL", "OTHERS", "PROG_SHOW_LEVEL"):
        monkeypatch.delenv(name)
    assert main(["--config", str(file)], standalone_mode=False) == [(3, ("a",))]
    assert invoke(binder, "show", auto_envvar_prefix="AUTO", env={"AUTO_SHOW_LEVEL": "x"}).exit_code == 2
    result = invoke(binder, "--print-config show", auto_envvar_prefix="AUTO", env={"AUTO_SHOW_LEVEL": "8"})
    assert "show.level: 8" in result.output


def test_the_source_of_a_value_is_clicks(binder: clickbind.Binder, tmp_path: Path) -> None:
    @binder.stage
    @click.option("--n", type=int, default=1)
    @click.pass_context
    def show(ctx: click.Context, n: int) -> Any:
        return ctx.get_parameter_source("n"), n

    (tmp_path / "f.yml").write_text("show.n: 4", encoding="utf-8")
    assert call(binder, "show") == (ParameterSource.DEFAULT, 1)
    assert call(binder, "show --n 2") == (ParameterSource.COMMANDLINE, 2)
    assert call(binder, "--show.n 3 show") == (ParameterSource.COMMANDLINE, 3)
    assert call(binder, f"--config {tmp_path / 'f.yml'} show") == (ParameterSource.DEFAULT_MAP, 4)


def test_the_default_of_the_signature_counts_if_the_option_has_none(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.option("--n", type=int)
    @click.option("--m", type=int, default=2)
    def show(n: int = 7, m: int = 8) -> Any:
        return n, m

    assert call(binder, "show") == (7, 2)
    assert saved(binder, "show") == {"show.n": "7  # default", "show.m": "2  # default"}


def test_a_default_that_is_a_function_is_called_and_its_value_saved(binder: clickbind.Binder) -> None:
    values = iter(range(9))

    @binder.stage
    @click.option("--n", type=int, default=lambda: next(values))
    def show(n: int) -> int:
        return n

    assert [call(binder, "show"), call(binder, "show")] == [0, 1]
    assert saved(binder, "show")["show.n"] == "2  # default"


@pytest.mark.parametrize("line", ["show", "", "run show"])
def test_a_prompt_asks_and_its_answer_is_saved(line: str, binder: clickbind.Binder, tmp_path: Path) -> None:
    @binder.stage
    @click.option("--who", prompt=True)
    def show(who: str) -> None:
        click.echo(f"{who}!")

    file = tmp_path / "x.yml"
    assert invoke(binder, f"--save {file} {line}", input="ann\n").output == "Who: ann\nann!\n"
    assert "show.who: ann\n" in file.read_text()
    assert invoke(binder, f"--config {file}").output == "ann!\n"
    assert invoke(binder, "--show.who bob show").output == "bob!\n"


def test_a_run_that_is_shown_asks_nobody_and_runs_no_callback_without_a_value(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.option("--who", prompt=True)
    @click.option("--must", required=True, type=int)
    @click.confirmation_option()
    @click.argument("src")
    def show(who: str, must: int, src: str) -> None:
        click.echo("ran")

    assert saved(binder, "show") == dict.fromkeys(("show.who", "show.must", "show.src"), "(required)")
    assert saved(binder, "show --who me --must 3 x --yes") == {
        "show.who": "me  # --who",
        "show.must": "3  # --must",
        "show.src": "x  # SRC",
    }


def test_a_password_is_a_secret(binder: clickbind.Binder, tmp_path: Path) -> None:
    @binder.stage
    @click.password_option()
    @click.option("--n", type=int)
    def login(password: str, n: int) -> None:
        click.echo(len(password))

    file = tmp_path / "x.yml"
    assert invoke(binder, f"--save {file} --debug login", input="hunter2\nhunter2\n").output.endswith("7\n")
    assert "hunter2" not in file.read_text()
    for line in (
        "--debug login --password hunter2",
        "--print-config login --password hunter2",
        "login --n hunter2 --password hunter2",
    ):
        assert "hunter2" not in invoke(binder, line).output


def test_a_confirmation_asks_before_anything_happens(binder: clickbind.Binder) -> None:
    @binder.context
    def around() -> Iterator[None]:
        click.echo("around")
        yield

    @binder.stage
    @click.confirmation_option(prompt="Sure?")
    def drop() -> None:
        click.echo("dropped")

    assert invoke(binder, "drop", input="n\n").output == "Sure? [y/N]: n\nAborted!\n"
    assert invoke(binder, "drop --yes").output == "around\ndropped\n"
    assert invoke(binder, "run drop", input="y\n").output == "Sure? [y/N]: y\naround\ndropped\n"
    assert saved(binder, "drop") == {}
    assert error(binder, "--drop.yes drop").startswith("No such option '--drop.yes'.")


def test_options_that_only_have_a_callback_work(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.version_option("9.9")
    @click.help_option("--hilfe")
    def show() -> None:
        click.echo("ran")

    assert invoke(binder, "show --version").output == "prog, version 9.9\n"
    assert invoke(binder, "show --hilfe").output.startswith("Usage: prog show [OPTIONS]")
    assert invoke(binder, "show").output == "ran\n"


class Loud(click.Option):
    """An option of a class of its own."""

    def type_cast_value(self, ctx: click.Context, value: Any) -> Any:
        found = super().type_cast_value(ctx, value)
        return found and f"{found}!"


def test_an_option_of_a_class_of_its_own_stays_one(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.option("--word", cls=Loud)
    def show(word: str) -> str:
        return word

    assert call(binder, "show --word ho") == "ho!"
    (option,) = binder.command().commands["show"].params
    assert isinstance(option, Loud)
    assert type(option).__name__ == "Loud"


class Pair(click.ParamType):  # type: ignore[type-arg]  # generic from Click 8.5 on
    """Two words with a colon between."""

    name = "pair"

    def convert(self, value: Any, param: Any, ctx: Any) -> Any:
        return value if isinstance(value, list) else value.split(":")


def test_values_of_other_types_are_saved_if_they_can_be_read_again(binder: clickbind.Binder, tmp_path: Path) -> None:
    @binder.stage
    @click.option("--pair", type=Pair(), default="a:b")
    @click.option("--choice", type=click.Choice(["a", "b"]), default="a")
    @click.option("--number", type=click.Choice([1, 2]), default=1)
    @click.option("--id", "key", type=click.UUID)
    def show(pair: Any, choice: str, number: int, key: Any) -> Any:
        return pair, choice, number, str(key)

    file = tmp_path / "x.yml"
    key = "12345678123456781234567812345678"
    found = call(binder, f"--save {file} show --choice b --number 2 --id {key}")
    assert found == (["a", "b"], "b", 2, "12345678-1234-5678-1234-567812345678")
    assert "show.choice: b\n" in file.read_text()
    assert call(binder, f"--config {file}") == [found]
    assert "so the run is not saved" in error(binder, f"--save {file} show --pair c:d")


def test_a_file_is_opened_by_click_and_saved_by_its_name(
    binder: clickbind.Binder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @binder.stage
    @click.option("--text", type=click.File())
    def show(text: Any) -> Any:
        return text.read()

    monkeypatch.chdir(tmp_path)
    Path("in.txt").write_text("hello", encoding="utf-8")
    assert call(binder, "--save x.yml show --text in.txt") == "hello"
    assert "show.text: in.txt\n" in Path("x.yml").read_text()
    assert call(binder, "--config x.yml") == ["hello"]
    assert saved(binder, "show --text -", input="hello") == {"show.text": "'-'  # --text"}


def test_a_context_may_lay_values_over_those_of_an_option(binder: clickbind.Binder) -> None:
    @binder.context
    def around() -> Iterator[None]:
        with binder.scope({"show.n": 9}):
            yield

    @binder.stage
    @click.option("--n", type=int, default=1)
    @click.option("--m", type=int, default=1)
    def show(n: int, m: int) -> Any:
        return n, m

    assert call(binder, "show --n 2 --m 3") == (9, 3)


def test_a_call_from_another_stage_gets_the_values_that_were_set(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.option("--n", type=int, default=1)
    def show(n: int) -> int:
        return n

    @binder.stage(default=False)
    def outer() -> Any:
        return show(), show(n=7)  # type: ignore[call-arg]  # filled in

    assert call(binder, "--show.n 3 outer") == (3, 7)


@pytest.mark.parametrize(
    ("option", "words", "value"),
    [
        (click.option("--x", is_flag=False, flag_value="used", default="y"), ["--x"], "used"),
        (click.option("--x", is_flag=True, multiple=True), ["--x", "--x"], (True, True)),
        (
            click.option("--x", type=(int, str), multiple=True),
            ["--x", "1", "a b", "--x", "2", "c"],
            ((1, "a b"), (2, "c")),
        ),
        (click.option("--x", type=click.Choice(Color), multiple=True), ["--x", "RED"], (Color.RED,)),
        (click.option("--x", type=int, default="wrong"), ["--x", "3"], 3),
        (click.option("--x", type=click.Path(), nargs=2), ["--x", "a", "b"], ("a", "b")),
        (click.option("--x", flag_value=True, default=False), ["--x"], True),
        (click.option("--x", flag_value="a", default=True), [], "a"),
        (click.option("--x", type=click.BOOL), ["--x", "yes"], True),
        (click.option("--x", type=click.FLOAT), ["--x", "1e3"], 1000.0),
    ],
)
def test_options_of_all_kinds_are_saved_and_replayed(
    option: Any, words: list[str], value: Any, binder: clickbind.Binder, tmp_path: Path
) -> None:
    binder.stage(option(lambda x: x), name="show")
    main = binder.command()
    file = tmp_path / "x.yml"
    assert main(["--save", str(file), "show", *words], standalone_mode=False) == value
    assert main(["--config", str(file)], standalone_mode=False) == [value]
    assert json.dumps(main.to_info_dict(click.Context(main)))


def test_tools_see_the_options_of_clicks_decorators(shop: clickbind.Binder) -> None:
    main = shop.command()
    count = main.commands["buy"].params[0]
    assert (count.opts, count.type, count.default) == (["--count", "-c"], click.INT, "5")
    assert count.help == "How many."
    count.help = "Other."
    assert count.help == "Other."
    json.dumps(main.to_info_dict(click.Context(main)))


def test_the_info_dict_says_that_a_default_is_dynamic(binder: clickbind.Binder) -> None:
    binder.stage(click.option("--x", default=lambda: 3)(lambda x: x), name="show")
    (param,) = binder.command().commands["show"].params
    assert param.to_info_dict()["default"] == "(dynamic)"


def test_a_context_of_plain_click_parses_a_stages_options(binder: clickbind.Binder) -> None:
    binder.stage(click.option("--x", required=True)(lambda x: x), name="show")
    (param,) = binder.command().commands["show"].params
    ctx = click.Context(click.Command("other"))
    assert param.handle_parse_result(ctx, {"x": "3"}, []) == ("3", [])
    with pytest.raises(click.MissingParameter, match="Missing parameter: x"):
        param.handle_parse_result(ctx, {}, [])


UNSEEN = """
from __future__ import annotations
from typing import TYPE_CHECKING
import clickbind
if TYPE_CHECKING:
    import click
    from other import Context
binder = clickbind.Binder("prog")
@binder.stage
def show(ctx: click.Context, n: int = 1): return ctx.info_name, n
@binder.stage
def more(n: int = 1, ctx: click.Context | None = None): return ctx.info_name, n
@binder.stage(default=False)
def other(n: int = 1, ctx: Context | None = None): return ctx, n
"""


def test_an_annotation_for_type_checkers_only_is_a_context_too() -> None:
    names: dict[str, Any] = {"__name__": "unseen"}
    exec(UNSEEN, names)
    assert call(names["binder"], "run show --n 2 more --n 3 other") == [("show", 2), ("more", 3), (None, 1)]


def test_options_above_the_decorator_of_the_binder_count_too(binder: clickbind.Binder) -> None:
    @click.option("--n", type=int, default=4)
    @binder.stage
    def show(n: int) -> int:
        return n

    assert call(binder, "show") == 4
    assert call(binder, "show --n 5") == 5


def test_an_option_without_a_parameter_is_an_error(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.option("--other")
    def show(n: int = 1) -> None:
        pass

    with pytest.raises(BindError, match=r"show \(.*\) has no parameter 'other', which '--other' of click.option sets"):
        call(binder, "show")


@pytest.mark.parametrize("role", ["bind", "context"])
def test_only_a_stage_can_have_clicks_options(role: str, binder: clickbind.Binder) -> None:
    def data(n: int = 1) -> Iterator[None]:
        yield

    with pytest.raises(
        BindError, match=rf"'data' has options of Click's decorators, .* since '{role}' makes no command"
    ):
        getattr(binder, role)(click.option("--n")(data))


def test_a_stage_with_clicks_options_may_be_bound_again(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.option("--n", type=int, default=4)
    def show(n: int) -> int:
        return n

    again = binder.bind(show, "scope")
    assert call(binder, "show --n 5") == 5
    assert again is not None


def test_a_click_command_is_no_stage(binder: clickbind.Binder) -> None:
    with pytest.raises(BindError, match=r"<Command show> is a Click command, not a function: add it .* add_command"):

        @binder.stage
        @click.command()
        def show() -> None:
            pass


# --- arguments


@pytest.fixture
def copier(binder: clickbind.Binder) -> clickbind.Binder:
    """Return a program with arguments."""

    @binder.stage
    @click.argument("src")
    @click.argument("level", type=int, default=1)
    @click.option("--force", is_flag=True)
    def copy(src: str, level: int, force: bool, n: int = 1) -> Any:
        return src, level, force, n

    @binder.stage
    @click.argument("files", nargs=-1)
    @click.option("--force", is_flag=True)
    def pack(files: tuple[str, ...], force: bool) -> Any:
        return files, force

    @binder.stage
    def look(at: str = "it") -> str:
        return at

    return binder


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("copy a", ("a", 1, False, 1)),
        ("copy a 2 --force", ("a", 2, True, 1)),
        ("copy --force a --n 3 2", ("a", 2, True, 3)),
        ("--copy.src b copy", ("b", 1, False, 1)),
        ("--copy.level 4 copy a", ("a", 4, False, 1)),
        ("--copy.level 4 copy a 5", ("a", 5, False, 1)),
        ("copy -- -a", ("-a", 1, False, 1)),
        ("run copy a 2 --force look", [("a", 2, True, 1), "it"]),
        ("run copy --force a 2 look --at me", [("a", 2, True, 1), "me"]),
        ("run copy a 2 copy b 3", [("a", 2, False, 1), ("b", 3, False, 1)]),
        ("run look pack a --force b", ["it", (("a", "b"), True)]),
        ("run pack -- look", [(("look",), False)]),
        ("run look pack", ["it", ((), False)]),
        ("pack", ((), False)),
        ("--pack.files=a\x20b pack", (("a", "b"), False)),
        ("run --copy.src b copy --force", [("b", 1, True, 1)]),
    ],
)
def test_arguments_are_clicks_after_the_stage_and_have_a_key(line: str, found: Any, copier: clickbind.Binder) -> None:
    words = ["--pack.files=a b", "pack"] if "=" in line else line.split()
    assert copier.command()(words, standalone_mode=False) == found


def test_arguments_are_saved_and_replayed(copier: clickbind.Binder, tmp_path: Path) -> None:
    main = copier.command()
    file = tmp_path / "x.yml"
    for words in (["copy", "a", "2"], ["run", "copy", "a", "2", "copy", "b", "3"], ["pack", "a", "b"]):
        found = main(["--save", str(file), *words], standalone_mode=False)
        assert main(["--config", str(file)], standalone_mode=False) == (found if words[0] == "run" else [found])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("copy", "Missing argument 'SRC'."),
        ("run copy", "Missing argument 'SRC'."),
        ("", "Missing option '--copy.src'."),
        ("copy a x", "Invalid value for '[LEVEL]': 'x' is not a valid integer."),
        ("copy a 1 b", "Got unexpected extra argument (b)."),
        (
            "run pack a look",
            "'pack' takes all words that follow, and 'look' is a stage: put 'pack' last, or write '--' before it.",
        ),
        ("run copy a look", "Invalid value for '[LEVEL]': 'look' is not a valid integer."),
        ("run copy a 1 --frce look", "No such option '--frce'. Did you mean '--force'?"),
    ],
)
def test_errors_name_arguments(line: str, message: str, copier: clickbind.Binder) -> None:
    assert error(copier, line) == message


def test_all_missing_values_are_reported_together(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.argument("src")
    @click.option("--must", required=True, type=int)
    @click.option("--own", required=True, expose_value=False)
    def show(src: str, must: int, data: str) -> None:
        pass

    everything = "'SRC', '--must INTEGER', '--own TEXT' and '--data TEXT'"
    assert error(binder, "show") == f"Missing options {everything}."
    dotted = "'--show.src TEXT', '--show.must INTEGER', '--own TEXT' and '--show.data TEXT'"
    assert error(binder, "run show") == f"Missing options {dotted}."


def test_a_stage_with_options_can_be_pickled(tmp_path: Path) -> None:
    (tmp_path / "mod.py").write_text(
        "import click, clickbind, pickle\n"
        "binder = clickbind.Binder('prog')\n"
        "@binder.stage\n"
        "@click.option('--n', type=int, default=4)\n"
        "@click.pass_context\n"
        "def show(ctx, n):\n"
        "    return n\n",
        encoding="utf-8",
    )
    code = "import mod, pickle; assert pickle.loads(pickle.dumps(mod.show)) is mod.show; mod.binder.command()(['show'])"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, check=True)


def test_completion_knows_the_options_and_the_values_of_arguments(copier: clickbind.Binder) -> None:
    shell = BashComplete(copier.command(), {}, "prog", "_PROG_COMPLETE")
    assert "--force" in [item.value for item in shell.get_completions(["copy"], "--f")]
    assert "--copy.src" in [item.value for item in shell.get_completions([], "--copy.s")]


def test_values_of_clicks_types_are_completed(binder: clickbind.Binder) -> None:
    @binder.stage
    @click.argument("kind", type=click.Choice(["aa", "ab", "b"]))
    @click.option("--text", type=click.File())
    def show(kind: str, text: Any) -> None:
        pass

    shell = BashComplete(binder.command(), {}, "prog", "_PROG_COMPLETE")
    for words in (["show"], ["run", "show"], ["--show.kind"]):
        assert [item.value for item in shell.get_completions(words, "a")] == ["aa", "ab"]
    assert [item.type for item in shell.get_completions(["--show.text"], "a")] == ["file"]


def test_the_context_manager_behind_a_pass_decorator_is_one(binder: clickbind.Binder) -> None:
    @binder.context
    @click.pass_context
    @contextlib.contextmanager
    def around(ctx: click.Context, folder: str = ".") -> Iterator[None]:
        click.echo(f"{ctx.info_name} in {folder}")
        yield

    binder.stage(lambda: None, name="show")
    assert invoke(binder, "show --around.folder x").output == "prog in x\n"
