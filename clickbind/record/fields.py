"""Choose constructor arguments to write for a parameter with fields, so that they make an equal value again.

A constructor may change its arguments, treat an explicit default differently from a missing argument, count its calls,
or read the clock. So each choice is tried: an instance is made of it, and compared with the value of the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from ..calls.filling import given_for, made_of
from ..declare.function import EMPTY
from ..declare.registry import Bound
from ..declare.settings import Found, Group
from ..errors import ConversionError, SaveError
from ..keys import parameter_of
from ..layers import ResolvedValue, Values
from ..types.fields import kind_of
from ..types.models import same

if TYPE_CHECKING:
    from ..declare.settings import Setting

__all__ = ["Written", "check_left_out", "check_over", "is_of_model", "missing", "of_model", "of_models"]

Written = dict[str, "ResolvedValue | None"]
"""The values to write, by setting; None for a setting that is left out, since the class makes it from the others."""


def is_of_model(bound: Bound, name: str) -> bool:
    """Return whether a setting is a field, or a model as a whole."""
    return bool(bound.spec.groups) and bound.spec.parameters[parameter_of(name)].group is not None


def missing(bound: Bound, values: Values, scopes: Sequence[str] = ()) -> set[str]:
    """Return the fields without which the parameters with fields of a function cannot be built."""
    found: set[str] = set()
    for parameter in bound.spec.parameters.values() if bound.spec.groups else ():
        group = parameter.group
        if group is not None and ((group.required and bound.role != "bind") or given_for(bound, group, values, scopes)):
            found.update(_missing(group, given_for(bound, group, values, scopes), group.default))
    return found


def _missing(group: Group, given: Found, base: Any) -> Iterator[str]:
    if group.name in given or group.model.holds(base):
        return
    for name, part in group.inner.items():
        field = group.model.fields[name]
        if isinstance(part, Group):
            if part.given(given) or field.required:
                yield from _missing(part, given, field.default)
        elif field.required and part.name not in given:
            yield part.name


def of_models(bound: Bound, values: Values, incomplete: Collection[str] = ()) -> Written:
    """Choose the values to write for all parameters with fields of a function, and check those of its scopes.

    Parameters
    ----------
    bound : Bound
        The function.
    values : Values
        The values of the run.
    incomplete : collection of str
        The parameters to leave out, because required fields of them are missing.

    Raises
    ------
    SaveError
        If a value would not come back equal.
    """
    found: Written = {}
    for name in dict.fromkeys(map(parameter_of, bound.options)) if bound.spec.groups else ():
        group = bound.spec.parameters[name].group
        if group is not None and name not in incomplete:
            found.update(of_model(bound, group, values))
            for scope in bound.scopes:
                check_over(bound, group, values, values, scope)
    return found


def of_model(bound: Bound, group: Group, values: Values) -> Written:
    """Choose the values to write for a parameter with fields.

    Parameters
    ----------
    bound : Bound
        The function.
    group : Group
        The parameter.
    values : Values
        The values of the run.

    Returns
    -------
    dict of str to ResolvedValue or None
        All settings, if they make an equal value; else those that were given; else settings read from the value. It is
        empty if the parameter has no value.

    Raises
    ------
    SaveError
        If no choice makes an equal value.
    """
    found = given_for(bound, group, values)
    value = made_of(bound, group, values)
    if value is EMPTY:
        value = group.default
    if value is EMPTY:
        return {}
    origins = {name: resolved for name, (_, resolved) in found.items()}
    known = dict(_known(group, value, origins))
    given = {name: item for name, item in known.items() if name in origins}
    fewest = dict(_fewest(group, value))
    everything = dict(_arguments(group, value))
    # The most readable choice first: all settings, then those that the user gave, then those found by taking the value
    # apart.
    for chosen in (known, given, {**known, **fewest}, everything, dict(_attributes(group, value)), fewest):
        if _makes(group, _ranked(chosen, 0), value):
            return {**dict.fromkeys(known), **{name: _from(origins.get(name), item) for name, item in chosen.items()}}
    raise SaveError(
        f"{bound.key(group.name).text}: its class {type(value).__name__} makes another value each time, so "
        f"the run could not be replayed and is not saved."
    )


def check_left_out(bound: Bound, values: Values, models: Written, kept: Collection[str]) -> None:
    """Check that a value comes back without the defaults that cannot be written: a factory may make a different one.

    Parameters
    ----------
    bound : Bound
        The function.
    values : Values
        The values of the run.
    models : dict of str to ResolvedValue or None
        The values chosen for its parameters with fields.
    kept : collection of str
        The settings that are written.

    Raises
    ------
    SaveError
        If it does not come back equal.
    """
    left = [
        name
        for name, item in models.items()
        if item is not None and name not in kept and not bound.spec.settings[name].secret and _compares(item.value)
    ]
    for parameter in dict.fromkeys(map(parameter_of, left)):
        group = bound.spec.parameters[parameter].group
        assert group is not None  # it has settings
        value = made_of(bound, group, values)
        chosen = {name: item for name, item in models.items() if parameter_of(name) == parameter}
        if value is not EMPTY and not _makes(group, _ranked({**chosen, **dict.fromkeys(left)}, 0), value):
            names = ", ".join(bound.key(name).text for name in left if name in chosen)
            raise SaveError(f"{names}: a factory makes another value each time, which cannot be written: set it.")


def _compares(value: Any) -> bool:
    """Return whether a value can equal another one. A lock cannot: no run with one could be saved if it counted."""
    return kind_of(type(value)) is not None or "__eq__" in {
        name for cls in type(value).__mro__[:-1] for name in vars(cls)
    }


def check_over(bound: Bound, group: Group, values: Values, base: Values, scope: str | None = None) -> None:
    """Check that the value of a parameter in a scope or turn comes back, from the run's values and those that differ.

    Parameters
    ----------
    bound : Bound
        The function.
    group : Group
        The parameter.
    values, base : Values
        The values of the scope or turn, and those of the run.
    scope : str or None
        The scope.

    Raises
    ------
    SaveError
        If it does not come back equal.
    """
    key = bound.key(group.name, scope)
    value = made_of(bound, group, values, key.scopes)
    found = {name: resolved for name, (_, resolved) in given_for(bound, group, values, key.scopes).items()}
    own = {name: item for name, item in found.items() if item is not base.get(bound.prefix, name)}
    if own and not _makes(group, {**_ranked(of_model(bound, group, base), 1), **_ranked(own, 0)}, value):
        raise SaveError(f"{key.text} would not be read back equal, so the run is not saved.")


def _ranked(chosen: Mapping[str, ResolvedValue | None], rank: int) -> Found:
    return {name: (rank, item) for name, item in chosen.items() if item is not None}


def _makes(group: Group, found: Found, value: Any) -> bool:
    """Return whether settings make an equal value."""
    try:
        return same(group.build(found), value)
    except ConversionError:
        return False


def _known(group: Group, value: Any, given: dict[str, ResolvedValue]) -> Iterator[tuple[str, ResolvedValue]]:
    """Yield the settings of a value as they are known: given values, else defaults, else its attributes."""
    if value is None or not group.model.holds(value):
        if group.whole is not None:
            yield group.name, given.get(group.name) or _default(value)
        return
    for name, part in group.inner.items():
        inside = group.model.get(value, name)
        if isinstance(part, Group):
            yield from _known(part, inside, given)
        elif part.name in given:
            yield part.name, given[part.name]
        else:
            item = _standing(group, name, part, inside)
            if item is not EMPTY:
                yield part.name, _default(item)


def _standing(group: Group, name: str, part: Setting, inside: Any) -> Any:
    """Return the argument of a field that was not given: its default, or what a factory has made for the value."""
    if part.has_default:
        return part.default
    default = group.model.fields[name].plain_default
    return inside if default is EMPTY else default


def _arguments(group: Group, value: Any) -> Iterator[tuple[str, ResolvedValue]]:
    """Yield all settings with arguments that make an equal value, those that equal the class's defaults included."""
    if not group.model.holds(value):
        yield from [(group.name, _default(None))] if value is None and group.whole is not None else []
        return
    parts = group.model.parts(value) if group.model.of(value) is group.model else None
    for name, part in group.inner.items() if parts is not None else ():
        item = parts.arguments.get(name, group.model.fields[name].plain_default)  # type: ignore[union-attr]  # as the line above says
        item = group.model.get(value, name) if item is EMPTY else item
        if isinstance(part, Group):
            yield from _arguments(part, item)
        elif item is not EMPTY:
            yield part.name, _default(item)


def _attributes(group: Group, value: Any) -> Iterator[tuple[str, ResolvedValue]]:
    """Yield all settings with the attributes of a value."""
    for name, part in group.inner.items() if group.model.holds(value) else ():
        inside = group.model.get(value, name)
        if isinstance(part, Group):
            yield from _attributes(part, inside)
        elif inside is not EMPTY:
            yield part.name, _default(inside)


def _fewest(group: Group, value: Any) -> Iterator[tuple[str, ResolvedValue]]:
    """Yield the fewest settings that make an equal value."""
    parts = group.model.parts(value) if group.model.holds(value) and group.model.of(value) is group.model else None
    for name, item in parts.arguments.items() if parts is not None else ():
        part = group.inner[name]
        if isinstance(part, Group):
            yield from _fewest(part, item)
        else:
            yield part.name, _default(item)


def _from(given: ResolvedValue | None, item: ResolvedValue) -> ResolvedValue:
    """Return a value with the source and origin of the given one."""
    return item if given is None else ResolvedValue(item.value, given.source, given.origin)


def _default(value: Any) -> ResolvedValue:
    return ResolvedValue(value, ParameterSource.DEFAULT, "default")
