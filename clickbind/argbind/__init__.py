"""Run programs that are written for ArgBind: replace ``import argbind`` by ``from clickbind import argbind``.

``docs/from-argbind.md`` lists the differences from ArgBind and their reasons.
"""

from __future__ import annotations

import contextlib
import functools
import os
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar, overload

import click
from click.core import ParameterSource

from .. import calls, declare
from ..binder import Binder
from ..calls.scopes import Scope
from ..declare.registry import Settings
from ..errors import BindError
from ..keys import Key
from ..layers import Layer, ResolvedValue, Values
from ..running.observers import print_call
from . import files
from .files import FILLED, OWN
from .parser import Parser
from .registry import ArgRegistry, passed_on
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
    """The single binder of programs that are written for ArgBind.

    Attributes
    ----------
    registry : ArgRegistry
        The functions; a function may be called `run`.
    groups : dict of str to set of str
        The groups that each function is bound in, by its name.
    used : dict of str to object
        The values that bound calls have received so far, by key.
    """

    def __init__(self) -> None:
        super().__init__()
        self.registry = self._registry = ArgRegistry(Settings(unknown_keys="keep"))
        self._registry.binder = self
        self.groups: dict[str, set[str]] = {}
        self.used: dict[str, Any] = {}

    def of_groups(self, groups: Sequence[str]) -> ArgRegistry:
        """Return the functions of some groups and of the group ``default``."""
        return self.registry.some([name for name, own in self.groups.items() if own & {*groups, "default"}])


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
    """Bind a function or class, so that its calls within a `scope` receive the values of that scope.

    Parameters
    ----------
    *args : callable, str
        The function or class, unless this is used as a decorator, then the scopes to bind it under.
    without_prefix : bool
        Whether its keys are the bare names of its parameters.
    positional : bool
        Whether parameters without a default are positional arguments of the command line.
    group : str or sequence of str
        The groups of functions that it belongs to.

    Raises
    ------
    BindError
        If the name is taken.
    """
    function, scopes = (args[0], args[1:]) if args and not isinstance(args[0], str) else (None, args)
    groups = {group} if isinstance(group, str) else set(group)

    def decorate(function: Any) -> Any:
        role: Any = "stage" if positional else "bind"
        prefix: dict[str, Any] = {"prefix": ""} if without_prefix else {}
        # ArgBind changes every class in place. Here that is done where nothing else could have an effect.
        frame = declare.identity.caller() if isinstance(function, type) else None
        in_place = frame is not None and declare.identity.drops_result(frame)
        call = calls.binding.add(_BINDER.registry, function, role, {"scopes": scopes, **prefix}, in_place=in_place)
        bound = getattr(call, "__func__", call).__clickbind__[1]
        _BINDER.groups.setdefault(bound.name, set()).update(groups)
        if frame is not None and in_place and call is not function:
            _warn_of_dropped(function, f"{frame.f_code.co_filename}:{frame.f_lineno}")
        return call

    return decorate if function is None else decorate(function)


bind_to_parser = bind


def _warn_of_dropped(original: Any, place: str) -> None:
    """Warn that a class could not be bound in place although the result of `bind` is dropped."""
    name = original.__name__
    if calls.classes.takes_arguments(original):
        click.echo(
            f"Warning: {place}: bind({name}) has no effect, because {name} cannot be changed and the bound class is "
            f"dropped. Write {name} = argbind.bind({name}).",
            err=True,
        )


def bind_module(module: M, *scopes: str, filter_fn: Callable[[Any], Any] | None = None, **settings: Any) -> M:
    """Bind the members of a module, one level deep, and return an object that is used like the module.

    Parameters
    ----------
    module : module
        The module.
    *scopes : str
        The scopes to bind under.
    filter_fn : callable, optional
        Called with a function or class, returns whether to bind it; without a filter, public members are bound.
    **settings
        As for `bind`.
    """
    bound: Any = calls.modules.bound_module(module, filter_fn, lambda member: bind(member, *scopes, **settings))
    return bound  # type: ignore[no-any-return]  # a substitute for the module


class _Arguments(dict[Key, ResolvedValue]):
    """A layer of a program's arguments, with values of one scope before plain ones, that records the used values."""

    def __init__(self, args: Mapping[str, Any], pattern: str) -> None:
        super().__init__()
        self._args = dict(args)  # changes by the program apply to its next scope
        self._pattern = pattern
        self._filled: Mapping[str, Any] = self._args.get(FILLED) or {}

    def get(self, key: Key, default: Any = None) -> Any:
        """Return the value of a plain key, in the scope of the pattern if it has one there."""
        name = key.text
        scoped = self._scoped(name)
        found = next((one for one in (scoped, name) if one in self._args), None)
        elder = _BINDER.registry.elder(key.function)
        if elder is not None:
            other = Key(elder, key.parameter).text
            known = [one for one in (scoped, self._scoped(other), name, other) if one in self._args]
            found = next((one for one in known if not self._is_filled(one)), found)
        if found is None:
            return default
        _BINDER.used[scoped] = self._args[found]
        return ResolvedValue(self._args[found], ParameterSource.DEFAULT_MAP, "scope")

    def _scoped(self, name: str) -> str:
        return f"{self._pattern}/{name}" if self._pattern else name

    def _is_filled(self, name: str) -> bool:
        """Return whether `parse_args` filled in a default, which the program has not replaced."""
        return name in self._filled and self._filled[name] is self._args[name]


@contextlib.contextmanager
def scope(parsed_args: Mapping[str, Any], pattern: str = "") -> Iterator[None]:
    """Activate arguments: bound calls inside receive their values, unconverted.

    Parameters
    ----------
    parsed_args : mapping of str to object
        Values by key, as `parse_args` and `load_args` return them. They replace the active ones of an outer scope.
    pattern : str
        The scope whose values come first: for ``'train'``, ``train/dataset.folder`` before ``dataset.folder``.
    """
    values = Values(over=(_Arguments(parsed_args, pattern),))
    report = functools.partial(_print_call, pattern) if parsed_args.get(f"{OWN}debug") else None
    with Scope(_BINDER.registry, [values], report=report) as frame, seen_by_threads(frame):
        yield


def _print_call(pattern: str, name: str, _: Sequence[str], arguments: dict[str, Any], given: Collection[str]) -> None:
    """Print a call with its given arguments and the ones passed by name, as ArgBind does."""
    shown = {key: value for key, value in arguments.items() if key in given}
    print_call(name, [pattern] if pattern else [], shown)


def get_used_args() -> dict[str, Any]:
    """Return the values that bound calls have received so far, by key."""
    return _BINDER.used


def load_args(input_path_or_stream: Any) -> dict[str, Any]:
    """Read a file of arguments, and convert each value to the type of its annotation.

    Parameters
    ----------
    input_path_or_stream : str, path or file
        The path of the file, or an open file.

    Returns
    -------
    dict of str to object
        Values by key; values for functions that are not bound are read by YAML 1.2's core schema.

    Raises
    ------
    ConfigError
        With all errors in the file.
    """
    if not hasattr(input_path_or_stream, "read"):
        os.stat(input_path_or_stream)  # raises Python's error for a missing file, which programs catch
    layer, spare = files.read(input_path_or_stream, _BINDER.registry)
    return {f"{OWN}debug": False, **spare, **{key.text: found.value for key, found in layer.items()}}


def dump_args(args: Mapping[str, Any], output_path: str | os.PathLike[str]) -> None:
    """Write arguments to a YAML file atomically; create missing folders.

    Parameters
    ----------
    args : mapping of str to object
        Values by key. ArgBind's own keys, under ``args.``, are left out.
    output_path : str or os.PathLike
        The file.

    Raises
    ------
    SaveError
        If a value would be read back as a different one, or the file cannot be written.
    """
    values = {key: value for key, value in args.items() if not key.startswith(OWN)}
    files.write(values, os.fspath(output_path), _BINDER.registry)


def build_parser(group: str | Sequence[str] = "default") -> Parser:
    """Build the command line of the bound functions.

    Parameters
    ----------
    group : str or sequence of str
        The groups of functions, in addition to ``default``.

    Returns
    -------
    Parser
        The parser for `parse_args`. The program adds positional arguments and options of its own with `add_argument`.
    """
    functions = _BINDER.of_groups([group] if isinstance(group, str) else group)

    def read(path: str) -> tuple[Layer, dict[str, Any]]:
        layer, spare = files.read(path, _BINDER.registry)
        return passed_on(layer, _BINDER.registry), spare

    return Parser(functions, read, dump_args)


def parse_args(p: Parser | None = None, group: str | Sequence[str] = "default") -> dict[str, Any]:
    """Parse the command line, the current ``sys.argv``.

    A mistake on the line or in a file is printed to standard error, and the program exits with 2.

    Parameters
    ----------
    p : Parser, optional
        The parser that `build_parser` returned; a new one by default.
    group : str or sequence of str
        As for `build_parser`.

    Returns
    -------
    dict of str to object
        The value of every parameter, by key: ``train.lr``, ``train/dataset.folder``, ``seed``. The caller may
        change it.

    Raises
    ------
    BindError
        If `p` is not a parser of `build_parser`.
    """
    parser = build_parser(group) if p is None else p
    if not isinstance(parser, Parser):
        raise BindError(f"parse_args takes a parser from build_parser, got {parser!r}.")
    return parser.parse()
