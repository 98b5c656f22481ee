"""The page of sphinx-click: dotted options, defaults, choices, and every stage."""

from __future__ import annotations

import re
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from tests.conftest import HANG
from tests.tools import kit

pytest.importorskip("sphinx_click")


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Build a site of one page, on which warnings are errors."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "conf.py").write_text("project = 'kit'\nextensions = ['sphinx_click']\n", encoding="utf-8")
    text = f"Kit\n===\n\n.. click:: {kit.__name__}:main\n   :prog: kit\n   :nested: full\n"
    (folder / "index.rst").write_text(text, encoding="utf-8")
    words = [
        "-m",
        "sphinx",
        "--quiet",
        "--fail-on-warning",
        "--nitpicky",
        "-b",
        "html",
        str(folder),
        str(folder / "out"),
    ]
    done = subprocess.run(
        [sys.executable, *words],
        cwd=Path(__file__).parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        timeout=HANG,
    )
    assert (done.returncode, done.stdout) == (0, "")
    return (folder / "out" / "index.html").read_text(encoding="utf-8")


def option(page: str, anchor: str) -> str:
    """Return the text of an option by its anchor."""
    found = re.search(rf'(?s)<dt [^>]*id="cmdoption-{re.escape(anchor)}".*?(?=<dt class="sig|</section>)', page)
    assert found is not None, anchor
    return " ".join(unescape(re.sub(r"<[^>]*>", " ", found[0])).split())


def test_the_program_has_its_dotted_options(page: str) -> None:
    assert "How often each item is seen. Default : 50" in option(page, "kit-train.epochs")
    assert "Default : 'conv' Options : conv | mlp" in option(page, "kit-train.kind")
    assert "FAST | SLOW" in option(page, "kit-train.mode")
    assert "Where the data is." in option(page, "kit-train-dataset.folder")


def test_a_stage_has_its_options(page: str) -> None:
    assert "Required The name of the run." in option(page, "kit-train-name")
    assert "Default : 50" in option(page, "kit-train-epochs")
    assert "It is seen in a new order each time." in option(page, "kit-train-epochs")
    assert "Default : True" in option(page, "kit-train-shuffle")
    assert "Adam | SGD" in option(page, "kit-train-optim")
    assert "Default : 0.9" in option(page, "kit-train-optim.momentum")


def test_every_command_has_a_section(page: str) -> None:
    for name in ("kit", "kit-train", "kit-evaluate", "kit-run", "kit-help"):
        assert f'<section id="{name}">' in page


def test_the_page_has_no_secret(page: str) -> None:
    assert kit.SECRET not in page
