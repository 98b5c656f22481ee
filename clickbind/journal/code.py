"""Find the version of a program's code: its commit, what differs from that, and the installed packages."""

from __future__ import annotations

import os
from typing import NamedTuple

from .. import journal, record

__all__ = ["DIFF", "VERSIONS", "Code", "code_of", "versions", "write"]

DIFF, VERSIONS = "code.diff", "versions.txt"
"""The files beside the record of a run or of a sweep."""

# Nothing that a repository's configuration names is run: no watcher, no other program for differences.
_GIT = ("git", "-c", "core.fsmonitor=false", "--no-optional-locks")
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
    diff = _git((top or folder).rstrip("\n"), "diff", "--no-ext-diff", "--no-textconv", "--no-color", "HEAD")
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
    found = {(item.metadata["Name"] or "", item.version) for item in journal.metadata.distributions()}
    return "".join(f"{name}=={version}\n" for name, version in sorted(found, key=lambda item: item[0].lower()) if name)


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
