"""The command `runs` writes a page."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Annotated, Any

import pytest
from click.testing import CliRunner

import clickbind
from clickbind.cli import runs_page
from clickbind.report import content, page
from tests.journal.kit import Fit


@pytest.fixture
def fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Fit:
    """A program with two runs in ``runs``, one of which has failed. It has a secret: unknown words become stars."""
    pytest.importorskip("plotly")
    monkeypatch.chdir(tmp_path)
    fit = Fit()
    fit("--into runs/a run train --epochs 4 evaluate")
    fit.fails()
    fit("--into runs/b run train evaluate --folder other")
    return fit


def data_of(path: str) -> dict[str, Any]:
    text = Path(path).read_text(encoding="utf-8")
    found = re.search(r'<script id="data" type="application/json">(.*)</script>', text)
    assert found is not None
    content: dict[str, Any] = json.loads(found[1])
    return content


def test_a_page_is_written(fit: Fit) -> None:
    result = fit("runs --html page.html")
    assert re.fullmatch(r"page\.html: 2 runs, [3-9]\.\d MB\. Open it in a browser\.\n", result.output)
    data = data_of("page.html")
    assert (data["title"], [job["name"] for job in data["jobs"]], data["every"]) == ("runs", ["a", "b"], False)
    assert data["jobs"][1]["error"]["message"] == "diverged"
    origins = [data["texts"][number][1] for number in data["jobs"][0]["values"]]
    assert origins[data["keys"].index("train.epochs")] == "--epochs"


def test_the_table_begins_as_the_line_asks(fit: Fit) -> None:
    assert fit("runs --html pages/p.html --sort epochs --all").exit_code == 0
    data = data_of("pages/p.html")
    assert ([job["name"] for job in data["jobs"]], data["sort"], data["every"]) == (["b", "a"], "train.epochs", True)


def test_a_page_goes_to_standard_output(fit: Fit) -> None:
    result = fit("runs runs/a --html -")
    assert result.output.startswith("<!doctype html>")
    assert result.output.endswith("</html>\n")


def test_an_old_page_is_replaced_whole(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    Path("page.html").write_text("<!doctype html>old", encoding="utf-8")

    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "fsync", fail)
        result = fit("runs --html page.html")
    assert (result.exit_code, Path("page.html").read_text(encoding="utf-8")) == (2, "<!doctype html>old")
    assert "page.html: the page cannot be saved: No space left on device." in result.stderr
    assert fit("runs --html page.html").exit_code == 0
    assert data_of("page.html")["title"] == "runs"


def test_a_file_that_is_no_page_is_not_replaced(fit: Fit) -> None:
    result = fit("runs --html runs/a/run.yml")
    assert (result.exit_code, "exists, and is not a page." in result.stderr) == (2, True)
    assert "train.epochs: 4" in Path("runs/a/run.yml").read_text(encoding="utf-8")
    Path("empty.html").touch()
    assert fit("runs --html empty.html").exit_code == 0
    assert runs_page._is_page("nowhere")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("runs --html p.html --csv", "'--csv' and '--html' cannot be used together."),
        ("runs --html p.html --json", "'--json' and '--html' cannot be used together."),
        ("runs --html p.html --diff a b", "'--html' and '--diff' cannot be used together."),
        ("runs none --html p.html", "none: there is no such folder."),
        ("runs --html runs/", "--html: runs/ is a folder. Give the file to write: --html runs.html"),
        ("runs --html=", "--html: expected the name of a file, got ''."),
        ("runs --html p.html --sort epohcs", "--sort: the runs have no key or result 'epohcs'. Did you mean 'epochs'?"),
        ("runs runs/a/nothing --html p.html", "there is no such folder"),
        ("runs --html", "Option '--html' requires an argument."),
    ],
)
def test_a_wrong_line_is_refused(fit: Fit, line: str, message: str) -> None:
    result = fit(line)
    assert (result.exit_code, message in result.stderr, os.path.exists("p.html")) == (2, True, False), result.stderr


def test_a_folder_without_runs_says_where_they_are(fit: Fit) -> None:
    os.makedirs("all/lr/1-x")
    Path("all/lr/sweep.yml").touch()
    Path("all/lr/1-x/run.yml").touch()
    result = fit("runs all --html p.html")
    assert (result.exit_code, os.path.exists("p.html")) == (2, False)
    assert f"all: there are no runs. Give a sweep: {os.path.join('all', 'lr')}." in result.stderr
    os.makedirs("empty")
    assert "empty: there are no runs.\n" in fit("runs empty --html p.html").stderr
    os.rename("runs/a", "all/a")
    result = fit("runs all --html p.html")
    assert (
        f"Warning: the page does not have the sweeps in all. Give a sweep: {os.path.join('all', 'lr')}."
        in result.stderr
    )
    assert [job["name"] for job in data_of("p.html")["jobs"]] == ["a"]


def test_what_is_left_out_is_said_on_the_line_too(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    made = content.content_of

    def smaller(*args: Any, **settings: Any) -> dict[str, Any]:
        return made(*args, **{**settings, "limits": content.Limits(runs=1)})

    monkeypatch.setattr(content, "content_of", smaller)
    assert "Warning: The page has 1 of 2 runs." in fit("runs --html p.html").stderr


def test_plotly_is_needed_before_anything_is_written(fit: Fit, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> None:
        raise clickbind.UserError(page._MISSING)

    monkeypatch.setattr(page, "check", refuse)
    result = fit("runs --html pages/p.html")
    assert (result.exit_code, os.path.exists("pages")) == (2, False)
    assert '--html draws with plotly, which is not installed: pip install "clickbind[report]"' in result.stderr


def test_secrets_that_a_program_prints_are_starred(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("plotly")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PROG_TOKEN", "hunter22")
    binder = clickbind.Binder("prog")

    @binder.stage
    def train(
        lr: float = 0.1, token: Annotated[str, clickbind.Option(secret=True, envvar="PROG_TOKEN")] = "none"
    ) -> None:
        Path("runs/a/log.txt").write_text(f"logged in with {token}\n", encoding="utf-8")
        raise ValueError(f"refused {token}")

    main = binder.command()
    CliRunner().invoke(main, ["--into", "runs/a", "train"])
    assert "hunter22" in Path("runs/a/log.txt").read_text(encoding="utf-8")
    result = CliRunner().invoke(main, ["runs", "--html", "p.html"])
    assert result.exit_code == 0, result.output
    assert "hunter22" not in Path("p.html").read_text(encoding="utf-8")
    assert data_of("p.html")["jobs"][0]["log"] == "logged in with ***\n"
