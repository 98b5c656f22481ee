"""Markup of docstrings, reduced to text without losing a word."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from clickbind import fast
from clickbind.declare import markup
from tests.conftest import processor_seconds


def shown(text: str) -> str:
    """Return the reduced text, with Click's mark for lines that are kept as a bar."""
    return markup.reduced(text).replace("\b\n", "|\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("``a`` and `b` and ``c`d``", "a and b and c`d"),
        ("`` spaced``", "spaced"),
        (":class:`X`, :class:`~a.b.X`, :py:class:`!X`, :class:`.X`", "X, X, X, X"),
        (":ref:`the guide <guide>` and :term:`Glossary <state>`", "the guide and Glossary"),
        (":func:`make`, :meth:`~a.B.run`, :func:`run()`, :func:`it <run>`", "make(), run(), run(), it"),
        (':const:`"%d"`` of pandas', '"%d" of pandas'),
        (":pep:`8` and :rfc:`2822`", "PEP 8 and RFC 2822"),
        (r":math:`\frac{\alpha}{2} \leq x_{i} \cdot \sqrt{n}`", "alpha/2 <= x_i * sqrt(n)"),
        (r":math:`\frac{a+b}{c^{n+1}} \in \{0, 1\}`", "(a+b)/(c^(n+1)) in {0, 1}"),
        (r":math:`\tilde{\phi}(X) \sim \hat x`", "tilde(phi)(X) ~ hat x"),
        (r":math:`\mathsf{min}\_\mathsf{resource} \in \mathfrak{A}`", "min_resource in A"),
        (r":math:`\operatorname*{argmin}_x \textsc{f}\bigl(x\Biggr)`", "argmin_x f(x)"),
        (r":math:`\widehat{x} + \binom{n}{k} + \mathrm{\ddot{y}}`", "widehat(x) + binom(n, k) + ddot(y)"),
        (r":math:`\frac{\log{\sqrt{x}}}{\bigcup{}A}`", "(log(sqrt(x)))/(bigcup A)"),
        (r"the norm $\lVert x \rVert$ of it", "the norm || x || of it"),
        ("`a`:class: and {class}`X` and {py:func}`f`", "a and X and f()"),
        ("`~a.b.X` and `~ x`", "X and ~ x"),
        ("**bold**, *it*, ***both***, __very strong__, _em_, _so it is_, ~~gone~~", None),
        (
            "*args and **kwargs, __init__, _private, coef_, x_y_z, a__b",
            "*args and **kwargs, __init__, _private, coef_, x_y_z, a__b",
        ),
        ("2 * 3 * 4, 2*3*4, a ** b ** c, x*, *x", "2 * 3 * 4, 2*3*4, a ** b ** c, x*, *x"),
        (r"\*args, \_x, \\n, C:\data and \d+", r"*args, _x, \n, C:\data and \d+"),
        ("a[0][1], x[i](y), [1, 2], f(x)[0]", "a[0][1], x[i](y), [1, 2], f(x)[0]"),
        ("`the docs <https://x.org/a b>`_ and `x.org <https://x.org>`__", "the docs (https://x.org/ab) and x.org"),
        ("[docs](https://x.org/a_(b)), [it](#here), [`X`][pkg.X]", "docs (https://x.org/a_(b)), it, X"),
        (
            "![A plot](a.png) <https://x.org> <mailto:a@b.c> <name> a < b > c",
            "A plot https://x.org a@b.c <name> a < b > c",
        ),
        ("`static typing <types>` and `List[int]`", "static typing and List[int]"),
        ("a<br>b <b>c</b> &lt;d&gt; &amp; &quot;e&#39;", "a b c <d> & \"e'"),
        ("<b >x</b > <a href='x'>y</a> <br/>z <hr />, one<li>two <img src='a.png'>", "x y z , one two"),
        ("<div class='x'>a<div>b</div></div> <details>", "ab <details>"),
        ("One.<p>Two. <p> Three! <hr> Four", "One. Two. Three! Four"),
        ("<p>One.</p> <hr/>Two", "One. Two"),
        ("<details>", ""),
        (r":class:`X`\s, ``x``\s, {class}`X`\es, `x`\s, *x*\s, :func:`f`\ s", "Xs, xs, Xes, xs, xs, f()s"),
        ("[1]_ and [CIT2002]_ and [^note]", "[1] and [CIT2002] and [note]"),
        ("|x| and |y - z|", "|x| and |y - z|"),
        ("one  line\nand   another", "one line and another"),
    ],
)
def test_marks_inside_of_a_paragraph_are_reduced(text: str, expected: str | None) -> None:
    expected = "bold, it, both, very strong, em, so it is, gone" if expected is None else expected
    assert shown(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Range, written <a>-<b>.",
            "<i>:<p>",
            "<code of it> <sub-command> <p.x> <a b>",
            "<B>",
            "<details>, <hr>:<min>",
        ),
        *("<p>", "on <p> by", "on. <p> by", "host: <p> Then"),
    ],
)
def test_placeholders_that_look_like_tags_stay(text: str) -> None:
    assert shown(text) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "See x_ and `Two Words`_ and y_.\n\n.. _x: https://x.org\n.. _Two Words:\n   https://y.org",
            "See x (https://x.org) and Two Words (https://y.org) and y_.",
        ),
        ("[a][b] [c][] [d][e]\n\n[b]: https://b.org\n[c]: https://c.org", "a (https://b.org) c (https://c.org) [d][e]"),
        ("Use |v|.\n\n.. |v| replace:: 2.0", "Use 2.0."),
        ("Use |v|.\n\n.. |v| unicode:: U+00E9 .. e", "Use \u00e9."),
        (
            "[#]_, [#]_ and [#name]_\n\n.. [#] One.\n.. [#] Two\n   lines.\n.. [#name] Three.\n\n[^m]: Four.",
            "[1], [2] and [name]\n\n[1] One.\n\n[2] Two lines.\n\n[name] Three.\n\n[m] Four.",
        ),
    ],
)
def test_references_find_what_they_refer_to(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Some:\n\n- one\n  more\n- two", "Some:\n\n|\n- one more\n- two"),
        ("Some:\n* one\n* two\nAnd then.", "Some:\n\n|\n- one\n- two\n\nAnd then."),
        ("- one\nmore of it\n- two", "|\n- one more of it\n- two"),
        ("1. one\n2) two\n(3) three\n#. four", "|\n1. one\n2) two\n(3) three\n4. four"),
        ("- a\n\n- b\n\n  - c\n  - d\n\n- e", "|\n- a\n- b\n  - c\n  - d\n- e"),
        ("- a\n\n  second::\n\n    code\n\n- b", "|\n- a\n\n  second:\n\n|\n    code\n\n|\n- b"),
        ("-\n  below", "|\n- below"),
        ("- ::\n\n    code", "|\n-\n\n|\n    code"),
        ("1. one\n1990. A year\nmore", "|\n1. one\n\n1990. A year more"),
        ("In the year\n1. is first", "In the year 1. is first"),
        ("The steps\n1. read\n2. write", "The steps\n\n|\n1. read\n2. write"),
        ("The steps:\n1. read", "The steps:\n\n|\n1. read"),
        ("the sum of the entropy\n+ alpha times the norm.", "the sum of the entropy + alpha times the norm."),
        ("The area is gamma\n* gamma.", "The area is gamma * gamma."),
        ("of section\na. of the paper", "of section a. of the paper"),
        ("of these\n- one, which\n  is long\n- two", "of these\n\n|\n- one, which is long\n- two"),
        ("It is\n42. Really", "It is 42. Really"),
    ],
)
def test_lists_are_kept(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("So::\n\n    a *b*\n\n      c\n\nEnd.", "So:\n\n|\n  a *b*\n\n|\n    c\n\nEnd."),
        ("So ::\n\n  a", "So\n\n|\n  a"),
        ("::\n\n  a", "|\n  a"),
        ("So::", "So:"),
        ("```python\nx = 1\n\ny\n```\nEnd.", "|\n  x = 1\n\n|\n  y\n\nEnd."),
        ("~~~\nx", "|\n  x"),
        (">>> f(1)\n2\n\nEnd.", "|\n  >>> f(1)\n  2\n\nEnd."),
        ("Do\n>>> f(1)", "Do\n\n|\n  >>> f(1)"),
        ("Say:\n\n    fit --x 3\n    fit\n\nEnd.", "Say:\n\n|\n  fit --x 3\n  fit\n\nEnd."),
        ("Say:\n\n    A quotation that goes\n    on.\n\nEnd.", "Say:\n\n  A quotation that goes on.\n\nEnd."),
        ("Say:\n\n    - a\n    - b", "Say:\n\n|\n  - a\n  - b"),
        ("> A\n> quote\n>\n> more", "  A quote\n\n  more"),
        ("| one\n| *two*", "|\none\ntwo"),
        ("Text.\n\n\b\nkept\n  *so*\n\nEnd.", "Text.\n\n|\nkept\n  *so*\n\nEnd."),
        ("Text.\fHidden.", "Text."),
        ("A\tb", "A b"),
    ],
)
def test_literal_blocks_are_kept(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (".. note:: One\n   two.\n\n   Three.", "Note: One two.\n\nThree."),
        (".. warning::\n\n   - a", "Warning:\n\n|\n- a"),
        (".. note::", "Note"),
        (".. versionadded:: 1.2", "New in version 1.2."),
        (".. versionadded:: 1.2\n   A *word*.", "New in version 1.2: A word."),
        (".. deprecated:: 1.2 Use x.", "Deprecated since version 1.2: Use x."),
        (".. versionchanged::\n   More.", "Changed in version: More."),
        (".. seealso:: :func:`f`", "See also: f()"),
        (".. admonition:: A *Title*\n   :class: x\n\n   Text.", "A Title: Text."),
        (".. rubric:: Heads", "Heads"),
        (".. code-block:: python\n   :linenos:\n\n   x = 1", "|\n  x = 1"),
        (".. math:: a \\times b\n   c", "|\n  a * b\n  c"),
        (".. figure:: a.png\n   :alt: A plot.\n\n   Caption.", "A plot.\n\nCaption."),
        (".. image:: a.png", ""),
        (".. unknown:: arg\n   body", "arg\n\nbody"),
        (".. py:function:: f(x)", "f(x)"),
        (".. index:: x\n.. only:: html\n\n   Text.", "Text."),
        (".. a comment\n   of two lines\n\nText.\n\n..\n   Another.", "Text."),
        ("Text\n.. note:: Well.", "Text\n\nNote: Well."),
        ("```{note}\nWell.\n```", "Note: Well."),
        ('!!! note "A title"\n    Text.\n??? tip\n    More.', "A title: Text.\n\nTip: More."),
    ],
)
def test_directives_become_text(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Title\n-----\nText.", "Title\n\nText."),
        ("=====\nAbove\n=====\nText.", "Above\n\nText."),
        ("# One\n\n### Two ###\nText.", "One\n\nTwo\n\nText."),
        ("One.\n\n----\n\nTwo.", "One.\n\nTwo."),
        (
            "a  b\n\n=====  =====\n``a``  *b*\n=====  =====\n1      2\n=====  =====\n\nEnd.",
            "a b\n\n|\n  =====  =====\n  a      b\n  =====  =====\n  1      2\n  =====  =====\n\nEnd.",
        ),
        ("=====  =====\n1      2", "|\n  =====  =====\n  1      2"),
        ("+---+\n| a |\n+---+", "|\n  +---+\n  | a |\n  +---+"),
        ("Table:\n\n| a | b |\n|---|---|\n| `1` | 2 |", "Table:\n\n|\n  | a | b |\n  |---|---|\n  | 1   | 2 |"),
        ("a | b\n--|--\n1 | 2", "|\n  a | b\n  --|--\n  1 | 2"),
        (
            "term\n    Its meaning\n    goes on.\nlr : float\n    Rate.",
            "term\n\n  Its meaning goes on.\n\nlr : float\n\n  Rate.",
        ),
        ("A sentence that is broken by\n    an indentation.", "A sentence that is broken by an indentation."),
    ],
)
def test_titles_tables_and_definitions_are_kept(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One\n*two*.\n\nThree.", "One two."),
        ("Which:\n\n- a\n- b", "Which: ..."),
        ("Which:", "Which:"),
        (".. deprecated:: 1.0\n\nText.", "Deprecated since version 1.0."),
        ("- a\n- b", "a ..."),
        ("1. one\n   more\n\n   - b\n", "one more ..."),
        ("(a) *one*", "one"),
        ("- one\n\nMore.", "one ..."),
        ("-\n\n  ::\n\n   x", "..."),
        ("| one\n| two", "one two"),
        ("", ""),
        ("\n\n", ""),
    ],
)
def test_the_first_paragraph_is_one_line(text: str, expected: str) -> None:
    assert markup.brief(text) == expected


TEXTS = st.text(st.sampled_from("ab A.:-*_`|<>[]()#=~^+1\\$&!,\"'\n\n    \b\té"), max_size=80)


@given(TEXTS)
def test_any_text_can_be_reduced_and_keeps_its_words(text: str) -> None:
    found = markup.reduced(text)
    if not re.search(r"[^\w\s.,()'\"]|_|\f|\.\.", text):
        assert found.replace("\b", "").split() == text.split()


@given(TEXTS)
@example("'''")
@example("1\n 1")
@example('a title\n"""\n')
@example("^^^ a")
def test_the_shortcut_for_plain_text_agrees(text: str) -> None:
    found = fast.numpydoc.plain(text)
    assert found is None or found == markup.reduced(text) == markup.brief(text)


@pytest.mark.parametrize(
    "text",
    ["Number of epochs.", "Path to the model_path, in a b_c\nfolder; (say) x-y.", "0.5 is half: 'so' [1, 2] {a}."],
)
def test_plain_text_takes_the_shortcut(text: str) -> None:
    assert fast.numpydoc.plain(text) in {" ".join(text.split()), None}


@pytest.mark.parametrize(
    "piece",
    [
        *("`", "*", "**a", "[", "|a", "_a ", ":a:`", "- a\n", "\n", ".. note::\n", "a::\n\n", "$\\", "=== ==\n"),
        *("<a ", "<b>", "<p>", "<br =", ":math:`\\a{\\frac{`"),
    ],
)
def test_a_long_text_takes_no_long_time(piece: str) -> None:
    with processor_seconds(5):
        markup.reduced(piece * 5_000)
