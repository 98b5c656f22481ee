"""Config files to documents: includes and variables, and the form of what is wrong with them."""

from __future__ import annotations

import io
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from clickbind import layers
from clickbind.errors import ConversionError
from clickbind.layers.includes import Document
from clickbind.nodes import Scalar
from clickbind.nodes.core_schema import core

Files = dict[str, str]


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def write(files: Files) -> None:
    for name, text in files.items():
        Path(name).parent.mkdir(parents=True, exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")


def names(*paths: str) -> list[str]:
    return [document.name for document in layers.includes.collect(paths)]


def problems(*paths: str) -> str:
    return "\n".join(problem for document in layers.includes.collect(paths) for problem in document.problems)


def expanded(text: str) -> Any:
    """Return the values of a text's entries, variables put in, by the core schema."""
    document = layers.includes.parse(text, "f.yml")[-1]
    assert document.problems == []
    return {key.text: core(document.expand(value)) for key, value in document.pairs if isinstance(key, Scalar)}


def refusal(text: str) -> tuple[str, int, int]:
    """Return the message of an error in a variable, and its place, counted from 1 as it is told."""
    with pytest.raises(ConversionError) as caught:
        expanded(text)
    node: Any = caught.value.node
    return str(caught.value), node.line + 1, node.column + 1


@pytest.mark.parametrize("text", ["", "---\n", "~\n", "# nothing\n"])
def test_an_empty_document_has_no_entries(text: str) -> None:
    (document,) = layers.includes.parse(text, "f.yml")
    assert (document.pairs, document.problems) == ([], [])


def test_entries_are_those_that_are_no_directives() -> None:
    (document,) = layers.includes.parse("$schema: x\n$vars: {a: 1}\n$include: []\nb: 2\n$other: 3\n", "f.yml")
    assert [key.text for key, _ in document.pairs if isinstance(key, Scalar)] == ["b", "$other"]
    assert list(document.variables) == ["a"]


@pytest.mark.parametrize("nothing", ["", "~", "null", "[]"])
def test_nothing_may_be_included(nothing: str) -> None:
    write({"f.yml": f"$include: {nothing}\n"})
    assert problems("f.yml") == ""


@pytest.mark.parametrize("nothing", ["", "~", "{}"])
def test_there_may_be_no_variables(nothing: str) -> None:
    write({"f.yml": f"$vars: {nothing}\n"})
    assert problems("f.yml") == ""


@pytest.mark.parametrize("include", ["b.yml", "[b.yml]", "'b.yml'", "[b.yml, b.yml]"])
def test_a_file_stands_behind_what_it_includes(include: str) -> None:
    write({"a.yml": f"$include: {include}\n", "b.yml": ""})
    assert names("a.yml") == ["b.yml", "a.yml"]


def test_the_later_of_two_includes_stands_later() -> None:
    write({"a.yml": "$include: [b.yml, c.yml]\n", "b.yml": "", "c.yml": ""})
    assert names("a.yml") == ["b.yml", "c.yml", "a.yml"]


def test_a_file_that_stands_twice_counts_where_it_stands_last() -> None:
    write({"a.yml": "$include: [b.yml, c.yml, b.yml]\n", "b.yml": "", "c.yml": ""})
    assert names("a.yml") == ["c.yml", "b.yml", "a.yml"]
    assert names("b.yml", "a.yml", "b.yml") == ["c.yml", "a.yml", "b.yml"]


def test_two_files_may_include_the_same_third() -> None:
    write({"a.yml": "$include: [b.yml, c.yml]\n", "b.yml": "$include: d.yml", "c.yml": "$include: d.yml", "d.yml": ""})
    assert names("a.yml") == ["b.yml", "d.yml", "c.yml", "a.yml"]


def test_a_link_to_a_file_is_the_same_file() -> None:
    write({"a.yml": ""})
    os.symlink("a.yml", "b.yml")
    assert names("a.yml", "b.yml") == ["a.yml"]


def test_a_file_is_looked_for_beside_the_including_one_then_in_the_working_directory() -> None:
    write({"conf/a.yml": "$include: [b.yml, c.yml]\n", "conf/b.yml": "", "b.yml": "", "c.yml": ""})
    assert names("conf/a.yml") == ["conf/b.yml", "c.yml", "conf/a.yml"]


def test_an_included_file_includes_relative_to_itself() -> None:
    write({"a.yml": "$include: conf/b.yml\n", "conf/b.yml": "$include: c.yml\n", "conf/c.yml": ""})
    assert names("a.yml") == ["conf/c.yml", "conf/b.yml", "a.yml"]


def test_a_full_path_and_a_tilde_are_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    write({"conf/a.yml": f"$include: [{tmp_path}/b.yml, ~/c.yml]\n", "b.yml": "", "home/c.yml": ""})
    assert names("conf/a.yml") == [f"{tmp_path}/b.yml", f"{tmp_path}/home/c.yml", "conf/a.yml"]


def test_standard_input_includes_relative_to_the_working_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    write({"b.yml": ""})
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"$include: b.yml\n")))
    assert names("-") == ["b.yml", "<stdin>"]


def test_a_standard_input_of_text_alone_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO("$vars: {a: é}\n"))
    (document,) = layers.includes.collect(["-"])
    assert list(document.variables) == ["a"]


def test_a_dash_is_standard_input_for_the_line_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"b: 1\n")))
    write({"a.yml": "$include: '-'\n"})
    assert problems("a.yml").splitlines()[0] == "a.yml:1:11: '-' cannot be read: No such file or directory."
    write({"-": ""})
    assert names("a.yml")[-1] == "a.yml"
    assert "<stdin>" not in names("a.yml")


CYCLES: dict[str, tuple[Files, str]] = {
    "itself": (
        {"a.yml": "$include: a.yml\n"},
        (
            "a.yml:1:11: a file cannot include itself: 'a.yml' includes 'a.yml'.\n"
            "     1 | $include: a.yml\n"
            "       |           ^^^^^"
        ),
    ),
    "through others": (
        {"a.yml": "$include: b.yml\n", "b.yml": "$include: [c.yml]\n", "c.yml": "x: 1\n$include: a.yml\n"},
        (
            "c.yml:2:11: a file cannot include itself: "
            "'a.yml' includes 'b.yml' includes 'c.yml' includes 'a.yml'.\n"
            "     2 | $include: a.yml\n"
            "       |           ^^^^^"
        ),
    ),
}


@pytest.mark.parametrize(("files", "message"), CYCLES.values(), ids=CYCLES)
def test_a_circle_is_shown(files: Files, message: str) -> None:
    write(files)
    assert problems("a.yml") == message


def test_a_circle_is_shown_with_the_way_to_it() -> None:
    write({"a.yml": "$include: b.yml\n", "b.yml": "$include: c.yml\n", "c.yml": "$include: b.yml\n"})
    assert problems("a.yml").splitlines()[0] == (
        "c.yml:1:11: a file cannot include itself: 'a.yml' includes 'b.yml' includes 'c.yml' includes 'b.yml'."
    )


PROBLEMS = {
    "$include: nope.yml\n": (
        "f.yml:1:11: 'nope.yml' cannot be read: No such file or directory.\n"
        "     1 | $include: nope.yml\n"
        "       |           ^^^^^^^^"
    ),
    "$include: [.]\n": "f.yml:1:12: '.' cannot be read: Is a directory.\n     1 | $include: [.]\n       |            ^",
    "$include: latin.yml\n": (
        "f.yml:1:11: 'latin.yml' cannot be read: line 2 is not UTF-8 text: byte 0xe9.\n"
        "     1 | $include: latin.yml\n"
        "       |           ^^^^^^^^^"
    ),
    "$include: {a: b}\n": (
        "f.yml:1:11: expected a file name, or a list of them, in $include.\n"
        "     1 | $include: {a: b}\n       |           ^"
    ),
    "$include: [[a]]\n": (
        "f.yml:1:12: expected a file name, or a list of them, in $include.\n"
        "     1 | $include: [[a]]\n       |            ^"
    ),
    "$include: [~]\n": (
        "f.yml:1:12: expected a file name, or a list of them, in $include.\n"
        "     1 | $include: [~]\n       |            ^"
    ),
    "$include: ${no_such}.yml\n": (
        "f.yml:1:11: undefined variable 'no_such'. Set it in $vars or with --var, or write '$$' for a dollar sign.\n"
        "     1 | $include: ${no_such}.yml\n"
        "       |           ^^^^^^^^^^^^^^"
    ),
    "$include: []\n$include: []\n": ("f.yml:2:1: duplicate key $include.\n     2 | $include: []\n       | ^^^^^^^^"),
    "$vars: 5\n": "f.yml:1:8: expected a mapping of names to values in $vars.\n     1 | $vars: 5\n       |        ^",
    "$vars: {1a: 5}\n": (
        "f.yml:1:9: the name of a variable has letters, digits and underscores only.\n"
        "     1 | $vars: {1a: 5}\n"
        "       |         ^^"
    ),
    "$vars: {[a]: 5}\n": (
        "f.yml:1:9: the name of a variable has letters, digits and underscores only.\n"
        "     1 | $vars: {[a]: 5}\n"
        "       |         ^"
    ),
    "$vars: {a: 5, a: 6}\n": (
        "f.yml:1:15: duplicate variable 'a'.\n     1 | $vars: {a: 5, a: 6}\n       |               ^"
    ),
}


@pytest.mark.parametrize(("text", "message"), PROBLEMS.items())
def test_a_directive_that_is_wrong_is_told_with_its_place(text: str, message: str) -> None:
    write({"f.yml": text})
    Path("latin.yml").write_bytes(b"a: 1\nb: \xe9\n")
    assert problems("f.yml") == message


def test_an_included_file_that_is_wrong_is_told_in_its_own_place() -> None:
    write({"f.yml": "$include: b.yml\n", "b.yml": "a: [\n"})
    assert problems("f.yml").startswith("b.yml:2:1: invalid YAML: ")


@pytest.mark.skipif(getattr(os, "geteuid", int)() == 0, reason="root reads everything")
def test_a_file_that_may_not_be_read_is_told() -> None:
    write({"f.yml": ""})
    os.chmod("f.yml", 0)
    assert problems("f.yml") == "f.yml: cannot be read: Permission denied."


def test_a_file_that_the_system_does_not_let_be_read_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: Any) -> Any:
        raise PermissionError(13, "Permission denied")

    write({"f.yml": ""})
    monkeypatch.setattr("builtins.open", denied)
    assert problems("f.yml") == "f.yml: cannot be read: Permission denied."


def test_a_problem_of_a_whole_document_has_its_name_alone() -> None:
    document = Document("f.yml", "")
    document.problem("is wrong.", None)
    assert document.problems == ["f.yml: is wrong."]


VARIABLES = {
    "a: $x": 5,
    "a: ${x}": 5,
    "a: v${x}": "v5",
    "a: ${x}${x}": 55,
    'a: "$x"': "5",
    'a: "${x}"': "5",
    "a: '$x'": "$x",
    "a: '${x}'": "${x}",
    "a: |\n  ${x}": "${x}",
    "a: ! $x": "$x",
    "a: $$": "$",
    "a: $$x": "$x",
    "a: $${x}": "${x}",
    "a: $$$$": "$$",
    "a: a$x": "a$x",
    "a: $": "$",
    "a: $5": "$5",
    "a: cost $5": "cost $5",
    "a: $l": [1, 2],
    "a: [$x, '$x']": [5, "$x"],
    "a: {$x: $x}": {"$x": 5},
    "a: $m": {"k": 5},
    "a: $n": None,
    "a: $q": "5",
    "a: $outer": "from outside",
    "a: in ${outer}": "in from outside",
}


@pytest.mark.parametrize(("text", "value"), VARIABLES.items())
def test_a_variable_is_put_in(monkeypatch: pytest.MonkeyPatch, text: str, value: object) -> None:
    monkeypatch.setenv("outer", "from outside")
    head = "$vars: {x: 5, l: [1, 2], m: {k: $x}, n: null, q: '5'}\n"
    assert expanded(head + text) == {"a": value}


def test_a_variable_may_stand_in_another_in_any_order() -> None:
    assert expanded("$vars: {a: $b, b: '1', c: [$a, $b]}\nx: [$a, $c]\n") == {"x": ["1", ["1", "1"]]}


def test_a_files_own_variable_beats_an_included_one_and_that_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "abcd":
        monkeypatch.setenv(name, f"environment {name}")
    write({
        "f.yml": "$include: [g.yml, h.yml]\n$vars: {a: own}\n",
        "g.yml": "$include: i.yml\n$vars: {a: g, b: g}\n",
        "h.yml": "$vars: {b: h}\n",
        "i.yml": "$vars: {c: i}\n",
    })  # fmt: skip
    document = layers.includes.collect(["f.yml"])[-1]
    found = []
    for name in "abcd":
        place = Scalar(f"${name}", plain=True, line=0, column=0, expands=True)
        document.text = "$"
        found.append(core(document.expand(place)))
    assert found == ["own", "h", "i", "environment d"]


def test_an_included_file_does_not_see_the_variables_of_the_including_one() -> None:
    write({"f.yml": "$include: g.yml\n$vars: {a: f}\n", "g.yml": "x: ${no_a}\n"})
    document, _ = layers.includes.collect(["f.yml"])
    with pytest.raises(ConversionError, match="undefined variable 'no_a'"):
        document.expand(document.pairs[0][1])


SET = "Set it in $vars or with --var, or write '$$' for a dollar sign."
REFUSALS = {
    "x: $nowhere": (f"undefined variable 'nowhere'. {SET}", 1, 4),
    "x: a ${nowhere}": (f"undefined variable 'nowhere'. {SET}", 1, 4),
    "x: a ${}": ("undefined variable ''. Write '$$' for a dollar sign, or use single quotes.", 1, 4),
    "x: a ${no where}": ("undefined variable 'no where'. Write '$$' for a dollar sign, or use single quotes.", 1, 4),
    "$vars: {a: $a}\nx: [1, $a]": ("the variable 'a' refers to itself: 'a' uses 'a'.", 2, 8),
    "$vars: {a: 'x', b: $c, c: ['$b', $b]}\nx: $c": ("the variable 'c' refers to itself: 'c' uses 'b' uses 'c'.", 2, 4),
    "$vars: {a: [1]}\nx: b ${a}": ("the variable 'a' is not text and cannot be used inside text.", 2, 4),
    '$vars: {a: [1]}\nx: "$a"': ("'$a' is not text and cannot be used in quotes.", 2, 4),
}


@pytest.mark.parametrize(("text", "expected"), REFUSALS.items())
def test_a_variable_that_cannot_be_put_in_is_pointed_at(text: str, expected: tuple[str, int, int]) -> None:
    assert refusal(text) == expected


def test_variables_may_not_make_a_text_of_any_length() -> None:
    text = "$vars:\n  v0: xxxxxxxxxx\n" + "".join(f"  v{i + 1}: ${{v{i}}}${{v{i}}}\n" for i in range(40))
    assert refusal(f"{text}x: $v40\n")[0] == "more than 100,000 characters, with variables expanded."


@pytest.mark.parametrize("pair", ["[$v{0}, $v{0}]", "{{a: $v{0}, b: $v{0}}}"])
def test_variables_may_not_make_values_of_any_number(pair: str) -> None:
    text = "$vars:\n  v0: x\n" + "".join(f"  v{i + 1}: {pair.format(i)}\n" for i in range(40))
    assert refusal(f"{text}x: $v40\n")[0] == "more than 100,000 values, with variables expanded."


def test_bytes_stay_bytes_through_a_variable() -> None:
    document = layers.includes.parse("$vars: {a: !!binary aGk=}\nx: $a\n", "f.yml")[-1]
    node = document.expand(document.pairs[0][1])
    assert isinstance(node, Scalar)
    assert node.binary


def test_a_caret_stands_under_what_is_meant() -> None:
    document = Document("f.yml", "a: 1\nlong: value  \n")
    document.problem_at("is wrong.", 1, 6, 5)
    assert document.problems == ["f.yml:2:7: is wrong.\n     2 | long: value\n       |       ^^^^^"]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r", "\x85", "\u2028", "\u2029"])
def test_a_line_is_shown_whatever_ends_the_lines_before_it(end: str) -> None:
    Path("f.yml").write_bytes(f"a: 1{end}b: 2{end}$vars: 5{end}".encode())
    assert problems("f.yml") == (
        "f.yml:3:8: expected a mapping of names to values in $vars.\n     3 | $vars: 5\n       |        ^"
    )


def test_variables_may_not_nest_values_of_any_depth() -> None:
    text = "$vars:\n  v0: x\n" + "".join(f"  v{i + 1}: [[[$v{i}]]]\n" for i in range(40))
    assert refusal(f"{text}x: $v40\n")[0] == "nested more than 100 deep, with variables expanded."
    text = "$vars:\n  v0: x\n" + "".join(f"  v{i + 1}: {{a: {{b: {{c: $v{i}}}}}}}\n" for i in range(40))
    assert refusal(f"{text}x: $v40\n")[0] == "nested more than 100 deep, with variables expanded."


def test_variables_may_not_stand_in_one_another_any_number_of_times() -> None:
    text = "$vars:\n" + "".join(f"  v{i}: $v{i + 1}\n" for i in range(60)) + "  v60: x\n"
    assert refusal(f"{text}x: $v0\n")[0] == "variables refer to one another more than 50 deep."
    assert expanded(f"{text}x: $v20\n") == {"x": "x"}


def test_files_may_not_include_one_another_any_number_of_times() -> None:
    write({f"{i}.yml": f"$include: {i + 1}.yml\n" for i in range(60)})
    assert problems("0.yml").splitlines()[0] == "49.yml:1:11: files include one another more than 50 deep."


def test_only_a_regular_file_is_included() -> None:
    os.mkfifo("pipe")
    write({"f.yml": "$include: pipe\n"})
    assert problems("f.yml").splitlines()[0] == "f.yml:1:11: 'pipe' cannot be read: it is not a regular file."


def test_a_name_that_no_system_takes_is_refused() -> None:
    write({"f.yml": '$include: "a\\0b"\n'})
    assert problems("f.yml").startswith("f.yml:1:11: 'a\\x00b' cannot be read: ")


def test_a_file_of_any_size_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(layers.includes, "MAX_BYTES", 10)
    write({"a.yml": "a: 45678\n\n", "b.yml": "a: 45678\n"})
    assert problems("a.yml") == ""
    write({"a.yml": "a: 45678\n\n\n"})
    assert problems("a.yml") == "a.yml: cannot be read: it has more than 10 bytes."


@pytest.mark.parametrize("column", [0, 30, 5000, 9990])
def test_of_a_long_line_what_is_around_the_place_is_shown(column: int) -> None:
    text = "".join(chr(97 + i % 26) for i in range(10_000))
    document = Document("f.yml", text)
    document.problem_at("is wrong.", 0, column, 5)
    first, line, caret = document.problems[0].splitlines()
    assert first == f"f.yml:1:{column + 1}: is wrong."
    assert len(line) < 300
    assert line[caret.index("^") : caret.index("^") + 5] == text[column : column + 5]
    assert caret.count("^") == 5


def test_files_that_include_the_same_many_share_their_variables(tmp_path: Path) -> None:
    for number in range(20):
        (tmp_path / f"{number}.yml").write_text(f"$vars: {{v{number}: {number}, last: {number}}}\n", encoding="utf-8")
    every = ", ".join(f"{number}.yml" for number in range(20))
    for name in ("a", "b"):
        (tmp_path / f"{name}.yml").write_text(f"$include: [{every}]\nx{name}: $v7\ny{name}: $last\n", encoding="utf-8")
    (tmp_path / "main.yml").write_text("$include: [a.yml, b.yml]\nz: $last\n", encoding="utf-8")
    documents = layers.includes.collect([str(tmp_path / "main.yml")])
    found = {
        getattr(key, "text", ""): getattr(document.expand(value), "text", "")
        for document in documents
        for key, value in document.pairs
    }
    assert found == {"xa": "7", "ya": "19", "xb": "7", "yb": "19", "z": "19"}
