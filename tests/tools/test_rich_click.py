"""Help and errors in panels: by `Binder(rich=True)`, below a group of rich-click, and with its program `rich-click`."""

from __future__ import annotations

import importlib.metadata
import os
import re
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

import clickbind
from tests.tools import kit

rich_click = pytest.importorskip("rich_click")

PLAIN = {"COLUMNS": "100", "TERM": "dumb"}


def run(program: click.Command, *line: str, color: bool = False) -> Result:
    """Run a line in a terminal of 100 columns."""
    return CliRunner().invoke(program, line, prog_name="kit", env=PLAIN, color=color)


def panels(text: str) -> dict[str, str]:
    """Return the contents of the outermost panels by their titles, without the borders."""
    found = re.findall(r"(?ms)^╭─ (.*?) ─+╮\n(.*?)^╰─", text)
    return {title: re.sub(r"(?m)^│ ?| *│$", "", contents) for title, contents in found}


@pytest.fixture
def program() -> click.Group:
    return kit.make(rich=True).command()


def test_each_function_has_a_panel(program: click.Group) -> None:
    shown = panels(run(program, "--help").stdout)
    assert list(shown) == ["Options", "dataset", "train", "evaluate", "run", "Stages", "Commands"]
    assert shown["dataset"].splitlines() == [
        "Reads data.",
        "Scopes: train, val, as in --train/dataset.folder.",
        "",
        "--dataset.folder PATH   Where the data is.  [default: data]",
        "--dataset.size INTEGER  Raw | clean.  [default: 10]",
    ]
    for row in (
        "--train.name TEXT                     The name of the run.  [required]",
        "--train.epochs INTEGER                How often each item is seen.  [default: 50]",
        "--train.kind [conv|mlp]               [default: conv]",
        "--train.mode [FAST|SLOW]              [default: FAST]",
        '--train.layers "INTEGER ..."          [default: 8 4]',
        "--train.shuffle / --no-train.shuffle  [default: true]",
        "--train.optim [Adam|SGD]              [default: Adam]",
    ):
        assert row in shown["train"]
    assert shown["Stages"].splitlines() == ["train     Train the model.", "evaluate  Evaluate the model. (DEPRECATED)"]


def test_a_class_that_can_be_chosen_has_a_panel_inside(program: click.Group) -> None:
    inner = panels(panels(run(program, "--help").stdout)["train"])
    assert inner["--train.optim SGD"].split("\n\n") == [
        "Plain descent.",
        "--train.optim.momentum FLOAT  [default: 0.9]\n",
    ]


def test_the_help_of_a_stage_has_panels_too(program: click.Group) -> None:
    text = run(program, "train", "--help").stdout
    shown = panels(text)
    assert list(shown) == ["Options", "--optim Adam", "--optim SGD"]
    assert "--epochs INTEGER          How often each item is seen." in shown["Options"]
    assert "It is seen in a new order each time.  [default: 50]" in shown["Options"]
    assert "It takes a while:" in text
    assert "All options: kit --help." in text


@pytest.mark.parametrize("line", [["run", "--help"], ["help", "--help"], ["help", "train"], ["help"]])
def test_every_help_is_in_panels(program: click.Group, line: list[str]) -> None:
    assert panels(run(program, *line).stdout)


def test_the_help_says_what_a_file_sets(program: click.Group, tmp_path: Path) -> None:
    file = tmp_path / "f.yml"
    file.write_text("train.epochs: 7\n", encoding="utf-8")
    assert "[default: 7]" in run(program, "--config", str(file), "--help").stdout


def test_no_secret_is_in_the_help(program: click.Group) -> None:
    for line in (["--help"], ["train", "--help"], ["help", "train"]):
        assert kit.SECRET not in run(program, *line).stdout


def test_help_is_in_colours_in_a_terminal() -> None:
    program = kit.make(rich={"force_terminal": True, "color_system": "standard"}).command()
    text = run(program, "--help", color=True).stdout
    assert "\x1b[1;36m--train.epochs\x1b[0m" in text
    assert "\x1b[1;33mINTEGER\x1b[0m" in text
    assert "\x1b[2m[default: 50]\x1b[0m" in text
    assert "\x1b[31m(DEPRECATED)\x1b[0m" in text
    assert "\x1b[1;32m-h\x1b[0m" in text


def test_a_configuration_of_rich_click_decides_the_looks() -> None:
    config = rich_click.RichHelpConfiguration(theme="nord-slim", max_width=60)
    text = run(kit.make(rich=config).command(), "--help").stdout
    assert "╭" not in text
    assert max(map(len, text.splitlines())) <= 60


@pytest.mark.parametrize("markup", ["rich", "markdown"])
def test_help_may_have_markup(markup: str) -> None:
    binder = clickbind.Binder("kit", help="Tries [bold]models[/bold].", rich={"text_markup": markup})

    @binder.stage
    def train(epochs: int = 50) -> None:
        """Train.

        Parameters
        ----------
        epochs : int
            How often.
        """

    shown = run(binder.command(), "--help").stdout
    assert ("Tries models." if markup == "rich" else "Tries [bold]models[/bold].") in shown
    assert re.search(r"--train\.epochs INTEGER +How often\.[\s│]*\[default: 50\]", shown)


def test_a_field_that_rich_click_does_not_have_is_an_error() -> None:
    with pytest.raises(clickbind.BindError, match="unexpected keyword argument 'colour'"):
        run_raising(kit.make(rich={"colour": True}).command(), "--help")


def run_raising(program: click.Command, *line: str) -> None:
    program(list(line), standalone_mode=False)


def test_an_error_is_in_a_panel(program: click.Group) -> None:
    result = run(program, "train", "--epochs", "many")
    assert (result.exit_code, result.stdout) == (2, "")
    assert panels(result.stderr) == {"Error": "Invalid value for '--epochs': 'many' is not a valid integer.\n"}
    assert "Usage: kit train [OPTIONS]" in result.stderr


def test_an_error_in_a_file_keeps_its_lines_and_hides_secrets(program: click.Group, tmp_path: Path) -> None:
    file = tmp_path / "f.yml"
    file.write_text(f"train.epochs: many\ntrain.token: [{kit.SECRET}]\n", encoding="utf-8")
    result = run(program, "--config", str(file), "train", "--name", "x")
    assert "1 | train.epochs: many\n" in panels(result.stderr)["Error"]
    assert "  |               ^^^^\n" in panels(result.stderr)["Error"]
    assert kit.SECRET not in result.stderr


def test_the_text_of_an_error_stays_the_same(program: click.Group) -> None:
    with pytest.raises(click.UsageError) as raised:
        program(["train", "--epochs", "many"], standalone_mode=False)
    assert raised.value.format_message() == "Invalid value for '--epochs': 'many' is not a valid integer."


def test_a_program_without_stages_shows_its_help() -> None:
    binder = clickbind.Binder("kit", rich=True)
    binder.bind(kit.Adam)
    result = run(binder.command())
    assert result.exit_code == 2
    assert "Adam" in panels(result.stderr)


def test_below_a_group_of_rich_click_help_and_errors_are_its_own() -> None:
    outer = rich_click.RichGroup("outer", context_settings={"rich_help_config": {"style_option": "green"}})
    outer.add_command(kit.make().command())
    shown = run(outer, "kit", "--help").stdout
    assert "--train.epochs INTEGER" in panels(shown)["train"]
    assert panels(run(outer, "kit", "train", "--help").stdout)
    result = run(outer, "kit", "train", "--epochs", "many")
    assert panels(result.stderr) == {"Error": "Invalid value for '--epochs': 'many' is not a valid integer.\n"}
    assert run(outer, "kit", "train", "--name", "x", "--epochs", "3").stdout.startswith("trained x: 3 conv FAST")


def test_its_program_shows_ours(tmp_path: Path) -> None:
    def shown(*line: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "rich_click", "tests.tools.kit:main", *line],
            env={**os.environ, **PLAIN, "PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=tmp_path,
            capture_output=True,
            check=False,
            text=True,
        )

    assert "--train.epochs INTEGER" in panels(shown("--help").stdout)["train"]
    stage = panels(shown("train", "--help").stdout)
    assert "[default: 50]" in stage["Options"]
    assert list(stage) == ["Options", "--optim Adam", "--optim SGD"]
    assert list(panels(shown("run", "--help").stdout)) == ["Options", "Stages"]
    assert list(panels(shown("help", "--help").stdout)) == ["Options"]
    wrong = shown("train", "--epochs", "many")
    assert wrong.returncode == 2
    assert panels(wrong.stderr) == {"Error": "Invalid value for '--epochs': 'many' is not a valid integer.\n"}
    done = shown("run", "train", "--name", "x", "--epochs", "3", "evaluate")
    assert done.stdout.startswith("trained x: 3 conv FAST [8, 4] True Adam(lr=0.1) on 10, 7\n")
    saved = shown("--config", "no.yml", "train")
    assert "no.yml" in panels(saved.stderr)["Error"]


def test_a_command_of_rich_click_may_have_the_options_of_a_program() -> None:
    binder = kit.make()

    @binder.options
    @rich_click.command()  # type: ignore[untyped-decorator]  # it may be missing
    @click.option("--port", type=int, help="Where to listen.")
    def serve(port: int) -> None:
        """Serve the model."""
        click.echo(f"serving on {port}")

    shown = panels(run(serve, "--help").stdout)
    assert list(shown) == ["Options", "dataset", "train", "evaluate"]
    assert "--port" in shown["Options"]
    assert "--train.epochs INTEGER" in shown["train"]
    assert kit.SECRET not in run(serve, "--help").stdout
    assert run(serve, "--port", "4", "--train.epochs", "3").stdout == "serving on 4\n"
    assert list(panels(run(serve, "--port", "many").stderr)) == ["Error"]


@pytest.mark.parametrize("line", [["--help"], ["train", "--epochs", "many"]])
def test_without_rich_click_help_and_errors_are_plain_with_a_warning(
    line: list[str], program: click.Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "clickbind.cli.panels", None)
    monkeypatch.delattr("clickbind.cli.panels", raising=False)
    result = run(program, *line)
    assert "Warning: Help and errors are plain, since rich-click is not installed" in result.stderr
    assert "╭" not in result.output
    assert "Usage: kit" in result.output


def test_a_program_that_does_not_ask_for_it_loads_nothing_of_it(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.tools.kit import main\n"
        "try: main(sys.argv[1:])\n"
        "finally: print('LOADED', *{name.partition('.')[0] for name in sys.modules} & {'rich', 'rich_click'})"
    )
    for line in (["--help"], ["train", "--help"], ["train", "--name", "x"], ["train", "--epochs", "many"]):
        done = subprocess.run(
            [sys.executable, "-c", code, *line],
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
            cwd=tmp_path,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.stdout.endswith("LOADED\n")


def test_a_plain_run_with_it_loads_nothing_of_it(tmp_path: Path) -> None:
    code = (
        "import sys; from tests.tools import kit\n"
        "kit.make(rich=True).command()(['train', '--name', 'x'], standalone_mode=False)\n"
        "print('LOADED', *{name.partition('.')[0] for name in sys.modules} & {'rich', 'rich_click'})"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        cwd=tmp_path,
        capture_output=True,
        check=True,
        text=True,
    )
    assert done.stdout.endswith("LOADED\n")


def test_the_version_is_one_that_is_known_to_work() -> None:
    major, minor, *_ = importlib.metadata.version("rich-click").split(".")
    assert (int(major), int(minor)) >= (1, 9)


def test_an_author_may_write_what_click_knows(program: click.Group) -> None:
    formatter = program.make_context("kit", ["train", "--name", "x"]).make_formatter()
    with formatter.section("Empty"):
        formatter.indent()
        formatter.dedent()
    with formatter.section("Notes"):
        formatter.write_heading("First")
        with formatter.indentation():
            formatter.write_text("A text.\n\n\b\nof\n  lines")
    assert panels(formatter.getvalue()) == {"Notes": "First\nA text.\n\nof\n  lines\n"}
