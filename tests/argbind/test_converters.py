"""Values that are typed or in files are read as ArgBind reads them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Dict, List, Optional, Tuple, Union  # noqa: UP035 - as ArgBind's programs write it

import pytest

from clickbind import argbind

Annotation = Any


@pytest.fixture(autouse=True)
def _alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Give each test a binder and a folder of its own."""
    monkeypatch.setattr(argbind, "_BINDER", argbind._ArgBinder())
    monkeypatch.chdir(tmp_path)


def parsed(annotation: Annotation, default: Any, *words: str) -> Any:
    """Return the value of an option of a type, given the words of a line."""

    def run(x: Any = default) -> None: ...

    run.__annotations__ = {"x": annotation}
    argbind.bind(run)
    sys.argv = ["prog", *words]
    return argbind.parse_args()["run.x"]


@pytest.mark.parametrize(
    ("annotation", "default", "text", "value"),
    [
        (str, None, "none", "none"),
        (str, None, "NULL", "NULL"),
        (Optional[str], None, "none", None),  # noqa: UP045
        (Optional[str], "x", "none", None),  # noqa: UP045
        (int, None, "none", None),
        (int, None, "3", 3),
        (List[str], None, "none", ["none"]),  # noqa: UP006
        (Tuple[str, int], None, "none 3", ("none", 3)),  # noqa: UP006
        (List[str], [], "a 'b c' [d", ["a", "'b", "c'", "[d"]),  # noqa: UP006
        (List[str], [], "[a, b]", ["[a,", "b]"]),  # noqa: UP006
        (list[str], [], "{a: 1}", ["{a:", "1}"]),
        (List[int], [], "[1, 2]", [1, 2]),  # noqa: UP006
        (List[int], [], "1 2", [1, 2]),  # noqa: UP006
        (Tuple[int, int], (1, 1), "[2, 3]", (2, 3)),  # noqa: UP006
        (Tuple[int, str], (1, "a"), "2 'b'", (2, "'b'")),  # noqa: UP006
        (Union[str, Path], ".", "a/b", "a/b"),  # noqa: UP007
        (Optional[Union[Path, str]], None, "a/b", "a/b"),  # noqa: UP007, UP045
        (Union[int, str], 1, "2", 2),  # noqa: UP007
        (Union[bytes, str], b"", "2", "2"),  # noqa: UP007
        (List[Union[str, Path]], [], "a b", ["a", "b"]),  # noqa: UP006, UP007
        (Path, Path(), "a/b", Path("a/b")),
        (Dict[str, int], {}, "a=1 b=2", {"a": 1, "b": 2}),  # noqa: UP006
    ],
)
def test_a_typed_text_is_read_as_argbind_reads_it(annotation: Annotation, default: Any, text: str, value: Any) -> None:
    assert parsed(annotation, default, "--run.x", text) == value


@pytest.mark.parametrize(
    ("annotation", "words", "value"),
    [
        (List[str], ["a b", "c"], ["c"]),  # noqa: UP006
        (List[int], ["1 2", "3"], [3]),  # noqa: UP006
        (Dict[str, int], ["a=1", "b=2"], {"b": 2}),  # noqa: UP006
        (Optional[List[int]], ["1", "none", "2"], [2]),  # noqa: UP006, UP045
        (Optional[List[int]], ["1", "none"], None),  # noqa: UP006, UP045
    ],
)
def test_of_a_repeated_option_the_last_one_counts(annotation: Annotation, words: list[str], value: Any) -> None:
    line = [part for word in words for part in ("--run.x", word)]
    assert parsed(annotation, None, *line) == value


@pytest.mark.parametrize(
    ("annotation", "default", "text", "value"),
    [
        (Union[str, Path], ".", "/a/b", "/a/b"),  # noqa: UP007
        (Tuple[int, str], (1, "a"), "2 'b'", (2, "'b'")),  # noqa: UP006
        (Union[str, Path], ".", "!!python/object/apply:pathlib.PosixPath [/, a, b]", "/a/b"),  # noqa: UP007
        (Path, None, "!!python/object/apply:pathlib.PosixPath [/, a, b]", Path("/a/b")),
        (str, None, "none", "none"),
        (str, None, "null", None),
        (List[str], [], "a 'b", ["a", "'b"]),  # noqa: UP006
        (List[str], [], "['a b', \"'c'\"]", ["a b", "'c'"]),  # noqa: UP006
    ],
)
def test_a_value_of_a_file_is_read_as_argbind_reads_it(
    annotation: Annotation, default: Any, text: str, value: Any
) -> None:
    def run(x: Any = default) -> None: ...

    run.__annotations__ = {"x": annotation}
    argbind.bind(run)
    Path("a.yml").write_text(f"run.x: {text}\n", encoding="utf-8")
    assert argbind.load_args("a.yml")["run.x"] == value


@pytest.mark.parametrize(
    ("annotation", "default", "value"),
    [
        (Union[str, Path], ".", "a/b"),  # noqa: UP007
        (Union[str, Path], ".", "1"),  # noqa: UP007
        (List[str], [], ["a b", "[c", "'"]),  # noqa: UP006
        (Tuple[str, int], ("a", 1), ("'b c'", 2)),  # noqa: UP006
        (str, None, "none"),
        (str, "x", None),
    ],
)
def test_what_is_dumped_is_loaded_again(annotation: Annotation, default: Any, value: Any) -> None:
    def run(x: Any = default) -> None: ...

    run.__annotations__ = {"x": annotation}
    argbind.bind(run)
    argbind.dump_args({"run.x": value}, "a.yml")
    assert argbind.load_args("a.yml")["run.x"] == value
