"""The version of a program's code: its commit, what differs from it, and what is installed."""

from __future__ import annotations

import os
import shutil
import subprocess
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from clickbind.journal import code
from clickbind.journal.code import Code, code_of, versions

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))  # no configuration of the user's
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    path = tmp_path / "repository"
    (path / "inner").mkdir(parents=True)
    git(path, "init", "--quiet")
    git(path, "config", "user.email", "a@b.c")
    git(path, "config", "user.name", "A")
    return path


def git(path: Path, *words: str) -> str:
    return subprocess.run(["git", *words], cwd=path, check=True, capture_output=True, text=True).stdout


def commit(path: Path, text: str) -> str:
    (path / "fit.py").write_text(text, encoding="utf-8")
    git(path, "add", "fit.py")
    git(path, "commit", "--quiet", "-m", "x")
    return git(path, "rev-parse", "HEAD").strip()


@needs_git
def test_a_clean_repository_has_a_commit_and_no_difference(repository: Path) -> None:
    found = commit(repository, "a = 1\n")
    assert code_of(str(repository)) == Code(found, "")


@needs_git
def test_what_differs_is_shown_of_the_whole_repository_and_applies(repository: Path) -> None:
    found = commit(repository, "a = 1\n")
    (repository / "fit.py").write_text("a = 2\n", encoding="utf-8")
    (repository / "new.py").touch()
    git(repository, "config", "diff.noprefix", "true")
    git(repository, "config", "color.diff", "always")
    result = code_of(str(repository / "inner"))
    assert result.commit == found
    assert "+a = 2\n" in result.diff
    assert "--- a/fit.py" in result.diff
    assert "new.py" not in result.diff
    git(repository, "checkout", "fit.py")
    subprocess.run(["git", "apply"], cwd=repository, input=result.diff, check=True, text=True)
    assert (repository / "fit.py").read_text(encoding="utf-8") == "a = 2\n"


@needs_git
def test_no_program_of_the_configuration_is_run(repository: Path, tmp_path: Path) -> None:
    commit(repository, "a = 1\n")
    (repository / "fit.py").write_text("a = 2\n", encoding="utf-8")
    (repository / ".gitattributes").write_text("*.py diff=own\n", encoding="utf-8")
    for name in ("core.fsmonitor", "diff.external", "diff.own.textconv", "diff.own.command", "core.pager"):
        git(repository, "config", name, f"touch {tmp_path / 'ran'};cat")
    assert "+a = 2" in code_of(str(repository)).diff
    assert not (tmp_path / "ran").exists()


@needs_git
def test_variables_of_git_do_not_name_another_repository(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = commit(repository, "a = 1\n")
    monkeypatch.setenv("GIT_DIR", str(repository / "none"))
    assert code_of(str(repository)) == Code(found, "")


@needs_git
def test_a_difference_that_is_no_text_is_escaped(repository: Path) -> None:
    commit(repository, "a = 1\n")
    (repository / "fit.py").write_bytes(b"a = '\xff'\n")
    assert "+a = '\\xff'\n" in code_of(str(repository)).diff


@needs_git
@pytest.mark.parametrize("name", ["repository", "none", "a\0b"])
def test_without_a_commit_there_is_none(repository: Path, name: str) -> None:
    assert code_of(f"{repository.parent}{os.sep}{name}") == Code(None, "")


def test_without_git_there_is_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert code_of(str(tmp_path)) == Code(None, "")


def test_a_git_that_does_not_answer_is_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def wait(*_: Any, **__: Any) -> None:
        raise subprocess.TimeoutExpired("git", 20)

    monkeypatch.setattr(subprocess, "run", wait)
    assert code_of(str(tmp_path)) == Code(None, "")


@needs_git
def test_a_repository_whose_top_is_not_told_is_compared_where_it_is(
    repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = commit(repository, "a = 1\n")
    run = code._git
    monkeypatch.setattr(code, "_git", lambda *words: None if "--show-toplevel" in words else run(*words))
    assert code_of(str(repository)) == Code(found, "")


def test_versions_are_lines_of_a_requirements_file(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = versions().splitlines()
    assert f"click=={metadata.version('click')}" in lines
    assert lines == sorted(lines, key=str.lower)


def test_a_package_that_is_half_removed_is_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, text in {"a": "Name: a\nVersion: 1\n", "b": "", "c": "Name: c\n"}.items():
        (tmp_path / f"{name}-1.dist-info").mkdir()
        (tmp_path / f"{name}-1.dist-info" / "METADATA").write_text(text, encoding="utf-8")
    (tmp_path / "d-1.dist-info").mkdir()
    monkeypatch.setattr("sys.path", [str(tmp_path)])
    assert versions() == "a==1\n"


def test_the_difference_and_the_versions_are_written_once(tmp_path: Path) -> None:
    code.write(str(tmp_path), "+a = 2\n")
    code.write(str(tmp_path), "+a = 3\n")
    assert (tmp_path / code.DIFF).read_text(encoding="utf-8") == "+a = 2\n"
    assert (tmp_path / code.VERSIONS).read_text(encoding="utf-8") == versions()


def test_without_a_difference_there_is_no_file_of_it(tmp_path: Path) -> None:
    code.write(str(tmp_path), "")
    assert os.listdir(tmp_path) == [code.VERSIONS]
