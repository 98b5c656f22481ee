"""Programs whose command lines are recorded in ``data/lines.json.gz``, and the recorder.

``test_recorded_lines.py`` replays the recording: every line must still end with the exit code, the output and the calls
that it had when the line was read by Click's own parser classes. To record again, after a change of what users see:

    .venv/bin/python -W error -m tests.cli.line_programs

Lines are made by a seeded generator: some words of the root, a stage, a chain or a command of somebody else's, each
with options of its own, of the root, and wrong ones, then sometimes a word dropped, doubled, cut or put elsewhere.
"""

from __future__ import annotations

import contextlib
import gzip
import io
import json
import os
import random
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import click
from click.shell_completion import ShellComplete
from click.testing import CliRunner

import clickbind
from clickbind import argbind

RECORDING = Path(__file__).parent / "data" / "lines.json.gz"
SEED = 20_26
FILES = {"a.yml": "train.epochs: 3\nrun.stages: [peek]\n", "wrong.yml": "train.epohcs: 3\n"}

Calls = list[tuple[str, str]]
Command = Callable[[Calls], click.Command]


def _stages(calls: Calls, **settings: Any) -> clickbind.Binder:
    """Make a program of a context, a bound function and stages that have a parameter of every kind."""
    binder = clickbind.Binder("prog", **settings)

    def called(name: str, **values: Any) -> None:
        calls.append((name, repr(values)))

    @binder.context
    @contextlib.contextmanager
    def output(folder: str = "out", *, keep: bool = True) -> Iterator[None]:
        called("output", folder=folder, keep=keep)
        yield

    @binder.bind("train", "val")
    def dataset(folder: str = "default", size: int = 10, *, cached: bool | None = None) -> str:
        called("dataset", folder=folder, size=size, cached=cached)
        return folder

    @binder.stage
    def prepare(source: str = "raw", *, shuffle: bool = False, mood: Literal["good", "bad"] = "good") -> None:
        called("prepare", source=source, shuffle=shuffle, mood=mood)

    @binder.stage
    def train(
        epochs: Annotated[int, clickbind.Option("-e")] = 50,
        lr: float = 1e-3,
        model_type: str = "conv",
        tags: list[str] | None = None,
        size: tuple[int, int] = (1, 2),
        *,
        fast: Annotated[bool | None, clickbind.Option("-f")] = None,
        loud: Annotated[bool, clickbind.Option("-l")] = False,
        opts: dict[str, int] = {},  # noqa: B006 - copied for each call
    ) -> str:
        values = {"epochs": epochs, "lr": lr, "model_type": model_type, "tags": tags, "size": size}
        called("train", **values, fast=fast, loud=loud, opts=opts)
        with binder.scope("train"):
            return dataset()

    @binder.stage(default=False)
    def peek(count: int = 1, debug: str = "", help: str = "", *, cache: bool = True, no_cache: bool = False) -> int:
        called("peek", count=count, debug=debug, help=help, cache=cache, no_cache=no_cache)
        return count

    return binder


def plain(calls: Calls) -> click.Command:
    """Make a program without anything added."""
    return _stages(calls, version="1.2").command()


def foreign(calls: Calls) -> click.Command:
    """Make a program with commands and groups of Click's."""
    main = _stages(calls).command()

    @main.command()
    @click.option("--train.epochs", "epochs", type=int)
    @click.option("-q", "--quiet", is_flag=True)
    @click.argument("rest", nargs=-1)
    def tool(**values: Any) -> None:
        calls.append(("tool", repr(sorted(values.items()))))

    @main.group(chain=True)
    @click.option("--level", type=int, default=0)
    def group(**values: Any) -> None:
        calls.append(("group", repr(values)))

    @group.command()
    @click.argument("name")
    @click.option("--count", type=int)
    def inner(**values: Any) -> None:
        calls.append(("inner", repr(sorted(values.items()))))

    return main


def authored(calls: Calls) -> click.Command:
    """Make a program whose author gives the root and a stage options of Click's."""
    params = [
        click.Option(["--pair"], nargs=2, type=int),
        click.Option(["-v", "--verbose"], count=True),
        click.Option(["-q", "--quiet"], is_flag=True),
        click.Option(["-m", "--mood"]),
        click.Option(["--tag", "-t"], multiple=True),
        click.Option(["--loud/--soft", "-L/-S"], default=False),
        click.Option(["--level"], is_flag=False, flag_value="5", default="1"),
        click.Option(["--upper", "case"], flag_value="upper", default="lower"),
        click.Option(["--lower", "case"], flag_value="lower"),
    ]
    main = _stages(calls).command(params=params)
    assert isinstance(main, click.Group)

    @main.command()
    @click.pass_context
    def show(ctx: click.Context) -> None:
        assert ctx.parent is not None
        calls.append(("show", repr(sorted((key, str(value)) for key, value in ctx.parent.params.items()))))

    stage = main.get_command(click.Context(main), "peek")
    assert stage is not None
    stage.params.append(click.Option(["--extra", "-x"], multiple=True, expose_value=False))
    return main


def with_argument(calls: Calls) -> click.Command:
    """Make a program whose author gives the root an argument."""
    return _stages(calls).command(params=[click.Argument(["place"], required=False), click.Option(["-v"], count=True)])


def normalized(calls: Calls) -> click.Command:
    """Make a program that folds the case of flags, and asks for help in its own ways."""
    settings = {"token_normalize_func": str.lower, "help_option_names": ["-h", "--help", "/?"]}
    return _stages(calls).command(context_settings=settings)


def secret(calls: Calls) -> click.Command:
    """Make a program with a secret."""
    binder = _stages(calls)

    @binder.stage
    def login(token: Annotated[str, clickbind.Option("-k", secret=True)] = "", tries: int = 1) -> None:
        calls.append(("login", repr((token, tries))))

    return binder.command()


def adapter(calls: Calls) -> click.Command:
    """Make a program that is written for ArgBind, with arguments in argparse's words."""
    argbind._BINDER = argbind._ArgBinder()

    def dataset(folder: str = "d", size: int = 10, *, shuffle: bool = True, tags: list[str] | None = None) -> None: ...
    def run(stage: str, seed: int = 0) -> None: ...

    argbind.bind(dataset, "train", "val")
    argbind.bind(run, without_prefix=True, positional=True)
    parser = argbind.build_parser()
    parser.add_argument("--many", nargs="*", type=int)
    parser.add_argument("--some", nargs="+")
    parser.add_argument("--maybe", nargs="?", const="c", default="d")
    parser.add_argument("--two", nargs=2, type=float)
    parser.add_argument("-n", "--number", type=int)
    parser.add_argument("--more", action="append")
    parser.add_argument("-v", "--verbose", action="count", default=0)
    parser.add_argument("-y", "--yes", action="store_true")
    parser.add_argument("rest", nargs="*")
    return parser


Words = tuple[str, ...]


class Grammar(NamedTuple):
    """What the lines of a program are made of.

    Attributes
    ----------
    make : callable
        Makes the program.
    lines : int
        How many lines are recorded.
    root : list of str
        What the root is given, words apart by spaces; a dot ``·`` is a space in a word.
    commands : dict of str to list of str
        What each command is given.
    chained : list of str
        The commands that `run` takes.
    """

    make: Command
    lines: int
    root: list[str]
    commands: dict[str, list[str]]
    chained: list[str]


ROOT = [
    *("--output.folder o", "--output.folder=o", "--no-output.keep", "--output.keep"),
    *("--dataset.size 3", "--dataset.size 4", "--dataset.size=-4"),
    *("--train/dataset.size 5", "--val/dataset.folder v", "--train.epochs 7", "--train.epochs 8", "--train.lr .1"),
    *("--train.model_type m", "--train.model-type m", "--train.model_type=", "--train.tags a", "--train.tags b"),
    *("--train.tags none", "--train.size 3·4", "--dataset.cached none", "--dataset.cached=NULL", "--dataset.cached"),
    *("--no-dataset.cached", "--train.fast null", "--no-train.fast", "--train.opts x=1"),
    *("--train.opts y=2", "--prepare.source s", "--no_prepare.shuffle", "--peek.no_cache"),
    *("--peek.no-cache", "--no-peek.cache", "--run.stages train", "--config a.yml", "--config=a.yml"),
    *("--no-config", "--no_config", "--debug", "--debug"),
    *("--print_changed", "--args.debug 1", "--args.debug 0", "--args.load a.yml"),
    *("--help", "--train.model_type --"),
]
NOISE = [
    *("--epohcs 3", "--train.epohcs 3", "--deubg", "-z", "-zq", "-ez", "--", "-", "stray", "--no-train.epochs", "---x"),
    *("--=3", "--train", "--dataset.siz 3", "-3", "--trian/dataset.size 3", "-help", "--help=3", "-h3", "--debug=1"),
    *("é", "--é 3", "", "--epochs", "--train.epochs 3", "--source", "--config", "--dataset.size", "--run.stages"),
    *(
        "--output/folder o",
        "--output.keep false",
        "--dataset.size x",
        "--dataset.cached no",
        "--prepare.shuffle=yes",
        "--config wrong.yml",
        "--args.save=-",
        "--diff a.yml",
        "--train.epochs=",
        "--epochs x",
        "--fast false",
        "--fast=true",
        "--loud none",
        "--loud 1",
        "-f none",
        "-f no",
        "--shuffle off",
        "--mood=ugly",
        "--count none",
        "--cache no",
        "--pair 1",
        "--quiet=1",
        "-e=5",
        "--loud no",
        "-L none",
        "--tries x",
        "hunter2",
        "--tokenhunter2",
        "--login.tokn hunter2",
        "--dataset.shuffle no",
        "--dataset.shuffle=1",
        "--many x",
        "--yes=1",
        "--print-changed",
    ),
]
STAGES = {
    "train": [
        *("--epochs 3", "--epochs=4", "-e 5", "-e5", "-fe6", "-lf", "-fl", "-l", "--epochs -3"),
        *("--lr .1", "--lr=1e-3", "--model-type m", "--model_type m", "--model_type=--lr", "--tags a", "--tags b"),
        *("--tags none", "--size 3·4", "--size=5·6", "--fast", "--no-fast", "--no_fast", "--fast none", "--fast=null"),
        *("--fast NONE", "--loud", "--no-loud", "--opts x=1"),
        *("--opts y=2", "--help", "-h", "-lh", "--model-type --"),
    ],
    "prepare": [
        *("--source s", "--source=s", "--shuffle", "--no-shuffle", "--mood bad"),
        *("--source s --mood bad", "--help"),
    ],
    "peek": [
        *("--count 3", "--count=3", "--debug d", "--debug=d", "--help x", "-h", "--cache", "--no-cache", "--no_cache"),
        "--count -1",
    ],
}
AUTHORED = [
    *("--pair 1 2", "--pair 1 3", "--pair=1 2", "-v", "-vv", "-vq", "-q", "--quiet", "--verbose"),
    *("-m good", "-mgood", "-m=good", "--mood good", "--mood=bad", "-t a", "-tb", "--tag c", "--tag=d", "--loud"),
    *("--soft", "-L", "-S", "-LS", "--level", "--level 3", "--level=4", "--level --debug", "--upper"),
    *("--lower", "-qvm x", "-qtx", "--tag e", "-m x"),
]
GRAMMARS = {
    "plain": Grammar(plain, 1500, [*ROOT, "--version"], STAGES, ["train", "prepare", "peek"]),
    "authored": Grammar(
        authored,
        800,
        [*ROOT[:30], *AUTHORED, *AUTHORED],
        {**STAGES, "peek": [*STAGES["peek"], "-x a", "-xb", "--extra c", "--extra=d"], "show": ["--help", "x"]},
        ["train", "prepare", "peek"],
    ),
    "foreign": Grammar(
        foreign,
        400,
        ROOT,
        {
            **STAGES,
            "tool": [
                "--train.epochs 3",
                "--train.epochs x",
                "a",
                "b",
                "-q",
                "--debug",
                "--",
                "--help",
                "--output.folder o",
            ],
            "group": ["--level 3", "inner", "inner a", "inner b --count 3", "--count 3", "--debug", "--help"],
        },
        ["train", "peek"],
    ),
    "argument": Grammar(
        with_argument, 200, ["place", "place", "place", "-v", "-vv", *ROOT[:30]], STAGES, ["train", "peek"]
    ),
    "normalized": Grammar(
        normalized,
        250,
        [*ROOT, "--DEBUG", "--Config a.yml", "--Dataset.Size 3", "-H", "/?", "--NO-output.keep"],
        {**STAGES, "train": [*STAGES["train"], "--EPOCHS 3", "-E 3", "-E3", "/?", "--Fast none", "--Model_Type=x"]},
        ["train", "peek", "TRAIN"],
    ),
    "secret": Grammar(
        secret,
        250,
        [*ROOT, "--login.token hunter2", "--login.token=hunter3", "--login.tries 2"],
        {**STAGES, "login": ["--token hunter2", "-k hunter2", "-khunter2"]},
        ["train", "login", "login"],
    ),
    "argbind": Grammar(
        adapter,
        700,
        [
            *("--dataset.size 3", "--dataset.size=-3", "--dataset.size -3", "--train/dataset.size 4"),
            *("--dataset.folder f", "--dataset.folder=", "--no-dataset.shuffle", "--dataset.shuffle", "--seed 3"),
            *("--dataset.tags a", "--dataset.tags none", "--seed -1"),
            *("go", "go", "go", "--many", "--many 1", "--many 1 2 -3", "--many=4", "--some a b", "--some"),
            *("--some=a b", "--maybe", "--maybe m", "--maybe=m", "--two 1 2", "--two 1", "--two=1 2", "-n 3", "-n3"),
            *("-n -3", "-n=3", "--number 3", "--more a", "--more=b", "-v", "-vv", "-vyn3", "-y", "a b", "-1"),
            *("--args.debug 1", "--args.load args.yml", "--help", "-h", "-yv", "--no_dataset.shuffle"),
        ],
        {},
        [],
    ),
}


class Maker:
    """Makes the lines of one program, always the same.

    Parameters
    ----------
    name : str
        The program.
    """

    def __init__(self, name: str) -> None:
        self._grammar = GRAMMARS[name]
        self._random = random.Random(f"{SEED} {name}")

    def lines(self) -> list[list[str]]:
        """Make the lines, none twice."""
        found: dict[tuple[str, ...], None] = {}
        while len(found) < self._grammar.lines:
            found[tuple(self._line())] = None
        return [list(words) for words in found]

    def _line(self) -> list[str]:
        grammar, choose = self._grammar, self._random
        words = self._some(grammar.root, 3 if grammar.commands else 5)
        if grammar.chained and choose.random() < 0.5:
            words += ["run", *self._some(grammar.root, 1)]
            for _ in range(choose.randrange(4)):
                words += self._command(choose.choice(grammar.chained))
        elif grammar.commands and choose.random() < 0.9:
            words += self._command(choose.choice(list(grammar.commands)))
        return self._spoiled(words) if choose.random() < 0.15 else words

    def _command(self, name: str) -> list[str]:
        given = self._some(self._grammar.commands.get(name.lower(), []), 3)
        others = self._some(self._grammar.root, 2)
        parts = [given, others]
        self._random.shuffle(parts)
        return [name, *parts[0], *parts[1]]

    def _some(self, choices: Sequence[str], most: int) -> list[str]:
        """Choose some of what there is, seldom something wrong."""
        if not choices:
            return []
        words: list[str] = []
        for _ in range(self._random.randrange(most + 1)):
            pool = NOISE if self._random.random() < 0.06 else choices
            words += self._random.choice(pool).split(" ")
        return [word.replace("·", " ") for word in words]

    def _spoiled(self, words: list[str]) -> list[str]:
        place = self._random.randrange(len(words)) if words else 0
        way = self._random.randrange(5)
        if way == 0 or not words:
            return [*words[:place], "--", *words[place:]]
        if way == 1:
            return [*words[:place], *words[place + 1 :]]
        if way == 2:
            return [*words[: place + 1], *words[place:]]
        if way == 3:
            return [*words[:place], words[place][:-1], *words[place + 1 :]]
        return [*words[:place], self._random.choice(NOISE).split(" ")[0], *words[place:]]


class Answer(NamedTuple):
    """What comes of a line: exit code, output, and calls; of a press of TAB behind it what the shell is offered."""

    code: int | str
    output: str
    calls: Calls


def answer(name: str, line: Sequence[str]) -> Answer:
    """Type a line, in an empty folder but for `FILES`."""
    calls: Calls = []
    program = GRAMMARS[name].make(calls)
    if name == "argbind":
        return _answer_of_adapter(program, line)
    result = CliRunner().invoke(program, list(line), prog_name="prog")
    error = result.exception
    wrong = error is not None and not isinstance(error, SystemExit)
    return Answer(repr(error) if wrong else result.exit_code, result.output, calls)


def _answer_of_adapter(program: Any, line: Sequence[str]) -> Answer:
    before, sys.argv = sys.argv, ["prog", *line]
    text = io.StringIO()
    try:
        with contextlib.redirect_stdout(text), contextlib.redirect_stderr(text):
            values = program.parse()
    except SystemExit as error:
        return Answer(repr(error.code), text.getvalue(), [])
    finally:
        sys.argv = before
    return Answer(0, text.getvalue(), [("values", repr(sorted(values.items())))])


def offered(name: str, line: Sequence[str], incomplete: str) -> list[str]:
    """Press TAB behind a line."""
    shell = ShellComplete(GRAMMARS[name].make([]), {}, "prog", "_PROG_COMPLETE")
    return [item.value for item in shell.get_completions(list(line), incomplete)]


INCOMPLETE = ["", "--", "--d", "--dataset.", "tr", "-", "--no-", "--train.e", "g"]


def tabs() -> Iterator[tuple[str, list[str], str]]:
    """Make the lines behind which TAB is pressed, with the word that is begun."""
    choose = random.Random(SEED)
    for name, grammar in GRAMMARS.items():
        for line in Maker(name).lines()[: grammar.lines // 6]:
            yield name, line[: choose.randrange(len(line) + 1)], choose.choice(INCOMPLETE)


def write_files(folder: Path) -> None:
    """Write the files that lines name."""
    for name, text in {**FILES, "args.yml": "dataset.size: 3\nother: 4\n"}.items():
        (folder / name).write_text(text, encoding="utf-8")


def record() -> None:
    """Type every line, and write what comes of it."""
    lines = [[name, line, *answer(name, line)] for name in GRAMMARS for line in Maker(name).lines()]
    presses = [[*press, offered(*press)] for press in tabs()]
    outputs = list(dict.fromkeys(item[3] for item in lines))
    numbers = {text: number for number, text in enumerate(outputs)}
    calls = list(dict.fromkeys(json.dumps(item[4]) for item in lines))
    places = {text: number for number, text in enumerate(calls)}
    items = [[*item[:3], numbers[item[3]], places[json.dumps(item[4])]] for item in lines]
    data = {"outputs": outputs, "calls": list(map(json.loads, calls)), "lines": items, "tabs": presses}
    text = json.dumps(data, ensure_ascii=False, indent=0)
    with open(RECORDING, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(text.encode())


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        write_files(Path(folder))
        record()
