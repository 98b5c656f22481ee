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
from clickbind import docstrings, signature

EXAMPLE = Path(clickbind.__file__).parent.parent / "examples" / "multistage" / "multistage.py"

EVERY = """
    collector later keys conversion signature registry resolve filling scopes line options run
    contexts stages commands bindable binder
"""
RUN = set(EVERY.split())
HELP = RUN | {"docstrings", "numpydoc", "layout", "shown"}


def rooms(*arguments: str, folder: Path, **variables: str) -> set[str]:
    """Give the rooms that a run of the example has loaded when it ends."""
    code = (
        f"import sys; sys.path.insert(0, {str(EXAMPLE.parent)!r}); from multistage import main\n"
        f"try: main({list(arguments)!r}, prog_name='multistage')\n"
        "finally: print('MODULES', *sys.modules)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **variables},
        cwd=folder,
        capture_output=True,
        check=False,
        text=True,
    )
    names = done.stdout.rpartition("MODULES")[2].split()
    return {name.removeprefix("clickbind.") for name in names if name.startswith("clickbind.")}


@pytest.mark.parametrize(
    ("line", "loaded"),
    [
        ("train", RUN),
        ("train --epochs 100", RUN),
        ("train --epochs 100 --lr .1 --model-type mlp", RUN),
        ("run train --epochs 7 evaluate", RUN | {"chain", "lookahead"}),
        ("", RUN | {"chain", "plans"}),
        ("train --output.folder .", RUN | {"chain", "lookahead", "moved", "flags", "own_options"}),
        ("--debug train", RUN | {"moved", "switches", "flags", "own_options", "debugging"}),
        ("--help", HELP | {"sections", "own_options", "chain", "turns", "moved", "switches"}),
        ("train --help", HELP | {"chain", "lookahead", "moved", "switches"}),
        (
            "--config f.yml train --lr .1",
            RUN | {"config", "sources", "lines", "documents", "nodes", "moved", "flags", "own_options", "errors"},
        ),
    ],
)
def test_a_line_loads_the_rooms_that_it_needs(line: str, loaded: set[str], tmp_path: Path) -> None:
    (tmp_path / "f.yml").write_text("train.epochs: 3\n", encoding="utf-8")
    assert rooms(*line.split(), folder=tmp_path) == loaded


def test_a_press_of_tab_loads_the_rooms_that_it_needs(tmp_path: Path) -> None:
    found = rooms(
        folder=tmp_path, _MULTISTAGE_COMPLETE="bash_complete", COMP_WORDS="multistage train --", COMP_CWORD="2"
    )
    assert found == RUN | {"completion", "flags", "own_options", "moved"}


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """Count the signatures that are read, the docstrings that are taken apart, and the options that are made."""
    found: Counter[str] = Counter()

    def counted(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        def count(*args: Any, **kwargs: Any) -> Any:
            found[name] += 1
            return function(*args, **kwargs)

        return count

    monkeypatch.setattr(signature, "read", counted("signatures", signature.read))
    monkeypatch.setattr(docstrings, "parse", counted("docstrings", docstrings.parse))
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
        ("stage-3 --stage_1.count 7", (3, 0, 15)),
        ("--stage_3.count 7 stage-3", (2, 0, 14)),
    ],
)
def test_a_line_looks_at_what_it_names_and_nothing_else(
    line: str, made: tuple[int, int, int], stages: int, work: Counter[str]
) -> None:
    program(stages)(line.split(), standalone_mode=False)
    assert (work["signatures"], work["docstrings"], work["options"]) == made


@pytest.mark.parametrize("stages", [5, 200])
def test_help_looks_at_each_function_once_and_makes_no_options_for_it(stages: int, work: Counter[str]) -> None:
    program(stages)(["--help"], standalone_mode=False)
    own_and_help = 9
    assert work == {"signatures": stages + 1, "docstrings": stages + 2, "options": own_and_help}


@pytest.mark.parametrize("stages", [5, 200])
@pytest.mark.parametrize(("args", "signatures", "options"), [(["stage-3"], 1, 13), ([], 0, 8)])
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
