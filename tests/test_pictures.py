"""The pictures of the README and the pages show what programs print today; `make pictures` draws them."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from docs import make_pictures
from tests.conftest import in_new_words

pytest.importorskip("termios", reason="the pictures are drawn from what a terminal of Unix shows")

SVG = "{http://www.w3.org/2000/svg}"
WIDTH = 12.2
"""How wide a character is."""


def lines_of(picture: Path) -> list[str]:
    """Return the lines of a terminal, whose pieces have places instead of spaces between them."""
    rows: defaultdict[float, str] = defaultdict(str)
    matrix = ET.parse(picture).getroot().iterfind(f".//{SVG}g[@class]/{SVG}text")
    for piece in matrix:
        row = float(piece.attrib["y"])
        column = round(float(piece.attrib["x"]) / WIDTH) - make_pictures.MARGIN
        rows[row] = rows[row].ljust(column) + (piece.text or "").replace("\xa0", " ").rstrip("\n")
    return [rows[row].rstrip() for row in sorted(rows)]


NEEDED = {"rich": "rich_click", "trogon": "trogon"}
"""The libraries that print what a picture shows."""

PICTURES = [*make_pictures.SESSIONS, *make_pictures.INTERFACES]


@pytest.mark.parametrize("name", make_pictures.SESSIONS)
def test_a_picture_shows_what_the_program_prints(name: str) -> None:
    pytest.importorskip(NEEDED.get(name, "clickbind"))
    printed = in_new_words(make_pictures.plain(make_pictures.session(name)))
    assert "\n".join(lines_of(make_pictures.FOLDER / f"{name}.svg")).rstrip() == printed.rstrip()


@pytest.mark.parametrize("name", make_pictures.INTERFACES)
def test_a_picture_shows_what_an_interface_shows(name: str, tmp_path: Path) -> None:
    pytest.importorskip(NEEDED[name])
    now = tmp_path / "now.svg"
    now.write_text(make_pictures.draw(name), encoding="utf-8")
    shown, drawn = (
        [re.findall(r"[\w./-]+", line) for line in lines_of(picture)]  # releases differ in their frames
        for picture in (now, make_pictures.FOLDER / f"{name}.svg")
    )
    assert shown == drawn


def test_each_picture_is_one_that_the_script_draws() -> None:
    assert {path.stem for path in make_pictures.FOLDER.glob("*.svg")} == set(PICTURES)


@pytest.mark.parametrize("name", PICTURES)
def test_a_picture_needs_nothing_from_the_network(name: str) -> None:
    text = (make_pictures.FOLDER / f"{name}.svg").read_text(encoding="utf-8")
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", text) == []


@pytest.mark.parametrize("name", make_pictures.SESSIONS)
def test_a_picture_is_drawn_the_same_each_time(name: str) -> None:
    pytest.importorskip("rich", reason="rich draws the pictures: make pictures")
    pytest.importorskip(NEEDED.get(name, "clickbind"))
    assert make_pictures.draw(name) == make_pictures.draw(name)


def test_a_section_that_the_program_no_longer_prints_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(make_pictures, "KEPT", {"multistage --help": ("Usage", "trian")})
    with pytest.raises(ValueError, match="prints no section trian"):
        make_pictures.session("help")
