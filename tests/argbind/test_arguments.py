"""`add_argument` in argparse's words: the same dest and the same value as argparse, on the same line."""

from __future__ import annotations

import argparse
import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click
import pytest

from clickbind.argbind.parser import Parser
from clickbind.argbind.registry import ArgRegistry
from clickbind.errors import BindError

Added = tuple[tuple[str, ...], dict[str, Any]]


def added(*flags: str, **settings: Any) -> Added:
    return flags, settings


def make(arguments: Sequence[Added]) -> Parser:
    parser = Parser(ArgRegistry(chains=False), lambda _: ({}, {}), lambda *_: None)
    for flags, settings in arguments:
        parser.add_argument(*flags, **settings)
    return parser


def ours(arguments: Sequence[Added], line: Sequence[str]) -> Any:
    """Return the values of a line, or the exit code."""
    sys.argv = ["prog", *line]
    try:
        values = make(arguments).parse()
    except SystemExit as error:
        return error.code
    return {name: value for name, value in values.items() if not name.startswith("args.")}


def theirs(arguments: Sequence[Added], line: Sequence[str]) -> Any:
    """Return what argparse makes of it."""
    parser = argparse.ArgumentParser(prog="prog")
    for flags, settings in arguments:
        parser.add_argument(*flags, **settings)
    try:
        return vars(parser.parse_args(line))
    except SystemExit as error:
        return error.code


@pytest.fixture(autouse=True)
def _argv(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["prog"])


def even(text: str) -> int:
    """A type of the program's own."""
    if int(text) % 2:
        raise argparse.ArgumentTypeError(f"{text} is odd, which will not do")
    return int(text)


CONST = [
    added("--adam", action="store_const", const="a", dest="o"),
    added("--sgd", action="store_const", const="s", dest="o"),
]
NO = [added("--x", action="store_true"), added("--no-x", action="store_false", dest="x")]
VERBOSE = [added("-v", "--verbose", action="count", default=0), added("-q", action="store_true")]

SAME: list[tuple[list[Added], str]] = [
    # positional arguments
    ([added("n")], "x"),
    ([added("n")], ""),
    ([added("n")], "x y"),
    ([added(dest="n")], "x"),
    ([added("foo-bar")], "x"),
    ([added("n", metavar="NAME")], "x"),
    ([added("n", type=int)], "4"),
    ([added("n", type=int)], "many"),
    ([added("n", type=Path)], "a/b"),
    ([added("n", type=even)], "4"),
    ([added("n", type=even)], "3"),
    ([added("n", default="x")], ""),
    ([added("n", choices=["a", "b"])], "a"),
    ([added("n", choices=["a", "b"])], "c"),
    ([added("n", choices=range(3), type=int)], "2"),
    ([added("n", choices=range(3), type=int)], "3"),
    ([added("n", nargs="?")], ""),
    ([added("n", nargs="?", default="3", type=int)], ""),
    ([added("n", nargs="?", default=3, type=float)], ""),
    ([added("n", nargs="?", const="c", default="d")], ""),
    ([added("n", nargs="?", default=3, type=int)], "4"),
    ([added("n", nargs="*")], ""),
    ([added("n", nargs="*")], "a b"),
    ([added("n", nargs="*", default=(1,))], ""),
    ([added("n", nargs="+")], ""),
    ([added("n", nargs="+", type=int)], "1 2"),
    ([added("n", nargs=1)], "word"),
    ([added("n", nargs=2)], "a"),
    ([added("n", nargs=2)], "a b"),
    ([added("n"), added("m", nargs="*")], "a b c"),
    ([added("n", nargs="*"), added("m")], "a b c"),
    ([added("n", nargs="?"), added("m")], "a b"),
    # one word
    ([added("--x")], ""),
    ([added("--x")], "--x 1"),
    ([added("--x")], "--x=1"),
    ([added("--x")], "--x="),
    ([added("--x")], "--x=a=b"),
    ([added("--x")], "--x"),
    ([added("--x")], "--x 1 --x 2"),
    ([added("--x", type=int)], "--x many"),
    ([added("--x", type=even)], "--x 3"),
    ([added("--x", type=str.upper)], "--x a"),
    ([added("--x", type=lambda text: text.split(","))], "--x a,b"),
    ([added("--x", type=functools.partial(int, base=16))], "--x ff"),
    ([added("--x", type=bool)], "--x False"),
    ([added("--x", required=True)], ""),
    ([added("--x", required=True)], "--x 1"),
    ([added("--x", default="5", type=int)], ""),
    ([added("--x", default=5.5, type=int)], ""),
    ([added("--x", default="many", type=int)], ""),
    ([added("--x", default=[1])], ""),
    ([added("--x", default=argparse.SUPPRESS)], ""),
    ([added("--x", default=argparse.SUPPRESS)], "--x 1"),
    ([added("--x", choices=["a"], default="z")], ""),
    ([added("--x", choices=["a"])], "--x z"),
    ([added("--x", choices=[1, 2], type=int)], "--x 2"),
    ([added("--x", dest="y")], "--x 1"),
    ([added("--foo-bar")], "--foo-bar 1"),
    ([added("--foo_bar")], "--foo_bar 1"),
    ([added("--foo.bar")], "--foo.bar 1"),
    ([added("-f", "--foo", "--fu")], "--fu 1"),
    ([added("-f", "--foo")], "-f 1"),
    ([added("-long")], "-long 1"),
    ([added("--y")], "--x 1"),
    ([added("--x", dest="z"), added("--y", dest="z")], "--x 1 --y 2"),
    ([added("--x", dest="z", default=1), added("--y", dest="z", default=2)], ""),
    # several words
    ([added("--x", nargs="?")], "--x"),
    ([added("--x", nargs="?", const="9", type=int)], "--x"),
    ([added("--x", nargs="?", const=9, type=int)], "--x"),
    ([added("--x", nargs="?", const=9)], "--x 4"),
    ([added("--x", nargs="?", const=9)], "--x=4"),
    ([added("--x", nargs="?", const=9, default=1)], ""),
    ([added("--x", nargs="?", const=9), added("-y", action="store_true")], "--x -y"),
    ([added("--x", nargs="?", const=9), added("p")], "--x a b"),
    ([added("--x", nargs="?", const=9, type=int)], "--x -1"),
    ([added("--x", nargs="*")], ""),
    ([added("--x", nargs="*")], "--x"),
    ([added("--x", nargs="*", type=int)], "--x 1 2"),
    ([added("--x", nargs="*", type=int)], "--x=1"),
    ([added("--x", nargs="*", default=())], ""),
    ([added("--x", nargs="+")], "--x"),
    ([added("--x", nargs="+"), added("--y")], "--x a b --y c"),
    ([added("--x", nargs="+"), added("p")], "--x a -- b"),
    ([added("--x", nargs="+"), added("p")], "b --x a"),
    ([added("--x", nargs="+", type=int)], "--x 1 --x 2 3"),
    ([added("--x", nargs="+", type=int, choices=[1, 2])], "--x 2 3"),
    ([added("-x", nargs="+")], "-x1"),
    ([added("-x", nargs="+")], "-x 1 2"),
    ([added("--x", nargs=2, type=int)], "--x 1 2"),
    ([added("--x", nargs=2, type=int, metavar=("A", "B"))], "--x -1 -2"),
    ([added("--x", nargs=2)], "--x 1"),
    ([added("--x", nargs=2)], ""),
    ([added("--x", nargs=2, default=(1, 2))], ""),
    ([added("--x", nargs=1)], "--x word"),
    # actions
    ([added("--x", action="store")], "--x 1"),
    (NO, ""),
    (NO, "--x"),
    (NO, "--no-x"),
    (NO, "--x --no-x"),
    (NO, "--no-x --x"),
    ([added("--x", action="store_true", default=None)], ""),
    ([added("--x", action="store_true", default="auto")], ""),
    ([added("--x", action="store_true")], "--x=1"),
    ([added("--x", action="store_true", required=True)], ""),
    ([added("--x", action="store_false")], ""),
    ([added("--x", action="store_false")], "--x"),
    ([added("--no-cache", dest="cache", action="store_false")], "--no-cache"),
    (CONST, ""),
    (CONST, "--adam"),
    (CONST, "--adam --sgd"),
    (CONST, "--sgd --adam"),
    ([added("--x", action="store_const", const=[1], default=3)], "--x"),
    ([added("--x", action="append")], ""),
    ([added("--x", action="append", type=int)], "--x 1 --x 2"),
    ([added("--x", action="append", type=int, default=[0])], "--x 1"),
    ([added("--x", action="append", type=int, default=[0])], ""),
    ([added("--x", action="append", nargs=2)], "--x 1 2 --x 3 4"),
    ([added("--x", action="append", nargs="*")], "--x --x 3 4"),
    ([added("--x", action="append", dest="z"), added("--y", action="append", dest="z")], "--y 1 --x 2"),
    ([added("--x", action="append_const", const=1)], "--x --x"),
    ([added("--x", action="extend", nargs="+")], "--x 1 2 --x 3"),
    (VERBOSE, ""),
    (VERBOSE, "-v"),
    (VERBOSE, "-vv"),
    (VERBOSE, "-vqv"),
    (VERBOSE, "-v --verbose"),
    ([added("-v", action="count")], ""),
    ([added("-v", action="count", default=1)], "-v"),
    # short flags
    ([added("-x")], "-x 1"),
    ([added("-x")], "-x1"),
    ([added("-x"), added("-y", action="store_true")], "-yx3"),
    # what begins with a dash
    ([added("n", type=int)], "-1"),
    ([added("n", type=float)], "-.5"),
    ([added("n", nargs=2, type=int)], "-1 2"),
    ([added("n", nargs="+", type=int)], "1 -2"),
    ([added("--x", type=int)], "--x -1"),
    ([added("--x", type=int)], "--x=-1"),
    ([added("--x", nargs="+", type=int)], "--x 1 -2"),
    ([added("-1", dest="one", action="store_true"), added("n", nargs="?")], "-1"),
    ([added("n"), added("--x")], "-- --x"),
    ([added("n", nargs="*"), added("--x")], "a -- --x"),
    ([added("n"), added("--x")], "--x 1 a"),
    ([added("n"), added("--x")], "a --x 1"),
    ([added("n", nargs="?")], "-"),
]


@pytest.mark.parametrize(("arguments", "line"), SAME)
def test_a_line_gives_what_argparse_gives(arguments: list[Added], line: str) -> None:
    expected = theirs(arguments, line.split())
    assert ours(arguments, line.split()) == expected
    assert repr(ours(arguments, line.split())) == repr(expected)


WRONG = {
    "an action that is not here": (added("--x", action="version"), "add_argument('--x') has no action 'version' here."),
    "an action of one's own": (added("--x", action=argparse.Action), "add_argument('--x') has no action <class"),
    "a setting that is not here": (added("--x", deprecated=True), "add_argument('--x') has no 'deprecated' here."),
    "a wrong nargs": (added("--x", nargs="..."), "add_argument('--x') has no nargs '...' here."),
    "no words at all": (added("n", nargs=0), "add_argument('n') has no nargs 0 here."),
    "a type that is a name": (added("n", type="int"), "add_argument('n') has a type that cannot be called, 'int'."),
    "a required positional": (
        added("n", required=True),
        "add_argument('n') is for a positional argument, which takes no req",
    ),
    "a positional with dest": (
        added("n", dest="m"),
        "add_argument('n') is for a positional argument, which takes no dest.",
    ),
    "a positional flag": (added("n", action="store_true"), "which takes no action 'store_true'."),
    "no name": (added(), "add_argument() needs flags that begin with a dash, or one name."),
    "two names": (added("n", "m"), "add_argument('n', 'm') needs flags that begin with a dash, or one name."),
    "a flag and a name": (
        added("--n", "m"),
        "add_argument('--n', 'm') needs flags that begin with a dash, or one name.",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_not_here_is_refused_when_it_is_added(case: str) -> None:
    argument, expected = WRONG[case]
    with pytest.raises(BindError) as caught:
        make([argument])
    assert expected in str(caught.value)


@pytest.mark.parametrize("flags", [("--x",), ("-x", "--y"), ("--help",), ("-h",), ("--args.load",)])
def test_a_flag_that_is_taken_is_refused(flags: tuple[str, ...]) -> None:
    parser = make([added("-x", "--x")])
    with pytest.raises(BindError, match=f"the option '{flags[0]}' is there already"):
        parser.add_argument(*flags)


def test_one_positional_is_another_ones_equal() -> None:
    assert ours([added("n"), added("m")], ["a", "b"]) == {"n": "a", "m": "b"}


def test_a_list_default_is_not_changed_by_what_is_appended() -> None:
    default = ["a"]
    assert ours([added("--x", action="append", default=default)], ["--x", "b"]) == {"x": ["a", "b"]}
    assert default == ["a"]


def test_an_error_of_a_type_that_is_no_wrong_value_is_the_programs() -> None:
    def broken(text: str) -> Any:
        raise RuntimeError("broken")

    with pytest.raises(RuntimeError, match="broken"):
        ours([added("--x", type=broken)], ["--x", "1"])


MESSAGES = [
    (added("--x", type=int), "--x many", "Error: Invalid value for '--x': 'many' is not a valid int."),
    (added("--x", type=even), "--x 3", "Error: Invalid value for '--x': 3 is odd, which will not do"),
    (
        added("--x", type=lambda text: int(text) + 1),
        "--x many",
        "Error: Invalid value for '--x': 'many' is not a valid value.",
    ),
    (added("--x", choices="ab"), "--x c", "Error: Invalid value for '--x': 'c' is not one of 'a', 'b'."),
    (added("--x", default="many", type=int), "", "Error: Invalid value for '--x': 'many' is not a valid int."),
    (added("--x", nargs="+"), "--x", "Error: Option '--x' requires an argument."),
    (added("--x", required=True), "", "Error: Missing option '--x'."),
    (added("n"), "", "Error: Missing argument 'n'."),
    (added("n", metavar="NAME"), "", "Error: Missing argument 'NAME'."),
    (added("n", choices=["a"]), "b", "Error: Invalid value for 'n': 'b' is not one of 'a'."),
]


@pytest.mark.parametrize(("argument", "line", "message"), MESSAGES)
def test_a_wrong_line_is_told_with_its_reason(
    argument: Added, line: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ours([argument], line.split()) == 2
    assert capsys.readouterr().err.splitlines()[-1] == message


HELP = [
    (added("--x", help="so many"), "--x TEXT      so many"),
    (added("--x", type=int, default=3, help="by default %(default)s"), "--x INT       by default 3"),
    (added("--x", type=int, help="a %(type)s, %(dest)s, of %(prog)s"), "--x INT       a int, x, of prog"),
    (added("--x", choices=["a", "b"], help="%(choices)s"), "--x {a,b}     a, b"),
    (added("--x", help="100%% sure"), "--x TEXT      100% sure"),
    (added("--x", help="100% sure"), "--x TEXT      100% sure"),
    (added("--x", default=0.5, help="%(default).2f"), "--x TEXT      0.50"),
    (added("--x", help="%(default)d"), "--x TEXT      %(default)d"),
    (added("--x", help="%(nothing)s"), "--x TEXT      %(nothing)s"),
    (added("--x", metavar="FILE", help="read"), "--x FILE      read"),
    (added("--x", nargs=2, metavar=("A", "B"), help="two"), "--x A B       two"),
    (added("-x", action="store_true", default=None, help="%(default)s"), "-x            None"),
    (added("-x", action="store_true", help="%(default)s"), "-x            False"),
    (added("-x", "--long", action="count", help="more"), "-x, --long    more"),
    (added("n", help="the %(dest)s"), "n  the n"),
    (added("n", metavar="NAME", help="who"), "NAME  who"),
    (added("n", nargs="*", help="all"), "[n]...  all"),
    (added("n", nargs="?", help="one"), "[n]  one"),
    (added("n", nargs="+", help="some"), "n...  some"),
    (added("n", nargs="+", help="some"), "Usage: prog [OPTIONS] n..."),
]


@pytest.mark.parametrize(("argument", "expected"), HELP)
def test_help_shows_what_was_said(argument: Added, expected: str) -> None:
    lines = [" ".join(line.split()) for line in make([argument]).format_help().splitlines()]
    assert " ".join(expected.split()) in lines


def test_help_leaves_out_what_is_suppressed() -> None:
    assert "--x" not in make([added("--x", help=argparse.SUPPRESS)]).format_help()
    assert ours([added("--x", help=argparse.SUPPRESS)], ["--x", "1"]) == {"x": "1"}


def test_what_is_added_is_a_click_parameter() -> None:
    parser = make([])
    assert isinstance(parser.add_argument("--x"), click.Option)
    assert isinstance(parser.add_argument("n"), click.Argument)
