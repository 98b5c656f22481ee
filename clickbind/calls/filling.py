"""Fill in bound calls: pass the values that were set for parameters that the caller leaves out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from .. import calls, declare, types
from ..declare.function import EMPTY, ParameterSpec
from ..declare.registry import Bound
from ..errors import ConversionError
from ..keys import parameter_of
from ..layers import Values
from ..types import HIDDEN, fresh

if TYPE_CHECKING:
    from ..declare.settings import Found, Group

__all__ = ["Filling", "Report", "given_for", "given_values", "made_of"]

Report = Callable[[str, Sequence[str], dict[str, Any], Collection[str]], None]
"""A function that is called before each bound call.

Its arguments are the function's name, the active scopes, the arguments with the defaults, and the names of the
arguments that were set or passed by name.
"""

_ATOMS = frozenset({str, int, float, complex, bool, bytes, type(None)})
_CONTAINERS = (list, dict, set)


class Filling:
    """The arguments that calls of one function get while the same values and scopes are active.

    Parameters
    ----------
    bound : Bound
        The function.
    values : Values
        The active values.
    scopes : sequence of str
        The active scopes of the function, the innermost first.
    report : callable or None
        Called before each call, with the arguments with the defaults, and the names of those that were set.

    Attributes
    ----------
    given : dict of str to object
        The values that were set; defaults are left to the signature.
    copies : list of (str, callable)
        The values that each call gets a copy of, with the function that copies them.
    simple : bool
        Whether all values can be passed by name, and nobody observes the calls.
    """

    __slots__ = ("_after", "_only", "_positional", "_report", "_watch", "_watched", "copies", "given", "simple", "spec")

    def __init__(
        self,
        bound: Bound,
        values: Values,
        scopes: Sequence[str],
        report: Callable[[dict[str, Any], Collection[str]], None] | None,
    ) -> None:
        self.spec = bound.spec
        self.given = _given_for_call(bound, values, scopes)
        copiers = (
            (name, _copier(value, self.spec.parameters[name], laid=laid_over(bound, name, values, scopes)))
            for name, value in self.given.items()
            if type(value) not in _ATOMS
        )
        self.copies = [(name, copier) for name, copier in copiers if copier is not None]
        parameters = self.spec.signature.parameters.values()
        self._positional = [item for item in parameters if item.kind <= item.POSITIONAL_OR_KEYWORD]
        self._report = report
        self._after: dict[int, dict[str, Any]] = {0: self.given}
        self._only = {item.name for item in self._positional if item.kind is item.POSITIONAL_ONLY}
        self._watch = values.watch
        self._watched: dict[str, list[int]] = {}
        if self._watch is not None:
            self._watched = self._watch.behind(bound, values, scopes, self.given)
        for name in self.spec.contexts:
            self.given[name] = None
            self.copies.append((name, declare.clicks.context_for(self.spec.signature.parameters[name])))
        self.simple = not self._report and not self._only and not self._watched

    def after(self, count: int) -> dict[str, Any]:
        """Return the values of the parameters that a number of positional arguments leaves open."""
        found = self._after.get(count)
        if found is None:
            passed = {parameter.name for parameter in self._positional[:count]}
            found = self._after[count] = {name: value for name, value in self.given.items() if name not in passed}
        return found

    def arguments(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
        """Fill in the arguments that the caller left out, positional-only ones in their places, and report the call."""
        given = self.after(len(args))
        if self._watched:
            self._note_taken(given, kwargs)
        given = self.fresh(given, kwargs)
        if self._report is None and not self._only:
            return args, {**given, **kwargs}
        for parameter in self._positional[len(args) :]:
            if parameter.kind is not parameter.POSITIONAL_ONLY:
                break
            if parameter.name not in given and parameter.default is parameter.empty:
                break  # the caller must pass it: Python reports that it is missing
            args = (*args, given.pop(parameter.name, parameter.default))
        kwargs = {**{name: value for name, value in given.items() if name not in self._only}, **kwargs}
        if self._report is not None:
            self._tell(args, kwargs)
        return args, kwargs

    def _note_taken(self, given: Mapping[str, Any], passed: Mapping[str, Any]) -> None:
        """Note the values that a call takes. After all are taken, calls are as fast as if nobody had asked."""
        for name in tuple(self._watched):  # other threads may take some meanwhile
            if name in given and name not in passed:
                self._watch.take(self._watched.pop(name, ()))
        if not self._watched or not self._watch.pending:
            self._watched = {}
            self.simple = not self._report and not self._only

    def _tell(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        assert self._report is not None  # calls are reported
        try:
            arguments = self.spec.signature.bind_partial(*args, **kwargs)
        except TypeError:  # the call itself raises a better error
            return
        arguments.apply_defaults()
        shown = {
            name: self._shown(name, value)
            for name, value in arguments.arguments.items()
            if name not in self.spec.contexts
        }
        self._report(shown, self.given.keys() | kwargs.keys())

    def fresh(self, given: dict[str, Any], passed: Mapping[str, Any]) -> dict[str, Any]:
        """Return the values, copying each that a call could change, unless the caller passes its own."""
        given = dict(given)
        for name, copy in self.copies:
            if name in given and name not in passed:
                given[name] = copy(given[name])
        return given

    def _shown(self, name: str, value: Any) -> Any:
        settings = self.spec.settings.values()
        secret = any(item.secret and parameter_of(item.name) == name for item in settings)
        if name in self.spec.left_out:
            secret = self.spec.parameters[name].secret
        return HIDDEN if secret else value


def _copier(value: Any, parameter: ParameterSpec, *, laid: bool) -> Callable[[Any], Any] | None:
    """Return the function that copies a value for each call; None for a value that no call can change.

    Of values that a program set in Python, only lists, dicts and sets are copied, not the objects in them, which may be
    of any class.
    """
    kind = type(value)
    if parameter.group is not None and isinstance(value, declare.settings.Deferred):
        return declare.settings.Deferred.make
    if kind in _CONTAINERS and all(type(item) in _ATOMS for item in (value.values() if kind is dict else value)):
        copy: Callable[[Any], Any] = kind.copy
        return copy
    if isinstance(value, tuple) and all(type(item) in _ATOMS for item in value):
        return None  # named tuples too: their class may change its arguments, so they are not made again
    if laid:
        return fresh if kind in _CONTAINERS or kind is tuple else None
    if parameter.group is None and not (parameter.converter is not None and parameter.converter.mutable):
        return None
    return calls.copy.deepcopy if types.models.copied(value) is not value else None


def _given_for_call(bound: Bound, values: Values, scopes: Sequence[str]) -> dict[str, Any]:
    """Return the values for a call that no run has checked; its errors name the function."""
    try:
        return given_values(bound, values, scopes)
    except ConversionError as error:
        error.message = bound.key(error.message).text
        raise


def given_values(bound: Bound, values: Values, scopes: Sequence[str] = ()) -> dict[str, Any]:
    """Return the values of a function's parameters; build those with fields from the values of their fields.

    Raises
    ------
    ConversionError
        If the fields that were set do not make a value.
    """
    given = {}
    for name in (*bound.options, *bound.unsettable):
        found = values.resolve(bound.prefix, name, scopes) if _is_single(bound, name) else None
        if found is not None:
            given[name] = found.value
    for name, parameter in bound.spec.parameters.items() if bound.spec.groups else ():
        if parameter.group is not None:
            value = made_of(bound, parameter.group, values, scopes)
            if value is not EMPTY:
                given[name] = value
    return given


def _is_single(bound: Bound, name: str) -> bool:
    """Return whether a setting is a plain parameter, rather than a field or a whole model."""
    return not bound.spec.groups or getattr(bound.spec.parameters.get(name), "group", name) is None


def given_for(bound: Bound, group: Group, values: Values, scopes: Sequence[str] = ()) -> Found:
    """Return the values that were set for a parameter with fields, by setting, each with the rank of its layer."""
    names = dict.fromkeys(part.name for part in (*group.groups(), *group.settings()))
    found = {name: values.resolve(bound.prefix, name, scopes) for name in names}
    return {
        name: (values.rank(bound.prefix, name, scopes), resolved)
        for name, resolved in found.items()
        if resolved is not None
    }


def made_of(bound: Bound, group: Group, values: Values, scopes: Sequence[str] = ()) -> Any:
    """Return the value of a parameter with fields, built once from what was set; `EMPTY` if nothing was.

    Raises
    ------
    ConversionError
        If the fields that were set do not make a value.
    """
    found = given_for(bound, group, values, scopes)
    if not found and (bound.role == "bind" or not group.required):
        return EMPTY
    known = (bound.name, group.name, *((name, rank, id(resolved)) for name, (rank, resolved) in found.items()))
    if known not in values.built:
        try:
            values.built[known] = (group.build(found), found)  # kept with its parts, so that no id in `known` is reused
        except types.models.UnsetError as error:
            raise calls.choosing.told(error, bound, values, scopes, found) from None
    return values.built[known][0]


def laid_over(bound: Bound, name: str, values: Values, scopes: Sequence[str] = ()) -> bool:
    """Return whether a program has set the value of a parameter in Python."""
    return bool(values.over) and Values(over=values.over).resolve(bound.prefix, name, scopes) is not None
