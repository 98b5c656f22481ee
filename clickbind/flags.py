"""The flags of the root: which option each one names, found without making the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import click

from .keys import canonical
from .line import Found
from .options import dotted_flags, dotted_option
from .registry import Registry

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["RootFlags"]

# ArgBind's spellings of the root's own options, which take a value each: --args.debug 1.
_OLD_SPELLINGS = {"args.load": "config", "args.save": "save", "args.debug": "debug"}


class RootFlags:
    """Finds the root's options by flag.

    Parameters
    ----------
    registry : Registry
        The functions, each of whose parameters has a dotted option.
    declared : sequence of click.Parameter
        The root's own options.
    """

    def __init__(self, registry: Registry, declared: Sequence[click.Parameter]) -> None:
        self.registry = registry
        self._declared = declared

    def find(self, flag: str) -> Found | None:
        """Find the option of a flag, dashes and underscores alike.

        Parameters
        ----------
        flag : str
            The flag as typed, with its two dashes.

        Returns
        -------
        (click.Option, bool or None) or None
            The option, and what its flag stands for where it takes no value.
        """
        name = canonical(flag[2:])
        wanted = _OLD_SPELLINGS.get(name)
        for option in self._declared:
            if isinstance(option, click.Option):
                if wanted == option.name:
                    return option, None
                if any(canonical(opt[2:]) == name for opt in option.opts):
                    return option, True if option.is_flag else None
        return self._dotted(name, positive=True) or self._dotted(name, positive=False)

    def _dotted(self, name: str, *, positive: bool) -> Found | None:
        if not positive and not name.startswith("no_"):
            return None
        found = self.registry.find(name if positive else name[3:])
        if found is None:
            return None
        option = dotted_option(*found)
        if option.is_flag:
            return option, positive
        return (option, None) if positive else None

    def all(self, prefix: str = "--") -> Iterator[str]:
        """Walk the flags that begin with a prefix, without the hidden ones.

        Only functions that can have such a flag are looked at.
        """
        for option in self._declared:
            yield from (opt for opt in option.opts if opt.startswith(prefix) and not getattr(option, "hidden", False))
        typed = canonical(prefix[2:])
        for key, bound, spec in self.registry.walk(prefix=typed):
            if not bound.hidden:
                yield dotted_flags(key, spec)[0]
        if typed.startswith("no_"):
            for key, bound, spec in self.registry.walk(prefix=typed[3:]):
                negation = dotted_flags(key, spec)[1]
                if negation is not None and not bound.hidden:
                    yield negation

    def complete(self, incomplete: str) -> list[CompletionItem]:
        """Offer the flags that begin with what is typed."""
        from click.shell_completion import CompletionItem  # only a press of TAB pays for it

        return [CompletionItem(flag) for flag in self.all(incomplete)] if incomplete[:2] == "--" else []
