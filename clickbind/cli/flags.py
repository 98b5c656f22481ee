"""Find the root's option for a flag, without making the other options."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from .. import cli
from ..declare.function import ParameterSpec
from ..declare.registry import Bound, Registry
from ..keys import Key, canonical
from .context import find_root
from .option import ParameterOption, dotted_flags, dotted_option

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

__all__ = ["RootFlags"]

Setting = tuple[Key, Bound, ParameterSpec]
Found = tuple[click.Option, str]
"""An option, and its declared flag that was typed."""


class RootFlags:
    """The index of the root's options by flag.

    Parameters
    ----------
    registry : Registry
        The functions. Each of their parameters has a dotted option.
    own : list of click.Parameter
        The root's own options. Options that are appended afterwards are found too.

    Attributes
    ----------
    without : frozenset of str
        The functions that have no dotted options.
    """

    without: frozenset[str] = frozenset()

    def __init__(self, registry: Registry, own: list[click.Parameter]) -> None:
        self.registry = registry
        self._own = own
        self._known: dict[str, Found] = {}
        self._indexed = 0
        self._dotted_options: dict[Key, ParameterOption] = {}

    @property
    def own(self) -> list[click.Option]:
        """The root's own options."""
        return [option for option in self._own if isinstance(option, click.Option)]

    def find(self, flag: str) -> Found | None:
        """Find the option of a flag; dashes and underscores are the same. Return the same object each time.

        Parameters
        ----------
        flag : str
            The flag as typed, with its two dashes.

        Returns
        -------
        tuple of click.Option and str, or None
            The option, and its flag as declared; None if no option has the flag.
        """
        name = canonical(flag[2:])
        added, self._indexed = self._own[self._indexed :], len(self._own)
        for option in (param for param in added if isinstance(param, click.Option)):
            for opt in (*option.opts, *option.secondary_opts):
                if opt[:2] == "--":
                    self._known.setdefault(canonical(opt[2:]), (option, opt))
        old = cli.root_options.OLD_SPELLINGS.get(name)
        if name not in self._known and old in self._known:
            self._known[name] = _old(name, *self._known[old])
        return self._known.get(name) or self._dotted(name, 0) or self._dotted(name, 1)

    def find_folded(self, flag: str, fold: Callable[[str], str]) -> Found | None:
        """Find the option of a flag that was normalized with the program's ``token_normalize_func``."""
        typed = canonical(flag[2:])
        for option in self.own:
            for opt in (*option.opts, *option.secondary_opts):
                if canonical(fold(opt[2:])) == typed:
                    return option, opt
        for found in self.walk():
            for opt in filter(None, dotted_flags(found[0], found[2])):
                if canonical(fold(opt[2:])) == typed:
                    return self._dotted_option(*found), opt
        return None

    def walk(self, prefix: str = "") -> Iterator[Setting]:
        """Walk the settings that have dotted options, those whose keys begin with a prefix."""
        found = self.registry.walk(prefix=prefix, broken=False)
        return (setting for setting in found if setting[1].name not in self.without) if self.without else found

    def _dotted(self, name: str, side: int) -> Found | None:
        """Find the option of a key or, if `side` is 1, of a key with ``no-`` before it."""
        if side and not name.startswith("no_"):
            return None
        found = self.registry.find(name.removeprefix("no_") if side else name)
        if found is None or found[1].name in self.without:
            return None
        flag = dotted_flags(found[0], found[2])[side]
        return None if flag is None else (self._dotted_option(*found), flag)

    def _dotted_option(self, key: Key, bound: Bound, spec: ParameterSpec) -> ParameterOption:
        """Make the option of a key, once."""
        if key not in self._dotted_options:
            self._dotted_options[key] = dotted_option(key, bound, spec)
        return self._dotted_options[key]

    @property
    def short(self) -> dict[str, Found]:
        """The root's own short flags."""
        flags = ((option, opt) for option in self.own for opt in (*option.opts, *option.secondary_opts))
        return {opt: (option, opt) for option, opt in flags if opt[:2] != "--"}

    def _dotted_flags(self, prefix: str) -> Iterator[tuple[str, Setting]]:
        """Walk the dotted flags that begin with a prefix; look only at functions that can have one."""
        typed = canonical(prefix[2:])
        for side, start in ((0, typed), (1, typed[3:])):
            if side and not (typed and "no_".startswith(typed[:3])):
                return
            for key, bound, spec in self.walk(start):
                flag = dotted_flags(key, spec)[side]
                if flag is not None and not bound.hidden and not spec.hidden:
                    yield flag, (key, bound, spec)

    def complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the root's flags after a command; dotted flags only if at least one character is typed."""
        root: click.Context = find_root(ctx, self.registry) or ctx.find_root()
        own = cli.completion.flags_of(root, self.own, incomplete)
        return own + (self.complete_dotted(root, incomplete) if len(incomplete) > len("--") else [])

    def complete_dotted(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Complete the dotted flags."""
        if incomplete[:2] != "--":
            return []
        found: list[CompletionItem] = []
        is_offered = cli.completion.Offered(ctx)
        for flag, (key, bound, spec) in self._dotted_flags(incomplete):
            is_repeated = getattr(spec.converter, "repeated", False)
            if is_offered(key, bound) and (is_repeated or not cli.completion.is_typed(ctx, key.text)):
                make = functools.partial(dotted_option, key, bound, spec)
                found += cli.completion.items(ctx, [flag], make, incomplete)
        return found


def _old(name: str, option: click.Option, flag: str) -> Found:
    """Return the option of an old spelling. Old spellings of flags take a value: ``--args.debug 1``."""
    if not option.is_flag:
        return option, flag
    old = click.Option(["--placeholder", option.name], type=click.BOOL, multiple=option.multiple)
    old.opts = [f"--{name}"]  # Click would split it at the dot
    return old, old.opts[0]
