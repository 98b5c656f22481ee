"""Other locales, no home and no terminal, and names and values that are not UTF-8."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import clickbind

from .kit import check, environment, run, some

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="names are bytes on Linux, and Unicode on other systems"
)

ASCII = {"LC_ALL": "C", "LANG": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
LOCALES = {
    "ascii": ASCII,
    "coerced": {"LC_ALL": "C"},
    "strict": {"PYTHONUTF8": "0", "PYTHONIOENCODING": "utf-8:strict"},
    "homeless": {"HOME": ""},
}
LINES = [
    "--help",
    "--save ü.yml train",
    "--config ü.yml --print-config",
    "--config ü.yml --save ä.yml train",
    "--config ü.yml --into rü train",
    "--config ü.yml --into sü sweep train --lr 1 --lr 2",
    "runs s --html pü.html",
    "runs --diff r s/01*",
    "--diff ü.yml --config ü.yml",
    "resume s --from train",
]


@pytest.mark.parametrize("line", LINES)
@pytest.mark.parametrize("locale", some(*LOCALES, most=1))
def test_a_line_works_in_any_locale(folder: Path, line: str, locale: str) -> None:
    (folder / "ü.yml").write_text("train.text: ö\nrun.stages: [train]\n", encoding="utf-8")
    check(run(folder, line, env=environment(**LOCALES[locale])), 0)
    for path in folder.glob("*ü*/**/run.yml"):
        assert 'train.text: "\\xF6"' in path.read_text(encoding="utf-8") or "'ö'" in path.read_text(encoding="utf-8")


BYTES = b"b\xffd"
NAME = os.fsdecode(BYTES)
REFUSED = (
    r"Error: train.text: 'b\udcffd' cannot be written (it has bytes that are not UTF-8, which a YAML file cannot "
    "hold), so the run is not saved."
)
LOST = {
    "--save f.yml train --text NAME": REFUSED,
    "--save new.yml train --text NAME": REFUSED,
    "--print-config train --text NAME": REFUSED,
    "--diff f.yml train --text NAME": REFUSED,
    "--into new train --text NAME": REFUSED,
    "--into new sweep train --text NAME --text x": REFUSED,
    "stNAME": r"Error: No such command 'stb\udcffd'.",
    "train --optNAME": r"Error: No such option '--optb\udcffd'.",
    "train --lr NAME": r"Error: Invalid value for '--lr': 'b\udcffd' is not a valid float.",
    "--config NAME": r"Error: b\udcffd: cannot be read: No such file or directory.",
    "runs NAME": r"Error: b\udcffd: there is no such folder.",
    "resume NAME": r"Error: b\udcffd: there is no such folder.",
    "help NAME": r"Error: There is no function or command 'b\udcffd'.",
    "--config raw.yml": "Error: raw.yml: cannot be read: line 1 is not UTF-8 text: byte 0xff.",
}
KEPT = [
    "train --text NAME",
    "--debug train --text NAME",
    "--save NAME.yml train",
    "--into new/NAME train",
    "--into new/NAME sweep -j 2 train --lr 1 --lr 2",
    "runs r --html NAME.html",
    "sweep --print-jobs train --text NAME --text x",
]


@pytest.mark.parametrize("line", LOST)
def test_what_is_not_utf_8_is_refused_in_plain_words(folder: Path, line: str) -> None:
    (folder / "raw.yml").write_bytes(b"train.text: " + BYTES)
    before = (folder / "f.yml").read_bytes()
    check(run(folder, line.replace("NAME", NAME)), 2, LOST[line])
    assert (folder / "f.yml").read_bytes() == before
    assert not (folder / "new").exists()


@pytest.mark.parametrize("line", KEPT)
def test_what_is_not_utf_8_is_passed_on(folder: Path, line: str) -> None:
    check(run(folder, line.replace("NAME", NAME)), 0)


@pytest.mark.parametrize(
    ("variables", "code", "message"),
    [
        ({"PROG_TRAIN_TEXT": NAME}, 0, None),
        (
            {"PROG_TRAIN_LR": NAME},
            2,
            r"Error: Invalid value for the variable 'PROG_TRAIN_LR' (train.lr): 'b\udcffd' is not a valid float.",
        ),
    ],
)
def test_variables_that_are_not_utf_8_are_values_as_others(
    folder: Path, variables: dict[str, str], code: int, message: str | None
) -> None:
    check(run(folder, "train", env=environment(**variables)), code, message)


def test_files_whose_names_are_not_utf_8_are_replayed(folder: Path) -> None:
    (folder / f"{NAME}.yml").write_text("train.lr: 3\n", encoding="utf-8")
    (folder / "f.yml").write_text("$include: ${name}.yml\n", encoding="utf-8")
    check(run(folder, f"--config f.yml --save {NAME}2.yml train", env=environment(name=NAME)), 0)
    done = run(folder, f"--config {NAME}2.yml --print-changed")
    check(done, 0)
    assert rb"train.lr: 3.0  # 'b\udcffd2.yml:" in done.stdout


def test_runs_whose_names_are_not_utf_8_are_listed_and_resumed(folder: Path) -> None:
    home = folder / NAME
    home.mkdir()
    shutil.copy(folder / "prog.py", home / f"{NAME}.py")
    program = f"{sys.executable} {NAME}/{NAME}.py"

    def type_line(line: str) -> bytes:
        command = ["sh", "-c", f"exec {program} {line}"]
        done = subprocess.run(command, cwd=folder, env=environment(), capture_output=True, check=False)
        check(done, 0)
        return done.stdout

    type_line(f"--into {NAME}/r train --lr 1")
    type_line(f"--into {NAME}/s sweep train --lr 1 --lr 2")
    assert type_line(f"resume {NAME}/s --from train").count(b"\ndone ") == 2
    type_line(f"resume {NAME}/r --from train")
    (listed,) = json.loads(type_line(f"runs {NAME}/r --json"))
    assert listed["line"] == f"{NAME}.py --into '{NAME}/r' train --lr 1"
    assert [run.status for run in clickbind.runs(home / "s")] == ["done", "done"]
    assert rb"b\udcffd" in type_line(f"runs {NAME}/r") + type_line(f"runs --diff {NAME}/r {NAME}/s/01*")
