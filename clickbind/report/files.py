"""Read what a run has left in its folder, as far as a page has space for it: the end of its log, and its figures."""

from __future__ import annotations

import contextlib
import os
import stat
from collections.abc import Iterator

from .. import journal, report

__all__ = ["Budget", "Figures", "diff_of", "figures_of", "log_of"]

_PNG = b"\x89PNG\r\n\x1a\n"
_DEEPEST = 3  # folders below that of the run
_MOST_LOOKED_AT = 2_000  # files and folders of a run, which may have many checkpoints
_MOST_FIGURES = 8  # of a run
_LARGEST = 1_000_000  # bytes of a figure
_NAMED = 3


class Budget:
    """Bytes that may still be used.

    Parameters
    ----------
    left : int
        Their number.
    """

    def __init__(self, left: int) -> None:
        self.left = left

    def take(self, count: int) -> bool:
        """Use some, unless there are too few of them; return whether there were enough."""
        if count > self.left:
            return False
        self.left -= count
        return True


def log_of(folder: str, most: int) -> tuple[str, int]:
    """Return the end of the log of a run, from the beginning of a line, and the number of bytes before it."""
    with contextlib.suppress(OSError, ValueError):
        path = os.path.join(folder, journal.records.LOG)
        if not stat.S_ISREG(os.stat(path).st_mode):  # to open a pipe would wait for ever
            return "", 0
        with open(path, "rb") as file:
            size = file.seek(0, os.SEEK_END)
            start = file.seek(max(size - most, 0))
            data = file.read(most)
        if start:
            _, newline, rest = data.partition(b"\n")
            start, data = (start + len(data) - len(rest), rest) if newline and rest else (start, data)
        return data.decode("utf-8", "backslashreplace"), start
    return "", 0


def diff_of(folder: str, most: int) -> str:
    """Return the beginning of the difference of the code from its commit; empty if there is none."""
    with contextlib.suppress(OSError, ValueError):
        path = os.path.join(folder, journal.code.DIFF)
        if stat.S_ISREG(os.stat(path).st_mode):
            with open(path, "rb") as file:
                data = file.read(most + 1)
            text = data[:most].decode("utf-8", "backslashreplace")
            return f"{text}\n… the rest is left out" if len(data) > most else text
    return ""


class Figures:
    """The figures of a run.

    Attributes
    ----------
    shown : list of (str, str)
        Their names and their content, as data URIs.
    left_out : list of str
        The names of those that are left out.
    """

    def __init__(self) -> None:
        self.shown: list[tuple[str, str]] = []
        self.left_out: list[str] = []

    def said(self) -> str:
        """Return a sentence on what is left out; empty if nothing is."""
        if not self.left_out:
            return ""
        more = f" and {len(self.left_out) - _NAMED} more" if len(self.left_out) > _NAMED else ""
        return f"Figures that are left out: {', '.join(self.left_out[:_NAMED])}{more}."


def figures_of(folder: str, budget: Budget) -> Figures:
    """Read the PNG files in the folder of a run, and in those below it."""
    found = Figures()
    for path in sorted(_named_png(folder)):
        name = os.path.relpath(path, folder)
        data = _png(path) if len(found.shown) < _MOST_FIGURES else b""
        if data is None:
            continue
        if data and budget.take(len(data)):
            found.shown.append((name, f"data:image/png;base64,{report.base64.b64encode(data).decode()}"))
        else:
            found.left_out.append(name)
    return found


def _png(path: str) -> bytes | None:
    """Read a figure; None if the file is none, empty if it is too large."""
    with contextlib.suppress(OSError, ValueError):
        status = os.stat(path)
        if stat.S_ISREG(status.st_mode):
            with open(path, "rb") as file:
                data = file.read(_LARGEST + 1)
            if data.startswith(_PNG):
                return data if len(data) <= _LARGEST else b""
    return None


def _named_png(folder: str) -> Iterator[str]:
    """Walk the paths that look like figures, level by level; links to other folders are not followed."""
    level, looked_at = [folder], 0
    for _ in range(_DEEPEST + 1):
        below: list[str] = []
        for path in level:
            for entry in _entries(path):
                looked_at += 1
                if looked_at > _MOST_LOOKED_AT:
                    return
                if entry.is_dir(follow_symlinks=False):
                    below.append(entry.path)
                elif entry.name.lower().endswith(".png"):
                    yield entry.path
        level = below


def _entries(folder: str) -> list[os.DirEntry[str]]:
    with contextlib.suppress(OSError), os.scandir(folder) as found:
        return sorted(found, key=lambda entry: entry.name)
    return []
