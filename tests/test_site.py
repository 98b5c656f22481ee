"""`make docs` builds the site of these pages without warnings."""

from __future__ import annotations

import re
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

import clickbind
from docs import make_api
from tests.conftest import HANG

DOCS = Path(__file__).parent.parent / "docs"

for name in ("sphinx", "furo", "myst_parser", "sphinx_click", "sphinxcontrib.mermaid"):
    pytest.importorskip(name, reason=f"the site is built with {name}: make docs")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the site as `make docs` does."""
    folder = tmp_path_factory.mktemp("site")
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", "--keep-going", "--nitpicky", DOCS, folder],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
        text=True,
        timeout=HANG,
    )
    assert (built.returncode, built.stdout) == (0, "")
    return folder


def test_the_site_has_all_pages(site: Path) -> None:
    assert {path.stem for path in DOCS.glob("*.md")} <= {path.stem for path in site.glob("*.html")}


def test_other_sites_can_refer_to_every_public_name(site: Path) -> None:
    inventory = (site / "objects.inv").read_bytes().split(b"\n", 4)[4]
    names = {line.split(" ")[0] for line in zlib.decompress(inventory).decode().splitlines()}
    assert {f"clickbind.{name}" for name in clickbind.__all__} <= names
    assert {f"clickbind.{name}.{method}" for name, methods in make_api.METHODS.items() for method in methods} <= names
    assert {f"clickbind.argbind.{name}" for name in ("bind", "parse_args", "scope")} <= names


def test_classes_whose_instances_a_program_only_gets_have_no_constructor_on_the_site(site: Path) -> None:
    page = re.sub(r"<[^>]+>", "", (site / "api.html").read_text(encoding="utf-8"))
    assert "class clickbind.Binder(" in page
    for name in make_api.MADE:
        assert f"class clickbind.{name}" in page
        assert f"clickbind.{name}(" not in page


def test_the_command_line_of_the_example_is_on_the_site(site: Path) -> None:
    page = (site / "commands.html").read_text(encoding="utf-8")
    for stage in ("download", "preprocess", "train", "evaluate", "analyze"):
        assert f'id="multistage-{stage}"' in page
    for option in ("config", "save", "print-config"):
        assert f'id="cmdoption-multistage-{option}"' in page
    for option in ("train.epochs", "train.model_type", "output.folder"):
        assert f'id="cmdoption-multistage-{option}"' in page
    assert "<code" in page.partition('id="cmdoption-multistage-train.epochs"')[2].partition("50")[0]  # its default
    for option in ("folder", "epochs", "lr", "model-type", "model-path"):
        assert f'id="cmdoption-multistage-train-{option}"' in page
