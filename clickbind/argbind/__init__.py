"""ArgBind's names over `Binder`: write ``from clickbind import argbind`` for ``import argbind``, and the program runs.

What differs from ArgBind, and why, is in ``docs/from-argbind.md``.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar, overload

from click.core import ParameterSource

from .. import calls
from ..binder import Binder
from ..calls.scopes import Scope
from ..declare.registry import Registry, Settings
from ..errors import BindError
from ..keys import Key
from ..layers import ResolvedValue, Values
from ..runs.observers import print_call
from . import files
from .files import OWN
from .parser import Parser
from .threads import seen_by_threads

__all__ = [
    "Parser",
    "bind",
    "bind_module",
    "bind_to_parser",
    "build_parser",
    "dump_args",
    "get_used_args",
    "load_args",
    "parse_args",
    "scope",
]

F = TypeVar("F", bound=Callable[..., Any])
M = TypeVar("M")


class _ArgBinder(Binder):
    """The one binder of programs that are written for ArgBind.

    Attributes
    ----------
    registry : Registry
        Its functions; `run` is a name like any other.
    groups : dict of str to set of str
        The groups that each function is bound in, by its name.
    used : dict of str to object
        The values that bound calls have got so far, by key.
    """

    def __init__(self) -> None:
        super().__init__()
        self.registry = self._registry = Registry(Settings(unknown_keys="keep"), chains=False)
        self._registry.binder = self
        self.groups: dict[str, set[str]] = {}
        self.used: dict[str, Any] = {}

    def of_groups(self, groups: Sequence[str]) -> Registry:
        """Return the functions of some groups, with those of the group ``default``."""
        found = Registry(self.registry.settings, chains=False)
        for name, bound in self.registry.bounds.items():
            if self.groups.get(name, set()) & {*groups, "default"}:
                found.add(bound)
        return found


_BINDER = _ArgBinder()


@overload
def bind(
    function: F, /, *scopes: str, without_prefix: bool = ..., positional: bool = ..., group: str | Sequence[str] = ...
) -> F: ...


@overload
def bind(
    *scopes: str, without_prefix: bool = ..., positional: bool = ..., group: str | Sequence[str] = ...
) -> Callable[[F], F]: ...


def bind(
    *args: Any, without_prefix: bool = False, positional: bool = False, group: str | Sequence[str] = "default"
) -> Any:
    """Bind a function or class, so that its calls within a `scope` get the values of the arguments there.

    Parameters
    ----------
    *args : callable, str
        What to bind, where this is no decorator, then the scopes that it is bound under.
    without_prefix : bool
        Whether its keys are the bare names of its parameters.
    positional : bool
        Whether parameters without a default are positional arguments of the command line.
    group : str or sequence of str
        The groups of functions that it belongs to.

    Raises
    ------
    BindError
        If its name is taken.
    """
    function, scopes = (args[0], args[1:]) if args and not isinstance(args[0], str) else (None, args)
    groups = {group} if isinstance(group, str) else set(group)

    def decorate(function: Any) -> Any:
        role: Any = "stage" if positional else "bind"
        prefix = {"prefix": ""} if without_prefix else {}
        call = calls.binding.add(_BINDER.registry, function, role, scopes=scopes, **prefix)
        name = getattr(call, "__func__", call).__clickbind__[1].name
        _BINDER.groups.setdefault(name, set()).update(groups)
        return call

    return decorate if function is None else decorate(function)


bind_to_parser = bind


def bind_module(module: M, *scopes: str, filter_fn: Callable[[Any], Any] | None = None, **settings: Any) -> M:
    """Bind what a module has, one level deep, and give back what is used like the module.

    Parameters
    ----------
    module : module
        The module.
    *scopes : str
        The scopes to bind under.
    filter_fn : callable, optional
        Told a function or class, says whether to bind it; without one, the public ones are bound.
    **settings
        As for `bind`.
    """
    bound: Any = calls.modules.bound_module(module, filter_fn, lambda member: bind(member, *scopes, **settings))
    return bound  # type: ignore[no-any-return]  # it passes for the module


class _Arguments(dict[Key, ResolvedValue]):
    """A program's arguments as a layer of values: those of one scope before the plain ones. It notes what is used."""

    def __init__(self, args: Mapping[str, Any], pattern: str) -> None:
        super().__init__()
        self._args = dict(args)  # changes that the program makes apply to its next scope
        self._pattern = pattern

    def get(self, key: Key, default: Any = None) -> Any:
        """Return the value of a key; no scope but its own is asked for."""
        name = key.text
        scoped = f"{self._pattern}/{name}" if self._pattern else name
        found = scoped if scoped in self._args else name
        if key.scope is not None or found not in self._args:
            return default
        _BINDER.used[scoped] = self._args[found]
        return ResolvedValue(self._args[found], ParameterSource.DEFAULT_MAP, "scope")


@contextlib.contextmanager
def scope(parsed_args: Mapping[str, Any], pattern: str = "") -> Iterator[None]:
    """Put arguments in force: bound calls inside get their values, as they are.

    Parameters
    ----------
    parsed_args : mapping of str to object
        Values by key, as `parse_args` and `load_args` give them. What is in force around is replaced.
    pattern : str
        The scope whose values come first: of ``train/dataset.folder`` before ``dataset.folder``, for ``'train'``.
    """
    values = Values(over=(_Arguments(parsed_args, pattern),))
    report = functools.partial(_print_call, pattern) if parsed_args.get(f"{OWN}debug") else None
    with Scope(_BINDER.registry, [values], report=report) as frame, seen_by_threads(frame):
        yield


def _print_call(pattern: str, name: str, _: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
    """Print a call with the arguments that were given or passed by name, as ArgBind does."""
    shown = {key: value for key, value in arguments.items() if key in given}
    print_call(name, [pattern] if pattern else [], shown)


def get_used_args() -> dict[str, Any]:
    """Return the values that bound calls have got so far, by key."""
    return _BINDER.used


def load_args(input_path_or_stream: Any) -> dict[str, Any]:
    """Read a file of arguments, each value converted as its function's annotation says.

    Parameters
    ----------
    input_path_or_stream : str, path or file
        The file, or one that is open.

    Returns
    -------
    dict of str to object
        Values by key; those of functions that are not bound as YAML 1.2's core schema reads them.

    Raises
    ------
    ConfigError
        With all that is wrong with it.
    """
    if not hasattr(input_path_or_stream, "read"):
        os.stat(input_path_or_stream)  # a file that is not there is Python's error, which programs look for
    layer, spare = files.read(input_path_or_stream, _BINDER.registry)
    return {f"{OWN}debug": False, **spare, **{key.text: found.value for key, found in layer.items()}}


def dump_args(args: Mapping[str, Any], output_path: str | os.PathLike[str]) -> None:
    """Write arguments to a YAML file, which is at every moment the old one or the new one. Folders are made.

    Parameters
    ----------
    args : mapping of str to object
        Values by key. ArgBind's own, under ``args.``, are left out.
    output_path : str or os.PathLike
        The file.

    Raises
    ------
    SaveError
        If a value would not come back the same, or the file cannot be written.
    """
    values = {key: value for key, value in args.items() if not key.startswith(OWN)}
    files.write(values, os.fspath(output_path), _BINDER.registry)


def build_parser(group: str | Sequence[str] = "default") -> Parser:
    """Build the command line of the bound functions.

    Parameters
    ----------
    group : str or sequence of str
        The groups of functions that it is for, beside ``default``.

    Returns
    -------
    Parser
        For `parse_args`; its `add_argument` adds a positional argument or an option of the program's own.
    """
    functions = _BINDER.of_groups([group] if isinstance(group, str) else group)
    return Parser(functions, lambda path: files.read(path, _BINDER.registry), dump_args)


def parse_args(p: Parser | None = None, group: str | Sequence[str] = "default") -> dict[str, Any]:
    """Parse the command line, ``sys.argv`` as it is now.

    A mistake on the line or in a file is told on standard error, and ends the program with exit code 2.

    Parameters
    ----------
    p : Parser, optional
        What `build_parser` gave; built anew, where it is left out.
    group : str or sequence of str
        As for `build_parser`.

    Returns
    -------
    dict of str to object
        The value of every parameter, by key: ``train.lr``, ``train/dataset.folder``, ``seed``. It is the caller's.

    Raises
    ------
    BindError
        Where `p` is another parser.
    """
    parser = build_parser(group) if p is None else p
    if not isinstance(parser, Parser):
        raise BindError(f"parse_args takes what build_parser gives, and {parser!r} is something else.")
    return parser.parse()
