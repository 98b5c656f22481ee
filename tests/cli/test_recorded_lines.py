"""Thousands of lines do what they did when Click's own parser classes read them: see `line_programs`."""

from __future__ import annotations

import gzip
import json
import re
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest

from clickbind import argbind
from tests.cli.line_programs import GRAMMARS, RECORDING, Maker, answer, offered, write_files
from tests.conftest import in_new_words

# Lines on which the reader of the recording was wrong, by the reason.
WRONG = {
    "--no-config before and behind a stage was a TypeError": """
        plain --no_config --peek.no-cache --prepare.source s peek --no_config --no-cache
        plain --no-config --no-dataset.cached prepare --no_config --source s --source s --source s --mood bad
        normalized --no_config --train.lr .1 run --no_config TRAIN --no_fast --model-type -- m train --cache no --loud \
--help --model_type m peek -h -h --debug=d
        secret --args.load a.yml --no-peek.cache --no_config peek --no-config --cache --help x --debug=d
    """,
    "the error named --debug where --args.debug was typed": """
        plain train --args.debug -- 1 --print_changed
        plain --dataset.size 3 --train.tags none prepare --source=s --mood bad --output.keep --args.debug --args.debug 0
        normalized --peek.no-cache --train/dataset.size 5 --args.debug -- 1 train --args.debug 1 --help --epochs 3
        secret --no-peek.cache --args.debug --dataset.cached=NULL train -fe6 --fast=null
    """,
    "the origin of the 5 in --epochs 3 -e5 was --epochs": """
        plain --print_changed run --train.model_type m train --epochs 3 -e5 peek --cache prepare --source=s \
--args.debug 0
    """,
    "an argument of the root, or its absence, hid the options of the root behind a stage": """
        argument peek --dataset.size x --debug=d
        argument place run train -e 5 train --model_type=--lr --no-dataset.cached --train.opts y=2
        argument place peek --debug d --no-cache --output.folder o --train.model_type m
    """,
    "no file was read for a line that begins with a flag without a dash": """
        normalized /? --DEBUG --config=a.yml run
    """,
    "what shows a run was ignored before a command that runs none": """
        authored --print-changed -vq show --pair=1 2
        foreign --train.fast null --print_changed --train.model-type m tool --config a.yml --no_config
        foreign --config=a.yml --debug --print_changed tool --output.folder o --help --config a.yml
        foreign --train.opts y=2 --print-changed tool -- -- --debug --
    """,
    "what may be half of a secret is not quoted": """
        secret --run.stages --output.folder=o prepare
    """,
}
DEVIATIONS = {line.strip() for lines in WRONG.values() for line in lines.splitlines()}


WARNING = (
    r"(?m)^Warning: .* (?:has no effect, since .* is given too|(?:was|were) given, but no call used (?:it|them)"
    r"|was given \d+ times, .* counts; `sweep` tries all)\.\n"
)
"""The warnings of what has no effect, which `test_notices` and `test_unused` test."""

HINTED = (
    r"(?s)(Error: (?:No such \w+ [^\n]*?\.(?= |$)|Got unexpected extra arguments? \([^\n]*?\)\."
    r"|Stages are [^\n]*?use one of the two\.)).*"
)
"""The sentences that say what is wrong with a word, and those on what may be meant, which `test_meant` tests."""


TAKEN = r" '[^' \n]+'(?: / '[^' \n]+')* has no value, since '[^'\n]+' is an option\."
"""The sentence on an option in the place of a value, which `test_option` tests."""


def _recorded() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(gzip.decompress(RECORDING.read_bytes()))
    return found


DATA = _recorded()
NEWER = {"help", "sweep", "runs", "resume", "--into", "--from", "--until"}
"""The commands and options that the recording does not have."""
NEWER_VALUES = r"\('(?:from|into|no_record|until)', '(?:None|False)'\), "


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(argbind, "_BINDER", argbind._ArgBinder())
    write_files(tmp_path)


def _comparable(code: Any, output: str, calls: list[Any]) -> tuple[Any, str, list[Any]]:
    """Leave out what differs between versions of Click and Python."""
    text = re.sub(TAKEN, "", re.sub(WARNING, "", in_new_words(output)))
    text = re.sub(r"(?m)^Try '(.*) (-h|--help|/\?)' for help\.$", "Try for help.", text)
    text = text.replace("[COMMAND]", "COMMAND").replace("'", "").replace("*", "")
    text = text.replace("[PLACE]", "")  # Click 8.5 lists arguments
    text = re.sub(r"((-h|--help|/\?)(, )?)+ +Show", "Show", text)
    text = re.sub(HINTED, r"\1", text)
    text = re.sub(r"No such option -\w[^\n-]*\.", "No such option -x.", text)  # the letter, or the word it is in
    text = text.partition("\nOptions:\n")[0]  # `test_help` has the rest of help
    return code, re.sub(r"\s+", " ", text), [(name, re.sub(NEWER_VALUES, "", values)) for name, values in calls]


@pytest.mark.parametrize("name", GRAMMARS)
def test_a_line_does_what_it_did(name: str) -> None:
    wrong = []
    for program, line, code, output, calls in DATA["lines"]:
        if program != name or " ".join([name, *line]) in DEVIATIONS:
            continue
        expected = _comparable(code, DATA["outputs"][output], DATA["calls"][calls])
        found = _comparable(*answer(name, line))
        if found != expected and "No such stage TRAIN" not in expected[1]:  # it is one, by token_normalize_func
            wrong.append((line, expected, found))
    assert not wrong


def test_a_shell_is_offered_what_it_was() -> None:
    wrong = []
    for name, line, incomplete, expected in DATA["tabs"]:
        found = [word for word in offered(name, line, incomplete) if word not in NEWER]
        if sorted(found) != sorted(expected):  # Click before 8.5 has -h and --help in any order
            wrong.append((name, line, incomplete, expected, found))
    assert not wrong


def test_the_recording_is_of_the_lines_that_the_generator_makes() -> None:
    for name, items in groupby(DATA["lines"], key=lambda item: item[0]):
        assert [line for _, line, *_ in items] == Maker(name).lines()
