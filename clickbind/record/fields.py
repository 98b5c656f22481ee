"""Choose constructor arguments to write for a parameter with fields, so that they make an equal value again.

A constructor may change its arguments, treat an explicit default differently from a missing argument, count its calls,
or read the clock. So each choice is tried: an instance is made of it, and compared with the value of the run.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from click.core import ParameterSource

from ..calls.filling import given_for, made_of
from ..declare.function import EMPTY
from ..declare.registry import Bound
from ..declare.settings import Choice, Deferred, Found, Group, chooses
from ..errors import ConversionError, SaveError
from ..keys import parameter_of
from ..layers import ResolvedValue, Values
from ..types.fields import kind_of
from ..types.models import same

if TYPE_CHECKING:
    from ..declare.settings import Setting

__all__ = ["Written", "check_left_out", "is_of_model", "missing", "of_models", "of_part"]

Written = dict[str, "tuple[Setting, ResolvedValue | None]"]
"""The settings to write with their values, by name; None for one that is left out, since its class makes it.

The setting is that of the class, while the options of a function have one for all classes.
"""


def is_of_model(bound: Bound, name: str) -> bool:
    """Return whether a setting is a field, or a model as a whole."""
    return bool(bound.spec.groups) and bound.spec.parameters[parameter_of(name)].group is not None


def missing(bound: Bound, values: Values, scopes: Sequence[str] = ()) -> set[str]:
    """Return the settings without which the parameters with fields of a function cannot be built: classes or fields."""
    found: set[str] = set()
    for parameter in bound.spec.parameters.values() if bound.spec.groups else ():
        group = parameter.group
        given = {} if group is None else given_for(bound, group, values, scopes)
        if group is not None and ((group.required and bound.role != "bind") or given):
            found.update(_missing(group, given, group.default, values))
    return found


def _missing(group: Group, given: Found, base: Any, values: Values) -> Iterator[str]:
    whole = given[group.name][1].value if group.name in given else EMPTY
    if group.several and type(whole) is str:
        choice = group.choices.get(whole)
    elif whole is not EMPTY:
        return
    elif group.several and base is not None and group.choice_of(base) is None:
        yield group.name
        return
    else:
        choice = group.chosen(base, group.given(given))
    if choice is None or choice.model.holds(base):
        return
    for name, part in choice.inner.items():
        field = choice.model.fields[name]
        if isinstance(part, Group):
            if part.name in given or part.given(given) or field.required:
                yield from _missing(part, given, field.default, values)
        elif field.required and part.name not in given and choice.model.own_value(values, name) is None:
            yield part.name


def of_models(bound: Bound, values: Values, incomplete: Collection[str] = ()) -> dict[str | None, Written]:
    """Choose the values to write for all parameters with fields of a function.

    Parameters
    ----------
    bound : Bound
        The function.
    values : Values
        The values of the run.
    incomplete : collection of str
        The parameters to leave out, because required fields of them are missing.

    Returns
    -------
    dict of str or None to Written
        Those outside of scopes, by None, and those that differ in each scope.

    Raises
    ------
    SaveError
        If a value would not come back equal.
    """
    found: dict[str | None, Written] = {scope: {} for scope in bound.places}
    for name in dict.fromkeys(map(parameter_of, bound.options)) if bound.spec.groups else ():
        group = bound.spec.parameters[name].group
        if group is not None and name not in incomplete:
            found[None].update(_of_model(bound, group, values))
            for scope in bound.scopes:
                found[scope].update(of_part(bound, group, values, values, scope))
    return found


def _of_model(bound: Bound, group: Group, values: Values) -> Written:
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
    dict of str to (Setting, ResolvedValue or None)
        All settings, if they make an equal value; else those that were given; else settings read from the value. It is
        empty if the parameter has no value.

    Raises
    ------
    SaveError
        If no choice makes an equal value.
    """
    value = _value_of(bound, group, values)
    if value is EMPTY:
        return {}
    origins = {name: resolved for name, (_, resolved) in given_for(bound, group, values).items()}
    known = _by_name(_known(group, value, origins))
    given = {name: item for name, item in known.items() if name in origins}
    fewest = _by_name(_fewest(group, value))
    everything = _by_name(_arguments(group, value))
    attributes = _by_name(_attributes(group, value))
    # The most readable choice first: all settings, then those that the user gave, then those found by taking the value
    # apart.
    for chosen in (known, given, {**known, **fewest}, everything, attributes, fewest):
        if _makes(group, _ranked(chosen, 0), value):
            left = {name: (setting, None) for name, (setting, _) in known.items()}
            return {**left, **{name: (part, _from(origins.get(name), item)) for name, (part, item) in chosen.items()}}
    raise SaveError(
        f"{bound.key(group.name).text}: its class {type(value).__name__} makes another value each time, so "
        f"the run could not be replayed and is not saved."
    )


def _value_of(bound: Bound, group: Group, values: Values) -> Any:
    """Return the value of a parameter with fields, or its default; `EMPTY` if it has none."""
    if group.several and group.required and group.name not in given_for(bound, group, values):
        return EMPTY  # no class is chosen
    value = made_of(bound, group, values)
    return group.default if value is EMPTY else value


def _by_name(found: Iterable[tuple[Setting, ResolvedValue]]) -> dict[str, tuple[Setting, ResolvedValue]]:
    return {setting.name: (setting, item) for setting, item in found}


def check_left_out(bound: Bound, values: Values, models: Written, kept: Collection[str]) -> None:
    """Check that a value comes back without the defaults that cannot be written: a factory may make a different one.

    Parameters
    ----------
    bound : Bound
        The function.
    values : Values
        The values of the run.
    models : dict of str to (Setting, ResolvedValue or None)
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
        for name, (setting, item) in models.items()
        if item is not None and name not in kept and not setting.secret and _compares(item.value)
    ]
    for parameter in dict.fromkeys(map(parameter_of, left)):
        group = bound.spec.parameters[parameter].group
        assert group is not None  # it has settings
        value = made_of(bound, group, values)
        chosen = {name: item for name, item in models.items() if parameter_of(name) == parameter}
        kept_of = {name: item for name, item in chosen.items() if name not in left}
        if value is not EMPTY and not _makes(group, _ranked(kept_of, 0), value):
            names = ", ".join(bound.key(name).text for name in left if name in chosen)
            raise SaveError(f"{names}: a factory makes another value each time, which cannot be written: set it.")


def _compares(value: Any) -> bool:
    """Return whether a value can equal another one. A lock cannot: no run with one could be saved if it counted."""
    return kind_of(type(value)) is not None or "__eq__" in {
        name for cls in type(value).__mro__[:-1] for name in vars(cls)
    }


def of_part(bound: Bound, group: Group, values: Values, base: Values, scope: str | None = None) -> Written:
    """Choose the values to write for a parameter in a scope or turn, beside those of the run.

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

    Returns
    -------
    dict of str to (Setting, ResolvedValue or None)
        The settings that differ; all of them if a class is chosen, or if those that differ do not make the value.

    Raises
    ------
    SaveError
        If the value would not come back equal.
    """
    key = bound.key(group.name, scope)
    found = {name: resolved for name, (_, resolved) in given_for(bound, group, values, key.scopes).items()}
    own = [name for name, item in found.items() if item is not base.resolve(bound.prefix, name)]
    if not own:
        return {}
    value = made_of(bound, group, values, key.scopes)
    known = _by_name(_known(group, value, found))
    writable = {name: item for name, item in known.items() if _is_writable(*item)}
    below = _ranked(_of_model(bound, group, base), 1)
    differing = {name: known[name] for name in own if name in known}
    # Defaults of a chosen class are written too, as for the run: another release may have others.
    chooses_class = any(chooses(setting, item.value) for setting, item in differing.values())
    for chosen in (writable, differing) if chooses_class else (differing, writable):
        if _makes(group, {**below, **_ranked(chosen, 0)}, value):
            return dict(chosen)
    raise SaveError(f"{key.text} would not be read back equal, so the run is not saved.")


def _is_writable(setting: Setting, item: ResolvedValue) -> bool:
    """Return whether a value can be written, whether it was given or is a default."""
    try:
        assert setting.converter is not None  # it is written
        setting.converter.to_plain(item.value)
    except Exception:  # noqa: BLE001 - a default of any class
        return False
    return True


def _ranked(chosen: Mapping[str, tuple[Setting, ResolvedValue | None]], rank: int) -> Found:
    return {name: (rank, item) for name, (_, item) in chosen.items() if item is not None}


def _makes(group: Group, found: Found, value: Any) -> bool:
    """Return whether settings make an equal value."""
    try:
        return same(group.build(found), value)
    except ConversionError:
        return False


def _known(group: Group, value: Any, given: dict[str, ResolvedValue]) -> Iterator[tuple[Setting, ResolvedValue]]:
    """Yield the settings of a value as they are known: given values, else defaults, else its attributes."""
    choice = _choice(group, value)
    if choice is None:
        if group.whole is not None:
            yield group.whole, given.get(group.name) or _default(value)
        return
    named = given.get(group.name)
    yield from _class(group, choice, named if named is not None and type(named.value) is str else None)
    if group.several:
        taken = ((path, item) for path, item in given.items() if choice.takes(path, item.value))
        given = {path: group.converted(choice, path, item) for path, item in taken}
    for name, part in choice.inner.items():
        inside = _inside(choice, value, name)
        if inside is EMPTY and choice.model.is_called:
            continue  # its own values fill it in
        if isinstance(part, Group):
            yield from _known(part, inside, given)
        elif part.name in given:
            yield part, given[part.name]
        else:
            item = _standing(choice, name, part, inside)
            if item is not EMPTY:
                yield part, _default(item)


def _choice(group: Group, value: Any) -> Choice | None:
    """Return the class to write for a value; None for None, and for an instance of a class without fields."""
    choice = group.choice_of(value)
    return None if choice is None or (choice.model.is_called and not isinstance(value, Deferred)) else choice


def _class(group: Group, choice: Choice, named: ResolvedValue | None = None) -> Iterator[tuple[Setting, ResolvedValue]]:
    """Yield the choice of a class, if a group has several."""
    if group.several:
        assert group.whole is not None  # it chooses the class
        yield group.whole, named or _default(choice.name)


def _inside(choice: Choice, value: Any, name: str) -> Any:
    """Return a field of a value: an argument of one that a call makes, an attribute of any other."""
    return value.arguments.get(name, EMPTY) if isinstance(value, Deferred) else choice.model.get(value, name)


def _standing(choice: Choice, name: str, part: Setting, inside: Any) -> Any:
    """Return the argument of a field that was not given: its default, or what a factory has made for the value."""
    if choice.model.is_called:
        return inside
    if part.has_default:
        return part.default
    default = choice.model.fields[name].plain_default
    return inside if default is EMPTY else default


def _arguments(group: Group, value: Any) -> Iterator[tuple[Setting, ResolvedValue]]:
    """Yield all settings with arguments that make an equal value, those that equal the class's defaults included."""
    choice = _choice(group, value)
    if choice is None:
        yield from [(group.whole, _default(None))] if value is None and group.whole is not None else []
        return
    yield from _class(group, choice)
    arguments = _parts(choice, value)
    for name, part in choice.inner.items() if arguments is not None else ():
        plain = EMPTY if choice.model.is_called else choice.model.fields[name].plain_default
        item = arguments.get(name, plain)  # type: ignore[union-attr]  # as the line above says
        item = _inside(choice, value, name) if item is EMPTY else item
        if isinstance(part, Group):
            yield from _arguments(part, item)
        elif item is not EMPTY:
            yield part, _default(item)


def _parts(choice: Choice, value: Any) -> dict[str, Any] | None:
    """Return arguments that make an equal value; None if there are none."""
    if isinstance(value, Deferred):
        return value.arguments
    parts = choice.model.parts(value) if choice.model.of(value) is choice.model else None
    return None if parts is None else parts.arguments


def _attributes(group: Group, value: Any) -> Iterator[tuple[Setting, ResolvedValue]]:
    """Yield all settings with the attributes of a value."""
    choice = _choice(group, value)
    if choice is None:
        return
    yield from _class(group, choice)
    for name, part in choice.inner.items():
        inside = _inside(choice, value, name)
        if isinstance(part, Group):
            yield from _attributes(part, inside)
        elif inside is not EMPTY:
            yield part, _default(inside)


def _fewest(group: Group, value: Any) -> Iterator[tuple[Setting, ResolvedValue]]:
    """Yield the fewest settings that make an equal value."""
    choice = _choice(group, value)
    if choice is None:
        return
    yield from _class(group, choice)
    for name, item in (_parts(choice, value) or {}).items():
        part = choice.inner[name]
        if isinstance(part, Group):
            yield from _fewest(part, item)
        else:
            yield part, _default(item)


def _from(given: ResolvedValue | None, item: ResolvedValue) -> ResolvedValue:
    """Return a value with the source and origin of the given one."""
    if given is None:
        return item
    found = ResolvedValue(item.value, given.source, given.origin)
    found.secret = given.secret
    return found


def _default(value: Any) -> ResolvedValue:
    return ResolvedValue(value, ParameterSource.DEFAULT, "default")
