"""What docs/comparison.md shows of other libraries is what they do: `nox -s compare` installs them."""

from __future__ import annotations

import importlib.metadata
import re
from pathlib import Path

import pytest

from tests.conftest import in_new_words
from tests.test_docs import PAGES, ROOT, blocks, output, words, write_files

PAGE = "comparison.md"
ROWS = [[cell.strip() for cell in line.split("|")[1:-1]] for line in re.findall(r"(?m)^\|.*\|$", PAGES[PAGE])]
NAMES = ROWS[0][1:]
TABLE = {row[0]: dict(zip(NAMES, row[1:], strict=True)) for row in ROWS if len(row) == len(ROWS[0])}
DISTRIBUTIONS = {name: "hydra-core" if name == "Hydra" else name.lower() for name in NAMES}

LINES = {
    "a word for a number": {
        "Hydra": "train.epochs=many",
        "ArgBind": "--train.epochs many",
        "others": "train --epochs many",
    },
    "a misspelt option": {
        "Hydra": "train.epohcs=7",
        "ArgBind": "--train.epohcs 7",
        "others": "train --epohcs 7",
    },
    "a word for a number in a file": {
        "Hydra": "--config-dir . --config-name many",
        "ArgBind": "--args.load many-flat.yml",
        "others": "--config many.yml train",
    },
    "a misspelt key in a file": {
        "Hydra": "--config-dir . --config-name composed",
        "ArgBind": "--args.load flat.yml",
        "others": "--config nested.yml train",
    },
}
"""The lines that a row of the table is about. Most libraries have the same."""

FILES = {
    "many-flat.yml": "train.epochs: many\n",
    "many.yml": "train: {epochs: many}\n",
    "many.yaml": "defaults: [fit, _self_]\ntrain: {epochs: many}\n",
}


def require(name: str) -> None:
    """Skip a test if a library is missing, or is another release than the page is about."""
    distribution, version = DISTRIBUTIONS[name], TABLE["version"][name]
    if name == "clickbind":
        return
    try:
        installed = importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        pytest.skip(f"{distribution} is not installed: nox -s compare")
    if installed != version:
        pytest.skip(f"the page is about {distribution} {version}, and {installed} is installed")


@pytest.mark.parametrize("name", NAMES)
def test_a_program_does_what_the_page_shows(name: str, tmp_path: Path) -> None:
    require(name)
    write_files(blocks(PAGE), tmp_path)
    shown = [text for kind, _, text in blocks(PAGE) if kind == "console" and f"with_{name.lower()}.py" in text]
    assert len(shown) == 1
    lines = re.findall(r"(?m)^\$ (.*)$", shown[0])
    printed = "".join(f"$ {line}\n{output(words(line), tmp_path)}" for line in lines)
    assert (in_new_words(printed) if name == "clickbind" else printed) == shown[0]


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("row", LINES)
def test_a_mistake_has_the_effect_that_the_table_says(name: str, row: str, tmp_path: Path) -> None:
    require(name)
    if not TABLE[row][name]:
        pytest.skip(f"{name} has no such thing")
    write_files([*blocks(PAGE), *(("yaml", file, text) for file, text in FILES.items())], tmp_path)
    line = LINES[row].get(name, LINES[row]["others"])
    printed = output(words(f"with_{name.lower()}.py {line}"), tmp_path)
    assert printed.startswith("train: ") == (not TABLE[row][name].startswith("error")), printed


def test_the_table_counts_the_lines_of_the_programs() -> None:
    programs = {name: text for _, name, text in blocks(PAGE)}
    for name in NAMES:
        lines = [line for line in programs[f"with_{name.lower()}.py"].splitlines() if line]
        assert TABLE["lines of the program"][name] == str(len(lines)), name


def test_the_versions_are_those_that_nox_installs() -> None:
    pins = re.findall(r'"([\w-]+)(?:\[\w+\])?==([\d.]+)"', (ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    for name in NAMES[1:]:
        assert (DISTRIBUTIONS[name], TABLE["version"][name]) in pins


def test_the_start_up_times_are_about_those_of_the_benchmarks() -> None:
    results = (ROOT / "benchmarks" / "RESULTS.md").read_text(encoding="utf-8")
    header, measured = (
        [cell.strip() for cell in re.findall(rf"(?m)^\| {first} \|.*$", results)[0].split("|")]
        for first in ("line", "`train --epochs 100`")
    )
    for name in NAMES:
        if name.lower() in header or name == "clickbind":
            ratio = float(measured[header.index(name.lower())].split(" ")[0])
            assert float(TABLE["start-up, by hand on Click = 1"][name]) == pytest.approx(ratio, rel=0.2), name
