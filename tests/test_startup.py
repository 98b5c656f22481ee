"""What start-up costs, counted and not timed: the modules that a line loads, and the work that it does."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from click.shell_completion import BashComplete

import clickbind
from clickbind import declare

EXAMPLE = Path(clickbind.__file__).parent.parent / "examples" / "multistage" / "multistage.py"

COSTLY = {"asyncio", "dataclasses", "difflib", "docstring_parser", "importlib.metadata", "json", "tempfile", "yaml"}

with_shortcuts = pytest.mark.skipif("CLICKBIND_PLAIN" in os.environ, reason="the libraries load and do more")


def loaded(*arguments: str, folder: Path, **variables: str) -> set[str]:
    """Return the modules that a run of the example has imported when it ends, and Python and Click alone would not."""
    code = (
        f"import sys, click; sys.path.insert(0, {str(EXAMPLE.parent)!r}); before = set(sys.modules)\n"
        "from multistage import main\n"
        f"try: main({list(arguments)!r}, prog_name='multistage')\n"
        "finally: print('MODULES', *(set(sys.modules) - before))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    return set(done.stdout.rpartition("MODULES")[2].split())


@with_shortcuts
@pytest.mark.parametrize(
    ("line", "most", "needed"),
    [
        ("train", 30, set()),
        ("train --epochs 100 --lr .1 --model-type mlp", 30, set()),
        ("run train --epochs 7 evaluate", 33, set()),
        ("", 33, set()),
        ("train --output.folder .", 36, set()),
        ("--debug train", 36, set()),
        ("--help", 40, set()),
        ("train --help", 40, set()),
        ("--config f.yml train --lr .1", 43, set()),
        ("--config lists.yml train", 50, set()),
        ("--config nested.yml train", 50, {"yaml"}),
        ("--save saved.yml train", 50, {"json", "yaml"}),
        ("trian", 40, {"difflib", "json"}),
    ],
)
def test_a_line_loads_what_it_needs_and_no_more(line: str, most: int, needed: set[str], tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_text("train.epochs: 3\n", encoding="utf-8")
    (tmp_path / "lists.yml").write_text("output.folder: '.'\nrun.stages: [train]\n", encoding="utf-8")
    (tmp_path / "nested.yml").write_text("run.stages: [{train: {epochs: 3}}]\n", encoding="utf-8")
    modules = loaded(*line.split(), folder=tmp_path)
    own = {name for name in modules if name.startswith("clickbind.")}
    assert len(own) <= most, sorted(own)
    assert COSTLY & modules == needed


@with_shortcuts
def test_a_press_of_tab_loads_what_it_needs_and_no_more(tmp_path: Path) -> None:
    modules = loaded(
        folder=tmp_path, _MULTISTAGE_COMPLETE="bash_complete", COMP_WORDS="multistage train --", COMP_CWORD="2"
    )
    assert len([name for name in modules if name.startswith("clickbind.")]) <= 35
    assert not COSTLY & modules


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the signatures that are read, the docstrings that are taken apart, and the options that are made."""
    found: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def count(*args: Any, **kwargs: Any) -> Any:
            found[name] += 1
            return function(*args, **kwargs)

        return count

    monkeypatch.setattr(declare.function, "read", counted("signatures", declare.function.read))
    monkeypatch.setattr(declare.docstrings, "parse", counted("docstrings", declare.docstrings.parse))
    monkeypatch.setattr(click.Option, "__init__", counted("options", click.Option.__init__))
    return found


def program(stages: int) -> click.Group:
    """Make a program of many stages of five parameters, and a context around them."""
    binder = clickbind.Binder("many")

    @binder.context
    def around(folder: str = ".") -> Iterator[None]:
        yield

    for number in range(stages):

        def stage(
            count: int = 1, rate: float = 0.5, name: str = "x", sizes: tuple[int, ...] = (), *, far: bool = False
        ) -> None:
            """Take a step.

            Parameters
            ----------
            count : int
                How many.
            """

        binder.stage(stage, name=f"stage_{number}")
    return binder.command()


@pytest.mark.parametrize("stages", [5, 200])
@pytest.mark.parametrize(
    ("line", "made"),
    [
        ("stage-3", (2, 0, 5)),
        ("stage-3 --count 7 --rate .1", (2, 0, 5)),
        ("run stage-3 --count 7 stage-1", (3, 0, 10)),
        ("stage-3 --help", (1, 1, 6)),
        ("stage-3 --stage_1.count 7", (3, 0, 19)),
        ("--stage_3.count 7 stage-3", (2, 0, 19)),
    ],
)
def test_a_line_looks_at_what_it_names_and_nothing_else(
    line: str, made: tuple[int, int, int], stages: int, work: Counter[str]
) -> None:
    program(stages)(line.split(), standalone_mode=False)
    assert (work["signatures"], work["docstrings"], work["options"]) == made


@with_shortcuts
@pytest.mark.parametrize("stages", [5, 200])
def test_help_looks_at_each_function_once_and_makes_no_options_for_it(stages: int, work: Counter[str]) -> None:
    program(stages)(["--help"], standalone_mode=False)
    own_and_help = 14
    assert work == {"signatures": stages + 1, "docstrings": stages + 2, "options": own_and_help}


@with_shortcuts
@pytest.mark.parametrize("stages", [5, 200])
@pytest.mark.parametrize(("args", "signatures", "options"), [(["stage-3"], 1, 18), ([], 0, 13)])
def test_a_press_of_tab_looks_at_no_other_stage(
    args: list[str], signatures: int, options: int, stages: int, work: Counter[str]
) -> None:
    shell = BashComplete(program(stages), {}, "many", "_MANY_COMPLETE")
    found = [item.value for item in shell.get_completions(args, "--" if args else "--c")]
    assert "--config" in found
    assert (work["signatures"], work["docstrings"], work["options"]) == (signatures, 0, options)


LOGGING = """
import clickbind
binder = clickbind.Binder()
log = open("train.log", "w")

@binder.stage
def train(epochs: int = 2) -> None:
    log.write("done")

binder.command()()
"""


@pytest.mark.parametrize("line", ["train", "", "run train"])
def test_what_a_program_leaves_open_is_written_at_its_end(line: str, tmp_path: Path) -> None:
    """A file that a module holds is closed by the collector: `gc.freeze` before a run would lose what stands in it."""
    (tmp_path / "prog.py").write_text(LOGGING, encoding="utf-8")
    subprocess.run([sys.executable, "prog.py", *line.split()], cwd=tmp_path, check=True)
    assert (tmp_path / "train.log").read_text(encoding="utf-8") == "done"
