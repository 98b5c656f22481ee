"""The page of mkdocs-click, made by Python-Markdown as MkDocs does."""

from __future__ import annotations

import re
from html import unescape
from xml.etree import ElementTree as ET

import pytest

from tests.tools import kit

markdown = pytest.importorskip("markdown")
pytest.importorskip("mkdocs_click")


def page(style: str) -> str:
    text = (
        f"::: mkdocs-click\n    :module: {kit.__name__}\n    :command: main\n    :prog_name: kit\n    :style: {style}\n"
    )
    extensions = ["attr_list", "fenced_code", "tables", "mkdocs-click"]
    made: str = markdown.markdown(text, extensions=extensions)
    return made


def tables(html: str) -> dict[str, list[list[str]]]:
    """Return the rows of the table of each command, as text."""
    found = {}
    for heading, part in re.findall(r"(?s)<h\d[^>]*>(.*?)</h\d>(.*?)(?=<h\d|\Z)", html):
        rows = re.findall(r"(?s)<tr>.*?</tr>", part)
        found[heading] = [["".join(cell.itertext()) for cell in ET.fromstring(unescape(row))] for row in rows]
    return found


def test_each_command_has_a_section() -> None:
    headings = re.findall(r"<h\d[^>]*>(.*?)</h\d>", page("table"))
    run, sweep = ([f"kit {chain}{stage}" for stage in ("", " evaluate", " train")] for chain in ("run", "sweep"))
    assert headings == ["kit", "kit evaluate", "kit help", "kit resume", *run, "kit runs", *sweep, "kit train"]


def test_the_table_of_the_program_has_the_dotted_options() -> None:
    rows = tables(page("table"))["kit"]
    assert rows[0] == ["Name", "Type", "Description", "Default"]
    assert all(len(row) == 4 for row in rows)
    for row in (
        ["--train.epochs", "integer", "How often each item is seen.", "50"],
        ["--train.kind", "choice (conv | mlp)", "N/A", "conv"],
        ["--train.mode", "choice (FAST | SLOW)", "N/A", "FAST"],
        ["--train.shuffle / --no-train.shuffle", "boolean", "N/A", "True"],
        ["--train.optim", "choice (Adam | SGD)", "N/A", "Adam"],
        ["--train/dataset.folder", "path", "Where the data is.", "data"],
        [
            "--save",
            "text",
            "Write every value of the run to a YAML file before it starts. - is standard output.",
            "None",
        ],
        ["--debug", "boolean", "Print each bound call as it is made.", "False"],
    ):
        assert row in rows


def test_the_plain_style_is_the_help() -> None:
    html = unescape(page("plain"))
    assert "--train.epochs INTEGER" in html
    assert "--optim.momentum FLOAT" in html
    assert "[default: FAST]" in html
    assert "It is seen in a new order each time." in html


@pytest.mark.parametrize("style", ["plain", "table"])
def test_no_page_has_the_secret(style: str) -> None:
    assert kit.SECRET not in page(style)
