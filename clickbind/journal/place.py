"""Decide in which folder a run is recorded, and claim it when the run begins.

A context may insist on making the folder of the run itself, with ``mkdir()``. So nothing is written to a folder that does
not exist before the contexts are entered: until then the record is in a folder beside it, where it stays if the run fails
before.
"""

from __future__ import annotations

import contextlib
import os
import time
from typing import TYPE_CHECKING

from .. import declare, journal
from ..errors import SaveError, UserError
from ..keys import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..declare.registry import Registry

__all__ = ["Place", "marked", "name_of", "new_folder", "remove"]

BESIDE = ".record"
"""The end of the name of the folder beside that of the run."""


LEFT_OUT = "the folder of this run"
"""What a saved run says of the marked parameters, which it leaves out: a replay makes its own folder."""


class Place:
    """The folder that a run is recorded in.

    Parameters
    ----------
    folder : str
        The folder, as the user gave it.
    before : Record, optional
        The record that the run goes on with: that of a job, or of a run that is resumed. Without it, a folder with a
        record is refused.

    Attributes
    ----------
    folder : str
        The absolute path of the folder.
    before : Record or None
        As given.
    keys : set of Key
        The parameters whose value is the folder.
    here : str
        The folder in which the record is now: the one of the run, or the one beside it.
    claim : Claim or None
        The claim, while the run is in progress.
    """

    __slots__ = ("before", "claim", "folder", "given", "here", "keys")

    def __init__(self, folder: str, before: journal.records.Record | None = None) -> None:
        self.given = folder
        self.folder = self.here = os.path.abspath(folder)
        self.before = before
        self.keys: set[Key] = set()
        self.claim: journal.claims.Claim | None = None

    def check(self) -> None:
        """Check that the run can be recorded there, without any effect.

        Raises
        ------
        UserError
            If the folder has the record of another run, or is a file, or cannot be written.
        """
        if self.before is None and journal.records.is_record(self.folder):
            raise UserError(
                f"{self.given}: the folder has the record of a run. Go on with that by `resume`, or give another folder."
            )
        existing = self.folder
        while not os.path.lexists(existing):
            existing = os.path.dirname(existing)
        if not os.path.isdir(existing):
            raise UserError(f"{self.given}: the run cannot be recorded: {existing!r} is not a folder.")
        if not os.access(existing, os.W_OK | os.X_OK):
            raise UserError(f"{self.given}: the run cannot be recorded: {existing!r} cannot be written.")

    def begin(self) -> None:
        """Claim the folder, or the one beside it if there is none yet.

        Raises
        ------
        SaveError
            If it cannot be written.
        ClaimedError
            If another process has claimed it.
        """
        try:
            self.here = self.folder if os.path.isdir(self.folder) else self._make_beside()
            self.claim = journal.claims.take(self.here)
        except OSError as error:
            raise SaveError(f"{self.given}: the run cannot be recorded: {error.strerror or error}.") from None
        if self.here == self.folder:
            self._check_again()

    def _check_again(self) -> None:
        """Refuse a folder in which another run was recorded since the check."""
        assert self.claim is not None  # begin has made it
        if self.before is None and journal.records.is_record(self.folder):
            self.claim.release()
            self.check()

    def _make_beside(self) -> str:
        number = 1
        os.makedirs(os.path.dirname(self.folder), exist_ok=True)
        while True:
            path = f"{self.folder}{BESIDE}{f'-{number}' if number > 1 else ''}"
            with contextlib.suppress(FileExistsError):
                os.mkdir(path)
                return path
            number += 1

    def settle(self) -> bool:
        """Go to the folder of the run, now that the contexts are entered; make it if they have not.

        Returns
        -------
        bool
            Whether the record is somewhere else now, and must be written anew.

        Raises
        ------
        OSError, ClaimedError
            If it cannot be written; the record stays where it is.
        """
        if self.here == self.folder:
            return False
        assert self.claim is not None  # the run has begun
        os.makedirs(self.folder, exist_ok=True)
        claim = journal.claims.take(self.folder)
        self.claim.release()
        self.claim, self.here = claim, self.folder
        return True


def remove(folder: str, names: Iterable[str]) -> None:
    """Remove the folder beside that of a run, unless it has other files than these."""
    with contextlib.suppress(OSError):
        for name in names:
            os.unlink(os.path.join(folder, name))
        os.rmdir(folder)


def new_folder(parent: str, name: str) -> str:
    """Return the path of a folder that does not exist, with the time and the process in its name."""
    now = time.strftime("%Y-%m-%d-%H%M%S")
    return os.path.join(parent, name_of(f"{now}-{name}", 60) + f"-{os.getpid()}")


def name_of(text: str, most: int) -> str:
    """Return a text as the name of a folder: characters that some system does not allow are replaced by ``_``."""
    allowed = "".join(char if char.isascii() and (char.isalnum() or char in ".+=_-") else "_" for char in text)
    return allowed[:most]


def marked(registry: Registry) -> Iterator[Key]:
    """Walk the keys of the parameters that are marked as the folder of a run."""
    for bound in _readable(registry):
        for name, spec in bound.options.items():
            mark = declare.option.own_mark(spec.annotation)
            if mark is not None and mark.run_folder:
                yield bound.key(name)


def _readable(registry: Registry) -> Iterable[declare.registry.Bound]:
    return (bound for bound in registry.bounds.values() if bound.is_readable)
