"""Run stages, `run` and the program when Click's `Context.invoke` or a program calls them, rather than a line.

While a run of the same program is in progress, or a scope is active, such a call is a part of it. Otherwise it is a run
of its own, with the values of the line that is live in its context.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import click
from click.core import ParameterSource

from .. import calls, layers, running
from ..declare.registry import RUN, Bound
from ..keys import parameter_of
from ..layers import Layer, ResolvedValue
from ..layers.plan import default_turns
from .parts import LEFT_OUT, Part
from .root_options import ROWS

__all__ = ["body_of", "callback_of", "fill_in", "program"]


def callback_of(command: Any) -> Callable[..., Any]:
    """Return the function that calls a stage.

    Parameters
    ----------
    command : StageCommand
        The command of the stage.
    """

    @functools.wraps(command.bound.call)
    def call(*args: Any, **kwargs: Any) -> Any:
        return _stage(command, args, kwargs)

    return call


def body_of(command: Any, body: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that calls the body of a Click command.

    Parameters
    ----------
    command : OptionsCommand
        The command.
    body : callable
        Its own callback.
    """

    @functools.wraps(body)
    def call(*args: Any, **kwargs: Any) -> Any:
        if calls.scopes.is_active(command.registry):
            return body(*args, **kwargs)
        ctx = click.get_current_context(silent=True)
        parent = ctx.parent if ctx is not None and ctx.command is command else ctx
        root = command.root.make_context(command.name, [command.name or ""], parent=parent)
        try:
            with root.open():
                root.begin()
                root.entered()
                return body(*args, **kwargs)
        finally:
            root.close()

    return call


def _stage(command: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    bound, registry = command.bound, command.registry
    ctx = click.get_current_context(silent=True)
    own = ctx if ctx is not None and ctx.command is command else None  # Click's `invoke` has made it
    passed, fields = _divided(bound, kwargs, None if own is None else own.parent)
    layer = layers.over.read(registry, fields) if fields else {}
    if not calls.scopes.is_active(registry):
        parent = ctx if own is None else own.parent
        with command.make_context(command.name, [], parent=parent, passed=(args, passed), layer=layer) as turn:
            return command.invoke(turn)
    if own is not None:
        own.params.update(_settled(bound, {**own.params, **passed}))
    with calls.scopes.Scope(registry, [layer] if layer else ()):
        result = bound.call(*args, **passed)
    return _finished(result)


def _finished(result: Any) -> Any:
    """Run a coroutine, unless the caller is in an event loop and can await it."""
    if not inspect.iscoroutine(result) or running.coroutines.is_in_loop():
        return result
    return running.coroutines.finish(result)


def _divided(
    bound: Bound, given: Mapping[str, Any], source: click.Context | None
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Divide the arguments of a call into those of the function, and the fields of its parameters, by key.

    Click's `forward` passes every option of the calling command, so that defaults of fields are left out: together with
    a field that was set, they might be of another class.

    Parameters
    ----------
    bound : Bound
        The stage.
    given : mapping of str to object
        The arguments, by the names of options.
    source : click.Context, optional
        The context whose options may be forwarded.
    """
    groups = bound.spec.groups
    forwarded = {name for name in given if source is not None and given[name] is source.params.get(name, LEFT_OUT)}
    passed, fields = {}, {}
    for name, value in given.items():
        is_whole = name in groups and name in forwarded
        if value is LEFT_OUT:
            continue
        if not is_whole and (name not in bound.options or parameter_of(name) == name):
            passed[name] = value
        elif name not in forwarded or _is_given(source, name):
            fields[bound.key(name).text] = value
    return passed, fields


def _is_given(ctx: click.Context | None, name: str) -> bool:
    return ctx is not None and ctx.get_parameter_source(name) not in {None, ParameterSource.DEFAULT}


def _settled(bound: Bound, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return the options of a stage that a call leaves out, with the values that it gets."""
    values = calls.scopes.current_values(bound.registry) if bound.registry is not None else layers.Values()
    found = {}
    for name, value in params.items():
        if value is LEFT_OUT:
            resolved, spec = values.resolve(bound.prefix, name), bound.options[name]
            found[name] = resolved.value if resolved is not None else spec.default if spec.has_default else None
        else:
            found[name] = value
    return found


def fill_in(part: Part, bound: Bound, passed: tuple[tuple[Any, ...], dict[str, Any]]) -> None:
    """Set the options of a turn whose values a caller passes, so that none of them is missing."""
    args, arguments = passed
    with contextlib.suppress(TypeError):  # the call itself raises the error
        arguments = bound.spec.signature.bind_partial(*args, **arguments).arguments
    for name in bound.options:
        if parameter_of(name) in arguments:
            value = arguments.get(name)
            part.values[name] = ResolvedValue(value, ParameterSource.COMMANDLINE, "")


def program(command: Any, ctx: click.Context | None, given: Mapping[str, Any]) -> Any:
    """Run the program for a caller, with root options and dotted ones by name.

    Parameters
    ----------
    command : RootCommand
        The program.
    ctx : click.Context, optional
        The current context.
    given : mapping of str to object
        The options.
    """
    registry = command.registry
    run = calls.scopes.current_run(registry)
    words = _words_of(given)
    keys = {
        name: _converted(registry.find(name), value)
        for name, value in given.items()
        if value is not LEFT_OUT and registry.find(name) is not None
    }
    if run is not None and not words and not keys:
        return [run.turn(turn) for turn in default_turns(registry, run.plan.values)]
    parent = ctx.parent if ctx is not None and ctx.parent is not None and _is_of(ctx, command) else ctx
    layer: Layer = layers.over.read(registry, keys) if keys else {}
    with command.make_context(command.name, words, parent=parent, layer=layer) as line:
        return command.invoke(line)


def _words_of(given: Mapping[str, Any]) -> list[str]:
    """Return the line for options by name, as Click's `Context.invoke` passes them; a default needs no words."""
    words: list[str] = []
    for row in ROWS:
        value = given.get(row.name, row.default)
        if row.metavar:
            several = [value] if isinstance(value, str) or hasattr(value, "__fspath__") else value or ()
            words += [word for one in several for word in (row.flag, str(one))]
        elif value:
            words.append(row.flag)
    return words


def _converted(found: Any, value: Any) -> Any:
    """Convert names of stages for `run.stages`; other values are taken as they are."""
    _, bound, spec = found
    return spec.converter.from_plain(value) if bound.name == RUN else value


def _is_of(ctx: click.Context, command: click.Command) -> bool:
    """Return whether Click's `invoke` has made a context for the program or its `run`."""
    is_one = ctx.command is command or getattr(ctx.command, "root", None) is command
    return is_one and not getattr(ctx, "parsed", False)
