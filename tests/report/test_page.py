"""The page as a file."""

from __future__ import annotations

import base64
import builtins
import hashlib
import json
import re
import sys
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from clickbind import UserError
from clickbind.journal.listing import runs
from clickbind.report import content, page
from tests.report.kit import HOSTILE, fill, sweep

pytest.importorskip("plotly")


def page_of(folder: Path, **settings: Any) -> str:
    return page.html_of(runs(folder), str(folder), **settings)[0]


class Elements(HTMLParser):
    """Collect the elements of a page with their attributes, and the texts of its scripts."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self.title = self.inside = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        self.inside = tag
        if tag == "script":
            self.scripts.append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = ""

    def handle_data(self, data: str) -> None:
        if self.inside == "script":
            self.scripts[-1] += data
        elif self.inside == "title":
            self.title += data


def test_the_policy_allows_its_own_scripts_alone(tmp_path: Path) -> None:
    elements = Elements(page_of(sweep(tmp_path / "lr", 3)))
    policy = next(attributes["content"] or "" for tag, attributes in elements.found if "http-equiv" in attributes)
    data, *scripts = elements.scripts
    assert len(scripts) == 4
    hashes = [base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts]
    allowed = " ".join(f"'sha256-{one}'" for one in hashes)
    assert policy.startswith(f"default-src 'none'; script-src {allowed};")
    assert "unsafe-eval" not in policy
    assert json.loads(data)["title"].endswith("lr")


def test_nothing_is_loaded_from_elsewhere(tmp_path: Path) -> None:
    elements = Elements(page_of(sweep(tmp_path / "lr", 3)))
    assert [tag for tag, attributes in elements.found if attributes.keys() & {"src", "href", "action"}] == []


def test_no_data_becomes_markup(tmp_path: Path) -> None:
    plain = Elements(page_of(sweep(tmp_path / "plain", 2)))
    folder = sweep(tmp_path / "x<script>hit()", 2)
    error = {"type": HOSTILE, "message": HOSTILE, "where": HOSTILE}
    job = fill(folder / "3", {"train.x": json.dumps(HOSTILE)}, error=error, results={HOSTILE: 1}, line=HOSTILE)
    (job / "log.txt").write_text(
        HOSTILE + "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "utf-8"
    )
    text = page_of(folder)
    elements = Elements(text)
    assert [tag for tag, _ in elements.found] == [tag for tag, _ in plain.found]
    assert elements.title.endswith("x<script>hit()")
    data = re.search(r'<script id="data" type="application/json">(.*)</script>\n<script>', text)
    assert data is not None
    assert not set("<>&\u2028") & set(data[1])
    assert json.loads(data[1])["results"][-1] == HOSTILE


def test_a_script_cannot_end_its_element() -> None:
    assert page._safe("'</script>' + '<!-- ' + a</b/") == "'\\x3c/script>' + '\\x3c!-- ' + a</b/"


def test_the_scripts_make_no_markup_of_texts() -> None:
    for name in ("table.js", "plots.js", "page.js"):
        script = page._read(name)
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|Function\(", script), (
            name
        )
        assert "</script" not in script


def test_a_page_that_is_too_large_becomes_smaller(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(page, "_MOST", 6_000)
    first = content.Limits(runs=12)
    monkeypatch.setattr(content, "Limits", lambda: first)
    _, found = page.html_of(runs(sweep(tmp_path / "lr", 12)), "lr")
    assert 0 < len(found["jobs"]) < 12
    assert found["leftOut"]


def test_plotly_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    page.check()
    real = builtins.__import__

    def refuse(name: str, *args: Any) -> Any:
        if name.startswith("plotly"):
            raise ImportError(name)
        return real(name, *args)

    for name in [one for one in sys.modules if one.partition(".")[0] == "plotly"]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(UserError, match=r'not installed: pip install "clickbind\[report\]"'):
        page.check()
