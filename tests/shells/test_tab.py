"""Press TAB in bash, zsh and fish, in a terminal of tmux: what comes out is the line as the shell has completed it.

Needs tmux and the shells, and looks also at bash-completion: ``apt-get install tmux zsh fish bash-completion``.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.shells.driver import Shell

SHELLS = ("bash", "zsh", "fish")

BASH_COMPLETION = Path("/usr/share/bash-completion/bash_completion")  # others put files into its folder

COMPLETED = {
    # Stages, chains, and what they are called.
    "kit tr": "kit train ",
    "kit run train --epochs 5 ev": "kit run train --epochs 5 evaluate ",
    "kit run train --model-type=mlp ev": "kit run train --model-type=mlp evaluate ",
    "FOO=1 kit tr": "FOO=1 kit train ",
    "cd / && kit tr": "cd / && kit train ",
    "kit my-": "kit my-train ",
    "kit my_": ("kit my-train ", "kit my-train ", "kit my_train "),
    # Options, also those of the root after a stage.
    "kit train --ep": "kit train --epochs ",
    "kit --train/dataset.fo": "kit --train/dataset.folder ",
    "kit train --val/dataset.fo": "kit train --val/dataset.folder ",
    "kit run train --val/dataset.fo": "kit run train --val/dataset.folder ",
    "kit train --no-sh": "kit train --no-shuffle ",
    "kit --no-tr": "kit --no-train.shuffle ",
    "kit --train.model-": ("kit --train.model_type ", "kit --train.model_type ", "kit --train.model-type "),
    "kit train --model_": ("kit train --model-type ", "kit train --model-type ", "kit train --model_type "),
    # Values, behind either spelling of their option, as a word of their own or after an equals sign.
    "kit train --model-type c": "kit train --model-type conv ",
    "kit train --model_type c": "kit train --model_type conv ",
    "kit --train.model-type c": "kit --train.model-type conv ",
    "kit train --train.model-type c": "kit train --train.model-type conv ",
    "kit train --model-type=c": "kit train --model-type=conv ",
    "kit train --model_type=c": "kit train --model_type=conv ",
    "kit --train.model_type=c": "kit --train.model_type=conv ",
    "kit run train --train.model-type=c": "kit run train --train.model-type=conv ",
    "kit train --shuffle=t": "kit train --shuffle=t",
    "kit --nothing=x": "kit --nothing=x",
    "kit train --colours ro": "kit train --colours ROSE ",
    # Colons, commas, spaces, quotes and dollar signs in values.
    "kit train --place g": "kit train --place gpu:",
    "kit train --place gpu:1": "kit train --place gpu:1 ",
    "kit train --place=g": "kit train --place=gpu:",
    "kit train --place=gpu:1": "kit train --place=gpu:1 ",
    'kit train --place "gpu:1': 'kit train --place "gpu:1" ',
    "kit train --mix a": "kit train --mix a,",
    "kit train --mix a,c": "kit train --mix a,c ",
    "kit train --mix=a,c": "kit train --mix=a,c ",
    "kit train --title two\\ w": "kit train --title two\\ words ",
    "kit train --title=two\\ w": "kit train --title=two\\ words ",
    'kit train --title "two w': 'kit train --title "two words" ',
    "kit train --title 'two w": "kit train --title 'two words' ",
    "kit train --title two\\ \\$": "kit train --title two\\ \\$more ",
    "kit train --title it": "kit train --title it\\'s ",
    "kit train --title 'it": (
        "kit train --title 'it'\\''s' ",
        "kit train --title 'it'\\''s' ",
        "kit train --title 'it\\'s' ",
    ),
    # Lists, of which the last word is completed.
    'kit --run.stages "train ev': 'kit --run.stages "train evaluate" ',
    "kit --run.stages 'train ev": "kit --run.stages 'train evaluate' ",
    "kit --run.stages train\\ ev": "kit --run.stages train\\ evaluate ",
    "kit --run.stages=train\\ ev": "kit --run.stages=train\\ evaluate ",
    'kit --run.stages "[train, ev': 'kit --run.stages "[train, evaluate" ',
    'kit train --colours "RED BL': 'kit train --colours "RED BLUE" ',
    'kit train --files "notes.txt data.': 'kit train --files "notes.txt data.csv" ',
    # Files. Of those for --config, the ones in YAML.
    "kit train --data data.": "kit train --data data.csv ",
    "kit train --data=data.": "kit train --data=data.csv ",
    "kit train --data a\\ ": "kit train --data a\\ b.txt ",
    "kit train --data=a\\ ": "kit train --data=a\\ b.txt ",
    "kit train --data a:": "kit train --data a:b.txt ",
    "kit train --data fol": "kit train --data folder/",
    "kit train --data=fol": "kit train --data=folder/",
    "kit --train/dataset.folder fol": "kit --train/dataset.folder folder/",
    "kit --train/dataset.folder=folder/i": "kit --train/dataset.folder=folder/inner.txt ",
    "kit train --data folder/i": "kit train --data folder/inner.txt ",
    "kit --config con": "kit --config conf.yml ",
    "kit --config=con": "kit --config=conf.yml ",
    "kit train --config con": "kit train --config conf.yml ",
    "kit --config notes": "kit --config notes.txt ",
    # A config file that is broken, missing, or no file.
    "kit --config broken.yml train --ep": "kit --config broken.yml train --epochs ",
    "kit --config missing.yml train --ep": "kit --config missing.yml train --epochs ",
    "kit --config folder train --ep": "kit --config folder train --epochs ",
    # Behind another command, which bash completes with bash-completion.
    "nice kit train --ep": "nice kit train --epochs ",
    # As a command of a Click program, which Click's own classes complete.
    "outer kit run train --epochs 5 ev": "outer kit run train --epochs 5 evaluate ",
    "outer kit train --model_type c": "outer kit train --model_type conv ",
    "outer kit --train.model-type c": "outer kit --train.model-type conv ",
}
"""What TAB makes of a line: the same in all shells, or something for each of `SHELLS`."""

LISTED = {
    "kit ": ("train", "evaluate", "my-train", "run"),
    "kit train --model-type m": ("mlp", "mixer"),
    "kit train --model-type=m": ("mlp", "mixer"),
    "kit train --place=": ("gpu:0", "gpu:1", "cpu"),
    'kit --run.stages "train ': ("train", "evaluate", "my_train"),
    "kit --config ": ("broken.yml", "conf.yml", "folder/"),
    "kit train --data=": ("data.csv", "notes.txt", "folder/"),
}
"""What TAB lists."""


@pytest.fixture(params=SHELLS)
def name(request: pytest.FixtureRequest) -> str:
    """Return the name of each shell that is here."""
    for program in ("tmux", str(request.param)):
        if shutil.which(program) is None:
            pytest.skip(f"there is no {program}")
    return str(request.param)


def test_tab_completes_in_a_real_shell(name: str, tmp_path: Path) -> None:
    shell = Shell(name, tmp_path)
    for file in ("data.csv", "notes.txt", "a b.txt", "a:b.txt", "folder/inner.txt"):
        (shell.work / file).parent.mkdir(exist_ok=True)
        (shell.work / file).touch()
    (shell.work / "conf.yml").write_text("train: {lr: 0.25, key: hush}\n")
    (shell.work / "broken.yml").write_text("a: [")
    before = sorted(shell.work.rglob("*"))
    expected = {
        line: after if isinstance(after, str) else after[SHELLS.index(name)]
        for line, after in COMPLETED.items()
        if not (name == "bash" and line.startswith("nice") and not BASH_COMPLETION.is_file())
    }
    with shell.open():
        assert {line: shell.press_tab(line) for line in expected} == expected
        for line, words in LISTED.items():
            assert shell.press_tab(line, *words).startswith(line)
        if name != "bash":  # which shows no help
            line = "kit --config conf.yml train --"
            assert shell.press_tab(line, "Learning rate", "[now 0.25 from conf.yml:1]") == line
    assert sorted(shell.work.rglob("*")) == before
