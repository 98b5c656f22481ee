"""Engines by their names, and their parameters as options."""

from __future__ import annotations

import importlib
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

import clickbind
from clickbind import engines, sweeps
from clickbind.errors import BindError
from tests.conftest import completions
from tests.sweeps.conftest import PROGRAM

from .conftest import Fit

ENGINES = '''
import concurrent.futures


@binder.engine
def threads(
    size: int,
    sweep: clickbind.Sweep,
    kind: str = "plain",
    names: list[str] = [],
    fast: bool = False,
    token: Annotated[str, clickbind.Option(secret=True)] = "nothing",
):
    """Run the jobs in threads.

    Parameters
    ----------
    size : int
        How many threads.
    """
    Path("engine.txt").write_text(f"{size} {kind} {names} {fast} {token} {sweep.folder} {sweep.jobs} {sweep.words}")
    return concurrent.futures.ThreadPoolExecutor(size)


@binder.engine(name="nothing")
def returns_nothing():
    pass


class Full:
    def submit(self, function, *args):
        raise RuntimeError("no more workers")


@binder.engine
def full():
    return Full()


@binder.engine
def lacking():
    import a_library_that_is_not_installed


main = binder.command()
'''


class Engines(Fit):
    """The program with engines of its own."""

    def error(self, line: str) -> str:
        """Run a line that is wrong, and return the message; nothing was made."""
        result = self(line)
        assert result.exit_code == 2, result.output
        assert not Path("x").exists()
        return result.output.partition("Error: ")[2].strip()


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engines]:
    """The program with engines of its own, in the working directory."""
    text = PROGRAM.replace("main = binder.command()\n", ENGINES)
    (tmp_path / "fit.py").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    sys.modules.pop("fit", None)
    importlib.invalidate_caches()
    yield Engines(tmp_path)
    del sys.modules["fit"]


def test_an_engine_of_the_program_runs_the_jobs(own: Engines) -> None:
    line = "--into x sweep -j 2 --engine threads --threads.size 2 --threads.names 'a b' --threads.fast"
    line += " --threads.token=s3cret"
    result = own(f"{line} train --lr .1 --lr 2 evaluate")
    assert result.exit_code == 1, result.output
    assert result.output.splitlines()[0].endswith("of train evaluate, 2 at a time on threads")
    assert "1 done, 1 failed" in result.output
    words = "--engine threads --threads.size 2 --threads.names 'a b' --threads.fast"
    assert result.output.endswith(f"\nTry again: fit resume x {words}\n")
    found = own.records("x")
    assert {record["status"] for record in found.values()} == {"done", "failed"}
    assert [record["engine"] for record in found.values()] == [{"name": "threads", "id": None}] * 2
    text = Path("engine.txt").read_text(encoding="utf-8")
    assert text == f"2 plain ['a', 'b'] True s3cret {own.folder / 'x'} 2 ()"
    sheet = sweeps.sheet.latest("x")
    assert sheet["engine"] == "threads"
    assert "--threads.size 2 --threads.names 'a b' --threads.fast '--threads.token=***' train --lr .1" in sheet["line"]
    again = own("resume x --engine threads --threads.size 1 --train.lr .5 --threads.token s3cret")
    assert again.exit_code == 0, again.output
    assert "train.loss=0.01562" in again.output
    assert "s3cret" not in "".join(path.read_text(encoding="utf-8") for path in Path("x").rglob("*") if path.is_file())


def test_an_engine_that_has_nothing_to_run_is_not_started(own: Engines) -> None:
    assert own("--into x sweep train --lr .1").exit_code == 0
    assert own("--into x sweep --engine lacking train --lr .1").exit_code == 0
    assert "nothing to run" in own("resume x --engine lacking").output


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            "--engine dsk",
            (
                "Invalid value for '--engine': there is no engine 'dsk'; these are threads, nothing, full, lacking, "
                "processes, dask, slurm. Did you mean 'dask'?"
            ),
        ),
        (
            "--threads.size 3",
            (
                "'--threads.size' is an option of the engine 'threads', but 'processes' runs the jobs: add '--engine "
                "threads', or leave it out."
            ),
        ),
        ("--engine threads", "Missing option '--threads.size'."),
        ("--nowhere.size 3", "No such option '--nowhere.size'. Did you mean '--threads.size'?"),
        ("--engine threads --threads.size many", "Invalid value for '--threads.size': 'many' is not a valid integer."),
        ("--engine threads --threads.siz 1", "No such option '--threads.siz'. Did you mean '--threads.size'?"),
        (
            "--engine threads --threads.size 1 --threads.size 2",
            "'--threads.size' is given 2 times: give it once.",
        ),
        ("--engine dask --engine slurm", "'--engine' is given 2 times: give it once."),
        ("-j 1 -j 2", "'-j' is given 2 times: give it once."),
        (
            "--engine dask --train.token s3cret",
            (
                "'--train.token' is secret, and the engine 'dask' would send it by files or a network. Leave it out "
                "here, and set it where the jobs run: in the environment, or in a default config file."
            ),
        ),
        ("--engine slurm --slurm.minutes 0", "Invalid value for '--slurm.minutes': 0 is not in the range x>=1."),
    ],
)
def test_a_wrong_line_makes_nothing(own: Engines, words: str, message: str) -> None:
    assert own.error(f"--into x sweep {words} train --lr 1 --lr .1") == message


def test_a_secret_in_a_file_of_the_line_reaches_only_processes(own: Engines) -> None:
    Path("secret.yml").write_text("train.token: s3cret\ntrain.batch: 16\n", encoding="utf-8")
    message = own.error("--config secret.yml --into x sweep --engine dask train --lr .1")
    assert message.startswith("secret.yml:1: train.token is secret, and the engine 'dask' would send it by files")
    assert own("--config secret.yml --into x sweep train --lr .1").exit_code == 0
    assert "token 6\n" in Path("x/01/log.txt").read_text(encoding="utf-8")
    Path("x/01/record.json").unlink()
    Path("x/01/.done").unlink()
    result = own("--config secret.yml resume x --engine threads --threads.size 1")
    assert result.exit_code == 0, result.output
    assert "token 6\n" in Path("x/01/log.txt").read_text(encoding="utf-8").partition("--- again")[2]


def test_a_secret_of_a_line_that_resumes_is_refused_too(own: Engines) -> None:
    assert own("--into x sweep train --lr 2").exit_code == 1
    result = own("resume x --engine threads --threads.size 1 --train.token s3cret")
    assert result.exit_code == 2
    assert "'--train.token' is secret, and the engine 'threads' would send it" in result.output


@pytest.mark.parametrize("name", ["dask", "slurm"])
def test_a_library_that_is_not_installed_is_named(own: Engines, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    library = {"dask": "distributed", "slurm": "submitit"}[name]
    monkeypatch.delitem(vars(engines), library, raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    message = f"the engine {name!r} needs {library}, which is not installed: pip install 'clickbind[{name}]'"
    assert own.error(f"--into x/y sweep --engine {name} train --lr .1 --lr .2") == message


def test_an_engine_that_runs_no_jobs_leaves_them_for_another_one(own: Engines) -> None:
    result = own("--into x sweep --engine full train --lr .1 --lr .2")
    assert result.exit_code == 1
    assert "Warning: the engine can run no more jobs: no more workers\n" in result.output
    assert result.output.endswith("2 waiting, 0:00.\nGo on with another engine: fit resume x --engine processes\n")
    assert "2 done" in own("resume x --engine processes").output


def test_mistakes_of_an_engine_are_the_developers(own: Engines) -> None:
    result = own("--into x sweep --engine nothing train --lr .1")
    assert isinstance(result.exception, BindError)
    assert str(result.exception) == "the engine 'nothing' returned None, which has no submit(function, *args)."
    assert isinstance(own("--into x sweep --engine lacking train --lr .1").exception, ModuleNotFoundError)
    assert not Path("x").exists()


@pytest.mark.parametrize("command", ["sweep", "resume"])
def test_help_lists_the_engines(own: Engines, command: str) -> None:
    shown = own(f"{command} --help").output
    assert "--engine NAME" in shown
    assert "Engine threads:\n  Run the jobs in threads.\n\n  --threads.size INTEGER" in shown
    assert "Engine dask:\n  Run the jobs on a Dask cluster.\n\n  --dask.address TEXT" in shown
    assert "--processes.fresh / --no-processes.fresh" in shown
    assert shown.count("--slurm.partition") == 1
    assert "--threads.sweep" not in shown


def test_engines_are_completed(own: Engines) -> None:
    main = own.module.main
    assert completions(main, "sweep --engine", "") == [
        "threads",
        "nothing",
        "full",
        "lacking",
        "processes",
        "dask",
        "slurm",
    ]
    assert completions(main, "sweep --engine", "d") == ["dask"]
    assert completions(main, "resume --engine", "th") == ["threads"]
    assert completions(main, "sweep --engine slurm", "--slurm.m") == ["--slurm.minutes", "--slurm.memory_gb"]
    assert completions(main, "resume --engine slurm", "--slurm.pa") == ["--slurm.partition"]


def test_the_name_of_an_engine_can_be_that_of_a_built_in_one() -> None:
    binder = clickbind.Binder("prog")

    @binder.engine
    def dask(size: int = 1) -> None: ...

    names = [one.name for one in engines.catalog.Catalog(binder._registry).known()]
    assert names == ["dask", "processes", "slurm"]
    assert not engines.catalog.Catalog(binder._registry).find("dask").is_built_in
    with pytest.raises(BindError, match="two functions are bound as 'dask'"):
        binder.engine(name="dask")(lambda: None)


def test_an_option_of_a_function_of_the_program_is_that_function_s() -> None:
    binder = clickbind.Binder("prog")

    @binder.bind
    def processes(fresh: bool = True) -> None: ...

    @binder.stage
    def train() -> None: ...

    main = binder.command()
    shown = CliRunner().invoke(main, ["sweep", "--print-jobs", "--no-processes.fresh", "train"], prog_name="prog")
    assert shown.output == "prog --no-processes.fresh train\n"


DASHED = """
[clickbind.engines]
far-away = faraway:engine
broken = not_there:engine
twice = faraway:engine
number = faraway:number
"""


@pytest.fixture
def others(own: Engines) -> Engines:
    """Other distributions, with engines."""
    for name, text in (("one", DASHED), ("two", "[clickbind.engines]\ntwice = faraway:other\ndask = faraway:other\n")):
        folder = own.folder / f"{name}-1.0.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n", encoding="utf-8")
        (folder / "entry_points.txt").write_text(text, encoding="utf-8")
    (own.folder / "faraway.py").write_text(
        "import concurrent.futures\nprint('imported')\nnumber = 7\n"
        "def engine(*, host: str = 'near', loud: bool = False):\n    '''Run far away.'''\n    print(host)\n"
        "    return concurrent.futures.ThreadPoolExecutor(1)\n",
        encoding="utf-8",
    )
    sys.modules.pop("faraway", None)
    return own


def test_engines_of_other_distributions_are_imported_when_they_are_needed(others: Engines) -> None:
    plain = others("--into y sweep train --lr .1")
    assert plain.exit_code == 0
    assert "imported" not in plain.output
    for line in (
        "--engine far-away --far-away.host moon",
        "--far_away.host=moon --engine far_away",
        "--engine far-away",
    ):
        result = others(f"--into x sweep {line} train --lr .1")
        assert result.exit_code == 0, result.output
        assert ("moon\n" if "moon" in line else "near\n") in result.output
        assert '"far_away"' in Path("x/01/record.json").read_text(encoding="utf-8")
        shutil.rmtree("x")
    assert others.error("--into x sweep --far-away.loud train").startswith(
        "'--far-away.loud' is an option of the engine 'far_away', but 'processes' runs the jobs"
    )


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            "--engine broken",
            (
                "Invalid value for '--engine': the engine 'broken' of one 1.0 (not_there:engine) cannot be imported: "
                "ModuleNotFoundError: No module named 'not_there'"
            ),
        ),
        (
            "--engine twice",
            (
                "Invalid value for '--engine': the engine 'twice' is that of one 1.0 (faraway:engine) and of two 1.0 "
                "(faraway:other): uninstall one of them."
            ),
        ),
        (
            "--broken.host x",
            "the engine 'broken' of one 1.0 (not_there:engine) cannot be imported: ModuleNotFoundError",
        ),
        ("--engine number", "Invalid value for '--engine': the engine 'number' of one 1.0 (faraway:number) cannot be"),
        ("--engine far-away --far-away.hots x", "No such option '--far-away.hots'."),
        (
            "--engine far",
            "Invalid value for '--engine': there is no engine 'far'; these are threads, nothing, full, lacking, ",
        ),
    ],
)
def test_an_engine_that_cannot_be_imported_is_named(others: Engines, line: str, message: str) -> None:
    assert others.error(f"--into x sweep {line} train --lr .1").startswith(message)


def test_help_names_engines_that_cannot_be_imported(others: Engines) -> None:
    shown = " ".join(others("sweep --help").output.split())
    assert "Engine far_away: Run far away. --far_away.host TEXT" in shown
    assert "Engine broken: the engine 'broken' of one 1.0 (not_there:engine) cannot be imported" in shown


def test_the_engines_of_other_distributions_are_completed(others: Engines) -> None:
    main: Any = others.module.main
    assert completions(main, "sweep --engine broken", "--far_away.h") == []
    assert completions(main, "sweep --engine", "far-") == ["far_away"]
    assert completions(main, "sweep --engine far-away", "--far_away.h") == ["--far_away.host"]
