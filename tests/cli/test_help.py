"""The root's help: a section per bound function, then the stages, then the other commands."""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Optional

import annotated_types
import click
import pytest
from click.testing import CliRunner

import clickbind
from clickbind import declare
from clickbind.cli.help import write_functions
from clickbind.cli.option import dotted_option
from tests.conftest import Program


@dataclass
class Adam:
    """Adapt.

    Parameters
    ----------
    lr : float
        The rate.
    beta : float
        The other.
    """

    lr: float = 0.1
    beta: float = 0.9


def titles(output: str) -> list[str]:
    """Return the titles of a help's sections."""
    return re.findall(r"^(\S+):$", output, re.MULTILINE)


def section(output: str, title: str) -> str:
    """Return the text of one section, as one line."""
    return " ".join(re.split(r"^\S+:$", output.partition(f"\n{title}:\n")[2], flags=re.MULTILINE)[0].split())


def test_sections_stand_in_registration_order_before_the_stages_and_the_other_commands(program: Program) -> None:
    output = program("--help").output
    assert titles(output) == [
        *("Options", "output", "dataset", "prepare", "train", "peek", "run"),
        *("Stages", "Commands"),
    ]


def test_the_help_opens_with_the_text_that_the_binder_was_given(program: Program) -> None:
    assert re.match(r"Usage: prog .*\n\n  Tries models\.\n\nOptions:\n", program("--help").output)


def test_the_first_section_has_the_programs_own_options(program: Program) -> None:
    options = section(program("--help").output, "Options")
    assert re.findall(r"(?:-h, )?--[\w-]+", options) == [
        *("--config", "--var", "--save", "--print-config", "--print-changed", "--diff", "--print-schema"),
        *("--into", "--from", "--until", "--debug", "--version", "-h, --help"),
    ]


def test_a_section_opens_with_the_summary_of_its_function(program: Program) -> None:
    text = section(program("--help").output, "train")
    assert text.startswith("Train the model. --train.epochs INTEGER How often each item is seen [default: 50]")
    assert "It takes a while." not in text


def test_a_section_spells_options_as_keys_are_spelled(program: Program) -> None:
    assert "--train.model_type TEXT" in section(program("--help").output, "train")


def test_a_section_shows_booleans_in_pairs(program: Program) -> None:
    text = section(program("--help").output, "prepare")
    assert "--prepare.shuffle / --no-prepare.shuffle [default: false]" in text


def test_a_section_lists_the_scopes_of_its_function(program: Program) -> None:
    text = section(program("--help").output, "dataset")
    assert text.startswith("Reads data. Scopes: train, val, as in --train/dataset.folder. --dataset.folder TEXT")
    assert "--train/dataset.folder TEXT" not in text


def test_a_section_lists_the_scopes_of_a_function_without_a_docstring() -> None:
    binder = clickbind.Binder("prog")
    binder.bind("slow")(_bare)
    output = CliRunner().invoke(binder.command(), ["--help"]).output
    assert section(output, "_bare") == "Scopes: slow, as in --slow/_bare.speed. --_bare.speed INTEGER [default: 1]"


def _bare(speed: int = 1) -> None: ...


def test_a_section_without_a_docstring_has_its_options_alone() -> None:
    binder = clickbind.Binder("prog")
    binder.bind(_bare)
    output = CliRunner().invoke(binder.command(), ["--help"]).output
    assert "\n_bare:\n  --_bare.speed INTEGER  [default: 1]\n" in output


def test_a_function_without_options_has_no_section() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda: None, name="train")
    binder.bind(lambda x: x, name="model")
    assert titles(CliRunner().invoke(binder.command(), ["--help"]).output) == ["Options", "run", "Stages", "Commands"]


def test_a_hidden_function_has_no_section() -> None:
    binder = clickbind.Binder("prog")
    binder.bind(_bare, hidden=True)
    assert "_bare" not in titles(CliRunner().invoke(binder.command(), ["--help"]).output)


def test_a_program_without_stages_has_no_list_of_them() -> None:
    output = CliRunner().invoke(clickbind.Binder("prog").command(), ["--help"]).output
    assert titles(output) == ["Options", "run", "Commands"]


def test_stages_are_listed_with_their_summaries(program: Program) -> None:
    stages = "prepare Prepare the data. train Train the model. peek Look at the results."
    assert section(program("--help").output, "Stages") == stages


def test_other_commands_are_listed_behind_run(program: Program) -> None:
    program.main.add_command(click.Command("tool", help="A tool."))
    program.main.add_command(click.Command("quiet", hidden=True))
    assert re.fullmatch(
        r"run Run several .* tool A tool\. sweep .* resume .* runs .* help Show .*",
        section(program("--help").output, "Commands"),
    )


def test_the_default_of_run_stages_is_the_default_run(program: Program) -> None:
    assert section(program("--help").output, "run").endswith("[default: prepare train]")


@pytest.mark.parametrize("line", ["--config run.yml --help", "--help --config run.yml"])
def test_defaults_are_what_files_give(program: Program, line: str) -> None:
    Path("run.yml").write_text("train.epochs: 7\nprepare.shuffle: yes\nrun.stages: [peek, train: {lr: 1}]")
    output = program(*line.split()).output
    assert "[default: 7]" in section(output, "train")
    assert "[default: true]" in section(output, "prepare")
    assert section(output, "run").endswith("[default: peek train]")


def test_a_scoped_value_of_a_file_is_not_the_plain_default(program: Program) -> None:
    Path("run.yml").write_text("train/dataset.folder: scoped")
    assert "[default: default]" in section(program("--config", "run.yml", "--help").output, "dataset")


def test_a_hidden_parameter_is_left_out() -> None:
    binder = clickbind.Binder()

    @binder.stage
    def train(epochs: int = 5, seed: Annotated[int, clickbind.Option(hidden=True)] = 0) -> None: ...

    text = CliRunner().invoke(binder.command(), ["--help"]).output
    assert "--train.epochs" in text
    assert "--train.seed" not in text


@pytest.mark.parametrize("settings", [{}, {"show_default": True}])
def test_rows_are_those_that_the_options_would_write(settings: dict[str, Any]) -> None:
    binder = clickbind.Binder()

    @binder.bind("train")
    def every(
        *,
        number: Annotated[int, annotated_types.Ge(1), clickbind.Option(metavar="N")] = 1,
        flag: bool = True,
        name: Optional[str] = None,  # noqa: UP045 - as people write it
        mode: Literal["a", "b"] = "a",
        sizes: Annotated[list[int], clickbind.Option(help="Sizes.")] = [1],  # noqa: B006
        old: Annotated[int, clickbind.Option(deprecated=True)] = 1,
        secret: Annotated[str, clickbind.Option(secret=True)] = "x",
    ) -> None:
        """Take every kind.

        Parameters
        ----------
        number : int
            How many, by default 1.
        flag : bool
            Whether.
        """

    @binder.context
    @contextlib.contextmanager
    def needed(folder: str) -> Iterator[None]:
        yield

    main = binder.command(context_settings=settings)
    ctx = main.make_context("prog", [], resilient_parsing=True)
    formatter = click.HelpFormatter(width=100)
    write_functions(main.registry, ctx, formatter)  # type: ignore[attr-defined]
    text = formatter.getvalue()
    expected = click.HelpFormatter(width=100)
    expected.indent()
    for bound in main.registry:  # type: ignore[attr-defined]
        options = (dotted_option(bound.key(name), bound, spec) for name, spec in bound.options.items())
        records = (option.get_help_record(ctx) for option in options)
        expected.buffer.clear()
        expected.write_dl([record for record in records if record is not None])
        assert expected.getvalue() in text


class Documented:
    """Learn :class:`fast`,
    or **slowly**.

    Parameters
    ----------
    rate : float
        Which ``rate``:

        - low
        - high

    sizes : list of int
        Sizes. Defaults to [1].
    """

    def __init__(self, rate: float = 0.1, sizes: list[int] = [1]) -> None: ...  # noqa: B006


def test_the_root_shows_first_paragraphs_without_markup() -> None:
    binder = clickbind.Binder("prog", help="Tries **models**:\n\n- one\n- two")
    binder.bind(Documented)
    output = CliRunner().invoke(binder.command(), ["--help"]).output
    assert "\n  Tries models:\n\n  - one\n  - two\n" in output
    assert section(output, "Documented") == (
        "Learn fast, or slowly. --Documented.rate FLOAT Which rate: ... [default: 0.1] "
        '--Documented.sizes "INTEGER ..." Sizes. [default: 1]'
    )


def test_a_stages_own_help_shows_all_paragraphs() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(lambda rate=1.0, sizes=(): None, name="train").__doc__ = None
    [bound] = binder._registry.of_role("stage")
    bound.function.__doc__ = Documented.__doc__
    output = CliRunner().invoke(binder.command(), ["train", "--help"]).output
    assert "\n  Learn fast, or slowly.\n" in output
    assert "  --rate FLOAT  [default: 1.0]\n        Which rate:\n\n        - low\n        - high\n" in output


@pytest.mark.parametrize("line", ["--help", "help train", "help train.threads", "train --help"])
@pytest.mark.parametrize("sentence", ["Defaults to None.", "Default: None.", "By default None"])
def test_a_text_says_that_the_default_is_none_only_while_help_shows_no_other(
    line: str, sentence: str, tmp_path: Path
) -> None:
    def train(threads: int | None = None) -> None: ...

    train.__doc__ = f"Train.\n\n    Args:\n        threads: How many. {sentence}\n    "
    binder = clickbind.Binder("prog")
    binder.stage(train)
    file = tmp_path / "run.yml"
    for value, expected in ((5, "How many. [default: 5]"), ("null", f"How many. {sentence}")):
        file.write_text(f"train.threads: {value}")
        output = CliRunner().invoke(binder.command(), ["--config", str(file), *line.split()]).output
        assert f"{expected} " in " ".join((*output.split(), "")).replace(
            "[default: 5] How many.", "How many. [default: 5]"
        )


def test_a_default_that_is_a_lambda_is_described_by_its_text() -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(metric: Any = lambda loss: loss) -> None:
        """Train.

        Args:
            metric: What to measure. Defaults to loss.
        """

    for line in (["--help"], ["train", "--help"]):
        assert "What to measure. Defaults to loss.\n" in CliRunner().invoke(binder.command(), line).output


def test_required_options_are_marked_unless_a_file_sets_them(tmp_path: Path) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(data: str, epochs: int = 1) -> None: ...

    (tmp_path / "run.yml").write_text("train.data: here")
    main = binder.command()
    assert "--train.data TEXT [required]" in section(CliRunner().invoke(main, ["--help"]).output, "train")
    output = CliRunner().invoke(main, ["--config", str(tmp_path / "run.yml"), "--help"]).output
    assert "[required]" not in output
    assert "[default: here]" in output


@pytest.mark.parametrize(
    ("annotation", "placeholder"),
    [
        (list[int], '"INTEGER ..."'),
        (set[str] | None, '"TEXT ..."'),
        (list[list[int]], '"[[INTEGER, ...], ...]"'),
        (tuple[int, str], '"INTEGER TEXT"'),
        (tuple[int, list[str]], '"[INTEGER, [TEXT, ...]]"'),
        (dict[str, int], '"TEXT=INTEGER ..."'),
        (dict[str, list[int]], '"{TEXT: [INTEGER, ...], ...}"'),
        (list[list[int] | None], '"[[INTEGER, ...], ...]"'),
        (int | list[int], 'INTEGER|"[INTEGER, ...]"'),
        (list[int | list[int]], '"[INTEGER|[INTEGER, ...], ...]"'),
        (Annotated[list[int], annotated_types.Len(1, 2)], '"INTEGER ..."'),
        (list[Annotated[list[int], annotated_types.Len(1, 2)]], '"[[INTEGER, ...], ...]"'),
        (list[Any], '"VALUE ..."'),
        (list[Adam], '"[{ADAM}, ...]"'),
        (Literal["a", "b"], "[a|b]"),
    ],
)
def test_lists_and_mappings_are_shown_as_they_are_typed(annotation: Any, placeholder: str) -> None:
    binder = clickbind.Binder("prog")

    def train(value: Any = None) -> None: ...

    train.__annotations__["value"] = annotation
    binder.stage(train)
    for line, flag in ((["--help"], "--train.value"), (["train", "--help"], "--value")):
        text = " ".join(CliRunner().invoke(binder.command(), line).output.split())
        assert f"{flag} {placeholder} " in text


@pytest.mark.parametrize(
    ("started", "package", "interactive", "name"),
    [
        ("/x/ipykernel_launcher.py", None, False, "mine"),
        ("/x/fit.py", None, True, "mine"),
        ("/x/folder/__main__.py", None, False, "mine"),
        ("-c", "", False, "mine"),
        ("", None, False, "mine"),
        ("/x/fit.py", None, False, "fit.py"),
        ("/x/pkg/__main__.py", "pkg", False, "python -m pkg"),
    ],
)
def test_a_program_that_was_started_without_a_name_has_the_binders(
    started: str, package: str | None, interactive: bool, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "argv", [started])
    monkeypatch.setattr(sys.modules["__main__"], "__package__", package, raising=False)
    if interactive:
        monkeypatch.setattr(sys, "ps1", ">>> ", raising=False)
    main = clickbind.Binder("mine").command()
    for given, shown in ((None, name), ("said", "said")):
        with pytest.raises(SystemExit), contextlib.redirect_stdout(io.StringIO()) as output:
            main.main(["--help"], given) if given else main(["--help"])
        assert output.getvalue().startswith(f"Usage: {shown} [OPTIONS]")


def test_the_fields_of_a_class_are_documented_by_it_once(monkeypatch: pytest.MonkeyPatch) -> None:
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(optim: Adam = Adam()) -> None: ...  # noqa: B008

    parsed: list[Any] = []
    parse = declare.docstrings.parse
    monkeypatch.setattr("clickbind.declare.texts.parse", _noting(parsed, parse))
    assert "The rate." in CliRunner().invoke(binder.command(), ["--help"]).output
    assert parsed.count(Adam) == 1


def _noting(noted: list[Any], function: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Return a function that notes what it is called with."""

    def call(value: Any) -> Any:
        noted.append(value)
        return function(value)

    return call


def test_a_command_without_options_has_no_section_of_options() -> None:
    binder = clickbind.Binder("prog")
    binder.stage(name="peek")(lambda: None)
    main = binder.command(context_settings={"help_option_names": []})
    ctx = main.make_context("prog", [], resilient_parsing=True)
    shown = main.get_command(ctx, "peek").make_context("peek", [], parent=ctx, resilient_parsing=True).get_help()  # type: ignore[union-attr]
    assert "Usage: prog peek" in shown
    assert "Options:" not in shown


def test_the_commands_of_every_program_are_described_in_whole_sentences(program: Program) -> None:
    commands = program("--help", env={"COLUMNS": "80"}).output.partition("\nCommands:\n")[2].splitlines()
    assert [line.split()[0] for line in commands] == ["run", "sweep", "resume", "runs", "help"]
    assert all(line.endswith(".") and not line.endswith("...") for line in commands), commands
