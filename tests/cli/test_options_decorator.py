"""`Binder.options` gives a Click command the options of the bound functions, and runs its body in their values."""

from __future__ import annotations

import dataclasses
import shlex
import signal
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from clickbind.journal.records import read
from tests.conftest import HANG, Program, completions


def invoke(command: click.Command, line: str = "", **settings: Any) -> Result:
    """Type a line."""
    return CliRunner().invoke(command, shlex.split(line), prog_name="serve", **settings)


@pytest.fixture
def serve(program: Program) -> click.Command:
    """Return a command with options of its own, whose body calls bound functions."""

    @program.binder.options
    @click.command()
    @click.option("--port", default=80, help="Listen here.")
    @click.option("--debug", "-d", "noisy", is_flag=True, help="Say more.")
    @click.argument("host", default="localhost")
    @click.pass_context
    def serve(ctx: click.Context, port: int, noisy: bool, host: str) -> Any:
        """Serve the model."""
        own = {"port": port, "noisy": noisy, "host": host, "path": ctx.command_path, "parent": ctx.parent}
        program.calls.append(("serve", own))
        return program.train()

    return serve


def test_the_body_runs_inside_of_the_values_and_contexts(program: Program, serve: click.Command) -> None:
    line = "--port 8 --train.epochs 3 here --train/dataset.size 4 -d --output.folder a"
    assert serve(line.split(), "serve", standalone_mode=False) == ("default", "default")
    assert program.ran == ["output", "serve", "train", "left"]
    own = {"port": 8, "noisy": True, "host": "here", "path": "serve", "parent": None}
    assert program.got("serve") == [own]
    assert (program.got("train.epochs"), program.got("dataset.size")) == ([3], [4, 10])
    assert program.got("output.folder") == ["a"]
    program.train(epochs=1)
    assert program.got("dataset.size")[-2:] == [10, 10]  # nothing is left of the run


def test_it_may_be_called_and_is_of_the_same_class(program: Program) -> None:
    class Loud(click.Command):
        """A class of somebody else."""

    @program.binder.options()
    @click.command(cls=Loud, name="x")
    def command() -> None:
        program.train()

    plain = click.Command("plain", params=[click.Option(["--port"])], callback=lambda port: port)
    made = program.binder.options(plain)
    assert isinstance(command, Loud)
    assert type(command).__name__ == "Loud"
    assert (made.name, made.params, made.params is plain.params) == ("plain", plain.params, False)
    assert plain(["--port", "3"], standalone_mode=False) == "3"
    assert invoke(plain, "--train.epochs 3").exit_code == 2


def test_what_is_no_command_is_refused(program: Program) -> None:
    def function() -> None: ...

    for wrong, message in (
        (function, "is not a Click command: write @binder.options above @click.command()."),
        (click.Group("tools"), "'tools' is a group"),
        (
            program.main.get_command(click.Context(program.main), "train"),
            "'train' has the options of a binder already.",
        ),
        (program.binder.options(click.Command("again")), "'again' has the options of a binder already."),
    ):
        with pytest.raises(clickbind.BindError, match=message):
            program.binder.options(wrong)  # type: ignore[type-var]  # what the test is about


HELP = """\
Usage: serve [OPTIONS] [HOST]

  Serve the model.

Options:
  --port INTEGER    Listen here.
  -d, --debug       Say more.
  --config FILE     Read values from a YAML file, or standard input if it is -.
                    Of several files, the last one wins.
  --var NAME=VALUE  Set a variable of the config files.
  --save FILE       Write every value of the run to a YAML file before it
                    starts. - is standard output.
  --print-config    Print the run as YAML with origins, and run nothing.
  --print-changed   Print only the values that differ from the defaults.
  --diff FILE       Show how the run differs from a file, and run nothing.
  --print-schema    Print a JSON Schema of config files, for editors.
  --into FOLDER     Record the run in a folder.
  --help            Show this message and exit.

output:
  Keeps what is made.

  --output.folder TEXT  [default: out]

dataset:
  Reads data.
  Scopes: train, val, as in --train/dataset.folder.
"""


def test_help_has_a_section_for_each_function(serve: click.Command) -> None:
    output = invoke(serve, "--help", terminal_width=80).output
    if "Arguments:" not in output:  # Click 8.5 lists them
        assert output.startswith(HELP)
    assert "--train.epochs INTEGER" in output
    assert "--run.stages" not in output
    assert "\nrun:\n" not in output


def test_help_shows_what_files_set_and_marks_nothing_of_stages_as_required(program: Program) -> None:
    program.binder.stage(lambda source: None, name="fetch")

    @program.binder.stage
    def load(path: str) -> None: ...

    command = program.binder.options(click.Command("serve", callback=lambda: None, add_help_option=True))
    Path("a.yml").write_text("train.epochs: 7")
    output = invoke(command, "--config a.yml --help").output
    assert "[default: 7]" in output
    assert "required" not in output
    assert invoke(command, "--config no.yml --help").exit_code == 0
    assert "(required)" not in invoke(command, "--print-config").output


def test_tools_see_all_options(serve: click.Command) -> None:
    ctx = click.Context(serve, info_name="serve")
    names = [param["name"] for param in serve.to_info_dict(ctx)["params"]]
    assert names[:3] == ["port", "noisy", "host"]
    assert {"config", "save", "train.epochs", "train/dataset.size"} <= set(names)
    assert not {"run.stages", "debug"} & set(names)
    assert "Usage: serve [OPTIONS]" in serve.get_help(ctx)
    silent = clickbind.Binder("x").options(click.Command("silent", add_help_option=False))
    assert "--config" in silent.get_help(click.Context(silent))
    sub = click.Context(click.Command("below"), info_name="below", parent=ctx)
    assert sub.command_path == "serve [HOST] below"


def test_its_own_options_take_precedence(program: Program) -> None:
    @program.binder.options
    @click.command()
    @click.option("--config")
    @click.option("--train-epochs", "--train.epochs", "epochs")
    @click.option("--save/--no-save")
    def command(config: str, epochs: str, save: bool) -> Any:
        return config, epochs, save, program.train()

    line = "--config no.yml --train.epochs x --save"
    assert command(line.split(), standalone_mode=False)[:3] == ("no.yml", "x", True)
    output = invoke(command, "--help").output
    assert output.count("--config") == output.count("--save /") == output.count("--train.epochs") == 1
    assert completions(command, "", "--con") == ["--config"]


def test_a_run_is_saved_and_replayed(program: Program, serve: click.Command) -> None:
    assert invoke(serve, "--train.epochs 3 --val/dataset.size 4 --save run.yml").exit_code == 0
    saved = Path("run.yml").read_text()
    assert "run.stages" not in saved
    assert "train.epochs: 3\n" in saved
    assert "prepare.source: raw\n" in saved
    invoke(serve, "--config run.yml --train.lr 5 --save again.yml")
    assert program.got("train.epochs") == [3, 3]
    assert program.got("dataset.size") == [10, 4, 10, 4]
    assert Path("again.yml").read_text() == saved.replace("train.lr: 0.001", "train.lr: 5.0")
    assert invoke(serve, "--config run.yml --diff run.yml").output == ""
    changed = invoke(serve, "--config run.yml --train.lr 5 --print-changed").output
    assert "train.lr: 5.0  # --train.lr\n" in changed
    assert "run.stages" not in changed
    assert program.ran.count("serve") == 2


def test_the_stages_of_a_file_are_those_of_the_program(program: Program, serve: click.Command) -> None:
    Path("a.yml").write_text("run.stages: [peek]\ntrain.epochs: 3")
    assert invoke(serve, "--config a.yml").exit_code == 0
    assert program.ran == ["output", "serve", "train", "left"]
    assert program.got("train.epochs") == [3]
    assert invoke(serve, "--diff a.yml --train.epochs 3").output == ""


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("--port x", "Invalid value for '--port': 'x' is not a valid integer."),
        ("--train.epochs x", "Invalid value for '--train.epochs': 'x' is not a valid integer."),
        ("--train.epohcs 3", "No such option '--train.epohcs'. Did you mean '--train.epochs'?"),
        ("--epochs 3", "No such option '--epochs'. Did you mean '--train.epochs'?"),
        ("--prot 3", "No such option '--prot'. Did you mean '--port'?"),
        ("--run.stages train", "No such option '--run.stages'."),
        ("--debug train --help=3", "Option '--help' does not take a value."),
        ("--save a --print-config", "'--print-config' and '--save' cannot be used together."),
        ("a b", "Got unexpected extra argument (b)"),
    ],
)
def test_errors_are_those_of_the_program(program: Program, serve: click.Command, line: str, message: str) -> None:
    result = invoke(serve, line)
    assert result.exit_code == 2
    assert message in result.output
    if "does not take a value" not in message:
        assert result.output.startswith("Usage: serve [OPTIONS] [HOST]\nTry 'serve --help' for help.\n")
    assert program.calls == []


def test_nothing_happens_before_the_files_are_checked(program: Program, serve: click.Command) -> None:
    Path("a.yml").write_text("train.epohcs: 3\ntrain.lr: x")
    result = invoke(serve, "--config a.yml --save run.yml")
    assert result.exit_code == 2
    assert "a.yml:1:1" in result.output
    assert "a.yml:2:11" in result.output
    assert program.calls == []
    assert not Path("run.yml").exists()


def test_a_missing_value_of_a_context_is_an_error() -> None:
    binder = clickbind.Binder("prog")

    @binder.context
    def output(folder: str) -> Any:
        yield

    command = binder.options(click.Command("serve", callback=lambda: "done"))
    assert "Missing option '--output.folder'" in invoke(command).output
    assert "# output.folder: (required)" in invoke(command, "--print-config").output
    assert command(["--output.folder", "x"], standalone_mode=False) == "done"


@dataclasses.dataclass(frozen=True)
class Range:
    """A class that refuses some values."""

    low: int = 0
    high: int = 1

    def __post_init__(self) -> None:
        if self.low > self.high:
            raise ValueError("low is above high")


def test_values_with_fields_are_checked_before_the_body_also_those_of_stages() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(size: Range = Range()) -> Range:
        return size

    command = binder.options(click.Command("serve", callback=train))
    assert command(["--train.size.high", "5"], standalone_mode=False) == Range(0, 5)
    result = invoke(command, "--train.size.low 5")
    assert (result.exit_code, "low is above high" in result.output) == (2, True)


def test_the_environment_and_marked_variables_apply(monkeypatch: pytest.MonkeyPatch) -> None:
    binder = clickbind.Binder("prog", envvar_prefix="PROG")

    @binder.stage
    def train(epochs: int = 50, lr: Annotated[float, clickbind.Option(envvar="LEARNING")] = 1e-3) -> tuple[int, float]:
        return epochs, lr

    command = binder.options(click.Command("serve", callback=train))
    monkeypatch.setenv("PROG_TRAIN_EPOCHS", "3")
    monkeypatch.setenv("LEARNING", "4")
    assert command([], standalone_mode=False) == (3, 4.0)
    monkeypatch.setenv("PROG_TRAIN_EPOHCS", "3")
    assert "PROG_TRAIN_EPOHCS" in invoke(command).stderr


def test_debug_prints_the_calls_and_no_stages(program: Program) -> None:
    command = program.binder.options(click.Command("serve", callback=program.train))
    assert invoke(command, "--debug").output.startswith("output(\n  folder : str = out\n)\ntrain(\n")


def test_values_that_no_call_used_are_warned_of(program: Program, serve: click.Command) -> None:
    result = invoke(serve, "--peek.count 3 --train.epochs 4")
    assert result.stderr == "Warning: --peek.count was given, but no call used it.\n"


def test_secrets_are_in_no_error() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def login(token: Annotated[str, clickbind.Option(secret=True)] = "") -> None:
        raise click.UsageError(f"{token} is wrong")

    command = binder.options(
        click.Command("serve", params=[click.Argument(["x"], type=int)], callback=lambda x: login())
    )
    assert "Error: *** is wrong" in invoke(command, "3 --login.token hunter2").output
    assert "hunter2" not in invoke(command, "hunter2 --login.token hunter2").output


def test_it_is_mounted_in_groups_and_chains(program: Program, serve: click.Command) -> None:
    group, chain = click.Group("outer", commands=[serve]), click.Group("outer", chain=True)
    chain.add_command(serve, "a")
    chain.add_command(serve, "b")
    given = {"serve": {"port": 3, "train.epochs": 4, "dataset": {"size": 5}, "config": ["a.yml"]}}
    Path("a.yml").write_text("train.lr: 6")
    assert invoke(group, "serve --dataset.size 7", default_map=given).exit_code == 0
    own = program.got("serve")[0]
    assert (own["port"], own["path"], own["parent"].command) == (3, "serve serve", group)
    assert (program.got("train.epochs"), program.got("train.lr"), program.got("dataset.size")) == ([4], [6.0], [7, 7])
    program.calls.clear()
    assert invoke(chain, "a --train.epochs 3 x b --output.folder o").exit_code == 0
    assert program.ran == ["output", "serve", "train", "left"] * 2
    assert (program.got("train.epochs"), program.got("output.folder")) == ([3, 50], ["out", "o"])
    assert invoke(group, "serve --help").output.startswith("Usage: serve serve [OPTIONS] [HOST]\n")


def test_click_variables_set_all_its_options(
    program: Program, serve: click.Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("a.yml").write_text("train.lr: 6")
    for name, value in {"X_SERVE_PORT": "3", "X_SERVE_CONFIG": "a.yml", "X_SERVE_SAVE": "run.yml"}.items():
        monkeypatch.setenv(name, value)
    assert invoke(click.Group("outer", commands=[serve]), "serve", auto_envvar_prefix="X").exit_code == 0
    assert program.got("serve")[0]["port"] == 3
    assert program.got("train.lr") == [6.0]
    assert Path("run.yml").exists()


def test_values_of_the_root_apply_to_it_when_it_is_a_command_of_the_program(
    program: Program, serve: click.Command
) -> None:
    program.main.add_command(serve)
    given = {"train.epochs": 8, "serve": {"port": 5, "train": {"lr": 9}}}
    assert invoke(program.main, "--dataset.size 3 serve --dataset.folder x", default_map=given).stderr == ""
    assert program.got("dataset") == [{"folder": "x", "size": 3}] * 2
    assert program.got("serve")[0]["path"] == "serve serve"
    assert (program.got("train.epochs"), program.got("train.lr"), program.got("serve")[0]["port"]) == ([8], [9.0], 5)
    assert invoke(program.main, "--dataset.size 3 serve").stderr == ""
    assert invoke(program.main, "serve --print-changed --train.lr 3").output == "train.lr: 3.0  # --train.lr\n"
    assert invoke(program.main, "--print-changed serve").exit_code == 2


def test_it_is_invoked_inside_and_outside_of_a_run(program: Program, serve: click.Command) -> None:
    @click.command()
    @click.pass_context
    def call(ctx: click.Context) -> Any:
        return ctx.invoke(serve, port=3)

    @program.binder.stage
    def outer() -> Any:
        return click.get_current_context().invoke(serve)

    assert call([], standalone_mode=False) == ("default", "default")
    assert program.ran == ["output", "serve", "train", "left"]
    program.calls.clear()
    program.main.add_command(call)
    invoke(program.main, "--train.epochs 4 call")
    invoke(program.main, "outer --train.epochs 5")
    assert program.ran == ["output", "serve", "train", "left"] * 2
    assert program.got("train.epochs") == [4, 5]
    plain = program.binder.options(click.Command("plain", callback=program.train))
    assert plain.callback is not None
    assert plain.callback() == ("default", "default")
    assert program.ran[-3:] == ["output", "train", "left"]
    nothing = program.binder.options(click.Command("nothing"))
    assert nothing.callback is None
    nothing.callback = program.train
    assert run_of(nothing) == ("default", "default")


def run_of(command: click.Command) -> Any:
    """Run a command without a line."""
    return command([], standalone_mode=False)


def test_stages_and_lines_that_the_body_calls_are_in_its_values(program: Program) -> None:
    @program.binder.options
    @click.command()
    @click.pass_context
    def command(ctx: click.Context) -> Any:
        peek = program.main.get_command(ctx, "peek")
        assert peek is not None
        with peek.make_context("peek", [], parent=ctx) as sub:
            return ctx.invoke(peek), peek.invoke(sub)

    assert command(["--peek.count", "3"], standalone_mode=False) == (3, 3)
    assert program.ran == ["output", "peek", "output", "peek", "left", "left"]


def test_resources_of_the_body_end_before_the_contexts(program: Program) -> None:
    @program.binder.options
    @click.command()
    @click.pass_context
    def command(ctx: click.Context) -> None:
        ctx.call_on_close(lambda: program.calls.append(("closed", {})))

    invoke(command)
    assert program.ran == ["output", "closed", "left"]


@pytest.mark.parametrize(
    ("settings", "line", "expected"),
    [
        ({"ignore_unknown_options": True}, "--dataset.size 3 --new -x a --dataset.folder b", ["--new", "-x", "a"]),
        ({"ignore_unknown_options": True}, "-xvy -- --dataset.size", ["-xy", "--dataset.size"]),
        ({"allow_interspersed_args": False}, "--dataset.size 3 a --dataset.folder b", ["a", "--dataset.folder", "b"]),
        (
            {"ignore_unknown_options": True, "allow_interspersed_args": False},
            "--new --dataset.size 3 a -v",
            ["--new", "a", "-v"],
        ),
    ],
)
def test_the_settings_of_its_context_hold(
    program: Program, settings: dict[str, Any], line: str, expected: list[str]
) -> None:
    params = [click.Argument(["words"], nargs=-1, type=click.UNPROCESSED), click.Option(["-v"], is_flag=True)]
    command = click.Command("wrap", params=params, context_settings=settings, callback=lambda words, v: list(words))
    assert program.binder.options(command)(shlex.split(line), standalone_mode=False) == expected
    extra = click.Command("wrap", context_settings={**settings, "allow_extra_args": True}, callback=rest)
    found = program.binder.options(extra)(["--dataset.size", "3", "a"], standalone_mode=False)
    assert found == ["a"]


@click.pass_context
def rest(ctx: click.Context) -> list[str]:
    """Return the extra arguments of a command."""
    return ctx.args


def test_names_are_normalized(program: Program, serve: click.Command) -> None:
    settings = {"token_normalize_func": str.lower, "help_option_names": ["-h", "--help"]}
    assert invoke(serve, "--TRAIN.EPOCHS 3 --Port 4", **settings).exit_code == 0
    assert (program.got("train.epochs"), program.got("serve")[0]["port"]) == ([3], 4)
    assert "-h, --help" in invoke(serve, "-H", **settings).output


@pytest.mark.parametrize(
    ("line", "incomplete", "expected"),
    [
        ("", "--train.e", ["--train.epochs"]),
        ("", "--po", ["--port"]),
        ("", "--deb", ["--debug"]),
        ("--config a.yml", "--co", ["--config"]),
        ("--save a.yml", "--sa", []),
        ("--dataset.size 3", "--dataset.", ["--dataset.folder"]),
        ("", "--run", []),
        ("", "--prepare.sh", ["--prepare.shuffle"]),
        ("--config missing.yml", "--po", ["--port"]),
        ("", "lo", []),
        ("here", "x", []),
        ("--train.epochs", "3", []),
        ("--config", "a.y", ["a.y"]),
    ],
)
def test_a_shell_completes_its_options(
    program: Program, serve: click.Command, line: str, incomplete: str, expected: list[str]
) -> None:
    Path("a.yml").write_text("train.lr: 3")
    assert completions(serve, line, incomplete) == expected
    assert completions(click.Group("outer", commands=[serve]), f"serve {line}", incomplete) == expected


PROGRAM = """
import time, click, clickbind
binder = clickbind.Binder("prog")

@binder.context
def output():
    try:
        yield
    finally:
        print("left", flush=True)

@binder.options
@click.command()
def serve():
    print("started", flush=True)
    [time.sleep(0.1) for _ in range(6_000)]  # a signal right before a sleep does not end it

serve()
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such signals")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_signal_leaves_the_contexts(tmp_path: Path, number: signal.Signals, code: int) -> None:
    path = tmp_path / "serve.py"
    path.write_text(PROGRAM, encoding="utf-8")
    with subprocess.Popen([sys.executable, str(path)], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"started\n"
        process.send_signal(number)
        assert process.communicate(timeout=HANG)[0] == b"left\n"
    assert process.returncode == code


def test_the_run_of_a_body_is_recorded(program: Program, serve: click.Command) -> None:
    assert invoke(serve, "--into made --dataset.size 3").exit_code == 0
    record = read("made")
    assert record.status == "done"
    assert record.turns == []
    assert not Path("made.record").exists()
