"""List the commands and the parameters of a program for other code that reads `click.Group.commands` and ``params``.

A run finds the commands and options that its line mentions, and imports nothing of this.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, MutableMapping
from typing import TYPE_CHECKING, Any

import click

from ..errors import BindError
from ..keys import Key
from .option import ParameterOption, dotted_option

if TYPE_CHECKING:
    from ..declare.function import ParameterSpec
    from ..declare.registry import Bound, Registry

__all__ = ["Commands", "Params"]


class Commands(MutableMapping[str, click.Command]):
    """The commands of a group of this package, by the names that the group lists.

    A live view: commands of stages are made when they are looked up, and stages that are bound afterwards appear.
    Commands can be added, and those that were added can be removed.

    Parameters
    ----------
    group : click.Group
        The group.
    added : dict of str to click.Command, optional
        The commands that were added to the group; without it, none can be added.
    """

    def __init__(self, group: click.Group, added: MutableMapping[str, click.Command] | None = None) -> None:
        self._ctx = click.Context(group)
        self._group = group
        self._takes = added is not None
        self._added = {} if added is None else added

    def __getitem__(self, name: str) -> click.Command:
        command = self._group.get_command(self._ctx, name)
        if command is None:
            raise KeyError(name)
        return command

    def __setitem__(self, name: str, command: click.Command) -> None:
        if not self._takes:
            raise BindError(
                f"{name!r} cannot be added to {self._group.name!r}, which chains stages: add the command to the "
                f"program, or bind a function with @binder.stage."
            )
        self._added[name] = command

    def __delitem__(self, name: str) -> None:
        if name not in self._added and name in self:
            raise BindError(
                f"{name!r} cannot be removed: only commands that were added can. To leave a stage out of help, bind it "
                f"with hidden=True."
            )
        del self._added[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._group.list_commands(self._ctx))

    def __len__(self) -> int:
        return len(self._group.list_commands(self._ctx))

    def __repr__(self) -> str:
        return repr(dict(self))

    def clear(self) -> None:
        """Remove the commands that were added."""
        self._added.clear()

    def copy(self) -> dict[str, click.Command]:
        """Return the commands in a dict."""
        return dict(self)


class Params(list[click.Parameter]):
    """The parameters of a program: the root's own, and a dotted option for each parameter of a bound function.

    A list, since other code appends to it. The dotted options are made when the list is read, so that a decorator such
    as `click.option`, which appends while the program is being declared, reads no signature. They are made again for
    functions that have changed since, and those of functions that were bound since are added.

    Parameters
    ----------
    own : iterable of click.Parameter
        The root's own parameters.
    registry : Registry
        The functions.
    """

    def __init__(self, own: Iterable[click.Parameter], registry: Registry) -> None:
        super().__init__(own)
        self._registry = registry
        self._dotted: dict[Key, ParameterOption] = {}
        self._read: list[tuple[Bound, dict[str, ParameterSpec], tuple[str, ...]]] = []

    @property
    def own(self) -> list[click.Parameter]:
        """The parameters without the dotted options."""
        dotted = set(map(id, self._dotted.values()))
        return [param for param in list.__iter__(self) if id(param) not in dotted]

    def take(self, params: list[click.Parameter]) -> None:
        """Take over a list that is assigned; it may have dotted options of this one."""
        if params is not self:
            list.__setitem__(self, slice(None), params)

    def fill(self) -> None:
        """Make the dotted options that are missing, and put them behind the root's own."""
        self._registry.load_plugins()
        read = [(bound, bound.options, bound.scopes) for bound in self._registry]
        if len(read) == len(self._read) and all(map(_is_same, read, self._read)):
            return
        own, known, self._read = self.own, self._dotted, read
        self._dotted = {}
        for key, bound, spec in self._registry.walk():
            option = known.get(key)
            if option is None or option.spec is not spec:
                option = dotted_option(key, bound, spec)
                option.is_brief = True  # as in the program's help
            self._dotted[key] = option
        list.__setitem__(self, slice(None), [*own, *self._dotted.values()])

    def __radd__(self, other: list[click.Parameter]) -> list[click.Parameter]:
        self.fill()
        return list.__add__(other, self)

    def __reduce__(self) -> Any:
        return list, (list(self),)  # a copy is a plain list

    __hash__ = None  # as for any list


def _is_same(one: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    return all(ours is its for ours, its in zip(one, other, strict=True))


def _filled(method: Callable[..., Any]) -> Callable[..., Any]:
    """Return a method of a list that fills the list first."""

    @functools.wraps(method)
    def call(self: Params, *args: Any) -> Any:
        self.fill()
        return method(self, *args)

    return call


# All methods that read, or depend on the places of others. `append`, `extend` and `pop` work on the end, where Click's
# decorators put an option.
for _name in (
    *("__add__", "__contains__", "__delitem__", "__eq__", "__ge__", "__getitem__", "__gt__", "__imul__", "__iter__"),
    *("__le__", "__len__", "__lt__", "__mul__", "__ne__", "__repr__", "__reversed__", "__rmul__", "__setitem__"),
    *("copy", "count", "index", "insert", "remove", "reverse", "sort"),
):
    setattr(Params, _name, _filled(getattr(list, _name)))
