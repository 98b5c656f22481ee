"""Man pages of click-man: one for the program and one for each command, with every option."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import click
import pytest

import clickbind
from tests.tools import kit

core = pytest.importorskip("click_man.core")

# click-man 0.6.0 calls it.
pytestmark = pytest.mark.filterwarnings("ignore:'click.utils.make_default_short_help' is deprecated:DeprecationWarning")


@pytest.fixture
def pages(tmp_path: Path) -> dict[str, str]:
    return written("kit", kit.make().command(), tmp_path)


def written(name: str, program: click.Command, folder: Path) -> dict[str, str]:
    """Write the pages of a program, and return their texts by name."""
    core.write_man_pages(name, program, version="1.2", target_dir=str(folder))
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def options(page: str) -> dict[str, str]:
    """Return the texts of a page's options, by the option as the page writes it."""
    found = re.findall(r"(?m)^\.TP\n\\fB(.*)\n((?:(?!\.TP|\.SH).*\n)*)", page)
    return {term.replace("\\fP", "").replace("\\-", "-"): text.strip() for term, text in found}


def test_each_command_has_a_page(pages: dict[str, str]) -> None:
    chains = [f"kit-{chain}{stage}" for chain in ("run", "sweep") for stage in ("", "-train", "-evaluate")]
    others = [f"kit-{name}" for name in ("train", "evaluate", "resume", "runs", "help")]
    assert set(pages) == {f"{name}.1" for name in ("kit", *others, *chains)}


def test_the_page_of_the_program_has_the_dotted_options(pages: dict[str, str]) -> None:
    shown = options(pages["kit.1"])
    assert shown["--train.epochs INTEGER"] == "How often each item is seen.  [default: 50]"
    assert shown["--train.kind [conv|mlp]"] == "[default: conv]"
    assert shown["--train.optim.momentum FLOAT"] == "[default: 0.9]"
    assert "Where the data is." in shown["--train/dataset.folder PATH"]
    assert "--config FILE" in shown
    assert "See \\fBkit-train(1)\\fP for full documentation on the \\fBtrain\\fP command." in pages["kit.1"]


def test_the_page_of_a_stage_has_its_text_and_options(pages: dict[str, str]) -> None:
    page = pages["kit-train.1"]
    assert "kit\\-train \\- Train the model." in page
    assert "It takes a while:" in page
    shown = options(page)
    assert shown["--name TEXT"] == "The name of the run.  [required]"
    assert shown["--mode [FAST|SLOW]"] == "[default: FAST]"
    assert shown["--shuffle / --no-shuffle"] == "[default: true]"
    assert shown["--epochs INTEGER"].splitlines()[0] == "How often each item is seen."


def test_no_page_has_the_secret(pages: dict[str, str]) -> None:
    assert all(kit.SECRET not in page for page in pages.values())


def test_a_program_without_a_description_has_pages(tmp_path: Path) -> None:
    binder = clickbind.Binder("bare")

    @binder.stage
    def train(epochs: int = 50) -> None: ...

    pages = written("bare", binder.command(), tmp_path)
    chains = [f"bare-{chain}{stage}" for chain in ("run", "sweep") for stage in ("", "-train")]
    assert set(pages) == {
        f"{name}.1" for name in ("bare", "bare-train", *chains, "bare-resume", "bare-runs", "bare-help")
    }


def test_man_reads_the_pages_without_warnings(pages: dict[str, str], tmp_path: Path) -> None:
    if shutil.which("man") is None:
        pytest.skip("there is no man")
    done = subprocess.run(
        ["man", "--warnings", str(tmp_path / "kit-train.1")], capture_output=True, check=True, text=True
    )
    assert "--epochs INTEGER" in done.stdout
    assert done.stderr == ""
