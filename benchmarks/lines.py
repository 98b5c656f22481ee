"""The lines that are measured, and the programs that they are typed at, byte-compiled, each behind a launcher."""

from __future__ import annotations

import os
import shutil
import subprocess

import generate
from environments import CHILD, ROOT
from processes import Command

__all__ = [
    "BUILD",
    "HERE",
    "LIBRARIES",
    "LIMITS",
    "LINES",
    "MANY_LIMITS",
    "OTHERWISE",
    "OURS",
    "REFERENCE",
    "SAME",
    "STAGES",
    "TAB",
    "WITH_CLICKBIND",
    "command",
    "completion",
    "enter_scratch",
    "python",
    "write_programs",
]

HERE = os.path.dirname(os.path.abspath(__file__))
BUILD = os.path.join(HERE, "build")

# What each environment has beside clickbind itself.
LIBRARIES = {
    "click": ["click", "pyyaml"],
    "clickbind": [],
    "argbind": ["argbind"],
    "typer": ["typer", "pyyaml"],
    "cyclopts": ["cyclopts", "pyyaml"],
    "tyro": ["tyro"],
    "jsonargparse": ["jsonargparse[signatures]"],
    "in-process": ["argbind", "gin-config"],
}
WITH_CLICKBIND = ("clickbind", "in-process")
REFERENCE, SAME, OURS = "click", "click_same", "clickbind"

TAB = "TAB after `train --`"
LINES = {
    "`train --epochs 100`": ("train", "--epochs", "100"),
    "`--help`": ("--help",),
    "`train --help`": ("train", "--help"),
    "`--config f.yml train --lr .1`": ("--config", "nested.yml", "train", "--lr", ".1"),
    TAB: (),
}
# Where a library has another way to say it, or (None) no way at all.
OTHERWISE: dict[tuple[str, str], tuple[str, ...] | None] = {
    ("argbind", "`train --epochs 100`"): ("--run.stages", "train", "--train.epochs", "100"),
    ("argbind", "`train --help`"): None,
    ("argbind", "`--config f.yml train --lr .1`"): (
        *("--args.load", "flat.yml", "--run.stages", "train", "--train.lr", ".1"),
    ),
    ("clickbind", "`--config f.yml train --lr .1`"): ("--config", "flat.yml", "train", "--lr", ".1"),
    ("tyro", "`--config f.yml train --lr .1`"): None,
    **{(library, TAB): None for library in ("argbind", "cyclopts", "tyro", "jsonargparse")},
}
CONFIG = {"train": {"epochs": "100", "model_type": "mlp"}, "evaluate": {"results_folder": "./scores"}}

# The most that a line may take, as a ratio to the Click program: counted in instructions, confirmed by time.
LIMITS = {
    "`train --epochs 100`": 1.05,
    "`--help`": 1.12,
    "`train --help`": 1.12,
    "`--config f.yml train --lr .1`": 0.80,
    TAB: 0.95,
}
MANY_LIMITS = {("run one stage", 1000): 0.32, ("TAB", 1000): 0.32, ("root help, to the same options", 1000): 0.60}

STAGES = (1, 10, 100, 1000)


def python(library: str) -> str:
    """Return the interpreter of a library's environment."""
    environment = REFERENCE if library == SAME else library
    return os.path.join(BUILD, "environments", environment, "bin", "python")


def write_programs(library: str) -> None:
    """Write a library's programs, each a module behind a launcher of two lines."""
    folder = os.path.join(BUILD, "programs", library)
    shutil.rmtree(folder, ignore_errors=True)
    os.makedirs(folder)
    example = os.path.join(ROOT, "examples", "multistage", "multistage.py")
    own = os.path.join(HERE, "programs", f"multistage_{library}.py")
    modules = {"multistage": f"multistage_{library}"}
    shutil.copy(example if library == OURS else own, os.path.join(folder, f"multistage_{library}.py"))
    write = {
        OURS: generate.write_clickbind,
        REFERENCE: generate.write_click,
        SAME: generate.write_click_same,
    }.get(library)
    if library == SAME:
        shutil.copy(os.path.join(HERE, "programs", "click_sections.py"), folder)
    for stages in STAGES if write else ():
        modules[f"staged{stages}"] = f"staged{stages}_{library}"
        write(os.path.join(folder, f"staged{stages}_{library}.py"), stages)
    for name, module in modules.items():
        with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
            file.write(f"from {module} import main\nmain()\n")
    words = (python(library), "-m", "compileall", "-q", folder)
    subprocess.run(words, env=CHILD, check=True)


def command(library: str, program: str, *words: str) -> Command:
    """Make a command of a program and the words that are typed after its name."""
    return Command((python(library), os.path.join(BUILD, "programs", library, program), *words))


def completion(library: str, program: str, line: str) -> Command:
    """Make the command that bash runs when TAB is pressed at the end of a line, with what its script passes."""
    words = f"{program} {line}"
    asked = (f"_{program.upper()}_COMPLETE", "complete_bash" if library == "typer" else "bash_complete")
    typed = (("COMP_WORDS", words), ("COMP_CWORD", str(len(words.split()) - 1)))
    if library == OURS:
        typed = (("COMP_LINE", words), ("COMP_CWORD", words.rsplit(maxsplit=1)[-1]))
    return command(library, program)._replace(variables=(asked, *typed))


def enter_scratch() -> None:
    """Write the config file, flat for those who write it so, nested for the others, and change into its folder."""
    scratch = os.path.join(BUILD, "scratch")
    os.makedirs(scratch, exist_ok=True)
    os.chdir(scratch)
    with open("flat.yml", "w", encoding="utf-8") as flat, open("nested.yml", "w", encoding="utf-8") as nested:
        for function, values in CONFIG.items():
            nested.write(f"{function}:\n")
            nested.writelines(f"  {name}: {value}\n" for name, value in values.items())
            flat.writelines(f"{function}.{name}: {value}\n" for name, value in values.items())
