"""Find the version of a program's code: its commit, what differs from that, and the installed packages."""

from __future__ import annotations

import contextlib
import os
from typing import NamedTuple

from .. import journal, record

__all__ = ["DIFF", "FILES", "VERSIONS", "Code", "code_of", "versions", "write"]

FILES = DIFF, VERSIONS = "code.diff", "versions.txt"
"""The files beside the record of a run or of a sweep."""

# The configuration of a user or a repository may name a watcher, other programs for differences, and other prefixes.
_GIT = ("git", "-c", "core.fsmonitor=false", "--no-optional-locks")
_PLAIN = ("--no-ext-diff", "--no-textconv", "--no-color", "--src-prefix=a/", "--dst-prefix=b/")
_SECONDS = 20  # for git, which waits for ever on a network file system that does not answer


class Code(NamedTuple):
    """The version of a program's code.

    Attributes
    ----------
    commit : str or None
        The commit; None outside of a git repository, and without git.
    diff : str
        What differs from the commit, as ``git diff`` prints it; empty if nothing does.
    """

    commit: str | None
    diff: str


def code_of(folder: str) -> Code:
    """Return the version of the code in a folder, and everything that is not committed in its repository.

    New files that git does not know are not in the difference.
    """
    commit = _git(folder, "rev-parse", "HEAD")
    if commit is None:
        return Code(None, "")
    top = _git(folder, "rev-parse", "--show-toplevel")
    diff = _git((top or folder).rstrip("\n"), "diff", *_PLAIN, "HEAD")
    return Code(commit.strip(), diff or "")


def _git(folder: str, *words: str) -> str | None:
    """Return what git prints; None if it cannot be run, or fails."""
    # GIT_DIR and others, which git sets for its hooks, would name another repository.
    environ = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    run, pipe, none = journal.subprocess.run, journal.subprocess.PIPE, journal.subprocess.DEVNULL
    try:
        done = run([*_GIT, "-C", folder, *words], stdin=none, stdout=pipe, stderr=none, timeout=_SECONDS, env=environ)
    except (OSError, ValueError, journal.subprocess.TimeoutExpired):  # no git, no folder, a NUL in its name
        return None
    return done.stdout.decode("utf-8", "backslashreplace") if done.returncode == 0 else None


def versions() -> str:
    """Return the installed packages with their versions, one in a line, as a requirements file has them."""
    found: set[tuple[str, str]] = set()
    for item in journal.metadata.distributions():
        with contextlib.suppress(Exception):  # what is half removed has no name or version
            found.add((item.metadata["Name"], item.version))
    lines = (f"{name}=={version}\n" for name, version in found if name and version)
    return "".join(sorted(lines, key=str.lower))


def write(folder: str, diff: str) -> None:
    """Write the difference and the versions into the folder of a sweep, unless they are there.

    Raises
    ------
    SaveError
        If one cannot be written.
    """
    if diff and not os.path.lexists(os.path.join(folder, DIFF)):
        record.atomic.save(diff, os.path.join(folder, DIFF))
    if not os.path.lexists(os.path.join(folder, VERSIONS)):
        record.atomic.save(versions(), os.path.join(folder, VERSIONS))
