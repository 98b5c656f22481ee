"""The simplest YAML is read as PyYAML reads it, or is left to it."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clickbind import fast, nodes
from clickbind.nodes import ListNode, MapNode, Node, NodeError, Scalar


def shape(node: Node) -> Any:
    """Return all that a node has."""
    place = type(node).__name__, node.line, node.column, node.weight
    if isinstance(node, Scalar):
        return (*place, node.text, node.plain, node.expands, node.binary, node.width)
    if isinstance(node, ListNode):
        return (*place, node.width, [shape(item) for item in node.items])
    assert isinstance(node, MapNode)
    return (*place, node.width, [(shape(key), shape(value)) for key, value in node.pairs])


SIMPLE = [
    "a: 1\n",
    "a: 1",
    "train.epochs: 100\ntrain.lr: 1e-3\ntrain/dataset.folder: ${root}/train\n",
    "# words\n\na: 1  # one\n   # more\nb: two words\n",
    "train:\n  epochs: 5\n  lr: .1\nevaluate:\n  folder: ./results\n",
    "run.stages:\n- train\n- evaluate\n\ntrain.epochs: 9\n",
    "run.stages:\n  - train\n  - evaluate # why\n# end\ntrain.epochs: 9\n",
    "a:\n  b:\n    c:\n      - -5\n      - ~\n  d: null\n",
    "a: -5\nb: -.inf\nc: +1\nd: ~/x\ne: a, b (c)\nf: 50%\ng: x=1 y=2\nh: a - b\ni: $name\n$schema: x.json\n",
    "a:   5   \nb:\t5\n".replace("\t", "  "),
    "a-b: 1\n_c: 2\na.b/c-d: 3\n",
    f"b: 1\n{'a' * 1024}: 1\n",
    "a: 'x'\nb: \"$y: [1] {2}  # 3\"\nc: ''  # none\nd: \"\" \ne: '\\n'\nf: 'say \"x\"'\n",
    "a: [1, -2,~ ,x y]\nb: []\nc: [ ]  # none\nd: ['x', \"$y\",'', '#']\ne: [ a (b)  ]\n",
    "a: 'é 𝄞'  # größer\n# ü\nb: ['日本', 1]\nc: 2\n",
    "a:\n- 'x'\n- [1, 2]\n- \"y\"  # z\n",
]

NOT_SIMPLE = [
    "",
    "# nothing\n",
    " a: 1\n",
    "a:\n",
    "a:\nb: 1\n",
    "a: 'x\n",
    "a: 'x''y'\n",
    "a: 'x'# c\n",
    "a: 'x' y\n",
    "a: 'x': 1\n",
    "a: 'x\n  y'\n",
    "a: '\n",
    "a:'x'\n",
    'a: "x\\\\n"\n',
    "'a': 1\n",
    "a: [1, 2\n",
    "a: [1,\n  2]\n",
    "a: [1, 2] x\n",
    "a: [1, 2],\n",
    "a: [1, 2,]\n",
    "a: [,]\n",
    "a: [[1], 2]\n",
    "a: [[1[]\n",
    "a: [[[]\n",
    "a: [x, [b[]\n",
    "a: ['x\"]\n",
    f"b: 1\n{'a' * 1025}: 1\n",
    "a: [b: 1]\n",
    "a: [{b: 1}]\n",
    "a: [${x}]\n",
    "a: ['x, y']\n",
    "a: ['x''y']\n",
    "a: [']\n",
    "a: [-]\n",
    "a: [*x]\n",
    "a: {b: 1}\n",
    "a: 1\n---\nb: 2\n",
    "a: 1\n...\n",
    "%YAML 1.2\n---\na: 1\n",
    "a: 12:30\n",
    "a: b: c\n",
    "a:b\n",
    "a : 1\n",
    "a: &x 1\nb: *x\n",
    "a: !!str 1\n",
    "a: |\n  text\n",
    "a: >\n  text\n",
    "a: 1\n  2\n",
    "a: x\n  b: 1\n",
    "a:\n- x\n  y\n",
    "a:\n- x\n  - y\n",
    "a:\n- x: 1\n",
    "a:\n-\n",
    "a:\n- - x\n",
    "a:\n  - x\n - y\n",
    "a:\n    b: 1\n  c: 2\n",
    "- a\n",
    "a\n",
    "? a\n: b\n",
    "<<: 1\n",
    "a: -\n",
    "a: - b\n",
    "a: =\n",
    "a: # nothing\n",
    "a: x  y\n",
    "a: x#y\n",
    "a: ü\n",
    "ü: 1\n",
    "a: 'x\u2028y'\n",
    "a: '\ufeff'\n",
    "a: '\x85'\n",
    "a: 1  # \ud800\n",
    "a: \t1\n",
    "1: a\n",
    ": a\n",
    "".join(f"{' ' * depth}a:\n" for depth in range(25)) + " " * 25 + "a: 1\n",
    "a: 1\n" * 5_000,
]


@pytest.mark.parametrize("text", SIMPLE)
def test_what_is_simple_is_read_as_pyyaml_reads_it(text: str) -> None:
    read, expected = fast.yaml_subset.read(text), nodes.reader.read(text)
    assert read is not None
    assert expected is not None
    assert shape(read) == shape(expected)


@pytest.mark.parametrize("text", NOT_SIMPLE)
def test_what_is_not_certainly_simple_is_left_to_pyyaml(text: str) -> None:
    assert fast.yaml_subset.read(text) is None


MARKS = r"""
    a b.c train/ds.x 1 -5 1e-3 ~ null yes $x ${x} - : # ' " [ ] { } , & * ! | > % @ ` ? = << --- ... ( ) + / \ c: é
"""
SPACES = [" ", "  ", "\n", "\n\n", "\n  ", "\n    ", "\n- ", "\n  - ", ": ", " #", "a: ", "b: ", "a:\n", "x y", "\t"]
WORDS = st.sampled_from([*MARKS.split(), *SPACES, *SPACES])


@settings(max_examples=500)
@given(st.lists(WORDS, max_size=14).map("".join))
def test_any_text_is_read_as_pyyaml_reads_it_or_left_to_it(text: str) -> None:
    read = fast.yaml_subset.read(text)
    if read is not None:
        try:
            expected = nodes.reader.read(text)
        except NodeError as error:
            raise AssertionError(text) from error
        assert expected is not None
        assert shape(read) == shape(expected)


KEYS = st.from_regex(r"[A-Za-z_$][A-Za-z0-9_./-]{0,6}", fullmatch=True)
PLAIN = st.from_regex(r"[A-Za-z0-9_./~$+-][A-Za-z0-9_./~$+@%=,(){} -]{0,8}", fullmatch=True)
QUOTED = st.from_regex(r"""'[ -~äß日𝄞]{0,6}'|"[ -~äß日𝄞]{0,6}\"""", fullmatch=True)
BROKEN = st.text("[]'\"a,", max_size=4)
FLOW = st.lists(st.one_of(PLAIN, QUOTED, BROKEN), max_size=4).map(", ".join).map("[{}]".format)
VALUES = st.one_of(PLAIN, QUOTED, FLOW)
INDENT = st.sampled_from(["", "", "", "  ", "    ", " "])
LINES = st.one_of(
    st.builds("{}{}: {}".format, INDENT, KEYS, VALUES),
    st.builds("{}{}:".format, INDENT, KEYS),
    st.builds("{}- {}".format, INDENT, VALUES),
    st.builds("{}{}: {}  # {}".format, INDENT, KEYS, VALUES, VALUES),
    st.sampled_from(["", "# words", "  # words", "   "]),
)


@settings(max_examples=700)
@given(st.lists(LINES, max_size=8).map("\n".join))
def test_any_lines_are_read_as_pyyaml_reads_them_or_left_to_it(text: str) -> None:
    test_any_text_is_read_as_pyyaml_reads_it_or_left_to_it.hypothesis.inner_test(text)  # type: ignore[attr-defined]
