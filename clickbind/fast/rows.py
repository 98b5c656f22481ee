"""Rows of the root's help, without the Click options that they describe: a large program has thousands.

An option takes a tenth of a millisecond to make, and two translations that are looked for in the file system again.
"""

from __future__ import annotations

from collections.abc import Mapping
from gettext import gettext

import click

from . import shortcut

__all__ = ["Writer"]


class Writer:
    """Writes rows as `click.Option.get_help_record`.

    Parameters
    ----------
    ctx : click.Context
        The context whose help it is for.
    """

    def __init__(self, ctx: click.Context) -> None:
        self._ctx = ctx
        self._default = gettext("default: {default}")

    @shortcut("rows")
    def row(
        self, flags: str, metavar: str | None, text: str, extra: Mapping[str, str], *, deprecated: bool | str
    ) -> tuple[str, str] | None:
        """Write a row.

        Parameters
        ----------
        flags : str
            The spellings: ``--train.epochs``, or ``--train.fast / --no-train.fast``.
        metavar : str or None
            What stands for a value; None for a flag, which takes none.
        text : str
            The option's text.
        extra : mapping of str to str
            What follows it in brackets, by Click's names: ``default``, ``range``, ``required``.
        deprecated : bool or str
            Whether Click labels the option.

        Returns
        -------
        (str, str) or None
            The spellings and the text; None where Click adds a label, or a default of its own.
        """
        if deprecated or self._ctx.show_default:
            return None
        notes = []
        if "default" in extra:
            notes.append(self._default.format(default=extra["default"]))
        if "range" in extra:
            notes.append(extra["range"])
        if "required" in extra:
            notes.append(gettext(extra["required"]))
        spelled = flags if metavar is None else f"{flags} {metavar}"
        return spelled, "  ".join(filter(None, (text, f"[{'; '.join(notes)}]" if notes else "")))
