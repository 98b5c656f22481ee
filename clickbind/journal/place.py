"""Decide in which folder a run is recorded, and claim it when the run begins.

A context may insist on making the folder of the run itself, with ``mkdir()``. So nothing is written to a folder that
does not exist before the contexts are entered: until then the record is in a folder beside it, where it stays if the
run fails before.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from typing import TYPE_CHECKING

from .. import declare, journal
from ..errors import SaveError, UserError
from ..keys import Key

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from ..declare.registry import Registry

__all__ = ["BESIDE", "LEFT_OUT", "Place", "beside", "home_of", "marked", "name_of", "new_folder"]

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
    given : str
        The folder, as the user gave it.
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

    __slots__ = ("_made", "before", "claim", "folder", "given", "here", "keys")

    def __init__(self, folder: str, before: journal.records.Record | None = None) -> None:
        self.given = folder
        self.folder = self.here = os.path.abspath(folder)
        self.before = before
        self.keys: set[Key] = set()
        self.claim: journal.claims.Claim | None = None
        self._made: list[str] = []

    def check(self) -> None:
        """Check that the run can be recorded there, without any effect.

        Raises
        ------
        UserError
            If the folder has the record of another run, or is a file, or cannot be written.
        """
        if self.before is None and journal.records.is_record(self.folder):
            raise UserError(
                f"{self.given}: the folder has the record of a run. Go on with that by 'resume', or give another "
                "folder."
            )
        existing = self.folder
        while not os.path.lexists(existing):
            existing = os.path.dirname(existing)
        if not os.path.isdir(existing):
            raise UserError(f"{self.given}: the run cannot be recorded: {existing!r} is not a folder.")
        if not os.access(existing, os.W_OK | os.X_OK):
            raise UserError(f"{self.given}: the run cannot be recorded: {existing!r} cannot be written.")

    def check_files(self) -> None:
        """Check that the record of a new run replaces no file, and that no folder is in the place of one.

        Raises
        ------
        UserError
            If the folder has such a file or folder.
        """
        for name in (journal.records.RUN_FILE, journal.records.RECORD, *journal.code.FILES):
            path = os.path.join(self.folder, name)
            if self.before is None and os.path.lexists(path):
                raise UserError(
                    f"{self.given}: the folder has a file {name!r}, which the record would replace. Give another "
                    "folder."
                )
            if os.path.isdir(path):
                raise UserError(f"{self.given}: the run cannot be recorded: {name!r} is a folder.")

    def begin(self) -> None:
        """Claim the folder, or the one beside it if there is none yet.

        Raises
        ------
        SaveError
            If it cannot be written.
        UserError
            If another process records a run there, or has done so since the check.
        """
        try:
            self._claim()
            self._check_again()
        except OSError as error:
            self.abandon()
            raise SaveError(f"{self.given}: the run cannot be recorded: {error.strerror or error}.") from None
        except BaseException:
            self.abandon()
            raise

    def _claim(self) -> None:
        if not os.path.isdir(self.folder):
            self.here, self.claim = self._beside()
            if not os.path.isdir(self.folder):
                return
            self.abandon()  # another process has made the folder in the meantime
        self.here, self.claim = self.folder, journal.claims.take(self.folder)
        for path in beside(self.folder):
            state, who = journal.claims.state_of(path)
            if state == journal.claims.ALIVE:  # its contexts have made the folder just now
                raise journal.claims.ClaimedError(f"{self.given}: {who}; wait until it has ended.")

    def _check_again(self) -> None:
        """Refuse a folder in which another run was recorded since the check."""
        assert self.claim is not None  # begin has made it
        is_done = journal.claims.committed(self.here) is not None
        if self.before is None:
            if journal.records.is_record(self.folder):
                self.check()
        elif is_done and self.before.runs_again:
            self.claim.reopen()
        elif is_done:
            raise journal.claims.ClaimedError(f"{self.given}: another process has done this run in the meantime.")

    def _beside(self) -> tuple[str, journal.claims.Claim]:
        """Make and claim the folder beside that of the run: a new one, or the one that has the record before."""
        if self.before is not None and self.before.folder != self.folder and os.path.isdir(self.before.folder):
            return self.before.folder, journal.claims.take(self.before.folder)
        parent = os.path.dirname(self.folder)
        while not os.path.isdir(parent):
            self._made.append(parent)
            parent = os.path.dirname(parent)
        os.makedirs(os.path.dirname(self.folder), exist_ok=True)
        names = _names_beside(self.folder)
        while True:
            path = next(names)
            with contextlib.suppress(FileExistsError):
                os.mkdir(path)
                self._made.insert(0, path)
            claim = journal.claims.take(path)  # fails if another process is about to make the folder
            if all(name.startswith(".") and name != journal.claims.COMMIT for name in os.listdir(path)):
                return path, claim
            claim.release()

    def abandon(self, names: Iterable[str] = ()) -> None:
        """Undo `begin`, since the run cannot be recorded, and does not start.

        Parameters
        ----------
        names : iterable of str
            The files that were written.
        """
        if self.before is None and self.claim is not None and self.claim.is_ours:
            _remove(self.here, names)
        if self.claim is not None:
            self.claim.release()
        with contextlib.suppress(OSError):
            for path in self._made:
                os.rmdir(path)
        self.claim, self._made = None, []

    def settle(self) -> bool:
        """Go to the folder of the run, now that the contexts are entered; make it if they have not.

        If the program has made the folder anew, which it had removed, go there again.

        Returns
        -------
        bool
            Whether the record must be written anew.

        Raises
        ------
        OSError, ClaimedError
            If it cannot be written; the record stays where it is.
        """
        assert self.claim is not None  # the run has begun
        if self.here != self.folder:
            os.makedirs(self.folder, exist_ok=True)
        elif not self.claim.is_gone or not os.path.isdir(self.folder):
            return False
        claim = journal.claims.take(self.folder)
        self.claim.release()
        self.claim, self.here = claim, self.folder
        return True

    def leave(self, folder: str, names: Iterable[str]) -> None:
        """Remove the folder beside that of the run, after it was left, unless it has other files than these."""
        if folder != self.here:
            _remove(folder, names)
            with contextlib.suppress(OSError):
                os.rmdir(folder)

    @property
    def lost(self) -> str:
        """The reason why this process cannot write the record any more."""
        assert self.claim is not None  # the run has begun
        if self.claim.is_gone:
            return f"{self.given}: the folder, or the claim in it, was removed."
        return f"{self.given}: another process has taken this run over, and records it."


def _names_beside(folder: str) -> Iterator[str]:
    return (f"{folder}{BESIDE}{f'-{number}' if number > 1 else ''}" for number in itertools.count(1))


def beside(folder: str) -> list[str]:
    """List the folders beside that of a run."""
    return list(itertools.takewhile(os.path.isdir, _names_beside(folder)))


def home_of(folder: str) -> str:
    """Return the folder of the run whose record is in a folder: another one, if that is beside the run's."""
    home, end, number = folder.rpartition(BESIDE)
    if not end or (number and not number[1:].isdecimal()) or os.path.lexists(home):
        return folder
    own = {journal.records.RECORD, journal.records.RUN_FILE, *journal.code.FILES}
    with contextlib.suppress(OSError):
        return home if all(name in own or name[:1] == "." for name in os.listdir(folder)) else folder
    return folder


def _remove(folder: str, names: Iterable[str]) -> None:
    for name in names:
        with contextlib.suppress(OSError):
            os.unlink(os.path.join(folder, name))


def new_folder(parent: str, name: str) -> str:
    """Return the path of a folder that does not exist, with the time and the process in its name."""
    now = time.strftime("%Y-%m-%d-%H%M%S")
    path = os.path.join(parent, name_of(f"{now}-{name}", 60) + f"-{os.getpid()}")
    numbered = (f"{path}-{number}" if number > 1 else path for number in itertools.count(1))
    return next(one for one in numbered if not os.path.lexists(one) and not os.path.lexists(one + BESIDE))


def name_of(text: str, most: int) -> str:
    """Return a text as the name of a folder: characters that some system does not allow are replaced by ``_``."""
    allowed = "".join(char if char.isascii() and (char.isalnum() or char in ".+=_-") else "_" for char in text)
    return allowed[:most]


def marked(registry: Registry) -> Iterator[Key]:
    """Walk the keys of the parameters that are marked as the folder of a run."""
    for bound in registry.bounds.values():
        for name, spec in bound.options.items() if bound.is_readable else ():
            mark = declare.option.own_mark(spec.annotation)
            if mark is not None and mark.run_folder:
                yield bound.key(name)
