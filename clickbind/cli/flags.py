"""The flags of the root: which option each one names, found without making the others."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from .. import cli
from ..declare.function import ParameterSpec
from ..declare.registry import Bound, Registry
from ..keys import Key, canonical
from .line import ParserOption
from .moved import declared, parsing_option
from .option import dotted_flags, dotted_option

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["RootFlags"]

Setting = tuple[Key, Bound, ParameterSpec]

# ArgBind's spellings of the root's own options, which take a value each: --args.debug 1.
_OLD_SPELLINGS = {"args.load": "config", "args.save": "save", "args.debug": "debug"}


class RootFlags:
    """Finds the root's options by flag.

    Parameters
    ----------
    registry : Registry
        The functions, each of whose parameters has a dotted option.
    own : list of click.Parameter
        The root's own options. One that is added at their end later is found too.
    """

    def __init__(self, registry: Registry, own: list[click.Parameter]) -> None:
        self.registry = registry
        self._own = own
        self._known: dict[str, tuple[click.Option, str]] = {}
        self._indexed = 0

    @property
    def own(self) -> list[click.Option]:
        """The root's own options."""
        return [option for option in self._own if isinstance(option, click.Option)]

    def find(self, flag: str) -> ParserOption | None:
        """Find what a flag stands for, dashes and underscores alike.

        Parameters
        ----------
        flag : str
            The flag as typed, with its two dashes.

        Returns
        -------
        click parser option or None
            None where it stands for nothing.
        """
        name = canonical(flag[2:])
        added, self._indexed = self._own[self._indexed :], len(self._own)
        for option in (param for param in added if isinstance(param, click.Option)):
            for opt in (*option.opts, *option.secondary_opts):
                if opt[:2] == "--":
                    self._known.setdefault(canonical(opt[2:]), (option, opt))
        if name in self._known:
            return declared(*self._known[name])
        if _OLD_SPELLINGS.get(name) in self._known:
            return parsing_option(self._known[_OLD_SPELLINGS[name]][0], flag)
        return self._dotted(name, 0) or self._dotted(name, 1)

    def _dotted(self, name: str, side: int) -> ParserOption | None:
        """Find the option of a key, or, on the other side, of a key with ``no-`` before it."""
        if side and not name.startswith("no_"):
            return None
        found = self.registry.find(name.removeprefix("no_") if side else name)
        if found is None:
            return None
        key, _, spec = found
        flag = dotted_flags(key, spec)[side]
        return None if flag is None else declared(dotted_option(*found), flag)

    @property
    def short(self) -> dict[str, ParserOption]:
        """The root's own short flags."""
        flags = ((option, opt) for option in self.own for opt in (*option.opts, *option.secondary_opts))
        return {opt: declared(option, opt) for option, opt in flags if opt[:2] != "--"}

    def all(self) -> Iterator[str]:
        """Walk all flags, for suggestions: without the hidden ones, nor those of functions that cannot be looked at."""
        for option in self.own:
            yield from (opt for opt in option.opts if not option.hidden)
        yield from (flag for flag, _ in self._dotted_flags("--"))

    def _dotted_flags(self, prefix: str) -> Iterator[tuple[str, Setting]]:
        """Walk the dotted flags that begin with a prefix, looking only at functions that can have such a one."""
        typed = canonical(prefix[2:])
        for side, start in ((0, typed), (1, typed[3:])):
            if side and not (typed and "no_".startswith(typed[:3])):
                return
            for key, bound, spec in self.registry.walk(prefix=start, broken=False):
                flag = dotted_flags(key, spec)[side]
                if flag is not None and not bound.hidden and not spec.hidden:
                    yield flag, (key, bound, spec)

    def complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the root's flags behind a command: the dotted ones once something of them is typed."""
        root = ctx.find_root()
        own = cli.completion.flags_of(root, self.own, incomplete)
        return own + (self.complete_dotted(root, incomplete) if len(incomplete) > len("--") else [])

    def complete_dotted(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the dotted flags that begin with what is typed."""
        if incomplete[:2] != "--":
            return []
        found = []
        for flag, setting in self._dotted_flags(incomplete):
            items = cli.completion.flags_of(ctx, [dotted_option(*setting)], flag)
            found += [item for item in items if item.value == flag]
        return found
