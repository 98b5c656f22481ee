"""What docs/types.md shows is what happens: each row of its table, by every way, and its python."""

from __future__ import annotations

import doctest
import math
import re
import shlex
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import click
import pytest
from click.testing import CliRunner, Result

import clickbind

DOCUMENT = (Path(__file__).parent.parent / "docs" / "types.md").read_text(encoding="utf-8")
NEW_SYNTAX = "# Python 3.12\n"


class Row(NamedTuple):
    """A row of the table; a way that it leaves empty is none of its values."""

    annotation: str
    line: str
    file: str
    value: str


def blocks() -> list[str]:
    """Return the document's python, without what is too new for this one."""
    found: list[str] = re.findall(r"(?ms)^```python\n(.*?)^```", DOCUMENT)
    return [block for block in found if sys.version_info >= (3, 12) or not block.startswith(NEW_SYNTAX)]


def rows() -> Iterator[Row]:
    """Walk the rows of the table that tells of every type, without those of syntax that is too new for this Python."""
    new = re.findall(r"(?m)^type (\w+)", DOCUMENT) if sys.version_info < (3, 12) else []
    table = DOCUMENT.partition("| Annotation |")[2].partition("\n\n")[0].splitlines()[2:]
    for line in table:
        cells = [cell.strip().strip("`").replace(r"\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
        row = Row(*cells)
        if row.annotation.partition("[")[0] not in new:
            yield row


KINDS = types.ModuleType("kinds")
del KINDS.__spec__, KINDS.__loader__  # it has none, which Python 3.15 warns of where they are None
for _block in blocks():
    if ">>>" not in _block:
        sys.modules["kinds"] = KINDS
        exec(compile(_block, "docs/types.md", "exec"), vars(KINDS))


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setitem(sys.modules, "kinds", KINDS)


def evaluated(text: str) -> Any:
    return eval(text, vars(KINDS))


class Shown:
    """The document's program, with a row's annotation for its parameter."""

    def __init__(self, annotation: str) -> None:
        self.values: list[Any] = []

        def show(x: Any) -> None:
            self.values.append(x)

        show.__annotations__["x"] = evaluated(annotation)
        binder = clickbind.Binder("prog")
        binder.stage(show)
        self.main: click.Group = binder.command()

    def __call__(self, *line: str) -> Any:
        """Type a line, and give the value that the stage got."""
        result: Result = CliRunner().invoke(self.main, line)
        assert result.exit_code == 0, f"{result.output}{result.exception!r}"
        return self.values.pop()


def assert_same(found: Any, expected: Any) -> None:
    """Hold that two values are equal and of one type, and so are those in them; a nan is like another."""
    assert type(found) is type(expected)
    if isinstance(expected, float) and math.isnan(expected):
        assert math.isnan(found)
        return
    assert found == expected
    if isinstance(expected, (list, tuple)):
        for one, other in zip(found, expected, strict=True):
            assert_same(one, other)
    elif isinstance(expected, dict):
        assert_same(list(found), list(expected))
        assert_same(list(found.values()), list(expected.values()))


ROWS = list(rows())
TYPED = [row for row in ROWS if row.line]


@pytest.mark.parametrize("row", TYPED, ids=lambda row: f"{row.annotation} {row.line}")
def test_a_row_is_true_of_the_stages_own_option(row: Row) -> None:
    assert_same(Shown(row.annotation)("show", *shlex.split(row.line)), evaluated(row.value))


@pytest.mark.parametrize("row", TYPED, ids=lambda row: f"{row.annotation} {row.line}")
def test_a_row_is_true_of_the_dotted_option(row: Row) -> None:
    words = [re.sub(r"^--(no-)?x\b", r"--\1show.x", word) for word in shlex.split(row.line)]
    assert_same(Shown(row.annotation)(*words, "show"), evaluated(row.value))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.annotation} {row.file}")
def test_a_row_is_true_of_a_file(row: Row) -> None:
    Path("run.yml").write_text(f"show:\n  {row.file}\n", encoding="utf-8")
    assert_same(Shown(row.annotation)("--config", "run.yml", "show"), evaluated(row.value))


@pytest.mark.parametrize("row", TYPED, ids=lambda row: f"{row.annotation} {row.line}")
def test_what_a_row_types_is_saved_and_replayed(row: Row) -> None:
    program = Shown(row.annotation)
    program("--save", "saved.yml", "show", *shlex.split(row.line))
    assert_same(program("--config", "saved.yml"), evaluated(row.value))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.annotation} {row.file}")
def test_what_a_file_says_is_saved_and_replayed(row: Row) -> None:
    program = Shown(row.annotation)
    Path("run.yml").write_text(f"show:\n  {row.file}\n", encoding="utf-8")
    program("--config", "run.yml", "--save", "saved.yml", "show")
    assert_same(program("--config", "saved.yml"), evaluated(row.value))


SESSIONS = [block for block in blocks() if ">>>" in block]


@pytest.mark.parametrize("number", range(len(SESSIONS)))
def test_a_session_of_the_document_is_what_happens(number: int) -> None:
    example = doctest.DocTestParser().get_doctest(SESSIONS[number], dict(vars(KINDS)), f"session {number}", None, None)
    runner = doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS)
    messages: list[str] = []
    runner.run(example, out=messages.append)
    assert not messages, "".join(messages)
