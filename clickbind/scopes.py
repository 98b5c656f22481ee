"""What is in force now, per thread and task, and the bound call that reads it.

`_FRAME` is the package's one piece of module state. It holds a linked list of frames, the innermost first; a frame
belongs to one registry, so that programs can call one another.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any

from .errors import BindError, suggest
from .keys import canonical
from .registry import Bound, Registry
from .resolve import Layer, ResolvedValue, Values
from .signature import ParameterSpec

__all__ = ["Frame", "Scope", "bound_call", "current_values", "given_values", "nulls_of"]

Report = Callable[[str, Sequence[str], dict[str, Any]], None]
"""Told of each bound call before it is made: the function's name, the scopes in force, the arguments."""


class Frame:
    """Values and scopes in force for one registry.

    Attributes
    ----------
    registry : Registry
        Whose functions it is for.
    values : Values
        The values.
    scopes : tuple of str
        The scopes, the innermost first.
    below : Frame or None
        The frame that holds again when this one ends.
    report : callable or None
        Told of each bound call.
    """

    __slots__ = ("_fillings", "below", "registry", "report", "scope", "scopes", "values")

    def __init__(
        self,
        registry: Registry,
        values: Values,
        scopes: tuple[str, ...] = (),
        *,
        below: Frame | None = None,
        report: Report | None = None,
        scope: Scope | None = None,
    ) -> None:
        self.registry = registry
        self.values = values
        self.scopes = scopes
        self.below = below
        self.report = report
        self.scope = scope
        self._fillings: dict[Bound, _Filling] = {}

    def filling(self, bound: Bound) -> _Filling:
        """Give what a call of a function gets, resolved once per frame."""
        filling = self._fillings.get(bound)
        if filling is None:
            filling = self._fillings[bound] = _Filling(self, bound)
        return filling


_FRAME: ContextVar[Frame | None] = ContextVar("clickbind", default=None)


class _Filling:
    """The arguments that one function gets in one frame.

    Attributes
    ----------
    given : dict of str to object
        The values that were given; a default is left to the signature.
    simple : bool
        Whether `given` can be passed as it is.
    """

    __slots__ = ("given", "mutable", "positional", "report", "scopes", "simple", "spec")

    def __init__(self, frame: Frame, bound: Bound) -> None:
        self.spec = bound.spec
        self.given = given_values(bound, frame.values, frame.scopes)
        self.mutable = [name for name in self.given if _is_mutable(self.spec.parameters[name])]
        parameters = self.spec.signature.parameters.values()
        self.positional = [item for item in parameters if item.kind <= item.POSITIONAL_OR_KEYWORD]
        only = any(item.kind is item.POSITIONAL_ONLY for item in self.positional)
        self.report = functools.partial(frame.report, bound.name, frame.scopes) if frame.report else None
        self.simple = not self.mutable and not only and not self.report

    def _shown(self, name: str, value: Any) -> Any:
        settings = self.spec.settings.values()
        secret = any(item.secret and item.name.partition(".")[0] == name for item in settings)
        return "***" if secret else value

    def arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Fill in what the caller did not pass, mutable values fresh, positional-only ones in their places."""
        given = dict(self.given)
        if self.mutable:
            from copy import deepcopy  # most runs give no list

            given.update({name: deepcopy(given[name]) for name in self.mutable})
        for parameter in self.positional[: len(args)]:
            given.pop(parameter.name, None)
        for parameter in self.positional[len(args) :]:
            if parameter.kind is not parameter.POSITIONAL_ONLY:
                break
            if parameter.name not in given and parameter.default is parameter.empty:
                break  # the caller's business, and Python's to say so
            args = (*args, given.pop(parameter.name, parameter.default))
        kwargs = {**given, **kwargs}
        if self.report is not None:
            arguments = self.spec.signature.bind_partial(*args, **kwargs)
            arguments.apply_defaults()
            self.report({name: self._shown(name, value) for name, value in arguments.arguments.items()})
        return args, kwargs


def given_values(bound: Bound, values: Values, scopes: Sequence[str] = ()) -> dict[str, Any]:
    """Give the values of a function's parameters, those with fields assembled.

    Raises
    ------
    ConversionError
        Where the fields that were given do not make a value.
    """
    found = {name: values.get(bound.name, name, scopes) for name in bound.options}
    given = {name: resolved.value for name, resolved in found.items() if resolved is not None}
    given.update(dict.fromkeys(nulls_of(bound, values, scopes)))
    return bound.spec.assemble(given, whole=bound.role != "bind")


def nulls_of(bound: Bound, values: Values, scopes: Sequence[str] = ()) -> dict[str, ResolvedValue]:
    """Give the parameters with fields that are None as a whole: set to it, and no field given."""
    nulls = {name: values.get(bound.name, name, scopes) for name in bound.spec.wholes}
    return {
        name: resolved
        for name, resolved in nulls.items()
        if resolved is not None
        and not any(
            option.startswith(f"{name}.") and values.get(bound.name, option, scopes) is not None
            for option in bound.options
        )
    }


def _is_mutable(parameter: ParameterSpec) -> bool:
    return parameter.model is not None or bool(parameter.converter and parameter.converter.mutable)


def bound_call(function: Callable[..., Any], bound: Bound, registry: Registry) -> Callable[..., Any]:
    """Make what a program calls in a function's place: the function, with what was given filled in.

    Parameters
    ----------
    function : callable
        The function.
    bound : Bound
        What it is bound as.
    registry : Registry
        Where it is bound.
    """
    current = _FRAME.get
    runs = registry.runs

    def call(*args: Any, **kwargs: Any) -> Any:
        frame = current()
        if frame is None:
            if not runs:
                return function(*args, **kwargs)
            frame = _running(registry)
        elif frame.registry is not registry:
            frame = _frame_of(registry)
            if frame is None:
                return function(*args, **kwargs)
        filling = frame.filling(bound)
        if filling.simple and not args:
            return function(**{**filling.given, **kwargs})
        args, kwargs = filling.arguments(args, kwargs)
        return function(*args, **kwargs)

    return call if isinstance(function, type) else functools.update_wrapper(call, function)


def _frame_of(registry: Registry) -> Frame | None:
    """Find a registry's innermost frame, or the run in progress; None outside of both."""
    frame = _FRAME.get()
    while frame is not None and frame.registry is not registry:
        frame = frame.below
    return _running(registry) if frame is None and registry.runs else frame


def _running(registry: Registry) -> Frame:
    """Give what a thread that has entered no scope sees: the one run in progress, without scope names."""
    if len(registry.runs) > 1:
        raise BindError(
            "several runs are in progress, and this thread belongs to none of them: "
            "enter `with binder.scope(values):` first, with the `binder.values()` of its run."
        )
    frame: Frame = registry.runs[0].frame
    return frame


def current_values(registry: Registry) -> Values:
    """Give the values in force for a registry; empty outside of a run and of any scope."""
    frame = _frame_of(registry)
    return Values() if frame is None else frame.values


class Scope:
    """A context manager that lays scope names and values over what is in force in its thread or task.

    It is restored whatever happens, and ends alone: scopes entered later and left earlier stay as they are.

    Parameters
    ----------
    registry : Registry
        Whose functions it is for.
    names : sequence of str
        Scopes to enter, the last the innermost.
    values : Values or Layer, optional
        A snapshot, which replaces the values in force, or a layer, which goes on top of them.
    report : callable, optional
        Told of each bound call.

    Raises
    ------
    BindError
        Where no function of the registry is bound under a name.
    """

    def __init__(
        self,
        registry: Registry,
        names: Sequence[str] = (),
        values: Values | Layer | None = None,
        *,
        report: Report | None = None,
    ) -> None:
        self._registry = registry
        self._names = tuple(map(canonical, names))
        self._values = values
        self._report = report
        for name in self._names:
            if name not in registry.scopes:
                known = ", ".join(sorted(registry.scopes)) or "none"
                raise BindError(
                    f"no function is bound under scope {name!r}; there is {known}.{suggest(name, registry.scopes)}"
                )

    def __enter__(self) -> Frame:
        frame = self.over(_FRAME.get())
        _FRAME.set(frame)
        return frame

    def __exit__(self, *_: object) -> None:
        above: list[Scope] = []
        frame = _FRAME.get()
        while frame is not None and frame.scope is not self:
            assert frame.scope is not None  # a frame without one is never in the list
            above.append(frame.scope)
            frame = frame.below
        if frame is None:
            return  # ended from another thread or task, which never saw it
        rest = frame.below
        for scope in reversed(above):
            rest = scope.over(rest)
        _FRAME.set(rest)

    def over(self, below: Frame | None) -> Frame:
        """Make the frame that this scope gives on top of another one."""
        frame = below
        while frame is not None and frame.registry is not self._registry:
            frame = frame.below
        if frame is None and self._registry.runs and not isinstance(self._values, Values):
            frame = _running(self._registry)
        values = frame.values if frame else Values()
        if isinstance(self._values, Values):
            values = self._values
        elif self._values is not None:
            values = values.replace(over=(self._values, *values.over))
        names = (*reversed(self._names), *(frame.scopes if frame else ()))
        report = self._report or (frame.report if frame else None)
        return Frame(self._registry, values, names, below=below, report=report, scope=self)
