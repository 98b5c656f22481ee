"""What a bound call gets: the values that were given for the parameters that its caller does not pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from . import later
from .registry import Bound
from .resolve import ResolvedValue, Values
from .signature import ParameterSpec

__all__ = ["Filling", "Report", "given_values", "laid_over", "nulls_of"]

Report = Callable[[str, Sequence[str], dict[str, Any], Collection[str]], None]
"""Told of each bound call before it is made.

The function's name, the scopes in force, the arguments with the defaults, and the names of those that were given or
passed by name.
"""

_ATOMS = frozenset({str, int, float, complex, bool, bytes, type(None)})
_CONTAINERS = (list, dict, set)


class Filling:
    """The arguments that calls of one function get while the same values and scopes are in force.

    Parameters
    ----------
    bound : Bound
        The function.
    values : Values
        What is in force.
    scopes : sequence of str
        Those of its scopes that are in force, the innermost first.
    report : callable or None
        Told of each call: of the arguments with the defaults, and of the names of those that were given.

    Attributes
    ----------
    given : dict of str to object
        The values that were given; a default is left to the signature.
    copies : list of (str, callable)
        Those that each call gets a copy of, and what makes it.
    simple : bool
        Whether values are passed by name, and nobody is told of the call.
    """

    __slots__ = ("_behind", "_only", "_positional", "_report", "copies", "given", "simple", "spec")

    def __init__(
        self,
        bound: Bound,
        values: Values,
        scopes: Sequence[str],
        report: Callable[[dict[str, Any], Collection[str]], None] | None,
    ) -> None:
        self.spec = bound.spec
        self.given = given_values(bound, values, scopes)
        copiers = (
            (name, _copier(value, self.spec.parameters[name], laid=bool(laid_over(bound, (name,), values, scopes))))
            for name, value in self.given.items()
            if type(value) not in _ATOMS
        )
        self.copies = [(name, copier) for name, copier in copiers if copier is not None]
        parameters = self.spec.signature.parameters.values()
        self._positional = [item for item in parameters if item.kind <= item.POSITIONAL_OR_KEYWORD]
        self._report = report
        self._behind: dict[int, dict[str, Any]] = {0: self.given}
        self._only = {item.name for item in self._positional if item.kind is item.POSITIONAL_ONLY}
        self.simple = not self._report and not self._only

    def behind(self, count: int) -> dict[str, Any]:
        """Give the values of the parameters that a number of positional arguments leaves."""
        found = self._behind.get(count)
        if found is None:
            passed = {parameter.name for parameter in self._positional[:count]}
            found = self._behind[count] = {name: value for name, value in self.given.items() if name not in passed}
        return found

    def arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Fill in what the caller did not pass, positional-only parameters in their places, and tell of the call."""
        given = self.fresh(self.behind(len(args)), kwargs)
        for parameter in self._positional[len(args) :]:
            if parameter.kind is not parameter.POSITIONAL_ONLY:
                break
            if parameter.name not in given and parameter.default is parameter.empty:
                break  # the caller's business, and Python's to say so
            args = (*args, given.pop(parameter.name, parameter.default))
        kwargs = {**{name: value for name, value in given.items() if name not in self._only}, **kwargs}
        if self._report is not None:
            self._tell(args, kwargs)
        return args, kwargs

    def _tell(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        assert self._report is not None  # somebody is told
        try:
            arguments = self.spec.signature.bind_partial(*args, **kwargs)
        except TypeError:  # the call itself says it better
            return
        arguments.apply_defaults()
        shown = {name: self._shown(name, value) for name, value in arguments.arguments.items()}
        self._report(shown, self.given.keys() | kwargs.keys())

    def fresh(self, given: dict[str, Any], passed: Mapping[str, Any]) -> dict[str, Any]:
        """Give the values with a copy of each that a call could change, and that is not passed by the caller."""
        given = dict(given)
        for name, copy in self.copies:
            if name in given and name not in passed:
                given[name] = copy(given[name])
        return given

    def _shown(self, name: str, value: Any) -> Any:
        settings = self.spec.settings.values()
        secret = any(item.secret and item.name.partition(".")[0] == name for item in settings)
        return "***" if secret else value


def _copier(value: Any, parameter: ParameterSpec, *, laid: bool) -> Callable[[Any], Any] | None:
    """Give what makes a fresh copy of a value for each call; None for a value that no call can change.

    Of what a program laid over, only lists, dicts and sets are copied: what else stands in them may be anything.
    """
    kind = type(value)
    if kind in _CONTAINERS and all(type(item) in _ATOMS for item in (value.values() if kind is dict else value)):
        copy: Callable[[Any], Any] = kind.copy
        return copy
    if laid:
        return _rebuilt if kind in _CONTAINERS or kind is tuple else None
    if parameter.model is None and not (parameter.converter is not None and parameter.converter.mutable):
        return None
    return later.copy.deepcopy


def _rebuilt(value: Any) -> Any:
    """Copy the lists, dicts and sets in a value, and nothing else: a class of its own is left to its own ways."""
    if type(value) is dict:
        return {key: _rebuilt(item) for key, item in value.items()}
    if type(value) in {list, tuple}:
        return type(value)(map(_rebuilt, value))
    return set(value) if type(value) is set else value


def given_values(bound: Bound, values: Values, scopes: Sequence[str] = ()) -> dict[str, Any]:
    """Give the values of a function's parameters, those with fields assembled.

    Raises
    ------
    ConversionError
        Where the fields that were given do not make a value.
    """
    laid = laid_over(bound, bound.unsettable, values, scopes)
    names = [name for name in bound.options if name.partition(".")[0] not in laid] if laid else bound.options
    found = {name: values.get(bound.prefix, name, scopes) for name in names}
    given = {name: resolved.value for name, resolved in found.items() if resolved is not None}
    given.update(dict.fromkeys(nulls_of(bound, values, scopes)))
    given.update({name: _with_fields(bound, name, whole, values, scopes) for name, whole in laid.items()})
    return bound.spec.assemble(given, whole=bound.role != "bind")


def _with_fields(bound: Bound, name: str, whole: Any, values: Values, scopes: Sequence[str]) -> Any:
    """Give a value that a program laid over as a whole, with the fields that it laid over that in turn."""
    model = bound.spec.parameters[name].model
    fields = [option for option in bound.options if option.startswith(f"{name}.")]
    if model is None or not fields:
        return whole
    above = itertools.takewhile(lambda layer: not laid_over(bound, (name,), Values(over=(layer,)), scopes), values.over)
    found = laid_over(bound, fields, Values(over=tuple(above)), scopes)
    inner = {option.removeprefix(f"{name}."): value for option, value in found.items()}
    return model.build(inner, whole) if inner else whole


def laid_over(bound: Bound, names: Sequence[str], values: Values, scopes: Sequence[str] = ()) -> dict[str, Any]:
    """Give what a program laid over, in Python, for some of a function's parameters."""
    if not values.over or not names:
        return {}
    over = Values(over=values.over)
    found = {name: over.get(bound.prefix, name, scopes) for name in names}
    return {name: resolved.value for name, resolved in found.items() if resolved is not None}


def nulls_of(bound: Bound, values: Values, scopes: Sequence[str] = ()) -> dict[str, ResolvedValue]:
    """Give the parameters with fields that are None as a whole: set to it, and no field given."""
    nulls = {name: values.get(bound.prefix, name, scopes) for name in bound.spec.wholes}
    return {
        name: resolved
        for name, resolved in nulls.items()
        if resolved is not None
        and not any(
            option.startswith(f"{name}.") and values.get(bound.prefix, option, scopes) is not None
            for option in bound.options
        )
    }
