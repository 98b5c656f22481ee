"""What is written of a parameter with fields: constructor arguments that make the same value again.

A constructor may change what it is given, be told of its defaults otherwise than by leaving them out, count, or look at
the clock. So what would be written is tried: the class is made of it, and compared with what the run has.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
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

__all__ = ["Written", "check_left_out", "check_over", "is_of_model", "of_model", "of_models"]

Written = dict[str, "ResolvedValue | None"]
"""By setting, what is written; None for what is left out, since the class makes it of the rest."""


def is_of_model(bound: Bound, name: str) -> bool:
    """Tell whether a setting is a field, or a model as a whole."""
    return bool(bound.spec.groups) and bound.spec.parameters[parameter_of(name)].group is not None


def of_models(bound: Bound, values: Values) -> Written:
    """Choose what to write of all parameters with fields of a function, and see that its scopes come back too.

    Raises
    ------
    SaveError
        Where a value would not come back equal.
    """
    found: Written = {}
    for name in dict.fromkeys(map(parameter_of, bound.options)) if bound.spec.groups else ():
        group = bound.spec.parameters[name].group
        if group is not None:
            found.update(of_model(bound, group, values))
            for scope in bound.scopes:
                check_over(bound, group, values, values, scope)
    return found


def of_model(bound: Bound, group: Group, values: Values) -> Written:
    """Choose what to write of a parameter with fields.

    Parameters
    ----------
    bound : Bound
        The function.
    group : Group
        The parameter.
    values : Values
        What was given.

    Returns
    -------
    dict of str to ResolvedValue or None
        All settings, where those make an equal value; else those that were given; else what the value itself tells.
        Those that are not there have no value.

    Raises
    ------
    SaveError
        Where nothing makes an equal value.
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
    for chosen in (known, given, {**known, **fewest}, everything, dict(_attributes(group, value)), fewest):
        if _makes(group, _ranked(chosen, 0), value):
            return {**dict.fromkeys(known), **{name: _from(origins.get(name), item) for name, item in chosen.items()}}
    raise SaveError(
        f"{bound.key(group.name).text}: its class {type(value).__name__} makes another value each time, so "
        f"that the run would not come back, and is not saved."
    )


def check_left_out(bound: Bound, values: Values, models: Written, kept: Collection[str]) -> None:
    """See that a value comes back although defaults in it cannot be written, as a factory may make another one.

    Parameters
    ----------
    bound : Bound
        The function.
    values : Values
        What was given.
    models : dict of str to ResolvedValue or None
        What was chosen of its parameters with fields.
    kept : collection of str
        The settings that are written.

    Raises
    ------
    SaveError
        Where it does not come back.
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
    """Tell whether a value can be equal to another one: a lock cannot, and no run with one would ever be saved."""
    return kind_of(type(value)) is not None or "__eq__" in {
        name for cls in type(value).__mro__[:-1] for name in vars(cls)
    }


def check_over(bound: Bound, group: Group, values: Values, base: Values, scope: str | None = None) -> None:
    """See that a parameter's value in a scope or turn comes back: of what is written of it, and of what differs there.

    Parameters
    ----------
    bound : Bound
        The function.
    group : Group
        The parameter.
    values, base : Values
        What is in force there, and in the run.
    scope : str or None
        The scope.

    Raises
    ------
    SaveError
        Where it does not come back.
    """
    key = bound.key(group.name, scope)
    value = made_of(bound, group, values, key.scopes)
    found = {name: resolved for name, (_, resolved) in given_for(bound, group, values, key.scopes).items()}
    own = {name: item for name, item in found.items() if item is not base.get(bound.prefix, name)}
    if own and not _makes(group, {**_ranked(of_model(bound, group, base), 1), **_ranked(own, 0)}, value):
        raise SaveError(f"{key.text} would not come back equal, so the run is not saved.")


def _ranked(chosen: Mapping[str, ResolvedValue | None], rank: int) -> Found:
    return {name: (rank, item) for name, item in chosen.items() if item is not None}


def _makes(group: Group, found: Found, value: Any) -> bool:
    """Tell whether a value comes back of what is written of it."""
    try:
        return same(group.build(found), value)
    except ConversionError:
        return False


def _known(group: Group, value: Any, given: dict[str, ResolvedValue]) -> Iterator[tuple[str, ResolvedValue]]:
    """Walk what is known of the settings of a value: what was given, the defaults, and else what the value has."""
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
    """Walk all settings with the arguments that make an equal value, told also where the class has them by itself."""
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
    """Walk all settings with what the attributes of a value hold."""
    for name, part in group.inner.items() if group.model.holds(value) else ():
        inside = group.model.get(value, name)
        if isinstance(part, Group):
            yield from _attributes(part, inside)
        elif inside is not EMPTY:
            yield part.name, _default(inside)


def _fewest(group: Group, value: Any) -> Iterator[tuple[str, ResolvedValue]]:
    """Walk the fewest settings that make an equal value."""
    parts = group.model.parts(value) if group.model.holds(value) and group.model.of(value) is group.model else None
    for name, item in parts.arguments.items() if parts is not None else ():
        part = group.inner[name]
        if isinstance(part, Group):
            yield from _fewest(part, item)
        else:
            yield part.name, _default(item)


def _from(given: ResolvedValue | None, item: ResolvedValue) -> ResolvedValue:
    """Return a value with the origin of what was given for it."""
    return item if given is None else ResolvedValue(item.value, given.source, given.origin)


def _default(value: Any) -> ResolvedValue:
    return ResolvedValue(value, ParameterSource.DEFAULT, "default")
