"""Write rows of the root's help without making their Click options, of which a large program has thousands.

Making an option takes 0.1 ms, and its help looks for two translations in the file system each time.
"""

from __future__ import annotations

from collections.abc import Mapping
from gettext import gettext

import click

from . import shortcut

__all__ = ["Writer"]


class Writer:
    """A writer of the same rows as `click.Option.get_help_record`.

    Parameters
    ----------
    ctx : click.Context
        The context of the help.

    Attributes
    ----------
    ctx : click.Context
        The parameter of that name.
    """

    def __init__(self, ctx: click.Context) -> None:
        self.ctx = ctx
        self._default = gettext("default: {default}")

    @shortcut("rows")
    def row(
        self, flags: str, metavar: str | None, text: str, extra: Mapping[str, str], *, deprecated: bool | str
    ) -> tuple[str, str] | None:
        """Write a row.

        Parameters
        ----------
        flags : str
            The flags: ``--train.epochs``, or ``--train.fast / --no-train.fast``.
        metavar : str or None
            The placeholder of the value; None for an option without one.
        text : str
            The option's help text.
        extra : mapping of str to str
            The notes in brackets after the text, by Click's names: ``default``, ``range``, ``required``.
        deprecated : bool or str
            Whether Click adds a label to the option.

        Returns
        -------
        (str, str) or None
            The flags and the text; None if Click adds a label, or a default of its own.
        """
        if deprecated or self.ctx.show_default:
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
