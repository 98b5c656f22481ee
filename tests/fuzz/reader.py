"""Read config files that are made so that they reach new code, with atheris: `make fuzz-reader`.

Each input is a config file of the program `broad`. It is read, or refused by an error of clickbind, and both parsers of
PyYAML read it alike if they read it. Anything else ends this program, which writes the input to a file ``crash-…`` or
``timeout-…``. With that file as its argument, it tries the input again.
"""

from __future__ import annotations

import argparse
import contextlib
import functools
import os
import re
import sys
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import atheris

with atheris.instrument_imports(include=["clickbind", "yaml"]):
    import yaml

    from clickbind import ClickbindError
    from clickbind.nodes import NodeError
    from clickbind.nodes.reader import read

    from .broad import binder

    with contextlib.suppress(ClickbindError):  # which imports what reading takes
        binder.load(os.devnull)

ROOT = Path(__file__).parents[2]
SECONDS = 20
"""How long one input may take."""
WORDS = [
    *("$include", "$vars", "$schema", "$sweep", "${", "$$", ":-", "run.stages", "args.", "class", "<<: *", "&a", "*a"),
    *("!!binary", "!!python/tuple", "!!python/object/apply:pathlib.PosixPath", "!!str", "---", "...", "null", ".nan"),
    *(
        "f.",
        "f.tree.pair.left",
        "inner/helper.rate",
        "f.keyed",
        "f.typed",
        "f.anyset",
        "- ",
        ": ",
        "? ",
        "|",
        ">",
        ".inf",
    ),
]


def texts() -> Iterator[str]:
    """Walk the config files of the documentation, and texts of tests that look like one."""
    for page in sorted((ROOT / "docs").glob("*.md")):
        yield from re.findall(r"```yaml.*?\n(.*?)```", page.read_text(encoding="utf-8"), re.DOTALL)
    for page in sorted((ROOT / "tests").rglob("test_*.py")):
        for found in re.findall(r'"([^"\n]*(?:: |- |\[|\{)[^"\n]*)"', page.read_text(encoding="utf-8")):
            yield found.replace("\\n", "\n")


def tree(text: str) -> Any:
    """Return what a text is read to; None if it is refused."""
    with contextlib.suppress(NodeError):
        return shown(read(text))
    return None


def shown(node: Any) -> Any:
    """Write a node as lists and tuples, without its place: the two parsers find an empty value at two columns."""
    if hasattr(node, "pairs"):
        return [(shown(key), shown(value)) for key, value in node.pairs]
    if hasattr(node, "items"):
        return [shown(one) for one in node.items]
    return node and (node.text, node.plain, node.binary, node.expands)


def one_input(data: bytes, *, file: Path) -> None:
    """Try an input."""
    file.write_bytes(data)
    with contextlib.suppress(ClickbindError):
        binder.load(file)
    text = data.decode("utf-8", "replace")
    if text.count("*") > 1:  # a few aliases make a large tree
        return
    found, fast = tree(text), yaml.CSafeLoader
    try:
        del yaml.CSafeLoader
        slow = tree(text)
        assert found is None or slow is None or found == slow, (found, slow)
    finally:
        yaml.CSafeLoader = fast  # type: ignore[misc]  # it was deleted


def main() -> None:
    """Try a file, or inputs of its own until the time is over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=15)
    parser.add_argument("file", nargs="?", type=Path, help="an input to try again")
    line = parser.parse_args()
    warnings.simplefilter("ignore")  # Python's own about patterns
    with tempfile.TemporaryDirectory() as folder:
        corpus, words, file = Path(folder, "corpus"), Path(folder, "words"), Path(folder, "input.yml")
        if line.file is not None:
            one_input(line.file.read_bytes(), file=file)
            return
        corpus.mkdir()
        for number, text in enumerate(texts()):
            (corpus / str(number)).write_text(text, encoding="utf-8")
        words.write_text("".join(f'"{word}"\n' for word in WORDS), encoding="ascii")
        settings = [
            f"-max_total_time={line.minutes * 60:.0f}",
            f"-timeout={SECONDS}",
            "-max_len=600",
            "-print_final_stats=1",
        ]
        atheris.Setup([sys.argv[0], str(corpus), f"-dict={words}", *settings], functools.partial(one_input, file=file))
        atheris.Fuzz()


if __name__ == "__main__":
    main()
